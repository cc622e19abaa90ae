/* test_fit_network_weights.c: what weights mean to a training: copies, absence, the objective of
 * SEMANTICS.md, and where it begins. */
#include "network_calls.h"

#include "fit/network/order.h"
#include "fit/training.h"

/* All rows in each step. */
static sy_network_options whole_steps(const network_world *world) {
  sy_network_options options = small_options();
  options.batch_size = world->n;
  options.epochs = 10;
  return options;
}

/* --- the objective --- */

/* Plain descent on all rows ends where sy_fit_logistic does. Two vectors that share a penalty are
 * half of their difference each: (l2 / 2) |difference|^2 of one vector is decay = 2 l2 of two. */
static void check_optimum(size_t n_classes, double decay, sy_optimizer optimizer) {
  fit_problem problem = random_problem(3 + n_classes, 150, 3, n_classes);
  sy_training_data data = {.rows = matrix_of(&problem),
                           .ids = problem.ids,
                           .n_outputs = n_classes,
                           .row_weights = problem.weights};
  sy_network_options options = sy_network_options_default();
  options.n_hidden = 0, options.batch_size = 150, options.epochs = 3000;
  options.optimizer = optimizer, options.weight_decay = decay;
  options.learning_rate = optimizer == SY_OPTIMIZER_SGD ? 0.3 : 0.05;
  options.schedule = optimizer == SY_OPTIMIZER_SGD ? SY_SCHEDULE_CONSTANT : SY_SCHEDULE_COSINE;
  sy_training_result result;
  sy_predictor *network = train(&data, &options, &result), *logistic = NULL;
  sy_fit_options fit = sy_fit_options_default();
  fit.l2 = n_classes == 2 ? decay / 2 : decay;
  assert_int_equal(
      sy_fit_logistic(data.rows, data.ids, problem.weights, n_classes, &fit, &logistic, NULL, NULL),
      SY_OK);
  double *ours = calloc(150 * n_classes, sizeof *ours);
  double *right = calloc(150 * n_classes, sizeof *right);
  assert_true(ours && right);
  assert_int_equal(sy_predictor_logits(network, data.rows, ours, NULL), SY_OK);
  assert_int_equal(sy_predictor_logits(logistic, data.rows, right, NULL), SY_OK);
  /* Logits up to what is common to a row. */
  for (size_t i = 0; i < 150 * n_classes; i += n_classes)
    for (size_t k = 1; k < n_classes; k++)
      assert_true(fabs(ours[i + k] - ours[i] - (right[i + k] - right[i])) < 1e-5);
  free(ours);
  free(right);
  sy_predictor_free(network);
  sy_predictor_free(logistic);
  sy_training_result_clear(&result);
  free_problem(&problem);
}

static void test_optimum(void **state) {
  (void)state;
  check_optimum(2, 0, SY_OPTIMIZER_SGD);
  check_optimum(3, 0, SY_OPTIMIZER_SGD);
  check_optimum(3, 0, SY_OPTIMIZER_ADAM);
  check_optimum(2, 0.02, SY_OPTIMIZER_SGD);
  check_optimum(3, 0.02, SY_OPTIMIZER_SGD);
  check_optimum(4, 0.05, SY_OPTIMIZER_ADAM);
}

/* --- copies and absence --- */

/* Every row as often as its weight says, 0 to 3, one after the other. */
static network_world copies_of(const network_world *world) {
  size_t n = 0, at = 0;
  for (size_t i = 0; i < world->n; i++) n += (size_t)world->weights[i];
  network_world made = new_world(n, 2, 0);
  for (size_t i = 0; i < world->n; i++)
    for (size_t c = 0; c < (size_t)world->weights[i]; c++, at++) {
      memcpy(made.f64 + at * WORLD_COLUMNS, world->f64 + i * WORLD_COLUMNS,
             WORLD_COLUMNS * sizeof(double));
      made.ids[at] = world->ids[i];
    }
  return made;
}

