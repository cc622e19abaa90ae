/* random.h: random numbers keyed by (seed, stream, index): no state, so the same on any number of
 * threads (Random123's Philox 4x32-10). */
#ifndef SY_BASE_RANDOM_H
#define SY_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Streams: one per use, so that two uses never share numbers. Values are part of the format of
 * results: never renumber. */
enum { SY_STREAM_FOLDS = 1, SY_STREAM_SHARE = 2 };

/* 64 random bits. */
uint64_t sy_random_bits(uint64_t seed, uint32_t stream, uint64_t index);

/* Uniform in [0, 1), 53 bits. */
double sy_random_uniform(uint64_t seed, uint32_t stream, uint64_t index);

#endif
