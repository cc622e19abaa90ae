"""steelyard.xgboost against XGBoost's own objectives, metrics and base scores."""

import copy
import json
import os
import pickle
import sys

import numpy as np
import pytest

xgboost = pytest.importorskip("xgboost")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import steelyard  # noqa: E402
import steelyard.xgboost as sx  # noqa: E402
from boosting_data import COST, corrected, draw  # noqa: E402
from steelyard import losses  # noqa: E402

WEIGHTS = {2: [1.0, 7.0], 3: [1.0, 3.0, 9.0]}


def parameters(n_classes, **more):
    own = {"objective": "binary:logistic"} if n_classes == 2 else \
        {"objective": "multi:softprob", "num_class": n_classes}
    return {**own, "max_depth": 4, "nthread": 1, "tree_method": "exact", **more}


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("base", ["given", "estimated"])
def test_the_plain_objective_grows_the_trees_of_xgboost(n_classes, base):
    x, y, rows = draw(n_classes)
    weights = np.array(WEIGHTS[n_classes])
    weighed, plain = (xgboost.DMatrix(x, y, weight=w) for w in (rows * weights[y], rows))
    objective = sx.objective(class_weight=weights)
    settings = parameters(n_classes)
    own_settings = settings
    if base == "given":
        settings = own_settings = {**settings, "base_score": 0.5}
    else:
        settings = {**settings, "base_score": objective.base_score(plain)}
    own = xgboost.train(own_settings, weighed, 15)
    ours = xgboost.train(settings, plain, 15, obj=objective)
    np.testing.assert_allclose(ours.predict(plain), own.predict(plain), atol=2e-6)
    if n_classes == 2:
        assert ours.get_dump()[0].count("leaf") == own.get_dump()[0].count("leaf")
    np.testing.assert_allclose(objective.probabilities(ours.predict(plain, output_margin=True)),
                               corrected(own.predict(plain), weights), atol=2e-5)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_base_score_is_what_xgboost_estimates_from_row_weights(n_classes):
    x, y, rows = draw(n_classes)
    weights = sx.fit_weights(y, WEIGHTS[n_classes], sample_weight=rows)
    own = xgboost.train(parameters(n_classes), xgboost.DMatrix(x, y, weight=weights), 1)
    config = json.loads(own.save_config())["learner"]["learner_model_param"]["base_score"]
    ours = sx.base_score(y, WEIGHTS[n_classes], sample_weight=rows)
    np.testing.assert_allclose(ours, np.squeeze(json.loads(config)), atol=2e-6)


