"""The classifier inside another one: its class weights, its probabilities, its rows and folds."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from steelyard.estimators._base import HAS_SCIKIT_LEARN
from steelyard.estimators._labels import Targets

# scikit-learn's classifiers that count by row weights for "balanced" (from 1.7 on).
_COUNT_BY_WEIGHT = ("LinearSVC", "LogisticRegression", "LogisticRegressionCV")


def fresh_copy(estimator: Any) -> Any:
    """An unfitted copy with the same parameters."""
    if HAS_SCIKIT_LEARN:
        from sklearn.base import clone

        return clone(estimator)
    return type(estimator)(**copy.deepcopy(estimator.get_params(deep=False)))


def fit_inner(estimator: Any, X: Any, y: np.ndarray, weights: np.ndarray | None) -> Any:
    """Fits with row weights, in a pipeline those of its last step.

    ValueError where there are weights and the estimator takes none.
    """
    if weights is None:
        return estimator.fit(X, y)
    if "sample_weight" in inspect.signature(estimator.fit).parameters or _routes():
        return estimator.fit(X, y, sample_weight=weights)
    steps = getattr(estimator, "steps", None)
    if steps and "sample_weight" in inspect.signature(steps[-1][1].fit).parameters:
        return estimator.fit(X, y, **{f"{steps[-1][0]}__sample_weight": weights})
    raise ValueError(f"sample_weight: fit() of {type(estimator).__name__} takes none; an estimator "
                     "that does would be right")


def _routes() -> bool:
    """Whether scikit-learn hands on metadata by request."""
    if not HAS_SCIKIT_LEARN:
        return False
    from sklearn import get_config

    return bool(get_config().get("enable_metadata_routing"))


def innermost(estimator: Any) -> Any:
    """What says the probabilities: the last step of a pipeline, the best of a search."""
    while True:
        if hasattr(estimator, "steps"):
            estimator = estimator.steps[-1][1]
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            return estimator


def trained_weights(estimator: Any, targets: Targets) -> np.ndarray | None:
    """Class weights (K) that the probabilities of a classifier fitted to these rows carry; None
    where there are none or they cannot be read.

    Not read: those of steelyard's own, which take them out themselves, and of scikit-learn's SVC,
    whose probabilities are fitted without them.
    """
    inner = innermost(estimator)
    if type(inner).__module__.startswith("steelyard.") or type(inner).__name__ in ("SVC", "NuSVC"):
        return None
    given = getattr(inner, "class_weight", None)
    if isinstance(given, Mapping):
        return np.array([float(given.get(label, 1.0)) for label in targets.classes.tolist()])
    if isinstance(given, str) and given.startswith("balanced"):
        return _balanced(targets, _counts_by_weight(inner))
    return None


def _balanced(targets: Targets, by_weight: bool) -> np.ndarray:
    known = targets.ids >= 0
    weights = targets.weights[known] if by_weight and targets.weights is not None else None
    counts = np.bincount(targets.ids[known], weights=weights, minlength=len(targets.classes))
    there = counts > 0
    balanced = np.ones(len(counts))
    balanced[there] = counts.sum() / (there.sum() * counts[there])
    return balanced


def _counts_by_weight(estimator: Any) -> bool:
    if type(estimator).__name__ not in _COUNT_BY_WEIGHT or not HAS_SCIKIT_LEARN:
        return False
    from sklearn.utils.class_weight import compute_class_weight

    return "sample_weight" in inspect.signature(compute_class_weight).parameters


def says_probabilities(estimator: Any) -> bool:
    """Whether a fitted estimator has predict_proba."""
    return hasattr(estimator, "predict_proba")


def log_probabilities(estimator: Any, X: Any, classes: np.ndarray) -> np.ndarray:
    """(n, K) natural logs of what a fitted classifier says of `classes`: of probabilities, or where
    it has none of the soft-max of its scores. A class it does not know has -inf."""
    with np.errstate(divide="ignore"):
        if hasattr(estimator, "predict_log_proba"):
            logs = np.asarray(estimator.predict_log_proba(X), np.float64)
        elif hasattr(estimator, "predict_proba"):
            logs = np.log(np.asarray(estimator.predict_proba(X), np.float64))
        elif hasattr(estimator, "decision_function"):
            logs = _of_scores(np.asarray(estimator.decision_function(X), np.float64))
        else:
            raise ValueError(f"{type(estimator).__name__} has neither predict_proba nor "
                             "decision_function: a classifier with one of them would be right")
    known = np.asarray(estimator.classes_)
    if logs.shape[1:] != known.shape:
        raise ValueError(f"{type(estimator).__name__} gives {logs.shape[1:]} numbers a row for "
                         f"{len(known)} classes: one for each class would be right")
    if len(known) == len(classes) and (known == classes).all():
        return logs
    spread = np.full((len(logs), len(classes)), -np.inf)
    places = {label: k for k, label in enumerate(classes.tolist())}
    for column, label in enumerate(known.tolist()):
        if label in places:
            spread[:, places[label]] = logs[:, column]
    return normalised(spread)


def _of_scores(scores: np.ndarray) -> np.ndarray:
    if scores.ndim == 1:
        scores = np.column_stack([np.zeros(len(scores)), scores])
    return normalised(scores)


def normalised(logits: np.ndarray) -> np.ndarray:
    """Logits (n, K) less the log of the sum of their exponentials."""
    top = logits.max(axis=1, keepdims=True)
    return logits - (top + np.log(np.exp(logits - top).sum(axis=1, keepdims=True)))


def take_rows(X: Any, rows: np.ndarray) -> Any:
    """Rows of an array, list, sparse matrix, DataFrame or mapping of columns."""
    if hasattr(X, "tocsr"):  # first, for some sparse matrices are mappings
        return X.tocsr()[rows]
    if hasattr(X, "iloc"):
        return X.iloc[rows]
    if isinstance(X, Mapping):
        return {name: np.asarray(column)[rows] for name, column in X.items()}
    if isinstance(X, (list, tuple)):
        return [X[row] for row in rows]
    if hasattr(X, "take") and hasattr(X, "column_names"):
        return X.take(rows)
    return (X if hasattr(X, "shape") else np.asarray(X))[rows]


def folds(cv: Any, X: Any, y: np.ndarray, ids: np.ndarray,
          seed: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(rows to fit on, unseen rows) of each fold.

    `cv`: a number of folds, by class and shuffled, among rows of ids >= 0; a splitter of
    scikit-learn; or an iterable of such pairs.
    """
    if isinstance(cv, (int, np.integer)) and not isinstance(cv, bool):
        yield from _by_class(int(cv), ids, seed)
        return
    pairs = cv.split(X, y) if hasattr(cv, "split") else cv
    for fitted, unseen in pairs:
        yield _rows_of(fitted), _rows_of(unseen)


def _rows_of(chosen: Any) -> np.ndarray:
    chosen = np.asarray(chosen)
    return np.flatnonzero(chosen) if chosen.dtype == bool else chosen


def _by_class(n_folds: int, ids: np.ndarray,
              seed: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if n_folds < 2:
        raise ValueError(f"cv={n_folds}: 2 folds or more would be right")
    random = seed if hasattr(seed, "permutation") else np.random.default_rng(seed)
    fold = np.full(len(ids), -1)
    placed = 0
    for k in range(ids.max() + 1):
        rows = random.permutation(np.flatnonzero(ids == k))
        fold[rows] = (placed + np.arange(len(rows))) % n_folds
        placed += len(rows)
    for number in range(n_folds):
        yield np.flatnonzero((fold >= 0) & (fold != number)), np.flatnonzero(fold == number)
