"""Labels of a classifier: which classes there are, sorted, and which one each row has."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from steelyard import _scores, arrays
from steelyard.estimators import _validation
from steelyard.estimators._base import DataConversionWarning

# Ids up to this many times the rows (and this many) apart are counted in a table, not sorted.
_TABLE_ROWS = 4
_TABLE_LEAST = 65536
# Up to this many texts are told apart by comparing all rows with each.
_FEW = 16


class Targets(NamedTuple):
    """Rows with a label and a weight."""

    labels: np.ndarray  # (n) as given
    classes: np.ndarray  # (K) sorted, those of rows of weight above 0
    ids: np.ndarray  # (n) int32, -1 = of no such class
    counts: np.ndarray  # (K) sums of the row weights
    weights: np.ndarray | None  # (n)


def read_targets(y: Any, sample_weight: Any, rows: int | None = None) -> Targets:
    """Labels and row weights, checked; `rows`: how many there should be."""
    labels = read_labels(y)
    if rows is not None:
        _validation.check_rows(rows, len(labels))
    weights = _validation.read_row_weights(sample_weight, len(labels))
    classes, ids = encode(labels)
    return Targets(labels, *keep_weighted(classes, ids, weights), weights)


def check_classes(classes: np.ndarray) -> None:
    """ValueError where there are fewer than two classes."""
    if len(classes) < 2:
        what = f"one class alone, {classes.tolist()[0]!r}" if len(classes) else "no class"
        raise ValueError(f"y holds {what}: two classes or more, in rows of weight above 0, would "
                         "be right")


def read_labels(y: Any) -> np.ndarray:
    """Labels as a 1-D array; a column is read as one, with scikit-learn's warning."""
    if y is None:
        raise ValueError("y: labels are missing (the estimator requires y to be passed, but the "
                         "target y is None)")
    if getattr(getattr(y, "dtype", None), "kind", "") == "c":
        raise ValueError("Complex data not supported\ny: integers, booleans or texts would be "
                         "right")
    labels = arrays.to_numpy(y, "y")
    if labels.ndim == 2 and labels.shape[1] == 1:
        warnings.warn("A column-vector y was passed when a 1d array was expected. Please change "
                      "the shape of y to (n_samples,), for example using ravel().",
                      DataConversionWarning, stacklevel=4)
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(f"y should be a 1d array, got an array of shape {labels.shape} instead: "
                         "one label a row would be right (of one-hot rows: y.argmax(axis=1))")
    return labels


def encode(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Classes (K), sorted, and the id of each row, int32.

    ValueError for what is no label: numbers that are not whole, missing values, dates.
    """
    kind = labels.dtype.kind
    if kind == "b":
        return _encode_numbers(labels.view(np.uint8), labels.dtype)
    if kind in "iu":
        return _encode_numbers(labels, labels.dtype)
    if kind == "f":
        return _encode_numbers(_whole(labels), labels.dtype)
    if kind in "OUT":
        return _encode_texts(labels)
    raise ValueError(f"Unknown label type: {labels.dtype}: integers, booleans or texts would be "
                     "right")


def _whole(labels: np.ndarray) -> np.ndarray:
    """Labels that came as floats, as the integers they are."""
    finite = np.isfinite(labels)
    if not finite.all():
        row = int(np.flatnonzero(~finite)[0])
        raise ValueError(f"y: position {row} is {labels[row]}: remove the row or give it a label")
    whole = labels.astype(np.int64)
    fractions = whole != labels
    if fractions.any():
        row = int(np.flatnonzero(fractions)[0])
        raise ValueError(f"Unknown label type: continuous. y: position {row} is {labels[row]}: "
                         "integers, booleans or texts would be right")
    return whole


def _encode_numbers(labels: np.ndarray, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Counts in a table where ids are near each other: no sort of millions of rows."""
    if not len(labels):
        return np.empty(0, dtype), np.empty(0, np.int32)
    least, most = int(labels.min()), int(labels.max())
    if most - least > max(_TABLE_LEAST, _TABLE_ROWS * len(labels)):
        classes, ids = np.unique(labels, return_inverse=True)
        return classes.astype(dtype), ids.astype(np.int32)
    wide = labels if labels.itemsize == 8 else labels.astype(np.int64)
    offsets = (wide - wide.dtype.type(least)).astype(np.int64, copy=False)
    there = np.bincount(offsets) > 0
    places = (np.cumsum(there) - 1).astype(np.int32)
    classes = np.array([least + place for place in np.flatnonzero(there).tolist()])
    return classes.astype(dtype), places[offsets]


def _encode_texts(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if labels.dtype.kind == "U":
        names = _scores.present_of(labels)
        if len(names) <= _FEW:
            return np.array(names, labels.dtype), _compared(labels, names)
    texts = labels.tolist()
    names = sorted(set(texts))
    places = {name: k for k, name in enumerate(names)}
    ids = np.fromiter(map(places.__getitem__, texts), np.int32, len(texts))
    return np.array(names, dtype=object if labels.dtype.kind == "O" else labels.dtype), ids


def _compared(labels: np.ndarray, names: list[str]) -> np.ndarray:
    """Ids by a pass over the rows for each class but the first."""
    ids = np.zeros(len(labels), np.int32)
    for k in range(1, len(names)):
        ids[labels == names[k]] = k
    return ids


def keep_weighted(classes: np.ndarray, ids: np.ndarray,
                  weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Classes that have weight, ids among them (-1 = a row of weight 0 of another class), and the
    sum of the row weights of each: a row of weight 0 is absent, a class of such rows alone too."""
    counts = np.bincount(ids, weights=weights, minlength=len(classes)).astype(np.float64)
    there = counts > 0
    if there.all():
        return classes, ids, counts
    places = np.where(there, np.cumsum(there) - 1, -1).astype(np.int32)
    return classes[there], places[ids], counts[there]
