"""The labels that rows/weights.py wrote, as someone who works with NumPy has them."""

import numpy


def read_labels(path, n, form):
    """(n) int64 ids; (n) texts where `form` begins with "text"; (n, K) float32 where it is
    (float32, K)."""
    if form and form[0] == "text":
        offsets = numpy.fromfile(path + ".offsets", numpy.int64)
        with open(path, "rb") as file:
            data = file.read()
        return numpy.array([data[a:b].decode() for a, b in zip(offsets, offsets[1:])])
    if form:
        return numpy.fromfile(path, numpy.float32).reshape(n, int(form[1]))
    return numpy.fromfile(path, numpy.int64, n)
