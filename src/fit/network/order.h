/* order.h: which rows an epoch trains on, and in which order. */
#ifndef SY_FIT_NETWORK_ORDER_H
#define SY_FIT_NETWORK_ORDER_H

#include <stddef.h>
#include <stdint.h>
#include <steelyard/base.h>

/* Key of the random numbers of a shuffle: equal ones shuffle alike. */
typedef struct sy_shuffle_key {
  uint64_t seed;
  uint32_t stream, member; /* member < 1024 */
  uint64_t which;          /* of the shuffles of a member, < 2^54 */
} sy_shuffle_key;

/* Puts places into an order that is any of all with equal chance (Fisher and Yates). */
void sy_shuffle(sy_shuffle_key key, uint32_t *places, size_t n);

/* Classes drawn equally often, in turn; of a class its rows as often as they weigh. It goes round
 * the rows of a class: a round is as many draws as the class has rows, one from each equal part of
 * their weight (stratified sampling), so that rows of equal weight come once each, and in an order
 * of its own. So each draw is of any class with equal chance, and of a row of it in proportion to
 * its weight, while a batch and an epoch vary less than independent draws would. */
typedef struct sy_sampler {
  size_t n_classes;      /* with rows */
  size_t *starts;        /* (n_classes + 1) of the rows of each in `rows` */
  uint32_t *rows;        /* (n) places among the data, class after class */
  double *totals;        /* (n_classes) sums of the weights */
  const double *weights; /* (data rows), or NULL for ones; the caller's */
  uint32_t *rounds;      /* (n) draws of a round of each class, class after class */
  uint64_t *known;       /* (n_classes) which round that is */
  uint64_t seed;         /* of what is known */
  uint32_t member;
} sy_sampler;

/* Sampler of the rows at `places`.
 * @param ids      (data rows) classes of rows
 * @param weights  (data rows) > 0 at the places, or NULL; kept, not copied
 * SY_OUT_OF_MEMORY. */
sy_status sy_sampler_make(const int32_t *ids, size_t n_classes, const uint32_t *places, size_t n,
                          const double *weights, sy_sampler *sampler, sy_error *error);
void sy_sampler_clear(sy_sampler *sampler);

/* Draws first .. first + n - 1 of all there ever are with this seed and member.
 * @param places  (n) out */
void sy_sampler_draw(sy_sampler *sampler, uint64_t seed, uint32_t member, uint64_t first, size_t n,
                     uint32_t *places);

#endif
