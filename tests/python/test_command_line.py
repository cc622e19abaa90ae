"""One model file, read by the command line and by Python: the same predictions, to the same bits
where the numbers are float32, which the command line reads tables into."""

import csv
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import steelyard

PROGRAM = Path(os.environ.get("STEELYARD", Path(__file__).parents[2] / "build" / "steelyard"))
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="the command line is not built")

RNG = np.random.default_rng(5)
ROWS = 500
TABLE = {
    "speed": RNG.integers(0, 300, ROWS).astype(float),
    "height": RNG.normal(2000, 700, ROWS),
    "phase": RNG.choice(["climb", "descent", "a, \"quoted\" one"], ROWS).astype(object),
    "day": np.datetime64("1990-01-01") + RNG.integers(0, 4000, ROWS),
}
TABLE["speed"][::7] = np.nan
TABLE["phase"][::11] = None
Y = np.where(TABLE["height"] / 1000 + (TABLE["phase"] == "climb") + RNG.logistic(size=ROWS) > 3,
             "damage", "none")


def written(path, table, **more):
    columns = {**table, **more}
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in zip(*columns.values()):
            writer.writerow("" if value is None or value != value else value for value in row)
    return path


def told(*arguments):
    ran = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def predicted(model, table, tmp_path):
    source = written(tmp_path / "rows.csv", table)
    rows = list(csv.DictReader(told("predict", model, source).splitlines()))
    p = [[float(row["p_damage"]), float(row["p_none"])] for row in rows]
    return np.array([row["predicted"] for row in rows]), np.array(p)


def narrow(table):
    return {name: values.astype(np.float32) if values.dtype.kind == "f" else values
            for name, values in table.items()}


def test_a_model_of_the_command_line_in_python(tmp_path):
    source = written(tmp_path / "train.csv", TABLE, outcome=Y)
    told("fit", source, "--label", "outcome", "--cost", "damage:none=4", "--test", "none", "-o",
         tmp_path / "m.onnx")
    labels, p = predicted(tmp_path / "m.onnx", TABLE, tmp_path)
    model = steelyard.Model.load(tmp_path / "m.onnx")
    assert model.classes.tolist() == ["damage", "none"]
    assert np.array_equal(model.predict_proba(narrow(TABLE)), p)
    assert np.array_equal(model.predict(narrow(TABLE)), labels)
    assert model.predict_proba(TABLE) == pytest.approx(p, abs=1e-7)


def test_a_model_of_python_on_the_command_line(tmp_path):
    found = steelyard.study(narrow(TABLE), Y, class_weight="balanced", test="none")
    found.model.save(tmp_path / "m.onnx")
    labels, p = predicted(tmp_path / "m.onnx", TABLE, tmp_path)
    assert np.array_equal(found.model.predict_proba(narrow(TABLE)), p)
    assert np.array_equal(found.model.predict(narrow(TABLE)), labels)
    assert "balanced" in told("inspect", tmp_path / "m.onnx")


def test_both_fit_the_same_model(tmp_path):
    source = written(tmp_path / "train.csv", TABLE, outcome=Y)
    told("fit", source, "--label", "outcome", "--class-weight", "balanced", "-o",
         tmp_path / "m.onnx")
    theirs = steelyard.Model.load(tmp_path / "m.onnx")
    ours = steelyard.study(narrow(TABLE), Y, class_weight="balanced")
    assert np.array_equal(ours.model.predict_proba(TABLE), theirs.predict_proba(TABLE))
    assert ours.metrics.log_loss == float(theirs.notes["test log-loss"])
