"""The options of a loss as numbers that Keras's operations take."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from steelyard import _loss_options as read
from steelyard._core.losses import CoreLoss

# Options that have a number for each class.
BY_CLASS = ("class_weight", "positive_weight", "slopes", "offsets", "margins")

# What a part has where it does not say otherwise.
_USUAL = {
    "focal": {"gamma": 2.0},
    "logit-adjustment": {"tau": 1.0},
    "ldam": {"margin": 0.5, "scale": 30.0},
    "vs": {"gamma": 0.15, "tau": 1.0},
}


@dataclasses.dataclass
class Numbers:
    """A loss of K classes (of a sigmoid L labels): None stands for what changes nothing."""

    n_classes: int
    weights: np.ndarray  # (K), of a sigmoid (L, 2)
    slopes: np.ndarray | None
    offsets: np.ndarray | None
    margins: np.ndarray | None
    gamma: float  # of focal loss; 0 = cross-entropy
    smoothing: float
    cost: np.ndarray | None
    cost_use: str | None  # "argmax", "expected"
    weigh_by_prediction: bool


def _length(value) -> int | None:
    """Of how many classes an option tells numbers; None where it does not say."""
    if value is None or isinstance(value, (str, int, float)):
        return None
    if hasattr(value, "counts") and not callable(value.counts):
        value = value.counts
    if hasattr(value, "array"):
        return len(value.array)
    if isinstance(value, Mapping):
        ids = [key for key in value if isinstance(key, (int, np.integer))]
        return None if "default" in value or not ids else int(max(ids)) + 1
    return len(value)


def n_classes_of(options: dict) -> int | None:
    """As many classes as counts, costs or weights are given for; None where there are none."""
    given = [options["counts"], options["cost"], *(options[name] for name in BY_CLASS)]
    lengths = [n for n in map(_length, given) if n is not None]
    return max(lengths, default=None)


def plain(options: dict, n: int | None) -> dict:
    """Options as lists and numbers, which a configuration can hold."""
    if n is None:
        unsaid = next((name for name in (*BY_CLASS, "counts", "cost")
                       if options[name] is not None and not isinstance(options[name], float)),
                      None)
        if unsaid:
            raise ValueError(f"{unsaid}: {options[unsaid]!r} leaves open how many classes there "
                             "are; n_classes= would be right")
        return options
    lists = {name: _listed(read.by_class(options[name], n, name)) for name in BY_CLASS[2:]}
    lists["counts"] = _listed(read.by_class(options["counts"], n, "counts"))
    lists["cost"] = _listed(read.costs(options["cost"], n))
    return {**options, **lists, **_plain_weights(options, n)}


def _plain_weights(options: dict, n: int) -> dict:
    weight, positive, counts = (options[name] for name in ("class_weight", "positive_weight",
                                                           "counts"))
    if options["base"] == "sigmoid":
        pairs = read.sigmoid_weights(weight, positive, n, counts)
        if positive is not None and not isinstance(positive, float):
            return {"class_weight": None, "positive_weight": _listed(pairs[:, read.PRESENT])}
        return {"class_weight": None if weight is None else _listed(pairs)}
    if positive is not None:
        raise ValueError("positive_weight: it is for labels that are yes or no each by itself "
                         "(BinaryCrossEntropy); class_weight would be right")
    return {"class_weight": _listed(read.softmax_weights(weight, n, counts))}


def _listed(array) -> list | None:
    return None if array is None else array.tolist()


def _read_parts(text: str | None) -> dict[str, dict[str, float]]:
    """A text of parts that CoreLoss has found good."""
    parts = {}
    # '+' may be that of a number: "tau=1e+2".
    pieces = (text or "").replace("e+", "e").split("+")
    for piece in filter(None, (piece.strip() for piece in pieces)):
        name, _, given = (word.strip() for word in piece.partition(":"))
        parts[name] = dict(_USUAL[name])
        for setting in filter(None, (word.strip() for word in given.split(","))):
            key, equals, value = (word.strip() for word in setting.partition("="))
            parts[name][key if equals else next(iter(_USUAL[name]))] = float(value or key)
    return parts


def _array(values, usual: float, n: int) -> np.ndarray:
    return np.full(n, float(usual)) if values is None else np.array(values, np.float64)


def _or_none(values: np.ndarray, usual: float) -> np.ndarray | None:
    return None if (values == usual).all() else values


def _transform(options: dict, parts: dict, n: int):
    """Slopes, offsets and margins of all parts together, the scale multiplied in."""
    slopes = _array(options["slopes"], 1, n)
    offsets = _array(options["offsets"], 0, n)
    margins = _array(options["margins"], 0, n)
    scale = options["scale"] or 1.0
    counts = None if options["counts"] is None else np.array(options["counts"], np.float64)
    for name, values in parts.items():
        if name in ("logit-adjustment", "vs"):
            offsets += values["tau"] * np.log(counts / math.fsum(counts))
        if name == "vs":
            slopes *= (counts / counts.max()) ** values["gamma"]
        if name == "ldam":
            margins += values["margin"] * (counts.min() / counts) ** 0.25
            scale *= values["scale"]
    return (_or_none(slopes * scale, 1), _or_none(offsets * scale, 0), _or_none(margins * scale, 0))


def _check(options: dict, weights: np.ndarray, n: int) -> None:
    """ValueError in the library's own words where parts are unknown or do not go together."""
    def column(name):
        values = options[name]
        return None if values is None else np.array(values, np.float64)

    CoreLoss(n, base=options["base"], class_weights=weights, slopes=column("slopes"),
             offsets=column("offsets"), margins=column("margins"), scale=options["scale"] or 1.0,
             parts=options["parts"], counts=column("counts"),
             smoothing=options["label_smoothing"], cost_use=options["cost_use"],
             cost=column("cost"), weigh_by_prediction=options["weigh_by_prediction"],
             reduction=options["reduction"], divisor=options["divisor"] or 0.0)


def numbers_of(options: dict, n: int) -> Numbers:
    """Plain options for logits of n classes, checked."""
    options = plain(options, n)
    weights = _weights(options, n)
    if options["cost_use"] and options["cost"] is None:
        raise ValueError("cost: missing; costs (K, K) of predicting a class (column) where another "
                         f"(row) is right go with cost_use={options['cost_use']!r}")
    _check(options, weights, n)
    parts = _read_parts(options["parts"])
    slopes, offsets, margins = _transform(options, parts, n)
    cost = options["cost"]
    return Numbers(n, weights, slopes, offsets, margins,
                   gamma=parts.get("focal", {}).get("gamma", 0.0),
                   smoothing=options["label_smoothing"],
                   cost=None if cost is None else np.array(cost, np.float64),
                   cost_use=options["cost_use"],
                   weigh_by_prediction=options["weigh_by_prediction"])


def _weights(options: dict, n: int) -> np.ndarray:
    """(K) class weights, of a sigmoid (L, 2): of absence and presence."""
    if options["base"] == "softmax":
        return _array(options["class_weight"], 1, n)
    pairs = read.sigmoid_weights(options["class_weight"], options["positive_weight"], n, None)
    return np.ones((n, 2)) if pairs is None else np.ascontiguousarray(pairs)
