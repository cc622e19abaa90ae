"""Trained classifiers: scored, changed, saved."""

from libc.stdlib cimport free

from steelyard._core.base cimport View, check, output, view
from steelyard._core.decisions cimport (sy_calibration_free, sy_calibration_kind_name,
                                        sy_calibration_kind_of, sy_calibration_kind_parse,
                                        sy_cost_of_threshold, sy_cost_rule_clear,
                                        sy_prior_estimate, sy_prior_estimate_clear,
                                        sy_prior_estimate_make)
from steelyard._core.frames cimport Frame, sy_column_type_name

import os

import numpy

from steelyard._core.decisions import Costs

# Declared here without Cython's own look at the exception, which is to stay set.
cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1

# Rows scored between two looks for Ctrl-C: some hundredths of a second.
BLOCK_ROWS = 1 << 18

SOURCES = {"plain": SY_DECISION_PLAIN, "implied": SY_DECISION_IMPLIED, "given": SY_DECISION_GIVEN,
           "tuned": SY_DECISION_TUNED}


cdef object copy_numbers(const double *numbers, shape):
    made = numpy.empty(shape)
    cdef double[::1] flat = made.reshape(-1)
    cdef Py_ssize_t i
    for i in range(flat.shape[0]):
        flat[i] = numbers[i]
    return made


cdef const double *doubles(View numbers) noexcept nogil:
    return <const double *>numbers.array.data if numbers is not None else NULL


def doubles_of_shape(name, given, *shape):
    """Float64, C-contiguous and of this shape; None stays None."""
    if given is None:
        return None
    array = numpy.ascontiguousarray(given, dtype=numpy.float64)
    if array.shape != shape:
        raise ValueError(f"{name}: shape {array.shape} where {shape} would be right")
    return array


cdef View view_or_none(array):
    return view(array) if array is not None else None


cdef class Rule:
    """A rule of numbers alone."""

    def __dealloc__(self):
        sy_cost_rule_clear(&self.rule)


cdef Rule rule_of(cost, size_t n_classes):
    cdef sy_error error
    cdef Rule made = Rule.__new__(Rule)
    cdef View numbers = view(doubles_of_shape("cost", cost, n_classes, n_classes))
    check(sy_cost_rule_matrix(doubles(numbers), n_classes, &made.rule, &error), &error)
    return made


cdef CoreModel core_model(sy_model *model):
    if sy_model_n_labels(model):
        sy_model_free(model)
        raise ValueError("the model says several labels a row, which is for steelyard predict or "
                         "onnxruntime; steelyard.Model says one class a row")
    cdef CoreModel made = CoreModel.__new__(CoreModel)
    made.model = model
    return made


