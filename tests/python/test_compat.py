"""steelyard.compat gives what scikit-learn gives: by its own test file, and on random labels."""

import inspect
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from steelyard import compat
from steelyard.compat import compute_class_weight, compute_sample_weight

sklearn = pytest.importorskip("sklearn")
from sklearn.utils import class_weight as theirs  # noqa: E402


def test_scikit_learns_own_test_file():
    """Run on its own, so that all of scikit-learn takes our functions."""
    folder = os.path.dirname(os.path.abspath(__file__))
    path = os.pathsep.join([folder, *map(os.path.abspath, filter(None, sys.path))])
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "compat_plugin", "-p", "no:cacheprovider",
         "--pyargs", "sklearn.utils.tests.test_class_weight"],
        env={**os.environ, "PYTHONPATH": path}, cwd=folder, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert int(re.search(r"(\d+) passed", run.stdout).group(1)) >= 15


def labels_of(kind, rng, n):
    ids = rng.integers(-3, 4, n)
    if kind == "texts":
        return np.array([f"{i}.0" for i in ids])
    if kind == "objects":
        return np.array([f"class {i}" for i in ids], dtype=object)
    return ids.astype(kind) if kind != "bool" else ids > 0


KINDS = ["i1", "i8", "f4", "f8", "bool", "texts", "objects"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_the_same_bits_on_random_labels(kind, seed):
    rng = np.random.default_rng(seed)
    y = labels_of(kind, rng, rng.integers(1, 500))
    classes = rng.permutation(np.unique(y))
    for policy in ("balanced", None, {}):
        np.testing.assert_array_equal(
            compute_class_weight(policy, classes=classes, y=y),
            theirs.compute_class_weight(policy, classes=classes, y=y))
        np.testing.assert_array_equal(compute_sample_weight(policy, y),
                                      theirs.compute_sample_weight(policy, y))
    indices = rng.integers(0, len(y), len(y) // 2 + 1)
    np.testing.assert_array_equal(
        compute_sample_weight("balanced", y, indices=indices),
        theirs.compute_sample_weight("balanced", y, indices=indices))
    given = {int(label) if kind not in ("texts", "objects") else label: rng.normal()
             for label in classes}
    if kind not in ("texts", "objects") or rng.random() < 0.5:
        np.testing.assert_array_equal(compute_sample_weight(given, y),
                                      theirs.compute_sample_weight(given, y))


knows_row_weights = pytest.mark.skipif(
    "sample_weight" not in inspect.signature(theirs.compute_class_weight).parameters,
    reason="this scikit-learn knows no sample_weight here")


@knows_row_weights
def test_row_weights():
    rng = np.random.default_rng(0)
    y, r = rng.integers(0, 5, 1000), rng.random(1000)
    for weights in (r, r.tolist(), -r):
        np.testing.assert_array_equal(
            compute_class_weight("balanced", classes=np.arange(5), y=y, sample_weight=weights),
            theirs.compute_class_weight("balanced", classes=np.arange(5), y=y,
                                        sample_weight=weights))


def test_several_outputs():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, (100, 3))
    for policy in ("balanced", [{0: 1, 1: 2, 2: 3}, {0: 2, 1: 1, 2: 1}, {}]):
        np.testing.assert_array_equal(compute_sample_weight(policy, y),
                                      theirs.compute_sample_weight(policy, y))


REFUSED = [
    lambda m: m.compute_class_weight("foo", classes=np.arange(2), y=[0, 1]),
    lambda m: m.compute_class_weight(np.ones(2), classes=np.arange(2), y=[0, 1]),
    lambda m: m.compute_class_weight("balanced", classes=[0, 1], y=[0, 1]),
    lambda m: m.compute_class_weight("balanced", classes=np.arange(2), y=3),
    lambda m: m.compute_class_weight("balanced", classes=np.arange(3), y=[0, 1]),
    lambda m: m.compute_class_weight("balanced", classes=np.arange(1), y=[0, 1]),
    lambda m: m.compute_class_weight({"x": 1}, classes=np.arange(2), y=[0, 1]),
    lambda m: m.compute_class_weight("balanced", classes=np.arange(2), y=[[0, 1]]),
    lambda m: m.compute_sample_weight("foo", [0, 1]),
    lambda m: m.compute_sample_weight("balanced", 3.5),
    lambda m: m.compute_sample_weight({0: 1}, [0, 1], indices=[0]),
    lambda m: m.compute_sample_weight(None, [[0, 1], [1, 1]]),
    lambda m: m.compute_sample_weight([{}], [[0, 1], [1, 1]]),
]


@pytest.mark.parametrize("call", REFUSED)
def test_the_same_refusals(call):
    with pytest.raises((ValueError, TypeError)) as expected:
        call(theirs)
    with pytest.raises(ValueError) as failure:
        call(compat)
    if [int(part) for part in sklearn.__version__.split(".")[:2]] >= [1, 9]:  # before: others
        assert str(failure.value) == str(expected.value)


@knows_row_weights
@pytest.mark.parametrize("weights", [[1, np.nan], [1, np.inf], [1, 2, 3], [[1, 2]], 2.0])
def test_the_same_refusals_of_row_weights(weights):
    failures = []
    for function in (theirs.compute_class_weight, compute_class_weight):
        with pytest.raises(ValueError) as failure:
            function("balanced", classes=np.arange(2), y=[0, 1], sample_weight=weights)
        failures.append(str(failure.value))
    assert failures[0] == failures[1]


def test_results_do_not_depend_on_layout():
    y = np.arange(40).reshape(10, 4)[::-2, 1] % 3
    np.testing.assert_array_equal(compute_sample_weight("balanced", y),
                                  compute_sample_weight("balanced", y.copy()))
