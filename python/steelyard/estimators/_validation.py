"""What fit and predict are given: features, row weights, and what a fit remembers of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from steelyard import arrays


class Features(NamedTuple):
    """Features as the library reads them."""

    data: Any  # array (rows, columns), or a table
    names: list[str] | None  # of an array's columns; None = x0, x1, ..
    rows: int


def read_features(estimator: Any, X: Any, *, reset: bool) -> Features:
    """Features of any kind, checked.

    X is a table (DataFrame, Arrow stream, mapping of columns) or an array of two axes. With `reset`
    the estimator remembers number and names of the columns; without, X has to agree with them.
    ValueError for other shapes, complex numbers, no rows or columns; TypeError for sparse matrices
    and objects that are neither numbers nor texts.
    """
    if hasattr(X, "toarray") and hasattr(X, "nnz"):
        raise TypeError("Sparse data was passed, but dense data is required. Use '.toarray()' to "
                        "convert to a dense array.")
    names = column_names(X)
    data = _matrix(X) if names is None else X
    rows, columns = _shape(data, names)
    for count, what in (rows, "sample"), (columns, "feature"):
        if count == 0:
            raise ValueError(f"Found array with 0 {what}(s) (shape=({rows}, {columns})) while a "
                             "minimum of 1 is required.")
    texts = _text_names(names)
    if reset:
        _remember(estimator, texts, columns)
    else:
        _compare(estimator, texts, columns)
    return _named(data, names, getattr(estimator, "feature_names_in_", None), rows, columns)


def _named(data: Any, names: list | None, fitted: np.ndarray | None, rows: int,
           columns: int) -> Features:
    """The data with the names that the model knows its columns by."""
    if names is None and data.dtype.kind != "O":
        return Features(data, None if fitted is None else fitted.tolist(), rows)
    known = [f"x{j}" for j in range(columns)] if fitted is None else fitted.tolist()
    if names is None:
        return Features({name: data[:, j] for j, name in enumerate(known)}, None, rows)
    if names == known:
        return Features(data, None, rows)
    if isinstance(data, Mapping):
        return Features(dict(zip(known, data.values())), None, rows)
    if hasattr(data, "set_axis"):
        return Features(data.set_axis(known, axis=1), None, rows)
    table = arrays.to_columns(data)[0]
    return Features({name: column for name, (_, column) in zip(known, table)}, None, rows)


def column_names(X: Any) -> list | None:
    """Names of a table's columns, of any type; None where X is no table."""
    if isinstance(X, np.ndarray):
        return None
    if isinstance(X, Mapping):
        return list(X)
    if hasattr(X, "columns") and hasattr(X, "dtypes"):
        return list(X.columns)
    if hasattr(X, "column_names"):
        return list(X.column_names)
    if hasattr(X, "__arrow_c_stream__") and not hasattr(X, "__array__"):
        return [name for name, _ in arrays.to_columns(X)[0]]
    return None


def _text_names(names: list | None) -> list[str] | None:
    """Names that count as such, as in scikit-learn: all of them texts."""
    if names is None or not names:
        return None
    texts = [isinstance(name, str) for name in names]
    if all(texts):
        return names
    if any(texts):
        raise TypeError("Feature names are only supported if all input features have string names, "
                        f"but your input has {sorted({type(name).__name__ for name in names})} as "
                        "feature name / column name types. Convert them all to strings or none.")
    return None


def _matrix(X: Any) -> Any:
    """An array of two axes, of numbers or of objects."""
    if isinstance(X, np.ndarray):
        array = X
    else:
        array = np.asarray(X) if hasattr(X, "__array__") or isinstance(X, (list, tuple)) \
            else arrays.to_numpy(X, "X")
    if array.dtype.kind == "c":
        raise ValueError("Complex data not supported\nX: real numbers would be right")
    if array.ndim != 2:
        raise ValueError(f"Expected 2D array, got {array.ndim}D array instead: shape {array.shape}."
                         "\nReshape your data either using array.reshape(-1, 1) if your data has a "
                         "single feature or array.reshape(1, -1) if it contains a single sample.")
    if array.dtype.kind in "OSUT":
        return _from_objects(array)
    return arrays.to_numpy(array, "X")


