"""Row `evaluate`: metrics of 10 M scores in memory, against one radix sort and scikit-learn."""

import contextlib
import os
import sys

import numpy

import datasets
from contender import Contender, Failed, median_seconds, take_turns
from results import OURS, Row

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(os.path.dirname(HERE), "peers", "evaluate.py")
ROWS = 10_000_000
CASE = "10 M rows of two classes"
NUMBERS = ("roc_auc", "average_precision", "log_loss")


def arguments():
    """What a program takes; the arrays are made where they are not there yet: a model that is
    right, 8 % of the second class."""
    os.makedirs(datasets.CACHE, exist_ok=True)
    stem = os.path.join(datasets.CACHE, "scores")
    if not os.path.exists(stem + ".i32"):
        random = numpy.random.default_rng(8)
        logit = 1.3 * random.standard_normal(ROWS) - 3
        logs = numpy.stack([-numpy.logaddexp(0, logit), -numpy.logaddexp(0, -logit)], axis=1)
        logs.tofile(stem + ".f64")
        (random.random(ROWS) < numpy.exp(logs[:, 1])).astype(numpy.int32).tofile(stem + ".i32")
    return [stem + ".f64", stem + ".i32", str(ROWS)]


def beside(row, ours):
    """scikit-learn and ours in turns."""
    try:
        with Contender("scikit-learn", [sys.executable, PEER, *arguments()]) as peer:
            mine, theirs = take_turns([lambda: ours.ask("go"), lambda: peer.ask("go")], 3, 120)
    except Failed as failure:
        row.add(CASE, "scikit-learn", remark=f"missing: {failure}")
        return
    gap = max(abs(theirs[0][name] / mine[0][name] - 1) for name in NUMBERS)
    row.add(CASE, "scikit-learn, three metrics", median_seconds(theirs),
            median_seconds(theirs) / median_seconds(mine), f"the three within {gap:.0e}")


def evaluate(settings):
    """All our metrics, beside a sort alone and three of scikit-learn's."""
    row = Row("evaluate", "From scores and labels in memory to all metrics, float64.")
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(
            Contender(OURS, [settings.program("evaluate"), *arguments()]))
        jobs = ("go", "sort", "steps", "intervals")
        mine, sort, steps, intervals = take_turns(
            [lambda job=job: ours.ask(job) for job in jobs], settings.repetitions,
            4 * settings.budget)
        seconds, sorting = median_seconds(mine), median_seconds(sort)
        row.add(CASE, OURS, seconds, remark="all metrics")
        row.add(CASE, "one radix sort of the scores, one thread", sorting, sorting / seconds)
        row.add(CASE, f"{OURS}, steps of thresholds", median_seconds(steps))
        row.add(CASE, f"{OURS}, ten bootstrap samples", median_seconds(intervals),
                remark="all metrics, and what they share")
        beside(row, ours)
    row.aim(f"{CASE}: in the time of 1.25 radix sorts", f"{seconds / sorting:.2f}x",
            seconds <= 1.25 * sorting)
    row.aim_ratio(CASE, 10, "scikit-learn")
    return row
