"""steelyard.losses against the formulas of docs/losses.md (loss_formulas.py), and what it refuses.
"""

import copy
import pickle
import threading

import numpy as np
import pytest
from loss_formulas import Draw, formula
from steelyard import Counts, class_weights, losses

Z = np.array([[2, 0, 0], [0, 1, 0.5], [0.25, -3, -1], [1, 1, 1.0]])
IDS = np.array([0, 2, 1, 0])
HOT = np.eye(3)[IDS]
COUNTS = np.array([80.0, 15, 5])


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


# --- random losses ---

@pytest.mark.parametrize("block", range(10))
def test_random_losses_are_those_of_the_formula(block):
    for seed in range(60 * block, 60 * (block + 1)):
        one = Draw(seed)
        value, gradient = losses.Loss(**one.options)(one.placed(one.z), one.labels, **one.batch)
        expected, slope = one.answer()
        close(value, expected)
        close(gradient, slope)


@pytest.mark.parametrize("seed", range(40))
def test_float32_is_near_and_stays_float32(seed):
    one = Draw(1000 + seed)
    value, gradient = losses.Loss(**one.options)(one.placed(one.z).astype(np.float32), one.labels,
                                                 **one.batch)
    expected, slope = one.answer()
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(value, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(gradient, slope, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("seed", range(30))
def test_hessian_is_the_derivative_of_the_gradient(seed):
    one = Draw(2000 + seed)
    loss = losses.Loss(**one.options)
    z = one.placed(one.z).copy()
    _, _, hessian = loss(z, one.labels, hessian=True, **one.batch)
    h, k = 1e-5, one.n_classes - 1
    at = (slice(None),) * one.axis + (k,)
    slopes = []
    for step in (-h, h):
        moved = z.copy()
        moved[at] += step
        slopes.append(loss(moved, one.labels, **one.batch)[1][at])
    np.testing.assert_allclose(hessian[at], (slopes[1] - slopes[0]) / (2 * h), rtol=1e-4,
                               atol=1e-6)


# --- each function ---

SOFTMAX = {
    "cross_entropy": ({}, {}),
    "focal": ({}, {"gamma": 2}),
    "logit_adjusted": ({"counts": COUNTS, "tau": 0.5}, {"counts": COUNTS, "tau": 0.5}),
    "balanced_softmax": ({"counts": COUNTS}, {"counts": COUNTS, "tau": 1}),
    "ldam": ({"counts": COUNTS}, {"counts": COUNTS, "ldam": (0.5, 30)}),
    "vector_scaling": ({"counts": COUNTS}, {"counts": COUNTS, "vs": (0.15, 1)}),
    "cost_expected": ({"cost": 1 - np.eye(3)}, {"cost": 1 - np.eye(3), "cost_use": "expected"}),
    "cost_argmax": ({"cost": 5 - np.eye(3)}, {"cost": 5 - np.eye(3), "cost_use": "argmax"}),
}


@pytest.mark.parametrize("name", SOFTMAX)
def test_softmax_functions(name):
    given, meant = SOFTMAX[name]
    weights = np.array([1, 2, 0.5])
    value, gradient = getattr(losses, name)(Z, IDS, class_weight=weights,
                                            sample_weight=[1, 2, 0, 3], label_smoothing=0.1,
                                            **given)
    expected, _, slope = formula(Z, HOT, {"weights": weights, "smoothing": 0.1, **meant},
                                 np.array([1, 2, 0, 3]))
    close(value, expected)
    close(gradient, slope)
    alone = getattr(losses, name)(Z, IDS, class_weight=weights, sample_weight=[1, 2, 0, 3],
                                  label_smoothing=0.1, gradient=False, **given)
    assert alone == value


@pytest.mark.parametrize("name, gamma", [("binary_cross_entropy", 0), ("binary_focal", 2)])
def test_sigmoid_functions(name, gamma):
    labels = np.array([[1, 0, 0], [1, 1, 0.5], [0, 0, 0], [0.25, 1, 1]])
    pairs = np.array([[1, 2], [0.5, 1], [1, 1]])
    for reduction in ("weighted-mean", "sum", "mean", "nonzero-mean", "none"):
        value, gradient = getattr(losses, name)(Z, labels, class_weight=pairs, reduction=reduction)
        expected, each, slope = formula(Z, labels, {"base": "sigmoid", "weights": pairs,
                                                    "gamma": gamma, "reduction": reduction})
        close(value, each if reduction == "none" else expected)
        close(gradient, slope)


def test_tensorflows_vector():
    value, _ = losses.binary_cross_entropy([1.5, -0.1, -10], [1, 0.5, 0], positive_weight=1.5,
                                           reduction="none")
    np.testing.assert_allclose(value, [0.302119917, 0.880495825, 4.53988992e-05], rtol=2e-9)


def test_certain_logits_stay_finite():
    value, gradient = losses.cross_entropy([[0.0, 200]], [0])
    assert value == 200
    assert gradient.tolist() == [[-1, 1]]
    assert np.isfinite(losses.cross_entropy([[-20000.0, -20001]], [1])[0])


def test_reductions_by_hand():
    weights, of = np.array([1, 0, 3]), np.log(np.exp(Z).sum(1)) - Z[range(4), IDS]
    w = weights[IDS]
    sums = {"weighted-mean": w.sum(), "sum": 1, "mean": 4, "nonzero-mean": (w > 0).sum()}
    for reduction, divisor in sums.items():
        close(losses.cross_entropy(Z, IDS, class_weight=weights, reduction=reduction)[0],
              (w * of).sum() / divisor)
    each = losses.cross_entropy(Z, IDS, class_weight=weights, reduction="none", gradient=False)
    close(each, w * of)
    for reduction in ("divisor", "weighted-mean"):
        close(losses.cross_entropy(Z, IDS, reduction=reduction, divisor=7)[0], of.sum() / 7)


def test_one_hot_gives_the_bits_of_ids():
    weights = [1, 3, 0.1]
    for reduction in ("weighted-mean", "mean", "sum"):
        a, b = (losses.cross_entropy(Z, labels, class_weight=weights, reduction=reduction)
                for labels in (IDS, HOT))
        assert a[0] == b[0]
        assert (a[1] == b[1]).all()


def test_nothing_that_counts_is_a_loss_of_zero():
    for options in ({"ignore": 0}, {"mask": np.zeros(4, bool)}, {"sample_weight": np.zeros(4)},
                    {"class_weight": [0, 0, 0]}):
        value, gradient = losses.cross_entropy(Z, IDS * ("ignore" not in options), **options)
        assert value == 0
        assert not gradient.any()


def test_a_row_without_weight_may_be_nan():
    z = Z.copy()
    z[1] = np.nan
    value, gradient = losses.cross_entropy(z, IDS, sample_weight=[1, 0, 1, 1])
    close(value, losses.cross_entropy(Z[[0, 2, 3]], IDS[[0, 2, 3]])[0])
    assert not gradient[1].any()


# --- weights in any form ---

def test_forms_of_class_weights():
    expected = losses.cross_entropy(Z, IDS, class_weight=np.array([1, 2, 0.5]))[0]
    for given in ([1, 2, 0.5], (1, 2, 0.5), {0: 1, 1: 2, 2: 0.5}, {2: 0.5, 1: 2, "default": 1},
                  np.array([1, 2, 0.5], np.float32), {0.0: 1, np.int64(1): 2, 2: 0.5}):
        assert losses.cross_entropy(Z, IDS, class_weight=given)[0] == expected


def test_forms_of_the_weights_of_one_label():
    z, y = Z[:, 0], [0, 1, 1, 0]
    expected = losses.binary_cross_entropy(z, y, class_weight=[[1, 4]])[0]
    for given in ({"class_weight": [1, 4]}, {"class_weight": {0: 1, 1: 4}}, {"positive_weight": 4},
                  {"positive_weight": [4]}, {"positive_weight": {0: 4}}):
        assert losses.binary_cross_entropy(z, y, **given)[0] == expected
        assert losses.binary_cross_entropy(z[:, None], y, **given)[0] == expected


def test_forms_of_the_weights_of_labels():
    labels = HOT[:, :2]
    expected = losses.binary_cross_entropy(Z[:, :2], labels, class_weight=[[1, 4], [1, 2]])[0]
    for given in ({"positive_weight": [4, 2]}, {"class_weight": {0: (1, 4), 1: 2}},
                  {"positive_weight": {1: 2, "default": 4}}):
        assert losses.binary_cross_entropy(Z[:, :2], labels, **given)[0] == expected


@pytest.mark.filterwarnings("ignore::steelyard.WeightWarning")
def test_counts_and_class_weights_are_taken_as_they_come():
    y = np.array([0, 0, 0, 2, 1, 0, 1])
    z = np.random.default_rng(2).standard_normal((7, 3))
    names = np.array(["a", "b", "c"])[y]
    expected = losses.cross_entropy(z, y, class_weight=7 / 3 / np.array([4, 2, 1]))[0]
    for given in ({"class_weight": class_weights(y)}, {"class_weight": class_weights(names)},
                  {"class_weight": "balanced", "counts": [4, 2, 1]},
                  {"class_weight": "balanced", "counts": {0: 4, 1: 2, 2: 1}},
                  {"class_weight": "balanced", "counts": Counts().update(names)}):
        close(losses.cross_entropy(z, y, **given)[0], expected)
    close(losses.balanced_softmax(z, y, counts=Counts().update(y))[0],
          losses.balanced_softmax(z, y, counts=[4, 2, 1])[0])
    loss = losses.Loss(class_weight=class_weights(names), counts=Counts().update(names),
                       parts="vs")
    close(pickle.loads(pickle.dumps(loss))(z, y)[0], loss(z, y)[0])


@pytest.mark.filterwarnings("ignore::steelyard.WeightWarning")
def test_class_weights_of_several_labels():
    labels = np.array([[1, 0], [0, 0], [0, 1], [0, 1.0]])
    weights = class_weights(labels, kind="multi-hot")
    close(losses.binary_cross_entropy(Z[:, :2], labels, class_weight=weights)[0],
          formula(Z[:, :2], labels, {"base": "sigmoid",
                                     "weights": np.array([[2 / 3, 2], [1, 1]])})[0])
    one = class_weights(labels[:, 0].astype(int))
    close(losses.binary_cross_entropy(Z[:, 0], labels[:, 0], class_weight=one)[0],
          losses.binary_cross_entropy(Z[:, 0], labels[:, 0], class_weight=[[2 / 3, 2]])[0])


def test_costs_of_a_dictionary_or_of_rows():
    cost = np.array([[0, 1, 1], [7, 0, 1], [1, 1, 0.0]])
    expected = losses.cost_expected(Z, IDS, cost=cost)
    close(losses.cost_expected(Z, IDS, cost={(1, 0): 7})[0], expected[0])
    close(losses.cost_expected(Z, IDS, cost="1:0=7")[0], expected[0])
    by_row = losses.cost_expected(Z, IDS, row_costs=cost[IDS])
    close(by_row[0], expected[0])
    close(by_row[1], expected[1])


def test_the_weights_of_a_call_are_not_those_of_the_last():
    weights = np.array([1, 2, 0.5])
    before = losses.cross_entropy(Z, IDS, class_weight=weights)[0]
    weights[0] = 9
    after = losses.cross_entropy(Z, IDS, class_weight=weights)[0]
    close(after, formula(Z, HOT, {"weights": weights})[0])
    assert before != after


def test_many_losses_are_forgotten_and_large_ones_not_kept():
    from steelyard import _loss
    for gamma in range(1, 100):
        losses.focal(Z, IDS, gamma=gamma)
    assert len(_loss._kept) <= _loss.MOST_KEPT
    _loss._kept.clear()
    losses.cross_entropy(np.zeros((1, 20000)), [3], class_weight=np.ones(20000))
    assert not _loss._kept
    losses.cross_entropy(Z, IDS)
    losses.cross_entropy(Z, IDS)
    assert len(_loss._kept) == 1


# --- layouts and kinds ---

def strided(values, layout):
    """The same numbers in another layout."""
    if layout == "gaps":
        wide = np.zeros((*values.shape[:-1], values.shape[-1] + 1))
        wide[..., :-1] = values
        return wide[..., :-1]
    if layout == "wide gaps":
        wide = np.zeros((*values.shape[:-1], values.shape[-1] * 10))
        wide[..., ::10] = values
        return wide[..., ::10]
    if layout == "backwards":
        return values[::-1, ::-1].copy()[::-1, ::-1]
    return np.asfortranarray(values)


@pytest.mark.parametrize("layout", ["gaps", "wide gaps", "backwards", "fortran"])
def test_any_strides(layout):
    z = strided(Z, layout)
    before = z.copy()
    value, gradient = losses.cross_entropy(z, IDS)
    expected = losses.cross_entropy(Z, IDS)
    assert value == expected[0]
    assert (gradient == expected[1]).all()
    assert (z == before).all()
    if layout != "wide gaps":
        assert gradient.strides == z.strides
    assert losses.Loss()(z, IDS, hessian=True)[2].shape == Z.shape


def test_repeated_logits_are_copied():
    z = np.broadcast_to(np.array([1.0, 2, 3]), (4, 3))
    value, gradient = losses.cross_entropy(z, IDS)
    expected = losses.cross_entropy(z.copy(), IDS)
    assert value == expected[0]
    assert (gradient == expected[1]).all()


def test_class_first_logits():
    random = np.random.default_rng(3)
    z, y = random.standard_normal((2, 3, 4, 5)), random.integers(0, 3, (2, 4, 5))
    last = np.moveaxis(z, 1, -1)
    for reduction in ("mean", "none"):
        ours = losses.cross_entropy(z, y, class_axis=1, reduction=reduction)
        flat = losses.cross_entropy(last, y, reduction=reduction)
        close(ours[0], flat[0])
        close(ours[1], np.moveaxis(flat[1], -1, 1))


def test_labels_with_the_classes_first():
    labels, masks = HOT[:, :2], np.array([True, False, True, True])
    pairs = [[1, 2], [3, 4]]
    for reduction in ("none", "mean"):
        a = losses.binary_cross_entropy(Z[:, :2], labels, mask=masks, sample_weight=[1, 2, 3, 4],
                                        class_weight=pairs, reduction=reduction)
        b = losses.binary_cross_entropy(Z[:, :2].T, labels.T, mask=masks, class_axis=0,
                                        class_weight=pairs, sample_weight=[1, 2, 3, 4],
                                        reduction=reduction)
        close(a[0], b[0] if reduction == "mean" else b[0].T)
        close(a[1], b[1].T)


def test_one_label_without_an_axis():
    z, y = Z, HOT
    whole = losses.binary_cross_entropy(z, y, class_axis=None, positive_weight=3)
    flat = losses.binary_cross_entropy(z.ravel(), y.ravel(), positive_weight=3)
    assert whole[0] == flat[0]
    assert whole[1].shape == z.shape
    each = losses.binary_cross_entropy(z, y, class_axis=None, reduction="none", gradient=False)
    assert each.shape == z.shape


def test_one_position_without_an_axis():
    value, gradient = losses.cross_entropy(Z[1], 2)
    expected = losses.cross_entropy(Z[1:2], IDS[1:2])
    assert value == expected[0]
    assert (gradient == expected[1][0]).all()
    assert losses.cross_entropy(Z[1], HOT[1], reduction="none")[0].shape == ()


def test_no_rows():
    value, gradient = losses.cross_entropy(np.zeros((0, 3)), np.zeros(0, int))
    assert value == 0
    assert gradient.shape == (0, 3)


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, np.uint64, bool])
def test_types_of_labels(dtype):
    z, y = Z[:, :2], (IDS > 0).astype(dtype)
    assert losses.cross_entropy(z, y)[0] == losses.cross_entropy(z, (IDS > 0).tolist())[0]