static void test_weights_are_copies(void **state) {
  (void)state;
  network_world world = new_world(60, 2, 21);
  for (size_t i = 0; i < world.n; i++) world.weights[i] = (double)(i % 4);
  network_world copies = copies_of(&world);
  sy_training_data weighted = data_of(&world, 2), copied = data_of(&copies, 2);
  use_f64(&weighted, &world);
  use_f64(&copied, &copies);
  weighted.row_weights = world.weights;
  double classes[] = {1, 3};
  weighted.class_weights = copied.class_weights = classes;
  sy_network_options options = whole_steps(&world);
  options.optimizer = SY_OPTIMIZER_SGD, options.learning_rate = 0.1;
  sy_predictor *few = train(&weighted, &options, NULL);
  options.batch_size = copies.n;
  sy_predictor *many = train(&copied, &options, NULL);
  assert_true(network_distance(few, many) < 1e-12);
  sy_predictor_free(few);
  sy_predictor_free(many);
  free_world(&world);
  free_world(&copies);
}

/* Rows of weight 0, ignored ones and those of a class of weight 0 are as if they were not there,
 * whatever numbers they hold. */
static void test_absence(void **state) {
  (void)state;
  enum { N = 120 };
  network_world world = new_world(N, 3, 22), rest = new_world(N, 2, 0);
  sy_training_data data = data_of(&world, 3), left = data_of(&rest, 3);
  double classes[] = {1, 2, 0};
  rest.n = 0;
  for (size_t i = 0; i < N; i++) {
    bool absent = i % 7 == 3 || i % 11 == 4 || world.ids[i] == 2;
    if (i % 7 == 3) world.weights[i] = 0;
    if (i % 11 == 4) world.ids[i] = SY_IGNORED;
    if (!absent) {
      memcpy(rest.f32 + rest.n * WORLD_COLUMNS, world.f32 + i * WORLD_COLUMNS,
             WORLD_COLUMNS * sizeof(float));
      rest.ids[rest.n] = world.ids[i];
      rest.held[rest.n] = world.held[i];
      rest.weights[rest.n++] = world.weights[i];
    }
    if (i % 7 == 3 || i % 11 == 4) world.f32[i * WORLD_COLUMNS + 1] = NAN;
  }
  left.rows.rows = rest.n;
  data.row_weights = world.weights, left.row_weights = rest.weights;
  data.class_weights = left.class_weights = classes;
  data.held = world.held, left.held = rest.held;
  sy_network_options options = small_options();
  sy_training_result all_result, left_result;
  sy_predictor *all = train(&data, &options, &all_result);
  sy_predictor *some = train(&left, &options, &left_result);
  assert_same_training(all, &all_result, some, &left_result);
  size_t n = n_parameters(all);
  assert_true(isinf(sy_predictor_parameters(all)[n - 1])); /* class 2 is not learnt */
  sy_predictor_free(all);
  sy_predictor_free(some);
  sy_training_result_clear(&all_result);
  sy_training_result_clear(&left_result);
  free_world(&world);
  free_world(&rest);
}

/* Constant factors change nothing: powers of two no bit, others what rounding does. */
static void check_factor(double of_rows, double of_classes, bool exact) {
  network_world world = new_world(150, 2, 23);
  sy_training_data data = data_of(&world, 2);
  double classes[] = {1, 3.3}, times[2];
  sy_network_options options = small_options();
  sy_training_result one_result, other_result;
  use_f64(&data, &world);
  data.row_weights = world.weights, data.class_weights = classes, data.held = world.held;
  sy_predictor *one = train(&data, &options, &one_result);
  for (size_t i = 0; i < 150; i++) world.weights[i] *= of_rows;
  for (size_t k = 0; k < 2; k++) times[k] = classes[k] * of_classes;
  data.class_weights = times;
  sy_predictor *other = train(&data, &options, &other_result);
  if (exact)
    assert_same_training(one, &one_result, other, &other_result);
  else
    assert_true(network_distance(one, other) < 1e-10);
  sy_predictor_free(one);
  sy_predictor_free(other);
  sy_training_result_clear(&one_result);
  sy_training_result_clear(&other_result);
  free_world(&world);
}

static void test_factors(void **state) {
  (void)state;
  check_factor(0x1p-40, 8, true);
  check_factor(0x1p1000, 0x1p-300, true);
  check_factor(3, 1, false);
  check_factor(1, 0.7, false);
  check_factor(1e300, 1e300, false);
}

/* Weights of the epochs before classes are weighed do not know the class weights: nor does the
 * length of their steps. */
