/* whole.c: is a packed file complete? DuckDB takes the point where a .gz or .zst was cut short for
 * the end of the data, so that rows are lost without a word, and the last one may lose its tail.
 * This walks through the packed file without unpacking it: zstd blocks say how long they are, and
 * of deflate only the code lengths are followed and the bytes counted, which the gzip trailer has
 * to confirm. Formats: RFC 1951, 1952, 8878. */
#define _POSIX_C_SOURCE 200809L

#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER = 1 << 16, LONGEST_CODE = 15, FAST_BITS = 10, MOST_CODES = 288 };

/* Bytes of a file, and bits from the lowest up. Past the end, zeros come and `ended` is set. */
typedef struct walk {
  FILE *stream;
  uint8_t buffer[BUFFER];
  size_t at, size;
  uint64_t bits;
  unsigned n_bits;
  bool ended;
} walk;

static unsigned next_byte(walk *in) {
  if (in->at == in->size) {
    in->at = 0;
    in->size = fread(in->buffer, 1, BUFFER, in->stream);
  }
  if (in->at < in->size) return in->buffer[in->at++];
  in->ended = true;
  return 0;
}

/* Whether the file goes on. */
static bool has_more(walk *in) {
  if (in->at < in->size) return true;
  in->at = 0;
  in->size = fread(in->buffer, 1, BUFFER, in->stream);
  return in->size > 0;
}

static void need_bits(walk *in, unsigned count) {
  while (in->n_bits < count) {
    in->bits |= (uint64_t)next_byte(in) << in->n_bits;
    in->n_bits += 8;
  }
}

static unsigned take_bits(walk *in, unsigned count) {
  need_bits(in, count);
  unsigned value = (unsigned)(in->bits & ((1ULL << count) - 1));
  in->bits >>= count;
  in->n_bits -= count;
  return value;
}

/* Whole bytes, lowest first; deflate's left-over bits are dropped before. */
static uint64_t take_bytes(walk *in, unsigned count) {
  uint64_t value = 0;
  for (unsigned i = 0; i < count; i++) value |= (uint64_t)next_byte(in) << (8 * i);
  return value;
}