def test_types_of_logits():
    expected, slope = losses.cross_entropy(Z.astype(np.float16).astype(np.float32), IDS)
    value, gradient = losses.cross_entropy(Z.astype(np.float16), IDS)
    assert value == expected
    assert gradient.dtype == np.float16
    assert (gradient == slope.astype(np.float16)).all()
    whole = losses.cross_entropy([[2, 0], [0, 1]], [0, 1])
    assert whole[1].dtype == np.float64
    swapped = losses.cross_entropy(Z.astype(">f8"), IDS)
    assert swapped[0] == losses.cross_entropy(Z, IDS)[0]


def test_pandas_and_polars():
    pandas, polars = pytest.importorskip("pandas"), pytest.importorskip("polars")
    expected = losses.cross_entropy(Z, IDS)
    frame = pandas.DataFrame(Z, index=list("abcd"), columns=list("xyz"))
    value, gradient = losses.cross_entropy(frame, pandas.Series(IDS))
    assert value == expected[0]
    assert list(gradient.index) == list("abcd") and list(gradient.columns) == list("xyz")
    value, gradient = losses.cross_entropy(polars.DataFrame(Z), polars.Series(IDS))
    assert value == expected[0]
    assert isinstance(gradient, polars.DataFrame)


# --- the object ---

