/* A network as training sees it: what it computes forward is what the predictor made of its numbers
 * does; what moves and what does not; what it refuses. The gradient is a property test. */
#include "../network_cases.h"

#include "base/memory.h"
#include "loss/loss.h"

static double parameters[CASE_NUMBERS], gradient[CASE_NUMBERS];
static double logits[CASE_ROWS * CASE_OUTPUTS], wanted[CASE_ROWS * CASE_OUTPUTS];
static network_case c;
static sy_net_outcome outcome;
static sy_error error;

enum { PLAIN = 0 }; /* the number of a loss */

static void demand_ok(sy_status status) {
  if (status != SY_OK) fail_msg("%s: %s", c.text, error.text);
}

/* Some steps of gradient descent, so that running statistics have moved. */
static void train(sy_net *net, int steps) {
  for (int step = 0; step < steps; step++) {
    demand_ok(sy_net_gradient(net, parameters, &c.batch, gradient, &outcome, &error));
    for (size_t i = 0; i < net->n_trained; i++) parameters[i] -= 0.05 * gradient[i];
  }
}

/* --- forward --- */

static void check_predictor(uint64_t seed) {
  static double unpacked[CASE_NUMBERS];
  make_case(&c, seed, PLAIN);
  sy_net *net = make_net(&c, SY_F64);
  sy_net_begin(net, seed, 0, c.output_biases, parameters);
  stir(&c, net, parameters);
  train(net, 3);
  for (size_t i = 0; i < CASE_ROWS; i++) c.places[i] = (uint32_t)i;
  c.batch.n = CASE_ROWS;
  demand_ok(sy_net_evaluate(net, parameters, &c.batch, logits, &outcome, &error));
  sy_network_shape shape;
  sy_net_shape(net, &shape);
  assert_true(shape.norm != SY_NORM_BATCH);
  sy_net_unpack(net, parameters, unpacked);
  sy_predictor *predictor;
  demand_ok(sy_predictor_network(&shape, unpacked, 1, &predictor, &error));
  demand_ok(sy_predictor_logits(predictor, c.data.rows, wanted, &error));
  for (size_t i = 0; i < CASE_ROWS * shape.n_outputs; i++)
    if (!(fabs(logits[i] - wanted[i]) <= 1e-11 * (1 + fabs(wanted[i]))))
      fail_msg("%s: logit %zu is %.17g, not %.17g", c.text, i, logits[i], wanted[i]);
  sy_predictor_free(predictor);
  sy_net_free(net);
  free_case(&c);
}

static void test_predictor_is_the_same(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 60; seed++) check_predictor(seed);
}

/* A case whose network is of one hidden layer, with nothing drawn at random about it. */
static sy_net *plain_net(sy_activation activation, sy_layer_norm norm, double dropout,
                         size_t loss) {
  for (uint64_t seed = 1;; seed++) {
    make_case(&c, seed, loss);
    if (c.shape.n_embeddings == 0 && c.shape.n_outputs > 2) break;
    free_case(&c);
  }
  c.shape.n_hidden = 1;
  c.hidden[0] = 37;
  c.shape.activation = activation;
  c.shape.norm = norm;
  c.dropout = dropout;
  c.batch.n = 300;
  c.batch.divisor = 300;
  for (size_t i = 0; i < c.batch.n; i++) c.places[i] = (uint32_t)i;
  sy_net *net = make_net(&c, SY_F64);
  sy_net_begin(net, 3, 0, c.output_biases, parameters);
  return net;
}

/* Formulas, written down once more. */
static double activated(sy_activation activation, double a) {
  if (activation == SY_ACTIVATION_RELU) return fmax(a, 0);
  if (activation == SY_ACTIVATION_TANH) return tanh(a);
  return a / 2 * (1 + tanh(sqrt(2 / acos(-1.0)) * (a + 0.044715 * a * a * a)));
}

