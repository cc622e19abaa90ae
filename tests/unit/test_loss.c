/* test_loss.c: losses by their formulas, gradients by differences, at the edges of the range. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "loss/row.h"

#include <steelyard/loss.h>

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

static sy_matrix matrix(const double *data, size_t rows, size_t columns) {
  return (sy_matrix){data, SY_F64, rows, columns, columns};
}

static double evaluate(const sy_loss *loss, sy_matrix logits, const int32_t *ids,
                       const double *weights, double *gradient) {
  double value = NAN;
  sy_error error;
  if (sy_loss_evaluate(loss, logits, ids, weights, &value, gradient, &error) != SY_OK)
    fail_msg("%s", error.text);
  return value;
}

/* --- one row --- */

static void softmax_of_far_logits(void **state) {
  (void)state;
  const double logits[] = {0, 200};
  double p[2];
  assert_true(sy_softmax_row(logits, 2, 0, p) == 200);
  assert_true(p[0] > 0 && p[1] == 1);
  sy_softmax_residual(p, 2, 0);
  assert_true(p[0] == -1 && p[1] == 1);
  assert_near(sy_softmax_row(logits, 2, 1, p) / exp(-200), 1, 1e-15); /* no digit lost to 1 */
  sy_softmax_residual(p, 2, 1);
  assert_near(p[1] / exp(-200), -1, 1e-15);
  const double low[] = {-20000, -20001};
  assert_near(sy_softmax_row(low, 2, 0, p), log1p(exp(-1)), 1e-15);
  const double high[] = {1e300, -1e300, 0};
  double q[3];
  assert_true(sy_softmax_row(high, 3, 2, q) == 1e300);
  assert_true(q[0] == 1 && q[1] == 0 && q[2] == 0);
}

static void softmax_of_equal_logits(void **state) {
  (void)state;
  const double logits[] = {7, 7, 7, 7};
  double p[4];
  assert_near(sy_softmax_row(logits, 4, 2, p), log(4), 1e-15);
  for (size_t k = 0; k < 4; k++) assert_true(p[k] == 0.25);
}

/* A class that was not learnt has the logit -inf. */
static void softmax_without_a_class(void **state) {
  (void)state;
  const double logits[] = {-INFINITY, 1, 2}, two[] = {1, 2};
  double p[3], q[2];
  assert_true(sy_softmax_row(logits, 3, 1, p) == sy_softmax_row(two, 2, 0, q));
  assert_true(p[0] == 0 && p[1] == q[0] && p[2] == q[1]);
  assert_true(isinf(sy_softmax_row(logits, 3, 0, p)));
  double in_place[] = {-INFINITY, 1, 2};
  sy_softmax_row(in_place, 3, 1, in_place);
  assert_memory_equal(in_place, p, sizeof p);
}

static void sigmoid_of_far_logits(void **state) {
  (void)state;
  double p1;
  assert_true(sy_sigmoid_row(1000, 0, &p1) == 1000 && p1 == 1);
  assert_true(sy_sigmoid_row(-1000, 1, &p1) == 1000 && p1 == 0);
  assert_true(sy_sigmoid_row(1000, 1, &p1) == 0);
  assert_near(sy_sigmoid_row(40, 1, &p1) / exp(-40), 1, 1e-15);
  assert_true(sy_sigmoid_residual(1000, 0) == 1 && sy_sigmoid_residual(-1000, 1) == -1);
  assert_near(sy_sigmoid_residual(40, 1) / exp(-40), -1, 1e-15);
  assert_near(sy_sigmoid_row(0, 1, &p1), log(2), 1e-15);
  assert_true(p1 == 0.5);
  assert_true(sy_sigmoid_row(-INFINITY, 0, &p1) == 0 && p1 == 0);
}

/* The published vector: labels 1 and 0 of logits 1.5 and -10 (weight 1.5 on label 1), with
 * softplus to nine digits. */
static void sigmoid_by_published_figures(void **state) {
  (void)state;
  double p1;
  assert_near(1.5 * sy_sigmoid_row(1.5, 1, &p1), 0.302119917, 1e-9);
  assert_near(0.5 * 1.5 * sy_sigmoid_row(-0.1, 1, &p1) + 0.5 * sy_sigmoid_row(-0.1, 0, &p1),
              0.880495825, 1e-9);
  assert_near(sy_sigmoid_row(-10, 0, &p1) / 4.53988992e-05, 1, 1e-8);
}

