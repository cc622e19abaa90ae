"""Rows `weights` and `row-weights`: balanced weights of labels in memory."""

import contextlib
import os
import sys
import tempfile

import numpy

import datasets
import results
from contender import Contender, Failed, median_seconds, say, take_turns
from results import OURS, Row

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(os.path.dirname(HERE), "peers", "weights.py")
# Keras comes with the environment of `make check-peers`.
KERAS = os.path.join(results.REPOSITORY, ".cache", "dialects", "bin", "python")
CLASSES = 10
NAMES = ["none", "probe", "smurf", "neptune", "normal", "back", "teardrop", "warezclient",
         "ipsweep", "portsweep"]


def draw(rows):
    """Ids of unequal classes, each half as frequent as the one before."""
    share = 0.5 ** numpy.arange(CLASSES)
    return numpy.random.default_rng(4).choice(CLASSES, rows, p=share / share.sum())


def write_index(path, rows):
    draw(rows).astype(numpy.int64).tofile(path)


def write_one_hot(path, rows):
    numpy.eye(CLASSES, dtype=numpy.float32)[draw(rows)].tofile(path)


def write_text(path, rows):
    texts = [NAMES[k].encode() for k in draw(rows)]
    numpy.cumsum([0, *map(len, texts)], dtype=numpy.int64).tofile(path + ".offsets")
    with open(path, "wb") as file:
        file.write(b"".join(texts))


# case: (file, its writer, rows, what the programs are told of it)
CASES = {
    "10 M int64": ("labels.i64", write_index, 10_000_000, []),
    "1 M strings": ("labels.text", write_text, 1_000_000, ["text"]),
    "10 M one-hot rows of 10 float32": ("labels.hot", write_one_hot, 10_000_000,
                                        ["float32", str(CLASSES)]),
}


def arguments_of(case):
    """What a program takes; the labels are made where they are not there yet."""
    name, write, rows, form = CASES[case]
    path = os.path.join(datasets.CACHE, name)
    if not os.path.exists(path):
        os.makedirs(datasets.CACHE, exist_ok=True)
        write(path, rows)
    return [path, str(rows), *form]


def class_weights(contender):
    """The class weights of a contender's last run."""
    contender.ask("classes")
    with tempfile.NamedTemporaryFile() as file:
        contender.ask(f"save {file.name}")
        return numpy.sort(numpy.fromfile(file.name))


def open_ours(case, settings):
    return Contender(OURS, [settings.program("weights"), *arguments_of(case)])


def open_peer(name, case):
    python = KERAS if name == "Keras" else sys.executable
    if not os.path.exists(python):
        raise Failed("not installed here: make check-peers installs it")
    return Contender(name, [python, PEER, name, *arguments_of(case)])


def measure(row, case, command, name, settings):
    """One job of both, in turns; (our median, that of reading the bytes)."""
    say(f"  {case}: {name}")
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(open_ours(case, settings))
        try:
            peer = stack.enter_context(open_peer(name, case))
            gap = abs(class_weights(peer) / class_weights(ours) - 1).max()
        except Failed as failure:
            row.add(case, name, remark=f"missing: {failure}")
            return None
        mine, theirs, read = take_turns([lambda: ours.ask(command), lambda: peer.ask(command),
                                         lambda: ours.ask("read")],
                                        settings.repetitions, settings.budget)
    seconds, bytes_once = median_seconds(mine), median_seconds(read)
    if not any(result.case == case and result.contender == OURS for result in row.results):
        row.add(case, OURS, seconds)
        row.add(case, "reading the bytes once, all threads", bytes_once)
    row.add(case, name, median_seconds(theirs), median_seconds(theirs) / seconds,
            f"class weights within {gap:.0e}" if gap else "the same class weights")
    return seconds, bytes_once


def weights(settings):
    """Class weights: against scikit-learn, and against reading the labels and no more."""
    row = Row("weights", "From labels in memory to counts and balanced class weights, 10 classes.")
    for case in CASES:
        measured = measure(row, case, "classes", "scikit-learn", settings)
        row.aim_ratio(case, 100, "scikit-learn")
        if measured:
            ratio = measured[0] / measured[1]
            row.aim(f"{case}: within 1.5x of reading the bytes once", f"{ratio:.2f}x",
                    ratio <= 1.5)
    return row


def row_weights(settings):
    """Row weights, counting included."""
    row = Row("row-weights", "From labels in memory to the balanced weight of each row, float64.")
    case = next(iter(CASES))
    for name in ("scikit-learn", "Keras"):
        measure(row, case, "rows", name, settings)
        row.aim_ratio(case, 50, name)
    return row
