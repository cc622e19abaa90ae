# study_families.h, and what it includes: models judged, rows without labels watched.
from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

from steelyard._core.base cimport Names, sy_dtype, sy_error, sy_messages, sy_progress, sy_status
from steelyard._core.boosted cimport sy_boosted_options
from steelyard._core.decisions cimport sy_cost_rule, sy_costs, sy_prior_estimate
from steelyard._core.frames cimport sy_column_type, sy_frame
from steelyard._core.metrics cimport sy_metrics, sy_objective
from steelyard._core.models cimport (CoreModel, sy_encoder_options, sy_fit_result, sy_model)
from steelyard._core.networks cimport sy_epoch, sy_network_options, sy_training_result
from steelyard._core.reports cimport CoreReview, sy_review
from steelyard._core.tuning cimport sy_tune_options, sy_tuned
from steelyard._core.weights cimport sy_audit, sy_normalize, sy_policy

cdef extern from "<steelyard/labels.h>" nogil:
    ctypedef struct sy_labels:
        pass

    ctypedef struct sy_labels_options:
        const char *const *classes
        size_t n_classes

    sy_labels_options sy_labels_options_default()
    sy_status sy_labels_from_names(const uint32_t *codes, size_t n, const char *const *values,
                                   size_t n_values, const sy_labels_options *options,
                                   sy_labels **labels, sy_error *error)
    void sy_labels_free(sy_labels *labels)
    const char *const *sy_labels_classes(const sy_labels *labels)

cdef extern from "<steelyard/study_families.h>" nogil:
    sy_status sy_review_model(const sy_model *model, const sy_frame *frame, const sy_labels *labels,
                              const double *row_weights, const sy_costs *costs, sy_review *review,
                              sy_error *error)

    ctypedef enum sy_shift:
        SY_SHIFT_UNKNOWN
        SY_SHIFT_NONE
        SY_SHIFT_SOME
        SY_SHIFT_LARGE

    const char *sy_shift_name(sy_shift shift)

    ctypedef struct sy_watched_column:
        const char *name
        sy_column_type type
        double missing
        double missing_training
        double unseen
        double psi
        double psi_expected
        double psi_chance
        double mean_difference
        sy_shift shift

    ctypedef struct sy_monitor_options:
        double some
        double large
        double chance

    sy_monitor_options sy_monitor_options_default()

    ctypedef struct sy_monitor:
        size_t n_classes
        int positive
        uint64_t rows
        double weighted_rows
        double effective_rows
        double *decided
        double *mean_probability
        double flagged
        bint has_prior
        double *trained_prior
        sy_prior_estimate prior
        bint has_profiles
        size_t n_columns
        sy_watched_column *columns
        double missing
        double unseen
        double shift

    sy_status sy_monitor_make(const sy_model *model, const sy_frame *frame,
                              const double *row_weights, const sy_monitor_options *options,
                              sy_monitor *monitor, sy_error *error)
    void sy_monitor_clear(sy_monitor *monitor)

    ctypedef enum sy_test_kind:
        SY_TEST_NONE
        SY_TEST_FOLDS
        SY_TEST_SHARE
        SY_TEST_MASK
        SY_TEST_OTHER

    ctypedef struct sy_study_data:
        const sy_frame *frame
        const sy_labels *labels
        const double *row_weights
        const uint32_t *groups
        const uint8_t *test_mask
        const sy_frame *test_frame
        const sy_labels *test_labels
        const double *test_row_weights
        const double *cost_values
        const double *test_cost_values
        const uint8_t *held_mask

    ctypedef enum sy_study_calibration:
        SY_STUDY_CALIBRATE_NONE

    ctypedef enum sy_study_family:
        SY_STUDY_LOGISTIC
        SY_STUDY_MLP
        SY_STUDY_BOOSTED

    ctypedef struct sy_checkpoint_options:
        const char *path
        const char *resume
        double seconds
        const char *options

    ctypedef struct sy_study_options:
        sy_study_family family
        const sy_network_options *network
        const sy_boosted_options *boosted
        double held_share
        sy_checkpoint_options checkpoint
        void (*epoch)(void *context, int fit, int fits, const sy_epoch *epoch) noexcept
        void *epoch_context
        const sy_policy *policy
        sy_normalize normalize
        const sy_objective *automatic
        const sy_cost_rule *cost_rule
        sy_study_calibration calibrate
        const sy_tune_options *tune
        int positive
        double l2
        double tolerance
        int max_iterations
        sy_encoder_options encoder
        sy_test_kind test
        int folds
        double share
        uint64_t seed
        sy_progress progress
        sy_dtype dtype

    ctypedef struct sy_rival:
        bint judged
        double log_loss
        double logistic_log_loss
        double difference
        double low
        double high

    ctypedef struct sy_study:
        sy_study_family family
        sy_training_result training
        sy_rival rival
        char scores_only[64]
        sy_model *model
        sy_audit audit
        sy_fit_result fit
        double l2
        char policy[64]
        bint tuned
        sy_tuned tuned_rule
        char tuned_for[160]
        uint64_t unseen_rows
        sy_review train
        sy_review test
        sy_messages *messages
        double fit_seconds

    ctypedef struct sy_family_trial:
        sy_study_family family
        bint judged
        char trouble[256]
        sy_metrics metrics
        double value
        double difference
        double low
        double high
        double seconds

    ctypedef struct sy_families:
        size_t n
        sy_family_trial trials[3]
        size_t chosen
        char measure[64]
        bint greater_is_better
        uint64_t rows

    sy_status sy_study_calibration_parse(const char *text, sy_study_calibration *calibration,
                                         sy_error *error)
    sy_status sy_study_family_parse(const char *text, sy_study_family *family, sy_error *error)
    sy_study_options sy_study_options_default()
    sy_status sy_study_run(const sy_study_data *data, const sy_study_options *options,
                           sy_study *study, sy_error *error)
    void sy_study_clear(sy_study *study)
    const char *sy_study_family_name(sy_study_family family)
    sy_status sy_study_choose(const sy_study_data *data, const sy_study_options *options,
                              sy_study *study, sy_families *families, sy_error *error)
    void sy_families_clear(sy_families *families)
    sy_status sy_cost_rule_set(sy_cost_rule *rule, size_t actual, size_t predicted,
                               const char *expression, sy_error *error)

cdef extern from "<steelyard/report.h>" nogil:
    sy_status sy_report_families(const sy_families *families, char **text, sy_error *error)
    sy_status sy_report_study(const sy_study *study, uint64_t rows, size_t columns_given,
                              double read_seconds, char **text, sy_error *error)
    sy_status sy_report_study_page(const sy_study *study, const char *title, const sy_costs *costs,
                                   char **html, sy_error *error)
    sy_status sy_report_monitor(const sy_monitor *monitor, const char *heading,
                                const char *const *classes, char **text, sy_error *error)


# Classes of rows, of declared names.
cdef class Labels:
    cdef sy_labels *labels
