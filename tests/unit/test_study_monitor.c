/* test_study_monitor.c: rows without labels: shares by counting, the index by its formula, what
 * chance does, and who is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "features/encoder.h"
#include "features/profile.h"
#include "study/monitor.h"
#include "study_world.h"

static world training;

static sy_model *train(const sy_frame *frame) {
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_NONE;
  training.data.frame = frame;
  sy_study study = run_study(&training.data, &options);
  sy_model *model = study.model;
  study.model = NULL;
  sy_study_clear(&study);
  return model;
}

static sy_monitor watch(const sy_model *model, const sy_frame *frame, const double *row_weights) {
  sy_monitor monitor;
  sy_error error = {0};
  if (sy_monitor_make(model, frame, row_weights, NULL, &monitor, &error) != SY_OK)
    fail_msg("%s", error.text);
  return monitor;
}

static const sy_watched_column *column_of(const sy_monitor *monitor, const char *name) {
  for (size_t i = 0; i < monitor->n_columns; i++)
    if (strcmp(monitor->columns[i].name, name) == 0) return &monitor->columns[i];
  fail_msg("no column %s", name);
  return NULL;
}

/* Halves that become 70 and 30 %: 0.2 ln(1.4) + (-0.2) ln(0.6) = 0.2 ln(7/3). Then with few rows:
 * training 10 and 0 of 10, now 0 and 2 of 2; half a row a bin makes 10.5/11 and 0.5/11, and of
 * these, one row of two bins, is added to two. */
static void the_index_by_hand(void **state) {
  (void)state;
  const double halves[] = {0.5, 0.5}, moved[] = {0.7, 0.3};
  assert_near(sy_stability_index(halves, moved, 2, 1e15, 1e15), 0.2 * log(7.0 / 3), 1e-12);
  assert_near(sy_stability_index(halves, halves, 2, 7, 3), 0, 1e-15);
  const double then[] = {1, 0}, now[] = {0, 1};
  double a = 10.5 / 11, b = 0.5 / 11, c = a / 3, d = (2 + b) / 3;
  assert_near(sy_stability_index(then, now, 2, 10, 2), (c - a) * log(c / a) + (d - b) * log(d / b),
              1e-14);
}

