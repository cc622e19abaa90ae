/* changed_model.h: model files changed on purpose, and what the reader says of them; after
 * cmocka.h.
 */
#ifndef TESTS_CHANGED_MODEL_H
#define TESTS_CHANGED_MODEL_H

#include "onnx.pb-c.h"
#include "onnx/wire.h"
#include "random_model.h"
#include <steelyard/onnx.h>

static inline void *write_bytes(const sy_model *model, size_t *size) {
  void *bytes = NULL;
  assert_int_equal(sy_model_to_onnx(model, &bytes, size, NULL), SY_OK);
  return bytes;
}

/* Reads; a failure must say so properly. */
static inline sy_status try_read(const void *bytes, size_t size, sy_error *error) {
  sy_model *model = NULL;
  error->text[0] = 0;
  sy_status status = sy_model_from_onnx(bytes, size, &model, error);
  assert_int_equal(!status, model != NULL);
  if (status) {
    assert_int_equal(status, SY_INVALID_MODEL);
    assert_memory_equal(error->text, "the model ", 10);
  }
  sy_model_free(model);
  return status;
}

/* Changed bytes under a right checksum, as if on purpose: refused or harmless. Every `step`-th byte
 * has its turn. Frees the model. */
static inline void seal_nonsense(sy_model *model, size_t step) {
  size_t size, refused = 0, tried = 0;
  sy_error error;
  uint8_t *bytes = write_bytes(model, &size), *changed = malloc(size);
  random_table *draw = random_table_new(1);
  for (size_t i = 0; i < size - SY_SEAL_SIZE; i += step)
    for (size_t change = 0; change < 12; change += 2, tried++) {
      memcpy(changed, bytes, size);
      changed[i] = change < 4 ? (uint8_t)(bytes[i] + (change < 2 ? change + 1 : 0 - change + 1))
                              : (uint8_t)random_below(draw, 256);
      if (change > 8) changed[random_below(draw, size - SY_SEAL_SIZE)] ^= 0x81;
      sy_seal_write(changed, size - SY_SEAL_SIZE);
      refused += try_read(changed, size, &error) != SY_OK;
    }
  assert_true(refused > tried / 8);
  for (size_t cut = 0; cut < size - SY_SEAL_SIZE; cut += step) { /* sealed where it was cut */
    memcpy(changed, bytes, cut);
    sy_seal_write(changed, cut);
    try_read(changed, cut + SY_SEAL_SIZE, &error);
  }
  free(draw);
  free(changed);
  free(bytes);
  sy_model_free(model);
}

typedef void (*change_fn)(Onnx__ModelProto *proto);

/* A model's file after a change of its message, sealed; freed by the caller. Frees the model. */
static inline uint8_t *changed_file(sy_model *model, change_fn change, size_t *size) {
  size_t original;
  uint8_t *bytes = write_bytes(model, &original);
  Onnx__ModelProto *proto =
      onnx__model_proto__unpack(NULL, original - SY_SEAL_SIZE, bytes); /* without its seal */
  change(proto);
  size_t body = onnx__model_proto__get_packed_size(proto);
  uint8_t *packed = malloc(body + SY_SEAL_SIZE);
  onnx__model_proto__pack(proto, packed);
  sy_seal_write(packed, body);
  *size = body + SY_SEAL_SIZE;
  onnx__model_proto__free_unpacked(proto, NULL);
  sy_model_free(model);
  free(bytes);
  return packed;
}

static inline Onnx__TensorProto *tensor(Onnx__ModelProto *proto, const char *name) {
  for (size_t i = 0; i < proto->graph->n_initializer; i++)
    if (strcmp(proto->graph->initializer[i]->name, name) == 0) return proto->graph->initializer[i];
  fail_msg("no %s", name);
  return NULL;
}

static inline Onnx__AttributeProto *keys(Onnx__ModelProto *proto) {
  for (size_t i = 0; i < proto->graph->n_node; i++)
    if (strcmp(proto->graph->node[i]->op_type, "LabelEncoder") == 0)
      return proto->graph->node[i]->attribute[0];
  fail_msg("no dictionary");
  return NULL;
}

static inline void nothing(Onnx__ModelProto *proto) {
  (void)proto;
}
#endif
