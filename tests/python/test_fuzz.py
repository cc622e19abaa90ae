"""Any arguments at all: each public function gives a result, or says what is wrong with a
ValueError (TypeError where Python itself would). `make check` runs it under the sanitizers too."""

import os
import pickle
import warnings

import drawn
import numpy as np
import pytest
from drawn import one_of
from hypothesis import given
from hypothesis import strategies as st

import steelyard
from steelyard import losses, metrics

pytestmark = pytest.mark.fuzz

CLASS_WEIGHTS = {
    "policy": drawn.policies,
    "kind": one_of(None, "index", "one-hot", "multi-hot", "name-list", "?"),
    "classes": drawn.classes, "keys": one_of(None, "index", "?"),
    "normalize": one_of(None, "none", "mean", "sum", "max", "?"), "sample_weight": drawn.numbers,
    "mask": drawn.mask, "ignore": one_of(None, 0, -1, 255, "a"), "cost": drawn.costs,
}
LOSS = {
    "sample_weight": drawn.numbers, "mask": drawn.mask, "ignore": one_of(None, 0, -1),
    "label_smoothing": one_of(0.0, 0.1, 1.0, -1, float("nan")), "divisor": one_of(None, 2, 0, -1.0),
    "reduction": one_of("weighted-mean", "sum", "mean", "nonzero-mean", "none", "divisor", "?"),
    "class_axis": one_of(-1, 0, 1, 7), "gradient": one_of(True, False),
}
WEIGHTED = {**LOSS, "class_weight": drawn.policies}
COUNTED = {**WEIGHTED, "counts": drawn.counts}
SCORED = {"classes": drawn.classes, "positive": one_of(None, 0, 1, "a"),
          "sample_weight": drawn.numbers}
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden")
MODEL = steelyard.Model.load(os.path.join(GOLDEN, "model_v2.onnx"))
NAMED = {"classes": drawn.classes}
TREES = {
    "rounds": one_of(1, 3, 0, 2**40, "?"), "max_depth": one_of(6, 1, 0, 31, -1, 2.5),
    "learning_rate": one_of(0.1, 1, 0, -1, float("nan")), "subsample": one_of(1, 0.5, 0, 2),
    "grow_policy": one_of("depthwise", "lossguide", "?", None), "max_leaves": one_of(0, 4, 1),
    "min_child_weight": one_of(1, 0, 1e300, -1), "reg_lambda": one_of(1, 0, float("inf")),
    "max_bin": one_of(256, 2, 1), "held_out": one_of(0.1, 0, 0.99, 1),
    "loss": one_of(None, "focal:gamma=2", "vs", "ldam", "cost-expected", "smoothing:a=0.1", "?")}

NETWORK = {
    "hidden": one_of((), (4, 3), 2, (0,), (1, -1), "64", None, [2.5], (2**70,)),
    "activation": one_of("relu", "gelu", "tanh", "?"), "norm": one_of(None, "batch", "layer", 3),
    "dropout": one_of(0.0, 0.5, 1, -1, float("nan")), "embedding_width": one_of(None, 1, 0, 2**40),
    "loss": one_of(None, "focal", "vs", "ldam", "logit-adjustment:tau=2", "smoothing:a=0.1", "+",
                   "cost-expected", "cost-argmax", "by-prediction", "focal:gamma=", "\0"),
    "optimizer": one_of("adam", "adamw", "sgd", ""), "schedule": one_of("constant", "cosine",
                                                                       "one-cycle", b"cosine"),
    "learning_rate": one_of(0.01, 1e6, 1e300, 0, -1, float("inf")), "clip_norm": one_of(None, 1, 0),
    "weight_decay": one_of(0, 0.1, 1e300, -1), "warm_up": one_of(0, 1.5, -1, 1e300),
    "batch_size": one_of(None, 1, 3, 0, 2**40), "patience": one_of(0, 1, -1),
    "held_out": one_of(0, 0.1, 0.9, 1, -1), "sampling": one_of("shuffle", "balanced", "?"),
    "reweight_from": one_of(None, 1, 2, 99, 0), "restarts": one_of(1, 2, 0, 2**40),
    "max_categories": one_of(64, 0, 1, 2**70), "min_count": one_of(1, 0, 3, -1)}


