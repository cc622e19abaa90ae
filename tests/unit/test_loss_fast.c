/* test_loss_fast.c: the kernels for plain cross-entropy against the formulas of row.h in float64;
 * their layouts, their bad and weightless rows; the same bits at every width of vectors. */
#define SY_NO_CLONES /* this file's copy of the float32 kernels is of the narrowest width */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/exponential.h"
#include "base/exponential_f32.h"
#include "base/random.h"
#include "loss/fast.h"
#include "loss/row.h"

typedef float real;
typedef int32_t integer;
#define real_exp   sy_exp_f32
#define real_log1p sy_log1p_f32
#define real_round 0x1.8p23f

#include "loss/binary.h"
#include "loss/few.h"
#include "loss/many.h"

enum { POSITIONS = 131, GUARD = 7 };
static const float MARK = -77;

/* A span with its arrays; `gradient` has GUARD marks behind it. */
typedef struct problem {
  sy_loss loss;
  sy_loss_span span;
  size_t n, n_classes;
  float *logits, *gradient;
  double *wide, *wide_gradient; /* the same logits as float64 */
  int32_t ids[POSITIONS];
  double weights[POSITIONS], factors[POSITIONS], losses[POSITIONS];
} problem;

static problem *new_problem(size_t n, size_t n_classes, double scale, uint64_t seed) {
  problem *p = calloc(1, sizeof *p);
  size_t count = n * n_classes;
  p->n = n;
  p->n_classes = p->loss.n_classes = n_classes;
  p->logits = malloc(count * sizeof *p->logits);
  p->gradient = malloc((count + GUARD) * sizeof *p->gradient);
  p->wide = malloc(count * sizeof *p->wide);
  p->wide_gradient = malloc(count * sizeof *p->wide_gradient);
  for (size_t i = 0; i < count; i++)
    p->logits[i] = (float)(scale * (2 * sy_random_uniform(seed, 1, i) - 1));
  for (size_t i = 0; i < n; i++) {
    p->ids[i] = (int32_t)(sy_random_uniform(seed, 2, i) * (double)n_classes);
    p->weights[i] = i % 5 == 3 ? 0 : 0.25 + (double)(i % 7);
    p->factors[i] = p->weights[i] / 1000;
  }
  for (size_t i = 0; i < count + GUARD; i++) p->gradient[i] = MARK;
  p->span = (sy_loss_span){.loss = &p->loss,
                           .dtype = SY_F32,
                           .n = n,
                           .logits = p->logits,
                           .gradient = p->gradient,
                           .step = (ptrdiff_t)n_classes,
                           .class_step = 1,
                           .hard = true,
                           .ids = p->ids,
                           .weights = p->weights,
                           .factors = p->factors,
                           .losses = p->losses};
  return p;
}

static void free_problem(problem *p) {
  free(p->logits);
  free(p->gradient);
  free(p->wide);
  free(p->wide_gradient);
  free(p);
}

/* The span of the same problem in float64. */
static sy_loss_span wide_span(problem *p) {
  sy_loss_span span = p->span;
  for (size_t i = 0; i < p->n * p->n_classes; i++) p->wide[i] = (double)p->logits[i];
  span.dtype = SY_F64;
  span.logits = p->wide;
  span.gradient = p->wide_gradient;
  return span;
}

static void assert_close(double value, double wanted, double relative, const char *what, size_t i) {
  if (!(fabs(value - wanted) <= relative * fabs(wanted) + 1e-44))
    fail_msg("%s %zu: %.9g is not %.17g", what, i, value, wanted);
}

/* Losses and gradients of all positions against row.h. */
static void assert_right(const problem *p, const sy_loss_span *span, double loss_error,
                         double gradient_error) {
  double *row = malloc(p->n_classes * sizeof *row);
  for (size_t i = 0; i < p->n; i++) {
    size_t label = (size_t)p->ids[i];
    for (size_t k = 0; k < p->n_classes; k++) row[k] = (double)p->logits[i * p->n_classes + k];
    double loss = sy_softmax_row(row, p->n_classes, label, row);
    sy_softmax_residual(row, p->n_classes, label);
    assert_close(p->losses[i], p->weights[i] * loss, loss_error, "loss", i);
    for (size_t k = 0; k < p->n_classes; k++) {
      size_t place = i * p->n_classes + k;
      double found = span->dtype == SY_F64 ? ((const double *)span->gradient)[place]
                                           : (double)((const float *)span->gradient)[place];
      assert_close(found, p->factors[i] * row[k], gradient_error, "gradient", place);
    }
  }
  free(row);
}

