"""Columns of tables: DataFrames, Arrow tables and mappings as named numbers, texts and dates."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from steelyard import arrays
from steelyard._core.texts import TextCoder, code_objects

MISSING = 0xFFFFFFFF  # code of a missing text, SY_MISSING


@dataclass(frozen=True)
class TextColumn:
    """Texts: `codes` (n) uint32 into `names`, MISSING where there is none."""

    codes: np.ndarray
    names: list


@dataclass(frozen=True)
class Dates:
    """Dates and times: `days` (n) float64 since 1970-01-01, NaN where there is none."""

    days: np.ndarray


def to_columns(X):
    """The columns of `X`, and how many rows they have.

    Parameters
    ----------
    X : array of two axes (its columns are x0, x1, ...), DataFrame of pandas or polars, mapping of
        names to columns, or anything with `__arrow_c_stream__`.

    Returns
    -------
    list of (name, values), number of rows. Values are an array (n) of booleans, integers, float32
    or float64 (missing numbers are NaN), a TextColumn or Dates.

    Raises
    ------
    ValueError for columns of different lengths, of types that cannot be read (named), names given
    twice, X of another shape.
    """
    columns = [(name, column_of(values, name)) for name, values in _named(X)]
    _check_names([name for name, _ in columns])
    return columns, _rows(X, columns)


def _named(X):
    package = arrays.family(X)
    if package == "pandas" and X.ndim == 2:
        return [(str(name), X.iloc[:, j]) for j, name in enumerate(X.columns)]
    if package == "polars" and hasattr(X, "get_columns"):
        return [(series.name, series) for series in X.get_columns()]
    if isinstance(X, Mapping):
        return [(str(name), values) for name, values in X.items()]
    if package != "polars" and hasattr(X, "__arrow_c_stream__"):
        from steelyard._arrow import read_columns
        return read_columns(X)
    matrix = arrays.to_numpy(X, "X")
    if matrix.ndim != 2:
        raise ValueError(f"X has shape {matrix.shape}: rows and columns, two axes, would be right")
    return [(f"x{j}", matrix[:, j]) for j in range(matrix.shape[1])]


def _check_names(names):
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"X: there are {names.count(name)} columns called '{name}': names "
                             "that differ would be right")


def _length(values):
    if isinstance(values, TextColumn):
        return len(values.codes)
    return len(values.days if isinstance(values, Dates) else values)


def _rows(X, columns):
    if not columns:
        return len(X) if hasattr(X, "__len__") and not isinstance(X, Mapping) else 0
    rows = _length(columns[0][1])
    for name, values in columns:
        if _length(values) != rows:
            raise ValueError(f"X: column '{name}' has {_length(values)} rows, column "
                             f"'{columns[0][0]}' has {rows}: equal lengths would be right")
    return rows


def column_of(values, name):
    """One column: an array of numbers, a TextColumn or Dates."""
    if isinstance(values, (TextColumn, Dates)):
        return values
    package = arrays.family(values)
    if package == "pandas":
        return _from_pandas(values, name)
    if package in ("polars", "pyarrow") or (not package and hasattr(values, "__arrow_c_stream__")):
        from steelyard._arrow import read_column
        return read_column(values, name)
    array = np.asarray(values, dtype=object) if package == "list" else values
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "OUTM":
        array = arrays.to_numpy(array, f"column '{name}'")
    if array.ndim != 1:
        raise ValueError(f"column '{name}' has shape {array.shape}: one axis would be right")
    return _from_array(array, name)


def _from_array(array, name):
    kind = array.dtype.kind
    if kind == "M":
        return Dates(_days(array))
    if kind in "UT":
        return _from_objects(array.astype(object), name)
    return _from_objects(array, name) if kind == "O" else array


def _days(array):
    """Days since 1970-01-01 of datetime64 of any unit, NaN for NaT."""
    unit, count = np.datetime_data(array.dtype)
    if unit in ("Y", "M", "W", "generic"):
        array, unit, count = array.astype("M8[D]"), "D", 1
    a_day = np.timedelta64(1, "D") / np.timedelta64(count, unit)
    days = array.view(np.int64) / a_day if array.dtype.isnative else _days(array.astype("M8[us]"))
    days[np.isnat(array)] = np.nan
    return days


def _is_missing(value):
    return value is None or type(value).__name__ in ("NAType", "NaTType") or value != value


def _from_objects(array, name):
    """Objects that are all texts, all numbers or all dates but for missing ones."""
    texts = _coded(array)
    if texts is not None:
        return texts
    missing = np.fromiter(map(_is_missing, array), bool, len(array))
    present = array[~missing]
    if present.size and hasattr(present[0], "toordinal"):
        return Dates(_days(np.array([np.datetime64("NaT") if gone else value
                                     for value, gone in zip(array, missing)], dtype="M8[us]")))
    whole = arrays.to_numpy(present, f"column '{name}'") if present.size else np.empty(0)
    if not missing.any():
        return whole
    numbers = np.full(len(array), np.nan)
    numbers[~missing] = whole.astype(np.float64)
    return numbers


def _coded(array):
    """Objects as a TextColumn where all that are not missing are texts, and some are."""
    coder = TextCoder()
    codes = np.empty(len(array), np.uint32)
    if code_objects(np.ascontiguousarray(array), codes, coder, _is_missing) >= 0 or not coder.n:
        return None
    return TextColumn(codes, coder.names())


def _from_pandas(values, name):
    if values.ndim != 1:
        raise ValueError(f"column '{name}' has shape {values.shape}: one axis would be right")
    dtype = values.dtype
    if hasattr(values, "cat") or type(dtype).__name__ == "CategoricalDtype":
        return _from_category(getattr(values, "cat", values))
    if isinstance(dtype, np.dtype):
        return _from_array(arrays._plain(values.to_numpy()) if dtype.kind in "biuf"
                           and not arrays._is_plain(values.to_numpy())
                           else _halves(values.to_numpy()), name)
    if dtype.kind in "biuf":
        return _nullable(values)
    if dtype.kind == "M":
        aware = getattr(values, "dt", values)
        return _from_array(np.asarray(aware.tz_convert("UTC").to_numpy(dtype="M8[ns]")
                                      if getattr(dtype, "tz", None) is not None
                                      else values.to_numpy(dtype="M8[ns]")), name)
    return _from_objects(values.to_numpy(dtype=object), name)


def _halves(array):
    return arrays.to_numpy(array) if array.dtype.kind == "f" else array


def _nullable(values):
    """Numbers of pandas' own types or Arrow's; missing ones become NaN."""
    if not values.isna().any():
        kind = getattr(values.dtype, "numpy_dtype", np.dtype(np.float64))
        return arrays.to_numpy(values.to_numpy(dtype=kind))
    kind = np.float32 if values.dtype.kind == "f" and values.dtype.itemsize == 4 else np.float64
    return values.to_numpy(dtype=kind, na_value=np.nan)


def _from_category(category):
    codes = np.asarray(category.codes).astype(np.int64)
    codes[codes < 0] = MISSING
    return TextColumn(codes.astype(np.uint32), [str(name) for name in category.categories])
