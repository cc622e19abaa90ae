/* test_fit_network.c: what training does, seen from outside: it learns, keeps the best epoch,
 * averages restarts, and tells how it went. */
#include <stdio.h>

#include "network_calls.h"

/* Share of rows whose class is the largest logit's. */
static double accuracy_on(const sy_predictor *predictor, const network_world *world,
                          size_t n_classes) {
  sy_matrix rows = {world->f32, SY_F32, world->n, WORLD_COLUMNS, WORLD_COLUMNS};
  double *logits = calloc(world->n * n_classes, sizeof *logits);
  size_t right = 0;
  assert_non_null(logits);
  assert_int_equal(sy_predictor_logits(predictor, rows, logits, NULL), SY_OK);
  for (size_t i = 0; i < world->n; i++) {
    size_t best = 0;
    for (size_t k = 1; k < n_classes; k++)
      if (logits[i * n_classes + k] > logits[i * n_classes + best]) best = k;
    right += best == (size_t)world->ids[i];
  }
  free(logits);
  return (double)right / (double)world->n;
}

/* No linear model is right for more than about half of these rows. */
static void test_learns(void **state) {
  (void)state;
  network_world world = new_world(1000, 2, 1), unseen = new_world(1000, 2, 2);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  options.epochs = 60;
  const sy_optimizer optimizers[] = {SY_OPTIMIZER_ADAM, SY_OPTIMIZER_ADAMW, SY_OPTIMIZER_SGD};
  const sy_activation activations[] = {SY_ACTIVATION_RELU, SY_ACTIVATION_GELU, SY_ACTIVATION_TANH};
  for (size_t o = 0; o < 3; o++) {
    options.optimizer = optimizers[o], options.activation = activations[o];
    options.learning_rate = optimizers[o] == SY_OPTIMIZER_SGD ? 0.1 : 0.01;
    sy_predictor *made = train(&data, &options, NULL);
    assert_true(accuracy_on(made, &unseen, 2) > 0.95);
    sy_predictor_free(made);
  }
  free_world(&world);
  free_world(&unseen);
}

/* --- what is told --- */

/* Weighted mean loss of logits, by the library's losses. */
static double mean_loss(const sy_predictor *predictor, const sy_training_data *data, bool held,
                        const double *class_weights) {
  size_t n = data->rows.rows, n_classes = data->n_outputs, shape[] = {n, n_classes};
  double *logits = calloc(n * n_classes, sizeof *logits), *weights = calloc(n, sizeof *weights);
  assert_true(logits && weights);
  assert_int_equal(sy_predictor_logits(predictor, data->rows, logits, NULL), SY_OK);
  for (size_t i = 0; i < n; i++) {
    bool counts = (data->held && data->held[i]) == held;
    weights[i] = counts ? (data->row_weights ? data->row_weights[i] : 1) : 0;
  }
  sy_loss_options options = sy_loss_options_default(n_classes);
  options.class_weights = class_weights;
  sy_loss *loss;
  assert_int_equal(sy_loss_new(&options, &loss, NULL), SY_OK);
  sy_loss_batch batch = {
      .logits = sy_array_of(logits, SY_F64, 2, shape),
      .class_axis = 1,
      .labels = {.kind = SY_LABEL_INDEX, .values = sy_array_of(data->ids, SY_I32, 1, shape)}};
  sy_array row_weights = sy_array_of(weights, SY_F64, 1, shape);
  batch.labels.row_weights = &row_weights;
  sy_loss_result result = {0};
  assert_int_equal(sy_loss_evaluate(loss, &batch, &result, NULL), SY_OK);
  sy_loss_free(loss);
  free(logits);
  free(weights);
  return result.value;
}

