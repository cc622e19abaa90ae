"""What docs/losses.md says of other systems under "What the others do": each claim is a check, the
first line of its docstring the claim. check_losses.py runs them.
"""

import os

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras  # noqa: E402
import numpy  # noqa: E402
import tensorflow  # noqa: E402
import torch  # noqa: E402
from torch.nn import functional  # noqa: E402

TWO_ROWS = [[1.0, 2.0], [3.0, 4.0]]
MEANS = ("sum_over_batch_size", "mean_with_sample_weight")


def by_torch(loss, logits):
    """Loss and gradient of float64 logits."""
    logits = torch.tensor(logits, dtype=torch.float64).requires_grad_()
    value = loss(logits)
    value.sum().backward()
    return value.detach().numpy(), logits.grad.numpy()


def by_keras(loss, labels, logits, weights=None):
    logits = tensorflow.constant(numpy.array(logits, float))
    with tensorflow.GradientTape() as tape:
        tape.watch(logits)
        value = loss(numpy.array(labels), logits, sample_weight=weights)
    return value.numpy(), tape.gradient(value, logits).numpy()


def by_ids(reduction="sum_over_batch_size", **options):
    return keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction=reduction, dtype="float64", **options)


def one_hot(**options):
    return keras.losses.CategoricalCrossentropy(from_logits=True, dtype="float64", **options)


def error_of(call):
    try:
        call()
    except (IndexError, RuntimeError, tensorflow.errors.InvalidArgumentError) as error:
        return str(error)
    return ""


def assert_near(ours, theirs):
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-12)


def torch_without_weight():
    """PyTorch: NaN where all labels are ignored, all weights are 0, or there is no row"""
    ignored = torch.tensor([-100, -100])
    value, _ = by_torch(lambda z: functional.cross_entropy(z, ignored), TWO_ROWS)
    assert numpy.isnan(value)
    weights = torch.tensor([0.0, 1.0], dtype=torch.float64)
    value, gradient = by_torch(
        lambda z: functional.cross_entropy(z, torch.tensor([0, 0]), weight=weights), TWO_ROWS)
    assert numpy.isnan(value) and numpy.isnan(gradient).all()
    assert functional.cross_entropy(torch.zeros(0, 2), torch.zeros(0, dtype=torch.long)).isnan()


def keras_without_weight():
    """Keras: 0 where all labels are ignored or all weights are 0"""
    for mean in MEANS:
        for value, gradient in (
                by_keras(by_ids(mean, ignore_class=1), [1, 1], TWO_ROWS),
                by_keras(by_ids(mean), [1, 1], TWO_ROWS, numpy.zeros(2))):
            assert value == 0 and not gradient.any()


def torch_one_hot():
    """PyTorch: one-hot labels divide by the rows, ids by their weights"""
    logits = torch.tensor(TWO_ROWS)
    weights = torch.tensor([1.0, 3.0])
    ids = functional.cross_entropy(logits, torch.tensor([0, 1]), weight=weights)
    hot = functional.cross_entropy(logits, torch.eye(2), weight=weights)
    assert_near(hot, 2 * ids)


def minus_infinity():
    """PyTorch, Keras: NaN for a logit of -inf with one-hot labels, right with ids"""
    logits = [[1.0, -numpy.inf]]
    hot = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    assert numpy.isnan(by_torch(lambda z: functional.cross_entropy(z, hot), logits)[0])
    ids = torch.tensor([0])
    assert by_torch(lambda z: functional.cross_entropy(z, ids), logits)[0] == 0
    assert numpy.isnan(by_keras(one_hot(), [[1.0, 0.0]], logits)[0])
    assert by_keras(by_ids(), [0], logits)[0] == 0


def hidden_nan():
    """PyTorch, Keras: a NaN logit of an ignored row, or of weight 0, is NaN in gradient or loss"""
    logits, ids = [[numpy.nan, 2.0], [1.0, 2.0]], torch.tensor([-100, 1])
    value, gradient = by_torch(lambda z: functional.cross_entropy(z, ids), logits)
    assert numpy.isfinite(value) and numpy.isnan(gradient[0]).all()
    value, gradient = by_keras(by_ids(), [0, 1], logits, numpy.array([0.0, 1.0]))
    assert numpy.isnan(value) and numpy.isnan(gradient[0]).all()


def keras_clips():
    """Keras: probabilities of CategoricalFocalCrossentropy end at 1e-7, and so does the gradient"""
    loss = keras.losses.CategoricalFocalCrossentropy(alpha=1.0, from_logits=True, dtype="float64")
    value, gradient = by_keras(loss, [[1.0, 0.0]], [[0.0, 200.0]])
    assert 16.118 < value < 16.119 and not gradient.any()


