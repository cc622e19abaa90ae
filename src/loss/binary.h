/* binary.h: plain cross-entropy of one logit and a yes/no label, for the type of logits of the file
 * that includes it; see fast_f32.c. Neighbouring positions are one vector, and the formulas are
 * those of row.h. */

enum { PAIRS = 64 }; /* logits with their labels at a time */

/* Logits of positions first .. first + n - 1; zeros beyond them and where nothing is weighed. */
SY_INLINE void load_pairs(const sy_loss_span *span, size_t first, size_t n, real *scores,
                          integer *ids, real *factors) {
  const real *logits = (const real *)span->logits + (ptrdiff_t)first * span->step;
  for (size_t i = 0; i < PAIRS; i++) scores[i] = factors[i] = 0, ids[i] = 0;
  if (span->step == 1)
    memcpy(scores, logits, n * sizeof *scores);
  else
    for (size_t i = 0; i < n; i++) scores[i] = logits[(ptrdiff_t)i * span->step];
  for (size_t i = 0; i < n; i++) {
    ids[i] = span->ids[first + i];
    factors[i] = (real)span->factors[first + i];
    scores[i] = span->weights[first + i] == 0 ? 0 : scores[i];
  }
}

/* The first logit that is NaN or +inf; PAIRS where there is none. */
SY_INLINE size_t first_odd(const real *scores) {
  integer odd = 0;
  for (size_t i = 0; i < PAIRS; i++) odd |= !(scores[i] < (real)INFINITY);
  size_t i = odd ? 0 : PAIRS;
  while (i < PAIRS && scores[i] < (real)INFINITY) i++;
  return i;
}

SY_CLONES static size_t binary(const sy_loss_span *span) {
  real scores[PAIRS], factors[PAIRS], tails[PAIRS], wrongs[PAIRS];
  integer ids[PAIRS];
  for (size_t first = 0; first < span->n; first += PAIRS) {
    size_t n = span->n - first < PAIRS ? span->n - first : PAIRS;
    load_pairs(span, first, n, scores, ids, factors);
    size_t odd = first_odd(scores);
    if (odd < n) return first + odd;
    for (size_t i = 0; i < PAIRS; i++) {
      real x = scores[i], size = x < 0 ? -x : x, wrong = ids[i] ? -x : x;
      real e = real_exp(-size), near = 1 / (1 + e), distance = wrong >= 0 ? near : e * near;
      scores[i] = factors[i] * (ids[i] ? -distance : distance);
      wrongs[i] = wrong > 0 ? wrong : 0;
      tails[i] = real_log1p(e);
    }
    for (size_t i = 0; i < n; i++) {
      double weight = span->weights[first + i], loss = (double)wrongs[i] + (double)tails[i];
      span->losses[first + i] = weight == 0 ? 0 : weight * loss;
    }
    if (!span->gradient) continue;
    real *gradient = (real *)span->gradient + (ptrdiff_t)first * span->step;
    for (size_t i = 0; i < n; i++)
      gradient[(ptrdiff_t)i * span->step] = span->factors[first + i] == 0 ? 0 : scores[i];
  }
  return SIZE_MAX;
}
