"""Weights of the labels of one output."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

import numpy as np

from steelyard import _labels
from steelyard._core.weights import weigh_positions
from steelyard.arrays import to_numpy
from steelyard.weights import ClassWeights, Counts, WeightWarning, class_weights

_ROWS = ("one-hot", "multi-hot")  # kinds whose last axis is the class axis


class OutputWeigher:
    """Class weights of one output, and through them weights of its labels, batch by batch.

    Labels come as Keras has them: a last axis of length 1 is none, and whole numbers may be floats.
    """

    def __init__(self, policy, *, counts=None, kind=None, ignore=None, classes=None,
                 normalize=None):
        self._policy, self._kind, self._ignore, self._classes = policy, kind, ignore, classes
        self._normalize = normalize
        self._reader = None  # (reading, counter), once a batch has been seen
        self._numbers = None  # float64 (K) or (L, 2)
        self.class_weights = None
        self.needs_counts = counts is None and self._by_counts()
        if counts is not None:
            self._resolve(counts)
        elif not self.needs_counts:
            self._resolve_given()

    def _by_counts(self) -> bool:
        """Whether the weights cannot be known without counts."""
        if isinstance(self._policy, str):
            return True
        if self._normalize == "rows":
            return True
        return (isinstance(self._policy, Mapping) and "default" in self._policy
                and self._classes is None)

    # --- what the weights are ---

    def count(self, counts: Counts | None, y, sample_weight, mask) -> Counts:
        """Counts the labels of a batch; the first has none to add to."""
        values, _ = self._values(y, sample_weight)
        if counts is None:
            counts = Counts(self._kind, classes=self._classes, ignore=self._ignore)
        return counts.update(values, self._row_weights(sample_weight, values), mask)

    def end_counting(self, counts: Counts) -> None:
        self._resolve(counts)
        self.needs_counts = False

    def _resolve(self, counts) -> None:
        if not isinstance(counts, Counts) and self._kind == "multi-hot":
            raise ValueError("counts: of several labels a row a steelyard.Counts(kind='multi-hot') "
                             "that was given the labels would be right")
        classes = None if isinstance(counts, Counts) else self._classes
        self._keep(class_weights(policy=self._policy, counts=counts, classes=classes,
                                 normalize=self._normalize))

    def _keep(self, weights: ClassWeights) -> None:
        self.class_weights = weights
        self._classes = weights.classes
        self._numbers = np.array(list(weights.values()), np.float64)

    def _resolve_given(self) -> None:
        """Weights that were given need no counts, only the classes they are for."""
        policy = self._policy
        if isinstance(policy, ClassWeights):
            self._keep(policy)
        elif policy is not None:
            classes = self._given_classes(policy)
            if self._kind == "multi-hot":
                self._keep_pairs(policy, classes)
            else:
                self._keep(self._of_equal_counts(policy, classes))

    def _given_classes(self, policy) -> list:
        if self._classes is not None:
            return _labels.declared_classes(self._classes)
        if isinstance(policy, Mapping):
            return [_labels.plain_label(label) for label in policy]
        return list(range(len(_labels.floats(policy, "weights"))))

    def _of_equal_counts(self, policy, classes) -> ClassWeights:
        with warnings.catch_warnings():  # the counts are none that could be warned of
            warnings.simplefilter("ignore", WeightWarning)
            return class_weights(policy=policy, counts=dict.fromkeys(classes, 1), classes=classes,
                                 normalize=self._normalize)

    def _keep_pairs(self, policy, classes) -> None:
        """Weights of labels that are yes or no each by itself: pairs, or those of presence."""
        if isinstance(policy, Mapping):
            from steelyard.weights import _pairs
            pairs = _pairs(policy, classes)
        else:
            pairs = _labels.floats(policy, "weights").astype(np.float64)
            if pairs.ndim == 1:
                pairs = np.stack([np.ones(len(pairs)), pairs], axis=1)
        if pairs.shape != (len(classes), 2):
            raise ValueError(f"weights of shape {pairs.shape} for {len(classes)} labels: "
                             f"({len(classes)}, 2), of absence and presence, would be right")
        self._classes, self._numbers = classes, pairs
        self.class_weights = dict(zip(classes, map(tuple, pairs.tolist())))

    # --- weights of a batch ---

    def __call__(self, y, sample_weight=None, mask=None) -> np.ndarray:
        """float32 weights of the positions of `y`; of multi-hot labels of each cell."""
        values, single = self._values(y, sample_weight)
        reading, counter = self._reader or self._read(values)
        cells = None
        if sample_weight is not None:
            sample_weight = self._row_weights(sample_weight, values)
            if reading.kind == "multi-hot" and sample_weight.shape == values.shape:
                sample_weight, cells = None, sample_weight
        if self._numbers is None:
            weights = self._alone(values, sample_weight, mask, reading)
        else:
            weights = self._positions(values, reading)
            block = reading.block(values, mask, sample_weight)
            weigh_positions(counter, np.ascontiguousarray(self._numbers), block, weights)
        if cells is not None:
            weights = weights * cells.astype(np.float32)
        return weights[0] if single else weights

    @staticmethod
    def _positions(values, reading) -> np.ndarray:
        return np.empty(values.shape[:-1] if reading.kind == "one-hot" else values.shape,
                        np.float32)

    def _alone(self, values, sample_weight, mask, reading) -> np.ndarray:
        """Weights where no policy is: those given, and 0 for what is taken out."""
        made = self._positions(values, reading)
        made[...] = 1
        for part in (sample_weight, mask):
            if part is not None:
                part = to_numpy(part, "sample_weight or mask")
                if part.shape != made.shape[:part.ndim]:
                    raise ValueError(f"sample_weight or mask of shape {part.shape}; "
                                     f"{made.shape[:1]} or {made.shape} would be right")
                made *= part.reshape(part.shape + (1,) * (made.ndim - part.ndim))
        if self._ignore is not None:
            if reading.kind == "one-hot":
                raise ValueError("ignore: rows along a class axis have no label of their own to "
                                 "leave out; a mask would be right")
            made[values == self._ignore] = 0
        return made

    def _read(self, values):
        reading, _ = _labels.read(values, self._kind, self._classes, self._ignore)
        n = values.shape[-1] if values.ndim else 0
        if self._numbers is not None and reading.kind in _ROWS and n != len(self._numbers):
            raise ValueError(f"labels of {n} columns, but weights of {len(self._numbers)} classes")
        counter = reading.counter()
        if self._numbers is not None:
            # It says which label is which class, for which it wants to have seen one.
            counter.add(reading.block(self._example(reading.kind)))
        self._reader = reading, counter
        return self._reader

    def _example(self, kind) -> np.ndarray:
        """A label of the first class."""
        if kind in _ROWS:
            return np.eye(1, len(self._numbers))
        return np.array([self._classes[0]], object if kind == "name" else None)

    def __getstate__(self):
        """For workers in processes of their own, which read labels by themselves."""
        return {**self.__dict__, "_reader": None}

    def _values(self, y, sample_weight=None):
        """Labels without a last axis of length 1, whole numbers as integers; whether they were
        those of a single row (of a dataset before it is batched)."""
        values = to_numpy(y)
        if values.dtype.kind == "O":
            return values, False
        single = values.ndim == (1 if self._kind in _ROWS else 0) or (
            sample_weight is not None and np.ndim(sample_weight) == 0)
        if single:
            values = values[None]
        if self._kind in (None, "index"):
            if values.ndim > 1 and values.shape[-1] == 1:
                values = values[..., 0]
                self._kind = "index"
            if values.dtype.kind == "f" and (self._kind == "index" or values.ndim == 1):
                values = _whole(values)
        return values, single

    @staticmethod
    def _row_weights(sample_weight, values):
        """Weights of a batch as the library takes them: of rows or of positions."""
        if sample_weight is None:
            return None
        weights = _labels.floats(sample_weight, "sample_weight")
        weights = weights[None] if weights.ndim == 0 else weights
        if weights.ndim > 1 and weights.shape[-1] == 1 and values.shape[:weights.ndim] != \
                weights.shape:
            weights = weights[..., 0]
        return weights


def _whole(values: np.ndarray) -> np.ndarray:
    """Class ids that came as floats, which Keras takes them as."""
    with np.errstate(invalid="ignore"):
        ids = values.astype(np.int64)
    wrong = ids != values
    if wrong.any():
        at = np.unravel_index(int(np.flatnonzero(wrong)[0]), values.shape)
        raise ValueError(f"label {values[at]:g} at {_labels.place_of(at)} is no class id: a whole "
                         "number would be right")
    return ids


class Unweighed:
    """An output that no policy names: each row keeps its weight."""

    needs_counts = False
    class_weights = None

    def __call__(self, y, sample_weight=None, mask=None) -> np.ndarray:
        if mask is not None:
            raise ValueError("a mask is given, but no policy: policy None (weights of 1) would be "
                             "right")
        if sample_weight is not None:
            return _labels.floats(sample_weight, "sample_weight").astype(np.float32)
        return np.ones(np.shape(y)[:1], np.float32)
