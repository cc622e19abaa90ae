#!/usr/bin/env python3
"""Prints a file like tests/golden/losses.txt, of random losses: any parts of what a peer offers, on
any shape.

Usage: random_losses.py SEED CASES
Cases whose answer is no number (PyTorch: all ignored, all weights zero) are left out.
"""

import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden"))
import make_losses  # noqa: E402
import numpy  # noqa: E402
from loss_cases import Case, print_line  # noqa: E402

N_CLASSES = (1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 100, 1000)
SMOOTHINGS = (None, 0.1, 0.5, 1)
MOST_LOGITS = 1024


def shape_of(draw, n_axes, axis, least_classes=1):
    """Few logits or up to a thousand, the class axis at `axis`."""
    shape = [draw.choice((1, 2, 3, 5)) for _ in range(n_axes)]
    shape[0] = draw.choice((1, 2, 5, 8, 9, 17))
    shape[axis] = draw.choice([k for k in N_CLASSES if k >= least_classes])
    while numpy.prod(shape) > MOST_LOGITS:
        shape[draw.randrange(n_axes)] = 2
    return tuple(shape)


def torch_softmax(draw):
    axes = draw.choice((2, 2, 3, 4, 5))
    shape, labels = shape_of(draw, axes, 1), draw.choice(("index", "index", "soft", "one-hot"))
    fields = {"axis": 1, "classes": draw.choice((None, "weighted", "some-zero")),
              "smoothing": draw.choice(SMOOTHINGS), "spread": draw.choice((1, 4, 64, 1024))}
    if labels == "index":
        ignored = draw.choice((None, -100, draw.randrange(shape[1])))
        reduction = draw.choice(("none", "sum", "weighted-mean"))
        return "torch.cross_entropy", shape, labels, {
            **fields, "ignore": ignored, "reduction": reduction}
    reduction = draw.choice(("none", "sum", "mean"))
    return "torch.cross_entropy", shape, labels, {**fields, "reduction": reduction}


def torch_sigmoid(draw):
    axes = draw.choice((2, 3, 4))
    axis = draw.randrange(1, axes)
    rows = draw.choice((None, "rows", "positions"))
    return "torch.binary_cross_entropy_with_logits", shape_of(draw, axes, axis), draw.choice(
        ("multi-hot", "parts")), {
            "axis": axis, "classes": draw.choice((None, "positive")), "rows": rows,
            "spread": draw.choice((1, 4, 64, 1024)),
            "reduction": draw.choice(("none", "sum", "mean"))}


def keras_fields(draw, axes):
    reduction = draw.choice(("none", "sum", "mean", "weighted-mean"))
    # With the weights of rows, its weighted mean is not one over positions.
    by_row = axes == 2 or reduction != "weighted-mean"
    rows = draw.choice((None, "positions", "rows" if by_row else "positions"))
    return {"rows": rows, "mask": draw.choice((None, 1)), "reduction": reduction}


def keras_softmax(draw):
    axes = draw.choice((2, 3))
    fields, shape = keras_fields(draw, axes), shape_of(draw, axes, axes - 1, 2)
    if draw.random() < 0.5:
        ignored = draw.choice((None, None, -1, draw.randrange(shape[-1])))
        return "keras.SparseCategoricalCrossentropy", shape, "index", {**fields, "ignore": ignored}
    labels, smoothing = draw.choice(("one-hot", "soft")), draw.choice(SMOOTHINGS)
    return "keras.CategoricalCrossentropy", shape, labels, {**fields, "smoothing": smoothing}


def keras_focal(draw):
    axes = draw.choice((2, 3))
    gamma = draw.choice((0, 0.5, 1, 2, 2.5, 5))
    fields = {**keras_fields(draw, axes), "parts": f"focal:gamma={gamma}"}
    if draw.random() < 0.5:
        return "keras.BinaryFocalCrossentropy", shape_of(draw, axes, axes - 1), "multi-hot", fields
    # Its class weights, alpha, are no part of its divisor.
    free = fields["reduction"] != "weighted-mean"
    return "keras.CategoricalFocalCrossentropy", shape_of(draw, axes, axes - 1, 2), draw.choice(
        ("one-hot", "soft")), {**fields, "smoothing": draw.choice(SMOOTHINGS),
                               "classes": draw.choice((None, "weighted")) if free else None}


def main():
    seed, n_cases = int(sys.argv[1]), int(sys.argv[2])
    draw = random.Random(seed)
    for number in range(seed * n_cases, (seed + 1) * n_cases):
        kind = draw.choice((torch_softmax, torch_sigmoid, keras_softmax, keras_focal))
        peer, shape, labels, fields = kind(draw)
        fields = {name: value for name, value in fields.items() if value is not None}
        case = Case(number, peer, shape, labels, **fields)
        answer = make_losses.answer(case)
        if all(numpy.isfinite(values).all() for values in answer.values()):
            print(case.head())
            for name, values in answer.items():
                print_line(name, values, make_losses.DIGITS)


main()
