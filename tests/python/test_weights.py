"""Class weights, weights of rows, counts: the fixtures of the definitions, kinds, keys, errors."""

import pickle
import warnings

import numpy as np
import pytest

import steelyard
from steelyard import ClassWeights, Counts, WeightWarning, class_weights, sample_weights

FOUR = np.repeat([0, 1, 2, 3], [198, 436, 710, 272])
GOLDEN = {
    "none": [1, 1, 1, 1],
    "balanced": [2.04040, 0.92661, 0.56901, 1.48529],
    "inverse": [8.16162, 3.70642, 2.27606, 5.94118],
    "max-ratio": [3.58586, 1.62844, 1, 2.61029],
    "median": [1.78788, 0.81193, 0.49859, 1.30147],
    "power:max=20": [20, 0.72600, 0.09361, 5.26909],
    "sqrt": [1.42843, 0.96260, 0.75433, 1.21873],
    "log:auto": [1.27700, 1, 1, 1],
    "effective:0.999": [1.52903, 0.77727, 0.54035, 1.15335],
    "effective:0.9999": [1.61537, 0.74232, 0.46208, 1.18024],
    "enet": [7.50523, 3.92945, 2.64553, 5.79583],
}


@pytest.fixture(autouse=True)
def quiet():
    """Small data draw warnings; tests of warnings say so themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeightWarning)
        yield


@pytest.mark.parametrize("policy", GOLDEN)
def test_policies(policy):
    weights = class_weights(FOUR, policy)
    np.testing.assert_allclose(list(weights.values()), GOLDEN[policy], atol=6e-6)
    assert weights.array.dtype == np.float32
    np.testing.assert_allclose(weights.array, GOLDEN[policy], atol=6e-6)
    assert weights.classes == list(weights) == [0, 1, 2, 3]


def test_log_policies():
    counts = [2813, 78, 2814, 78, 7914, 248, 7914, 248]
    found = list(class_weights(counts=counts, policy="log:0.15").values())
    assert found == [1, 3.749820767859636, 1, 3.749820767859636, 1, 2.5931008483842453, 1,
                     2.5931008483842453]
    found = list(class_weights(counts=[5, 78, 2814, 7914], policy="log:auto").values())
    assert found == pytest.approx([7.366950709511269, 4.619679795255778, 1.034026384271035, 1],
                                  rel=1e-15)


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"])
def test_every_integer_type(dtype):
    assert class_weights(FOUR.astype(dtype)) == class_weights(FOUR)


def test_keys_are_the_labels():
    assert list(class_weights([7, 7, -2])) == [-2, 7]
    assert all(type(key) is int for key in class_weights(np.int8([7, 7, 2])))
    assert list(class_weights(["b", "a", "b"])) == ["a", "b"]
    assert [type(key) for key in class_weights(np.array([True, False, True]))] == [bool, bool]
    assert list(class_weights([7, 7, 9], keys="index")) == [0, 1]
    assert class_weights([7, 7, 9], keys="index").classes == [7, 9]


def test_declared_classes_order_and_add():
    weights = class_weights([5, 5, 7], classes=[7, 5, 9])
    assert weights == {7: 1.5, 5: 0.75, 9: 1.0}
    assert sample_weights([5, 5, 7], classes=[7, 5, 9]).tolist() == [0.75, 0.75, 1.5]
    assert list(class_weights([0, 1, 1], classes=4)) == [0, 1, 2, 3]
    assert list(class_weights([0, 1, 1], classes=["ok", "fraud"])) == ["ok", "fraud"]
    assert list(class_weights([True, False, True], classes=[True, False])) == [True, False]


def test_declared_ids_of_any_size():
    high = 2**63 + 5
    y = np.array([high, 1, high], np.uint64)
    assert class_weights(y, "inverse", classes=[high, 1]) == {high: 1.5, 1: 3}
    assert class_weights([1, 3, 3], "inverse", classes=[3, 1, high]) == {3: 1.5, 1: 3, high: 1}
    with pytest.raises(ValueError, match="label 9223372036854775813 at row 1 is outside the 2"):
        class_weights(y, classes=[1, 5])
    with pytest.raises(ValueError, match="label -1 at row 2 is outside the 2 classes"):
        class_weights([1, -1], classes=[high, 1])


@pytest.mark.parametrize("classes", [[7, 5, -1], [7, 5, 10**9], [7, 5, 1]])
def test_declared_ids_are_told_from_all_others(classes):
    for dtype in (np.int8, np.int16, np.int64, np.uint64):
        for other in (6, 8, np.iinfo(dtype).max, np.iinfo(dtype).min):
            with pytest.raises(ValueError, match=f"label {other} at row 3 is outside the 3 class"):
                class_weights(np.array([5, 7, other], dtype), classes=classes)
        assert Counts(classes=classes).update(np.array([5, 7, 5], dtype)).counts == \
            dict(zip(classes, [1, 2, 0]))


def test_declared_ids_with_masks_and_ignored():
    y = np.array([[5, 9], [7, 5]])
    assert Counts("index", classes=[7, 5], ignore=9).update(y).counts == {7: 1, 5: 2}
    masked = sample_weights(y, "inverse", kind="index", classes=[7, 5], mask=[[1, 0], [1, 1]])
    np.testing.assert_allclose(masked, [[1.5, 0], [3, 1.5]])
    with pytest.raises(ValueError, match="label 9 at row 1, step 2 is outside the 2 classes 7, 5"):
        sample_weights(y, kind="index", classes=[7, 5], mask=[1, 1])


def test_what_scikit_learn_gives():
    theirs = pytest.importorskip("sklearn.utils.class_weight")
    rng = np.random.default_rng(1)
    for _ in range(20):
        y = rng.integers(-5, 5, rng.integers(1, 2000)).astype(rng.choice(["i1", "i4", "i8"]))
        classes = np.unique(y)
        np.testing.assert_allclose(list(class_weights(y).values()),
                                   theirs.compute_class_weight("balanced", classes=classes, y=y),
                                   rtol=1e-15)
        np.testing.assert_allclose(sample_weights(y, dtype="float64"),
                                   theirs.compute_sample_weight("balanced", y), rtol=1e-15)


def test_absent_class_is_warned_of():
    with pytest.warns(WeightWarning, match="class '9' has no rows: it weighs 1"):
        class_weights([5, 5, 7], classes=[7, 5, 9])


@pytest.mark.parametrize("policy", [{0: 1, 1: 5}, {"0": 1, "1": 5}, {1: 5, "default": 1}, [1, 5],
                                    np.array([1, 5]), "0=1,1=5", "[1,5]", {np.int64(0): 1, 1: 5}])
def test_explicit_weights(policy):
    assert class_weights([0, 1, 1], policy) == {0: 1, 1: 5}


def test_weights_of_weights():
    weights = class_weights(["a", "b", "b"], "sqrt")
    np.testing.assert_array_equal(sample_weights(["b", "a"], weights),
                                  weights.array[[1, 0]])


def test_numeric_looking_texts_keep_their_own_weights():
    assert class_weights(["0", "1", "1"], {"0": 2, "1": 3}) == {"0": 2, "1": 3}
    assert class_weights(["007", "7"], {"007": 2, "7": 3}) == {"007": 2, "7": 3}


def test_multi_hot_has_pairs():
    y = np.array([[1, 0], [1, 1], [0, 1], [0, 1]])
    weights = class_weights(y, kind="multi-hot")
    assert weights == {0: (1, 1), 1: (2, 4 / 6)}
    assert weights.array.shape == (2, 2)
    rows = sample_weights(y, kind="multi-hot")
    np.testing.assert_allclose(rows[:, 1], [2, 2 / 3, 2 / 3, 2 / 3], rtol=1e-6)
    assert class_weights(y, "pos", kind="multi-hot")[1] == (1, 1 / 3)


def test_multi_hot_takes_pairs_and_weights_of_presence():
    y = np.array([[1, 0], [1, 1], [0, 1], [0, 1]])
    assert class_weights(y, {0: (2, 3), 1: 4}, kind="multi-hot") == {0: (2, 3), 1: (1, 4)}
    assert class_weights(y, {0: 3, 1: 4}, kind="multi-hot") == {0: (1, 3), 1: (1, 4)}
    assert class_weights(y, [[2, 3], [4, 5]], kind="multi-hot") == {0: (2, 3), 1: (4, 5)}


def test_one_hot_is_index():
    rows = np.eye(4)[FOUR]
    assert class_weights(rows, kind="one-hot") == class_weights(FOUR)
    np.testing.assert_array_equal(sample_weights(rows, kind="one-hot"), sample_weights(FOUR))


def test_soft_labels_count_by_their_parts():
    y = np.array([[0.5, 0.5], [0, 1]])
    weights = class_weights(y, kind="one-hot")
    assert weights == {0: 2 / (2 * 0.5), 1: 2 / (2 * 1.5)}
    np.testing.assert_allclose(sample_weights(y, kind="one-hot"), [(2 + 2 / 3) / 2, 2 / 3],
                               rtol=1e-6)


def test_name_lists():
    weights = class_weights(["a;b", "b", "", "b"], kind="name-list")
    assert weights == class_weights([[1, 1], [0, 1], [0, 0], [0, 1]], kind="multi-hot",
                                    classes=["a", "b"])
    assert sample_weights(["a;b", "b", "", "b"], kind="name list").shape == (4, 2)


def test_sequences_masks_and_ignored():
    y = np.array([[0, 2, 2, -1], [0, 0, 1, 2]], dtype=np.int8)
    counts = Counts("index", classes=3, ignore=-1).update(y)
    assert counts.counts == {0: 3, 1: 1, 2: 3}
    assert counts.ignored == 1 and counts.rows == 2
    rows = sample_weights(y, kind="index", classes=3, ignore=-1)
    assert rows.shape == (2, 4) and rows[0, 3] == 0
    masked = sample_weights(y, kind="index", mask=[[1, 1, 1, 0], [1, 1, 1, 1]])
    np.testing.assert_array_equal(masked, rows)
    assert sample_weights(y, kind="index", mask=[True, False])[1].tolist() == [0, 0, 0, 0]


def test_row_weights_are_copies():
    y, k = np.array([0, 1, 1, 2, 2, 2]), np.array([2, 1, 3, 0, 1, 2])
    assert class_weights(y, sample_weight=k) == class_weights(np.repeat(y, k))
    rows = sample_weights(y, sample_weight=k, dtype="float64")
    expected = [class_weights(np.repeat(y, k))[label] for label in y] * k
    np.testing.assert_array_equal(rows, expected)


def test_pieces_give_the_same_bits():
    rng = np.random.default_rng(0)
    y, r = rng.integers(0, 50, 10_000), rng.random(10_000)
    whole = class_weights(y, sample_weight=r)
    halves = [Counts().update(y[i:i + 100], r[i:i + 100]) for i in range(0, 10_000, 100)]
    rng.shuffle(halves)
    total = sum(halves[1:], halves[0])
    assert total.class_weights() == whole
    np.testing.assert_array_equal(total.sample_weights(y, sample_weight=r),
                                  sample_weights(y, sample_weight=r))


@pytest.mark.parametrize("y, options", [
    (FOUR, {}), (FOUR > 1, {}), (["b", "a", "b"], {}), ([7, 5, 9], {"classes": [9, 7, 5]}),
    (np.eye(4)[FOUR], {"kind": "one-hot"}), (["a;b", "b"], {"kind": "name-list"}),
    ([[1, 0], [1, -1]], {"kind": "multi-hot", "ignore": -1})])
def test_counts_pickle(y, options):
    counts = Counts(**options).update(y, np.linspace(0.1, 1, len(y)))
    back = pickle.loads(pickle.dumps(counts))
    assert back.classes == counts.classes and back.rows == len(y)
    assert back.class_weights() == counts.class_weights()
    assert back.update(y).merge(counts).counts == counts.update(y).merge(
        Counts(**options).update(y, np.linspace(0.1, 1, len(y)))).counts
    assert pickle.loads(pickle.dumps(Counts(**options))).update(y).rows == len(y)


def test_counts_keep_what_was_declared():
    total = Counts(classes=4).merge(Counts(classes=4).update([0, 1]))
    assert total.classes == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="counters with different classes"):
        Counts(classes=4).merge(Counts().update([0, 1]))
    with pytest.raises(ValueError):
        Counts("one-hot").merge(Counts().update([0, 1]))
    with pytest.raises(ValueError, match="a dict cannot be merged: Counts would be right"):
        Counts().merge({})


def test_a_block_that_fails_is_not_counted():
    counts = Counts(classes=2).update([0, 1])
    with pytest.raises(ValueError, match="label 2 at row 4 is outside"):
        counts.update([0, 2])
    assert counts.rows == 2
    with pytest.raises(ValueError, match="nothing has been counted"):
        Counts().class_weights()


def test_weights_by_classes_counted_elsewhere():
    counts = Counts().update(FOUR)
    np.testing.assert_array_equal(counts.sample_weights([3, 0]),
                                  counts.class_weights().array[[3, 0]])
    with pytest.raises(ValueError, match="label 9"):
        counts.sample_weights([9])


def test_counts_by_label():
    assert class_weights(counts={"ok": 90, "fraud": 10}) == {"ok": 100 / 180, "fraud": 5}
    assert list(class_weights(counts={1: 90, 0: 10})) == [1, 0]
    assert class_weights(counts=[90, 10], classes=["ok", "fraud"])["fraud"] == 5
    assert list(class_weights(counts={"b": 9, "a": 1}, classes=["a", "b", "c"])) == ["a", "b", "c"]
    assert class_weights(counts=Counts().update(FOUR)) == class_weights(FOUR)


def test_normalized():
    assert sum(class_weights(FOUR, normalize="sum").values()) == pytest.approx(1)
    assert max(class_weights(FOUR, "inverse", normalize="max").values()) == 1


def test_audit_tells_what_weights_do():
    audit = class_weights(FOUR).audit
    np.testing.assert_array_equal(audit.counts, [198, 436, 710, 272])
    np.testing.assert_allclose(audit.weight_shares, [0.25] * 4)
    assert audit.imbalance_ratio == 710 / 198
    assert audit.effective_rows == pytest.approx(1287, abs=1)
    assert "class weights: balanced" in str(audit)
    assert ">2.0404</td>" in audit._repr_html_()
    several = class_weights(np.eye(4)[FOUR].astype(int), kind="multi-hot").audit
    assert several.weights.shape == (4, 2) and several.effective_rows.shape == (4,)
    assert ">198</td>" in several._repr_html_()


def test_html_escapes_names():
    html = class_weights(["<b>", "x", "x"]).audit._repr_html_()
    assert "<b>" not in html and "&lt;b&gt;" in html


def test_class_weights_pickle():
    weights = class_weights(FOUR)
    back = pickle.loads(pickle.dumps(weights))
    assert isinstance(back, ClassWeights) and back == weights
    assert back.policy == "balanced" and back.classes == weights.classes
    assert str(back.audit) == str(weights.audit)
    np.testing.assert_array_equal(back.array, weights.array)


def test_suspicious_weights_are_warned_of():
    with pytest.warns(WeightWarning, match="as one-hot labels are"):
        class_weights(np.eye(3, dtype=int), kind="index")
    with pytest.warns(WeightWarning) as seen:
        class_weights(FOUR, (FOUR[:, None] == range(4)).mean(axis=0))
    assert "frequencies" in str(seen[0].message)
    assert seen[0].filename == __file__


def test_weights_made_before_weigh_batches_that_lack_classes():
    weights = class_weights(FOUR)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = sample_weights(FOUR[-3:], weights)
        pairs = class_weights(np.eye(3, dtype=int)[[0, 1, 2]], kind="multi-hot")
        cells = sample_weights([[1, 0, 0]], pairs, kind="multi-hot")
    np.testing.assert_array_equal(made, weights.array[FOUR[-3:]])
    np.testing.assert_allclose(cells, [[pairs[0][1], pairs[1][0], pairs[2][0]]], rtol=1e-6)
    with pytest.raises(ValueError, match="label 4 at row 2"):
        sample_weights([0, 4], weights)


def test_an_empty_list_has_no_rows():
    with pytest.raises(ValueError, match="there are no labels: the data have no rows"):
        class_weights([])


def test_few_rows_are_remarked_upon_in_the_audit_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weights = class_weights([0] * 30 + [1] * 10)
        of_labels = class_weights([[1, 0]] * 30 + [[0, 1]] * 10, kind="multi-hot")
    assert any("on 10 rows" in line for line in weights.audit.warnings)
    assert any("fewer than 100 rows" in line for line in of_labels.audit.warnings)


CASES = {
    "y has shape (2, 2): labels of two axes or more must say what they are, kind='index' (a class "
    "id at each position), 'one-hot' (the last axis is the class axis; soft labels too), "
    "'multi-hot' (the last axis has independent yes/no labels)": dict(y=np.zeros((2, 2), int)),
    "y has shape (1, 1): labels of two axes or more must say what they are, kind='name' (a class "
    "name at each position), 'name-list' (several names each, 'a;b')": dict(y=[["a"]]),
    "label 18 at row 2, step 1 is outside the 4 classes 0..3":
        dict(y=[[0, 1], [18, 2]], kind="index", classes=4),
    "label 18 at row 2, step 1 is outside the 3 classes 5, 0, 1":
        dict(y=[[0, 1], [18, 1]], kind="index", classes=[5, 0, 1]),
    "label 'Nonw' at row 2 is none of the 2 declared classes; the nearest is 'None'":
        dict(y=["None", "Nonw"], classes=["None", "damage"]),
    "a weight is given for class 'damge', which is not there; did you mean 'damage'?":
        dict(y=["None", "damage"], policy={"None": 1, "damge": 5}),
    "a weight is given for class '7', which is none of the 2 classes: 0, 1":
        dict(y=[0, 1], policy={0: 1, 7: 5}),
    "class '1' has no weight; name it, or add default=W for all that are not named":
        dict(y=[0, 1], policy={0: 1}),
    "the weight -1 of class '1' is not usable; it must be 0 or more and finite":
        dict(y=[0, 1], policy={0: 1, 1: -1}),
    "the weight 'much' of class 1 is no number: a number of 0 or more would be right":
        dict(y=[0, 1], policy={0: 1, 1: "much"}),
    "3 weights are given by position, but there are 2 classes, in this order: 0, 1":
        dict(y=[0, 1], policy=[1, 2, 3]),
    "the row weight -2 at row 2 is not usable; it must be 0 or more and finite":
        dict(y=[0, 1], sample_weight=[1, -2]),
    "the row weights of shape (3) do not fit the positions (2)":
        dict(y=[0, 1], sample_weight=[1, 2, 3]),
    "labels of kind index are numbers, these are texts: kind='name' (or 'name-list') would be "
    "right": dict(y=["a"], kind="index"),
    "labels of kind name are texts, these are numbers: kind='index', 'one-hot' or 'multi-hot' "
    "would be right": dict(y=[1], kind="name"),
    "there is no kind of labels 'onehot': one of index, name, one-hot, multi-hot, name-list would "
    "be right": dict(y=[1], kind="onehot"),
    "y is one value: labels of many rows would be right": dict(y=3),
    "there are neither labels nor counts: y or counts= would be right": dict(),
    "y and counts are both given: one of them would be right": dict(y=[0, 1], counts=[1, 1]),
    "keys='id': None (the labels themselves) or 'index' (0..K-1) would be right":
        dict(y=[0, 1], keys="id"),
    "the policy 'cost' needs cost=, what the mistakes cost: cost={('fraud', 'ok'): 100} or a "
    "matrix cost[actual][predicted]": dict(y=[0, 1], policy="cost"),
    "cost= goes with policy='cost', not with 'balanced'": dict(y=[0, 1], cost=[[0, 1], [1, 0]]),
    "a count is given for class 'c', which is none of the 2 declared classes":
        dict(counts={"a": 1, "c": 1}, classes=["a", "b"]),
    r"the name 'b\x00c' holds a zero byte: names without one would be right":
        dict(y=["a", "b\0c"]),
    "y: labels that are dates cannot be read: texts (astype(str)) would be right":
        dict(y=np.array(["2020-01-01"], "M8[D]")),
    "classes= declares no class: the classes in their order, or their number, would be right":
        dict(y=[0, 1], classes=[]),
    "classes='ab': a list of the classes in their order, or their number, would be right":
        dict(y=["a"], classes="ab"),
    "there are no labels: the data have no rows": dict(y=np.zeros(0, int)),
}


@pytest.mark.parametrize("said", CASES)
def test_refusals(said):
    with pytest.raises(ValueError) as failure:
        class_weights(**CASES[said])
    assert str(failure.value) == said


def test_floats_are_not_ids():
    with pytest.raises(ValueError, match="labels of kind index are integers.*cast them"):
        class_weights([0.0, 1.0])
    with pytest.raises(ValueError, match="1.5"):
        class_weights([[1.5, -0.5]], kind="one-hot")


def test_policy_cost():
    cost = np.array([[0, 1], [5, 0]])
    weights = class_weights([0, 0, 0, 1], "cost", cost=cost)
    assert weights == {0: 4 / 8, 1: 20 / 8}


@pytest.mark.parametrize("texts", [
    np.array(["a", "bé", "", "日本", "𝄞"]), np.array(["a", "bé", "", "日本", "𝄞"], object),
    np.array(["a", "x", "bé", "x", "", "x", "日本", "x", "𝄞", "x"], object)[::2]])
def test_texts_of_all_letters(texts):
    kept = [text for text in texts.tolist() if text]
    with pytest.raises(ValueError, match="row 3"):
        class_weights(texts)
    assert list(class_weights([*texts[:2], *texts[3:]])) == sorted(kept, key=str.encode)


def test_public_names():
    assert steelyard.class_weights is class_weights
