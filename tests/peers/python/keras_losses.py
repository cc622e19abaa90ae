"""The losses of steelyard.keras against steelyard.losses, on the backend of KERAS_BACKEND.

test_keras.py runs this once for each backend.
"""

import os

import keras
import numpy as np
import pytest

import steelyard.keras as sk
from steelyard import losses

BACKEND = os.environ["KERAS_BACKEND"]
REDUCTIONS = ["weighted-mean", "mean", "sum", "nonzero-mean", "divisor"]


def value_and_gradient(loss, labels, logits, weights=None):
    """A loss of Keras and its gradient by the logits, through the backend's own derivatives."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        z = tf.constant(logits)
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = loss(labels, z, weights)
        return float(value), tape.gradient(value, z).numpy()
    if BACKEND == "jax":
        import jax

        value, slope = jax.jit(jax.value_and_grad(lambda z: loss(labels, z, weights)))(logits)
        return float(value), np.asarray(slope)
    import torch

    z = torch.tensor(logits, requires_grad=True)
    value = loss(labels, z, weights)
    value.backward()
    return float(value.detach()), z.grad.numpy()


def compiled(loss, labels, logits):
    """The value inside a compiled function, where no label can be looked at."""
    if BACKEND == "tensorflow":
        import tensorflow as tf

        return float(tf.function(lambda z: loss(labels, z))(logits))
    if BACKEND == "jax":
        import jax

        return float(jax.jit(lambda y, z: loss(y, z))(labels, logits))
    return None


def draw_softmax(rng):
    """Options, logits, labels and row weights of a random loss."""
    n, k = int(rng.integers(1, 9)), int(rng.integers(2, 7))
    lead = [(n,), (n, 3), (n, 2, 4)][rng.integers(3)]
    options = {}
    if rng.random() < 0.6:
        options["class_weight"] = rng.choice([0.0, 0.5, 1.0, 3.0], k, p=[0.1, 0.3, 0.3, 0.3])
    part = rng.integers(8)
    counts = rng.integers(1, 1000, k)
    if part == 0:
        options["parts"] = f"focal:gamma={rng.choice([0.5, 1, 2, 3.5])}"
    elif part == 1:
        options.update(parts="logit-adjustment:tau=1.5", counts=counts)
    elif part == 2:
        options.update(parts="ldam:margin=0.7,scale=3", counts=counts)
    elif part == 3:
        options.update(parts="vs + focal:gamma=2", counts=counts)
    elif part == 4:
        options.update(cost=rng.random((k, k)) * 5, cost_use="expected")
    elif part == 5:
        options.update(cost=rng.random((k, k)) * 5, cost_use="argmax")
    elif part == 6:
        options.update(slopes=rng.random(k) + 0.5, offsets=rng.normal(size=k), scale=1.5)
    if rng.random() < 0.2 and "cost" not in options:
        options["weigh_by_prediction"] = True
    if rng.random() < 0.4:
        options["label_smoothing"] = 0.2
    hard_only = part == 2 or "weigh_by_prediction" in options
    ids = rng.integers(0, k, lead)
    labels = ids
    if rng.random() < 0.4:
        labels = np.eye(k, dtype=np.float32)[ids]
        if not hard_only and rng.random() < 0.5:
            labels = rng.dirichlet(np.ones(k), lead).astype(np.float32)
    elif rng.random() < 0.4:
        options["ignore"] = -1
        labels = np.where(rng.random(lead) < 0.3, -1, ids)
    logits = (rng.normal(size=(*lead, k)) * 3).astype(np.float32)
    return options, logits, labels, draw_weights(rng, lead)


def draw_sigmoid(rng):
    n, width = int(rng.integers(1, 9)), int(rng.integers(1, 5))
    lead = [(n,), (n, 3)][rng.integers(2)]
    options = {"base": "sigmoid"}
    if rng.random() < 0.4:
        options["positive_weight"] = rng.random(width) * 4
    elif rng.random() < 0.5:
        options["class_weight"] = rng.random((width, 2)) * 4
    if rng.random() < 0.4:
        options["parts"] = f"focal:gamma={rng.choice([0.5, 2])}"
    if rng.random() < 0.3:
        options["label_smoothing"] = 0.1
    labels = rng.integers(0, 2, (*lead, width))
    if rng.random() < 0.3:
        labels = rng.random((*lead, width)).astype(np.float32)
    elif rng.random() < 0.5:
        options["ignore"] = -1
        labels = np.where(rng.random(labels.shape) < 0.3, -1, labels)
    if labels.dtype.kind == "i" and rng.random() < 0.5:
        options.update(margins=rng.random(width), offsets=rng.normal(size=width))
    logits = (rng.normal(size=(*lead, width)) * 3).astype(np.float32)
    return options, logits, labels, draw_weights(rng, lead)


def draw_weights(rng, lead):
    if rng.random() < 0.5:
        return None
    shape = lead if rng.random() < 0.5 else lead[:1]
    return rng.choice([0.0, 1.0, 2.5], shape).astype(np.float32)


@pytest.mark.parametrize("draw", [draw_softmax, draw_sigmoid])
def test_random_losses_are_those_of_the_library(draw):
    rng = np.random.default_rng(7)
    for _ in range(20 if BACKEND == "jax" else 60):  # each is compiled there
        options, logits, labels, weights = draw(rng)
        options["reduction"] = str(rng.choice(REDUCTIONS))
        if options["reduction"] == "divisor":
            options["divisor"] = 7.0
        if rng.random() < 0.3 and logits.ndim > 2:
            options["class_axis"] = 1
            logits = np.ascontiguousarray(np.moveaxis(logits, -1, 1))
            if labels.ndim == logits.ndim:
                labels = np.ascontiguousarray(np.moveaxis(labels, -1, 1))
        value, slope = value_and_gradient(sk.Loss(**options), labels, logits, weights)
        expected, gradient = losses.Loss(**options)(
            logits.astype(np.float64), labels, sample_weight=weights)
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-5, err_msg=str(options))
        np.testing.assert_allclose(slope, gradient, rtol=1e-4, atol=1e-5, err_msg=str(options))


NAMED = [
    (sk.CrossEntropy([1, 2, 5], label_smoothing=0.1), losses.cross_entropy,
     {"class_weight": [1, 2, 5], "label_smoothing": 0.1}),
    (sk.Focal(1.5, class_weight={0: 1, 1: 2, 2: 3}), losses.focal,
     {"gamma": 1.5, "class_weight": [1, 2, 3]}),
    (sk.LogitAdjusted([80, 15, 5], tau=2), losses.logit_adjusted,
     {"counts": [80, 15, 5], "tau": 2.0}),
    (sk.BalancedSoftmax({0: 80, 1: 15, 2: 5}), losses.balanced_softmax, {"counts": [80, 15, 5]}),
    (sk.LDAM([80, 15, 5], scale=4), losses.ldam, {"counts": [80, 15, 5], "scale": 4.0}),
    (sk.VectorScaling([80, 15, 5]), losses.vector_scaling, {"counts": [80, 15, 5]}),
    (sk.CostExpected([[0, 1, 2], [3, 0, 1], [9, 1, 0]]), losses.cost_expected,
     {"cost": [[0, 1, 2], [3, 0, 1], [9, 1, 0]]}),
    (sk.CostArgmax([[0, 1, 2], [3, 0, 1], [9, 1, 0]]), losses.cost_argmax,
     {"cost": [[0, 1, 2], [3, 0, 1], [9, 1, 0]]}),
]


@pytest.mark.parametrize("loss, function, options", NAMED, ids=lambda case: type(case).__name__)
def test_named_losses(loss, function, options):
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(size=(6, 3)).astype(np.float32), rng.integers(0, 3, 6)
    value, slope = value_and_gradient(loss, labels, logits)
    expected, gradient = function(logits, labels, **options)
    np.testing.assert_allclose(value, expected, rtol=1e-5)
    np.testing.assert_allclose(slope, gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("loss", [case[0] for case in NAMED] + [
    sk.BinaryCrossEntropy(positive_weight=[1, 2, 3]), sk.BinaryFocal(1.0)],
    ids=lambda case: type(case).__name__)
def test_a_loss_goes_through_its_configuration(loss):
    """Losses are written into model files: what comes back computes the same."""
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    rng = np.random.default_rng(2)
    logits = rng.normal(size=(6, 3)).astype(np.float32)
    labels = rng.integers(0, 3, 6)
    if loss.get_config().get("positive_weight") or isinstance(loss, sk.BinaryFocal):
        labels = rng.integers(0, 2, (6, 3))
    assert float(again(labels, logits)) == float(loss(labels, logits))


def test_a_model_file_brings_the_loss_back(tmp_path):
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(64, 4)).astype(np.float32), rng.integers(0, 3, 64)
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    model.compile("sgd", loss=sk.Focal(2.0, class_weight=[1, 2, 5]))
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert isinstance(again.loss, sk.Focal)
    np.testing.assert_allclose(again.evaluate(x, y, verbose=0), model.evaluate(x, y, verbose=0),
                               rtol=1e-6)


def test_fit_with_a_mask_of_keras_reports_the_loss_by_hand():
    """Masking layers take steps out of the loss and of what it is divided by."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(8, 5, 2)).astype(np.float32)
    x[:, 3:] = 0
    x[0, 1:] = 0
    y = rng.integers(0, 3, (8, 5))
    model = keras.Sequential([keras.layers.Input((5, 2)), keras.layers.Masking(),
                              keras.layers.SimpleRNN(3, return_sequences=True)])
    model.compile(keras.optimizers.SGD(0.0), loss=sk.CrossEntropy([1, 2, 5]))
    told = model.fit(x, y, batch_size=8, verbose=0).history["loss"][0]
    expected, _ = losses.cross_entropy(np.asarray(model.predict(x, verbose=0)), y,
                                       class_weight=[1, 2, 5], mask=(x != 0).any(axis=-1))
    np.testing.assert_allclose(told, expected, rtol=1e-5)


