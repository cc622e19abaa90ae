"""Row `boosted`: 300 rounds of boosted trees, by us and by those whose trees they are.

All have the same rows, balanced class weights, rate, bins and depth (LightGBM: leaves), and begin
at the same logits, since balanced weights leave none. So ours and XGBoost's trees can be laid
beside each other: how many have the same splits, and how far logits are apart.
"""

import os
import tempfile

import numpy

import datasets
import results
from contender import Contender, Failed, median_seconds, say, take_turns
from results import OURS, Row

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(os.path.dirname(HERE), "peers", "boosted.py")
# The environment of `make check-peers` has them.
PYTHON = os.path.join(results.REPOSITORY, ".cache", "dialects", "bin", "python")
PEERS = ("XGBoost", "LightGBM")
SETS = {"rare-event": "rare event 1.5 %", "bank-full": "bank marketing"}
ROUNDS = 300
BUDGET = 8  # times that of quicker rows: a turn takes half a minute
AIM = 1


def arguments_of(data):
    """What both kinds of programs take."""
    return [data.rows_path, str(data.n), str(data.d), data.labels_path, str(data.classes)]


def open_peer(name, data):
    if not os.path.exists(PYTHON):
        raise Failed("not installed here: make check-peers installs it")
    return Contender(name, [PYTHON, PEER, name, *arguments_of(data)])


def logits(contender, folder, data):
    """(n) logits of the second class against the first."""
    path = os.path.join(folder, "logits")
    contender.ask(f"save {path}")
    found = numpy.fromfile(path).reshape(data.n, -1)
    return found[:, -1] - found[:, 0] if found.shape[1] == 2 else found[:, 0]


def weighted_loss(scores, labels):
    """Mean cross-entropy of the training rows, balanced."""
    losses = numpy.logaddexp(0, numpy.where(labels == 1, -scores, scores))
    return numpy.mean([losses[labels == k].mean() for k in (0, 1)])


def trees(contender, folder):
    """Lines, a tree each."""
    path = os.path.join(folder, "trees")
    contender.ask(f"trees {path}")
    with open(path, encoding="utf-8") as file:
        return file.read().splitlines()


def likeness(name, ours, peer, data):
    """What shows that the results are equal: losses, and of XGBoost the trees."""
    labels = data.labels()
    with tempfile.TemporaryDirectory() as folder:
        mine, other = (logits(contender, folder, data) for contender in (ours, peer))
        text = f"loss {weighted_loss(other, labels):.6f}"
        if name == "XGBoost":
            pairs = list(zip(trees(ours, folder), trees(peer, folder)))
            same = [a == b for a, b in pairs]
            first = "" if all(same) else f", the first {same.index(False)} of them"
            text += (f", {sum(same)} of {len(same)} trees with the same splits{first}; logits "
                     f"within {abs(mine - other).max():.0e}, a row's mean "
                     f"{abs(mine - other).mean():.0e}")
    return text, f"loss {weighted_loss(mine, labels):.6f}"


def measure(row, case, name, data, settings):
    """Ours and a peer in turns; the peer's line. Returns our answers and our loss in words."""
    say(f"  {case}: {name}")
    with Contender(OURS, [settings.program("boosted"), *arguments_of(data)]) as ours:
        try:
            with open_peer(name, data) as peer:
                version = peer.ask("version")["version"]
                mine, theirs = take_turns([lambda: ours.ask(f"go {ROUNDS}"),
                                           lambda: peer.ask(f"go {ROUNDS}")],
                                          settings.repetitions, BUDGET * settings.budget)
                equal, own = likeness(name, ours, peer, data)
        except Failed as failure:
            row.add(case, name, remark=f"missing: {failure}")
            return [], ""
    row.add(case, name, median_seconds(theirs), median_seconds(theirs) / median_seconds(mine),
            equal, version, runs=[answer["seconds"] for answer in theirs])
    return mine, own


def boosted(settings):
    """Two sets of two classes, each peer in turns with ours."""
    row = Row("boosted", f"{ROUNDS} rounds of trees of depth 6 in 256 bins, rate 0.1, balanced "
                         "class weights, from float32 arrays in memory to the last tree.")
    for name, title in SETS.items():
        try:
            data = datasets.load(name)
        except (FileNotFoundError, ImportError) as missing:
            row.add(title, "all", remark=f"left out: {missing}")
            continue
        case = f"{title}, {data.n:,} x {data.d}"
        place, mine, equal = len(row.results), [], ""
        for peer in PEERS:
            answers, own = measure(row, case, peer, data, settings)
            mine, equal = mine + answers, own or equal
        if mine:
            row.add(case, OURS, median_seconds(mine), None, equal,
                    runs=[answer["seconds"] for answer in mine])
            row.results.insert(place, row.results.pop())
        row.aim_ratio(case, AIM, "XGBoost")
    return row
