"""Thresholds and factors that are best on rows whose labels are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from steelyard import _scores
from steelyard._core import decisions as _decisions
from steelyard._core import tuning as _core
from steelyard._costs import costs_of


@dataclass
class Tuned:
    """A rule tuned on labelled rows: better on these than new rows will show.

    Two classes have a threshold, more have factors: argmax_k factors_k p(k). What is not defined
    is nan.
    """

    classes: list
    positive: int          # of two classes, else -1
    tuned_for: str         # "f1, at most 1 % flagged"
    value: float           # of the metric: greater is better, cost is negative
    value_interval: tuple  # 95 %, bootstrap
    average_cost: float    # by the costs, or by 0 and 1
    threshold: float = np.nan
    threshold_interval: tuple = (np.nan, np.nan)
    flagged: float = np.nan    # share of the rows
    precision: float = np.nan
    recall: float = np.nan
    factors: np.ndarray | None = None  # (K), the largest 1

    @property
    def cost(self) -> np.ndarray:
        """(K, K) costs by which the rule is the cheapest; exactly at a threshold, class 0 is."""
        if self.factors is None:
            return _decisions.cost_of_threshold(self.threshold, self.positive)
        return self.factors[:, None] * (1 - np.eye(len(self.classes)))

    def decide(self, probabilities: Any) -> Any:
        """(n) labels by this rule, for probabilities as `tune` took them."""
        given = _scores.float_scores(probabilities)
        if (2 if given.ndim == 1 else given.shape[1]) != len(self.classes):
            raise ValueError(f"probabilities: shape {given.shape}, and the rule is of "
                             f"{len(self.classes)} classes")
        if self.factors is not None:
            ids = np.argmax(given * self.factors, axis=1)
        else:
            scores = given if given.ndim == 1 else given[:, self.positive]
            ids = np.where(scores >= self.threshold, self.positive, 1 - self.positive)
        return _scores.labels_like(ids, self.classes, probabilities)

    def __str__(self) -> str:
        low, high = self.value_interval
        sure = "" if np.isnan(low) else f" (95 %: {low:.4g} to {high:.4g})"
        return f"{self._rule()}, tuned for {self.tuned_for}: {self.value:.4g}{sure}"

    def _rule(self) -> str:
        if self.factors is None:
            return f"{self.classes[self.positive]!r} where p >= {self.threshold:.6g}"
        return ", ".join(f"{label!r}: {factor:.4g}" for label, factor in
                         zip(self.classes, self.factors))


def tune(probabilities: Any, y: Any, metric: str = "cost", *, cost: Any = None,
         max_flagged: float | None = None, min_precision: float | None = None,
         min_recall: float | None = None, classes: Any = None, positive: Any = None,
         sample_weight: Any = None, samples: int = 200, seed: int = 0) -> Tuned:
    """The threshold, or of three classes and more the factors, that are best on these rows.

    Parameters
    ----------
    probabilities : array (n, K), or (n) of the positive class of two
        Of rows that the model did not see. (n) may be any scores, greater = more positive.
    y : (n) labels
    metric : "cost", "f1", "fbeta:2", "precision", "recall", "youden", "balanced_accuracy",
        "g_mean", "accuracy", "mcc", "macro_f1" or "weighted_f1"
    cost : as `decide` takes it; needed by "cost"
    max_flagged, min_precision, min_recall : shares from 0 to 1, optional, two classes
    classes : labels in the order of the columns; those of y where it is not given
    positive : of two classes the one to be caught
    sample_weight : array (n), optional
    samples : bootstrap samples for the intervals; 0 for none
    seed : of the samples
    """
    options = _core.TuneOptions(metric, max_flagged, min_precision, min_recall, samples, seed)
    given = _scores.float_scores(probabilities)
    rows = _scores.labelled(y, given, classes, positive, sample_weight)
    if options.is_cost and cost is None:
        raise ValueError("cost: the metric 'cost' needs to know what mistakes cost")
    costs = None if cost is None else costs_of(cost, rows.classes, len(given))
    about: dict[str, Any] = {"classes": rows.classes, "positive": rows.positive,
                             "tuned_for": str(options)}
    if rows.positive >= 0:
        return _tuned_threshold(given, rows, costs, options, about)
    _, logs = _scores.probabilities_of(given, -1, rows.classes, _scores.skipped_of(rows.weights))
    factors, found = _core.tune_factors(logs, rows.ids, rows.weights, costs, options)
    return Tuned(**about, **_told(found), factors=factors)


def _tuned_threshold(given, rows, costs, options, about) -> Tuned:
    scores = given
    if given.ndim == 2:
        p, _ = _scores.probabilities_of(given, rows.positive, rows.classes,
                                        _scores.skipped_of(rows.weights), logs_too=False)
        scores = np.ascontiguousarray(p[:, rows.positive])
    found = _core.tune_threshold(scores, rows.ids, rows.positive, rows.weights, costs, options)
    return Tuned(**about, **_told(found), threshold=found["threshold"],
                 threshold_interval=(found["threshold_low"], found["threshold_high"]),
                 flagged=found["flagged"], precision=found["precision"], recall=found["recall"])


def _told(found: dict) -> dict:
    return {"value": found["value"], "value_interval": (found["value_low"], found["value_high"]),
            "average_cost": found["average_cost"]}
