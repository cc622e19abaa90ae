"""From scores to decisions: true probabilities, least expected cost, tuned rules.

Costs are (K, K), row = actual class, column = predicted class. Probabilities are (n, K), or of two
classes (n), those of the positive one: class 1 where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard import _classes, _scores, arrays
from steelyard._core import decisions as _core
from steelyard._costs import CostWarning, cost_matrix, costs_of
from steelyard._calibration import Calibration
from steelyard._tuning import Tuned, tune

__all__ = ["Calibration", "CostWarning", "PriorEstimate", "Tuned", "adjust_prior", "correct",
           "cost_matrix", "decide", "estimate_prior", "threshold", "tune"]


def decide(probabilities: Any, cost: Any, *, classes: Any = None) -> Any:
    """The decision of least expected cost on each row.

    ``argmin_j sum_k p(k) cost[k][j]``; of equal ones the first.

    Parameters
    ----------
    probabilities : array (n, K), or (n) of class 1 of two
        True ones: of a model trained with class weights, those of `correct`.
    cost : text, dict, array (K, K), or by row
        As `cost_matrix` takes it. An array (n, K, K), or cells of a dict that are arrays (n), cost
        something else on each row.
    classes : sequence of K labels, optional

    Returns
    -------
    array (n)
        Class ids (int64), or labels where `classes` are given, in the kind of `probabilities`.
    """
    given = _scores.float_scores(probabilities)
    names = _class_names(classes, given)
    costs = costs_of(cost, names, len(given))
    p, _ = _scores.probabilities_of(given, 1, names, logs_too=False)
    ids = _core.decide(p, costs)
    return _scores.labels_like(ids, None if classes is None else names, probabilities)


def threshold(cost: Any, *, classes: Any = None, positive: Any = None) -> float | np.ndarray:
    """The probability of the positive class from which on it is decided (Elkan 2001).

    Parameters
    ----------
    cost : as in `decide`, of two classes
    classes : two labels, optional; 0 and 1 without them
    positive : one of the classes; the second one without it

    Returns
    -------
    float, or array (n) where costs differ by row. Below 0 or above 1 one class is always decided;
    nan where the decision is no threshold (being wrong costs nothing).
    """
    names = _classes.class_list(2 if classes is None else classes)
    if len(names) != 2:
        raise ValueError(f"threshold: there are {len(names)} classes, and a threshold is of two")
    costs = costs_of(cost, names)
    own = 1 if positive is None else _classes.index_of(positive, names, "positive")
    if not costs.varies:
        found = _core.threshold_of(costs.fixed, own)
        return np.nan if found is None else found
    rows = _scores.costs_by_row(costs)
    alarm, miss = rows[:, 1 - own, own] - rows[:, 1 - own, 1 - own], \
        rows[:, own, 1 - own] - rows[:, own, own]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(alarm + miss > 0, alarm / (alarm + miss), np.nan)


def correct(probabilities: Any, class_weight: Any, *, logits: bool = False,
            classes: Any = None) -> Any:
    """True probabilities of a model that was trained with class weights.

    ``p(k) = (q(k) / w_k) / sum_j (q(j) / w_j)``; what entered the loss once is taken out once.

    Parameters
    ----------
    probabilities : array (n, K), or (n) of class 1 of two
        What the weighted model says; with ``logits=True`` what it has before softmax, or sigmoid.
    class_weight : array (K), {label: weight}, ClassWeights, or of two classes one number
        A number is the weight of class 1, as ``scale_pos_weight`` and ``pos_weight`` are. Of
        several labels a row, each yes or no: array (L, 2) or {label: (absent, present)}; then
        probabilities are (n, L).
    classes : sequence of K labels, optional
        Those of a dict; 0 .. K - 1 without it.

    Returns
    -------
    array of the shape and kind of `probabilities`
    """
    if _of_labels(class_weight):
        return _correct_labels(probabilities, class_weight, logits, classes)
    given = _scores.float_scores(probabilities, "logits" if logits else "probabilities")
    names = _class_names(getattr(class_weight, "classes", None) if classes is None else classes,
                         given)
    weights = _numbers_of(class_weight, names, "class_weight", others=1.0)
    if not ((weights >= 0) & (weights < np.inf)).all() or not weights.any():
        raise ValueError(f"class_weight: {weights.tolist()}: finite, 0 or more and not all 0 "
                         "would be right")
    logs = _logits(given) if logits else _scores.probabilities_of(given, 1, names)[1]
    return _scores.probabilities_like(_core.correct(logs, weights), given, probabilities)


def _of_labels(class_weight) -> bool:
    """Whether weights are pairs, those of several labels a row."""
    if isinstance(class_weight, Mapping):
        return any(np.ndim(pair) == 1 for pair in class_weight.values())
    return np.ndim(class_weight) == 2


def _correct_labels(scores, class_weight, logits: bool, classes):
    given = _scores.float_scores(scores, "logits")
    n_labels = 1 if given.ndim == 1 else given.shape[1]
    if isinstance(class_weight, Mapping):
        known = list(class_weight) if classes is None else list(classes)
        class_weight = [class_weight.get(label, (np.nan, np.nan)) for label in known]
    pairs = np.asarray(class_weight, np.float64)
    if pairs.shape != (n_labels, 2) or not ((pairs >= 0) & (pairs < np.inf)).all() or \
            not pairs.any(axis=1).all():
        raise ValueError(f"class_weight: {pairs.tolist()}: ({n_labels}, 2), absent and present of "
                         "each label, finite, 0 or more and not both 0, would be right")
    shares = np.divide(1, pairs, out=np.zeros_like(pairs), where=pairs > 0)
    present, absent = _two_sides(given, logits)
    present, absent = present * shares[:, 1], absent * shares[:, 0]
    total = present + absent
    return _scores.numbers_like(np.divide(present, total, out=total * 0, where=total > 0), scores)


def _two_sides(given: np.ndarray, logits: bool):
    """What speaks for a label and what against it, to a factor."""
    if not logits:
        _check_cells(given)
        return given, 1 - given
    _logits(given)
    small = np.exp(-np.abs(given))
    return np.where(given > 0, 1, small), np.where(given > 0, small, 1)


def _check_cells(given: np.ndarray) -> None:
    wrong = ~((given >= 0) & (given <= 1))
    if wrong.any():
        position = arrays.place(given, int(np.argmax(wrong)))
        raise ValueError(f"probabilities: position {position} is {given[position]:.6g}: a "
                         "probability from 0 to 1 would be right")


def adjust_prior(probabilities: Any, prior: Any, trained_prior: Any, *, classes: Any = None) -> Any:
    """Probabilities where classes are more or less common than they were in training.

    ``p'(k)`` is proportional to ``p(k) prior_k / trained_prior_k``.

    Parameters
    ----------
    probabilities : array (n, K), or (n) of class 1 of two
        True ones, under the trained prior.
    prior, trained_prior : array (K), {label: share}, PriorEstimate, or of two one number
        Shares of the classes, summing to 1. A number is the share of class 1.
    classes : sequence of K labels, optional

    Returns
    -------
    array of the shape and kind of `probabilities`
    """
    given = _scores.float_scores(probabilities)
    names = _class_names(classes, given)
    new, old = _shares(prior, names, "prior"), _shares(trained_prior, names, "trained_prior")
    new_class = (old == 0) & (new > 0)
    if new_class.any():
        label = names[int(np.argmax(new_class))]
        raise ValueError(f"prior: class {label!r} has a share, and none in trained_prior: a class "
                         "that was not learnt gets no probability")
    ratio = np.divide(new, old, out=np.zeros(len(names)), where=old > 0)
    _, logs = _scores.probabilities_of(given, 1, names)
    return _scores.probabilities_like(_core.shift_prior(logs, ratio), given, probabilities)


@dataclass
class PriorEstimate:
    """Shares of the classes among rows without labels, with 95 % intervals."""

    classes: list
    prior: np.ndarray  # (K), summing to 1
    low: np.ndarray    # (K)
    high: np.ndarray   # (K)
    iterations: int
    converged: bool

    @property
    def shares(self) -> dict:
        """{label: share}."""
        return dict(zip(self.classes, self.prior.tolist()))

    @property
    def intervals(self) -> dict:
        """{label: (low, high)}."""
        return dict(zip(self.classes, zip(self.low.tolist(), self.high.tolist())))

    def __array__(self, dtype=None, copy=None):
        return self.prior.astype(dtype or np.float64)

    def __str__(self) -> str:
        return "\n".join(f"{label}: {share:.4g} (95 %: {low:.4g} to {high:.4g})" for
                         label, share, low, high in zip(self.classes, self.prior, self.low,
                                                        self.high))


def estimate_prior(probabilities: Any, trained_prior: Any, *, sample_weight: Any = None,
                   classes: Any = None) -> PriorEstimate:
    """How common the classes are among rows without labels (Saerens 2002).

    Right where rows of one class look as they did in training and only their shares moved.

    Parameters
    ----------
    probabilities : array (n, K), or (n) of class 1 of two
        True ones, under the trained prior.
    trained_prior : as in `adjust_prior`
    sample_weight : array (n), optional
    classes : sequence of K labels, optional
    """
    given = _scores.float_scores(probabilities)
    names = _class_names(classes, given)
    weights = _scores.weights_of(sample_weight, len(given))
    _, logs = _scores.probabilities_of(given, 1, names, _scores.skipped_of(weights))
    trained = _shares(trained_prior, names, "trained_prior")
    return PriorEstimate(names, *_core.estimate_prior(logs, weights, trained))


def _class_names(classes, given: np.ndarray) -> list:
    """The classes as declared, or 0 .. K - 1; as many as the probabilities are of."""
    n_classes = 2 if given.ndim == 1 else given.shape[1]
    names = _classes.class_list(n_classes if classes is None else classes)
    if len(names) != n_classes:
        raise ValueError(f"classes: there are {len(names)}, and the probabilities are of "
                         f"{n_classes}")
    return names


def _logits(given: np.ndarray) -> np.ndarray:
    bad = ~(given < np.inf) if given.ndim == 2 else ~np.isfinite(given)
    if bad.any():
        position = arrays.place(given, int(np.argmax(bad)))
        raise ValueError(f"logits: position {position} is {given[position]}: finite ones would be "
                         "right")
    return np.column_stack([np.zeros_like(given), given]) if given.ndim == 1 else given


def _numbers_of(values, names: list, what: str, others: float | None) -> np.ndarray:
    """(K) numbers of a dict by label, a sequence by position, or of two classes one number."""
    if isinstance(values, str):
        raise ValueError(f"{what}: {values!r}: the numbers would be right; class_weights(y, "
                         f"{values!r}) has them")
    if isinstance(values, Mapping):
        return _numbers_of_mapping(values, names, what)
    try:
        numbers = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{what}: {values!r:.60}: numbers would be right") from None
    if numbers.ndim == 0 and len(names) == 2:
        first = 1 - numbers if others is None else others
        numbers = np.array([first, numbers], np.float64)
    if numbers.shape != (len(names),):
        raise ValueError(f"{what}: shape {numbers.shape}: ({len(names)},), one for each class, "
                         "would be right")
    return np.ascontiguousarray(numbers)


def _numbers_of_mapping(values: Mapping, names: list, what: str) -> np.ndarray:
    numbers = np.full(len(names), np.nan)
    for label, value in values.items():
        numbers[_classes.index_of(label, names, what)] = value
    if np.isnan(numbers).any():
        label = names[int(np.argmax(np.isnan(numbers)))]
        raise ValueError(f"{what}: class {label!r} has none: one for each of the classes "
                         f"{_classes.shown(names)} would be right")
    return numbers


def _shares(values, names: list, what: str) -> np.ndarray:
    shares = _numbers_of(values, names, what, others=None)
    if not (shares >= 0).all() or not abs(shares.sum() - 1) <= 1e-6:
        raise ValueError(f"{what}: {shares.tolist()}: shares of 0 or more that sum to 1 would be "
                         "right")
    return shares
