"""Model.from_xgboost: trees written by hand, without XGBoost. Beside XGBoost itself:
tests/peers/python/test_xgboost_models.py."""

import json
import pathlib
import pickle

import numpy as np
import pytest

import steelyard
from steelyard import FileError, Model

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "cli" / "fixtures"
TWO, THREE = FIXTURES / "xgboost_two.json", FIXTURES / "xgboost_three.json"


def logit(age, income):
    """The margin of xgboost_two.json, by hand: its base score is 0.4."""
    older = np.where(np.isnan(income) | (income < 2000), -0.2, -1.1)
    first = np.where(age < 35, 0.9, older)  # a missing age goes right
    second = np.where(np.isnan(income) | (income < 1500), 0.6, -0.3)
    return np.log(0.4 / 0.6) + first + second


AGE = np.array([20, 35, np.nan, 50, 34.9, 36])
INCOME = np.array([1000, 1499, 3000, np.nan, 2500, 1999.0])
TABLE = {"income": INCOME, "age": AGE}
LATE = 1 / (1 + np.exp(-logit(AGE, INCOME)))


def changed(*changes):
    """The bytes of xgboost_two.json with texts in it replaced."""
    text = TWO.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


# --- what is read ---


@pytest.mark.parametrize("source", [TWO, str(TWO), TWO.read_bytes(), bytearray(TWO.read_bytes()),
                                    memoryview(TWO.read_bytes())])
def test_two_classes_with_missing_values(source):
    model = Model.from_xgboost(source)
    assert model.features == ["age", "income"] and model.family == "boosted"
    assert model.classes.tolist() == [0, 1] and model.positive == 1
    assert model.trained_prior is None and model.class_weights == {0: 1, 1: 1}
    np.testing.assert_allclose(model.predict_proba(TABLE)[:, 1], LATE, atol=1e-7)
    assert np.array_equal(model.predict(TABLE), LATE >= 0.5)
    row = {"age": None, "income": 3000}
    assert model.predict_proba_row(row)[1] == model.predict_proba(TABLE)[2, 1]


def test_it_is_a_model_like_any_other(tmp_path):
    model = Model.from_xgboost(TWO, ["paid", "late"]).with_cost({("late", "paid"): 4})
    assert np.array_equal(model.predict(TABLE) == "late", LATE > 0.2)
    model.save(tmp_path / "trees.onnx")
    for other in Model.load(tmp_path / "trees.onnx"), pickle.loads(pickle.dumps(model)):
        assert other.classes.tolist() == ["paid", "late"] and other.trees == model.trees
        assert np.array_equal(other.predict_proba(TABLE), model.predict_proba(TABLE))
    y = np.where(LATE > 0.3, "late", "paid")
    right = (model.predict(TABLE) == y).mean()
    assert model.evaluate(TABLE, y).metrics.accuracy == pytest.approx(right)
    mended = model.calibrated(TABLE, y)
    assert mended.calibration == "temperature" and mended.trees == model.trees
    with pytest.raises(ValueError, match="prior of the training is not known"):
        model.with_prior(rows=TABLE)


def test_three_classes():
    model = Model.from_xgboost(THREE, np.array(["setosa", "versicolor", "virginica"]))
    content = json.loads(THREE.read_text(encoding="utf-8"))["learner"]["gradient_booster"]["model"]
    X = np.random.default_rng(1).normal(3, 2, (50, len(model.features)))
    X[::7, 0] = np.nan
    margins = np.zeros((len(X), 3))
    for tree, output in zip(content["trees"], content["tree_info"]):
        margins[:, output] += [leaf(tree, row) for row in X.astype(np.float32)]
    odds = np.exp(margins)
    frame = dict(zip(model.features, X.T))
    np.testing.assert_allclose(model.predict_proba(frame), odds / odds.sum(axis=1, keepdims=True),
                               atol=1e-7)
    assert model.predict(frame).tolist() == model.classes[margins.argmax(axis=1)].tolist()
    assert model.positive is None and model.trees["outputs"] == 3


def leaf(tree, row):
    """What one tree of a file says of a row."""
    node = 0
    while tree["left_children"][node] != -1:
        x, value = row[tree["split_indices"][node]], tree["split_conditions"][node]
        left = bool(tree["default_left"][node]) if np.isnan(x) else x < np.float32(value)
        node = tree["left_children" if left else "right_children"][node]
    return tree["split_conditions"][node]


# --- names ---


def test_columns_without_names_are_those_of_arrays():
    unnamed = changed(('["age", "income"]', "[]"), ('["float", "float"]', "[]"))
    X = np.stack([AGE, INCOME], axis=1)
    model = Model.from_xgboost(unnamed)
    assert model.features == ["x0", "x1"]
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], LATE, atol=1e-7)
    renamed = Model.from_xgboost(TWO, features=("years", "pay"))
    assert np.array_equal(renamed.predict_proba({"pay": INCOME, "years": AGE}),
                          model.predict_proba(X))
    with pytest.raises(ValueError, match="no column 'age'"):
        Model.from_xgboost(TWO).predict(X)


