"""steelyard.keras.weighted on the backend of KERAS_BACKEND: what `fit` reports is what the weights
say by hand. test_keras.py runs this once for each backend.
"""

import os
import pickle

import keras
import numpy as np
import pytest

import steelyard
import steelyard.keras as sk

BACKEND = os.environ["KERAS_BACKEND"]
CHARGES = {"sum_over_batch_size": np.mean, "mean_with_sample_weight": None}


def draw_ids(rng, shape, shares):
    return rng.choice(len(shares), size=shape, p=shares)


def cross_entropy(p, ids):
    """-ln p of the label at each position."""
    return -np.log(np.take_along_axis(np.asarray(p, np.float64), ids[..., None], -1))[..., 0]


def reduced(losses, weights, reduction):
    total = (losses * weights).sum()
    return total / (losses.size if reduction == "sum_over_batch_size" else weights.sum())


def balanced(ids, n):
    counts = np.bincount(ids.ravel(), minlength=n)
    return ids.size / ((counts > 0).sum() * counts)


# --- the case: two outputs, a generator of sequences ---

def two_outputs(container):
    steps = keras.Input((6, 3))
    hidden = keras.layers.SimpleRNN(8, return_sequences=True, seed=1)(steps)
    tags = keras.layers.Dense(4, activation="softmax", name="tags")(hidden)
    topic = keras.layers.Dense(3, activation="softmax", name="topic")(
        keras.layers.GlobalAveragePooling1D()(hidden))
    outputs = {"tags": tags, "topic": topic} if container is dict else [tags, topic]
    return keras.Model(steps, outputs)


def sequences(rng, n=32):
    x = rng.normal(size=(n, 6, 3)).astype(np.float32)
    return x, draw_ids(rng, (n, 6), [0.7, 0.2, 0.07, 0.03]), draw_ids(rng, (n,), [0.8, 0.15, 0.05])


def batches(x, tags, topic, container, size=16):
    """One-shot batches, as a user's generator gives them."""
    for at in range(0, len(x), size):
        part = slice(at, at + size)
        if container is dict:
            yield x[part], {"tags": tags[part], "topic": topic[part]}
        else:
            yield x[part], (tags[part], topic[part])


@pytest.mark.parametrize("container", [dict, list])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean_with_sample_weight"])
def test_a_generator_of_sequences_with_two_outputs(container, reduction):
    rng = np.random.default_rng(0)
    x, tags, topic = sequences(rng)
    model = two_outputs(container)
    losses = {name: keras.losses.SparseCategoricalCrossentropy(reduction=reduction)
              for name in ("tags", "topic")}
    model.compile(keras.optimizers.SGD(0.0),
                  loss=losses if container is dict else list(losses.values()))
    weights = {"tags": {0: 1, 1: 2, 2: 5, 3: 11}, "topic": "balanced"}
    counts = steelyard.Counts().update(topic)
    source = sk.weighted(batches(x, tags, topic, container), weights, kind={"tags": "index"},
                         counts={"topic": counts},
                         outputs=None if container is dict else ["tags", "topic"])
    told = model.fit(source, steps_per_epoch=2, verbose=0).history
    made = model.predict(x, verbose=0)
    p_tags, p_topic = (made["tags"], made["topic"]) if container is dict else made
    each = []
    for at in (slice(0, 16), slice(16, 32)):
        of_tags = reduced(cross_entropy(p_tags[at], tags[at]), np.array([1, 2, 5, 11])[tags[at]],
                          reduction)
        of_topic = reduced(cross_entropy(p_topic[at], topic[at]), balanced(topic, 3)[topic[at]],
                           reduction)
        each.append((of_tags, of_topic))
    of_tags, of_topic = np.mean(each, axis=0)
    np.testing.assert_allclose(told["loss"][0], of_tags + of_topic, rtol=1e-5)
    np.testing.assert_allclose(told["tags_loss"][0], of_tags, rtol=1e-5)
    np.testing.assert_allclose(told["topic_loss"][0], of_topic, rtol=1e-5)


