"""A peer's network trained for one epoch, as often as told; speaks as mlp.c does.

Usage: mlp.py PEER THREADS ROWS N D LABELS K
PEER is PyTorch, TensorFlow or JAX (Keras on either), or scikit-learn. THREADS is for PyTorch: 0 is
its own choice. What a peer prepares once (arrays, compiled steps) is not timed; what begins an
epoch (a new network, a shuffle) is.
  go BATCH  one epoch; tells its seconds, and the weighted loss that it led to
  version   tells the version of the peer
"""

import importlib.metadata
import json
import os
import sys
import time
import warnings

import numpy

HIDDEN = (64, 32)
RATE = 1e-3


def open_pytorch(rows, labels, weights, threads):
    """Batches are cut from arrays in memory: a DataLoader would take many times as long."""
    import torch
    from torch import nn

    if threads:
        torch.set_num_threads(threads)
    x, y = torch.from_numpy(rows), torch.from_numpy(labels.astype(numpy.int64))
    loss = nn.CrossEntropyLoss(torch.from_numpy(weights.astype(numpy.float32)))
    widths = (rows.shape[1], *HIDDEN, len(weights))

    def network():
        layers = []
        for before, after in zip(widths, widths[1:]):
            layers += [nn.Linear(before, after), nn.ReLU()]
        return nn.Sequential(*layers[:-1])

    def go(batch):
        model = network()
        optimizer = torch.optim.Adam(model.parameters(), RATE, fused=True)
        order = torch.randperm(len(x))
        for some in order.split(batch):
            optimizer.zero_grad()
            loss(model(x[some]), y[some]).backward()
            optimizer.step()
        return model

    def logits(model):
        with torch.no_grad():
            return model(x).numpy()

    return go, logits


def open_keras(backend):
    """Keras: compiled once; each epoch begins with the same numbers and a new optimizer's."""

    def open_peer(rows, labels, weights, _):
        os.environ["KERAS_BACKEND"] = backend
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
        import keras

        layers = [keras.layers.Dense(width, "relu", kernel_initializer="he_uniform")
                  for width in HIDDEN]
        model = keras.Sequential([keras.Input(rows.shape[1:]), *layers,
                                  keras.layers.Dense(len(weights))])
        model.compile(keras.optimizers.Adam(RATE),
                      keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.optimizer.build(model.trainable_variables)
        begin = model.get_weights()
        moments = [numpy.array(variable) for variable in model.optimizer.variables]
        class_weights = dict(enumerate(weights))

        def go(batch):
            model.set_weights(begin)
            for variable, value in zip(model.optimizer.variables, moments):
                variable.assign(value)
            model.fit(rows, labels, batch_size=batch, epochs=1, class_weight=class_weights,
                      verbose=0)
            return model

        return go, lambda trained: trained.predict(rows, batch_size=8192, verbose=0)

    return open_peer


def open_scikit_learn(rows, labels, weights, _):
    """Weights of classes come as those of rows."""
    from sklearn.neural_network import MLPClassifier

    warnings.filterwarnings("ignore")
    row_weights = weights[labels].astype(numpy.float32)

    def go(batch):
        model = MLPClassifier(HIDDEN, batch_size=batch, learning_rate_init=RATE, alpha=0,
                              max_iter=1)
        return model.fit(rows, labels, sample_weight=row_weights)

    def logits(model):
        return numpy.log(numpy.maximum(model.predict_proba(rows), 1e-30))

    return go, logits


# name: how it is opened, and its packages
PEERS = {
    "PyTorch": (open_pytorch, ["torch"]),
    "TensorFlow": (open_keras("tensorflow"), ["keras", "tensorflow-cpu"]),
    "JAX": (open_keras("jax"), ["keras", "jax"]),
    "scikit-learn": (open_scikit_learn, ["scikit-learn"]),
}


def weighted_loss(logits, labels, weights):
    """Mean cross-entropy, weighted."""
    logits = logits.astype(numpy.float64)
    logits -= logits.max(axis=1, keepdims=True)
    losses = numpy.log(numpy.exp(logits).sum(axis=1)) - logits[numpy.arange(len(labels)), labels]
    return float(numpy.average(losses, weights=weights[labels]))


def main():
    name, threads, rows_path, n, d, labels_path, classes = sys.argv[1:]
    n, d, classes = int(n), int(d), int(classes)
    rows = numpy.fromfile(rows_path, numpy.float32, n * d).reshape(n, d)
    labels = numpy.fromfile(labels_path, numpy.int32, n)
    weights = n / (classes * numpy.bincount(labels, minlength=classes))
    open_peer, packages = PEERS[name]
    go, logits = open_peer(rows, labels, weights, int(threads))
    for line in sys.stdin:
        command, *argument = line.split()
        if command == "version":
            answer = {"version": ", ".join(f"{package} {importlib.metadata.version(package)}"
                                           for package in packages)}
        else:
            begin = time.perf_counter()
            trained = go(int(argument[0]))
            answer = {"seconds": time.perf_counter() - begin}
            answer["loss"] = weighted_loss(logits(trained), labels, weights)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
