/* optimizer.c: Adam, AdamW and SGD with momentum; see optimizer.h. A step is one pass over the
 * numbers, cut into blocks where there are many. */
#include "fit/network/optimizer.h"

#include "base/clones.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <math.h>
#include <string.h>

/* Numbers of a block: enough that a thread's start is small beside them. */
enum { BLOCK = 1 << 15, LANES = 8 };

static const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

/* What all numbers of a step share. */
typedef struct move {
  bool decays;   /* else numbers may be -inf: biases of what is not learnt */
  double decay;  /* added to the gradient, times the number */
  double keep;   /* the number is multiplied by first */
  double factor; /* the gradient is multiplied by first: clipping */
  double momentum;
  double rate;  /* Adam: the step size, over its first correction */
  double scale; /* Adam: 1 / square root of its second correction */
} move;

#define DEFINE_STEPS(type, suffix, root)                                                           \
  SY_CLONES static void adam_##suffix(const move *by, size_t n, type *x, const type *g, type *m,   \
                                      type *v) {                                                   \
    type decay = (type)by->decay, keep = (type)by->keep, factor = (type)by->factor;                \
    type rate = (type)by->rate, scale = (type)by->scale, tiny = (type)epsilon;                     \
    type b1 = (type)beta1, c1 = (type)(1 - beta1), b2 = (type)beta2, c2 = (type)(1 - beta2);       \
    bool decays = by->decays;                                                                      \
    for (size_t i = 0; i < n; i++) {                                                               \
      type at = x[i] * keep, along = g[i] * factor;                                                \
      along += decays ? decay * x[i] : 0;                                                          \
      m[i] = b1 * m[i] + c1 * along;                                                               \
      v[i] = b2 * v[i] + c2 * along * along;                                                       \
      x[i] = at - rate * (m[i] / (root(v[i]) * scale + tiny));                                     \
    }                                                                                              \
  }                                                                                                \
  SY_CLONES static void sgd_##suffix(const move *by, size_t n, type *x, const type *g, type *m) {  \
    type decay = (type)by->decay, factor = (type)by->factor;                                       \
    type momentum = (type)by->momentum, rate = (type)by->rate;                                     \
    bool decays = by->decays;                                                                      \
    for (size_t i = 0; i < n; i++) {                                                               \
      m[i] = momentum * m[i] + (g[i] * factor + (decays ? decay * x[i] : 0));                      \
      x[i] -= rate * m[i];                                                                         \
    }                                                                                              \
  }                                                                                                \
  SY_CLONES static double gradient_square_##suffix(const type *g, size_t n) {                      \
    double lanes[LANES] = {0}, sum = 0;                                                            \
    size_t i = 0;                                                                                  \
    for (; i + LANES <= n; i += LANES)                                                             \
      for (size_t l = 0; l < LANES; l++) lanes[l] += (double)g[i + l] * (double)g[i + l];          \
    for (; i < n; i++) lanes[0] += (double)g[i] * (double)g[i];                                    \
    for (size_t l = 0; l < LANES; l++) sum += lanes[l];                                            \
    return sum;                                                                                    \
  }

DEFINE_STEPS(float, f32, sqrtf)
DEFINE_STEPS(double, f64, sqrt)

static size_t n_blocks(const sy_optimizer_state *optimizer) {
  return (optimizer->n + BLOCK - 1) / BLOCK;
}

/* --- making --- */

/* The ranges that decay, and what lies between them. */
static void cut_runs(const sy_optimizer_state *optimizer, const sy_net_range *ranges, size_t n,
                     sy_optimizer_run *runs, size_t *n_runs) {
  size_t at = 0;
  *n_runs = 0;
  for (size_t r = 0; r <= n; r++) {
    size_t first = r < n ? ranges[r].first : optimizer->n;
    if (first > at) runs[(*n_runs)++] = (sy_optimizer_run){at, first - at, false};
    if (r == n) break;
    runs[(*n_runs)++] = (sy_optimizer_run){first, ranges[r].n, true};
    at = first + ranges[r].n;
  }
}

sy_status sy_optimizer_make(const sy_network_options *options, sy_dtype dtype, size_t n,
                            const sy_net_range *decaying, size_t n_decaying,
                            sy_optimizer_state *optimizer, sy_error *error) {
  size_t element = dtype == SY_F32 ? sizeof(float) : sizeof(double);
  *optimizer = (sy_optimizer_state){.kind = options->optimizer,
                                    .dtype = dtype,
                                    .momentum = options->momentum,
                                    .weight_decay = options->weight_decay,
                                    .clip = options->clip,
                                    .n = n};
  bool adam = options->optimizer != SY_OPTIMIZER_SGD;
  optimizer->runs = sy_alloc(2 * n_decaying + 1, sizeof *optimizer->runs);
  optimizer->first = sy_alloc_zero(optimizer->n, element);
  optimizer->second = adam ? sy_alloc_zero(optimizer->n, element) : NULL;
  optimizer->squares = sy_alloc(n_blocks(optimizer), sizeof *optimizer->squares);
  if (!optimizer->runs || !optimizer->first || (adam && !optimizer->second) || !optimizer->squares)
    return sy_fail_memory(error);
  cut_runs(optimizer, decaying, n_decaying, optimizer->runs, &optimizer->n_runs);
  return SY_OK;
}

