# The classifier and what it is made of: features.h, model.h, fit.h, classifier.h, onnx.h, decide.h.
from libc.stddef cimport size_t
from libc.stdint cimport int32_t, uint64_t

from steelyard._core.base cimport (View, sy_dtype, sy_error, sy_matrix, sy_messages, sy_progress,
                                   sy_status)
from steelyard._core.decisions cimport sy_calibration, sy_calibration_kind, sy_cost_rule
from steelyard._core.frames cimport sy_column_type, sy_frame

cdef extern from "<steelyard/labels.h>" nogil:
    ctypedef struct sy_counts:
        pass

    sy_counts *sy_counts_new(size_t n_classes)
    void sy_counts_free(sy_counts *counts)
    sy_status sy_counts_add(sy_counts *counts, const int32_t *ids, size_t n,
                            const double *row_weights, sy_error *error)
    double sy_counts_weight(const sy_counts *counts, size_t k)

cdef extern from "<steelyard/weights.h>" nogil:
    sy_status sy_row_weights(const int32_t *ids, size_t n, const double *class_weights,
                             size_t n_classes, const double *row_weights, double *weights,
                             sy_error *error)

cdef extern from "<steelyard/decide.h>" nogil:
    ctypedef enum sy_decision_source:
        SY_DECISION_PLAIN
        SY_DECISION_IMPLIED
        SY_DECISION_GIVEN
        SY_DECISION_TUNED

    sy_status sy_cost_rule_matrix(const double *cost, size_t n_classes, sy_cost_rule *rule,
                                  sy_error *error)

cdef extern from "<steelyard/features.h>" nogil:
    ctypedef struct sy_encoder:
        pass

    ctypedef struct sy_encoder_options:
        size_t min_count
        size_t max_categories

    sy_encoder_options sy_encoder_options_default()
    sy_status sy_encoder_fit(const sy_frame *frame, const double *row_weights,
                             const sy_encoder_options *options, sy_messages *messages,
                             sy_encoder **encoder, sy_error *error)
    void sy_encoder_free(sy_encoder *encoder)
    size_t sy_encoder_n_inputs(const sy_encoder *encoder)
    const char *sy_encoder_input_name(const sy_encoder *encoder, size_t input)
    sy_column_type sy_encoder_input_type(const sy_encoder *encoder, size_t input)
    size_t sy_encoder_n_outputs(const sy_encoder *encoder)
    const char *sy_encoder_output_name(const sy_encoder *encoder, size_t output)
    size_t sy_encoder_output_input(const sy_encoder *encoder, size_t output)
    double sy_encoder_output_shift(const sy_encoder *encoder, size_t output)
    double sy_encoder_output_scale(const sy_encoder *encoder, size_t output)
    sy_status sy_encoder_apply(const sy_encoder *encoder, const sy_frame *frame, size_t begin,
                               size_t end, sy_dtype dtype, void *out, size_t stride,
                               sy_error *error)

cdef extern from "<steelyard/fit.h>" nogil:
    ctypedef struct sy_predictor:
        pass

    ctypedef struct sy_fit_options:
        double l2
        double tolerance
        int max_iterations
        const sy_predictor *start
        sy_progress progress

    ctypedef struct sy_fit_result:
        double objective
        double gradient_norm
        int iterations
        bint converged
        const char *solver

    void sy_predictor_free(sy_predictor *predictor)
    const char *sy_predictor_family(const sy_predictor *predictor)
    size_t sy_predictor_n_features(const sy_predictor *predictor)
    size_t sy_predictor_n_vectors(const sy_predictor *predictor)
    const double *sy_predictor_coefficients(const sy_predictor *predictor)
    const double *sy_predictor_intercepts(const sy_predictor *predictor)
    sy_fit_options sy_fit_options_default()
    sy_status sy_fit_logistic(sy_matrix rows, const int32_t *ids, const double *weights,
                              size_t n_classes, const sy_fit_options *options,
                              sy_predictor **predictor, sy_fit_result *result, sy_error *error)