def _from_objects(array: np.ndarray) -> np.ndarray:
    """Numbers, where all objects are some; else, with texts among them, the objects."""
    if array.dtype.kind != "O":
        return arrays.to_numpy(array, "X").astype(object)
    texts = str in set(map(type, array.flat))
    return array if texts else array.astype(np.float64)


def _shape(data: Any, names: list | None) -> tuple[int, int]:
    if isinstance(data, np.ndarray):
        return data.shape
    if isinstance(data, Mapping):
        first = next(iter(data.values()), ())
        return len(first) if hasattr(first, "__len__") else len(np.asarray(first)), len(data)
    if hasattr(data, "shape"):
        return data.shape[0], data.shape[1]
    return arrays.to_columns(data)[1], len(names)


def _remember(estimator: Any, names: list[str] | None, columns: int) -> None:
    estimator.n_features_in_ = columns
    if names is not None:
        estimator.feature_names_in_ = np.array(names, dtype=object)
    elif hasattr(estimator, "feature_names_in_"):
        del estimator.feature_names_in_


def _compare(estimator: Any, names: list[str] | None, columns: int) -> None:
    fitted = getattr(estimator, "feature_names_in_", None)
    name = type(estimator).__name__
    if fitted is None and names is not None:
        warnings.warn(f"X has feature names, but {name} was fitted without feature names",
                      stacklevel=4)
    elif fitted is not None and names is None:
        warnings.warn(f"X does not have valid feature names, but {name} was fitted with feature "
                      "names", stacklevel=4)
    elif fitted is not None and names != fitted.tolist():
        raise ValueError(_names_differ(fitted.tolist(), names))
    if columns != estimator.n_features_in_:
        raise ValueError(f"X has {columns} features, but {name} is expecting "
                         f"{estimator.n_features_in_} features as input")


def _names_differ(fitted: list[str], names: list[str]) -> str:
    """What scikit-learn says of columns that are others than in fit()."""
    unseen = sorted(set(names) - set(fitted))
    missing = sorted(set(fitted) - set(names))
    text = "The feature names should match those that were passed during fit.\n"
    if unseen:
        text += "Feature names unseen at fit time:\n" + _listed(unseen)
    if missing:
        text += "Feature names seen at fit time, yet now missing:\n" + _listed(missing)
    if not unseen and not missing:
        text += "Feature names must be in the same order as they were in fit.\n"
    return text


def _listed(names: list[str], most: int = 5) -> str:
    more = "- ...\n" if len(names) > most else ""
    return "".join(f"- {name}\n" for name in names[:most]) + more


def read_row_weights(sample_weight: Any, rows: int) -> np.ndarray | None:
    """Row weights (rows) as float64, checked; None stays None.

    ValueError for another shape, for a weight that is negative or not finite (with its position),
    and where all are zero.
    """
    if sample_weight is None:
        return None
    weights = np.asarray(arrays.to_numpy(sample_weight, "sample_weight"), dtype=np.float64)
    if weights.ndim == 0:
        weights = np.full(rows, weights)
    if weights.shape != (rows,):
        raise ValueError(f"sample_weight: shape {weights.shape}: one weight for each of the {rows} "
                         "rows would be right")
    if not (weights.min() >= 0 and weights.max() < np.inf):
        row = int(np.flatnonzero(~((weights >= 0) & (weights < np.inf)))[0])
        raise ValueError(f"sample_weight: position {row} is {weights[row]}: weights >= 0 and "
                         "finite would be right")
    if not weights.any():
        raise ValueError("sample_weight: all weights are zero. Sample weights must contain at "
                         "least one non-zero number.")
    return weights


def check_rows(rows: int, labels: int) -> None:
    """ValueError where features and labels have different numbers of rows."""
    if rows != labels:
        raise ValueError(f"X has {rows} rows, y has {labels} labels: one label for each row would "
                         f"be right (inconsistent numbers of samples: [{rows}, {labels}])")
