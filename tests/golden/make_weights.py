"""Prints weights.txt: balanced weights of a thousand label arrays as scikit-learn gives them.

Run with scikit-learn and numpy installed (bench/requirements.txt); the versions used are named in
the first lines of the file. The arrays themselves are not written: they follow from the number of
the case by the generator below, which test_weights_golden.c has too.
"""

import numpy
import sklearn
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight

CASES = 1000
VERSIONS = f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}"
HEAD = f"""# Written by make_weights.py with {VERSIONS}.
# A case a line: rows and classes, the class weights (of odd cases: with row weights), the sum of
# the row weights.
"""


class Draw:
    """Knuth's linear congruential generator of 64 bits; its upper half is used."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 32) % n


def case(number):
    """Labels and row weights: ids apart by a stride from an offset, small ones more often."""
    draw = Draw(number)
    n, classes = 2 + draw.below(60), 2 + draw.below(6)
    offset, stride = draw.below(2000) - 1000, 1 + draw.below(3) * draw.below(2**30)
    labels, weights = [], []
    for _ in range(n):
        labels.append(offset + stride * min(draw.below(classes), draw.below(classes)))
        weights.append((1 + draw.below(8)) / 4)
    return numpy.array(labels, numpy.int64), numpy.array(weights)


def line(number):
    labels, weights = case(number)
    present = numpy.unique(labels)
    given = weights if number % 2 else None
    of_classes = compute_class_weight("balanced", classes=present, y=labels, sample_weight=given)
    of_rows = compute_sample_weight(dict(zip(present, of_classes)), labels)
    total = (of_rows * weights).sum() if number % 2 else of_rows.sum()
    numbers = [repr(float(x)) for x in [*of_classes, total]]
    return f"{len(labels)} {len(present)} {' '.join(numbers)}"


print(HEAD, end="")
for index in range(CASES):
    print(line(index))
