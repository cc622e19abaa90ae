/* test_study_monitor_codes.c: what is said of a column whose values a network embeds: watched
 * without labels, on the screen of the model, and refused by what embeds nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "many_values.h"
#include "study/monitor.h"
#include <steelyard/report.h>

static sy_watched_column watch(const sy_model *model, const sy_column *column) {
  const sy_frame frame = {column, 1, MANY_ROWS};
  sy_monitor monitor;
  sy_error error;
  if (sy_monitor_make(model, &frame, NULL, NULL, &monitor, &error)) fail_msg("%s", error.text);
  assert_int_equal(monitor.n_columns, 1);
  sy_watched_column told = monitor.columns[0];
  sy_monitor_clear(&monitor);
  return told;
}

static double share_of(const many_values *w, const char *text) {
  size_t n = 0;
  for (size_t i = 0; i < MANY_ROWS; i++) n += strcmp(text_of(w, i), text) == 0;
  return (double)n / MANY_ROWS;
}

/* The index over the most frequent values, the others with a code, and the rest, counted here. */
static void columns_are_held_against_their_profile(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 4; seed++) {
    many_values *w = many_values_new(seed), *now = many_values_new(seed + 100);
    for (size_t i = 0; i < MANY_ROWS; i++) {
      w->weights[i] = 1;
      if (i % 5 == 0) now->codes[i] = (now->codes[i] + 40) % MANY_VALUES;
      if (i % 7 == 0) now->codes[i] = SY_MISSING;
    }
    sy_encoder_options options = {.min_count = 1, .max_codes = seed % 2 ? 10000 : 70};
    sy_encoder_options most = {.min_count = 1, .max_codes = 64};
    const char *kept[MANY_VALUES + 1], *listed[MANY_VALUES + 1];
    size_t n = brute_values(w, &options, kept), n_listed = brute_values(w, &most, listed);
    double p[MANY_VALUES], q[MANY_VALUES];
    assert_true(n > 64 && n_listed == 64);
    p[64] = q[64] = 0;
    p[65] = q[65] = 1;
    for (size_t k = 0; k < n; k++) {
      double then = share_of(w, kept[k]), later = share_of(now, kept[k]);
      size_t bin = place_in(listed, n_listed, kept[k]);
      p[bin] = bin < 64 ? then : p[bin] + then;
      q[bin] = bin < 64 ? later : q[bin] + later;
      p[65] -= then;
      q[65] -= later;
    }
    sy_model *model = many_values_model(w, options.max_codes);
    sy_watched_column told = watch(model, &now->column);
    double psi = sy_stability_index(p, q, 66, MANY_ROWS, MANY_ROWS);
    assert_true(fabs(told.psi - psi) < 1e-10);
    assert_true(fabs(told.psi_expected - 65 * 2.0 / MANY_ROWS) < 1e-12);
    assert_true(fabs(told.unseen - fmax(0, q[65] - p[65])) < 1e-12);
    assert_true(fabs(told.missing - share_of(now, "")) < 1e-12);
    assert_true(fabs(told.missing_training - share_of(w, "")) < 1e-12);
    assert_int_equal(told.shift, SY_SHIFT_LARGE);
    told = watch(model, &w->column);
    assert_true(fabs(told.psi) < 0.01 && told.unseen < 1e-12);
    assert_int_equal(told.shift, SY_SHIFT_NONE);
    sy_model_free(model);
    free(w);
    free(now);
  }
}

/* Values of no training row: told, as a share beyond that of training. */
static void new_values_are_told(void **state) {
  (void)state;
  many_values *w = many_values_new(3), *now = many_values_new(3);
  static char fresh[MANY_VALUES][8];
  for (size_t i = 0; i < MANY_ROWS; i++) w->weights[i] = 1;
  for (size_t v = 0; v < MANY_VALUES; v++) {
    snprintf(fresh[v], sizeof fresh[v], "new%zu", v);
    now->values[v] = fresh[v];
  }
  sy_model *model = many_values_model(w, 10000);
  const sy_profile *profile = sy_encoder_profile(sy_model_encoder(model), 0);
  sy_watched_column told = watch(model, &now->column);
  double missing = 0, before = profile->shares[profile->n_bins - 1];
  for (size_t i = 0; i < MANY_ROWS; i++)
    missing += (now->codes[i] == SY_MISSING) / (double)MANY_ROWS;
  assert_true(fabs(told.unseen - (1 - missing - before)) < 1e-12);
  assert_int_equal(told.shift, SY_SHIFT_LARGE);
  sy_model_free(model);
  free(w);
  free(now);
}

/* Where every training value has a code, none now without one is no bin. */
static void empty_bins_are_none(void **state) {
  (void)state;
  many_values *w = many_values_new(4);
  for (size_t i = 0; i < MANY_ROWS; i++) {
    w->weights[i] = 1;
    w->codes[i] = (uint32_t)(i % 70) + 6;
  }
  sy_model *model = many_values_model(w, 10000);
  sy_watched_column told = watch(model, &w->column);
  assert_true(fabs(told.psi_expected - 64 * 2.0 / MANY_ROWS) < 1e-12); /* 64 and the other 6 */
  sy_model_free(model);
  free(w);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  many_values *w = many_values_new(5);
  const sy_frame frame = {&w->column, 1, MANY_ROWS};
  sy_model *model = many_values_model(w, 10000);
  sy_threads_set(1);
  bool done = false;
  size_t n = 0;
  while (!done) {
    sy_monitor monitor = {0};
    sy_error error;
    sy_memory_fail_nth(++n);
    sy_status status = sy_monitor_make(model, &frame, NULL, NULL, &monitor, &error);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(status, done ? SY_OK : SY_OUT_OF_MEMORY);
    if (done) sy_monitor_clear(&monitor);
  }
  assert_true(n > 5);
  sy_threads_set(0);
  sy_model_free(model);
  free(w);
}

static void the_screen_says_what_is_embedded(void **state) {
  (void)state;
  many_values *w = many_values_new(6);
  sy_model *model = many_values_model(w, 50);
  char *text = NULL;
  assert_int_equal(sy_report_model(model, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "\n1 column in, 0 numbers and 1 code after encoding\n"));
  assert_non_null(strstr(text, "text, embedded: 50 values and 'other'\n"));
  free(text);
  sy_model_free(model);
  free(w);
}

static void logistic_models_take_no_codes(void **state) {
  (void)state;
  many_values *w = many_values_new(7);
  const double coefficient = 1, intercept = 0;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  sy_error error;
  assert_int_equal(sy_predictor_logistic(1, 2, 1, &coefficient, &intercept, &predictor, NULL),
                   SY_OK);
  assert_int_equal(many_values_classifier(many_values_encoder(w, 50), predictor, &model, &error),
                   SY_INVALID_SHAPE);
  assert_non_null(strstr(error.text, "51 codes"));
  assert_null(model);
  free(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_are_held_against_their_profile),
      cmocka_unit_test(new_values_are_told),
      cmocka_unit_test(empty_bins_are_none),
      cmocka_unit_test(every_failed_allocation_is_told),
      cmocka_unit_test(the_screen_says_what_is_embedded),
      cmocka_unit_test(logistic_models_take_no_codes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
