/* test_fit_boosted.c: what growing trees does, seen from outside: it learns, begins at the log of
 * the classes' shares, keeps the best round, tells how it went, and stops when asked. */
#include "boosted_calls.h"

#include <steelyard/steelyard.h>

#include "base/memory.h"

/* Logits (n, K) of all rows of the data. */
static double *logits_of(const sy_predictor *predictor, const sy_training_data *data) {
  double *logits = calloc(data->rows.rows * data->n_outputs, sizeof *logits);
  assert_non_null(logits);
  assert_int_equal(sy_predictor_logits(predictor, data->rows, logits, NULL), SY_OK);
  return logits;
}

static double accuracy_on(const sy_predictor *predictor, const sy_training_data *data) {
  double *logits = logits_of(predictor, data);
  size_t right = 0, k = data->n_outputs;
  for (size_t i = 0; i < data->rows.rows; i++) {
    size_t best = 0;
    for (size_t c = 1; c < k; c++)
      if (logits[i * k + c] > logits[i * k + best]) best = c;
    right += best == (size_t)data->ids[i];
  }
  free(logits);
  return (double)right / (double)data->rows.rows;
}

/* Weighted mean cross-entropy of the rows that are held back, or of the others. */
static double loss_on(const sy_predictor *predictor, const sy_training_data *data, bool held) {
  double *logits = logits_of(predictor, data), loss = 0, sum = 0;
  size_t k = data->n_outputs;
  for (size_t i = 0; i < data->rows.rows; i++) {
    if ((data->held && data->held[i]) != held) continue;
    double weight = data->row_weights ? data->row_weights[i] : 1, total = 0;
    if (data->class_weights) weight *= data->class_weights[data->ids[i]];
    for (size_t c = 0; c < k; c++) total += exp(logits[i * k + c]);
    loss += weight * (log(total) - logits[i * k + (size_t)data->ids[i]]);
    sum += weight;
  }
  free(logits);
  return loss / sum;
}

static void test_learns(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes < 4; n_classes++) {
    forest_world world = new_forest_world(2000, n_classes, 1);
    forest_world unseen = new_forest_world(2000, n_classes, 2);
    sy_training_data data = forest_data(&world), other = forest_data(&unseen);
    sy_boosted_options options = few_rounds(40);
    sy_predictor *made = grow(&data, &options, NULL);
    assert_string_equal(sy_predictor_family(made), "boosted");
    assert_true(accuracy_on(made, &other) > 0.72);
    assert_true(accuracy_on(made, &data) > 0.85);
    sy_predictor_free(made);
    free_forest_world(&world);
    free_forest_world(&unseen);
  }
}

/* A single leaf adds nothing where it begins at the classes' weighted shares. */
static void test_begins_at_shares(void **state) {
  (void)state;
  forest_world world = new_forest_world(300, 3, 3);
  double classes[] = {1, 2.5, 4}, sums[3] = {0};
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(1);
  options.gamma = 1e6;
  data.row_weights = world.weights;
  data.class_weights = classes;
  for (size_t i = 0; i < world.n; i++) sums[world.ids[i]] += world.weights[i];
  sy_predictor *made = grow(&data, &options, NULL);
  const sy_forest *forest = sy_predictor_forest(made);
  assert_int_equal(forest->n_trees, 3);
  assert_int_equal(forest->n_nodes, 3);
  double total = sums[0] * classes[0] + sums[1] * classes[1] + sums[2] * classes[2];
  for (size_t k = 0; k < 3; k++) {
    assert_true(fabs(forest->base[k] - log(sums[k] * classes[k] / total)) < 1e-12);
    assert_true(fabs((double)forest->nodes[k].value) < 1e-6);
  }
  sy_predictor_free(made);
  free_forest_world(&world);
}

/* Of two classes a loss that transforms their logits differently begins where it is least, too. */
static void test_begins_at_shares_transformed(void **state) {
  (void)state;
  forest_world world = new_forest_world(300, 2, 3);
  double counts[2] = {0}, slopes[] = {0.5, 2}, offsets[] = {0.3, -0.4};
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(1);
  sy_loss_options loss = sy_loss_options_default(2);
  loss.slopes = slopes;
  loss.offsets = offsets;
  options.loss = &loss;
  options.gamma = 1e6;
  for (size_t i = 0; i < world.n; i++) counts[world.ids[i]]++;
  sy_predictor *made = grow(&data, &options, NULL);
  const sy_forest *forest = sy_predictor_forest(made);
  assert_true(fabs(2 * forest->base[0] - 0.4 - 0.3 - log(counts[1] / counts[0])) < 1e-12);
  assert_true(fabs((double)forest->nodes[0].value) < 1e-6);
  sy_predictor_free(made);
  free_forest_world(&world);
}

/* --- what is told --- */

