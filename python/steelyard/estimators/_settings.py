"""What class weights, costs and a positive class come to once the classes are known."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from steelyard import _classes, decisions, weights


def for_two(cost: Any) -> bool:
    """Whether costs are a matrix of two classes, which more cannot have."""
    return cost is not None and not isinstance(cost, (str, Mapping)) and np.shape(cost) == (2, 2)


def read_cost(cost: Any, classes: np.ndarray) -> np.ndarray | None:
    """Costs (K, K) of these classes, checked; None stays None."""
    if cost is None:
        return None
    if for_two(cost) and len(classes) != 2:
        raise ValueError("Only binary classification is supported where cost has shape (2, 2). y "
                         f"has {len(classes)} classes: ({len(classes)}, {len(classes)}) would be "
                         "right")
    return decisions.cost_matrix(cost, classes.tolist())


def read_class_weight(class_weight: Any, classes: np.ndarray, counts: np.ndarray,
                      normalize: str | None, cost: np.ndarray | None) -> dict:
    """Weights by label; ones where there are none.

    counts: (K) sums of the row weights of the classes.
    """
    labels = classes.tolist()
    if class_weight is None:
        return dict.fromkeys(labels, 1.0)
    return weights.class_weights(None, class_weight, counts=dict(zip(labels, counts.tolist())),
                                 normalize=normalize,
                                 cost=cost if _is_cost(class_weight) else None)


def _is_cost(class_weight: Any) -> bool:
    """Whether a policy is the one that is made of costs."""
    return isinstance(class_weight, str) and class_weight.strip() == "cost"


def weight_array(class_weight: dict) -> np.ndarray:
    """Weights (K), float64, in the order of the classes."""
    return np.array(list(class_weight.values()), dtype=np.float64)


def read_positive(pos_label: Any, classes: np.ndarray) -> int:
    """Place of the positive class of two, the second unless it is named; -1 of more."""
    if pos_label is None:
        return 1 if len(classes) == 2 else -1
    place = _classes.index_of(pos_label, classes.tolist(), "pos_label")
    if len(classes) > 2:
        raise ValueError(f"pos_label: there are {len(classes)} classes, and a positive one is for "
                         "two: None would be right")
    return place


def read_texts(min_count: Any, max_categories: Any) -> tuple[int, int]:
    """How texts are encoded: rows a value needs, and columns of a text, checked to be counts."""
    for name, number in (("min_count", min_count), ("max_categories", max_categories)):
        if not isinstance(number, numbers.Integral) or not 0 <= number < 2**31:
            raise ValueError(f"{name}: {number!r}: a whole number of 1 or more would be right")
    return int(min_count), int(max_categories)