static void test_losses_told(void **state) {
  (void)state;
  network_world world = new_world(300, 3, 3);
  sy_training_data data = data_of(&world, 3);
  double classes[] = {1, 0.5, 4};
  sy_network_options options = small_options();
  sy_training_result result;
  use_f64(&data, &world);
  data.held = world.held, data.row_weights = world.weights, data.class_weights = classes;
  sy_predictor *made = train(&data, &options, &result);
  assert_true(fabs(result.loss - mean_loss(made, &data, false, classes)) < 1e-12);
  assert_true(fabs(result.held_loss - mean_loss(made, &data, true, classes)) < 1e-12);
  assert_int_equal(result.n_curve, 4);
  assert_true(result.curve[result.best_epoch - 1].held_loss == result.held_loss);
  sy_predictor_free(made);
  sy_training_result_clear(&result);
  data.held = NULL;
  made = train(&data, &options, &result);
  assert_true(isnan(result.held_loss) && isnan(result.curve[3].held_loss));
  assert_true(isnan(result.curve[3].held_accuracy) && result.curve[3].best);
  assert_int_equal(result.best_epoch, 4);
  assert_int_equal(result.steps, 4 * 19); /* 300 rows, 16 a step */
  sy_predictor_free(made);
  sy_training_result_clear(&result);
  free_world(&world);
}

/* Balanced accuracy of the last epoch against recalls counted here. */
static void test_accuracy_told(void **state) {
  (void)state;
  network_world world = new_world(300, 2, 4);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  sy_training_result result;
  double logits[600], hits[2] = {0}, sums[2] = {0};
  data.held = world.held, data.row_weights = world.weights;
  options.epochs = 1;
  sy_predictor *made = train(&data, &options, &result);
  assert_int_equal(sy_predictor_logits(made, data.rows, logits, NULL), SY_OK);
  for (size_t i = 4; i < 300; i += 5) {
    int32_t said = logits[2 * i + 1] > logits[2 * i], k = world.ids[i];
    sums[k] += world.weights[i];
    hits[k] += said == k ? world.weights[i] : 0;
  }
  double wanted = (hits[0] / sums[0] + hits[1] / sums[1]) / 2;
  assert_true(fabs(result.curve[0].held_accuracy - wanted) < 1e-12);
  sy_predictor_free(made);
  sy_training_result_clear(&result);
  free_world(&world);
}

/* With all rows in each step, an epoch's loss is that of the parameters before it. */
static void test_epoch_loss(void **state) {
  (void)state;
  network_world world = new_world(200, 2, 5);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  sy_training_result result, shorter;
  use_f64(&data, &world);
  data.row_weights = world.weights;
  options.batch_size = 200;
  sy_predictor *made = train(&data, &options, &result);
  sy_predictor_free(made);
  options.stop_after = 3;
  made = train(&data, &options, &shorter);
  assert_int_equal(shorter.epochs, 3);
  assert_true(fabs(result.curve[3].loss - shorter.loss) < 1e-12);
  sy_predictor_free(made);
  sy_training_result_clear(&result);
  sy_training_result_clear(&shorter);
  free_world(&world);
}

/* --- early stopping --- */

/* Rows whose classes are noise: what is learnt of them is wrong for others. */
static network_world noisy_world(size_t n, uint64_t seed) {
  network_world world = new_world(n, 2, seed);
  for (size_t i = 0; i < n; i++) world.ids[i] = uniform(&seed) < 0.5;
  return world;
}

static void test_stops_early(void **state) {
  (void)state;
  network_world world = noisy_world(150, 8);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  sy_training_result result, again;
  data.held = world.held;
  options.epochs = 300, options.patience = 6;
  sy_predictor *made = train(&data, &options, &result), *same;
  assert_true(result.stopped_early);
  assert_int_equal(result.epochs, result.best_epoch + 6);
  assert_int_equal(result.n_curve, result.epochs);
  double lowest = INFINITY;
  for (size_t e = 0; e < result.n_curve; e++) {
    assert_int_equal(result.curve[e].best, result.curve[e].held_loss < lowest);
    lowest = fmin(lowest, result.curve[e].held_loss);
  }
  /* What was kept is what ending there gives. */
  options.stop_after = result.best_epoch;
  same = train(&data, &options, &again);
  assert_true(network_distance(made, same) == 0);
  assert_false(again.stopped_early);
  assert_int_equal(again.epochs, result.best_epoch);
  sy_predictor_free(made);
  sy_predictor_free(same);
  sy_training_result_clear(&result);
  sy_training_result_clear(&again);
  free_world(&world);
}

static void test_without_patience(void **state) {
  (void)state;
  network_world world = noisy_world(150, 8);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  sy_training_result result;
  data.held = world.held;
  options.epochs = 60, options.patience = 0;
  sy_predictor *made = train(&data, &options, &result);
  assert_false(result.stopped_early);
  assert_int_equal(result.epochs, 60);
  assert_true(result.best_epoch < 60);
  sy_predictor_free(made);
  sy_training_result_clear(&result);
  free_world(&world);
}

