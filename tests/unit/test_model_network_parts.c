/* test_model_network_parts.c: shapes and how many parameters they have, names, what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include <steelyard/model.h>

/* --- how many parameters --- */

static void parameters_are_counted(void **state) {
  (void)state;
  const size_t hidden[] = {64, 32}, none[] = {64, 0};
  const sy_embedding two[] = {{1, 100, 8}, {4, 7, 3}}, falling[] = {{4, 7, 3}, {1, 100, 8}};
  sy_network_shape shape = {.n_features = 30, .n_outputs = 2, .hidden = hidden, .n_hidden = 2};
  assert_int_equal(sy_network_n_parameters(&shape), 31 * 64 + 65 * 32 + 33 * 2);
  shape.norm = SY_NORM_BATCH; /* is folded into the weights */
  assert_int_equal(sy_network_n_parameters(&shape), 31 * 64 + 65 * 32 + 33 * 2);
  shape.norm = SY_NORM_LAYER;
  assert_int_equal(sy_network_n_parameters(&shape), 33 * 64 + 67 * 32 + 33 * 2);
  shape.embeddings = two;
  shape.n_embeddings = 2;
  assert_int_equal(sy_network_n_parameters(&shape),
                   800 + 21 + (28 + 11 + 3) * 64 + 67 * 32 + 33 * 2);
  shape.embeddings = falling;
  assert_int_equal(sy_network_n_parameters(&shape), 0);
  shape.n_embeddings = 0;
  shape.hidden = none;
  assert_int_equal(sy_network_n_parameters(&shape), 0);
  shape.n_hidden = 0;
  assert_int_equal(sy_network_n_parameters(&shape), 31 * 2);
  shape.n_outputs = 1;
  assert_int_equal(sy_network_n_parameters(&shape), 31);
  shape.n_outputs = 0;
  assert_int_equal(sy_network_n_parameters(&shape), 0);
}

static void more_than_memory_could_hold_is_none(void **state) {
  (void)state;
  const size_t huge = SIZE_MAX / sizeof(double), hidden[] = {huge, huge}, half[] = {huge / 2};
  const sy_embedding wide = {0, 2, huge}, long_one = {0, huge, 2}, most = {0, 1, SIZE_MAX};
  const sy_embedding *embeddings[] = {&wide, &long_one, &most};
  sy_network_shape shape = {.n_features = 30, .n_outputs = 2, .hidden = hidden, .n_hidden = 2};
  assert_int_equal(sy_network_n_parameters(&shape), 0);
  shape.n_hidden = 1;
  assert_int_equal(sy_network_n_parameters(&shape), 0);
  shape.hidden = half;
  assert_int_equal(sy_network_n_parameters(&shape), 0);
  shape.n_hidden = 0;
  shape.n_embeddings = 1;
  for (size_t e = 0; e < 3; e++) {
    shape.embeddings = embeddings[e];
    assert_int_equal(sy_network_n_parameters(&shape), 0);
  }
  shape.n_embeddings = 0;
  shape.n_features = SIZE_MAX;
  assert_int_equal(sy_network_n_parameters(&shape), 0);
  shape.n_features = SIZE_MAX / 2;
  shape.n_outputs = 4;
  assert_int_equal(sy_network_n_parameters(&shape), 0);
}

/* --- names, other families --- */

static void another_family_has_no_shape(void **state) {
  (void)state;
  const double coefficients[] = {1}, intercepts[] = {0};
  sy_predictor *predictor = NULL;
  assert_int_equal(sy_predictor_logistic(1, 2, 1, coefficients, intercepts, &predictor, NULL),
                   SY_OK);
  assert_null(sy_predictor_shape(predictor));
  assert_null(sy_predictor_parameters(predictor));
  assert_int_equal(sy_predictor_n_members(predictor), 0);
  sy_predictor_free(predictor);
}

static void names_are_read_and_written(void **state) {
  (void)state;
  for (int i = 0; i < 3; i++) {
    sy_activation activation = SY_ACTIVATION_RELU;
    sy_layer_norm norm = SY_NORM_NONE;
    const char *name = sy_activation_name((sy_activation)i);
    assert_int_equal(sy_activation_parse(name, &activation, NULL), SY_OK);
    assert_int_equal(activation, i);
    name = sy_layer_norm_name((sy_layer_norm)i);
    assert_int_equal(sy_layer_norm_parse(name, &norm, NULL), SY_OK);
    assert_int_equal(norm, i);
  }
  sy_error error = {0};
  sy_activation activation = SY_ACTIVATION_TANH;
  sy_layer_norm norm = SY_NORM_LAYER;
  assert_int_equal(sy_activation_parse("rely", &activation, &error), SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, "there is no activation 'rely'; did you mean 'relu'? there are "
                                  "relu, gelu, tanh");
  assert_int_equal(activation, SY_ACTIVATION_TANH);
  assert_int_equal(sy_layer_norm_parse("", &norm, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "there are none, batch, layer"));
  assert_int_equal(norm, SY_NORM_LAYER);
}

