"""Prints logistic.txt: weighted logistic regressions as scikit-learn solves them.

Run with scikit-learn and numpy installed (bench/requirements.txt); the versions used are named in
the first lines of the file. Format: see the first lines it writes.
"""

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression

VERSIONS = f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}"
HEAD = f"""# Written by make_logistic.py with {VERSIONS}.
# A case: its name, then "rows features classes l2", then one line a row: label, weight, features;
# then "objective", one line; then one line a vector: intercept, coefficients.
"""


def reference_objective(rows, labels, weights, l2, model):
    scores = rows @ model.coef_.T + model.intercept_
    if scores.shape[1] == 1:
        losses = numpy.logaddexp(0, numpy.where(labels == 1, -scores[:, 0], scores[:, 0]))
    else:
        losses = numpy.logaddexp.reduce(scores, axis=1) - scores[numpy.arange(len(labels)), labels]
    return (weights * losses).sum() / weights.sum() + l2 / 2 * (model.coef_**2).sum()


def solve(rows, labels, weights, l2):
    """The better converged of two solvers, the intercepts shifted to sum to 0."""
    best = None
    for solver in ("newton-cholesky", "lbfgs"):
        model = LogisticRegression(
            C=1 / (l2 * weights.sum()), solver=solver, tol=1e-12, max_iter=10000
        ).fit(rows, labels, sample_weight=weights)
        if len(model.intercept_) > 1:
            model.intercept_ -= model.intercept_.mean()
        value = reference_objective(rows, labels, weights, l2, model)
        if best is None or value < best[0]:
            best = (value, model)
    return best


def line(numbers):
    return " ".join(repr(float(x)) for x in numbers) + "\n"


def case(name, seed, n, features, classes, l2, balanced, weighted):
    random = numpy.random.default_rng(seed)
    rows = random.standard_normal((n, features)).round(4)
    truth = random.standard_normal((features, classes))
    scores = rows @ truth + 1.5 * random.standard_normal((n, classes)) - numpy.arange(classes)
    labels = scores.argmax(axis=1)
    labels[:classes] = numpy.arange(classes)
    weights = random.uniform(0.2, 3, n).round(3) if weighted else numpy.ones(n)
    if balanced:
        counts = numpy.bincount(labels, weights)
        weights = weights * (counts.sum() / (classes * counts))[labels]
    value, model = solve(rows, labels, weights, l2)
    text = f"{name}\n{n} {features} {classes} {l2!r}\n"
    for label, weight, row in zip(labels, weights, rows):
        text += f"{label} " + line([weight, *row])
    text += line([value])
    for intercept, coefficients in zip(model.intercept_, model.coef_):
        text += line([intercept, *coefficients])
    return text


def main():
    text = HEAD
    for index, classes in enumerate((2, 3, 5)):
        text += case(f"plain_{classes}", index, 60, 3, classes, 1 / 60, False, False)
        text += case(f"balanced_{classes}", 10 + index, 60, 4, classes, 0.1, True, False)
        text += case(f"row_weights_{classes}", 20 + index, 60, 3, classes, 0.003, False, True)
        text += case(f"both_{classes}", 30 + index, 60, 5, classes, 0.02, True, True)
    print(text, end="")


if __name__ == "__main__":
    main()