/* What rows held back hold changes no step, only which epoch is best. */
static void test_held_rows_are_not_trained_on(void **state) {
  (void)state;
  network_world world = new_world(200, 2, 9);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  sy_training_result result, other;
  data.held = world.held;
  sy_predictor_free(train(&data, &options, &result));
  for (size_t i = 4; i < 200; i += 5) {
    world.ids[i] = !world.ids[i];
    world.f32[i * WORLD_COLUMNS] = 0.5f;
  }
  sy_predictor_free(train(&data, &options, &other));
  for (size_t e = 0; e < 4; e++) {
    assert_true(result.curve[e].loss == other.curve[e].loss);
    assert_true(result.curve[e].held_loss != other.curve[e].held_loss);
  }
  sy_training_result_clear(&result);
  sy_training_result_clear(&other);
  free_world(&world);
}

/* --- restarts and seeds --- */

static void test_restarts(void **state) {
  (void)state;
  network_world world = new_world(200, 2, 10);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  sy_training_result one_result, result;
  data.held = world.held;
  sy_predictor *one = train(&data, &options, &one_result);
  options.restarts = 3;
  sy_predictor *three = train(&data, &options, &result);
  assert_int_equal(sy_predictor_n_members(three), 3);
  size_t n = n_parameters(one);
  const double *members = sy_predictor_parameters(three);
  assert_memory_equal(members, sy_predictor_parameters(one), n * sizeof(double));
  assert_memory_not_equal(members, members + n, n * sizeof(double));
  assert_int_equal(result.n_curve, 12);
  assert_int_equal(result.steps, 3 * one_result.steps);
  double held = 0;
  for (int r = 0; r < 3; r++) {
    assert_int_equal(result.curve[4 * r].restart, r + 1);
    double best = INFINITY;
    for (int e = 0; e < 4; e++) best = fmin(best, result.curve[4 * r + e].held_loss);
    held += best / 3;
  }
  assert_true(fabs(result.held_loss - held) < 1e-15);
  sy_predictor_free(one);
  sy_predictor_free(three);
  sy_training_result_clear(&one_result);
  sy_training_result_clear(&result);
  free_world(&world);
}

static void test_seeds(void **state) {
  (void)state;
  network_world world = new_world(200, 2, 10);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  sy_predictor *first = train(&data, &options, NULL), *same = train(&data, &options, NULL);
  options.seed = 1;
  sy_predictor *other = train(&data, &options, NULL);
  assert_true(network_distance(first, same) == 0);
  assert_true(network_distance(first, other) > 0.01);
  sy_predictor_free(first);
  sy_predictor_free(same);
  sy_predictor_free(other);
  free_world(&world);
}

/* --- deferred re-weighting --- */

static void test_reweight(void **state) {
  (void)state;
  network_world world = noisy_world(200, 11);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  double classes[] = {1, 8};
  sy_training_result plain, deferred;
  data.held = world.held;
  options.epochs = 30, options.patience = 5;
  options.stop_after = 20;
  sy_predictor_free(train(&data, &options, &plain));
  options.stop_after = 0, options.reweight_from = 20;
  data.class_weights = classes;
  sy_predictor_free(train(&data, &options, &deferred));
  /* Noise is soon learnt, yet nothing ends before the weights begin. */
  assert_true(plain.stopped_early && plain.epochs < 20);
  assert_true(deferred.epochs >= 25 && deferred.best_epoch >= 20);
  for (size_t e = 0; e < plain.n_curve; e++)
    assert_true(plain.curve[e].loss == deferred.curve[e].loss);
  assert_true(deferred.curve[19].best);
  sy_training_result_clear(&plain);
  sy_training_result_clear(&deferred);
  free_world(&world);
}

/* --- trouble --- */

