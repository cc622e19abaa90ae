/* Finished trainings as bytes: the same back, and no bytes at all that are believed blindly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "study/checkpoint_bytes.h"
#include "study/course.h"

enum { N_EPOCHS = 5 };

static sy_predictor *make_network(void) {
  static const size_t hidden[] = {3, 2};
  static const sy_embedding embeddings[] = {{.column = 1, .n_values = 4, .width = 2}};
  sy_network_shape shape = {.n_features = 3,
                            .n_outputs = 2,
                            .hidden = hidden,
                            .n_hidden = 2,
                            .activation = SY_ACTIVATION_GELU,
                            .norm = SY_NORM_LAYER,
                            .embeddings = embeddings,
                            .n_embeddings = 1};
  size_t n = 2 * sy_network_n_parameters(&shape);
  double *parameters = malloc(n * sizeof *parameters);
  for (size_t i = 0; i < n; i++) parameters[i] = sy_random_uniform(1, 70, i) - 0.5;
  sy_predictor *predictor = NULL;
  assert_int_equal(sy_predictor_network(&shape, parameters, 2, &predictor, NULL), SY_OK);
  free(parameters);
  return predictor;
}

static sy_training_result make_result(sy_epoch *curve) {
  for (int e = 0; e < N_EPOCHS; e++)
    curve[e] = (sy_epoch){.restart = 1 + e / 3,
                          .epoch = 1 + e % 3,
                          .loss = 1.5 / (e + 1),
                          .held_loss = e == 2 ? NAN : 0.5,
                          .best = e % 2 == 0};
  return (sy_training_result){.loss = 0.25,
                              .held_loss = NAN,
                              .epochs = 3,
                              .best_epoch = 2,
                              .steps = 123456789012,
                              .stopped_early = true,
                              .trouble = "none to speak of",
                              .curve = curve,
                              .n_curve = N_EPOCHS};
}

static void trainings_read_back(void **state) {
  (void)state;
  sy_epoch curve[N_EPOCHS];
  sy_predictor *predictor = make_network(), *read = NULL;
  sy_training_result result = make_result(curve), told;
  sy_text bytes = {0}, again = {0};
  sy_training_put(&bytes, predictor, &result);
  sy_record record = {.data = bytes.data, .size = bytes.length};
  assert_int_equal(sy_training_take(&record, &read, &told, NULL), SY_OK);
  assert_int_equal(record.at, record.size);
  assert_int_equal(told.steps, result.steps);
  assert_int_equal(told.best_epoch, 2);
  assert_true(told.stopped_early && told.loss == 0.25 && isnan(told.held_loss));
  assert_string_equal(told.trouble, result.trouble);
  assert_int_equal(told.curve[3].restart, 2);
  sy_training_put(&again, read, &told);
  assert_int_equal(bytes.length, again.length);
  assert_memory_equal(bytes.data, again.data, bytes.length);
  sy_predictor_free(predictor);
  sy_predictor_free(read);
  sy_training_result_clear(&told);
  free(bytes.data);
  free(again.data);
}

/* What is taken can be worked with, and all else is refused with nothing left behind. */
static void take_any(const char *data, size_t size) {
  sy_record record = {.data = data, .size = size};
  sy_predictor *predictor = NULL;
  sy_training_result result = {0};
  sy_error error = {0};
  sy_status status = sy_training_take(&record, &predictor, &result, &error);
  assert_true(status == SY_OK || status == SY_INVALID_MODEL || status == SY_OUT_OF_MEMORY);
  assert_int_equal(status == SY_OK, predictor != NULL);
  if (status == SY_OK) {
    sy_course course = {0};
    assert_int_equal(sy_course_add(&course, &result, NULL), SY_OK);
    assert_in_range(sy_course_epochs(&course), 0, N_EPOCHS);
    sy_course_clear(&course);
  } else {
    assert_true(error.text[0]);
  }
  sy_predictor_free(predictor);
  sy_training_result_clear(&result);
}

static void changed_and_cut_bytes_are_survived(void **state) {
  (void)state;
  sy_epoch curve[N_EPOCHS];
  sy_predictor *predictor = make_network();
  sy_training_result result = make_result(curve);
  sy_text bytes = {0};
  sy_training_put(&bytes, predictor, &result);
  for (size_t size = 0; size < bytes.length; size++) {
    char *cut = malloc(size + 1);
    memcpy(cut, bytes.data, size);
    take_any(cut, size);
    free(cut);
  }
  for (uint64_t i = 0; i < 20000; i++) {
    uint64_t draw = sy_random_bits(5, 71, i);
    size_t at = (size_t)(draw % bytes.length);
    char before = bytes.data[at];
    bytes.data[at] = (char)(draw >> 40);
    take_any(bytes.data, bytes.length);
    bytes.data[at] = before;
  }
  sy_predictor_free(predictor);
  free(bytes.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trainings_read_back),
      cmocka_unit_test(changed_and_cut_bytes_are_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
