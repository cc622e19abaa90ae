# The parts of study.h that learn from scores: calibration maps, thresholds, factors.
from libc.stdint cimport int32_t, uint64_t

from steelyard._core.base cimport sy_error, sy_progress, sy_status
from steelyard._core.decisions cimport sy_calibration, sy_calibration_kind, sy_costs
from steelyard._core.metrics cimport sy_objective

cdef extern from "<steelyard/study.h>" nogil:
    ctypedef struct sy_tune_options:
        sy_objective objective
        double max_flagged
        double min_precision
        double min_recall
        int samples
        uint64_t seed
        sy_progress progress

    sy_tune_options sy_tune_options_default()

    ctypedef struct sy_tuned:
        double threshold
        double threshold_low
        double threshold_high
        double value
        double value_low
        double value_high
        double flagged
        double precision
        double recall
        double average_cost
        size_t n_scores

    enum:
        SY_TUNE_TEXT_SIZE

    sy_status sy_calibrate(sy_calibration_kind kind, const double *log_probabilities, size_t n,
                           size_t n_classes, const int32_t *ids, const double *row_weights,
                           sy_calibration **calibration, sy_error *error)
    char *sy_tune_options_text(const sy_tune_options *options, char *text)
    sy_status sy_tune_threshold(const double *scores, const int32_t *ids, size_t n, int positive,
                                const double *row_weights, const sy_costs *costs,
                                const sy_tune_options *options, sy_tuned *tuned, sy_error *error)
    sy_status sy_tune_factors(const double *log_probabilities, const int32_t *ids, size_t n,
                              size_t n_classes, const double *row_weights, const sy_costs *costs,
                              const sy_tune_options *options, double *factors, sy_tuned *tuned,
                              sy_error *error)


# What is tuned for; also of a study.
cdef class TuneOptions:
    cdef sy_tune_options options


# What tuning found as a dictionary of the names of sy_tuned.
cdef dict tuned_dict(const sy_tuned *tuned)