def test_cell_weights_reach_a_binary_loss():
    rng = np.random.default_rng(5)
    logits, labels = rng.normal(size=(4, 4)).astype(np.float32), rng.integers(0, 2, (4, 4))
    cells = rng.random((4, 4)).astype(np.float32)
    each = losses.Loss(base="sigmoid", reduction="none")(logits, labels)[0]
    value = float(sk.BinaryCrossEntropy(reduction="mean")(labels, logits, cells))
    np.testing.assert_allclose(value, (each * cells).mean(), rtol=1e-5)


def test_probabilities_instead_of_logits():
    rng = np.random.default_rng(6)
    logits, labels = rng.normal(size=(5, 3)).astype(np.float32), rng.integers(0, 3, 5)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    value = float(sk.CrossEntropy([1, 2, 5], from_logits=False)(labels, p))
    expected, _ = losses.cross_entropy(logits, labels, class_weight=[1, 2, 5])
    np.testing.assert_allclose(value, expected, rtol=1e-5)


def test_no_weight_is_no_loss_and_a_bad_logit_there_does_not_matter():
    logits = np.array([[np.nan, 1], [0, 1]], np.float32)
    value, slope = value_and_gradient(sk.CrossEntropy(), np.array([0, 1]), logits,
                                      np.array([0, 1], np.float32))
    np.testing.assert_allclose(value, np.log1p(np.exp(-1.0)), rtol=1e-6)
    assert (slope[0] == 0).all()
    value, slope = value_and_gradient(sk.CrossEntropy(), np.array([0, 1]), logits,
                                      np.zeros(2, np.float32))
    assert value == 0 and (slope == 0).all()


