"""Losses as docs/losses.md defines them, in NumPy and float64, and random ones to try.

Derivatives are those of the formula itself, by a step into the complex plane, which loses no
digits: f'(x) = Im f(x + ih) / h.
"""

import numpy as np

STEP = 1e-30


def log_softmax(z):
    top = z.real.max(axis=1, keepdims=True)
    return z - top - np.log(np.exp(z - top).sum(axis=1, keepdims=True))


def log_sigmoid(x):
    return np.where(x.real < 0, x - np.log(1 + np.exp(np.where(x.real < 0, x, 0))),
                    -np.log(1 + np.exp(-np.where(x.real < 0, 0, x))))


def bent(log_p, gamma):
    """-(1 - p)^gamma ln p."""
    return -(1 - np.exp(log_p)) ** gamma * log_p if gamma else -log_p


def transformed(z, labels, o):
    """z' of logits (n, K); the margin goes where the label is 1."""
    counts = o.get("counts")
    slopes, offsets, margins = (np.array(o.get(name, usual), float) for name, usual in
                                (("slopes", 1), ("offsets", 0), ("margins", 0)))
    scale = o.get("scale", 1)
    if "tau" in o:
        offsets = offsets + o["tau"] * np.log(counts / counts.sum())
    if "vs" in o:
        slopes = slopes * (counts / counts.max()) ** o["vs"][0]
        offsets = offsets + o["vs"][1] * np.log(counts / counts.sum())
    if "ldam" in o:
        margins = margins + o["ldam"][0] * (counts.min() / counts) ** 0.25
        scale = scale * o["ldam"][1]
    return scale * (slopes * z + offsets - margins * (labels == 1))


def softmax_losses(z, labels, o):
    """(n) losses without row weights, and the weights of their labels."""
    n_classes = z.shape[1]
    log_p = log_softmax(transformed(z, labels, o))
    largest = log_p.real.argmax(axis=1)
    weights = np.broadcast_to(o.get("weights", np.ones(n_classes)), labels.shape)
    if o.get("weigh_by_prediction"):
        weights = np.broadcast_to(o["weights"][largest][:, None], labels.shape)
    smoothing = o.get("smoothing", 0)
    parts = weights * (labels * (1 - smoothing) + smoothing / n_classes)
    share = (weights * labels).sum(axis=1)
    if o.get("cost_use") == "expected":
        costs = parts @ o["cost"] if "row_costs" not in o else \
            parts.sum(axis=1, keepdims=True) * o["row_costs"]
        return (costs * np.exp(log_p)).sum(axis=1), share
    if o.get("cost_use") == "argmax":
        rows = np.arange(len(z))
        price = o["cost"][:, largest].T if "row_costs" not in o else \
            o["row_costs"][rows, largest][:, None]
        parts = parts * price
    return (parts * bent(log_p, o.get("gamma", 0))).sum(axis=1), share


def sigmoid_losses(z, labels, o):
    """(n, L) losses of the labels without row weights, and their weights."""
    x = transformed(z, labels, o)
    weights = o.get("weights", np.ones((z.shape[1], 2)))
    smooth = labels * (1 - o.get("smoothing", 0)) + o.get("smoothing", 0) / 2
    gamma = o.get("gamma", 0)
    losses = (weights[:, 0] * (1 - smooth) * bent(log_sigmoid(-x), gamma)
              + weights[:, 1] * smooth * bent(log_sigmoid(x), gamma))
    return losses, weights[:, 0] * (1 - labels) + weights[:, 1] * labels


def divisor_of(o, weights, counted):
    """What the sum is divided by; the sum itself is 0 where that is 0."""
    reduction = o.get("reduction", "weighted-mean")
    if reduction == "divisor":
        return o["divisor"]
    found = {"weighted-mean": weights.sum(), "mean": counted.sum(), "sum": 1, "none": 1,
             "nonzero-mean": (weights != 0).sum()}[reduction]
    return found if found > 0 else np.inf


def formula(z, labels, o, row_weights=None, counted=None):
    """(value, losses of the units, gradient) of logits (n, K) and labels (n, K).

    Units are positions (n), of a sigmoid cells (n, L); `counted` is which of them count.
    """
    softmax = o.get("base", "softmax") == "softmax"
    losses_of = softmax_losses if softmax else sigmoid_losses
    shape = (len(z), 1) if softmax else z.shape
    counted = np.ones(shape) if counted is None else counted.reshape(shape)
    rows = np.ones(len(z)) if row_weights is None else row_weights
    used = counted * rows[:, None]

    def evaluate(at):
        losses, shares = losses_of(at, labels, o)
        return losses.reshape(shape) * used, shares.reshape(shape) * used

    losses, weights = evaluate(z.astype(complex))
    divisor = divisor_of(o, weights.real, counted)
    gradient = np.empty_like(z)
    for k in range(z.shape[1]):
        step = np.zeros_like(z)
        step[:, k] = STEP
        gradient[:, k] = evaluate(z + 1j * step)[0].sum(axis=1).imag / STEP / divisor
    losses = losses.real if not softmax else losses.real[:, 0]
    return losses.sum() / divisor, losses, gradient


# --- random ones ---

