"""CostThresholdClassifier: least cost around any classifier."""

import warnings

import numpy as np
import pytest

import steelyard
from steelyard import CostThresholdClassifier, LogisticClassifier

sklearn = pytest.importorskip("sklearn")

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import StratifiedKFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC


def rows_of(n_classes, n=600, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 4))
    scores = X @ random.normal(size=(4, n_classes)) - np.arange(n_classes)
    return X, (scores + random.gumbel(size=scores.shape)).argmax(axis=1)


COSTS = {2: np.array([[0, 1], [7, 0.0]]), 3: np.array([[0, 1, 2], [5, 0, 1], [9, 3, 0.0]])}


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("inner", [LogisticRegression(), GaussianNB(),
                                   RandomForestClassifier(20, random_state=0)])
def test_decides_at_least_cost(n_classes, inner):
    X, y = rows_of(n_classes)
    model = CostThresholdClassifier(inner, COSTS[n_classes]).fit(X, y)
    alone = sklearn.base.clone(inner).fit(X, y)
    p = alone.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), p, atol=1e-12)
    cost = p @ COSTS[n_classes]
    settled = np.sort(cost, axis=1)[:, 1] - np.sort(cost, axis=1)[:, 0] > 1e-9
    np.testing.assert_array_equal(model.predict(X)[settled], cost.argmin(axis=1)[settled])
    values = model.decision_function(X)
    assert np.isfinite(values).all()
    decided = values.argmax(axis=1) if n_classes > 2 else (values > 0).astype(int)
    np.testing.assert_array_equal(decided, model.predict(X))


def test_is_scikit_learns_fixed_threshold_where_costs_are_one():
    selection = pytest.importorskip("sklearn.model_selection")
    if not hasattr(selection, "FixedThresholdClassifier"):
        pytest.skip("scikit-learn before 1.5")
    X, y = rows_of(2)
    model = CostThresholdClassifier(LogisticRegression(), COSTS[2]).fit(X, y)
    assert model.threshold_ == pytest.approx(1 / 8)
    assert model.decision_ == "1 at p >= 0.125, given costs"
    theirs = selection.FixedThresholdClassifier(LogisticRegression(), threshold=1 / 8,
                                                response_method="predict_proba").fit(X, y)
    np.testing.assert_array_equal(model.predict(X), theirs.predict(X))


def test_tunes_no_worse_than_scikit_learn():
    selection = pytest.importorskip("sklearn.model_selection")
    if not hasattr(selection, "TunedThresholdClassifierCV"):
        pytest.skip("scikit-learn before 1.5")
    X, y = rows_of(2)
    unseen_X, unseen_y = X[300:], y[300:]
    inner = LogisticRegression().fit(X[:300], y[:300])
    model = CostThresholdClassifier(inner, metric="balanced_accuracy", prefit=True)
    model.fit(unseen_X, unseen_y)
    assert model.estimator_ is inner
    theirs = selection.TunedThresholdClassifierCV(
        inner, scoring="balanced_accuracy", cv="prefit", refit=False).fit(unseen_X, unseen_y)
    ours = balanced_accuracy_score(unseen_y, model.predict(unseen_X))
    assert ours >= balanced_accuracy_score(unseen_y, theirs.predict(unseen_X)) - 1e-12
    assert ours == pytest.approx(model.tuned_.value)
    again = CostThresholdClassifier(inner, metric="balanced_accuracy", cv="prefit")
    np.testing.assert_array_equal(again.fit(unseen_X, unseen_y).predict(X), model.predict(X))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("kind", ["balanced", "dict"])
