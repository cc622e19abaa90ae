/* unseen.h: rows that the models of their folds did not see, and what these said of them. */
#ifndef SY_STUDY_UNSEEN_H
#define SY_STUDY_UNSEEN_H

#include "study/course.h"
#include "study/train.h"

/* Fold by fold, those of the test first. Zero-initialise; sy_unseen_clear. */
typedef struct sy_unseen {
  size_t n, n_tested, n_classes;
  size_t *rows;        /* (n) their places in the source */
  int32_t *ids;        /* (n) */
  double *row_weights; /* (n), or NULL for ones */
  size_t n_varying;
  double *cost_values; /* (n, V), or NULL */
  int32_t *fold;       /* (n) */
  int32_t *part;       /* (n) what is chosen for a part comes from the others */
  int n_parts;
} sy_unseen;

/* The rows of bench->fold; cost_values of all rows of the source, (rows, V). Parts are the folds;
 * with `halves`, rows of a single fold are cut in two, groups (of all rows; or NULL) kept together.
 */
sy_status sy_unseen_make(const sy_bench *bench, const double *cost_values, size_t n_varying,
                         bool halves, const uint32_t *groups, uint64_t seed, sy_unseen *unseen,
                         sy_error *error);
void sy_unseen_clear(sy_unseen *unseen);

enum { SY_EXPONENTS = 11, SY_LINES_MOST = SY_EXPONENTS + 3 };

/* A kind of model that is trained without each fold. */
typedef struct sy_line {
  const sy_policy *policy;   /* NULL = no class weights */
  sy_policy *owned;          /* the policy, where it was made for the line */
  double exponent;           /* of a path */
  bool inner;                /* inner folds want it too */
  bool plain;                /* networks: without balanced sampling too */
  bool rival;                /* logistic regression beside others */
  sy_course course;          /* how long the trainings without each fold took */
  double *log_probabilities; /* (n, K) of the unseen rows, corrected */
  double *class_weights;     /* (folds, K) of the fit without each fold */
  int32_t *decisions;        /* (n) of a path: by the costs, or the arg-max of the weights */
} sy_line;

void sy_line_clear(sy_line *line);

#endif
