/* test_report_network.c: what is said of a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_model.h"
#include "report_width.h"
#include <steelyard/report.h>

static void assert_says(const char *text, const char *part) {
  if (!strstr(text, part)) fail_msg("no \"%s\" in:\n%s", part, text);
}

static void a_network_is_described(void **state) {
  (void)state;
  sy_model *model = small_network();
  const sy_predictor *predictor = sy_model_predictor(model);
  char *text = NULL, parameters[80];
  assert_int_equal(sy_report_model(model, &text, NULL), SY_OK);
  assert_memory_equal(text, "mlp model\ndecides: damage at p >= 0.167, from given costs\n", 58);
  assert_says(text, "  inputs            6\n"
                    "  hidden layers     3, 4\n"
                    "  activation        gelu\n"
                    "  normalisation     layer\n"
                    "  outputs           2\n"
                    "  embeddings        label");
  assert_says(text, "4 codes, 2 numbers each\n");
  snprintf(parameters, sizeof parameters,
           "  parameters        %zu in each of 2 networks, whose mean decides\n",
           sy_network_n_parameters(sy_predictor_shape(predictor)));
  assert_says(text, parameters);
  assert_null(strstr(text, "coefficients"));
  assert_fits(text);
  free(text);
  sy_model_free(model);
}

/* Layers and embeddings of every number that the random ones have, and wide and many ones. */
static void no_network_is_too_large_to_be_described(void **state) {
  (void)state;
  enum { LAYERS = 200 };
  size_t hidden[LAYERS];
  const double x[] = {0, 1};
  const char *const classes[] = {"no", "yes"};
  const sy_column column = {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x};
  const sy_frame frame = {&column, 1, 2};
  const sy_model_parts parts = {.classes = classes, .n_classes = 2, .positive = -1};
  const sy_network_shape shape = {
      .n_features = 1, .n_outputs = 2, .hidden = hidden, .n_hidden = LAYERS};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  char *text = NULL;
  for (size_t l = 0; l < LAYERS; l++) hidden[l] = 11;
  double *zeros = calloc(sy_network_n_parameters(&shape), sizeof *zeros);
  assert_non_null(zeros);
  assert_int_equal(sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
  assert_int_equal(sy_predictor_network(&shape, zeros, 1, &predictor, NULL), SY_OK);
  assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, NULL), SY_OK);
  assert_int_equal(sy_report_model(model, &text, NULL), SY_OK);
  assert_says(text, "11, 11, ... 200 layers\n");
  assert_says(text, "  parameters        26,314\n");
  assert_fits(text);
  free(text);
  free(zeros);
  sy_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_network_is_described),
      cmocka_unit_test(no_network_is_too_large_to_be_described),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
