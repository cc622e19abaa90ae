"""Classification where classes are unequal and mistakes have prices.

Labels get weights, weights shape a loss, a loss fits a model, a model makes decisions, decisions
are evaluated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from steelyard import losses, metrics
from steelyard._core.base import FileError, get_threads, set_threads, version
from steelyard.decisions import (
    Calibration,
    CostWarning,
    PriorEstimate,
    Tuned,
    adjust_prior,
    correct,
    cost_matrix,
    decide,
    estimate_prior,
    threshold,
    tune,
)
from steelyard.models import Model
from steelyard.reports import (
    Comparison,
    Report,
    compare,
    evaluate,
)
from steelyard.studies import Study, study
from steelyard.weights import (
    ClassWeights,
    Counts,
    WeightWarning,
    class_weights,
    sample_weights,
)

if TYPE_CHECKING:
    from steelyard import compat, estimators, keras, lightgbm, torch, xgboost
    from steelyard.estimators import (
        BoostedClassifier,
        CostThresholdClassifier,
        LogisticClassifier,
        MLPClassifier,
        ScoresWarning,
    )

__version__: str = version()

__all__ = [
    "BoostedClassifier",
    "Calibration",
    "ClassWeights",
    "Comparison",
    "CostThresholdClassifier",
    "CostWarning",
    "Counts",
    "FileError",
    "LogisticClassifier",
    "MLPClassifier",
    "Model",
    "PriorEstimate",
    "Report",
    "ScoresWarning",
    "Study",
    "Tuned",
    "WeightWarning",
    "adjust_prior",
    "class_weights",
    "compare",
    "correct",
    "cost_matrix",
    "decide",
    "estimate_prior",
    "evaluate",
    "get_threads",
    "losses",
    "metrics",
    "sample_weights",
    "set_threads",
    "study",
    "threshold",
    "tune",
]

# Imported when first asked for: the estimators import scikit-learn where it is installed, and each
# of the others imports the package that it is for.
_ESTIMATORS = ("BoostedClassifier", "CostThresholdClassifier", "LogisticClassifier",
               "MLPClassifier", "ScoresWarning")
_PARTS = ("compat", "estimators", "keras", "lightgbm", "torch", "xgboost")

if not TYPE_CHECKING:  # a module with a __getattr__ has any name at all for a type checker
    def __getattr__(name):
        from importlib import import_module

        if name in _ESTIMATORS:
            return getattr(import_module("steelyard.estimators"), name)
        if name in _PARTS:
            return import_module(f"steelyard.{name}")
        raise AttributeError(f"module 'steelyard' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_PARTS})
