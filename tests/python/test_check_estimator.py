"""scikit-learn's own checks of estimators, unchanged, on ours."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("sklearn", minversion="1.6")

from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from steelyard import (BoostedClassifier, CostThresholdClassifier, LogisticClassifier,
                       MLPClassifier)

pytestmark = [pytest.mark.filterwarnings("ignore")]

PASSING = [
    LogisticClassifier(),
    LogisticClassifier("balanced"),
    LogisticClassifier(warm_start=True),
    MLPClassifier(),
    MLPClassifier("balanced", hidden=(20,), norm="layer", optimizer="adamw"),
    BoostedClassifier(),
    BoostedClassifier(rounds=60, grow_policy="lossguide", max_leaves=8),
    CostThresholdClassifier(LogisticRegression(class_weight="balanced")),
    CostThresholdClassifier(LogisticClassifier(), calibrate="temperature"),
]

# The checks ask for two things that costs exist to change: that predict is the arg-max of
# predict_proba, and that class weights move predict whatever else decides.
COSTS_DECIDE = {
    "check_classifiers_train": "given costs decide, not the most probable class",
    "check_class_weight_classifiers": "given costs decide, not class weights",
}
PRICED = [
    LogisticClassifier(cost=[[0, 1], [2, 0]]),
    LogisticClassifier("balanced", cost=[[0, 1], [1.5, 0]]),
    MLPClassifier(cost=[[0, 1], [2, 0]]),
    BoostedClassifier(cost=[[0, 1], [2, 0]], rounds=60),
    CostThresholdClassifier(LogisticClassifier(), metric="f1"),
]


@parametrize_with_checks(PASSING)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@parametrize_with_checks(PRICED, expected_failed_checks=lambda estimator: COSTS_DECIDE)
def test_scikit_learns_checks_where_costs_decide(estimator, check):
    check(estimator)


def test_even_costs_pass_all_but_what_class_weights_would_move():
    expected = {"check_class_weight_classifiers": COSTS_DECIDE["check_class_weight_classifiers"]}
    results = check_estimator(LogisticClassifier(cost=[[0, 1], [1, 0]]), on_fail=None,
                              expected_failed_checks=expected)
    assert not [result for result in results if result["status"] == "failed"]


@pytest.mark.parametrize("legacy", [True, False])
@pytest.mark.parametrize("classifier", [LogisticClassifier, MLPClassifier, BoostedClassifier])
def test_check_estimator_as_a_whole(classifier, legacy):
    results = check_estimator(classifier(), legacy=legacy, on_skip=None, on_fail="raise")
    assert {result["status"] for result in results} <= {"passed", "skipped"}
    skipped = {result["check_name"] for result in results if result["status"] == "skipped"}
    assert skipped <= {"check_array_api_input"}


def test_scores_of_a_support_vector_machine():
    # Its own solver ends short of the optimum, so that copies differ from weights by 1e-5.
    expected = dict.fromkeys(("check_sample_weight_equivalence_on_dense_data",
                              "check_sample_weight_equivalence_on_sparse_data"),
                             "LinearSVC stops before its optimum")
    results = check_estimator(CostThresholdClassifier(LinearSVC()), on_fail=None,
                              expected_failed_checks=expected)
    assert not [result for result in results if result["status"] == "failed"]


def test_nothing_is_skipped_where_array_types_are_checked():
    script = """if True:
        import warnings
        from sklearn.utils.estimator_checks import check_estimator
        from steelyard import LogisticClassifier, MLPClassifier
        warnings.simplefilter("ignore")
        for classifier in LogisticClassifier(), MLPClassifier():
            results = check_estimator(classifier, on_skip=None, on_fail="raise")
            assert {result["status"] for result in results} == {"passed"}, results
    """
    subprocess.run([sys.executable, "-c", script], check=True,
                   env={**os.environ, "SCIPY_ARRAY_API": "1"})