cdef extern from "<steelyard/classifier.h>" nogil:
    ctypedef struct sy_model:
        pass

    ctypedef struct sy_scorer:
        pass

    ctypedef struct sy_row:
        pass

    ctypedef struct sy_model_parts:
        const char *const *classes
        size_t n_classes
        const double *class_weights
        const sy_cost_rule *rule
        sy_decision_source source
        int positive
        const sy_calibration *calibration
        const double *trained_prior
        const double *prior

    const char *SY_COST_COLUMN
    sy_status sy_model_new(sy_encoder *encoder, sy_predictor *predictor,
                           const sy_model_parts *parts, sy_model **model, sy_error *error)
    void sy_model_free(sy_model *model)
    const sy_encoder *sy_model_encoder(const sy_model *model)
    const sy_predictor *sy_model_predictor(const sy_model *model)
    size_t sy_model_n_classes(const sy_model *model)
    const char *const *sy_model_classes(const sy_model *model)
    const double *sy_model_class_weights(const sy_model *model)
    const sy_cost_rule *sy_model_cost_rule(const sy_model *model)
    const double *sy_model_cost(const sy_model *model)
    sy_decision_source sy_model_decision_source(const sy_model *model)
    int sy_model_positive(const sy_model *model)
    const sy_calibration *sy_model_calibration(const sy_model *model)
    const double *sy_model_trained_prior(const sy_model *model)
    const double *sy_model_prior(const sy_model *model)
    sy_status sy_model_set_rule(sy_model *model, const sy_cost_rule *rule,
                                sy_decision_source source, sy_error *error)
    sy_status sy_model_set_calibration(sy_model *model, const sy_calibration *calibration,
                                       sy_error *error)
    sy_status sy_model_set_prior(sy_model *model, const double *prior, sy_error *error)
    void sy_model_describe_decision(const sy_model *model, char *text, size_t size)
    sy_status sy_model_set_note(sy_model *model, const char *key, const char *value,
                                sy_error *error)
    const char *sy_model_note(const sy_model *model, const char *key)
    size_t sy_model_n_notes(const sy_model *model)
    const char *sy_model_note_key(const sy_model *model, size_t index)
    sy_status sy_scorer_new(const sy_model *model, const sy_frame *frame, sy_scorer **scorer,
                            sy_error *error)
    sy_status sy_scorer_run(const sy_scorer *scorer, size_t begin, size_t end,
                            double *log_probabilities, double *probabilities, int32_t *decisions,
                            sy_error *error)
    void sy_scorer_free(sy_scorer *scorer)
    sy_row *sy_row_new(const sy_model *model)
    void sy_row_free(sy_row *row)
    void sy_row_clear(sy_row *row)
    int sy_row_column(const sy_row *row, const char *name)
    bint sy_row_set_number(sy_row *row, int column, double value)
    bint sy_row_set_text(sy_row *row, int column, const char *value)
    sy_status sy_model_decide(const sy_model *model, sy_row *row, int *decision,
                              double *probabilities, sy_error *error)

cdef extern from "<steelyard/classifier_labels.h>" nogil:
    size_t sy_model_n_labels(const sy_model *model)

cdef extern from "<steelyard/onnx.h>" nogil:
    sy_status sy_model_save(const sy_model *model, const char *path, sy_error *error)
    sy_status sy_model_open(const char *path, sy_model **model, sy_error *error)
    sy_status sy_model_to_onnx(const sy_model *model, void **bytes, size_t *size, sy_error *error)
    sy_status sy_model_from_onnx(const void *bytes, size_t size, sy_model **model, sy_error *error)

cdef extern from "<steelyard/study.h>" nogil:
    sy_status sy_calibrate(sy_calibration_kind kind, const double *log_probabilities, size_t n,
                           size_t n_classes, const int32_t *ids, const double *row_weights,
                           sy_calibration **calibration, sy_error *error)

cdef extern from "<steelyard/report.h>" nogil:
    sy_status sy_report_model(const sy_model *model, char **text, sy_error *error)


# A classifier; what changes it is called before it is shared, reading is for all threads.
cdef class CoreModel:
    cdef sy_model *model

# A CoreModel that owns `model`.
cdef CoreModel core_model(sy_model *model)

# A new array of numbers that C owns.
cdef object copy_numbers(const double *numbers, shape)


# A rule of numbers alone.
cdef class Rule:
    cdef sy_cost_rule rule

# Of costs (K, K) in float64.
cdef Rule rule_of(cost, size_t n_classes)

# Where the numbers of a view begin; NULL for None. A view of an array, None for None.
cdef const double *doubles(View numbers) noexcept nogil
cdef View view_or_none(array)
