"""LogisticClassifier: what it fits, says and decides, for data of any kind."""

import pickle
import subprocess
import sys
import warnings

import numpy as np
import pytest

import steelyard
from steelyard import LogisticClassifier


def rows_of(n_classes, n=400, columns=4, seed=0):
    """Rows and labels 0..K-1 of which the last are rare."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, columns))
    scores = X @ random.normal(size=(columns, n_classes)) - np.arange(n_classes)
    return X, (scores + random.gumbel(size=scores.shape)).argmax(axis=1)


def softmax(logits):
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def weighted_probabilities(model, X):
    logits = X @ model.coef_.T + model.intercept_
    return softmax(np.column_stack([np.zeros(len(X)), logits])
                   if logits.shape[1] == 1 else logits)


COSTS = {2: [[0, 1], [7, 0]], 3: [[0, 1, 2], [5, 0, 1], [9, 3, 0]]}


# --- what is fitted ---

@pytest.mark.parametrize("n_classes", [2, 3, 5])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
def test_the_optimum_is_that_of_scikit_learn(n_classes, class_weight):
    linear = pytest.importorskip("sklearn.linear_model")
    X, y = rows_of(n_classes)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    ours = LogisticClassifier(class_weight).fit(X, y)
    # Balanced weights have mean 1, so that C = 1 is the same penalty.
    theirs = linear.LogisticRegression(class_weight=class_weight, tol=1e-10, max_iter=10000)
    theirs.fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=2e-5)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, atol=2e-5)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("class_weight", [None, "balanced", "sqrt"])
def test_a_row_of_weight_k_is_k_copies(n_classes, class_weight):
    X, y = rows_of(n_classes, n=120)
    copies = np.random.default_rng(1).integers(0, 4, len(y))
    weighted = LogisticClassifier(class_weight).fit(X, y, sample_weight=copies)
    repeated = LogisticClassifier(class_weight).fit(np.repeat(X, copies, 0), np.repeat(y, copies))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(weighted.intercept_, repeated.intercept_, rtol=1e-8, atol=1e-9)
    assert weighted.class_weight_ == repeated.class_weight_


def test_a_row_of_weight_0_is_absent_and_so_is_a_class_of_such_rows():
    X, y = rows_of(3)
    weights = (y != 2).astype(float)
    model = LogisticClassifier("balanced").fit(X, y, sample_weight=weights)
    assert model.classes_.tolist() == [0, 1]
    without = LogisticClassifier("balanced").fit(X[y != 2], y[y != 2])
    np.testing.assert_allclose(model.predict_proba(X), without.predict_proba(X), rtol=1e-9)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_coefficients_are_in_raw_units(n_classes):
    X, y = rows_of(n_classes)
    X = np.column_stack([X * [1, 1e3, 1e-3, 1] + [0, 1e4, 5, -2], np.full(len(X), 3.0)])
    model = LogisticClassifier("balanced").fit(X, y)
    assert model.coef_.shape == (1 if n_classes == 2 else n_classes, 5)
    assert (model.coef_[:, 4] == 0).all()
    logits = (X @ model.coef_.T + model.intercept_).squeeze()
    np.testing.assert_allclose(logits, model.decision_function(X), atol=1e-9)


def test_class_weights_by_name_label_and_position_are_the_same():
    X, y = rows_of(3)
    balanced = LogisticClassifier("balanced").fit(X, y)
    by_label = dict(balanced.class_weight_)
    by_position = np.array(list(by_label.values()))
    for class_weight in by_label, by_position, by_position.tolist():
        other = LogisticClassifier(class_weight).fit(X, y)
        np.testing.assert_allclose(other.coef_, balanced.coef_, rtol=1e-7)
    counts = np.bincount(y)
    np.testing.assert_allclose(by_position, len(y) / 3 / counts)


def test_scaling_class_weights_changes_nothing():
    X, y = rows_of(3)
    one = LogisticClassifier("balanced").fit(X, y)
    other = LogisticClassifier("balanced", normalize="sum").fit(X, y)
    np.testing.assert_allclose(one.predict_proba(X), other.predict_proba(X), rtol=1e-8)
    assert sum(other.class_weight_.values()) == pytest.approx(1)


# --- what is said ---

@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_have_class_weights_taken_out(n_classes):
    X, y = rows_of(n_classes)
    model = LogisticClassifier("balanced").fit(X, y)
    undone = weighted_probabilities(model, X) / np.array(list(model.class_weight_.values()))
    undone /= undone.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict_proba(X), undone, rtol=1e-9)
    np.testing.assert_allclose(np.exp(model.predict_log_proba(X)), undone, rtol=1e-9)


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("class_weight", [None, "balanced", "inverse"])
@pytest.mark.parametrize("priced", [False, True])
def test_decision_function_is_what_decides(n_classes, class_weight, priced):
    X, y = rows_of(n_classes)
    cost = COSTS[n_classes] if priced else None
    model = LogisticClassifier(class_weight, cost).fit(X, y)
    values = model.decision_function(X)
    decided = values.argmax(axis=1) if n_classes > 2 else (values > 0).astype(int)
    np.testing.assert_array_equal(model.classes_[decided], model.predict(X))
    if priced:
        cheapest = (model.predict_proba(X) @ np.array(cost)).argmin(axis=1)
    else:
        cheapest = weighted_probabilities(model, X).argmax(axis=1)
    np.testing.assert_array_equal(model.predict(X), cheapest)


@pytest.mark.parametrize("cost", [[[0, 0], [5, 0]], [[0, 5], [0, 0]], [[0, 0], [0, 0]]])
def test_costs_that_always_decide_one_class(cost):
    X, y = rows_of(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", steelyard.CostWarning)
        model = LogisticClassifier(cost=cost).fit(X, y)
    values = model.decision_function(X)
    assert np.isfinite(values).all() and len(set(model.predict(X))) == 1
    np.testing.assert_array_equal((values > 0).astype(int), model.predict(X))
    assert (np.argsort(values) == np.argsort(model.predict_proba(X)[:, 1])).mean() > 0.9


def test_costs_as_text_pairs_and_matrix_are_the_same():
    X, y = rows_of(2)
    names = np.array(["ok", "fraud"])[y]
    expected = LogisticClassifier(cost=[[0, 7], [1, 0]]).fit(X, names)
    for cost in "fraud:ok=7", {("fraud", "ok"): 7}:
        model = LogisticClassifier(cost=cost).fit(X, names)
        np.testing.assert_array_equal(model.cost_, expected.cost_)
        np.testing.assert_array_equal(model.predict(X), expected.predict(X))


def test_the_positive_class_is_named_in_the_model():
    X, y = rows_of(2)
    assert LogisticClassifier().fit(X, y).model_.positive == 1
    assert LogisticClassifier(pos_label=0).fit(X, y).model_.positive == 0
    with pytest.raises(ValueError, match="pos_label: 7 is none of the classes 0, 1"):
        LogisticClassifier(pos_label=7).fit(X, y)
    with pytest.raises(ValueError, match="there are 3 classes"):
        LogisticClassifier(pos_label=1).fit(*rows_of(3))


# --- labels of any kind ---

@pytest.mark.parametrize("labels", [
    np.array([3, -2, 7]), np.array([0, 1, 255], np.uint8), np.array([-128, 0, 127], np.int8),
    np.array([1.0, 2.0, 4.0], np.float32), np.array(["b", "a", "c"]),
    np.array(["b", "a", "c"], object), np.array([2**62, 2**62 + 1, 5]),
    np.array([2**63 + 5, 2**63 + 6, 2**63 + 7], np.uint64)])
def test_labels_come_back_as_they_were(labels):
    X, y = rows_of(3)
    model = LogisticClassifier().fit(X, labels[y])
    assert model.classes_.tolist() == sorted(labels.tolist())
    assert model.classes_.dtype == labels.dtype
    plain = LogisticClassifier().fit(X, np.argsort(np.argsort(labels))[y])
    np.testing.assert_array_equal(model.predict(X), np.sort(labels)[plain.predict(X)])


def test_booleans_lists_and_columns():
    X, y = rows_of(2)
    expected = LogisticClassifier().fit(X, y).predict(X)
    np.testing.assert_array_equal(LogisticClassifier().fit(X, y == 1).predict(X), expected == 1)
    np.testing.assert_array_equal(LogisticClassifier().fit(X.tolist(), y.tolist()).predict(X),
                                  expected)
    with pytest.warns(UserWarning, match="A column-vector y was passed"):
        LogisticClassifier().fit(X, y[:, None])


# --- what is refused ---

@pytest.mark.parametrize("change, message", [
    (lambda X, y: (X[0], y), "Reshape your data"),
    (lambda X, y: (X[:0], y[:0]), "0 sample"),
    (lambda X, y: (X[:, :0], y), r"0 feature\(s\)"),
    (lambda X, y: (X[:-1], y), "X has 399 rows, y has 400 labels"),
    (lambda X, y: (X + 1j, y), "Complex data not supported"),
    (lambda X, y: (X, y + 0.5), "Unknown label type: continuous"),
    (lambda X, y: (X, np.where(y == 0, np.nan, y)), "is nan"),
    (lambda X, y: (X, np.zeros(400)), "one class alone"),
    (lambda X, y: (X, np.eye(2)[y]), "one label a row"),
    (lambda X, y: (X, [None, *y[1:].tolist()]), "position 0 is missing"),
    (lambda X, y: (X, None), "requires y to be passed"),
    (lambda X, y: (X, ["a", *y[1:].tolist()]), "position 1 is"),
])
def test_bad_rows_are_refused(change, message):
    X, y = change(*rows_of(2))
    with pytest.raises(ValueError, match=message):
        LogisticClassifier().fit(X, y)


@pytest.mark.parametrize("weights, message", [
    (np.ones(3), "one weight for each of the 400 rows"), (np.zeros(400), "all weights are zero"),
    (np.where(np.arange(400) == 7, -1.0, 1.0), "position 7 is -1.0"),
    (np.where(np.arange(400) == 9, np.nan, 1.0), "position 9 is nan"),
    (np.where(np.arange(400) == 9, np.inf, 1.0), "position 9 is inf")])
def test_bad_row_weights_are_refused(weights, message):
    with pytest.raises(ValueError, match=message):
        LogisticClassifier().fit(*rows_of(2), sample_weight=weights)


@pytest.mark.parametrize("params, message", [
    ({"class_weight": "balancd"}, "balanced"), ({"class_weight": {0: 1, 5: 2}}, "5"),
    ({"class_weight": {0: 1}}, "1"), ({"class_weight": [1, 2, 3]}, "3"),
    ({"class_weight": {0: 1, 1: -2}}, "-2"), ({"cost": [[0, 1, 1]] * 3}, "cost"),
    ({"cost": [[5, 0], [1, 0]]}, "less than"), ({"l2": -1}, "l2: -1"), ({"l2": np.nan}, "l2: nan"),
    ({"class_weight": "cost"}, "cost")])
def test_bad_parameters_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        LogisticClassifier(**params).fit(*rows_of(2))


def test_costs_of_two_classes_are_not_for_three():
    with pytest.raises(ValueError, match=r"Only binary classification .* \(3, 3\) would be right"):
        LogisticClassifier(cost=COSTS[2]).fit(*rows_of(3))


def test_sparse_matrices_are_refused():
    sparse = pytest.importorskip("scipy.sparse")
    X, y = rows_of(2)
    with pytest.raises(TypeError, match="[Ss]parse"):
        LogisticClassifier().fit(sparse.csr_array(X), y)


def test_objects_that_are_no_numbers_are_refused():
    X, y = rows_of(2)
    X = X.astype(object)
    X[3, 1] = {}
    with pytest.raises(TypeError, match="string or a real number"):
        LogisticClassifier().fit(X, y)


def test_columns_have_to_be_those_of_the_fit():
    X, y = rows_of(2)
    model = LogisticClassifier().fit(X, y)
    with pytest.raises(ValueError, match="X has 3 features, but LogisticClassifier is expecting 4"):
        model.predict(X[:, :3])


# --- missing values, texts, tables ---

def test_missing_and_infinite_numbers_are_filled_and_marked():
    X, y = rows_of(2)
    X[::5, 1] = np.nan
    X[1::5, 1] = np.inf
    model = LogisticClassifier().fit(X, y)
    assert model.coef_.shape == (1, 5) and len(model.coef_names_) == 5
    assert np.isfinite(model.predict_proba(X)).all()


def table(X, y):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X, columns=["a", "b", "c", "d"])
    frame["kind"] = np.array(["red", "green", "blue"])[np.arange(len(y)) % 3]
    return frame


def test_tables_with_texts():
    X, y = rows_of(2)
    frame = table(X, y)
    model = LogisticClassifier("balanced").fit(frame, y)
    assert model.feature_names_in_.tolist() == ["a", "b", "c", "d", "kind"]
    assert model.coef_names_ == ["a", "b", "c", "d", "kind=blue", "kind=green", "kind=red"]
    by_hand = np.column_stack([X, *(frame["kind"] == kind for kind in ("blue", "green", "red"))])
    assert model.predict_proba(frame).shape == (400, 2)
    assert len(by_hand[0]) == model.coef_.shape[1]
    mapping = {name: frame[name].to_numpy() for name in frame}
    np.testing.assert_array_equal(model.predict(mapping), model.predict(frame))
    np.testing.assert_array_equal(
        LogisticClassifier("balanced").fit(frame.to_numpy(dtype=object), y).predict_proba(
            frame.to_numpy(dtype=object)), model.predict_proba(frame))


def test_tables_of_polars():
    polars = pytest.importorskip("polars")
    pytest.importorskip("steelyard._arrow")
    X, y = rows_of(2)
    frame = table(X, y)
    same = polars.DataFrame({name: frame[name].to_list() for name in frame})
    model = LogisticClassifier("balanced").fit(same, y)
    expected = LogisticClassifier("balanced").fit(frame, y).predict_proba(frame)
    np.testing.assert_array_equal(model.predict_proba(same), expected)


def test_names_of_columns_are_checked():
    X, y = rows_of(2)
    frame = table(X, y).drop(columns="kind")
    model = LogisticClassifier().fit(frame, y)
    np.testing.assert_allclose((X @ model.coef_.T + model.intercept_)[:, 0],
                               model.decision_function(frame), atol=1e-9)
    for bad, message in ((frame[["b", "a", "c", "d"]], "same order"),
                         (frame.rename(columns={"a": "e"}), "unseen at fit time:\n- e"),
                         (frame.drop(columns="d"), "yet now missing:\n- d")):
        with pytest.raises(ValueError, match=message):
            model.predict(bad)
    with pytest.warns(UserWarning, match="X does not have valid feature names"):
        by_array = model.predict(X)
    np.testing.assert_array_equal(by_array, model.predict(frame))
    with pytest.warns(UserWarning, match="was fitted without feature names"):
        by_table = LogisticClassifier().fit(X, y).predict(frame)
    np.testing.assert_array_equal(by_table, by_array)


def test_tables_whose_columns_have_numbers_for_names():
    pandas = pytest.importorskip("pandas")
    X, y = rows_of(2)
    model = LogisticClassifier().fit(pandas.DataFrame(X), y)
    assert not hasattr(model, "feature_names_in_")
    np.testing.assert_array_equal(model.predict(pandas.DataFrame(X)), model.predict(X))


def test_scikit_learns_check_of_names():
    checks = pytest.importorskip("sklearn.utils.estimator_checks")
    pytest.importorskip("pandas")
    checks.check_dataframe_column_names_consistency("LogisticClassifier", LogisticClassifier())


@pytest.mark.parametrize("kind", [np.float32, np.int64, np.int8, bool])
def test_columns_of_any_type_of_number(kind):
    X, y = rows_of(2)
    X = X > 0 if kind is bool else (X * 3).astype(kind)
    model = LogisticClassifier().fit(X, y)
    same = LogisticClassifier().fit(X.astype(np.float64), y)
    np.testing.assert_allclose(model.coef_, same.coef_, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(LogisticClassifier().fit(np.asfortranarray(X), y).coef_, model.coef_)
    np.testing.assert_allclose(LogisticClassifier().fit(X[::-1], y[::-1]).coef_, model.coef_,
                               rtol=1e-5, atol=1e-6)


# --- going on, stopping, keeping ---

def test_a_warm_start_begins_at_the_last_optimum():
    X, y = rows_of(3)
    model = LogisticClassifier(warm_start=True).fit(X, y)
    coef, steps = model.coef_, model.n_iter_
    model.fit(X, y)
    assert model.n_iter_ < steps
    np.testing.assert_allclose(model.coef_, coef, rtol=1e-7)
    model.fit(X[:, :2], y)  # another shape begins anew
    assert model.coef_.shape == (3, 2)


def test_stopping_early_is_told():
    with pytest.warns(UserWarning, match="did not converge within max_iter=1"):
        model = LogisticClassifier(max_iter=1).fit(*rows_of(3))
    assert not model.converged_ and model.n_iter_ == 1


def test_models_are_kept_in_pickles_and_files(tmp_path):
    X, y = rows_of(3)
    model = LogisticClassifier("balanced", COSTS[3]).fit(X, np.array(["a", "b", "c"])[y])
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(again.decision_function(X), model.decision_function(X))
    model.save(tmp_path / "model.onnx")
    loaded = steelyard.Model.load(tmp_path / "model.onnx")
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    np.testing.assert_array_equal(loaded.predict_proba(X), model.predict_proba(X))


# --- with scikit-learn around it, and without ---

def test_pipelines_searches_clones_and_processes():
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = rows_of(2)
    pipeline = make_pipeline(StandardScaler(), LogisticClassifier("balanced"))
    copied = clone(pipeline).set_params(logisticclassifier__l2=0.5)
    assert copied[-1].get_params()["l2"] == 0.5 and copied[-1].class_weight == "balanced"
    search = GridSearchCV(pipeline, {"logisticclassifier__l2": [1e-3, 1.0],
                                     "logisticclassifier__class_weight": [None, {0: 1, 1: 3}]},
                          scoring="roc_auc", cv=3, n_jobs=2).fit(X, y)
    assert search.best_score_ > 0.7
    assert cross_val_score(LogisticClassifier(), X, y, scoring="neg_log_loss", cv=3).shape == (3,)
    assert LogisticClassifier()._repr_html_()


def test_row_weights_are_routed():
    sklearn = pytest.importorskip("sklearn")
    from sklearn.model_selection import cross_validate

    X, y = rows_of(2)
    weights = np.where(y == 1, 1000.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        model = LogisticClassifier().set_fit_request(sample_weight=True)
        model.set_score_request(sample_weight=True)
        found = cross_validate(model, X, y, params={"sample_weight": weights}, cv=3,
                               return_estimator=True)["estimator"]
    assert np.mean([one.predict(X).mean() for one in found]) > 0.9


def run(script):
    return subprocess.run([sys.executable, "-c", script], check=True, text=True,
                          capture_output=True).stdout


def test_importing_steelyard_does_not_import_scikit_learn():
    run("import steelyard, sys; assert 'sklearn' not in sys.modules")
    run("import steelyard; assert 'LogisticClassifier' in dir(steelyard)")


def test_everything_works_without_scikit_learn():
    out = run("""if True:
        import pickle, sys
        sys.modules["sklearn"] = None
        import numpy as np
        from steelyard import CostThresholdClassifier, LogisticClassifier
        random = np.random.default_rng(0)
        X = random.normal(size=(300, 3))
        y = (X[:, 0] + random.logistic(size=300) > 1.5).astype(int)
        model = LogisticClassifier("balanced", l2=0.01).fit(X, y)
        assert model.get_params()["l2"] == 0.01 and model.set_params(l2=0.1) is model
        assert 0.6 < model.score(X, y) < 1
        try:
            LogisticClassifier().predict(X)
        except ValueError as error:
            print(error)
        pickle.loads(pickle.dumps(model)).predict(X)
        outer = CostThresholdClassifier(LogisticClassifier(), [[0, 1], [5, 0]],
                                        calibrate="temperature").fit(X, y)
        assert outer.get_params()["estimator__l2"] is None
        print(outer.predict(X).mean() > y.mean(), model, "sklearn" in model._repr_html_())
    """)
    assert "is not fitted yet" in out
    assert "True LogisticClassifier(class_weight='balanced', l2=0.1) False" in out