static void skip_bytes(walk *in, uint64_t count) {
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

/* --- deflate --- */

/* A canonical Huffman code: short codes by table (symbol << 4 | length), long ones by counting. */
typedef struct code {
  uint16_t fast[1 << FAST_BITS];
  uint16_t counts[LONGEST_CODE + 1];
  uint16_t symbols[MOST_CODES];
} code;

static unsigned reversed(unsigned value, unsigned length) {
  unsigned result = 0;
  for (unsigned i = 0; i < length; i++) result |= ((value >> i) & 1) << (length - 1 - i);
  return result;
}

static void fill_fast(code *out, unsigned symbol, unsigned word, unsigned length) {
  if (length > FAST_BITS) return;
  for (unsigned i = reversed(word, length); i < 1U << FAST_BITS; i += 1U << length)
    out->fast[i] = (uint16_t)(symbol << 4 | length);
}

/* False where the lengths are no code: too many words for their length. */
static bool code_build(code *out, const uint8_t *lengths, unsigned n) {
  unsigned offsets[LONGEST_CODE + 2] = {0}, words[LONGEST_CODE + 2] = {0};
  memset(out, 0, sizeof *out);
  for (unsigned i = 0; i < n; i++) out->counts[lengths[i]]++;
  out->counts[0] = 0;
  for (unsigned length = 1; length <= LONGEST_CODE; length++) {
    offsets[length + 1] = offsets[length] + out->counts[length];
    words[length + 1] = (words[length] + out->counts[length]) << 1;
    if (words[length] + out->counts[length] > 1U << length) return false;
  }
  for (unsigned i = 0; i < n; i++) {
    unsigned length = lengths[i];
    if (!length) continue;
    out->symbols[offsets[length]++] = (uint16_t)i;
    fill_fast(out, i, words[length]++, length);
  }
  return true;
}

/* The next symbol, or -1. */
static int code_take(walk *in, const code *from) {
  need_bits(in, LONGEST_CODE);
  unsigned entry = from->fast[in->bits & ((1U << FAST_BITS) - 1)];
  if (entry) {
    in->bits >>= entry & 15;
    in->n_bits -= entry & 15;
    return (int)(entry >> 4);
  }
  int word = 0, first = 0, index = 0;
  for (int length = 1; length <= LONGEST_CODE; length++) {
    word |= (int)take_bits(in, 1);
    int count = from->counts[length];
    if (word - count < first) return from->symbols[index + word - first];
    index += count;
    first = (first + count) << 1;
    word <<= 1;
  }
  return -1;
}

typedef struct codes {
  code literals, distances;
} codes;

static bool build_fixed(codes *out) {
  uint8_t lengths[MOST_CODES];
  for (int i = 0; i < MOST_CODES; i++)
    lengths[i] = (uint8_t)(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
  if (!code_build(&out->literals, lengths, MOST_CODES)) return false;
  memset(lengths, 5, 30);
  return code_build(&out->distances, lengths, 30);
}

/* One entry of the run-length coded lengths; false where it is none. */
static bool take_length(walk *in, const code *from, uint8_t *lengths, unsigned *at, unsigned n) {
  int symbol = code_take(in, from);
  if (symbol < 0) return false;
  if (symbol < 16) {
    lengths[(*at)++] = (uint8_t)symbol;
    return true;
  }
  if (symbol == 16 && *at == 0) return false;
  uint8_t repeated = symbol == 16 ? lengths[*at - 1] : 0;
  unsigned count = symbol == 16   ? 3 + take_bits(in, 2)
                   : symbol == 17 ? 3 + take_bits(in, 3)
                                  : 11 + take_bits(in, 7);
  if (count > n - *at) return false;
  memset(lengths + *at, repeated, count);
  *at += count;
  return true;
}

static bool build_dynamic(walk *in, codes *out) {
  static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                    11, 4,  12, 3, 13, 2, 14, 1, 15};
  uint8_t lengths[MOST_CODES + 32] = {0};
  unsigned n_literals = 257 + take_bits(in, 5), n_distances = 1 + take_bits(in, 5);
  unsigned n_lengths = 4 + take_bits(in, 4), n = n_literals + n_distances;
  for (unsigned i = 0; i < n_lengths; i++) lengths[order[i]] = (uint8_t)take_bits(in, 3);
  if (n_literals > 286 || !code_build(&out->literals, lengths, 19)) return false;
  memset(lengths, 0, sizeof lengths);
  for (unsigned at = 0; at < n;)
    if (in->ended || !take_length(in, &out->literals, lengths, &at, n)) return false;
  return code_build(&out->literals, lengths, n_literals) &&
         code_build(&out->distances, lengths + n_literals, n_distances);
}

/* Follows one block's symbols and counts the bytes they stand for. */
static bool walk_symbols(walk *in, const codes *from, uint64_t *count) {
  while (!in->ended) {
    int symbol = code_take(in, &from->literals);
    if (symbol < 0 || symbol > 285) return false;
    if (symbol == 256) return true;
    if (symbol < 256) {
      ++*count;
      continue;
    }
    /* Lengths 3-10 singly, then four to each number of extra bits; 285 is 258. */
    unsigned step = (unsigned)symbol - 257, extra = step < 8 ? 0 : (step - 4) / 4;
    unsigned base = step < 8 ? 3 + step : 3 + ((4 + step % 4) << extra);
    *count += symbol == 285 ? 258 : base + take_bits(in, extra);
    int distance = code_take(in, &from->distances);
    if (distance < 0 || distance > 29) return false;
    take_bits(in, distance < 4 ? 0 : (unsigned)(distance - 2) / 2);
  }
  return false;
}

static bool walk_stored(walk *in, uint64_t *count) {
  take_bits(in, in->n_bits % 8);
  unsigned size = take_bits(in, 16);
  if ((take_bits(in, 16) ^ size) != 0xFFFF) return false;
  *count += size;
  for (; size > 0 && in->n_bits > 0; size--) take_bits(in, 8);
  skip_bytes(in, size);
  return !in->ended;
}

static bool walk_deflate(walk *in, codes *scratch, uint64_t *count) {
  bool last = false;
  while (!last && !in->ended) {
    last = take_bits(in, 1) != 0;
    unsigned kind = take_bits(in, 2);
    bool good = kind == 0   ? walk_stored(in, count)
                : kind == 1 ? build_fixed(scratch) && walk_symbols(in, scratch, count)
                : kind == 2 ? build_dynamic(in, scratch) && walk_symbols(in, scratch, count)
                            : false;
    if (!good) return false;
  }
  take_bits(in, in->n_bits % 8);
  return last;
}

/* --- gzip --- */

static void skip_text(walk *in) {
  while (next_byte(in) != 0 && !in->ended) continue;
}

static bool walk_gzip_member(walk *in, codes *scratch) {
  if (take_bytes(in, 3) != 0x088B1F) return false;
  unsigned flags = next_byte(in);
  skip_bytes(in, 6);
  if (flags & 4) skip_bytes(in, take_bytes(in, 2));
  if (flags & 8) skip_text(in);
  if (flags & 16) skip_text(in);
  if (flags & 2) skip_bytes(in, 2);
  uint64_t count = 0;
  if (!walk_deflate(in, scratch, &count)) return false;
  take_bits(in, 32); /* the checksum of the contents, which are not unpacked here */
  uint64_t size = take_bits(in, 16);
  size |= (uint64_t)take_bits(in, 16) << 16;
  return !in->ended && size == (count & UINT32_MAX);
}

/* Members one after another; anything else behind a member is padding. */
static bool walk_gzip(walk *in) {
  codes *scratch = malloc(sizeof *scratch);
  bool good = scratch != NULL;
  /* A trailer ends at a byte and is longer than what is read ahead: no bits are left over. */
  do good = good && walk_gzip_member(in, scratch);
  while (good && has_more(in) && in->buffer[in->at] == 0x1F);
  free(scratch);
  return good;
}

/* --- zstd --- */

static bool walk_zstd_frame(walk *in) {
  uint64_t magic = take_bytes(in, 4);
  if ((magic & 0xFFFFFFF0) == 0x184D2A50) {
    skip_bytes(in, take_bytes(in, 4));
    return !in->ended;
  }
  if (magic != 0xFD2FB528) return false;
  static const unsigned id_sizes[4] = {0, 1, 2, 4}, content_sizes[4] = {0, 2, 4, 8};
  unsigned head = next_byte(in), single = head >> 5 & 1;
  unsigned content = content_sizes[head >> 6];
  skip_bytes(in, !single + id_sizes[head & 3] + (content ? content : single));
  for (bool last = false; !last && !in->ended;) {
    uint64_t block = take_bytes(in, 3);
    last = block & 1;
    skip_bytes(in, (block >> 1 & 3) == 1 ? 1 : block >> 3);
  }
  if (head & 4) skip_bytes(in, 4);
  return !in->ended;
}

static bool walk_zstd(walk *in) {
  bool good;
  do good = walk_zstd_frame(in);
  while (good && has_more(in));
  return good;
}

sy_status table_whole_check(const table_file *file, sy_error *error) {
  walk *in = calloc(1, sizeof *in);
  if (!in) return table_fail_memory(error);
  in->stream = fopen(file->path, "rb");
  if (!in->stream) {
    free(in);
    return table_fail(error, SY_FILE_NOT_READ, "%s: %s", file->name, strerror(errno));
  }
  bool good = file->packing == TABLE_GZIP ? walk_gzip(in) : walk_zstd(in);
  bool cut = in->ended;
  fclose(in->stream);
  free(in);
  if (good) return SY_OK;
  const char *packing = file->packing == TABLE_GZIP ? "gzip" : "zstd";
  return table_fail(error, SY_INVALID_DATA,
                    cut ? "%s: the %s file is cut short; fetch or pack it again"
                        : "%s: the %s file is damaged; fetch or pack it again",
                    file->name, packing);
}
