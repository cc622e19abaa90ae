"""Metrics as a dictionary that reads as a table."""

from __future__ import annotations

import math

from steelyard import _classes
from steelyard._cells import frame, heads, interval, number, row, table

# What a reader sees of each, in this order.
_SHOWN = {
    "log_loss": "log-loss", "brier": "Brier score", "calibration_error": "calibration error",
    "roc_auc": "AUC", "average_precision": "average precision", "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy", "macro_f1": "macro F1", "micro_f1": "micro F1",
    "micro_precision": "micro precision", "micro_recall": "micro recall",
    "weighted_f1": "weighted F1", "mcc": "MCC", "g_mean": "G-mean",
    "subset_accuracy": "all labels right", "hamming_loss": "labels wrong",
    "average_cost": "average cost",
}
_OF_PROBABILITIES = ("log_loss", "brier", "roc_auc", "average_precision", "calibration_error")
_OF_CLASS = ("precision", "recall", "f1", "average_precision", "roc_auc")


class Metrics(dict):
    """Metrics by name, as items and as attributes: ``metrics["log_loss"]``, ``metrics.log_loss``.

    ``per_class`` (of several labels a row ``per_label``) is ``{label: {"precision": ..}}``,
    ``confusion`` a (K, K) array (row = actual), ``classes`` the labels in its order, ``intervals``
    ``{name: (low, high)}`` or None. What is not defined is nan.
    """

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"metrics have no {name!r}; they have {', '.join(self)}") from None

    def __dir__(self):
        return [*super().__dir__(), *self]

    def _lines(self):
        """(name, value, interval) as texts."""
        intervals = self.get("intervals") or {}
        for name, shown in _SHOWN.items():
            if name in self:
                yield shown, number(self[name]), interval(intervals.get(name))

    def __str__(self) -> str:
        lines = [f"{name:<20}{value:>10}{span and '   ' + span}"
                 for name, value, span in self._lines()]
        return "\n".join([*lines, "", *self._class_lines()])

    __repr__ = __str__

    def _parts(self) -> tuple[str, dict]:
        return ("label", self["per_label"]) if "per_label" in self else ("class", self["per_class"])

    def _class_lines(self):
        what, parts = self._parts()
        width = max(len(what), *(len(str(label)) for label in parts))
        yield (f"{what:<{width}}{'rows':>11}{'precision':>11}"
               f"{'recall':>9}{'F1':>9}{'AP':>9}{'AUC':>9}")
        for label, part in parts.items():
            figures = "".join(f"{number(part[name]):>{11 if name == 'precision' else 9}}"
                              for name in _OF_CLASS)
            yield f"{label!s:<{width}}{part['support']:>11,.6g}{figures}"

    def _repr_html_(self) -> str:
        rows = "".join(row(name, value, span) for name, value, span in self._lines())
        what, parts = self._parts()
        head = heads(what, "rows", "precision", "recall", "F1", "AP", "AUC")
        body = "".join(row(str(label), f"{part['support']:,.6g}",
                           *(number(part[name]) for name in _OF_CLASS))
                       for label, part in parts.items())
        return frame(table(rows) + table(head + body))


def metrics_of(raw: dict, classes: list, ends=None, of_decisions: bool = False) -> Metrics:
    """What the library said, by the labels of the caller.

    ends: (lows, highs) of the intervals. of_decisions: there were no probabilities.
    """
    made = Metrics(raw)
    made["per_class"] = dict(zip(classes, raw["per_class"]))
    made["best_constant"] = classes[raw["best_constant"]]
    made["classes"] = list(classes)
    made["intervals"] = None if ends is None else intervals_dict(ends[0], ends[1], classes)
    if of_decisions:
        _blank(made)
    return made


def _blank(made: Metrics) -> None:
    """Takes out what only probabilities tell."""
    _set_all((made, *made["per_class"].values()), math.nan)
    ends = made["intervals"]
    if ends is not None:
        _set_all((ends, *ends["per_class"].values()), (math.nan, math.nan))


def _set_all(parts, value) -> None:
    for part in parts:
        part.update({name: value for name in _OF_PROBABILITIES if name in part})


def intervals_dict(low: dict, high: dict, classes: list) -> dict:
    """``{name: (low, high)}``, that of ``per_class`` by label."""
    ends: dict = {name: (low[name], high[name]) for name in _SHOWN if name in low}
    ends["per_class"] = {label: {name: (one[name], other[name]) for name in _OF_CLASS}
                         for label, one, other in zip(classes, low["per_class"],
                                                      high["per_class"])}
    return ends


def label_metrics_of(raw: dict, labels: list) -> Metrics:
    """Metrics of several labels a row."""
    _classes.texts_of(labels)
    made = Metrics(raw)
    made["per_label"] = dict(zip(labels, raw["per_label"]))
    made["labels"] = labels
    made["intervals"] = None
    return made
