/* few.h: plain cross-entropy of few classes, for the type of logits of the file that includes it;
 * see fast_f32.c.
 *
 * A tile of rows lies on its side, one class after the other, so that neighbouring rows are one
 * vector whatever the number of classes is. Nothing is added up across a vector: its width changes
 * no bit. The formulas are those of row.h: the largest class enters as 1 + (all others). */

enum { ROWS = 64 };

typedef struct tile {
  size_t first, n, n_classes; /* rows of the span; those of 0 .. ROWS - 1 beyond are zeros */
  integer ids[ROWS];
  real factors[ROWS];
  real top[ROWS];    /* the largest logit */
  real chosen[ROWS]; /* the label's logit */
  real others[ROWS]; /* the exponentials of all classes but one of the largest */
  real slopes[ROWS]; /* the label's gradient */
} tile;

/* Numbers that lie evenly. A step that the compiler knows is read by vectors. */
SY_INLINE void gather(const real *from, ptrdiff_t step, size_t n, real *to) {
  if (step == 1)
    for (size_t r = 0; r < n; r++) to[r] = from[r];
  else if (step == 2)
    for (size_t r = 0; r < n; r++) to[r] = from[2 * r];
  else
    for (size_t r = 0; r < n; r++) to[r] = from[(ptrdiff_t)r * step];
}

/* Rows that weigh nothing become zeros, whatever their logits are. */
SY_INLINE void load_few(const sy_loss_span *span, tile *t, real *all) {
  const real *logits = (const real *)span->logits + (ptrdiff_t)t->first * span->step;
  size_t n = t->n, weightless = 0;
  if (n < ROWS) {
    memset(all, 0, t->n_classes * ROWS * sizeof *all);
    memset(t->ids, 0, sizeof t->ids);
    memset(t->factors, 0, sizeof t->factors);
  }
  for (size_t k = 0; k < t->n_classes; k++)
    gather(logits + (ptrdiff_t)k * span->class_step, span->step, n, all + k * ROWS);
  for (size_t r = 0; r < n; r++) {
    t->ids[r] = span->ids[t->first + r];
    t->factors[r] = (real)span->factors[t->first + r];
    weightless += span->weights[t->first + r] == 0;
  }
  if (weightless == 0) return;
  for (size_t r = 0; r < n; r++)
    if (span->weights[t->first + r] == 0)
      for (size_t k = 0; k < t->n_classes; k++) all[k * ROWS + r] = 0;
}

SY_INLINE void store_few(const sy_loss_span *span, const tile *t, const real *all) {
  real *gradient = (real *)span->gradient + (ptrdiff_t)t->first * span->step;
  ptrdiff_t step = span->step, class_step = span->class_step;
  if (t->n_classes == 2 && step == 2 && class_step == 1) { /* whole vectors, as in gather */
    for (size_t r = 0; r < t->n; r++) {
      gradient[2 * r] = all[r];
      gradient[2 * r + 1] = all[ROWS + r];
    }
    return;
  }
  for (size_t k = 0; k < t->n_classes; k++) {
    real *column = gradient + (ptrdiff_t)k * class_step;
    const real *scores = all + k * ROWS;
    if (step == 1)
      for (size_t r = 0; r < t->n; r++) column[r] = scores[r];
    else
      for (size_t r = 0; r < t->n; r++) column[(ptrdiff_t)r * step] = scores[r];
  }
}

/* Exponentials of the distances to the largest logit. Of a row that is bad `others` becomes NaN:
 * the distance is NaN of a logit that is NaN, and of +inf to +inf and -inf to -inf. */
SY_INLINE void exponentials(tile *t, real *all) {
  real sums[ROWS]; /* of all classes */
  for (size_t r = 0; r < ROWS; r++) {
    t->top[r] = all[r];
    t->chosen[r] = t->others[r] = sums[r] = 0;
  }
  for (size_t k = 1; k < t->n_classes; k++) {
    const real *scores = all + k * ROWS;
    for (size_t r = 0; r < ROWS; r++) t->top[r] = scores[r] > t->top[r] ? scores[r] : t->top[r];
  }
  for (size_t k = 0; k < t->n_classes; k++) {
    real *scores = all + k * ROWS;
    integer place = (integer)k;
    for (size_t r = 0; r < ROWS; r++) {
      real score = scores[r], distance = score - t->top[r], e = real_exp(distance);
      real others = t->others[r] + e;
      t->others[r] = distance < 0 ? others : t->others[r];
      sums[r] += e;
      t->chosen[r] = t->ids[r] == place ? score : t->chosen[r];
      scores[r] = e;
    }
  }
  for (size_t r = 0; r < ROWS; r++) {
    real largest = (sums[r] - t->others[r] + real_round) - real_round; /* how many are */
    t->others[r] += largest - 1;
  }
}

/* The gradient of the label is minus the sum of the others': p - 1 would lose the digits of a row
 * that is nearly certain. */
SY_INLINE void gradients(tile *t, real *all) {
  for (size_t r = 0; r < ROWS; r++) {
    real others = t->others[r], factor = t->factors[r] / (1 + others);
    real rest =
        t->chosen[r] == t->top[r] ? others : 1 + others - real_exp(t->chosen[r] - t->top[r]);
    t->factors[r] = factor;
    t->slopes[r] = 0 - factor * rest;
  }
  for (size_t k = 0; k < t->n_classes; k++) {
    real *scores = all + k * ROWS;
    integer place = (integer)k;
    for (size_t r = 0; r < ROWS; r++)
      scores[r] = t->ids[r] == place ? t->slopes[r] : scores[r] * t->factors[r];
  }
}

SY_INLINE void losses_few(const sy_loss_span *span, const tile *t) {
  const double *weights = span->weights + t->first;
  double *losses = span->losses + t->first;
  real near[ROWS];
  for (size_t r = 0; r < ROWS; r++) near[r] = real_log1p(t->others[r]);
  for (size_t r = 0; r < t->n; r++) {
    double gap = (double)t->top[r] - (double)t->chosen[r]; /* not more than float64 holds */
    losses[r] = weights[r] * ((double)near[r] + gap);
  }
}

SY_INLINE size_t first_bad(const tile *t) {
  int bad = 0;
  for (size_t r = 0; r < ROWS; r++) bad |= t->others[r] != t->others[r];
  if (!bad) return SIZE_MAX;
  size_t r = 0;
  while (t->others[r] == t->others[r]) r++;
  return t->first + r;
}

/* Nothing is written before the tile was found to be good: its logits may be the gradient. */
SY_CLONES static size_t few(const sy_loss_span *span) {
  tile t;
  real all[SY_FEW_CLASSES * ROWS]; /* class after class: logits, exponentials, gradient */
  t.n_classes = span->loss->n_classes;
  for (t.first = 0; t.first < span->n; t.first += ROWS) {
    t.n = span->n - t.first < ROWS ? span->n - t.first : ROWS;
    load_few(span, &t, all);
    exponentials(&t, all);
    size_t bad = first_bad(&t);
    if (bad != SIZE_MAX) return bad;
    losses_few(span, &t);
    if (!span->gradient) continue;
    gradients(&t, all);
    store_few(span, &t, all);
  }
  return SIZE_MAX;
}