def test_row_weights_are_honoured_once():
    x, y, rows = draw(3)
    scores = np.random.default_rng(1).normal(size=(len(y), 3)).astype(np.float32)
    data = xgboost.DMatrix(x, y, weight=rows)
    gradient, curvature = sx.objective(class_weight=WEIGHTS[3])(scores, data)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    w = (rows * np.array(WEIGHTS[3])[y])[:, None]
    np.testing.assert_allclose(gradient, w * (p - np.eye(3)[y]), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(curvature, 2 * w * p * (1 - p), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_policy_goes_by_the_training_data_and_its_row_weights(n_classes):
    x, y, rows = draw(n_classes)
    data = xgboost.DMatrix(x, y, weight=rows)
    by_policy, by_number = sx.objective(class_weight="balanced"), sx.objective(
        class_weight=steelyard.class_weights(y, "balanced", sample_weight=rows))
    scores = np.zeros(len(y) if n_classes == 2 else (len(y), 3), np.float32)
    for ours, expected in zip(by_policy(scores, data), by_number(scores, data)):
        np.testing.assert_allclose(ours, expected, rtol=1e-6)
    counts = np.bincount(y, rows)
    np.testing.assert_allclose(by_policy.class_weights, counts.sum() / (n_classes * counts))
    other = xgboost.DMatrix(x[:200], y[:200])
    by_policy(scores[:200], other)
    np.testing.assert_allclose(by_policy.class_weights,
                               200 / (n_classes * np.bincount(y[:200])))


@pytest.mark.parametrize("loss, function, options", [
    ("focal:gamma=2", losses.focal, {}),
    ("logit-adjustment:tau=1", losses.logit_adjusted, {"counts": [1000, 400, 100]}),
    ("balanced-softmax", losses.balanced_softmax, {"counts": [1000, 400, 100]}),
    ("ldam:margin=0.5,scale=2", losses.ldam, {"counts": [1000, 400, 100], "scale": 2.0}),
    ("vs", losses.vector_scaling, {"counts": [1000, 400, 100]}),
    ("cost-expected", losses.cost_expected, {"cost": COST}),
    ("cost-argmax", losses.cost_argmax, {"cost": COST}),
])
def test_losses_fall_and_have_their_gradients(loss, function, options):
    x, y, rows = draw(3)
    data = xgboost.DMatrix(x, y, weight=rows)
    of_loss = {key: value for key, value in options.items() if key in ("cost", "counts")}
    objective = sx.objective(loss, class_weight=[1, 2, 3], **of_loss)
    scores = np.random.default_rng(2).normal(size=(len(y), 3)).astype(np.float32)
    gradient, curvature = objective(scores, data)
    _, expected = function(scores, y, class_weight=[1, 2, 3], sample_weight=rows, reduction="sum",
                           **options)
    np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-5)
    assert (curvature > 0).all()
    model = xgboost.train(parameters(3, base_score=0.5, tree_method="hist"), data, 30,
                          obj=objective)
    value = [function(z, y, class_weight=[1, 2, 3], sample_weight=rows, gradient=False, **options)
             for z in (np.zeros((len(y), 3), np.float32),
                       model.predict(data, output_margin=True))]
    assert value[1] < 0.6 * value[0], value


def test_curvature_is_kept_above_a_part_of_the_gradient():
    scores = np.array([[8, 0, 0], [0, 0, 8]], np.float32)  # hopeless rows
    data = xgboost.DMatrix(np.zeros((2, 1)), [2, 0])
    gradient, curvature = sx.objective("cost-expected", cost=COST)(scores, data)
    assert (curvature >= 0.1 * np.abs(gradient) * (1 - 1e-6)).all()
    _, bare = sx.objective("cost-expected", cost=COST, least_curvature=0)(scores, data)
    assert (bare > 0).all() and bare.min() < 1e-15


def test_logit_adjustment_is_added_back():
    x, y, _ = draw(3, seed=4)
    counts = np.bincount(y)
    scores = np.random.default_rng(3).normal(size=(len(y), 3))
    objective = sx.objective("logit-adjustment:tau=1", counts=counts)
    expected = np.exp(scores) * counts
    np.testing.assert_allclose(objective.probabilities(scores),
                               expected / expected.sum(axis=1, keepdims=True), rtol=1e-10)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_metrics_weighted_and_not(n_classes):
    x, y, rows = draw(n_classes)
    data = xgboost.DMatrix(x, y, weight=rows)
    cost = COST[:n_classes, :n_classes]
    objective = sx.objective(class_weight="balanced")
    seen = {}
    model = xgboost.train(
        parameters(n_classes), data, 5, obj=objective, evals=[(data, "train")],
        evals_result=seen, verbose_eval=False,
        custom_metric=sx.metric(["weighted-log-loss", "log-loss", "average-cost"],
                                objective=objective, cost=cost))
    margins = model.predict(data, output_margin=True).astype(np.float64)
    z = np.stack([0 * margins, margins], axis=1) if n_classes == 2 else margins
    weights = objective.class_weights
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    true = corrected(p, weights)
    own = np.arange(len(y)), y
    chosen = (true @ cost).argmin(axis=1)
    for name, value in (
            ("weighted-log-loss", np.average(-np.log(p[own]), weights=rows * weights[y])),
            ("log-loss", np.average(-np.log(true[own]), weights=rows)),
            ("average-cost", np.average(cost[y, chosen], weights=rows))):
        np.testing.assert_allclose(seen["train"][name][-1], value, atol=2e-6)


def test_metric_of_xgboosts_own_objective():
    x, y, rows = draw(3)
    data = xgboost.DMatrix(x, y, weight=rows)
    seen = {}
    xgboost.train(parameters(3, eval_metric="mlogloss"), data, 3, evals=[(data, "train")],
                  evals_result=seen, verbose_eval=False,
                  custom_metric=sx.metric("log-loss", raw=False))
    np.testing.assert_allclose(seen["train"]["log-loss"], seen["train"]["mlogloss"], atol=2e-5)


def test_the_estimator_takes_objective_and_metric_and_can_be_cloned_and_pickled():
    base = pytest.importorskip("sklearn.base")
    x, y, rows = draw(3)
    objective = sx.objective("softmax", class_weight="balanced")
    model = base.clone(xgboost.XGBClassifier(
        objective=objective, n_estimators=5, tree_method="exact",
        eval_metric=sx.metric("weighted-log-loss", objective=objective)))
    model.fit(x, y, sample_weight=rows, eval_set=[(x, y)], sample_weight_eval_set=[rows],
              verbose=False)
    told = model.evals_result()["validation_0"]["weighted-log-loss"]
    assert told[-1] < told[0] < np.log(3)
    np.testing.assert_allclose(objective.class_weights,
                               rows.sum() / (3 * np.bincount(y, rows)))
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(x), model.predict_proba(x))
    assert copy.deepcopy(objective).class_weights is objective.class_weights


