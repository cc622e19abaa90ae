"""Row `quality`: the three families side by side on rows that nothing saw, and others' trees.

No times: log-loss, average precision and what decisions cost at two sets of prices, mean and
standard error over seeds, without class weights and with balanced ones (which are taken out of the
probabilities again). Each seed has its own split: 70 % of each class to train on, the rest to be
judged. Ours is the command line with its defaults: fit, then predict. XGBoost and LightGBM grow
trees of the same rows, weights and parameters, stop early on a tenth of the rows and then train on
all, as ours does; `trees` are ours on the very matrix that they get, with the same rows held back.

Each set is kept in build/bench.json as soon as it is done, and only its lines are replaced by
another run: `--set` names those to be measured.
"""

import concurrent.futures
import json
import os
import statistics
import subprocess
import tempfile

import numpy
import pandas

import judged
import results
import sets
from contender import Failed, say
from results import OURS, Row

HERE = os.path.dirname(os.path.abspath(__file__))
PEER = os.path.join(os.path.dirname(HERE), "peers", "forest.py")
# The environment of `make check-peers` has them.
PYTHON = os.path.join(results.REPOSITORY, ".cache", "dialects", "bin", "python")
FAMILIES = ("logistic", "mlp", "boosted")
PEERS = ("XGBoost", "LightGBM")
POLICIES = ("none", "balanced")
HELD = 0.1
TITLE = ("Families side by side on rows that nothing saw: log-loss, average precision (AP), cost "
         "where a mistake in a row of a rare class (below 20 %) costs 5 and another 1, cost where "
         "it is 1 / (K share of the class). Mean and standard error over five seeds.")


class Split:
    """Files of one split of a set."""

    def __init__(self, folder, found, seed):
        self.folder, self.label, self.group, self.seed = folder, found.label, found.group, seed
        train, test = found.split(seed)
        self.train, self.test = train, test
        self.classes = sorted(train[found.label].unique())
        ids = {name: k for k, name in enumerate(self.classes)}
        self.ids = train[found.label].map(ids).to_numpy(numpy.int32)
        self.actual = test[found.label].map(ids).to_numpy(numpy.int32)
        self.shares = numpy.bincount(self.ids, minlength=len(ids)) / len(train)
        self.rare = numpy.array([name in found.rare() for name in self.classes])
        train.to_parquet(self.path("train.parquet"), index=False)
        test.to_parquet(self.path("test.parquet"), index=False)

    def path(self, name):
        """A file of this split."""
        return os.path.join(self.folder, name)

    def class_weights(self, policy):
        """(K) what a class weighs."""
        return (1 / (len(self.shares) * self.shares) if policy == "balanced"
                else numpy.ones(len(self.shares)))

    def figures(self, probabilities):
        """What probabilities of the judged rows are worth."""
        return judged.figures(probabilities, self.actual, self.shares, self.rare)


def run(command):
    """The JSON that a program prints, on one thread; Failed with its last words."""
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env=os.environ | {"OMP_NUM_THREADS": "1"})
    if done.returncode:
        raise Failed((done.stderr.strip() or "no reason given").splitlines()[-1])
    return json.loads(done.stdout) if done.stdout.strip() else {}


def ours(settings, split, family, policy):
    """(probabilities, rounds or epochs) of a model that the command line trains."""
    model, out = (split.path(f"{family}.{policy}.{end}") for end in ("onnx", "parquet"))
    told = run([settings.command_line(), "fit", split.path("train.parquet"), "--label", split.label,
                "--model", family, "--class-weight", policy, "--test", "none", "--threads", "1",
                "--seed", str(split.seed), *(["--group", split.group] if split.group else []),
                "--json", "--quiet", "-o", model])
    run([settings.command_line(), "predict", model, split.path("test.parquet"), "--threads", "1",
         "--quiet", "-o", out])
    if family != "logistic" and not length(told):
        raise Failed(f"this program does not train {family}")
    columns = pandas.read_parquet(out)[[f"p_{name}" for name in split.classes]]
    return columns.to_numpy(numpy.float64), length(told)


