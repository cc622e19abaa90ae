/* finish.c: from what models said of unseen rows to decisions. What is chosen on such rows is
 * judged on others: for each part it is chosen from the other parts. */
#include "study/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

sy_choices sy_run_choices(const sy_run *run) {
  const sy_study_options *options = run->options;
  sy_choices choices = {.unseen = &run->unseen,
                        .lines = run->lines,
                        .n_lines = run->n_own,
                        .objective = options->automatic,
                        .costs = sy_run_priced(run) ? &run->unseen_costs : NULL,
                        .tune = options->tune,
                        .positive = run->positive};
  if (sy_run_refits(run)) choices.log_probabilities = run->lines[run->twin].log_probabilities;
  switch (options->calibrate) {
  case SY_STUDY_CALIBRATE_TEMPERATURE:
    choices.kind = SY_CALIBRATION_TEMPERATURE;
    break;
  case SY_STUDY_CALIBRATE_VECTOR:
    choices.kind = SY_CALIBRATION_VECTOR;
    break;
  case SY_STUDY_CALIBRATE_ISOTONIC:
    choices.kind = SY_CALIBRATION_ISOTONIC;
    break;
  case SY_STUDY_CALIBRATE_NONE:
  case SY_STUDY_CALIBRATE_REFIT:
    return choices;
  }
  choices.calibrates = true;
  return choices;
}

static sy_status make_judged(const sy_run *run, size_t n, bool compare, sy_judged *judged,
                             sy_error *error) {
  bool compares = compare && run->comparison >= 0;
  bool wanted[SY_WAY_COUNT] = {[SY_WAY_DEFAULT] = true,
                               [SY_WAY_WEIGHTED] = sy_run_weighted(run) || compares,
                               [SY_WAY_COST] = sy_run_priced(run),
                               [SY_WAY_TUNED] = run->options->tune != NULL};
  return sy_judged_make(judged, n, run->bench.n_classes, run->bench.row_weights != NULL,
                        run->costs.n_varying, wanted, error);
}

/* `own_cost` holds the costs that the weights imply, where there are weights. */
static void decide_row(sy_run *run, const sy_chain *chain, sy_judged *judged, size_t i) {
  sy_judged_decide(judged, SY_WAY_DEFAULT, i, i + 1, run->plain, run->scratch);
  if (sy_run_weighted(run))
    sy_judged_decide(judged, SY_WAY_WEIGHTED, i, i + 1, run->own_cost, run->scratch);
  if (sy_run_priced(run))
    sy_judged_decide_costs(judged, SY_WAY_COST, i, i + 1, &run->costs, run->scratch);
  if (chain->cost) sy_judged_decide(judged, SY_WAY_TUNED, i, i + 1, chain->cost, run->scratch);
}

/* The unseen rows of a part (-1: all of them), by the models of their folds. */
static void decide_part(sy_run *run, const sy_chain *chain, int part, sy_judged *judged) {
  const sy_unseen *unseen = &run->unseen;
  const sy_line *line = &run->lines[chain->line];
  size_t n_classes = unseen->n_classes;
  int fold = -1;
  for (size_t i = 0; i < unseen->n; i++) {
    if (part >= 0 && unseen->part[i] != part) continue;
    if (unseen->fold[i] != fold) {
      fold = unseen->fold[i];
      sy_cost_implied(line->class_weights + (size_t)fold * n_classes, n_classes, run->own_cost);
    }
    decide_row(run, chain, judged, i);
  }
}

/* The line "weighted 'balanced'" beside given costs is of a model of its own. */
static void decide_comparison(sy_run *run, sy_judged *judged) {
  const sy_unseen *unseen = &run->unseen;
  const sy_line *line = &run->lines[run->comparison];
  sy_judged compared = *judged;
  int fold = -1;
  compared.log_probabilities = line->log_probabilities;
  for (size_t i = 0; i < unseen->n_tested; i++) {
    if (unseen->fold[i] != fold) {
      fold = unseen->fold[i];
      sy_cost_implied(line->class_weights + (size_t)fold * unseen->n_classes, unseen->n_classes,
                      run->own_cost);
    }
    sy_judged_decide(&compared, SY_WAY_WEIGHTED, i, i + 1, run->own_cost, run->scratch);
  }
}

/* Log-probabilities and decisions of a part under a chain; `corrected` are those before it. */
static void apply(sy_run *run, const sy_choices *choices, const sy_chain *chain, int part,
                  sy_judged *judged) {
  sy_choices own = *choices;
  sy_chain line = {.line = chain->line};
  own.log_probabilities = NULL;
  sy_chain_apply(&own, &line, part, run->corrected);
  sy_chain_apply(choices, chain, part, judged->log_probabilities);
  decide_part(run, chain, part, judged);
}

/* "f1, at most 0.5 % flagged" */
static void tell_tuned(sy_run *run) {
  sy_study *study = run->study;
  study->tuned = true;
  study->tuned_rule = run->chain.tuned;
  sy_tune_options_text(run->options->tune, study->tuned_for);
}

static sy_status choose(sy_run *run, const sy_choices *choices, sy_judged *judged,
                        sy_error *error) {
  sy_path *path = choices->objective ? &run->study->path : NULL;
  sy_status status = sy_chain_fit(choices, -1, &run->chain, path, error);
  for (int part = 0; status == SY_OK && part < run->unseen.n_parts; part++) {
    sy_chain chain;
    status = sy_chain_fit(choices, part, &chain, NULL, error);
    if (status != SY_OK && error)
      return sy_fail(error, status, "%s: on the unseen rows beside part %d of %d", error->text,
                     part + 1, run->unseen.n_parts);
    if (status != SY_OK) return status;
    apply(run, choices, &chain, part, judged);
    sy_chain_clear(&chain);
  }
  run->study->unseen_rows = run->unseen.n;
  if (status == SY_OK && run->options->tune) tell_tuned(run);
  return status;
}

