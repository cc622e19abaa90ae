"""Class weights from labels or counts, weights of rows, counts that grow block by block."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from steelyard import _labels, arrays
from steelyard._audit import Audit
from steelyard._core.labels import ClassCounts
from steelyard._core.weights import CoreAudit, Policy, weigh, weigh_positions
from steelyard._types import ArrayLike, Classes, ClassWeight, NumbersByClass


class WeightWarning(UserWarning):
    """Something about class weights that is legal, and more likely a mistake."""


class ClassWeights(dict):
    """Weights by class: a dict whose keys are the labels as they were given.

    Of several labels a row the values are pairs, (absent, present).

    Attributes
    ----------
    array : float32 (K), or (L, 2) of several labels a row, in the order of the classes
    classes : list of the classes in their order
    policy : text of the policy
    audit : Audit, what these weights do to the data
    """

    def __init__(self, keys: Iterable[Any], weights: np.ndarray, classes: list, policy: str,
                 audit: Audit):
        if weights.ndim == 1:
            super().__init__(zip(keys, weights.tolist()))
        else:
            super().__init__(zip(keys, map(tuple, weights.tolist())))
        self.array: np.ndarray = weights.astype(np.float32)
        self.classes = classes
        self.policy = policy
        self.audit = audit

    def __reduce__(self):
        return _unpickled, (dict(self), self.array, self.classes, self.policy, self.audit)

    def _repr_html_(self) -> str:
        return self.audit._repr_html_()


def _unpickled(items, array, classes, policy, audit):
    made = ClassWeights.__new__(ClassWeights)
    made.update(items)
    made.array, made.classes, made.policy, made.audit = array, classes, policy, audit
    return made


def class_weights(y: ArrayLike = None, policy: ClassWeight = "balanced", *,
                  counts: NumbersByClass | Counts | None = None, kind: str | None = None,
                  classes: Classes = None, keys: str | None = None, normalize: str | None = None,
                  sample_weight: ArrayLike = None, mask: ArrayLike = None, ignore: Any = None,
                  cost: Any = None) -> ClassWeights:
    """Weights of classes, from labels or from counts.

    Parameters
    ----------
    y : labels, whose kind is
        "index" (n, ...) integers or booleans: the class id at each position;
        "name" (n, ...) texts; "name-list" texts that name any number of labels ("a;b");
        "one-hot" (n, ..., K), soft labels too; "multi-hot" (n, ..., L) of 0 and 1.
    policy : text ("balanced", "sqrt", "effective:0.999", "log:auto", "None=1,damage=5", ...; see
        docs/weights.md), dict {label: weight} (perhaps with "default"), weights in the order of
        the classes, or None for ones. Several labels a row: also pairs (absent, present).
    counts : instead of y: dict {label: count}, counts in the order of `classes`, or Counts.
    kind : None means "index" for one axis of integers and "name" for one axis of texts.
    classes : the classes in their order, or their number; None: those present, sorted.
    keys : None for labels as they are (int, str or bool), "index" for 0..K-1.
    normalize : None, "sum", "classes", "rows", "min" or "max".
    sample_weight : weight of each row (n), or of each position; a row of weight k is k rows.
    mask : positions that count (not 0), shape of the positions, or (n).
    ignore : a label whose positions are taken out; of multi-hot the value of a cell (-1, say).
    cost : of the policy "cost": cost[actual][predicted] as `decide` takes it.

    Returns
    -------
    ClassWeights, a dict {label: weight} with `.array`, `.classes`, `.policy` and `.audit`.

    Raises
    ------
    ValueError naming position, value and what would be right.

    Warns
    -----
    WeightWarning of what is suspicious: a class without rows, weights that are frequencies, ...
    That a class of few rows carries much of the loss stands in `.audit.warnings`.
    """
    if y is None:
        reading, counted = _given_counts(counts, classes)
        labels = _labels_of(reading, counted)
    elif counts is not None:
        raise ValueError("y and counts are both given: one of them would be right")
    else:
        reading, values = _labels.read(y, kind, classes, ignore)
        counter = reading.counter()
        counter.add(reading.block(values, mask, sample_weight))
        counted = counter.counts()
        labels = reading.labels(counted)
    return _class_weights(labels, counted, policy, keys, normalize, cost)


def sample_weights(y: ArrayLike, class_weight: ClassWeight = "balanced", *,
                   sample_weight: ArrayLike = None, kind: str | None = None,
                   classes: Classes = None, mask: ArrayLike = None, ignore: Any = None,
                   normalize: str | None = None, dtype: Any = "float32") -> Any:
    """The weight of each row: class weight x row weight x mask.

    Parameters
    ----------
    y, kind, classes, sample_weight, mask, ignore : as class_weights has them.
    class_weight : a policy as class_weights has it, ClassWeights (whose classes are declared by
        that: y may be a batch that lacks some), or None for ones.
    normalize : what the class weights are scaled to.
    dtype : "float32" or "float64".

    Returns
    -------
    Weights of y's leading shape, in y's own kind (a Series with y's index, a tensor, ...): one for
    each position; of soft labels sum_k y_k w_k; of several labels a row one for each cell,
    (n, ..., L). What is taken out weighs 0.
    """
    known = isinstance(class_weight, ClassWeights) and classes is None and normalize is None
    reading, values = _labels.read(y, kind, class_weight.classes if known else classes, ignore)
    block = reading.block(values, mask, sample_weight)
    counter = reading.counter()
    counter.add(block)
    counted = counter.counts()
    labels = reading.labels(counted)
    if known:  # weighed before, from other rows perhaps: a batch need not hold every class
        weights = np.array(list(class_weight.values()), dtype=np.float64)
    else:
        used, weights = _weigh(labels, counted, class_weight, normalize, None)
        _warn(counted.messages + CoreAudit(used, counted, weights).warnings)
    return arrays.like(_position_weights(reading, counter, weights, values, block, dtype), y,
                       labels)


def _position_weights(reading, counter, weights, values, block, dtype):
    shape = values[0].shape if isinstance(values, tuple) else values.shape
    if reading.kind == "one-hot":
        shape = shape[:-1]
    elif reading.kind == "name-list":
        shape = (*shape, len(weights))
    if dtype not in ("float32", "float64") and np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"weights of type {dtype} are not made: float32 or float64 would be right")
    made = np.empty(shape, dtype)
    weigh_positions(counter, weights, block, made)
    return made


# --- policies ---

def _class_weights(labels, counted, policy, keys, normalize, cost):
    used, weights = _weigh(labels, counted, policy, normalize, cost)
    core = CoreAudit(used, counted, weights)
    noticed = counted.messages + core.warnings
    _warn(noticed)
    text = "given weights" if used is None else used.text
    return ClassWeights(_keys(labels, keys), weights, labels, text, Audit(core, labels, noticed))


# How the library ends its remark on a class of few rows: it is about the data, no mistake, and so
# stands in the audit alone.
_FEW_ROWS = "relies on them less"


def _warn(noticed):
    """Warns where the caller's own line is, whichever part of the package weighs for him."""
    if not noticed:
        return
    level, frame = 2, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("steelyard."):
        level, frame = level + 1, frame.f_back
    for line in noticed:
        if not line.endswith(_FEW_ROWS):
            warnings.warn(line, WeightWarning, stacklevel=level)


def _keys(labels, keys):
    if keys is None:
        return labels
    if keys != "index":
        raise ValueError(f"keys={keys!r}: None (the labels themselves) or 'index' (0..K-1) would "
                         "be right")
    return range(len(labels))


def _weigh(labels, counted, policy, normalize, cost):
    """The policy that was used (None where weights were given as pairs), weights (K) or (L, 2)."""
    several = counted.n_labels > 0
    policy = _plain_policy(policy, labels, several)
    if isinstance(policy, np.ndarray):
        if normalize not in (None, "none"):
            raise ValueError("pairs of weights are taken as they are: normalize=None would be "
                             "right")
        return None, policy
    if policy.needs_cost:
        policy.set_cost(_cost_matrix(cost, labels), counted)
    elif cost is not None:
        raise ValueError(f"cost= goes with policy='cost', not with '{policy.text}'")
    weights = np.empty((len(labels), 2) if several else len(labels))
    weigh(policy, normalize, counted, weights)
    return policy, weights


def _cost_matrix(cost, labels):
    if cost is None:
        raise ValueError("the policy 'cost' needs cost=, what the mistakes cost: "
                         "cost={('fraud', 'ok'): 100} or a matrix cost[actual][predicted]")
    from steelyard.decisions import cost_matrix
    return np.ascontiguousarray(cost_matrix(cost, labels), dtype=np.float64)


def _plain_policy(policy, labels, several):
    """A Policy, or the pairs (L, 2) that were given."""
    if isinstance(policy, str):
        return Policy.parse(policy)
    if policy is None:
        return Policy.parse("none")
    if isinstance(policy, Mapping):
        if isinstance(policy, ClassWeights):
            policy = dict(zip(policy.classes, policy.values()))
        pairs = several and any(np.ndim(weight) for weight in policy.values())
        return _pairs(policy, labels) if pairs else _explicit(policy, labels)
    weights = np.ascontiguousarray(_labels.floats(policy, "weights"), dtype=np.float64)
    if several and weights.shape == (len(labels), 2):
        return weights
    if weights.ndim != 1:
        raise ValueError(f"weights by position have shape {weights.shape}: ({len(labels)},) would "
                         "be right" + (f", or ({len(labels)}, 2)" if several else ""))
    return Policy.by_position(weights)


def _explicit(given, labels):
    key = _labels.key_of(labels)
    rest = given.get("default") if "default" not in labels else None
    named = [label for label in given if rest is None or label != "default"]
    weights = np.array([_number(given[label], label) for label in named], dtype=np.float64)
    return Policy.explicit([_labels.name_of(_labels.plain_label(label), key) for label in named],
                           weights, None if rest is None else _number(rest, "default"))


def _number(weight, label):
    try:
        return float(weight)
    except (TypeError, ValueError):
        raise ValueError(f"the weight {weight!r} of class {label!r} is no number: a number of 0 or "
                         "more would be right") from None


def _pairs(given, labels):
    """Weights (L, 2) of labels by name; a single weight is that of presence."""
    names = {_labels.name_of(label, _labels.key_of(labels)): l for l, label in enumerate(labels)}
    rest = None if "default" in labels else given.get("default")
    made = np.full((len(labels), 2), np.nan) if rest is None else np.tile(_pair(rest, "default"),
                                                                       (len(labels), 1))
    for label, weight in given.items():
        l = names.get(_labels.name_of(_labels.plain_label(label), _labels.key_of(labels)))
        if l is not None:
            made[l] = _pair(weight, label)
        elif label != "default" or rest is None:
            raise ValueError(f"a weight is given for label {label!r}, which is none of the "
                             f"{len(labels)} labels")
    for l in np.flatnonzero(np.isnan(made).any(axis=1)):
        raise ValueError(f"label {labels[l]!r} has no weight; name it, or add a 'default' for all "
                         "that are not named")
    return made


def _pair(weight, label):
    pair = (1.0, weight) if np.ndim(weight) == 0 else tuple(weight)
    if len(pair) != 2:
        raise ValueError(f"the weights {weight!r} of label {label!r} are {len(pair)}: two, of its "
                         "absence and of its presence, would be right")
    numbers = tuple(_number(part, label) for part in pair)
    for number in numbers:
        if not 0 <= number < np.inf:
            raise ValueError(f"the weight {number:g} of label {label!r} is not usable; it must be "
                             "0 or more and finite")
    return numbers


# --- counts ---

def _given_counts(counts, classes):
    """How the labels of counts are called, and the counts."""
    if counts is None:
        raise ValueError("there are neither labels nor counts: y or counts= would be right")
    if isinstance(counts, Counts):
        if classes is not None:
            raise ValueError("classes= are declared where labels are counted: Counts(classes=...) "
                             "would be right")
        return counts._reading, counts._counted()
    if isinstance(counts, Mapping):
        labels, numbers = _counts_by_label(counts, classes)
    else:
        numbers = np.ascontiguousarray(_labels.floats(counts, "counts"), dtype=np.float64)
        labels = _labels.declared_classes(classes if classes is not None else len(numbers))
    if numbers.ndim != 1 or len(labels) != len(numbers):
        raise ValueError(f"counts have shape {numbers.shape}, but there are {len(labels)} classes: "
                         "one count for each would be right")
    key = _labels.key_of(labels)
    return labels, ClassCounts.of([_labels.name_of(label, key) for label in labels], numbers)


def _labels_of(reading, counted):
    return reading if isinstance(reading, list) else reading.labels(counted)


def _counts_by_label(counts, classes):
    labels = [_labels.plain_label(label) for label in counts]
    numbers = {label: _number_of_rows(count, label) for label, count in
               zip(labels, counts.values())}
    if classes is not None:
        declared = _labels.declared_classes(classes)
        for label in labels:
            if label not in declared:
                raise ValueError(f"a count is given for class {label!r}, which is none of the "
                                 f"{len(declared)} declared classes")
        labels = declared
    return labels, np.array([numbers.get(label, 0.0) for label in labels], dtype=np.float64)


def _number_of_rows(count, label):
    try:
        return float(count)
    except (TypeError, ValueError):
        raise ValueError(f"the count {count!r} of class {label!r} is no number: rows, 0 or more, "
                         "would be right") from None


class Counts:
    """Counts of classes that grow block by block, from generators, files or several processes.

    Blocks and counts may be added in any order and give the same bits.

    Parameters
    ----------
    kind : as class_weights has it; None: what the first block of labels is by itself.
    classes : the classes in their order, or their number; None: those present, sorted.
    ignore : a label whose positions are taken out.
    """

    def __init__(self, kind: str | None = None, *, classes: Classes = None, ignore: Any = None):
        self._given = (kind, classes, ignore)
        self._reading = None
        self._counter = None
        self._known = None
        self._lock = threading.Lock()

    def update(self, y: ArrayLike, sample_weight: ArrayLike = None,
               mask: ArrayLike = None) -> Counts:
        """Counts a block; where it fails, nothing of it is counted. Returns self."""
        if self._reading is None:
            reading, values = _labels.read(y, *self._given)
        else:
            reading, values = self._reading, _labels.reread(y, self._reading)
        block = reading.block(values, mask, sample_weight)
        with self._lock:
            counter = reading.counter() if self._counter is None else self._counter
            counter.add(block)
            self._reading, self._counter, self._known = reading, counter, None
        return self

    def merge(self, other: Counts) -> Counts:
        """Adds what another has counted. Returns self."""
        if not isinstance(other, Counts):
            raise ValueError(f"a {type(other).__name__} cannot be merged: Counts would be right")
        if other._counter is None:
            return self
        with self._lock:
            reading = self._reading or self._reading_like(other._reading)
            counter = self._counter or reading.counter()
            counter.merge(other._counter)
            self._reading, self._counter, self._known = reading, counter, None
        return self

    def _reading_like(self, reading):
        """How an empty one reads labels: as another, but for what it was told."""
        kind, classes, ignore = self._given
        kind = reading.kind if kind is None else _labels.spelled(kind)
        return _labels.Reading(kind, reading.key, classes, ignore)

    def __add__(self, other: Counts) -> Counts:
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts(self._given[0], classes=self._given[1],
                      ignore=self._given[2]).merge(self).merge(other)

    def __getstate__(self):
        with self._lock:
            counted = None if self._counter is None else self._counter.to_bytes()
            return {"given": self._given, "reading": self._reading, "counted": counted}

    def __setstate__(self, state):
        self.__init__(state["given"][0], classes=state["given"][1], ignore=state["given"][2])
        if state["counted"] is not None:
            self._reading = state["reading"]
            self._counter = _labels.Counter.from_bytes(self._reading.kind, state["counted"])

    def _counted(self):
        if self._counter is None:
            raise ValueError("nothing has been counted: update(y) first")
        if self._known is None:
            self._known = self._counter.counts()
        return self._known

    @property
    def classes(self) -> list:
        """The classes in their order."""
        return self._reading.labels(self._counted()) if self._counter else []

    @property
    def counts(self) -> dict[Any, Any]:
        """Sum of row weights of each class, {label: count}; of several labels a row the pairs
        (absent, present). Whole numbers are int."""
        return {label: _whole(count) for label, count in zip(self.classes, self._weights())}

    def _weights(self):
        return self._counted().weights if self._counter else []

    @property
    def rows(self) -> int:
        """Rows of the first axis seen."""
        return self._counted().first_axis if self._counter else 0

    @property
    def ignored(self) -> int:
        """Positions taken out by mask or ignore; of several labels a row, cells."""
        return self._counted().ignored if self._counter else 0

    def class_weights(self, policy: ClassWeight = "balanced", *, keys: str | None = None,
                      normalize: str | None = None, cost: Any = None) -> ClassWeights:
        """Weights of the classes counted, as steelyard.class_weights gives them."""
        counted = self._counted()
        return _class_weights(self._reading.labels(counted), counted, policy, keys, normalize, cost)

    def sample_weights(self, y: ArrayLike, class_weight: ClassWeight = "balanced", *,
                       sample_weight: ArrayLike = None, mask: ArrayLike = None,
                       normalize: str | None = None, dtype: Any = "float32") -> Any:
        """Weights of the rows of y by the classes counted, as steelyard.sample_weights gives
        them. A label that was not counted is an error."""
        counted = self._counted()
        labels = self._reading.labels(counted)
        _, weights = _weigh(labels, counted, class_weight, normalize, None)
        values = _labels.reread(y, self._reading)
        block = self._reading.block(values, mask, sample_weight)
        made = _position_weights(self._reading, self._counter, weights, values, block, dtype)
        return arrays.like(made, y, labels)

    def __repr__(self):
        if self._counter is None:
            return "Counts()"
        return f"Counts({self.rows} rows: {self.counts})"


def _whole(count):
    if isinstance(count, tuple):
        return tuple(map(_whole, count))
    return int(count) if count == int(count) else count
