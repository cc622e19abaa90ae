"""A peer's balanced weights of labels in memory, as often as told; speaks as weights.c does.

Usage: weights.py PEER LABELS N [float32 K | text]
PEER is scikit-learn or Keras; LABELS is what weights.c takes.
  classes    compute_class_weight; of one-hot rows, of their arg-max: it takes rows for K outputs
  rows       compute_sample_weight; Keras: what fit(class_weight=...) makes of the class weights
  save FILE  writes the class weights of the last run, float64
"""

import json
import os
import sys
import time

import numpy

from labels_file import read_labels


def scikit_learn(labels):
    """Its two calls."""
    from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

    def classes():
        ids = labels.argmax(axis=1) if labels.ndim == 2 else labels
        return compute_class_weight("balanced", classes=numpy.unique(ids), y=ids)

    return classes, lambda: compute_sample_weight("balanced", labels)


def keras(labels):
    """Keras has no formula: class weights of its users' recipe, and its own row weights."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    from keras.src.trainers.data_adapters import data_adapter_utils

    def classes():
        counts = numpy.bincount(labels)
        return len(labels) / (len(counts) * counts)

    def rows():
        weights = dict(enumerate(classes()))
        return data_adapter_utils.class_weight_to_sample_weights(labels, weights)

    return classes, rows


peer, path, size, *form = sys.argv[1:]
of_classes, of_rows = {"scikit-learn": scikit_learn, "Keras": keras}[peer](
    read_labels(path, int(size), form))
class_weights = None
for line in sys.stdin:
    command, *argument = line.split()
    begin = time.perf_counter()
    if command == "classes":
        class_weights = of_classes()
    elif command == "rows":
        of_rows()
    else:
        class_weights.tofile(argument[0])
    print(json.dumps({"seconds": time.perf_counter() - begin}), flush=True)
