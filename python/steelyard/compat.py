"""scikit-learn's functions for class weights: same signatures, results and messages, no import of
scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np

from steelyard._core.labels import Counter, LabelArray, LabelOptions
from steelyard._core.texts import TextCoder, code_fixed, code_objects
from steelyard._core.weights import weigh_positions
from steelyard._types import ArrayLike

__all__ = ["compute_class_weight", "compute_sample_weight"]


def compute_class_weight(class_weight: dict[Any, Any] | str | None, *, classes: np.ndarray,
                         y: ArrayLike, sample_weight: ArrayLike = None) -> np.ndarray:
    """Weights of classes, as `sklearn.utils.class_weight.compute_class_weight` gives them.

    Parameters
    ----------
    class_weight : dict {label: weight}, "balanced" or None.
    classes : array (K), the labels that occur in y, in the order of the weights.
    y : labels (n): integers, floats, texts or objects.
    sample_weight : weights of the rows (n); only "balanced" looks at them.

    Returns
    -------
    array (K) of float64.

    Raises
    ------
    ValueError in scikit-learn's words.
    """
    _check_policy(class_weight, "compute_class_weight", (dict,))
    if not isinstance(classes, np.ndarray):
        raise _invalid("classes", "compute_class_weight", "an instance of 'numpy.ndarray'", classes)
    if sample_weight is not None:
        sample_weight = _array_like(sample_weight, "sample_weight", "compute_class_weight",
                                    "an array-like or None")
    column = _Distinct(_array_like(y, "y", "compute_class_weight"))
    present = set(column.values.tolist())
    if present - set(classes.tolist()):
        raise ValueError("classes should include all valid labels that can be in y")
    if class_weight is None or len(class_weight) == 0:
        return np.ones(classes.shape[0])
    if not isinstance(class_weight, dict):
        return _balanced(column, classes, sample_weight)
    return _by_label(class_weight, classes)


def compute_sample_weight(class_weight: dict[Any, Any] | list[dict[Any, Any]] | str | None,
                          y: ArrayLike, *, indices: ArrayLike = None) -> np.ndarray:
    """Weights of rows, as `sklearn.utils.class_weight.compute_sample_weight` gives them.

    Parameters
    ----------
    class_weight : dict {label: weight}, list of dicts (one for each column of y), "balanced" or
        None.
    y : labels (n), or (n, outputs) whose weights are multiplied; array or sparse matrix.
    indices : rows to count, perhaps repeated; labels that are in none of them weigh 0.

    Returns
    -------
    array (n) of float64.

    Raises
    ------
    ValueError in scikit-learn's words.
    """
    _check_policy(class_weight, "compute_sample_weight", (dict, list))
    columns = _columns(y)
    _check_outputs(class_weight, len(columns), indices)
    product = None
    for k, column in enumerate(columns):
        shared = len(columns) == 1 or isinstance(class_weight, str)
        weights = _column_weights(class_weight if shared else class_weight[k], column, indices)
        product = weights if product is None else product * weights
    return product


# --- what is refused ---

_KINDS = {dict: "an instance of 'dict'", list: "an instance of 'list'"}


def _invalid(argument, function, right, given):
    return ValueError(f"The '{argument}' parameter of {function} must be {right}. Got {given!r} "
                      "instead.")


def _check_policy(class_weight, function, kinds):
    if class_weight is None or isinstance(class_weight, kinds):
        return
    if not (isinstance(class_weight, str) and class_weight == "balanced"):
        right = ", ".join([_KINDS[kind] for kind in kinds] + ["a str among {'balanced'}"])
        raise _invalid("class_weight", function, f"{right} or None", class_weight)


def _array_like(given, argument, function, right="an array-like"):
    if isinstance(given, (str, bytes, dict)) or not any(
            hasattr(given, name) for name in ("__len__", "shape", "__array__")):
        raise _invalid(argument, function, right, given)
    return np.asarray(given)


def _check_outputs(class_weight, n_outputs, indices):
    if indices is not None and not isinstance(class_weight, str):
        raise ValueError("The only valid class_weight for subsampling is 'balanced'. "
                         f"Given {class_weight}.")
    if n_outputs <= 1:
        return
    if class_weight is None or isinstance(class_weight, dict):
        raise ValueError("For multi-output, class_weight should be a list of dicts, or the string "
                         "'balanced'.")
    if isinstance(class_weight, list) and len(class_weight) != n_outputs:
        raise ValueError("For multi-output, number of elements in class_weight should match "
                         f"number of outputs. Got {len(class_weight)} element(s) while having "
                         f"{n_outputs} outputs.")


# --- distinct labels ---

class _Distinct:
    """The sorted distinct labels of a column, their counts, and a weight for each row."""

    def __init__(self, y):
        self.y = y
        self.codes = self.counter = None
        if y.dtype.kind in "biu" and y.size and y.dtype.isnative:
            self._count()
        elif y.dtype.kind in "OU" and self._code():
            return
        else:
            self.values, self.codes = np.unique(y, return_inverse=True)
            self.codes = self.codes.reshape(-1)

    def _count(self):
        self.counter = Counter("index", LabelOptions())
        self.counter.add(LabelArray("index", np.atleast_1d(self.y)))
        self.counted = self.counter.counts()
        self.values = np.array([int(name) for name in self.counted.names]).astype(self.y.dtype)

    def _code(self):
        coder, codes = TextCoder(), np.empty(self.y.shape, np.uint32)
        texts = np.ascontiguousarray(self.y, dtype=self.y.dtype.newbyteorder("="))
        if texts.dtype.kind == "U":
            code_fixed(texts, codes, coder)
        elif not texts.size or code_objects(texts, codes, coder) >= 0:
            return False
        names = coder.names("utf-32" if texts.dtype.kind == "U" else "utf-8")
        order = sorted(range(len(names)), key=names.__getitem__)
        places = np.empty(len(names), np.int32)
        places[order] = np.arange(len(names))
        self.values = np.array([names[k] for k in order], dtype=self.y.dtype)
        self.codes = places[codes.reshape(-1)]
        return True

    def counts(self, sample_weight=None):
        """Rows of each label, or the sum of their weights; float64."""
        if self.codes is None and sample_weight is None:
            return np.array(self.counted.weights)
        if sample_weight is not None:
            sample_weight = _row_weights(sample_weight, self.y)
        return np.bincount(self._codes(), sample_weight, len(self.values)).astype(np.float64)

    def _codes(self):
        if self.codes is None:
            self.codes = np.searchsorted(self.values, self.y.reshape(-1))
        return self.codes

    def weights_of_rows(self, weights):
        """The weight of each row's label."""
        usable = np.isfinite(weights).all() and (weights >= 0).all()
        if self.codes is not None or not usable:
            return weights[self._codes()]
        made = np.empty(self.y.shape, np.float64)
        weigh_positions(self.counter, np.ascontiguousarray(weights), LabelArray("index", self.y),
                        made)
        return made


