/* random.h: random numbers keyed by (seed, stream, index): no state, so the same on any number of
 * threads (Random123's Philox 4x32-10). */
#ifndef SY_BASE_RANDOM_H
#define SY_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Streams: one per use, so that two uses never share numbers. Values are part of the format of
 * results: never renumber. */
enum {
  SY_STREAM_FOLDS = 1,
  SY_STREAM_SHARE = 2,
  SY_STREAM_BOOTSTRAP = 3,
  SY_STREAM_HALVES = 4,
  SY_STREAM_PAGE = 5,
  SY_STREAM_BEGIN = 6, /* where the training of networks begins */
  SY_STREAM_DROPOUT = 7,
  SY_STREAM_SHUFFLE = 8,   /* of the rows of an epoch */
  SY_STREAM_SAMPLING = 9,  /* of rows by their classes */
  SY_STREAM_HELD = 10,     /* rows held back from a training */
  SY_STREAM_SUBSAMPLE = 11 /* rows of a round of boosted trees */
};

/* 64 random bits. */
uint64_t sy_random_bits(uint64_t seed, uint32_t stream, uint64_t index);

/* 128 random bits as four words, keyed by one index more: `draw` (0 gives those of
 * sy_random_bits). */
void sy_random_words(uint64_t seed, uint32_t stream, uint32_t draw, uint64_t index,
                     uint32_t words[4]);

/* Uniform in [0, 1), 53 bits. */
double sy_random_uniform(uint64_t seed, uint32_t stream, uint64_t index);

#endif