cdef class CoreModel:
    """A classifier. Changing it is for who made it; reading it for all threads."""

    def __dealloc__(self):
        sy_model_free(self.model)

    @staticmethod
    def open(path):
        """Reads a model file. FileError where it is none."""
        cdef bytes name = os.fsencode(path)
        cdef const char *text = name
        cdef sy_model *model = NULL
        cdef sy_status status
        cdef sy_error error
        with nogil:
            status = sy_model_open(text, &model, &error)
        check(status, &error)
        return core_model(model)

    @staticmethod
    def from_bytes(const unsigned char[::1] content):
        """A model from the bytes of a model file."""
        cdef sy_model *model = NULL
        cdef size_t size = content.shape[0]
        cdef const void *data = &content[0] if size else NULL
        cdef sy_status status
        cdef sy_error error
        with nogil:
            status = sy_model_from_onnx(data, size, &model, &error)
        check(status, &error)
        return core_model(model)

    def save(self, path):
        """Writes the model file, whole or not at all."""
        cdef bytes name = os.fsencode(path)
        cdef const char *text = name
        cdef sy_status status
        cdef sy_error error
        with nogil:
            status = sy_model_save(self.model, text, &error)
        check(status, &error)

    def to_bytes(self):
        """The bytes of the model file."""
        cdef void *content = NULL
        cdef size_t size = 0
        cdef sy_error error
        check(sy_model_to_onnx(self.model, &content, &size, &error), &error)
        try:
            return (<const char *>content)[:size]
        finally:
            free(content)

    def copy(self):
        """Another model of the same bytes."""
        return CoreModel.from_bytes(self.to_bytes())

    @property
    def family(self):
        """Name of the family of models."""
        return sy_predictor_family(sy_model_predictor(self.model)).decode()

    @property
    def n_classes(self):
        return sy_model_n_classes(self.model)

    @property
    def classes(self):
        """Names of the classes."""
        return [sy_model_classes(self.model)[k].decode() for k in range(self.n_classes)]

    @property
    def class_weights(self):
        """(K) weights the model was trained with."""
        return copy_numbers(sy_model_class_weights(self.model), self.n_classes)

    @property
    def cost(self):
        """(K, K) costs that decide; 0 where they vary by row."""
        return copy_numbers(sy_model_cost(self.model), (self.n_classes, self.n_classes))

    @property
    def expressions(self):
        """What the costs that vary by row are called."""
        cdef const sy_cost_rule *rule = sy_model_cost_rule(self.model)
        return [rule.expressions[i].decode() for i in range(rule.n_expressions)]

    def given_costs(self):
        """The costs that decide as Costs, without rows where they vary by row."""
        cdef const sy_cost_rule *rule = sy_model_cost_rule(self.model)
        if rule.n_expressions == 0:
            return Costs(self.cost)
        which = [rule.which[i] for i in range(self.n_classes ** 2)]
        return Costs(self.cost, numpy.reshape(which, self.cost.shape),
                     numpy.empty((0, rule.n_expressions)))

    @property
    def source(self):
        """Where the costs come from: plain, implied, given or tuned."""
        found = sy_model_decision_source(self.model)
        return next(name for name, source in SOURCES.items() if source == found)

    @property
    def positive(self):
        """The positive class of two, or -1."""
        return sy_model_positive(self.model)

    @property
    def trained_prior(self):
        """(K) shares of the classes in training, or None."""
        cdef const double *prior = sy_model_trained_prior(self.model)
        return copy_numbers(prior, self.n_classes) if prior != NULL else None

    @property
    def prior(self):
        """(K) shares where the model is used, or None: those of the training."""
        cdef const double *prior = sy_model_prior(self.model)
        return copy_numbers(prior, self.n_classes) if prior != NULL else None

    @property
    def calibration(self):
        """Kind of the calibration map, or None."""
        cdef const sy_calibration *found = sy_model_calibration(self.model)
        if found == NULL:
            return None
        return sy_calibration_kind_name(sy_calibration_kind_of(found)).decode()

    @property
    def decision(self):
        """The rule in words."""
        cdef char text[512]
        sy_model_describe_decision(self.model, text, sizeof(text))
        return text.decode("utf-8", "replace")

    @property
    def notes(self):
        """Notes of the training, in the order first set."""
        keys = [sy_model_note_key(self.model, i) for i in range(sy_model_n_notes(self.model))]
        return {key.decode(): sy_model_note(self.model, key).decode("utf-8", "replace")
                for key in keys}

    def set_note(self, str key, value):
        """Sets a note; None takes it away."""
        cdef bytes encoded = key.encode()
        cdef bytes content = value.encode() if value is not None else b""
        cdef const char *text = content
        cdef sy_error error
        check(sy_model_set_note(self.model, encoded, text if value is not None else NULL, &error),
              &error)

    @property
    def inputs(self):
        """(name, type) of the raw columns the model uses."""
        cdef const sy_encoder *encoder = sy_model_encoder(self.model)
        return [(sy_encoder_input_name(encoder, i).decode(),
                 sy_column_type_name(sy_encoder_input_type(encoder, i)).decode())
                for i in range(sy_encoder_n_inputs(encoder))]

    @property
    def outputs(self):
        """Names of the encoded columns that coefficients belong to."""
        cdef const sy_encoder *encoder = sy_model_encoder(self.model)
        return [sy_encoder_output_name(encoder, i).decode()
                for i in range(sy_encoder_n_outputs(encoder))]

    @property
    def output_inputs(self):
        """Of each encoded column the index of the raw one, among `inputs`, that it comes from."""
        cdef const sy_encoder *encoder = sy_model_encoder(self.model)
        return [sy_encoder_output_input(encoder, i) for i in range(sy_encoder_n_outputs(encoder))]

    def scales(self):
        """(shifts, scales) of the encoded columns: encoded = (raw - shift) / scale."""
        cdef const sy_encoder *encoder = sy_model_encoder(self.model)
        n = sy_encoder_n_outputs(encoder)
        return (numpy.array([sy_encoder_output_shift(encoder, i) for i in range(n)]),
                numpy.array([sy_encoder_output_scale(encoder, i) for i in range(n)]))

    def coefficients(self):
        """(vectors, encoded columns): one vector for two classes, else one a class."""
        cdef const sy_predictor *predictor = sy_model_predictor(self.model)
        return copy_numbers(sy_predictor_coefficients(predictor),
                            (sy_predictor_n_vectors(predictor),
                             sy_predictor_n_features(predictor)))

    def intercepts(self):
        """(vectors) intercepts."""
        cdef const sy_predictor *predictor = sy_model_predictor(self.model)
        return copy_numbers(sy_predictor_intercepts(predictor), sy_predictor_n_vectors(predictor))

    def text(self):
        """What is in the model, as `steelyard inspect` says it."""
        cdef char *text = NULL
        cdef sy_error error
        check(sy_report_model(self.model, &text, &error), &error)
        try:
            return text.decode("utf-8", "replace")
        finally:
            free(text)

    def score(self, Frame frame not None, probabilities=True, log_probabilities=False,
              decisions=True):
        """(probabilities (n, K), log-probabilities (n, K), decisions (n) int32); None each where
        not asked for. Decisions at costs that vary ask for their columns "cost: EXPRESSION"."""
        shape = (frame.rows, self.n_classes)
        wanted = (numpy.empty(shape) if probabilities else None,
                  numpy.empty(shape) if log_probabilities else None,
                  numpy.empty(frame.rows, numpy.int32) if decisions else None)
        run_scorer(self.model, frame, wanted[0], wanted[1], wanted[2])
        return wanted

    def set_cost(self, cost, str source="given"):
        """Decides at these costs (K, K); `source`: plain, implied, given or tuned."""
        cdef Rule rule = rule_of(cost, self.n_classes)
        cdef sy_error error
        if source == "given":
            Costs(cost).check(self.classes)
        check(sy_model_set_rule(self.model, &rule.rule, SOURCES[source], &error), &error)

    def set_threshold(self, double threshold):
        """Decides for the positive class of two at p >= threshold."""
        cdef double cost[4]
        if self.n_classes != 2:
            raise ValueError(f"a threshold is for two classes, and there are {self.n_classes}")
        if threshold != threshold:
            raise ValueError("threshold nan: a number would be right")
        sy_cost_of_threshold(threshold, self.positive if self.positive >= 0 else 1, cost)
        self.set_cost([[cost[0], cost[1]], [cost[2], cost[3]]], "tuned")

    def set_prior(self, prior):
        """Shares of the classes (K) where the model is used; None = those of the training."""
        cdef View shares = view_or_none(doubles_of_shape("prior", prior, self.n_classes))
        cdef sy_error error
        check(sy_model_set_prior(self.model, doubles(shares), &error), &error)

    def estimate_prior(self, Frame frame not None, row_weights=None):
        """(prior, low, high), each (K), that make unlabelled rows most likely."""
        cdef View weights = view_or_none(doubles_of_shape("sample_weight", row_weights, frame.rows))
        cdef const sy_model *model = self.model
        cdef const double *trained = sy_model_trained_prior(model)
        cdef sy_prior_estimate estimate
        cdef sy_status status
        cdef sy_error error
        if trained == NULL:
            raise ValueError("the prior of the training is not known to this model: one that was "
                             "fitted anew would be right")
        cdef View logs = view(self.score(frame, False, True, False)[1])
        cdef size_t rows = frame.rows, n_classes = self.n_classes
        with nogil:
            status = sy_prior_estimate_make(doubles(logs), rows, n_classes, doubles(weights),
                                            trained, &estimate, &error)
        check(status, &error)
        try:
            return (copy_numbers(estimate.prior, n_classes),
                    copy_numbers(estimate.low, n_classes), copy_numbers(estimate.high, n_classes))
        finally:
            sy_prior_estimate_clear(&estimate)

    def calibrate(self, Frame frame not None, ids, str kind, row_weights=None):
        """Fits a calibration map on rows the model did not see, and keeps it."""
        cdef sy_calibration_kind found
        cdef bytes name = kind.encode()
        if not sy_calibration_kind_parse(name, &found):
            raise ValueError(f"calibration {kind!r}: temperature, vector or isotonic would be "
                             "right")
        prior = self.prior
        cdef sy_error error
        check(sy_model_set_calibration(self.model, NULL, &error), &error)
        if prior is not None:
            self.set_prior(None)
        self._keep_map(frame, ids, found, row_weights)
        if prior is not None:
            self.set_prior(prior)

    def _keep_map(self, Frame frame, ids, sy_calibration_kind kind, row_weights):
        cdef View weights = view_or_none(doubles_of_shape("sample_weight", row_weights, frame.rows))
        cdef View labels = view(numpy.ascontiguousarray(ids, numpy.int32))
        cdef View logs = view(self.score(frame, False, True, False)[1])
        cdef size_t rows = frame.rows, n_classes = self.n_classes
        cdef sy_calibration *calibration = NULL
        cdef sy_status status
        cdef sy_error error
        if labels.array.shape[0] != rows:
            raise ValueError(f"{labels.array.shape[0]} labels for {rows} rows: one each would be "
                             "right")
        with nogil:
            status = sy_calibrate(kind, doubles(logs), rows, n_classes,
                                  <const int32_t *>labels.array.data, doubles(weights),
                                  &calibration, &error)
        check(status, &error)
        try:
            check(sy_model_set_calibration(self.model, calibration, &error), &error)
        finally:
            sy_calibration_free(calibration)


