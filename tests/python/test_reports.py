"""Reports: the tables of a review as text, for a notebook and as a page."""

import html
import os
import re
import sys
import types
from html.parser import HTMLParser

import numpy as np
import pytest

import steelyard
from steelyard import reports


@pytest.fixture
def rows():
    generator = np.random.default_rng(7)
    y = generator.random(3000) < 0.1
    p = 1 / (1 + np.exp(3 - 1.5 * y - generator.normal(size=3000)))
    return y, p


def test_a_report_counts_what_is_decided(rows):
    y, p = rows
    report = reports.evaluate(y, p, cost={(True, False): 5})
    flagged = p > 1 / 6
    assert report.metrics.confusion.tolist() == [[(~y & ~flagged).sum(), (~y & flagged).sum()],
                                                 [(y & ~flagged).sum(), (y & flagged).sum()]]
    assert report.metrics.average_cost == pytest.approx(
        (5 * (y & ~flagged).sum() + (~y & flagged).sum()) / len(y), rel=1e-12)
    assert [way["name"] for way in report.ways] == ["never flag", "p >= 0.500", "p >= 0.167"]
    assert "Pricing a missed True at 5 saves" in str(report)


def test_a_row_that_weighs_0_is_absent(rows):
    y, p = rows
    weights = np.arange(len(y)) % 3.0
    amounts = np.arange(len(y)) + 1.0
    broken = np.where(weights == 0, np.nan, p)
    there = weights > 0
    cost = {(True, False): amounts}
    report = reports.evaluate(y, broken, cost=cost, sample_weight=weights)
    alone = reports.evaluate(y[there], p[there], cost={(True, False): amounts[there]},
                             sample_weight=weights[there])
    assert report.text.split("\n", 1)[1] == alone.text.split("\n", 1)[1]
    assert report.heading == "Scores on 2,000 of the 3,000 rows"
    assert report.page().replace("2,000 of the 3,000 rows", "the 2,000 rows") == alone.page()


# --- evaluate ---


def test_the_rule_shown_is_the_last_there_is(rows):
    y, p = rows
    shown = [next(way["name"] for way in reports.evaluate(y, p, **options).ways if way.stored)
             for options in ({}, {"cost": {(True, False): 5}},
                             {"cost": {(True, False): 5}, "threshold": 0.3})]
    assert shown == ["p >= 0.500", "p >= 0.167", "p >= 0.300"]
    report = reports.evaluate(y, p, threshold=0.3)
    assert (report.decisions == (p >= 0.3)).all()


def test_what_costs_save(rows):
    y, p = rows
    report = reports.evaluate(y, p, cost={(True, False): 5})
    default, best = p >= 0.5, p > 1 / 6
    cost = {name: (5 * (y & ~said) + (~y & said)).mean()
            for name, said in (("default", default), ("best", best))}
    assert report.saving["difference"] == pytest.approx(cost["default"] - cost["best"], rel=1e-9)
    assert report.saving["saving"] == pytest.approx(1 - cost["best"] / cost["default"], rel=1e-9)
    assert report.saving_constant["low"] < report.saving_constant["difference"]
    plain = reports.evaluate(y, p)
    assert plain.saving is None and plain.saving_constant is None


def test_three_classes():
    p = np.random.default_rng(0).dirichlet([1, 2, 3], 500)
    y = np.array(["ant", "bee", "cat"])[(p.cumsum(axis=1) < 0.5).sum(axis=1)]
    report = reports.evaluate(y, p, cost="ant:cat=4")
    assert report.positive is None and report.classes == ["ant", "bee", "cat"]
    assert "Deciding by your costs" in str(report)
    assert "was bee" in report._repr_html_()


def test_row_weights_and_how_it_is_without_them(rows):
    y, p = rows
    weights = 1 + np.arange(len(y)) % 3
    report = reports.evaluate(y, p, sample_weight=weights)
    assert report.metrics.accuracy == pytest.approx(np.average((p >= 0.5) == y, weights=weights))
    assert report.unweighted.accuracy == pytest.approx(np.mean((p >= 0.5) == y))
    assert reports.evaluate(y, p).unweighted is None


def test_intervals(rows):
    y, p = rows
    report = reports.evaluate(y, p, intervals=60)
    low, high = report.metrics.intervals["roc_auc"]
    assert low < report.metrics.roc_auc < high
    assert "60 bootstrap samples" in str(report)
    assert f"{low:.3f} to {high:.3f}" in report._repr_html_()


@pytest.mark.parametrize("change, note", [
    (lambda p: 1 - p, "worse than chance"),
    (lambda p: p ** 0.3, "no probabilities; steelyard.correct"),
    (lambda p: np.round(p), "log-loss is infinite"),
])
def test_what_is_suspicious_is_noted(rows, change, note):
    y, p = rows
    report = reports.evaluate(y, change(p), title="odd")
    assert note in str(report).split("\nnote: ", 1)[1]
    assert note in report._repr_html_()
    assert note in report.page()
    assert not reports.evaluate(y, p).notes


def test_the_place_of_the_first_infinite_loss():
    weights = [0, 1, 1, 1]
    report = reports.evaluate([0, 1, 0, 1], [0.5, 0.5, 0.2, 0.0], sample_weight=weights)
    assert "position 3 alone" in report.notes[-1]


