/* test_fit_boosted_properties.c: what must not change the trees, or not much: threads, the scale
 * of weights, rows without weight, how numbers are stored. */
#include "boosted_calls.h"

#include <steelyard/steelyard.h>

static const char *const LOSSES[] = {NULL, "focal:gamma=2", "ldam", "vs:gamma=0.15,tau=1",
                                     "logit-adjustment"};

/* A loss of these parts, by the rows' own counts. */
static sy_loss_options loss_of(const forest_world *world, const char *parts, double *counts) {
  sy_loss_options options = sy_loss_options_default(world->n_classes);
  for (size_t k = 0; k < world->n_classes; k++) counts[k] = 0;
  for (size_t i = 0; i < world->n; i++) counts[world->ids[i]]++;
  options.counts = counts;
  options.parts = parts;
  return options;
}

static void check_threads(const forest_world *world, const sy_boosted_options *options) {
  static const int numbers[] = {2, 3, 5};
  sy_training_data data = forest_data(world);
  data.row_weights = world->weights;
  sy_threads_set(1);
  sy_predictor *alone = grow(&data, options, NULL);
  for (size_t t = 0; t < sizeof numbers / sizeof numbers[0]; t++) {
    sy_threads_set(numbers[t]);
    sy_predictor *together = grow(&data, options, NULL);
    check_same_bits(alone, together);
    sy_predictor_free(together);
  }
  sy_threads_set(1);
  sy_predictor_free(alone);
}

/* Columns of ties and a copy of another: equal gains are told apart the same way, too. */
static void test_threads(void **state) {
  (void)state;
  for (size_t n_classes = 2; n_classes < 5; n_classes += 2)
    for (size_t l = 0; l < sizeof LOSSES / sizeof LOSSES[0]; l++) {
      forest_world world = new_forest_world(3000, n_classes, 5 + l);
      double counts[8];
      sy_loss_options loss = loss_of(&world, LOSSES[l], counts);
      sy_boosted_options options = few_rounds(4);
      options.loss = LOSSES[l] ? &loss : NULL;
      check_threads(&world, &options);
      options.subsample = 0.7;
      options.colsample_bytree = 0.6;
      options.colsample_bynode = 0.8;
      options.seed = 1ULL << 40;
      check_threads(&world, &options);
      free_forest_world(&world);
    }
}

/* Weights whose mean is below 1 have mean 1, whatever their scale; so have class weights. */
static void test_scale_of_weights(void **state) {
  (void)state;
  forest_world world = new_forest_world(800, 3, 1);
  double class_weights[] = {1, 3, 0.5};
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(5);
  for (size_t i = 0; i < world.n; i++) world.weights[i] = (1 + floor(world.weights[i])) / 1024;
  data.row_weights = world.weights;
  data.class_weights = class_weights;
  sy_predictor *one = grow(&data, &options, NULL);
  for (size_t i = 0; i < world.n; i++) world.weights[i] /= 1000;
  sy_predictor *scaled = grow(&data, &options, NULL);
  check_same_trees(one, scaled, 1e-5);
  for (size_t k = 0; k < 3; k++) class_weights[k] *= 1000;
  sy_predictor *heavy = grow(&data, &options, NULL);
  check_same_trees(one, heavy, 1e-5);
  sy_predictor_free(one);
  sy_predictor_free(scaled);
  sy_predictor_free(heavy);
  free_forest_world(&world);
}

/* Of so few different numbers that each is a bin of its own. */
static void make_coarse(forest_world *world) {
  for (size_t j = 0; j < world->n * FOREST_COLUMNS; j++)
    world->f32[j] = rintf(4 * world->f32[j]) / 4;
}

/* Rows of weight 2 are two copies, under penalties and min_child_weight too, bit for bit. */
static void test_copies(void **state) {
  (void)state;
  forest_world world = new_forest_world(400, 2, 4), copies = new_forest_world(800, 2, 4);
  make_coarse(&world);
  for (size_t i = 0; i < world.n; i++) {
    world.weights[i] = 2;
    for (size_t c = 0; c < 2; c++) {
      memcpy(copies.f32 + (2 * i + c) * FOREST_COLUMNS, world.f32 + i * FOREST_COLUMNS,
             FOREST_COLUMNS * sizeof(float));
      copies.ids[2 * i + c] = world.ids[i];
    }
  }
  sy_training_data data = forest_data(&world), twice = forest_data(&copies);
  sy_boosted_options options = few_rounds(3);
  data.row_weights = world.weights;
  options.reg_lambda = 20;
  options.min_child_weight = 15;
  sy_predictor *heavy = grow(&data, &options, NULL), *many = grow(&twice, &options, NULL);
  check_same_bits(heavy, many);
  sy_predictor_free(heavy);
  sy_predictor_free(many);
  free_forest_world(&world);
  free_forest_world(&copies);
}

