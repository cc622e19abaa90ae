"""Classifiers in scikit-learn's manner, with class weights and costs.

They work without scikit-learn, and are its own kind of estimator where it is installed.
"""

from steelyard.estimators._trained import ScoresWarning
from steelyard.estimators.boosted import BoostedClassifier
from steelyard.estimators.cost_threshold import CostThresholdClassifier
from steelyard.estimators.logistic import LogisticClassifier
from steelyard.estimators.mlp import MLPClassifier

__all__ = ["BoostedClassifier", "CostThresholdClassifier", "LogisticClassifier", "MLPClassifier",
           "ScoresWarning"]
