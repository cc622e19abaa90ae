"""What classifiers have in common whose fit ends in one of the library's models."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from steelyard._core.frames import Frame, frame_of
from steelyard.estimators import _labels, _rule, _validation
from steelyard.estimators._base import BaseEstimator, ClassifierMixin, check_fitted
from steelyard.estimators._settings import (for_two, read_class_weight, read_cost, read_positive,
                                            weight_array)


class Rows(NamedTuple):
    """Rows to learn from, and what class weights and costs come to with them."""

    frame: Frame
    targets: _labels.Targets
    cost: np.ndarray | None  # (K, K), or None: class weights imply them
    class_weight: dict  # {label: weight}
    class_weights: np.ndarray | None  # (K), None where none were asked for
    positive: int  # the positive class of two, or -1


class ModelClassifier(ClassifierMixin, BaseEstimator):
    """Has the parameters class_weight, cost, pos_label and normalize; its fit makes `model_`."""

    def _read(self, X: Any, y: Any, sample_weight: Any) -> Rows:
        """The rows of a fit, checked; remembers the columns."""
        features = _validation.read_features(self, X, reset=True)
        targets = _labels.read_targets(y, sample_weight, features.rows)
        _labels.check_classes(targets.classes)
        cost = read_cost(self.cost, targets.classes)
        class_weight = read_class_weight(self.class_weight, targets.classes, targets.counts,
                                         self.normalize, cost)
        return Rows(frame_of(features.data, features.names), targets, cost, class_weight,
                    None if self.class_weight is None else weight_array(class_weight),
                    read_positive(self.pos_label, targets.classes))

    def _keep_model(self, model: Any, rows: Rows) -> None:
        self.model_ = model
        self.classes_ = rows.targets.classes
        self.class_weight_ = rows.class_weight
        self.cost_ = model._core.cost

    def _scores(self, X: Any, probabilities: bool = False, logs: bool = False,
                decided: bool = False) -> tuple:
        check_fitted(self, "model_")
        features = _validation.read_features(self, X, reset=False)
        frame = frame_of(features.data, features.names)
        return self.model_._core.score(frame, probabilities, logs, decided)

    def predict(self, X: Any) -> np.ndarray:
        """Labels (n) of least expected cost."""
        decided = self._scores(X, decided=True)[2]
        return self.classes_[decided]

    def predict_proba(self, X: Any) -> np.ndarray:
        """True probabilities (n, K) of `classes_`: class weights are taken out again."""
        return self._scores(X, probabilities=True)[0]

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Natural logs (n, K) of `predict_proba`, exact where those round to 0."""
        return self._scores(X, logs=True)[1]

    def decision_function(self, X: Any) -> np.ndarray:
        """What decides: two classes (n), above 0 for `classes_[1]`; else (n, K), the arg-max.

        Without `cost` the logits of the weighted model. With it, of two classes logit p less the
        logit of the costs' threshold, else minus the expected costs.
        """
        _, logs, decided = self._scores(X, logs=True, decided=True)
        core = self.model_._core
        if core.source in ("given", "tuned"):
            return _rule.decision_values(logs, core.cost, decided)
        return _rule.weighted_values(logs, core.class_weights, decided)

    def save(self, path: Any) -> None:
        """Writes `model_` as an ONNX file, whole or not at all."""
        check_fitted(self, "model_")
        self.model_.save(path)

    def _more_tags(self) -> dict:  # scikit-learn before 1.6
        return {"allow_nan": True, "binary_only": for_two(self.cost)}

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = not for_two(self.cost)
        return tags
