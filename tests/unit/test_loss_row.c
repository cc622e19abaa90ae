/* test_loss_row.c: losses of one row, which the losses of training are made of, at the edges of the
 * range. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "loss/row.h"

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

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

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(softmax_of_far_logits),        cmocka_unit_test(softmax_of_equal_logits),
      cmocka_unit_test(softmax_without_a_class),      cmocka_unit_test(sigmoid_of_far_logits),
      cmocka_unit_test(sigmoid_by_published_figures), cmocka_unit_test(sigmoid_is_softmax_of_two),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