def count(y, **options):
    """Counts, added to and merged."""
    kind = options.pop("kind", None)
    counts = steelyard.Counts(kind, classes=options.pop("classes", None)).update(y, **options)
    both = counts + pickle.loads(pickle.dumps(counts))
    return both.class_weights("balanced"), both.sample_weights(y), both.counts, both.rows


def calibrated(probabilities, y, **options):
    found = steelyard.Calibration.fit(probabilities, y, **options)
    return pickle.loads(pickle.dumps(found)).transform(probabilities)


def tuned(probabilities, y, **options):
    return steelyard.tune(probabilities, y, **options).decide(probabilities)


def trained(X, y, **options):
    """An estimator on the rows and on itself."""
    weights = options.pop("sample_weight", None)
    model = steelyard.LogisticClassifier(**options).fit(X, y, sample_weight=weights)
    return model.predict(X), model.predict_proba(X), model.model_.decide(X)


def trained_network(X, y, **options):
    """A network on the rows and on itself; of few epochs, for there are many examples."""
    weights = options.pop("sample_weight", None)
    model = steelyard.MLPClassifier(**{"hidden": 3, "epochs": 2, **options})
    model.fit(X, y, sample_weight=weights)
    return (model.predict(X), model.predict_proba(X), model.model_.network,
            pickle.loads(pickle.dumps(model)).decision_function(X))


def trained_trees(X, y, **options):
    """Boosted trees on the rows and on themselves; few of them."""
    weights = options.pop("sample_weight", None)
    model = steelyard.BoostedClassifier(**{"rounds": 2, **options})
    model.fit(X, y, sample_weight=weights)
    return (model.predict(X), model.predict_proba(X),
            pickle.loads(pickle.dumps(model)).decision_function(X))


def studied_network(X, y, **options):
    return steelyard.study(X, y, model="mlp", **{"hidden": 3, "epochs": 2, **options}).report.page()


def used(X, cost=None):
    """A model out of a file on any rows; `cost` None: its own."""
    return MODEL.predict_proba(X), MODEL.decide(X, cost) if cost is not None else MODEL.decide(X)