static const size_t SIZES[] = {1, 2, 3, 10, 31, 32, 33, 64, 65, 97, 512, 1000, 1531, 32000};
enum { N_SIZES = sizeof SIZES / sizeof *SIZES };

static sy_loss_kernel kernel_of(const problem *p) {
  return sy_loss_fast(&p->span);
}

static void near_float64_at_every_size(void **state) {
  (void)state;
  const double scales[] = {0, 1, 20, 80, 1e4};
  for (size_t s = 0; s < N_SIZES; s++)
    for (size_t k = 0; k < sizeof scales / sizeof *scales; k++) {
      problem *p = new_problem(SIZES[s] > 2000 ? 3 : POSITIONS, SIZES[s], scales[k], s);
      assert_true(kernel_of(p)(&p->span) == SIZE_MAX);
      assert_right(p, &p->span, 1e-6 * fmax(1, scales[k]), 1e-5);
      for (size_t g = 0; g < GUARD; g++) assert_true(p->gradient[p->n * p->n_classes + g] == MARK);
      sy_loss_span wide = wide_span(p);
      assert_true(sy_loss_fast(&wide)(&wide) == SIZE_MAX);
      double exact = 1e-15 * (double)SIZES[s] + 1e-13 * fmax(1, scales[k]);
      assert_right(p, &wide, exact, exact); /* row.h adds up one by one */
      free_problem(p);
    }
}

/* A row that is all but certain, and one that is all but certainly wrong. */
static void far_rows_keep_their_digits(void **state) {
  (void)state;
  for (size_t s = 1; s < N_SIZES; s++) {
    problem *p = new_problem(3, SIZES[s], 1, s);
    for (size_t i = 0; i < 3; i++) p->logits[i * SIZES[s] + (size_t)p->ids[i]] += i < 2 ? 60 : -60;
    p->weights[0] = p->weights[1] = p->weights[2] = 1;
    assert_true(kernel_of(p)(&p->span) == SIZE_MAX);
    assert_right(p, &p->span, 1e-5, 1e-5);
    assert_true(p->losses[0] > 0 && p->losses[0] < 1e-20);
    free_problem(p);
  }
}

/* All classes equal, some -inf, and logits whose distance is beyond float32. */
static void odd_rows(void **state) {
  (void)state;
  for (size_t s = 1; s < N_SIZES; s++) {
    problem *p = new_problem(4, SIZES[s], 1, s);
    size_t width = SIZES[s];
    memset(p->ids, 0, sizeof p->ids);
    for (size_t i = 0; i < 4; i++) p->weights[i] = 1, p->factors[i] = 1;
    for (size_t k = 0; k < width; k++) {
      p->logits[k] = 3;
      p->logits[width + k] = k % 2 ? -INFINITY : 0.5f;
      p->logits[2 * width + k] = k ? FLT_MAX : -FLT_MAX;
      p->logits[3 * width + k] = k ? 1 : -INFINITY;
    }
    assert_true(kernel_of(p)(&p->span) == SIZE_MAX);
    assert_close(p->losses[0], log((double)width), 1e-6, "loss", 0);
    assert_close((double)p->gradient[width - 1], 1 / (double)width, 1e-6, "gradient", 0);
    assert_close(p->losses[1], log((double)((width + 1) / 2)), 1e-6, "loss", 1);
    assert_true(p->gradient[width + 1] == 0);
    assert_close(p->losses[2], 2 * (double)FLT_MAX, 1e-6, "loss", 2);
    assert_true(isinf(p->losses[3]) && p->gradient[3 * width] == -1);
    free_problem(p);
  }
}

static void weightless_rows_are_not_looked_at(void **state) {
  (void)state;
  for (size_t s = 0; s < N_SIZES; s++) {
    problem *p = new_problem(5, SIZES[s], 1, s);
    float *row = p->logits + 3 * SIZES[s];
    for (size_t k = 0; k < SIZES[s]; k++) row[k] = k % 2 ? INFINITY : NAN;
    assert_true(p->weights[3] == 0);
    assert_true(kernel_of(p)(&p->span) == SIZE_MAX);
    assert_true(p->losses[3] == 0);
    for (size_t k = 0; k < SIZES[s]; k++) assert_true(p->gradient[3 * SIZES[s] + k] == 0);
    free_problem(p);
  }
}

