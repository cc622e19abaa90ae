/* gzip.c: is a gzip file whole and undamaged? It is unpacked once for its checksum. Formats: RFC
 * 1951 and 1952. */
#include "packed.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST_CODE = 15, FAST_BITS = 10, MOST_CODES = 288 };

/* --- what is unpacked --- */

/* Matches reach back HISTORY bytes; what was summed and lies further back is let go. */
enum { HISTORY = 1 << 15, ROOM = 1 << 16, LONGEST_MATCH = 258 };

typedef struct unpacked {
  uint8_t bytes[HISTORY + ROOM + LONGEST_MATCH];
  size_t begin, end; /* of what is not summed yet */
  uint64_t before;   /* bytes of the member that are summed */
  uint32_t checksum;
  uint32_t table[8][256];
} unpacked;

/* CRC-32 by eight bytes at a time: table[i] is the sum of a byte with i zero bytes behind it. */
static void make_table(uint32_t table[8][256]) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t sum = byte;
    for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320 : 0);
    table[0][byte] = sum;
  }
  for (int i = 1; i < 8; i++)
    for (int byte = 0; byte < 256; byte++)
      table[i][byte] = table[i - 1][byte] >> 8 ^ table[0][table[i - 1][byte] & 0xFF];
}

static uint32_t add_checksum(uint32_t table[8][256], uint32_t sum, const uint8_t *at,
                             const uint8_t *end) {
  for (; end - at >= 8; at += 8) {
    uint32_t low =
        (at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24) ^ sum;
    sum = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^
          table[4][low >> 24] ^ table[3][at[4]] ^ table[2][at[5]] ^ table[1][at[6]] ^
          table[0][at[7]];
  }
  for (; at < end; at++) sum = sum >> 8 ^ table[0][(sum ^ *at) & 0xFF];
  return sum;
}

static void begin_member(unpacked *out) {
  out->begin = out->end = HISTORY;
  out->before = 0;
  out->checksum = UINT32_MAX;
}

/* Sums what is new and keeps the history alone. */
static void sum_up(unpacked *out) {
  const uint8_t *bytes = out->bytes;
  out->checksum = add_checksum(out->table, out->checksum, bytes + out->begin, bytes + out->end);
  out->before += out->end - out->begin;
  memmove(out->bytes, out->bytes + out->end - HISTORY, HISTORY);
  out->begin = out->end = HISTORY;
}

static inline void make_room(unpacked *out) {
  if (out->end >= HISTORY + ROOM) sum_up(out);
}

static inline void put_byte(unpacked *out, unsigned byte) {
  out->bytes[out->end++] = (uint8_t)byte;
  make_room(out);
}

/* False where the match reaches back behind the beginning. */
static bool put_match(unpacked *out, size_t distance, size_t length) {
  if (distance > out->before + (out->end - out->begin)) return false;
  uint8_t *to = out->bytes + out->end;
  const uint8_t *from = to - distance;
  for (size_t i = 0; i < length; i++) to[i] = from[i]; /* they may overlap: the bytes repeat */
  out->end += length;
  make_room(out);
  return true;
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

/* Unpacks one block's symbols. */
static bool walk_symbols(walk *in, const codes *from, unpacked *out) {
  while (!in->ended) {
    int symbol = code_take(in, &from->literals);
    if (symbol < 0 || symbol > 285) return false;
    if (symbol == 256) return true;
    if (symbol < 256) {
      put_byte(out, (unsigned)symbol);
      continue;
    }
    /* Lengths 3-10 singly, then four to each number of extra bits; 285 is 258. */
    unsigned step = (unsigned)symbol - 257, extra = step < 8 ? 0 : (step - 4) / 4;
    unsigned base = step < 8 ? 3 + step : 3 + ((4 + step % 4) << extra);
    size_t length = symbol == 285 ? LONGEST_MATCH : base + take_bits(in, extra);
    int distance = code_take(in, &from->distances);
    if (distance < 0 || distance > 29) return false;
    /* Distances 1-4 singly, then two to each number of extra bits. */
    unsigned far = distance < 4 ? 0 : (unsigned)(distance - 2) / 2;
    unsigned nearest =
        distance < 4 ? 1 + (unsigned)distance : 1 + ((2 + (unsigned)distance % 2) << far);
    if (!put_match(out, nearest + take_bits(in, far), length)) return false;
  }
  return false;
}

static bool walk_stored(walk *in, unpacked *out) {
  take_bits(in, in->n_bits % 8);
  unsigned size = take_bits(in, 16);
  if ((take_bits(in, 16) ^ size) != 0xFFFF) return false;
  for (; size > 0 && !in->ended; size--) put_byte(out, take_bits(in, 8));
  return !in->ended;
}

static bool walk_deflate(walk *in, codes *scratch, unpacked *out) {
  bool last = false;
  while (!last && !in->ended) {
    last = take_bits(in, 1) != 0;
    unsigned kind = take_bits(in, 2);
    bool good = kind == 0   ? walk_stored(in, out)
                : kind == 1 ? build_fixed(scratch) && walk_symbols(in, scratch, out)
                : kind == 2 ? build_dynamic(in, scratch) && walk_symbols(in, scratch, out)
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

static uint32_t take_word(walk *in) {
  uint32_t low = take_bits(in, 16);
  return low | (uint32_t)take_bits(in, 16) << 16;
}

static bool walk_member(walk *in, codes *scratch, unpacked *out) {
  if (take_bytes(in, 3) != 0x088B1F) return false;
  unsigned flags = next_byte(in);
  skip_bytes(in, 6);
  if (flags & 4) skip_bytes(in, take_bytes(in, 2));
  if (flags & 8) skip_text(in);
  if (flags & 16) skip_text(in);
  if (flags & 2) skip_bytes(in, 2);
  begin_member(out);
  if (!walk_deflate(in, scratch, out)) return false;
  sum_up(out);
  uint32_t checksum = take_word(in), size = take_word(in);
  return !in->ended && checksum == ~out->checksum && size == (uint32_t)out->before;
}

/* Members one after another. */
static packed_state walk_members(walk *in, codes *scratch, unpacked *out) {
  bool good;
  make_table(out->table);
  /* A trailer ends at a byte and is longer than what is read ahead: no bits are left over. */
  do good = walk_member(in, scratch, out);
  while (good && has_more(in) && in->buffer[in->at] == 0x1F);
  if (!good) return in->ended ? PACKED_CUT : PACKED_DAMAGED;
  return has_more(in) ? PACKED_FOLLOWED : PACKED_WHOLE;
}

packed_state table_gzip_walk(walk *in) {
  codes *scratch = malloc(sizeof *scratch);
  unpacked *out = malloc(sizeof *out);
  packed_state state = scratch && out ? walk_members(in, scratch, out) : PACKED_NO_MEMORY;
  free(scratch);
  free(out);
  return state;
}