static void test_logits_by_hand(void **state) {
  (void)state;
  for (int activation = 0; activation < 3; activation++) {
    sy_net *net = plain_net((sy_activation)activation, SY_NORM_NONE, 0, PLAIN);
    const sy_net_layer *first = &net->layers[0], *last = &net->layers[1];
    demand_ok(sy_net_evaluate(net, parameters, &c.batch, logits, &outcome, &error));
    for (size_t i = 0; i < 20; i++)
      for (size_t k = 0; k < last->units; k++) {
        double logit = parameters[last->biases + k];
        for (size_t u = 0; u < first->units; u++) {
          double a = parameters[first->biases + u];
          for (size_t j = 0; j < first->inputs; j++)
            a += c.rows[i][j] * parameters[first->weights + j * first->stride + u];
          logit += activated((sy_activation)activation, a) *
                   parameters[last->weights + u * last->stride + k];
        }
        assert_true(fabs(logits[i * last->units + k] - logit) < 1e-12);
      }
    sy_net_free(net);
    free_case(&c);
  }
}

/* Layers so wide that products are cut along their depth and their factors packed: the slope of the
 * loss along a direction, and the predictor. */
static double loss_along(sy_net *net, const double *from, const double *direction, double step,
                         double *all, double *slopes) {
  for (size_t i = 0; i < net->n_all; i++) all[i] = from[i] + step * direction[i];
  demand_ok(sy_net_gradient(net, all, &c.batch, slopes, &outcome, &error));
  return outcome.loss / c.batch.divisor;
}

static void test_wide_layers(void **state) {
  (void)state;
  sy_net_free(plain_net(SY_ACTIVATION_TANH, SY_NORM_NONE, 0, PLAIN));
  c.shape.n_hidden = 2;
  c.hidden[0] = 300;
  c.hidden[1] = 275;
  sy_net *net;
  demand_ok(sy_net_new(&c.shape, SY_F64, 0, c.batch.n, &net, &error));
  size_t n = net->n_all, n_outputs = c.shape.n_outputs;
  double *all = calloc(4 * n, sizeof *all), *direction = all + n, *slopes = all + 2 * n;
  double *moved = all + 3 * n, slope = 0;
  assert_non_null(all);
  sy_net_begin(net, 4, 0, c.output_biases, all);
  for (size_t i = 0; i < n; i++) direction[i] = all[i] != 0 ? case_uniform(&c) - 0.5 : 0;
  loss_along(net, all, direction, 0, moved, slopes);
  for (size_t i = 0; i < net->n_trained; i++) slope += slopes[i] * direction[i];
  double above = loss_along(net, all, direction, 1e-5, moved, slopes);
  double below = loss_along(net, all, direction, -1e-5, moved, slopes);
  assert_true(fabs((above - below) / 2e-5 - slope) < 1e-6 * (1 + fabs(slope)));
  demand_ok(sy_net_evaluate(net, all, &c.batch, logits, &outcome, &error));
  sy_net_unpack(net, all, moved);
  sy_predictor *predictor;
  demand_ok(sy_predictor_network(&c.shape, moved, 1, &predictor, &error));
  demand_ok(sy_predictor_logits(predictor, c.data.rows, wanted, &error));
  for (size_t i = 0; i < c.batch.n * n_outputs; i++)
    assert_true(fabs(logits[i] - wanted[i]) < 1e-11 * (1 + fabs(wanted[i])));
  sy_predictor_free(predictor);
  sy_net_free(net);
  free_case(&c);
  free(all);
}

/* --- batch normalisation --- */

static void test_running_statistics(void **state) {
  (void)state;
  sy_net *net = plain_net(SY_ACTIVATION_RELU, SY_NORM_BATCH, 0, PLAIN);
  const sy_net_layer *layer = &net->layers[0];
  double n = (double)c.batch.n;
  demand_ok(sy_net_gradient(net, parameters, &c.batch, gradient, &outcome, &error));
  for (size_t u = 0; u < layer->units; u++) {
    double sum = 0, squares = 0, sums[CASE_ROWS];
    for (size_t i = 0; i < c.batch.n; i++) {
      sums[i] = parameters[layer->biases + u];
      for (size_t j = 0; j < layer->inputs; j++)
        sums[i] += c.rows[i][j] * parameters[layer->weights + j * layer->stride + u];
      sum += sums[i];
    }
    for (size_t i = 0; i < c.batch.n; i++) squares += (sums[i] - sum / n) * (sums[i] - sum / n);
    assert_true(fabs(parameters[layer->means + u] - 0.1 * sum / n) < 1e-13);
    assert_true(fabs(parameters[layer->variances + u] - (0.9 + 0.1 * squares / (n - 1))) < 1e-12);
  }
  sy_net_free(net);
  free_case(&c);
}

