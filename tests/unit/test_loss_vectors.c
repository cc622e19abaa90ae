/* test_loss_vectors.c: losses of known numbers: published ones, and those that follow by hand. */
#include "loss_calls.h"

#include "arrays.h"

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

/* What came of a batch of 4 positions or fewer. */
typedef struct outcome {
  double value, weight, losses[4], gradient[16], hessian[16];
} outcome;

/* Runs (n, K) float64 logits with one-hot, soft or multi-hot labels. */
static outcome run(const sy_loss_options *options, size_t n, const double *logits,
                   const double *labels, const double *row_weights) {
  size_t shape[] = {n, options->n_classes};
  sy_array weights = sy_array_of(row_weights, SY_F64, 1, &n);
  sy_loss_batch batch = {.logits = sy_array_of(logits, SY_F64, 2, shape), .class_axis = 1};
  batch.labels.kind = options->base == SY_LOSS_SIGMOID ? SY_LABEL_MULTI_HOT : SY_LABEL_ONE_HOT;
  batch.labels.values = sy_array_of(labels, SY_F64, 2, shape);
  if (row_weights) batch.labels.row_weights = &weights;
  sy_loss *loss = NULL;
  sy_error error;
  outcome out;
  if (sy_loss_new(options, &loss, &error) != SY_OK) fail_msg("%s", error.text);
  sy_loss_result result = {0, 0, out.gradient, out.hessian, out.losses};
  if (sy_loss_evaluate(loss, &batch, &result, &error) != SY_OK) fail_msg("%s", error.text);
  sy_loss_free(loss);
  out.value = result.value;
  out.weight = result.total_weight;
  return out;
}

static sy_loss_options softmax(size_t n_classes) {
  return sy_loss_options_default(n_classes);
}

static sy_loss_options sigmoid(size_t n_labels) {
  sy_loss_options options = sy_loss_options_default(n_labels);
  options.base = SY_LOSS_SIGMOID;
  return options;
}

#define NUMBERS(...) ((const double[]){__VA_ARGS__})

/* --- far logits --- */

static void far_logits(void **state) {
  (void)state;
  sy_loss_options two = softmax(2);
  outcome o = run(&two, 1, NUMBERS(0, 200), NUMBERS(1, 0), NULL);
  assert_true(o.value == 200 && o.losses[0] == 200);
  assert_true(o.gradient[0] == -1 && o.gradient[1] == 1);
  o = run(&two, 1, NUMBERS(0, 200), NUMBERS(0, 1), NULL);
  assert_near(o.value / exp(-200), 1, 1e-14);
  assert_near(o.gradient[0] / exp(-200), 1, 1e-14);
  assert_near(o.gradient[1] / exp(-200), -1, 1e-14);
  assert_near(o.hessian[1] / exp(-200), 1, 1e-14);
  o = run(&two, 1, NUMBERS(-20000, -20001), NUMBERS(1, 0), NULL);
  assert_near(o.value, log1p(exp(-1)), 1e-15);
  o = run(&two, 1, NUMBERS(-20000, -20001), NUMBERS(0, 1), NULL);
  assert_near(o.value, 1 + log1p(exp(-1)), 1e-15);
  sy_loss_options three = softmax(3);
  o = run(&three, 1, NUMBERS(1e300, -1e300, 0), NUMBERS(0, 1, 0), NULL);
  assert_true(o.value == 2e300 && o.gradient[0] == 1 && o.gradient[1] == -1 && o.gradient[2] == 0);
}

