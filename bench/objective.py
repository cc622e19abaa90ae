"""The objective of training in float64, by one formula for every contender's coefficients."""

import numpy

BLOCK = 1 << 15


def balanced_weights(labels, classes):
    """Weight n / (K n_k) of each row."""
    counts = numpy.bincount(labels, minlength=classes)
    present = numpy.count_nonzero(counts)
    return (len(labels) / (present * numpy.maximum(counts, 1)))[labels]


def evaluate(rows, labels, weights, l2, coefficients, intercepts):
    """(value, 2-norm of the gradient) of sum w l / sum w + l2 / 2 |coefficients|^2 for (V, D)
    coefficients, V = 1 (sigmoid of two classes) or K (softmax)."""
    value, total = 0.0, float(weights.sum())
    gradient = numpy.zeros((len(coefficients), rows.shape[1] + 1))
    for begin in range(0, len(rows), BLOCK):
        block = numpy.asarray(rows[begin : begin + BLOCK], numpy.float64)
        weight, label = weights[begin : begin + BLOCK], labels[begin : begin + BLOCK]
        logits = block @ coefficients.T + intercepts
        if len(coefficients) == 1:
            logits = numpy.hstack([numpy.zeros_like(logits), logits])
        top = logits.max(axis=1, keepdims=True)
        logits -= top + numpy.log(numpy.exp(logits - top).sum(axis=1, keepdims=True))
        each = numpy.arange(len(label))
        value -= float(weight @ logits[each, label])
        residual = numpy.exp(logits)
        residual[each, label] -= 1
        residual *= weight[:, None]
        residual = residual[:, -len(coefficients) :]
        gradient[:, :-1] += residual.T @ block
        gradient[:, -1] += residual.sum(axis=0)
    gradient /= total
    gradient[:, :-1] += l2 * coefficients
    value = value / total + l2 / 2 * float((coefficients**2).sum())
    return value, float(numpy.linalg.norm(gradient))
