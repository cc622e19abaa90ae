"""steelyard.lightgbm against LightGBM's own objectives and first scores."""

import os
import sys

import numpy as np
import pytest

lightgbm = pytest.importorskip("lightgbm")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import steelyard.lightgbm as sl  # noqa: E402
from boosting_data import COST, corrected, draw  # noqa: E402
from steelyard import losses  # noqa: E402

WEIGHTS = {2: [1.0, 7.0], 3: [1.0, 3.0, 9.0]}
QUIET = {"num_threads": 1, "verbosity": -1, "num_leaves": 15, "deterministic": True}


def parameters(n_classes):
    return {**QUIET, **({"num_class": n_classes} if n_classes > 2 else {})}


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("from_average", [False, True])
def test_the_plain_objective_grows_the_trees_of_lightgbm(n_classes, from_average):
    x, y, rows = draw(n_classes)
    weights = np.array(WEIGHTS[n_classes])
    own = lightgbm.train(
        {**parameters(n_classes), "objective": "binary" if n_classes == 2 else "multiclass",
         "boost_from_average": from_average},
        lightgbm.Dataset(x, y, weight=rows * weights[y]), 15)
    objective = sl.objective(class_weight=weights)
    first = objective.first_score(y, rows) if from_average else 0.0
    data = lightgbm.Dataset(x, y, weight=rows, init_score=objective.init_score(y, rows)
                            if from_average else None)
    ours = lightgbm.train({**parameters(n_classes), "objective": objective}, data, 15)
    scores = ours.predict(x) + first
    np.testing.assert_allclose(objective.probabilities(scores), corrected(own.predict(x), weights),
                               atol=1e-6)
    if n_classes == 2:
        np.testing.assert_allclose(scores, own.predict(x, raw_score=True), atol=1e-6)


def test_row_weights_are_honoured_once():
    x, y, rows = draw(3)
    scores = np.random.default_rng(1).normal(size=(len(y), 3))
    data = lightgbm.Dataset(x, y, weight=rows).construct()
    gradient, curvature = sl.objective(class_weight=WEIGHTS[3])(scores, data)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    w = (rows * np.array(WEIGHTS[3])[y])[:, None]
    np.testing.assert_allclose(gradient, w * (p - np.eye(3)[y]), rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(curvature, 1.5 * w * p * (1 - p), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("loss, function, options", [
    ("focal:gamma=2", losses.focal, {}),
    ("cost-expected", losses.cost_expected, {"cost": COST}),
])
def test_losses_fall(loss, function, options):
    x, y, rows = draw(3)
    objective = sl.objective(loss, class_weight=[1, 2, 3], **options)
    data = lightgbm.Dataset(x, y, weight=rows)
    model = lightgbm.train({**parameters(3), "objective": objective}, data, 30)
    value = [function(z, y, class_weight=[1, 2, 3], sample_weight=rows, gradient=False, **options)
             for z in (np.zeros((len(y), 3)), model.predict(x))]
    assert value[1] < 0.6 * value[0], value


def test_metrics_know_the_weights_of_the_objective():
    """LightGBM copies its parameters, and the metric must still hear of the policy's weights."""
    x, y, rows = draw(2)
    objective = sl.objective(class_weight="balanced")
    data, seen = lightgbm.Dataset(x, y, weight=rows), {}
    model = lightgbm.train(
        {**QUIET, "objective": objective}, data, 5, valid_sets=[data],
        feval=sl.metric(["weighted-log-loss", "log-loss", "average-cost"], objective=objective,
                        cost=[[0, 1], [10, 0]]),
        callbacks=[lightgbm.record_evaluation(seen)])
    z = model.predict(x)
    weights = np.average(rows) * len(y) / (2 * np.bincount(y, rows))
    np.testing.assert_allclose(objective.class_weights, weights)
    losses_of = np.where(y == 1, np.logaddexp(0, -z), np.logaddexp(0, z))
    np.testing.assert_allclose(seen["training"]["weighted-log-loss"][-1],
                               np.average(losses_of, weights=rows * weights[y]), rtol=1e-7)
    p = objective.probabilities(z)
    np.testing.assert_allclose(seen["training"]["log-loss"][-1], np.average(
        -np.log(p[np.arange(len(y)), y]), weights=rows), rtol=1e-7)
    chosen = p[:, 1] > 1 / 11
    np.testing.assert_allclose(seen["training"]["average-cost"][-1], np.average(
        np.where(y == 1, 10 * ~chosen, 1 * chosen), weights=rows), rtol=1e-7)


def test_the_estimator_takes_objective_and_metric():
    x, y, rows = draw(3)
    objective = sl.objective(class_weight="balanced")
    model = lightgbm.LGBMClassifier(objective=objective, n_estimators=5, verbosity=-1)
    model.fit(x, y, sample_weight=rows, eval_X=(x,), eval_y=(y,),
              eval_metric=sl.metric("weighted-log-loss", objective=objective))
    told = next(iter(model.evals_result_.values()))["weighted-log-loss"]
    assert told[-1] < told[0] < np.log(3)
    np.testing.assert_allclose(objective.class_weights, rows.sum() / (3 * np.bincount(y, rows)))


def test_first_scores_are_the_logs_of_weighted_shares():
    _, y, rows = draw(3)
    shares = np.bincount(y, sl.fit_weights(y, WEIGHTS[3], sample_weight=rows))
    first = sl.init_score(y, WEIGHTS[3], weight=rows)
    assert first.shape == (len(y), 3)
    expected = np.log(shares) - np.log(shares).mean()
    np.testing.assert_allclose(first[0], expected, atol=1e-6)


@pytest.mark.parametrize("make, text", [
    (lambda: sl.objective("fokal"), "did you mean 'focal'"),
    (lambda: sl.objective()([0, 3], np.zeros((2, 3))), "3 at row 2"),
    (lambda: sl.objective()([0, 1, 1], np.zeros((2, 3)), None), "labels: shape"),
    (lambda: sl.objective()([0, 1], np.zeros((2, 3)), np.array([1.0, -1.0])), "-1"),
    (lambda: sl.objective("cost-expected", cost=COST).probabilities(np.zeros((2, 3))),
     "Calibration"),
    (lambda: sl.init_score(["a", "b"], [1, 2]), "labels"),
    (lambda: sl.metric([]), "none is named"),
])
def test_what_is_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()
