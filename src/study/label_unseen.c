#include "study/label_unseen.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

sy_status sy_label_unseen_make(sy_label_unseen *unseen, const sy_label_bench *bench, int n_folds,
                               sy_error *error) {
  size_t n = 0, pair = 2 * bench->n_labels * sizeof(double);
  for (size_t i = 0; i < bench->n; i++) n += bench->fold[i] >= 0;
  *unseen = (sy_label_unseen){.n_folds = n_folds, .n = n};
  unseen->rows = sy_alloc(n, sizeof *unseen->rows);
  unseen->folds = sy_alloc(n, sizeof *unseen->folds);
  unseen->logs = sy_alloc(n, pair);
  unseen->weights = sy_alloc((size_t)n_folds, pair);
  if (!unseen->rows || !unseen->folds || !unseen->logs || !unseen->weights)
    return sy_fail_memory(error);
  for (int fold = 0, at = 0; fold < n_folds; fold++)
    for (size_t i = 0; i < bench->n; i++) {
      if (bench->fold[i] != fold) continue;
      unseen->rows[at] = i;
      unseen->folds[at++] = fold;
    }
  return SY_OK;
}

void sy_label_unseen_clear(sy_label_unseen *unseen, size_t n_labels) {
  for (size_t l = 0; unseen->maps && l < n_labels; l++) sy_calibration_free(unseen->maps[l]);
  free(unseen->maps);
  free(unseen->rows);
  free(unseen->folds);
  free(unseen->logs);
  free(unseen->weights);
  *unseen = (sy_label_unseen){0};
}

/* The rows of a fold lie together. */
static size_t rows_of(const sy_label_unseen *unseen, int fold, size_t *begin) {
  size_t at = 0, end;
  while (at < unseen->n && unseen->folds[at] < fold) at++;
  for (end = at; end < unseen->n && unseen->folds[end] == fold; end++) continue;
  *begin = at;
  return end - at;
}

sy_status sy_label_unseen_add(sy_label_unseen *unseen, const sy_label_bench *bench, int fold,
                              const sy_label_trained *trained, sy_error *error) {
  size_t begin, n = rows_of(unseen, fold, &begin), pairs = 2 * bench->n_labels;
  memcpy(unseen->weights + (size_t)fold * pairs, trained->weights, pairs * sizeof(double));
  return sy_label_trained_score(bench, trained, unseen->rows + begin, n,
                                unseen->logs + begin * pairs, error);
}

/* One label of the rows: what sy_calibrate takes. */
typedef struct one_label {
  double *logs;        /* (n, 2) */
  int32_t *ids;        /* (n) */
  double *row_weights; /* (n) */
} one_label;

static void take_label(const sy_label_unseen *unseen, const sy_label_bench *bench, size_t l,
                       one_label *one) {
  for (size_t i = 0; i < unseen->n; i++) {
    size_t row = unseen->rows[i];
    memcpy(one->logs + 2 * i, unseen->logs + 2 * (i * bench->n_labels + l), 2 * sizeof *one->logs);
    one->ids[i] = bench->data->truth[row * bench->n_labels + l];
    one->row_weights[i] = bench->data->row_weights ? bench->data->row_weights[row] : 1;
  }
}

/* A map of the rows that are not of `without` (-1: of all); none where they are all alike. */
static sy_status fit_map(const sy_label_unseen *unseen, const one_label *one, int without,
                         sy_calibration_kind kind, int32_t *ids, sy_calibration **map,
                         sy_error *error) {
  *map = NULL;
  for (size_t i = 0; i < unseen->n; i++)
    ids[i] = unseen->folds[i] == without ? SY_IGNORED : one->ids[i];
  sy_status status = sy_calibrate(kind, one->logs, unseen->n, 2, ids, one->row_weights, map, error);
  return status == SY_TOO_FEW_CLASSES ? SY_OK : status;
}