/* --- refusals --- */

static const size_t two_units[] = {2};
static const sy_network_shape plain = {
    .n_features = 1, .n_outputs = 3, .hidden = two_units, .n_hidden = 1};

static void assert_refused(const sy_network_shape *shape, const double *parameters,
                           size_t n_members, sy_status status, const char *text) {
  static const char untouched;
  sy_predictor *mark = (sy_predictor *)(uintptr_t)&untouched, *predictor = mark;
  sy_error error = {0};
  assert_int_equal(sy_predictor_network(shape, parameters, n_members, &predictor, &error), status);
  assert_int_equal(error.status, status);
  if (!strstr(error.text, text)) fail_msg("no \"%s\" in \"%s\"", text, error.text);
  assert_ptr_equal(predictor, mark);
}

static void shapes_that_are_none(void **state) {
  (void)state;
  const double zeros[13] = {0};
  const size_t none[] = {0};
  sy_network_shape shape = plain;
  assert_refused(&shape, zeros, 0, SY_INVALID_SHAPE, "a mean of 0 networks");
  shape.n_outputs = 1;
  assert_refused(&shape, zeros, 1, SY_INVALID_SHAPE, "at least 2 classes, not 1");
  shape = plain;
  shape.norm = SY_NORM_BATCH;
  assert_refused(&shape, zeros, 1, SY_INVALID_ARGUMENT, "batch normalisation");
  shape.norm = (sy_layer_norm)9;
  assert_refused(&shape, zeros, 1, SY_INVALID_ARGUMENT, "batch normalisation");
  shape = plain;
  shape.activation = (sy_activation)3;
  assert_refused(&shape, zeros, 1, SY_INVALID_ARGUMENT, "no activation 3");
  shape = plain;
  shape.hidden = none;
  assert_refused(&shape, zeros, 1, SY_INVALID_SHAPE, "the shape is no network's");
}

static void numbers_that_are_none(void **state) {
  (void)state;
  const double bad[] = {NAN, INFINITY, -INFINITY};
  for (size_t b = 0; b < 3; b++)
    for (size_t place = 0; place < 26; place++) {
      double parameters[26] = {0};
      sy_predictor *predictor = NULL;
      char text[64];
      parameters[place] = bad[b];
      snprintf(text, sizeof text, "parameter %zu of network %zu is", place % 13 + 1,
               place / 13 + 1);
      if (b < 2 || place % 13 < 10) {
        assert_refused(&plain, parameters, 2, SY_INVALID_ARGUMENT, text);
        continue;
      }
      assert_int_equal(sy_predictor_network(&plain, parameters, 2, &predictor, NULL), SY_OK);
      sy_predictor_free(predictor);
    }
}

static void out_of_memory_leaves_nothing(void **state) {
  (void)state;
  const double zeros[13] = {0}, row = 1;
  double logits[3];
  for (size_t nth = 1;; nth++) {
    sy_predictor *predictor = NULL;
    sy_error error = {0};
    sy_memory_fail_nth(nth);
    sy_status status = sy_predictor_network(&plain, zeros, 1, &predictor, &error);
    const sy_matrix matrix = {&row, SY_F64, 1, 1, 1};
    if (!status) status = sy_predictor_logits(predictor, matrix, logits, &error);
    bool struck = sy_memory_fail_nth(0) == 0;
    assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
    if (struck) assert_int_equal(error.status, SY_OUT_OF_MEMORY);
    sy_predictor_free(predictor);
    if (struck) continue;
    assert_true(nth > 8);
    return;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(parameters_are_counted),
      cmocka_unit_test(more_than_memory_could_hold_is_none),
      cmocka_unit_test(another_family_has_no_shape),
      cmocka_unit_test(names_are_read_and_written),
      cmocka_unit_test(shapes_that_are_none),
      cmocka_unit_test(numbers_that_are_none),
      cmocka_unit_test(out_of_memory_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