def test_a_loss_is_checked_when_it_is_made():
    with pytest.raises(ValueError, match="the weight -1 of class 1 is not usable"):
        losses.Loss(3, class_weight=[1, -1, 1])


def test_copies_and_pickles():
    loss = losses.Loss(class_weight=np.array([1, 2, 3]), parts="focal:gamma=1", ignore=-1)
    expected = loss(Z, IDS)
    for other in (pickle.loads(pickle.dumps(loss)), copy.deepcopy(loss)):
        assert other(Z, IDS)[0] == expected[0]
    assert repr(losses.Loss(reduction="sum")) == "Loss(reduction='sum')"


def test_options_are_those_of_when_it_was_made():
    weights = np.array([1.0, 2, 3])
    loss = losses.Loss(class_weight=weights)
    weights[:] = 0
    close(loss(Z, IDS)[0], formula(Z, HOT, {"weights": np.array([1, 2, 3])})[0])


def test_threads_share_a_loss():
    random = np.random.default_rng(1)
    z, y = random.standard_normal((5000, 7)), random.integers(0, 7, 5000)
    loss, found = losses.Loss(7), []
    run = [threading.Thread(target=lambda: found.append(loss(z, y)[0])) for _ in range(4)]
    for thread in run:
        thread.start()
    for thread in run:
        thread.join()
    assert len(set(found)) == 1 and len(found) == 4


