"""Decisions of least cost around any classifier."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from steelyard import _classes, decisions
from steelyard.estimators import _inner, _labels, _rule, _validation
from steelyard.estimators._base import BaseEstimator, ClassifierMixin, check_fitted
from steelyard.estimators._settings import for_two, read_cost, read_positive


# Metrics about one class: they can be tuned for where there are two.
_OF_ONE_CLASS = ("f1", "fbeta", "precision", "recall", "youden")


class CostThresholdClassifier(ClassifierMixin, BaseEstimator):
    """Makes any classifier decide at least cost, for two classes and more.

    The inner classifier is fitted as it is. Class weights are taken out of its probabilities where
    they can be read, the probabilities are calibrated if asked for, and what is decided is the
    class of least expected cost, argmin_j sum_k p(k|x) C[k][j]. Maps and tuned rules come from
    probabilities of rows that the classifier behind them did not see (`cv`).

    Parameters
    ----------
    estimator : a classifier with predict_proba, or with decision_function (then its scores are
        calibrated, by "vector" unless `calibrate` says otherwise).
    cost : None, str, dict or array (K, K), default None
        Row = actual class, column = predicted class: a matrix in the order of `classes_`,
        {(actual, predicted): cost}, or "actual:predicted=cost, ..". None: every mistake costs 1, or
        where class weights were taken out what they imply, so that decisions stay the inner ones.
    cv : int, splitter, iterable of (fit, unseen) rows, or "prefit", default 5
        How unseen rows are made for `calibrate` and `metric`; without those nothing is split.
        "prefit" says that the estimator is fitted, and has not seen the rows given to `fit`.
    metric : None or str, default None
        Tunes the rule for this on unseen rows instead: "f1", "balanced_accuracy", "cost", ... Two
        classes get a threshold, more a factor each.
    max_flagged, min_precision, min_recall : float, default None
        Limits for a tuned threshold; alone they tune for "cost".
    calibrate : None, "temperature", "vector" or "isotonic", default None
    prefit : bool, default False
        The same as cv="prefit".
    undo_class_weight : "auto" or bool, default "auto"
        Whether probabilities have class weights taken out: where `class_weight` of the estimator
        (of the last step of a pipeline, the best of a search) can be read; True makes it an error
        where it cannot. Steelyard's own classifiers and SVC need none of it and are left alone.
    pos_label : label, default None
        Two classes: the one that `metric` and the limits are about; None is `classes_[1]`.
    random_state : int or numpy Generator, default 0
        Of the folds.

    Attributes
    ----------
    classes_ : array (K)
    estimator_ : the fitted classifier
    cost_ : array (K, K), what decides; of a tuned rule the costs that it equals.
    decision_ : str, the rule in words, "1 at p >= 0.167, from given costs".
    threshold_ : float, from which p of `pos_label` on that is decided; None where it is no such
        rule.
    undone_class_weight_ : dict {label: weight} that were taken out, or None.
    calibration_ : steelyard.Calibration or None
    tuned_ : steelyard.Tuned or None
    n_features_in_, feature_names_in_ : those of `estimator_`, where it has them.
    """

    def __init__(self, estimator: Any, cost: Any = None, *, cv: Any = 5, metric: str | None = None,
                 max_flagged: float | None = None, min_precision: float | None = None,
                 min_recall: float | None = None, calibrate: str | None = None,
                 prefit: bool = False, undo_class_weight: Any = "auto", pos_label: Any = None,
                 random_state: Any = 0):
        self.estimator = estimator
        self.cost = cost
        self.cv = cv
        self.metric = metric
        self.max_flagged = max_flagged
        self.min_precision = min_precision
        self.min_recall = min_recall
        self.calibrate = calibrate
        self.prefit = prefit
        self.undo_class_weight = undo_class_weight
        self.pos_label = pos_label
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> CostThresholdClassifier:
        """Fits the classifier inside, then what decides.

        X is whatever the classifier takes, y (n) labels, sample_weight (n) weights: k = k copies,
        0 = absent. ValueError as LogisticClassifier.fit, and where there are weights and the
        classifier takes none.
        """
        targets = _labels.read_targets(y, sample_weight)
        if self._is_prefit():
            self.estimator_ = self.estimator
            targets = _of_fitted(self.estimator, targets)
        else:
            _labels.check_classes(targets.classes)
            self.estimator_ = _inner.fit_inner(_inner.fresh_copy(self.estimator), X, targets.labels,
                                               targets.weights)
        self.classes_ = targets.classes
        self._find_rule(X, targets)
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
        return self

    def _is_prefit(self) -> bool:
        return self.prefit or (isinstance(self.cv, str) and self.cv == "prefit")

    def _find_rule(self, X: Any, targets: _labels.Targets) -> None:
        if self._for_two() and len(self.classes_) != 2:
            raise ValueError("Only binary classification is supported with limits, costs of two "
                             f"classes or metric {self._metric()!r}. y has {len(self.classes_)} "
                             "classes; macro_f1, balanced_accuracy and mcc are for more")
        cost = read_cost(self.cost, self.classes_)
        positive = read_positive(self.pos_label, self.classes_)
        undone = self._undone(self.estimator_, targets)
        self.undone_class_weight_ = None if undone is None else \
            dict(zip(self.classes_.tolist(), undone.tolist()))
        source = "given costs"
        if cost is None:
            cost, source = self._implied(undone)
        self.calibration_ = self.tuned_ = None
        kind = self._map_kind()
        if kind is not None or self._tunes():
            unseen = self._unseen(X, targets)
            self._fit_map(kind, unseen)
            if self._tunes():
                cost, source = self._tune(unseen, cost, positive), f"tuned for {self._metric()}"
        self.cost_ = cost
        self._describe(source, positive)

    def _limited(self) -> bool:
        limits = self.max_flagged, self.min_precision, self.min_recall
        return any(limit is not None for limit in limits)

    def _tunes(self) -> bool:
        return self.metric is not None or self._limited()

    def _for_two(self) -> bool:
        """Whether the rule asked for is one of two classes."""
        of_one = str(self.metric).partition(":")[0] in _OF_ONE_CLASS
        return of_one or self._limited() or for_two(self.cost)

    def _map_kind(self) -> str | None:
        if self.calibrate is None and not _inner.says_probabilities(self.estimator_):
            return "vector"
        return self.calibrate

    def _undone(self, estimator: Any, targets: _labels.Targets) -> np.ndarray | None:
        """Class weights (K) to take out of what a classifier fitted to these rows says."""
        if not self.undo_class_weight:
            return None
        found = _inner.trained_weights(estimator, targets) \
            if _inner.says_probabilities(estimator) else None
        if found is None and self.undo_class_weight is True:
            raise ValueError(f"undo_class_weight: {type(estimator).__name__} has no class weights "
                             "that can be read; 'auto' would be right")
        return found

    def _implied(self, undone: np.ndarray | None) -> tuple[np.ndarray, str]:
        """Costs that class weights imply, so that decisions stay those of the inner classifier."""
        own = getattr(_inner.innermost(self.estimator_), "cost_", None)
        if isinstance(own, np.ndarray) and own.shape == (len(self.classes_),) * 2:
            return own, "implied"
        mistakes = 1 - np.eye(len(self.classes_))
        if undone is None:
            return mistakes, "plain"
        return mistakes * undone[:, None], "implied"

    def _unseen(self, X: Any, targets: _labels.Targets) -> _Unseen:
        """What classifiers say of rows that they did not see."""
        present = targets.ids >= 0
        if targets.weights is not None:
            present &= targets.weights > 0
        if self._is_prefit():
            rows = np.flatnonzero(present)
            logs = self._corrected(self.estimator_, _inner.take_rows(X, rows), targets)
            return _Unseen(logs, _rows_of(targets, rows))
        parts, places = [], []
        for fitted, unseen in _inner.folds(self.cv, X, targets.labels,
                                           np.where(present, targets.ids, -1), self.random_state):
            unseen = unseen[present[unseen]]
            known = _rows_of(targets, fitted)
            inner = _inner.fit_inner(_inner.fresh_copy(self.estimator), _inner.take_rows(X, fitted),
                                     known.labels, known.weights)
            parts.append(self._corrected(inner, _inner.take_rows(X, unseen), known))
            places.append(unseen)
        if not places:
            raise ValueError("cv: no folds at all; a number of folds would be right")
        return _Unseen(np.concatenate(parts), _rows_of(targets, np.concatenate(places)))

    def _corrected(self, estimator: Any, X: Any, targets: _labels.Targets) -> np.ndarray:
        """Log-probabilities (n, K) of a classifier fitted to these rows, without class weights."""
        logs = _inner.log_probabilities(estimator, X, self.classes_)
        undone = self._undone(estimator, targets)
        return logs if undone is None else _inner.normalised(logs - np.log(undone))


    def _fit_map(self, kind: str | None, unseen: _Unseen) -> None:
        if kind is not None:
            self.calibration_ = decisions.Calibration.fit(
                np.exp(unseen.logs), unseen.targets.labels, kind, classes=self.classes_.tolist(),
                sample_weight=unseen.targets.weights)

    def _metric(self) -> str:
        return "cost" if self.metric is None else self.metric

    def _tune(self, unseen: _Unseen, cost: np.ndarray, positive: int) -> np.ndarray:
        """Costs (K, K) that equal the rule which is best on unseen rows."""
        labels = self.classes_.tolist()
        self.tuned_ = decisions.tune(
            np.exp(self._calibrated(unseen.logs)), unseen.targets.labels, self._metric(), cost=cost,
            max_flagged=self.max_flagged, min_precision=self.min_precision,
            min_recall=self.min_recall, classes=labels, sample_weight=unseen.targets.weights,
            positive=labels[positive] if positive >= 0 else None)
        return self.tuned_.cost

    def _calibrated(self, logs: np.ndarray) -> np.ndarray:
        if self.calibration_ is None:
            return logs
        with np.errstate(divide="ignore"):
            return np.log(self.calibration_.transform(np.exp(logs)))

    def _describe(self, source: str, positive: int) -> None:
        self.threshold_ = None
        rule = "least expected cost"
        if positive >= 0:
            label = self.classes_.tolist()[positive]
            found = decisions.threshold(self.cost_, classes=self.classes_.tolist(), positive=label)
            if np.isfinite(found):
                self.threshold_ = float(found)
                rule = f"{label} at p >= {found:.3g}"
        self.decision_ = f"{rule}, {source}"
        if self.undone_class_weight_ is not None:
            shown = ", ".join(f"{label}: {w:.4g}" for label, w in self.undone_class_weight_.items())
            self.decision_ += f"; class weights taken out: {shown}"

    def _log_probabilities(self, X: Any) -> np.ndarray:
        check_fitted(self, "decision_")
        logs = _inner.log_probabilities(self.estimator_, X, self.classes_)
        if self.undone_class_weight_ is not None:
            undone = np.array(list(self.undone_class_weight_.values()))
            logs = _inner.normalised(logs - np.log(undone))
        return self._calibrated(logs)

    def predict(self, X: Any, cost: Any = None) -> np.ndarray:
        """Labels (n) of least expected cost.

        cost: other costs than those of `fit`, also by row: an array (n, K, K), or a dict whose
        values are numbers or arrays (n).
        """
        probabilities = np.exp(self._log_probabilities(X))
        if cost is None:
            return self.classes_[decisions.decide(probabilities, self.cost_)]
        decided = decisions.decide(probabilities, cost, classes=self.classes_.tolist())
        return np.asarray(decided).astype(self.classes_.dtype)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (n, K): class weights taken out, calibrated."""
        return np.exp(self._log_probabilities(X))

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Natural logs (n, K) of `predict_proba`."""
        return self._log_probabilities(X)

    def decision_function(self, X: Any) -> np.ndarray:
        """What decides: two classes (n), logit p less the logit of the threshold, above 0 for
        `classes_[1]`; else (n, K), minus the expected costs, whose arg-max is the decision."""
        logs = self._log_probabilities(X)
        return _rule.decision_values(logs, self.cost_, decisions.decide(np.exp(logs), self.cost_))

    def _more_tags(self) -> dict:  # scikit-learn before 1.6
        return {"binary_only": self._for_two()}

    def __sklearn_tags__(self):
        from sklearn.utils import get_tags

        tags = super().__sklearn_tags__()
        if hasattr(self.estimator, "fit"):
            inner = get_tags(self.estimator)
            tags.input_tags = inner.input_tags
            if inner.classifier_tags is not None:
                tags.classifier_tags.multi_class = inner.classifier_tags.multi_class
        if self._for_two():
            tags.classifier_tags.multi_class = False
        return tags


class _Unseen(NamedTuple):
    logs: np.ndarray  # (m, K)
    targets: _labels.Targets  # of these rows


def _rows_of(targets: _labels.Targets, rows: np.ndarray) -> _labels.Targets:
    weights = None if targets.weights is None else targets.weights[rows]
    return targets._replace(labels=targets.labels[rows], ids=targets.ids[rows], weights=weights)


def _of_fitted(estimator: Any, targets: _labels.Targets) -> _labels.Targets:
    """Rows by the classes of a classifier that is fitted already."""
    classes = np.asarray(getattr(estimator, "classes_", ()))
    known = classes.tolist()
    if not known:
        raise ValueError(f"prefit: {type(estimator).__name__} has no classes_: a fitted classifier "
                         "would be right")
    places = np.array([_classes.index_of(label, known, "y") for label in targets.classes.tolist()])
    counts = np.zeros(len(known))
    counts[places] = targets.counts
    ids = np.where(targets.ids < 0, -1, places[targets.ids]).astype(np.int32)
    return targets._replace(classes=classes, ids=ids, counts=counts)