def length(told):
    """Epochs or rounds that a training took; 0 of logistic regression, whose steps are others."""
    return told["iterations"] if told["gradient_norm"] is None else 0


def draw_parts(split):
    """0 to train on, 1 held back: a tenth of each class, never all of it; 2 to be judged."""
    draw = numpy.random.default_rng(split.seed)
    parts = numpy.full(len(split.train) + len(split.test), 2, numpy.uint8)
    parts[:len(split.train)] = 0
    units = split.train[split.group].to_numpy() if split.group else numpy.arange(len(split.train))
    for k in range(len(split.classes)):
        members = draw.permutation(numpy.unique(units[split.ids == k]))
        held = members[:min(round(HELD * len(members)), len(members) - 1)]
        parts[:len(split.train)][numpy.isin(units, held) & (split.ids == k)] = 1
    return parts


def encode(split):
    """Writes the rows as all trees take them: numbers as they are, texts one-hot over the values of
    the training rows."""
    wanted = [name for name in split.train if name not in (split.label, split.group)]
    whole = pandas.get_dummies(pandas.concat([split.train[wanted], split.test[wanted]]))
    numbers = numpy.array([kind != bool for kind in whole.dtypes])
    seen = whole[:len(split.train)].any().to_numpy() | numbers
    rows = whole.loc[:, seen].to_numpy(numpy.float32)
    rows.tofile(split.path("rows"))
    numpy.concatenate([split.ids, split.actual]).tofile(split.path("labels"))
    draw_parts(split).tofile(split.path("parts"))
    return rows.shape


def plan_of(split, who, policy):
    """What a program needs to know that grows trees, see peers/forest.py."""
    n, d = encode(split)
    return {"rows": split.path("rows"), "labels": split.path("labels"),
            "parts": split.path("parts"), "n": n, "d": d, "classes": len(split.classes),
            "weights": list(split.class_weights(policy)),
            "out": split.path(f"{who}.{policy}.out")}


def unweighted(plan, probabilities):
    """Probabilities with the class weights taken out."""
    true = probabilities / plan["weights"]
    return true / true.sum(1, keepdims=True)


def theirs(split, peer, policy):
    """(probabilities, rounds) of a peer's trees."""
    if not os.path.exists(PYTHON):
        raise Failed("not installed here: make check-peers installs it")
    plan = plan_of(split, peer, policy)
    path = split.path(f"{peer}.{policy}.plan")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(plan, file)
    told = run([PYTHON, PEER, peer, path])
    probabilities = numpy.fromfile(plan["out"]).reshape(-1, plan["classes"])
    return unweighted(plan, probabilities), told["rounds"]


def trees(settings, split, policy):
    """(probabilities, rounds) of ours on the very rows that the peers get, held-back ones too."""
    plan = plan_of(split, OURS, policy)
    path = split.path(f"{OURS}.{policy}.weights")
    numpy.array(plan["weights"]).tofile(path)
    told = run([settings.program("quality"), "boosted", plan["rows"], str(plan["n"]),
                str(plan["d"]), plan["labels"], str(plan["classes"]), path, plan["parts"],
                str(split.seed), plan["out"]])
    probabilities = numpy.exp(numpy.fromfile(plan["out"])).reshape(-1, plan["classes"])
    return unweighted(plan, probabilities), told["epochs"]


def contenders(settings):
    """Who trains, by name: functions of a split."""
    found = {}
    for policy in POLICIES:
        told = "" if policy == "none" else f", {policy}"
        for family in FAMILIES:
            found[f"{OURS} {family}{told}"] = (
                lambda split, family=family, policy=policy: ours(settings, split, family, policy))
        found[f"{OURS} trees{told}"] = (
            lambda split, policy=policy: trees(settings, split, policy))
        for peer in PEERS:
            found[f"{peer}{told}"] = (
                lambda split, peer=peer, policy=policy: theirs(split, peer, policy))
    return found


