"""A peer's weighted softmax cross-entropy with its gradient, as often as told; speaks as loss.c.

Usage: loss.py PEER LOGITS LABELS WEIGHTS N K
PEER is PyTorch, TensorFlow or Keras (on TensorFlow), or our own Python: steelyard.losses on NumPy
arrays, steelyard.torch in place of PyTorch's loss. The files are those that loss.c takes.
  go         weighted mean and gradient
  often      the same a thousand times; tells the seconds of one
  version    tells the version of the peer
  save FILE  writes the first numbers of the last gradient, at most a million, as float64
"""

import importlib.metadata
import json
import os
import sys
import time

import numpy


def stepped(loss_of):
    """Loss and backward, as in a step of training; `loss_of` makes a loss of class weights."""

    def open_loss(logits, labels, weights):
        import torch

        scores = torch.from_numpy(logits).requires_grad_()
        ids, loss = torch.from_numpy(labels), loss_of(torch.from_numpy(weights))

        def go():
            scores.grad = None
            value = loss(scores, ids)
            value.backward()
            return float(value.detach()), scores.grad.numpy()

        return go

    return open_loss


def pytorch(weights):
    import torch

    return torch.nn.CrossEntropyLoss(weights)


def steelyard_torch(weights):
    import steelyard.torch

    return steelyard.torch.CrossEntropyLoss(weights)


def steelyard_losses(logits, labels, weights):
    """Our loss on NumPy arrays, called as users call it."""
    from steelyard import losses

    return lambda: losses.cross_entropy(logits, labels, class_weight=weights)


def compiled(logits, labels, weights, formula):
    """A formula of TensorFlow's, compiled as Keras and its users have it by default: a graph."""
    import tensorflow

    scores, ids = tensorflow.constant(logits), tensorflow.constant(labels)
    row_weights = tensorflow.constant(weights[labels])

    @tensorflow.function
    def step():
        with tensorflow.GradientTape() as tape:
            tape.watch(scores)
            loss = formula(scores, ids, row_weights)
        return loss, tape.gradient(loss, scores)

    def go():
        loss, gradient = step()
        return float(loss), gradient.numpy()  # a view of the same memory

    return go


def tensorflow_formula(scores, ids, row_weights):
    """The sum of weighted losses over the sum of weights."""
    import tensorflow

    losses = tensorflow.nn.sparse_softmax_cross_entropy_with_logits(ids, scores)
    return tensorflow.reduce_sum(row_weights * losses) / tensorflow.reduce_sum(row_weights)


def keras_formula(scores, ids, row_weights):
    """The same as a loss of Keras."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True,
                                                      reduction="mean_with_sample_weight")
    return loss(ids, scores, sample_weight=row_weights)


def compiled_as(formula):
    return lambda *arrays: compiled(*arrays, formula)


PEERS = {
    "PyTorch": ("torch", stepped(pytorch)),
    "TensorFlow": ("tensorflow-cpu", compiled_as(tensorflow_formula)),
    "Keras": ("keras", compiled_as(keras_formula)),
    "steelyard.torch": ("steelyard", stepped(steelyard_torch)),
    "steelyard.losses": ("steelyard", steelyard_losses),
}
# Our package as it is built here; without that, as it is installed.
BUILT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build-python",
                     "python")
OFTEN = 1000


def open_peer(name, logits, labels, weights):
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if name.startswith("steelyard") and os.path.isdir(BUILT):
        sys.path.insert(0, BUILT)
    return PEERS[name][1](logits, labels, weights)


def version(name):
    """The version of a peer."""
    if name.startswith("steelyard"):
        import steelyard

        return steelyard.__version__
    return importlib.metadata.version(PEERS[name][0])


peer, logits_path, labels_path, weights_path, rows, classes = sys.argv[1:]
shape = (int(rows), int(classes))
run = open_peer(peer, numpy.fromfile(logits_path, numpy.float32).reshape(shape),
                numpy.fromfile(labels_path, numpy.int64),
                numpy.fromfile(weights_path).astype(numpy.float32))
value = gradients = None
for line in sys.stdin:
    command, *argument = line.split()
    begin = time.perf_counter()
    times = OFTEN if command == "often" else 1
    if command in ("go", "often"):
        for _ in range(times):
            gradients = None  # its memory is free for the next
            value, gradients = run()
    elif command == "version":
        print(json.dumps({"version": version(peer)}), flush=True)
        continue
    else:
        gradients.reshape(-1)[:1_000_000].astype(numpy.float64).tofile(argument[0])
    seconds = (time.perf_counter() - begin) / times
    print(json.dumps({"seconds": seconds, "loss": value}), flush=True)
