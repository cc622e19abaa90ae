/* many.h: plain cross-entropy of many classes, for the type of logits of the file that includes it;
 * see fast_f32.c.
 *
 * A row is walked three times, the first time from memory, then from the cache: the largest logit;
 * the exponentials, into the gradient; their factor. Neighbouring classes are one vector. Sums go
 * in LANES partial ones, for PIECE classes in the type of the logits, from there on in float64:
 * one order at every width. */

enum { LANES = 32, PIECE = 16 * LANES };

/* One row under way. */
typedef struct class_row {
  const real *logits;
  real *gradient; /* or NULL; may be the logits */
  size_t n_classes;
  size_t whole; /* classes that fill blocks of LANES */
  real top;
  double others; /* the exponentials of all classes but one of the largest */
} class_row;

/* The classes behind the whole blocks as a block of their own, with `filler` behind them. */
SY_INLINE void take_rest(const class_row *r, real filler, real *block) {
  for (size_t l = 0; l < LANES; l++) block[l] = filler;
  memcpy(block, r->logits + r->whole, (r->n_classes - r->whole) * sizeof *block);
}

SY_INLINE real fold_largest(real *top) {
  for (size_t l = 0; l < 16; l++) top[l] = top[l + 16] > top[l] ? top[l + 16] : top[l];
  for (size_t l = 0; l < 8; l++) top[l] = top[l + 8] > top[l] ? top[l + 8] : top[l];
  for (size_t l = 0; l < 4; l++) top[l] = top[l + 4] > top[l] ? top[l + 4] : top[l];
  for (size_t l = 1; l < 4; l++) top[0] = top[l] > top[0] ? top[l] : top[0];
  return top[0];
}

SY_INLINE double fold_sum(double *sums) {
  for (size_t l = 0; l < 16; l++) sums[l] += sums[l + 16];
  for (size_t l = 0; l < 8; l++) sums[l] += sums[l + 8];
  for (size_t l = 0; l < 4; l++) sums[l] += sums[l + 4];
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

/* A sum of logits that is finite has no NaN in it; one that is not may come of -inf alone. */
SY_INLINE bool has_unknown(const class_row *r, const real *sums) {
  integer finite = 0;
  for (size_t l = 0; l < LANES; l++) finite += sums[l] - sums[l] == 0;
  if (finite == LANES) return false;
  for (size_t k = 0; k < r->n_classes; k++)
    if (r->logits[k] != r->logits[k]) return true;
  return false;
}

/* False where a logit is NaN or +inf, or none is above -inf: found before anything is written, for
 * the logits may be the gradient. */
SY_INLINE bool find_top(class_row *r) {
  real rest[LANES], top[LANES], sums[LANES];
  for (size_t l = 0; l < LANES; l++) top[l] = -(real)INFINITY, sums[l] = 0;
  take_rest(r, r->logits[0], rest);
  for (size_t k = 0; k < r->n_classes; k += LANES) {
    const real *z = k < r->whole ? r->logits + k : rest;
    for (size_t l = 0; l < LANES; l++) {
      top[l] = z[l] > top[l] ? z[l] : top[l];
      sums[l] += z[l];
    }
  }
  r->top = fold_largest(top);
  return r->top - r->top == 0 && !has_unknown(r, sums);
}

/* Exponentials of a block's distances to the largest logit, added up by lanes. */
SY_INLINE void add_block(real top, const real *z, real *e, real *others, real *ones) {
  for (size_t l = 0; l < LANES; l++) {
    real distance = z[l] - top, power = real_exp(distance);
    e[l] = power;
    others[l] += distance < 0 ? power : 0;
    ones[l] += distance < 0 ? 0 : (real)1;
  }
}

SY_INLINE void add_exponentials(class_row *r) {
  real rest[LANES], e[LANES], ones[LANES] = {0};
  double totals[LANES] = {0};
  take_rest(r, -(real)INFINITY, rest);
  for (size_t piece = 0; piece < r->n_classes; piece += PIECE) {
    size_t end = piece + PIECE < r->n_classes ? piece + PIECE : r->n_classes;
    real others[LANES] = {0};
    for (size_t k = piece; k < end; k += LANES) {
      add_block(r->top, k < r->whole ? r->logits + k : rest, e, others, ones);
      if (r->gradient && k < r->whole) memcpy(r->gradient + k, e, sizeof e);
    }
    for (size_t l = 0; l < LANES; l++) totals[l] += (double)others[l];
  }
  if (r->gradient) memcpy(r->gradient + r->whole, e, (r->n_classes - r->whole) * sizeof *e);
  integer largest = 0;
  for (size_t l = 0; l < LANES; l++) largest += (integer)ones[l];
  r->others = fold_sum(totals) + (double)(largest - 1);
}

/* The gradient of the label is minus the sum of the others': p - 1 would lose the digits of a row
 * that is nearly certain. */
SY_INLINE void scale_exponentials(const class_row *r, size_t label, real chosen, double factor) {
  double scale = factor / (1 + r->others), near = (double)real_exp(chosen - r->top);
  real narrow = (real)scale;
  for (size_t k = 0; k < r->n_classes; k++) r->gradient[k] *= narrow;
  r->gradient[label] = (real)(0 - scale * (chosen < r->top ? 1 + r->others - near : r->others));
}

SY_CLONES static size_t many(const sy_loss_span *span) {
  class_row r = {.n_classes = span->loss->n_classes};
  r.whole = r.n_classes - r.n_classes % LANES;
  for (size_t i = 0; i < span->n; i++) {
    ptrdiff_t place = (ptrdiff_t)i * span->step;
    r.logits = (const real *)span->logits + place;
    r.gradient = span->gradient ? (real *)span->gradient + place : NULL;
    span->losses[i] = 0;
    if (span->weights[i] == 0) {
      if (r.gradient) memset(r.gradient, 0, r.n_classes * sizeof *r.gradient);
      continue;
    }
    if (!find_top(&r)) return i;
    size_t label = (size_t)span->ids[i];
    real chosen = r.logits[label]; /* before the exponentials are there */
    add_exponentials(&r);
    double gap = (double)r.top - (double)chosen;
    span->losses[i] = span->weights[i] * (sy_log1p(r.others) + gap);
    if (r.gradient) scale_exponentials(&r, label, chosen, span->factors[i]);
  }
  return SIZE_MAX;
}
