"""Model.from_xgboost against what XGBoost itself says of the rows."""

import os
import sys

import numpy as np
import pytest

xgboost = pytest.importorskip("xgboost")
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import steelyard  # noqa: E402
from boosting_data import draw  # noqa: E402
from steelyard import FileError, Model  # noqa: E402
from steelyard._core.boosted import xgboost_version  # noqa: E402


def rows(n_classes):
    """Rows with missing values in every column, and their classes."""
    x, y, _ = draw(n_classes)
    x[np.random.default_rng(5).random(x.shape) < 0.1] = np.nan
    return x, y


def trained(n_classes, names=None, rounds=12, **more):
    x, y = rows(n_classes)
    own = {"objective": "binary:logistic"} if n_classes == 2 else \
        {"objective": "multi:softprob", "num_class": n_classes}
    data = xgboost.DMatrix(x, y, feature_names=names)
    return xgboost.train({**own, "max_depth": 4, "nthread": 1, **more}, data, rounds), x


def said(booster, x):
    p = booster.predict(xgboost.DMatrix(x, feature_names=booster.feature_names))
    return np.stack([1 - p, p], axis=1) if p.ndim == 1 else p


SETTINGS = [{}, {"base_score": 0.3}, {"tree_method": "exact", "gamma": 1.0},
            {"grow_policy": "lossguide", "max_leaves": 9, "max_depth": 0},
            {"num_parallel_tree": 3, "subsample": 0.5}, {"scale_pos_weight": 4.0}]


@pytest.mark.parametrize("settings", SETTINGS, ids=lambda settings: "-".join(settings) or "plain")
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_booster_says_what_xgboost_says(n_classes, settings):
    booster, x = trained(n_classes, **settings)
    model = Model.from_xgboost(booster)
    np.testing.assert_allclose(model.predict_proba(x), said(booster, x), atol=1e-6)
    assert model.trees["trees"] == len(booster.get_dump())
    assert model.trees["leaves"] == sum(tree.count("leaf=") for tree in booster.get_dump())
    splits = booster.get_score(importance_type="weight")
    assert {int(name[1:]): found for name, found in model.trees["splits"].items() if found} \
        == {int(name[1:]): found for name, found in splits.items()}


@pytest.mark.parametrize("ending", ["json", "ubj"])
def test_files_say_what_the_booster_says(ending, tmp_path):
    booster, x = trained(3, names=["a", "b", "c", "d", "ä"])
    path = tmp_path / f"model.{ending}"
    booster.save_model(path)
    model = Model.from_xgboost(path, ["few", "more", "most"])
    assert model.features == booster.feature_names
    assert model.to_bytes() == Model.from_xgboost(booster, ["few", "more", "most"]).to_bytes()
    assert model.to_bytes() == Model.from_xgboost(path.read_bytes(), model.classes).to_bytes()
    frame = dict(zip(model.features, x.T))
    np.testing.assert_allclose(model.predict_proba(frame), said(booster, x), atol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_classifier_that_was_stopped_early(n_classes):
    pytest.importorskip("sklearn")
    x, y = rows(n_classes)
    half = np.arange(len(x)) % 2 == 0
    classifier = xgboost.XGBClassifier(n_estimators=300, learning_rate=0.5, n_jobs=1,
                                       early_stopping_rounds=5)
    classifier.fit(x[half], y[half], eval_set=[(x[~half], y[~half])], verbose=False)
    kept = classifier.best_iteration + 1
    assert kept < classifier.get_booster().num_boosted_rounds()
    model = Model.from_xgboost(classifier)
    assert model.trees["trees"] == kept * (1 if n_classes == 2 else 3)
    assert model.classes.tolist() == classifier.classes_.tolist()
    np.testing.assert_allclose(model.predict_proba(x), classifier.predict_proba(x), atol=1e-6)
    assert np.array_equal(model.predict(x), classifier.predict(x))
    all_rounds = Model.from_xgboost(classifier.get_booster())
    np.testing.assert_allclose(all_rounds.predict_proba(x), said(classifier.get_booster(), x),
                               atol=1e-6)


def test_classifiers_that_were_not():
    pytest.importorskip("sklearn")
    x, y = rows(2)
    for kind in xgboost.XGBClassifier, xgboost.XGBRFClassifier:
        classifier = kind(n_estimators=20, n_jobs=1).fit(x, y)
        model = Model.from_xgboost(classifier, ["no", "yes"])
        np.testing.assert_allclose(model.predict_proba(x), classifier.predict_proba(x), atol=1e-6)
        assert model.classes.tolist() == ["no", "yes"]


@pytest.mark.parametrize("settings, says", [
    ({"booster": "gblinear"}, "the Booster: booster gblinear has no trees"),
    ({"booster": "dart"}, "the Booster: trees of booster dart"),
    ({"objective": "reg:squarederror"}, 'the Booster: objective "reg:squarederror"'),
])
def test_boosters_that_are_not_read(settings, says):
    with pytest.raises(FileError, match=says):
        Model.from_xgboost(trained(2, **settings)[0])


def test_a_linear_classifier_that_was_stopped_early():
    pytest.importorskip("sklearn")
    x, y = rows(2)
    classifier = xgboost.XGBClassifier(booster="gblinear", n_estimators=60, n_jobs=1,
                                       early_stopping_rounds=1)
    classifier.fit(x, y, eval_set=[(x, 1 - y)], verbose=False)
    with pytest.raises(FileError, match="the XGBClassifier: booster gblinear has no trees"):
        Model.from_xgboost(classifier)


@pytest.mark.skipif(xgboost_version() is None, reason="XGBoost's library is not here")
def test_two_libraries_of_xgboost_in_one_process():
    """That of the package and that which BoostedClassifier loads leave each other alone."""
    x, y = rows(3)
    before, _ = trained(3)
    alone = steelyard.BoostedClassifier(rounds=15, max_depth=3, held_out=0).fit(x, y)
    after, _ = trained(3)
    again = steelyard.BoostedClassifier(rounds=15, max_depth=3, held_out=0).fit(x, y)
    assert before.save_raw("json") == after.save_raw("json")
    assert alone.model_.to_bytes() == again.model_.to_bytes()
    np.testing.assert_allclose(Model.from_xgboost(after).predict_proba(x), said(before, x),
                               atol=1e-6)
