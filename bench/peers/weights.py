"""scikit-learn's balanced weights of labels in memory, as often as told; speaks as weights.c does.

Usage: weights.py LABELS N
  classes    compute_class_weight
  rows       compute_sample_weight
  save FILE  writes the class weights of the last run, float64
"""

import json
import sys
import time

import numpy
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

labels = numpy.fromfile(sys.argv[1], numpy.int64, int(sys.argv[2]))
weights = None
for line in sys.stdin:
    command, *argument = line.split()
    begin = time.perf_counter()
    if command == "classes":
        weights = compute_class_weight("balanced", classes=numpy.unique(labels), y=labels)
    elif command == "rows":
        compute_sample_weight("balanced", labels)
    else:
        weights.tofile(argument[0])
    print(json.dumps({"seconds": time.perf_counter() - begin}), flush=True)
