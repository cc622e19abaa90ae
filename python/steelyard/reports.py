"""Decisions judged: tables for a terminal, a notebook, and a page of their own."""

from __future__ import annotations

import html
import sys
import tempfile
import webbrowser
from dataclasses import replace
from typing import Any

import numpy as np

from steelyard import _report_html, _scores
from steelyard._core import reports as _core
from steelyard._core.decisions import Costs
from steelyard._core.metrics import samples_of
from steelyard._costs import costs_of
from steelyard._metrics import Metrics, intervals_dict, metrics_of

__all__ = ["Comparison", "Report", "compare", "evaluate"]


class Report:
    """Ways of deciding the same rows, side by side.

    ``str(report)`` is the screen of ``steelyard evaluate``; in a notebook it shows as tables.

    Attributes
    ----------
    metrics : Metrics of the rule that is shown: the last line of the table, or a model's own
    ways : list of Metrics, one for each line of the table, with ``name``, ``remark``, ``flagged``
        (the share decided positive) and ``stored`` (whether it is the rule shown)
    unweighted : Metrics with every row counting once, or None where there are no row weights
    decisions : (n) labels decided by the rule shown
    saving, saving_constant : what it saves against the usual default and against the best decision
        that is the same for all rows: dicts with difference, low, high (average costs, 95 %) and
        saving, saving_low, saving_high (shares); None without costs
    classes, positive : the labels; of two classes the one to be caught, else None
    notes : list of remarks
    """

    def __init__(self, core: _core.CoreReview, *, title: str, heading: str | None = None,
                 subtitle: str | None = None, notes: Any = (), text: str | None = None,
                 page: str | None = None):
        """A report on a review.

        title stands above the page, heading above the text (the title where None), subtitle below
        the title of the page. text and page are told instead of the review's own, as a study has
        them.
        """
        self._core = core
        self.title = title
        self.heading = title if heading is None else heading
        self.subtitle = subtitle
        self.notes = list(notes)
        self._text = text
        self._page = page
        self._intervals_text = ""
        self.classes = core.classes
        self.positive = core.classes[core.positive] if core.positive >= 0 else None
        self.metrics: Metrics = metrics_of(core.metrics(), core.classes)
        self.ways = [metrics_of(way, core.classes) for way in core.ways()]
        plain = core.unweighted()
        self.unweighted = None if plain is None else metrics_of(plain, core.classes)
        about = core.about()
        self.saving = about["saving"]
        self.saving_constant = about["saving_constant"]
        self.mean_probability = about["mean_probability"]
        self.observed_share = about["observed_share"]

    @property
    def decisions(self) -> np.ndarray:
        return _scores.labels_like(self._core.decisions(), self.classes, None)

    def add_intervals(self, samples: bool | int = True, seed: int = 0) -> Report:
        """Gives the metrics 95 % bootstrap intervals; True for a sensible number of samples."""
        low, high, text = self._core.intervals(samples_of(samples, self._core.rows), seed)
        self.metrics["intervals"] = intervals_dict(low, high, self.classes)
        self._intervals_text = "\n" + text
        return self

    @property
    def text(self) -> str:
        """The decision table, confusion and figures."""
        return self._text or self._core.text(self.heading)

    def __str__(self) -> str:
        notes = "".join(f"note: {note}\n" for note in self.notes)
        return (self.text + self._intervals_text + notes).rstrip("\n")

    def __repr__(self) -> str:
        return f"<Report: {self.heading}>"

    def _repr_html_(self) -> str:
        return _report_html.report(self)

    def page(self) -> str:
        """The report as one page of HTML that needs nothing but itself."""
        return self._page or self._core.page(self.title, self.subtitle, self.notes)

    def save(self, path: Any) -> None:
        """Writes the page, whole or not at all. FileError where that fails."""
        _core.write_file(path, self.page())

    def show(self) -> str | None:
        """Shows the page: in a notebook below the cell, else in the browser.

        Returns the path of the file that the browser opens.
        """
        if _in_notebook():
            from IPython.display import HTML, display
            page = html.escape(self.page())
            display(HTML(f'<div><iframe srcdoc="{page}" sandbox="allow-scripts" '
                         'style="width:100%;height:720px;border:0"></iframe></div>'))
            return None
        with tempfile.NamedTemporaryFile("w", suffix=".html", prefix="steelyard-", delete=False,
                                         encoding="utf-8") as file:
            file.write(self.page())
        webbrowser.open(f"file://{file.name}")
        return file.name