static void test_losses_told(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes < 4; n_classes++) {
    forest_world world = new_forest_world(600, n_classes, 5);
    double classes[] = {1, 3, 0.5};
    sy_training_data data = forest_data(&world);
    sy_boosted_options options = few_rounds(7);
    sy_training_result result;
    data.held = world.held;
    data.row_weights = world.weights;
    data.class_weights = classes;
    sy_predictor *made = grow(&data, &options, &result);
    assert_int_equal(result.epochs, 7);
    assert_int_equal(result.n_curve, 7);
    assert_int_equal(result.steps, n_classes == 2 ? 7 : 21);
    assert_true(fabs(result.loss - loss_on(made, &data, false)) < 1e-5);
    assert_true(fabs(result.held_loss - loss_on(made, &data, true)) < 1e-5);
    assert_true(result.held_loss == result.curve[result.best_epoch - 1].held_loss);
    for (size_t e = 1; e < result.n_curve; e++)
      assert_true(result.curve[e].loss < result.curve[e - 1].loss);
    assert_true(result.trouble[0] == 0 && !result.stopped_early);
    sy_training_result_clear(&result);
    sy_predictor_free(made);
    free_forest_world(&world);
  }
}

/* --- the best round --- */

static void test_keeps_best(void **state) {
  (void)state;
  forest_world world = new_forest_world(400, 2, 7);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(500);
  sy_training_result result;
  options.early_stopping_rounds = 5;
  data.held = world.held;
  sy_predictor *made = grow(&data, &options, &result);
  assert_true(result.stopped_early);
  assert_int_equal(result.epochs, result.best_epoch + 5);
  for (size_t e = 0; e < result.n_curve; e++)
    assert_true(result.curve[e].held_loss >= result.held_loss);
  assert_int_equal(sy_predictor_forest(made)->n_trees, result.best_epoch);
  sy_boosted_options fewer = options;
  fewer.rounds = result.best_epoch;
  sy_predictor *again = grow(&data, &fewer, NULL);
  check_same_bits(made, again);
  sy_predictor_free(again);
  options.stop_after = 3;
  again = grow(&data, &options, NULL);
  assert_int_equal(sy_predictor_forest(again)->n_trees, 3);
  sy_predictor_free(again);
  sy_predictor_free(made);
  sy_training_result_clear(&result);
  free_forest_world(&world);
}

/* --- classes --- */

static void test_class_not_learnt(void **state) {
  (void)state;
  forest_world world = new_forest_world(300, 4, 8);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(5);
  sy_training_result result;
  double classes[] = {1, 0, 1, 1};
  data.class_weights = classes;
  data.held = world.held;
  sy_predictor *made = grow(&data, &options, &result);
  const sy_forest *forest = sy_predictor_forest(made);
  assert_true(isinf(forest->base[1]) && forest->base[1] < 0);
  assert_true(isfinite(result.held_loss));
  for (size_t t = 0; t < forest->n_trees; t++) {
    if (forest->outputs[t] != 1) continue;
    assert_int_equal(forest->nodes[forest->roots[t]].feature, SY_TREE_LEAF);
    assert_true(forest->nodes[forest->roots[t]].value == 0);
  }
  double *logits = logits_of(made, &data);
  for (size_t i = 0; i < world.n; i++) assert_true(isinf(logits[4 * i + 1]));
  free(logits);
  sy_training_result_clear(&result);
  sy_predictor_free(made);
  free_forest_world(&world);
}

/* A column of nothing but missing values is one that says nothing. */
static void test_missing_column(void **state) {
  (void)state;
  forest_world world = new_forest_world(300, 2, 9);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(5);
  for (size_t i = 0; i < world.n; i++) world.f32[i * FOREST_COLUMNS + 5] = NAN;
  sy_predictor *made = grow(&data, &options, NULL);
  const sy_forest *forest = sy_predictor_forest(made);
  for (size_t n = 0; n < forest->n_nodes; n++) assert_int_not_equal(forest->nodes[n].feature, 5);
  sy_predictor_free(made);
  free_forest_world(&world);
}

/* Costs of each row by predicted class, as a matrix of them has it. */
static void test_costs_of_rows(void **state) {
  (void)state;
  forest_world world = new_forest_world(400, 3, 10);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(4);
  sy_loss_options loss = sy_loss_options_default(3);
  static const double cost[] = {0, 1, 5, 2, 0, 1, 20, 4, 0};
  float *row_costs = calloc(world.n * 3, sizeof *row_costs);
  assert_non_null(row_costs);
  for (size_t i = 0; i < world.n; i++)
    for (size_t k = 0; k < 3; k++) row_costs[i * 3 + k] = (float)cost[(size_t)world.ids[i] * 3 + k];
  loss.cost_use = SY_COST_EXPECTED;
  loss.cost = cost;
  options.loss = &loss;
  data.held = world.held;
  sy_predictor *by_matrix = grow(&data, &options, NULL);
  loss.cost = NULL;
  data.row_costs = row_costs;
  sy_predictor *by_rows = grow(&data, &options, NULL);
  check_same_bits(by_matrix, by_rows);
  sy_predictor_free(by_matrix);
  sy_predictor_free(by_rows);
  free(row_costs);
  free_forest_world(&world);
}

