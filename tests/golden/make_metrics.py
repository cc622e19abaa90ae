"""Writes metrics.txt: metrics of scikit-learn on seeded random rows, for test_evaluate_golden.c.

Probabilities are whole numbers of twentieths, so ties abound and the text holds them exactly; row
weights are whole numbers of eighths, some of them 0.

    python make_metrics.py > metrics.txt
"""

import math
import warnings

import numpy
import sklearn
from sklearn import metrics

PARTS = 20
UNIT = 8


def draw(random, n, shares):
    """Actual classes, decisions, probabilities (as parts of PARTS) and weights (of UNIT)."""
    k = len(shares)
    actual = random.choice(k, size=n, p=shares)
    parts = numpy.empty((n, k), dtype=int)
    for i in range(n):
        lean = numpy.asarray(shares) + 0.6 * (numpy.arange(k) == actual[i]) + random.random(k)
        parts[i] = 1 + random.multinomial(PARTS - k, lean / lean.sum())
    decisions = numpy.argmax(parts * random.uniform(0.5, 2, size=(n, k)), axis=1)
    weights = random.integers(0, 3 * UNIT, size=n)
    return actual, decisions, parts, weights


def one_against_rest(function, actual, probabilities, weights):
    k = probabilities.shape[1]
    return [function(actual == j, probabilities[:, j], sample_weight=weights) for j in range(k)]


def measure(actual, decisions, probabilities, weights):
    k = probabilities.shape[1]
    labels = list(range(k))
    by = {"sample_weight": weights}
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        actual, decisions, labels=labels, zero_division=numpy.nan, **by
    )
    precisions = one_against_rest(
        metrics.average_precision_score, actual, probabilities, weights
    )
    areas = one_against_rest(metrics.roc_auc_score, actual, probabilities, weights)
    result = {
        "log_loss": metrics.log_loss(actual, probabilities, labels=labels, **by),
        "brier": metrics.brier_score_loss(
            actual, probabilities, labels=labels, scale_by_half=False, **by
        ),
        "accuracy": metrics.accuracy_score(actual, decisions, **by),
        "balanced_accuracy": metrics.balanced_accuracy_score(actual, decisions, **by),
        "macro_f1": metrics.f1_score(actual, decisions, average="macro", **by),
        "weighted_f1": metrics.f1_score(actual, decisions, average="weighted", **by),
        "mcc": metrics.matthews_corrcoef(actual, decisions, **by),
        "roc_auc": areas[1]
        if k == 2
        else metrics.roc_auc_score(
            actual, probabilities, multi_class="ovr", average="macro", labels=labels, **by
        ),
        "average_precision": precisions[1] if k == 2 else float(numpy.mean(precisions)),
        "confusion": metrics.confusion_matrix(actual, decisions, labels=labels, **by).ravel(),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "class_average_precision": precisions,
        "class_roc_auc": areas,
    }
    if weights is None:
        weights = numpy.ones(len(actual))
    result["support"] = numpy.bincount(actual, weights, minlength=k)
    return result


def write(name, actual, decisions, parts, weights):
    print(f"case {name} {len(actual)} {parts.shape[1]} {PARTS} {UNIT}")
    for row in zip(actual, decisions, weights, parts):
        print("row", *row[:3], *row[3])
    for weighted in (0, 1):
        row_weights = weights / UNIT if weighted else None
        print(f"metrics {weighted}")
        measured = measure(actual, decisions, parts / PARTS, row_weights)
        for key, values in measured.items():
            values = [float(v) for v in numpy.atleast_1d(values)]
            assert all(math.isfinite(v) for v in values), (name, key)
            print(key, *(repr(v) for v in values))


def main():
    warnings.simplefilter("error")
    print(f"# make_metrics.py: scikit-learn {sklearn.__version__}, NumPy {numpy.__version__}")
    random = numpy.random.default_rng(20)
    write("two", *draw(random, 120, [0.85, 0.15]))
    write("three", *draw(random, 150, [0.6, 0.3, 0.1]))
    write("five", *draw(random, 200, [0.4, 0.3, 0.15, 0.1, 0.05]))


main()
