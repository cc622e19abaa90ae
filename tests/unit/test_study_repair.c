/* test_study_repair.c: what correction and calibration bring back of the log-loss that class
 * weights cost, on rows that neither the model nor the map saw: on logistic data all of it, on real
 * data nearly all. */
#define _POSIX_C_SOURCE 200809L

#include "table_fixture.h"

#include <math.h>

#include <steelyard/study.h>

#include "base/random.h"

enum { FOLDS = 5 };

/* A problem in memory: rows encoded as float32. */
typedef struct problem {
  size_t n, width, n_classes;
  float *rows;
  int32_t *ids, *fold;
} problem;

static void *room(size_t count, size_t size) {
  void *made = calloc(count, size);
  assert_non_null(made);
  return made;
}

static void must(sy_status status, const sy_error *error) {
  if (status != SY_OK) fail_msg("%s", error->text);
}

static void free_problem(problem *p) {
  free(p->rows);
  free(p->ids);
  free(p->fold);
}

/* Weights of the rows that train: 1, or n / (K n_k) over them. class_weights: (K) out */
static void weigh(const problem *p, int32_t without, bool balanced, double *weights,
                  double *class_weights) {
  double *counts = room(p->n_classes, sizeof *counts), all = 0;
  for (size_t i = 0; i < p->n; i++) {
    if (p->fold[i] == without) continue;
    counts[p->ids[i]]++;
    all++;
  }
  for (size_t k = 0; k < p->n_classes; k++)
    class_weights[k] = balanced && counts[k] > 0 ? all / ((double)p->n_classes * counts[k]) : 1;
  for (size_t i = 0; i < p->n; i++)
    weights[i] = p->fold[i] == without ? 0 : class_weights[p->ids[i]];
  free(counts);
}

/* Corrected log-probabilities of all rows by a model that did not see fold `without`. */
static void judge(const problem *p, int32_t without, bool balanced, double *logs) {
  double *weights = room(p->n, sizeof *weights),
         *class_weights = room(p->n_classes, sizeof(double));
  sy_matrix rows = {p->rows, SY_F32, p->n, p->width, p->width};
  sy_fit_options options = sy_fit_options_default();
  sy_predictor *predictor;
  sy_error error = {0};
  weigh(p, without, balanced, weights, class_weights);
  options.l2 = 1 / (double)p->n;
  must(sy_fit_logistic(rows, p->ids, weights, p->n_classes, &options, &predictor, NULL, &error),
       &error);
  must(sy_predictor_logits(predictor, rows, logs, &error), &error);
  sy_correct(logs, p->n, p->n_classes, class_weights, logs);
  sy_predictor_free(predictor);
  free(weights);
  free(class_weights);
}

/* Log-probabilities of each row by the model of its fold. */
static double *judge_folds(const problem *p, bool balanced) {
  double *all = room(p->n * p->n_classes, sizeof *all),
         *one = room(p->n * p->n_classes, sizeof *one);
  for (int32_t fold = 0; fold < FOLDS; fold++) {
    judge(p, fold, balanced, one);
    for (size_t i = 0; i < p->n; i++)
      if (p->fold[i] == fold)
        memcpy(all + i * p->n_classes, one + i * p->n_classes, p->n_classes * sizeof *all);
  }
  free(one);
  return all;
}

/* Rows of a fold calibrated by a map of the other folds' rows. */
static double *calibrate_folds(const problem *p, sy_calibration_kind kind, const double *logs) {
  double *all = room(p->n * p->n_classes, sizeof *all);
  int32_t *ids = room(p->n, sizeof *ids);
  for (int32_t fold = 0; fold < FOLDS; fold++) {
    sy_calibration *map;
    sy_error error = {0};
    for (size_t i = 0; i < p->n; i++) ids[i] = p->fold[i] == fold ? SY_IGNORED : p->ids[i];
    must(sy_calibrate(kind, logs, p->n, p->n_classes, ids, NULL, &map, &error), &error);
    for (size_t i = 0; i < p->n; i++)
      if (p->fold[i] == fold)
        sy_calibration_apply(map, logs + i * p->n_classes, 1, all + i * p->n_classes);
    sy_calibration_free(map);
  }
  free(ids);
  return all;
}

static double log_loss(const problem *p, const double *logs) {
  double sum = 0, n = 0;
  for (size_t i = 0; i < p->n; i++) {
    if (p->fold[i] < 0) continue;
    sum -= logs[i * p->n_classes + (size_t)p->ids[i]];
    n++;
  }
  return sum / n;
}

static void split(problem *p) {
  sy_error error = {0};
  p->fold = room(p->n, sizeof *p->fold);
  must(sy_split_folds(p->ids, p->n, p->n_classes, NULL, FOLDS, 0, p->fold, &error), &error);
}

/* Logistic data with about this share of positives. */
static problem draw_logistic(size_t n, double intercept) {
  problem p = {.n = n, .width = 3, .n_classes = 2};
  p.rows = room(n * 3, sizeof *p.rows);
  p.ids = room(n, sizeof *p.ids);
  const double truth[] = {1, -0.7, 0.4};
  for (size_t i = 0; i < n; i++) {
    double z = intercept;
    for (size_t j = 0; j < 3; j++) {
      double u = sy_random_uniform(1, 100, 6 * i + 2 * j),
             v = sy_random_uniform(1, 100, 6 * i + 2 * j + 1);
      p.rows[3 * i + j] = (float)(sqrt(-2 * log1p(-u)) * cos(6.283185307179586 * v));
      z += truth[j] * (double)p.rows[3 * i + j];
    }
    p.ids[i] = sy_random_uniform(1, 101, i) < 1 / (1 + exp(-z));
  }
  split(&p);
  return p;
}

