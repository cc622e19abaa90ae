/* test_onnx_damage.c: bytes that are no model of ours, or one no longer, are refused, and no bytes
 * at all do harm. */
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

static void every_truncation_is_refused(void **state) {
  (void)state;
  sy_model *model = small_model();
  size_t size;
  sy_error error;
  uint8_t *bytes = write_bytes(model, &size);
  assert_int_equal(try_read(bytes, size, &error), SY_OK);
  for (size_t cut = 0; cut < size; cut++) {
    uint8_t *part = malloc(cut + 1); /* of its own, so that reading past it is caught */
    memcpy(part, bytes, cut);
    assert_int_equal(try_read(part, cut, &error), SY_INVALID_MODEL);
    if (cut > 20) assert_non_null(strstr(error.text, "is cut short or damaged (checksum)"));
    free(part);
  }
  free(bytes);
  sy_model_free(model);
}

static void every_changed_byte_is_refused(void **state) {
  (void)state;
  sy_model *model = small_model();
  size_t size;
  sy_error error;
  uint8_t *bytes = write_bytes(model, &size);
  for (size_t i = 0; i < size; i++)
    for (unsigned bit = 0; bit < 8; bit++) {
      bytes[i] ^= (uint8_t)(1u << bit);
      assert_int_equal(try_read(bytes, size, &error), SY_INVALID_MODEL);
      bytes[i] ^= (uint8_t)(1u << bit);
    }
  free(bytes);
  sy_model_free(model);
}

static void sealed_nonsense_does_no_harm(void **state) {
  (void)state;
  seal_nonsense(decided_model(), 1);
}

static char *format_value(Onnx__ModelProto *proto) {
  assert_string_equal(proto->metadata_props[0]->key, "steelyard.format");
  return proto->metadata_props[0]->value;
}

static void newer(Onnx__ModelProto *proto) {
  format_value(proto)[0] = '5';
}
static void no_format(Onnx__ModelProto *proto) {
  format_value(proto)[0] = 'x';
}
static void nan_mean(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/numbers/mean")->double_data[0] = (double)NAN;
}
static void zero_scale(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/numbers/scale")->double_data[0] = 0;
}
static void infinite_coefficient(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/coefficients")->double_data[1] = (double)INFINITY;
}
static void short_coefficients(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/coefficients")->n_double_data--;
}
static void other_dims(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/coefficients")->dims[0] = INT64_MAX;
}
static void negative_weight(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/class_weights")->double_data[0] = -1;
}
static void infinite_cost(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/cost")->double_data[1] = -(double)INFINITY;
}
static void equal_classes(Onnx__ModelProto *proto) {
  ProtobufCBinaryData *data = tensor(proto, "steelyard/classes")->string_data;
  data[1].len = data[0].len;
  memcpy(data[1].data, data[0].data, data[0].len);
}
static void zero_byte(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/classes")->string_data[1].data[2] = 0;
}
static void unsorted_levels(Onnx__ModelProto *proto) {
  ProtobufCBinaryData *strings = keys(proto)->strings, swapped = strings[1];
  strings[1] = strings[2];
  strings[2] = swapped;
}
static void fewer_levels(Onnx__ModelProto *proto) {
  /* protobuf-c frees what is counted: the one left out is freed here */
  free(keys(proto)->strings[--keys(proto)->n_strings].data);
}
static void other_positive(Onnx__ModelProto *proto) {
  proto->metadata_props[2]->value[0] = 'D';
}
static void other_decision(Onnx__ModelProto *proto) {
  proto->metadata_props[1]->value[0] = 'G';
}
static void other_type(Onnx__ModelProto *proto) {
  proto->graph->input[0]->type->tensor_type->elem_type = 1;
}
static void renamed_input(Onnx__ModelProto *proto) {
  proto->graph->input[0]->name[0] = 'y';
}
static void cut_graph(Onnx__ModelProto *proto) {
  onnx__graph_proto__free_unpacked(proto->graph, NULL);
  proto->graph = NULL;
}