def test_parts_are_listed():
    parts = losses.loss_parts()
    assert "focal[:gamma=2]" in parts
    assert "balanced softmax" in parts["logit-adjustment[:tau=1]"]


# --- what is refused ---

NAN = Z.copy()
NAN[2, 1] = np.nan
REFUSED = {
    "the logit nan at row 3, class 1 is not usable; it must be finite": (NAN, IDS, {}),
    "label 3 at row 2 is outside the 3 classes 0..2": (Z, [0, 3, 1, 0], {}),
    "label -100 at row 4 is outside .*: declare it as the one to ignore": (Z, [0, 1, 1, -100], {}),
    r"the labels of shape \(3\) do not fit the logits of shape \(4, 3\)": (Z, [0, 1, 2], {}),
    "the label at row 2 sums to 2": (Z, HOT * [[1], [2], [1], [1]], {}),
    "labels of kind index are integers; these are floating-point": (Z, IDS * 1.0, {}),
    "labels: texts; a loss takes class ids": (Z, ["a", "b", "c", "a"], {}),
    "the row weight -1 at row 3 is not usable": (Z, IDS, {"sample_weight": [1, 2, -1, 0]}),
    r"the row weights of shape \(2\) do not fit the positions": (Z, IDS, {"sample_weight": [1, 2]}),
    "a mask is of integers or booleans": (Z, IDS, {"mask": [1.0, 0, 1, 1]}),
    "class_weight: nothing for class 1; name all of 0..2": (Z, IDS, {"class_weight": {0: 1, 2: 1}}),
    "class_weight: 'a' is no class id; 0..2 would": (Z, IDS, {"class_weight": {"a": 1}}),
    "class_weight: 3 is no class id": (Z, IDS, {"class_weight": {3: 1, "default": 1}}),
    r"class_weight: shape \(2,\) for 3 classes": (Z, IDS, {"class_weight": [1, 2]}),
    "the weight nan of class 0 is not usable": (Z, IDS, {"class_weight": [np.nan, 1, 1]}),
    "class_weight: the policy 'sqrt' goes by the rows": (Z, IDS, {"class_weight": "sqrt"}),
    "label smoothing is 1.5; it must be from 0 to 1": (Z, IDS, {"label_smoothing": 1.5}),
    "reduction: no 'average'; there are weighted-mean, sum": (Z, IDS, {"reduction": "average"}),
    "the divisor of the loss is 0": (Z, IDS, {"reduction": "divisor"}),
    "divisor: 3 with the reduction 'sum'": (Z, IDS, {"reduction": "sum", "divisor": 3}),
    "class_axis is 2, but the logits have 2 axes": (Z, IDS, {"class_axis": 2}),
    "class_axis=None is for a sigmoid": (Z, IDS, {"class_axis": None}),
    "logits: values of type bool": (Z > 0, IDS, {}),
}


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text):
    logits, labels, options = REFUSED[text]
    with pytest.raises(ValueError, match=text):
        losses.cross_entropy(logits, labels, **options)


