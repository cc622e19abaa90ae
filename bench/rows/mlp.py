"""Row `mlp`: one epoch of a small network on many rows, by us and by those who are known for it.

Networks begin with random numbers of their own and go over the rows in an order of their own, so
that their losses after an epoch are near each other, not the same.
"""

import contextlib
import os

import datasets
import results
from contender import Contender, Failed, median_seconds, say, take_turns
from results import OURS, Row

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(os.path.dirname(HERE), "peers", "mlp.py")
# The environment of `make check-peers` has them.
PYTHON = os.path.join(results.REPOSITORY, ".cache", "dialects", "bin", "python")
# how it is told: its name for the peer's program, and threads
PEERS = {
    "PyTorch": ("PyTorch", 0),
    "PyTorch, one thread": ("PyTorch", 1),
    "Keras on TensorFlow": ("TensorFlow", 0),
    "Keras on JAX": ("JAX", 0),
    "scikit-learn": ("scikit-learn", 0),
}
BATCHES = (256, 2048)
AIM = 5


def arguments_of(data):
    """What both kinds of programs take."""
    return [data.rows_path, str(data.n), str(data.d), data.labels_path, str(data.classes)]


def open_peer(name, data):
    if not os.path.exists(PYTHON):
        raise Failed("not installed here: make check-peers installs it")
    peer, threads = PEERS[name]
    return Contender(name, [PYTHON, PEER, peer, str(threads), *arguments_of(data)])


def losses(answers):
    """What the epochs led to, in words."""
    found = sorted(answer["loss"] for answer in answers)
    return f"loss {found[0]:.3f}" + (f" to {found[-1]:.3f}" if found[-1] > found[0] else "")


def measure(row, case, batch, name, data, settings):
    """Ours and a peer in turns; the peer's line. Returns our answers."""
    say(f"  {case}: {name}")
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(
            Contender(OURS, [settings.program("mlp"), *arguments_of(data)]))
        try:
            peer = stack.enter_context(open_peer(name, data))
            version = peer.ask("version")["version"]
            mine, theirs = take_turns([lambda: ours.ask(f"go {batch}"),
                                       lambda: peer.ask(f"go {batch}")],
                                      settings.repetitions, settings.budget)
        except Failed as failure:
            row.add(case, name, remark=f"missing: {failure}")
            return []
    ratio = median_seconds(theirs) / median_seconds(mine)
    row.add(case, name, median_seconds(theirs), ratio, losses(theirs), version)
    return mine


def mlp(settings):
    """Two sizes of batches, and ours on one thread."""
    data = datasets.load("rare-event")
    row = Row("mlp", f"One epoch of {data.n:,} x {data.d} -> 64 -> 32 -> 2 in float32: relu, Adam, "
              "balanced class weights, from arrays in memory.")
    for batch in BATCHES:
        case = f"batch {batch}"
        place = len(row.results)
        mine = [answer for name in PEERS
                for answer in measure(row, case, batch, name, data, settings)]
        with Contender(OURS, [settings.program("mlp"), *arguments_of(data)]) as ours:
            if not mine:
                mine = take_turns([lambda: ours.ask(f"go {batch}")], settings.repetitions,
                                  settings.budget)[0]
            ours.ask("threads 1")
            alone = take_turns([lambda: ours.ask(f"go {batch}")], settings.repetitions,
                               settings.budget)[0]
        row.add(case, f"{OURS}, one thread", median_seconds(alone), None, losses(alone))
        row.results.insert(place, row.results.pop())
        row.add(case, OURS, median_seconds(mine), None, losses(mine))
        row.results.insert(place, row.results.pop())
        row.aim_ratio(case, AIM)
    return row