static void test_trouble_at_once(void **state) {
  (void)state;
  network_world world = new_world(200, 2, 12);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  options.optimizer = SY_OPTIMIZER_SGD, options.learning_rate = 1e30;
  assert_refused(&data, &options, NULL, SY_NUMERIC_FAILURE,
                 "of epoch 1 (learning rate 1e+30): a lower learning rate, or clipping the "
                 "gradient, would help");
  for (size_t j = 0; j < 200 * WORLD_COLUMNS; j++) world.f32[j] *= 3.3e38f;
  assert_refused(&data, &options, NULL, SY_NUMERIC_FAILURE,
                 "the loss is infinite before the first step: the numbers in the rows are too "
                 "large");
  free_world(&world);
}

/* The rate rises until it is too much for float32: the best epoch before that is kept. */
static void test_trouble_later(void **state) {
  (void)state;
  network_world world = new_world(200, 2, 13);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  sy_training_result result, before;
  data.held = world.held;
  options.n_hidden = 0, options.optimizer = SY_OPTIMIZER_SGD, options.momentum = 0;
  options.learning_rate = 4e38, options.epochs = 40, options.warm_up = 40, options.patience = 0;
  sy_predictor *made = train(&data, &options, &result), *same;
  char words[64];
  snprintf(words, sizeof words, "of epoch %d (learning rate ", result.epochs + 1);
  assert_true(result.epochs > 1 && result.epochs < 40);
  assert_int_equal(result.n_curve, result.epochs);
  assert_int_equal(strncmp(result.trouble, "the loss became infinite at step ", 33), 0);
  assert_non_null(strstr(result.trouble, words));
  options.stop_after = result.best_epoch;
  same = train(&data, &options, &before);
  assert_string_equal(before.trouble, "");
  assert_true(network_distance(made, same) == 0);
  sy_predictor_free(made);
  sy_predictor_free(same);
  sy_training_result_clear(&result);
  sy_training_result_clear(&before);
  free_world(&world);
}

/* --- who looks on --- */

typedef struct watcher {
  size_t calls, cancel_at, epochs;
  double last;
  char stage[200];
} watcher;

static bool watch(void *context, const char *stage, double fraction) {
  watcher *seen = context;
  assert_true(fraction >= seen->last && fraction <= 1);
  seen->last = fraction;
  strncpy(seen->stage, stage, sizeof seen->stage - 1);
  return ++seen->calls == seen->cancel_at;
}

static void see_epoch(void *context, const sy_epoch *epoch) {
  watcher *seen = context;
  seen->epochs++;
  assert_int_equal(epoch->epoch, seen->epochs);
  assert_true(epoch->seconds > 0 && epoch->rows_per_second > 0 && epoch->seconds_left >= 0);
}

static void test_watched(void **state) {
  (void)state;
  network_world world = new_world(200, 2, 14);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  watcher seen = {0};
  sy_training_hooks hooks = {
      .progress = {watch, &seen}, .epoch = see_epoch, .epoch_context = &seen};
  data.held = world.held;
  sy_training_result result;
  sy_predictor_free(train_watched(&data, &options, &hooks, &result));
  assert_int_equal(seen.epochs, 4);
  assert_true(seen.last == 1);
  assert_non_null(strstr(seen.stage, "epoch 4, loss 0."));
  assert_non_null(strstr(seen.stage, ", held 0."));
  assert_non_null(strstr(seen.stage, " (balanced acc. 0."));
  assert_non_null(strstr(seen.stage, " rows/s"));
  assert_true(result.curve[3].seconds_left == 0);
  size_t all = seen.calls;
  for (size_t at = 1; at <= all && at <= 5; at++) {
    seen = (watcher){.cancel_at = at};
    hooks.epoch = NULL;
    assert_refused(&data, &options, &hooks, SY_CANCELLED, "interrupted");
    assert_int_equal(seen.calls, at);
  }
  sy_training_result_clear(&result);
  free_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_learns),
                                     cmocka_unit_test(test_losses_told),
                                     cmocka_unit_test(test_accuracy_told),
                                     cmocka_unit_test(test_epoch_loss),
                                     cmocka_unit_test(test_stops_early),
                                     cmocka_unit_test(test_without_patience),
                                     cmocka_unit_test(test_held_rows_are_not_trained_on),
                                     cmocka_unit_test(test_restarts),
                                     cmocka_unit_test(test_seeds),
                                     cmocka_unit_test(test_reweight),
                                     cmocka_unit_test(test_trouble_at_once),
                                     cmocka_unit_test(test_trouble_later),
                                     cmocka_unit_test(test_watched)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