# name: (function, the arguments that come first, the others)
FUNCTIONS = {
    "class_weights": (steelyard.class_weights, [drawn.labels],
                      {**CLASS_WEIGHTS, "counts": drawn.counts}),
    "class_weights of counts": (steelyard.class_weights, [],
                                {"counts": drawn.counts, "policy": drawn.policies}),
    "sample_weights": (steelyard.sample_weights, [drawn.labels, drawn.policies], {
        name: CLASS_WEIGHTS[name]
        for name in ("kind", "classes", "sample_weight", "mask", "ignore", "normalize")}),
    "Counts": (count, [drawn.labels], {
        name: CLASS_WEIGHTS[name] for name in ("kind", "classes", "sample_weight", "mask")}),
    "cross_entropy": (losses.cross_entropy, [drawn.scores, drawn.labels], COUNTED),
    "binary_cross_entropy": (losses.binary_cross_entropy, [drawn.scores, drawn.labels],
                             {**WEIGHTED, "positive_weight": drawn.shares}),
    "focal": (losses.focal, [drawn.scores, drawn.labels],
              {**WEIGHTED, "gamma": one_of(0, 2.0, -1, "2", 1e300)}),
    "binary_focal": (losses.binary_focal, [drawn.scores, drawn.labels], WEIGHTED),
    "logit_adjusted": (losses.logit_adjusted, [drawn.scores, drawn.labels],
                       {**COUNTED, "tau": one_of(0, 1.0, -1, float("inf"))}),
    "balanced_softmax": (losses.balanced_softmax, [drawn.scores, drawn.labels], COUNTED),
    "ldam": (losses.ldam, [drawn.scores, drawn.labels], COUNTED),
    "vector_scaling": (losses.vector_scaling, [drawn.scores, drawn.labels], COUNTED),
    "cost_expected": (losses.cost_expected, [drawn.scores, drawn.labels],
                      {**WEIGHTED, "cost": drawn.costs, "row_costs": drawn.costs}),
    "cost_argmax": (losses.cost_argmax, [drawn.scores, drawn.labels],
                    {**WEIGHTED, "cost": drawn.costs, "row_costs": drawn.costs}),
    "decide": (steelyard.decide, [drawn.probabilities, drawn.costs], NAMED),
    "correct": (steelyard.correct, [drawn.probabilities, drawn.shares],
                {**NAMED, "logits": one_of(True, False)}),
    "threshold": (steelyard.threshold, [drawn.costs], NAMED),
    "cost_matrix": (steelyard.cost_matrix, [drawn.costs, drawn.classes], {}),
    "adjust_prior": (steelyard.adjust_prior, [drawn.probabilities, drawn.shares, drawn.shares],
                     NAMED),
    "estimate_prior": (steelyard.estimate_prior, [drawn.probabilities, drawn.shares],
                       {**NAMED, "sample_weight": drawn.numbers}),
    "Calibration": (calibrated, [drawn.probabilities, drawn.labels],
                    {**SCORED, "kind": one_of("temperature", "vector", "isotonic", "?")}),
    "tune": (tuned, [drawn.probabilities, drawn.labels], {
        **SCORED, "metric": one_of("cost", "f1", "balanced_accuracy", "mcc", "?"),
        "cost": drawn.costs, "max_flagged": one_of(None, 0.5, 0, 2, 3, -1)}),
    "evaluate": (steelyard.evaluate, [drawn.labels, drawn.probabilities],
                 {**SCORED, "cost": drawn.costs, "threshold": one_of(None, 0.5, 2, -1)}),
    "LogisticClassifier": (trained, [drawn.table, drawn.labels], {
        "class_weight": drawn.policies, "cost": drawn.costs, "sample_weight": drawn.numbers,
        "pos_label": one_of(None, 0, 1, "a"), "l2": one_of(None, 0, 1.0, -1, float("nan")),
        "max_iter": one_of(5, 0, -1, 2**40), "tol": one_of(1e-8, 0, -1), "max_categories":
        one_of(64, 0, 1, 2**70), "min_count": one_of(1, 0, 3, -1)}),
    "MLPClassifier": (trained_network, [drawn.table, drawn.labels], {
        "class_weight": drawn.policies, "cost": drawn.costs, "sample_weight": drawn.numbers,
        **NETWORK}),
    "BoostedClassifier": (trained_trees, [drawn.table, drawn.labels], {
        "class_weight": drawn.policies, "cost": drawn.costs, "sample_weight": drawn.numbers,
        **TREES}),
    "study of networks": (studied_network, [drawn.table, drawn.labels], {
        "class_weight": drawn.policies, "cost": drawn.costs, "sample_weight": drawn.numbers,
        "test": one_of("auto", "cv:2", 0.5, None, 7, "?"), "groups": drawn.labels,
        "calibrate": one_of(None, "isotonic", "refit", "?"), "tune": one_of(None, "f1", "?"),
        **NETWORK}),
    "study": (steelyard.study, [drawn.table, drawn.labels], {
        "class_weight": drawn.policies, "cost": drawn.costs, "sample_weight": drawn.numbers,
        "test": one_of("auto", "cv:2", 0.5, None, 7, "?"), "groups": drawn.labels,
        "calibrate": one_of(None, "isotonic", "refit", "?"), "tune": one_of(None, "f1", "?"),
        "positive": one_of(None, 0, 1, "a"), "l2": one_of(None, 0, 1.0, -1)}),
    "compute_class_weight": (lambda y, policy, classes: steelyard.compat.compute_class_weight(
        policy, classes=classes, y=y), [drawn.labels, drawn.policies, drawn.labels], {}),
    "compute_sample_weight": (lambda y, policy: steelyard.compat.compute_sample_weight(policy, y),
                              [drawn.labels, drawn.policies], {}),
    "Model": (used, [drawn.table], {"cost": drawn.costs}),
    "from_bytes": (steelyard.Model.from_bytes, [lambda n, k: st.binary(max_size=40)], {}),
    "all metrics": (metrics.all, [drawn.labels, drawn.probabilities],
                    {**SCORED, "cost": drawn.costs, "decisions": drawn.labels}),
}
FUNCTIONS.update({name: (getattr(metrics, name), [drawn.labels, drawn.probabilities], SCORED)
                  for name in ("log_loss", "brier", "calibration_error", "roc_auc",
                               "average_precision")})
