"""Networks in Python: options by keyword, losses as they are typed, epochs as they go."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from steelyard._core.losses import loss_parts
from steelyard._core.networks import NetworkOptions, Onlooker, network_defaults
from steelyard._core.studies import held_share_default
from steelyard._words import errors_in_python
from steelyard.arrays import to_numpy

_KNOWN = network_defaults()

# What the options are called in Python, with the library's own defaults: as the command line calls
# them. None stands for what the library chooses by the data, or for never.
DEFAULTS: dict[str, Any] = {
    "hidden": _KNOWN["hidden"], "activation": _KNOWN["activation"],
    "norm": None if _KNOWN["norm"] == "none" else _KNOWN["norm"], "dropout": _KNOWN["dropout"],
    "embedding_width": _KNOWN["embedding_width"] or None, "loss": None,
    "optimizer": _KNOWN["optimizer"], "learning_rate": _KNOWN["learning_rate"],
    "momentum": _KNOWN["momentum"], "weight_decay": _KNOWN["weight_decay"],
    "clip_norm": _KNOWN["clip"] or None, "schedule": _KNOWN["schedule"],
    "warm_up": _KNOWN["warm_up"], "epochs": _KNOWN["epochs"],
    "batch_size": _KNOWN["batch_size"] or None, "patience": _KNOWN["patience"],
    "sampling": "balanced" if _KNOWN["balanced_sampling"] else "shuffle",
    "reweight_from": _KNOWN["reweight_from"] or None, "restarts": _KNOWN["restarts"],
}

# The share of the rows that is held out to end a training in time.
HELD_OUT: float = held_share_default()

# The largest numbers that the library's own types hold.
_MOST = 2**31 - 1


class Epoch(NamedTuple):
    """One epoch of a training as it went."""

    fit: int  # which training, from 1,
    fits: int  # of how many
    restart: int  # from 1
    epoch: int  # from 1
    learning_rate: float  # of its last step
    loss: float  # mean over its steps
    held_loss: float  # on the rows held out; NaN = none
    held_accuracy: float  # balanced accuracy there; NaN = none
    best: bool  # the lowest held loss so far
    seconds: float  # since the training began
    rows_per_second: float
    seconds_left: float  # until the last epoch, if none ends it earlier

    def __str__(self) -> str:
        which = f"training {self.fit} of {self.fits}, " if self.fits > 1 else ""
        held = "" if math.isnan(self.held_loss) else \
            f", held out {self.held_loss:.4f} (balanced accuracy {self.held_accuracy:.3f})"
        return (f"{which}epoch {self.epoch}: loss {self.loss:.4f}{held}{' *' * self.best}, "
                f"{self.rows_per_second:,.0f} rows/s")


def read_options(options: dict[str, Any]) -> NetworkOptions:
    """The options of a network, by what they are called in Python; those left out as by default.

    ValueError for one that makes no sense; TypeError for one that there is not.
    """
    check_names(options)
    given = {**DEFAULTS, **options}
    words = {name: read_word(name, given[name]) for name in ("activation", "optimizer", "schedule")}
    counts = {name: read_count(name, given[name], least) for name, least in
              (("epochs", 1), ("patience", 0), ("restarts", 1))}
    chosen = {name: read_count(name, given[name], 1) if given[name] is not None else 0
              for name in ("embedding_width", "batch_size", "reweight_from")}
    reals = {name: read_real(name, given[name]) for name in
             ("dropout", "learning_rate", "momentum", "weight_decay", "warm_up")}
    norm = "none" if given["norm"] is None else read_word("norm", given["norm"])
    balanced = read_word("sampling", given["sampling"])
    if balanced not in ("shuffle", "balanced"):
        raise ValueError(f"sampling: {balanced!r}: 'shuffle' or 'balanced' would be right")
    with errors_in_python():
        return NetworkOptions(
            hidden=_hidden(given["hidden"]), norm=norm, clip=_clip(given["clip_norm"]),
            balanced_sampling=balanced == "balanced", loss=read_loss(given["loss"]),
            **words, **counts, **chosen, **reals)


def check_names(options: Iterable[str]) -> None:
    """TypeError for an option that there is not, with the nearest."""
    for name in options:
        if name not in DEFAULTS:
            raise TypeError(f"a network has no option {name!r}{nearest(name, DEFAULTS)}")


def read_word(name: str, text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError(f"{name}: {text!r}: a text would be right")
    return text


def read_count(name: str, number: Any, least: int) -> int:
    if not isinstance(number, numbers.Integral) or isinstance(number, bool) \
            or not least <= number <= _MOST:
        raise ValueError(f"{name}: {number!r}: a whole number of {least} or more would be right")
    return int(number)


def read_real(name: str, number: Any) -> float:
    if not isinstance(number, numbers.Real) or isinstance(number, bool):
        raise ValueError(f"{name}: {number!r}: a number would be right")
    return float(number)


def _clip(number: Any) -> float:
    if number is None:
        return 0.0
    if not 0 < read_real("clip_norm", number) < math.inf:
        raise ValueError(f"clip_norm: {number!r}: a number above 0, or None for never, would be "
                         "right")
    return float(number)


def _hidden(hidden: Any) -> tuple[int, ...]:
    layers: Iterable[Any] = (hidden,) if isinstance(hidden, numbers.Integral) else hidden
    if isinstance(layers, (str, bytes)) or not isinstance(layers, Iterable):
        raise ValueError(f"hidden: {hidden!r}: the units of each layer, as (64, 32), would be "
                         "right; () for none")
    return tuple(read_count("hidden", units, 1) for units in layers)


def nearest(name: str, names: Iterable[str]) -> str:
    names = list(names)
    near = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(names)}"


# --- losses ---

# Parts of a loss that the library does not know by name, but by its options.
_OWN_PARTS = ("cross-entropy", "smoothing:a=0.1", "cost-expected", "cost-argmax", "by-prediction")


def read_loss(text: str | None) -> dict[str, Any]:
    """What a loss is made of, as NetworkOptions takes it: "focal:gamma=2+smoothing:a=0.1"."""
    found: dict[str, Any] = {"parts": "", "smoothing": 0.0, "cost_use": None,
                             "weigh_by_prediction": False}
    if text is None:
        return found
    own, others = set(), []
    for part in _parts_of(read_word("loss", text)):
        name, _, value = part.partition(":")
        if name not in [form.partition(":")[0] for form in _OWN_PARTS]:
            _check_part(name)
            others.append(part)
            continue
        if name in own:
            raise ValueError(f"loss: {name!r} is there twice")
        own.add(name)
        _take_own(name, value, found)
    if found["cost_use"] == "expected" and "cross-entropy" in own:
        raise ValueError("loss: cost-expected stands in the place of cross-entropy: leave one out")
    return {**found, "parts": "+".join(others)}


def _parts_of(text: str) -> list[str]:
    """Parts apart by '+', but for one of a number: "1e+3"."""
    parts: list[str] = []
    for piece in text.split("+"):
        if parts and piece[:1].isdigit():
            parts[-1] += "+" + piece
        else:
            parts.append(piece)
    return [part.strip() for part in parts]


def _check_part(name: str) -> None:
    """ValueError with the nearest name where the library has no such part."""
    names = [form.partition("[")[0].partition(":")[0] for form in (*_OWN_PARTS, *loss_parts())]
    if name not in names:
        raise ValueError(f"loss: there is no {name!r}{nearest(name, names)}")


def _take_own(name: str, value: str, found: dict[str, Any]) -> None:
    if name == "smoothing":
        found["smoothing"] = _share(value.removeprefix("a="))
        return
    if value:
        raise ValueError(f"loss: {name!r} takes no parameter, and {value!r} is given")
    if name.startswith("cost-"):
        if found["cost_use"] is not None:
            raise ValueError("loss: one of cost-expected and cost-argmax would be right")
        found["cost_use"] = name.removeprefix("cost-")
    found["weigh_by_prediction"] |= name == "by-prediction"


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = math.nan
    if not 0 < share <= 1:
        raise ValueError(f"loss: smoothing takes a share from 0 to 1, as 'smoothing:a=0.1', not "
                         f"{text!r}")
    return share


# --- epochs ---


def onlooker(callback: Callable[[Epoch], Any] | None) -> Onlooker:
    """Who looks on while a network is trained: Ctrl-C is looked for, and each Epoch is told."""
    if callback is None:
        return Onlooker()
    if not callable(callback):
        raise ValueError(f"callback: {callback!r}: a function of an Epoch would be right")
    return Onlooker(lambda *numbers: callback(Epoch(*numbers)))


def read_held_out(share: Any) -> float:
    """The share of the rows that is held out."""
    share = read_real("held_out", share)
    if not 0 <= share < 1:
        raise ValueError(f"held_out: {share!r}: a share of 0 or more and below 1 would be right")
    return share


def read_held_rows(held: Any, rows: int) -> np.ndarray | None:
    """(rows) uint8, 1 = held out; None stays None."""
    if held is None:
        return None
    mask = to_numpy(held, "held_rows")
    if mask.shape != (rows,) or mask.dtype.kind != "b":
        raise ValueError(f"held_rows: an array of {mask.dtype} of shape {mask.shape}: booleans of "
                         f"shape ({rows},), True = held out, would be right")
    if not mask.any():
        raise ValueError("held_rows: no row is True: some that tell when to stop, or None, would "
                         "be right")
    return np.ascontiguousarray(mask, np.uint8)


def option_lines(options: dict[str, Any]) -> str:
    """Options as a checkpoint keeps them, to say later which one is another."""
    given = {**DEFAULTS, **options}
    return "\n".join(" ".join(f"{name}={given[name]!r}".split()) for name in sorted(given))