/* The same in float32, by ids: the kernels that are made for it. */
static void far_logits_in_float32(void **state) {
  (void)state;
  sy_loss_options two = softmax(2);
  sy_loss *loss;
  assert_int_equal(sy_loss_new(&two, &loss, NULL), SY_OK);
  const float logits[] = {0, 200, -20000, -20001, 0, 60, 3e38f, -3e38f};
  float gradient[8], losses[4];
  sy_loss_batch batch = {.logits = sy_array_of(logits, SY_F32, 2, (size_t[]){4, 2}),
                         .class_axis = 1};
  batch.labels.values = sy_array_of(IDS(0, 0, 1, 0), SY_I32, 1, (size_t[]){4});
  sy_loss_result result = {.gradient = gradient, .losses = losses};
  assert_int_equal(sy_loss_evaluate(loss, &batch, &result, NULL), SY_OK);
  assert_true(losses[0] == 200 && gradient[0] == -0.25F && gradient[1] == 0.25F);
  assert_near((double)losses[1], log1p(exp(-1)), 1e-6);
  assert_near((double)losses[2] / exp(-60), 1, 1e-5);
  assert_near(4 * (double)gradient[4] / exp(-60), 1, 1e-5);
  assert_near(4 * (double)gradient[5] / exp(-60), -1, 1e-5);
  assert_true(losses[3] == 0 && gradient[6] == 0 && gradient[7] == 0);
  sy_loss_free(loss);
}

static void equal_logits(void **state) {
  (void)state;
  sy_loss_options four = softmax(4);
  outcome o = run(&four, 1, NUMBERS(7, 7, 7, 7), NUMBERS(0, 0, 1, 0), NULL);
  assert_near(o.value, log(4), 1e-15);
  for (size_t k = 0; k < 4; k++) {
    assert_near(o.gradient[k], k == 2 ? -0.75 : 0.25, 1e-15);
    assert_near(o.hessian[k], 0.1875, 1e-15);
  }
}

/* --- published figures --- */

/* TensorFlow documents weighted_cross_entropy_with_logits of labels 1, .5, 0 and logits 1.5, -.1,
 * -10; the last of its figures, 4.5776367e-05, is what float32 leaves of 4.53988992e-05. */
static void weighted_cross_entropy_with_logits(void **state) {
  (void)state;
  static const double wanted[2][3] = {{0.302119917, 0.880495825, 4.53988992e-05},
                                      {0.100706644, 0.508297503, 4.53988992e-05}};
  for (size_t i = 0; i < 2; i++) {
    const double pair[] = {1, i == 0 ? 1.5 : 0.5};
    sy_loss_options o = sigmoid(1);
    o.class_weights = pair;
    outcome out = run(&o, 3, NUMBERS(1.5, -0.1, -10), NUMBERS(1, 0.5, 0), NULL);
    assert_near(out.losses[0], wanted[i][0], 2e-8);
    assert_near(out.losses[1], wanted[i][1], 2e-8);
    assert_near(out.losses[2] / wanted[i][2], 1, 1e-8);
  }
}

/* Keras documents these of labels 0, 1, 0, 0 and logits -18.6, 0.51, 2.94, -12.8. */
static void binary_cross_entropies_of_keras(void **state) {
  (void)state;
  sy_loss_options o = sigmoid(4);
  outcome out = run(&o, 1, NUMBERS(-18.6, 0.51, 2.94, -12.8), NUMBERS(0, 1, 0, 0), NULL);
  assert_near(out.value, 0.865, 1e-3);
  o.parts = "focal:gamma=2";
  out = run(&o, 1, NUMBERS(-18.6, 0.51, 2.94, -12.8), NUMBERS(0, 1, 0, 0), NULL);
  assert_near(out.value, 0.691, 1e-3);
}

