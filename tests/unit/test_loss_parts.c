/* test_loss_parts.c: parts with names: what they do to the logits, the focal bend against long
 * double, and how they are read. */
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

#include "loss/parts.h"

#define INFINITE ((double)INFINITY)

static const double counts[] = {198, 436, 710, 272};
enum { K = 4, ROWS = 198 + 436 + 710 + 272 };

static sy_loss *make_with(sy_loss_options options, const char *parts) {
  sy_error error;
  sy_loss *loss;
  options.parts = parts;
  options.counts = counts;
  if (sy_loss_new(&options, &loss, &error) != SY_OK) fail_msg("%s: %s", parts, error.text);
  return loss;
}

static sy_loss *make(const char *parts) {
  return make_with(sy_loss_options_default(K), parts);
}

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

/* --- what they do to the logits --- */

static void ldam_has_the_margins_of_its_source(void **state) {
  (void)state;
  const double wanted[] = {0.5, 0.41045, 0.36335, 0.46184};
  sy_loss *loss = make("ldam");
  for (size_t k = 0; k < K; k++) {
    assert_near(loss->margins[k] / 30, wanted[k], 5e-6);
    assert_true(loss->slopes[k] == 30);
  }
  assert_null(loss->offsets);
  sy_loss_free(loss);
  loss = make("ldam:margin=1,scale=2");
  for (size_t k = 0; k < K; k++) assert_near(loss->margins[k] / 4, wanted[k], 5e-6);
  assert_true(loss->slopes[0] == 2);
  sy_loss_free(loss);
}

static void logit_adjustment_adds_log_shares(void **state) {
  (void)state;
  sy_loss *loss = make("logit-adjustment"), *half = make("logit-adjustment:tau=0.5");
  for (size_t k = 0; k < K; k++) {
    assert_near(loss->offsets[k], log(counts[k] / ROWS), 1e-15);
    assert_near(half->offsets[k], 0.5 * log(counts[k] / ROWS), 1e-15);
  }
  assert_null(loss->slopes);
  assert_null(loss->margins);
  sy_loss_free(loss);
  sy_loss_free(half);
}

static void vector_scaling_scales_and_adds(void **state) {
  (void)state;
  sy_loss *loss = make("vs:gamma=0.25,tau=2"), *usual = make("vs");
  for (size_t k = 0; k < K; k++) {
    assert_near(loss->slopes[k], sqrt(sqrt(counts[k] / 710)), 1e-15);
    assert_near(loss->offsets[k], 2 * log(counts[k] / ROWS), 1e-15);
    assert_near(usual->slopes[k], pow(counts[k] / 710, 0.15), 1e-15);
    assert_near(usual->offsets[k], log(counts[k] / ROWS), 1e-15);
  }
  assert_null(loss->margins);
  sy_loss_free(loss);
  sy_loss_free(usual);
}

static void assert_same_array(const double *a, const double *b) {
  assert_non_null(a);
  assert_non_null(b);
  assert_memory_equal(a, b, K * sizeof *a);
}

static void parts_come_in_any_order(void **state) {
  (void)state;
  const double slopes[] = {1, 2, 3, 4}, margins[] = {0, 0.25, 0, 0};
  sy_loss_options options = sy_loss_options_default(K);
  options.slopes = slopes;
  options.margins = margins;
  options.scale = 2;
  sy_loss *one = make_with(options, "focal:gamma=3+ldam:scale=4+vs:gamma=1");
  sy_loss *other = make_with(options, "vs:gamma=1 + ldam:scale=4 + focal:gamma=3");
  assert_same_array(one->slopes, other->slopes);
  assert_same_array(one->offsets, other->offsets);
  assert_same_array(one->margins, other->margins);
  assert_ptr_equal(one->bend.apply, other->bend.apply);
  assert_true(one->bend.parameters[0] == 3 && other->bend.parameters[0] == 3);
  for (size_t k = 0; k < K; k++) { /* the scale is of all: s (d z + a - m) */
    double margin = 0.5 * pow(198 / counts[k], 0.25) + margins[k];
    assert_near(one->slopes[k], 8 * slopes[k] * counts[k] / 710, 1e-15);
    assert_near(one->offsets[k], 8 * log(counts[k] / ROWS), 1e-15);
    assert_near(one->margins[k], 8 * margin, 1e-15);
  }
  sy_loss_free(one);
  sy_loss_free(other);
}

/* --- the focal bend --- */

