/* ways.h: the ways of deciding that a review sets side by side. */
#ifndef SY_STUDY_WAYS_H
#define SY_STUDY_WAYS_H

#include <steelyard/study.h>

/* In the order of the lines of the decision table. */
typedef enum sy_way_kind {
  SY_WAY_CONSTANT, /* the best decision that is the same for all rows */
  SY_WAY_DEFAULT,  /* the most probable class: p >= 0.5 */
  SY_WAY_WEIGHTED, /* the arg-max of a class-weighted model */
  SY_WAY_COST,     /* least expected cost */
  SY_WAY_TUNED,    /* a threshold or factors tuned on unseen rows */
  SY_WAY_COUNT
} sy_way_kind;

/* Rows judged by models that did not see them, compact. Zero-initialise; sy_judged_clear. */
typedef struct sy_judged {
  size_t n, n_classes;
  size_t *rows;                     /* (n) their places in the source */
  int32_t *ids;                     /* (n) */
  double *row_weights;              /* (n), or NULL for ones */
  double *log_probabilities;        /* (n, K), corrected */
  size_t n_varying;                 /* V */
  double *cost_values;              /* (n, V), or NULL where V = 0 */
  int32_t *decisions[SY_WAY_COUNT]; /* (n) each, NULL where the way is not asked for */
} sy_judged;

/* Makes room for n rows, n_varying cost values each, and the ways marked in `wanted`. */
sy_status sy_judged_make(sy_judged *judged, size_t n, size_t n_classes, bool weighted,
                         size_t n_varying, const bool wanted[SY_WAY_COUNT], sy_error *error);
void sy_judged_clear(sy_judged *judged);

/* Moves the rows, and the decisions of one way, out of `judged`. */
sy_judged_rows sy_judged_take(sy_judged *judged, sy_way_kind way);
void sy_judged_rows_clear(sy_judged_rows *rows);

/* Decides rows [begin, end) from their log-probabilities by a cost matrix, serially. `scratch`
 * holds K doubles. */
void sy_judged_decide(sy_judged *judged, sy_way_kind way, size_t begin, size_t end,
                      const double *cost, double *scratch);

/* The same by costs that may differ from row to row: their values are those of `judged`. */
void sy_judged_decide_costs(sy_judged *judged, sy_way_kind way, size_t begin, size_t end,
                            const sy_costs *costs, double *scratch);

/* What a review needs to know besides the rows. */
typedef struct sy_review_frame {
  const char *const *classes;
  const sy_costs *costs;     /* given ones, or NULL; values are those of the judged rows */
  const double *stored_cost; /* (K, K) costs that decide in the model kept, NULL where they vary */
  const char *policy;        /* text of the policy behind SY_WAY_WEIGHTED */
  const char *tuned_for;     /* what SY_WAY_TUNED was tuned for, or NULL where it was typed */
  int positive;
  sy_way_kind stored;
} sy_review_frame;

/* Metrics of every way there is; see sy_review, which takes over the rows and the decisions of the
 * stored way: `judged` is fit for sy_judged_clear only. */
sy_status sy_review_make(sy_judged *judged, const sy_review_frame *frame, sy_review *review,
                         sy_error *error);

#endif
