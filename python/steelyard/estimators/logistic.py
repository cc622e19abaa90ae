"""Logistic regression with class weights and costs, as a classifier in scikit-learn's manner."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from steelyard import _classes, models
from steelyard._core.fits import fit_logistic
from steelyard._types import ClassWeight
from steelyard.estimators._base import ConvergenceWarning
from steelyard.estimators._model import ModelClassifier, Rows
from steelyard.estimators._settings import read_texts


class LogisticClassifier(ModelClassifier):
    """Weighted logistic regression, to the optimum, with true probabilities and priced decisions.

    Minimises (1 / sum w) sum w_i l_i + (l2 / 2) |coefficients|^2 with l the cross-entropy and
    w_i = class weight x row weight. Two classes have one vector of coefficients, K >= 3 one each.
    Class weights move decisions, as people expect of them, and not probabilities: `predict_proba`
    has them taken out again. With `cost` the given costs decide, and class weights no longer do.

    Parameters
    ----------
    class_weight : None, str, dict or array (K), default None
        What a class weighs in the objective. A policy ("balanced", "sqrt", "effective:0.999", ...),
        weights by label ({label: weight}), or by position in `classes_`.
    cost : None, str, dict or array (K, K), default None
        What mistakes cost, row = actual class, column = predicted class: a matrix in the order of
        `classes_`, {(actual, predicted): cost}, or "actual:predicted=cost, ..". None: class weights
        imply the costs, C[k][j] = w_k.
    pos_label : label, default None
        Two classes: the one that `model_` and reports call positive. None: `classes_[1]`. The sign
        of `decision_function` is that of `classes_[1]` whatever is positive.
    l2 : float, default None
        Penalty on the coefficients of standardised numbers. None: 1 / (sum of row weights), which
        is scikit-learn's C = 1.
    normalize : None or str, default None
        Scales class weights: "sum", "classes", "rows", "min" or "max". It changes no prediction.
    tol : float, default 1e-8
        The fit has converged when the 2-norm of the gradient is at most this.
    max_iter : int, default 1000
        Most steps. Stopping there is a ConvergenceWarning.
    warm_start : bool, default False
        Whether a fit begins at the parameters of the last one (of the same columns and classes).
    min_count, max_categories : int, default 1 and 64
        Texts: rows a value needs for a column of its own, and the most columns of one text.

    Attributes
    ----------
    classes_ : array (K), sorted; those of rows of weight above 0.
    coef_, intercept_ : arrays (1, n_features), (1,) for two classes, else (K, n_features), (K,)
        The weighted model's logits in raw units: X @ coef_.T + intercept_ is, of two classes,
        log p_w(classes_[1]) - log p_w(classes_[0]), else log p_w(k) + a constant a row, where p_w
        are the probabilities before class weights are taken out. Without `cost` this is
        `decision_function`. A constant column has 0. Where X has texts, dates or missing values
        they are (.., encoded columns), of standardised numbers, and `coef_names_` names those.
    coef_names_ : list of str, names of the columns of `coef_`.
    class_weight_ : dict {label: weight}
    cost_ : array (K, K), the costs that decide.
    n_features_in_, feature_names_in_ : number and names of the columns of X.
    n_iter_ : int, objective_, gradient_norm_ : float, converged_ : bool
    messages_ : list of str, what the fit noticed about X.
    model_ : steelyard.Model, to save, evaluate and decide with.
    """

    def __init__(self, class_weight: ClassWeight = None, cost: Any = None, *, pos_label: Any = None,
                 l2: float | None = None, normalize: str | None = None, tol: float = 1e-8,
                 max_iter: int = 1000, warm_start: bool = False, min_count: int = 1,
                 max_categories: int = 64):
        self.class_weight = class_weight
        self.cost = cost
        self.pos_label = pos_label
        self.l2 = l2
        self.normalize = normalize
        self.tol = tol
        self.max_iter = max_iter
        self.warm_start = warm_start
        self.min_count = min_count
        self.max_categories = max_categories

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> LogisticClassifier:
        """Fits to rows X (n, n_features), labels y (n), row weights (n): k = k copies, 0 = absent.

        X is an array, a DataFrame of pandas or polars, a mapping of columns or anything with
        `__arrow_c_stream__`; texts are one-hot encoded, missing and infinite numbers are filled
        and marked. ValueError where rows do not agree, y holds fewer than two classes or numbers
        that are not whole, or weights and costs make no sense.
        """
        rows = self._read(X, y, sample_weight)
        targets = rows.targets
        core, info = fit_logistic(
            rows.frame, targets.ids, len(targets.classes),
            _classes.texts_of(targets.classes.tolist()), rows.class_weights, targets.weights,
            self._penalty(targets.counts), self.tol, self.max_iter, self._start(),
            *read_texts(self.min_count, self.max_categories), rows.cost, rows.positive)
        self._keep(core, info, rows)
        return self

    def _penalty(self, counts: np.ndarray) -> float:
        if self.l2 is None:
            return 1 / counts.sum()
        if not 0 <= self.l2 < np.inf:
            raise ValueError(f"l2: {self.l2!r}: a number >= 0, or None for 1 / (sum of row "
                             "weights), would be right")
        return float(self.l2)

    def _start(self) -> Any:
        model = getattr(self, "model_", None) if self.warm_start else None
        return None if model is None else model._core

    def _keep(self, core: Any, info: dict, rows: Rows) -> None:
        self._keep_model(models.model_of(core, rows.targets.classes), rows)
        self.coef_, self.intercept_, self.coef_names_ = _coefficients(
            core, self.n_features_in_, getattr(self, "feature_names_in_", None))
        self.n_iter_ = max(1, info["iterations"])
        self.objective_ = info["objective"]
        self.gradient_norm_ = info["gradient_norm"]
        self.converged_ = info["converged"]
        self.messages_ = info["messages"]
        if not self.converged_:
            warnings.warn(f"the fit did not converge within max_iter={self.max_iter}: its gradient "
                          f"is {self.gradient_norm_:.3g} where tol={self.tol:.3g}; more iterations "
                          "would be right", ConvergenceWarning, stacklevel=3)


def _coefficients(core: Any, n_features: int,
                  names: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Coefficients, intercepts and the names of their columns, in raw units where all columns are
    numbers without missing values."""
    coefficients, intercepts, outputs = core.coefficients(), core.intercepts(), core.outputs
    if not _all_numbers(core):
        return coefficients, intercepts, outputs
    shift, scale = core.scales()
    raw = coefficients / scale
    names = [f"x{j}" for j in range(n_features)] if names is None else names.tolist()
    places = {name: j for j, name in enumerate(names)}
    spread = np.zeros((len(coefficients), n_features))
    spread[:, [places[name] for name in outputs]] = raw
    return spread, intercepts - raw @ shift, names


def _all_numbers(core: Any) -> bool:
    """Whether each encoded column is a raw number that was never missing."""
    kinds = {kind for _, kind in core.inputs}
    return kinds <= {"number", "boolean"} and core.outputs == [name for name, _ in core.inputs]
