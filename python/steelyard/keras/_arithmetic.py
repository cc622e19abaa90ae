"""Losses in the operations of Keras: the same on TensorFlow, JAX and PyTorch.

Each function gives (loss, share): the weighted loss of each position (of sigmoids of each cell),
and its weight, which is its share in what a weighted mean divides by.
"""

from __future__ import annotations

from keras import ops

from steelyard.keras._numbers import Numbers

# Below this 1 - p is taken for it: q^(gamma - 1) stays a number, and what it multiplies is nothing.
_LEAST = 1e-30


def _bend(log_p, gamma: float):
    """The loss of a class of probability p: -ln p, focal (1 - p)^gamma times as much."""
    if gamma == 0:
        return -log_p
    rest = ops.maximum(-ops.expm1(log_p), _LEAST)
    return -log_p * ops.power(rest, gamma)


def _weigh(parts, losses):
    """parts * losses; what has no part is skipped, for its loss may be infinite."""
    return ops.where(ops.equal(parts, 0), ops.zeros_like(losses), parts * losses)


def _table(values, like):
    return ops.convert_to_tensor(values, dtype=like.dtype)


def move(logits, numbers: Numbers, labels):
    """z' = s (d z + a - m [k is the label]); `labels` gives hot rows where there are margins."""
    if numbers.slopes is not None:
        logits = logits * _table(numbers.slopes, logits)
    if numbers.offsets is not None:
        logits = logits + _table(numbers.offsets, logits)
    if numbers.margins is not None:
        logits = logits - _table(numbers.margins, logits) * labels()
    return logits


def _log_softmax(logits):
    away = logits - ops.stop_gradient(ops.max(logits, axis=-1, keepdims=True))
    return away - ops.log(ops.sum(ops.exp(away), axis=-1, keepdims=True))


class Labels:
    """The class of each position: ids, or rows along the class axis."""

    def __init__(self, n_classes: int, dtype, ids=None, rows=None):
        self.n_classes, self.dtype, self.ids, self.given = n_classes, dtype, ids, rows

    def rows(self):
        """One-hot or soft rows."""
        if self.given is None:
            self.given = ops.one_hot(self.ids, self.n_classes, dtype=self.dtype)
        return self.given

    def weight(self, weights):
        """sum_k w_k y_k"""
        if self.ids is not None:
            return ops.take(weights, self.ids, axis=0)
        return ops.sum(self.given * weights, axis=-1)

    def smoothed(self, smoothing: float):
        rows = self.rows()
        return rows * (1 - smoothing) + smoothing / self.n_classes if smoothing else rows


def softmax_share(labels: Labels, numbers: Numbers, logits):
    """The weight of each position by its label, or by its prediction."""
    weights = _table(numbers.weights, logits)
    if not numbers.weigh_by_prediction:
        return labels.weight(weights)
    return ops.take(weights, _predicted(logits, labels, numbers), axis=0)


def _predicted(logits, labels, numbers):
    return ops.argmax(ops.stop_gradient(move(logits, numbers, labels.rows)), axis=-1)


def softmax_losses(logits, labels: Labels, numbers: Numbers):
    """Weighted loss of each position of logits (.., K)."""
    moved = move(logits, numbers, labels.rows)
    if numbers.cost_use == "expected":
        return _expected(moved, labels, numbers)
    log_p = _log_softmax(moved)
    if labels.ids is not None and numbers.smoothing == 0:
        return _hard(moved, log_p, labels, numbers)
    parts = _parts(moved, labels, numbers)
    return ops.sum(_weigh(parts, _bend(log_p, numbers.gamma)), axis=-1)


def _hard(moved, log_p, labels, numbers):
    """Positions with one class each: theirs is the only log p that is looked at."""
    weights, ids = _table(numbers.weights, moved), labels.ids
    predicted = ops.argmax(ops.stop_gradient(moved), axis=-1)
    factor = ops.take(weights, predicted if numbers.weigh_by_prediction else ids, axis=0)
    if numbers.cost_use == "argmax":
        cost = _table(numbers.cost.ravel(), moved)
        place = ops.cast(ids, "int32") * numbers.n_classes + ops.cast(predicted, "int32")
        factor = factor * ops.take(cost, place, axis=0)
    own = ops.squeeze(ops.take_along_axis(log_p, ops.expand_dims(ids, -1), axis=-1), -1)
    return _weigh(factor, _bend(own, numbers.gamma))


def _parts(moved, labels, numbers):
    """What the loss of each class is multiplied by: label, after smoothing, x weight (x cost)."""
    weights = _table(numbers.weights, moved)
    predicted = ops.argmax(ops.stop_gradient(moved), axis=-1)
    if numbers.weigh_by_prediction:
        weights = ops.expand_dims(ops.take(weights, predicted, axis=0), -1)
    parts = labels.smoothed(numbers.smoothing) * weights
    if numbers.cost_use == "argmax":
        parts = parts * ops.take(_table(numbers.cost.T, moved), predicted, axis=0)
    return parts


def _expected(moved, labels, numbers):
    """sum_j p_j sum_k w_k y_k C[k, j]"""
    cost = _table(numbers.cost, moved)
    if labels.ids is not None and numbers.smoothing == 0 and not numbers.weigh_by_prediction:
        rows = ops.take(_table(numbers.weights[:, None] * numbers.cost, moved), labels.ids, axis=0)
    else:
        rows = ops.matmul(_parts_of_costs(moved, labels, numbers), cost)
    return ops.sum(rows * ops.exp(_log_softmax(moved)), axis=-1)


def _parts_of_costs(moved, labels, numbers):
    weights = _table(numbers.weights, moved)
    if numbers.weigh_by_prediction:
        predicted = ops.argmax(ops.stop_gradient(moved), axis=-1)
        weights = ops.expand_dims(ops.take(weights, predicted, axis=0), -1)
    return labels.smoothed(numbers.smoothing) * weights


def sigmoid_share(labels, numbers: Numbers, logits):
    """The weight of each cell."""
    absent, present = (_table(side, logits) for side in numbers.weights.T)
    return present * labels + absent * (1 - labels)


def sigmoid_losses(logits, labels, numbers: Numbers):
    """Weighted loss of each cell: each label is yes or no by itself."""
    moved = move(logits, numbers, lambda: labels)
    absent, present = (_table(side, logits) for side in numbers.weights.T)
    keep, spread = 1 - numbers.smoothing, numbers.smoothing / 2
    yes = _weigh(present * (labels * keep + spread), _bend(-ops.softplus(-moved), numbers.gamma))
    no = _weigh(absent * ((1 - labels) * keep + spread), _bend(-ops.softplus(moved), numbers.gamma))
    return yes + no
