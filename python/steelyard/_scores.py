"""What metrics, decisions and reports are about: labels as ids, scores as probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard import _classes, arrays
from steelyard._core import decisions as _core


@dataclass
class Scores:
    """Rows with labels and probabilities, ready for the library."""

    probabilities: np.ndarray   # (n, K) float64
    logs: np.ndarray            # (n, K) their natural logarithms
    ids: np.ndarray             # (n) int32
    weights: np.ndarray | None  # (n) float64
    classes: list               # (K) labels
    positive: int               # of two classes, else -1

    @property
    def names(self) -> list[str]:
        return _classes.texts_of(self.classes)


@dataclass
class Labelled:
    """Labels and row weights beside scores."""

    ids: np.ndarray             # (n) int32
    weights: np.ndarray | None  # (n) float64
    classes: list               # (K) labels
    positive: int               # of two classes, else -1


def labelled(y, given: np.ndarray, classes, positive, sample_weight) -> Labelled:
    """Labels and row weights of callers beside (n) or (n, K) scores."""
    labels = labels_of(y, len(given), "the probabilities")
    weights = weights_of(sample_weight, len(given))
    classes = classes_of(labels, classes, 2 if given.ndim == 1 else given.shape[1])
    ids = ids_of(labels, classes)
    if len(classes) > 2 and positive is not None:
        raise ValueError(f"positive: {positive!r}: there are {len(classes)} classes, and a "
                         "positive one is of two")
    chosen = -1 if len(classes) > 2 else \
        positive_of(classes, positive, ids, weights, guess=given.ndim == 2)
    return Labelled(ids, weights, classes, chosen)


def scores_of(y, probabilities, *, classes=None, positive=None, sample_weight=None) -> Scores:
    """Labels, probabilities and row weights of callers, checked against each other."""
    given = float_scores(probabilities)
    rows = labelled(y, given, classes, positive, sample_weight)
    p, logs = probabilities_of(given, rows.positive, rows.classes, skipped_of(rows.weights))
    return Scores(p, logs, rows.ids, rows.weights, rows.classes, rows.positive)


def skipped_of(weights: np.ndarray | None) -> np.ndarray | None:
    """Which rows weigh nothing, so that nothing is asked of them."""
    return None if weights is None else (weights == 0).astype(np.int32)


# --- probabilities ---


def float_scores(scores, what: str = "probabilities") -> np.ndarray:
    """(n) or (n, K) numbers as contiguous float64; (n, 1) is (n)."""
    array = arrays.to_numpy(scores, what)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{what}: texts: numbers would be right")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(f"{what}: shape {array.shape}: (n) of the positive class, or (n, K) of "
                         "all classes, would be right")
    numbers = np.ascontiguousarray(array, np.float64)
    return _rescaled(numbers) if what == "probabilities" and _is_half(scores) else numbers


def _rescaled(numbers: np.ndarray) -> np.ndarray:
    """Rows of float16 or bfloat16, which have too few digits to sum to 1."""
    if numbers.ndim == 1:
        return numbers
    sums = numbers.sum(axis=1, keepdims=True)
    return np.where(np.abs(sums - 1) <= 0.02, numbers / sums, numbers)


def probabilities_of(given: np.ndarray, positive: int, classes, skipped=None, *,
                     logs_too: bool = True):
    """(n, K) probabilities of contiguous float64 scores and their logs."""
    p, logs, fault = _core.take_probabilities(given, positive, skipped, logs_too)
    if fault is None:
        return p, logs
    row, k, value = fault
    if k < 0:
        raise ValueError(f"probabilities: those of position {row} sum to {value:.6g}: 1 (within "
                         "0.001) would be right")
    where = f" of class {classes[k]!r}" if given.ndim == 2 else ""
    raise ValueError(f"probabilities: position {row}{where} is {value:.6g}: a probability from 0 "
                     "to 1 would be right")


def probabilities_like(logs: np.ndarray, given: np.ndarray, original, positive: int = 1):
    """Probabilities of log-probabilities, in the shape and kind of what the caller gave."""
    return numbers_like(np.exp(logs[:, positive] if given.ndim == 1 else logs), original)


def numbers_like(numbers: np.ndarray, original):
    """float64 in the kind of what the caller gave, float32 where that is no more."""
    return arrays.like(numbers.astype(np.float32) if _is_single(original) else numbers, original)


def _is_single(original) -> bool:
    """Whether an array or tensor is of float32 or less."""
    return _float_size(original) in (2, 4)


def _is_half(original) -> bool:
    return _float_size(original) == 2


_SIZES = {"float16": 2, "bfloat16": 2, "float32": 4, "Float32": 4}


def _float_size(original) -> int:
    """Bytes of a number of an array or tensor of floats; 0 of anything else, and of 8 and more."""
    dtype = getattr(original, "dtype", None)
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":  # its name takes microseconds
        return dtype.itemsize if dtype.kind == "f" and dtype.itemsize < 8 else 0
    return _SIZES.get(str(dtype).rpartition(".")[2], 0)


def labels_like(ids: np.ndarray, classes, original):
    """(n) labels, or ids without classes, in the kind of what the caller gave."""
    if classes is None:
        return arrays.like(ids.astype(np.int64), original)
    labels = np.array(classes)[ids] if len({type(label) for label in classes}) == 1 else \
        np.array(classes, object)[ids]
    tensors = arrays.family(original) in ("torch", "tensorflow", "jax")
    return labels if tensors and labels.dtype.kind in "OU" else arrays.like(labels, original)


def costs_by_row(costs: _core.Costs) -> np.ndarray:
    """(n, K, K) costs of costs that differ by row."""
    rows = np.repeat(costs.fixed[None], len(costs.values), axis=0)
    varies = costs.which >= 0
    rows[:, varies] = costs.values[:, costs.which[varies]]
    return rows


def weights_of(sample_weight, n: int) -> np.ndarray | None:
    """(n) row weights as contiguous float64."""
    if sample_weight is None:
        return None
    weights = arrays.to_numpy(sample_weight, "sample_weight")
    if weights.shape != (n,) or weights.dtype.kind not in "biuf":
        raise ValueError(f"sample_weight: shape {weights.shape}: ({n},), a number for each row, "
                         "would be right")
    weights = np.ascontiguousarray(weights, np.float64)
    bad = ~((weights >= 0) & (weights < np.inf))
    if bad.any():
        i = int(np.argmax(bad))
        raise ValueError(f"sample_weight: position {i} is {weights[i]:.6g}: finite and 0 or more "
                         "would be right")
    if not weights.any():
        raise ValueError("sample_weight: all are 0: one above 0 would be right")
    return weights


# --- labels ---


def labels_of(y, n: int, beside: str, name: str = "y") -> np.ndarray:
    """(n) labels of callers: integers, booleans or texts."""
    labels = arrays.to_numpy(y, name)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1 or len(labels) != n:
        hint = "; one label for each row, not one-hot, would be right" if labels.ndim > 1 else ""
        raise ValueError(f"{name}: shape {labels.shape}, and {beside} have {n} rows{hint}")
    if labels.dtype.kind != "f":
        return labels
    missing = np.isnan(labels)
    if missing.any():
        raise arrays.missing_error(name, int(np.argmax(missing)))
    whole = labels.astype(np.int64)
    return whole if (whole == labels).all() else labels


def classes_of(labels: np.ndarray, classes, n_classes: int) -> list:
    """The K classes: those declared, 0 .. K - 1 where labels are such ids, else those present."""
    if classes is not None:
        classes = _classes.class_list(classes)
        if len(classes) != n_classes:
            raise ValueError(f"classes: there are {len(classes)}, and the probabilities are of "
                             f"{n_classes}")
        return classes
    if n_classes < 2:
        raise ValueError(f"probabilities: {n_classes} classes: at least two would be right")
    if labels.dtype.kind == "b" and n_classes == 2:
        return [False, True]
    if labels.dtype.kind in "iu" and len(labels):
        if labels.min() >= 0 and labels.max() < n_classes:
            return list(range(n_classes))
    present = present_of(labels)
    if len(present) == n_classes:
        return present
    raise ValueError(f"y: it has the {len(present)} classes {_classes.shown(present)}, and the "
                     f"probabilities are of {n_classes}: classes=, in the order of the columns, "
                     "says which")


def present_of(labels: np.ndarray) -> list:
    """The classes that labels have, sorted."""
    if labels.dtype.kind in "OT":
        return sorted(set(labels.tolist()))
    if labels.dtype.kind == "b":
        return [False, True]
    if labels.dtype.kind != "U":
        return np.unique(labels).tolist()
    return _present_texts(labels)


def _present_texts(labels: np.ndarray) -> list:
    """Few classes are told apart by passes over the rows sooner than by sorting them."""
    found: list[str] = []
    rest = labels
    while len(rest) and len(found) < _FEW:
        found.append(rest[0].item())
        rest = rest[rest != rest[0]]
    return sorted({*found, *np.unique(rest).tolist()})


_FEW = 16  # classes


def ids_of(labels: np.ndarray, classes: list, name: str = "y") -> np.ndarray:
    """(n) int32 places of labels among the classes."""
    numbers = labels.dtype.kind in "biuf"
    if classes == list(range(len(classes))) and labels.dtype.kind in "biu":
        wrong = (labels < 0) | (labels >= len(classes))
        ids = labels
    elif numbers and not any(isinstance(label, str) for label in classes):
        known = np.asarray(classes)
        order = np.argsort(known)
        at = np.minimum(np.searchsorted(known[order], labels), len(known) - 1)
        ids = order[at]
        wrong = known[ids] != labels
    else:
        ids = _ids_of_texts(labels, [None if isinstance(label, str) == numbers else label
                                     for label in classes])
        wrong = ids < 0
    if np.any(wrong):
        i = int(np.argmax(wrong))
        _classes.index_of(labels[i:i + 1].tolist()[0], classes, f"{name}, position {i}")
    return np.ascontiguousarray(ids, np.int32)


def _ids_of_texts(labels: np.ndarray, classes: list) -> np.ndarray:
    """Ids, -1 where a label is none of the classes; None among these is no label's."""
    if labels.dtype.kind == "U" and len(classes) <= _FEW:
        ids = np.full(len(labels), -1, np.int32)
        for i, label in enumerate(classes):
            if label is not None:
                ids[labels == label] = i
        return ids
    table = {label: i for i, label in enumerate(classes) if label is not None}
    return np.fromiter((table.get(label, -1) for label in labels.tolist()), np.int32, len(labels))