BINARY_REFUSED = {
    "the value 2 at row 1, column 1 of the label axis is no part": (Z, HOT * 2, {}),
    "class_weight and positive_weight are both given": (
        Z, HOT, {"class_weight": [[1, 1]] * 3, "positive_weight": 2}),
    r"class_weight: shape \(3,\) for 3 labels; the weights of absence and presence": (
        Z, HOT, {"class_weight": [1, 2, 3]}),
    r"positive_weight: shape \(2,\) for 3 labels": (Z, HOT, {"positive_weight": [1, 2]}),
    "class_weight: the policy 'balanced' of 3 labels": (Z, HOT, {"class_weight": "balanced"}),
    "the weight -1 of the presence of label 2": (Z, HOT, {"positive_weight": [1, 1, -1]}),
}


@pytest.mark.parametrize("reduction", ["weighted-mean", "none"])
@pytest.mark.parametrize("text", BINARY_REFUSED)
def test_binary_refused(text, reduction):
    logits, labels, options = BINARY_REFUSED[text]
    with pytest.raises(ValueError, match=text):
        losses.binary_cross_entropy(logits, labels, reduction=reduction, **options)


def test_places_of_labels_one_by_one():
    labels = HOT.copy()
    labels[2, 1] = 5
    with pytest.raises(ValueError, match="the value 5 at row 3, column 2 of the label axis"):
        losses.binary_cross_entropy(Z, labels, positive_weight=[1, 2, 3], reduction="none")