class Outcomes:
    """What was found of one split of a set, on disk until the set is done: a run that was broken
    off goes on where it was."""

    def __init__(self, settings, name, seed):
        self.path = os.path.join(settings.build, "quality", f"{name}.{seed}.json")
        self.found = {}
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as file:
                self.found = json.load(file)

    def add(self, contender, figures, rounds):
        """Keeps one contender's."""
        self.found[contender] = [list(map(float, figures)), rounds]
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(f"{self.path}.new", "w", encoding="utf-8") as file:
            json.dump(self.found, file)
        os.replace(f"{self.path}.new", self.path)

    def remove(self):
        """Forgets them on disk."""
        if os.path.exists(self.path):
            os.remove(self.path)


def of_seed(settings, name, found, seed):
    """Outcomes of all contenders on one split; a text in the place of one says why it has none."""
    outcomes = Outcomes(settings, name, seed)
    with tempfile.TemporaryDirectory() as folder:
        split = Split(folder, found, seed)
        for contender, train in contenders(settings).items():
            if contender in outcomes.found:
                continue
            say(f"    {name}, seed {seed}: {contender}")
            try:
                probabilities, rounds = train(split)
                outcomes.add(contender, split.figures(probabilities), rounds)
            except Failed as failure:
                outcomes.found[contender] = str(failure)
    return outcomes


def spread(values):
    """Mean and standard error."""
    mean = statistics.mean(values)
    if len(values) < 2:
        return f"{mean:.4f}"
    return f"{mean:.4f} +- {statistics.stdev(values) / len(values) ** 0.5:.4f}"


def add_contender(row, case, name, outcomes, remark):
    """A line; returns the figures by seed, or None."""
    failures = [outcome for outcome in outcomes if isinstance(outcome, str)]
    if failures:
        row.add(case, name, remark=failures[0])
        return None
    by_seed = [outcome[0] for outcome in outcomes]
    rounds = statistics.mean(outcome[1] for outcome in outcomes)
    parts = [f"{title} {spread(values)}" for title, values in zip(judged.FIGURES, zip(*by_seed))]
    words = [remark] if remark else []
    if rounds:
        words.append(f"{rounds:.0f} {'epochs' if 'mlp' in name else 'rounds'}")
    row.add(case, name, equal=", ".join(parts), remark="; ".join(words))
    return by_seed


def measure(settings, row, name):
    """All contenders on one set, seeds beside each other on all processors."""
    found = sets.load(name)
    seeds = range(min(found.seeds, settings.repetitions))
    say(f"  {name}: {len(found.table):,} rows, {len(seeds)} seeds")
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        outcomes = list(pool.map(lambda seed: of_seed(settings, name, found, seed), seeds))
    remark, figures = found.remark, {}
    for contender in contenders(settings):
        figures[contender] = add_contender(
            row, name, contender, [one.found[contender] for one in outcomes], remark)
        remark = ""
    aims(row, name, figures)
    return outcomes


def aims(row, case, figures):
    """Trees as good as XGBoost's own, but for two standard errors of the difference by seeds, and
    for a ten-thousandth: all but equal trees differ by rounding, the same way on every seed."""
    mine, other = (figures.get(name) for name in (f"{OURS} trees", "XGBoost"))
    if not mine or not other or len(mine) < 2:
        return
    gaps = [a[0] - b[0] for a, b in zip(mine, other)]
    error = statistics.stdev(gaps) / len(gaps) ** 0.5
    mean = statistics.mean(gaps)
    row.aim(f"{case}: log-loss of our trees no worse than XGBoost's",
            f"{mean:+.4f} (standard error {error:.4f})", mean <= max(2 * error, 1e-4))


def quality(settings):
    """All sets, or those of settings.sets."""
    row = results.resumed(settings.kept(), Row("quality", TITLE))
    for name, why in sets.LEFT_OUT.items():
        row.forget(name)
        row.add(name, "left out", remark=why)
    for name in settings.sets or sets.SETS:
        row.forget(name)
        outcomes = []
        try:
            outcomes = measure(settings, row, name)
        except (Failed, OSError) as failure:
            row.add(name, OURS, remark=str(failure))
        row.put_in_order([*sets.SETS, *sets.LEFT_OUT])
        results.save(settings.kept(), [row])
        for one in outcomes:
            one.remove()
    return row
