"""Cases of the golden files of losses: their inputs, and how they are written.

A case is a call of another library and the options of ours that say the same. The file has both in
one line and what the call gave in the lines below; the inputs are not written. They follow from the
number of the case by the generator below, which test_loss_golden.c has too. Logits, labels and
weights are exact in float32 (soft labels, which stay float64, apart), so that one answer is right
for both precisions.
"""

import math

import numpy

LOGITS, LABELS, IGNORED, CLASSES, ROWS, MASK = range(6)
STREAMS = 8


class Draw:
    """Knuth's linear congruential generator of 64 bits; its upper half is used."""

    def __init__(self, number, stream):
        self.state = number * STREAMS + stream

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 32) % n

    def array(self, shape, n):
        return numpy.array([self.below(n) for _ in range(math.prod(shape))]).reshape(shape)


class Case:
    """One call. The fields are words of the file; those that are left at None are not written.

    shape     of the logits
    axis      the class axis, the last unless given
    labels    index, one-hot, soft, multi-hot, or soft multi-hot as "parts"
    classes   class weights: "weighted", or "some-zero"; of multi-hot labels "positive" (1, q) or
              "both" (w, w), or the weights of absence and presence themselves, "0.75,0.25"
    rows      row weights: "rows" or "positions"
    ignore    an id that a quarter of the positions has
    mask      1: a quarter of the positions is masked
    spread    logits are between -spread and spread, 4 unless given
    smoothing, parts, reduction, hessian (their Hessian is so many times ours): as they are
    """

    def __init__(self, number, peer, shape, labels, **fields):
        self.number, self.peer, self.shape, self.labels = number, peer, shape, labels
        self.fields = fields
        self.axis = fields.get("axis", len(shape) - 1)
        self.n_classes = shape[self.axis]
        self.positions = shape[: self.axis] + shape[self.axis + 1 :]
        self.smoothing = fields.get("smoothing", 0)
        self.ignore = fields.get("ignore")
        self.reduction = fields.get("reduction", "weighted-mean")

    def head(self):
        fields = {"shape": ",".join(map(str, self.shape)), "labels": self.labels, **self.fields}
        words = [f"{name}={value}" for name, value in fields.items() if value is not None]
        return f"case {self.number} {self.peer} {' '.join(words)}"

    def draw(self, stream):
        return Draw(self.number, stream)

    def logits(self):
        spread = self.fields.get("spread", 4)
        return (self.draw(LOGITS).array(self.shape, 1025) - 512) / 512 * spread

    def ids(self):
        """Class ids of the positions, the ignored one included."""
        ids = self.draw(LABELS).array(self.positions, self.n_classes)
        if self.ignore is None:
            return ids
        return numpy.where(self.draw(IGNORED).array(self.positions, 4) == 0, self.ignore, ids)

    def targets(self):
        """One number for each logit, the class axis where theirs is."""
        if self.labels in ("index", "one-hot"):
            return numpy.moveaxis(numpy.eye(self.n_classes)[self.ids()], -1, self.axis)
        if self.labels == "soft":
            return self.soft_targets()
        of = 2 if self.labels == "multi-hot" else 5
        return self.draw(LABELS).array(self.shape, of) / (of - 1)

    def soft_targets(self):
        draw = self.draw(LABELS)
        rows = []
        for _ in range(math.prod(self.positions)):
            row = [draw.below(4) for _ in range(self.n_classes)]
            row[draw.below(self.n_classes)] += 1
            rows.append([part / sum(row) for part in row])
        rows = numpy.array(rows).reshape(*self.positions, self.n_classes)
        return numpy.moveaxis(rows, -1, self.axis)

    def class_weights(self):
        """(K) numbers: the weights, or where labels are multi-hot those that they are made of."""
        kind, draw = self.fields.get("classes"), self.draw(CLASSES)
        if kind == "some-zero":
            return draw.array((self.n_classes,), 3) / 2
        if kind not in ("weighted", "positive", "both"):
            return None
        return (1 + draw.array((self.n_classes,), 12)) / 4

    def row_weights(self):
        """Of the first axis or of all positions; zeros among them."""
        if "rows" not in self.fields:
            return None
        shape = self.positions[:1] if self.fields["rows"] == "rows" else self.positions
        return self.draw(ROWS).array(shape, 8) / 4

    def mask(self):
        return self.draw(MASK).array(self.positions, 4) > 0 if "mask" in self.fields else None


def numbered(cases):
    """Cases of (peer, shape, labels, fields) tuples."""
    return [Case(number, *case[:3], **case[3]) for number, case in enumerate(cases)]


def print_line(name, values, digits):
    # Adding zero makes 0 of -0.
    words = [f"{float(x) + 0:.{digits}g}" for x in numpy.ravel(values)]
    print(name, *words)


def print_cases(cases, answer, digits):
    """`answer` makes a dictionary of a case: what the lines below its own are called and hold."""
    for case in cases:
        print(case.head())
        for name, values in answer(case).items():
            print_line(name, values, digits)