static void wrong_contents_are_named(void **state) {
  (void)state;
  const struct {
    change_fn change;
    const char *text;
  } cases[] = {{newer, "was written by a newer steelyard (format 5)"},
               {no_format, "is damaged (unknown fields)"},
               {nan_mean, "is damaged (numbers/mean)"},
               {zero_scale, "is damaged (numbers/scale)"},
               {infinite_coefficient, "is damaged (coefficients)"},
               {short_coefficients, "is damaged (coefficients)"},
               {other_dims, "is damaged (coefficients)"},
               {negative_weight, "is damaged (class_weights)"},
               {infinite_cost, "is damaged (cost)"},
               {equal_classes, "is damaged (classes)"},
               {zero_byte, "is damaged (classes)"},
               {unsorted_levels, "is damaged (text/1/code)"},
               {fewer_levels, "is damaged (text/1/codes)"},
               {other_positive, "is damaged (steelyard.positive)"},
               {other_decision, "is damaged (steelyard.decision)"},
               {other_type, "is damaged (x)"},
               {renamed_input, "is damaged (steelyard/numbers/joined)"},
               {cut_graph, "is damaged (no graph)"}};
  size_t size;
  sy_error error;
  uint8_t *bytes = changed_file(small_model(), nothing, &size);
  assert_int_equal(try_read(bytes, size, &error), SY_OK);
  free(bytes);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bytes = changed_file(small_model(), cases[i].change, &size);
    assert_int_equal(try_read(bytes, size, &error), SY_INVALID_MODEL);
    assert_string_equal(error.text + 10, cases[i].text);
    free(bytes);
  }
}

static void falling_values(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/calibration/values")->double_data[2] = 0.1;
}
static void equal_knots(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/calibration/knots")->double_data[1] = 0.1;
}
static void fewer_values(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/calibration/values")->n_double_data--;
}
static void knots_from_elsewhere(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/calibration/first")->int64_data[0] = 1;
}
static void knots_of_no_class(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/calibration/first")->int64_data[0] = INT64_MIN;
}
static void short_prior(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/prior")->double_data[0] = 0.5;
}
static void nan_prior(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/trained_prior")->double_data[0] = (double)NAN;
}
static void no_trained_prior(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/trained_prior")->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__INT64;
}
static void cell_outside(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/varying/actual")->int64_data[1] = 2;
}
static void cell_negative(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/varying/predicted")->int64_data[0] = -1;
}
static void cell_twice(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/varying/actual")->int64_data[1] = 0;
  tensor(proto, "steelyard/varying/predicted")->int64_data[1] = 1;
}
static void cell_fixed_too(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/cost")->double_data[1] = 3;
}
static void expression_unknown(Onnx__ModelProto *proto) {
  tensor(proto, "steelyard/varying/which")->int64_data[1] = 2;
}
static void cost_renamed(Onnx__ModelProto *proto) {
  proto->graph->input[2]->name[0] = 'C';
}
static void cost_of_text(Onnx__ModelProto *proto) {
  proto->graph->input[3]->type->tensor_type->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__STRING;
}
static void column_behind_costs(Onnx__ModelProto *proto) {
  proto->graph->input[3]->doc_string[0] = 'C';
}
static void costs_alone(Onnx__ModelProto *proto) {
  Onnx__ValueInfoProto *first = proto->graph->input[0];
  proto->graph->input[0] = proto->graph->input[2];
  proto->graph->input[2] = first;
}

static void wrong_decisions_are_named(void **state) {
  (void)state;
  const struct {
    change_fn change;
    const char *text;
  } cases[] = {{falling_values, "is damaged (calibration)"},
               {equal_knots, "is damaged (calibration)"},
               {fewer_values, "is damaged (calibration/values)"},
               {knots_from_elsewhere, "is damaged (calibration/first)"},
               {knots_of_no_class, "is damaged (calibration/first)"},
               {short_prior, "is damaged (decision)"},
               {nan_prior, "is damaged (decision)"},
               {no_trained_prior, "is damaged (trained_prior)"},
               {cell_outside, "is damaged (varying/actual)"},
               {cell_negative, "is damaged (varying/predicted)"},
               {cell_twice, "is damaged (varying/actual)"},
               {cell_fixed_too, "is damaged (varying/actual)"},
               {expression_unknown, "is damaged (varying/which)"},
               {cost_renamed, "is damaged (Cost: amount)"},
               {cost_of_text, "is damaged (cost: 2 * fee)"},
               {column_behind_costs, "is damaged (cost: 2 * fee)"},
               {costs_alone, "is damaged (cost: amount)"}};
  size_t size;
  sy_error error;
  uint8_t *bytes = changed_file(decided_model(), nothing, &size);
  assert_int_equal(try_read(bytes, size, &error), SY_OK);
  free(bytes);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    bytes = changed_file(decided_model(), cases[i].change, &size);
    assert_int_equal(try_read(bytes, size, &error), SY_INVALID_MODEL);
    assert_string_equal(error.text + 10, cases[i].text);
    free(bytes);
  }
}

