"""Costs, corrections, thresholds and priors, against their formulas in NumPy."""

import warnings

import numpy as np
import pytest

import steelyard
from steelyard import CostWarning, cost_matrix


# --- costs ---


@pytest.mark.parametrize("cost", [
    "fraud:ok=100, ok:fraud=2",
    {("fraud", "ok"): 100, ("ok", "fraud"): 2},
    {"fraud": {"ok": 100}, "ok": {"fraud": 2}},
    [[0, 100], [2, 0]],
    np.array([[0, 100], [2, 0]], np.int8),
])
def test_costs_in_every_form_are_one_matrix(cost):
    matrix = cost_matrix(cost, ["fraud", "ok"])
    assert matrix.dtype == np.float64
    assert matrix.tolist() == [[0, 100], [2, 0]]


def test_costs_not_named_are_0_and_1():
    assert cost_matrix({(2, 0): 7}, 3).tolist() == [[0, 1, 1], [1, 0, 1], [7, 1, 0]]


def test_costs_by_labels_of_numpy():
    cost = {(np.int64(0), np.int64(1)): 5}
    assert cost_matrix(cost, np.array([0, 1])).tolist() == [[0, 5], [1, 0]]


@pytest.mark.parametrize("cost, classes, message", [
    ({("frud", "ok"): 1}, ["fraud", "ok"], "'frud' is none of the classes 'fraud', 'ok'; did you "
                                           "mean 'fraud'"),
    ({("0", "1"): 1}, [0, 1], "'0' is none of the classes 0, 1"),
    ({"ok": 1}, ["fraud", "ok"], "'ok' is no pair of classes"),
    ({("ok", "fraud"): "dear"}, ["fraud", "ok"], "cost of 'fraud' where it is 'ok': 'dear' is no"),
    ("ok:fraud=amount", ["fraud", "ok"], "'amount' is no number; costs that differ by row"),
    ("ok:none=1", ["fraud", "ok"], 'there is no class "none"'),
    ([[0, 1]], 2, r"shape \(1, 2\): \(2, 2\)"),
    ([[0, -1], [1, 0]], 2, 'predicting "1" where it is "0" costs -1, less than the right answer'),
    ([[0, np.nan], [1, 0]], 2, "must be finite"),
    ({(0, 1): [1.0, 2.0]}, 2, "differ by row"),
    ("a:b=1", ["a"], "1 classes"),
    ("a:b=1", ["a", "a"], "'a' is there twice"),
])
def test_costs_that_are_none(cost, classes, message):
    with pytest.raises(ValueError, match=message):
        cost_matrix(cost, classes)