/* The definition and its derivatives as the chain rule gives them, in long double. */
static void focal_reference(long double gamma, long double lp, long double *wanted) {
  long double p = expl(lp), q = -expm1l(lp);
  long double power = powl(q, gamma), less = powl(q, gamma - 1), least = powl(q, gamma - 2);
  wanted[0] = power * -lp;
  wanted[1] = gamma * less * p * lp - power;
  wanted[2] = gamma * (p * lp * (less - (gamma - 1) * least * p) + 2 * p * less);
}

static sy_bend_function *focal(void) {
  return sy_loss_part_focal.bend;
}

/* Terms of the second derivative cancel, so that they are its measure; and where a power is a
 * denormal number, its digits are few. */
static void assert_focal_near(double gamma, double lp) {
  double values[3];
  long double wanted[3];
  const double parameters[SY_PART_PARAMETERS] = {gamma};
  focal()(parameters, &lp, 1, &values[0], &values[1], &values[2]);
  focal_reference((long double)gamma, (long double)lp, wanted);
  double q = -expm1(lp), power = pow(q, gamma), digits = 1e-15 * (8 + gamma - log(q));
  const double size[] = {fabs((double)wanted[0]), fabs((double)wanted[1]),
                         gamma * exp(lp) * power / q * (2 + (1 + gamma) * fabs(lp) / q)};
  for (size_t i = 0; i < 3; i++)
    if (!(fabs(values[i] - (double)wanted[i]) <= digits * size[i] + 1e8 * DBL_TRUE_MIN / q))
      fail_msg("gamma %g, lp %g: derivative %zu is %.17g, not %.17Lg", gamma, lp, i, values[i],
               wanted[i]);
}

static void focal_has_its_digits_everywhere(void **state) {
  (void)state;
  const double gammas[] = {0.1, 0.5, 0.9, 1, 1.5, 2, 2.7, 3, 5, 20, 100};
  for (size_t g = 0; g < sizeof gammas / sizeof *gammas; g++) {
    for (double lp = -1e-4; lp > -1e5; lp *= 1.01) assert_focal_near(gammas[g], lp);
    for (double lp = -0.1; lp < -1e-30; lp *= 0.83) assert_focal_near(gammas[g], lp);
  }
}

static void focal_at_the_ends(void **state) {
  (void)state;
  const double gammas[] = {1e-300, 0.01, 0.5, 1, 2, 7.5, 100};
  for (size_t g = 0; g < sizeof gammas / sizeof *gammas; g++) {
    const double parameters[SY_PART_PARAMETERS] = {gammas[g]};
    const double log_p[] = {-INFINITE, -DBL_MAX, -800, -746, -DBL_TRUE_MIN, -0.0, 0};
    double value[7], first[7], second[7];
    focal()(parameters, log_p, 7, value, first, second);
    for (size_t i = 0; i < 4; i++) {
      assert_true(value[i] == -log_p[i]);
      assert_true(first[i] == -1);
      assert_true(second[i] == 0);
    }
    for (size_t i = 4; i < 7; i++) {
      assert_true(value[i] >= 0 && value[i] <= DBL_TRUE_MIN && !signbit(value[i]));
      assert_true(first[i] <= 0 && first[i] >= -1.01);
      assert_true(second[i] >= 0 && second[i] < 1e280);
    }
  }
  const double one[SY_PART_PARAMETERS] = {1}, nothing = 0;
  double value, first, second;
  focal()(one, &nothing, 1, &value, &first, &second);
  assert_true(second == 2); /* (1 - p) -ln p is nearly its square, lp^2 */
}

static void focal_gives_the_same_bits_alone(void **state) {
  (void)state;
  enum { N = 1003 };
  static double log_p[N], all[3][N];
  const double parameters[SY_PART_PARAMETERS] = {2.5};
  for (size_t i = 0; i < N; i++) log_p[i] = -exp(((double)i - 500) / 40);
  focal()(parameters, log_p, N, all[0], all[1], all[2]);
  for (size_t i = 0; i < N; i++) {
    double alone[3];
    focal()(parameters, &log_p[i], 1, &alone[0], &alone[1], &alone[2]);
    assert_true(alone[0] == all[0][i] && alone[1] == all[1][i] && alone[2] == all[2][i]);
    focal()(parameters, &log_p[i], 1, &alone[0], &alone[1], NULL);
    assert_true(alone[0] == all[0][i] && alone[1] == all[1][i]);
    focal()(parameters, &log_p[i], 1, &alone[0], NULL, NULL);
    assert_true(alone[0] == all[0][i]);
  }
}

