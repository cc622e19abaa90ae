"""What boosted trees are given: gradient and curvature of weighted losses, metrics, first scores.

Scores are raw: (n) log-odds of class 1 for two classes, (n, K) logits for more. Two classes are
logits (0, score).
"""

from __future__ import annotations

import numpy as np

from steelyard import _loss_options as options_of
from steelyard._core.losses import CoreLoss
from steelyard.arrays import to_numpy
from steelyard.decisions import cost_matrix

COST_USES = {"cost-expected": "expected", "cost-argmax": "argmax"}
SHORT = {"balanced-softmax": "logit-adjustment:tau=1"}
PLAIN = ("softmax", "cross-entropy")
METRICS = ("weighted-log-loss", "log-loss", "average-cost")
LEAST = 1e-16  # what the boosters themselves keep a curvature above


def logits_of(scores) -> np.ndarray:
    """(n, K) float32 or float64 logits of raw scores."""
    scores = np.asarray(scores)
    if scores.dtype not in (np.float32, np.float64):
        scores = scores.astype(np.float64)
    if scores.ndim == 2 and scores.shape[1] == 1:
        scores = scores[:, 0]
    if scores.ndim == 1:
        return np.stack([np.zeros_like(scores), scores], axis=1)
    if scores.ndim != 2:
        raise ValueError(f"scores: shape {scores.shape}; (n) or (n, K) would be right")
    return np.ascontiguousarray(scores)


def ids_of(labels, n: int, n_classes: int) -> np.ndarray:
    """Class ids of labels, which boosters keep as float32."""
    labels = to_numpy(labels, "labels")
    if labels.shape != (n,):
        raise ValueError(f"labels: shape {labels.shape} for the scores of {n} rows; ({n},) would "
                         "be right")
    if labels.dtype.kind not in "biuf":
        raise ValueError("labels: texts; class ids 0, 1, ... would be right")
    with np.errstate(invalid="ignore"):
        ids = labels.astype(np.int32)
    wrong = (ids != labels) | (ids < 0) | (ids >= n_classes)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"labels: {labels[row]:g} at row {row + 1} is none of the class ids "
                         f"0..{n_classes - 1}")
    return ids


def row_weights_of(weights) -> np.ndarray | None:
    """Weights of rows; boosters tell that there are none by None or by no entries."""
    if weights is None or np.size(weights) == 0:
        return None
    return np.ascontiguousarray(to_numpy(weights, "weights"), dtype=np.float64)


def _parse(loss: str):
    """(parts for the library or None, cost_use or None) of the name of a loss."""
    parts, cost_use = [], None
    for piece in (piece.strip() for piece in loss.replace("+", " + ").split(" + ")):
        if piece in COST_USES:
            cost_use = COST_USES[piece]
        elif piece not in PLAIN:
            parts.append(SHORT.get(piece, piece))
    return " + ".join(parts) or None, cost_use