static void test_mean_of_the_phase(void **state) {
  (void)state;
  network_world world = new_world(100, 2, 24);
  sy_training_data data = data_of(&world, 2);
  double classes[] = {1, 50}, ones = 0, all = 0;
  sy_network_options options = small_options();
  sy_training training;
  data.class_weights = classes, data.row_weights = world.weights;
  options.reweight_from = 3;
  assert_int_equal(sy_training_make(&data, &options, &training, NULL), SY_OK);
  for (size_t i = 0; i < 100; i++) {
    ones += training.weights[i] / 100;
    all += training.weights[i] * training.class_weights[world.ids[i]] / 100;
  }
  assert_true(fabs(training.early.mean_weight / ones - 1) < 1e-14);
  assert_true(fabs(training.late.mean_weight / all - 1) < 1e-14);
  assert_ptr_equal(sy_training_phase(&training, 2), &training.early);
  assert_ptr_equal(sy_training_phase(&training, 3), &training.late);
  sy_training_clear(&training);
  free_world(&world);
}

/* --- balanced sampling --- */

/* What one step works on. */
typedef struct stepper {
  sy_training training;
  sy_net *net;
  double *at, *gradient; /* (n_all) */
} stepper;

static stepper new_stepper(const sy_training_data *data, const sy_network_options *options) {
  stepper made;
  assert_int_equal(sy_training_make(data, options, &made.training, NULL), SY_OK);
  sy_network_shape shape = sy_training_shape(&made.training);
  assert_int_equal(sy_net_new(&shape, SY_F64, 0, data->rows.rows, &made.net, NULL), SY_OK);
  made.at = calloc(sy_net_n_all(made.net), sizeof *made.at);
  made.gradient = calloc(sy_net_n_all(made.net), sizeof *made.gradient);
  assert_true(made.at && made.gradient);
  sy_net_begin(made.net, 1, 0, made.training.output_biases, made.at);
  return made;
}

static void free_stepper(stepper *made) {
  sy_net_free(made->net);
  sy_training_clear(&made->training);
  free(made->at);
  free(made->gradient);
}

/* Gradient of a step on n rows. */
static void find_gradient(stepper *made, const sy_phase *phase, const uint32_t *places, size_t n) {
  sy_net_batch batch = {.data = made->training.data,
                        .places = places,
                        .n = n,
                        .weights = phase->weights,
                        .loss = phase->loss,
                        .divisor = (double)n * phase->mean_weight};
  sy_net_outcome outcome;
  assert_int_equal(sy_net_gradient(made->net, made->at, &batch, made->gradient, &outcome, NULL),
                   SY_OK);
}

/* The mean over many seeds of the gradient of a step by balanced sampling is the gradient of the
 * whole objective with weights n / (K n_k), times row weights. */
static void test_balanced_gradient(void **state) {
  (void)state;
  enum { N = 40, SEEDS = 20000, BATCH = 10, MOST = 256 };
  network_world world = new_world(N, 2, 25);
  for (size_t i = 0; i < N; i++) world.ids[i] = i % 8 == 1;
  sy_training_data data = data_of(&world, 2), weighed = data;
  use_f64(&data, &world);
  use_f64(&weighed, &world);
  data.row_weights = weighed.row_weights = world.weights;
  sy_network_options options = small_options(), plain = options;
  options.balanced_sampling = true;
  double sums[2] = {0}, classes[2], mean[MOST] = {0}, square[MOST] = {0};
  for (size_t i = 0; i < N; i++) sums[world.ids[i]] += world.weights[i];
  for (size_t k = 0; k < 2; k++) classes[k] = (sums[0] + sums[1]) / (2 * sums[k]);
  weighed.class_weights = classes;
  stepper sampled = new_stepper(&data, &options), whole = new_stepper(&weighed, &plain);
  size_t n = sy_net_n_trained(sampled.net);
  assert_true(n <= MOST);
  sy_sampler sampler;
  assert_int_equal(sy_sampler_make(world.ids, 2, sampled.training.places, N,
                                   sampled.training.weights, &sampler, NULL),
                   SY_OK);
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    uint32_t places[BATCH];
    sy_sampler_draw(&sampler, seed, 0, 13, BATCH, places);
    find_gradient(&sampled, &sampled.training.late, places, BATCH);
    for (size_t p = 0; p < n; p++) {
      mean[p] += sampled.gradient[p] / SEEDS;
      square[p] += sampled.gradient[p] * sampled.gradient[p] / SEEDS;
    }
  }
  find_gradient(&whole, &whole.training.late, whole.training.places, N);
  for (size_t p = 0; p < n; p++) {
    double deviation = sqrt(fmax(0, square[p] - mean[p] * mean[p]) / SEEDS);
    assert_true(fabs(mean[p] - whole.gradient[p]) <= 5 * deviation + 1e-12);
  }
  sy_sampler_clear(&sampler);
  free_stepper(&sampled);
  free_stepper(&whole);
  free_world(&world);
}

