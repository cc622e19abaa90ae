"""Metrics against scikit-learn's and against their own formulas, row weights included."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from steelyard import metrics

CASES = [(n_classes, weighted, seed) for n_classes in (2, 3, 6) for weighted in (False, True)
         for seed in range(3)]


def rows_of(n_classes, weighted, seed, n=300):
    """Labels, probabilities in 64ths (they tie, and exactly) and row weights, some of them 0."""
    generator = np.random.default_rng(seed)
    y = generator.integers(0, n_classes, n)
    towards = generator.dirichlet(np.ones(n_classes), n) + 0.3 * np.eye(n_classes)[y]
    counts = [generator.multinomial(64 - n_classes, row / row.sum()) for row in towards]
    return y, (np.array(counts) + 1) / 64, generator.integers(0, 4, n) * 0.5 if weighted else None


@pytest.mark.parametrize("case", CASES)
def test_metrics_of_probabilities_are_those_of_scikit_learn(case):
    reference = pytest.importorskip("sklearn.metrics")
    y, p, w = rows_of(*case)
    n_classes = case[0]
    of_two = p[:, 1] if n_classes == 2 else p
    onehot = np.eye(n_classes)[y]
    expected = {
        "log_loss": reference.log_loss(y, p, sample_weight=w),
        "brier": np.average(((p - onehot) ** 2).sum(axis=1), weights=w),
        "roc_auc": reference.roc_auc_score(y, of_two, sample_weight=w, multi_class="ovr"),
        "average_precision": reference.average_precision_score(
            y if n_classes == 2 else onehot, of_two, sample_weight=w),
    }
    whole = metrics.all(y, p, sample_weight=w)
    for name, value in expected.items():
        assert getattr(metrics, name)(y, p, sample_weight=w) == pytest.approx(value, rel=1e-12)
        assert whole[name] == pytest.approx(value, rel=1e-12)
    assert metrics.calibration_error(y, p, sample_weight=w) == \
        pytest.approx(whole.calibration_error, rel=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_metrics_of_decisions_are_those_of_scikit_learn(case):
    reference = pytest.importorskip("sklearn.metrics")
    y, p, w = rows_of(*case)
    said = p.argmax(axis=1)
    expected = {
        "confusion_matrix": reference.confusion_matrix(y, said, sample_weight=w),
        "accuracy": reference.accuracy_score(y, said, sample_weight=w),
        "balanced_accuracy": reference.balanced_accuracy_score(y, said, sample_weight=w),
        "macro_f1": reference.f1_score(y, said, sample_weight=w, average="macro"),
        "weighted_f1": reference.f1_score(y, said, sample_weight=w, average="weighted"),
        "mcc": reference.matthews_corrcoef(y, said, sample_weight=w),
    }
    whole = metrics.all(y, decisions=said, sample_weight=w)
    for name, value in expected.items():
        assert getattr(metrics, name)(y, said, sample_weight=w) == pytest.approx(value, rel=1e-12)
        assert name == "confusion_matrix" or whole[name] == pytest.approx(value, rel=1e-12)
    recalls = reference.recall_score(y, said, sample_weight=w, average=None)
    precisions = reference.precision_score(y, said, sample_weight=w, average=None)
    assert metrics.g_mean(y, said, sample_weight=w) == \
        pytest.approx(np.prod(recalls) ** (1 / len(recalls)), rel=1e-12)
    parts = metrics.per_class(y, said, sample_weight=w)
    assert [part["recall"] for part in parts.values()] == pytest.approx(recalls, rel=1e-12)
    assert [part["precision"] for part in parts.values()] == pytest.approx(precisions, rel=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_of_the_positive_class(weighted):
    reference = pytest.importorskip("sklearn.metrics")
    y, p, w = rows_of(2, weighted, 7)
    said = p[:, 1] > 0.6
    for name in ("precision", "recall", "f1"):
        expected = getattr(reference, f"{name}_score")(y, said, sample_weight=w)
        assert getattr(metrics, name)(y == 1, said, sample_weight=w) == \
            pytest.approx(expected, rel=1e-12)
    assert metrics.fbeta(y, said, 2, sample_weight=w) == \
        pytest.approx(reference.fbeta_score(y, said, beta=2, sample_weight=w), rel=1e-12)
    names = np.array(["ok", "bad"])
    assert metrics.recall(names[y], names[said.astype(int)], positive="bad", sample_weight=w) == \
        metrics.recall(y, said, sample_weight=w)


def test_what_is_not_defined_is_nan():
    assert np.isnan(metrics.precision([0, 1], [0, 0]))
    assert np.isnan(metrics.recall([0, 0], [0, 1]))
    assert np.isnan(metrics.mcc([0, 0], [0, 1]))
    assert np.isnan(metrics.roc_auc([0, 0], [0.1, 0.2]))
    assert np.isnan(metrics.all([0, 1], decisions=[0, 1]).log_loss)
    assert np.isnan(metrics.per_class([0, 0, 2], [0, 1, 2])[1]["recall"])


def test_a_class_without_rows_is_left_out():
    p = np.full((4, 3), 1 / 3)
    y = [0, 0, 1, 1]
    assert metrics.roc_auc(y, p) == 0.5
    assert metrics.balanced_accuracy(["a", "b"], ["a", "b"], classes=["a", "b", "c"]) == 1


def test_a_probability_of_0_that_came_true_is_an_infinite_loss():
    assert metrics.log_loss([0, 1], [0.5, 0.0]) == np.inf
    assert metrics.log_loss([1, 0], [1.0, 1e-20]) == pytest.approx(5e-21)


def test_any_score_ranks():
    reference = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(0)
    y, z = generator.integers(0, 2, 200), np.round(generator.normal(size=200), 1) * 100
    assert metrics.roc_auc(y, z) == pytest.approx(reference.roc_auc_score(y, z), rel=1e-12)
    assert metrics.average_precision(y, z) == \
        pytest.approx(reference.average_precision_score(y, z), rel=1e-12)


# --- costs ---


def test_the_average_cost():
    y, p, w = rows_of(3, True, 0)
    said = p.argmax(axis=1)
    cost = np.array([[0, 1, 2], [5, 0, 1], [9, 1, -1]])
    assert metrics.average_cost(y, said, cost, sample_weight=w) == \
        pytest.approx(np.average(cost[y, said], weights=w), rel=1e-12)
    by_row = np.random.default_rng(1).random((300, 3, 3)) * (1 - np.eye(3))
    paid = by_row[np.arange(300), y, said]
    assert metrics.average_cost(y, said, by_row, sample_weight=w) == \
        pytest.approx(np.average(paid, weights=w), rel=1e-12)
    assert metrics.all(y, p, decisions=said, cost=by_row, sample_weight=w).average_cost == \
        pytest.approx(np.average(paid, weights=w), rel=1e-12)


def test_all_decides_at_least_cost():
    y, p, _ = rows_of(3, False, 1)
    cost = {(0, 1): 10, (0, 2): 10}
    whole = metrics.all(y, p, cost=cost)
    matrix = np.array([[0, 10, 10], [1, 0, 1], [1, 1, 0]])
    assert whole.average_cost == pytest.approx(matrix[y, (p @ matrix).argmin(axis=1)].mean())
    assert whole.best_constant == 0 and whole.classes == [0, 1, 2]


# --- curves ---


@pytest.mark.parametrize("weighted", [False, True])
def test_curves_are_those_of_scikit_learn(weighted):
    reference = pytest.importorskip("sklearn.metrics")
    y, p, w = rows_of(2, weighted, 3)
    curve = metrics.roc_curve(y, p, sample_weight=w)
    expected = reference.roc_curve(y, p[:, 1], sample_weight=w, drop_intermediate=False)
    for ours, theirs in zip(curve, expected):
        assert ours == pytest.approx(theirs, rel=1e-12)
    curve = metrics.precision_recall_curve(y, p[:, 1], sample_weight=w)
    expected = reference.precision_recall_curve(y, p[:, 1], sample_weight=w)
    for ours, theirs in zip(curve, expected):
        assert ours == pytest.approx(theirs, rel=1e-12)


def test_the_cost_of_each_threshold():
    y, p, w = rows_of(2, True, 4)
    curve = metrics.cost_curve(y, p, {(1, 0): 5}, sample_weight=w)
    assert curve.thresholds[0] == np.inf
    for t, cost in zip(curve.thresholds, curve.average_cost):
        assert cost == pytest.approx(metrics.average_cost(y, p[:, 1] >= t, {(1, 0): 5},
                                                          sample_weight=w), rel=1e-12)
    assert curve.best[1] == curve.average_cost.min()


def test_gain():
    curve = metrics.gain_curve([0, 1, 1, 0], [0.1, 0.9, 0.4, 0.4])
    assert curve.flagged.tolist() == [0, 0.25, 0.75, 1]
    assert curve.recall.tolist() == [0, 0.5, 1, 1]
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.4, 0.1]


def test_reliability_bins_make_the_calibration_error():
    y, p, w = rows_of(2, True, 5)
    bins = metrics.reliability(y, p, sample_weight=w)
    q = p[:, 1]
    assert bins.weight.sum() == pytest.approx(w.sum())
    assert np.dot(bins.weight, bins.predicted) == pytest.approx(np.dot(w, q))
    assert np.dot(bins.weight, bins.observed) == pytest.approx(np.dot(w, y))
    assert ((bins.low <= bins.observed) & (bins.observed <= bins.high)).all()
    error = np.dot(bins.weight, abs(bins.predicted - bins.observed)) / w.sum()
    assert error == pytest.approx(metrics.all(y, p, sample_weight=w).calibration_error, rel=1e-9)


# --- several labels a row ---


@pytest.mark.parametrize("weighted", [False, True])
def test_several_labels_a_row(weighted):
    reference = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(0)
    truth, p = generator.integers(0, 2, (200, 4)), np.round(generator.random((200, 4)), 2)
    w = generator.random(200) if weighted else None
    p = np.clip(p, 0.01, 0.99)
    said = p >= 0.5
    found = metrics.all(truth, p, kind="multi-hot", sample_weight=w, classes=list("abcd"))
    assert found.micro_f1 == pytest.approx(
        reference.f1_score(truth, said, average="micro", sample_weight=w), rel=1e-12)
    assert found.macro_f1 == pytest.approx(
        reference.f1_score(truth, said, average="macro", sample_weight=w), rel=1e-12)
    assert found.roc_auc == pytest.approx(reference.roc_auc_score(truth, p, sample_weight=w))
    assert found.subset_accuracy == pytest.approx(
        reference.accuracy_score(truth, said, sample_weight=w))
    assert found.hamming_loss == pytest.approx(
        reference.hamming_loss(truth, said, sample_weight=w))
    assert found.per_label["b"]["log_loss"] == pytest.approx(
        reference.log_loss(truth[:, 1], p[:, 1], sample_weight=w))
    limits = [0.5, 0.2, 0.9, 0.5]
    assert metrics.all_labels(truth, p, threshold=limits).micro_f1 == \
        metrics.all_labels(truth, p, decisions=p >= limits).micro_f1
    assert "micro F1" in str(found) and "all labels right" in found._repr_html_()


# --- intervals ---


def test_intervals_hold_the_metrics():
    y, p, w = rows_of(3, True, 6)
    found = metrics.all(y, p, sample_weight=w, intervals=200)
    for name in ("log_loss", "roc_auc", "macro_f1", "average_cost"):
        low, high = found.intervals[name]
        assert low < found[name] < high
    low, high = found.intervals["per_class"][1]["recall"]
    assert low < found.per_class[1]["recall"] < high
    again = metrics.all(y, p, sample_weight=w, intervals=200)
    assert again.intervals == found.intervals
    other = metrics.all(y, p, sample_weight=w, intervals=200, seed=1)
    assert other.intervals != found.intervals
    assert metrics.all(y, p).intervals is None


def test_intervals_of_decisions_alone():
    y, p, _ = rows_of(2, False, 6)
    found = metrics.all(y, decisions=p.argmax(axis=1), intervals=100)
    assert found.intervals["accuracy"][0] < found.accuracy < found.intervals["accuracy"][1]
    assert np.isnan(found.intervals["log_loss"]).all()


def test_a_bootstrap_can_be_interrupted():
    y, p, _ = rows_of(2, False, 0, n=100000)
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    with pytest.raises(KeyboardInterrupt):
        timer.start()
        metrics.all(y, p, intervals=100000)


def test_threads_do_not_disturb_each_other():
    cases = [rows_of(3, True, seed, n=2000) for seed in range(8)]
    alone = [metrics.all(y, p, sample_weight=w, intervals=20) for y, p, w in cases]
    with ThreadPoolExecutor(4) as pool:
        beside = list(pool.map(lambda case: metrics.all(case[0], case[1], sample_weight=case[2],
                                                        intervals=20), cases))
    for one, other in zip(alone, beside):
        assert one.intervals == other.intervals and one.log_loss == other.log_loss


# --- labels of all kinds ---


@pytest.mark.parametrize("labels", [[False, True], ["no", "yes"], [-1, 1], ["b", "a"]])
def test_labels_of_any_kind_are_the_same_rows(labels):
    y, p, w = rows_of(2, True, 8)
    named = np.array(labels)[y]
    whole = metrics.all(named, p, sample_weight=w, classes=labels, positive=labels[1])
    assert whole.roc_auc == metrics.roc_auc(y, p[:, 1], sample_weight=w)
    assert whole.per_class[labels[1]] == metrics.all(y, p, sample_weight=w).per_class[1]


def test_labels_in_series():
    pandas = pytest.importorskip("pandas")
    y, p, _ = rows_of(3, False, 9)
    named = pandas.Series(np.array(["x", "y", "z"])[y], index=np.arange(300)[::-1])
    assert metrics.log_loss(named, pandas.DataFrame(p)) == metrics.log_loss(y, p)
    assert metrics.log_loss(named.astype("category"), p) == metrics.log_loss(y, p)


@pytest.mark.parametrize("call, message", [
    (lambda: metrics.log_loss([0, 1, 2], [0.1, 0.2, 0.3]), "3 classes 0, 1, 2, and the prob"),
    (lambda: metrics.log_loss([0, 1], [0.1]), r"y: shape \(2,\), and the probabilities have 1"),
    (lambda: metrics.log_loss([0, np.nan], [0.1, 0.2]), "y: position 1 is missing"),
    (lambda: metrics.log_loss(["a", "b"], [0.1, 0.2]), "positive='b' would say"),
    (lambda: metrics.log_loss([0, 5], [[1, 0], [0, 1]], classes=[0, 1]),
     "y, position 1: 5 is none of the classes 0, 1"),
    (lambda: metrics.log_loss([0, 1], [0.1, 0.2], sample_weight=[1, -1]),
     "sample_weight: position 1 is -1: finite and 0 or more"),
    (lambda: metrics.log_loss([0, 1], [0.1, 0.2], sample_weight=[0, 0]), "all are 0"),
    (lambda: metrics.log_loss([0, 1], [0.1, 0.2], sample_weight=[1]), r"shape \(1,\): \(2,\)"),
    (lambda: metrics.f1([0, 1, 2], [0, 1, 2]), "f1 is of one class, and there are 3"),
    (lambda: metrics.f1(["a"], ["a"]), "'a' is the only one"),
    (lambda: metrics.f1(["a", "b"], [0, 1]), "one are texts and one are numbers"),
    (lambda: metrics.accuracy([], []), "there are none"),
    (lambda: metrics.roc_curve([0, 1, 2], np.eye(3)), "one class against the rest"),
    (lambda: metrics.roc_curve([0, 1], [0.5, np.nan]), "NaN|nan"),
    (lambda: metrics.reliability([0, 1], [0.5, 0.5], bins=0), "bins: 0: 1 or more"),
    (lambda: metrics.reliability([0, 1, 2], np.eye(3)), "label=0 would say"),
    (lambda: metrics.all([0, 1]), "probabilities, or decisions"),
    (lambda: metrics.all([0, 1], [0.1, 0.2], kind="one-hot"), "'multi-hot', or none"),
    (lambda: metrics.all([0, 1], [0.1, 0.2], intervals=1), "intervals: 1: True, or a number"),
    (lambda: metrics.all([0, 1], [0.1, 0.2], decisions=[0, 2]), "decisions, position 1: 2 is none"),
    (lambda: metrics.all_labels([[0, 2]], [[0.1, 0.2]]), r"y: position \(0, 1\) is 2: 0 or 1"),
    (lambda: metrics.all_labels([[0, 1]], [[0.1, 0.2]], threshold=[1, 2, 3]), r"shape \(3,\)"),
    (lambda: metrics.all([0, 1], [0.1, 0.2]).logloss, "metrics have no 'logloss'"),
])
def test_what_is_wrong_is_named(call, message):
    with pytest.raises((ValueError, AttributeError), match=message):
        call()
