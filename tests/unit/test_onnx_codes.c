/* test_onnx_codes.c: texts that a network embeds in a model file: the same bits back, small files,
 * and nothing believed unseen. */
#define _POSIX_C_SOURCE 200809L /* strdup */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "features/encoder.h"
#include "many_values.h"
#include "onnx.pb-c.h"
#include "onnx/profile.h"
#include "onnx/wire.h"
#include <steelyard/onnx.h>

static void *write_bytes(const sy_model *model, size_t *size) {
  void *bytes = NULL;
  assert_int_equal(sy_model_to_onnx(model, &bytes, size, NULL), SY_OK);
  return bytes;
}

static void assert_same_scores(const sy_model *a, const sy_model *b, const sy_frame *frame) {
  static double p[2 * MANY_ROWS], q[2 * MANY_ROWS];
  assert_int_equal(sy_model_score(a, frame, NULL, p, NULL, NULL), SY_OK);
  assert_int_equal(sy_model_score(b, frame, NULL, q, NULL, NULL), SY_OK);
  assert_memory_equal(p, q, sizeof p);
}

/* A table of nothing but a text of codes: there is no encoded matrix beside it. */
static void codes_alone_read_back_the_same_bits(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 8; seed++) {
    many_values *w = many_values_new(seed);
    sy_model *model = many_values_model(w, seed % 2 ? 10000 : 3), *read = NULL;
    size_t size, size_again;
    sy_error error;
    void *bytes = write_bytes(model, &size);
    if (sy_model_from_onnx(bytes, size, &read, &error)) fail_msg("%s", error.text);
    void *again = write_bytes(read, &size_again);
    assert_int_equal(size, size_again);
    assert_memory_equal(bytes, again, size);
    const sy_encoder *x = sy_model_encoder(model), *y = sy_model_encoder(read);
    assert_int_equal(sy_encoder_output_codes(x, 0), sy_encoder_output_codes(y, 0));
    assert_string_equal(sy_encoder_output_name(y, 0), "many (code)");
    const sy_frame frame = {&w->column, 1, MANY_ROWS};
    assert_same_scores(model, read, &frame);
    free(bytes);
    free(again);
    sy_model_free(model);
    sy_model_free(read);
    free(w);
  }
}

/* Each value stands in the file once, beside a few numbers: the profile does not grow with them. */
static void thousands_of_values_stay_small(void **state) {
  (void)state;
  enum { N = 9000, ROWS = 2 * N };
  static char texts[N][8];
  static const char *values[N];
  static uint32_t codes[ROWS];
  static double parameters[N + 10];
  size_t bytes_of_texts = 0, size;
  for (size_t v = 0; v < N; v++) {
    bytes_of_texts += (size_t)snprintf(texts[v], sizeof texts[v], "v%zu", v);
    values[v] = texts[v];
  }
  for (size_t i = 0; i < ROWS; i++) codes[i] = (uint32_t)(i % N);
  const sy_column column = {
      .name = "t", .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = N};
  const sy_frame frame = {&column, 1, ROWS};
  sy_encoder_options options = sy_encoder_options_default();
  sy_encoder *encoder = NULL;
  options.codes = true;
  assert_int_equal(sy_encoder_fit(&frame, NULL, &options, NULL, &encoder, NULL), SY_OK);
  const sy_embedding embedding = {0, N + 1, 1};
  const sy_network_shape shape = {
      .n_features = 1, .n_outputs = 2, .embeddings = &embedding, .n_embeddings = 1};
  sy_predictor *predictor = NULL;
  sy_model *model = NULL, *read = NULL;
  assert_int_equal(sy_predictor_network(&shape, parameters, 1, &predictor, NULL), SY_OK);
  assert_int_equal(many_values_classifier(encoder, predictor, &model, NULL), SY_OK);
  void *bytes = write_bytes(model, &size);
  /* A key has two bytes around it, a code 3 and a number of the table 8. */
  assert_true(size < bytes_of_texts + N * (2 + 3 + 8) + 5000);
  assert_int_equal(sy_model_from_onnx(bytes, size, &read, NULL), SY_OK);
  const char *text = "v999"; /* the last by bytes */
  double unused = 0, code;
  sy_encoder_apply_row(sy_model_encoder(read), &unused, &text, &code);
  assert_true(code == N - 1);
  free(bytes);
  sy_model_free(model);
  sy_model_free(read);
}

/* What is changed in a file. */
typedef void change(Onnx__ModelProto *proto);

static Onnx__NodeProto *code_node(Onnx__ModelProto *proto) {
  for (size_t i = 0; i < proto->graph->n_node; i++)
    if (strcmp(proto->graph->node[i]->name, "steelyard/text/0/code") == 0)
      return proto->graph->node[i];
  fail_msg("there is no node of the codes");
  return NULL;
}

static Onnx__AttributeProto *attribute(Onnx__ModelProto *proto, const char *name) {
  Onnx__NodeProto *node = code_node(proto);
  for (size_t i = 0; i < node->n_attribute; i++)
    if (strcmp(node->attribute[i]->name, name) == 0) return node->attribute[i];
  fail_msg("the codes have no %s", name);
  return NULL;
}

static void swap_keys(Onnx__ModelProto *proto) {
  Onnx__AttributeProto *keys = attribute(proto, "keys_strings");
  ProtobufCBinaryData first = keys->strings[0];
  keys->strings[0] = keys->strings[1];
  keys->strings[1] = first;
}

static void drop_a_key(Onnx__ModelProto *proto) {
  Onnx__AttributeProto *keys = attribute(proto, "keys_strings");
  free(keys->strings[--keys->n_strings].data);
}

