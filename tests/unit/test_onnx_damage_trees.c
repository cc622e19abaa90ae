/* test_onnx_damage_trees.c: trees whose lists do not fit one another, or are no trees, are refused,
 * and no bytes at all do harm. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "changed_model.h"
#include "random_labels.h"

static void sealed_nonsense_does_no_harm(void **state) {
  (void)state;
  seal_nonsense(small_forest(), 5);
  seal_nonsense(small_label_trees(), 7);
}

static Onnx__NodeProto *node(Onnx__ModelProto *proto, const char *name) {
  for (size_t i = 0; i < proto->graph->n_node; i++)
    if (strcmp(proto->graph->node[i]->name, name) == 0) return proto->graph->node[i];
  fail_msg("no %s", name);
  return NULL;
}

static Onnx__AttributeProto *list(Onnx__ModelProto *proto, const char *name) {
  Onnx__NodeProto *leaves = node(proto, "steelyard/trees/leaves");
  for (size_t i = 0; i < leaves->n_attribute; i++)
    if (strcmp(leaves->attribute[i]->name, name) == 0) return leaves->attribute[i];
  fail_msg("no %s", name);
  return NULL;
}

static int64_t *ints(Onnx__ModelProto *proto, const char *name) {
  return list(proto, name)->ints;
}

/* Nodes: 0 splits on x into 1 and 2, 2 on a text into 4 and 3; 5 is a leaf alone; 6 splits into 7
 * and 8, 7 into 9 and 10. Leaves: 1, 3, 4; 5; 8, 9, 10. */
static void no_list(Onnx__ModelProto *proto) {
  list(proto, "nodes_featureids")->name[0] = 'N';
}
static void short_list(Onnx__ModelProto *proto) {
  list(proto, "nodes_missing_value_tracks_true")->n_ints--;
}
static void short_values(Onnx__ModelProto *proto) {
  list(proto, "nodes_values_as_tensor")->t->n_double_data--;
}
static void no_tensor(Onnx__ModelProto *proto) {
  list(proto, "nodes_values_as_tensor")->t->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
}
static void other_dims(Onnx__ModelProto *proto) {
  list(proto, "target_weights_as_tensor")->t->dims[0] = INT64_MIN;
}
static void nan_split(Onnx__ModelProto *proto) {
  list(proto, "nodes_values_as_tensor")->t->double_data[0] = (double)NAN;
}
static void infinite_leaf(Onnx__ModelProto *proto) {
  list(proto, "target_weights_as_tensor")->t->double_data[0] = INFINITY;
}
static void too_exact(Onnx__ModelProto *proto) {
  list(proto, "nodes_values_as_tensor")->t->double_data[2] = 0.1;
}
static void too_large(Onnx__ModelProto *proto) {
  list(proto, "target_weights_as_tensor")->t->double_data[2] = 2 * (double)FLT_MAX;
}
static void other_column(Onnx__ModelProto *proto) {
  ints(proto, "nodes_featureids")[0] = 6;
}
static void column_before(Onnx__ModelProto *proto) {
  ints(proto, "nodes_featureids")[0] = -1;
}
static void other_flag(Onnx__ModelProto *proto) {
  ints(proto, "nodes_missing_value_tracks_true")[0] = 2;
}
static void other_mode(Onnx__ModelProto *proto) {
  list(proto, "nodes_modes")->strings[0].data[7] = 'G';
}
static void leaf_that_splits(Onnx__ModelProto *proto) {
  list(proto, "nodes_modes")->strings[1].len = 0;
}
static void later_tree(Onnx__ModelProto *proto) {
  ints(proto, "nodes_treeids")[10] = 3;
}
static void skipped_tree(Onnx__ModelProto *proto) {
  ints(proto, "nodes_treeids")[5] = 2;
}
static void skipped_node(Onnx__ModelProto *proto) {
  ints(proto, "nodes_nodeids")[4] = 5;
}
static void no_root(Onnx__ModelProto *proto) {
  ints(proto, "nodes_nodeids")[0] = 1;
}
static void missing_leaf(Onnx__ModelProto *proto) {
  static const char *const lists[] = {"target_treeids", "target_nodeids", "target_ids"};
  for (size_t i = 0; i < 3; i++) list(proto, lists[i])->n_ints--;
  Onnx__TensorProto *weights = list(proto, "target_weights_as_tensor")->t;
  weights->dims[0] = (int64_t)--weights->n_double_data;
}
static void turned_leaves(Onnx__ModelProto *proto) {
  ints(proto, "target_nodeids")[0] = 3;
  ints(proto, "target_nodeids")[1] = 1;
}
static void leaf_of_another(Onnx__ModelProto *proto) {
  ints(proto, "target_treeids")[3] = 2;
}
static void other_target(Onnx__ModelProto *proto) {
  ints(proto, "target_ids")[0] = 1;
}
static void more_targets(Onnx__ModelProto *proto) {
  list(proto, "n_targets")->i = 2;
}
static void itself(Onnx__ModelProto *proto) {
  ints(proto, "nodes_truenodeids")[0] = 0;
}
static void above(Onnx__ModelProto *proto) {
  ints(proto, "nodes_falsenodeids")[2] = 1;
}
static void two_parents(Onnx__ModelProto *proto) {
  ints(proto, "nodes_truenodeids")[2] = 3;
}
static void next_tree(Onnx__ModelProto *proto) {
  ints(proto, "nodes_truenodeids")[2] = 5;
}
static void far_node(Onnx__ModelProto *proto) {
  ints(proto, "nodes_truenodeids")[0] = INT64_MAX;
}
static void two_bases(Onnx__ModelProto *proto) {
  Onnx__TensorProto *base = tensor(proto, "steelyard/trees/base");
  base->double_data = realloc(base->double_data, 3 * sizeof *base->double_data);
  for (size_t i = 1; i < 3; i++) base->double_data[i] = 0;
  base->n_double_data = 3;
  base->dims[0] = 3;
  list(proto, "n_targets")->i = 3;
}
static void nan_base(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/trees/base")->double_data[0] = (double)NAN;
}
static void no_node(Onnx__ModelProto *proto) {
  node(proto, "steelyard/trees/leaves")->op_type[0] = 'F';
}
/* Its numbers are no longer those of float32, nor has it any means. */
static void no_cast(Onnx__ModelProto *proto) {
  node(proto, "steelyard/numbers/single")->op_type[0] = 'K';
}
/* Trees become something else, which takes no missing numbers. */
static void no_trees(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/trees/base")->name[6] = 'T';
}

