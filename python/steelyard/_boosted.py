"""Boosted trees in Python: options by keyword."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Iterable
from typing import Any

from steelyard._core.boosted import BoostedOptions, boosted_defaults, locate_xgboost
from steelyard._networks import nearest, read_count, read_loss, read_real, read_word
from steelyard._words import errors_in_python

# What the options are called, with the library's own defaults.
DEFAULTS: dict[str, Any] = {**boosted_defaults(), "loss": None}

_COUNTS = {"rounds": 1, "early_stopping_rounds": 0, "max_depth": 0, "max_leaves": 0, "max_bin": 2}

# What XGBoost's own interfaces call them, and those of LightGBM, CatBoost and scikit-learn.
_OTHER_NAMES = {
    theirs: ours for ours, names in {
        "rounds": "n_estimators num_boost_round num_iterations iterations n_iter max_iter epochs",
        "learning_rate": "eta shrinkage learning_rate_init lr",
        "reg_lambda": "lambda lambda_l2 l2_leaf_reg l2_regularization",
        "reg_alpha": "alpha lambda_l1",
        "gamma": "min_split_loss min_split_gain min_gain_to_split",
        "min_child_weight": "min_child_samples min_data_in_leaf min_samples_leaf "
                            "min_sum_hessian_in_leaf",
        "max_depth": "depth",
        "max_leaves": "num_leaves max_leaf_nodes",
        "max_bin": "border_count",
        "subsample": "bagging_fraction",
        "colsample_bytree": "feature_fraction",
        "colsample_bylevel": "rsm",
        "colsample_bynode": "max_features",
        "early_stopping_rounds": "patience n_iter_no_change od_wait",
        "held_out": "validation_fraction",
        "class_weight": "scale_pos_weight is_unbalance auto_class_weights",
        "random_state": "seed random_seed",
        "threads": "n_jobs nthread thread_count num_threads",
    }.items() for theirs in names.split()
}


def read_options(options: dict[str, Any]) -> BoostedOptions:
    """The options of boosted trees by name; those left out as by default.

    ValueError for one that makes no sense; TypeError for one that there is not.
    """
    check_names(options)
    locate_package()
    given = {**DEFAULTS, **options}
    words = {"grow_policy": read_word("grow_policy", given.pop("grow_policy"))}
    loss = read_loss(given.pop("loss"))
    numbers = {name: read_count(name, value, _COUNTS[name]) if name in _COUNTS
               else read_real(name, value) for name, value in given.items()}
    with errors_in_python():
        return BoostedOptions(loss=loss, **words, **numbers)


@functools.cache
def locate_package() -> None:
    """Lets the library that XGBoost's own package brings serve where the system has none; the
    package itself is not imported."""
    try:
        found = importlib.util.find_spec("xgboost")
    except ValueError:  # a module that somebody made by hand
        return
    for folder in (found and found.submodule_search_locations) or []:
        path = os.path.join(folder, "lib", "libxgboost.so")
        if os.path.isfile(path):
            locate_xgboost(os.fsencode(path))
            return


def check_names(options: Iterable[str], lacking: str = "boosted trees have no option",
                known: Iterable[str] = DEFAULTS) -> None:
    """TypeError for an option that there is not, with the name that is meant."""
    for name in options:
        if name in known:
            continue
        meant = _OTHER_NAMES.get(name)
        hint = f"; here it is {meant!r}" if meant else nearest(name, known)
        raise TypeError(f"{lacking} {name!r}{hint}")
