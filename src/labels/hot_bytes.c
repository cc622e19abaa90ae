/* hot_bytes.c: rows of 0 and 1 at the speed of memory: a tile becomes bytes, then rows are checked
 * and columns summed eight bytes at a time. */
#include "base/clones.h"
#include "labels/hot.h"

#include <string.h>

/* Integers and floats alike by their bits: `unit` are those of 1, of which the highest is bit
 * `shift` (so that numbers above 1 show as more than 1), and all bits of 0 are 0. What is neither
 * leaves a bit in `wrong`; -0 does too, and is read the long way. */
#define DEFINE_NARROW(name, bits, unit, shift)                                                     \
  typedef bits name##_bits __attribute__((may_alias));                                             \
  SY_CLONES static bits name(const name##_bits *restrict values, size_t n,                         \
                             uint8_t *restrict bytes) {                                            \
    bits wrong = 0;                                                                                \
    for (size_t i = 0; i < n; i++) {                                                               \
      bits one = (bits)(values[i] >> (shift));                                                     \
      wrong |= (bits)(values[i] ^ ((bits)(0 - one) & (bits)(unit)));                               \
      bytes[i] = (uint8_t)one;                                                                     \
    }                                                                                              \
    return wrong;                                                                                  \
  }

DEFINE_NARROW(bytes_of_f32, uint32_t, 0x3F800000, 29)
DEFINE_NARROW(bytes_of_f64, uint64_t, 0x3FF0000000000000, 61)
DEFINE_NARROW(bytes_of_8, uint8_t, 1, 0)
DEFINE_NARROW(bytes_of_16, uint16_t, 1, 0)
DEFINE_NARROW(bytes_of_32, uint32_t, 1, 0)
DEFINE_NARROW(bytes_of_64, uint64_t, 1, 0)

SY_CLONES static uint8_t all_bits(const uint8_t *bytes, size_t n) {
  uint8_t bits = 0;
  for (size_t i = 0; i < n; i++) bits |= bytes[i];
  return bits;
}

static bool narrow(const void *values, sy_dtype dtype, size_t n, uint8_t *bytes) {
  switch (dtype) {
  case SY_F32:
    return !bytes_of_f32(values, n, bytes);
  case SY_F64:
    return !bytes_of_f64(values, n, bytes);
  case SY_I8:
  case SY_U8:
    return !bytes_of_8(values, n, bytes);
  case SY_I16:
  case SY_U16:
    return !bytes_of_16(values, n, bytes);
  case SY_I32:
  case SY_U32:
    return !bytes_of_32(values, n, bytes);
  default:
    return !bytes_of_64(values, n, bytes);
  }
}

enum { WORD = 8 };

const uint8_t *sy_hot_bytes(const void *values, sy_dtype dtype, size_t n, size_t width,
                            uint8_t *bytes) {
  bool are_bytes = dtype == SY_I8 || dtype == SY_U8;
  if (are_bytes && width >= WORD) return all_bits(values, n) > 1 ? NULL : values;
  return narrow(values, dtype, n, bytes) ? bytes : NULL;
}

/* A row as words of eight bytes, each a 0 or 1. The last word may overlap the one before: of it
 * only the bytes of `mask` count. */
typedef struct row_words {
  size_t width;
  size_t n;    /* words, the last included */
  size_t last; /* offset of the last word */
  uint64_t mask;
} row_words;

SY_INLINE uint64_t load_word(const uint8_t *bytes) {
  uint64_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

static row_words cut_row(size_t width) {
  row_words words = {.width = width, .n = (width + WORD - 1) / WORD};
  size_t rest = width - (words.n - 1) * WORD;
  uint8_t mask[WORD] = {0};
  words.last = width < WORD ? 0 : width - WORD;
  memset(width < WORD ? mask : mask + WORD - rest, 0xFF, rest);
  words.mask = load_word(mask);
  return words;
}

/* Sum of the eight bytes of a word, up to 255: the product gathers it in the highest. */
SY_INLINE uint64_t sum_bytes(uint64_t word) {
  return word * 0x0101010101010101 >> 56;
}

/* Words whose sums of bytes, summed, stay below 256. */
enum { SUMMED_WORDS = UINT8_MAX / WORD };

/* Adds rows to sums of bytes, one for each word; at most 255 rows. Returns 0 where each row sums to
 * 1. */
SY_INLINE uint64_t add_rows(const uint8_t *bytes, size_t n, row_words words, size_t n_words,
                            uint64_t *sums) {
  uint64_t wrong = 0;
  for (size_t row = 0; row < n; row++, bytes += words.width) {
    uint64_t last = load_word(bytes + words.last) & words.mask, sum = sum_bytes(last);
    sums[n_words - 1] += last;
    for (size_t w = 0; w + 1 < n_words;) {
      uint64_t partial = 0;
      size_t end = n_words - w > SUMMED_WORDS ? w + SUMMED_WORDS : n_words - 1;
      for (; w < end; w++) {
        uint64_t word = load_word(bytes + w * WORD);
        sums[w] += word;
        partial += word;
      }
      sum += sum_bytes(partial);
    }
    wrong |= sum ^ 1;
  }
  return wrong;
}

/* Rows of one and two words, which are most, keep their sums in registers: bytes may be anything's,
 * so that sums in memory would be stored with every row. */
static uint64_t add_some(const uint8_t *bytes, size_t n, row_words words, uint64_t *sums) {
  uint64_t own[2] = {0}, wrong;
  if (words.n > 2) return add_rows(bytes, n, words, words.n, sums);
  if (words.n == 1)
    wrong = add_rows(bytes, n, words, 1, own);
  else
    wrong = add_rows(bytes, n, words, 2, own);
  memcpy(sums, own, words.n * sizeof *own);
  return wrong;
}

static void take_sums(uint64_t *words_of_sums, row_words words, uint64_t *sums) {
  for (size_t w = 0; w < words.n; w++) {
    size_t offset = w + 1 < words.n ? w * WORD : words.last;
    uint8_t bytes[WORD];
    memcpy(bytes, &words_of_sums[w], sizeof bytes);
    for (size_t i = 0; i < WORD && offset + i < words.width; i++) sums[offset + i] += bytes[i];
    words_of_sums[w] = 0;
  }
}

bool sy_hot_add_columns(const uint8_t *bytes, size_t n, size_t width, uint64_t *partial,
                        uint64_t *sums) {
  row_words words = cut_row(width);
  uint64_t wrong = 0;
  for (size_t w = 0; w < words.n; w++) partial[w] = 0;
  for (size_t row = 0; row < n; row += UINT8_MAX) {
    size_t count = n - row < UINT8_MAX ? n - row : UINT8_MAX;
    wrong |= add_some(bytes + row * width, count, words, partial);
    take_sums(partial, words, sums);
  }
  return !wrong;
}