void sy_optimizer_clear(sy_optimizer_state *optimizer) {
  free(optimizer->runs);
  free(optimizer->first);
  free(optimizer->second);
  free(optimizer->squares);
  *optimizer = (sy_optimizer_state){0};
}

void sy_optimizer_reset(sy_optimizer_state *optimizer) {
  size_t element = optimizer->dtype == SY_F32 ? sizeof(float) : sizeof(double);
  memset(optimizer->first, 0, optimizer->n * element);
  if (optimizer->second) memset(optimizer->second, 0, optimizer->n * element);
  optimizer->steps = 0;
}

/* --- a step --- */

typedef struct step {
  const sy_optimizer_state *optimizer;
  move decaying, other;
  void *parameters, *gradient;
} step;

static void square_block(void *opaque, size_t block) {
  const step *made = opaque;
  const sy_optimizer_state *optimizer = made->optimizer;
  size_t first = block * BLOCK, left = optimizer->n - first, n = left < BLOCK ? left : BLOCK;
  if (optimizer->dtype == SY_F32)
    optimizer->squares[block] = gradient_square_f32((const float *)made->gradient + first, n);
  else
    optimizer->squares[block] = gradient_square_f64((const double *)made->gradient + first, n);
}

static double gradient_norm(step *made) {
  size_t blocks = n_blocks(made->optimizer);
  sy_parallel_blocks(blocks, square_block, made);
  sy_tree_sum(made->optimizer->squares, blocks, 1);
  return blocks > 0 ? sqrt(made->optimizer->squares[0]) : 0;
}

static void move_run(const step *made, const move *by, size_t at, size_t n) {
  const sy_optimizer_state *o = made->optimizer;
  if (o->dtype == SY_F32) {
    float *x = (float *)made->parameters + at, *m = (float *)o->first + at;
    const float *g = (const float *)made->gradient + at;
    if (o->second)
      adam_f32(by, n, x, g, m, (float *)o->second + at);
    else
      sgd_f32(by, n, x, g, m);
  } else {
    double *x = (double *)made->parameters + at, *m = (double *)o->first + at;
    const double *g = (const double *)made->gradient + at;
    if (o->second)
      adam_f64(by, n, x, g, m, (double *)o->second + at);
    else
      sgd_f64(by, n, x, g, m);
  }
}

static void move_block(void *opaque, size_t block) {
  const step *made = opaque;
  size_t begin = block * BLOCK, end = begin + BLOCK;
  for (size_t r = 0; r < made->optimizer->n_runs; r++) {
    const sy_optimizer_run *run = &made->optimizer->runs[r];
    size_t from = run->first > begin ? run->first : begin, to = run->first + run->n;
    if (to > end) to = end;
    if (from < to) move_run(made, run->decays ? &made->decaying : &made->other, from, to - from);
  }
}

/* Adam's moments begin at 0, which its corrections make up for. */
static move plan(const sy_optimizer_state *optimizer, double rate, double factor, bool decays) {
  double decay = decays ? optimizer->weight_decay : 0, t = (double)optimizer->steps;
  move made = {.decays = decays, .decay = decay, .keep = 1, .factor = factor, .rate = rate};
  made.momentum = optimizer->momentum;
  if (optimizer->kind == SY_OPTIMIZER_SGD) return made;
  if (optimizer->kind == SY_OPTIMIZER_ADAMW) made.decay = 0, made.keep = 1 - rate * decay;
  made.rate = rate / -expm1(t * log(beta1));
  made.scale = 1 / sqrt(-expm1(t * log(beta2)));
  return made;
}

bool sy_optimizer_step(sy_optimizer_state *optimizer, double rate, void *parameters,
                       void *gradient) {
  step made = {.optimizer = optimizer, .parameters = parameters, .gradient = gradient};
  double factor = 1;
  if (optimizer->clip > 0) {
    double norm = gradient_norm(&made);
    if (!isfinite(norm)) return false;
    if (norm > optimizer->clip) factor = optimizer->clip / norm;
  }
  optimizer->steps++;
  made.decaying = plan(optimizer, rate, factor, true);
  made.other = plan(optimizer, rate, factor, false);
  sy_parallel_blocks(n_blocks(optimizer), move_block, &made);
  return true;
}
