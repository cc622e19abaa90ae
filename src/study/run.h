/* run.h: a study under way, and its steps, one file each. */
#ifndef SY_STUDY_RUN_H
#define SY_STUDY_RUN_H

#include "study/chain.h"
#include "study/train.h"
#include "study/trainings.h"
#include "study/unseen.h"
#include "study/ways.h"

typedef struct sy_run {
  const sy_study_data *data;
  const sy_study_options *options;
  sy_study *study;
  sy_bench bench;
  sy_line lines[SY_LINES_MOST]; /* kinds of models trained without each fold */
  size_t n_lines, n_own;        /* the study's own come first: one, or one an exponent */
  int twin, comparison, rival;  /* places among the lines, or -1 */
  sy_bench rival_bench;         /* of logistic regression beside them, with what it shares */
  sy_study_options rival_options;
  sy_unseen unseen;
  double *corrected;  /* (unseen rows, K) of the study's own models before calibration */
  sy_chain chain;     /* what all unseen rows choose */
  sy_trained kept;    /* the fit on all rows */
  double *weights;    /* (K) class weights on all rows */
  double *twin_logs;  /* (test rows, K) of the twin on another source, or NULL */
  double *rival_logs; /* of the rival, likewise */
  int epochs;         /* (rounds) of the model kept, where it is trained so */
  int positive;
  sy_costs costs; /* given ones of all rows; n_classes = 0 where there are none */
  sy_costs unseen_costs;
  double *own_cost;    /* (K, K) scratch: the costs a fold's weights imply */
  double *plain;       /* (K, K) */
  double *scratch;     /* (K) */
  bool adjusts;        /* the loss moves logits by class */
  int fits_done, fits; /* for the progress */
  char stage[48];
} sy_run;

/* Class weights were asked for, or balanced sampling in their place: a twin goes without. */
static inline bool sy_run_weighs(const sy_run *run) {
  const sy_study_options *options = run->options;
  bool policy = options->policy && !sy_policy_is_none(options->policy);
  return options->automatic || policy || sy_trainings_sample(options);
}

/* The logits hold weights beside the truth, which imply costs. */
static inline bool sy_run_weighted(const sy_run *run) {
  return sy_run_weighs(run) || run->adjusts;
}

/* Tenths between two exponents of a path. */
static inline int sy_run_path_step(const sy_run *run) {
  return sy_family_iterates(run->options->family) ? 2 : 1;
}

static inline bool sy_run_priced(const sy_run *run) {
  return run->costs.n_classes > 0;
}

static inline bool sy_run_refits(const sy_run *run) {
  return run->options->calibrate == SY_STUDY_CALIBRATE_REFIT;
}

/* Probabilities go through a map chosen on unseen rows. */
static inline bool sy_run_chooses_map(const sy_run *run) {
  sy_study_calibration calibrate = run->options->calibrate;
  return calibrate != SY_STUDY_CALIBRATE_NONE && calibrate != SY_STUDY_CALIBRATE_REFIT;
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

/* lines.c: which kinds of models there are to train; one more, of a policy by its text, made for
 * the line. */
sy_status sy_run_lines(sy_run *run, sy_error *error);
sy_status sy_run_add_line(sy_run *run, const char *text, sy_error *error);

/* rival.c: the line of logistic regression beside networks and boosted trees, its bench, and its
 * fit on all rows where another source judges. */
sy_status sy_run_rival_line(sy_run *run, sy_error *error);
sy_status sy_run_rival_of_other(sy_run *run, sy_error *error);
void sy_run_rival_clear(sy_run *run);

/* marks.c: what the trainings depend on, for their book where there is one. */
sy_status sy_run_mark_book(sy_run *run, sy_error *error);

/* training_hints.c: what is to be said of networks and boosted trees, into the study's messages.
 */
void sy_run_training_hints(sy_run *run);

/* judge.c: trains every line without each fold and scores the fold's rows. */
sy_status sy_run_judge(sy_run *run, sy_error *error);

/* finish.c: chooses for each part from the others, and decides; then chooses from all of them.
 * `judged` becomes the rows of the test. */
sy_status sy_run_finish(sy_run *run, sy_judged *judged, sy_error *error);

/* keep.c: trains on all rows, the twin too where another source judges it; before that, a network
 * that tells for how many epochs, where no fold has told it. */
bool sy_run_twin_of_other(const sy_run *run);
bool sy_run_tries_epochs(const sy_run *run);
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

/* The same to study->rival, from those of logistic regression. */
void sy_run_compare_rival(sy_run *run, const sy_judged_rows *rows, const double *logistic);

#endif