def test_other_refusals():
    for text, call in {
        "the gamma '-1' of loss part 'focal'": lambda: losses.focal(Z, IDS, gamma=-1),
        "the count 0 of class 1": lambda: losses.ldam(Z, IDS, counts=[1, 0, 1]),
        "loss part 'ldam' goes by the rows": lambda: losses.Loss(3, parts="ldam"),
        r"cost: shape \(2, 2\) for 3": lambda: losses.cost_argmax(Z, IDS, cost=np.eye(2)),
        "goes by costs, but neither": lambda: losses.cost_expected(Z, IDS),
        "the batch has costs of its own": lambda: losses.Loss()(Z, IDS, row_costs=Z),
        "no loss part 'fokal'; did you mean 'focal'": lambda: losses.Loss(3, parts="fokal"),
        "is soft .* margins need one class": lambda: losses.ldam(
            Z, np.full((4, 3), 1 / 3), counts=COUNTS),
        "positive_weight is for a sigmoid": lambda: losses.Loss(3, positive_weight=2),
    }.items():
        with pytest.raises(ValueError, match=text):
            call()


def test_unknown_names():
    with pytest.raises(TypeError, match="gamm"):
        losses.focal(Z, IDS, gamm=1)
    with pytest.raises(TypeError, match="Loss has no option 'weights'"):
        losses.Loss(weights=[1])
