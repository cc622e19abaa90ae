"""Intake: what callers have, as NumPy arrays without a copy where that is possible; and results
back in the callers' own kind.

Nothing here imports another package: an object of pandas, polars, pyarrow, torch, TensorFlow or
JAX is known by its class, and its own package is loaded by then.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

_PACKAGES = ("torch", "tensorflow", "jax", "jaxlib", "pandas", "polars", "pyarrow", "scipy")
_families = {np.ndarray: "numpy", list: "list", tuple: "list"}


def family(obj: Any) -> str:
    """Package that an object comes from, of _PACKAGES; "numpy", "list", or "" for any other."""
    kind = type(obj)
    known = _families.get(kind)
    if known is None:
        known = _families[kind] = _family_of(kind)
    return known


def _family_of(kind):
    for base in kind.__mro__:
        root = base.__module__.partition(".")[0]
        if root in _PACKAGES:
            return "jax" if root == "jaxlib" else root
    if issubclass(kind, np.ndarray):
        return "numpy"
    return "list" if issubclass(kind, (list, tuple, range)) else ""


def to_numpy(obj: Any, name: str = "y") -> np.ndarray:
    """The numbers or texts of `obj` as a NumPy array, without a copy where that is possible.

    Parameters
    ----------
    obj : NumPy array, list, number, text, tensor of torch, TensorFlow or JAX, Series, DataFrame or
        array of pandas, polars or pyarrow, anything with `__dlpack__` or `__array__`.
    name : what messages call it.

    Returns
    -------
    Array of booleans, integers, float32 or float64 in the machine's byte order, of texts (fixed
    width, StringDType, or objects that are all `str`), or of dates. float16 and bfloat16 come as
    float32.

    Raises
    ------
    ValueError for sparse matrices, tensors that are not on the CPU, missing values (but NaN among
    floats), objects of several types: with the first position.
    """
    array = obj if type(obj) is np.ndarray else _READERS[family(obj)](obj, name)
    kind = array.dtype.kind
    if kind in "biu":
        return array if _is_plain(array) else _plain(array)
    if kind == "f":
        return _floats(array)
    return _others(array, name)


def _is_plain(array):
    if not array.dtype.isnative:
        return False
    size = array.itemsize
    for stride in array.strides:
        if stride % size:
            return False
    return True


def _plain(array):
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))


def _floats(array):
    if array.itemsize == 2:
        return array.astype(np.float32)
    if array.itemsize > 8:
        return array.astype(np.float64)
    return array if _is_plain(array) else _plain(array)


def _others(array, name):
    kind = array.dtype.kind
    if kind == "O":
        return _objects(array, name)
    if kind in "UT":
        return array
    if kind == "S":
        return _decoded(array, name)
    if kind == "M":
        return array
    if array.dtype.name in ("bfloat16", "float8_e4m3fn", "float8_e5m2"):
        return array.astype(np.float32)
    raise ValueError(f"{name}: values of type {array.dtype} cannot be read: numbers, booleans or "
                     "texts would be right")


def _decoded(array, name):
    try:
        return np.char.decode(array, "utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{name}: these bytes are no UTF-8 text ({error}): decode them "
                         "first") from None


# --- objects ---

_NUMBERS = (bool, int, float, np.bool_, np.integer, np.floating)


def _kind_of(value):
    """What an object is, in the words of messages."""
    if isinstance(value, str):
        return "text"
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return "missing"
    if isinstance(value, _NUMBERS):
        return "number"
    return "bytes" if isinstance(value, bytes) else "other"


def _objects(array, name):
    """An array of objects as numbers, or as it is where all are texts."""
    if array.ndim == 0 and not isinstance(array[()], (str, bytes, *_NUMBERS)):
        raise ValueError(f"{name}: an object of type {type(array[()]).__name__} cannot be read: an "
                         "array, a list, a Series or a tensor would be right")
    types = set(map(type, array.flat))
    if types == {str}:
        return array
    kinds = {_kind_of(value) for value in array.flat} if types else {"text"}
    if kinds == {"text"}:
        return array
    if kinds == {"number"}:
        return _numbers(array, name)
    if kinds == {"bytes"}:
        return _decoded(np.array(array.tolist(), dtype=bytes), name)
    raise _mixed(array, name)


def _numbers(array, name):
    numbers = np.array([np.asarray(value)[()] for value in array.flat])
    if numbers.dtype.kind not in "biuf":
        raise ValueError(f"{name}: there are integers that no 64 bits hold")
    return to_numpy(numbers.reshape(array.shape), name)


_SHOWN = {"text": "text", "number": "a number", "bytes": "bytes"}
_SHOWN_BEFORE = {"text": "texts", "number": "numbers", "bytes": "bytes"}


def place(array: np.ndarray, flat: int) -> int | tuple[int, ...]:
    """Position number `flat` (C order) as messages tell it: 3, or (3, 1)."""
    if array.ndim < 2:
        return flat
    return tuple(int(i) for i in np.unravel_index(flat, array.shape))


def _mixed(array, name):
    """The error for the first object that is not what the ones before it are."""
    first = None
    for flat, value in enumerate(array.flat):
        kind = _kind_of(value)
        missing = kind == "missing" or (first == "text" and value != value)
        if missing:
            return missing_error(name, place(array, flat))
        if kind == "other":
            return ValueError(f"{name}: position {place(array, flat)} is {_shown(value)} of type "
                              f"{type(value).__name__}: a number or a text would be right")
        if first is None:
            first = kind
        if kind != first:
            return _mixed_error(name, place(array, flat), value, kind, first)
    return ValueError(f"{name}: objects of several types cannot be read")


def _mixed_error(name, position, value, kind, first):
    return ValueError(f"{name}: position {position} is {_shown(value)} ({_SHOWN[kind]}), the ones "
                      f"before are {_SHOWN_BEFORE[first]}: all numbers or all texts would be right")


def _shown(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def missing_error(name: str, position: Any) -> ValueError:
    """The error for a missing value where none may be."""
    return ValueError(f"{name}: position {position} is missing: remove the row or give it a value")


# --- readers: one for each family ---

def _first_text(values):
    """Whether the first leaf of nested lists is a text."""
    while isinstance(values, (list, tuple)) and values:
        values = values[0]
    return isinstance(values, str)


def from_list(values: Any, name: str) -> np.ndarray:
    """An array of nested lists: objects where there are texts among them, or missing values."""
    try:
        if not _first_text(values):
            array = np.asarray(values)
            if array.dtype.kind not in "USO":
                return array
        return np.asarray(values, dtype=object)
    except ValueError:
        raise ValueError(f"{name}: the lists within this list are of different lengths, or no "
                         "array: equal lengths would be right") from None


def _from_any(obj, name):
    if hasattr(obj, "__dlpack_device__"):
        _refuse_device(obj, name)
        if not hasattr(obj, "__array__"):
            return np.from_dlpack(obj)
    if not hasattr(obj, "__array__") and hasattr(obj, "__arrow_c_stream__"):
        return _from_arrow(obj, name)
    return from_list(obj, name)


def _from_arrow(obj, name):
    from steelyard._arrow import read_array
    return read_array(obj, name)


def _from_numpy(array, name):
    if isinstance(array, np.ma.MaskedArray):
        masked = np.flatnonzero(np.ma.getmaskarray(array))
        if masked.size:
            raise missing_error(name, place(array, masked[0]))
    return np.asarray(array)


def _from_scipy(matrix, name):
    if hasattr(matrix, "toarray"):
        raise ValueError(f"{name}: a sparse matrix cannot be read: .toarray() would be right")
    return from_list(matrix, name)


_CPU, _PINNED = 1, 3  # numbers of devices in DLPack


def _refuse_device(obj, name):
    if obj.__dlpack_device__()[0] not in (_CPU, _PINNED):
        device = getattr(obj, "device", "another device")
        raise ValueError(f"{name}: this tensor is on {device}, not on the CPU: .cpu() would be "
                         "right")


def _from_torch(tensor, name):
    torch = sys.modules["torch"]
    if not isinstance(tensor, torch.Tensor):
        return from_list(tensor, name)
    if tensor.device.type != "cpu":
        raise ValueError(f"{name}: this tensor is on {tensor.device}, not on the CPU: .cpu() would "
                         "be right")
    if tensor.layout != torch.strided:
        raise ValueError(f"{name}: a sparse tensor cannot be read: .to_dense() would be right")
    tensor = tensor.detach()
    if tensor.dtype in (torch.bfloat16, torch.float16):
        tensor = tensor.float()
    return tensor.resolve_conj().resolve_neg().numpy()


def _from_tensorflow(tensor, name):
    if not hasattr(tensor, "numpy"):
        raise ValueError(f"{name}: a {type(tensor).__name__} has no values: a tensor outside of "
                         "graphs would be right")
    array = np.asarray(tensor.numpy())
    return array


def _from_jax(array, name):
    if hasattr(array, "__dlpack_device__"):
        _refuse_device(array, name)
    return np.asarray(array)


def _first(flags):
    return int(np.flatnonzero(np.asarray(flags))[0])


def _from_pandas(obj, name):
    if obj.ndim == 2 and hasattr(obj, "columns"):
        return _table(obj, name)
    if not isinstance(obj.dtype, np.dtype) or obj.dtype == object:
        missing = np.asarray(obj.isna())
        if missing.any():
            raise missing_error(name, _first(missing))
    if getattr(obj.dtype, "kind", "O") in "biuf" and not isinstance(obj.dtype, np.dtype):
        return obj.to_numpy(dtype=obj.dtype.numpy_dtype)
    return np.asarray(obj.to_numpy())


def _table(frame, name):
    """A DataFrame of pandas or polars as an array of two axes."""
    if family(frame) == "pandas":
        array = frame.to_numpy()
        if array.dtype.kind in "biuf":
            return array
        columns = [frame.iloc[:, j] for j in range(frame.shape[1])]
    else:
        columns = [frame[:, j] for j in range(frame.shape[1])]
    if not columns:
        return np.empty(frame.shape)
    read = [to_numpy(column, f"{name}, column {j}") for j, column in enumerate(columns)]
    texts = [array.dtype.kind in "OUT" for array in read]
    if any(texts) and not all(texts):
        j = texts.index(not texts[0])
        raise _mixed_error(name, (0, j), read[j][0], *(("text", "number") if texts[j] else
                                                       ("number", "text")))
    return np.stack(read, axis=1)


def _from_polars(obj, name):
    if hasattr(obj, "get_columns"):
        return _table(obj, name)
    if hasattr(obj, "collect"):
        raise ValueError(f"{name}: a LazyFrame has no values yet: .collect() would be right")
    if obj.null_count():
        raise missing_error(name, _first(obj.is_null()))
    return obj.to_numpy()


def _from_pyarrow(obj, name):
    if hasattr(obj, "column_names"):
        columns = [_from_pyarrow(column, name) for column in obj.columns]
        return np.stack(columns, axis=1)
    if hasattr(obj, "as_py"):
        return np.asarray(obj.as_py(), dtype=object)
    if obj.null_count:
        raise missing_error(name, _first(obj.is_null()))
    return obj.to_numpy() if hasattr(obj, "chunks") else obj.to_numpy(zero_copy_only=False)


_READERS = {"numpy": _from_numpy, "list": from_list, "torch": _from_torch, "": _from_any,
            "tensorflow": _from_tensorflow, "jax": _from_jax, "pandas": _from_pandas,
            "polars": _from_polars, "pyarrow": _from_pyarrow, "scipy": _from_scipy}


# --- results in the caller's kind ---

def like(result: np.ndarray, original: Any, shape_note: Any = None) -> Any:
    """A result in the kind of what it was made from.

    Parameters
    ----------
    result : NumPy array.
    original : what the caller gave. Lists and other kinds get the array as it is.
    shape_note : names of the columns where `result` has two axes and `original` is a table of
        other columns.

    Returns
    -------
    torch tensor (without a copy), TensorFlow or JAX array, pandas Series or DataFrame with the
    index of `original`, polars Series or DataFrame, pyarrow array, or the array itself.
    A tensor of floats gives its own type to a result of floats (bfloat16, say).
    """
    write = _WRITERS.get(family(original))
    return result if write is None else write(result, original, shape_note)


def _to_torch(result, original, shape_note):
    torch = sys.modules["torch"]
    if not isinstance(original, torch.Tensor):
        return result
    tensor = torch.from_numpy(np.ascontiguousarray(result))
    halves = (torch.bfloat16, torch.float16)
    return tensor.to(original.dtype) if original.dtype in halves and result.dtype.kind == "f" \
        else tensor


def _to_tensorflow(result, original, shape_note):
    tensorflow = sys.modules["tensorflow"]
    tensor = tensorflow.convert_to_tensor(result)
    halves = (tensorflow.bfloat16, tensorflow.float16)
    return tensorflow.cast(tensor, original.dtype) if original.dtype in halves \
        and result.dtype.kind == "f" else tensor


def _to_jax(result, original, shape_note):
    array = sys.modules["jax"].numpy.asarray(result)
    halved = result.dtype.kind == "f" and original.dtype.itemsize == 2 \
        and original.dtype.kind not in "biu"
    return array.astype(original.dtype) if halved else array


def _to_pandas(result, original, shape_note):
    pandas = sys.modules["pandas"]
    index = getattr(original, "index", None)
    if result.ndim not in (1, 2) or (index is not None and len(index) != len(result)):
        return result
    if result.ndim == 1:
        return pandas.Series(result, index=index)
    columns = shape_note
    if columns is None and getattr(original, "shape", None) == result.shape:
        columns = original.columns
    return pandas.DataFrame(result, index=index, columns=columns)


def _to_polars(result, original, shape_note):
    polars = sys.modules["polars"]
    if result.ndim == 1:
        return polars.Series(result)
    if result.ndim != 2:
        return result
    columns = shape_note
    if columns is None and getattr(original, "shape", None) == result.shape:
        columns = original.columns
    return polars.DataFrame(result, schema=None if columns is None else list(columns))


def _to_pyarrow(result, original, shape_note):
    pyarrow = sys.modules["pyarrow"]
    return pyarrow.array(result) if result.ndim == 1 else result


_WRITERS = {"torch": _to_torch, "tensorflow": _to_tensorflow, "jax": _to_jax,
            "pandas": _to_pandas, "polars": _to_polars, "pyarrow": _to_pyarrow}


# Last, for it stands on what is above.
from steelyard._columns import MISSING, Dates, TextColumn, to_columns  # noqa: E402, F401