cdef double *place_in(View numbers, size_t begin, size_t width) noexcept nogil:
    """Where the rows from `begin` on go, NULL where nobody asked for them."""
    return <double *>numbers.array.data + begin * width if numbers is not None else NULL


cdef int run_scorer(const sy_model *model, Frame frame, probabilities, log_probabilities,
                    decisions) except -1:
    cdef View p = output(probabilities) if probabilities is not None else None
    cdef View logs = output(log_probabilities) if log_probabilities is not None else None
    cdef View ids = output(decisions) if decisions is not None else None
    cdef size_t rows = frame.rows, width = sy_model_n_classes(model), begin, end
    cdef size_t block = BLOCK_ROWS
    cdef sy_frame table = frame.view()
    cdef sy_scorer *scorer = NULL
    cdef sy_status status
    cdef sy_error error
    cdef int32_t *decided
    cdef double *to_p
    cdef double *to_logs
    with nogil:
        status = sy_scorer_new(model, &table, &scorer, &error)
    check(status, &error)
    try:
        for begin in range(0, rows, block):
            end = min(begin + block, rows)
            to_p = place_in(p, begin, width)
            to_logs = place_in(logs, begin, width)
            decided = <int32_t *>ids.array.data + begin if ids is not None else NULL
            with nogil:
                status = sy_scorer_run(scorer, begin, end, to_logs, to_p, decided, &error)
            check(status, &error)
            PyErr_CheckSignals()
    finally:
        sy_scorer_free(scorer)
    return 0