static void copy_rows(const sy_unseen *unseen, sy_judged *judged) {
  size_t n = unseen->n;
  if (n == 0) return;
  memcpy(judged->rows, unseen->rows, n * sizeof *judged->rows);
  memcpy(judged->ids, unseen->ids, n * sizeof *judged->ids);
  if (judged->row_weights) memcpy(judged->row_weights, unseen->row_weights, n * sizeof(double));
  if (judged->cost_values)
    memcpy(judged->cost_values, unseen->cost_values, n * unseen->n_varying * sizeof(double));
}

static sy_status evaluate(const sy_judged *judged, size_t n, const double *log_probabilities,
                          int positive, double *log_loss, double *calibration_error,
                          sy_error *error) {
  sy_metrics metrics;
  sy_evaluation evaluation = {.n = n,
                              .n_classes = judged->n_classes,
                              .ids = judged->ids,
                              .log_probabilities = log_probabilities,
                              .decisions = judged->decisions[SY_WAY_DEFAULT],
                              .row_weights = judged->row_weights,
                              .positive = positive};
  sy_status status = sy_evaluate(&evaluation, &metrics, error);
  if (status != SY_OK) return status;
  *log_loss = metrics.log_loss;
  *calibration_error = metrics.calibration_error;
  sy_metrics_clear(&metrics);
  return SY_OK;
}

/* Before and after calibration, on the rows of the test where there are any. */
static sy_status tell_gain(sy_run *run, const sy_judged *judged, sy_error *error) {
  sy_calibration_gain *gain = &run->study->calibration;
  size_t n = run->unseen.n_tested ? run->unseen.n_tested : run->unseen.n;
  gain->kind = run->options->calibrate;
  gain->rows = n;
  if (gain->kind == SY_STUDY_CALIBRATE_NONE || n == 0) return SY_OK;
  sy_status status = evaluate(judged, n, run->corrected, run->positive, &gain->log_loss_before,
                              &gain->error_before, error);
  if (status != SY_OK) return status;
  return evaluate(judged, n, judged->log_probabilities, run->positive, &gain->log_loss_after,
                  &gain->error_after, error);
}

/* Of the test's rows; inner ones lie behind them and were there to be chosen from. */
static sy_status tell(sy_run *run, sy_judged *judged, sy_error *error) {
  sy_status status = tell_gain(run, judged, error);
  judged->n = run->unseen.n_tested;
  if (status != SY_OK || judged->n == 0) return status;
  sy_judged_rows rows = {.n = judged->n,
                         .n_classes = judged->n_classes,
                         .ids = judged->ids,
                         .row_weights = judged->row_weights,
                         .log_probabilities = judged->log_probabilities};
  if (run->twin >= 0)
    sy_run_compare_twin(run, &rows, run->corrected, run->lines[run->twin].log_probabilities);
  if (run->rival >= 0) sy_run_compare_rival(run, &rows, run->lines[run->rival].log_probabilities);
  return SY_OK;
}

sy_status sy_run_finish(sy_run *run, sy_judged *judged, sy_error *error) {
  size_t n = run->unseen.n;
  if (n == 0) return SY_OK;
  run->unseen_costs = run->costs;
  run->unseen_costs.values = run->unseen.cost_values;
  run->corrected = sy_alloc(n, run->bench.n_classes * sizeof(double));
  if (!run->corrected) return sy_fail_memory(error);
  sy_status status = make_judged(run, n, true, judged, error);
  if (status != SY_OK) return status;
  copy_rows(&run->unseen, judged);
  sy_choices choices = sy_run_choices(run);
  if (sy_run_chooses(run))
    status = choose(run, &choices, judged, error);
  else
    apply(run, &choices, &run->chain, -1, judged);
  if (status == SY_OK && run->comparison >= 0) decide_comparison(run, judged);
  return status == SY_OK ? tell(run, judged, error) : status;
}

static void list_seen(const sy_run *run, sy_judged *judged) {
  const sy_bench *bench = &run->bench;
  size_t at = 0, width = judged->n_varying;
  for (size_t i = 0; i < bench->n; i++) {
    if (bench->ids[i] == SY_IGNORED) continue;
    judged->rows[at] = i;
    judged->ids[at] = bench->ids[i];
    if (judged->row_weights) judged->row_weights[at] = bench->row_weights[i];
    if (width > 0)
      memcpy(judged->cost_values + at * width, run->costs.values + i * width,
             width * sizeof(double));
    at++;
  }
}

sy_status sy_run_judge_seen(sy_run *run, sy_judged *judged, sy_error *error) {
  size_t n = 0;
  for (size_t i = 0; i < run->bench.n; i++) n += run->bench.ids[i] != SY_IGNORED;
  sy_status status = make_judged(run, n, false, judged, error);
  if (status != SY_OK) return status;
  list_seen(run, judged);
  status =
      sy_trained_score(&run->bench, &run->kept, judged->rows, n, judged->log_probabilities, error);
  if (status != SY_OK) return status;
  if (run->chain.calibration)
    sy_calibration_apply(run->chain.calibration, judged->log_probabilities, n,
                         judged->log_probabilities);
  sy_cost_implied(run->weights, run->bench.n_classes, run->own_cost);
  for (size_t i = 0; i < n; i++) decide_row(run, &run->chain, judged, i);
  return SY_OK;
}