def test_far_logits_are_finite():
    value, slope = value_and_gradient(sk.Focal(2.0), np.array([0]),
                                      np.array([[0, 200]], np.float32))
    np.testing.assert_allclose(value, 200)
    np.testing.assert_allclose(slope, [[-1, 1]])


def test_labels_outside_are_refused_or_nan():
    logits = np.zeros((2, 3), np.float32)
    with pytest.raises(ValueError, match="7 at row 2 is outside the 3 classes 0..2"):
        sk.CrossEntropy()(np.array([0, 7]), logits)
    with pytest.raises(ValueError, match="2 at row 1 is what the row sums to"):
        sk.CrossEntropy()(np.array([[1, 1, 0], [0, 1, 0]], np.float32), logits)
    with pytest.raises(ValueError, match="row 2, step 2"):
        sk.CrossEntropy()(np.array([[0, 1], [2, -1]]), np.zeros((2, 2, 3), np.float32))
    for labels in (np.array([0, 7]), np.array([[1, 1, 0], [0, 1, 0]], np.float32)):
        inside = compiled(sk.CrossEntropy(), labels, logits)
        assert inside is None or np.isnan(inside)


@pytest.mark.parametrize("make, text", [
    (lambda: sk.Loss(parts="fokal"), "did you mean 'focal'"),
    (lambda: sk.Loss(reduction="average"), "reduction: 'average'"),
    (lambda: sk.Loss(base="logistic"), "base: 'logistic'"),
    (lambda: sk.CrossEntropy([1, -2]), "-2 of class 1 is not usable"),
    (lambda: sk.CrossEntropy({0: 1, 3: 2}), "nothing for class 1"),
    (lambda: sk.CrossEntropy({"a": 1, 0: 2}), "'a' is no class id"),
    (lambda: sk.CrossEntropy({0: 1, "default": 2}), "n_classes"),
    (lambda: sk.CrossEntropy("balanced", n_classes=2), "counts"),
    (lambda: sk.LDAM([3, 0]), "count 0 of class 1"),
    (lambda: sk.CostExpected([[0, 1, 2], [1, 0, 2]]), "cost: shape"),
    (lambda: sk.Loss(cost_use="expected"), "cost: missing"),
    (lambda: sk.CrossEntropy([1, 2, 3])(np.array([0]), np.zeros((1, 2), np.float32)),
     "2 classes"),
    (lambda: sk.CrossEntropy()(np.array([0]), np.zeros((1, 1), np.float32)), "sigmoid"),
    (lambda: sk.CrossEntropy()(np.zeros((2, 4)), np.zeros((2, 3), np.float32)), "labels"),
    (lambda: sk.CrossEntropy()(np.array([0, 1]), np.zeros((2, 3), np.float32), np.ones(3)),
     "sample_weight: shape"),
])
def test_what_is_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()
