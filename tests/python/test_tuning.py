"""Calibration maps and tuned rules, against exhaustive search and their own formulas."""

import pickle
import signal
import threading

import numpy as np
import pytest

import steelyard
from steelyard import Calibration, tune


def rows_of(n=400, n_classes=2, seed=0):
    """Probabilities that are right, and labels drawn by them; of few digits, so that many tie."""
    generator = np.random.default_rng(seed)
    p = np.round(generator.dirichlet(np.full(n_classes, 0.7), n), 2)
    p[:, 0] += 1 - p.sum(axis=1)
    p = np.clip(p, 1e-3, 1)
    p /= p.sum(axis=1, keepdims=True)
    return p, np.array([generator.choice(n_classes, p=row) for row in p])


# --- calibration ---


@pytest.mark.parametrize("kind", ["temperature", "vector", "isotonic"])
@pytest.mark.parametrize("n_classes", [2, 4])
def test_a_map_undoes_a_model_that_is_too_sure(kind, n_classes):
    p, y = rows_of(6000, n_classes)
    sure = p ** 2.5 / (p ** 2.5).sum(axis=1, keepdims=True)
    found = Calibration.fit(sure[:3000], y[:3000], kind)
    better = found.transform(sure[3000:])
    assert better.sum(axis=1) == pytest.approx(1, abs=1e-9)

    def loss(q):
        return -np.log(np.maximum(q[np.arange(3000), y[3000:]], 1e-9)).mean()
    assert loss(better) < loss(sure[3000:])
    assert found.kind == kind and found.classes == list(range(n_classes))
    if kind == "temperature":
        assert found.temperature == pytest.approx(2.5, rel=0.1)
        expected = sure[3000:] ** found.scales
        assert better == pytest.approx(expected / expected.sum(axis=1, keepdims=True), rel=1e-9)


@pytest.mark.parametrize("kind", ["temperature", "vector", "isotonic"])
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_map_survives_pickling(kind, n_classes):
    p, y = rows_of(500, n_classes)
    found = Calibration.fit(p, y, kind)
    again = pickle.loads(pickle.dumps(found))
    assert (again.transform(p) == found.transform(p)).all()
    assert repr(again) == repr(found)


def test_a_row_of_weight_2_is_two_rows():
    p, y = rows_of(300)
    weights = np.arange(300) % 3
    copies = np.repeat(np.arange(300), weights)
    weighted = Calibration.fit(p, y, "vector", sample_weight=weights)
    copied = Calibration.fit(p[copies], y[copies], "vector")
    assert weighted.scales == pytest.approx(copied.scales, rel=1e-9)


def test_probabilities_of_one_class_are_calibrated_as_such():
    p, y = rows_of(500)
    names = np.array(["bad", "ok"])[y]
    of_bad = Calibration.fit(p[:, 0], names, "vector", positive="bad")
    both = Calibration.fit(p, names, "vector")
    assert of_bad.transform(p[:, 0]) == pytest.approx(both.transform(p)[:, 0], rel=1e-9)


@pytest.mark.parametrize("arguments, message", [
    (([0.1, 0.2], [0, 1], "platt"), "kind: 'platt': 'temperature', 'vector' or 'isotonic'"),
    (([0.1, 0.2], [0, 0]), "of class 0: rows of two classes"),
    (([0.1, 0.2], [0]), r"y: shape \(1,\), and the probabilities have 2 rows"),
    (([0.1, 0.2], ["bad", "ok"]), "of which of the classes 'bad', 'ok' are they"),
])
def test_maps_that_cannot_be_fitted(arguments, message):
    with pytest.raises(ValueError, match=message):
        Calibration.fit(*arguments)


def test_a_map_is_of_as_many_classes_as_it_was_fitted_on():
    p, y = rows_of(100, 3)
    with pytest.raises(ValueError, match="of 2 classes, and the map is of 3"):
        Calibration.fit(p, y).transform([0.5])


# --- thresholds ---


