"""decide.h on arrays: what decisions.py has made contiguous float64 and int32."""

from libc.stdint cimport int32_t
from libc.stdlib cimport calloc, free

import numpy as np

from steelyard._core.base cimport (SY_F64, SY_I32, Names, View, check, lines, names_of, output,
                                   sy_dtype, sy_messages_check, sy_messages_free, sy_messages_new,
                                   view)


cdef View contiguous(object array, sy_dtype dtype):
    cdef View held
    if array is None:
        return None
    held = view(array)
    if held.array.dtype != dtype or not array.flags.c_contiguous:
        raise ValueError("a contiguous array of another type was meant")
    return held


cdef View doubles(object array):
    return contiguous(array, SY_F64)


cdef View integers(object array):
    return contiguous(array, SY_I32)


cdef View written(object array):
    return output(array)


cdef double *doubles_of(View held):
    return NULL if held is None else <double *>held.data()


cdef int32_t *integers_of(View held):
    return NULL if held is None else <int32_t *>held.data()


cdef class Costs:
    def __cinit__(self, fixed, which=None, values=None):
        self.fixed = np.ascontiguousarray(fixed, np.float64)
        self.costs.n_classes = self.fixed.shape[0]
        self.fixed_view = doubles(self.fixed)
        self.costs.fixed = doubles_of(self.fixed_view)
        if which is None:
            return
        self.which = np.ascontiguousarray(which, np.int32)
        self.values = np.ascontiguousarray(values, np.float64)
        self.which_view, self.values_view = integers(self.which), doubles(self.values)
        self.costs.which = integers_of(self.which_view)
        self.costs.values = doubles_of(self.values_view)
        self.costs.n_varying = self.values.shape[1]

    @property
    def varies(self):
        """Whether some costs differ by row."""
        return self.costs.n_varying > 0

    def check(self, names):
        """The remarks on these costs; ValueError where a mistake costs less than being right."""
        cdef Names classes = names_of(names)
        cdef sy_error error
        cdef sy_status status
        cdef size_t n = self.values.shape[0] if self.varies else 0
        cdef sy_messages *messages = sy_messages_new()
        try:
            with nogil:
                status = sy_costs_check(&self.costs, n, classes.items, messages, &error)
            check(status, &error)
            check(sy_messages_check(messages, &error), &error)
            return lines(messages)
        finally:
            sy_messages_free(messages)


def parse_costs(text, names):
    """(K, K) costs of a text, and what it has of expressions: (fixed, which, expressions)."""
    cdef Names classes = names_of(names)
    cdef sy_cost_rule rule
    cdef sy_error error
    cdef bytes typed = text.encode()
    if b"\0" in typed:
        raise ValueError(f"costs {text!r}: a text without a zero byte would be right")
    check(sy_cost_rule_parse(typed, classes.items, classes.n, &rule, &error), &error)
    shape = classes.n, classes.n
    cdef size_t i
    try:
        fixed, which = np.empty(shape), np.full(shape, -1, np.int32)
        for i in range(classes.n * classes.n):
            fixed.flat[i] = rule.fixed[i]
            which.flat[i] = rule.which[i] if rule.which != NULL else -1
        return fixed, which, [rule.expressions[i].decode() for i in range(rule.n_expressions)]
    finally:
        sy_cost_rule_clear(&rule)


def threshold_of(cost, int positive):
    """The threshold that two-class costs come to, or None where they are no threshold."""
    cdef double threshold = 0
    cdef View held = doubles(np.ascontiguousarray(cost, np.float64))
    return threshold if sy_cost_threshold(doubles_of(held), positive, &threshold) else None


def cost_of_threshold(double threshold, int positive):
    """(2, 2) costs whose rule is p(positive) >= threshold."""
    cost = np.empty((2, 2))
    sy_cost_of_threshold(threshold, positive, doubles_of(written(cost)))
    return cost


def decide(probabilities, Costs costs not None):
    """(n) int32 decisions of least expected cost from (n, K) probabilities."""
    cdef size_t n = probabilities.shape[0]
    decisions = np.empty(n, np.int32)
    cdef View p = doubles(probabilities), out = written(decisions)
    cdef const double *from_ = doubles_of(p)
    cdef int32_t *to = integers_of(out)
    with nogil:
        sy_decide_costs(from_, n, &costs.costs, to)
    return decisions


