"""Boosted trees as a classifier, and in studies."""

import math
import os
import pickle
import re
import sys
import types

import numpy as np
import pytest

import steelyard
from steelyard import BoostedClassifier, ScoresWarning, _boosted
from steelyard._core.boosted import locate_xgboost, xgboost_version

pytestmark = [pytest.mark.filterwarnings("ignore"),
              pytest.mark.skipif(xgboost_version() is None, reason="XGBoost is not here")]


@pytest.fixture(scope="module")
def world():
    """Two classes that no line parts, with missing numbers: 1,500 rows, a tenth of them "rare"."""
    random = np.random.default_rng(5)
    X = random.normal(size=(1500, 4)).astype(np.float32)
    p = 1 / (1 + np.exp(5.5 - 2 * np.abs(X[:, 0]) - 2 * X[:, 1] * X[:, 2]))
    X[random.random(X.shape) < 0.1] = np.nan
    return X, np.where(random.random(1500) < p, "rare", "usual")


def few(**options):
    return BoostedClassifier(**{"rounds": 30, "max_depth": 3, **options})


def test_probabilities_are_true_whatever_the_weights(world):
    X, y = world
    model = few(class_weight="balanced").fit(X[:1000], y[:1000])
    p = model.predict_proba(X[1000:])[:, 0]
    assert list(model.classes_) == ["rare", "usual"]
    assert 0.3 < p.mean() / (y[1000:] == "rare").mean() < 1.3  # untaken-out weights: 3 and more
    plain = few().fit(X[:1000], y[:1000])
    flagged = (model.predict(X) == "rare").sum()
    assert flagged > 1.3 * (plain.predict(X) == "rare").sum()
    threshold = (y[:1000] == "rare").mean()
    clear = np.abs(model.predict_proba(X)[:, 0] - threshold) > 1e-6
    assert ((model.predict_proba(X)[:, 0] > threshold) == (model.predict(X) == "rare"))[clear].all()


def test_costs_decide(world):
    X, y = world
    model = few(cost={("rare", "usual"): 9}).fit(X, y)
    p = model.predict_proba(X)[:, 0]
    assert ((p >= 0.1) == (model.predict(X) == "rare")).all()
    assert model.cost_.tolist() == [[0, 9], [1, 0]]


def test_rows_of_a_weight_are_copies(world):
    X, y = world
    weights = np.arange(len(y)) % 4
    weighted = few(held_out=0).fit(X, y, sample_weight=weights)
    copied = few(held_out=0).fit(np.repeat(X, weights, 0), np.repeat(y, weights))
    np.testing.assert_allclose(weighted.predict_proba(X), copied.predict_proba(X), rtol=1e-9)


def test_rows_held_out_end_it(world):
    X, y = world
    told = []
    model = BoostedClassifier(rounds=400, learning_rate=0.3).fit(X, y, callback=told.append)
    assert model.stopped_early_ and 1 <= model.n_iter_ < 400
    assert len(model.loss_curve_) == model.n_iter_
    assert len(model.validation_loss_curve_) == model.n_iter_
    assert not few(held_out=0).fit(X, y).stopped_early_
    assert told[0].fit == 1 and told[-1].fit == 2 and told[0].epoch == 1
    marked = np.arange(len(y)) % 5 == 0
    kept = BoostedClassifier(rounds=400, learning_rate=0.3).fit(X, y, held_rows=marked)
    assert kept.n_iter_ < 400


def test_holding_out_most_of_the_rows_is_told(world):
    X, y = world
    told = "80 % of the rows were held back to choose the rounds, .*(held_out=0.1)"
    assert any(re.match(told, line) for line in few(held_out=0.8).fit(X, y).messages_)
    assert not any("held back" in line for line in few(held_out=0.5).fit(X, y).messages_)


def test_the_same_bytes_on_any_number_of_threads(world, tmp_path):
    X, y = world
    before = steelyard.get_threads()
    files = []
    try:
        for threads in (1, 3):
            steelyard.set_threads(threads)
            few(subsample=0.7, colsample_bytree=0.5).fit(X, y).save(tmp_path / "m.onnx")
            files.append((tmp_path / "m.onnx").read_bytes())
    finally:
        steelyard.set_threads(before)
    assert files[0] == files[1]


def test_files_and_pickles_hold_the_trees(world, tmp_path):
    X, y = world
    model = few().fit(X, y)
    model.save(tmp_path / "m.onnx")
    loaded = steelyard.Model.load(tmp_path / "m.onnx")
    assert loaded.family == "boosted"
    expected = model.predict_proba(X)
    assert (loaded.predict_proba(X) == expected).all()
    assert (pickle.loads(pickle.dumps(model)).predict_proba(X) == expected).all()