def cancellation():
    """PyTorch, TensorFlow: the weighted sigmoid in float32 is 0.8 % off at a logit of -10"""
    ours = numpy.log1p(numpy.exp(-10.0))
    came = functional.binary_cross_entropy_with_logits(
        torch.tensor([-10.0]), torch.tensor([0.0]), pos_weight=torch.tensor([1.5]))
    assert 1.008 < came.item() / ours < 1.009
    came = tensorflow.nn.weighted_cross_entropy_with_logits([0.0], [-10.0], 1.5).numpy()[0]
    assert 1.008 < came / ours < 1.009


def unchecked_labels():
    """PyTorch, Keras: soft labels that sum to 2 are taken; PyTorch takes negative weights too"""
    logits, halves = torch.tensor([[1.0, 2.0]]), torch.tensor([[0.5, 0.5]])
    assert_near(functional.cross_entropy(logits, 2 * halves),
                2 * functional.cross_entropy(logits, halves))
    assert_near(by_keras(one_hot(), [[1.0, 1.0]], [[1.0, 2.0]])[0],
                2 * by_keras(one_hot(), [[0.5, 0.5]], [[1.0, 2.0]])[0])
    negative = torch.tensor([-1.0, 1.0])
    assert functional.cross_entropy(logits, torch.tensor([0]), weight=negative).isfinite()


def refused():
    """PyTorch, Keras: a label out of range is refused; PyTorch does not say where"""
    logits = torch.zeros(9, 3)
    text = error_of(lambda: functional.cross_entropy(logits, torch.tensor([0] * 7 + [3, 0])))
    assert text == "Target 3 is out of bounds."
    assert "label value of 3" in error_of(lambda: by_keras(by_ids(), [3], [[1.0, 2.0, 3.0]]))


def torch_shapes():
    """PyTorch: class weights have length K; pos_weight may spread along an axis of the image"""
    one = torch.ones(1)
    assert error_of(lambda: functional.cross_entropy(
        torch.zeros(1, 3), torch.tensor([0]), weight=one)).startswith("weight tensor should be")
    losses = functional.binary_cross_entropy_with_logits(
        torch.zeros(2, 3, 4), torch.ones(2, 3, 4), pos_weight=torch.tensor([1.0, 2.0, 3.0, 4.0]),
        reduction="none")
    assert_near(losses[0, 0], numpy.arange(1, 5) * numpy.log(2))


def keras_smoothing():
    """Keras: label smoothing of class-first logits goes by the length of the last axis"""
    labels = numpy.full((1, 2, 3), 0.5)
    value, _ = by_keras(one_hot(label_smoothing=0.3, axis=1), labels, numpy.zeros((1, 2, 3)))
    # 0.3 / 3 is added where 0.3 / 2 would be right: the labels sum to 0.9.
    assert_near(value, 0.9 * numpy.log(2))


def keras_row_weights():
    """Keras: mean_with_sample_weight of row weights (n, 1) over (n, T) divides by those of rows"""
    weights = numpy.array([[1.0], [3.0]])
    value, _ = by_keras(by_ids("mean_with_sample_weight"), numpy.zeros((2, 5)),
                        numpy.zeros((2, 5, 2)), weights)
    assert_near(value, 5 * numpy.log(2))


def keras_focal_alpha():
    """Keras: alpha = 0.25 of BinaryFocalCrossentropy makes positives the lighter ones"""
    loss = keras.losses.BinaryFocalCrossentropy(
        apply_class_balancing=True, from_logits=True, dtype="float64")
    positive, negative = (by_keras(loss, [[y]], [[0.0]])[0] for y in (1.0, 0.0))
    assert_near(negative, 3 * positive)


def keras_focal_soft():
    """Keras: BinaryFocalCrossentropy of a soft label bends once, by y p + (1 - y) (1 - p)"""
    loss = keras.losses.BinaryFocalCrossentropy(from_logits=True, dtype="float64")
    value, _ = by_keras(loss, [[0.5]], [[1.0]])
    p = 1 / (1 + numpy.exp(-1.0))
    assert_near(value, 0.5**2 * -0.5 * (numpy.log(p) + numpy.log(1 - p)))


def tensorflow_1_is_single():
    """TensorFlow 1: tf.compat.v1.losses computes in float32, whatever it is given"""
    logits = tensorflow.constant([[0.1, 0.2]], tensorflow.float64)
    losses = tensorflow.compat.v1.losses
    value = float(losses.sparse_softmax_cross_entropy([0], logits))
    assert value == numpy.float32(value) and losses.sparse_softmax_cross_entropy(
        [0], logits).dtype == tensorflow.float64


CLAIMS = (
    torch_without_weight, keras_without_weight, torch_one_hot, minus_infinity, hidden_nan,
    keras_clips, cancellation, unchecked_labels, refused, torch_shapes, keras_smoothing,
    keras_row_weights, keras_focal_alpha, keras_focal_soft, tensorflow_1_is_single)
