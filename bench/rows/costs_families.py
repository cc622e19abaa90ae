"""A part of the row `costs`: the three families on the same sets, as the command line trains them.

Average costs of `fit --test cv:K`, whose rows are judged by models that did not see them and
decided by the costs; no choices but the family's own (a network's epochs, the number of rounds),
which are made within the training rows. The mean and its standard error are over seeds of the
folds.
"""

import concurrent.futures
import json
import os
import statistics
import subprocess
import tempfile

from contender import Failed, say
from results import OURS
from sets import GROUPS

SEEDS = 5
# arguments of `fit`, by how they are told
FAMILIES = {
    "logistic": ["--model", "logistic"],
    "mlp": ["--model", "mlp"],
    "boosted": ["--model", "boosted"],
}
WEIGHTED = {f"{name}, balanced": [*options, "--class-weight", "balanced"]
            for name, options in FAMILIES.items()}
BY_LOSS = {f"{name}, loss of the costs": [*FAMILIES[name], "--loss", "cost-expected"]
           for name in ("mlp", "boosted")}

KDD_NAMES = ("normal", "probe", "DOS", "U2R", "R2L")
KDD_COSTS = ((0, 1, 2, 2, 2), (1, 0, 2, 2, 2), (2, 1, 0, 2, 2), (3, 2, 2, 0, 2), (4, 2, 2, 2, 0))
# So much is enough on so many rows, and a default training would take an hour.
KDD_OPTIONS = {"logistic": [], "mlp": ["--epochs", "15", "--held-out", "0"],
               "boosted": ["--rounds", "40", "--learning-rate", "0.3", "--held-out", "0"]}


def fit(settings, source, options, seed):
    """What a fit tells of its test."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [settings.command_line(), "fit", source, *options, "--seed", str(seed), "--threads",
             "1", "--json", "--quiet", "-o", os.path.join(folder, "model.onnx")],
            capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failed((done.stderr.strip() or "no reason given").splitlines()[-1])
    return json.loads(done.stdout)["test"]


def over_seeds(settings, source, options, n):
    """Tests of n seeds, beside each other on all processors."""
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(lambda seed: fit(settings, source, options, seed), range(n)))


def spread(values, digits):
    """Mean and standard error."""
    if len(values) < 2:
        return f"{values[0]:,.{digits}f}"
    error = statistics.stdev(values) / len(values) ** 0.5
    return f"{statistics.mean(values):,.{digits}f} +- {error:.{digits}f}"


def families(settings, row, case, source, options, in_thousands=False):
    """A line each for the families, without and with class weights and with the loss of costs."""
    n = min(SEEDS, settings.repetitions)
    for name, own in (FAMILIES | WEIGHTED | BY_LOSS).items():
        say(f"  {case}: {name}")
        try:
            tests = over_seeds(settings, source, [*options, *own], n)
        except Failed as failure:
            row.add(case, f"{OURS} {name}", remark=str(failure))
            continue
        costs = [test["average_cost"] for test in tests]
        if in_thousands:
            told = "thousands " + spread([cost * tests[0]["rows"] / 1000 for cost in costs], 1)
        else:
            told = "average cost " + spread(costs, 3)
        row.add(case, f"{OURS} {name}", equal=told, remark=f"{len(tests)} seeds")


def kdd_query(path):
    """The five groups, and copies of a row as one with their number."""
    kinds = " ".join("WHEN column41 IN ({}) THEN '{}'".format(
        ", ".join(f"'{name}.'" for name in names.split()), group)
        for group, names in GROUPS.items())
    return (f"SELECT * EXCLUDE (column41), CASE {kinds} ELSE 'normal' END AS kind, "
            f"count(*) AS copies FROM read_csv('{path}', header = false) GROUP BY ALL")


def kdd(settings, row, path):
    """The costs of the contest of 1999, in a cross-validation of the rows that were to train on.
    Its published results are of other rows, whose shares of attacks differ: not to be compared."""
    case = "KDD Cup 1999, families, five groups, 5-fold, costs of the contest"
    source = kdd_query(path)
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as matrix:
        matrix.write("," + ",".join(KDD_NAMES) + "\n")
        for name, costs in zip(KDD_NAMES, KDD_COSTS):
            matrix.write(",".join([name, *map(str, costs)]) + "\n")
        matrix.flush()
        for name, own in (FAMILIES | WEIGHTED).items():
            say(f"  {case}: {name}")
            options = ["--label", "kind", "--sample-weight", "copies", "--cost",
                       f"@{matrix.name}", "--test", "cv:5", *own,
                       *KDD_OPTIONS[name.split(",")[0]]]
            try:
                test = fit(settings, source, options, 0)
            except Failed as failure:
                row.add(case, f"{OURS} {name}", remark=str(failure))
                continue
            row.add(case, f"{OURS} {name}", equal=f"average cost {test['average_cost']:.5f}",
                    remark=f"of rows that differ {test['unweighted']['average_cost']:.5f}")
