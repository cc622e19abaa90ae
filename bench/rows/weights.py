"""Rows `weights` and `row-weights`: balanced weights of 10 million labels in memory."""

import os
import sys
import tempfile

import numpy

import datasets
from contender import Contender, Failed, median_seconds, say, take_turns
from results import OURS, Row

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(os.path.dirname(HERE), "peers", "weights.py")
ROWS, CLASSES = 10_000_000, 10


def labels_file():
    """10 M labels of unequal classes, made where they are not there yet."""
    path = os.path.join(datasets.CACHE, "labels.i64")
    if not os.path.exists(path):
        os.makedirs(datasets.CACHE, exist_ok=True)
        draw = numpy.random.default_rng(4)
        share = 0.5 ** numpy.arange(CLASSES)
        labels = draw.choice(CLASSES, ROWS, p=share / share.sum())
        labels.astype(numpy.int64).tofile(path)
    return path


def class_weights(contender):
    """The class weights of a contender's last run."""
    with tempfile.NamedTemporaryFile() as file:
        contender.ask(f"save {file.name}")
        return numpy.fromfile(file.name)


def measure(row, case, command, name, ours, peer, settings):
    """One job of both, in turns; our median."""
    mine, theirs = take_turns([lambda: ours.ask(command), lambda: peer.ask(command)],
                              settings.repetitions, settings.budget)
    expected, other = class_weights(ours), class_weights(peer)
    gap = abs(other / expected - 1).max()
    seconds = median_seconds(mine)
    row.add(case, OURS, seconds)
    row.add(case, name, median_seconds(theirs), median_seconds(theirs) / seconds,
            f"class weights within {gap:.0e}" if gap else "the same class weights")
    return seconds


def weights(settings):
    """Class weights, then row weights."""
    row = Row("weights", "Balanced weights from 10 million int64 labels of 10 classes.")
    arguments = [labels_file(), str(ROWS)]
    classes, rows = "class weights", "row weights"
    try:
        with Contender(OURS, [settings.program("weights"), *arguments]) as ours, \
                Contender("scikit-learn", [sys.executable, PEER, *arguments]) as peer:
            say("  scikit-learn")
            for contender in (ours, peer):
                contender.ask("classes")
            seconds = measure(row, classes, "classes", "scikit-learn compute_class_weight", ours,
                              peer, settings)
            measure(row, rows, "rows", "scikit-learn compute_sample_weight", ours, peer, settings)
            read = median_seconds([ours.ask("read") for _ in range(settings.repetitions)])
            row.add("reading the bytes once", "one thread", read)
    except Failed as failure:
        row.add(classes, "scikit-learn", remark=f"missing: {failure}")
        return row
    row.aim_ratio(classes, 100, "scikit-learn")
    row.aim_ratio(rows, 50, "scikit-learn")
    row.aim("class weights: within 1.5x of reading the bytes once", f"{seconds / read:.1f}x",
            seconds <= 1.5 * read)
    return row