class Spec:
    """A loss for trees: what does not change from one round to the next."""

    def __init__(self, loss="softmax", *, class_weight=None, counts=None, cost=None,
                 label_smoothing=0.0, least_curvature=None):
        if not isinstance(loss, str):
            raise ValueError(f"loss: {loss!r}; a name ('softmax', 'focal:gamma=2', "
                             "'cost-expected') would be right")
        self.loss, self.class_weight, self.counts, self.cost = loss, class_weight, counts, cost
        self.label_smoothing = label_smoothing
        self.parts, self.cost_use = _parse(loss)
        self.bent = self.cost_use is not None or "focal" in (self.parts or "")
        if least_curvature is None:
            least_curvature = 0.1 if self.bent else 0.0
        if not 0 <= least_curvature < np.inf:
            raise ValueError(f"least_curvature: {least_curvature}; a number of 0 or more would be "
                             "right")
        self.least_curvature = least_curvature
        self._last = None  # (ids, row weights, core) of the last call
        self.weights_ = None  # (K) class weights, once they are known
        self.counts_ = None
        self._check()

    def _check(self):
        """What can be said before there are data."""
        if (self.cost is None) != (self.cost_use is None):
            raise ValueError("cost: it goes with loss='cost-expected' (or 'cost-argmax'), and that "
                             "with a cost; class_weight takes weights, decide() takes costs")
        CoreLoss(2, parts=self.parts, counts=np.ones(2), smoothing=float(self.label_smoothing))

    def __getstate__(self):
        return {**self.__dict__, "_last": None}

    def __deepcopy__(self, memo):
        """Boosters and scikit-learn copy their parameters; a metric is to know the weights of the
        objective that was trained with, and what a policy computes goes by each call's labels."""
        return self

    # --- what goes by the data ---

    def _needs_data(self) -> bool:
        by_policy = isinstance(self.class_weight, str)
        return self.counts is None and (by_policy or self.parts is not None)

    def core(self, ids, row_weights, n_classes: int) -> CoreLoss:
        """The loss for training data: policies and parts go by their counts if none are given."""
        last = self._last
        if last is not None and last[2].n_classes == n_classes and (
                not self._needs_data() or _same(last, ids, row_weights)):
            return last[2]
        counts = self.counts
        if counts is None and self._needs_data():
            counts = np.bincount(ids, row_weights, n_classes).astype(np.float64)
        self._set(counts, n_classes)
        cost = options_of.costs(self.cost, n_classes)
        core = CoreLoss(n_classes, class_weights=self.weights_, parts=self.parts,
                        counts=self._counts_of_parts(), smoothing=float(self.label_smoothing),
                        cost_use=self.cost_use, cost=cost, reduction="sum")
        self._last = (ids.copy(), row_weights, core)
        return core

    def _set(self, counts, n_classes: int) -> None:
        self.counts_ = options_of.by_class(counts, n_classes, "counts")
        if isinstance(self.class_weight, str) and self.counts_ is not None:
            self._refuse_absent()
        self.weights_ = options_of.softmax_weights(self.class_weight, n_classes, self.counts_)

    def _refuse_absent(self):
        absent = np.flatnonzero(self.counts_ == 0)
        if len(absent):
            raise ValueError(f"class_weight: the policy {self.class_weight!r} has no weight for "
                             f"class {absent[0]}, which has no rows; counts= or weights by class "
                             "would be right")

    def _counts_of_parts(self):
        return self.counts_ if self.parts and self.parts.strip() and self._by_counts() else None

    def _by_counts(self) -> bool:
        return any(name in self.parts for name in ("logit-adjustment", "ldam", "vs"))

    # --- gradient and curvature ---

    def derivatives(self, scores, labels, row_weights, factor):
        """(gradient, curvature) by the scores, in their shape; factor(K) multiplies the latter.

        Curvature is the diagonal of the Hessian times the factor, at least least_curvature times
        the size of the gradient (of losses that bend down: focal, costs), at least 1e-16.
        """
        logits = logits_of(scores)
        n, n_classes = logits.shape
        ids, row_weights = ids_of(labels, n, n_classes), row_weights_of(row_weights)
        core = self.core(ids, row_weights, n_classes)
        gradient, curvature = np.empty_like(logits), np.empty_like(logits)
        core.evaluate(logits, ids, 1, row_weights=row_weights, gradient=gradient,
                      hessian=curvature)
        if np.ndim(scores) == 1 or np.shape(scores)[1] == 1:
            gradient, curvature = gradient[:, 1], curvature[:, 1]
            shape = np.shape(scores)
        else:
            curvature, shape = curvature * factor(n_classes), logits.shape
        curvature = self._bounded(gradient, curvature, row_weights)
        return (np.ascontiguousarray(gradient).reshape(shape),
                np.ascontiguousarray(curvature).reshape(shape))

    def _bounded(self, gradient, curvature, row_weights):
        least = np.maximum(np.abs(gradient) * self.least_curvature, LEAST).astype(curvature.dtype)
        if row_weights is not None:  # a row of weight 0 is absent
            present = row_weights > 0
            least = least * (present if least.ndim == 1 else present[:, None])
        return np.maximum(curvature, least)

    # --- what scores mean ---

    def _require_weights(self, n_classes: int) -> None:
        if self.weights_ is None and not (isinstance(self.class_weight, str)
                                          and self.counts is None):
            self._set(self.counts, n_classes)
        if isinstance(self.class_weight, str) and self.weights_ is None:
            raise ValueError(f"class_weight: the policy {self.class_weight!r} goes by the training "
                             "data, which this objective has not seen: train with it first, or "
                             "give counts=")

    def offsets(self, n_classes: int) -> np.ndarray:
        """What is added to logits to have those of true probabilities; ValueError where nothing
        is."""
        if self.bent or self.label_smoothing or (self.parts and "ldam" in self.parts):
            raise ValueError(f"probabilities: those of the loss {self.loss!r} are scores that no "
                             "constant corrects; steelyard.Calibration on rows that the model did "
                             "not see would be right")
        if self.parts and "vs" in self.parts:
            raise ValueError("probabilities: slopes ('vs') go with the logits, not with an offset; "
                             "steelyard.Calibration would be right")
        self._require_weights(n_classes)
        made = np.zeros(n_classes)
        if self.weights_ is not None:
            if (self.weights_ == 0).any():
                k = int(np.flatnonzero(self.weights_ == 0)[0])
                raise ValueError(f"probabilities: class {k} weighed 0 in training, so that nothing "
                                 "tells how frequent it is")
            made -= np.log(self.weights_)
        if self.parts:
            made += self._adjustment(n_classes)
        return made

    def _adjustment(self, n_classes: int) -> np.ndarray:
        """The offsets of logit adjustment that training added: the loss of logits 0 tells them."""
        if self.counts_ is None:
            raise ValueError(f"probabilities: the loss {self.loss!r} goes by the training data, "
                             "which this objective has not seen: train with it first, or give "
                             "counts=")
        core = CoreLoss(n_classes, parts=self.parts, counts=self.counts_, reduction="none")
        losses = np.empty(n_classes)
        core.evaluate(np.zeros((n_classes, n_classes)), np.arange(n_classes, dtype=np.int32), 1,
                      losses=losses)
        return -losses

    def probabilities(self, scores) -> np.ndarray:
        """(n, K) true probabilities of raw scores: class weights and adjustments undone."""
        logits = logits_of(scores).astype(np.float64)
        return _softmax(logits + self.offsets(logits.shape[1]))

    def first_scores(self, labels, row_weights, n_classes: int):
        """Raw scores that fit best where nothing is known but the weighted shares: a float for two
        classes, (K) for more."""
        ids, row_weights = ids_of(labels, np.size(labels), n_classes), row_weights_of(row_weights)
        self.core(ids, row_weights, n_classes)
        shares = np.bincount(ids, row_weights, n_classes).astype(np.float64)
        if self.weights_ is not None:
            shares = shares * self.weights_
        if (shares == 0).any():
            k = int(np.flatnonzero(shares == 0)[0])
            raise ValueError(f"first scores: class {k} has no weight in these labels, and its "
                             "score would be infinite")
        scores = np.log(shares / shares.sum())
        if self.parts and "logit-adjustment" in self.parts and "vs" not in self.parts:
            scores -= self._adjustment(n_classes)
        return float(scores[1] - scores[0]) if n_classes == 2 else scores - scores.mean()


