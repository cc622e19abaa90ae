/* order.c: shuffles and balanced sampling; see order.h. Nothing is remembered from one epoch to the
 * next: an order is a function of its key, so that a training may go on from any place. */
#include "fit/network/order.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"

#include <string.h>

/* --- shuffles --- */

/* Four words of a key. */
static void key_words(const sy_shuffle_key *key, uint32_t block, uint32_t words[4]) {
  uint32_t draw = key->member | (uint32_t)(key->which >> 32) << 10;
  uint64_t index = (uint64_t)(uint32_t)key->which << 32 | block;
  sy_random_words(key->seed, key->stream, draw, index, words);
}

/* Its words, one after the other. */
typedef struct word_stream {
  sy_shuffle_key key;
  uint32_t block, words[4];
  unsigned left;
} word_stream;

static uint32_t next_word(word_stream *stream) {
  if (stream->left == 0) {
    key_words(&stream->key, stream->block++, stream->words);
    stream->left = 4;
  }
  return stream->words[--stream->left];
}

/* One of 0 .. bound - 1 with equal chance (Lemire 2019): the upper half of a product; the few words
 * that would favour some numbers are drawn again. */
static uint32_t next_below(word_stream *stream, uint32_t bound) {
  uint64_t product = (uint64_t)next_word(stream) * bound;
  if ((uint32_t)product < bound) {
    uint32_t unfair = (uint32_t)-bound % bound;
    while ((uint32_t)product < unfair) product = (uint64_t)next_word(stream) * bound;
  }
  return (uint32_t)(product >> 32);
}

void sy_shuffle(sy_shuffle_key key, uint32_t *places, size_t n) {
  word_stream stream = {.key = key};
  for (size_t i = n; i-- > 1;) {
    uint32_t j = next_below(&stream, (uint32_t)i + 1), moved = places[i];
    places[i] = places[j];
    places[j] = moved;
  }
}

/* --- balanced sampling --- */

static size_t class_size(const sy_sampler *sampler, size_t c) {
  return sampler->starts[c + 1] - sampler->starts[c];
}

/* Sorts the rows by class, those without rows left out; numbers[k] becomes class k's own. */
static void sort_rows(const int32_t *ids, size_t n_classes, const uint32_t *places, size_t n,
                      size_t *numbers, sy_sampler *sampler) {
  for (size_t i = 0; i < n; i++) numbers[ids[places[i]]]++;
  for (size_t k = 0; k < n_classes; k++) {
    size_t count = numbers[k];
    if (count == 0) continue;
    numbers[k] = sampler->n_classes++;
    sampler->starts[numbers[k] + 1] = sampler->starts[numbers[k]] + count;
  }
  size_t *next = numbers + n_classes;
  memcpy(next, sampler->starts, sampler->n_classes * sizeof *next);
  for (size_t i = 0; i < n; i++) {
    size_t c = numbers[ids[places[i]]];
    sampler->rows[next[c]++] = places[i];
    sampler->totals[c] += sampler->weights ? sampler->weights[places[i]] : 1;
  }
}

/* What is remembered of a seed and member is forgotten for others. */
static void forget(sy_sampler *sampler, uint64_t seed, uint32_t member) {
  sampler->seed = seed;
  sampler->member = member;
  for (size_t c = 0; c < sampler->n_classes; c++) sampler->known[c] = UINT64_MAX;
}

sy_status sy_sampler_make(const int32_t *ids, size_t n_classes, const uint32_t *places, size_t n,
                          const double *weights, sy_sampler *sampler, sy_error *error) {
  *sampler = (sy_sampler){.weights = weights};
  sampler->starts = sy_alloc_zero(n_classes + 1, sizeof *sampler->starts);
  sampler->rows = sy_alloc(n, sizeof *sampler->rows);
  sampler->totals = sy_alloc_zero(n_classes, sizeof *sampler->totals);
  sampler->rounds = sy_alloc(n, sizeof *sampler->rounds);
  sampler->known = sy_alloc(n_classes, sizeof *sampler->known);
  size_t *numbers = sy_alloc_zero(2 * n_classes, sizeof *numbers);
  bool reserved = sampler->starts && sampler->rows && sampler->totals && sampler->rounds &&
                  sampler->known && numbers;
  if (reserved) {
    sort_rows(ids, n_classes, places, n, numbers, sampler);
    forget(sampler, 0, 0);
  }
  free(numbers);
  return reserved ? SY_OK : sy_fail_memory(error);
}