def _row_weights(sample_weight, y):
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.ndim != 1:
        raise ValueError(f"Sample weights must be 1D array or scalar, got {weights.ndim}D array. "
                         "Expected either a scalar value or a 1D array of length "
                         f"{len(y)}.")
    if np.isnan(weights).any():
        raise ValueError("Input sample_weight contains NaN.")
    if not np.isfinite(weights).all():
        raise ValueError("Input sample_weight contains infinity or a value too large for "
                         "dtype('float64').")
    if weights.shape != (len(y),):
        raise ValueError(f"sample_weight.shape == {weights.shape}, expected {(len(y),)}!")
    return weights


# --- weights ---

def _places(labels, among):
    """Where each of `labels` is in a sorted array that has them all."""
    return np.searchsorted(among, labels)


def _balanced(column, classes, sample_weight):
    y = column.y
    if y.ndim != 1 and not (y.ndim == 2 and y.shape[1] == 1):
        raise ValueError(f"y should be a 1d array, got an array of shape {y.shape} instead.")
    if set(classes.tolist()) - set(column.values.tolist()):
        raise ValueError("classes should have valid labels that are in y")
    counts = column.counts(sample_weight)
    weights = counts.sum() / (len(counts) * counts)
    return weights[_places(classes, column.values)]


def _by_label(class_weight, classes):
    weights = np.ones(len(classes))
    without = []
    for i, label in enumerate(classes):
        try:
            label = int(label)
        except ValueError:
            label = str(label)
        if label in class_weight:
            weights[i] = class_weight[label]
        else:
            without.append(label)
    if without and len(classes) - len(without) != len(class_weight):
        raise ValueError(f"The classes, {np.array(without).tolist()}, are not in class_weight")
    return weights


def _columns(y):
    """The columns of y, or the sparse columns that become arrays one at a time."""
    if hasattr(y, "tocsc") and hasattr(y, "toarray"):
        return [_SparseColumn(y, k) for k in range(y.shape[1])]
    y = _array_like(y, "y", "compute_sample_weight",
                    "an array-like or a sparse array or matrix")
    y = np.atleast_1d(y)
    if y.ndim == 1:
        return [y]
    return [y[:, k] for k in range(y.shape[1])]


class _SparseColumn:
    """One column of a sparse matrix, dense where it is looked at."""

    def __init__(self, matrix, k):
        self.matrix, self.k = matrix, k

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.matrix[:, [self.k]].toarray().reshape(-1), dtype)


def _column_weights(class_weight, column, indices):
    y = np.asarray(column)
    whole = _Distinct(y)
    if indices is not None:
        return whole.weights_of_rows(_of_subsample(class_weight, whole.values, y[indices]))
    if class_weight is None or len(class_weight) == 0:
        return np.ones(len(y))
    if isinstance(class_weight, dict):
        return whole.weights_of_rows(_by_label(class_weight, whole.values))
    counts = whole.counts()
    return whole.weights_of_rows(counts.sum() / (len(counts) * counts))


def _of_subsample(class_weight, values, subsample):
    """Weights of all labels by the counts of some rows; 0 for those that are in none of them."""
    part = _Distinct(np.asarray(subsample))
    counts = part.counts()
    weights = np.zeros(len(values))
    weights[_places(part.values, values)] = counts.sum() / (len(counts) * counts)
    return weights
