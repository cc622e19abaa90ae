# decide.h: costs, corrections, calibration maps and priors.
from libc.stdint cimport int32_t

from steelyard._core.base cimport View, sy_error, sy_messages, sy_status

cdef extern from "<steelyard/decide.h>" nogil:
    ctypedef struct sy_costs:
        size_t n_classes
        const double *fixed
        size_t n_varying
        const int32_t *which
        const double *values
        const char *const *expressions

    ctypedef struct sy_cost_rule:
        size_t n_classes
        double *fixed
        size_t n_expressions
        char **expressions
        int32_t *which

    void sy_correct(const double *logits, size_t n, size_t n_classes, const double *class_weights,
                    double *log_probabilities)
    sy_status sy_cost_rule_parse(const char *text, const char *const *classes, size_t n_classes,
                                 sy_cost_rule *rule, sy_error *error)
    void sy_cost_rule_clear(sy_cost_rule *rule)
    sy_status sy_costs_check(const sy_costs *costs, size_t n, const char *const *classes,
                             sy_messages *messages, sy_error *error)
    bint sy_cost_threshold(const double *cost, int positive, double *threshold)
    void sy_cost_of_threshold(double threshold, int positive, double *cost)
    void sy_decide_costs(const double *probabilities, size_t n, const sy_costs *costs,
                         int32_t *decisions)

    ctypedef enum sy_calibration_kind:
        SY_CALIBRATION_TEMPERATURE
        SY_CALIBRATION_VECTOR
        SY_CALIBRATION_ISOTONIC

    ctypedef struct sy_calibration:
        pass

    const char *sy_calibration_kind_name(sy_calibration_kind kind)
    bint sy_calibration_kind_parse(const char *name, sy_calibration_kind *kind)
    sy_status sy_calibration_scaling(sy_calibration_kind kind, size_t n_classes,
                                     const double *scales, const double *shifts,
                                     sy_calibration **calibration, sy_error *error)
    sy_status sy_calibration_isotonic(size_t n_classes, const size_t *n_knots, const double *knots,
                                      const double *values, sy_calibration **calibration,
                                      sy_error *error)
    void sy_calibration_free(sy_calibration *calibration)
    sy_calibration_kind sy_calibration_kind_of(const sy_calibration *calibration)
    size_t sy_calibration_n_classes(const sy_calibration *calibration)
    const double *sy_calibration_scales(const sy_calibration *calibration)
    const double *sy_calibration_shifts(const sy_calibration *calibration)
    size_t sy_calibration_n_knots(const sy_calibration *calibration, size_t k)
    const double *sy_calibration_knots(const sy_calibration *calibration, size_t k)
    const double *sy_calibration_values(const sy_calibration *calibration, size_t k)
    void sy_calibration_apply(const sy_calibration *calibration, const double *log_probabilities,
                              size_t n, double *calibrated)
    void sy_prior_shift(const double *log_probabilities, size_t n, size_t n_classes,
                        const double *ratio, double *shifted)

    ctypedef struct sy_prior_estimate:
        size_t n_classes
        double *prior
        double *low
        double *high
        int iterations
        bint converged

    sy_status sy_prior_estimate_make(const double *log_probabilities, size_t n, size_t n_classes,
                                     const double *row_weights, const double *trained_prior,
                                     sy_prior_estimate *estimate, sy_error *error)
    void sy_prior_estimate_clear(sy_prior_estimate *estimate)


# Views of contiguous float64 and int32 arrays; None for None.
cdef View doubles(object array)
cdef View integers(object array)

# The same to be written to.
cdef View written(object array)

# Where their numbers begin; NULL for None.
cdef double *doubles_of(View held)
cdef int32_t *integers_of(View held)


# Costs of mistakes, some of which may differ by row, with the arrays that they look at.
cdef class Costs:
    cdef sy_costs costs
    cdef View fixed_view, which_view, values_view
    cdef readonly object fixed   # (K, K) float64
    cdef readonly object which   # (K, K) int32: -1 = fixed, else a column of `values`; or None
    cdef readonly object values  # (n, V) float64; or None


# A calibration map; NULL only while it is made.
cdef class CoreCalibration:
    cdef sy_calibration *map


# A CoreCalibration that owns a map.
cdef CoreCalibration calibration_of(sy_calibration *map)
