/* Random networks: their gradient is that of central differences, whatever they are made of; the
 * two types agree; threads change no bit. */
#include "../network_cases.h"

enum { SEEDS = 8, NUMBERS = 20 };

static double loss_of(sy_net *net, const network_case *c, double *parameters) {
  static double unused[CASE_NUMBERS];
  sy_net_outcome outcome;
  sy_error error;
  if (sy_net_gradient(net, parameters, &c->batch, unused, &outcome, &error) != SY_OK)
    fail_msg("%s: %s", c->text, error.text);
  return outcome.loss / c->batch.divisor;
}

static double slope_at(sy_net *net, const network_case *c, double *parameters, size_t i,
                       double step) {
  double kept = parameters[i];
  parameters[i] = kept + step;
  double above = loss_of(net, c, parameters);
  parameters[i] = kept - step;
  double below = loss_of(net, c, parameters);
  parameters[i] = kept;
  return (above - below) / (2 * step);
}

/* A unit may be at its kink for one step: then a smaller one is taken. */
static bool agrees(sy_net *net, const network_case *c, double *parameters, size_t i, double found,
                   double largest) {
  for (double step = 1e-5; step > 5e-8; step /= 10) {
    double slope = slope_at(net, c, parameters, i, step);
    if (fabs(slope - found) <= 1e-14 / step + 1e-6 * largest) return true;
  }
  return false;
}

static void check_gradient(uint64_t seed, size_t loss) {
  static double parameters[CASE_NUMBERS], gradient[CASE_NUMBERS];
  static unsigned char real_number[CASE_NUMBERS];
  static network_case c;
  make_case(&c, seed, loss);
  sy_net *net = make_net(&c, SY_F64);
  sy_net_begin(net, seed, 0, c.output_biases, parameters);
  stir(&c, net, parameters);
  sy_net_outcome outcome;
  assert_int_equal(sy_net_gradient(net, parameters, &c.batch, gradient, &outcome, NULL), SY_OK);
  find_padding(net, real_number);
  double largest = 0;
  for (size_t i = 0; i < net->n_trained; i++) largest = fmax(largest, fabs(gradient[i]));
  for (size_t i = 0; i < net->n_trained; i++)
    if (!real_number[i] && gradient[i] != 0) fail_msg("%s: padding moves", c.text);
  for (size_t t = 0; t < NUMBERS; t++) {
    size_t i = case_below(&c, net->n_trained);
    if (real_number[i] && !agrees(net, &c, parameters, i, gradient[i], largest))
      fail_msg("%s: number %zu of %zu: %.12g, not %.12g", c.text, i, net->n_trained, gradient[i],
               slope_at(net, &c, parameters, i, 1e-6));
  }
  sy_net_free(net);
  free_case(&c);
}

static void test_gradients(void **state) {
  (void)state;
  for (size_t loss = 0; loss < CASE_LOSSES; loss++)
    for (uint64_t seed = 1; seed <= SEEDS; seed++) check_gradient(seed, loss);
}

/* --- float32 --- */

/* The same rows as float32. */
static sy_training_data narrow_data(const network_case *c) {
  sy_training_data data = c->data;
  data.rows.data = c->narrow_rows;
  data.rows.dtype = SY_F32;
  return data;
}

static void check_types(uint64_t seed, size_t loss) {
  static double parameters[CASE_NUMBERS], gradient[CASE_NUMBERS];
  static float narrow[CASE_NUMBERS], narrow_gradient[CASE_NUMBERS];
  static network_case c;
  make_case(&c, seed, loss);
  sy_net *net = make_net(&c, SY_F64), *narrow_net = make_net(&c, SY_F32);
  assert_int_equal(sy_net_n_all(net), sy_net_n_all(narrow_net));
  sy_net_begin(net, seed, 1, c.output_biases, parameters);
  sy_net_begin(narrow_net, seed, 1, c.output_biases, narrow);
  for (size_t i = 0; i < net->n_all; i++) assert_true((float)parameters[i] == narrow[i]);
  stir(&c, net, parameters);
  for (size_t i = 0; i < net->n_all; i++) parameters[i] = narrow[i] = (float)parameters[i];
  sy_net_outcome outcome, narrow_outcome;
  assert_int_equal(sy_net_gradient(net, parameters, &c.batch, gradient, &outcome, NULL), SY_OK);
  sy_training_data data = narrow_data(&c);
  c.batch.data = &data;
  assert_int_equal(
      sy_net_gradient(narrow_net, narrow, &c.batch, narrow_gradient, &narrow_outcome, NULL), SY_OK);
  double largest = 0, furthest = 0;
  for (size_t i = 0; i < net->n_trained; i++) {
    largest = fmax(largest, fabs(gradient[i]));
    furthest = fmax(furthest, fabs((double)narrow_gradient[i] - gradient[i]));
  }
  /* A unit whose sum is 0 but for rounding may be on the other side of its kink. */
  double share = c.shape.activation == SY_ACTIVATION_RELU ? 2e-2 : 2e-3;
  if (!(furthest <= share * largest + 1e-6)) fail_msg("%s: %g of %g", c.text, furthest, largest);
  assert_true(fabs(outcome.loss - narrow_outcome.loss) <= 1e-4 * (1 + fabs(outcome.loss)));
  assert_true(fabs(outcome.weight - narrow_outcome.weight) <= 1e-4 * (1 + outcome.weight));
  sy_net_free(net);
  sy_net_free(narrow_net);
  free_case(&c);
}

static void test_types(void **state) {
  (void)state;
  for (size_t loss = 0; loss < CASE_LOSSES; loss++)
    for (uint64_t seed = 101; seed <= 100 + SEEDS; seed++) check_types(seed, loss);
}

/* --- threads --- */

typedef struct made {
  float all[CASE_NUMBERS], gradient[CASE_NUMBERS];
  double logits[CASE_ROWS * CASE_OUTPUTS];
  sy_net_outcome outcome, evaluated;
} made;

static void make_all(network_case *c, int threads, made *m) {
  memset(m, 0, sizeof *m);
  sy_threads_set(threads);
  sy_net *net = make_net(c, SY_F32);
  sy_net_begin(net, 5, 0, c->output_biases, m->all);
  for (int step = 0; step < 3; step++) {
    assert_int_equal(sy_net_gradient(net, m->all, &c->batch, m->gradient, &m->outcome, NULL),
                     SY_OK);
    for (size_t i = 0; i < net->n_trained; i++) m->all[i] -= 0.01f * m->gradient[i];
  }
  assert_int_equal(sy_net_evaluate(net, m->all, &c->batch, m->logits, &m->evaluated, NULL), SY_OK);
  sy_net_free(net);
  sy_threads_set(0);
}

static void test_threads(void **state) {
  (void)state;
  static made one, several;
  static network_case c;
  for (size_t loss = 0; loss < CASE_LOSSES; loss++)
    for (uint64_t seed = 201; seed <= 200 + SEEDS; seed++) {
      make_case(&c, seed, loss);
      for (size_t l = 0; l < c.shape.n_hidden && seed % 2; l++) c.hidden[l] = 100;
      if (seed % 4 == 1) c.batch.n = CASE_ROWS; /* enough for threads in all phases */
      sy_training_data data = narrow_data(&c);
      c.batch.data = &data;
      make_all(&c, 1, &one);
      make_all(&c, 2 + (int)(seed % 3), &several);
      if (memcmp(&one, &several, sizeof one) != 0) fail_msg("%s: other bits", c.text);
      free_case(&c);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gradients),
      cmocka_unit_test(test_types),
      cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