static void focal_without_gamma_is_cross_entropy(void **state) {
  (void)state;
  sy_loss *loss = make("focal:gamma=0");
  assert_true(sy_loss_is_plain(loss));
  sy_loss_free(loss);
  loss = make("focal");
  assert_true(loss->bend.parameters[0] == 2);
  assert_ptr_equal(loss->bend.apply, focal());
  sy_loss_free(loss);
}

/* --- what they do to a loss --- */

static double loss_of(sy_loss *loss, const double *logits, int32_t label, double *gradient) {
  const size_t shape[] = {1, K};
  sy_loss_batch batch = {.logits = sy_array_of(logits, SY_F64, 2, shape), .class_axis = 1};
  batch.labels = (sy_label_array){.values = sy_array_of(&label, SY_I32, 1, shape)};
  sy_loss_result result = {.gradient = gradient};
  sy_error error;
  if (sy_loss_evaluate(loss, &batch, &result, &error) != SY_OK) fail_msg("%s", error.text);
  return result.value;
}

/* Training adds ln(n_k / n): with equal logits a row of a rare class is the hard one. Correction of
 * probabilities would take it away. */
static void adjusted_logits_ask_more_of_rare_classes(void **state) {
  (void)state;
  const double equal[K] = {0}, logits[K] = {0.3, -1, 2, 0.5};
  double gradient[K], sum = 0;
  sy_loss *loss = make("logit-adjustment");
  for (int k = 0; k < K; k++) {
    assert_near(loss_of(loss, equal, k, gradient), -log(counts[k] / ROWS), 1e-14);
    for (int j = 0; j < K; j++) assert_near(gradient[j], counts[j] / ROWS - (j == k), 1e-14);
    sum += counts[k] * exp(logits[k]);
  }
  for (int k = 0; k < K; k++)
    assert_near(loss_of(loss, logits, k, NULL), -log(counts[k] * exp(logits[k]) / sum), 1e-14);
  sy_loss_free(loss);
}

static void focal_loss_of_a_row(void **state) {
  (void)state;
  const double logits[K] = {0.3, -1, 2, 0.5};
  double p[K], sum = 0, gradient[K];
  for (int k = 0; k < K; k++) sum += exp(logits[k]);
  for (int k = 0; k < K; k++) p[k] = exp(logits[k]) / sum;
  sy_loss *loss = make("focal:2");
  assert_near(loss_of(loss, logits, 3, gradient), -pow(1 - p[3], 2) * log(p[3]), 1e-14);
  double slope = 2 * (1 - p[3]) * p[3] * log(p[3]) - pow(1 - p[3], 2); /* by ln p */
  for (int j = 0; j < K; j++) assert_near(gradient[j], slope * ((j == 3) - p[j]), 1e-14);
  sy_loss_free(loss);
}

static void margins_make_the_label_harder(void **state) {
  (void)state;
  const double logits[K] = {0.3, -0.1, 0.2, 0.5};
  sy_loss *loss = make("ldam");
  double sum = 0;
  for (int j = 0; j < K; j++) sum += exp(30 * (logits[j] - (j == 0 ? 0.5 : 0)));
  assert_near(loss_of(loss, logits, 0, NULL), log(sum) - 30 * (logits[0] - 0.5), 1e-13);
  sy_loss_free(loss);
}

/* --- how they are read --- */

static void parts_are_listed(void **state) {
  (void)state;
  const char *wanted[] = {"focal[:gamma=2]", "logit-adjustment[:tau=1]",
                          "ldam[:margin=0.5,scale=30]", "vs[:gamma=0.15,tau=1]"};
  for (size_t i = 0; i < 4; i++) {
    assert_string_equal(sy_loss_part_form(i), wanted[i]);
    assert_non_null(sy_loss_part_formula(i));
  }
  assert_null(sy_loss_part_form(4));
  assert_null(sy_loss_part_formula(4));
}

/* What a part says of itself can be typed and does what the part alone does. */
static void forms_read_back(void **state) {
  (void)state;
  for (size_t i = 0; sy_loss_part_form(i); i++) {
    char typed[64] = "", name[64] = "";
    const char *form = sy_loss_part_form(i);
    for (size_t j = 0, n = 0; form[j]; j++)
      if (!strchr("[]", form[j])) typed[n++] = form[j];
    memcpy(name, form, strcspn(form, "["));
    sy_loss *one = make(typed), *other = make(name);
    assert_memory_equal(&one->bend, &other->bend, sizeof one->bend);
    assert_true(!one->slopes == !other->slopes && !one->offsets == !other->offsets);
    if (one->slopes) assert_same_array(one->slopes, other->slopes);
    if (one->offsets) assert_same_array(one->offsets, other->offsets);
    sy_loss_free(one);
    sy_loss_free(other);
  }
}