static void correction_repairs_logistic_data(void **state) {
  (void)state;
  const double intercepts[] = {-5.3, -4.8};
  for (size_t test = 0; test < 2; test++) {
    problem p = draw_logistic(40000, intercepts[test]);
    size_t positives = 0;
    for (size_t i = 0; i < p.n; i++) positives += (size_t)p.ids[i];
    assert_in_range(positives, p.n / 100, p.n / 50);
    double *plain = judge_folds(&p, false), *balanced = judge_folds(&p, true);
    double lost = log_loss(&p, balanced) / log_loss(&p, plain) - 1;
    print_message("%zu of %zu positive: log-loss %.5f, balanced and corrected %+.3f %%\n",
                  positives, p.n, log_loss(&p, plain), 100 * lost);
    assert_true(lost < 0.01);
    free(plain);
    free(balanced);
    free_problem(&p);
  }
}

/* A file of the data folder, all columns but the label (and one more) as features. */
static problem read_problem(const char *path, const char *label, const char *without) {
  sy_table *table = open_source(path);
  sy_table_request requests[80] = {{0}};
  size_t at, leave, n = 0;
  sy_error error = {0};
  must(sy_table_find(table, label, &at, &error), &error);
  must(sy_table_find(table, without, &leave, &error), &error);
  for (size_t i = 0; i < sy_table_n_columns(table); i++)
    if (i != at && i != leave) requests[n++].column = i;
  requests[n] = (sy_table_request){.column = at, .as = SY_AS_TEXT};
  sy_table_data *data;
  must(sy_table_read(table, requests, n + 1, (sy_progress){NULL, NULL}, &data, &error), &error);
  sy_frame frame = *sy_table_frame(data);
  const sy_column *classes = column_of(data, n);
  frame.n_columns = n;
  sy_labels_options options = sy_labels_options_default();
  sy_labels *labels;
  sy_encoder *encoder;
  must(sy_labels_from_names(classes->codes, frame.rows, classes->values, classes->n_values,
                            &options, &labels, &error),
       &error);
  must(sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, &error), &error);
  problem p = {.n = frame.rows,
               .width = sy_encoder_n_outputs(encoder),
               .n_classes = sy_labels_n_classes(labels)};
  p.rows = room(p.n * p.width, sizeof *p.rows);
  p.ids = room(p.n, sizeof *p.ids);
  memcpy(p.ids, sy_labels_ids(labels), p.n * sizeof *p.ids);
  must(sy_encoder_apply(encoder, &frame, 0, p.n, SY_F32, p.rows, p.width, &error), &error);
  sy_encoder_free(encoder);
  sy_labels_free(labels);
  sy_table_data_free(data);
  sy_table_close(table);
  split(&p);
  return p;
}

/* Prints what balanced weights cost in log-loss, corrected and by each map; returns what they cost
 * with the vector map, which has to do well on both many rows and few. */
static double measure(const char *name, const char *label, const char *without) {
  char path[512];
  const char *folder = getenv("STEELYARD_DATA");
  snprintf(path, sizeof path, "%s/%s", folder ? folder : STEELYARD_DATA, name);
  if (access(path, R_OK) != 0) {
    print_message("skipped: no %s\n", path);
    skip();
  }
  problem p = read_problem(path, label, without);
  double *plain = judge_folds(&p, false), *balanced = judge_folds(&p, true);
  double loss = log_loss(&p, plain), vector = INFINITY;
  print_message("%s: log-loss %.4f; balanced, corrected %+.1f %%", name, loss,
                100 * (log_loss(&p, balanced) / loss - 1));
  for (int kind = 0; kind <= SY_CALIBRATION_ISOTONIC; kind++) {
    double *calibrated = calibrate_folds(&p, (sy_calibration_kind)kind, balanced);
    double lost = log_loss(&p, calibrated) / loss - 1;
    double *after = calibrate_folds(&p, (sy_calibration_kind)kind, plain);
    print_message(", %s %+.1f %% (unweighted: %+.1f %%)",
                  sy_calibration_kind_name((sy_calibration_kind)kind), 100 * lost,
                  100 * (log_loss(&p, after) / loss - 1));
    if (kind == SY_CALIBRATION_VECTOR) vector = lost;
    free(calibrated);
    free(after);
  }
  print_message("\n");
  free(plain);
  free(balanced);
  free_problem(&p);
  return vector;
}

static void calibration_repairs_bank(void **state) {
  (void)state;
  assert_true(measure("bank_marketing/bank-full.csv", "y", "y") < 0.03);
}

static void calibration_repairs_yeast(void **state) {
  (void)state;
  assert_true(measure("yeast/yeast.data", "-1", "1") < 0.03);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(correction_repairs_logistic_data),
      cmocka_unit_test(calibration_repairs_bank),
      cmocka_unit_test(calibration_repairs_yeast),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
