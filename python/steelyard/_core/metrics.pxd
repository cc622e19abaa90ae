# evaluate.h: metrics, their intervals, steps of thresholds, reliability.
from libc.stdint cimport int32_t, uint8_t, uint64_t

from steelyard._core.base cimport sy_error, sy_progress, sy_status
from steelyard._core.decisions cimport sy_costs

cdef extern from "<steelyard/evaluate.h>" nogil:
    ctypedef struct sy_evaluation:
        size_t n
        size_t n_classes
        const int32_t *ids
        const double *log_probabilities
        const int32_t *decisions
        const double *row_weights
        const sy_costs *costs
        int positive

    ctypedef struct sy_class_metrics:
        double support
        double predicted
        double precision
        double recall
        double f1
        double average_precision
        double roc_auc

    ctypedef struct sy_metrics:
        size_t n_classes
        uint64_t rows
        double weighted_rows
        double log_loss
        double brier
        double accuracy
        double balanced_accuracy
        double macro_f1
        double weighted_f1
        double mcc
        double g_mean
        double roc_auc
        double average_precision
        double calibration_error
        double average_cost
        double average_cost_low
        double average_cost_high
        double best_constant_cost
        int best_constant
        sy_class_metrics *per_class
        double *confusion

    sy_status sy_evaluate(const sy_evaluation *evaluation, sy_metrics *metrics, sy_error *error)
    void sy_metrics_clear(sy_metrics *metrics)

    ctypedef struct sy_cost_comparison:
        double difference
        double low
        double high
        double saving
        double saving_low
        double saving_high

    sy_status sy_evaluate_intervals(const sy_evaluation *evaluation, int samples, uint64_t seed,
                                    sy_progress progress, sy_metrics *low, sy_metrics *high,
                                    sy_error *error)

    ctypedef struct sy_steps:
        size_t n
        double *scores
        double *positives
        double *negatives
        double *costs
        double all_positives
        double all_negatives
        double none_cost

    sy_status sy_steps_make(const double *scores, const int32_t *ids, size_t n, int positive,
                            const double *row_weights, const sy_costs *costs, sy_steps *steps,
                            sy_error *error)
    void sy_steps_clear(sy_steps *steps)

    ctypedef struct sy_reliability:
        size_t n_bins
        double *weight
        double *predicted
        double *observed
        double *low
        double *high

    sy_status sy_reliability_make(const double *probabilities, const int32_t *ids, size_t n,
                                  int class_id, const double *row_weights, size_t most_bins,
                                  sy_reliability *reliability, sy_error *error)
    void sy_reliability_clear(sy_reliability *reliability)
    int sy_bootstrap_samples_default(size_t n)

    ctypedef struct sy_label_evaluation:
        size_t n
        size_t n_labels
        const uint8_t *truth
        const double *probabilities
        const uint8_t *decisions
        const double *row_weights

    ctypedef struct sy_label_metrics:
        size_t n_labels
        uint64_t rows
        double weighted_rows
        double log_loss
        double macro_f1
        double micro_precision
        double micro_recall
        double micro_f1
        double subset_accuracy
        double hamming_loss
        double roc_auc
        double average_precision
        double calibration_error
        sy_class_metrics *per_label
        double *log_losses

    sy_status sy_evaluate_labels(const sy_label_evaluation *evaluation, sy_label_metrics *metrics,
                                 sy_error *error)
    void sy_label_metrics_clear(sy_label_metrics *metrics)

    ctypedef struct sy_objective:
        double parameter

    sy_status sy_objective_parse(const char *text, sy_objective *objective, sy_error *error)
    char *sy_objective_text(const sy_objective *objective, char *text)
    bint sy_objective_is_cost(const sy_objective *objective)
    bint sy_objective_is_of_positive(const sy_objective *objective)
    double sy_objective_value(const sy_objective *objective, const double *confusion,
                              size_t n_classes, int positive, double average_cost)


# Metrics as a dictionary under the names of docs/metrics.md: numbers, `per_class` (a list of
# dictionaries in the order of the classes) and `confusion` (a (K, K) array).
cdef dict metrics_dict(const sy_metrics *metrics)

# A comparison of costs as a dictionary: difference, low, high, saving, saving_low, saving_high.
cdef dict comparison_dict(const sy_cost_comparison *comparison)

# (lows, highs) of all metrics as dictionaries: the bootstrap, which Ctrl-C stops.
cdef tuple intervals_of(const sy_evaluation *rows, int samples, uint64_t seed)