def _same(last, ids, row_weights) -> bool:
    weights = last[1]
    if (weights is None) != (row_weights is None) or not np.array_equal(last[0], ids):
        return False
    return weights is None or np.array_equal(weights, row_weights)


def _softmax(logits) -> np.ndarray:
    away = np.exp(logits - logits.max(axis=1, keepdims=True))
    return away / away.sum(axis=1, keepdims=True)


def n_classes_of(labels, n_classes) -> int:
    """Classes as declared, or as many as the labels say."""
    if n_classes is not None:
        return int(n_classes)
    labels = to_numpy(labels, "labels")
    if labels.size == 0 or labels.dtype.kind not in "biuf" or not np.isfinite(labels).all():
        raise ValueError("labels: class ids 0, 1, ... would be right")
    return max(int(labels.max()) + 1, 2)


class MetricSpec:
    """Metrics of raw scores or probabilities, of rows with weights."""

    def __init__(self, names, objective, class_weight, counts, cost, raw):
        names = [names] if isinstance(names, str) else list(names)
        for name in names:
            if name not in METRICS:
                raise ValueError(f"there is no metric {name!r}; there are {', '.join(METRICS)}")
        if not names:
            raise ValueError("metrics: none is named")
        if objective is not None and (class_weight is not None or counts is not None):
            raise ValueError("objective and class_weight (or counts): the objective has its own; "
                             "one of them would be right")
        if ("average-cost" in names) != (cost is not None):
            raise ValueError("cost: it goes with the metric 'average-cost', and that with a cost")
        spec = getattr(objective, "spec", None)
        self.spec = spec or Spec(class_weight=class_weight, counts=counts)
        if objective is not None and spec is None:
            raise ValueError(f"objective: {objective!r}; what objective() gives would be right")
        self.names, self.cost, self.raw = names, cost, raw

    def __call__(self, scores, labels, row_weights) -> list:
        """[(name, value)]; each lower the better."""
        logits = self._logits(scores)
        n, n_classes = logits.shape
        ids = ids_of(labels, n, n_classes)
        weights = row_weights_of(row_weights)
        weights = np.ones(n) if weights is None else weights
        if not weights.sum() > 0:
            raise ValueError("metric: no row weighs more than 0")
        return [(name, self._value(name, logits, ids, weights)) for name in self.names]

    def _logits(self, scores):
        if self.raw:
            return logits_of(scores).astype(np.float64)
        p = np.asarray(scores, np.float64)
        if p.size and (not np.isfinite(p).all() or p.min() < 0 or p.max() > 1):
            raise ValueError("metric: these are no probabilities: raw=True (with an objective of "
                             "one's own boosters give raw scores) would be right")
        p = np.clip(p, np.finfo(np.float64).tiny, 1)
        if p.ndim == 1:
            p = np.stack([np.clip(1 - p, 1e-16, 1), p], axis=1)
        return np.log(p)

    def _value(self, name, logits, ids, weights) -> float:
        n_classes = logits.shape[1]
        if name == "weighted-log-loss":
            self.spec._require_weights(n_classes)
            if self.spec.weights_ is not None:
                weights = weights * self.spec.weights_[ids]
            return _log_loss(logits, ids, weights)
        true = logits + self.spec.offsets(n_classes)
        if name == "log-loss":
            return _log_loss(true, ids, weights)
        cost = cost_matrix(self.cost, n_classes)
        chosen = (_softmax(true) @ cost).argmin(axis=1)
        return float((cost[ids, chosen] * weights).sum() / weights.sum())


def _log_loss(logits, ids, weights) -> float:
    core = CoreLoss(logits.shape[1])
    return core.evaluate(np.ascontiguousarray(logits), ids, 1, row_weights=weights)[0]
