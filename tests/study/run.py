#!/usr/bin/env python3
"""What class weights cost in probabilities, and what correction and calibration bring back.

Usage: run.py [--binary FILE] [PATTERN]
Real data are looked for in ../shared/data beside the repository, or where STEELYARD_DATA says; a
test whose data are absent says that it is skipped. Figures are of rows the judging models did not
see; each test prints what it found.
"""

import argparse
import collections
import fnmatch
import json
import math
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DATA = os.environ.get("STEELYARD_DATA", os.path.join(ROOT, "..", "shared", "data"))


class Skipped(Exception):
    """The data of a test are not here."""


def data(*names):
    """A file of the real data."""
    path = os.path.join(DATA, *names)
    if not os.path.exists(path):
        raise Skipped(f"{'/'.join(names)} is not here")
    return path


class World:
    """The program under test and a folder to work in."""

    def __init__(self, binary, folder):
        self.binary, self.folder = binary, folder

    def fit(self, *arguments):
        """What `steelyard fit ARGUMENTS --json` says."""
        command = [self.binary, "fit", *arguments, "-o", "model.onnx", "--json", "--quiet"]
        done = subprocess.run(command, capture_output=True, check=False, cwd=self.folder)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stderr.decode()}")
        return json.loads(done.stdout)


def more(loss, base):
    """How much more log-loss, in percent."""
    return 100 * (loss / base - 1)


def balanced_and_calibrated(world, name, *source):
    """Log-loss of a balanced model beside the unweighted one: corrected, and calibrated."""
    base = world.fit(*source)["test"]["log_loss"]
    corrected = world.fit(*source, "--class-weight", "balanced")
    found = {"corrected": corrected["test"]["log_loss"]}
    assert math.isclose(corrected["twin"]["log_loss"], base, rel_tol=1e-9), "the twin is unweighted"
    for kind in ("temperature", "vector", "isotonic", "refit"):
        answer = world.fit(*source, "--class-weight", "balanced", "--calibrate", kind)
        found[kind] = answer["test"]["log_loss"]
        assert math.isclose(answer["calibration"]["log_loss"]["after"], found[kind]), kind
        assert math.isclose(answer["calibration"]["log_loss"]["before"], found["corrected"]), kind
    print(f"  {name}: unweighted {base:.4f}; balanced, "
          + ", ".join(f"{kind} {loss:.4f} ({more(loss, base):+.1f} %)"
                      for kind, loss in found.items()))
    assert math.isclose(found["refit"], base, rel_tol=1e-9), "refitted probabilities are unweighted"
    return base, found


# --- real data ---

def bank_full(world):
    base, found = balanced_and_calibrated(
        world, "bank-full", data("bank_marketing", "bank-full.csv"), "--label", "y")
    for kind in ("temperature", "vector", "isotonic"):
        assert more(found[kind], base) <= 3, (kind, found[kind], base)


def yeast(world):
    base, found = balanced_and_calibrated(
        world, "yeast", data("yeast", "yeast.data"), "--delimiter", " ", "--label", "-1",
        "--exclude", "1")
    for kind in ("temperature", "vector"):
        assert more(found[kind], base) <= 3, (kind, found[kind], base)


def page_blocks(world):
    """Reported: the weights move it far, and a map of each class brings most of it back."""
    _, found = balanced_and_calibrated(
        world, "page_blocks", data("page_blocks", "page_blocks.csv"), "--label", "-1")
    assert found["vector"] < found["corrected"]


def churn_costs_by_row(world):
    """Each row has its costs: doing nothing costs 564.1 k, deciding row by row less."""
    answer = world.fit(
        data("cost_churn_tv_subscriptions", "churn_tv_subscriptions.csv.gz"), "--label", "target",
        "--exclude", "C_*,id", "--cost", "1:0=C_FN,0:1=C_FP,1:1=C_TP,0:0=C_TN")
    rows, cost = answer["test"]["rows"], answer["test"]["average_cost"]
    print(f"  churn: {rows * cost / 1000:.1f} k instead of 564.1 k")
    assert rows * cost < 564100, rows * cost


