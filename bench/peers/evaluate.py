"""scikit-learn's metrics of scores of two classes in memory; speaks as evaluate.c does.

Usage: evaluate.py SCORES LABELS N
  go  roc_auc_score, average_precision_score and log_loss
"""

import json
import sys
import time

import numpy
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

scores, labels, size = sys.argv[1:]
probabilities = numpy.exp(numpy.fromfile(scores).reshape(int(size), 2)[:, 1])
ids = numpy.fromfile(labels, numpy.int32)
for line in sys.stdin:
    begin = time.perf_counter()
    found = {"roc_auc": roc_auc_score(ids, probabilities),
             "average_precision": average_precision_score(ids, probabilities),
             "log_loss": log_loss(ids, probabilities)}
    print(json.dumps({**found, "seconds": time.perf_counter() - begin}), flush=True)
