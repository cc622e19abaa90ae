# The reviews of study.h and the pages of report.h.
from libc.stdint cimport int32_t, uint64_t

from steelyard._core.base cimport Names, sy_error, sy_messages, sy_progress, sy_status
from steelyard._core.decisions cimport Costs, sy_costs
from steelyard._core.metrics cimport sy_cost_comparison, sy_evaluation, sy_metrics

cdef extern from "<steelyard/study.h>" nogil:
    ctypedef struct sy_way:
        char name[96]
        char remark[64]
        bint stored
        double flagged
        sy_metrics metrics

    ctypedef struct sy_judged_rows:
        size_t n
        size_t n_classes
        size_t *rows
        int32_t *ids
        double *row_weights
        double *log_probabilities
        size_t n_varying
        double *cost_values
        int32_t *decisions

    ctypedef struct sy_review:
        bint of_scores
        bint priced
        int positive
        size_t n_ways
        sy_way *ways
        size_t stored
        sy_metrics unweighted
        bint has_unweighted
        double mean_probability
        double observed_share
        double miss_cost
        bint has_saving
        sy_cost_comparison saving
        sy_cost_comparison saving_constant
        sy_judged_rows rows

    void sy_review_clear(sy_review *review)

    ctypedef struct sy_scores:
        size_t n
        size_t n_classes
        const char *const *classes
        const size_t *rows
        const int32_t *ids
        const double *row_weights
        const double *probabilities
        const double *log_probabilities
        const sy_costs *costs
        int positive
        double threshold

    sy_status sy_review_scores(const sy_scores *scores, sy_review *review, sy_error *error)
    sy_evaluation sy_review_evaluation(const sy_review *review, const sy_costs *costs)

    ctypedef enum sy_comparison_measure:
        SY_BY_COST
        SY_BY_LOG_LOSS
        SY_BY_BRIER

    ctypedef struct sy_review_difference:
        sy_metrics difference
        sy_metrics low
        sy_metrics high

    ctypedef struct sy_review_comparison:
        size_t n
        sy_comparison_measure measure
        size_t best
        int samples
        sy_review_difference *differences

    sy_status sy_reviews_compare(const sy_review *reviews, size_t n, const sy_costs *costs,
                                 int samples, uint64_t seed, sy_progress progress,
                                 sy_review_comparison *comparison, sy_error *error)
    void sy_review_comparison_clear(sy_review_comparison *comparison)


cdef extern from "<steelyard/store.h>" nogil:
    sy_status sy_file_write(const char *path, const void *bytes, size_t size, sy_error *error)


cdef extern from "<steelyard/report.h>" nogil:
    ctypedef struct sy_audit:
        pass

    ctypedef struct sy_page:
        const char *title
        const char *subtitle
        const char *const *classes
        size_t n_classes
        const sy_audit *audit
        const char *policy
        const sy_review *review
        const sy_evaluation *rows
        const double *rule
        const sy_messages *notes

    sy_status sy_report_review(const sy_review *review, const char *heading,
                               const char *const *classes, size_t n_classes, char **text,
                               sy_error *error)
    sy_status sy_report_intervals(const sy_metrics *metrics, const sy_metrics *low,
                                  const sy_metrics *high, int samples, bint priced, int positive,
                                  const char *const *classes, char **text, sy_error *error)
    sy_status sy_report_comparison(const char *const *names, const sy_review *reviews,
                                   const sy_review_comparison *comparison, const char *heading,
                                   char **text, sy_error *error)
    sy_status sy_report_page(const sy_page *page, char **html, sy_error *error)


# Ways of deciding the same rows, judged, with all that tells of them: what a Report stands on.
cdef class CoreReview:
    cdef sy_review review           # owned
    cdef Names names
    cdef readonly list classes      # (K) labels as they are in Python
    cdef readonly Costs costs       # the mistakes' prices, or None; by row as the judged rows
    cdef readonly object rule       # (K, K) float64 costs that decide as the stored way, or None

    # The rows as sy_evaluate takes them; a view of this review and its costs.
    cdef sy_evaluation evaluation(self)
    cdef str intervals_text(self, const sy_metrics *low, const sy_metrics *high, int samples)


# A CoreReview of a review whose memory it takes over; `review` is zeroed.
# classes: (K) labels; names: (K) their texts. costs: Costs that the review was made under, or None
# (of costs that differ by row `values` are not looked at: those of the judged rows are taken).
# rule: (K, K) costs by which the stored way decides; None where they differ by row.
cdef CoreReview review_of(sy_review *review, object classes, object names, Costs costs,
                          object rule)

# A text that the library made, which is freed.
cdef str taken(char *text)
