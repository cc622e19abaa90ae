#include "study/chain.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

/* The rows that choose, compact. */
typedef struct chosen_from {
  size_t n, n_classes;
  int32_t *ids;
  double *row_weights; /* or NULL */
  double *log_probabilities;
  double *scores; /* of two classes: of the positive one */
  double *cost_values;
  sy_costs costs; /* of these rows, where there are any */
} chosen_from;

static void chosen_from_clear(chosen_from *rows) {
  free(rows->ids);
  free(rows->row_weights);
  free(rows->log_probabilities);
  free(rows->scores);
  free(rows->cost_values);
}

static sy_status make_room(const sy_choices *choices, chosen_from *rows, sy_error *error) {
  size_t n = choices->unseen->n, n_varying = choices->costs ? choices->costs->n_varying : 0;
  rows->ids = sy_alloc(n, sizeof *rows->ids);
  rows->log_probabilities = sy_alloc(n, rows->n_classes * sizeof(double));
  rows->scores = sy_alloc(n, sizeof(double));
  bool complete = rows->ids && rows->log_probabilities && rows->scores;
  if (choices->unseen->row_weights)
    complete = (rows->row_weights = sy_alloc(n, sizeof(double))) && complete;
  if (n_varying > 0)
    complete = (rows->cost_values = sy_alloc(n, n_varying * sizeof(double))) && complete;
  return complete ? SY_OK : sy_fail_memory(error);
}

/* Log-probabilities of all unseen rows before calibration. */
static const double *logs_of(const sy_choices *choices, size_t line) {
  const double *own = choices->log_probabilities;
  return own ? own : choices->lines[line].log_probabilities;
}

static sy_status gather(const sy_choices *choices, int without, size_t line, chosen_from *rows,
                        sy_error *error) {
  const sy_unseen *unseen = choices->unseen;
  size_t n_classes = rows->n_classes = unseen->n_classes;
  const double *logs = logs_of(choices, line);
  sy_status status = make_room(choices, rows, error);
  if (status != SY_OK) return status;
  size_t n_varying = rows->cost_values ? choices->costs->n_varying : 0;
  for (size_t i = 0; i < unseen->n; i++) {
    if (without >= 0 && unseen->part[i] == without) continue;
    size_t at = rows->n++;
    rows->ids[at] = unseen->ids[i];
    memcpy(rows->log_probabilities + at * n_classes, logs + i * n_classes,
           n_classes * sizeof *logs);
    if (rows->row_weights) rows->row_weights[at] = unseen->row_weights[i];
    if (n_varying > 0)
      memcpy(rows->cost_values + at * n_varying, choices->costs->values + i * n_varying,
             n_varying * sizeof(double));
  }
  if (choices->costs) rows->costs = *choices->costs;
  rows->costs.values = rows->cost_values;
  return SY_OK;
}

static sy_status calibrate(const sy_choices *choices, chosen_from *rows, sy_chain *chain,
                           sy_error *error) {
  sy_status status = sy_calibrate(choices->kind, rows->log_probabilities, rows->n, rows->n_classes,
                                  rows->ids, rows->row_weights, &chain->calibration, error);
  if (status == SY_TOO_FEW_CLASSES) /* of one part; that all rows have two was seen before */
    return sy_fail(
        error, status,
        "the %zu rows that calibrate for one fold are of one class alone: take more rows "
        "of the other, or no calibration",
        rows->n);
  if (status == SY_OK)
    sy_calibration_apply(chain->calibration, rows->log_probabilities, rows->n,
                         rows->log_probabilities);
  return status;
}

/* Only the rule that is kept needs an interval. */
static sy_status tune(const sy_choices *choices, const chosen_from *rows, bool kept,
                      sy_chain *chain, sy_error *error) {
  size_t n_classes = rows->n_classes;
  sy_tune_options options = *choices->tune;
  const sy_costs *costs = choices->costs ? &rows->costs : NULL;
  if (!kept) options.samples = 0;
  chain->cost = sy_alloc(n_classes, n_classes * sizeof(double));
  double *factors = sy_alloc(n_classes, sizeof *factors);
  sy_status status = chain->cost && factors ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK && choices->positive >= 0) {
    for (size_t i = 0; i < rows->n; i++)
      rows->scores[i] = exp(rows->log_probabilities[2 * i + (size_t)choices->positive]);
    status = sy_tune_threshold(rows->scores, rows->ids, rows->n, choices->positive,
                               rows->row_weights, costs, &options, &chain->tuned, error);
    if (status == SY_OK)
      sy_cost_of_threshold(chain->tuned.threshold, choices->positive, chain->cost);
  } else if (status == SY_OK) {
    status = sy_tune_factors(rows->log_probabilities, rows->ids, rows->n, n_classes,
                             rows->row_weights, costs, &options, factors, &chain->tuned, error);
    if (status == SY_OK) sy_cost_implied(factors, n_classes, chain->cost);
  }
  free(factors);
  return status;
}

sy_status sy_chain_fit(const sy_choices *choices, int without, sy_chain *chain, sy_path *path,
                       sy_error *error) {
  *chain = (sy_chain){0};
  chosen_from rows = {0};
  sy_status status = SY_OK;
  if (choices->objective) status = sy_path_choose(choices, without, &chain->line, path, error);
  if (status == SY_OK && (choices->calibrates || choices->tune)) {
    status = gather(choices, without, chain->line, &rows, error);
    if (status == SY_OK && choices->calibrates) status = calibrate(choices, &rows, chain, error);
    if (status == SY_OK && choices->tune) status = tune(choices, &rows, without < 0, chain, error);
  }
  chosen_from_clear(&rows);
  if (status != SY_OK) sy_chain_clear(chain);
  return status;
}

void sy_chain_apply(const sy_choices *choices, const sy_chain *chain, int part,
                    double *log_probabilities) {
  const sy_unseen *unseen = choices->unseen;
  size_t n_classes = unseen->n_classes;
  const double *logs = logs_of(choices, chain->line);
  for (size_t i = 0; i < unseen->n; i++) {
    if (part >= 0 && unseen->part[i] != part) continue;
    double *out = log_probabilities + i * n_classes;
    memcpy(out, logs + i * n_classes, n_classes * sizeof *out);
    if (chain->calibration) sy_calibration_apply(chain->calibration, out, 1, out);
  }
}

void sy_chain_clear(sy_chain *chain) {
  sy_calibration_free(chain->calibration);
  free(chain->cost);
  *chain = (sy_chain){0};
}