def positive_of(classes, positive, ids=None, weights=None, guess: bool = True) -> int:
    """Of two classes the one to be caught: as told, the yes of no and yes, else the rarer one."""
    if positive is not None:
        return _classes.index_of(positive, classes, "positive")
    yes = _classes.means_yes(classes)
    if yes is not None:
        return yes
    if not guess:
        raise ValueError(f"probabilities: of which of the classes {_classes.shown(classes)} are "
                         f"they? positive={classes[1]!r} would say")
    if ids is None:
        return 1
    counts = np.bincount(ids, weights, minlength=2)
    return 0 if 0 < counts[0] < counts[1] else 1


# --- decisions ---


def decided(y, decisions, sample_weight, classes):
    """(ids, decided ids, row weights, classes) of labels and decisions of callers."""
    said = labels_of(decisions, np.size(decisions), "they", "decisions")
    labels = labels_of(y, len(said), "the decisions")
    if not len(said):
        raise ValueError("decisions: there are none: one for each row would be right")
    weights = weights_of(sample_weight, len(said))
    classes = _decided_classes(labels, said) if classes is None else _classes.class_list(classes)
    return ids_of(labels, classes), ids_of(said, classes, "decisions"), weights, classes


def _decided_classes(labels: np.ndarray, said: np.ndarray) -> list:
    """All classes there are; of the numbers 0 and 1 both."""
    present = set(present_of(labels)) | set(present_of(said))
    if len({isinstance(label, str) for label in present}) > 1:
        raise ValueError("decisions: of y and decisions one are texts and one are numbers: the "
                         "same labels would be right")
    if present <= {0, 1}:
        kinds = labels.dtype.kind + said.dtype.kind
        return [False, True] if kinds == "bb" else [0, 1]
    if len(present) < 2:
        raise ValueError(f"classes: {present.pop()!r} is the only one in y and decisions: "
                         "classes= would say which there are")
    return sorted(present)


