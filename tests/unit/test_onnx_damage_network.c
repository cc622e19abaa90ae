/* test_onnx_damage_network.c: networks whose pieces do not fit one another are refused, and no
 * bytes at all do harm. */
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

static void sealed_nonsense_does_no_harm(void **state) {
  (void)state;
  seal_nonsense(small_network(), 11);
}

/* Out of two networks of three layers, one embedding and layer normalisation. */
static void nan_weight(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/network/2/1/weights")->double_data[0] = (double)NAN;
}
static void unlearnt_unit(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/network/1/1/biases")->double_data[0] = -(double)INFINITY;
}
static void short_weights(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/network/2/2/weights")->n_double_data--;
}
static void turned_weights(Onnx__ModelProto *proto) {
  int64_t *dims = tensor(proto, "steelyard/network/1/2/weights")->dims, first = dims[0];
  dims[0] = dims[1];
  dims[1] = first;
}
static void huge_biases(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/network/1/1/biases")->dims[0] = INT64_MAX;
}
static void fewer_units(Onnx__ModelProto *proto) {
  Onnx__TensorProto *biases = tensor(proto, "steelyard/network/1/1/biases");
  biases->dims[0] = (int64_t)--biases->n_double_data;
}
static void fewer_classes(Onnx__ModelProto *proto) {
  Onnx__TensorProto *biases = tensor(proto, "steelyard/network/1/3/biases");
  biases->dims[0] = (int64_t)--biases->n_double_data;
}
static void renamed_gains(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/network/2/1/gains")->name[22] = 'G';
}
static void renamed_layer(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/network/1/3/biases")->name[20] = '9';
}
static void narrow_table(Onnx__ModelProto *proto) {
  Onnx__TensorProto *table = tensor(proto, "steelyard/network/1/embedding/1");
  table->n_double_data /= 2;
  table->dims[1] /= 2;
}
static void other_table(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/network/2/embedding/1")->dims[0] = 3;
}
static void no_table(Onnx__ModelProto *proto) {
  Onnx__TensorProto *table = tensor(proto, "steelyard/network/1/embedding/1");
  table->n_double_data = 0;
}
static void other_activation(Onnx__ModelProto *proto) {
  for (size_t i = 0; i < proto->graph->n_node; i++)
    if (strcmp(proto->graph->node[i]->name, "steelyard/network/1/1/activated") == 0)
      proto->graph->node[i]->op_type[0] = 'm';
}
/* One value less has a code of its own, and no profile says otherwise. */
static void fewer_codes(Onnx__ModelProto *proto) {
  for (size_t i = 0; i < proto->n_metadata_props; i++)
    if (strcmp(proto->metadata_props[i]->key, "steelyard.profile.label") == 0)
      proto->metadata_props[i]->key[10] = 'P';
  free(keys(proto)->strings[--keys(proto)->n_strings].data);
  for (size_t i = 0; i < proto->graph->n_node; i++) {
    Onnx__NodeProto *node = proto->graph->node[i];
    if (strcmp(node->op_type, "LabelEncoder") != 0) continue;
    node->attribute[1]->n_ints--;
    node->attribute[2]->i--;
    return;
  }
}

static void wrong_networks_are_named(void **state) {
  (void)state;
  const struct {
    change_fn change;
    const char *text;
  } cases[] = {{nan_weight, "is damaged (network)"},
               {unlearnt_unit, "is damaged (network)"},
               {short_weights, "is damaged (network/2/2/weights)"},
               {turned_weights, "is damaged (network/1/2/weights)"},
               {huge_biases, "is damaged (network/1/1/biases)"},
               {fewer_units, "is damaged (network/1/1/weights)"},
               {fewer_classes, "is damaged (network/1/3/biases)"},
               {renamed_gains, "is damaged (network/2/1/gains)"},
               {renamed_layer, "is damaged (network/1/2/biases)"},
               {narrow_table, "is damaged (network/1/1/weights)"},
               {other_table, "is damaged (network/2/embedding/1)"},
               {no_table, "is damaged (network/1/embedding/1)"},
               {other_activation, "is damaged (network/1/1/activated)"},
               {fewer_codes, "is damaged (network/1/embedding/1)"}};
  size_t size;
  sy_error error;
  uint8_t *bytes = changed_file(small_network(), nothing, &size);
  assert_int_equal(try_read(bytes, size, &error), SY_OK);
  free(bytes);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bytes = changed_file(small_network(), cases[i].change, &size);
    assert_int_equal(try_read(bytes, size, &error), SY_INVALID_MODEL);
    assert_string_equal(error.text + 10, cases[i].text);
    free(bytes);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sealed_nonsense_does_no_harm),
      cmocka_unit_test(wrong_networks_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
