"""Rows `loss`: weighted softmax cross-entropy with its gradient, float32 logits in memory; and
`python-loss`: the same called from Python, by us and by PyTorch."""

import contextlib
import os
import tempfile

import numpy

import datasets
import results
from contender import Contender, Failed, median_seconds, say, take_turns
from results import OURS, Row

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(os.path.dirname(HERE), "peers", "loss.py")
# The environment of `make check-peers` has them.
PYTHON = os.path.join(results.REPOSITORY, ".cache", "dialects", "bin", "python")
PEERS = ("PyTorch", "TensorFlow", "Keras")
COPY = "copying the logits, all threads"
# case: (rows, classes)
CASES = {
    "1 M x 2": (1_000_000, 2),
    "1 M x 10": (1_000_000, 10),
    "100 k x 1000": (100_000, 1000),
    "20 k x 32000": (20_000, 32_000),
}
IN_PYTHON = ("1 M x 2", "1 M x 10", "100 k x 1000")
IN_PYTHON_OURS = ("steelyard.losses", "steelyard.torch")
TINY = "a call on 32 x 3"  # what is left is what a call costs
MANY = 1000  # classes from which on the copy is an aim
PIECE = 1 << 24  # logits drawn at a time


def write_logits(path, count):
    random = numpy.random.default_rng(5)
    with open(path, "wb") as file:
        for first in range(0, count, PIECE):
            piece = random.standard_normal(min(PIECE, count - first), dtype=numpy.float32)
            (3 * piece).tofile(file)


def arguments_of(case):
    """What a program takes; the arrays are made where they are not there yet."""
    n, classes = CASES.get(case, (32, 3))
    os.makedirs(datasets.CACHE, exist_ok=True)
    stem = os.path.join(datasets.CACHE, f"logits-{classes}")
    if not os.path.exists(stem + ".weights"):
        write_logits(stem + ".f32", n * classes)
        numpy.random.default_rng(6).integers(0, classes, n).tofile(stem + ".i64")
        numpy.linspace(0.5, 2, classes).tofile(stem + ".weights")
    return [stem + ".f32", stem + ".i64", stem + ".weights", str(n), str(classes)]


def outcome(contender):
    """(loss, first numbers of the gradient) of a run."""
    loss = contender.ask("go")["loss"]
    with tempfile.NamedTemporaryFile() as file:
        contender.ask(f"save {file.name}")
        return loss, numpy.fromfile(file.name)


def distance(ours, theirs):
    """How far apart two outcomes are, in words."""
    gradient = abs(ours[1] - theirs[1]).max() / abs(ours[1]).max()
    return f"loss within {abs(theirs[0] / ours[0] - 1):.0e}, gradient {gradient:.0e} of its largest"


def open_peer(name, case):
    if not os.path.exists(PYTHON):
        raise Failed("not installed here: make check-peers installs it")
    return Contender(name, [PYTHON, PEER, name, *arguments_of(case)])


def measure(row, case, name, settings):
    """Ours, a peer and the copy in turns; the peer's line. Returns (our median, the copy's)."""
    say(f"  {case}: {name}")
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(
            Contender(OURS, [settings.program("loss"), *arguments_of(case)]))
        try:
            peer = stack.enter_context(open_peer(name, case))
            equal = distance(outcome(ours), outcome(peer))
            version = peer.ask("version")["version"]
        except Failed as failure:
            row.add(case, name, remark=f"missing: {failure}")
            return None
        mine, theirs, copied = take_turns(
            [lambda: ours.ask("go"), lambda: peer.ask("go"), lambda: ours.ask("copy")],
            settings.repetitions, settings.budget)
    seconds = median_seconds(mine)
    row.add(case, name, median_seconds(theirs), median_seconds(theirs) / seconds, equal,
            f"version {version}")
    return seconds, median_seconds(copied)


def alone(case, settings):
    """Ours and the copy in turns, where there is no peer."""
    with Contender(OURS, [settings.program("loss"), *arguments_of(case)]) as ours:
        mine, copied = take_turns([lambda: ours.ask("go"), lambda: ours.ask("copy")],
                                  settings.repetitions, settings.budget)
    return median_seconds(mine), median_seconds(copied)


def loss(settings):
    """Against each peer, and against copying the logits and no more."""
    row = Row("loss", "Weighted softmax cross-entropy of float32 logits, with its gradient.")
    for case, (_, classes) in CASES.items():
        place = len(row.results)
        measured = [measure(row, case, name, settings) for name in PEERS]
        seconds, copied = next(filter(None, measured), None) or alone(case, settings)
        row.add(case, OURS, seconds)
        row.results.insert(place, row.results.pop())
        row.add(case, COPY, copied)
        row.aim_ratio(case, 3)
        if classes >= MANY:
            share = copied / seconds
            row.aim(f"{case}: 60 % of the speed of copying the logits", f"{share:.0%}",
                    share >= 0.6)
    return row


def measure_in_python(row, case, command, settings):
    """Our two and PyTorch's in turns, each a process: a step with PyTorch's tensors is compared
    with one with ours in its place."""
    say(f"  {case}: in Python")
    names = (*IN_PYTHON_OURS, "PyTorch")
    with contextlib.ExitStack() as stack:
        try:
            all_three = [stack.enter_context(open_peer(name, case)) for name in names]
            outcomes = [outcome(one) for one in all_three]
        except Failed as failure:
            row.add(case, "PyTorch", remark=f"missing: {failure}")
            return
        version = all_three[-1].ask("version")["version"]
        turns = take_turns([lambda one=one: one.ask(command) for one in all_three],
                           settings.repetitions, settings.budget)
    seconds = [median_seconds(one) for one in turns]
    for name, median in zip(IN_PYTHON_OURS, seconds):
        row.add(case, name, median)
    row.add(case, "PyTorch", seconds[2], seconds[2] / seconds[1],
            distance(outcomes[1], outcomes[2]), f"ratio to steelyard.torch; version {version}")


def python_loss(settings):
    """From Python: on NumPy arrays, and as PyTorch's loss with its backward."""
    row = Row("python-loss", "The same called from Python; of PyTorch's tensors with `backward`.")
    for case in IN_PYTHON:
        measure_in_python(row, case, "go", settings)
        row.aim_ratio(case, 3)
    measure_in_python(row, TINY, "often", settings)
    ours = [result.seconds for result in row.results
            if result.case == TINY and result.contender == IN_PYTHON_OURS[0]]
    if ours:
        row.aim(f"{TINY}: steelyard.losses below 20 us", f"{ours[0] * 1e6:.1f} us", ours[0] < 20e-6)
    return row
