/* run.h: a study under way, and its steps, one file each. */
#ifndef SY_STUDY_RUN_H
#define SY_STUDY_RUN_H

#include "study/chain.h"
#include "study/train.h"
#include "study/unseen.h"
#include "study/ways.h"

typedef struct sy_run {
  const sy_study_data *data;
  const sy_study_options *options;
  sy_study *study;
  sy_bench bench;
  sy_line lines[SY_LINES_MOST]; /* kinds of models trained without each fold */
  size_t n_lines, n_own;        /* the study's own come first: one, or one an exponent */
  int twin, comparison;         /* places among the lines, or -1 */
  sy_unseen unseen;
  double *corrected; /* (unseen rows, K) of the study's own models before calibration */
  sy_chain chain;    /* what all unseen rows choose */
  sy_trained kept;   /* the fit on all rows */
  double *weights;   /* (K) class weights on all rows */
  double *twin_logs; /* (test rows, K) of the twin on another source, or NULL */
  int positive;
  sy_costs costs; /* given ones of all rows; n_classes = 0 where there are none */
  sy_costs unseen_costs;
  double *own_cost;    /* (K, K) scratch: the costs a fold's weights imply */
  double *plain;       /* (K, K) */
  double *scratch;     /* (K) */
  int fits_done, fits; /* for the progress */
  char stage[48];
} sy_run;

/* Class weights were asked for. */
static inline bool sy_run_weighted(const sy_run *run) {
  const sy_study_options *options = run->options;
  return options->automatic || (options->policy && !sy_policy_is_none(options->policy));
}

static inline bool sy_run_priced(const sy_run *run) {
  return run->costs.n_classes > 0;
}

static inline bool sy_run_refits(const sy_run *run) {
  return run->options->calibrate == SY_STUDY_CALIBRATE_REFIT;
}

/* Something is chosen on rows that no model of their fold saw. */
bool sy_run_chooses(const sy_run *run);

/* What there is to choose from, and by what. */
sy_choices sy_run_choices(const sy_run *run);

/* The progress of the fit under way, as a part of the whole. */
sy_progress sy_run_progress(sy_run *run);

/* plan.c: who judges which row: bench.fold[i] is the fold without row i, -1 for rows that always
 * train. Where something is to be chosen and the test leaves no rows for it, inner folds. */
sy_status sy_run_plan(sy_run *run, sy_error *error);

/* lines.c: which kinds of models there are to train. */
sy_status sy_run_lines(sy_run *run, sy_error *error);

/* judge.c: trains every line without each fold and scores the fold's rows. */
sy_status sy_run_judge(sy_run *run, sy_error *error);

/* finish.c: chooses for each part from the others, and decides; then chooses from all of them.
 * `judged` becomes the rows of the test. */
sy_status sy_run_finish(sy_run *run, sy_judged *judged, sy_error *error);

/* keep.c: trains on all rows, the twin too where another source judges it. */
bool sy_run_twin_of_other(const sy_run *run);
sy_status sy_run_fit(sy_run *run, sy_error *error);

/* finish.c: decides the rows that trained the model, by the model that saw them: before its parts
 * move into the classifier, since they work on the encoded rows. */
sy_status sy_run_judge_seen(sy_run *run, sy_judged *judged, sy_error *error);

/* keep.c: the classifier, of encoder, predictor, calibration and rule. */
sy_status sy_run_assemble(sy_run *run, sy_error *error);

/* twin.c: tells study->twin from log-probabilities (n, K) of the same rows: those kept (of `rows`),
 * those of the weighted model before calibration (NULL: not known), those of its twin. */
void sy_run_compare_twin(sy_run *run, const sy_judged_rows *rows, const double *corrected,
                         const double *twin);

#endif