/* From printed tables. */
static void quantiles_of_chi_squared(void **state) {
  (void)state;
  const struct {
    double freedom, upper, value;
  } known[] = {{1, 0.05, 3.841},   {1, 0.01, 6.635},    {2, 0.05, 5.991},    {5, 0.05, 11.070},
               {9, 0.05, 16.919},  {9, 0.01, 21.666},   {10, 0.001, 29.588}, {10, 0.5, 9.342},
               {30, 0.05, 43.773}, {100, 0.01, 135.807}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    assert_near(sy_chi_squared_quantile(known[i].freedom, known[i].upper), known[i].value,
                0.03 * known[i].value);
}

/* Ten rows by hand against a training of red, green, blue and numbers without a missing one. */
static void shares_by_counting(void **state) {
  (void)state;
  sy_model *model = train(&training.frame);
  double x[10] = {0, 1, (double)NAN, -1, 0.5, (double)INFINITY, 0, 0, 0, 0}, z[10] = {0};
  const char *const colours[] = {"red", "purple", "", "green"};
  const uint32_t codes[10] = {0, 1, 2, SY_MISSING, 1, 3, 0, 0, 0, 1};
  const double weights[10] = {1, 2, 1, 1, 1, 1, 1, 1, 1, 0};
  sy_column columns[] = {
      {.name = "colour", .type = SY_COLUMN_TEXT, .codes = codes, .values = colours, .n_values = 4},
      {.name = "unused", .type = SY_COLUMN_NUMBER, .f64 = z},
      {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x},
      {.name = "z", .type = SY_COLUMN_NUMBER, .f64 = z}};
  sy_frame frame = {columns, 4, 10};
  sy_monitor monitor = watch(model, &frame, weights);
  assert_int_equal(monitor.rows, 9);
  assert_true(monitor.weighted_rows == 10);
  assert_near(monitor.effective_rows, 100.0 / 12, 1e-12);
  assert_int_equal(monitor.n_columns, 3);
  assert_near(column_of(&monitor, "x")->missing, 0.2, 1e-15);
  assert_near(column_of(&monitor, "x")->missing_training, 0, 0);
  assert_near(column_of(&monitor, "colour")->missing, 0.2, 1e-15);
  assert_near(column_of(&monitor, "colour")->unseen, 0.3, 1e-15);
  assert_true(isnan(column_of(&monitor, "x")->unseen));
  assert_near(monitor.missing, 0.2, 1e-15);
  assert_near(monitor.unseen, 0.3, 1e-15);
  double mean = 0, square = 0;
  for (size_t i = 0; i < ROWS; i++) mean += training.x[i] / ROWS;
  for (size_t i = 0; i < ROWS; i++) square += (training.x[i] - mean) * (training.x[i] - mean);
  double now = (1 * 2 - 1 + 0.5) / 8; /* of the weight that is known */
  assert_near(column_of(&monitor, "x")->mean_difference, (now - mean) / sqrt(square / ROWS), 1e-9);
  assert_true(isnan(column_of(&monitor, "colour")->mean_difference));
  double p[10][2], decided[2] = {0}, probability[2] = {0};
  int32_t decisions[10];
  assert_int_equal(sy_model_score(model, &frame, NULL, p[0], decisions, NULL), SY_OK);
  for (size_t i = 0; i < 10; i++) {
    decided[decisions[i]] += weights[i] / 10;
    for (int k = 0; k < 2; k++) probability[k] += weights[i] * p[i][k] / 10;
  }
  for (int k = 0; k < 2; k++) {
    assert_near(monitor.decided[k], decided[k], 1e-12);
    assert_near(monitor.mean_probability[k], probability[k], 1e-12);
  }
  assert_near(monitor.flagged, decided[sy_model_positive(model)], 1e-12);
  sy_monitor_clear(&monitor);
  sy_model_free(model);
}

/* The index of each column from its profile and the shares counted here. */
static void columns_are_held_against_their_profile(void **state) {
  (void)state;
  sy_model *model = train(&training.frame);
  static double x[ROWS];
  for (size_t i = 0; i < ROWS; i++) x[i] = i % 10 == 0 ? (double)NAN : training.x[i] + 0.7;
  sy_column columns[3];
  memcpy(columns, training.columns, sizeof columns);
  columns[0].f64 = x;
  sy_frame frame = {columns, 3, ROWS};
  sy_monitor monitor = watch(model, &frame, NULL);
  const sy_watched_column *first = &monitor.columns[0];
  assert_string_equal(first->name, "x");
  assert_int_equal(first->shift, SY_SHIFT_LARGE);
  assert_true(monitor.shift == first->psi);
  const sy_profile *profile = sy_encoder_profile(sy_model_encoder(model), 0);
  double p[32], q[32] = {0};
  assert_int_equal(profile->n_bins, 10);
  memcpy(p, profile->shares, 10 * sizeof *p);
  p[10] = 0;
  for (size_t i = 0; i < ROWS; i++) {
    size_t bin = 0;
    while (bin < 9 && x[i] > profile->edges[bin]) bin++;
    q[isnan(x[i]) ? 10 : bin] += 1.0 / ROWS;
  }
  assert_near(first->psi, sy_stability_index(p, q, 11, ROWS, ROWS), 1e-12);
  assert_near(first->psi_expected, 10 * 2.0 / ROWS, 1e-12);
  assert_near(first->psi_chance, sy_chi_squared_quantile(10, 0.05 / 3) * 2 / ROWS, 1e-12);
  for (size_t i = 1; i < 3; i++) { /* the training itself */
    assert_near(monitor.columns[i].psi, 0, 1e-4);
    assert_int_equal(monitor.columns[i].shift, SY_SHIFT_NONE);
  }
  sy_monitor_clear(&monitor);
  sy_model_free(model);
}

/* Where nothing moved, of all tables one in twenty has a column beyond chance; of few rows, the
 * index of most columns is above the rule of thumb, and none is told to have moved for that. */
static void chance_is_no_shift(void **state) {
  (void)state;
  enum { TABLES = 200, N = 40 };
  sy_model *model = train(&training.frame);
  size_t beyond = 0, above = 0;
  double mean = 0, expected = 0;
  for (uint64_t t = 0; t < TABLES; t++) {
    double x[N], z[N];
    uint32_t codes[N];
    for (size_t i = 0; i < N; i++) {
      x[i] = sy_random_uniform(2 + t, 100, i) * 4 - 2;
      z[i] = sy_random_uniform(2 + t, 101, i) * 100;
      codes[i] = (uint32_t)(sy_random_bits(2 + t, 102, i) % 3);
    }
    sy_column columns[3];
    memcpy(columns, training.columns, sizeof columns);
    columns[0].f64 = x;
    columns[1].f64 = z;
    columns[2].codes = codes;
    sy_frame frame = {columns, 3, N};
    sy_monitor monitor = watch(model, &frame, NULL);
    beyond += monitor.shift > 0;
    above += monitor.columns[0].psi > 0.1;
    mean += column_of(&monitor, "x")->psi / TABLES;
    expected += column_of(&monitor, "x")->psi_expected / TABLES;
    sy_monitor_clear(&monitor);
  }
  assert_true(beyond <= TABLES / 12);
  assert_true(above > TABLES / 2);
  assert_true(mean > 0.5 * expected && mean < 1.2 * expected);
  sy_model_free(model);
}

/* Weight 3 is three copies, 0 absence, for all shares and means; threads change no bit. */
static void copies_and_threads(void **state) {
  (void)state;
  static double x[3 * ROWS], z[3 * ROWS], weights[ROWS];
  static uint32_t codes[3 * ROWS];
  size_t n = 0;
  for (size_t i = 0; i < ROWS; i++) {
    weights[i] = (double)(i % 4);
    for (size_t c = 0; c < i % 4; c++, n++) {
      x[n] = training.x[i];
      z[n] = training.z[i];
      codes[n] = training.codes[i];
    }
  }
  sy_column columns[3];
  memcpy(columns, training.columns, sizeof columns);
  columns[0].f64 = x;
  columns[1].f64 = z;
  columns[2].codes = codes;
  sy_frame copies = {columns, 3, n};
  sy_model *model = train(&training.frame);
  sy_threads_set(1);
  sy_monitor one = watch(model, &training.frame, weights);
  sy_threads_set(3);
  sy_monitor three = watch(model, &training.frame, weights), copied = watch(model, &copies, NULL);
  sy_threads_set(0);
  assert_memory_equal(one.decided, three.decided, 2 * sizeof(double));
  assert_memory_equal(one.mean_probability, three.mean_probability, 2 * sizeof(double));
  assert_true(one.weighted_rows == copied.weighted_rows);
  for (size_t i = 0; i < 3; i++) {
    const sy_watched_column *a = &one.columns[i], *b = &three.columns[i];
    const sy_watched_column *c = column_of(&copied, a->name);
    assert_memory_equal(&a->psi, &b->psi, sizeof a->psi);
    assert_string_equal(a->name, b->name);
    assert_true(a->missing == c->missing);
    if (!isnan(a->mean_difference)) assert_near(a->mean_difference, c->mean_difference, 1e-12);
  }
  for (int k = 0; k < 2; k++) {
    assert_near(one.decided[k], copied.decided[k], 1e-12);
    assert_near(one.mean_probability[k], copied.mean_probability[k], 1e-12);
  }
  sy_monitor_clear(&one);
  sy_monitor_clear(&three);
  sy_monitor_clear(&copied);
  sy_model_free(model);
}

/* Models of old files: what needs no profile is told, the rest is not known. */
static void without_profiles(void **state) {
  (void)state;
  sy_model *model = train(&training.frame);
  for (size_t i = 0; i < 3; i++) {
    sy_encoder *encoder = (sy_encoder *)(uintptr_t)sy_model_encoder(model);
    sy_profile_clear(&encoder->inputs[i].profile);
  }
  sy_monitor monitor = watch(model, &training.frame, NULL);
  assert_false(monitor.has_profiles);
  assert_true(isnan(monitor.shift) && isnan(monitor.missing));
  assert_true(monitor.unseen == 0);
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(monitor.columns[i].shift, SY_SHIFT_UNKNOWN);
    assert_true(isnan(monitor.columns[i].psi) && isnan(monitor.columns[i].missing_training));
    assert_true(monitor.columns[i].missing == 0);
  }
  assert_string_equal(monitor.columns[0].name, "x"); /* as in training */
  sy_monitor_clear(&monitor);
  sy_model_free(model);
}

