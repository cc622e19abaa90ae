# weights.h: policies, class weights, weights of positions, audits.
from steelyard._core.base cimport sy_dtype, sy_error, sy_messages, sy_status, uint64_t
from steelyard._core.labels cimport sy_counter, sy_counts, sy_label_array

cdef extern from "<steelyard/weights.h>" nogil:
    ctypedef enum sy_normalize:
        SY_NORMALIZE_NONE

    ctypedef struct sy_policy:
        pass

    ctypedef struct sy_audit_class:
        double count
        uint64_t rows
        double share
        double weight
        double weight_share

    ctypedef struct sy_audit:
        size_t n_classes
        sy_audit_class *classes
        uint64_t rows
        double weighted_rows
        double imbalance_ratio
        double effective_rows
        sy_messages *warnings

    ctypedef struct sy_label_audits:
        size_t n_labels
        sy_audit *labels
        sy_messages *warnings

    sy_status sy_normalize_parse(const char *text, sy_normalize *normalize, sy_error *error)
    sy_status sy_policy_parse(const char *text, sy_policy **policy, sy_error *error)
    sy_status sy_policy_explicit(const char *const *names, const double *weights, size_t n,
                                 bint has_default, double default_weight, sy_policy **policy,
                                 sy_error *error)
    sy_status sy_policy_by_position(const double *weights, size_t n, sy_policy **policy,
                                    sy_error *error)
    bint sy_policy_needs_cost(const sy_policy *policy)
    sy_status sy_policy_set_cost(sy_policy *policy, const double *cost, size_t n_classes,
                                 const char *const *classes, sy_error *error)
    void sy_policy_free(sy_policy *policy)
    const char *sy_policy_text(const sy_policy *policy)
    sy_status sy_counts_weights(const sy_policy *policy, sy_normalize normalize,
                                const sy_counts *counts, double *weights, sy_error *error)
    sy_status sy_label_weights(const sy_counter *counter, const double *class_weights,
                               const sy_label_array *labels, void *weights, sy_dtype dtype,
                               sy_error *error)
    sy_status sy_audit_make(const sy_policy *policy, const char *const *classes,
                            const sy_counts *counts, const double *weights, size_t n_classes,
                            sy_audit *audit, sy_error *error)
    void sy_audit_clear(sy_audit *audit)
    sy_status sy_label_audits_make(const sy_policy *policy, const sy_counts *counts,
                                   const double *weights, sy_label_audits *audits,
                                   sy_error *error)
    void sy_label_audits_clear(sy_label_audits *audits)

cdef extern from "<steelyard/report.h>" nogil:
    sy_status sy_report_audit(const sy_counts *counts, const sy_audit *audit, const char *policy,
                              const char *const *classes, char **text, sy_error *error)
    sy_status sy_report_label_audits(const sy_counts *counts, const sy_label_audits *audits,
                                     const char *policy, char **text, sy_error *error)


# A class weight policy.
cdef class Policy:
    cdef sy_policy *policy
