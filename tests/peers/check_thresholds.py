#!/usr/bin/env python3
"""Rules of `steelyard decide --scores` for XGBoost must be those of an exhaustive search.

Usage: check_thresholds.py STEELYARD [DATA]
XGBoost, plain and with scale_pos_weight, is trained on half of DATA/bank_marketing and scores the
other half; a dozen lines of Python write its scores as CSV. For costs, metrics and constraints
numpy tries every threshold there is, on the scores as they stand. The thresholds for raw scores in
the rule must decide every row as the best of those does; rules that nothing meets must be refused.
The last line is "thresholds: N passed, N failed".
"""

import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy
import xgboost

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NUMBERS = ["age", "balance", "day", "duration", "campaign", "pdays", "previous"]
TIE = 1e-12


def write_scores(bank, weight, path):
    """All it takes."""
    with open(bank, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    x = numpy.array([[float(row[name]) for name in NUMBERS] for row in rows])
    y = numpy.array([row["y"] == "yes" for row in rows])
    train = numpy.arange(len(y)) % 2 == 0
    options = {"objective": "binary:logistic", "scale_pos_weight": weight, "seed": 0}
    model = xgboost.train(options, xgboost.DMatrix(x[train], y[train]), num_boost_round=40)
    p = model.predict(xgboost.DMatrix(x[~train])).tolist()
    with open(path, "w", encoding="utf-8") as file:
        file.write("score,bought\n")
        file.writelines(f"{a!r},{'yes' if b else 'no'}\n" for a, b in zip(p, y[~train]))
    return numpy.array(p), y[~train]


def divide(part, whole):
    return numpy.divide(part, whole, out=numpy.full(len(part), numpy.nan), where=whole > 0)


def objectives(caught, false, positives, negatives):
    """The value of each threshold; greater is better."""
    flagged, missed = caught + false, positives - caught
    right = negatives - false
    products = flagged * (missed + right) * float(positives) * negatives
    return {
        "cost": -(20.0 * missed + false),
        "f1": 2.0 * caught / (positives + flagged),
        "fbeta:2": 5.0 * caught / (4.0 * positives + flagged),
        "balanced_accuracy": (caught / positives + right / negatives) / 2,
        "youden": caught / positives - false / negatives,
        "mcc": divide(1.0 * caught * right - 1.0 * false * missed, numpy.sqrt(products)),
        "g_mean": numpy.sqrt(caught / positives * right / negatives),
        "accuracy": (caught + right) / (positives + negatives),
        "recall": caught / positives,
        "precision": divide(1.0 * caught, flagged),
    }


def exhaustive(scores, actual, objective, max_flagged=1, min_precision=None, min_recall=0):
    """Which rows the best threshold flags, of equals the highest; None where none will do."""
    thresholds = numpy.concatenate([[numpy.inf], numpy.unique(scores)[::-1]])
    order = numpy.sort(scores), numpy.sort(scores[actual])
    flagged, caught = (len(part) - numpy.searchsorted(part, thresholds, "left") for part in order)
    positives = int(actual.sum())
    values = objectives(caught, flagged - caught, positives, len(actual) - positives)[objective]
    good = (flagged / len(actual) <= max_flagged + TIE) & (caught / positives >= min_recall - TIE)
    if min_precision is not None:
        good &= numpy.nan_to_num(divide(1.0 * caught, flagged), nan=-1) >= min_precision - TIE
    values = numpy.where(good & ~numpy.isnan(values), values, -numpy.inf)
    best = values.max()
    if best == -numpy.inf:
        return None
    return scores >= thresholds[numpy.argmax(values >= best - TIE * max(1, abs(best)))]


CASES = [
    ("cost", {}), ("f1", {}), ("fbeta:2", {}), ("balanced_accuracy", {}), ("youden", {}),
    ("mcc", {}), ("g_mean", {}), ("accuracy", {}),
    ("cost", {"max_flagged": 0.02}), ("recall", {"max_flagged": 0.005}),
    ("f1", {"min_precision": 0.7}), ("recall", {"min_precision": 0.65}),
    ("precision", {"min_recall": 0.4}), ("f1", {"min_precision": 0.6, "max_flagged": 0.03}),
    ("f1", {"min_precision": 0.99, "min_recall": 0.5}),
]


def rule_of(steelyard, path, weight, objective, bounds):
    """The rule as JSON, or the line that refuses it."""
    command = [steelyard, "decide", path, "--label", "bought", "--scores", "score", "--json",
               "--quiet", "--cost", "yes:no=20", "--tune", objective]
    command += [] if weight == 1 else ["--undo-weights", str(weight)]
    for name, bound in bounds.items():
        command += [f"--{name.replace('_', '-')}", str(bound)]
    came = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(came.stdout) if came.returncode == 0 else came.stderr


def problem_of(rule, scores, wanted):
    """Why the rule is not that of the exhaustive search, or None."""
    if wanted is None:
        return None if "no threshold" in rule else f"not refused: {rule}"
    if isinstance(rule, str):
        return rule
    decided = scores >= rule["raw_threshold"]
    if (decided == wanted).all():
        return None
    return f"flags {decided.sum()} rows instead of {wanted.sum()}"


def main():
    steelyard = os.path.abspath(sys.argv[1])
    data = sys.argv[2] if len(sys.argv) > 2 else os.path.join(REPOSITORY, "..", "shared", "data")
    bank, passed, failed = os.path.join(data, "bank_marketing", "bank-full.csv"), 0, 0
    if not os.path.exists(bank):
        print(f"thresholds: skipped, there is no {bank}")
        return
    with tempfile.TemporaryDirectory() as scratch:
        for weight in (1, 8):
            path = os.path.join(scratch, f"scores{weight}.csv")
            scores, actual = write_scores(bank, weight, path)
            for objective, bounds in CASES:
                rule = rule_of(steelyard, path, weight, objective, bounds)
                problem = problem_of(rule, scores, exhaustive(scores, actual, objective, **bounds))
                passed += problem is None
                failed += problem is not None
                if problem:
                    print(f"FAILED scale_pos_weight={weight} {objective} {bounds}: {problem}")
    print(f"thresholds: {passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
