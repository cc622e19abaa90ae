"""MLPClassifier: what it fits, says and decides; its options; who looks on."""

import pickle
import warnings

import numpy as np
import pytest

import steelyard
from steelyard import LogisticClassifier, MLPClassifier, Model, ScoresWarning
from steelyard._networks import DEFAULTS, HELD_OUT, read_loss
from steelyard.estimators._trained import read_seed

pytestmark = pytest.mark.filterwarnings("ignore:the loss on the rows held out was still")

FEW = {"hidden": (8,), "epochs": 12, "held_out": 0}  # a training of milliseconds


def rows_of(n_classes=2, n=500, columns=4, seed=0):
    """Rows that no line tells apart, and labels 0..K-1 of which the last are rare."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, columns))
    scores = np.abs(X @ random.normal(size=(columns, n_classes))) * 2 - np.arange(n_classes)
    return X, (scores + random.gumbel(size=scores.shape)).argmax(axis=1)


def log_loss(model, X, y):
    return -model.predict_log_proba(X)[np.arange(len(y)), y].mean()


def same(one, other):
    return one.model_.to_bytes() == other.model_.to_bytes()


# --- what is fitted ---

@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_network_tells_apart_what_no_line_does(n_classes):
    X, y = rows_of(n_classes, n=3000)
    new, labels = rows_of(n_classes, n=3000)[0][1500:], y[1500:]
    network = MLPClassifier().fit(X[:1500], y[:1500])
    logistic = LogisticClassifier().fit(X[:1500], y[:1500])
    assert log_loss(network, new, labels) < 0.95 * log_loss(logistic, new, labels)
    assert network.score(new, labels) > logistic.score(new, labels)
    assert network.n_iter_ == len(network.loss_curve_) <= DEFAULTS["epochs"]
    assert network.loss_curve_[-1] < network.loss_curve_[0]


def test_as_good_as_scikit_learns():
    peer = pytest.importorskip("sklearn.neural_network")
    from sklearn.datasets import load_breast_cancer
    X, y = load_breast_cancer(return_X_y=True)
    standard = (X - X.mean(axis=0)) / X.std(axis=0)
    train = np.arange(len(y)) % 2 == 0
    ours, theirs = [], []
    for seed in range(3):
        one = MLPClassifier(hidden=(64, 32), random_state=seed).fit(X[train], y[train])
        other = peer.MLPClassifier((64, 32), early_stopping=True, random_state=seed)
        other.fit(standard[train], y[train])
        p = other.predict_proba(standard[~train])[np.arange((~train).sum()), y[~train]]
        ours.append(log_loss(one, X[~train], y[~train]))
        theirs.append(-np.log(p).mean())
    assert np.mean(ours) < np.mean(theirs) + 0.02


def test_the_same_bits_from_the_same_seed_on_any_number_of_threads():
    X, y = rows_of(3, n=1500)
    made = {}
    before = steelyard.get_threads()
    try:
        for threads in (1, 2):
            steelyard.set_threads(threads)
            made[threads] = MLPClassifier("balanced", hidden=(40, 20), epochs=5, dropout=0.2,
                                          random_state=3).fit(X, y)
    finally:
        steelyard.set_threads(before)
    assert same(made[1], made[2])
    assert not same(made[1], MLPClassifier("balanced", hidden=(40, 20), epochs=5, dropout=0.2,
                                           random_state=4).fit(X, y))


def test_one_step_is_an_epoch_and_the_weights_of_rows_are_copies():
    """Full batches have no order: weights and copies take the same steps, but for rounding."""
    X, y = rows_of(3, n=60)
    copies = np.random.default_rng(1).integers(0, 4, len(y))
    options = {**FEW, "batch_size": 1000}
    weighted = MLPClassifier(**options).fit(X, y, sample_weight=copies)
    repeated = MLPClassifier(**options).fit(np.repeat(X, copies, 0), np.repeat(y, copies))
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X), rtol=1e-6)
    balanced = MLPClassifier("balanced", **options).fit(X, y, sample_weight=copies)
    again = MLPClassifier("balanced", **options).fit(np.repeat(X, copies, 0), np.repeat(y, copies))
    np.testing.assert_allclose(balanced.predict_proba(X), again.predict_proba(X), rtol=1e-6)
    assert balanced.class_weight_ == again.class_weight_


def test_class_weights_are_row_weights_that_are_undone():
    """Of texts: numbers are standardised by row weights, but not by class weights."""
    random = np.random.default_rng(2)
    X = {name: random.choice(["a", "b", "c"], 80).astype(object) for name in ("x", "y")}
    y = ((X["x"] == "a") == (X["y"] == "b")).astype(int) & (random.random(80) < 0.8)
    options = {**FEW, "batch_size": 1000}
    by_class = MLPClassifier({0: 1, 1: 3}, **options).fit(X, y)
    by_row = MLPClassifier(**options).fit(X, y, sample_weight=np.where(y == 1, 3.0, 1.0))
    odds = by_row.predict_proba(X) / [1, 3]
    np.testing.assert_allclose(by_class.predict_proba(X), odds / odds.sum(1, keepdims=True),
                               rtol=1e-6)
    np.testing.assert_array_equal(by_class.predict(X), by_row.predict(X))


def test_a_row_of_weight_0_is_absent_and_so_is_a_class_of_such_rows():
    X, y = rows_of(3)
    weights = (y != 2).astype(float)
    model = MLPClassifier("balanced", **FEW).fit(X, y, sample_weight=weights)
    assert model.classes_.tolist() == [0, 1] and model.predict_proba(X).shape == (500, 2)
    half = np.arange(500) % 2 == 0
    without = MLPClassifier(**FEW, batch_size=1000).fit(X[half], y[half])
    absent = MLPClassifier(**FEW, batch_size=1000).fit(X, y, sample_weight=half)
    np.testing.assert_allclose(absent.predict_proba(X), without.predict_proba(X), rtol=1e-6)


def test_the_scale_of_weights_changes_nothing():
    X, y = rows_of(2)
    one = MLPClassifier("balanced", epochs=5).fit(X, y)
    for other in (MLPClassifier("balanced", epochs=5).fit(X, y, sample_weight=np.full(500, 4.0)),
                  MLPClassifier("balanced", epochs=5, normalize="sum").fit(X, y)):
        np.testing.assert_allclose(other.predict_proba(X), one.predict_proba(X), rtol=1e-5)


def test_probabilities_are_true_whatever_the_weights():
    X, y = rows_of(2, n=4000)
    for options in ({"class_weight": "balanced"}, {"class_weight": {0: 1, 1: 20}},
                    {"sampling": "balanced"}, {"loss": "logit-adjustment"}):
        model = MLPClassifier(hidden=(32,), epochs=30, **options).fit(X, y)
        assert model.predict_proba(X)[:, 1].mean() == pytest.approx(y.mean(), rel=0.15), options
        assert model.predict(X).mean() > y.mean()
        assert model.scores_only_ == ""


# --- the data ---

def test_float64_is_computed_in_float64_and_layouts_change_nothing():
    X, y = rows_of(2, n=60)
    options = {**FEW, "batch_size": 1000}
    wide = MLPClassifier(**options).fit(X, y)
    assert same(wide, MLPClassifier(**options).fit(np.asfortranarray(X), y))
    assert same(wide, MLPClassifier(**options).fit(np.repeat(X, 2, axis=1)[:, ::2], y))
    narrow = MLPClassifier(**options).fit(X.astype(np.float32), y)
    np.testing.assert_allclose(narrow.predict_proba(X), wide.predict_proba(X), atol=1e-4)
    # Rows beyond what float32 tells apart are told apart.
    far = 1e9 + np.arange(60.0)[:, None]
    model = MLPClassifier(hidden=(), epochs=300, learning_rate=0.1, held_out=0)
    assert model.fit(far, np.arange(60) >= 30).score(far, np.arange(60) >= 30) == 1


def test_tables_are_arrays_with_names():
    pandas = pytest.importorskip("pandas")
    X, y = rows_of(3)
    table = pandas.DataFrame(X, columns=list("abcd"))
    model = MLPClassifier("sqrt", **FEW).fit(table, y)
    by_array = MLPClassifier("sqrt", **FEW).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(table), by_array.predict_proba(X))
    with pytest.raises(ValueError, match="same order"):
        model.predict(table[["b", "a", "c", "d"]])
    polars = pytest.importorskip("polars")
    assert same(model, MLPClassifier("sqrt", **FEW).fit(polars.from_pandas(table), y))


def text_rows(n=3000, values=300, seed=0):
    """A text of many values that each have an inclination of their own, and a number."""
    random = np.random.default_rng(seed)
    place = random.integers(0, values, n)
    leaning = random.normal(0, 2, values)[place]
    X = {"place": np.array([f"p{i}" for i in range(values)], object)[place],
         "amount": random.normal(size=n)}
    return X, (leaning + X["amount"] + random.logistic(size=n) > 1).astype(int)


def test_texts_of_many_values_are_embedded():
    X, y = text_rows()
    part = {name: values[:2000] for name, values in X.items()}
    rest = {name: values[2000:] for name, values in X.items()}
    embedded = MLPClassifier(embedding_width=3, hidden=(16,)).fit(part, y[:2000])
    assert list(embedded.model_.network["embeddings"].values())[0][1] == 3
    assert embedded.model_.network["inputs"] == 4
    without = MLPClassifier(hidden=(16,)).fit({"amount": part["amount"]}, y[:2000])
    assert log_loss(embedded, rest, y[2000:]) < log_loss(without, {"amount": rest["amount"]},
                                                         y[2000:]) - 0.05
    unseen = {"place": np.array(["elsewhere", None], object), "amount": np.zeros(2)}
    assert np.isfinite(embedded.predict_proba(unseen)).all()
    few = MLPClassifier(max_categories=400, hidden=(16,), epochs=2).fit(part, y[:2000])
    assert few.model_.network["embeddings"] == {}


def test_missing_numbers_are_filled_and_marked():
    X, y = rows_of(2)
    X[::5, 1], X[1::5, 1] = np.nan, np.inf
    model = MLPClassifier(**FEW).fit(X, y)
    assert np.isfinite(model.predict_proba(X)).all() and model.model_.network["inputs"] == 5
    assert any("missing" in line for line in model.messages_)


@pytest.mark.parametrize("labels", [
    np.array([3, -2, 7]), np.array([1.0, 2.0, 4.0], np.float32), np.array(["b", "a", "c"]),
    np.array(["b", "a", "c"], object), np.array([2**63 + 5, 2**63 + 6, 2**63 + 7], np.uint64)])
def test_labels_come_back_as_they_were(labels):
    X, y = rows_of(3)
    model = MLPClassifier(**FEW).fit(X, labels[y])
    assert model.classes_.tolist() == sorted(labels.tolist())
    assert set(model.predict(X).tolist()) <= set(labels.tolist())
    assert model.classes_.dtype == labels.dtype


# --- what decides ---

@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("cost", [None, "1:0=9"])
def test_decision_function_is_what_decides(n_classes, class_weight, cost):
    X, y = rows_of(n_classes)
    model = MLPClassifier(class_weight, cost, **FEW).fit(X, y)
    values = model.decision_function(X)
    decided = values.argmax(axis=1) if n_classes > 2 else (values > 0).astype(int)
    np.testing.assert_array_equal(model.classes_[decided], model.predict(X))
    weights = np.array(list(model.class_weight_.values()))
    cheapest = (model.predict_proba(X) @ model.cost_).argmin(axis=1) if cost else \
        (model.predict_proba(X) * weights).argmax(axis=1)
    np.testing.assert_array_equal(model.predict(X), cheapest)


def test_losses_without_inverse_give_scores_and_say_so_once():
    X, y = rows_of(2)
    for loss in ("focal:gamma=3", "ldam", "smoothing:a=0.2", "logit-adjustment+focal"):
        with pytest.warns(ScoresWarning, match="scores, not probabilities") as caught:
            model = MLPClassifier(loss=loss, **FEW).fit(X, y)
        assert len(caught) == 1 and model.scores_only_
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.predict_proba(X)
    with pytest.warns(ScoresWarning, match="cost-expected"):
        MLPClassifier(cost=[[0, 1], [5, 0]], loss="cost-expected", **FEW).fit(X, y)
    with pytest.warns(ScoresWarning, match="by-prediction"):
        MLPClassifier("balanced", loss="by-prediction", **FEW).fit(X, y)


# --- the model ---

def test_the_model_goes_wherever_models_go(tmp_path):
    X, y = rows_of(3)
    model = MLPClassifier("balanced", hidden=(12, 7), activation="gelu", norm="layer", restarts=2,
                          epochs=3).fit(X, np.array(["x", "y", "z"])[y])
    kept = model.model_
    assert kept.family == "mlp" and kept.network["hidden"] == (12, 7)
    assert (kept.network["activation"], kept.network["norm"]) == ("gelu", "layer")
    assert kept.network["members"] == 2 and kept.network["outputs"] == 3
    assert kept.network["parameters"] == 2 * (4 * 12 + 3 * 12 + 12 * 7 + 3 * 7 + 7 * 3 + 3)
    for name in ("coefficients", "intercepts"):
        with pytest.raises(AttributeError, match="`network` says"):
            getattr(kept, name)
    model.save(tmp_path / "model.onnx")
    again = Model.load(tmp_path / "model.onnx")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.network == kept.network and "parameters" in again._repr_html_()
    other = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(other.predict_proba(X), model.predict_proba(X))
    row = {f"x{j}": value for j, value in enumerate(X[0])}
    assert again.predict_row(row) == model.predict(X[:1])[0]
    assert again.predict_proba_row(row) == dict(zip("xyz", model.predict_proba(X[:1])[0]))
    assert kept.with_cost("z:x=50, z:y=50").predict(X).tolist().count("z") > \
        model.predict(X).tolist().count("z")
    logistic = LogisticClassifier().fit(X, y).model_
    assert logistic.family == "logistic" and logistic.network is None


# --- its training ---

def test_epochs_are_told_as_they_go(capsys):
    X, y = rows_of(2, n=800)
    seen = []
    model = MLPClassifier(hidden=(16,), epochs=4, patience=0, held_out=0.25).fit(
        X, y, callback=seen.append)
    assert [(epoch.fit, epoch.epoch) for epoch in seen if epoch.fit == 1] == [
        (1, 1), (1, 2), (1, 3), (1, 4)]
    chosen = [epoch for epoch in seen if epoch.fit == 1]
    best = min(chosen, key=lambda epoch: epoch.held_loss)
    assert model.n_iter_ == best.epoch and [epoch for epoch in chosen if epoch.best][-1] == best
    assert [epoch.loss for epoch in seen if epoch.fit == 2] == model.loss_curve_
    assert all(epoch.fits == 2 and epoch.rows_per_second > 0 for epoch in seen)
    assert capsys.readouterr().out == ""
    MLPClassifier(**FEW, verbose=True).fit(X, y, callback=seen.append)
    assert capsys.readouterr().out.count("rows/s") == FEW["epochs"]


def test_what_a_callback_raises_ends_the_fit():
    X, y = rows_of(2)

    def tired(epoch):
        if epoch.epoch == 3:
            raise RuntimeError("enough")
    with pytest.raises(RuntimeError, match="enough"):
        MLPClassifier(epochs=10**6, patience=0).fit(X, y, callback=tired)
    last = []
    with pytest.raises(ZeroDivisionError):
        MLPClassifier(**FEW).fit(X, y, callback=lambda epoch: last.append(epoch) or 1 / (
            FEW["epochs"] - epoch.epoch))
    assert len(last) == FEW["epochs"]
    with pytest.raises(ValueError, match="callback: 5"):
        MLPClassifier().fit(X, y, callback=5)


def test_a_training_that_still_learns_at_its_end_is_warned_of():
    X, y = rows_of(2, n=600)
    with pytest.warns(UserWarning, match="still falling at the last of epochs=3: more would be"):
        MLPClassifier(epochs=3).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        MLPClassifier(epochs=3, held_out=0).fit(X, y)  # nobody looked


def test_patience_ends_a_training_before_its_last_epoch():
    X, y = rows_of(2, n=600)
    model = MLPClassifier(learning_rate=0.03, patience=3, epochs=500).fit(X, y)
    assert model.stopped_early_ or model.n_iter_ < 500
    assert len(model.validation_loss_curve_) >= model.n_iter_
    few = MLPClassifier(epochs=6).fit(X[:60], y[:60])  # too few rows to hold any out
    assert few.n_iter_ == 6 and few.validation_loss_curve_ == []


def test_rows_held_out_may_be_chosen():
    X, y = rows_of(2, n=900)
    held, seen = np.arange(900) % 3 == 0, []
    model = MLPClassifier(hidden=(8,), learning_rate=0.02, epochs=30, patience=4).fit(
        X, y, held_rows=held, callback=seen.append)
    assert {(epoch.fit, epoch.fits) for epoch in seen} == {(1, 1)}
    assert model.validation_loss_curve_ == [epoch.held_loss for epoch in seen]
    best = min(seen, key=lambda epoch: epoch.held_loss)
    assert log_loss(model, X[held], y[held]) == pytest.approx(best.held_loss, rel=1e-9)
    other = X.copy()  # never trained on: other labels change when it stops, and nothing else
    one, same_epochs = (MLPClassifier(hidden=(8,), epochs=3, patience=0).fit(
        other, labels, held_rows=held) for labels in (y, np.where(held, (y + 1) % 2, y)))
    assert one.loss_curve_ == same_epochs.loss_curve_
    for bad, says in ((held[:5], "booleans of shape"), (held.astype(int), "booleans"),
                      (np.zeros(900, bool), "no row is True")):
        with pytest.raises(ValueError, match=says):
            MLPClassifier(**FEW).fit(X, y, held_rows=bad)


@pytest.mark.parametrize("options", [
    {"optimizer": "sgd", "momentum": 0.5, "learning_rate": 0.05}, {"optimizer": "adamw",
     "weight_decay": 0.1}, {"schedule": "cosine"}, {"schedule": "one-cycle", "warm_up": 1.5},
    {"clip_norm": 0.5}, {"norm": "batch"}, {"norm": "layer", "dropout": 0.1}, {"hidden": ()},
    {"hidden": 5}, {"activation": "tanh"}, {"batch_size": 7}, {"restarts": 2},
    {"class_weight": "balanced", "reweight_from": 3}, {"sampling": "balanced"}])
def test_options_make_another_network_that_learns(options):
    X, y = rows_of(2)
    plain = {"hidden": (8,), "epochs": 40, "learning_rate": 0.02, "held_out": 0}
    model = MLPClassifier(**{**plain, **options}).fit(X, y)
    assert not same(model, MLPClassifier(**plain).fit(X, y))
    shares = np.bincount(y) / 500
    assert log_loss(model, X, y) < -np.log(shares) @ shares


def test_random_state_is_scikit_learns():
    X, y = rows_of(2, n=80)
    assert same(MLPClassifier(random_state=5, **FEW).fit(X, y),
                MLPClassifier(random_state=np.int64(5), **FEW).fit(X, y))
    assert same(MLPClassifier(random_state=np.random.RandomState(5), **FEW).fit(X, y),
                MLPClassifier(random_state=np.random.RandomState(5), **FEW).fit(X, y))
    np.random.seed(1)
    first, second = (MLPClassifier(random_state=None, **FEW).fit(X, y) for _ in range(2))
    np.random.seed(1)
    again = MLPClassifier(random_state=None, **FEW).fit(X, y)
    assert same(first, again) and not same(first, second)
    assert read_seed(np.random.default_rng(0)) == read_seed(np.random.default_rng(0))
    for bad in ("x", -1, 2**64, True, 1.5):
        with pytest.raises(ValueError, match="random_state"):
            read_seed(bad)


# --- what is refused ---

@pytest.mark.parametrize("params, message", [
    ({"learning_rate": 0}, "learning rate|learning_rate"),
    ({"learning_rate": -1}, "learning rate|learning_rate"),
    ({"learning_rate": float("nan")}, "learning rate|learning_rate"),
    ({"learning_rate": "fast"}, "learning_rate: 'fast': a number"),
    ({"hidden": (0,)}, "hidden: 0: a whole number of 1 or more"), ({"hidden": (10**6,)}, "65"),
    ({"hidden": "64"}, r"as \(64, 32\)"), ({"hidden": None}, r"as \(64, 32\)"),
    ({"hidden": (3.5,)}, "hidden: 3.5"), ({"hidden": (4,) * 40}, "32"),
    ({"activation": "rleu"}, "relu"), ({"norm": "bacth"}, "batch"), ({"dropout": 1}, "dropout"),
    ({"optimizer": "adm"}, "adam"), ({"schedule": "cosin"}, "cosine"), ({"epochs": 0}, "epochs: 0"),
    ({"epochs": 2**40}, "epochs"), ({"batch_size": 0}, "batch_size: 0"),
    ({"patience": -1}, "patience: -1"), ({"held_out": 1}, "held_out: 1"),
    ({"clip_norm": 0}, "clip_norm: 0"), ({"sampling": "balancd"}, "sampling: 'balancd'"),
    ({"reweight_from": 0}, "reweight_from: 0"), ({"restarts": 0}, "restarts"),
    ({"momentum": 1, "optimizer": "sgd"}, "momentum"), ({"weight_decay": -1}, "weight"),
    ({"warm_up": -1}, "warm"), ({"embedding_width": 0}, "embedding_width: 0"),
    ({"loss": "focl"}, "loss: there is no 'focl'; did you mean 'focal'"),
    ({"loss": "focal:gama=1"}, "gamma"), ({"loss": "focal+focal"}, "focal"),
    ({"loss": "smoothing:a=2"}, "'smoothing:a=0.1', not '2'"), ({"loss": 5}, "loss: 5: a text"),
    ({"loss": "smoothing:0.1+smoothing:0.2"}, "twice"),
    ({"loss": "cost-expected"}, r"\(cost\)"), ({"loss": "cost-expected:2"}, "takes no parameter"),
    ({"loss": "cost-expected+cost-argmax"}, "one of"),
    ({"loss": "cross-entropy+cost-expected"}, "in the place of"),
    ({"class_weight": "balanced", "sampling": "balanced"}, "one of them"),
    ({"class_weight": "balancd"}, "balanced"), ({"min_count": -1}, "min_count: -1"),
    ({"max_categories": 2**70}, "max_categories"), ({"cost": [[5, 0], [1, 0]]}, "less than")])
def test_bad_parameters_are_refused(params, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier(**params).fit(*rows_of(2))


@pytest.mark.parametrize("change, message", [
    (lambda X, y: (X, np.where(y == 0, np.nan, y)), "is nan"),
    (lambda X, y: (X, y + 0.5), "Unknown label type: continuous"),
    (lambda X, y: (X, np.zeros(500)), "one class alone"),
    (lambda X, y: (X, np.eye(2)[y]), "one label a row"),
    (lambda X, y: (X[:-1], y), "X has 499 rows, y has 500 labels"),
    (lambda X, y: (X[:0], y[:0]), "0 sample")])
def test_bad_rows_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        MLPClassifier().fit(*change(*rows_of(2)))


def test_defaults_are_the_librarys():
    params = MLPClassifier().get_params()
    assert {name: params[name] for name in DEFAULTS} == DEFAULTS
    assert params["held_out"] == HELD_OUT and params["hidden"] == (64, 32)


def test_losses_are_read_as_on_the_command_line():
    assert read_loss("focal:gamma=1e+0 + smoothing:0.1")["parts"] == "focal:gamma=1e+0"
    assert read_loss("by-prediction")["weigh_by_prediction"]
    assert read_loss("cost-argmax+vs:gamma=0.1,tau=1") == {
        "parts": "vs:gamma=0.1,tau=1", "smoothing": 0.0, "cost_use": "argmax",
        "weigh_by_prediction": False}


def test_a_grid_search_over_pipelines():
    selection = pytest.importorskip("sklearn.model_selection")
    from sklearn.base import clone
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures
    X, y = rows_of(3, n=240)
    pipeline = make_pipeline(PolynomialFeatures(2), MLPClassifier("balanced", **FEW))
    grid = {"mlpclassifier__hidden": [(4,), (8, 4)], "mlpclassifier__loss": [None, "focal"]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ScoresWarning)
        found = selection.GridSearchCV(pipeline, grid, cv=2, scoring="balanced_accuracy").fit(X, y)
    assert set(found.best_params_) == set(grid)
    assert clone(MLPClassifier(hidden=[3, 4])).hidden == [3, 4]
