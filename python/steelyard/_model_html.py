"""Models and monitors as small tables for notebooks: their own colours, light and dark."""

from __future__ import annotations

import numpy as np

from steelyard._cells import frame, heading, heads, row, sentence, table
from steelyard._core.networks import shape_of
from steelyard._core.trees import trees_of

# Coefficients and columns that are shown.
_MOST = 10


def _table(head: tuple, rows: list) -> str:
    return table(heads(*head) + "".join(row(*map(str, cells)) for cells in rows))


def _per_cent(share: float) -> str:
    return "-" if np.isnan(share) else f"{100 * share:.1f} %"


def _number(number: float) -> str:
    return "-" if np.isnan(number) else f"{number:.4g}"


def _more(shown: int, there_are: int, what: str) -> str:
    return sentence(f"... and {there_are - shown} more {what}") if there_are > shown else ""


def model_table(core) -> str:
    """Decision and classes of a CoreModel; its largest coefficients, layers or trees."""
    prior = core.trained_prior
    head = ("class", "weight") + (() if prior is None else ("in training",))
    rows = [(name, _number(weight)) + (() if prior is None else (_per_cent(prior[k]),))
            for k, (name, weight) in enumerate(zip(core.classes, core.class_weights))]
    inside = {"logistic": _coefficients, "mlp": _layers, "boosted": _trees}[core.family]
    return frame(heading(f"model: {core.decision}") + _table(head, rows) + inside(core))


def _layers(core) -> str:
    """"network of 12, 64, 32 and 2 units, 3,042 parameters"."""
    shape = shape_of(core)
    units = ", ".join(map(str, (shape["inputs"], *shape["hidden"])))
    members = f", the mean of {shape['members']}" if shape["members"] > 1 else ""
    return sentence(f"network of {units} and {shape['outputs']} units, {shape['activation']}"
                    f"{members}, {shape['parameters']:,} parameters")


def _trees(core) -> str:
    """"40 trees, 310 leaves", and the columns that they split on most."""
    found = trees_of(core)
    splits = sorted(found["splits"].items(), key=lambda item: -item[1])
    used = [(name, f"{number:,}") for name, number in splits if number > 0]
    counts = [f"{found[part]:,} {word if found[part] == 1 else part}"
              for part, word in (("trees", "tree"), ("leaves", "leaf"))]
    said = sentence(f"boosted: {', '.join(counts)}, {len(used)} of {len(splits)} columns used")
    if not used:
        return said
    return said + _table(("column", "splits"), used[:_MOST]) + _more(
        min(len(used), _MOST), len(used), "columns")


def _coefficients(core) -> str:
    numbers, names = core.coefficients(), core.outputs
    order = np.argsort(-np.abs(numbers).max(axis=0), kind="stable")[:_MOST]
    head = ("column (numbers standardised)",) + (
        (f"for {core.classes[-1]}",) if len(numbers) == 1 else tuple(core.classes))
    if len(head) > _MOST:
        return sentence(f"{len(core.inputs)} columns, {len(names)} numbers after encoding")
    rows = [(names[j], *(f"{value:+.4g}" for value in numbers[:, j])) for j in order]
    return _table(head, rows) + _more(len(order), len(names), "columns")


def monitor_tables(per_class: dict, columns: list) -> str:
    """What is decided, the prior these rows suggest, and the columns that moved most."""
    classes = [(label, _per_cent(found["decided"]), _per_cent(found["mean_probability"]),
                *_prior_cells(found)) for label, found in per_class.items()]
    head = ("class", "decided", "mean p", "in training", "estimated now (95 %)")
    moved = [(found["column"], _number(found["shift"]), _number(found["shift_by_chance"]),
              found["verdict"], _per_cent(found["missing"]), _per_cent(found["unseen"]))
             for found in columns[:_MOST]]
    of_columns = ("column", "PSI", "by chance", "shift", "missing", "unseen")
    return frame(_table(head, classes) + _table(of_columns, moved)
                 + _more(len(moved), len(columns), "columns"))


def _prior_cells(found: dict) -> tuple:
    if "prior" not in found:
        return "-", "-"
    interval = f"{_per_cent(found['prior_low'])} to {_per_cent(found['prior_high'])}"
    return _per_cent(found["trained_prior"]), f"{_per_cent(found['prior'])} ({interval})"
