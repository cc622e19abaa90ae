/* judged.c: rows that were judged, and the ways of deciding them. */
#include "study/ways.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"

sy_status sy_judged_make(sy_judged *judged, size_t n, size_t n_classes, bool weighted,
                         size_t n_varying, const bool wanted[SY_WAY_COUNT], sy_error *error) {
  *judged = (sy_judged){.n = n, .n_classes = n_classes, .n_varying = n_varying};
  judged->rows = sy_alloc(n, sizeof *judged->rows);
  judged->ids = sy_alloc(n, sizeof *judged->ids);
  judged->log_probabilities = sy_alloc(n, n_classes * sizeof(double));
  bool complete = judged->rows && judged->ids && judged->log_probabilities;
  if (weighted) {
    judged->row_weights = sy_alloc(n, sizeof(double));
    complete = complete && judged->row_weights;
  }
  if (n_varying > 0) {
    judged->cost_values = sy_alloc(n, n_varying * sizeof(double));
    complete = complete && judged->cost_values;
  }
  for (int way = 0; way < SY_WAY_COUNT; way++) {
    if (!wanted[way]) continue;
    judged->decisions[way] = sy_alloc_zero(n, sizeof(int32_t));
    complete = complete && judged->decisions[way];
  }
  if (complete) return SY_OK;
  sy_judged_clear(judged);
  return sy_fail_memory(error);
}

void sy_judged_clear(sy_judged *judged) {
  free(judged->rows);
  free(judged->ids);
  free(judged->row_weights);
  free(judged->log_probabilities);
  free(judged->cost_values);
  for (int way = 0; way < SY_WAY_COUNT; way++) free(judged->decisions[way]);
  *judged = (sy_judged){0};
}

sy_judged_rows sy_judged_take(sy_judged *judged, sy_way_kind way) {
  sy_judged_rows taken = {.n = judged->n,
                          .n_classes = judged->n_classes,
                          .rows = judged->rows,
                          .ids = judged->ids,
                          .row_weights = judged->row_weights,
                          .log_probabilities = judged->log_probabilities,
                          .n_varying = judged->n_varying,
                          .cost_values = judged->cost_values,
                          .decisions = judged->decisions[way]};
  judged->rows = NULL;
  judged->ids = NULL;
  judged->row_weights = judged->log_probabilities = judged->cost_values = NULL;
  judged->decisions[way] = NULL;
  return taken;
}

void sy_judged_rows_clear(sy_judged_rows *rows) {
  free(rows->rows);
  free(rows->ids);
  free(rows->row_weights);
  free(rows->log_probabilities);
  free(rows->cost_values);
  free(rows->decisions);
  *rows = (sy_judged_rows){0};
}

void sy_judged_decide(sy_judged *judged, sy_way_kind way, size_t begin, size_t end,
                      const double *cost, double *scratch) {
  sy_costs costs = {.n_classes = judged->n_classes, .fixed = cost};
  sy_judged_decide_costs(judged, way, begin, end, &costs, scratch);
}

void sy_judged_decide_costs(sy_judged *judged, sy_way_kind way, size_t begin, size_t end,
                            const sy_costs *costs, double *scratch) {
  size_t n_classes = judged->n_classes;
  sy_costs own = *costs;
  for (size_t i = begin; i < end; i++) {
    const double *logs = judged->log_probabilities + i * n_classes;
    for (size_t k = 0; k < n_classes; k++) scratch[k] = exp(logs[k]);
    if (own.n_varying > 0) own.values = judged->cost_values + i * own.n_varying;
    sy_decide_costs(scratch, 1, &own, judged->decisions[way] + i);
  }
}