def test_a_class_that_is_never_decided_is_warned_of():
    with pytest.warns(CostWarning, match='make "a" the cheapest'):
        cost_matrix([[0, 0], [1, 0]], ["a", "b"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cost_matrix([[0, 1], [1, 0]], ["a", "b"])


# --- decisions ---


def random_probabilities(n, n_classes, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(n_classes), n)


@pytest.mark.parametrize("n_classes", [2, 3, 7])
def test_decisions_are_of_least_expected_cost(n_classes):
    p = random_probabilities(500, n_classes)
    cost = np.random.default_rng(1).random((n_classes, n_classes)) + 1 - np.eye(n_classes)
    np.fill_diagonal(cost, cost.min(axis=1) - 0.1)
    decided = steelyard.decide(p, cost)
    assert decided.dtype == np.int64
    assert (decided == np.argmin(p @ cost, axis=1)).all()


def test_costs_by_row_decide_row_by_row():
    p = random_probabilities(400, 3)
    cost = np.random.default_rng(2).random((400, 3, 3)) * (1 - np.eye(3))
    expected = np.argmin(np.einsum("nk,nkj->nj", p, cost), axis=1)
    assert (steelyard.decide(p, cost) == expected).all()


def test_cells_of_a_dictionary_may_be_amounts_of_each_row():
    p = np.random.default_rng(3).random(300)
    amount = np.arange(300) / 10
    decided = steelyard.decide(p, {("fraud", "ok"): amount, ("ok", "fraud"): 3},
                               classes=["ok", "fraud"])
    assert (decided == np.where(p * amount > (1 - p) * 3, "fraud", "ok")).all()


def test_probabilities_of_two_classes_are_those_of_class_1():
    assert steelyard.decide([0.1, 0.2, 0.9], [[0, 1], [5, 0]]).tolist() == [0, 1, 1]
    assert steelyard.decide([[0.1], [0.2]], [[0, 1], [5, 0]]).tolist() == [0, 1]


def test_a_tie_goes_to_the_lower_index():
    assert steelyard.decide([[0.5, 0.5], [0.2, 0.8]], [[0, 1], [1, 0]]).tolist() == [0, 1]


@pytest.mark.parametrize("p, message", [
    ([0.2, 1.2], "position 1 is 1.2: a probability from 0 to 1"),
    ([[0.5, 0.5], [0.2, np.nan]], "position 1 of class 1 is nan"),
    ([[0.5, 0.5], [0.2, 0.7]], "position 1 sum to 0.9"),
    ([], r"shape \(0,\)"),
    ([["a", "b"]], "texts: numbers would be right"),
])
def test_what_is_no_probability_is_named(p, message):
    with pytest.raises(ValueError, match=message):
        steelyard.decide(p, [[0, 1], [1, 0]])


def test_costs_of_another_number_of_rows_are_refused():
    with pytest.raises(ValueError, match=r"shape \(4, 2, 2\): .* \(3, 2, 2\) would be right"):
        steelyard.decide([0.1, 0.2, 0.3], np.ones((4, 2, 2)))


def test_float32_over_1_by_rounding_is_1_and_stays_as_it_was():
    p = np.array([[0.0, 1.0000001]])
    assert steelyard.decide(p, [[0, 1], [1, 0]]).tolist() == [1]
    assert p[0, 1] == 1.0000001


def test_half_precision_has_too_few_digits_to_sum_to_1():
    p = np.array([[0.335, 0.665], [0.1, 0.9]] * 50, np.float16)
    p[:, 0] += np.float16(0.002)
    assert steelyard.decide(p, [[0, 1], [1, 0]]).tolist() == [1, 1] * 50
    assert steelyard.correct(p, [1, 1]).dtype == np.float32
    with pytest.raises(ValueError, match="sum to 1.0"):
        steelyard.decide(p.astype(np.float32), [[0, 1], [1, 0]])


def test_classes_may_be_many():
    names = np.array([f"class {k}" for k in range(40)])
    p = np.eye(40)[::-1].copy()
    assert (steelyard.decide(p, 1 - np.eye(40), classes=names) == names[::-1]).all()
    assert steelyard.metrics.accuracy(names[::-1], names) == 0
    assert steelyard.metrics.log_loss(names[::-1], p, classes=names) == 0


# --- thresholds of costs ---


def test_the_threshold_of_costs():
    assert steelyard.threshold([[0, 1], [5, 0]]) == pytest.approx(1 / 6)
    assert steelyard.threshold({("bad", "ok"): 5}, classes=["bad", "ok"], positive="bad") == \
        pytest.approx(1 / 6)
    with pytest.warns(CostWarning):
        assert np.isnan(steelyard.threshold([[0, 0], [0, 0]]))


def test_thresholds_by_row():
    amount = np.array([1.0, 4, 9])
    assert steelyard.threshold({(1, 0): amount}) == pytest.approx(1 / (1 + amount))


def test_a_threshold_is_of_two_classes():
    with pytest.raises(ValueError, match="3 classes"):
        steelyard.threshold("a:b=1", classes=["a", "b", "c"])


# --- corrections ---


def test_class_weights_are_taken_out_of_probabilities():
    p = random_probabilities(200, 4)
    w = np.array([1, 2, 0.5, 8])
    expected = (p / w) / (p / w).sum(axis=1, keepdims=True)
    assert steelyard.correct(p, w) == pytest.approx(expected, rel=1e-12)
    named = dict(zip("abcd", w))
    assert (steelyard.correct(p, named, classes=list("abcd")) == steelyard.correct(p, w)).all()


def test_class_weights_are_taken_out_of_logits():
    z = np.random.default_rng(4).normal(size=(100, 3)) * 5
    w = np.array([1.0, 3, 0])
    expected = np.exp(z) / np.where(w > 0, w, np.inf)
    assert steelyard.correct(z, w, logits=True) == \
        pytest.approx(expected / expected.sum(axis=1, keepdims=True), rel=1e-12)


def test_one_number_is_the_weight_of_the_positive_class():
    p = np.array([0.1, 0.5, 0.9, 0, 1])
    odds = p[:3] / (1 - p[:3]) / 10
    assert steelyard.correct(p, 10) == pytest.approx([*(odds / (1 + odds)), 0, 1])
    z = np.log(p[:3] / (1 - p[:3]))
    assert steelyard.correct(z, 10, logits=True) == pytest.approx(odds / (1 + odds))


def test_corrected_probabilities_keep_type_and_kind():
    pandas = pytest.importorskip("pandas")
    assert steelyard.correct(np.array([0.5], np.float32), 3).dtype == np.float32
    series = steelyard.correct(pandas.Series([0.5, 0.25], index=["x", "y"]), 3)
    assert series.index.tolist() == ["x", "y"]
    assert series.tolist() == pytest.approx([0.25, 0.1])


@pytest.mark.parametrize("weights, message", [
    ([1, 2], r"shape \(2,\): \(3,\)"),
    ([1, -2, 1], "finite, 0 or more"),
    ([0, 0, 0], "not all 0"),
    ({0: 1, 1: 2}, "class 2 has none"),
    ({0: 1, 1: 2, 3: 1}, "3 is none of the classes"),
    ("balanced", r"class_weight: 'balanced': .* class_weights\(y, 'balanced'\)"),
])
def test_class_weights_that_do_not_fit(weights, message):
    with pytest.raises(ValueError, match=message):
        steelyard.correct(random_probabilities(3, 3), weights)


def test_weights_of_several_labels_are_taken_out_label_by_label():
    p = np.random.default_rng(6).random((50, 3))
    pairs = np.array([[1, 5], [2, 1], [0.5, 0]])
    corrected = steelyard.correct(p, pairs)
    for label in range(3):
        alone = steelyard.correct(np.column_stack([1 - p[:, label], p[:, label]]), pairs[label])
        assert corrected[:, label] == pytest.approx(alone[:, 1], rel=1e-12)
    z = np.log(p / (1 - p))
    named = dict(zip("abc", pairs.tolist()))
    assert steelyard.correct(z, named, logits=True) == pytest.approx(corrected, rel=1e-9)
    assert steelyard.correct([[800.0, -800]], [[1, 2], [1, 2]], logits=True).tolist() == [[1, 0]]


@pytest.mark.parametrize("p, pairs, message", [
    ([[0.1, 0.2]], [[1, 2]], r"\(2, 2\), absent and present"),
    ([[0.1]], [[0, 0]], "not both 0"),
    ([[0.1, 1.5]], [[1, 2], [1, 2]], r"position \(0, 1\) is 1.5"),
])
def test_weights_of_labels_that_do_not_fit(p, pairs, message):
    with pytest.raises(ValueError, match=message):
        steelyard.correct(p, pairs)


# --- priors ---


def test_another_prior():
    p = random_probabilities(100, 3)
    new, old = np.array([0.2, 0.3, 0.5]), np.array([0.6, 0.3, 0.1])
    expected = p * new / old
    adjusted = steelyard.adjust_prior(p, new, old)
    assert adjusted == pytest.approx(expected / expected.sum(axis=1, keepdims=True), rel=1e-12)
    assert steelyard.adjust_prior([0.5], 0.1, 0.5) == pytest.approx([0.1])


def test_the_prior_of_rows_is_found():
    generator = np.random.default_rng(5)
    y = generator.random(20000) < 0.3
    x = generator.normal(size=20000) + 2 * y
    p = 1 / (1 + np.exp(-(2 * x - 2 + np.log(0.05 / 0.95))))  # right where 5 % are positive
    found = steelyard.estimate_prior(p, 0.05, classes=["ok", "fraud"])
    assert found.converged
    assert found.shares["fraud"] == pytest.approx(0.3, abs=0.02)
    low, high = found.intervals["fraud"]
    assert low < y.mean() < high
    assert "fraud: 0.3" in str(found)
    shifted = steelyard.adjust_prior(p, found, 0.05)
    assert shifted.mean() == pytest.approx(found.prior[1], abs=1e-6)


@pytest.mark.parametrize("prior, trained, message", [
    ([0.5, 0.6], [0.5, 0.5], "prior: .* sum to 1"),
    ([0.5, 0.5], [1, 0], "class 1 has a share, and none in trained_prior"),
])
def test_priors_that_are_none(prior, trained, message):
    with pytest.raises(ValueError, match=message):
        steelyard.adjust_prior([0.5], prior, trained)