def test_training_on_the_generator_learns_the_rare_tags():
    """With weights a rare step is found, which is what they are for."""
    rng = np.random.default_rng(1)
    x, tags, topic = sequences(rng, 256)
    tags = np.where(x[..., 0] > 1.6, 3, 0)  # rare, and in plain sight
    found = {}
    for name, policy in (("plain", None), ("weighted", {0: 1, 1: 1, 2: 1, 3: 15})):
        keras.utils.set_random_seed(1)
        model = two_outputs(dict)
        model.compile(keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy")
        for _ in range(4):
            source = sk.weighted(batches(x, tags, topic, dict), {"tags": policy}, kind="index")
            model.fit(source, steps_per_epoch=16, verbose=0)
        predicted = model.predict(x, verbose=0)["tags"].argmax(-1)
        found[name] = (predicted[tags == 3] == 3).mean()
    assert found["weighted"] > 0.9 > found["plain"] + 0.1, found


# --- shapes ---

def test_column_labels_and_floats_are_ids():
    y = np.array([0, 0, 0, 1, 2])
    expected = balanced(y, 3)[y].astype(np.float32)
    x = np.zeros((5, 2))
    for labels in (y, y[:, None], y.astype(np.float32), y[:, None].astype(np.float64)):
        _, same, weights = sk.weighted((x, labels), "balanced")
        assert same is labels
        assert weights.dtype == np.float32
        np.testing.assert_array_equal(weights, expected)


def test_pixels_sequences_one_hot_and_multi_hot():
    rng = np.random.default_rng(2)
    x = np.zeros((4, 1))
    for shape in ((4, 3), (4, 3, 5)):
        ids = draw_ids(rng, shape, [0.6, 0.3, 0.1])
        expected = balanced(ids, 3)[ids]
        for labels, kind in ((ids, "index"), (ids[..., None], "index"), (ids[..., None], None),
                             (np.eye(3, dtype=np.float32)[ids], "one-hot")):
            _, _, weights = sk.weighted((x, labels), "balanced", kind=kind)
            assert weights.shape == shape
            np.testing.assert_allclose(weights, expected, rtol=1e-6)
    labels = rng.integers(0, 2, (40, 3))
    _, _, weights = sk.weighted((np.zeros(40), labels), "balanced", kind="multi-hot")
    for label in range(3):
        np.testing.assert_allclose(weights[:, label],
                                   balanced(labels[:, label], 2)[labels[:, label]], rtol=1e-6)
    _, _, weights = sk.weighted((np.zeros(40), labels), [1, 2, 7], kind="multi-hot")
    np.testing.assert_array_equal(weights, np.where(labels == 1, [1, 2, 7], 1))
    _, _, weights = sk.weighted((np.zeros(40), labels), {0: (1, 2), 1: (3, 4), 2: (5, 6)},
                                kind="multi-hot")
    np.testing.assert_array_equal(weights, np.where(labels == 1, [2, 4, 6], [1, 3, 5]))


def test_padding_masks_and_given_weights():
    ids = np.array([[0, 1, -1], [1, -1, -1]])
    x = np.array([1.0, 2.0])
    _, _, weights = sk.weighted((x, ids), {0: 1, 1: 3}, kind="index", ignore=-1)
    np.testing.assert_array_equal(weights, [[1, 3, 0], [3, 0, 0]])
    _, _, weights = sk.weighted((x, ids, np.array([2.0, 10.0])), {0: 1, 1: 3}, kind="index",
                                ignore=-1)
    np.testing.assert_array_equal(weights, [[2, 6, 0], [30, 0, 0]])
    _, _, weights = sk.weighted((x, np.abs(ids)), {0: 1, 1: 3}, kind="index",
                                mask=lambda x, y: np.array([[1, 1, 0], [1, 0, 0]], bool))
    np.testing.assert_array_equal(weights, [[1, 3, 0], [3, 0, 0]])
    _, _, weights = sk.weighted((x, ids), None, kind="index", ignore=-1)
    np.testing.assert_array_equal(weights, [[1, 1, 0], [1, 0, 0]])
    given = np.array([[1, 2], [3, 4]], np.float32)
    cells = np.array([[0, 1], [1, 1]])
    _, _, weights = sk.weighted((x, cells, given), [5, 7], kind="multi-hot")
    np.testing.assert_array_equal(weights, [[1, 14], [15, 28]])


def test_outputs_without_a_policy_keep_their_weights():
    y = {"a": np.array([0, 1]), "b": np.array([1.5, 2.5]), "c": np.array([0, 1])}
    given = {"b": np.array([3.0, 4.0])}
    _, _, weights = sk.weighted((np.zeros(2), y, given), {"a": {0: 1, 1: 5}})
    np.testing.assert_array_equal(weights["a"], [1, 5])
    np.testing.assert_array_equal(weights["b"], [3, 4])
    np.testing.assert_array_equal(weights["c"], [1, 1])


# --- PyDataset ---

class Rows(keras.utils.PyDataset):
    def __init__(self, x, y, size=8, **options):
        super().__init__(**options)
        self.x, self.y, self.size, self.ended, self.begun = x, y, size, 0, 0

    def __len__(self):
        return -(-len(self.x) // self.size)

    def __getitem__(self, index):
        part = slice(index * self.size, (index + 1) * self.size)
        return self.x[part], self.y[part]

    def on_epoch_begin(self):
        self.begun += 1

    def on_epoch_end(self):
        self.ended += 1


def small_model(reduction="sum_over_batch_size", n=3, loss=None):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(n, "softmax")])
    model.compile(keras.optimizers.SGD(0.0), loss=loss or
                  keras.losses.SparseCategoricalCrossentropy(reduction=reduction))
    return model