FUNCTIONS.update({name: (getattr(metrics, name), [drawn.labels, drawn.labels],
                         {name: SCORED[name] for name in ("classes", "sample_weight")})
                  for name in ("confusion_matrix", "accuracy", "mcc", "g_mean", "macro_f1")})


@st.composite
def calls(draw, first, others):
    """Positional and named arguments, for the same rows and classes now and then not."""
    n, k = draw(st.integers(0, 6)), draw(st.integers(1, 4))
    chosen = draw(st.lists(st.sampled_from(sorted(others)), max_size=3, unique=True)) \
        if others else []
    return ([draw(drawn.some(strategy, n, k)) for strategy in first],
            {name: draw(drawn.some(others[name], n, k)) for name in chosen})


def attempt(function, arguments, options):
    """The result, looked at; or None where the arguments are refused as they should be."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            result = function(*arguments, **options)
        except (ValueError, TypeError) as error:
            assert str(error).strip(), f"{type(error).__name__} without a word"
            return None
        assert repr(result)
        return result


@pytest.mark.parametrize("name", FUNCTIONS)
@given(data=st.data())
def test_a_result_or_a_word(name, data):
    function, first, others = FUNCTIONS[name]
    attempt(function, *data.draw(calls(first, others)))


@given(data=st.data(), n=st.integers(1, 6), k=st.integers(2, 4))
def test_what_is_nearly_right_is_often_right(data, n, k):
    """Without strange arguments there are results, or the fuzzing above would test refusals."""
    ids = np.arange(max(n, k)) % k
    y = data.draw(drawn.layout(ids.astype(data.draw(st.sampled_from(drawn.INTEGERS[:8])))))
    p = data.draw(drawn.probabilities(len(ids), k))
    assert attempt(steelyard.class_weights, [y], {}) is not None
    assert attempt(steelyard.decide, [p, np.ones((k, k)) - np.eye(k)], {}) is not None
    assert attempt(losses.cross_entropy, [np.zeros((len(ids), k)), y], {}) is not None


@given(data=st.data())
def test_where_values_lie_changes_nothing(data):
    """Strides, order and alignment: the same bits as of a plain copy."""
    n, k = data.draw(st.integers(1, 6)), data.draw(st.integers(2, 4))
    logits = data.draw(drawn.shaped((n, k), [-2, 0, 0.5, 3], ["f4", "f8", ">f8"]))
    y = data.draw(drawn.shaped((n,), list(range(k)), drawn.INTEGERS[:10]))
    weights = data.draw(drawn.numbers(n, k))
    plain = [np.array(a.tolist(), a.dtype.newbyteorder("=")) for a in (logits, y, weights)]
    loss, gradient = losses.cross_entropy(logits, y, sample_weight=weights)
    expected, derivative = losses.cross_entropy(plain[0], plain[1], sample_weight=plain[2])
    np.testing.assert_array_equal(loss, expected)
    np.testing.assert_array_equal(gradient, derivative)
    np.testing.assert_array_equal(
        attempt(steelyard.sample_weights, [y], {"sample_weight": weights}),
        attempt(steelyard.sample_weights, [plain[1]], {"sample_weight": plain[2]}))
