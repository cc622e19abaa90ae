/* fuzzer_model.c: changes of a model file that its reader does not refuse at the door. Protobuf
 * nests messages by their lengths and the file ends in a checksum: a byte changed anywhere breaks
 * both. So a change is made to one field somewhere in the tree, the lengths above it are written
 * anew, and the file is sealed again. */
#include "fuzz.h"

#include "onnx/wire.h"
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5, DEEPEST = 8, MOST_FIELDS = 512 };

/* A field of a message: all of it, and its content where that has a length. */
typedef struct field {
  const uint8_t *start, *content, *end;
  unsigned type;
} field;

/* Bytes being written; what does not fit is left out. */
typedef struct output {
  uint8_t *bytes;
  size_t size, room;
} output;

static void put(output *to, const uint8_t *bytes, size_t size) {
  if (size > to->room - to->size) return;
  if (size > 0) memcpy(to->bytes + to->size, bytes, size);
  to->size += size;
}

static void put_varint(output *to, uint64_t value) {
  for (; value > 127; value >>= 7) put(to, &(uint8_t){(uint8_t)(value | 128)}, 1);
  put(to, &(uint8_t){(uint8_t)value}, 1);
}

/* Uniform below n > 0: Knuth's MMIX generator, upper bits. */
static size_t draw(uint64_t *state, size_t n) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (size_t)((*state >> 33) % n);
}

static const uint8_t *past_varint(const uint8_t *at, const uint8_t *end, uint64_t *value) {
  *value = 0;
  for (unsigned shift = 0; at < end && shift < 64; shift += 7) {
    *value |= (uint64_t)(*at & 127) << shift;
    if (*at++ < 128) return at;
  }
  return NULL;
}

/* Reads the field at `at`; false where there is none. */
static bool read_field(const uint8_t *at, const uint8_t *end, field *read) {
  uint64_t tag, length = 0;
  read->start = at;
  at = past_varint(at, end, &tag);
  if (!at) return false;
  read->type = tag & 7;
  if (read->type == VARINT || read->type == BYTES) {
    read->content = at;
    at = past_varint(at, end, &length);
    if (read->type == VARINT) {
      length = 0;
    } else {
      read->content = at;
    }
  } else if (read->type == FIXED64 || read->type == FIXED32) {
    read->content = at;
    length = read->type == FIXED64 ? 8 : 4;
  } else {
    return false;
  }
  if (!at || length > (size_t)(end - at)) return false;
  read->end = at + length;
  return true;
}

/* Fields of a message; 0 where the bytes are none, or of too many. */
static size_t read_fields(const uint8_t *bytes, size_t size, field *fields) {
  size_t n = 0;
  for (const uint8_t *at = bytes; at < bytes + size; at = fields[n++].end)
    if (n == MOST_FIELDS || !read_field(at, bytes + size, &fields[n])) return 0;
  return n;
}

static void change(const uint8_t *bytes, size_t size, unsigned depth, uint64_t *state, output *to);

/* Writes a field whose content is changed and its length with it. */
static void change_content(const field *from, unsigned depth, uint64_t *state, output *to) {
  output inside = {malloc(to->room), 0, to->room};
  uint64_t tag;
  if (!inside.bytes) abort();
  past_varint(from->start, from->end, &tag);
  change(from->content, (size_t)(from->end - from->content), depth + 1, state, &inside);
  put_varint(to, tag);
  if (from->type == BYTES) put_varint(to, inside.size);
  put(to, inside.bytes, inside.size);
  free(inside.bytes);
}

/* A change that knows nothing of messages: libFuzzer's own, its dictionary and crossover included.
 */
static void change_bytes(const uint8_t *bytes, size_t size, output *to) {
  size_t start = to->size, room = to->room - start;
  if (size > room) return;
  size_t most = size + 64 < room ? size + 64 : room;
  put(to, bytes, size);
  if (most > 0) to->size = start + LLVMFuzzerMutate(to->bytes + start, size, most);
}

/* Removes, doubles or moves field `chosen`, or changes what is in it. */
static void change_fields(const field *fields, size_t n, unsigned depth, uint64_t *state,
                          output *to) {
  enum { REMOVE, DOUBLE, MOVE, CONTENT };
  size_t chosen = draw(state, n), other = draw(state, n);
  size_t action = draw(state, 16);
  for (size_t i = 0; i < n; i++) {
    const field *from = &fields[i];
    size_t size = (size_t)(from->end - from->start);
    if (action == MOVE && i == other)
      put(to, fields[chosen].start, (size_t)(fields[chosen].end - fields[chosen].start));
    if (i != chosen || action == DOUBLE) put(to, from->start, size);
    if (i == chosen && action == DOUBLE) put(to, from->start, size);
    if (i == chosen && action >= CONTENT) change_content(from, depth, state, to);
  }
}

static void change(const uint8_t *bytes, size_t size, unsigned depth, uint64_t *state, output *to) {
  field *fields = malloc(MOST_FIELDS * sizeof *fields);
  if (!fields) abort();
  size_t n = depth < DEEPEST && draw(state, 12) > 0 ? read_fields(bytes, size, fields) : 0;
  if (n > 0)
    change_fields(fields, n, depth, state, to);
  else
    change_bytes(bytes, size, to);
  free(fields);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  uint64_t state = seed;
  size_t body = sy_seal_is_there(data, size) ? size - SY_SEAL_SIZE : size;
  if (draw(&state, 50) == 0 || max_size <= SY_SEAL_SIZE) /* the door is to be tried too */
    return LLVMFuzzerMutate(data, size, max_size);
  output to = {malloc(max_size), 0, max_size - SY_SEAL_SIZE};
  if (!to.bytes) abort();
  change(data, body, 0, &state, &to);
  sy_seal_write(to.bytes, to.size);
  memcpy(data, to.bytes, to.size + SY_SEAL_SIZE);
  size = to.size + SY_SEAL_SIZE;
  free(to.bytes);
  return size;
}