def rows(rng, n=32):
    return rng.normal(size=(n, 4)).astype(np.float32), draw_ids(rng, (n,), [0.7, 0.2, 0.1])


@pytest.mark.parametrize("options", [{}, {"workers": 2},
                                     {"workers": 2, "use_multiprocessing": True}])
def test_a_py_dataset_keeps_what_it_is(options):
    if options.get("use_multiprocessing") and BACKEND != "torch":
        pytest.skip("forking beside the threads of this backend may hang")
    rng = np.random.default_rng(3)
    x, y = rows(rng)
    plain = Rows(x, y, **options)
    made = sk.weighted(plain, "balanced")
    assert isinstance(made, keras.utils.PyDataset)
    assert (len(made), made.num_batches, made.workers) == (4, 4, plain.workers)
    assert made.use_multiprocessing == plain.use_multiprocessing
    assert (plain.begun, plain.ended) == (0, 0)
    np.testing.assert_allclose(list(made.class_weights.values()), balanced(y, 3))
    model = small_model()
    told = model.fit(made, epochs=2, verbose=0).history["loss"]
    twin = Rows(x, y, **options)
    small_model().fit(twin, epochs=2, verbose=0)
    assert (plain.begun, plain.ended) == (twin.begun, twin.ended) and plain.ended >= 2
    for index, batch in enumerate(made):
        np.testing.assert_allclose(batch[2], balanced(y, 3)[y[8 * index:8 * index + 8]], rtol=1e-6)
    if options:
        return  # with workers Keras may not see each batch once an epoch, weighted or not
    expected = reduced(cross_entropy(model.predict(x, verbose=0), y), balanced(y, 3)[y],
                       "sum_over_batch_size")
    np.testing.assert_allclose(told, [expected] * 2, rtol=1e-5)


def test_a_weighted_dataset_can_be_sent_to_a_process():
    rng = np.random.default_rng(4)
    x, y = rows(rng)
    made = sk.weighted(Rows(x, y), "balanced")
    again = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(again[1][2], made[1][2])