@pytest.mark.parametrize("weighted", [False, True])
def test_class_weights_are_taken_out(n_classes, kind, weighted):
    X, y = rows_of(n_classes)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    class_weight = kind if kind == "balanced" else dict(enumerate([1.0, 2.0, 3.5][:n_classes]))
    inner = LogisticRegression(class_weight=class_weight, tol=1e-10, max_iter=10000)
    rows = np.random.default_rng(1).integers(1, 3, len(y)) if weighted and kind == "dict" else None
    model = CostThresholdClassifier(inner).fit(X, y, sample_weight=rows)
    alone = inner.fit(X, y, sample_weight=rows)
    undone = np.array(list(model.undone_class_weight_.values()))
    expected = alone.predict_proba(X) / undone
    np.testing.assert_allclose(model.predict_proba(X), expected / expected.sum(axis=1)[:, None],
                               rtol=1e-9)
    if kind == "balanced":
        np.testing.assert_allclose(undone, len(y) / n_classes / np.bincount(y))
        ours = LogisticClassifier("balanced").fit(X, y)
        np.testing.assert_allclose(model.predict_proba(X), ours.predict_proba(X), atol=1e-5)
    # Without costs, weights imply them: the decisions stay those of the inner classifier.
    np.testing.assert_array_equal(model.predict(X), alone.predict(X))
    assert "class weights taken out" in model.decision_
    kept = CostThresholdClassifier(inner, undo_class_weight=False).fit(X, y, sample_weight=rows)
    np.testing.assert_allclose(kept.predict_proba(X), alone.predict_proba(X), rtol=1e-9)


def test_class_weights_of_a_pipeline_are_read_and_others_left_alone():
    X, y = rows_of(2)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(class_weight={0: 1, 1: 4}))
    assert CostThresholdClassifier(pipeline).fit(X, y).undone_class_weight_ == {0: 1, 1: 4}
    own = LogisticClassifier("balanced").fit(X, y)
    around = CostThresholdClassifier(LogisticClassifier("balanced")).fit(X, y)
    assert around.undone_class_weight_ is None
    np.testing.assert_allclose(around.predict_proba(X), own.predict_proba(X), rtol=1e-9)
    np.testing.assert_array_equal(around.predict(X), own.predict(X))
    with pytest.raises(ValueError, match="GaussianNB has no class weights that can be read"):
        CostThresholdClassifier(GaussianNB(), undo_class_weight=True).fit(X, y)


def test_row_weights_reach_the_last_step_of_a_pipeline():
    X, y = rows_of(2)
    rows = np.random.default_rng(0).integers(0, 3, len(y)).astype(float)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression())
    model = CostThresholdClassifier(pipeline, calibrate="temperature").fit(X, y, sample_weight=rows)
    alone = sklearn.base.clone(pipeline).fit(X, y, logisticregression__sample_weight=rows)
    np.testing.assert_allclose(model.estimator_.predict_proba(X), alone.predict_proba(X))
    from sklearn.neighbors import KNeighborsClassifier
    with pytest.raises(ValueError, match="KNeighborsClassifier takes none"):
        CostThresholdClassifier(KNeighborsClassifier()).fit(X, y, sample_weight=rows)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_costs_by_row(n_classes):
    X, y = rows_of(n_classes)
    model = CostThresholdClassifier(GaussianNB()).fit(X, y)
    amounts = np.random.default_rng(0).uniform(0.1, 20, len(y))
    cost = np.broadcast_to(COSTS[n_classes], (len(y), n_classes, n_classes)).copy()
    cost[:, 1, 0] = amounts
    expected = np.einsum("nk,nkj->nj", model.predict_proba(X), cost).argmin(axis=1)
    np.testing.assert_array_equal(model.predict(X, cost=cost), expected)
    pairs = {(k, j): COSTS[n_classes][k, j] for k in range(n_classes) for j in range(n_classes)}
    pairs[1, 0] = amounts
    np.testing.assert_array_equal(model.predict(X, cost=pairs), expected)
    np.testing.assert_array_equal(model.predict(X, cost=COSTS[n_classes]),
                                  CostThresholdClassifier(GaussianNB(), COSTS[n_classes])
                                  .fit(X, y).predict(X))


@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("kind", ["temperature", "vector", "isotonic"])
def test_calibration_mends_a_model_that_is_too_sure(n_classes, kind):
    X, y = rows_of(n_classes, n=4000)
    X = np.column_stack([X, X, X])  # naive Bayes counts all columns thrice
    new = slice(2000, 4000)
    plain = CostThresholdClassifier(GaussianNB()).fit(X[:2000], y[:2000])
    mended = CostThresholdClassifier(GaussianNB(), calibrate=kind).fit(X[:2000], y[:2000])
    assert mended.calibration_.kind == kind

    def loss(model):
        p = model.predict_proba(X[new])
        return -np.log(np.maximum(p[np.arange(2000), y[new]], 1e-12)).mean()

    assert loss(mended) < loss(plain) - 0.05


