"""Rows for boosted trees, drawn: two classes or three, rare ones among them, and row weights."""

import numpy as np


def draw(n_classes, n=1500, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 5)).astype(np.float32)
    hidden = x[:, 0] + 0.5 * rng.normal(size=n)
    y = np.digitize(hidden, [1.2] if n_classes == 2 else [0.6, 1.6])
    return x, y, rng.uniform(0.5, 2, n)


def corrected(p, weights):
    """Probabilities with class weights undone, by hand."""
    p = np.stack([1 - p, p], axis=1) if p.ndim == 1 else p
    p = p / np.asarray(weights, np.float64)
    return p / p.sum(axis=1, keepdims=True)


COST = np.array([[0, 1, 5], [2, 0, 1], [20, 6, 0]], float)