/* What balanced sampling is judged by, and begins with, are those weights too. */
static void test_balanced_objective(void **state) {
  (void)state;
  network_world world = new_world(100, 3, 26);
  sy_training_data data = data_of(&world, 3), weighed = data;
  double sums[3] = {0}, classes[3];
  sy_network_options options = small_options();
  sy_training_result sampled, right;
  data.held = weighed.held = world.held;
  for (size_t i = 0; i < 100; i++) sums[world.ids[i]] += !world.held[i];
  for (size_t k = 0; k < 3; k++) classes[k] = 80 / (3 * sums[k]);
  weighed.class_weights = classes;
  options.epochs = 1, options.learning_rate = 1e-12; /* stays where it begins */
  sy_predictor_free(train(&weighed, &options, &right));
  options.balanced_sampling = true;
  sy_predictor_free(train(&data, &options, &sampled));
  assert_true(fabs(sampled.loss - right.loss) < 1e-6);
  assert_true(fabs(sampled.held_loss - right.held_loss) < 1e-6);
  sy_training_result_clear(&sampled);
  sy_training_result_clear(&right);
  free_world(&world);
}

/* Before its epoch rows are drawn plainly. */
static void test_deferred_sampling(void **state) {
  (void)state;
  network_world world = new_world(100, 3, 27);
  sy_training_data data = data_of(&world, 3);
  sy_network_options options = small_options();
  sy_training_result plain, deferred;
  sy_predictor_free(train(&data, &options, &plain));
  options.balanced_sampling = true, options.reweight_from = 3;
  sy_predictor_free(train(&data, &options, &deferred));
  assert_true(plain.curve[1].loss == deferred.curve[1].loss);
  assert_true(plain.curve[2].loss != deferred.curve[2].loss);
  sy_training_result_clear(&plain);
  sy_training_result_clear(&deferred);
  free_world(&world);
}

/* --- beginnings --- */

/* Biases of the last layer of a training that hardly moves. */
static void begin_biases(const sy_training_data *data, const sy_network_options *options,
                         double *biases) {
  sy_network_options still = *options;
  still.epochs = 1, still.learning_rate = 1e-14;
  sy_predictor *made = train(data, &still, NULL);
  size_t n = n_parameters(made);
  memcpy(biases, sy_predictor_parameters(made) + n - data->n_outputs,
         data->n_outputs * sizeof *biases);
  sy_predictor_free(made);
}

static void test_class_biases(void **state) {
  (void)state;
  network_world world = new_world(200, 4, 28);
  sy_training_data data = data_of(&world, 5);
  double classes[] = {1, 2, 3, 4, 5}, sums[5] = {0}, total = 0, biases[5];
  sy_network_options options = small_options();
  sy_loss_options loss = sy_loss_options_default(5);
  use_f64(&data, &world);
  data.class_weights = classes, data.row_weights = world.weights;
  for (size_t i = 0; i < 200; i++) sums[world.ids[i]] += world.weights[i];
  for (size_t k = 0; k < 5; k++) total += sums[k] * classes[k];
  begin_biases(&data, &options, biases);
  for (size_t k = 0; k < 4; k++)
    assert_true(fabs(biases[k] - log(sums[k] * classes[k] / total)) < 1e-10);
  assert_true(isinf(biases[4]) && biases[4] < 0); /* no row is of class 4 */
  double offsets[] = {0.5, -1, 0, 2, 0};
  loss.offsets = offsets, loss.scale = 2, options.loss = &loss;
  begin_biases(&data, &options, biases);
  for (size_t k = 0; k < 4; k++)
    assert_true(fabs(2 * (biases[k] + offsets[k]) - log(sums[k] * classes[k] / total)) < 1e-10);
  options.loss = NULL, options.balanced_sampling = true, data.class_weights = NULL;
  begin_biases(&data, &options, biases);
  for (size_t k = 0; k < 4; k++) assert_true(fabs(biases[k] - log(0.25)) < 1e-10);
  free_world(&world);
}

/* --- several labels a row --- */

enum { LABELS = 4 };