/* Every loss falls over rounds, and no leaf runs away. */
static void test_other_losses(void **state) {
  (void)state;
  static const char *const parts[] = {"focal:gamma=2", "focal:gamma=5", "ldam", "logit-adjustment",
                                      "vs:gamma=0.3,tau=1"};
  for (size_t n_classes = 2; n_classes < 4; n_classes++)
    for (size_t p = 0; p < sizeof parts / sizeof parts[0]; p++) {
      forest_world world = new_forest_world(800, n_classes, 12);
      double counts[3] = {0};
      sy_training_data data = forest_data(&world);
      sy_boosted_options options = few_rounds(20);
      sy_loss_options loss = sy_loss_options_default(n_classes);
      sy_training_result result;
      for (size_t i = 0; i < world.n; i++) counts[world.ids[i]]++;
      loss.counts = counts;
      loss.parts = parts[p];
      options.loss = &loss;
      sy_predictor *made = grow(&data, &options, &result);
      assert_true(result.loss < 0.8 * result.curve[0].loss);
      const sy_forest *forest = sy_predictor_forest(made);
      for (size_t n = 0; n < forest->n_nodes; n++)
        if (forest->nodes[n].feature == SY_TREE_LEAF)
          assert_true(fabs((double)forest->nodes[n].value) <= options.learning_rate / 0.3 + 1e-5);
      sy_training_result_clear(&result);
      sy_predictor_free(made);
      free_forest_world(&world);
    }
}

/* --- who looks on --- */

typedef struct onlooker {
  int epochs, told, stop_at;
  char last[200];
} onlooker;

static void count_epoch(void *context, const sy_epoch *epoch) {
  onlooker *looking = context;
  looking->epochs++;
  assert_int_equal(epoch->epoch, looking->epochs);
}

static bool count_told(void *context, const char *stage, double fraction) {
  onlooker *looking = context;
  assert_true(fraction >= 0 && fraction <= 1);
  snprintf(looking->last, sizeof looking->last, "%s", stage);
  return ++looking->told == looking->stop_at; /* true: stop */
}

static void test_progress(void **state) {
  (void)state;
  forest_world world = new_forest_world(200, 2, 13);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(6);
  onlooker looking = {0};
  sy_training_hooks hooks = {
      .progress = {count_told, &looking}, .epoch = count_epoch, .epoch_context = &looking};
  sy_predictor *made = NULL;
  sy_error error;
  data.held = world.held;
  assert_int_equal(sy_fit_boosted(&data, &options, &hooks, &made, NULL, &error), SY_OK);
  sy_predictor_free(made);
  assert_int_equal(looking.epochs, 6);
  assert_int_equal(looking.told, 7);
  assert_non_null(strstr(looking.last, "round 6, loss "));
  assert_non_null(strstr(looking.last, ", held "));
  looking = (onlooker){.stop_at = 4};
  made = NULL;
  assert_int_equal(sy_fit_boosted(&data, &options, &hooks, &made, NULL, &error), SY_CANCELLED);
  assert_int_equal(looking.epochs, 3);
  assert_null(made);
  free_forest_world(&world);
}

/* --- memory --- */

static void test_memory(void **state) {
  (void)state;
  forest_world world = new_forest_world(200, 3, 14);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(2);
  data.row_weights = world.weights;
  data.held = world.held;
  sy_status status = SY_OUT_OF_MEMORY;
  size_t n = 0;
  sy_threads_set(1);
  while (status != SY_OK) {
    sy_predictor *made = NULL;
    sy_training_result result = {0};
    sy_error error = {0};
    sy_memory_fail_nth(++n);
    status = sy_fit_boosted(&data, &options, NULL, &made, &result, &error);
    size_t left = sy_memory_fail_nth(0);
    if (status == SY_OK) assert_true(left > 0);
    if (status != SY_OK) assert_int_equal(status, SY_OUT_OF_MEMORY);
    if (status != SY_OK) assert_null(made);
    sy_predictor_free(made);
    sy_training_result_clear(&result);
  }
  assert_true(n > 15);
  free_forest_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_learns),
      cmocka_unit_test(test_begins_at_shares),
      cmocka_unit_test(test_begins_at_shares_transformed),
      cmocka_unit_test(test_losses_told),
      cmocka_unit_test(test_keeps_best),
      cmocka_unit_test(test_class_not_learnt),
      cmocka_unit_test(test_missing_column),
      cmocka_unit_test(test_costs_of_rows),
      cmocka_unit_test(test_other_losses),
      cmocka_unit_test(test_progress),
      cmocka_unit_test(test_memory),
  };
  RUN_WITH_XGBOOST(tests);
}
