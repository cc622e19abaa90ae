/* test_fit_boosted_peer.c: the trees are those that XGBoost grows by itself, by its own objectives,
 * where it begins at the same logits and is given the same weights. */
#include "boosted_calls.h"

#include "fit/boosted/booster.h"
#include "fit/boosted/xgboost_library.h"

#ifdef SY_XGBOOST

/* What XGBoost is given beside the rows. */
typedef struct peer {
  const sy_xgboost_library *xgboost;
  DMatrixHandle rows;
  BoosterHandle booster;
} peer;

static void must(const peer *p, int failed) {
  if (failed) fail_msg("%s", p->xgboost->XGBGetLastError());
}

static void give_numbers(const peer *p, const char *what, const float *numbers, size_t n) {
  must(p, p->xgboost->XGDMatrixSetFloatInfo(p->rows, what, numbers, n));
}

static void give_rows(peer *p, const forest_world *world) {
  char array[256];
  snprintf(array, sizeof array,
           "{\"data\": [%zu, true], \"shape\": [%zu, %d], \"typestr\": \"<f4\", \"version\": 3}",
           (size_t)(uintptr_t)world->f32, world->n, FOREST_COLUMNS);
  must(p,
       p->xgboost->XGDMatrixCreateFromDense(array, "{\"missing\": NaN, \"nthread\": 1}", &p->rows));
}

/* Labels, class weights of mean 1 (and row weights, where their mean is less), our beginnings. */
static void give_targets(const peer *p, const forest_world *world, const double *row_weights,
                         const double *class_weights, const sy_forest *ours) {
  size_t n = world->n, outputs = ours->n_outputs;
  float *labels = calloc(n, sizeof *labels), *weights = calloc(n, sizeof *weights);
  float *margins = calloc(n * outputs, sizeof *margins);
  double sum = 0, rows = 0;
  assert_true(labels && weights && margins);
  for (int walk = 0; walk < 2; walk++)
    for (size_t i = 0; i < n; i++) {
      double row = row_weights ? row_weights[i] : 1;
      double weight = row * (class_weights ? class_weights[world->ids[i]] : 1);
      if (walk == 0) sum += weight;
      if (walk == 0) rows += row;
      weights[i] = (float)(weight / sum * fmax(rows, (double)n));
      labels[i] = (float)world->ids[i];
      for (size_t o = 0; o < outputs; o++) margins[i * outputs + o] = (float)ours->base[o];
    }
  give_numbers(p, "label", labels, n);
  give_numbers(p, "weight", weights, n);
  give_numbers(p, "base_margin", margins, n * outputs);
  free(labels);
  free(weights);
  free(margins);
}

static void set(const peer *p, const char *name, const char *value) {
  must(p, p->xgboost->XGBoosterSetParam(p->booster, name, value));
}

static void set_options(const peer *p, size_t n_classes, const sy_boosted_options *options) {
  char text[32];
  set(p, "nthread", "1");
  set(p, "verbosity", "0");
  set(p, "tree_method", "hist");
  set(p, "objective", n_classes == 2 ? "binary:logistic" : "multi:softprob");
  snprintf(text, sizeof text, "%zu", n_classes);
  if (n_classes > 2) set(p, "num_class", text);
  snprintf(text, sizeof text, "%d", options->max_depth);
  set(p, "max_depth", text);
  snprintf(text, sizeof text, "%g", options->learning_rate);
  set(p, "eta", text);
  snprintf(text, sizeof text, "%g", options->gamma);
  set(p, "gamma", text);
  snprintf(text, sizeof text, "%g", options->min_child_weight);
  set(p, "min_child_weight", text);
  snprintf(text, sizeof text, "%d", options->max_leaves);
  set(p, "max_leaves", text);
  set(p, "grow_policy", sy_grow_policy_name(options->grow_policy));
}

/* Data and options of one comparison. */
typedef struct trial {
  size_t n, n_classes;
  bool row_weights, balanced;
  sy_boosted_options options;
} trial;

static void balance(const forest_world *world, double *class_weights) {
  for (size_t k = 0; k < world->n_classes; k++) class_weights[k] = 0;
  for (size_t i = 0; i < world->n; i++) class_weights[world->ids[i]]++;
  for (size_t k = 0; k < world->n_classes; k++)
    class_weights[k] = (double)world->n / ((double)world->n_classes * class_weights[k]);
}

static sy_predictor *grow_peer(const forest_world *world, const trial *tried,
                               const sy_training_data *data, const sy_forest *ours) {
  peer p = {.xgboost = sy_xgboost_load()};
  sy_predictor *trees = NULL;
  give_rows(&p, world);
  give_targets(&p, world, data->row_weights, data->class_weights, ours);
  must(&p, p.xgboost->XGBoosterCreate(&p.rows, 1, &p.booster));
  set_options(&p, world->n_classes, &tried->options);
  for (int round = 0; round < tried->options.rounds; round++)
    must(&p, p.xgboost->XGBoosterUpdateOneIter(p.booster, round, p.rows));
  sy_grower grower = {.booster = p.booster, .rows = {p.rows}, .n_outputs = ours->n_outputs};
  assert_int_equal(sy_grower_trees(&grower, &trees, NULL), SY_OK);
  sy_grower_clear(&grower);
  return trees;
}

static void check_trial(const trial *tried) {
  forest_world world = new_forest_world(tried->n, tried->n_classes, 11);
  double class_weights[8];
  sy_training_data data = forest_data(&world);
  balance(&world, class_weights);
  if (tried->row_weights) data.row_weights = world.weights;
  if (tried->balanced) data.class_weights = class_weights;
  sy_predictor *ours = grow(&data, &tried->options, NULL);
  sy_predictor *theirs = grow_peer(&world, tried, &data, sy_predictor_forest(ours));
  check_same_trees(ours, theirs, 1e-5);
  sy_predictor_free(ours);
  sy_predictor_free(theirs);
  free_forest_world(&world);
}

static void test_two_classes(void **state) {
  (void)state;
  for (int kind = 0; kind < 4; kind++)
    check_trial(&(trial){600, 2, kind % 2 == 1, kind >= 2, few_rounds(12)});
}

static void test_several_classes(void **state) {
  (void)state;
  for (int kind = 0; kind < 4; kind++)
    check_trial(&(trial){600, 3 + (size_t)kind, kind % 2 == 1, kind >= 2, few_rounds(6)});
}

static void test_options(void **state) {
  (void)state;
  trial tried = {500, 2, true, true, few_rounds(8)};
  tried.options.gamma = 0.5;
  tried.options.min_child_weight = 4;
  check_trial(&tried);
  tried.options.grow_policy = SY_GROW_LOSSGUIDE;
  tried.options.max_depth = 0;
  tried.options.max_leaves = 9;
  check_trial(&tried);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two_classes),
      cmocka_unit_test(test_several_classes),
      cmocka_unit_test(test_options),
  };
  RUN_WITH_XGBOOST(tests);
}

#else

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(needs_xgboost)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
