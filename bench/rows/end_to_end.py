"""Row `end-to-end`: a table on disk becomes a model file, as a process, imports included."""

import os
import pickle
import sys
import tempfile

import numpy
import onnx

import objective
import processes
import tables
from contender import Failed, median_seconds, say, take_turns
from results import OURS, Row
from search import EQUAL

HERE = os.path.dirname(os.path.abspath(__file__))
PIPELINE = os.path.join(os.path.dirname(HERE), "peers", "pipeline.py")
PEERS = [("pandas", "lbfgs"), ("polars", "lbfgs"), ("polars", "newton-cholesky")]
TOLERANCES = ["1e-4", "1e-5", "1e-6", "1e-8", "1e-10"]  # the first is scikit-learn's default


class Judge:
    """The objective of a model file, on the table standardised in float64."""

    def __init__(self):
        rows, self.labels = tables.frame()
        self.mean, self.scale = rows.mean(axis=0), rows.std(axis=0)
        self.rows = (rows - self.mean) / self.scale
        self.weights = objective.balanced_weights(self.labels, 2)

    def value(self, coefficients, intercept, mean, scale):
        """Objective of a model that standardises by its own mean and scale."""
        intercept = intercept + coefficients @ ((self.mean - mean) / scale)
        coefficients = coefficients * self.scale / scale
        return objective.evaluate(self.rows, self.labels, self.weights, 1 / len(self.labels),
                                  coefficients[None, :], numpy.array([intercept]))[0]

    def ours(self, path):
        """Objective of one of our files, its numbers as the graph has them."""
        constants = {constant.name.split("/", 1)[1]: onnx.numpy_helper.to_array(constant).ravel()
                     for constant in onnx.load(path).graph.initializer if "/" in constant.name}
        return self.value(constants["coefficients"], constants["intercepts"][0],
                          constants["numbers/mean"], constants["numbers/scale"])

    def theirs(self, path):
        """Objective of a pickled pipeline."""
        with open(path, "rb") as file:
            scaler, model = (step for _, step in pickle.load(file).steps)
        return self.value(model.coef_[0], model.intercept_[0], scaler.mean_, scaler.scale_)


def memory_text(answers):
    """The largest peak of memory of several runs."""
    return f"{max(answer['memory'] for answer in answers) / 1e6:.0f} MB"


def measure_peer(row, case, reader, solver, table, model, best, judge, ours, settings):
    """The first tolerance at which a pipeline is as good as we are, and its time there."""
    name = f"{reader} + scikit-learn {solver}"
    say(f"  {case}: {name}")
    for tolerance in TOLERANCES:
        command = [sys.executable, PIPELINE, reader, solver, tolerance, table, model + ".pickle"]
        try:
            processes.run(command)
        except Failed as failure:
            row.add(case, name, remark=f"missing: {failure}")
            return
        gap = judge.theirs(model + ".pickle") / best - 1
        if gap <= EQUAL:
            break
    else:
        row.add(case, name, remark=f"not reached: {gap:.1e} above ours")
        return
    mine, theirs = take_turns([ours, lambda: processes.run(command)], settings.repetitions,
                              settings.budget)
    row.add(case, name, median_seconds(theirs), median_seconds(theirs) / median_seconds(mine),
            f"objective {gap:+.0e}", f"tolerance {tolerance}, {memory_text(theirs)}",
            runs=[answer["seconds"] for answer in theirs])


def measure_table(row, case, name, judge, settings):
    """All contenders on one file; our peak memory in bytes."""
    table = tables.path(name)
    with tempfile.TemporaryDirectory() as scratch:
        model = os.path.join(scratch, "model.onnx")
        command = [settings.command_line(), "fit", table, "--label", tables.LABEL,
                   "--class-weight", "balanced", "--test", "none", "--quiet", "-o", model]

        def ours():
            return processes.run(command)

        ours()
        best = judge.ours(model)
        answers = take_turns([ours], settings.repetitions, settings.budget)[0]
        row.add(case, OURS, median_seconds(answers), None, f"objective {best:.9g}",
                memory_text(answers), runs=[answer["seconds"] for answer in answers])
        for reader, solver in PEERS:
            measure_peer(row, case, reader, solver, table, model, best, judge, ours, settings)
    return max(answer["memory"] for answer in answers)


def end_to_end(settings):
    """CSV and Parquet."""
    row = Row("end-to-end", "From a table on disk (284,807 rows of 30 numbers and a class) to a "
              "model file: standardised, balanced, l2 = 1/n. Whole processes, imports included.")
    tables.write("table.csv", "table.parquet")
    judge = Judge()
    limit = 1.3 * 4 * judge.rows.size + 200e6
    for kind, least in (("csv", 3), ("parquet", 8)):
        path = tables.path(f"table.{kind}")
        case = f"{'CSV' if kind == 'csv' else 'Parquet'}, {os.path.getsize(path) / 1e6:.0f} MB"
        memory = measure_table(row, case, f"table.{kind}", judge, settings)
        row.aim_ratio(case, least)
        row.aim(f"{case}: memory at most {limit / 1e6:.0f} MB (1.3x the matrix + 200 MB)",
                f"{memory / 1e6:.0f} MB", memory <= limit)
    return row