/* Shares of the training in the metadata are believed no more. */
static void wrong_shares_are_refused(void **state) {
  (void)state;
  static const char *const texts[] = {"0.8", "0.8,0.2,", "0.8,0.3", "0.8,x", "nan,1", "-1,2", ""};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    sy_model *model = decided_model();
    size_t original;
    sy_error error;
    assert_int_equal(sy_model_set_prior(model, NULL, NULL), SY_OK);
    uint8_t *bytes = write_bytes(model, &original);
    Onnx__ModelProto *proto = onnx__model_proto__unpack(NULL, original - SY_SEAL_SIZE, bytes);
    size_t at = 0;
    while (strcmp(proto->metadata_props[at]->key, "steelyard.trained_prior") != 0) at++;
    assert_string_equal(proto->metadata_props[at]->value, "0.8,0.2");
    char *value = proto->metadata_props[at]->value, text[16];
    snprintf(text, sizeof text, "%s", texts[i]);
    proto->metadata_props[at]->value = text;
    size_t body = onnx__model_proto__get_packed_size(proto);
    uint8_t *packed = malloc(body + SY_SEAL_SIZE);
    onnx__model_proto__pack(proto, packed);
    sy_seal_write(packed, body);
    proto->metadata_props[at]->value = value;
    assert_int_equal(try_read(packed, body + SY_SEAL_SIZE, &error), SY_INVALID_MODEL);
    onnx__model_proto__free_unpacked(proto, NULL);
    free(packed);
    free(bytes);
    sy_model_free(model);
  }
}

/* Puts tag and length before the `*inside` bytes at `at`; returns where they begin now. */
static uint8_t *wrap(uint8_t *at, uint8_t tag, size_t *inside) {
  uint8_t head[8] = {tag};
  size_t n = 1, left = *inside;
  do {
    head[n++] = (uint8_t)(left % 128 + (left > 127 ? 128 : 0));
  } while ((left /= 128) > 0);
  *inside += n;
  return memcpy(at - n, head, n);
}

/* A type of a sequence of sequences of ..., which a general decoder would follow to the end of its
 * stack. */
static void deep_nesting_is_refused(void **state) {
  (void)state;
  enum { DEPTH = 200000, ROOM = 8 * DEPTH };
  static const char start[] = "\x08\x08";
  static const char metadata[] = "\x72\x15\x0A\x10steelyard.format\x12\x01"
                                 "1";
  size_t inside = 0, begin = sizeof start - 1, end = sizeof metadata - 1;
  uint8_t *bytes = malloc(ROOM + end + SY_SEAL_SIZE), *at = bytes + ROOM;
  for (size_t depth = 0; depth < DEPTH; depth++) at = wrap(at, depth % 2 ? 0x22 : 0x0A, &inside);
  at = wrap(at, 0x12, &inside); /* the type of an */
  at = wrap(at, 0x5A, &inside); /* input of the */
  at = wrap(at, 0x3A, &inside); /* graph */
  at -= begin;
  memcpy(at, start, begin);
  memcpy(bytes + ROOM, metadata, end);
  sy_seal_write(at, begin + inside + end);
  sy_error error;
  sy_glance glance = sy_wire_glance(at, begin + inside + end);
  assert_true(glance.whole && glance.has_version && glance.has_graph && glance.format == 1);
  assert_int_equal(try_read(at, begin + inside + end + SY_SEAL_SIZE, &error), SY_INVALID_MODEL);
  assert_non_null(strstr(error.text, "unknown fields"));
  free(bytes);
}

static void strangers_are_told_apart(void **state) {
  (void)state;
  static const uint8_t foreign[] = {0x08, 0x08, 0x12, 0x07, 'p',  'y',  't',  'o', 'r',
                                    'c',  'h',  0x3A, 0x02, 0x12, 0x00, 0x42, 0x00};
  sy_error error;
  assert_int_equal(try_read("", 0, &error), SY_INVALID_MODEL);
  assert_string_equal(error.text, "the model is no ONNX file (it is empty)");
  const char csv[] = "age,job\n1,clerk\n2,baker\n";
  assert_int_equal(try_read(csv, sizeof csv - 1, &error), SY_INVALID_MODEL);
  assert_string_equal(error.text, "the model is no ONNX file");
  assert_int_equal(try_read(foreign, sizeof foreign, &error), SY_INVALID_MODEL);
  assert_string_equal(error.text, "the model is an ONNX file but not one written by steelyard");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_truncation_is_refused),
      cmocka_unit_test(every_changed_byte_is_refused),
      cmocka_unit_test(sealed_nonsense_does_no_harm),
      cmocka_unit_test(wrong_contents_are_named),
      cmocka_unit_test(wrong_decisions_are_named),
      cmocka_unit_test(wrong_shares_are_refused),
      cmocka_unit_test(deep_nesting_is_refused),
      cmocka_unit_test(strangers_are_told_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