# --- probabilities and their logarithms ---

cdef extern from "<math.h>" nogil:
    double log(double x)
    double log1p(double x)
    double fabs(double x)

cdef enum Fault:
    FINE
    OUTSIDE
    SUM

# Programs that compute in float32 give 1.0000001 for 1, and print few digits.
cdef double OVER_ONE = 1e-6
cdef double SUM_ERROR = 1e-3


cdef Fault take_row(const double *p, double *logs, size_t n_classes, size_t *at,
                    double *wrong) noexcept nogil:
    """Checks a row and takes its logs, but where `logs` is NULL."""
    cdef size_t k
    cdef double total = 0
    for k in range(n_classes):
        if not (p[k] >= 0 and p[k] <= 1 + OVER_ONE):
            at[0], wrong[0] = k, p[k]
            return OUTSIDE
        if logs != NULL:
            logs[k] = log(p[k]) if p[k] < 1 else 0
        total += p[k]
    wrong[0] = total
    return FINE if fabs(total - 1) <= SUM_ERROR else SUM


cdef Fault take_one(double p, size_t own, double *both, double *logs,
                    double *wrong) noexcept nogil:
    """One probability of two: the log of 1 - p is not taken of a rounded number."""
    wrong[0] = p
    if not (p >= 0 and p <= 1 + OVER_ONE):
        return OUTSIDE
    p = 1 if p > 1 else p
    both[own], both[1 - own] = p, 1 - p
    if logs != NULL:
        logs[own], logs[1 - own] = log(p), log1p(-p)
    return FINE


def take_probabilities(given, int positive, skipped=None, bint logs_too=True):
    """Probabilities (n, K) of what is given, (n) of class `positive` or (n, K), and their logs.

    Rows that are `skipped` (n, int32) need none: their logs say that they are class 0. Returns
    (probabilities, logs or None, None), or with a fault (row, class or -1 for the sum, value) in
    the place of the last None.
    """
    cdef bint one = given.ndim == 1
    cdef size_t n = given.shape[0], n_classes = 2 if one else given.shape[1], i, k = positive
    probabilities = np.zeros((n, n_classes)) if one else given
    logs = np.empty((n, n_classes)) if logs_too else None
    cdef View source = doubles(given), kept = doubles(probabilities), logged = doubles(logs)
    cdef View left_out = integers(skipped)
    cdef const double *single = doubles_of(source)
    cdef const int32_t *skip = integers_of(left_out)
    cdef double *p = doubles_of(kept)
    cdef double *log_p = doubles_of(logged)
    cdef double *row_logs = NULL
    cdef double wrong = 0
    cdef Fault fault = FINE
    with nogil:
        for i in range(n):
            if log_p != NULL:
                row_logs = log_p + i * n_classes
            if skip != NULL and skip[i]:
                certain(row_logs, n_classes)
            elif one:
                fault = take_one(single[i], positive, p + 2 * i, row_logs, &wrong)
            else:
                fault = take_row(p + i * n_classes, row_logs, n_classes, &k, &wrong)
            if fault != FINE:
                break
    return probabilities, logs, None if fault == FINE else (i, -1 if fault == SUM else k, wrong)


cdef void certain(double *logs, size_t n_classes) noexcept nogil:
    cdef size_t k
    for k in range(n_classes if logs != NULL else 0):
        logs[k] = log(1 if k == 0 else 0)


# --- corrections and priors ---


def correct(logits, class_weights):
    """(n, K) true log-probabilities of a weighted model's logits."""
    cdef size_t n = logits.shape[0], n_classes = logits.shape[1]
    corrected = np.empty_like(logits)
    cdef View z = doubles(logits), weights = doubles(class_weights), out = written(corrected)
    cdef const double *from_ = doubles_of(z)
    cdef const double *w = doubles_of(weights)
    cdef double *to = doubles_of(out)
    with nogil:
        sy_correct(from_, n, n_classes, w, to)
    return corrected


def shift_prior(logs, ratio):
    """(n, K) log-probabilities under another prior, which is `ratio` times the trained one."""
    cdef size_t n = logs.shape[0], n_classes = logs.shape[1]
    shifted = np.empty_like(logs)
    cdef View held = doubles(logs), ratios = doubles(ratio), out = written(shifted)
    cdef const double *from_ = doubles_of(held)
    cdef const double *r = doubles_of(ratios)
    cdef double *to = doubles_of(out)
    with nogil:
        sy_prior_shift(from_, n, n_classes, r, to)
    return shifted


