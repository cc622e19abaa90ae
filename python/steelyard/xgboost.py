"""Weighted objectives, metrics and probabilities for XGBoost.

>>> objective = steelyard.xgboost.objective("focal:gamma=2", class_weight={0: 1, 1: 5})
>>> model = xgboost.train({"objective": "binary:logistic"}, data, obj=objective)
>>> objective.probabilities(model.predict(data, output_margin=True))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

try:
    import xgboost
except ImportError as problem:
    raise ImportError("steelyard.xgboost needs XGBoost: pip install xgboost (or xgboost-cpu)"
                      ) from problem

import numpy as np

from steelyard import _boosting
from steelyard._types import ArrayLike, ClassWeight, NumbersByClass
from steelyard.weights import Counts, sample_weights

__all__ = ["Metric", "Objective", "base_score", "fit_weights", "metric", "objective"]


def _curvature_factor(n_classes: int) -> float:
    """XGBoost's own softmax takes twice the diagonal of the Hessian."""
    return 2.0


class Objective:
    """Gradient and curvature of a weighted loss, as `xgboost.train(obj=...)` and
    `XGBClassifier(objective=...)` call for them; `objective` makes it."""

    def __init__(self, spec: _boosting.Spec):
        self.spec = spec

    def __call__(self, scores: Any, data: Any,
                 sample_weight: Any = None) -> tuple[np.ndarray, np.ndarray]:
        """(scores, DMatrix) of `xgboost.train`, or (labels, scores, sample_weight) of the
        estimators."""
        if isinstance(data, xgboost.DMatrix):
            labels, sample_weight = data.get_label(), data.get_weight()
        else:
            labels, scores = scores, data
        return self.spec.derivatives(scores, labels, sample_weight, _curvature_factor)

    @property
    def class_weights(self) -> np.ndarray | None:
        """(K) class weights, of a policy once training has begun; None = ones."""
        return self.spec.weights_

    def probabilities(self, margins: ArrayLike) -> np.ndarray:
        """(n, K) true probabilities of what `predict(..., output_margin=True)` gives.

        Class weights and logit adjustments are undone. ValueError where no constant undoes the loss
        (focal, costs, margins): calibrate its scores instead.
        """
        return self.spec.probabilities(margins)

    def base_score(self, labels: ArrayLike, sample_weight: ArrayLike = None, *,
                   n_classes: int | None = None) -> float | np.ndarray:
        """The parameter base_score from the weighted shares: for two classes the probability that
        "binary:logistic" takes, for more the (K) margins that "multi:softprob" takes."""
        if isinstance(labels, xgboost.DMatrix):
            labels, sample_weight = labels.get_label(), labels.get_weight()
        n_classes = _boosting.n_classes_of(labels, n_classes)
        scores = self.spec.first_scores(labels, sample_weight, n_classes)
        return float(1 / (1 + np.exp(-scores))) if n_classes == 2 else scores


def objective(loss: str = "softmax", *, class_weight: ClassWeight = None,
              counts: NumbersByClass | Counts | None = None, cost: Any = None,
              label_smoothing: float = 0.0, least_curvature: float | None = None) -> Objective:
    """An objective for XGBoost.

    Parameters
    ----------
    loss : "softmax" (two classes: logistic), "focal:gamma=2", "logit-adjustment:tau=1",
        "balanced-softmax", "ldam:margin=0.5,scale=1", "vs", "cost-expected", "cost-argmax"; parts
        join by '+'.
    class_weight : {class id: weight}, weights (K), what `steelyard.class_weights` gives, or a
        policy ("balanced"), which goes by the training data (its rows' weights included) unless
        counts are given.
    counts : rows of each class; by default those of the training data.
    cost : for "cost-expected" and "cost-argmax": cost[actual][predicted], a dict or a text.
    label_smoothing : from 0 to 1.
    least_curvature : curvature is at least this times the size of the gradient. Losses that bend
        down (focal, costs) have negative curvature where a row is hopeless, from which no tree can
        be grown; 0.1 lets such a row ask for a step of at most 10. Default 0.1 for those, else 0
        (and at least 1e-16, as XGBoost has it).

    Row weights of the DMatrix (or sample_weight of `fit`) multiply the class weights; XGBoost does
    not apply them to objectives of one's own. With "softmax" the trees are those of XGBoost's own
    objective on rows that weigh class weight x row weight, given the same base_score and bins: a
    histogram's bins go by the weights in the DMatrix, tree_method="exact" has none. Beside `obj`
    the parameter objective should be "binary:logistic" or "multi:softprob", which base_score and
    predictions go by.

    Raises
    ------
    ValueError : labels that are no class ids, with their row; parts that do not go together; costs
        without a loss that uses them.
    """
    return Objective(_boosting.Spec(loss, class_weight=class_weight, counts=counts, cost=cost,
                                    label_smoothing=label_smoothing,
                                    least_curvature=least_curvature))


class Metric:
    """Metrics as `xgboost.train(custom_metric=...)` calls for them; `metric` makes it."""

    def __init__(self, spec: _boosting.MetricSpec):
        self.spec = spec
        self.__name__ = spec.names[0]

    def __call__(self, scores: Any, data: Any,
                 sample_weight: Any = None) -> list[tuple[str, float]] | float:
        """[(name, value)] for `xgboost.train`; one value for the estimators."""
        if isinstance(data, xgboost.DMatrix):
            return self.spec(scores, data.get_label(), data.get_weight())
        values = self.spec(data, scores, sample_weight)
        if len(values) > 1:
            raise ValueError(f"metric: {len(values)} metrics, but eval_metric of XGBoost's "
                             "estimators takes one")
        return values[0][1]


def metric(names: str | Sequence[str] = ("weighted-log-loss", "log-loss"), *,
           objective: Objective | None = None, class_weight: ClassWeight = None,
           counts: NumbersByClass | Counts | None = None, cost: Any = None,
           raw: bool = True) -> Metric:
    """Metrics for evaluation sets, with the row weights of their DMatrix; lower is better.

    Parameters
    ----------
    names : "weighted-log-loss" (with class weights: what training lowers), "log-loss" (of
        probabilities whose class weights are undone; class weights do not enter), "average-cost"
        (of the decisions at least expected cost). Early stopping goes by the last.
    objective : what `objective` gave, for its class weights; or class_weight (and counts).
    cost : cost[actual][predicted], for "average-cost".
    raw : whether predictions are raw scores, which XGBoost gives beside an objective of one's own.
        False for XGBoost's own objectives, which give probabilities.
    """
    return Metric(_boosting.MetricSpec(names, objective, class_weight, counts, cost, raw))


def fit_weights(y: ArrayLike, class_weight: ClassWeight = "balanced", *,
                sample_weight: ArrayLike = None) -> Any:
    """Row weights for `XGBClassifier.fit(sample_weight=...)`: class weight x row weight.

    They reach XGBoost's metrics too, which scale_pos_weight does not.
    """
    return sample_weights(y, class_weight, sample_weight=sample_weight)


def base_score(labels: ArrayLike, class_weight: ClassWeight = None, *,
               sample_weight: ArrayLike = None,
               n_classes: int | None = None) -> float | np.ndarray:
    """The parameter base_score from weighted shares; see `Objective.base_score`."""
    return objective(class_weight=class_weight).base_score(labels, sample_weight,
                                                           n_classes=n_classes)
