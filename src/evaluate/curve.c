/* curve.c: the walk down the rows in order of the probability of a class. */
#include "evaluate/curve.h"

#include "base/clones.h"
#include "base/exponential.h"

#include <math.h>

sy_curve sy_walk_finish(const sy_walk *walk) {
  sy_curve curve = {NAN, NAN, 0};
  if (walk->positives > 0) curve.average_precision = walk->precisions / walk->positives;
  if (walk->positives > 0 && walk->negatives > 0)
    curve.roc_auc = walk->pairs / walk->positives / walk->negatives;
  for (size_t b = 0; b < SY_CURVE_BINS; b++)
    curve.calibration_error += fabs(walk->predicted[b] - walk->observed[b]) / walk->total;
  return curve;
}

enum { CHUNK = 256 };

/* The next rows of a walk, in order. */
typedef struct chunk {
  size_t n;
  uint64_t keys[CHUNK];
  double probabilities[CHUNK], weights[CHUNK]; /* weights negative for the rest */
} chunk;

static void load_rows(const sy_ranked *sorted, size_t n, size_t first, sy_walk_order order,
                      chunk *into) {
  into->n = n - first < CHUNK ? n - first : CHUNK;
  for (size_t i = 0; i < into->n; i++) {
    if (order == SY_WALK_WEIGHTS) {
      into->keys[i] = sorted[first + i].key;
      into->weights[i] = sorted[first + i].signed_weight;
    } else if (order == SY_WALK_PAIRS) {
      into->keys[i] = sy_unpack_key(sorted[first + i].packed);
      into->weights[i] = sorted[first + i].packed & 1 ? 1 : -1;
    } else {
      into->keys[i] = sorted[n - 1 - first - i].other;
      into->weights[i] = sorted[n - 1 - first - i].packed & 1 ? -1 : 1;
    }
  }
}

SY_CLONES static void fill_probabilities(chunk *of) {
  for (size_t i = 0; i < of->n; i++) of->probabilities[i] = sy_order_score(of->keys[i]);
  for (size_t i = 0; i < of->n; i++) of->probabilities[i] = sy_exp(of->probabilities[i]);
}

/* Rows of equal probability, gathered until the next begins. */
typedef struct group {
  uint64_t key;
  double probability, positives, negatives;
} group;

/* False where a key is less than the one before it. */
static bool walk_chunk(const chunk *of, group *at, sy_walk *walk) {
  bool ordered = true;
  for (size_t i = 0; i < of->n; i++) {
    if (of->keys[i] != at->key) {
      ordered &= of->keys[i] > at->key;
      sy_walk_step(walk, at->probability, at->positives, at->negatives);
      *at = (group){of->keys[i], of->probabilities[i], 0, 0};
    }
    double weight = of->weights[i];
    at->positives += weight > 0 ? weight : 0;
    at->negatives += weight > 0 ? 0 : -weight;
  }
  return ordered;
}

bool sy_curve_walk(const sy_ranked *sorted, size_t n, sy_walk_order order, double total,
                   sy_curve *curve) {
  chunk rows;
  sy_walk walk = {.total = total};
  group at = {0}; /* no score has the key 0 */
  for (size_t first = 0; first < n; first += CHUNK) {
    load_rows(sorted, n, first, order, &rows);
    fill_probabilities(&rows);
    if (!walk_chunk(&rows, &at, &walk)) return false;
  }
  sy_walk_step(&walk, at.probability, at.positives, at.negatives);
  *curve = sy_walk_finish(&walk);
  return true;
}
