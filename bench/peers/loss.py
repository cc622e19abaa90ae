"""A peer's weighted softmax cross-entropy with its gradient, as often as told; speaks as loss.c.

Usage: loss.py PEER LOGITS LABELS WEIGHTS N K
PEER is PyTorch, TensorFlow or Keras (on TensorFlow); the files are those that loss.c takes.
  go         weighted mean and gradient
  version    tells the version of the peer
  save FILE  writes the first numbers of the last gradient, at most a million, as float64
"""

import importlib.metadata
import json
import os
import sys
import time

import numpy


def pytorch(logits, labels, weights):
    """cross_entropy and backward, as in a step of training."""
    import torch

    scores = torch.from_numpy(logits).requires_grad_()
    ids, priced = torch.from_numpy(labels), torch.from_numpy(weights)

    def go():
        scores.grad = None
        loss = torch.nn.functional.cross_entropy(scores, ids, weight=priced)
        loss.backward()
        return float(loss.detach()), scores.grad.numpy()

    return go


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


PACKAGES = {"PyTorch": "torch", "TensorFlow": "tensorflow-cpu", "Keras": "keras"}


def open_peer(name, logits, labels, weights):
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if name == "PyTorch":
        return pytorch(logits, labels, weights)
    return compiled(logits, labels, weights,
                    {"TensorFlow": tensorflow_formula, "Keras": keras_formula}[name])


peer, logits_path, labels_path, weights_path, rows, classes = sys.argv[1:]
shape = (int(rows), int(classes))
run = open_peer(peer, numpy.fromfile(logits_path, numpy.float32).reshape(shape),
                numpy.fromfile(labels_path, numpy.int64),
                numpy.fromfile(weights_path).astype(numpy.float32))
value = gradients = None
for line in sys.stdin:
    command, *argument = line.split()
    begin = time.perf_counter()
    if command == "go":
        gradients = None  # its memory is free for the next
        value, gradients = run()
    elif command == "version":
        print(json.dumps({"version": importlib.metadata.version(PACKAGES[peer])}), flush=True)
        continue
    else:
        gradients.reshape(-1)[:1_000_000].astype(numpy.float64).tofile(argument[0])
    print(json.dumps({"seconds": time.perf_counter() - begin, "loss": value}), flush=True)
