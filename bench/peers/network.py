"""A peer's network trained on one split of a data set, as its users would: network.py PEER PLAN.

PEER is scikit-learn, Keras (on TensorFlow) or PyTorch. PLAN is a file of JSON: `rows`, `labels`,
`weights` and `parts` name files of float32 (n, d), int32, float64 (what a row weighs) and uint8 (0
to train on, 1 held back for early stopping, 2 to be judged); n, d, classes, hidden, batch_size,
learning_rate, epochs, patience, seed. Logarithms of the probabilities of the rows to be judged go
to the file `out`, float64 (judged, classes); seconds and epochs to stdout, as JSON.
"""

import json
import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy  # noqa: E402

LEAST = 1e-15  # of a probability, so that no log-loss is infinite


class Split:
    """Rows, labels and weights of a part."""

    def __init__(self, plan, part):
        shape = (plan["n"], plan["d"])
        chosen = numpy.flatnonzero(numpy.fromfile(plan["parts"], numpy.uint8) == part)
        self.rows = numpy.memmap(plan["rows"], numpy.float32, "r", shape=shape)[chosen]
        self.labels = numpy.fromfile(plan["labels"], numpy.int32)[chosen]
        weights = numpy.fromfile(plan["weights"], numpy.float64)
        self.weights = (weights / weights.mean())[chosen].astype(numpy.float32)


def scikit_learn(plan, train, held, test):
    """MLPClassifier without its own early stopping, which takes no held rows: an epoch at a time.
    Its penalty is set to 0, as the others have none."""
    import copy

    from sklearn.neural_network import MLPClassifier

    network = MLPClassifier(tuple(plan["hidden"]), batch_size=min(plan["batch_size"],
                                                                  len(train.labels)),
                            learning_rate_init=plan["learning_rate"], alpha=0.0,
                            random_state=plan["seed"])
    classes = numpy.arange(plan["classes"])
    best, kept, waited = numpy.inf, None, 0
    for epoch in range(plan["epochs"]):
        network.partial_fit(train.rows, train.labels, train.weights, classes)
        loss = held_loss(numpy.log(network.predict_proba(held.rows).clip(LEAST)), held)
        best, kept, waited = (loss, copy.deepcopy(network), 0) if loss < best else (best, kept,
                                                                                    waited + 1)
        if waited == plan["patience"]:
            break
    return numpy.log(kept.predict_proba(test.rows).clip(LEAST)), epoch + 1


def held_loss(logs, held):
    """Weighted mean of the log-loss."""
    own = logs[numpy.arange(len(logs)), held.labels]
    return -numpy.average(own, weights=held.weights)


def keras(plan, train, held, test):
    import keras as library

    library.utils.set_random_seed(plan["seed"])
    layers = [library.layers.Dense(units, "relu", kernel_initializer="he_normal")
              for units in plan["hidden"]]
    network = library.Sequential([library.Input((plan["d"],)), *layers,
                                  library.layers.Dense(plan["classes"])])
    network.compile(library.optimizers.Adam(plan["learning_rate"]),
                    library.losses.SparseCategoricalCrossentropy(from_logits=True))
    stop = library.callbacks.EarlyStopping(patience=plan["patience"], restore_best_weights=True)
    history = network.fit(train.rows, train.labels, plan["batch_size"], plan["epochs"], verbose=0,
                          sample_weight=train.weights, callbacks=[stop],
                          validation_data=(held.rows, held.labels, held.weights))
    logits = network.predict(test.rows, batch_size=4096, verbose=0).astype(numpy.float64)
    return log_softmax(logits), len(history.epoch)


def log_softmax(logits):
    logits = logits - logits.max(1, keepdims=True)
    logs = logits - numpy.log(numpy.exp(logits).sum(1, keepdims=True))
    return logs.clip(numpy.log(LEAST))


def pytorch(plan, train, held, test):
    import copy

    import torch

    torch.manual_seed(plan["seed"])
    layers, width = [], plan["d"]
    for units in plan["hidden"]:
        layers += [torch.nn.Linear(width, units), torch.nn.ReLU()]
        width = units
    network = torch.nn.Sequential(*layers, torch.nn.Linear(width, plan["classes"]))
    for layer in network:
        if isinstance(layer, torch.nn.Linear):
            torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)
    optimizer = torch.optim.Adam(network.parameters(), plan["learning_rate"])
    loss_of = torch.nn.CrossEntropyLoss(reduction="none")
    rows, labels, weights = (torch.from_numpy(array) for array in
                             (train.rows, train.labels.astype(numpy.int64), train.weights))
    best, kept, waited = numpy.inf, None, 0
    for epoch in range(plan["epochs"]):
        order = torch.randperm(len(labels))
        for batch in order.split(plan["batch_size"]):
            optimizer.zero_grad()
            loss = (loss_of(network(rows[batch]), labels[batch]) * weights[batch]).mean()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            loss = held_loss(log_softmax(network(torch.from_numpy(held.rows)).double().numpy()),
                             held)
        waited += 1
        if loss < best:
            best, kept, waited = loss, copy.deepcopy(network.state_dict()), 0
        if waited == plan["patience"]:
            break
    network.load_state_dict(kept)
    with torch.no_grad():
        return log_softmax(network(torch.from_numpy(test.rows)).double().numpy()), epoch + 1


PEERS = {"scikit-learn": scikit_learn, "Keras": keras, "PyTorch": pytorch}


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        plan = json.load(file)
    parts = [Split(plan, part) for part in range(3)]
    begin = time.perf_counter()
    logs, epochs = PEERS[sys.argv[1]](plan, *parts)
    seconds = time.perf_counter() - begin
    numpy.ascontiguousarray(logs, numpy.float64).tofile(plan["out"])
    print(json.dumps({"seconds": seconds, "epochs": epochs}))


if __name__ == "__main__":
    main()