def test_row_weights_for_the_estimator_are_class_weight_times_row_weight():
    _, y, rows = draw(3)
    np.testing.assert_allclose(sx.fit_weights(y, WEIGHTS[3], sample_weight=rows),
                               rows * np.array(WEIGHTS[3])[y], rtol=1e-6)


def label_matrix(labels):
    return xgboost.DMatrix(np.zeros((len(labels), 1)), labels)


ZEROS = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize("make, text", [
    (lambda: sx.objective("fokal"), "did you mean 'focal'"),
    (lambda: sx.objective(cost=COST), "cost: it goes with"),
    (lambda: sx.objective("cost-expected"), "cost: it goes with"),
    (lambda: sx.objective(None), "loss: None"),
    (lambda: sx.objective("focal + cost-expected", cost=COST)(ZEROS, label_matrix([0, 1])),
     "nothing to bend"),
    (lambda: sx.objective(least_curvature=-1), "least_curvature"),
    (lambda: sx.objective(class_weight=[1, 2])(ZEROS, label_matrix([0, 1])), "class_weight: shape"),
    (lambda: sx.objective(class_weight=[1, -2, 3])(ZEROS, label_matrix([0, 1])), "-2 of class 1"),
    (lambda: sx.objective(class_weight={"a": 1})(ZEROS, label_matrix([0, 1])), "'a' is no class"),
    (lambda: sx.objective(class_weight="balancd")(ZEROS, label_matrix([0, 1])), "balanced|class 2"),
    (lambda: sx.objective(class_weight="balanced")(ZEROS, label_matrix([0, 1])),
     "no weight for class 2"),
    (lambda: sx.objective()(ZEROS, label_matrix([0, 3])), "3 at row 2 is none"),
    (lambda: sx.objective()(ZEROS, label_matrix([0, 0.5])), "0.5 at row 2 is none"),
    (lambda: sx.objective()(ZEROS, label_matrix([0])), "labels: shape"),
    (lambda: sx.objective()([0, 1], np.full((2, 3), np.nan)), "NaN|nan"),
    (lambda: sx.objective("focal:gamma=2").probabilities(ZEROS), "Calibration"),
    (lambda: sx.objective(class_weight="balanced").probabilities(ZEROS), "has not seen"),
    (lambda: sx.objective(class_weight=[0, 1, 1]).probabilities(ZEROS), "class 0 weighed 0"),
    (lambda: sx.base_score([0, 0, 0], [1, 1]), "class 1 has no weight"),
    (lambda: sx.metric("auc"), "no metric 'auc'"),
    (lambda: sx.metric("average-cost"), "cost: it goes with"),
    (lambda: sx.metric("log-loss", objective=3), "what objective"),
    (lambda: sx.metric("log-loss", raw=False)(ZEROS + 2, label_matrix([0, 1])), "no probabilities"),
])
def test_what_is_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()