/* The world's two signs, one of both, one that is never there. */
static float *labels_of(const network_world *world) {
  float *labels = calloc(world->n * LABELS, sizeof *labels);
  assert_non_null(labels);
  for (size_t i = 0; i < world->n; i++) {
    const float *row = world->f32 + i * WORLD_COLUMNS;
    labels[i * LABELS] = row[0] > 0.4f;
    labels[i * LABELS + 1] = row[1] > 0;
    labels[i * LABELS + 2] = (row[0] > 0) != (row[1] > 0);
  }
  return labels;
}

static void test_label_biases(void **state) {
  (void)state;
  network_world world = new_world(200, 2, 29);
  float *labels = labels_of(&world);
  sy_training_data data = data_of(&world, LABELS);
  double pairs[2 * LABELS] = {1, 1, 1, 3, 2, 1, 1, 1}, biases[LABELS];
  sy_network_options options = small_options();
  use_f64(&data, &world);
  data.ids = NULL, data.labels = labels, data.class_weights = pairs;
  data.row_weights = world.weights;
  begin_biases(&data, &options, biases);
  for (size_t l = 0; l < LABELS; l++) {
    double absent = 0, present = 0;
    for (size_t i = 0; i < 200; i++) {
      present += world.weights[i] * (double)labels[i * LABELS + l] * pairs[2 * l + 1];
      absent += world.weights[i] * (1 - (double)labels[i * LABELS + l]) * pairs[2 * l];
    }
    if (l == 3) present = absent / 200 / 2; /* as if half a row had it */
    assert_true(fabs(biases[l] - log(present / absent)) < 1e-10);
  }
  free(labels);
  free_world(&world);
}

static void test_labels_are_learnt(void **state) {
  (void)state;
  network_world world = new_world(1000, 2, 30);
  float *labels = labels_of(&world);
  sy_training_data data = data_of(&world, LABELS);
  sy_network_options options = small_options();
  sy_training_result result;
  data.ids = NULL, data.labels = labels, data.held = world.held;
  options.epochs = 80;
  sy_predictor *made = train(&data, &options, &result);
  double *logits = calloc(1000 * LABELS, sizeof *logits);
  size_t wrong = 0;
  assert_non_null(logits);
  assert_int_equal(sy_predictor_logits(made, data.rows, logits, NULL), SY_OK);
  for (size_t c = 0; c < 1000 * LABELS; c++) wrong += (logits[c] > 0) != (labels[c] > 0.5f);
  assert_true(wrong < 100);
  assert_true(result.curve[result.best_epoch - 1].held_accuracy > 0.95);
  free(logits);
  free(labels);
  sy_predictor_free(made);
  sy_training_result_clear(&result);
  free_world(&world);
}

/* The mean weight of a row is that of the library's losses: over all its labels. */
static void test_label_weights(void **state) {
  (void)state;
  network_world world = new_world(100, 2, 31);
  float *labels = labels_of(&world);
  sy_training_data data = data_of(&world, LABELS);
  double pairs[2 * LABELS] = {1, 1, 1, 3, 2, 0, 0.5, 1};
  sy_network_options options = small_options();
  use_f64(&data, &world);
  data.ids = NULL, data.labels = labels, data.class_weights = pairs;
  data.row_weights = world.weights;
  stepper made = new_stepper(&data, &options);
  sy_net_batch batch = {.data = &data,
                        .places = made.training.places,
                        .n = 100,
                        .weights = made.training.objective.weights,
                        .loss = made.training.objective.loss,
                        .divisor = 1};
  sy_net_outcome outcome;
  assert_int_equal(sy_net_evaluate(made.net, made.at, &batch, NULL, &outcome, NULL), SY_OK);
  assert_true(fabs(outcome.weight / (100 * made.training.objective.mean_weight) - 1) < 1e-12);
  free_stepper(&made);
  free(labels);
  free_world(&world);
}

int main(void) {
  sy_threads_set(1); /* these fits are too small to share */
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_optimum),
                                     cmocka_unit_test(test_weights_are_copies),
                                     cmocka_unit_test(test_absence),
                                     cmocka_unit_test(test_factors),
                                     cmocka_unit_test(test_mean_of_the_phase),
                                     cmocka_unit_test(test_balanced_gradient),
                                     cmocka_unit_test(test_balanced_objective),
                                     cmocka_unit_test(test_deferred_sampling),
                                     cmocka_unit_test(test_class_biases),
                                     cmocka_unit_test(test_label_biases),
                                     cmocka_unit_test(test_labels_are_learnt),
                                     cmocka_unit_test(test_label_weights)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
