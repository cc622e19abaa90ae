"""Costs of mistakes in every form that callers have them.

Costs are (K, K), row = actual class, column = predicted class.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from steelyard import _classes
from steelyard._core import decisions as _core


class CostWarning(UserWarning):
    """Costs that can be used and are probably not meant: a class that is never decided."""


def cost_matrix(cost: Any, classes: Any) -> np.ndarray:
    """Costs of mistakes as a matrix.

    Parameters
    ----------
    cost : str, dict, or array (K, K)
        ``'fraud:ok=100, ok:fraud=2'`` (ACTUAL:PREDICTED=COST), ``{("fraud", "ok"): 100}``,
        ``{"fraud": {"ok": 100}}``, or the matrix. What a text or dict does not name costs 0 where
        it is right and 1 where it is wrong.
    classes : sequence of K labels, or K
        The classes in their order.

    Returns
    -------
    numpy.ndarray (K, K), float64
        Row = actual class, column = predicted class.

    Raises
    ------
    ValueError
        An unknown class, a cost that is not finite, a mistake that costs less than the right
        answer. A class that no probabilities make the cheapest is warned of (CostWarning).
    """
    costs = costs_of(cost, classes)
    if costs.varies:
        raise ValueError("cost: these costs differ by row; one number for each pair of classes "
                         "would be right here")
    return costs.fixed


def costs_of(cost: Any, classes: Any, rows: int | None = None) -> _core.Costs:
    """Costs in any form, those that differ by row included, checked."""
    classes = _classes.class_list(classes)
    names = _classes.texts_of(classes)
    if isinstance(cost, str):
        costs = _core.Costs(_fixed_of_text(cost, names))
    elif isinstance(cost, Mapping):
        costs = _costs_of_cells(_cells(cost, classes), classes, rows)
    else:
        costs = _costs_of_array(cost, len(classes), rows)
    for line in costs.check(names):
        warnings.warn(line, CostWarning, stacklevel=3)
    return costs


def _fixed_of_text(text: str, names: list[str]) -> np.ndarray:
    fixed, _, expressions = _core.parse_costs(text, names)
    if expressions:
        raise ValueError(f"cost: {expressions[0]!r} is no number; costs that differ by row are an "
                         "array of one for each row: {(actual, predicted): amounts}")
    return fixed


def _cells(cost: Mapping, classes: list) -> dict:
    """{(row, column): cost} of a dict in either form."""
    cells = {}
    for key, value in cost.items():
        pairs = ({(key, other): one for other, one in value.items()}
                 if isinstance(value, Mapping) else {key: value})
        for pair, one in pairs.items():
            if not isinstance(pair, tuple) or len(pair) != 2:
                raise ValueError(f"cost: {pair!r} is no pair of classes: {{(actual, predicted): "
                                 "cost} or {actual: {predicted: cost}} would be right")
            cells[tuple(_classes.index_of(label, classes, "cost") for label in pair)] = one
    return cells


def _costs_of_cells(cells: dict, classes: list, rows: int | None) -> _core.Costs:
    fixed = 1 - np.eye(len(classes))
    which = np.full(fixed.shape, -1, np.int32)
    values: list[np.ndarray] = []
    for (actual, predicted), one in cells.items():
        what = f"cost of {classes[predicted]!r} where it is {classes[actual]!r}"
        number = _numbers(one, what)
        if number.ndim == 0:
            fixed[actual, predicted] = number
            continue
        if number.ndim != 1 or (rows is not None and len(number) != rows):
            raise ValueError(f"{what}: shape {number.shape}: one number, or one for each "
                             f"{'row' if rows is None else f'of the {rows} rows'} would be right")
        which[actual, predicted] = len(values)
        values.append(number)
    return _core.Costs(fixed, which, np.column_stack(values)) if values else _core.Costs(fixed)


def _costs_of_array(cost, n_classes: int, rows: int | None) -> _core.Costs:
    cost = _numbers(cost, "cost")
    square = n_classes, n_classes
    if cost.shape == square:
        return _core.Costs(cost)
    if cost.ndim == 3 and cost.shape[1:] == square and rows in (None, len(cost)):
        which = np.arange(n_classes ** 2, dtype=np.int32).reshape(square)
        return _core.Costs(np.zeros(square), which, cost.reshape(len(cost), -1))
    by_row = "n" if rows is None else rows
    raise ValueError(f"cost: shape {cost.shape}: {square} (row = actual, column = predicted class) "
                     f"or, by row, ({by_row}, {n_classes}, {n_classes}) would be right")


def _numbers(value, what: str) -> np.ndarray:
    try:
        return np.asarray(value, np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{what}: {value!r:.80} is no number") from None
