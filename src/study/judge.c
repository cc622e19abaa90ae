/* judge.c: every row judged by models that did not see it. */
#include "study/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* Rows [begin, end) of the unseen ones are a fold. */
typedef struct range {
  int fold;
  size_t begin, end;
} range;

static range fold_at(const sy_unseen *unseen, size_t begin) {
  size_t end = begin;
  while (end < unseen->n && unseen->fold[end] == unseen->fold[begin]) end++;
  return (range){unseen->fold[begin], begin, end};
}

/* What decides between the exponents of a path: the costs, or the arg-max of its weights. */
static void decide_line(sy_run *run, sy_line *line, range rows, const double *class_weights) {
  size_t n_classes = run->bench.n_classes;
  const double *values = run->unseen.cost_values;
  sy_costs costs = run->costs;
  if (!sy_run_priced(run)) {
    sy_cost_implied(class_weights, n_classes, run->own_cost);
    costs = (sy_costs){.n_classes = n_classes, .fixed = run->own_cost};
  }
  for (size_t i = rows.begin; i < rows.end; i++) {
    const double *logs = line->log_probabilities + i * n_classes;
    for (size_t k = 0; k < n_classes; k++) run->scratch[k] = exp(logs[k]);
    costs.values = costs.n_varying ? values + i * costs.n_varying : NULL;
    sy_decide_costs(run->scratch, 1, &costs, line->decisions + i);
  }
}

static sy_status score_line(sy_run *run, sy_line *line, const sy_trained *trained, range rows,
                            sy_error *error) {
  size_t n_classes = run->bench.n_classes;
  double *weights = line->class_weights + (size_t)rows.fold * n_classes;
  memcpy(weights, trained->class_weights, n_classes * sizeof *weights);
  const sy_bench *bench = line->rival ? &run->rival_bench : &run->bench;
  sy_status status =
      sy_trained_score(bench, trained, run->unseen.rows + rows.begin, rows.end - rows.begin,
                       line->log_probabilities + rows.begin * n_classes, error);
  if (status == SY_OK && line->decisions) decide_line(run, line, rows, weights);
  return status;
}

/* Along a path each fit of logistic regression begins where the one before ended. */
static sy_status judge_line(sy_run *run, size_t which, range rows, sy_trained *before,
                            sy_error *error) {
  sy_line *line = &run->lines[which];
  bool follows = which > 0 && which < run->n_own;
  sy_trained trained;
  sy_training training = {.policy = line->policy,
                          .without = rows.fold,
                          .start = follows ? before->predictor : NULL,
                          .progress = sy_run_progress(run),
                          .plain = line->plain};
  sy_bench *bench = line->rival ? &run->rival_bench : &run->bench;
  sy_status status = sy_train(bench, &training, &trained, error);
  if (status == SY_TOO_FEW_CLASSES && error) /* of the data there are enough: say where not */
    return sy_fail(error, status, "%s: among the rows left to train on %s", run->stage,
                   error->text);
  if (status != SY_OK) return status;
  run->fits_done++;
  sy_trained_clear(before);
  *before = trained;
  if (trained.held) status = sy_course_add(&line->course, &trained.training, error);
  if (status != SY_OK) return status;
  return score_line(run, line, before, rows, error);
}

static sy_status judge_fold(sy_run *run, range rows, sy_error *error) {
  bool inner = rows.fold >= run->bench.n_tested;
  int first = inner ? run->bench.n_tested : 0;
  int folds = inner ? run->bench.n_folds - first : run->bench.n_tested;
  sy_trained before = {0};
  sy_status status = SY_OK;
  if (folds > 1)
    snprintf(run->stage, sizeof run->stage, "%sfold %d of %d", inner ? "inner " : "",
             rows.fold - first + 1, folds);
  else
    snprintf(run->stage, sizeof run->stage, "training for %s", inner ? "the choice" : "the test");
  for (size_t i = 0; status == SY_OK && i < run->n_lines; i++)
    if (!inner || run->lines[i].inner) status = judge_line(run, i, rows, &before, error);
  sy_trained_clear(&before);
  return status;
}

sy_status sy_run_judge(sy_run *run, sy_error *error) {
  sy_status status = SY_OK;
  for (size_t begin = 0; status == SY_OK && begin < run->unseen.n;) {
    range rows = fold_at(&run->unseen, begin);
    status = judge_fold(run, rows, error);
    begin = rows.end;
  }
  return status;
}
