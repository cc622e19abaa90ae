/* lines.c: the kinds of models that are trained without each fold. */
#include "study/run.h"

#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"

sy_status sy_run_add_line(sy_run *run, const char *text, sy_error *error) {
  sy_line *line = &run->lines[run->n_lines++];
  sy_status status = sy_policy_parse(text, &line->owned, error);
  line->policy = line->owned;
  return status;
}

/* Exponents 0, 0.1, .. 1: the weights of neighbours differ by the tenth root of the imbalance,
 * which decisions hardly feel, and each point is a fit a fold; of networks and boosted trees, which
 * take longer, every second one. The first is the unweighted twin. */
static sy_status add_path(sy_run *run, sy_error *error) {
  sy_status status = SY_OK;
  for (int tenth = 0; tenth < SY_EXPONENTS && status == SY_OK; tenth += sy_run_path_step(run)) {
    char text[SY_NUMBER_SIZE + 8], number[SY_NUMBER_SIZE];
    snprintf(text, sizeof text, "power:%s", sy_number_format(tenth / 10.0, number));
    run->lines[run->n_lines].exponent = tenth / 10.0;
    if (tenth == 0)
      run->n_lines++;
    else
      status = sy_run_add_line(run, text, error);
  }
  run->twin = 0;
  return status;
}

static sy_status make_room(sy_run *run, sy_line *line, bool decides, sy_error *error) {
  size_t n = run->unseen.n, n_classes = run->bench.n_classes;
  line->log_probabilities = sy_alloc(n, n_classes * sizeof(double));
  line->class_weights = sy_alloc((size_t)run->bench.n_folds, n_classes * sizeof(double));
  if (decides) line->decisions = sy_alloc(n, sizeof *line->decisions);
  bool complete = line->log_probabilities && line->class_weights;
  return complete && (!decides || line->decisions) ? SY_OK : sy_fail_memory(error);
}

/* "balanced" stands beside costs that were given without weights. */
sy_status sy_run_lines(sy_run *run, sy_error *error) {
  const sy_study_options *options = run->options;
  sy_status status = SY_OK;
  run->twin = run->comparison = run->rival = -1;
  if (options->automatic)
    status = add_path(run, error);
  else
    run->lines[run->n_lines++].policy = options->policy;
  run->n_own = run->n_lines;
  for (size_t i = 0; i < run->n_own; i++) run->lines[i].inner = true;
  if (sy_run_weighs(run) && run->twin < 0) {
    run->lines[run->n_lines].inner = sy_run_refits(run);
    run->lines[run->n_lines].plain = true;
    run->twin = (int)run->n_lines++;
  }
  if (status == SY_OK && sy_run_priced(run) && !sy_run_weighted(run)) {
    run->comparison = (int)run->n_lines;
    status = sy_run_add_line(run, "balanced", error);
  }
  if (status == SY_OK) status = sy_run_rival_line(run, error);
  for (size_t i = 0; status == SY_OK && i < run->n_lines; i++)
    status = make_room(run, &run->lines[i], options->automatic && i < run->n_own, error);
  return status;
}
