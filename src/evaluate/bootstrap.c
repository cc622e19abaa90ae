/* bootstrap.c: how often a row is in a sample, and intervals from samples. */
#include "evaluate/bootstrap.h"

#include "base/clones.h"
#include "base/random.h"

#include <math.h>
#include <steelyard/evaluate.h>

/* Rows whose random words are drawn at once; four come from one call. */
enum { DRAWN = 256, WORDS = 4, MOST = 12 };

/* 2^32 times the probability of at most 0, 1, .. 11 of a Poisson variable of mean 1, rounded. */
static const uint32_t at_most[MOST] = {0x5e2d58d9, 0xbc5ab1b1, 0xeb715e1e, 0xfb239797,
                                       0xff1025f6, 0xffd90f3c, 0xfffa8b72, 0xffff540c,
                                       0xffffed1f, 0xfffffe21, 0xffffffd5, 0xfffffffc};

SY_INLINE uint8_t count_of(uint32_t word) {
  uint8_t count = 0;
  for (size_t k = 0; k < MOST; k++) count = (uint8_t)(count + (word >= at_most[k]));
  return count;
}

SY_CLONES static void count_words(const uint32_t *restrict words, uint8_t *restrict counts) {
  for (size_t i = 0; i < DRAWN; i++) counts[i] = count_of(words[i]);
}

unsigned sy_bootstrap_count(uint64_t seed, uint32_t sample, uint64_t row) {
  uint32_t words[WORDS];
  sy_random_words(seed, SY_STREAM_BOOTSTRAP, sample, row / WORDS, words);
  return count_of(words[row % WORDS]);
}

void sy_bootstrap_counts(uint64_t seed, uint32_t sample, size_t n, uint8_t *counts) {
  uint32_t words[DRAWN];
  uint8_t drawn[DRAWN];
  for (size_t first = 0; first < n; first += DRAWN) {
    size_t width = n - first < DRAWN ? n - first : DRAWN;
    for (size_t i = 0; i < DRAWN; i += WORDS)
      sy_random_words(seed, SY_STREAM_BOOTSTRAP, sample, (first + i) / WORDS, words + i);
    count_words(words, drawn);
    for (size_t i = 0; i < width; i++) counts[first + i] = drawn[i];
  }
}

static int compare_values(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Linear between the two values nearest to share x of the way through them. */
static double quantile(const double *sorted, size_t n, double x) {
  double place = x * (double)(n - 1);
  size_t below = (size_t)place, above = below + 1 < n ? below + 1 : below;
  double share = place - (double)below;
  if (share == 0 || sorted[below] == sorted[above]) return sorted[below];
  return sorted[below] + share * (sorted[above] - sorted[below]);
}

void sy_bootstrap_interval(double *values, size_t n, double *low, double *high) {
  size_t defined = 0;
  for (size_t i = 0; i < n; i++)
    if (!isnan(values[i])) values[defined++] = values[i];
  *low = *high = NAN;
  if (defined == 0 || (double)(n - defined) > 0.05 * (double)n) return;
  qsort(values, defined, sizeof *values, compare_values);
  *low = quantile(values, defined, 0.025);
  *high = quantile(values, defined, 0.975);
}

/* A thousand samples place the ends of a 95 % interval to a few hundredths of its width; where
 * rows are many, samples differ little and each costs more. */
int sy_bootstrap_samples_default(size_t n) {
  enum { MANY = 1000, FEW = 200, SMALL = 100000 };
  if (n <= SMALL) return MANY;
  size_t samples = (size_t)MANY * SMALL / n;
  return samples > FEW ? (int)samples : FEW;
}