/* --- what a row weighs --- */

/* Rows of weight 0 and ignored ones change neither loss nor gradient. */
static void test_absent_rows(void **state) {
  (void)state;
  static double without[CASE_NUMBERS];
  sy_net *net = plain_net(SY_ACTIVATION_GELU, SY_NORM_LAYER, 0, PLAIN);
  c.batch.weights = c.weights;
  size_t n = c.batch.n;
  for (size_t i = 0; i < n; i++) c.weights[i] = i % 7 == 0 ? 0 : 1 + (double)(i % 3);
  for (size_t i = 3; i < n; i += 11) c.ids[i] = SY_IGNORED;
  sy_net_outcome all;
  demand_ok(sy_net_gradient(net, parameters, &c.batch, gradient, &all, &error));
  c.batch.n = 0;
  double weight = 0;
  for (size_t i = 0; i < n; i++) {
    if (c.weights[i] == 0 || c.ids[i] == SY_IGNORED) continue;
    c.places[c.batch.n++] = (uint32_t)i;
    weight += c.weights[i] * c.loss->class_weights[c.ids[i]];
  }
  assert_true(c.batch.n < n);
  demand_ok(sy_net_gradient(net, parameters, &c.batch, without, &outcome, &error));
  assert_true(fabs(all.loss - outcome.loss) < 1e-11 * fabs(all.loss));
  assert_true(fabs(all.weight - weight) < 1e-11 * weight);
  for (size_t i = 0; i < net->n_trained; i++) assert_true(fabs(gradient[i] - without[i]) < 1e-14);
  sy_net_free(net);
  free_case(&c);
}

/* Without dropout the loss of a step is that of an evaluation, whose parts add up. */
static void test_outcomes_add_up(void **state) {
  (void)state;
  for (size_t loss = 0; loss < CASE_LOSSES; loss++) {
    make_case(&c, 40 + loss, loss);
    c.dropout = 0;
    if (c.shape.norm == SY_NORM_BATCH) c.shape.norm = SY_NORM_NONE;
    sy_net *net = make_net(&c, SY_F64);
    sy_net_begin(net, 8, 0, c.output_biases, parameters);
    sy_net_outcome part, sum = {0}, step;
    demand_ok(sy_net_gradient(net, parameters, &c.batch, gradient, &step, &error));
    demand_ok(sy_net_evaluate(net, parameters, &c.batch, NULL, &outcome, &error));
    sy_net_batch one = c.batch;
    for (size_t i = 0; i < c.batch.n; i += one.n) {
      one.places = c.places + i;
      one.n = c.batch.n - i < 5 ? c.batch.n - i : 5;
      demand_ok(sy_net_evaluate(net, parameters, &one, NULL, &part, &error));
      sum.loss += part.loss;
      sum.weight += part.weight;
    }
    assert_true(fabs(step.loss - outcome.loss) <= 1e-12 * fabs(outcome.loss));
    assert_true(fabs(sum.loss - outcome.loss) <= 1e-12 * fabs(outcome.loss));
    assert_true(fabs(sum.weight - outcome.weight) <= 1e-12 * outcome.weight);
    sy_net_free(net);
    free_case(&c);
  }
}

/* --- a class that is not learnt, and numbers out of range --- */

static void test_class_not_learnt(void **state) {
  (void)state;
  sy_net *net = plain_net(SY_ACTIVATION_TANH, SY_NORM_NONE, 0, PLAIN);
  const sy_net_layer *last = &net->layers[1];
  size_t gone = 1;
  for (size_t i = 0; i < CASE_ROWS; i++)
    if (c.ids[i] == (int32_t)gone) c.ids[i] = 0;
  parameters[last->biases + gone] = -(double)INFINITY;
  demand_ok(sy_net_gradient(net, parameters, &c.batch, gradient, &outcome, &error));
  assert_true(isfinite(outcome.loss));
  bool moves = false;
  for (size_t i = 0; i < last->inputs; i++) {
    assert_true(gradient[last->weights + i * last->stride + gone] == 0);
    moves = moves || gradient[last->weights + i * last->stride] != 0;
  }
  assert_true(moves && gradient[last->biases + gone] == 0);
  for (size_t i = 0; i < net->n_trained; i++) assert_true(isfinite(gradient[i]));
  demand_ok(sy_net_evaluate(net, parameters, &c.batch, logits, &outcome, &error));
  for (size_t i = 0; i < c.batch.n; i++)
    assert_true(logits[i * last->units + gone] == -(double)INFINITY);
  sy_net_free(net);
  free_case(&c);
}

