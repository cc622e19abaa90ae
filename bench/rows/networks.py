"""Row `networks`: how good networks are on rows that nothing saw, ours and the same in others.

No times: log-loss (of probabilities that have the class weights taken out again) and balanced
accuracy (of the weighted arg-max), mean and standard deviation over five seeds, each with its own
split: three quarters to train on, of which a tenth is held back for early stopping, the rest to be
judged. All have the same rows, encoding, class weights, layers, optimizer, learning rate, batch
size and patience. A set of more than ROWS rows is cut to a sample of them.
"""

import json
import os
import statistics
import subprocess
import tempfile

import numpy

import datasets
import results
from contender import Failed, say
from results import OURS, Row

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(os.path.dirname(HERE), "peers", "network.py")
# The environment of `make check-peers` has them.
PYTHON = os.path.join(results.REPOSITORY, ".cache", "dialects", "bin", "python")
PEERS = ("scikit-learn", "Keras", "PyTorch")
SETS = ("bank-full", "page_blocks", "letter", "letter-H", "kddcup99", "birdstrikes")
SEEDS = range(5)
ROWS = 50_000
OPTIONS = ("hidden", "batch_size", "learning_rate", "patience")
LEAST = 1e-15  # of a probability, so that no log-loss is infinite


class Split:
    """Files of one split of a set, with one kind of class weights."""

    def __init__(self, folder, data, rows, policy, seed):
        self.folder, self.data, self.seed = folder, data, seed
        self.n = len(rows)
        labels = data.labels()[rows]
        self.parts = draw_parts(labels, seed)
        trains = self.parts < 2
        counts = numpy.bincount(labels[trains], minlength=data.classes)
        present = counts > 0
        self.weights = numpy.ones(data.classes)
        if policy == "balanced":
            self.weights[present] = trains.sum() / (present.sum() * counts[present])
        self.judged = labels[self.parts == 2]
        data.rows()[rows].tofile(self.path("rows"))
        labels.tofile(self.path("labels"))
        self.parts.tofile(self.path("parts"))
        self.weights.tofile(self.path("class_weights"))
        self.weights[labels].tofile(self.path("weights"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def quality(self, told):
        """(log-loss, balanced accuracy) of what was said of the judged rows."""
        logs = numpy.fromfile(self.path("out")).reshape(-1, self.data.classes)
        logs = numpy.maximum(logs, numpy.log(LEAST))
        true = logs - numpy.log(self.weights)
        true -= numpy.logaddexp.reduce(true, axis=1, keepdims=True)
        loss = -true[numpy.arange(len(true)), self.judged].mean()
        right = logs.argmax(1) == self.judged
        recalls = [right[self.judged == k].mean() for k in numpy.unique(self.judged)]
        return float(loss), float(numpy.mean(recalls)), told["epochs"]


def draw_parts(labels, seed):
    """0 to train on, 1 held back, 2 to be judged; each class by itself, one row of it trains."""
    draw = numpy.random.default_rng(seed)
    parts = numpy.zeros(len(labels), numpy.uint8)
    for k in numpy.unique(labels):
        places = draw.permutation(numpy.flatnonzero(labels == k))
        judged = len(places) // 4
        held = round((len(places) - judged) / 10)
        parts[places[:judged]] = 2
        parts[places[judged:judged + held]] = 1
    return parts


def answer(command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed((done.stderr.strip() or "no reason given").splitlines()[-1])
    return json.loads(done.stdout)


def ours(settings, split, family):
    data = split.data
    return answer([settings.program("quality"), family, split.path("rows"), str(split.n),
                   str(data.d), split.path("labels"), str(data.classes),
                   split.path("class_weights"), split.path("parts"), str(split.seed),
                   split.path("out")])


def theirs(options, split, peer):
    """With the options that ours was trained with."""
    if not os.path.exists(PYTHON):
        raise Failed("not installed here: make check-peers installs it")
    data = split.data
    plan = {name: split.path(name) for name in ("rows", "labels", "weights", "parts", "out")}
    plan |= {"n": split.n, "d": data.d, "classes": data.classes, "seed": split.seed}
    plan |= {name: options[name] for name in OPTIONS} | {"epochs": options["most_epochs"]}
    with open(split.path("plan"), "w", encoding="utf-8") as file:
        json.dump(plan, file)
    return answer([PYTHON, PEER, peer, split.path("plan")])


def spread_text(values):
    return f"{statistics.mean(values):.4f} +- {statistics.stdev(values):.4f}"


def contenders(settings):
    """Who trains, by name: functions of a split. Ours come first and tell what it was that the
    others get."""
    options = {}

    def mlp(split):
        options.update(ours(settings, split, "mlp"))
        return options

    found = {f"{OURS} mlp": mlp,
             f"{OURS} logistic": lambda split: ours(settings, split, "logistic")}
    for peer in PEERS:
        found[peer] = lambda split, peer=peer: theirs(options, split, peer)
    return found


def measure(settings, row, name, policy):
    data = datasets.load(name)
    rows = numpy.arange(data.n)
    if data.n > ROWS:
        rows = numpy.sort(numpy.random.default_rng(0).choice(data.n, ROWS, replace=False))
    case = f"{name}, {policy}"
    found = {}
    for contender, train in contenders(settings).items():
        say(f"  {case}: {contender}")
        try:
            outcomes = []
            for seed in list(SEEDS)[:settings.repetitions]:
                with tempfile.TemporaryDirectory() as folder:
                    split = Split(folder, data, rows, policy, seed)
                    outcomes.append(split.quality(train(split)))
        except Failed as failure:
            row.add(case, contender, remark=str(failure))
            continue
        losses, accuracies, epochs = zip(*outcomes)
        found[contender] = losses, accuracies
        row.add(case, contender,
                equal=f"log-loss {spread_text(losses)}, balanced acc. {spread_text(accuracies)}",
                remark=f"{statistics.mean(epochs):.0f} epochs" if any(epochs) else "")
    aims(row, case, found)


def aims(row, case, found):
    """At least as good as each, but for two standard errors of the difference by pairs."""
    if f"{OURS} mlp" not in found:
        return
    own = found[f"{OURS} mlp"]
    for which, (measure_name, sign) in enumerate((("log-loss", 1), ("balanced acc.", -1))):
        for contender, other in found.items():
            if contender == f"{OURS} mlp" or (which and "logistic" in contender):
                continue
            gaps = [sign * (a - b) for a, b in zip(own[which], other[which])]
            error = statistics.stdev(gaps) / len(gaps) ** 0.5
            mean = statistics.mean(gaps)
            row.aim(f"{case}: {measure_name} no worse than {contender}",
                    f"better by {-mean:+.4f} (standard error {error:.4f})", mean <= 2 * error)


def networks(settings):
    """All sets, without class weights and with balanced ones."""
    row = Row("networks", "How good networks are on rows that nothing saw; mean and standard "
                         "deviation over five seeds.")
    for name in SETS:
        for policy in ("none", "balanced"):
            try:
                measure(settings, row, name, policy)
            except (Failed, OSError) as failure:
                row.add(name, OURS, remark=str(failure))
    return row
