"""Curves of thresholds, and what lies under them: every distinct score is one step."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from steelyard import _classes, _scores
from steelyard._core import metrics as _core
from steelyard._costs import costs_of


class RocCurve(NamedTuple):
    """As scikit-learn's roc_curve has it, from flagging nothing (threshold inf) to all."""

    false_positive_rate: np.ndarray
    true_positive_rate: np.ndarray
    thresholds: np.ndarray  # falling; flagged is score >= threshold


class PrecisionRecallCurve(NamedTuple):
    """As scikit-learn's precision_recall_curve has it: a last point (1, 0) without threshold."""

    precision: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray  # rising, one fewer


class GainCurve(NamedTuple):
    """Share of the rows that is flagged, and share of the positive ones among them."""

    flagged: np.ndarray
    recall: np.ndarray
    thresholds: np.ndarray


class CostCurve(NamedTuple):
    """Average cost of flagging score >= threshold, from flagging nothing (inf) to all."""

    thresholds: np.ndarray
    average_cost: np.ndarray

    @property
    def best(self) -> tuple[float, float]:
        """(threshold, average cost) of the cheapest; the first of equals, which flags fewest."""
        i = int(np.argmin(self.average_cost))
        return float(self.thresholds[i]), float(self.average_cost[i])


class Reliability(NamedTuple):
    """Bins of about equal weight in order of rising probability."""

    predicted: np.ndarray  # mean probability
    observed: np.ndarray   # share of the class
    weight: np.ndarray     # sum of row weights
    low: np.ndarray        # 95 % interval of `observed`
    high: np.ndarray


class _Steps(NamedTuple):
    thresholds: np.ndarray
    positives: np.ndarray  # flagged at each step
    negatives: np.ndarray


def _one_score(y, scores, sample_weight, classes, positive):
    """Labels beside the (n) scores of the positive class of two."""
    given = _scores.float_scores(scores, "scores")
    rows = _scores.labelled(y, given, classes, positive, sample_weight)
    if rows.positive < 0:
        raise ValueError(f"scores: of {given.shape[1]} classes; a curve is of one class against "
                         "the rest: y == label and the scores of that label would be right")
    return (given if given.ndim == 1 else np.ascontiguousarray(given[:, rows.positive])), rows


def _steps(y, scores, sample_weight, classes, positive) -> _Steps:
    one, rows = _one_score(y, scores, sample_weight, classes, positive)
    return _Steps(*_core.steps(one, rows.ids, rows.positive, rows.weights, None)[:3])


def _share(flagged: np.ndarray) -> np.ndarray:
    """Of all; nan where there are none."""
    total = flagged[-1]
    return flagged / total if total > 0 else np.full(len(flagged), np.nan)


def _from_nothing(values: np.ndarray, first: float = 0.0) -> np.ndarray:
    return np.concatenate([[first], values])


def roc_curve(y: Any, scores: Any, *, sample_weight: Any = None, classes: Any = None,
              positive: Any = None) -> RocCurve:
    """Share of the positive rows flagged over share of the others, at each threshold."""
    steps = _steps(y, scores, sample_weight, classes, positive)
    return RocCurve(_from_nothing(_share(steps.negatives)), _from_nothing(_share(steps.positives)),
                    _from_nothing(steps.thresholds, np.inf))


def precision_recall_curve(y: Any, scores: Any, *, sample_weight: Any = None, classes: Any = None,
                           positive: Any = None) -> PrecisionRecallCurve:
    """Precision and recall at each threshold."""
    steps = _steps(y, scores, sample_weight, classes, positive)
    precision = steps.positives / (steps.positives + steps.negatives)
    return PrecisionRecallCurve(_from_nothing(precision, 1.0)[::-1],
                                _from_nothing(_share(steps.positives))[::-1],
                                steps.thresholds[::-1])


def gain_curve(y: Any, scores: Any, *, sample_weight: Any = None, classes: Any = None,
               positive: Any = None) -> GainCurve:
    """What share of the positive rows the rows of the highest scores hold."""
    steps = _steps(y, scores, sample_weight, classes, positive)
    return GainCurve(_from_nothing(_share(steps.positives + steps.negatives)),
                     _from_nothing(_share(steps.positives)),
                     _from_nothing(steps.thresholds, np.inf))


def cost_curve(y: Any, scores: Any, cost: Any, *, sample_weight: Any = None, classes: Any = None,
               positive: Any = None) -> CostCurve:
    """What each threshold costs on average; `cost` as `steelyard.decide` takes it, two classes."""
    one, rows = _one_score(y, scores, sample_weight, classes, positive)
    costs = costs_of(cost, rows.classes, len(one))
    thresholds, positives, negatives, total, nothing = _core.steps(one, rows.ids, rows.positive,
                                                                   rows.weights, costs)
    return CostCurve(_from_nothing(thresholds, np.inf),
                     _from_nothing(total, nothing) / (positives[-1] + negatives[-1]))


def reliability(y: Any, probabilities: Any, *, bins: int = 10, sample_weight: Any = None,
                classes: Any = None, positive: Any = None, label: Any = None) -> Reliability:
    """What was predicted, and how often it came.

    `label` names the class that it is about; of two classes the positive one without it.
    """
    rows = _scores.scores_of(y, probabilities, classes=classes, positive=positive,
                             sample_weight=sample_weight)
    if label is None and rows.positive < 0:
        raise ValueError(f"label: there are {len(rows.classes)} classes: label="
                         f"{rows.classes[0]!r} would say which this is about")
    if int(bins) < 1:
        raise ValueError(f"bins: {bins}: 1 or more would be right")
    k = rows.positive if label is None else _classes.index_of(label, rows.classes, "label")
    p = np.minimum(rows.probabilities[:, k], 1)
    return Reliability(*_core.reliability(p, rows.ids, k, rows.weights, int(bins)))


# --- areas ---


def roc_auc(y: Any, scores: Any, *, sample_weight: Any = None, classes: Any = None,
            positive: Any = None) -> float:
    """Area under the ROC curve, ties half.

    Two classes: of the positive one. More: mean over the classes where it is defined, one against
    the rest. nan where one class is there alone.
    """
    return _area(_area_of_roc, y, scores, sample_weight, classes, positive)


def average_precision(y: Any, scores: Any, *, sample_weight: Any = None, classes: Any = None,
                      positive: Any = None) -> float:
    """Sum over thresholds of (step of recall) x precision; classes as in `roc_auc`."""
    return _area(_area_of_precision, y, scores, sample_weight, classes, positive)


def _area_of_roc(steps: _Steps) -> float:
    x, y = _from_nothing(_share(steps.negatives)), _from_nothing(_share(steps.positives))
    return float(np.dot(np.diff(x), (y[1:] + y[:-1]) / 2))


def _area_of_precision(steps: _Steps) -> float:
    precision = steps.positives / (steps.positives + steps.negatives)
    return float(np.dot(np.diff(_from_nothing(_share(steps.positives))), precision))


def _area(measure, y, scores, sample_weight, classes, positive) -> float:
    given = _scores.float_scores(scores, "scores")
    rows = _scores.labelled(y, given, classes, positive, sample_weight)
    columns = [rows.positive] if rows.positive >= 0 else range(given.shape[1])
    areas = []
    for k in columns:
        one = given if given.ndim == 1 else np.ascontiguousarray(given[:, k])
        areas.append(measure(_Steps(*_core.steps(one, rows.ids, k, rows.weights, None)[:3])))
    defined = [area for area in areas if area == area]
    return float(np.mean(defined)) if defined else np.nan