static void numbers_may_have_signs_and_blanks(void **state) {
  (void)state;
  sy_loss *loss = make(" focal : gamma = 1e+1 +vs : tau= +0.5 , gamma =0 ");
  assert_true(loss->bend.parameters[0] == 10);
  assert_null(loss->slopes);
  assert_near(loss->offsets[0], 0.5 * log(counts[0] / ROWS), 1e-15);
  sy_loss_free(loss);
}

static void assert_refused(sy_loss_options options, const char *parts, const char *wanted) {
  sy_error error = {0};
  sy_loss *loss = (sy_loss *)&error;
  options.parts = parts;
  assert_int_equal(sy_loss_new(&options, &loss, &error), SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, wanted);
  assert_null(loss);
}

#define ALL                                                                                        \
  "focal[:gamma=2], logit-adjustment[:tau=1], ldam[:margin=0.5,scale=30], "                        \
  "vs[:gamma=0.15,tau=1]"

static void what_cannot_be_read_is_refused(void **state) {
  (void)state;
  const char *const cases[][2] = {
      {"focl:2", "there is no loss part 'focl'; did you mean 'focal'? there are " ALL},
      {"", "there is no loss part ''; there are " ALL},
      {"focal+", "there is no loss part ''; there are " ALL},
      {"focal:alpha=2", "loss part 'focal' has no parameter 'alpha'; it is written "
                        "focal[:gamma=2]"},
      {"vs:2", "loss part 'vs' has no parameter '2'; it is written vs[:gamma=0.15,tau=1]"},
      {"vs:tau=1,tau=1", "loss part 'vs' is given its tau twice"},
      {"focal+focal:3", "loss part 'focal' is given twice"},
      {"focal:", "the gamma '' of loss part 'focal' is not usable; it must be a number from 0 to "
                 "100"},
      {"focal:gamma=-1", "the gamma '-1' of loss part 'focal' is not usable; it must be a number "
                         "from 0 to 100"},
      {"focal:nan", "the gamma 'nan' of loss part 'focal' is not usable; it must be a number from "
                    "0 to 100"},
      {"ldam:scale=0", "the scale '0' of loss part 'ldam' is not usable; it must be a number from "
                       "0.001 to 1000"},
      {"focal:0,5", "loss part 'focal' is given its gamma twice"},
  };
  sy_loss_options options = sy_loss_options_default(K);
  options.counts = counts;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_refused(options, cases[i][0], cases[i][1]);
}

static void what_does_not_go_together_is_refused(void **state) {
  (void)state;
  sy_loss_options options = sy_loss_options_default(K);
  assert_refused(options, "ldam",
                 "loss part 'ldam' goes by the rows of each class, and no counts are given");
  options.base = SY_LOSS_SIGMOID;
  options.counts = counts;
  assert_refused(options, "focal+logit-adjustment",
                 "loss part 'logit-adjustment' is for the softmax; a sigmoid takes slopes, offsets "
                 "and margins as numbers");
}

static void sigmoids_have_focal_loss(void **state) {
  (void)state;
  sy_loss_options options = sy_loss_options_default(K);
  options.base = SY_LOSS_SIGMOID;
  sy_loss *loss = make_with(options, "focal");
  assert_ptr_equal(loss->bend.apply, focal());
  sy_loss_free(loss);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ldam_has_the_margins_of_its_source),
      cmocka_unit_test(logit_adjustment_adds_log_shares),
      cmocka_unit_test(vector_scaling_scales_and_adds),
      cmocka_unit_test(parts_come_in_any_order),
      cmocka_unit_test(focal_has_its_digits_everywhere),
      cmocka_unit_test(focal_at_the_ends),
      cmocka_unit_test(focal_gives_the_same_bits_alone),
      cmocka_unit_test(focal_without_gamma_is_cross_entropy),
      cmocka_unit_test(adjusted_logits_ask_more_of_rare_classes),
      cmocka_unit_test(focal_loss_of_a_row),
      cmocka_unit_test(margins_make_the_label_harder),
      cmocka_unit_test(parts_are_listed),
      cmocka_unit_test(forms_read_back),
      cmocka_unit_test(numbers_may_have_signs_and_blanks),
      cmocka_unit_test(what_cannot_be_read_is_refused),
      cmocka_unit_test(what_does_not_go_together_is_refused),
      cmocka_unit_test(sigmoids_have_focal_loss),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