@pytest.mark.parametrize("classes", [[3, 7], [False, True], ["no", "yes"], [0.5, 2.0], 2])
def test_classes_come_back_as_they_were_given(classes):
    model = pickle.loads(pickle.dumps(Model.from_xgboost(TWO, classes)))
    given = [0, 1] if classes == 2 else classes
    assert model.classes.tolist() == given
    assert model.predict(TABLE).tolist() == [given[one] for one in (LATE >= 0.5).astype(int)]


# --- what is said of trees ---


def test_trees_are_counted():
    model = Model.from_xgboost(TWO)
    assert model.trees == {"trees": 2, "outputs": 1, "leaves": 5, "most_leaves": 3, "depth": 2,
                           "splits": {"age": 1, "income": 2}}
    assert "boosted trees" in str(model) and model.network is None
    for name in "coefficients", "intercepts":
        with pytest.raises(AttributeError, match=f"'boosted' has no {name}: `trees`"):
            getattr(model, name)
    shown = Model.from_xgboost(TWO, features=["<age>", "pay"])._repr_html_()
    assert "2 trees, 5 leaves, 2 of 2 columns used" in shown
    assert shown.index("pay</") < shown.index("&lt;age&gt;</")


def test_other_families_have_no_trees():
    draw = np.random.default_rng(2)
    X = draw.normal(size=(200, 2))
    y = X[:, 0] + draw.logistic(size=200) > 0
    assert steelyard.LogisticClassifier().fit(X, y).model_.trees is None
    network = steelyard.MLPClassifier(hidden=4, epochs=2, held_out=0).fit(X, y).model_
    assert network.trees is None and "network of 2, 4" in network._repr_html_()
    with pytest.raises(AttributeError, match="`network` says"):
        network.coefficients


def test_trees_that_are_none():
    """A single leaf splits on no column."""
    content = json.loads(TWO.read_text(encoding="utf-8"))
    trees = content["learner"]["gradient_booster"]["model"]
    trees["trees"] = [leaf_alone(trees["trees"][1])]
    trees["tree_info"], trees["gbtree_model_param"]["num_trees"] = [0], "1"
    model = Model.from_xgboost(json.dumps(content).encode())
    assert model.trees == {"trees": 1, "outputs": 1, "leaves": 1, "most_leaves": 1, "depth": 0,
                           "splits": {"age": 0, "income": 0}}
    assert "1 tree, 1 leaf, 0 of 2 columns used" in model._repr_html_()
    assert len(set(model.predict_proba(TABLE)[:, 1])) == 1


def leaf_alone(tree):
    arrays = {name: values[1:2] for name, values in tree.items()
              if isinstance(values, list) and values}
    return {**tree, **arrays, "tree_param": {**tree["tree_param"], "num_nodes": "1"}}


# --- what is none ---


@pytest.mark.parametrize("source, says", [
    (changed(("binary:logistic", "reg:squarederror")),
     'what was given: objective "reg:squarederror" gives no probabilities'),
    (changed(('"gbtree"', '"dart"')), "trees of booster dart have weights"),
    (changed(('"split_type": [0', '"split_type": [1')), "tree 0 splits by categories"),
    (changed(("[1, 7, 4]", "[4, 0, 0]")), "written by XGBoost 4.0.0"),
    (changed(('"left_children": [1,', '"left_children": [0,')), "tree 0 is damaged at node 0"),
    (b"", "no model of XGBoost in JSON or UBJ"),
    (b"binf", "no model of XGBoost in JSON or UBJ"),
    (TWO.read_bytes()[:-9], "no JSON"),
    (b'{"a": 1}', "no model of XGBoost"),
    (FIXTURES / "nowhere.json", "nowhere.json cannot be read: No such file"),
    (FIXTURES, "cannot be read"),
])
def test_files_that_are_no_models(source, says):
    with pytest.raises(FileError, match=says):
        Model.from_xgboost(source)


@pytest.mark.parametrize("given, says", [
    ({"classes": ["a", "b", "c"]}, "classes: 3 are given, and .*xgboost_two.json tells 2"),
    ({"classes": ["a", "a"]}, "'a' is there twice"),
    ({"classes": ["a"]}, "at least two"),
    ({"features": ["a"]}, "features: 1 are given, and .*xgboost_two.json takes 2"),
    ({"features": ["a", "a"]}, "two columns are called 'a'"),
    ({"features": ["a", "b\0"]}, "zero byte"),
])
def test_names_that_make_no_sense(given, says):
    with pytest.raises(ValueError, match=says):
        Model.from_xgboost(TWO, **given)


def test_sources_that_are_none():
    for source in None, 3, [1, 2], np.zeros(3), steelyard.BoostedClassifier():
        with pytest.raises(TypeError, match="a Booster or an XGBClassifier"):
            Model.from_xgboost(source)
    with pytest.raises(TypeError, match="a list of names"):
        Model.from_xgboost(TWO, features="age")


def test_load_says_what_takes_such_a_file():
    with pytest.raises(FileError, match="a model of XGBoost's"):
        Model.load(TWO)