static void assert_refused(const sy_model *model, const sy_frame *frame, const double *weights,
                           const sy_monitor_options *options, sy_status status, const char *part) {
  sy_monitor monitor;
  sy_error error;
  assert_int_equal(sy_monitor_make(model, frame, weights, options, &monitor, &error), status);
  assert_non_null(strstr(error.text, part));
  assert_null(monitor.decided);
}

static void bad_input_is_refused(void **state) {
  (void)state;
  sy_model *model = train(&training.frame);
  sy_frame none = {training.columns, 3, 0}, two = {training.columns, 2, ROWS};
  double zeros[ROWS] = {0}, negative[ROWS] = {1, -2};
  sy_monitor_options options = sy_monitor_options_default();
  assert_refused(model, &none, NULL, NULL, SY_NO_ROWS, "there are no rows");
  assert_refused(model, &training.frame, zeros, NULL, SY_NO_ROWS, "every row has weight 0");
  assert_refused(model, &training.frame, negative, NULL, SY_INVALID_WEIGHT, "-2 at row 2");
  assert_refused(model, &two, NULL, NULL, SY_MISSING_COLUMN, "'colour'");
  options.large = 0.05;
  assert_refused(model, &training.frame, NULL, &options, SY_INVALID_ARGUMENT, "0.1 on are some");
  options = sy_monitor_options_default();
  options.chance = 1;
  assert_refused(model, &training.frame, NULL, &options, SY_INVALID_ARGUMENT, "chance 1");
  sy_model_free(model);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  sy_model *model = train(&training.frame);
  sy_threads_set(1);
  bool done = false;
  size_t n = 0;
  while (!done) {
    sy_monitor monitor;
    sy_error error;
    sy_memory_fail_nth(++n);
    sy_status status = sy_monitor_make(model, &training.frame, NULL, NULL, &monitor, &error);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(status, done ? SY_OK : SY_OUT_OF_MEMORY);
    sy_monitor_clear(&monitor);
  }
  assert_true(n > 10);
  sy_threads_set(0);
  sy_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_index_by_hand),
      cmocka_unit_test(quantiles_of_chi_squared),
      cmocka_unit_test(shares_by_counting),
      cmocka_unit_test(columns_are_held_against_their_profile),
      cmocka_unit_test(chance_is_no_shift),
      cmocka_unit_test(copies_and_threads),
      cmocka_unit_test(without_profiles),
      cmocka_unit_test(bad_input_is_refused),
      cmocka_unit_test(every_failed_allocation_is_told),
  };
  make_world(&training, 2);
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  sy_labels_free(training.labels);
  return failed;
}
