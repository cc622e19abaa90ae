"""Classifiers fitted: rows encoded once, solved to the optimum, put together."""

from libc.stdint cimport int32_t
from libc.string cimport strcmp

from steelyard._core.base cimport (Names, View, check, interruptible, lines, output, sy_error,
                                   sy_matrix, sy_messages, sy_messages_check, sy_messages_free,
                                   sy_messages_new, sy_status, view)
from steelyard._core.frames cimport Frame, sy_frame
from steelyard._core.models cimport (CoreModel, Rule, core_model, doubles, rule_of, sy_counts,
                                     sy_counts_add, sy_counts_free, sy_counts_new,
                                     sy_counts_weight, sy_encoder, sy_encoder_apply,
                                     sy_encoder_fit, sy_encoder_free, sy_encoder_n_outputs,
                                     sy_encoder_options, sy_encoder_options_default,
                                     sy_encoder_output_name, sy_fit_logistic, sy_fit_options,
                                     sy_fit_options_default, sy_fit_result, sy_model,
                                     sy_model_encoder, sy_model_n_classes, sy_model_new,
                                     sy_model_parts, sy_model_predictor, sy_predictor,
                                     sy_predictor_free, sy_row_weights, view_or_none)

import numpy

from steelyard._core.decisions import Costs
from steelyard._core.models import SOURCES, doubles_of_shape


cdef class Fit:
    """A fit under way: all that must be freed whatever happens."""
    cdef sy_encoder *encoder
    cdef sy_predictor *predictor
    cdef sy_counts *counts
    cdef sy_messages *messages

    def __cinit__(self, size_t n_classes):
        self.messages = sy_messages_new()
        self.counts = sy_counts_new(n_classes)
        if self.messages == NULL or self.counts == NULL:
            raise MemoryError("out of memory")

    def __dealloc__(self):
        sy_encoder_free(self.encoder)
        sy_predictor_free(self.predictor)
        sy_counts_free(self.counts)
        sy_messages_free(self.messages)


cdef encode(Fit fit, Frame frame, row_weights, size_t min_count, size_t max_categories):
    """The encoded rows, float64 where any column asks for it."""
    cdef View weights = view_or_none(row_weights)
    cdef sy_frame table = frame.view()
    cdef sy_encoder_options options = sy_encoder_options_default()
    cdef sy_status status
    cdef sy_error error
    options.min_count = min_count
    options.max_categories = max_categories
    with nogil:
        status = sy_encoder_fit(&table, doubles(weights), &options, fit.messages, &fit.encoder,
                                &error)
    check(status, &error)
    check(sy_messages_check(fit.messages, &error), &error)
    cdef size_t width = sy_encoder_n_outputs(fit.encoder), rows = frame.rows
    encoded = numpy.empty((rows, width), numpy.float64 if frame.wide else numpy.float32)
    cdef View room = output(encoded)
    with nogil:
        status = sy_encoder_apply(fit.encoder, &table, 0, rows, room.array.dtype,
                                  <void *>room.array.data, width, &error)
    check(status, &error)
    return encoded


cdef const sy_predictor *warm(Fit fit, CoreModel start):
    """Parameters to start from, NULL where they are of other columns or classes."""
    if start is None:
        return NULL
    cdef const sy_encoder *encoder = sy_model_encoder(start.model)
    cdef size_t i, n = sy_encoder_n_outputs(fit.encoder)
    if n != sy_encoder_n_outputs(encoder):
        return NULL
    for i in range(n):
        if strcmp(sy_encoder_output_name(encoder, i), sy_encoder_output_name(fit.encoder, i)) != 0:
            return NULL
    return sy_model_predictor(start.model)


cdef solve(Fit fit, encoded, View ids, weights, size_t n_classes, double l2, double tolerance,
           int max_iterations, CoreModel start):
    cdef View rows = view(encoded), numbers = view_or_none(weights)
    cdef sy_fit_options options = sy_fit_options_default()
    cdef sy_fit_result result
    cdef sy_matrix matrix
    cdef sy_status status
    cdef sy_error error
    matrix.data = rows.array.data
    matrix.dtype = rows.array.dtype
    matrix.rows = rows.array.shape[0]
    matrix.columns = matrix.stride = rows.array.shape[1]
    options.l2 = l2
    options.tolerance = tolerance
    options.max_iterations = max_iterations
    options.progress = interruptible()
    if start is not None and sy_model_n_classes(start.model) == n_classes:
        options.start = warm(fit, start)
    with nogil:
        status = sy_fit_logistic(matrix, <const int32_t *>ids.array.data, doubles(numbers),
                                 n_classes, &options, &fit.predictor, &result, &error)
    check(status, &error)
    return {"objective": result.objective, "gradient_norm": result.gradient_norm,
            "iterations": result.iterations, "converged": bool(result.converged),
            "solver": result.solver.decode(), "l2": l2}