void sy_sampler_clear(sy_sampler *sampler) {
  free(sampler->starts);
  free(sampler->rows);
  free(sampler->totals);
  free(sampler->rounds);
  free(sampler->known);
  *sampler = (sy_sampler){0};
}

/* The n draws of a round by weight: rows lie side by side, as wide as they weigh, and each n-th
 * part of the whole width is hit at a random place. Neighbours are not left so. */
static void spread(const sy_sampler *sampler, sy_shuffle_key key, size_t c, uint32_t *round) {
  size_t n = class_size(sampler, c), row = 0;
  const uint32_t *rows = sampler->rows + sampler->starts[c];
  double width = sampler->totals[c] / (double)n, end = sampler->weights[rows[0]];
  word_stream stream = {.key = key};
  for (size_t hit = 0; hit < n; hit++) {
    double at = ((double)hit + ((double)next_word(&stream) + 0.5) * 0x1p-32) * width;
    while (at >= end && row + 1 < n) end += sampler->weights[rows[++row]];
    round[hit] = rows[row];
  }
  key.which++;
  sy_shuffle(key, round, n);
}

/* Draws of round `number` of class c. */
static const uint32_t *go_round(sy_sampler *sampler, uint64_t seed, uint32_t member, size_t c,
                                uint64_t number) {
  size_t n = class_size(sampler, c), start = sampler->starts[c];
  uint32_t *round = sampler->rounds + start;
  if (sampler->known[c] == number) return round;
  sampler->known[c] = number;
  /* Rounds of all classes are numbered together, each of up to two keys. */
  sy_shuffle_key key = {seed, SY_STREAM_SAMPLING, member, 2 * (number * sampler->n_classes + c)};
  if (sampler->weights) {
    spread(sampler, key, c, round);
  } else {
    memcpy(round, sampler->rows + start, n * sizeof *round);
    sy_shuffle(key, round, n);
  }
  return round;
}

/* The draws of one class among `n` from `first` on: those whose number leaves `turn` when divided
 * by the number of classes. */
static void draw_class(sy_sampler *sampler, uint64_t seed, uint32_t member, size_t c, size_t turn,
                       uint64_t first, size_t n, uint32_t *places) {
  size_t classes = sampler->n_classes, size = class_size(sampler, c);
  uint64_t own = (first + classes - 1 - turn) / classes, number = own / size;
  size_t at = (size_t)(own % size);
  const uint32_t *round = NULL;
  for (uint64_t draw = own * classes + turn; draw < first + n; draw += classes) {
    if (!round || at == size) {
      if (round) number++, at = 0;
      round = go_round(sampler, seed, member, c, number);
    }
    places[draw - first] = round[at++];
  }
}

void sy_sampler_draw(sy_sampler *sampler, uint64_t seed, uint32_t member, uint64_t first, size_t n,
                     uint32_t *places) {
  size_t classes = sampler->n_classes;
  if (sampler->seed != seed || sampler->member != member) forget(sampler, seed, member);
  sy_shuffle_key key = {seed, SY_STREAM_SAMPLING, member, UINT64_MAX};
  uint32_t words[4];
  key_words(&key, 0, words);
  size_t begin = (size_t)(((uint64_t)words[0] | (uint64_t)words[1] << 32) % classes);
  for (size_t c = 0; c < classes; c++)
    draw_class(sampler, seed, member, c, (c + begin) % classes, first, n, places);
}
