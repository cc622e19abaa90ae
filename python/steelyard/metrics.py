"""Metrics in scikit-learn's manner: labels first, then what was said.

``metrics.all(y, probabilities)`` has every one of them. Row weights are copies: a row of weight k
counts as k, a row of weight 0 is absent. Class weights never enter. What is not defined is nan.

Arguments of all of them
------------------------
y : (n) labels
probabilities : (n, K), or of two classes (n), those of the positive one
scores : as probabilities, or any numbers, greater = more likely
decisions : (n) labels that were decided
sample_weight : (n), 0 or more, optional
classes : the labels in the order of the columns; by default those of y
positive : of two classes the one to be caught. By default the yes of a pair that means no and yes
    (0 and 1, False and True, "no" and "yes"), else the rarer one
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from steelyard import _classes, _scores
from steelyard._core import metrics as _core
from steelyard._costs import costs_of
from steelyard._curves import (CostCurve, GainCurve, PrecisionRecallCurve, Reliability, RocCurve,
                               average_precision, cost_curve, gain_curve, precision_recall_curve,
                               reliability, roc_auc, roc_curve)
from steelyard._metrics import Metrics, label_metrics_of, metrics_of

__all__ = ["CostCurve", "GainCurve", "Metrics", "PrecisionRecallCurve", "Reliability", "RocCurve",
           "accuracy", "all", "all_labels", "average_cost", "average_precision",
           "balanced_accuracy", "brier", "calibration_error", "confusion_matrix", "cost_curve",
           "f1", "fbeta", "g_mean", "gain_curve", "log_loss", "macro_f1", "mcc", "per_class",
           "precision", "precision_recall_curve", "recall", "reliability", "roc_auc", "roc_curve",
           "weighted_f1"]


# --- of probabilities ---


def log_loss(y: Any, probabilities: Any, *, sample_weight: Any = None, classes: Any = None,
             positive: Any = None) -> float:
    """Mean of -log p(actual class); infinite only where such a p is exactly 0."""
    rows = _scores.scores_of(y, probabilities, classes=classes, positive=positive,
                             sample_weight=sample_weight)
    return _core.mean_loss(rows.logs, rows.ids, rows.weights, False)


def brier(y: Any, probabilities: Any, *, sample_weight: Any = None, classes: Any = None,
          positive: Any = None) -> float:
    """Mean of sum_k (p_k - [k = y])^2: 0 to 2; of two classes twice that of scikit-learn."""
    rows = _scores.scores_of(y, probabilities, classes=classes, positive=positive,
                             sample_weight=sample_weight)
    return _core.mean_loss(rows.logs, rows.ids, rows.weights, True)


def calibration_error(y: Any, probabilities: Any, *, sample_weight: Any = None, classes: Any = None,
                      positive: Any = None) -> float:
    """|mean p - share| in ten bins of equal weight a class, mean over the classes present."""
    rows = _scores.scores_of(y, probabilities, classes=classes, positive=positive,
                             sample_weight=sample_weight)
    errors = []
    for k in range(len(rows.classes)):
        if not np.any((rows.ids == k) & (True if rows.weights is None else rows.weights > 0)):
            continue
        p = np.exp(rows.logs[:, k])
        predicted, observed, weight, _, _ = _core.reliability(p, rows.ids, k, rows.weights, 10)
        errors.append(np.dot(weight, np.abs(predicted - observed)) / weight.sum())
    return float(np.mean(errors))


# --- of decisions ---


class _Decided(NamedTuple):
    confusion: np.ndarray
    classes: list
    positive: int  # -1 where there are three classes or more and none is named


def _decided(y, decisions, sample_weight, classes, positive) -> _Decided:
    ids, said, weights, classes = _scores.decided(y, decisions, sample_weight, classes)
    if len(classes) == 2:
        chosen = _scores.positive_of(classes, positive, ids, weights)
    else:
        chosen = -1 if positive is None else _classes.index_of(positive, classes, "positive")
    return _Decided(_core.confusion(ids, said, weights, len(classes)), classes, chosen)


def _value(name, y, decisions, sample_weight, classes, positive=None, of_one=False) -> float:
    rows = _decided(y, decisions, sample_weight, classes, positive)
    if of_one and rows.positive < 0:
        raise ValueError(f"positive: {name} is of one class, and there are {len(rows.classes)}: "
                         f"positive={rows.classes[0]!r} would say which; per_class has all")
    return _core.objective_value(name, rows.confusion, rows.positive)


def confusion_matrix(y: Any, decisions: Any, *, sample_weight: Any = None,
                     classes: Any = None) -> np.ndarray:
    """(K, K) sums of row weights: row = actual class, column = decided class."""
    return _decided(y, decisions, sample_weight, classes, None).confusion


def accuracy(y: Any, decisions: Any, *, sample_weight: Any = None, classes: Any = None) -> float:
    """Share of the rows decided rightly."""
    return _value("accuracy", y, decisions, sample_weight, classes)


def balanced_accuracy(y: Any, decisions: Any, *, sample_weight: Any = None,
                      classes: Any = None) -> float:
    """Mean recall of the classes present."""
    return _value("balanced_accuracy", y, decisions, sample_weight, classes)


def precision(y: Any, decisions: Any, *, sample_weight: Any = None, classes: Any = None,
              positive: Any = None) -> float:
    """Share of the rows decided positive that are; nan where there are none."""
    return _value("precision", y, decisions, sample_weight, classes, positive, True)


def recall(y: Any, decisions: Any, *, sample_weight: Any = None, classes: Any = None,
           positive: Any = None) -> float:
    """Share of the positive rows that are decided so; nan where there are none."""
    return _value("recall", y, decisions, sample_weight, classes, positive, True)


def f1(y: Any, decisions: Any, *, sample_weight: Any = None, classes: Any = None,
       positive: Any = None) -> float:
    """2 right / (positive + decided positive); nan where there are no positive rows."""
    return _value("f1", y, decisions, sample_weight, classes, positive, True)


def fbeta(y: Any, decisions: Any, beta: float, *, sample_weight: Any = None, classes: Any = None,
          positive: Any = None) -> float:
    """F1 with recall beta times as important as precision."""
    return _value(f"fbeta:{float(beta)!r}", y, decisions, sample_weight, classes, positive, True)


def macro_f1(y: Any, decisions: Any, *, sample_weight: Any = None, classes: Any = None) -> float:
    """Mean F1 of the classes present."""
    return _value("macro_f1", y, decisions, sample_weight, classes)


def weighted_f1(y: Any, decisions: Any, *, sample_weight: Any = None, classes: Any = None) -> float:
    """Mean F1 of the classes present, weighted by their rows."""
    return _value("weighted_f1", y, decisions, sample_weight, classes)


def mcc(y: Any, decisions: Any, *, sample_weight: Any = None, classes: Any = None) -> float:
    """Matthews correlation; nan where one class is present, or decided, alone."""
    return _value("mcc", y, decisions, sample_weight, classes)


def g_mean(y: Any, decisions: Any, *, sample_weight: Any = None, classes: Any = None) -> float:
    """Geometric mean of the recalls of the classes present."""
    return _value("g_mean", y, decisions, sample_weight, classes)


def per_class(y: Any, decisions: Any, *, sample_weight: Any = None, classes: Any = None) -> dict:
    """``{label: {"support", "predicted", "precision", "recall", "f1"}}``."""
    rows = _decided(y, decisions, sample_weight, classes, None)
    names = ("precision", "recall", "f1")
    return {label: {"support": float(rows.confusion[k].sum()),
                    "predicted": float(rows.confusion[:, k].sum()),
                    **{name: _core.objective_value(name, rows.confusion, k) for name in names}}
            for k, label in enumerate(rows.classes)}


def average_cost(y: Any, decisions: Any, cost: Any, *, sample_weight: Any = None,
                 classes: Any = None) -> float:
    """Mean of what the decisions cost; `cost` as `steelyard.decide` takes it."""
    ids, said, weights, classes = _scores.decided(y, decisions, sample_weight, classes)
    costs = costs_of(cost, classes, len(ids))
    if not costs.varies:
        counts = _core.confusion(ids, said, weights, len(classes))
        return float((counts * costs.fixed).sum() / counts.sum())
    paid = costs.fixed[ids, said]
    column = costs.which[ids, said]
    by_row = np.flatnonzero(column >= 0)
    paid[by_row] = costs.values[by_row, column[by_row]]
    return float(np.average(paid, weights=weights))


# --- all of them ---


def all(y: Any, probabilities: Any = None, *, cost: Any = None, decisions: Any = None,
        sample_weight: Any = None, classes: Any = None, positive: Any = None,
        intervals: bool | int = False, seed: int = 0, kind: str | None = None) -> Metrics:
    """Every metric there is.

    Parameters
    ----------
    y, probabilities, sample_weight, classes, positive
        As the module says. Without probabilities, metrics of them are nan.
    cost : as `steelyard.decide` takes it, optional
        What mistakes cost; 1 each without it.
    decisions : (n) labels, optional
        What was decided. Without them, what `probabilities` make cheapest; of two classes without
        costs p >= 0.5 of the positive one.
    intervals : bool or int
        95 % bootstrap intervals of all metrics: True for a sensible number of samples.
    seed : of the samples
    kind : "multi-hot" for several labels a row, see `all_labels`

    Returns
    -------
    Metrics, a dict whose items are attributes too.
    """
    if kind is not None:
        if kind != "multi-hot":
            raise ValueError(f"kind: {kind!r}: 'multi-hot', or none, would be right")
        return all_labels(y, probabilities, decisions=decisions, sample_weight=sample_weight,
                          labels=classes)
    if probabilities is None:
        rows, said = _rows_of_decisions(y, decisions, sample_weight, classes, positive)
    else:
        rows = _scores.scores_of(y, probabilities, classes=classes, positive=positive,
                                 sample_weight=sample_weight)
        said = None if decisions is None else _scores.decisions_of(decisions, rows)
    costs = None if cost is None else costs_of(cost, rows.classes, len(rows.ids))
    said = _scores.cheapest(rows, costs) if said is None else said
    judged = _core.Evaluation(rows.logs, rows.ids, said, rows.weights, costs, rows.positive)
    made = judged.metrics()
    ends = None
    if intervals is not False and intervals is not None:
        ends = judged.intervals(_core.samples_of(intervals, len(rows.ids)), seed)
    return metrics_of(made, rows.classes, ends, of_decisions=probabilities is None)


def _rows_of_decisions(y, decisions, sample_weight, classes, positive):
    """Rows that say nothing but what was decided."""
    if decisions is None:
        raise ValueError("metrics: probabilities, or decisions, would be right")
    ids, said, weights, classes = _scores.decided(y, decisions, sample_weight, classes)
    n, n_classes = len(ids), len(classes)
    chosen = -1 if n_classes > 2 else _scores.positive_of(classes, positive, ids, weights)
    even = np.full((n, n_classes), 1 / n_classes)
    return _scores.Scores(even, np.log(even), ids, weights, classes, chosen), said


def all_labels(y: Any, probabilities: Any, *, decisions: Any = None, threshold: Any = 0.5,
               sample_weight: Any = None, labels: Any = None) -> Metrics:
    """Every metric of several labels a row, each yes or no.

    Parameters
    ----------
    y : (n, L) 0 or 1
    probabilities : (n, L) that the label is there
    decisions : (n, L) 0 or 1, optional; without them p >= threshold
    threshold : number, or (L), one for each label
    sample_weight : (n), optional
    labels : L names; 0 .. L - 1 without them

    Returns
    -------
    Metrics with ``per_label``, macro and micro figures.
    """
    p = _scores.float_scores(probabilities)
    p = p[:, None] if p.ndim == 1 else p
    names = list(range(p.shape[1])) if labels is None else _classes.python_labels(labels)
    if len(names) != p.shape[1]:
        raise ValueError(f"labels: there are {len(names)}, and the probabilities are of "
                         f"{p.shape[1]}")
    truth = _scores.cells_of(y, p.shape, "y")
    limits = np.asarray(threshold, np.float64)
    if limits.shape not in ((), (p.shape[1],)):
        raise ValueError(f"threshold: shape {limits.shape}: one number, or ({p.shape[1]},), would "
                         "be right")
    said = (p >= limits).view(np.uint8) if decisions is None else \
        _scores.cells_of(decisions, p.shape, "decisions")
    weights = _scores.weights_of(sample_weight, len(p))
    return label_metrics_of(_core.evaluate_labels(truth, p, said, weights), names)
