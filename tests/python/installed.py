#!/usr/bin/env python3
"""A short use of each part of the package, as installed, with NumPy alone: `make check` runs this
in an environment that has nothing else. Prints `installed: N passed, N failed`."""

import os
import sys
import tempfile
import traceback
import warnings

import numpy as np

import steelyard
from steelyard._core.boosted import xgboost_version

MODEL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "model_v2.onnx")
Y = np.array([0, 0, 0, 1])
P = np.array([0.05, 0.2, 0.3, 0.9])
X = np.array([[0.0, 1], [1, 0], [0, 0], [3, 3]])


def carries_its_libraries():
    """No library but the C library's comes from outside the package and NumPy."""
    inside = os.path.dirname(os.path.realpath(steelyard.__file__))
    assert os.listdir(os.path.join(inside, "lib"))
    with open("/proc/self/maps", encoding="utf-8") as file:
        mapped = {os.path.realpath(line.split()[-1]) for line in file if ".so" in line}
    for word in ("steelyard", "protobuf", "lapack", "libblas"):
        foreign = [path for path in mapped
                   if word in os.path.basename(path) and not path.startswith(inside)]
        assert not foreign, foreign
    assert len([path for path in mapped if "libsteelyard" in path]) == 1


def needs_numpy_alone():
    foreign = {"sklearn", "scipy", "pandas", "polars", "pyarrow", "torch"} & set(sys.modules)
    assert not foreign, foreign


def weighs():
    assert np.allclose(steelyard.class_weights(Y).array, [4 / 6, 2])
    assert np.allclose(steelyard.sample_weights(Y), [4 / 6] * 3 + [2])
    assert steelyard.Counts().update(Y).counts == {0: 3, 1: 1}


def computes_losses():
    loss, gradient = steelyard.losses.cross_entropy(np.zeros((4, 2)), Y, class_weight=[1, 3])
    assert np.isclose(loss, np.log(2)) and gradient.shape == (4, 2)


def decides():
    assert list(steelyard.decide(P, {(1, 0): 9, (0, 1): 1})) == [0, 1, 1, 1]
    assert np.isclose(steelyard.threshold({(1, 0): 9, (0, 1): 1}), 0.1)


def evaluates():
    report = steelyard.evaluate(Y, P)
    assert "log-loss" in str(report)
    with tempfile.TemporaryDirectory() as folder:
        page = os.path.join(folder, "page.html")
        report.save(page)
        with open(page, encoding="utf-8") as file:
            assert "uPlot" in file.read()


def reads_models():
    model = steelyard.Model.load(MODEL)
    assert len(model.classes) >= 2 and str(model)
    again = steelyard.Model.from_bytes(model.to_bytes())
    assert list(again.classes) == list(model.classes)


def trains():
    model = steelyard.LogisticClassifier(class_weight="balanced").fit(X, Y)
    assert list(model.predict(X)) == list(Y)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        model.save(path)
        same = steelyard.Model.load(path).predict_proba(X)
    assert np.allclose(model.predict_proba(X), same)


def grows_trees_or_says_what_to_install():
    model = steelyard.BoostedClassifier(class_weight="balanced", rounds=2, min_child_weight=0)
    try:
        model.fit(np.repeat(X, 5, 0), np.repeat(Y, 5))
    except RuntimeError as error:
        assert xgboost_version() is None and "install" in str(error)
    else:
        assert xgboost_version() and list(model.predict(X)) == list(Y)


def main():
    failed = 0
    warnings.simplefilter("ignore")  # of so few rows
    parts = [carries_its_libraries, needs_numpy_alone, weighs, computes_losses, decides, evaluates,
             reads_models, trains, grows_trees_or_says_what_to_install]
    for part in parts:
        try:
            part()
        except Exception:  # whatever it is, the other parts are to be told too
            failed += 1
            print(f"FAILED {part.__name__}")
            traceback.print_exc(file=sys.stdout)
    print(f"installed: {len(parts) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
