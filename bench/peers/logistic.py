"""A peer's logistic regression on raw arrays, as often as told; speaks as logistic.c does.

Usage: peer_logistic.py SOLVER ROWS N D LABELS balanced|none L2
SOLVER is one of scikit-learn's, or LIBLINEAR.
  go EFFORT  fits once; effort is the largest number of iterations, or LIBLINEAR's tolerance
  save FILE  writes the coefficients and then the intercepts of the last fit, float64
"""

import json
import os
import sys
import time
import warnings

import numpy

TIGHT = 1e-14  # no solver stops at it before its iterations are used up or rounding ends it


class ScikitLearn:
    """One of scikit-learn's solvers."""

    def __init__(self, solver, rows, labels, balanced, l2):
        from sklearn.linear_model import LogisticRegression

        warnings.filterwarnings("ignore")
        self.rows, self.labels = rows, labels
        if solver == "liblinear":  # it takes nothing else, and would convert each time
            self.rows = rows.astype(numpy.float64)
        self.model = LogisticRegression(
            C=1 / (l2 * len(labels)), solver=solver, tol=TIGHT,
            class_weight="balanced" if balanced else None,
            # Its intercept is a coefficient of a constant column: a large one is hardly penalised.
            intercept_scaling=100.0 if solver == "liblinear" else 1.0)

    def fit(self, effort):
        """Fits with so many iterations at most; how many it took."""
        self.model.max_iter = int(effort)
        self.model.fit(self.rows, self.labels)
        return int(self.model.n_iter_.max())

    def solution(self):
        """Coefficients (V, D) and intercepts (V)."""
        return self.model.coef_, self.model.intercept_


class Liblinear:
    """LIBLINEAR itself, multi-core, intercept not penalised; the conversion to its sparse rows is
    not timed. Two classes."""

    def __init__(self, rows, labels, balanced, l2):
        from liblinear import liblinear
        from scipy import sparse

        self.library = liblinear
        self.n_features = rows.shape[1]
        matrix = sparse.csr_matrix(rows.astype(numpy.float64))
        self.problem = liblinear.problem(labels.astype(numpy.float64), matrix, 1)
        counts = numpy.bincount(labels)
        weights = len(labels) / (2 * counts) if balanced else [1, 1]
        threads = os.environ.get("OMP_NUM_THREADS", os.cpu_count())
        self.options = (f"-s 0 -B 1 -R -q -m {threads} -c {1 / (l2 * len(labels))!r} "
                        f"-w0 {weights[0]} -w1 {weights[1]}")
        self.model = None

    def fit(self, effort):
        """Fits to a tolerance; it does not tell how many iterations it took."""
        parameter = self.library.parameter(f"{self.options} -e {effort}")
        self.model = self.library.liblinear.train(self.problem, parameter)

    def solution(self):
        """Coefficients (1, D) and intercept (1) of class 1."""
        model = self.model.contents
        sign = 1 if model.label[0] == 1 else -1
        both = sign * numpy.array(model.w[: self.n_features + 1])
        return both[None, :-1], both[-1:]


def main():
    solver, rows_path, n, d, labels_path, weighting, l2 = sys.argv[1:]
    rows = numpy.fromfile(rows_path, numpy.float32, int(n) * int(d)).reshape(int(n), int(d))
    labels = numpy.fromfile(labels_path, numpy.int32, int(n))
    arguments = rows, labels, weighting == "balanced", float(l2)
    peer = Liblinear(*arguments) if solver == "LIBLINEAR" else ScikitLearn(solver, *arguments)
    for line in sys.stdin:
        command, argument = line.split()
        if command == "go":
            begin = time.perf_counter()
            iterations = peer.fit(argument)
            answer = {"seconds": time.perf_counter() - begin, "iterations": iterations}
        else:
            coefficients, intercepts = (numpy.asarray(part, numpy.float64)
                                        for part in peer.solution())
            numpy.concatenate([coefficients.ravel(), intercepts]).tofile(argument)
            answer = {"vectors": len(coefficients)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