class Draw:
    """A random loss with a batch: what `Loss` takes, and what the formula takes."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.softmax = self.chance(0.7)
        self.n_classes = int(self.pick((1, 2, 3, 5, 9, 40)))
        leading = self.pick(((7,), (1,), (23,), (4, 3), (2, 3, 2)))
        self.positions, self.n = tuple(leading), int(np.prod(leading))
        self.axis = int(self.random.integers(1, len(leading) + 1))
        self.hard = self.chance(0.6)
        self.options, self.formula = {}, {}
        self.draw_parts()
        self.draw_batch()

    def chance(self, share):
        return bool(self.random.random() < share)

    def pick(self, choices):
        return choices[self.random.integers(len(choices))]

    def number(self, low, high, shape=()):
        return self.random.uniform(low, high, shape)

    def give(self, name, value, formula_name=None):
        self.options[name] = value
        self.formula[formula_name or name] = value

    def draw_parts(self):
        n_classes = self.n_classes
        self.give("base", "softmax" if self.softmax else "sigmoid")
        self.give("reduction", self.pick(("weighted-mean", "sum", "mean", "nonzero-mean",
                                          "divisor", "none")))
        if self.options["reduction"] == "divisor":
            self.give("divisor", 3.5)
        if self.chance(0.5):
            weights = self.number(0.2, 3, (n_classes,) if self.softmax else (n_classes, 2))
            weights[0] = self.pick((0, 1))
            self.give("class_weight", weights, "weights")
        for name in ("slopes", "offsets"):
            if self.chance(0.2):
                self.give(name, self.number(-1, 2, n_classes))
        if self.hard and self.chance(0.2):
            self.give("margins", self.number(0, 1, n_classes))
        if self.chance(0.2):
            self.give("scale", 1.5)
        if self.chance(0.3):
            self.give("label_smoothing", self.pick((0.1, 0.5, 1)), "smoothing")
        self.draw_bend()
        if self.softmax:
            self.draw_counts()

    def draw_bend(self):
        parts = []
        if self.softmax and self.chance(0.2):
            self.give("cost_use", self.pick(("argmax", "expected")))
            if self.chance(0.5):
                self.give("cost", self.number(0, 3, (self.n_classes, self.n_classes)))
        if self.options.get("cost_use") != "expected" and self.chance(0.3):
            self.formula["gamma"] = self.pick((0.5, 1, 2, 2.5))
            parts.append(f"focal:gamma={self.formula['gamma']}")
        if self.softmax and self.hard and "weights" in self.formula and self.chance(0.2):
            self.give("weigh_by_prediction", True)
        self.parts = parts

    def draw_counts(self):
        self.formula["counts"] = np.round(self.number(1, 100, self.n_classes))
        if self.chance(0.2):
            self.formula["tau"] = 0.7
            self.parts.append("logit-adjustment:tau=0.7")
        if self.chance(0.2):
            self.formula["vs"] = 0.2, 0.5
            self.parts.append("vs:gamma=0.2,tau=0.5")
        if self.hard and self.chance(0.2):
            self.formula["ldam"] = 0.4, 1.2
            self.parts.append("ldam:margin=0.4,scale=1.2")
        if len(self.parts) > (1 if "gamma" in self.formula else 0):
            self.options["counts"] = self.formula["counts"]

    def draw_batch(self):
        n, n_classes = self.n, self.n_classes
        self.z = self.number(-4, 4, (n, n_classes)).astype(np.float32).astype(float)
        self.batch = {}
        self.row_weights = None
        if self.chance(0.4):
            self.row_weights = self.random.integers(0, 4, n) / 2
            self.batch["sample_weight"] = self.row_weights.reshape(self.positions)
        counted = np.ones(n, bool)
        if self.chance(0.3):
            counted = self.random.random(n) < 0.7
            self.batch["mask"] = counted.reshape(self.positions)
        if "cost_use" in self.options and "cost" not in self.options:
            self.formula["row_costs"] = self.number(0, 3, (n, n_classes))
            self.batch["row_costs"] = self.placed(self.formula["row_costs"])
        if self.softmax:
            self.draw_classes(counted)
        else:
            self.draw_cells(counted)
        if self.parts:
            self.options["parts"] = " + ".join(self.parts)
        self.options["class_axis"] = self.axis

    def draw_classes(self, counted):
        ids = self.random.integers(0, self.n_classes, self.n)
        self.dense, self.counted = np.eye(self.n_classes)[ids], counted
        if self.hard and self.chance(0.6):
            if self.chance(0.4):
                self.options["ignore"] = -1
                self.counted = counted & (self.random.random(self.n) < 0.7)
                ids = np.where(self.counted | ~counted, ids, -1)
            self.labels = ids.reshape(self.positions)
            return
        if not self.hard:
            parts = self.random.integers(0, 4, self.dense.shape) + self.dense
            self.dense = parts / parts.sum(axis=1, keepdims=True)
        self.labels = self.placed(self.dense)

    def draw_cells(self, counted):
        cells = self.random.integers(0, 2 if self.hard else 17, (self.n, self.n_classes))
        self.dense = cells / (1 if self.hard else 16)
        self.counted = np.repeat(counted[:, None], self.n_classes, axis=1)
        labels = self.dense.copy()
        if self.chance(0.3):
            self.options["ignore"] = -1
            gone = self.random.random(labels.shape) < 0.2
            labels[gone] = -1
            self.counted &= ~gone
        self.labels = self.placed(labels)

    def placed(self, rows):
        """(n, K) as arrays of the batch have it: class axis in its place, any strides."""
        whole = rows.reshape(*self.positions, self.n_classes)
        return np.moveaxis(whole, -1, self.axis)

    def answer(self):
        """(value or losses, gradient) by the formula, in the shapes of the batch."""
        value, losses, gradient = formula(self.z, self.dense, self.formula, self.row_weights,
                                          self.counted)
        if self.options["reduction"] == "none":
            value = losses.reshape(self.positions) if self.softmax else self.placed(losses)
        return value, self.placed(gradient)