def _in_notebook() -> bool:
    """Whether a notebook's kernel runs this."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and getattr(shell, "kernel", None) is not None


# --- evaluate ---


def evaluate(y: Any, probabilities: Any, *, cost: Any = None, classes: Any = None,
             positive: Any = None, sample_weight: Any = None, threshold: Any = None,
             intervals: bool | int = False, title: str | None = None, seed: int = 0) -> Report:
    """How good decisions by these probabilities are, and what they cost.

    Judged side by side: the best decision that is the same for all rows, the usual default, the
    rule that follows from `cost`, and p >= `threshold`. The last of them that there is is shown.

    Parameters
    ----------
    y : (n) labels
    probabilities : (n, K), or of two classes (n), those of the positive one
        Of rows that their model did not see. Of a model trained with class weights, those of
        `steelyard.correct`.
    cost : text, dict or array, as `steelyard.decide` takes it; by row, too
    classes : labels in the order of the columns; by default those of y
    positive : of two classes the one to be caught. By default the yes of a pair that means no and
        yes, else the rarer one
    sample_weight : (n), 0 or more; a row of weight 0 is absent
    threshold : of p of the positive class, two classes
    intervals : 95 % bootstrap intervals of all metrics; a number is that of the samples
    title : heading of the report
    seed : of the bootstrap

    Returns
    -------
    Report
    """
    scores = _scores.scores_of(y, probabilities, classes=classes, positive=positive,
                               sample_weight=sample_weight)
    costs = None if cost is None else costs_of(cost, scores.classes, len(scores.ids))
    limit = _limit(threshold, scores)
    kept, costs, rows = _that_count(scores, costs)
    core = _core.review_scores(kept.probabilities, kept.logs, kept.ids, kept.weights, rows,
                               kept.classes, kept.names, costs, kept.positive, limit)
    title = title or "Scores"
    judged = _rows_words(len(kept.ids), len(scores.ids))
    report = Report(core, title=title, heading=f"{title} on {judged}",
                    subtitle=f"Judged on {judged}")
    report.notes += notes_of(report, title)
    return report.add_intervals(intervals, seed) if intervals else report


def _limit(threshold, scores) -> float:
    if threshold is None:
        return np.nan
    if scores.positive < 0:
        raise ValueError(f"threshold: it is for two classes, and there are {len(scores.classes)}")
    if not threshold == threshold:
        raise ValueError("threshold: nan: a number would be right")
    return float(threshold)


def _that_count(scores, costs):
    """Without the rows of weight 0, which are absent; and the places of the others."""
    if scores.weights is None or scores.weights.all():
        return scores, costs, None
    rows = np.flatnonzero(scores.weights)
    if costs is not None and costs.varies:
        costs = Costs(costs.fixed, costs.which, costs.values[rows])
    kept = {name: getattr(scores, name)[rows]
            for name in ("probabilities", "logs", "ids", "weights")}
    return replace(scores, **kept), costs, rows


def _rows_words(counted: int, rows: int) -> str:
    """"the 500 rows"; "480 of the 500 rows" where others weigh nothing."""
    words = f"the {rows:,} row{'s' * (rows != 1)}"
    return words if counted == rows else f"{counted:,} of {words}"


def notes_of(report: Report, name: str) -> list[str]:
    """What is suspicious about the probabilities of a report."""
    return [*_note_of_mean(report, name), *_note_of_area(report, name), *_note_of_zero(report,
                                                                                       name)]


def _note_of_mean(report: Report, name: str):
    """Far is half as much again, and more than sampling does."""
    mean, observed = report.mean_probability, report.observed_share
    if report.positive is None or report.metrics.roc_auc < 0.5:
        return
    error = 3 * np.sqrt(observed * (1 - observed) / report.metrics.rows)
    if (mean > 1.5 * observed or observed > 1.5 * mean) and abs(mean - observed) > error:
        yield (f"{name} says {mean:.3f} on average, where a share of {observed:.3f} is "
               f"{report.positive!r}: these are no probabilities; steelyard.correct takes out the "
               "class weights of a training")


def _note_of_area(report: Report, name: str):
    area = report.metrics.roc_auc
    if report.positive is not None and area < 0.5:
        other = next(label for label in report.classes if label != report.positive)
        yield (f"{name}: an AUC of {area:.3f} is worse than chance: are these probabilities of "
               f"{report.positive!r}? positive={other!r} takes them for those of the other class")


def _note_of_zero(report: Report, name: str):
    if report.metrics.log_loss < np.inf:
        return
    count, first = report._core.infinite_rows()
    which = "alone" if count == 1 else "the first"
    yield (f"{name}: the log-loss is infinite: {count:,} row{'s' * (count != 1)} at a probability "
           f"of exactly 0 for its class, position {first} {which}")


# --- several reports ---


class Comparison:
    """Several reports on the same rows.

    Attributes
    ----------
    names : of the reports
    best : name of the one with the lowest cost, without costs the lowest log-loss
    best_by : "average_cost", "log_loss" or "brier"
    differences : {name: {metric: (difference, low, high)}}: each minus the best, with 95 %
        intervals of a paired bootstrap; the best one is not in it
    """

    def __init__(self, text: str, names: list, best: int, best_by: str, differences: list,
                 reports: list):
        self.text = text
        self.names = names
        self.best = names[best]
        self.best_by = best_by
        self.reports = reports
        self.differences = {name: _differences(*one) for name, one in zip(names, differences)
                            if one is not None}

    def __str__(self) -> str:
        return self.text.rstrip("\n")

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.names)}: {self.best} is the best>"

    def _repr_html_(self) -> str:
        return _report_html.comparison(self)


def _differences(difference: dict, low: dict, high: dict) -> dict:
    numbers = intervals_dict(low, high, [])
    return {name: (difference[name], *ends) for name, ends in numbers.items()
            if name != "per_class"}


def compare(*reports: Report, names: Any = None, samples: bool | int = True,
            seed: int = 0) -> Comparison:
    """Which of several models is better on the same rows, and whether that is chance.

    Parameters
    ----------
    reports : of `evaluate`, on the same rows and under the same costs
    names : of them; their titles, numbered where they are alike
    samples : bootstrap samples, at least 40; True for a sensible number
    seed : of the samples
    """
    if not reports:
        raise ValueError("compare: no report: at least one would be right")
    names = _names_of(reports, names)
    first = reports[0]
    for report in reports[1:]:
        if not _same_costs(first._core.costs, report._core.costs):
            raise ValueError(f"compare: {names[reports.index(report)]!r} was judged under other "
                             f"costs than {names[0]!r}: the same costs would be right")
    count = samples_of(samples, first._core.rows)
    told = _core.compare([report._core for report in reports], names, count, seed)
    return Comparison(told[0], names, told[1], told[2], told[3], list(reports))


def _names_of(reports, names) -> list[str]:
    given = [report.title for report in reports] if names is None else [str(one) for one in names]
    if len(given) != len(reports):
        raise ValueError(f"names: there are {len(given)}, and {len(reports)} reports")
    if len(set(given)) == len(given):
        return given
    return [f"{name} {i + 1}" for i, name in enumerate(given)]


def _same_costs(one, other) -> bool:
    if one is None or other is None:
        return one is other
    parts = ((one.fixed, other.fixed), (one.which, other.which), (one.values, other.values))
    return all((a is None and b is None) or np.array_equal(a, b) for a, b in parts)
