"""Tensors of torch, TensorFlow and JAX come in without a copy, and results go back as tensors."""

import numpy as np
import pytest

from steelyard import class_weights, sample_weights
from steelyard.arrays import like, to_numpy

torch = pytest.importorskip("torch")
jax = pytest.importorskip("jax")
tensorflow = pytest.importorskip("tensorflow")

pytestmark = pytest.mark.filterwarnings("ignore::steelyard.WeightWarning")
IDS = [0, 1, 1, 2, 1]


def test_torch_is_not_copied():
    tensor = torch.arange(12.0).reshape(3, 4)[:, ::2]
    array = to_numpy(tensor)
    assert array.ctypes.data == tensor.data_ptr() and array.strides == (16, 8)
    back = like(array, tensor)
    assert isinstance(back, torch.Tensor)
    assert like(np.ones(3), tensor).dtype == torch.float64


def test_torch_with_gradients_halves_and_views():
    tensor = torch.ones(3, requires_grad=True)
    assert to_numpy(tensor * 2).tolist() == [2, 2, 2]
    for half in (torch.bfloat16, torch.float16):
        array = to_numpy(torch.tensor([1.5, 2], dtype=half))
        assert array.dtype == np.float32 and array.tolist() == [1.5, 2]
        assert like(array, torch.zeros(2, dtype=half)).dtype == half
    assert to_numpy(torch.tensor([True, False])).dtype == np.bool_


def test_torch_elsewhere_is_refused():
    with pytest.raises(ValueError) as failure:
        to_numpy(torch.ones(2, device="meta"), "labels")
    assert str(failure.value) == ("labels: this tensor is on meta, not on the CPU: .cpu() would be "
                                  "right")
    with pytest.raises(ValueError, match="a sparse tensor cannot be read: .to_dense"):
        to_numpy(torch.eye(2).to_sparse())


@pytest.mark.parametrize("make", [torch.tensor, jax.numpy.asarray, tensorflow.constant,
                                  tensorflow.Variable])
def test_labels_are_tensors(make):
    y = make(np.array(IDS))
    assert class_weights(y) == class_weights(IDS)
    weights = sample_weights(y)
    np.testing.assert_array_equal(np.asarray(weights), sample_weights(IDS))
    if make is not tensorflow.Variable:
        assert type(weights).__module__.partition(".")[0] == type(y).__module__.partition(".")[0]
    sequences = make(np.array([IDS, IDS]))
    assert tuple(sample_weights(sequences, kind="index").shape) == (2, 5)


def test_texts_of_tensorflow():
    y = tensorflow.constant(["b", "a", "b"])
    assert class_weights(y) == class_weights(["b", "a", "b"])


@pytest.mark.parametrize("package", [jax.numpy, tensorflow])
def test_halves(package):
    make = package.asarray if package is jax.numpy else package.constant
    array = to_numpy(make([1.5, 2], dtype=package.bfloat16))
    assert array.dtype == np.float32 and array.tolist() == [1.5, 2]
    assert like(array, make([1.5, 2], dtype=package.bfloat16)).dtype == package.bfloat16


def test_graph_tensors_are_refused():
    @tensorflow.function
    def weigh(y):
        return to_numpy(y)

    with pytest.raises(ValueError, match="has no values: a tensor outside of graphs"):
        weigh(tensorflow.constant(IDS))
