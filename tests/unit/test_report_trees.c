/* test_report_trees.c: what is said of boosted trees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "random_model.h"
#include "report_width.h"
#include <steelyard/report.h>

static char *describe(const sy_model *model) {
  char *text = NULL;
  sy_error error;
  if (sy_report_model(model, &text, &error) != SY_OK) fail_msg("%s", error.text);
  assert_fits(text);
  return text;
}

static void assert_says(const char *text, const char *part) {
  if (!strstr(text, part)) fail_msg("no \"%s\" in:\n%s", part, text);
}

/* x is split on twice, the texts once each, whichever of their columns it is. */
static void trees_are_described(void **state) {
  (void)state;
  sy_model *model = small_forest();
  char *text = describe(model);
  assert_memory_equal(text, "boosted model\ndecides: damage at p >= 0.167, from given costs\n", 61);
  assert_says(text, "3 columns in, 6 numbers after encoding\n");
  assert_says(text, "\nboosted trees\n"
                    "  trees             3 of at most 3 leaves\n"
                    "  leaves            7\n"
                    "  splits            4\n"
                    "\nsplits on each column (3 of 3 are looked at)\n"
                    "  x                                                     2     50.0 %\n"
                    "  label                                                 1     25.0 %\n"
                    "  kind                                                  1     25.0 %\n"
                    "\nhow it was trained\n");
  assert_null(strstr(text, "coefficients"));
  free(text);
  sy_model_free(model);
}

enum { COLUMNS = 30, TREES = 1200 };

/* n_trees stumps of two leaves, or of one, the t-th on column t mod 20 of 30. */
static sy_model *stumps(size_t n_trees, size_t n_leaves) {
  static const double base[] = {0};
  static sy_tree_node nodes[3 * TREES];
  static size_t roots[TREES];
  static uint32_t outputs[TREES];
  static char names[COLUMNS][8];
  static const char *const classes[] = {"no", "yes"};
  const char *columns[COLUMNS];
  size_t n = 0;
  for (size_t t = 0; t < n_trees; t++) {
    roots[t] = n;
    if (n_leaves == 2) {
      nodes[n] = (sy_tree_node){.feature = (uint32_t)(t % 20), .value = 1};
      nodes[n].left = (uint32_t)n + 1;
      nodes[n].right = (uint32_t)n + 2;
      n++;
    }
    for (size_t l = 0; l < n_leaves; l++)
      nodes[n++] = (sy_tree_node){.feature = SY_TREE_LEAF, .value = (float)l};
  }
  for (size_t c = 0; c < COLUMNS; c++) {
    snprintf(names[c], sizeof names[c], "c%zu", c);
    columns[c] = names[c];
  }
  const sy_forest forest = {.n_features = COLUMNS,
                            .n_outputs = 1,
                            .base = base,
                            .nodes = nodes,
                            .n_nodes = n,
                            .roots = roots,
                            .outputs = outputs,
                            .n_trees = n_trees};
  const sy_model_parts parts = {.classes = classes, .n_classes = 2, .positive = -1};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  assert_int_equal(sy_encoder_raw(columns, COLUMNS, &encoder, NULL), SY_OK);
  assert_int_equal(sy_predictor_boosted(&forest, 2, &predictor, NULL), SY_OK);
  assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, NULL), SY_OK);
  return model;
}

static void many_columns_are_cut(void **state) {
  (void)state;
  sy_model *model = stumps(TREES, 2);
  char *text = describe(model);
  assert_says(text, "  trees             1,200 of at most 2 leaves\n"
                    "  leaves            2,400\n"
                    "  splits            1,200\n");
  assert_says(text, "\nsplits on each column (20 of 30 are looked at)\n"
                    "  c0                                                   60      5.0 %\n");
  assert_says(text, "\n  c11                                                  60      5.0 %\n"
                    "  ... and 8 more\n");
  free(text);
  sy_model_free(model);
}

static void trees_without_splits_have_none(void **state) {
  (void)state;
  sy_model *model = stumps(2, 1);
  char *text = describe(model);
  assert_says(text, "  trees             2 of at most 1 leaf\n"
                    "  leaves            2\n"
                    "  splits            0\n");
  assert_null(strstr(text, "splits on each"));
  free(text);
  sy_model_free(model);
  model = stumps(0, 0);
  text = describe(model);
  assert_says(text, "  trees             none: all rows get the same probabilities\n");
  free(text);
  sy_model_free(model);
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  sy_model *model = small_forest();
  bool done = false;
  for (size_t n = 1; !done; n++) {
    char *text = NULL;
    sy_error error;
    sy_memory_fail_nth(n);
    sy_status status = sy_report_model(model, &text, &error);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(status, done ? SY_OK : SY_OUT_OF_MEMORY);
    free(text);
  }
  sy_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(trees_are_described),
      cmocka_unit_test(many_columns_are_cut),
      cmocka_unit_test(trees_without_splits_have_none),
      cmocka_unit_test(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