/* Two logits and their difference are the same model. */
static void sigmoid_is_softmax_of_two(void **state) {
  (void)state;
  for (uint64_t i = 0; i < 1000; i++) {
    double z[] = {0, 60 * sy_random_uniform(1, 90, i) - 30}, p[2], p1;
    int label = (int)(i % 2);
    double two = sy_softmax_row(z, 2, (size_t)label, p);
    assert_near(sy_sigmoid_row(z[1], label, &p1), two, 1e-15);
    assert_near(p1, p[1], 1e-15);
    sy_softmax_residual(p, 2, (size_t)label);
    assert_near(sy_sigmoid_residual(z[1], label), p[1], 1e-15);
  }
}

/* --- a batch --- */

enum { ROWS = 700, CLASSES = 5 };

typedef struct sample {
  double logits[ROWS * CLASSES];
  double weights[ROWS];
  int32_t ids[ROWS];
} sample;

static void make_sample(sample *s, int n_classes) {
  for (uint64_t i = 0; i < ROWS * CLASSES; i++) s->logits[i] = 8 * sy_random_uniform(2, 91, i) - 4;
  for (uint64_t i = 0; i < ROWS; i++) {
    s->weights[i] = i % 11 == 0 ? 0 : 3 * sy_random_uniform(2, 92, i);
    s->ids[i] =
        i % 13 == 0 ? SY_IGNORED : (int32_t)(sy_random_bits(2, 93, i) % (uint64_t)n_classes);
  }
}

/* The softmax loss written out, reduced as `reduction` says. */
static double softmax_by_formula(const sample *s, const double *weights, sy_loss loss) {
  double sum = 0, total = 0, rows = 0;
  for (size_t i = 0; i < ROWS; i++) {
    if (s->ids[i] == SY_IGNORED) continue;
    const double *z = s->logits + i * CLASSES;
    double w = weights ? weights[i] : 1, exponentials = 0;
    for (size_t k = 0; k < CLASSES; k++) exponentials += exp(z[k]);
    sum += w * (log(exponentials) - z[s->ids[i]]);
    total += w;
    rows++;
  }
  switch (loss.reduction) {
  case SY_REDUCTION_WEIGHTED_MEAN:
    return sum / total;
  case SY_REDUCTION_MEAN:
    return sum / rows;
  case SY_REDUCTION_DIVISOR:
    return sum / loss.divisor;
  default:
    return sum;
  }
}

static const sy_loss reductions[] = {{SY_LOSS_SOFTMAX, SY_REDUCTION_WEIGHTED_MEAN, 0},
                                     {SY_LOSS_SOFTMAX, SY_REDUCTION_SUM, 0},
                                     {SY_LOSS_SOFTMAX, SY_REDUCTION_MEAN, 0},
                                     {SY_LOSS_SOFTMAX, SY_REDUCTION_DIVISOR, 12.5}};

static void values_by_formula(void **state) {
  (void)state;
  static sample s;
  make_sample(&s, CLASSES);
  sy_matrix logits = matrix(s.logits, ROWS, CLASSES);
  for (size_t r = 0; r < 4; r++) {
    assert_near(evaluate(&reductions[r], logits, s.ids, s.weights, NULL),
                softmax_by_formula(&s, s.weights, reductions[r]), 1e-13);
    assert_near(evaluate(&reductions[r], logits, s.ids, NULL, NULL),
                softmax_by_formula(&s, NULL, reductions[r]), 1e-13);
  }
  sy_loss plain = sy_loss_default();
  assert_true(evaluate(&plain, logits, s.ids, s.weights, NULL) ==
              evaluate(NULL, logits, s.ids, s.weights, NULL));
}

/* Central differences in single logits. */
static void check_gradient(const sy_loss *loss, sample *s, size_t columns) {
  static double gradient[ROWS * CLASSES];
  sy_matrix logits = matrix(s->logits, ROWS, columns);
  double value = evaluate(loss, logits, s->ids, s->weights, gradient);
  assert_true(value == evaluate(loss, logits, s->ids, s->weights, NULL));
  for (size_t j = 0; j < ROWS * columns; j += 17) {
    double step = 1e-4, kept = s->logits[j];
    s->logits[j] = kept + step;
    double above = evaluate(loss, logits, s->ids, s->weights, NULL);
    s->logits[j] = kept - step;
    double below = evaluate(loss, logits, s->ids, s->weights, NULL);
    s->logits[j] = kept;
    assert_near(gradient[j], (above - below) / (2 * step), 1e-7);
  }
  for (size_t i = 0; i < ROWS; i++)
    for (size_t j = 0; j < columns && (s->ids[i] == SY_IGNORED || s->weights[i] == 0); j++)
      assert_true(gradient[i * columns + j] == 0);
}

