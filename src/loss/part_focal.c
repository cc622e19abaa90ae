/* part_focal.c: Lin et al., "Focal loss for dense object detection" (2017), with its full gradient
 * and second derivative. With L = -lp, q = 1 - p, r = L / q and g for gamma:
 *   phi = q^g L,  phi' = -q^g (1 + g p r),  phi'' = g p q^(g - 1) (2 - r + g p r).
 * Written so, no difference loses its digits: q comes of e^-L - 1, and r >= 1 is 1 where p is 1. */
#include "base/exponential.h"
#include "loss/parts.h"

enum { CHUNK = 64 };

/* What L is held between for the derivatives. Below 2^-900 q^(g - 1) could leave the range of
 * numbers, and what it is multiplied by is nothing; beyond 800 p is 0, and p L shall be 0 at
 * infinity too. */
#define NEAREST  0x1p-900
#define FARTHEST 800.0

/* power becomes base^exponent; base is used up. */
SY_INLINE void raise_whole(double *base, unsigned exponent, size_t n, double *power) {
  for (size_t i = 0; i < n; i++) power[i] = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1)
      for (size_t i = 0; i < n; i++) power[i] *= base[i];
    for (size_t i = 0; i < n; i++) base[i] *= base[i];
  }
}

/* power times q^exponent, an exponent below 1: -ln q = ln(1 + p / q) has the digits that ln q would
 * lose where q is nearly 1. */
SY_INLINE void raise_rest(const double *p, const double *q, double exponent, size_t n,
                          double *power) {
  for (size_t i = 0; i < n; i++) power[i] *= sy_exp(-exponent * sy_log1p(p[i] / q[i]));
}

SY_CLONES static void bend_chunk(double gamma, const double *log_p, size_t n, double *value,
                                 double *first, double *second) {
  double p[CHUNK], q[CHUNK], r[CHUNK], base[CHUNK], power[CHUNK];
  for (size_t i = 0; i < n; i++) {
    double distance = -log_p[i];
    distance = distance > NEAREST ? distance : NEAREST;
    distance = distance < FARTHEST ? distance : FARTHEST;
    p[i] = sy_exp(-distance);
    base[i] = q[i] = -sy_expm1(-distance);
    r[i] = distance / q[i];
  }
  unsigned whole = (unsigned)gamma;
  raise_whole(base, whole, n, power);
  if (gamma > whole) raise_rest(p, q, gamma - whole, n, power);
  for (size_t i = 0; i < n; i++) value[i] = power[i] * (0 - log_p[i]);
  if (first)
    for (size_t i = 0; i < n; i++) first[i] = -power[i] * (1 + gamma * p[i] * r[i]);
  if (second)
    for (size_t i = 0; i < n; i++)
      second[i] = gamma * p[i] * (power[i] / q[i]) * (2 - r[i] + gamma * p[i] * r[i]);
}

static void bend(const double *parameters, const double *log_p, size_t n, double *value,
                 double *first, double *second) {
  for (size_t i = 0; i < n; i += CHUNK) {
    size_t count = n - i < CHUNK ? n - i : CHUNK;
    bend_chunk(parameters[0], log_p + i, count, value + i, first ? first + i : NULL,
               second ? second + i : NULL);
  }
}

const sy_loss_part sy_loss_part_focal = {.name = "focal",
                                         .form = "focal[:gamma=2]",
                                         .formula = "(1 - p)^gamma times cross-entropy, p of the "
                                                    "label's class",
                                         .parameters = {{"gamma", 2, 0, 100}},
                                         .bend = bend};
