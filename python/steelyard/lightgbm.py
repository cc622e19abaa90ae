"""Weighted objectives, metrics and probabilities for LightGBM.

>>> objective = steelyard.lightgbm.objective("focal:gamma=2", class_weight={0: 1, 1: 5})
>>> first = objective.first_score(y)
>>> data = lightgbm.Dataset(X, y, init_score=objective.init_score(y))
>>> model = lightgbm.train({"objective": objective}, data)
>>> objective.probabilities(model.predict(X) + first)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

try:
    import lightgbm
except ImportError as problem:
    raise ImportError("steelyard.lightgbm needs LightGBM: pip install lightgbm") from problem

import numpy as np

from steelyard import _boosting
from steelyard._types import ArrayLike, ClassWeight, NumbersByClass
from steelyard.weights import Counts, sample_weights

__all__ = ["Metric", "Objective", "fit_weights", "init_score", "metric", "objective"]


def _curvature_factor(n_classes: int) -> float:
    """LightGBM's own softmax takes K / (K - 1) times the diagonal of the Hessian."""
    return n_classes / (n_classes - 1)


class Objective:
    """Gradient and curvature of a weighted loss, as `lightgbm.train({"objective": ...})` and
    `LGBMClassifier(objective=...)` call for them; `objective` makes it."""

    def __init__(self, spec: _boosting.Spec):
        self.spec = spec

    def __call__(self, scores: Any, data: Any,
                 weight: Any = None) -> tuple[np.ndarray, np.ndarray]:
        """(scores, Dataset) of `lightgbm.train`, or (labels, scores, weight) of the estimators."""
        if isinstance(data, lightgbm.Dataset):
            labels, weight = data.get_label(), data.get_weight()
        else:
            labels, scores = scores, data
        return self.spec.derivatives(scores, labels, weight, _curvature_factor)

    @property
    def class_weights(self) -> np.ndarray | None:
        """(K) class weights, of a policy once training has begun; None = ones."""
        return self.spec.weights_

    def probabilities(self, scores: ArrayLike) -> np.ndarray:
        """(n, K) true probabilities of raw scores, the first score (`first_score`) added where
        training began there.

        Class weights and logit adjustments are undone. ValueError where no constant undoes the loss
        (focal, costs, margins): calibrate its scores instead.
        """
        return self.spec.probabilities(scores)

    def first_score(self, labels: ArrayLike, weight: ArrayLike = None, *,
                    n_classes: int | None = None) -> float | np.ndarray:
        """The raw score that fits best by the weighted shares: a float for two classes, (K) for
        more."""
        labels, weight = _labels_of(labels, weight)
        n_classes = _boosting.n_classes_of(labels, n_classes)
        return self.spec.first_scores(labels, weight, n_classes)

    def init_score(self, labels: ArrayLike, weight: ArrayLike = None, *,
                   n_classes: int | None = None) -> np.ndarray:
        """(n) or (n, K) scores for `Dataset(init_score=...)`. LightGBM's predictions leave them
        out: add `first_score`."""
        labels, weight = _labels_of(labels, weight)
        first = self.first_score(labels, weight, n_classes=n_classes)
        shape = (np.size(labels),) if np.ndim(first) == 0 else (np.size(labels), np.size(first))
        return np.ascontiguousarray(np.broadcast_to(first, shape))


def _labels_of(labels, weight):
    if isinstance(labels, lightgbm.Dataset):
        return labels.get_label(), labels.get_weight()
    return labels, weight


def objective(loss: str = "softmax", *, class_weight: ClassWeight = None,
              counts: NumbersByClass | Counts | None = None, cost: Any = None,
              label_smoothing: float = 0.0, least_curvature: float | None = None) -> Objective:
    """An objective for LightGBM: parameters are those of `steelyard.xgboost.objective`.

    Row weights of the Dataset (or sample_weight of `fit`) multiply the class weights; LightGBM does
    not apply them to objectives of one's own. With "softmax" the trees are those of LightGBM's own
    "binary" or "multiclass" on rows that weigh class weight x row weight, given the same
    init_score. More than two classes need num_class among LightGBM's parameters. LightGBM begins
    objectives of one's own at 0: `init_score` gives it the weighted shares, which
    boost_from_average, is_unbalance and scale_pos_weight do not.
    """
    return Objective(_boosting.Spec(loss, class_weight=class_weight, counts=counts, cost=cost,
                                    label_smoothing=label_smoothing,
                                    least_curvature=least_curvature))


class Metric:
    """Metrics as `lightgbm.train(feval=...)` and `fit(eval_metric=...)` call for them; `metric`
    makes it."""

    def __init__(self, spec: _boosting.MetricSpec):
        self.spec = spec
        self.__name__ = spec.names[0]

    def __call__(self, scores: Any, data: Any, weight: Any = None) -> list[tuple[str, float, bool]]:
        """[(name, value, False)]: lower is better."""
        if isinstance(data, lightgbm.Dataset):
            labels, weight = data.get_label(), data.get_weight()
        else:
            labels, scores = scores, data
        return [(name, value, False) for name, value in self.spec(scores, labels, weight)]


def metric(names: str | Sequence[str] = ("weighted-log-loss", "log-loss"), *,
           objective: Objective | None = None, class_weight: ClassWeight = None,
           counts: NumbersByClass | Counts | None = None, cost: Any = None,
           raw: bool = True) -> Metric:
    """Metrics for validation sets, with the row weights of their Dataset; lower is better.

    Parameters are those of `steelyard.xgboost.metric`. raw=False for LightGBM's own objectives,
    which give probabilities.
    """
    return Metric(_boosting.MetricSpec(names, objective, class_weight, counts, cost, raw))


def fit_weights(y: ArrayLike, class_weight: ClassWeight = "balanced", *,
                sample_weight: ArrayLike = None) -> Any:
    """Row weights for `LGBMClassifier.fit(sample_weight=...)`: class weight x row weight.

    They reach the first score too (boost_from_average), which is_unbalance and scale_pos_weight do
    not.
    """
    return sample_weights(y, class_weight, sample_weight=sample_weight)


def init_score(labels: ArrayLike, class_weight: ClassWeight = None, *, weight: ArrayLike = None,
               n_classes: int | None = None) -> np.ndarray:
    """Scores for `Dataset(init_score=...)` from weighted shares; see `Objective.init_score`."""
    return objective(class_weight=class_weight).init_score(labels, weight, n_classes=n_classes)