static void change_a_code(Onnx__ModelProto *proto) {
  attribute(proto, "values_int64s")->ints[1] = 2;
}

static void no_others(Onnx__ModelProto *proto) {
  attribute(proto, "default_int64")->i = -1;
}

static void others_beyond(Onnx__ModelProto *proto) {
  attribute(proto, "default_int64")->i++;
}

static void other_input(Onnx__ModelProto *proto) {
  Onnx__NodeProto *node = code_node(proto);
  free(node->input[0]);
  node->input[0] = strdup("few");
}

static void other_operation(Onnx__ModelProto *proto) {
  Onnx__NodeProto *node = code_node(proto);
  free(node->op_type);
  node->op_type = strdup("Cast");
}

static const char *profile_line;

static void other_profile(Onnx__ModelProto *proto) {
  for (size_t i = 0; i < proto->n_metadata_props; i++) {
    Onnx__StringStringEntryProto *entry = proto->metadata_props[i];
    if (strcmp(entry->key, SY_KEY_PROFILE "many") != 0) continue;
    free(entry->value);
    entry->value = strdup(profile_line);
    return;
  }
  fail_msg("there is no profile");
}

static sy_status read_changed(const sy_model *model, change *make, sy_model **read,
                              sy_error *error) {
  size_t original;
  uint8_t *bytes = write_bytes(model, &original);
  Onnx__ModelProto *proto = onnx__model_proto__unpack(NULL, original - SY_SEAL_SIZE, bytes);
  make(proto);
  size_t body = onnx__model_proto__get_packed_size(proto);
  uint8_t *packed = malloc(body + SY_SEAL_SIZE);
  onnx__model_proto__pack(proto, packed);
  sy_seal_write(packed, body);
  sy_status status = sy_model_from_onnx(packed, body + SY_SEAL_SIZE, read, error);
  onnx__model_proto__free_unpacked(proto, NULL);
  free(packed);
  free(bytes);
  return status;
}

static void damage_is_found(void **state) {
  (void)state;
  static const struct {
    change *make;
    const char *piece;
  } cases[] = {{swap_keys, "text/0/code"},      {drop_a_key, "text/0/codes"},
               {change_a_code, "text/0/codes"}, {no_others, "text/0/codes"},
               {others_beyond, "text/0/codes"}, {other_input, "text/0/code"},
               {other_operation, "text/0/code"}};
  many_values *w = many_values_new(3);
  sy_model *model = many_values_model(w, 3), *read = NULL;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    sy_error error;
    char expected[100];
    snprintf(expected, sizeof expected, "the model is damaged (%s)", cases[i].piece);
    if (read_changed(model, cases[i].make, &read, &error) != SY_INVALID_MODEL)
      fail_msg("change %zu is taken", i);
    assert_string_equal(error.text, expected);
    assert_null(read);
  }
  sy_model_free(model);
  free(w);
}

/* Codes of three values: 0, 1, 2, and 3 of the others, which has no bin of its own but the last. */
static void profiles_that_are_none_are_refused(void **state) {
  (void)state;
  static const char *const lines[] = {
      "weight=8 rows=8 missing=0 edges= shares=0.25,0.25,0.25,0,0.25",
      "weight=8 rows=8 missing=0 codes= shares=0.5,0.5",
      "weight=8 rows=8 missing=0 codes=0,1,2 shares=0.25,0.25,0.25,0.25",
      "weight=8 rows=8 missing=0 codes=0,1,2 shares=0.25,0.25,0.25,0,0.25,0",
      "weight=8 rows=8 missing=0 codes=0,2,1 shares=0.25,0.25,0.25,0,0.25",
      "weight=8 rows=8 missing=0 codes=0,1,1 shares=0.25,0.25,0.25,0,0.25",
      "weight=8 rows=8 missing=0 codes=0,1,3 shares=0.25,0.25,0.25,0,0.25",
      "weight=8 rows=8 missing=0 codes=-1,0,1 shares=0.25,0.25,0.25,0,0.25",
      "weight=8 rows=8 missing=0 codes=0,0.5,1 shares=0.25,0.25,0.25,0,0.25",
      "weight=8 rows=8 missing=0 codes=0,nan,1 shares=0.25,0.25,0.25,0,0.25",
      "weight=8 rows=8 missing=0 codes=0,1,1e300 shares=0.25,0.25,0.25,0,0.25",
      "weight=8 rows=8 missing=0 codes=0,1,2 shares=0.25,0.25,0.25,0,0.5",
      "weight=8 rows=8 missing=0 codes=0,1,2 shares=0.25,0.25,0.25,-0.25,0.5"};
  many_values *w = many_values_new(3);
  sy_model *model = many_values_model(w, 3), *read = NULL;
  sy_error error;
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    profile_line = lines[i];
    if (read_changed(model, other_profile, &read, &error) != SY_INVALID_MODEL)
      fail_msg("line %zu is taken: %s", i, lines[i]);
    assert_string_equal(error.text, "the model is damaged (steelyard.profile.many)");
  }
  profile_line = "weight=8 rows=8 missing=0 codes=0,2 shares=0.25,0.25,0.25,0.25";
  assert_int_equal(read_changed(model, other_profile, &read, &error), SY_OK);
  const sy_profile *profile = sy_encoder_profile(sy_model_encoder(read), 0);
  assert_true(profile->n_bins == 4 && profile->codes[0] == 0 && profile->codes[1] == 2);
  sy_model_free(read);
  sy_model_free(model);
  free(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(codes_alone_read_back_the_same_bits),
      cmocka_unit_test(thousands_of_values_stay_small),
      cmocka_unit_test(damage_is_found),
      cmocka_unit_test(profiles_that_are_none_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
