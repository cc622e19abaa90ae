"""What users give a loss (weights, counts, costs by class, in any form), as float64 arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from steelyard.arrays import to_numpy

ABSENT, PRESENT = 0, 1


def numbers(values, what: str) -> np.ndarray:
    """Numbers as contiguous float64."""
    array = to_numpy(values, what)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{what}: texts; numbers would be right")
    return np.ascontiguousarray(array, dtype=np.float64)


def by_class(values, n_classes: int, what: str) -> np.ndarray | None:
    """One number for each class, of an array, a dict by class id, or None.

    A dict may have a "default" for ids that it does not name.
    """
    if values is None:
        return None
    values = plain(values)
    if isinstance(values, Mapping):
        return np.array(from_ids(values, n_classes, what), dtype=np.float64)
    array = numbers(values, what)
    if array.shape != (n_classes,):
        raise ValueError(f"{what}: shape {array.shape} for {n_classes} classes; one number for "
                         f"each, ({n_classes},), would be right")
    return array


def plain(values):
    """What Counts and ClassWeights hold, in the order of the classes; others as they are."""
    if hasattr(values, "counts") and hasattr(values, "classes"):
        return list(values.counts.values())
    return list(values.values()) if is_by_position(values) else values


def is_by_position(values) -> bool:
    """Whether a dict is one of ours, in the order of the classes whatever they are called."""
    return isinstance(values, Mapping) and hasattr(values, "classes") and hasattr(values, "array")


def from_ids(values: Mapping, n_classes: int, what: str) -> list:
    """Entries of a dict by class id, in the order of the ids."""
    named = {_id_of(key, n_classes, what): value for key, value in values.items()
             if key != "default"}
    missing = [k for k in range(n_classes) if k not in named]
    if missing and "default" not in values:
        raise ValueError(f"{what}: nothing for class {missing[0]}; name all of 0..{n_classes - 1}, "
                         "or give a \"default\"")
    return [named.get(k, values.get("default")) for k in range(n_classes)]


def _id_of(key, n_classes: int, what: str) -> int:
    number = key if isinstance(key, (int, float, np.number)) else None
    if number is None or number != int(number) or not 0 <= number < n_classes:
        raise ValueError(f"{what}: {key!r} is no class id; 0..{n_classes - 1} would be right")
    return int(number)


def softmax_weights(class_weight, n_classes: int, counts) -> np.ndarray | None:
    """(K) class weights of any form; a policy goes by the counts."""
    if isinstance(class_weight, str):
        return _policy(class_weight, n_classes, counts)
    return by_class(class_weight, n_classes, "class_weight")


def _policy(policy: str, n_classes: int, counts) -> np.ndarray:
    if counts is None:
        raise ValueError(f"class_weight: the policy {policy!r} goes by the rows of each class: "
                         "give counts=, or the weights themselves")
    from steelyard.weights import class_weights
    rows = by_class(counts, n_classes, "counts")
    weights = class_weights(policy=policy, counts=dict(enumerate(rows.tolist())))
    return np.array([float(weights[k]) for k in range(n_classes)])


def sigmoid_weights(class_weight, positive_weight, n_labels: int, counts) -> np.ndarray | None:
    """(L, 2) weights of absence and presence of each label."""
    if class_weight is not None and positive_weight is not None:
        raise ValueError("class_weight and positive_weight are both given: one of them would be "
                         "right")
    if positive_weight is not None:
        return _positive(positive_weight, n_labels)
    if class_weight is None:
        return None
    if n_labels == 1 and _is_of_two(class_weight):
        return softmax_weights(class_weight, 2, counts).reshape(1, 2)
    return _pairs(class_weight, n_labels)


def _is_of_two(class_weight) -> bool:
    """Whether weights are those of the classes 0 and 1 of one label."""
    class_weight = plain(class_weight)
    if isinstance(class_weight, str):
        return True
    if isinstance(class_weight, Mapping):
        return not any(np.ndim(value) for value in class_weight.values())
    return np.ndim(class_weight) == 1


def _positive(positive_weight, n_labels: int) -> np.ndarray:
    weights = np.ones((n_labels, 2))
    if isinstance(positive_weight, Mapping):
        positive_weight = from_ids(positive_weight, n_labels, "positive_weight")
    given = numbers(positive_weight, "positive_weight")
    if given.shape not in ((), (1,), (n_labels,)):
        raise ValueError(f"positive_weight: shape {given.shape} for {n_labels} labels; one number, "
                         f"or one for each label, ({n_labels},), would be right")
    weights[:, PRESENT] = given
    return weights


def _pairs(class_weight, n_labels: int) -> np.ndarray:
    class_weight = plain(class_weight)
    if isinstance(class_weight, str):
        raise ValueError(f"class_weight: the policy {class_weight!r} of {n_labels} labels: "
                         "class_weights(y, policy, kind=\"multi-hot\") makes weights of it")
    if isinstance(class_weight, Mapping):
        class_weight = from_ids(class_weight, n_labels, "class_weight")
        class_weight = [pair if np.ndim(pair) else (1, pair) for pair in class_weight]
    array = numbers(class_weight, "class_weight")
    if array.shape != (n_labels, 2):
        raise ValueError(f"class_weight: shape {array.shape} for {n_labels} labels; the weights of "
                         f"absence and presence of each, ({n_labels}, 2), would be right "
                         "(positive_weight= takes those of presence alone)")
    return array


def costs(cost, n_classes: int) -> np.ndarray | None:
    """(K, K) costs [actual, predicted] of an array, a dict by ids or a text."""
    if cost is None:
        return None
    if isinstance(cost, (str, Mapping)):
        from steelyard.decisions import cost_matrix
        return np.ascontiguousarray(cost_matrix(cost, n_classes), dtype=np.float64)
    array = numbers(cost, "cost")
    if array.shape != (n_classes, n_classes):
        raise ValueError(f"cost: shape {array.shape} for {n_classes} classes; ({n_classes}, "
                         f"{n_classes}), actual by predicted class, would be right (row_costs= "
                         "takes costs of each position)")
    return array


FREEZABLE_BYTES = 1 << 16


class Unfreezable(Exception):
    """An option too large, or too strange, to be looked up by its value."""


def frozen(value):
    """An option as something that can be looked up by its value."""
    kind = type(value)
    if value is None or kind in (str, float, int, bool):
        return value
    if hasattr(value, "classes"):
        return frozen(plain(value))
    if isinstance(value, Mapping):
        return kind.__name__, tuple((key, frozen(one)) for key, one in value.items())
    if kind in (list, tuple):
        return tuple(map(frozen, value))
    array = value if kind is np.ndarray else to_numpy(value)
    if array.nbytes > FREEZABLE_BYTES or array.dtype.hasobject:
        raise Unfreezable
    return array.dtype.str, array.shape, array.tobytes()