/* Keras documents these of probabilities; a logit is their logarithm, of 0 -inf. */
static void categorical_cross_entropies_of_keras(void **state) {
  (void)state;
  const double z[] = {log(0.05), log(0.95), -INFINITY, log(0.1), log(0.8), log(0.1)};
  const double labels[] = {0, 1, 0, 0, 0, 1}, quarter[] = {0.25, 0.25, 0.25};
  sy_loss_options o = softmax(3);
  o.reduction = SY_REDUCTION_MEAN;
  assert_near(run(&o, 2, z, labels, NULL).value, 1.177, 1e-3);
  assert_near(run(&o, 2, z, labels, NUMBERS(0.3, 0.7)).value, 0.814, 1e-3);
  o.reduction = SY_REDUCTION_SUM;
  assert_near(run(&o, 2, z, labels, NULL).value, 2.354, 1e-3);
  o.reduction = SY_REDUCTION_MEAN;
  o.class_weights = quarter;
  o.parts = "focal:gamma=2";
  assert_near(run(&o, 2, z, labels, NULL).value, 0.23315276, 1e-7);
}

/* PyTorch's mean divides by the weights of the labels, smoothing or not; of one row it takes the
 * weight back out. */
static void weights_as_pytorch_has_them(void **state) {
  (void)state;
  const double z[] = {1, 2, 0.5, -1, 0, 3}, labels[] = {1, 0, 0, 0, 0, 1}, w[] = {2, 1, 0.5};
  double lp[6], lse1 = log(exp(1) + exp(2) + exp(0.5)), lse2 = log(exp(-1) + 1 + exp(3));
  for (int j = 0; j < 6; j++) lp[j] = z[j] - (j < 3 ? lse1 : lse2);
  sy_loss_options o = softmax(3);
  o.class_weights = w;
  double plain = -(2 * lp[0] + 0.5 * lp[5]) / 2.5, spread = 0;
  for (int j = 0; j < 6; j++) spread -= w[j % 3] * lp[j] / 2.5;
  outcome out = run(&o, 2, z, labels, NULL);
  assert_near(out.value, plain, 1e-15);
  assert_true(out.weight == 2.5);
  assert_near(run(&o, 1, z, labels, NULL).value, -lp[0], 1e-15);
  o.smoothing = 0.3;
  assert_near(run(&o, 2, z, labels, NULL).value, 0.7 * plain + 0.1 * spread, 1e-15);
}

/* Boosted trees take (p - y) w and p (1 - p) w of a row. */
static void derivatives_of_boosted_trees(void **state) {
  (void)state;
  sy_loss_options o = sigmoid(1);
  const double pair[] = {1, 3}, z[] = {0.7, -1.2, 4}, labels[] = {1, 0, 1}, r[] = {1, 2, 0.5};
  o.class_weights = pair;
  o.reduction = SY_REDUCTION_SUM;
  outcome out = run(&o, 3, z, labels, r);
  for (size_t i = 0; i < 3; i++) {
    double p = 1 / (1 + exp(-z[i])), w = r[i] * pair[(size_t)labels[i]];
    assert_near(out.gradient[i], (p - labels[i]) * w, 1e-15);
    assert_near(out.hessian[i], p * (1 - p) * w, 1e-15);
  }
}

/* --- parts --- */

static const double COUNTS[] = {198, 436, 710, 272};
static const double ONE_HOT[] = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1};
static const double ZEROS[16];

/* Of equal logits the loss is ln(3 + e^-m) + m. */
static void margins_of_ldam(void **state) {
  (void)state;
  static const double margins[] = {0.5, 0.41045, 0.36335, 0.46184};
  sy_loss_options o = softmax(4);
  o.counts = COUNTS;
  o.parts = "ldam:scale=1";
  outcome out = run(&o, 4, ZEROS, ONE_HOT, NULL);
  for (size_t i = 0; i < 4; i++)
    assert_near(out.losses[i], log(3 + exp(-margins[i])) + margins[i], 1e-5);
  o.parts = "ldam";
  out = run(&o, 4, ZEROS, ONE_HOT, NULL);
  for (size_t i = 0; i < 4; i++)
    assert_near(out.losses[i], log(3 + exp(-30 * margins[i])) + 30 * margins[i], 2e-4);
}

