/* packed.h: the bytes of a packed file, one after another, as gzip.c and whole.c walk through them.
 * In a header, so that taking a bit is no call. */
#ifndef SY_TABLE_PACKED_H
#define SY_TABLE_PACKED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PACKED_BUFFER = 1 << 16 };

/* Bytes of a file, and bits from the lowest up. Past the end, zeros come and `ended` is set. */
typedef struct walk {
  FILE *stream;
  uint8_t buffer[PACKED_BUFFER];
  size_t at, size;
  uint64_t bits;
  unsigned n_bits;
  bool ended;
} walk;

static inline unsigned next_byte(walk *in) {
  if (in->at == in->size) {
    in->at = 0;
    in->size = fread(in->buffer, 1, PACKED_BUFFER, in->stream);
  }
  if (in->at < in->size) return in->buffer[in->at++];
  in->ended = true;
  return 0;
}

/* Whether the file goes on. */
static inline bool has_more(walk *in) {
  if (in->at < in->size) return true;
  in->at = 0;
  in->size = fread(in->buffer, 1, PACKED_BUFFER, in->stream);
  return in->size > 0;
}

static inline void need_bits(walk *in, unsigned count) {
  while (in->n_bits < count) {
    in->bits |= (uint64_t)next_byte(in) << in->n_bits;
    in->n_bits += 8;
  }
}

static inline unsigned take_bits(walk *in, unsigned count) {
  need_bits(in, count);
  unsigned value = (unsigned)(in->bits & ((1ULL << count) - 1));
  in->bits >>= count;
  in->n_bits -= count;
  return value;
}

/* Whole bytes, lowest first; deflate's left-over bits are dropped before. */
static inline uint64_t take_bytes(walk *in, unsigned count) {
  uint64_t value = 0;
  for (unsigned i = 0; i < count; i++) value |= (uint64_t)next_byte(in) << (8 * i);
  return value;
}

static inline void skip_bytes(walk *in, uint64_t count) {
  while (count > 0 && !in->ended) {
    uint64_t here = in->size - in->at;
    if (here > count) here = count;
    in->at += (size_t)here;
    count -= here;
    if (count == 0) return;
    next_byte(in);
    count--;
  }
}

/* What became of a walk through a file. */
typedef enum packed_state {
  PACKED_WHOLE,
  PACKED_CUT,
  PACKED_DAMAGED,
  PACKED_FOLLOWED, /* whole, but with something else behind it */
  PACKED_NO_MEMORY
} packed_state;

/* Walks through a gzip file, unpacking it, since DuckDB looks at no checksum. */
packed_state table_gzip_walk(walk *in);

#endif
