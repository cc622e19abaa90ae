"""evaluate.h on arrays: what metrics.py has made contiguous float64, int32 and uint8."""

from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.string cimport memcpy

import numpy as np

from steelyard._core.base cimport SY_U8, View, check, interruptible, view
from steelyard._core.decisions cimport Costs, doubles, doubles_of, integers, integers_of, written


cdef dict class_dict(const sy_class_metrics *one):
    return {"support": one.support, "predicted": one.predicted, "precision": one.precision,
            "recall": one.recall, "f1": one.f1, "average_precision": one.average_precision,
            "roc_auc": one.roc_auc}


cdef object copied(const double *values, size_t n):
    array = np.empty(n)
    cdef View out = written(array)
    if n:
        memcpy(doubles_of(out), values, n * sizeof(double))
    return array


cdef dict metrics_dict(const sy_metrics *metrics):
    cdef size_t n_classes = metrics.n_classes, i
    return {
        "rows": metrics.rows,
        "weighted_rows": metrics.weighted_rows,
        "log_loss": metrics.log_loss,
        "brier": metrics.brier,
        "accuracy": metrics.accuracy,
        "balanced_accuracy": metrics.balanced_accuracy,
        "macro_f1": metrics.macro_f1,
        "weighted_f1": metrics.weighted_f1,
        "mcc": metrics.mcc,
        "g_mean": metrics.g_mean,
        "roc_auc": metrics.roc_auc,
        "average_precision": metrics.average_precision,
        "calibration_error": metrics.calibration_error,
        "average_cost": metrics.average_cost,
        "average_cost_low": metrics.average_cost_low,
        "average_cost_high": metrics.average_cost_high,
        "best_constant_cost": metrics.best_constant_cost,
        "best_constant": metrics.best_constant,
        "per_class": [class_dict(&metrics.per_class[i]) for i in range(n_classes)],
        "confusion": copied(metrics.confusion, n_classes * n_classes).reshape(n_classes, n_classes),
    }


cdef dict comparison_dict(const sy_cost_comparison *comparison):
    return {"difference": comparison.difference, "low": comparison.low, "high": comparison.high,
            "saving": comparison.saving, "saving_low": comparison.saving_low,
            "saving_high": comparison.saving_high}


# --- all metrics ---


cdef class Evaluation:
    """What sy_evaluate judges, with the arrays that it looks at."""

    cdef sy_evaluation rows
    cdef View ids, logs, decisions, weights
    cdef Costs costs

    def __cinit__(self, logs, ids, decisions, weights, Costs costs, int positive):
        self.logs, self.ids = doubles(logs), integers(ids)
        self.decisions, self.weights, self.costs = integers(decisions), doubles(weights), costs
        self.rows.n, self.rows.n_classes = logs.shape
        self.rows.ids = integers_of(self.ids)
        self.rows.log_probabilities = doubles_of(self.logs)
        self.rows.decisions = integers_of(self.decisions)
        self.rows.row_weights = doubles_of(self.weights)
        self.rows.costs = NULL if costs is None else &costs.costs
        self.rows.positive = positive

    def metrics(self):
        """All metrics as a dictionary."""
        cdef sy_metrics metrics
        cdef sy_error error
        cdef sy_status status
        with nogil:
            status = sy_evaluate(&self.rows, &metrics, &error)
        check(status, &error)
        try:
            return metrics_dict(&metrics)
        finally:
            sy_metrics_clear(&metrics)

    def intervals(self, samples, seed):
        """(lows, highs) of all metrics, as dictionaries."""
        return intervals_of(&self.rows, samples, seed)


cdef tuple intervals_of(const sy_evaluation *rows, int samples, uint64_t seed):
    cdef sy_metrics low, high
    cdef sy_error error
    cdef sy_status status
    cdef sy_progress progress = interruptible()
    with nogil:
        status = sy_evaluate_intervals(rows, samples, seed, progress, &low, &high, &error)
    check(status, &error)
    try:
        return metrics_dict(&low), metrics_dict(&high)
    finally:
        sy_metrics_clear(&low)
        sy_metrics_clear(&high)


def samples_of(intervals, size_t n):
    """Bootstrap samples for what a caller asked for: True, or a number of them."""
    if intervals is True:
        return sy_bootstrap_samples_default(n)
    if int(intervals) < 2:
        raise ValueError(f"intervals: {intervals}: True, or a number of bootstrap samples of 2 or "
                         "more, would be right")
    return int(intervals)


# --- one metric ---


def confusion(ids, decisions, weights, size_t n_classes):
    """(K, K) sums of row weights, row = actual, column = decided; compensated (Neumaier)."""
    sums, lost = np.zeros((n_classes, n_classes)), np.zeros((n_classes, n_classes))
    cdef View actual_view = integers(ids), decided_view = integers(decisions)
    cdef View weights_view = doubles(weights), sums_view = written(sums), lost_view = written(lost)
    cdef const int32_t *actual = integers_of(actual_view)
    cdef const int32_t *decided = integers_of(decided_view)
    cdef const double *w = doubles_of(weights_view)
    cdef double *total = doubles_of(sums_view)
    cdef double *rest = doubles_of(lost_view)
    cdef size_t n = len(ids), i
    with nogil:
        for i in range(n):
            add(&total[actual[i] * n_classes + decided[i]],
                &rest[actual[i] * n_classes + decided[i]], 1 if w == NULL else w[i])
    return sums + lost


cdef inline void add(double *total, double *rest, double value) noexcept nogil:
    cdef double before = total[0]
    total[0] = before + value
    rest[0] += (before - total[0]) + value if before >= value else (value - total[0]) + before