static void gradients_by_differences(void **state) {
  (void)state;
  static sample s;
  make_sample(&s, CLASSES);
  for (size_t r = 0; r < 4; r++) check_gradient(&reductions[r], &s, CLASSES);
  make_sample(&s, 2);
  for (size_t r = 0; r < 4; r++) {
    sy_loss loss = reductions[r];
    loss.base = SY_LOSS_SIGMOID;
    check_gradient(&loss, &s, 1);
  }
}

/* A row of weight 3 is three rows; a row of weight 0 is none. */
static void weights_are_copies(void **state) {
  (void)state;
  const double z[] = {1, -2, 0.5, 3, 0, 0, 9, 9, 1};
  const int32_t ids[] = {0, 2, 1};
  const double weights[] = {3, 1, 0};
  const double copied[] = {1, -2, 0.5, 1, -2, 0.5, 1, -2, 0.5, 3, 0, 0};
  const int32_t copied_ids[] = {0, 0, 0, 2};
  for (size_t r = 0; r < 2; r++) {
    double weighted = evaluate(&reductions[r], matrix(z, 3, 3), ids, weights, NULL);
    double plain = evaluate(&reductions[r], matrix(copied, 4, 3), copied_ids, NULL, NULL);
    assert_near(weighted, plain, 1e-15);
  }
}

static void threads_change_nothing(void **state) {
  (void)state;
  enum { MANY = 5000 };
  static double logits[MANY * CLASSES], one[MANY * CLASSES], several[MANY * CLASSES];
  static double weights[MANY];
  static int32_t ids[MANY];
  for (uint64_t i = 0; i < MANY * CLASSES; i++) logits[i] = 9 * sy_random_uniform(3, 94, i);
  for (uint64_t i = 0; i < MANY; i++) {
    weights[i] = sy_random_uniform(3, 95, i);
    ids[i] = (int32_t)(i % CLASSES);
  }
  sy_threads_set(1);
  double first = evaluate(NULL, matrix(logits, MANY, CLASSES), ids, weights, one);
  for (int threads = 2; threads < 6; threads++) {
    sy_threads_set(threads);
    assert_true(evaluate(NULL, matrix(logits, MANY, CLASSES), ids, weights, several) == first);
    assert_memory_equal(several, one, sizeof one);
  }
  sy_threads_set(0);
}

/* float32 logits and rows apart give the bits of the same numbers in float64 without gaps. */
static void types_and_strides(void **state) {
  (void)state;
  static sample s;
  static float narrow[ROWS * (CLASSES + 2)];
  static double wide[ROWS * CLASSES], gradient[ROWS * CLASSES], wanted[ROWS * CLASSES];
  make_sample(&s, CLASSES);
  for (size_t i = 0; i < ROWS; i++)
    for (size_t k = 0; k < CLASSES + 2; k++) {
      narrow[i * (CLASSES + 2) + k] = k < CLASSES ? (float)s.logits[i * CLASSES + k] : NAN;
      if (k < CLASSES) wide[i * CLASSES + k] = narrow[i * (CLASSES + 2) + k];
    }
  sy_matrix apart = {narrow, SY_F32, ROWS, CLASSES, CLASSES + 2};
  double value = evaluate(NULL, apart, s.ids, s.weights, gradient);
  assert_true(value == evaluate(NULL, matrix(wide, ROWS, CLASSES), s.ids, s.weights, wanted));
  assert_memory_equal(gradient, wanted, sizeof wanted);
}

/* No weight at all: loss 0 and gradient 0, never NaN. */
static void no_weight_is_no_loss(void **state) {
  (void)state;
  const double z[] = {-INFINITY, 1, 2, 3};
  const int32_t ids[] = {0, 1}, ignored[] = {SY_IGNORED, SY_IGNORED};
  const double zeros[] = {0, 0}, tiny[] = {0, 0x1p-1074};
  for (size_t r = 0; r < 4; r++) {
    double gradient[] = {9, 9, 9, 9};
    assert_true(evaluate(&reductions[r], matrix(z, 2, 2), ids, zeros, gradient) == 0);
    for (size_t j = 0; j < 4; j++) assert_true(gradient[j] == 0);
    gradient[0] = 9;
    assert_true(evaluate(&reductions[r], matrix(z, 2, 2), ignored, NULL, gradient) == 0);
    for (size_t j = 0; j < 4; j++) assert_true(gradient[j] == 0);
    assert_true(evaluate(&reductions[r], matrix(z, 0, 2), ids, NULL, gradient) == 0);
  }
  double gradient[4]; /* however little weight there is, its mean is the row's loss */
  const double even[] = {0, 0, 0, 0};
  const int32_t both[] = {0, 0};
  (void)evaluate(NULL, matrix(even, 2, 2), both, tiny, gradient);
  assert_true(gradient[2] == -0.5 && gradient[3] == 0.5);
}