def test_scores_become_probabilities():
    X, y = rows_of(3, n=3000)
    model = CostThresholdClassifier(LinearSVC(class_weight="balanced"), COSTS[3]).fit(X, y)
    assert model.calibration_.kind == "vector" and model.undone_class_weight_ is None
    np.testing.assert_allclose(model.predict_proba(X).mean(axis=0), np.bincount(y) / 3000,
                               atol=0.02)
    assert CostThresholdClassifier(SVC(class_weight="balanced")).fit(X[:300], y[:300]) \
        .predict_proba(X).shape == (3000, 3)


def test_limits_and_folds():
    X, y = rows_of(2, n=2000)
    for cv in 4, StratifiedKFold(4), list(StratifiedKFold(4).split(X, y)):
        model = CostThresholdClassifier(LogisticRegression(), COSTS[2], cv=cv, max_flagged=0.05)
        assert 0.02 < model.fit(X, y).predict(X).mean() < 0.08
        assert model.decision_.endswith("tuned for cost")
    precise = CostThresholdClassifier(LogisticRegression(), metric="recall", min_precision=0.9)
    assert precise.fit(X, y).tuned_.precision >= 0.9
    for bad in 1, []:
        with pytest.raises(ValueError, match="cv"):
            CostThresholdClassifier(LogisticRegression(), metric="f1", cv=bad).fit(X, y)
    with pytest.raises(ValueError, match="Only binary classification is supported"):
        CostThresholdClassifier(LogisticRegression(), metric="f1").fit(*rows_of(3))


def test_factors_of_several_classes_are_tuned():
    X, y = rows_of(3, n=2000)
    plain = CostThresholdClassifier(LogisticRegression()).fit(X, y)
    model = CostThresholdClassifier(LogisticRegression(), metric="balanced_accuracy").fit(X, y)
    assert balanced_accuracy_score(y, model.predict(X)) > balanced_accuracy_score(
        y, plain.predict(X)) + 0.02
    factors = model.tuned_.factors
    np.testing.assert_array_equal(model.predict(X), (model.predict_proba(X) * factors).argmax(1))


def test_labels_tables_and_absent_classes():
    pandas = pytest.importorskip("pandas")
    X, y = rows_of(3)
    frame = pandas.DataFrame(X, columns=list("abcd"))
    names = pandas.Series(np.array(["low", "mid", "high"])[y])
    model = CostThresholdClassifier(LogisticRegression(), "high:low=9", calibrate="vector")
    model.fit(frame, names)
    assert model.classes_.tolist() == ["high", "low", "mid"]
    assert model.cost_[0, 1] == 9 and model.feature_names_in_.tolist() == list("abcd")
    assert set(model.predict(frame)) <= {"low", "mid", "high"}
    assert model.predict(frame, cost="high:low=9").tolist() == model.predict(frame).tolist()
    weights = (y != 2).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        without = CostThresholdClassifier(LogisticRegression(), calibrate="vector")
        assert without.fit(X, y, sample_weight=weights).classes_.tolist() == [0, 1]


def test_unfitted_and_unfit_estimators_are_told():
    X, y = rows_of(2)
    with pytest.raises(ValueError, match="not fitted yet"):
        CostThresholdClassifier(LogisticRegression()).predict(X)
    with pytest.raises(ValueError, match="a fitted classifier would be right"):
        CostThresholdClassifier(LogisticRegression(), prefit=True).fit(X, y)
    fitted = LogisticRegression().fit(X, y)
    with pytest.raises(ValueError, match="y: 2 is none of the classes"):
        CostThresholdClassifier(fitted, prefit=True).fit(*rows_of(3))
    with pytest.raises(ValueError, match="none of the classes"):
        CostThresholdClassifier(LogisticRegression(), {("a", "b"): 1}).fit(X, y)
    assert isinstance(steelyard.CostThresholdClassifier(fitted), CostThresholdClassifier)
