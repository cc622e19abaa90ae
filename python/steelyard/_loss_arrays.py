"""Arrays of a batch as the library takes them, and arrays for what it writes."""

from __future__ import annotations

import numpy as np

from steelyard.arrays import to_numpy


def logits_of(logits) -> np.ndarray:
    """Logits as float32 or float64; integers become float64."""
    array = logits if type(logits) is np.ndarray else to_numpy(logits, "logits")
    if array.dtype.kind == "f":
        return to_numpy(array, "logits")
    if array.dtype.kind in "iu":
        return array.astype(np.float64)
    raise ValueError(f"logits: values of type {array.dtype}; float32 or float64 would be right")


def labels_of(labels) -> np.ndarray:
    array = to_numpy(labels, "labels")
    if array.dtype.kind not in "biuf":
        raise ValueError("labels: texts; a loss takes class ids 0, 1, .. (class_weights and Counts "
                         "take names)")
    return array


def weights_of(weights, what: str) -> np.ndarray | None:
    """Weights or costs as float32 or float64."""
    if weights is None:
        return None
    array = to_numpy(weights, what)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def mask_of(mask) -> np.ndarray | None:
    return None if mask is None else to_numpy(mask, "mask")


# --- what is written ---

def derivative_like(logits: np.ndarray) -> np.ndarray | None:
    """Room of the type, shape and strides of the logits; None where that would waste memory or
    where logits share theirs, so that they have to be copied first."""
    made = np.empty_like(logits)
    if made.strides == logits.strides or _even(made, logits):
        return made
    reach = [(length - 1) * stride for length, stride in zip(logits.shape, logits.strides)]
    below = -sum(step for step in reach if step < 0)
    extent = below + sum(step for step in reach if step > 0) + logits.itemsize
    if not logits.size or extent > 2 * logits.nbytes or _shares_memory(logits):
        return None
    room = np.empty(extent // logits.itemsize, logits.dtype)
    return np.ndarray(logits.shape, logits.dtype, room, below, logits.strides)


def _even(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether strides are the same where they matter."""
    return all(length == 1 or a == b
               for length, a, b in zip(one.shape, one.strides, other.strides))


def _shares_memory(array: np.ndarray) -> bool:
    """Whether elements of an array may lie in one place."""
    reach = array.itemsize
    for stride, length in sorted((abs(stride), length) for stride, length in
                                 zip(array.strides, array.shape) if length > 1):
        if stride < reach:
            return True
        reach += stride * (length - 1)
    return False


# --- labels one by one ---

def positions_shape(shape: tuple, axis: int) -> tuple:
    return shape[:axis] + shape[axis + 1:]


def per_cell(values: np.ndarray | None, shape: tuple, axis: int) -> np.ndarray | None:
    """Numbers of rows or positions as those of cells (positions with each label), a view."""
    if values is None:
        return None
    positions = positions_shape(shape, axis)
    if values.ndim == 1 and len(positions) > 1:
        values = values.reshape(values.shape + (1,) * (len(positions) - 1))
    try:
        return np.broadcast_to(np.expand_dims(np.broadcast_to(values, positions), axis), shape)
    except ValueError:
        return values  # the library says what is wrong with it


def one_label(array: np.ndarray | None, axis: int, label: int) -> np.ndarray | None:
    """A label's part of an array, a view with an axis of length 1."""
    return None if array is None else array[(slice(None),) * axis + (slice(label, label + 1),)]