def decisions_of(decisions, rows: Scores) -> np.ndarray:
    """(n) ids of decisions beside probabilities."""
    said = labels_of(decisions, len(rows.ids), "the probabilities", "decisions")
    return ids_of(said, rows.classes, "decisions")


def cheapest(rows: Scores, costs: _core.Costs | None) -> np.ndarray:
    """(n) ids of least expected cost; without costs the most probable, p >= 0.5 of two."""
    if costs is not None:
        return _core.decide(rows.probabilities, costs)
    if rows.positive < 0:
        return np.argmax(rows.probabilities, axis=1).astype(np.int32)
    flagged = rows.probabilities[:, rows.positive] >= 0.5
    return np.where(flagged, rows.positive, 1 - rows.positive).astype(np.int32)


def cells_of(values, shape: tuple, name: str) -> np.ndarray:
    """(n, L) yes or no as contiguous bytes."""
    cells = arrays.to_numpy(values, name)
    cells = cells[:, None] if cells.ndim == 1 else cells
    if cells.shape != shape or cells.dtype.kind not in "biuf":
        raise ValueError(f"{name}: shape {cells.shape}: {shape} of 0 and 1 would be right")
    wrong = (cells != 0) & (cells != 1)
    if wrong.any():
        row, label = (int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(f"{name}: position {(row, label)} is {cells[row, label]}: 0 or 1 would "
                         "be right")
    return np.ascontiguousarray(cells, np.uint8)