static void check_out_of_range(sy_net *net) {
  assert_int_equal(sy_net_gradient(net, parameters, &c.batch, gradient, &outcome, &error),
                   SY_NUMERIC_FAILURE);
  assert_non_null(strstr(error.text, "range"));
  assert_int_equal(sy_net_evaluate(net, parameters, &c.batch, NULL, &outcome, &error),
                   SY_NUMERIC_FAILURE);
  sy_net_free(net);
  free_case(&c);
}

/* Wherever a number leaves its range, the step says so; even NaN in a unit that relu would hide. */
static void test_out_of_range(void **state) {
  (void)state;
  for (int norm = 0; norm < 3; norm++)
    for (int infinite = 0; infinite < 2; infinite++) {
      sy_net *net = plain_net(SY_ACTIVATION_RELU, (sy_layer_norm)norm, 0, PLAIN);
      parameters[net->layers[0].weights] = infinite ? (double)INFINITY : (double)NAN;
      check_out_of_range(net);
    }
  sy_net *net = plain_net(SY_ACTIVATION_RELU, SY_NORM_NONE, 0, PLAIN);
  parameters[net->layers[0].biases] = 1e200;
  parameters[net->layers[1].weights] = 1e200;
  check_out_of_range(net);
}

/* --- dropout --- */

/* The loss of a network of no hidden weights but one path tells which units were kept: here the
 * gradients of the last layer's weights, each of which is 0 where its unit was out in all rows. */
static void test_dropout(void **state) {
  (void)state;
  sy_net *net = plain_net(SY_ACTIVATION_TANH, SY_NORM_NONE, 0.4, PLAIN);
  const sy_net_layer *first = &net->layers[0], *last = &net->layers[1];
  for (size_t i = first->weights; i < first->biases; i++) parameters[i] = 0;
  for (size_t u = 0; u < first->units; u++) parameters[first->biases + u] = 20; /* tanh = 1 */
  double kept = 0, trials = 0, other = 0;
  static double again[CASE_NUMBERS], before[CASE_NUMBERS];
  c.batch.n = 1;
  c.batch.weights = NULL;
  for (uint64_t step = 0; step < 400; step++) {
    c.batch.step = step;
    demand_ok(sy_net_gradient(net, parameters, &c.batch, gradient, &outcome, &error));
    demand_ok(sy_net_gradient(net, parameters, &c.batch, again, &outcome, &error));
    assert_memory_equal(gradient, again, net->n_trained * sizeof *gradient);
    double full = gradient[last->biases] / 0.6;
    for (size_t u = 0; u < first->units; u++) {
      double slope = gradient[last->weights + u * last->stride];
      assert_true(slope == 0 || fabs(slope / full - 1) < 1e-4);
      kept += slope != 0;
      other += step > 0 && (slope != 0) != (before[last->weights + u * last->stride] != 0);
      trials++;
    }
    memcpy(before, gradient, sizeof before);
  }
  double deviation = sqrt(0.6 * 0.4 / trials);
  assert_true(fabs(kept / trials - 0.6) < 5 * deviation);
  assert_true(fabs(other / trials - 2 * 0.6 * 0.4) < 6 * deviation); /* steps are independent */
  sy_net_free(net);
  free_case(&c);
}

/* --- where training begins --- */

static void test_begin(void **state) {
  (void)state;
  static double other[CASE_NUMBERS];
  for (int activation = 0; activation < 3; activation++) {
    sy_net *net = plain_net((sy_activation)activation, SY_NORM_NONE, 0, PLAIN);
    for (size_t l = 0; l < 2; l++) {
      const sy_net_layer *layer = &net->layers[l];
      double inputs = (double)layer->inputs, units = (double)layer->units, squares = 0;
      bool he = l == 0 && activation != SY_ACTIVATION_TANH;
      double variance = he ? 2 / inputs : 2 / (inputs + units);
      for (size_t i = 0; i < layer->inputs; i++)
        for (size_t u = 0; u < layer->units; u++)
          squares += pow(parameters[layer->weights + i * layer->stride + u], 2);
      double n = inputs * units; /* the square of a uniform number varies by 4 / 5 of its mean^2 */
      assert_true(fabs(squares / n / variance - 1) < 5 * sqrt(0.8 / n));
    }
    for (size_t k = 0; k < c.shape.n_outputs; k++)
      assert_true(parameters[net->layers[1].biases + k] == c.output_biases[k]);
    sy_net_begin(net, 3, 1, c.output_biases, other);
    assert_true(other[net->layers[0].weights] != parameters[net->layers[0].weights]);
    sy_net_free(net);
    free_case(&c);
  }
}