def networks_page_blocks(world):
    """Weights, balanced sampling and logit adjustment of networks are undone; a loss without an
    inverse is calibrated; logistic regression beside them is what it is by itself."""
    source = (data("page_blocks", "page_blocks.csv"), "--label", "-1", "--test", "cv:3")
    logistic = world.fit(*source)["test"]["log_loss"]
    base = world.fit(*source, "--model", "mlp")
    loss = base["test"]["log_loss"]
    assert math.isclose(base["rival"]["logistic_log_loss"], logistic, rel_tol=1e-9)
    assert math.isclose(base["rival"]["log_loss"], loss, rel_tol=1e-9)
    variants = {"balanced": ("--class-weight", "balanced"), "sampled": ("--sampling", "balanced"),
                "adjusted": ("--loss", "logit-adjustment"),
                "focal": ("--loss", "focal"),
                "focal, vector": ("--loss", "focal", "--calibrate", "vector")}
    found = {name: world.fit(*source, "--model", "mlp", *options)["test"]
             for name, options in variants.items()}
    print(f"  page_blocks: logistic {logistic:.4f}; network {loss:.4f}; "
          + ", ".join(f"{name} {test['log_loss']:.4f} ({more(test['log_loss'], loss):+.1f} %, "
                      f"error {test['calibration_error']:.4f})" for name, test in found.items()))
    for name in ("balanced", "sampled", "adjusted"):
        test = found[name]
        assert more(test["log_loss"], loss) <= 20, (name, test["log_loss"], loss)
        assert test["balanced_accuracy"] > base["test"]["balanced_accuracy"], name
        assert test["calibration_error"] <= 0.02, (name, test["calibration_error"])
    scores, calibrated = found["focal"], found["focal, vector"]
    assert calibrated["log_loss"] < scores["log_loss"]
    assert calibrated["calibration_error"] < scores["calibration_error"] / 2


# --- made up ---

def rare_logistic_data(world, share, seed):
    """A logistic truth with this share of positives, as a file."""
    source = random.Random(seed)
    path = os.path.join(world.folder, "rare.csv")
    begin = math.log(share / (1 - share)) - 0.9  # about what features of this spread add
    with open(path, "w", encoding="utf-8") as file:
        file.write("a,b,c,d,y\n")
        for _ in range(60000):
            x = [source.gauss(0, 1) for _ in range(4)]
            logit = begin + 1.1 * x[0] - 0.8 * x[1] + 0.5 * x[2]
            hit = source.random() < 1 / (1 + math.exp(-logit))
            file.write(",".join(f"{v:.6f}" for v in x) + (",yes\n" if hit else ",no\n"))
    return path


def rare_logistic(world):
    """Where the model can say the truth, correction brings all of it back."""
    for share, seed in ((0.01, 1), (0.02, 2)):
        answer = world.fit(rare_logistic_data(world, share, seed), "--label", "y",
                           "--class-weight", "balanced")
        base, loss = answer["twin"]["log_loss"], answer["test"]["log_loss"]
        observed = answer["test"]["per_class"][1]["support"] / answer["test"]["weighted_rows"]
        print(f"  {100 * observed:.2f} % positives: unweighted {base:.5f}, balanced and corrected "
              f"{loss:.5f} ({more(loss, base):+.2f} %)")
        assert 0.008 < observed < 0.025, observed
        assert abs(more(loss, base)) <= 1, (loss, base)


TESTS = [bank_full, yeast, page_blocks, churn_costs_by_row, networks_page_blocks, rare_logistic]


def attempt(test, binary):
    """Runs a test: passed, failed or skipped, said in a line."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            test(World(binary, folder))
        except Skipped as reason:
            print(f"skipped {test.__name__}: {reason}")
            return "skipped"
        except AssertionError as reason:
            print(f"FAILED {test.__name__}: {reason}")
            return "failed"
    return "passed"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--binary", default=os.path.join(ROOT, "build", "steelyard"))
    parser.add_argument("pattern", nargs="?", default="*")
    given = parser.parse_args()
    binary = os.path.abspath(given.binary)
    results = collections.Counter(attempt(test, binary) for test in TESTS
                                  if fnmatch.fnmatch(test.__name__, given.pattern))
    print(f"study: {results['passed']} passed, {results['failed']} failed, "
          f"{results['skipped']} skipped")
    return 1 if results["failed"] or not results else 0


if __name__ == "__main__":
    sys.exit(main())