static void assert_finds(sy_loss_span *span, float *row, size_t class, float bad) {
  float kept = row[class];
  row[class] = bad;
  assert_true(sy_loss_fast(span)(span) == 84);
  assert_memory_equal(&row[class], &bad, sizeof bad);
  row[class] = kept;
}

/* The first bad position is told, and its logits are still there, though the gradient is to take
 * their place. */
static void bad_rows_are_found(void **state) {
  (void)state;
  for (size_t s = 0; s < N_SIZES - 1; s++) {
    problem *p = new_problem(POSITIONS, SIZES[s], 1, s);
    float *row = p->logits + 84 * SIZES[s], *later = p->logits + 90 * SIZES[s];
    float *kept = malloc(p->n * SIZES[s] * sizeof *kept);
    memcpy(kept, p->logits, p->n * SIZES[s] * sizeof *kept);
    later[0] = NAN;
    p->span.gradient = p->logits;
    assert_finds(&p->span, row, 0, NAN);
    memcpy(p->logits, kept, p->n * SIZES[s] * sizeof *kept);
    assert_finds(&p->span, row, SIZES[s] - 1, NAN);
    memcpy(p->logits, kept, p->n * SIZES[s] * sizeof *kept);
    assert_finds(&p->span, row, SIZES[s] / 2, INFINITY);
    memcpy(p->logits, kept, p->n * SIZES[s] * sizeof *kept);
    for (size_t k = 0; k < SIZES[s]; k++) row[k] = -INFINITY;
    assert_finds(&p->span, row, 0, -INFINITY);
    free(kept);
    free_problem(p);
  }
}

/* In place of the logits, without a gradient, and class by class: the same bits. */
static void layouts_give_the_same_bits(void **state) {
  (void)state;
  for (size_t s = 0; s < N_SIZES - 1; s++) {
    problem *p = new_problem(POSITIONS, SIZES[s], 5, s);
    size_t count = p->n * SIZES[s];
    double wanted[POSITIONS];
    assert_true(kernel_of(p)(&p->span) == SIZE_MAX);
    memcpy(wanted, p->losses, sizeof wanted);
    sy_loss_span other = p->span;
    other.gradient = NULL;
    memset(p->losses, 0, sizeof p->losses);
    assert_true(sy_loss_fast(&other)(&other) == SIZE_MAX);
    assert_memory_equal(p->losses, wanted, p->n * sizeof *wanted);
    float *turned = malloc(count * sizeof *turned);
    for (size_t i = 0; i < count; i++) turned[i % SIZES[s] * p->n + i / SIZES[s]] = p->logits[i];
    other.logits = other.gradient = turned;
    other.step = 1;
    other.class_step = (ptrdiff_t)p->n;
    sy_loss_kernel across = sy_loss_fast(&other);
    assert_true((across != NULL) == (SIZES[s] <= SY_FEW_CLASSES || SIZES[s] == 1));
    if (across) {
      assert_true(across(&other) == SIZE_MAX);
      assert_memory_equal(p->losses, wanted, p->n * sizeof *wanted);
      for (size_t i = 0; i < count; i++)
        assert_true(turned[i % SIZES[s] * p->n + i / SIZES[s]] == p->gradient[i]);
    }
    other = p->span;
    other.gradient = p->logits;
    assert_true(sy_loss_fast(&other)(&other) == SIZE_MAX);
    assert_memory_equal(p->logits, p->gradient, count * sizeof *p->logits);
    free(turned);
    free_problem(p);
  }
}

/* The library runs at the width of this machine, this file's copy at the narrowest. */
static void widths_give_the_same_bits(void **state) {
  (void)state;
  for (size_t s = 0; s < N_SIZES - 1; s++) {
    problem *p = new_problem(POSITIONS, SIZES[s], 30, s),
            *q = new_problem(POSITIONS, SIZES[s], 30, s);
    bool fits = SIZES[s] <= SY_FEW_CLASSES;
    assert_true(kernel_of(p)(&p->span) == SIZE_MAX);
    assert_true((fits ? few(&q->span) : many(&q->span)) == SIZE_MAX);
    assert_memory_equal(p->losses, q->losses, sizeof p->losses);
    assert_memory_equal(p->gradient, q->gradient, p->n * SIZES[s] * sizeof *p->gradient);
    free_problem(p);
    free_problem(q);
  }
}

/* --- one logit a position --- */

