"""Boosted trees in Python: options by keyword."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from steelyard._core.boosted import BoostedOptions, boosted_defaults
from steelyard._networks import nearest, read_count, read_loss, read_real, read_word
from steelyard._words import errors_in_python

# What the options are called, with the library's own defaults.
DEFAULTS: dict[str, Any] = {**boosted_defaults(), "loss": None}

_COUNTS = {"rounds": 1, "early_stopping_rounds": 0, "max_depth": 0, "max_leaves": 0, "max_bin": 2}

# What XGBoost's own interfaces call them.
_OTHER_NAMES = {"n_estimators": "rounds", "num_boost_round": "rounds", "eta": "learning_rate",
                "lambda": "reg_lambda", "alpha": "reg_alpha", "min_split_loss": "gamma",
                "scale_pos_weight": "class_weight", "n_iter": "rounds", "epochs": "rounds",
                "patience": "early_stopping_rounds"}


def read_options(options: dict[str, Any]) -> BoostedOptions:
    """The options of boosted trees by name; those left out as by default.

    ValueError for one that makes no sense; TypeError for one that there is not.
    """
    check_names(options)
    given = {**DEFAULTS, **options}
    words = {"grow_policy": read_word("grow_policy", given.pop("grow_policy"))}
    loss = read_loss(given.pop("loss"))
    numbers = {name: read_count(name, value, _COUNTS[name]) if name in _COUNTS
               else read_real(name, value) for name, value in given.items()}
    with errors_in_python():
        return BoostedOptions(loss=loss, **words, **numbers)


def check_names(options: Iterable[str]) -> None:
    """TypeError for an option that there is not, with the name that is meant."""
    for name in options:
        if name in DEFAULTS:
            continue
        meant = _OTHER_NAMES.get(name)
        hint = f"; here it is {meant!r}" if meant else nearest(name, DEFAULTS)
        raise TypeError(f"boosted trees have no option {name!r}{hint}")