def mean_loss(logs, ids, weights, bint brier):
    """Log-loss, or Brier score, of (n, K) log-probabilities."""
    cdef View held = doubles(logs), actual_view = integers(ids), weights_view = doubles(weights)
    cdef const double *row = doubles_of(held)
    cdef const int32_t *actual = integers_of(actual_view)
    cdef const double *w = doubles_of(weights_view)
    cdef size_t n = logs.shape[0], n_classes = logs.shape[1], i
    cdef double[2] total = [0, 0]
    cdef double[2] rest = [0, 0]
    cdef double weight, loss
    with nogil:
        for i in range(n):
            weight = 1 if w == NULL else w[i]
            if not weight > 0:
                continue
            if brier:
                loss = brier_of(row + i * n_classes, n_classes, actual[i])
            else:
                loss = -row[i * n_classes + actual[i]]
            add(&total[0], &rest[0], weight)
            add(&total[1], &rest[1], weight * loss)
    if total[1] == float("inf"):
        return total[1]
    return (total[1] + rest[1]) / (total[0] + rest[0])


cdef extern from "<math.h>" nogil:
    double exp(double x)


cdef double brier_of(const double *logs, size_t n_classes, size_t actual) noexcept nogil:
    cdef double total = 0, error
    cdef size_t k
    for k in range(n_classes):
        error = exp(logs[k]) - (1 if k == actual else 0)
        total += error * error
    return total


cdef sy_objective objective_of(name) except *:
    cdef sy_objective objective
    cdef sy_error error
    check(sy_objective_parse(str(name).encode(), &objective, &error), &error)
    return objective


def objective_value(name, matrix, int positive):
    """Value of an objective ("f1", "mcc", ..) of a confusion matrix; NaN = not defined."""
    cdef View held = doubles(matrix)
    cdef sy_objective objective = objective_of(name)
    return sy_objective_value(&objective, doubles_of(held), matrix.shape[0], positive, 0)


# --- curves ---


def steps(scores, ids, int positive, weights, Costs costs):
    """(scores, positives, negatives, costs or None, none_cost) of sy_steps_make."""
    cdef View held = doubles(scores), actual_view = integers(ids), weights_view = doubles(weights)
    cdef const double *values = doubles_of(held)
    cdef const int32_t *actual = integers_of(actual_view)
    cdef const double *w = doubles_of(weights_view)
    cdef const sy_costs *prices = NULL if costs is None else &costs.costs
    cdef size_t n = len(scores)
    cdef sy_steps made
    cdef sy_error error
    cdef sy_status status
    with nogil:
        status = sy_steps_make(values, actual, n, positive, w, prices, &made, &error)
    check(status, &error)
    try:
        return (copied(made.scores, made.n), copied(made.positives, made.n),
                copied(made.negatives, made.n),
                copied(made.costs, made.n) if made.costs != NULL else None, made.none_cost)
    finally:
        sy_steps_clear(&made)


def reliability(probabilities, ids, int class_id, weights, size_t bins):
    """(predicted, observed, weight, low, high) of sy_reliability_make, by bin."""
    cdef View held = doubles(probabilities), actual_view = integers(ids)
    cdef View weights_view = doubles(weights)
    cdef const double *p = doubles_of(held)
    cdef const int32_t *actual = integers_of(actual_view)
    cdef const double *w = doubles_of(weights_view)
    cdef size_t n = len(probabilities)
    cdef sy_reliability made
    cdef sy_error error
    cdef sy_status status
    with nogil:
        status = sy_reliability_make(p, actual, n, class_id, w, bins, &made, &error)
    check(status, &error)
    try:
        return (copied(made.predicted, made.n_bins), copied(made.observed, made.n_bins),
                copied(made.weight, made.n_bins), copied(made.low, made.n_bins),
                copied(made.high, made.n_bins))
    finally:
        sy_reliability_clear(&made)


# --- several labels a row ---


cdef View bytes_of(object array):
    cdef View held = view(array)
    if held.array.dtype != SY_U8 or not array.flags.c_contiguous:
        raise ValueError("a contiguous array of bytes was meant")
    return held


def evaluate_labels(truth, probabilities, decisions, weights):
    """All metrics of several labels a row as a dictionary; truth and decisions (n, L) uint8."""
    cdef View there = bytes_of(truth), said = bytes_of(decisions), p = doubles(probabilities)
    cdef View weights_view = doubles(weights)
    cdef sy_label_evaluation rows
    cdef sy_label_metrics metrics
    cdef sy_error error
    cdef sy_status status
    rows.n, rows.n_labels = probabilities.shape
    rows.truth, rows.decisions = <const uint8_t *>there.data(), <const uint8_t *>said.data()
    rows.probabilities, rows.row_weights = doubles_of(p), doubles_of(weights_view)
    with nogil:
        status = sy_evaluate_labels(&rows, &metrics, &error)
    check(status, &error)
    try:
        return labels_dict(&metrics)
    finally:
        sy_label_metrics_clear(&metrics)


cdef dict labels_dict(const sy_label_metrics *metrics):
    return {
        "rows": metrics.rows,
        "weighted_rows": metrics.weighted_rows,
        "log_loss": metrics.log_loss,
        "macro_f1": metrics.macro_f1,
        "micro_precision": metrics.micro_precision,
        "micro_recall": metrics.micro_recall,
        "micro_f1": metrics.micro_f1,
        "subset_accuracy": metrics.subset_accuracy,
        "hamming_loss": metrics.hamming_loss,
        "roc_auc": metrics.roc_auc,
        "average_precision": metrics.average_precision,
        "calibration_error": metrics.calibration_error,
        "per_label": [class_dict(&metrics.per_label[l]) | {"log_loss": metrics.log_losses[l]}
                      for l in range(metrics.n_labels)],
    }