cdef shares_of(Fit fit, View ids, row_weights, size_t n_classes):
    """(K) sums of the row weights of the classes."""
    cdef View weights = view_or_none(row_weights)
    cdef size_t n = ids.array.shape[0]
    cdef sy_status status
    cdef sy_error error
    with nogil:
        status = sy_counts_add(fit.counts, <const int32_t *>ids.array.data, n, doubles(weights),
                               &error)
    check(status, &error)
    return numpy.array([sy_counts_weight(fit.counts, k) for k in range(n_classes)])


cdef weigh(View ids, class_weights, row_weights, size_t n_classes):
    """(n) class weight x row weight."""
    cdef View of_classes = view_or_none(class_weights), of_rows = view_or_none(row_weights)
    cdef size_t n = ids.array.shape[0]
    cdef sy_status status
    cdef sy_error error
    weights = numpy.empty(n)
    cdef View room = output(weights)
    with nogil:
        status = sy_row_weights(<const int32_t *>ids.array.data, n, doubles(of_classes), n_classes,
                                doubles(of_rows), <double *>room.array.data, &error)
    check(status, &error)
    return weights


cdef CoreModel put_together(Fit fit, class_names, class_weights, cost, int positive, sums):
    cdef size_t n_classes = len(class_names)
    cdef Names names = Names(class_names)
    cdef View weights = view_or_none(class_weights), prior = view(sums / sums.sum())
    cdef sy_model_parts parts
    cdef sy_model *model = NULL
    cdef sy_error error
    source = "given" if cost is not None else "implied" if class_weights is not None else "plain"
    if source == "implied":
        cost = numpy.where(numpy.eye(n_classes, dtype=bool), 0, class_weights[:, None])
    elif source == "plain":
        cost = 1 - numpy.eye(n_classes)
    cdef Rule rule = rule_of(cost, n_classes)
    parts.classes = names.items
    parts.n_classes = n_classes
    parts.class_weights = doubles(weights)
    parts.rule = &rule.rule
    parts.source = SOURCES[source]
    parts.positive = positive
    parts.calibration = NULL
    parts.trained_prior = doubles(prior)
    parts.prior = NULL
    cdef sy_encoder *encoder = fit.encoder
    cdef sy_predictor *predictor = fit.predictor
    fit.encoder = NULL  # taken over, also on failure
    fit.predictor = NULL
    check(sy_model_new(encoder, predictor, &parts, &model, &error), &error)
    return core_model(model)


def _ids(ids, Py_ssize_t rows):
    array = numpy.ascontiguousarray(ids)
    if array.dtype != numpy.int32 or array.shape != (rows,):
        raise ValueError(f"labels: {array.dtype} of shape {array.shape} where int32 of shape "
                         f"({rows},) would be right")
    return array


def fit_logistic(Frame frame not None, ids, n_classes, class_names, class_weights, sample_weight,
                 l2, tolerance, max_iterations, start, min_count, max_categories, cost, positive):
    """Fits a classifier to the optimum of sy_fit_logistic.

    ids: (n) int32, -1 = ignored. class_weights: (K) or None. sample_weight: (n) or None.
    l2: None or negative = 1 / sum of row weights. start: a CoreModel to start from, or None; one
    of other columns or classes is passed over. cost: (K, K), or None: class weights imply them.
    positive: the positive class of two, or -1.
    Returns (CoreModel, {objective, gradient_norm, iterations, converged, solver, l2, messages}).
    """
    if len(class_names) != n_classes:
        raise ValueError(f"{len(class_names)} names for {n_classes} classes: one each would be "
                         "right")
    ids = _ids(ids, frame.rows)
    class_weights = doubles_of_shape("class_weight", class_weights, n_classes)
    row_weights = doubles_of_shape("sample_weight", sample_weight, frame.rows)
    notes = []
    if cost is not None:
        cost = doubles_of_shape("cost", cost, n_classes, n_classes)
        notes = Costs(cost).check(class_names)
    cdef Fit fit = Fit(n_classes)
    cdef View labels = view(ids)
    sums = shares_of(fit, labels, row_weights, n_classes)
    total = sums.sum()
    weights = present = None
    if class_weights is not None or row_weights is not None or (ids < 0).any():
        present = weigh(labels, None, row_weights, n_classes)
        weights = weigh(labels, class_weights, row_weights, n_classes)
    encoded = encode(fit, frame, present, min_count,
                     max_categories)
    if l2 is None or l2 < 0:
        l2 = 1 / total if total > 0 else 0.0
    info = solve(fit, encoded, labels, weights, n_classes, l2, tolerance, max_iterations, start)
    info["messages"] = lines(fit.messages) + notes
    return put_together(fit, class_names, class_weights, cost, positive, sums), info
