/* wire.c: a walk over protobuf fields, and the seal at the end of the file. */
#include "onnx/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <steelyard/store.h>
#include <string.h>

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };

/* One field: its number, wire type, and for BYTES where its content lies. */
typedef struct wire_field {
  uint64_t number;
  unsigned type;
  const uint8_t *content;
  size_t size;
} wire_field;

typedef struct wire_cursor {
  const uint8_t *at, *end;
} wire_cursor;

static bool read_varint(wire_cursor *cursor, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; shift < 70 && cursor->at < cursor->end; shift += 7) {
    uint8_t byte = *cursor->at++;
    if (shift < 64) *value |= (uint64_t)(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

static bool read_content(wire_cursor *cursor, wire_field *field) {
  uint64_t size = field->type == FIXED64 ? 8 : 4;
  if (field->type == BYTES && !read_varint(cursor, &size)) return false;
  if (size > (size_t)(cursor->end - cursor->at)) return false;
  field->content = cursor->at;
  field->size = (size_t)size;
  cursor->at += size;
  return true;
}

/* The next field; false where it is cut short or of a type that protobuf no longer has. */
static bool read_field(wire_cursor *cursor, wire_field *field) {
  uint64_t tag, value;
  if (!read_varint(cursor, &tag) || tag > UINT32_MAX || tag >> 3 == 0) return false;
  field->number = tag >> 3;
  field->type = tag & 7;
  field->content = NULL;
  field->size = 0;
  switch (field->type) {
  case VARINT:
    return read_varint(cursor, &value);
  case FIXED64:
  case BYTES:
  case FIXED32:
    return read_content(cursor, field);
  default:
    return false;
  }
}

/* The messages that the writer uses. */
typedef enum message {
  NONE,
  MODEL,
  GRAPH,
  NODE,
  ATTRIBUTE,
  TENSOR,
  VALUE,
  TYPE,
  TENSOR_TYPE,
  SHAPE,
  DIMENSION,
  ENTRY,
  OPERATORS
} message;

/* Their fields: parent, field number, wire type, message inside. */
static const struct {
  message parent;
  unsigned number, type;
  message child;
} known_fields[] = {
    {MODEL, 1, VARINT, NONE},      {MODEL, 2, BYTES, NONE},        {MODEL, 3, BYTES, NONE},
    {MODEL, 6, BYTES, NONE},       {MODEL, 7, BYTES, GRAPH},       {MODEL, 8, BYTES, OPERATORS},
    {MODEL, 14, BYTES, ENTRY},     {GRAPH, 1, BYTES, NODE},        {GRAPH, 2, BYTES, NONE},
    {GRAPH, 5, BYTES, TENSOR},     {GRAPH, 11, BYTES, VALUE},      {GRAPH, 12, BYTES, VALUE},
    {NODE, 1, BYTES, NONE},        {NODE, 2, BYTES, NONE},         {NODE, 3, BYTES, NONE},
    {NODE, 4, BYTES, NONE},        {NODE, 5, BYTES, ATTRIBUTE},    {NODE, 7, BYTES, NONE},
    {ATTRIBUTE, 1, BYTES, NONE},   {ATTRIBUTE, 3, VARINT, NONE},   {ATTRIBUTE, 5, BYTES, TENSOR},
    {ATTRIBUTE, 8, VARINT, NONE},  {ATTRIBUTE, 9, BYTES, NONE},    {ATTRIBUTE, 20, VARINT, NONE},
    {TENSOR, 1, VARINT, NONE},     {TENSOR, 2, VARINT, NONE},      {TENSOR, 6, BYTES, NONE},
    {TENSOR, 7, BYTES, NONE},      {TENSOR, 8, BYTES, NONE},       {TENSOR, 10, BYTES, NONE},
    {VALUE, 1, BYTES, NONE},       {VALUE, 2, BYTES, TYPE},        {VALUE, 3, BYTES, NONE},
    {TYPE, 1, BYTES, TENSOR_TYPE}, {TENSOR_TYPE, 1, VARINT, NONE}, {TENSOR_TYPE, 2, BYTES, SHAPE},
    {SHAPE, 1, BYTES, DIMENSION},  {DIMENSION, 1, VARINT, NONE},   {DIMENSION, 2, BYTES, NONE},
    {ENTRY, 1, BYTES, NONE},       {ENTRY, 2, BYTES, NONE},        {OPERATORS, 1, BYTES, NONE},
    {OPERATORS, 2, VARINT, NONE},
};

static bool is_known_message(const uint8_t *bytes, size_t size, message parent);

static bool is_known_field(const wire_field *field, message parent) {
  for (size_t i = 0; i < sizeof known_fields / sizeof *known_fields; i++) {
    if (known_fields[i].parent != parent || known_fields[i].number != field->number ||
        known_fields[i].type != field->type)
      continue;
    message child = known_fields[i].child;
    return child == NONE || is_known_message(field->content, field->size, child);
  }
  return false;
}

/* Recursion ends: no message of the table is inside itself. */
static bool is_known_message(const uint8_t *bytes, size_t size, message parent) {
  wire_cursor cursor = {bytes, bytes + size};
  wire_field field;
  while (cursor.at < cursor.end)
    if (!read_field(&cursor, &field) || !is_known_field(&field, parent)) return false;
  return true;
}

bool sy_wire_is_known(const uint8_t *bytes, size_t size) {
  return is_known_message(bytes, size, MODEL);
}

static bool content_is(const wire_field *field, const char *text) {
  return field->type == BYTES && field->size == strlen(text) &&
         memcmp(field->content, text, field->size) == 0;
}

static long small_number(const wire_field *field) {
  long value = 0;
  for (size_t i = 0; i < field->size; i++) {
    if (field->content[i] < '0' || field->content[i] > '9' || value > 1000000) return 0;
    value = 10 * value + (field->content[i] - '0');
  }
  return value;
}

/* The number in a metadata entry "steelyard.format"; 0 for any other entry. */
static long format_of(const wire_field *entry) {
  wire_cursor cursor = {entry->content, entry->content + entry->size};
  wire_field key, value;
  if (!read_field(&cursor, &key) || !content_is(&key, "steelyard.format")) return 0;
  return read_field(&cursor, &value) && value.type == BYTES ? small_number(&value) : 0;
}

sy_glance sy_wire_glance(const uint8_t *bytes, size_t size) {
  sy_glance glance = {.whole = true};
  wire_cursor cursor = {bytes, bytes + size};
  wire_field field;
  while (glance.whole && cursor.at < cursor.end) {
    bool first = cursor.at == bytes;
    glance.whole = read_field(&cursor, &field);
    if (!glance.whole) break;
    if (first) glance.has_version = field.number == 1 && field.type == VARINT;
    if (field.number == 7 && field.type == BYTES) glance.has_graph = true;
    if (field.number == 2 && content_is(&field, "steelyard")) glance.ours = true;
    if (field.number == 14 && field.type == BYTES && !glance.format)
      glance.format = format_of(&field);
  }
  return glance;
}

/* Field 14 of the model (38 bytes): key, 18 bytes; value, 16 hexadecimal digits. */
static const char SEAL_START[] = "\x72\x26\x0A\x12"
                                 "steelyard.checksum"
                                 "\x12\x10";

void sy_seal_write(uint8_t *bytes, size_t size) {
  char seal[SY_SEAL_SIZE + 1];
  snprintf(seal, sizeof seal, "%s%016" PRIx64, SEAL_START, sy_checksum(bytes, size));
  memcpy(bytes + size, seal, SY_SEAL_SIZE);
}

bool sy_seal_is_there(const uint8_t *bytes, size_t size) {
  if (size < SY_SEAL_SIZE) return false;
  return memcmp(bytes + size - SY_SEAL_SIZE, SEAL_START, sizeof SEAL_START - 1) == 0;
}

bool sy_seal_holds(const uint8_t *bytes, size_t size) {
  if (!sy_seal_is_there(bytes, size)) return false;
  size_t body = size - SY_SEAL_SIZE;
  char digits[17];
  snprintf(digits, sizeof digits, "%016" PRIx64, sy_checksum(bytes, body));
  return memcmp(bytes + size - 16, digits, 16) == 0;
}