/* Weights and embeddings decay, and nothing else does. */
static void test_decaying(void **state) {
  (void)state;
  make_case(&c, 3, PLAIN);
  c.shape.norm = SY_NORM_LAYER;
  sy_net *net = make_net(&c, SY_F32);
  size_t n, covered = 0, wanted_numbers = 0;
  const sy_net_range *ranges = sy_net_decaying(net, &n);
  assert_int_equal(n, c.shape.n_embeddings + c.shape.n_hidden + 1);
  for (size_t r = 0; r < n; r++) {
    assert_true(ranges[r].first + ranges[r].n <= sy_net_n_trained(net));
    covered += ranges[r].n;
    for (size_t l = 0; l < net->n_layers; l++)
      assert_true(net->layers[l].biases < ranges[r].first ||
                  net->layers[l].biases >= ranges[r].first + ranges[r].n);
  }
  for (size_t e = 0; e < c.shape.n_embeddings; e++)
    wanted_numbers += c.embeddings[e].n_values * c.embeddings[e].width;
  for (size_t l = 0; l < net->n_layers; l++)
    wanted_numbers += net->layers[l].inputs * net->layers[l].stride;
  assert_int_equal(covered, wanted_numbers);
  sy_net_free(net);
  free_case(&c);
}

/* --- refused --- */

static void test_refused_shapes(void **state) {
  (void)state;
  size_t none = 0, some = 4;
  sy_embedding far = {3, 2, 2}, empty = {0, 0, 2}, twice[2] = {{1, 2, 2}, {1, 2, 2}};
  const sy_network_shape bad[] = {
      {.n_features = 0, .n_outputs = 2},
      {.n_features = 3, .n_outputs = 0},
      {.n_features = 3, .n_outputs = 2, .hidden = &none, .n_hidden = 1},
      {.n_features = 3, .n_outputs = 2, .embeddings = &far, .n_embeddings = 1},
      {.n_features = 3, .n_outputs = 2, .embeddings = &empty, .n_embeddings = 1},
      {.n_features = 3, .n_outputs = 2, .embeddings = twice, .n_embeddings = 2},
      {.n_features = SIZE_MAX / 2, .n_outputs = 2, .hidden = &some, .n_hidden = 1},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    sy_net *net;
    assert_int_equal(sy_net_new(&bad[i], SY_F32, 0, 10, &net, &error), SY_INVALID_SHAPE);
    assert_null(net);
  }
}

/* Each allocation fails once. */
static void test_out_of_memory(void **state) {
  (void)state;
  make_case(&c, 3, PLAIN);
  sy_net *net = NULL;
  size_t failures = 0;
  for (size_t nth = 1;; nth++) {
    sy_memory_fail_nth(nth);
    sy_status status = sy_net_new(&c.shape, SY_F64, 0, 100, &net, &error);
    sy_memory_fail_nth(0);
    if (status == SY_OK) break;
    assert_int_equal(status, SY_OUT_OF_MEMORY);
    assert_null(net);
    failures++;
  }
  assert_true(failures >= 7);
  sy_net_free(net);
  sy_net_free(NULL);
  free_case(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_predictor_is_the_same),
      cmocka_unit_test(test_logits_by_hand),
      cmocka_unit_test(test_wide_layers),
      cmocka_unit_test(test_running_statistics),
      cmocka_unit_test(test_absent_rows),
      cmocka_unit_test(test_outcomes_add_up),
      cmocka_unit_test(test_class_not_learnt),
      cmocka_unit_test(test_out_of_range),
      cmocka_unit_test(test_dropout),
      cmocka_unit_test(test_begin),
      cmocka_unit_test(test_decaying),
      cmocka_unit_test(test_refused_shapes),
      cmocka_unit_test(test_out_of_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