static void test_rows_without_weight(void **state) {
  (void)state;
  forest_world world = new_forest_world(700, 3, 9);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(5);
  data.rows.rows = 500;
  sy_predictor *few = grow(&data, &options, NULL);
  data.rows.rows = 700;
  for (size_t i = 0; i < world.n; i++) world.weights[i] = i < 500;
  for (size_t i = 500; i < 600; i++) world.f32[i * FOREST_COLUMNS] = INFINITY;
  data.row_weights = world.weights;
  sy_predictor *weightless = grow(&data, &options, NULL);
  check_same_bits(few, weightless);
  data.row_weights = NULL;
  for (size_t i = 500; i < world.n; i++) world.ids[i] = SY_IGNORED;
  sy_predictor *ignored = grow(&data, &options, NULL);
  check_same_bits(few, ignored);
  sy_predictor_free(few);
  sy_predictor_free(weightless);
  sy_predictor_free(ignored);
  free_forest_world(&world);
}

/* float64 rows, and rows with numbers between them, are the same rows. */
static void test_storage(void **state) {
  (void)state;
  forest_world world = new_forest_world(500, 2, 3);
  sy_training_data data = forest_data(&world);
  sy_boosted_options options = few_rounds(5);
  sy_predictor *plain = grow(&data, &options, NULL);
  data.rows.data = world.f64;
  data.rows.dtype = SY_F64;
  sy_predictor *wide = grow(&data, &options, NULL);
  check_same_bits(plain, wide);
  enum { STRIDE = FOREST_COLUMNS + 3 };
  float *apart = calloc(world.n * STRIDE, sizeof *apart);
  assert_non_null(apart);
  for (size_t i = 0; i < world.n; i++)
    memcpy(apart + i * STRIDE, world.f32 + i * FOREST_COLUMNS, FOREST_COLUMNS * sizeof *apart);
  data.rows = (sy_matrix){apart, SY_F32, world.n, FOREST_COLUMNS, STRIDE};
  sy_predictor *strided = grow(&data, &options, NULL);
  check_same_bits(plain, strided);
  free(apart);
  sy_predictor_free(plain);
  sy_predictor_free(wide);
  sy_predictor_free(strided);
  free_forest_world(&world);
}

/* The order of rows is none of their matter, where columns are bins of their own values. */
static void test_order_of_rows(void **state) {
  (void)state;
  forest_world world = new_forest_world(512, 2, 6), turned = new_forest_world(512, 2, 6);
  make_coarse(&world);
  for (size_t i = 0; i < world.n; i++) {
    size_t to = (i * 77 + 5) % world.n;
    memcpy(turned.f32 + to * FOREST_COLUMNS, world.f32 + i * FOREST_COLUMNS,
           FOREST_COLUMNS * sizeof(float));
    turned.ids[to] = world.ids[i];
    turned.weights[to] = world.weights[i] = 1 + (double)(i % 3);
  }
  sy_training_data data = forest_data(&world), other = forest_data(&turned);
  data.row_weights = world.weights;
  other.row_weights = turned.weights;
  sy_boosted_options options = few_rounds(8);
  sy_predictor *one = grow(&data, &options, NULL), *two = grow(&other, &options, NULL);
  check_same_bits(one, two);
  sy_predictor_free(one);
  sy_predictor_free(two);
  free_forest_world(&world);
  free_forest_world(&turned);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_threads), cmocka_unit_test(test_scale_of_weights),
      cmocka_unit_test(test_copies),  cmocka_unit_test(test_rows_without_weight),
      cmocka_unit_test(test_storage), cmocka_unit_test(test_order_of_rows),
  };
  RUN_WITH_XGBOOST(tests);
}