@pytest.mark.parametrize("options, message", [
    ({"threshold": np.nan}, "threshold: nan"),
    ({"positive": "yes"}, "'yes' is none of the classes False, True"),
    ({"cost": [[0, 1]]}, r"cost: shape \(1, 2\)"),
    ({"intervals": 1}, "intervals: 1: True, or a number"),
])
def test_what_cannot_be_evaluated(rows, options, message):
    with pytest.raises(ValueError, match=message):
        reports.evaluate(*rows, **options)


def test_a_threshold_is_of_two_classes():
    with pytest.raises(ValueError, match="two classes, and there are 3"):
        reports.evaluate([0, 1, 2], np.eye(3), threshold=0.5)


# --- notebook, page, browser ---


class Tags(HTMLParser):
    """Checks that all tags are closed in their order, and keeps the texts."""

    def __init__(self, text):
        super().__init__()
        self.open, self.texts = [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def test_names_are_escaped_in_a_notebook(rows):
    y, p = rows
    named = np.where(y, "<script>alert(1)</script>", "a&b")
    report = reports.evaluate(named, p, positive="<script>alert(1)</script>", title="<i>x</i>")
    for shown in (report._repr_html_(), report.metrics._repr_html_(),
                  reports.compare(report, report, names=["<b>", "c"])._repr_html_()):
        assert "<script" not in shown and "<i>" not in shown and "<b>" not in shown
        assert Tags(shown)
    assert "was <script>alert(1)</script>" in Tags(report._repr_html_()).texts
    assert "<script>alert" not in report.page()


def test_a_notebook_says_what_the_text_says(rows):
    y, p = rows
    report = reports.evaluate(y, p, cost={(True, False): 5})
    texts = Tags(report._repr_html_()).texts
    line = next(line for line in str(report).splitlines() if line.endswith("<- shown"))
    for figure in (f"{100 * report.ways[-1].flagged:.1f} %", "p >= 0.167 · from your costs"):
        assert figure in texts
    price, low, high = re.search(r"(\d+)  \((\d+)-(\d+)\)", line).groups()
    assert f"{price} ({low} to {high})" in texts
    assert any(text.startswith("Pricing a missed True at 5 saves") for text in texts)


def test_the_page_is_saved_whole_or_not_at_all(rows, tmp_path):
    report = reports.evaluate(*rows, title="Mine")
    path = tmp_path / "page.html"
    report.save(path)
    assert path.read_text(encoding="utf-8") == report.page()
    assert "<title>Mine" in report.page()
    with pytest.raises(steelyard.FileError, match="none"):
        report.save(tmp_path / "none" / "page.html")
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_the_page_is_shown_in_the_browser(rows, monkeypatch):
    opened = []
    monkeypatch.setattr(reports.webbrowser, "open", opened.append)
    report = reports.evaluate(*rows)
    path = report.show()
    assert opened == [f"file://{path}"]
    with open(path, encoding="utf-8") as file:
        assert file.read() == report.page()
    os.remove(path)


def test_the_page_is_shown_in_a_notebook(rows, monkeypatch):
    shown = []
    notebook = types.SimpleNamespace(
        get_ipython=lambda: types.SimpleNamespace(kernel=object()),
        display=types.SimpleNamespace(HTML=lambda text: text, display=shown.append))
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", notebook.display)
    report = reports.evaluate(*rows)
    assert report.show() is None
    assert "<iframe srcdoc=" in shown[0] and html.escape(report.page()) in shown[0]


# --- several ---


def test_the_better_of_two(rows):
    y, p = rows
    noise = np.random.default_rng(1).normal(size=len(y))
    worse = 1 / (1 + np.exp(-(np.log(p / (1 - p)) + 2 * noise)))
    cost = {(True, False): 5}
    one = reports.evaluate(y, p, cost=cost, title="good")
    other = reports.evaluate(y, worse, cost=cost, title="noisy")
    found = reports.compare(other, one)
    assert found.best == "good" and found.best_by == "average_cost"
    difference, low, high = found.differences["noisy"]["average_cost"]
    assert difference == pytest.approx(other.metrics.average_cost - one.metrics.average_cost)
    assert 0 < low < difference < high
    assert "good has the lower cost" in str(found)
    assert found._repr_html_().count("good") >= 2
    assert reports.compare(one, one).names == ["good 1", "good 2"]


def test_only_reports_of_the_same_rows_are_compared(rows):
    y, p = rows
    one = reports.evaluate(y, p)
    with pytest.raises(ValueError, match="at least one"):
        reports.compare()
    with pytest.raises(ValueError, match="other costs than"):
        reports.compare(one, reports.evaluate(y, p, cost={(True, False): 5}))
    with pytest.raises(ValueError, match="row"):
        reports.compare(one, reports.evaluate(y[:-1], p[:-1]))
    with pytest.raises(ValueError, match="names: there are 1, and 2 reports"):
        reports.compare(one, one, names=["a"])


def test_costs_by_row_are_compared_row_by_row(rows):
    y, p = rows
    amount = np.arange(len(y)) + 1.0
    one = reports.evaluate(y, p, cost={(True, False): amount}, title="a")
    other = reports.evaluate(y, 1 - p, cost={(True, False): amount}, title="b")
    assert reports.compare(one, other).best == "a"
