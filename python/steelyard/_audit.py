"""What a set of class weights does to the data, as numbers, as a table and as HTML."""

from __future__ import annotations

from typing import Any

import numpy as np

_COLUMNS = ("count", "rows", "share", "weight", "weight_share")


class Audit:
    """What class weights do.

    Arrays are in the order of `classes`: (K), or (L, 2) with (absent, present) of several labels a
    row, whose imbalance_ratio and effective_rows are (L).

    Attributes
    ----------
    classes : list
    counts : sum of row weights
    rows : rows, whatever their weight
    shares : count / sum of counts
    weights : class weights
    weight_shares : share of the total weight, and so of the loss
    imbalance_ratio : largest / smallest count of the classes present
    effective_rows : Kish's: the weighted data tell as much as so many unweighted rows
    warnings : list of lines, what is suspicious
    """

    def __init__(self, core: Any, classes: list, warnings: list[str]):
        self._core = core
        self._state = None
        self.classes = classes
        self.warnings = warnings

    def _read(self):
        if self._state is None:
            values = self._core.values()
            several = isinstance(values, list)
            parts = values if several else [values]
            table = np.array([part["classes"] for part in parts], dtype=np.float64)
            self._state = {
                "table": table if several else table[0],
                "imbalance_ratio": _read_parts(parts, "imbalance_ratio", several),
                "effective_rows": _read_parts(parts, "effective_rows", several),
                "text": self._core.text()}
        return self._state

    def _column(self, name):
        return self._read()["table"][..., _COLUMNS.index(name)]

    @property
    def counts(self) -> np.ndarray:
        return self._column("count")

    @property
    def rows(self) -> np.ndarray:
        return self._column("rows").astype(np.int64)

    @property
    def shares(self) -> np.ndarray:
        return self._column("share")

    @property
    def weights(self) -> np.ndarray:
        return self._column("weight")

    @property
    def weight_shares(self) -> np.ndarray:
        return self._column("weight_share")

    @property
    def imbalance_ratio(self) -> float | np.ndarray:
        return self._read()["imbalance_ratio"]

    @property
    def effective_rows(self) -> float | np.ndarray:
        return self._read()["effective_rows"]

    def __str__(self) -> str:
        return self._read()["text"].rstrip("\n")

    def __repr__(self) -> str:
        return f"<Audit of the weights of {len(self.classes)} classes>"

    def __getstate__(self):
        return {"_core": None, "_state": self._read(), "classes": self.classes,
                "warnings": self.warnings}

    def _repr_html_(self) -> str:
        several = self.counts.ndim == 2
        head = ("label", "absent", "present", "weight absent", "weight present") if several else \
            ("class", "rows", "share", "weight", "share of the weight")
        from steelyard import _cells  # for notebooks alone
        cells = _label_cells if several else _class_cells
        lines = [_cells.heads(*head), *(_cells.row(str(label), *cells(self, k))
                                        for k, label in enumerate(self.classes))]
        said = _summary(self, several) + [f"note: {line}" for line in self.warnings]
        return _cells.frame(_cells.table("".join(lines)) + "".join(map(_cells.sentence, said)))


def _read_parts(parts, name, several):
    return np.array([part[name] for part in parts]) if several else parts[0][name]


def _class_cells(audit, k):
    return (f"{audit.counts[k]:,.10g}", f"{100 * audit.shares[k]:.1f} %",
            f"{audit.weights[k]:.5g}", f"{100 * audit.weight_shares[k]:.1f} %")


def _label_cells(audit, l):
    (absent, present), (without, with_it) = audit.counts[l], audit.weights[l]
    return f"{absent:,.10g}", f"{present:,.10g}", f"{without:.5g}", f"{with_it:.5g}"


def _summary(audit, several):
    if several:
        return []
    return [f"imbalance {audit.imbalance_ratio:,.4g} to 1; weighted, these rows tell as much as "
            f"{audit.effective_rows:,.0f} unweighted ones"]