/* Training adds tau ln(n_k / n): equal logits then say the shares of the classes. */
static void adjustment_adds_the_shares(void **state) {
  (void)state;
  sy_loss_options o = softmax(4);
  o.counts = COUNTS;
  o.parts = "logit-adjustment";
  outcome out = run(&o, 4, ZEROS, ONE_HOT, NULL);
  for (size_t i = 0; i < 4; i++) {
    assert_near(out.losses[i], -log(COUNTS[i] / 1616), 1e-14);
    for (size_t k = 0; k < 4; k++)
      assert_near(4 * out.gradient[4 * i + k], COUNTS[k] / 1616 - (i == k), 1e-14);
  }
}

static void slopes_and_offsets_of_vs(void **state) {
  (void)state;
  double z[16], sum = 0, bent[4];
  for (size_t j = 0; j < 16; j++) z[j] = 2;
  sy_loss_options o = softmax(4);
  o.counts = COUNTS;
  o.parts = "vs:gamma=0.25,tau=0.5";
  for (size_t k = 0; k < 4; k++) {
    bent[k] = 2 * pow(COUNTS[k] / 710, 0.25) + 0.5 * log(COUNTS[k] / 1616);
    sum += exp(bent[k]);
  }
  outcome out = run(&o, 4, z, ONE_HOT, NULL);
  for (size_t i = 0; i < 4; i++) assert_near(out.losses[i], log(sum) - bent[i], 1e-14);
}

/* (1 - p)^gamma by hand at p = 1/4, with its slope. */
static void focal_of_a_quarter(void **state) {
  (void)state;
  sy_loss_options o = softmax(4);
  o.parts = "focal";
  outcome out = run(&o, 1, ZEROS, ONE_HOT, NULL);
  assert_near(out.value, 0.5625 * log(4), 1e-15);
  /* d/dp of -(1 - p)^2 ln p is 2 (1 - p) ln p - (1 - p)^2 / p; times dp/dz = p (1 - p) */
  assert_near(out.gradient[0], (1.5 * log(0.25) - 2.25) * 0.1875, 1e-15);
  assert_near(out.gradient[1], -(1.5 * log(0.25) - 2.25) * 0.0625, 1e-15);
}

/* --- costs and predictions --- */

/* keras#2115: the loss times the cost of what is predicted; of a tie the first. */
static void costs_by_the_prediction(void **state) {
  (void)state;
  const double cost[] = {0, 2, 5, 3, 1, 7, 4, 6, 0.5};
  const double z[] = {0, 1, 0, 2, 2, 0, 0, 0, 0}, labels[] = {1, 0, 0, 0, 0, 1, 0, 1, 0};
  sy_loss_options o = softmax(3);
  outcome plain = run(&o, 3, z, labels, NULL);
  o.cost = cost;
  o.cost_use = SY_COST_ARGMAX;
  outcome out = run(&o, 3, z, labels, NULL);
  static const double factors[] = {2, 4, 3};
  for (size_t i = 0; i < 3; i++) {
    assert_near(out.losses[i], factors[i] * plain.losses[i], 1e-15);
    for (size_t k = 0; k < 3; k++) {
      assert_near(out.gradient[3 * i + k], factors[i] * plain.gradient[3 * i + k], 1e-15);
      assert_near(out.hessian[3 * i + k], factors[i] * plain.hessian[3 * i + k], 1e-15);
    }
  }
  assert_true(out.weight == 3); /* costs are no weights: the divisor stays */
}

