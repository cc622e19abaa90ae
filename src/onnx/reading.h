/* reading.h: an unpacked ONNX file, its pieces found by name and checked. */
#ifndef SY_ONNX_READING_H
#define SY_ONNX_READING_H

#include "base/text.h"
#include "onnx.pb-c.h"
#include "onnx/names.h"
#include <steelyard/features.h>

typedef struct sy_reading {
  const char *what; /* the file, for messages */
  sy_error *error;
  Onnx__ModelProto *model;
  ProtobufCAllocator allocator;         /* of the model */
  bool out_of_memory;                   /* set by it */
  sy_dictionary tensors, nodes, inputs; /* name -> index in the graph */
  sy_dictionary columns; /* names of the raw columns, in order; the inputs behind them are costs */
  char prefix[SY_ONNX_PREFIX_SIZE];
} sy_reading;

/* Unpacks and indexes; release with sy_reading_clear (also on failure). */
sy_status sy_reading_start(sy_reading *reading, const char *what, const void *bytes, size_t size,
                           sy_error *error);
void sy_reading_clear(sy_reading *reading);

/* "FILE is damaged (PIECE)". */
sy_status sy_reading_fail(sy_reading *reading, const char *piece);

/* Constant "<prefix>/<part>" of doubles with one axis of `rows` (columns = 0), or two; rows = 0
 * takes any size but none. NULL after sy_reading_fail where there is none such. */
const Onnx__TensorProto *sy_reading_doubles(sy_reading *reading, const char *part, size_t rows,
                                            size_t columns);

/* Constant or node "<prefix>/<part>" of this type; NULL where there is none. */
const Onnx__TensorProto *sy_reading_tensor(const sy_reading *reading, const char *part,
                                           Onnx__TensorProto__DataType type);
const Onnx__NodeProto *sy_reading_node(const sy_reading *reading, const char *part,
                                       const char *operation);

/* Attribute of a node by name, NULL where there is none; and whether one is a tensor of n doubles
 * along one axis, whose numbers then lie in ->t->double_data. */
const Onnx__AttributeProto *sy_reading_attribute(const Onnx__NodeProto *node, const char *name);
bool sy_attribute_has_doubles(const Onnx__AttributeProto *attribute, size_t n);

/* Distinct texts without zero bytes, added to an empty dictionary. */
sy_status sy_reading_strings(sy_reading *reading, const char *piece,
                             const ProtobufCBinaryData *strings, size_t n, sy_dictionary *texts);

/* Names of the classes, at least two. */
sy_status sy_reading_classes(sy_reading *reading, sy_dictionary *classes);

/* The encoder that the graph begins with. */
sy_status sy_reading_encoder(sy_reading *reading, sy_encoder **encoder);

#endif