def test_several_labels_a_row_in_fit():
    """The loss for weights of each label is ours: Keras's own has averaged labels before."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(32, 4)).astype(np.float32)
    y = (rng.random((32, 3)) < [0.5, 0.2, 0.1]).astype(np.float32)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    model.compile(keras.optimizers.SGD(0.0), loss=sk.BinaryCrossEntropy(reduction="mean"))
    x, y, weights = sk.weighted((x, y), "balanced", kind="multi-hot")
    told = model.fit(x, y, sample_weight=weights, batch_size=32, verbose=0).history["loss"][0]
    z = np.asarray(model.predict(x, verbose=0), np.float64)
    losses = np.logaddexp(0, z) - y * z
    np.testing.assert_allclose(told, (losses * weights).mean(), rtol=1e-5)


# --- tf.data ---

def test_tf_data_stays_tf_data():
    tf = pytest.importorskip("tensorflow")
    rng = np.random.default_rng(6)
    x, y = rows(rng)
    plain = tf.data.Dataset.from_tensor_slices((x, y)).batch(8, drop_remainder=True)
    made = sk.weighted(plain, "balanced")
    assert isinstance(made, tf.data.Dataset)
    assert int(made.cardinality()) == 4
    assert made.element_spec[:2] == plain.element_spec
    assert made.element_spec[2] == tf.TensorSpec((8,), tf.float32)
    model = small_model("mean_with_sample_weight")
    told = model.fit(made, verbose=0).history["loss"][0]
    p = model.predict(x, verbose=0)
    expected = np.mean([reduced(cross_entropy(p[i:i + 8], y[i:i + 8]),
                                balanced(y, 3)[y[i:i + 8]], "mean_with_sample_weight")
                        for i in range(0, 32, 8)])
    np.testing.assert_allclose(told, expected, rtol=1e-5)


def test_tf_data_of_sequences_outputs_and_weights():
    tf = pytest.importorskip("tensorflow")
    rng = np.random.default_rng(7)
    x, tags, topic = sequences(rng, 8)
    labels = {"tags": np.eye(4, dtype=np.float32)[tags], "topic": topic[:, None]}
    given = {"tags": np.arange(8.0), "topic": np.ones(8)}
    plain = tf.data.Dataset.from_tensor_slices((x, labels, given))
    policies = {"tags": [1, 2, 5, 11]}
    for dataset in (sk.weighted(plain.batch(4), policies, kind={"tags": "one-hot"}),
                    sk.weighted(plain, policies, kind={"tags": "one-hot"}).batch(4)):
        assert dataset.element_spec[2]["tags"].shape.as_list() == [None, 6]
        made = list(dataset.as_numpy_iterator())
        weights = np.concatenate([batch[2]["tags"] for batch in made])
        np.testing.assert_array_equal(
            weights, np.array([1, 2, 5, 11])[tags] * np.arange(8.0)[:, None])
        np.testing.assert_array_equal(np.concatenate([b[2]["topic"] for b in made]), np.ones(8))


def test_tf_data_says_where_a_label_is_wrong():
    tf = pytest.importorskip("tensorflow")
    plain = tf.data.Dataset.from_tensor_slices((np.zeros(4), np.array([0, 1, 1, 9]))).batch(4)
    with pytest.raises(Exception, match="9 at row 4"):
        list(sk.weighted(plain, {0: 1, 1: 5}))


def test_tf_data_with_a_mask_in_the_graph():
    tf = pytest.importorskip("tensorflow")
    ids = np.array([[0, 1, 1], [1, 0, 0]])
    plain = tf.data.Dataset.from_tensor_slices((np.zeros(2), ids)).batch(2)
    made = sk.weighted(plain, "balanced", kind="index", mask=lambda x, y: tf.not_equal(y, 0))
    np.testing.assert_array_equal(next(made.as_numpy_iterator())[2], ids)


# --- torch DataLoader ---

@pytest.mark.parametrize("workers", [0, 2])
def test_a_data_loader_keeps_what_it_is(workers):
    torch = pytest.importorskip("torch")
    if workers and BACKEND != "torch":
        pytest.skip("forking beside the threads of this backend may hang")
    rng = np.random.default_rng(8)
    x, y = rows(rng)
    data = torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    plain = torch.utils.data.DataLoader(data, batch_size=8, num_workers=workers)
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    made = sk.weighted(plain, "balanced")
    assert torch.equal(before, torch.random.get_rng_state())
    assert isinstance(made, torch.utils.data.DataLoader) and len(made) == 4
    assert len(next(iter(plain))) == 2
    for batch in made:
        assert batch[2].dtype == torch.float32
        np.testing.assert_allclose(batch[2], balanced(y, 3)[batch[1]], rtol=1e-6)
    model = small_model()
    told = model.fit(made, verbose=0).history["loss"][0]
    expected = reduced(cross_entropy(model.predict(x, verbose=0), y), balanced(y, 3)[y],
                       "sum_over_batch_size")
    np.testing.assert_allclose(told, expected, rtol=1e-5)


# --- what is refused ---

def endless():
    while True:
        yield np.zeros((4, 2)), np.array([0, 0, 1, 2])


class Endless(keras.utils.PyDataset):
    num_batches = None

    def __getitem__(self, index):
        return np.zeros((4, 2)), np.array([0, 0, 1, 2])


OUTPUTS = {"tags": np.zeros((2, 3), int), "topic": np.array([0, 1])}


@pytest.mark.parametrize("make, text", [
    (lambda: sk.weighted(endless(), "balanced"), "a generator cannot be counted.*counts="),
    (lambda: sk.weighted(Endless(), "balanced"), "Endless without an end cannot be counted"),
    (lambda: sk.weighted((0, OUTPUTS), {"tag": "balanced"}), "no output 'tag'; did you mean "
                                                             "'tags'"),
    (lambda: sk.weighted((0, OUTPUTS), "balanced"), "outputs tags, topic"),
    (lambda: sk.weighted((0, OUTPUTS), {"topic": {0: 1, 1: 2}}, kind={"topics": "index"}),
     "no output of kind= 'topics'; did you mean 'topic'"),
    (lambda: sk.weighted((0, OUTPUTS), {"tags": {0: 1}}), "output 'tags': .*kind="),
    (lambda: sk.weighted((0, OUTPUTS), {"topic": {0: 1, 2: 2}}),
     "output 'topic': label 1 at row 2 is outside the 2 classes"),
    (lambda: sk.weighted((0, OUTPUTS), {"topic": "balancd"}), "balanced"),
    (lambda: sk.weighted((0, [np.zeros(2), np.zeros(2)]), ["none", None, None]), "3 policies"),
    (lambda: sk.weighted((0, np.array([0, 1])), {0: 1, 1: -5}), "-5"),
    (lambda: sk.weighted((0, np.array([0, 1])), {0: 1, "default": 5}, kind="indx"), "indx"),
    (lambda: sk.weighted((0, np.array([0.5, 1])), {0: 1, 1: 5}), "0.5 at row 1 is no class id"),
    (lambda: sk.weighted((0, np.array([0, np.nan])), {0: 1, 1: 5}), "nan at row 2"),
    (lambda: sk.weighted((0, np.array([0, 1]), np.ones(3)), {0: 1, 1: 5}), "3"),
    (lambda: sk.weighted((0, np.array([0, 1]), np.array([1, -1])), {0: 1, 1: 5}), "row 2"),
    (lambda: sk.weighted(endless, {0: 1}), "call it"),
    (lambda: sk.weighted([1, 2], {0: 1}), "a list is no source"),
    (lambda: sk.weighted((0,), {0: 1}), "a tuple of 1"),
    (lambda: sk.weighted((1 for _ in range(2)), {0: 1}), "a batch is int"),
    (lambda: sk.weighted(iter(()), {0: 1}), "no batch"),
    (lambda: sk.weighted((0, np.eye(3)), {0: 1, 1: 2}, kind="one-hot"), "3 columns"),
])
def test_what_is_refused(make, text):
    with pytest.raises(ValueError, match=text):
        made = make()
        next(made)


def test_counts_make_a_generator_fit_for_formulas():
    made = sk.weighted(endless(), "balanced", counts={0: 50, 1: 25, 2: 25})
    np.testing.assert_allclose(next(made)[2], [2 / 3, 2 / 3, 4 / 3, 4 / 3], rtol=1e-6)


def test_one_output_may_be_called_by_its_name():
    made = sk.weighted(endless(), {"output": {0: 1, 1: 5, 2: 7}})
    np.testing.assert_array_equal(next(made)[2], [1, 1, 5, 7])


def test_a_weigher_for_a_loop_of_ones_own():
    weigher = sk.Weigher({"topic": {0: 1, 1: 5}}, kind={"topic": "index"})
    weights = weigher(0, OUTPUTS)
    np.testing.assert_array_equal(weights["topic"], [1, 5])
    assert dict(weigher.class_weights["topic"]) == {0: 1, 1: 5}