def exhaustive(p, y, value):
    """The best value of all thresholds; value(flagged) is greater where it is better."""
    cuts = np.concatenate([np.unique(p), [np.inf]])
    return max(value(p >= cut) for cut in cuts)


def f1(y, flagged):
    return 2 * (y & flagged).sum() / (y.sum() + flagged.sum())


def test_the_threshold_is_the_best_of_all():
    p, y = rows_of()
    p, y = p[:, 1], y == 1
    tuned = tune(p, y, "f1", samples=0)
    best = exhaustive(p, y, lambda flagged: f1(y, flagged))
    assert tuned.value == pytest.approx(best, rel=1e-12)
    assert f1(y, np.asarray(tuned.decide(p))) == pytest.approx(best, rel=1e-12)
    assert np.isnan(tuned.value_interval[0])


def test_the_cheapest_threshold_at_costs_of_each_row():
    p, y = rows_of(seed=1)
    amount = np.random.default_rng(1).random(400) * 20
    p, y = p[:, 1], y == 1
    tuned = tune(p, y, "cost", cost={(True, False): amount, (False, True): 2}, samples=0)

    def saved(flagged):
        return -(amount * (y & ~flagged) + 2 * (~y & flagged)).mean()
    assert tuned.average_cost == pytest.approx(-exhaustive(p, y, saved), rel=1e-12)


def test_a_constraint_holds():
    p, y = rows_of(2000, seed=2)
    tuned = tune(p[:, 1], y, "recall", max_flagged=0.1)
    assert tuned.flagged == (p[:, 1] >= tuned.threshold).mean() <= 0.1
    low, high = tuned.value_interval
    assert low <= tuned.value <= high
    assert tuned.threshold_interval[0] <= tuned.threshold <= tuned.threshold_interval[1]
    assert "recall, at most 10 % flagged" in str(tuned)


def test_scores_need_not_be_probabilities_to_be_cut():
    p, y = rows_of(seed=3)
    z = np.log(p[:, 1] / p[:, 0])
    assert tune(z, y, "mcc").value == tune(p, y, "mcc").value


def test_a_tuned_threshold_as_costs():
    tuned = tune([0.1, 0.4, 0.6, 0.9], ["ok", "bad", "bad", "bad"], "f1", positive="bad")
    assert tuned.decide([0.15, 0.5]).tolist() == ["ok", "bad"]
    assert tuned.classes == ["bad", "ok"] and tuned.positive == 0
    assert steelyard.threshold(tuned.cost, positive=0) == pytest.approx(tuned.threshold)


# --- factors ---


def test_factors_are_no_worse_than_their_beginnings():
    p, y = rows_of(1000, 3, seed=4)
    tuned = tune(p, y, "macro_f1", samples=50)
    assert tuned.factors.max() == 1 and np.isnan(tuned.threshold)

    def macro_f1(decided):
        return np.mean([f1(y == k, decided == k) for k in range(3)])
    decided = tuned.decide(p)
    assert macro_f1(decided) == pytest.approx(tuned.value, rel=1e-12)
    shares = np.bincount(y) / len(y)
    for factors in (np.ones(3), 1 / shares):
        assert tuned.value >= macro_f1(np.argmax(p * factors, axis=1)) - 1e-12
    assert (steelyard.decide(p, tuned.cost) == decided).mean() > 0.999


@pytest.mark.parametrize("options, message", [
    (dict(metric="f2"), "f2"),
    (dict(metric="cost"), "needs to know what mistakes cost"),
    (dict(metric="f1", max_flagged=2), "max_flagged: 2: a share from 0 to 1"),
    (dict(metric="f1", min_precision=1.0, min_recall=1.0), "no threshold"),
    (dict(metric="f1", positive="yes"), "positive: 'yes' is none of the classes 0, 1"),
])
def test_what_cannot_be_tuned(options, message):
    p, y = rows_of()
    with pytest.raises(ValueError, match=message):
        tune(p, y, **options)


def test_tuning_can_be_interrupted():
    p, y = rows_of(200000, seed=5)
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    with pytest.raises(KeyboardInterrupt):
        timer.start()
        tune(p, y, "f1", samples=100000)
