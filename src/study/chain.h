/* chain.h: what rows choose that a fitted model did not see: the exponent of its class weights, a
 * calibration of its probabilities, a rule that decides on these. */
#ifndef SY_STUDY_CHAIN_H
#define SY_STUDY_CHAIN_H

#include "study/unseen.h"

/* What there is to choose from, and by what. */
typedef struct sy_choices {
  const sy_unseen *unseen;
  const sy_line *lines; /* (n_lines) an exponent each, or one */
  size_t n_lines;
  const sy_objective *objective;   /* chooses the line; NULL where there is one */
  const double *log_probabilities; /* (n, K) in the place of the lines' own, or NULL */
  const sy_costs *costs;           /* (n rows) of mistakes, or NULL */
  bool calibrates;
  sy_calibration_kind kind;
  const sy_tune_options *tune; /* or NULL */
  int positive;
} sy_choices;

/* Zero-initialise; sy_chain_clear. */
typedef struct sy_chain {
  size_t line;
  sy_calibration *calibration; /* or NULL */
  sy_tuned tuned;
  double *cost; /* (K, K) the costs whose rule is the tuned one, or NULL */
} sy_chain;

/* Chooses from the rows of all parts but one (`without` -1: from all). Line, then calibration on
 * its probabilities, then the rule on the calibrated ones. `path` is filled where it is not NULL:
 * points (n_lines), best, chosen, margin. */
sy_status sy_chain_fit(const sy_choices *choices, int without, sy_chain *chain, sy_path *path,
                       sy_error *error);

/* Log-probabilities (n, K) of the unseen rows of one part (-1: of all) under a chain, at their
 * places. */
void sy_chain_apply(const sy_choices *choices, const sy_chain *chain, int part,
                    double *log_probabilities);

void sy_chain_clear(sy_chain *chain);

/* path.c: the smallest exponent within one standard error of the best. */
sy_status sy_path_choose(const sy_choices *choices, int without, size_t *chosen, sy_path *path,
                         sy_error *error);

#endif
