"""Reports as tables for notebooks, light and dark: all styles inline, all names escaped."""

from __future__ import annotations

from steelyard._cells import (frame, heading, heads, interval, money, number, percent, row,
                              sentence, table)

_SHOWN = ";font-weight:600;background:rgba(128,128,128,0.18)"  # the line of the rule shown


def report(shown) -> str:
    """A report: ways of deciding, confusion beside figures, what it saves."""
    parts = [heading(shown.heading), table(_ways(shown)),
             _beside(table(_confusion(shown)), table(_figures(shown)))]
    if shown.positive is None:
        parts.insert(2, table(_by_class(shown)))
    parts += [sentence(text) for text in _sentences(shown.text)]
    parts += [sentence(f"note: {note}", ";opacity:0.8") for note in shown.notes]
    return frame("".join(parts))


def comparison(shown) -> str:
    """Several reports: a line each, and their differences from the best."""
    head = heads("model", "log-loss", "Brier", "AUC", "AP", "calib.",
                 *["cost per 1000"] * shown.reports[0]._core.priced)
    lines = "".join(_compared(name, one, name == shown.best)
                    for name, one in zip(shown.names, shown.reports))
    parts = [heading(f"{len(shown.names)} models on the same rows"), table(head + lines)]
    parts += [sentence(text) for text in _sentences(shown.text)]
    if shown.differences:
        parts.insert(2, table(_differences(shown)))
    return frame("".join(parts))


def _beside(*tables: str) -> str:
    inside = "".join(f"<div>{one}</div>" for one in tables)
    return f'<div style="display:flex;flex-wrap:wrap;gap:0 2em">{inside}</div>'


def _sentences(text: str) -> list[str]:
    """The sentences at the end of a text table, which say what it comes to."""
    parts = [" ".join(part.split()) for part in text.strip().split("\n\n")[1:]]
    return [part for part in parts if part.endswith(".") and part[:1].isupper()]


def _price(way) -> str:
    low, high = money(1000 * way.average_cost_low), money(1000 * way.average_cost_high)
    return f"{money(1000 * way.average_cost)} ({low} to {high})"


def _ways(shown) -> str:
    priced = shown._core.priced
    two = shown.positive is not None
    columns = ["flagged", "caught", "precision", "balanced acc."] if two else \
        ["accuracy", "balanced acc.", "macro F1"]
    if two and not priced:
        columns += ["F1", "accuracy"]
    head = heads("decision", *columns, *["cost per 1000 (95 %)"] * priced)
    return head + "".join(_way(way, shown, two, priced) for way in shown.ways)


def _way(way, shown, two: bool, priced: bool) -> str:
    figures = [percent(way.accuracy), number(way.balanced_accuracy), number(way.macro_f1)]
    if two:
        flagged = way.per_class[shown.positive]
        figures = [percent(way.flagged), percent(flagged["recall"]), number(flagged["precision"]),
                   number(way.balanced_accuracy)]
        figures += [] if priced else [number(flagged["f1"]), percent(way.accuracy)]
    name = f"{way.name} {way.remark and '· ' + way.remark}".strip()
    return row(name, *figures, *[_price(way)] * priced, style=_SHOWN if way.stored else "")


_MOST = 12  # classes whose confusion is shown


def _confusion(shown) -> str:
    if len(shown.classes) > _MOST:
        return ""
    head = heads("", *(f"said {label}" for label in shown.classes))
    return head + "".join(row(f"was {label}", *(f"{count:,.6g}" for count in counts))
                          for label, counts in zip(shown.classes, shown.metrics.confusion))


def _by_class(shown) -> str:
    head = heads("class", "rows", "precision", "recall", "F1", "AP")
    return head + "".join(
        row(str(label), f"{part['support']:,.6g}",
            *(number(part[name]) for name in ("precision", "recall", "f1", "average_precision")))
        for label, part in shown.metrics.per_class.items())


def _figures(shown) -> str:
    """What the probabilities are worth, with intervals where there are some."""
    ends = shown.metrics.intervals or {}
    lines = []
    if shown.positive is not None:
        lines.append(row("mean probability", number(shown.mean_probability), ""))
        lines.append(row("observed share", number(shown.observed_share), ""))
    for name, said in (("log_loss", "log-loss"), ("roc_auc", "AUC"), ("average_precision", "AP"),
                       ("calibration_error", "calibration error")):
        lines.append(row(said, number(shown.metrics[name]), interval(ends.get(name))))
    return "".join(lines)


def _compared(name: str, one, best: bool) -> str:
    metrics = one.metrics
    figures = [number(metrics[key]) for key in ("log_loss", "brier", "roc_auc", "average_precision",
                                                "calibration_error")]
    if one._core.priced:
        figures.append(money(1000 * metrics.average_cost))
    return row(name, *figures, style=_SHOWN if best else "")


def _differences(shown) -> str:
    measures = [shown.best_by, "roc_auc", "average_precision"]
    said = {"average_cost": "cost", "log_loss": "log-loss", "brier": "Brier", "roc_auc": "AUC",
            "average_precision": "AP"}
    head = heads(f"minus {shown.best}", *(f"{said[name]} (95 %)" for name in measures))
    return head + "".join(
        row(name, *(f"{one[key][0]:.3f} ({one[key][1]:.3f} to {one[key][2]:.3f})"
                    for key in measures))
        for name, one in shown.differences.items())