static problem *new_binary(double scale, uint64_t seed) {
  problem *p = new_problem(POSITIONS, 1, scale, seed);
  p->loss.base = SY_LOSS_SIGMOID;
  for (size_t i = 0; i < p->n; i++) p->ids[i] = i % 3 == 1;
  return p;
}

static void assert_binary_right(const problem *p, const sy_loss_span *span, double error) {
  for (size_t i = 0; i < p->n; i++) {
    double p1, logit = (double)p->logits[i], loss = sy_sigmoid_row(logit, p->ids[i], &p1);
    assert_close(p->losses[i], p->weights[i] * loss, error, "loss", i);
    double found = span->dtype == SY_F64 ? ((const double *)span->gradient)[i]
                                         : (double)((const float *)span->gradient)[i];
    assert_close(found, p->factors[i] * sy_sigmoid_residual(logit, p->ids[i]), error, "gradient",
                 i);
  }
}

static void one_logit_near_float64(void **state) {
  (void)state;
  const double scales[] = {0, 1, 20, 80, 1e4};
  for (size_t k = 0; k < sizeof scales / sizeof *scales; k++) {
    problem *p = new_binary(scales[k], k), *q = new_binary(scales[k], k);
    if (k == 2) p->logits[4] = q->logits[4] = -INFINITY, p->logits[3] = q->logits[3] = NAN;
    assert_true(kernel_of(p)(&p->span) == SIZE_MAX && binary(&q->span) == SIZE_MAX);
    assert_memory_equal(p->losses, q->losses, sizeof p->losses);
    assert_memory_equal(p->gradient, q->gradient, p->n * sizeof *p->gradient);
    assert_true(p->losses[3] == 0 && p->gradient[3] == 0); /* weighs nothing */
    if (k == 2) assert_true(isinf(p->losses[4]) && p->gradient[4] == -(float)p->factors[4]);
    if (k == 2) p->logits[3] = p->logits[4] = 0;
    assert_true(kernel_of(p)(&p->span) == SIZE_MAX);
    assert_binary_right(p, &p->span, 2e-6);
    for (size_t g = 0; g < GUARD; g++) assert_true(p->gradient[p->n + g] == MARK);
    sy_loss_span wide = wide_span(p);
    assert_true(sy_loss_fast(&wide)(&wide) == SIZE_MAX);
    assert_binary_right(p, &wide, 1e-14);
    free_problem(p);
    free_problem(q);
  }
}

/* Every second number is a logit; in place; the first that is bad is found. */
static void one_logit_of_a_layout(void **state) {
  (void)state;
  problem *p = new_binary(5, 9);
  float spread[2 * POSITIONS];
  for (size_t i = 0; i < p->n; i++) spread[2 * i] = p->logits[i], spread[2 * i + 1] = MARK;
  assert_true(kernel_of(p)(&p->span) == SIZE_MAX);
  sy_loss_span other = p->span;
  other.logits = other.gradient = spread;
  other.step = 2;
  assert_true(sy_loss_fast(&other)(&other) == SIZE_MAX);
  for (size_t i = 0; i < p->n; i++)
    assert_true(spread[2 * i] == p->gradient[i] && spread[2 * i + 1] == MARK);
  p->span.gradient = p->logits;
  p->logits[90] = NAN;
  assert_true(kernel_of(p)(&p->span) == 90);
  assert_true(isnan(p->logits[90]));
  p->logits[80] = INFINITY;
  assert_true(kernel_of(p)(&p->span) == 80);
  free_problem(p);
}

/* What the kernels are not made for. */
static void others_are_refused(void **state) {
  (void)state;
  problem *p = new_problem(3, 10, 1, 1);
  sy_loss_span span = p->span;
  span.hard = false;
  assert_null(sy_loss_fast(&span));
  span = p->span;
  span.hessian = p->gradient;
  assert_null(sy_loss_fast(&span));
  p->loss.base = SY_LOSS_SIGMOID;
  assert_null(sy_loss_fast(&p->span)); /* many labels a position */
  free_problem(p);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(near_float64_at_every_size),
      cmocka_unit_test(far_rows_keep_their_digits),
      cmocka_unit_test(odd_rows),
      cmocka_unit_test(weightless_rows_are_not_looked_at),
      cmocka_unit_test(bad_rows_are_found),
      cmocka_unit_test(layouts_give_the_same_bits),
      cmocka_unit_test(widths_give_the_same_bits),
      cmocka_unit_test(one_logit_near_float64),
      cmocka_unit_test(one_logit_of_a_layout),
      cmocka_unit_test(others_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