cdef object copied(const double *values, size_t n):
    array = np.empty(n)
    cdef View out = written(array)
    cdef size_t i
    for i in range(n):
        doubles_of(out)[i] = values[i]
    return array


def estimate_prior(logs, weights, trained_prior):
    """(prior, low, high, iterations, converged) of rows without labels."""
    cdef size_t n = logs.shape[0], n_classes = logs.shape[1]
    cdef View held = doubles(logs), rows = doubles(weights), prior = doubles(trained_prior)
    cdef const double *from_ = doubles_of(held)
    cdef const double *r = doubles_of(rows)
    cdef const double *trained = doubles_of(prior)
    cdef sy_prior_estimate estimate
    cdef sy_error error
    cdef sy_status status
    with nogil:
        status = sy_prior_estimate_make(from_, n, n_classes, r, trained, &estimate, &error)
    check(status, &error)
    try:
        return (copied(estimate.prior, n_classes), copied(estimate.low, n_classes),
                copied(estimate.high, n_classes), estimate.iterations, bool(estimate.converged))
    finally:
        sy_prior_estimate_clear(&estimate)


# --- calibration maps ---


cdef class CoreCalibration:
    def __dealloc__(self):
        sy_calibration_free(self.map)

    @property
    def kind(self):
        return sy_calibration_kind_name(sy_calibration_kind_of(self.map)).decode()

    @property
    def n_classes(self):
        return sy_calibration_n_classes(self.map)

    def numbers(self):
        """The map in numbers: (scales, shifts), or of an isotonic one (knots, values) by class."""
        cdef const sy_calibration *map = self.map
        if sy_calibration_kind_of(map) != SY_CALIBRATION_ISOTONIC:
            return (copied(sy_calibration_scales(map), self.n_classes),
                    copied(sy_calibration_shifts(map), self.n_classes))
        counts = [sy_calibration_n_knots(map, k) for k in range(self.n_classes)]
        return ([copied(sy_calibration_knots(map, k), n) for k, n in enumerate(counts)],
                [copied(sy_calibration_values(map, k), n) for k, n in enumerate(counts)])

    def __reduce__(self):
        return calibration_from, (self.kind, self.n_classes, *self.numbers())

    def apply(self, logs):
        """(n, K) calibrated log-probabilities."""
        cdef size_t n = logs.shape[0]
        calibrated = np.empty_like(logs)
        cdef View held = doubles(logs), out = written(calibrated)
        cdef const double *from_ = doubles_of(held)
        cdef double *to = doubles_of(out)
        with nogil:
            sy_calibration_apply(self.map, from_, n, to)
        return calibrated


cdef CoreCalibration calibration_of(sy_calibration *map):
    cdef CoreCalibration made = CoreCalibration.__new__(CoreCalibration)
    made.map = map
    return made


def calibration_from(kind, n_classes, first, second):
    """The map that CoreCalibration.numbers told."""
    cdef sy_calibration *map = NULL
    cdef sy_calibration_kind known
    cdef sy_error error
    cdef View one, other
    if not sy_calibration_kind_parse(kind.encode(), &known):
        raise ValueError(f"kind: {kind!r}: 'temperature', 'vector' or 'isotonic' would be right")
    if known == SY_CALIBRATION_ISOTONIC:
        return isotonic_from(n_classes, first, second)
    one, other = doubles(first), doubles(second)
    check(sy_calibration_scaling(known, n_classes, doubles_of(one), doubles_of(other), &map,
                                 &error), &error)
    return calibration_of(map)


cdef CoreCalibration isotonic_from(size_t n_classes, knots, values):
    cdef sy_calibration *map = NULL
    cdef sy_error error
    cdef View places = doubles(np.concatenate(knots)), held = doubles(np.concatenate(values))
    cdef size_t k
    cdef size_t *counts = <size_t *>calloc(n_classes + 1, sizeof(size_t))
    if counts == NULL:
        raise MemoryError("out of memory")
    for k in range(n_classes):
        counts[k] = len(knots[k])
    try:
        check(sy_calibration_isotonic(n_classes, counts, doubles_of(places), doubles_of(held),
                                      &map, &error), &error)
    finally:
        free(counts)
    return calibration_of(map)
