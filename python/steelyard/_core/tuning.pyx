"""What study.h learns from scores: calibration maps, thresholds, factors."""

import numpy as np

from steelyard._core.base cimport View, check, interruptible
from steelyard._core.decisions cimport (Costs, CoreCalibration, calibration_of, doubles, doubles_of,
                                        integers, integers_of, sy_calibration_kind_parse, written)
from steelyard._core.metrics cimport (sy_objective_is_cost, sy_objective_is_of_positive,
                                      sy_objective_parse)


def calibrate(kind, logs, ids, weights):
    """The CoreCalibration fitted on (n, K) log-probabilities."""
    cdef View held = doubles(logs), actual = integers(ids), rows = doubles(weights)
    cdef size_t n = logs.shape[0], n_classes = logs.shape[1]
    cdef const double *from_ = doubles_of(held)
    cdef const int32_t *labels = integers_of(actual)
    cdef const double *r = doubles_of(rows)
    cdef sy_calibration *map = NULL
    cdef sy_calibration_kind known
    cdef sy_error error
    cdef sy_status status
    if not sy_calibration_kind_parse(str(kind).encode(), &known):
        raise ValueError(f"kind: {kind!r}: 'temperature', 'vector' or 'isotonic' would be right")
    with nogil:
        status = sy_calibrate(known, from_, n, n_classes, labels, r, &map, &error)
    check(status, &error)
    return calibration_of(map)


cdef class TuneOptions:
    def __cinit__(self, metric, max_flagged=None, min_precision=None, min_recall=None,
                  int samples=200, seed=0):
        cdef sy_error error
        self.options = sy_tune_options_default()
        check(sy_objective_parse(str(metric).encode(), &self.options.objective, &error), &error)
        self.options.max_flagged = share(max_flagged, "max_flagged")
        self.options.min_precision = share(min_precision, "min_precision")
        self.options.min_recall = share(min_recall, "min_recall")
        self.options.samples, self.options.seed = samples, seed
        self.options.progress = interruptible()

    @property
    def is_cost(self):
        """Whether the metric needs to know what mistakes cost."""
        return bool(sy_objective_is_cost(&self.options.objective))

    @property
    def is_of_positive(self):
        """Whether the metric is about the positive class."""
        return bool(sy_objective_is_of_positive(&self.options.objective))

    def __str__(self):
        cdef char text[SY_TUNE_TEXT_SIZE]
        return sy_tune_options_text(&self.options, text).decode()


cdef double share(value, name) except? -1:
    if value is None:
        return float("nan")
    if not 0 <= value <= 1:
        raise ValueError(f"{name}: {value}: a share from 0 to 1 would be right")
    return value


cdef dict tuned_dict(const sy_tuned *tuned):
    return {"threshold": tuned.threshold, "threshold_low": tuned.threshold_low,
            "threshold_high": tuned.threshold_high, "value": tuned.value,
            "value_low": tuned.value_low, "value_high": tuned.value_high,
            "flagged": tuned.flagged, "precision": tuned.precision, "recall": tuned.recall,
            "average_cost": tuned.average_cost, "n_scores": tuned.n_scores}


def tune_threshold(scores, ids, int positive, weights, Costs costs, TuneOptions options not None):
    """What sy_tune_threshold finds for (n) scores, as a dictionary."""
    cdef View held = doubles(scores), actual = integers(ids), rows = doubles(weights)
    cdef size_t n = len(scores)
    cdef const double *from_ = doubles_of(held)
    cdef const int32_t *labels = integers_of(actual)
    cdef const double *r = doubles_of(rows)
    cdef const sy_costs *prices = NULL if costs is None else &costs.costs
    cdef sy_tuned tuned
    cdef sy_error error
    cdef sy_status status
    with nogil:
        status = sy_tune_threshold(from_, labels, n, positive, r, prices, &options.options, &tuned,
                                   &error)
    check(status, &error)
    return tuned_dict(&tuned)


def tune_factors(logs, ids, weights, Costs costs, TuneOptions options not None):
    """(K) factors for (n, K) log-probabilities, and what sy_tune_factors says of them."""
    cdef size_t n = logs.shape[0], n_classes = logs.shape[1]
    factors = np.empty(n_classes)
    cdef View held = doubles(logs), actual = integers(ids), rows = doubles(weights)
    cdef View out = written(factors)
    cdef const double *from_ = doubles_of(held)
    cdef const int32_t *labels = integers_of(actual)
    cdef const double *r = doubles_of(rows)
    cdef double *to = doubles_of(out)
    cdef const sy_costs *prices = NULL if costs is None else &costs.costs
    cdef sy_tuned tuned
    cdef sy_error error
    cdef sy_status status
    with nogil:
        status = sy_tune_factors(from_, labels, n, n_classes, r, prices, &options.options, to,
                                 &tuned, &error)
    check(status, &error)
    return factors, tuned_dict(&tuned)