def test_losses_without_an_inverse_give_scores(world):
    X, y = world
    with pytest.warns(ScoresWarning, match="focal"):
        model = few(loss="focal:gamma=2").fit(X, y)
    assert model.scores_only_ == "focal:gamma=2"
    adjusted = few(loss="logit-adjustment").fit(X, y)
    assert adjusted.scores_only_ == ""
    assert abs(adjusted.predict_proba(X)[:, 0].mean() - (y == "rare").mean()) < 0.03


def test_texts_are_columns(world):
    X, y = world
    table = {"x": X[:, 0].astype(float), "side": np.where(X[:, 1] > 0, "up", "down")}
    model = few().fit(table, y)
    assert model.predict_proba({"x": [math.nan, 1.0], "side": ["new", "up"]}).shape == (2, 2)


@pytest.mark.parametrize(("options", "line"), [
    ({"max_depth": 99}, "max_depth must be at least 0 and at most 30, not 99"),
    ({"learning_rate": 0}, "learning_rate must be above 0 and at most 1, not 0"),
    ({"rounds": 2.5}, "rounds: 2.5: a whole number of 1 or more would be right"),
    ({"grow_policy": "up"}, "depthwise or lossguide"),
    ({"loss": "focl"}, "did you mean 'focal'"),
    ({"held_out": 1}, "held_out: 1"),
])
def test_what_makes_no_sense_is_refused(world, options, line):
    with pytest.raises(ValueError, match=line.replace("(", r"\(")):
        few(**options).fit(*world)


def test_studies_judge_trees_and_logistic_regression_beside_them(world):
    X, y = world
    study = steelyard.study(X, y, model="boosted", class_weight="balanced", rounds=25, max_depth=3,
                            test="cv:3")
    assert study.family == "boosted" and study.families is None
    assert study.rival["logistic_log_loss"] > study.rival["log_loss"]
    assert len(study.curve["loss"]) <= 25
    assert "rounds of trees" in str(study)
    study.report.page()


def test_the_best_of_all_families_is_kept(world):
    X, y = world
    study = steelyard.study(X, y, model="auto", rounds=25, epochs=3, test=0.3,
                            cost={("rare", "usual"): 5})
    tried = study.families["tried"]
    assert list(tried) == ["logistic", "mlp", "boosted"]
    assert study.families["by"] == "average cost"
    least = min(tried, key=lambda name: tried[name]["value"])
    assert study.family == study.families["chosen"] == least == study.model.family
    assert math.isclose(study.metrics.average_cost, tried[least]["value"])
    assert str(study).startswith("Families tried on ") and f"\n{least} " in str(study)


@pytest.mark.parametrize(("options", "line"), [
    ({"model": "trees"}, "'logistic', 'mlp', 'boosted' or 'auto'"),
    ({"rounds": 5}, "rounds is for boosted trees: model='boosted'"),
    ({"model": "boosted", "l2": 1.0}, "boosted trees have reg_lambda"),
    ({"model": "boosted", "checkpoint": "x"}, "checkpoint is for networks"),
    ({"model": "auto", "learning_rate": 0.1}, "learning_rate means other things"),
    ({"model": "auto", "test": "none"}, "test"),
])
def test_options_of_another_family_are_refused(world, options, line):
    with pytest.raises(ValueError, match=line):
        steelyard.study(*world, **options)


@pytest.mark.parametrize(("options", "line"), [
    ({"model": "boosted", "n_estimators": 5}, "here it is 'rounds'"),
    ({"model": "boosted", "max_dept": 5}, "did you mean 'max_depth'"),
    ({"model": "boosted", "l2_leaf_reg": 5}, "here it is 'reg_lambda'"),
    ({"model": "auto", "hiddn": 5}, "no model of the three .* did you mean 'hidden'"),
])
def test_names_of_other_programs_lead_to_ours(world, options, line):
    with pytest.raises(TypeError, match=line):
        steelyard.study(*world, **options)


@pytest.mark.parametrize("is_there", [True, False])
def test_the_library_of_the_package_is_named(monkeypatch, tmp_path, is_there):
    """XGBoost's own package is found where Python finds it, and not imported."""
    folder = tmp_path / "xgboost"
    (folder / "lib").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise RuntimeError('imported')")
    if is_there:
        (folder / "lib" / "libxgboost.so").touch()
    named = []
    monkeypatch.delitem(sys.modules, "xgboost", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(_boosted, "locate_xgboost", named.append)
    _boosted.locate_package.__wrapped__()
    assert named == [os.fsencode(folder / "lib" / "libxgboost.so")] * is_there


def test_a_module_made_by_hand_is_no_package(monkeypatch):
    made = types.ModuleType("xgboost")
    made.__spec__ = None
    monkeypatch.setitem(sys.modules, "xgboost", made)
    monkeypatch.setattr(_boosted, "locate_xgboost", pytest.fail)
    _boosted.locate_package.__wrapped__()


def test_a_place_of_the_library_that_is_too_long():
    with pytest.raises(ValueError, match="path of XGBoost's library has 5000 bytes"):
        locate_xgboost(b"x" * 5000)