static void wrong_trees_are_named(void **state) {
  (void)state;
  const struct {
    change_fn change;
    const char *text;
  } cases[] = {{no_list, "trees/leaves"},
               {short_list, "trees/leaves"},
               {short_values, "trees/leaves"},
               {no_tensor, "trees/leaves"},
               {other_dims, "trees/leaves"},
               {nan_split, "trees/leaves"},
               {infinite_leaf, "trees/leaves"},
               {too_exact, "trees/leaves"},
               {too_large, "trees/leaves"},
               {other_column, "trees/leaves"},
               {column_before, "trees/leaves"},
               {other_flag, "trees/leaves"},
               {other_mode, "trees/leaves"},
               {leaf_that_splits, "trees/leaves"},
               {later_tree, "trees/leaves"},
               {skipped_tree, "trees/leaves"},
               {skipped_node, "trees/leaves"},
               {no_root, "trees/leaves"},
               {missing_leaf, "trees/leaves"},
               {turned_leaves, "trees/leaves"},
               {leaf_of_another, "trees/leaves"},
               {other_target, "trees/leaves"},
               {more_targets, "trees/leaves"},
               {far_node, "trees/leaves"},
               {no_node, "trees/leaves"},
               {itself, "trees"},
               {above, "trees"},
               {two_parents, "trees"},
               {next_tree, "trees"},
               {two_bases, "trees"},
               {nan_base, "trees"},
               {no_cast, "numbers/scale"},
               {no_trees, "coefficients"}};
  char wanted[64];
  size_t size;
  sy_error error;
  uint8_t *bytes = changed_file(small_forest(), nothing, &size);
  assert_int_equal(try_read(bytes, size, &error), SY_OK);
  free(bytes);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bytes = changed_file(small_forest(), cases[i].change, &size);
    assert_int_equal(try_read(bytes, size, &error), SY_INVALID_MODEL);
    snprintf(wanted, sizeof wanted, "the model is damaged (%s)", cases[i].text);
    if (strcmp(error.text, wanted) != 0) fail_msg("case %zu: %s", i, error.text);
    free(bytes);
  }
}

/* One of several labels: a leaf that adds to another label than its tree. */
static void stray_leaf(Onnx__ModelProto *proto) {
  ints(proto, "target_ids")[1] = 1;
}

static void a_tree_adds_to_one_label(void **state) {
  (void)state;
  size_t size;
  sy_error error;
  uint8_t *bytes = changed_file(small_label_trees(), stray_leaf, &size);
  assert_int_equal(try_read(bytes, size, &error), SY_INVALID_MODEL);
  assert_string_equal(error.text, "the model is damaged (trees/leaves)");
  free(bytes);
}

/* A logistic model whose numbers are said to be raw. */
static void raw_numbers(Onnx__ModelProto *proto) {
  Onnx__NodeProto *filled = node(proto, "steelyard/numbers/filled");
  static const char name[] = "steelyard/numbers/single";
  free(filled->name);
  free(filled->op_type);
  filled->name = malloc(sizeof name);
  filled->op_type = malloc(5);
  memcpy(filled->name, name, sizeof name);
  memcpy(filled->op_type, "Cast", 5);
}

/* A logistic model of one number that is never missing. */
static sy_model *model_of_a_number(void) {
  static const double x[] = {1, 2, 4}, one[] = {1};
  static const sy_column column = {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x};
  const sy_frame frame = {&column, 1, 3};
  const sy_model_parts parts = {.classes = small_classes, .n_classes = 2, .positive = -1};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  assert_int_equal(sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
  assert_int_equal(sy_predictor_logistic(1, 2, 1, one, one, &predictor, NULL), SY_OK);
  assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, NULL), SY_OK);
  return model;
}

static void raw_numbers_go_with_trees(void **state) {
  (void)state;
  size_t size;
  sy_error error;
  uint8_t *bytes = changed_file(small_model(), raw_numbers, &size);
  assert_int_equal(try_read(bytes, size, &error), SY_INVALID_MODEL);
  assert_string_equal(error.text, "the model is damaged (marked/joined)");
  free(bytes);
  bytes = changed_file(model_of_a_number(), raw_numbers, &size);
  assert_int_equal(try_read(bytes, size, &error), SY_INVALID_MODEL);
  assert_string_equal(error.text, "the model is damaged (decision)");
  free(bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sealed_nonsense_does_no_harm),
      cmocka_unit_test(wrong_trees_are_named),
      cmocka_unit_test(a_tree_adds_to_one_label),
      cmocka_unit_test(raw_numbers_go_with_trees),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