static void costs_that_are_expected(void **state) {
  (void)state;
  const double cost[] = {0, 4, 1, 0}, w[] = {1, 10};
  sy_loss_options o = softmax(2);
  o.cost = cost;
  o.cost_use = SY_COST_EXPECTED;
  const double z[] = {0, 0, log(3), 0};
  outcome out = run(&o, 2, z, NUMBERS(1, 0, 0, 1), NULL);
  assert_near(out.losses[0], 2, 1e-15);
  assert_near(out.losses[1], 0.75, 1e-15);
  assert_near(out.value, 1.375, 1e-15);
  assert_near(2 * out.gradient[0], 0.5 * (0 - 2), 1e-15);
  assert_near(2 * out.gradient[1], 0.5 * (4 - 2), 1e-15);
  assert_near(2 * out.gradient[2], 0.75 * (1 - 0.75), 1e-15);
  assert_near(2 * out.hessian[2], 0.75 * -0.5 * 0.25, 1e-15);
  o.class_weights = w;
  assert_near(run(&o, 2, z, NUMBERS(1, 0, 0, 1), NULL).value, (2 + 7.5) / 11, 1e-15);
}

static void weights_by_the_prediction(void **state) {
  (void)state;
  const double w[] = {1, 10, 100};
  const double z[] = {0, 1, 0, 2, 2, 0, 0, 0, 5}, labels[] = {1, 0, 0, 0, 0, 1, 0, 0, 1};
  sy_loss_options o = softmax(3);
  outcome plain = run(&o, 3, z, labels, NULL);
  o.class_weights = w;
  o.weigh_by_prediction = true;
  outcome out = run(&o, 3, z, labels, NULL);
  static const double weights[] = {10, 1, 100};
  double sum = 0;
  for (size_t i = 0; i < 3; i++) {
    assert_near(out.losses[i], weights[i] * plain.losses[i], 1e-14);
    sum += weights[i] * plain.losses[i];
    for (size_t k = 0; k < 3; k++)
      assert_near(out.gradient[3 * i + k], weights[i] / 37 * plain.gradient[3 * i + k], 1e-14);
  }
  assert_true(out.weight == 111);
  assert_near(out.value, sum / 111, 1e-14);
}

/* --- reductions --- */

static void reductions(void **state) {
  (void)state;
  const double z[] = {0, 1, 0, 2, 0, 3, 0, 4}, labels[] = {1, 0, 1, 0, 1, 0, 1, 0};
  const double r[] = {2, 0, 1, 0.5};
  sy_loss_options o = softmax(2);
  double sum = 0;
  for (size_t i = 0; i < 4; i++) sum += r[i] * log1p(exp(z[2 * i + 1]));
  static const double divisors[] = {3.5, 1, 4, 3, 7, 1};
  for (int reduction = SY_REDUCTION_WEIGHTED_MEAN; reduction <= SY_REDUCTION_NONE; reduction++) {
    o.reduction = (sy_reduction)reduction;
    o.divisor = reduction == SY_REDUCTION_DIVISOR ? 7 : 0;
    outcome out = run(&o, 4, z, labels, r);
    assert_near(out.value, sum / divisors[reduction], 1e-15);
    assert_true(out.weight == 3.5);
    assert_near(out.losses[0], 2 * log1p(exp(1)), 1e-15);
    assert_near(out.gradient[1], 2 / (1 + exp(-1)) / divisors[reduction], 1e-15);
    assert_true(out.losses[1] == 0 && out.gradient[2] == 0 && out.gradient[3] == 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(far_logits),
      cmocka_unit_test(far_logits_in_float32),
      cmocka_unit_test(equal_logits),
      cmocka_unit_test(weighted_cross_entropy_with_logits),
      cmocka_unit_test(binary_cross_entropies_of_keras),
      cmocka_unit_test(categorical_cross_entropies_of_keras),
      cmocka_unit_test(weights_as_pytorch_has_them),
      cmocka_unit_test(derivatives_of_boosted_trees),
      cmocka_unit_test(margins_of_ldam),
      cmocka_unit_test(adjustment_adds_the_shares),
      cmocka_unit_test(slopes_and_offsets_of_vs),
      cmocka_unit_test(focal_of_a_quarter),
      cmocka_unit_test(costs_by_the_prediction),
      cmocka_unit_test(costs_that_are_expected),
      cmocka_unit_test(weights_by_the_prediction),
      cmocka_unit_test(reductions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
