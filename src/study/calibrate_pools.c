/* calibrate_pools.c: the pool-adjacent-violators algorithm (Ayer et al. 1955), and pooling on to a
 * size. */
#include "study/calibrate.h"

#include <math.h>

static sy_pool join(sy_pool a, sy_pool b) {
  double weight = a.weight + b.weight;
  /* As a step from one to the other, so that equal shares stay what they are. */
  double share = a.share + (b.share - a.share) * (b.weight / weight);
  return (sy_pool){a.low, b.high, weight, share};
}

size_t sy_pool_violators(sy_pool *pools, size_t n) {
  size_t left = 0;
  for (size_t i = 0; i < n; i++) {
    sy_pool last = pools[i];
    while (left > 0 && pools[left - 1].share >= last.share) last = join(pools[--left], last);
    pools[left++] = last;
  }
  return left;
}

static double entropy(sy_pool pool) {
  double share = pool.share, rest = 1 - share;
  double sum = (share > 0 ? share * log(share) : 0) + (rest > 0 ? rest * log(rest) : 0);
  return -pool.weight * sum;
}

/* What a row's log-loss loses in all when two pools become one. */
static double loss_of_joining(sy_pool a, sy_pool b) {
  return entropy(join(a, b)) - entropy(a) - entropy(b);
}

/* Every pool with its neighbour, until few enough are left to compare all of them each time. */
static size_t halve(sy_pool *pools, size_t n, size_t most) {
  while (n > most) {
    size_t left = 0;
    for (size_t i = 0; i < n; i += 2)
      pools[left++] = i + 1 < n ? join(pools[i], pools[i + 1]) : pools[i];
    n = left;
  }
  return n;
}

size_t sy_pool_thin(sy_pool *pools, size_t n, size_t most) {
  enum { COMPARABLE = 4096 };
  n = halve(pools, n, most > COMPARABLE ? most : COMPARABLE);
  while (n > most) {
    size_t best = 0;
    double least = (double)INFINITY;
    for (size_t i = 0; i + 1 < n; i++) {
      double loss = loss_of_joining(pools[i], pools[i + 1]);
      if (loss < least) {
        least = loss;
        best = i;
      }
    }
    pools[best] = join(pools[best], pools[best + 1]);
    for (size_t i = best + 1; i + 1 < n; i++) pools[i] = pools[i + 1];
    n--;
  }
  return n;
}
