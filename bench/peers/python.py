"""One job in Python, by our package or by scikit-learn, as often as told.

Usage: python.py WHO JOB ARGUMENTS...
WHO is steelyard or scikit-learn; JOB and its arguments:
  weights LABELS N [text | float32 K]   balanced class weights of what weights.c takes
  row-weights LABELS N                  balanced row weights, float64
  logistic ROWS N D LABELS L2           balanced logistic regression to the optimum
  small                                 each call on 300 rows, for what a call costs by itself
Each line `go` on stdin is one run (of `small`, a thousand of every call), answered by a line of
JSON: seconds, and a number that shows that the results are equal.
"""

import json
import sys
import time

import numpy

from labels_file import read_labels

MANY = 1000


def weights(who, path, n, *form):
    """A function that makes class weights and returns their sum."""
    labels = read_labels(path, int(n), form)
    if who == "steelyard":
        import steelyard

        kind = "one-hot" if labels.ndim == 2 else None
        return lambda: float(steelyard.class_weights(labels, kind=kind).array.sum())
    from sklearn.utils.class_weight import compute_class_weight

    def run():
        ids = labels.argmax(axis=1) if labels.ndim == 2 else labels
        return float(compute_class_weight("balanced", classes=numpy.unique(ids), y=ids).sum())

    return run


def row_weights(who, path, n):
    """A function that makes row weights and returns the last."""
    labels = read_labels(path, int(n), ())
    if who == "steelyard":
        import steelyard

        return lambda: float(steelyard.sample_weights(labels, "balanced", dtype="float64")[-1])
    from sklearn.utils.class_weight import compute_sample_weight

    return lambda: float(compute_sample_weight("balanced", labels)[-1])


def logistic(who, rows_path, n, d, labels_path, l2):
    """A function that fits and returns the first coefficient."""
    n, d, l2 = int(n), int(d), float(l2)
    rows = numpy.fromfile(rows_path, numpy.float32, n * d).reshape(n, d)
    labels = numpy.fromfile(labels_path, numpy.int32, n)
    if who == "steelyard":
        import steelyard

        model = steelyard.LogisticClassifier("balanced", l2=l2)
    else:
        from sklearn.linear_model import LogisticRegression

        # Its fastest solver here, to a gradient like ours: see the row `logistic` for all of them.
        model = LogisticRegression(C=1 / (l2 * n), class_weight="balanced", tol=1e-8,
                                   solver="newton-cholesky")
    return lambda: float(model.fit(rows, labels).coef_[0, 0])


def small_calls():
    """name -> one call of ours on 300 rows."""
    import steelyard

    draw = numpy.random.default_rng(7)
    labels = numpy.repeat([0, 1, 2], [80, 100, 120])  # equal ones would be warned of
    logits = draw.normal(size=(300, 3)).astype(numpy.float32)
    shares = numpy.full((300, 3), 1 / 3)
    cost = 1 - numpy.eye(3)
    loss = steelyard.losses.Loss(3, class_weight=[1, 2, 3])
    return {
        "class_weights": lambda: steelyard.class_weights(labels),
        "sample_weights": lambda: steelyard.sample_weights(labels),
        "losses.cross_entropy": lambda: steelyard.losses.cross_entropy(logits, labels),
        "losses.Loss": lambda: loss(logits, labels),
        "decide": lambda: steelyard.decide(shares, cost),
        "correct": lambda: steelyard.correct(shares, [1, 2, 3]),
        "metrics.log_loss": lambda: steelyard.metrics.log_loss(labels, shares),
    }


def small():
    """A function that makes every call many times and returns microseconds of each."""
    calls = small_calls()

    def run():
        times = {}
        for name, call in calls.items():
            begin = time.perf_counter()
            for _ in range(MANY):
                call()
            times[name] = (time.perf_counter() - begin) / MANY * 1e6
        return times

    return run


def main():
    who, job, *arguments = sys.argv[1:]
    run = (small() if job == "small" else
           {"weights": weights, "row-weights": row_weights, "logistic": logistic}[job](
               who, *arguments))
    for _ in sys.stdin:
        begin = time.perf_counter()
        result = run()
        print(json.dumps({"seconds": time.perf_counter() - begin, "result": result}), flush=True)


if __name__ == "__main__":
    main()