static sy_status calibrate_label(sy_label_unseen *unseen, const sy_label_bench *bench, size_t l,
                                 sy_calibration_kind kind, const one_label *one, int32_t *ids,
                                 sy_error *error) {
  sy_status status = fit_map(unseen, one, -1, kind, ids, &unseen->maps[l], error);
  for (int fold = 0; fold < unseen->n_folds && !status; fold++) {
    sy_calibration *map;
    size_t begin, n = rows_of(unseen, fold, &begin);
    status = fit_map(unseen, one, fold, kind, ids, &map, error);
    if (!status && map) sy_calibration_apply(map, one->logs + 2 * begin, n, one->logs + 2 * begin);
    sy_calibration_free(map);
    /* Maps of the other folds are fitted on what the models said: that is put back. */
    for (size_t i = begin; i < begin + n && !status; i++) {
      double *to = unseen->logs + 2 * (i * bench->n_labels + l), kept[2];
      memcpy(kept, to, sizeof kept);
      memcpy(to, one->logs + 2 * i, sizeof kept);
      memcpy(one->logs + 2 * i, kept, sizeof kept);
    }
  }
  return status;
}

sy_status sy_label_unseen_calibrate(sy_label_unseen *unseen, const sy_label_bench *bench,
                                    sy_study_calibration kind, sy_error *error) {
  sy_calibration_kind map =
      kind == SY_STUDY_CALIBRATE_VECTOR ? SY_CALIBRATION_VECTOR : SY_CALIBRATION_TEMPERATURE;
  size_t n = unseen->n;
  one_label one = {sy_alloc(n, 2 * sizeof(double)), sy_alloc(n, sizeof(int32_t)),
                   sy_alloc(n, sizeof(double))};
  int32_t *ids = sy_alloc(n, sizeof *ids);
  unseen->maps = sy_alloc_zero(bench->n_labels, sizeof *unseen->maps);
  sy_status status =
      one.logs && one.ids && one.row_weights && ids && unseen->maps ? SY_OK : sy_fail_memory(error);
  for (size_t l = 0; l < bench->n_labels && !status; l++) {
    take_label(unseen, bench, l, &one);
    status = calibrate_label(unseen, bench, l, map, &one, ids, error);
  }
  free(one.logs);
  free(one.ids);
  free(one.row_weights);
  free(ids);
  return status;
}

/* What sy_evaluate_labels takes, of the rows that are judged. */
typedef struct said {
  double *probabilities, *row_weights;
  uint8_t *truth, *there;
} said;

static void decide(const sy_label_unseen *unseen, const sy_label_bench *bench, size_t i, said *to) {
  size_t n_labels = bench->n_labels, row = unseen->rows[i];
  to->row_weights[i] = bench->data->row_weights ? bench->data->row_weights[row] : 1;
  for (size_t l = 0; l < n_labels; l++) {
    size_t at = i * n_labels + l;
    const double *logs = unseen->logs + 2 * at;
    double both[2] = {exp(logs[0]), fmin(exp(logs[1]), 1)}, cost[4];
    int32_t decision;
    sy_cost_implied(unseen->weights + 2 * ((size_t)unseen->folds[i] * n_labels + l), 2, cost);
    sy_decide(both, 1, 2, cost, &decision);
    to->truth[at] = bench->data->truth[row * n_labels + l];
    to->there[at] = (uint8_t)decision;
    to->probabilities[at] = both[1];
  }
}

sy_status sy_label_unseen_evaluate(const sy_label_unseen *unseen, const sy_label_bench *bench,
                                   sy_label_metrics *metrics, sy_error *error) {
  size_t n = unseen->n, n_labels = bench->n_labels;
  said to = {sy_alloc(n, n_labels * sizeof(double)), sy_alloc(n, sizeof(double)),
             sy_alloc(n, n_labels), sy_alloc(n, n_labels)};
  sy_status status =
      to.probabilities && to.row_weights && to.truth && to.there ? SY_OK : sy_fail_memory(error);
  for (size_t i = 0; i < n && !status; i++) decide(unseen, bench, i, &to);
  sy_label_evaluation evaluation = {.n = n,
                                    .n_labels = n_labels,
                                    .truth = to.truth,
                                    .probabilities = to.probabilities,
                                    .decisions = to.there,
                                    .row_weights =
                                        bench->data->row_weights ? to.row_weights : NULL};
  if (!status) status = sy_evaluate_labels(&evaluation, metrics, error);
  free(to.probabilities);
  free(to.row_weights);
  free(to.truth);
  free(to.there);
  return status;
}