static void check_refused(sy_loss loss, sy_matrix logits, const int32_t *ids, const double *weights,
                          sy_status wanted, const char *text) {
  double value;
  sy_error error = {0};
  assert_int_equal(sy_loss_evaluate(&loss, logits, ids, weights, &value, NULL, &error), wanted);
  if (!strstr(error.text, text)) fail_msg("'%s' does not hold '%s'", error.text, text);
}

static void wrong_input_is_named(void **state) {
  (void)state;
  static double z[1200];
  static double weights[600];
  static int32_t ids[600];
  for (size_t i = 0; i < 600; i++) weights[i] = 1;
  sy_loss softmax = sy_loss_default(), sigmoid = {SY_LOSS_SIGMOID, SY_REDUCTION_SUM, 0};
  ids[599] = 2;
  ids[311] = -2;
  check_refused(softmax, matrix(z, 600, 2), ids, NULL, SY_INVALID_LABEL, "label -2 at row 312");
  check_refused(sigmoid, matrix(z, 600, 1), ids, NULL, SY_INVALID_LABEL, "the 2 classes 0..1");
  ids[311] = 0;
  check_refused(softmax, matrix(z, 600, 2), ids, NULL, SY_INVALID_LABEL, "label 2 at row 600");
  weights[500] = -1;
  weights[599] = NAN;
  check_refused(softmax, matrix(z, 600, 2), ids, weights, SY_INVALID_WEIGHT, "-1 at row 501");
  weights[500] = INFINITY;
  check_refused(softmax, matrix(z, 600, 2), ids, weights, SY_INVALID_WEIGHT, "inf at row 501");
  weights[500] = weights[400] = DBL_MAX;
  check_refused(softmax, matrix(z, 501, 2), ids, weights, SY_INVALID_WEIGHT, "infinity");
  check_refused(softmax, matrix(z, 2, 1), ids, NULL, SY_INVALID_SHAPE, "2 or more");
  check_refused(sigmoid, matrix(z, 2, 2), ids, NULL, SY_INVALID_SHAPE, "not 2");
  sy_matrix overlapping = {z, SY_F64, 2, 3, 2}, integers = {ids, SY_I32, 2, 2, 2};
  check_refused(softmax, overlapping, ids, NULL, SY_INVALID_SHAPE, "3 logits");
  check_refused(softmax, integers, ids, NULL, SY_INVALID_ARGUMENT, "float32 or float64");
  const double divisors[] = {0, -1, NAN, INFINITY};
  for (size_t d = 0; d < 4; d++)
    check_refused((sy_loss){SY_LOSS_SOFTMAX, SY_REDUCTION_DIVISOR, divisors[d]}, matrix(z, 2, 2),
                  ids, NULL, SY_INVALID_ARGUMENT, "divisor");
}

static void loss_survives_no_memory(void **state) {
  (void)state;
  const double z[] = {1, 2};
  const int32_t ids[] = {0};
  double value;
  for (size_t nth = 1; nth <= 3; nth++) {
    sy_memory_fail_nth(nth);
    assert_int_equal(sy_loss_evaluate(NULL, matrix(z, 1, 2), ids, NULL, &value, NULL, NULL),
                     SY_OUT_OF_MEMORY);
  }
  sy_memory_fail_nth(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(softmax_of_far_logits),
      cmocka_unit_test(softmax_of_equal_logits),
      cmocka_unit_test(softmax_without_a_class),
      cmocka_unit_test(sigmoid_of_far_logits),
      cmocka_unit_test(sigmoid_by_published_figures),
      cmocka_unit_test(sigmoid_is_softmax_of_two),
      cmocka_unit_test(values_by_formula),
      cmocka_unit_test(gradients_by_differences),
      cmocka_unit_test(weights_are_copies),
      cmocka_unit_test(threads_change_nothing),
      cmocka_unit_test(types_and_strides),
      cmocka_unit_test(no_weight_is_no_loss),
      cmocka_unit_test(wrong_input_is_named),
      cmocka_unit_test(loss_survives_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
