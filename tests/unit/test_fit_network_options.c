/* test_fit_network_options.c: defaults and names, and what is refused of options and data. */
#include "network_calls.h"

#include "fit/training.h"

static void test_defaults(void **state) {
  (void)state;
  sy_network_options options = sy_network_options_default();
  assert_int_equal(options.n_hidden, 2);
  assert_int_equal(options.hidden[0], 64);
  assert_int_equal(options.hidden[1], 32);
  assert_int_equal(options.epochs, 200);
  assert_int_equal(options.patience, 10);
  assert_int_equal(options.restarts, 1);
  assert_true(options.learning_rate == 0.001 && options.momentum == 0.9);
  assert_int_equal(sy_network_options_check(&options, NULL), SY_OK);
}

static void test_names(void **state) {
  (void)state;
  sy_error error;
  sy_optimizer optimizer;
  sy_schedule schedule;
  for (int o = SY_OPTIMIZER_ADAM; o <= SY_OPTIMIZER_SGD; o++) {
    assert_int_equal(sy_optimizer_parse(sy_optimizer_name((sy_optimizer)o), &optimizer, NULL),
                     SY_OK);
    assert_int_equal(optimizer, o);
  }
  for (int s = SY_SCHEDULE_CONSTANT; s <= SY_SCHEDULE_ONE_CYCLE; s++) {
    assert_int_equal(sy_schedule_parse(sy_schedule_name((sy_schedule)s), &schedule, NULL), SY_OK);
    assert_int_equal(schedule, s);
  }
  assert_int_equal(sy_optimizer_parse("adamx", &optimizer, &error), SY_INVALID_ARGUMENT);
  assert_string_equal(error.text, "there is no optimizer 'adamx'; did you mean 'adam'? there are "
                                  "adam, adamw, sgd");
  assert_int_equal(sy_schedule_parse("", &schedule, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "constant, cosine, one-cycle"));
}

/* One option out of its range, and the message. */
static void check_option(const sy_network_options *options, const char *words) {
  sy_error error = {0};
  assert_int_equal(sy_network_options_check(options, &error), SY_INVALID_ARGUMENT);
  if (strcmp(error.text, words) != 0) fail_msg("\"%s\", not \"%s\"", error.text, words);
}

#define REFUSE(member, value, words)                                                               \
  do {                                                                                             \
    sy_network_options options = sy_network_options_default();                                     \
    options.member = value;                                                                        \
    check_option(&options, words);                                                                 \
  } while (0)

static void test_numbers_refused(void **state) {
  (void)state;
  REFUSE(learning_rate, 0, "the learning rate is 0; it must be above 0 and finite");
  REFUSE(learning_rate, -0.5, "the learning rate is -0.5; it must be above 0 and finite");
  REFUSE(learning_rate, INFINITY, "the learning rate is inf; it must be above 0 and finite");
  REFUSE(learning_rate, NAN, "the learning rate is nan; it must be above 0 and finite");
  REFUSE(dropout, 1, "the dropout is 1; it must be at least 0 and below 1");
  REFUSE(dropout, NAN, "the dropout is nan; it must be at least 0 and below 1");
  REFUSE(momentum, -0.1, "the momentum is -0.1; it must be at least 0 and below 1");
  REFUSE(weight_decay, NAN, "the weight decay is nan; it must be a finite number >= 0");
  REFUSE(clip, -1, "the clip is -1; it must be above 0 and finite, or 0 for none");
  REFUSE(warm_up, INFINITY, "the warm-up is inf; it must be a finite number of epochs >= 0");
}

static void test_counts_refused(void **state) {
  (void)state;
  static const size_t empty[] = {64, 0}, huge[] = {65537};
  sy_network_options layers = sy_network_options_default();
  layers.hidden = empty;
  check_option(&layers, "hidden layer 2 has 0 units; a layer has 1 to 65,536");
  layers.hidden = huge, layers.n_hidden = 1;
  check_option(&layers, "hidden layer 1 has 65537 units; a layer has 1 to 65,536");
  layers.hidden = NULL;
  check_option(&layers, "the units of the 1 hidden layers are not given");
  REFUSE(n_hidden, 33, "there are 33 hidden layers; a network has 32 of them at most");
  REFUSE(epochs, 0, "the number of epochs is 0; it must be 1 or more");
  REFUSE(patience, -1, "the patience is -1; it must be 1 epoch or more, or 0 to never end early");
  REFUSE(restarts, 0, "the number of restarts is 0; it must be 1 to 1000");
  REFUSE(restarts, 1001, "the number of restarts is 1001; it must be 1 to 1000");
  REFUSE(stop_after, 201,
         "the epoch to stop after is 201; it must be 1 to 200, the number of epochs, or 0 for no "
         "such stop");
  REFUSE(reweight_from, -3,
         "the epoch to weigh classes from is -3; it must be 1 to 200, the number of epochs, or 0 "
         "for all of them");
  REFUSE(optimizer, (sy_optimizer)7, "the optimizer is number 7; there are 0 to 2");
  REFUSE(activation, (sy_activation)-1, "the activation is number 4294967295; there are 0 to 2");
}

/* --- data --- */

static void test_labels_refused(void **state) {
  (void)state;
  network_world world = new_world(40, 3, 1);
  sy_network_options options = small_options();
  sy_training_data data = data_of(&world, 3);
  world.ids[7] = 3;
  assert_refused(&data, &options, NULL, SY_INVALID_LABEL,
                 "label 3 at row 8 is outside the 3 classes 0..2");
  world.ids[7] = SY_IGNORED;
  data.n_outputs = 1;
  assert_refused(&data, &options, NULL, SY_TOO_FEW_CLASSES, "at least 2 classes, not 1");
  float labels[80] = {0};
  data.labels = labels;
  assert_refused(&data, &options, NULL, SY_INVALID_ARGUMENT, "give one of the two");
  data.ids = NULL;
  assert_refused(&data, &options, NULL, SY_INVALID_SHAPE, "one label a row is two classes");
  data.n_outputs = 2;
  labels[19] = 1.5f;
  assert_refused(&data, &options, NULL, SY_INVALID_LABEL, "label 2 at row 10 is 1.5");
  free_world(&world);
}

static void test_weights_refused(void **state) {
  (void)state;
  network_world world = new_world(40, 2, 1);
  sy_network_options options = small_options();
  sy_training_data data = data_of(&world, 2);
  double classes[] = {1, NAN};
  data.class_weights = classes;
  assert_refused(&data, &options, NULL, SY_INVALID_WEIGHT, "the weight nan of class 1");
  classes[1] = 0;
  assert_refused(&data, &options, NULL, SY_TOO_FEW_CLASSES, "only class 0 has rows");
  classes[0] = 0;
  assert_refused(&data, &options, NULL, SY_NO_WEIGHT, "all weights are zero");
  data.class_weights = NULL;
  data.row_weights = world.weights;
  world.weights[39] = -1;
  assert_refused(&data, &options, NULL, SY_INVALID_WEIGHT, "weight -1 at row 40");
  memset(world.weights, 0, 40 * sizeof(double));
  assert_refused(&data, &options, NULL, SY_NO_WEIGHT, "all weights are zero");
  data.row_weights = NULL;
  data.held = world.held;
  memset(world.held, 1, 40);
  assert_refused(&data, &options, NULL, SY_NO_ROWS, "all 40 rows of positive weight are held back");
  free_world(&world);
}

static void test_values_refused(void **state) {
  (void)state;
  network_world world = new_world(3000, 2, 1);
  sy_network_options options = small_options();
  sy_training_data data = data_of(&world, 2);
  world.f32[2900 * 3 + 1] = NAN;
  world.f32[1100 * 3 + 2] = INFINITY;
  assert_refused(&data, &options, NULL, SY_INVALID_DATA,
                 "inf at row 1101, column 3 is not a finite number");
  world.ids[1100] = SY_IGNORED;
  assert_refused(&data, &options, NULL, SY_INVALID_DATA, "nan at row 2901, column 2");
  world.f32[2900 * 3 + 1] = 0;
  sy_embedding code = {.column = 1, .n_values = 4, .width = 0};
  for (size_t i = 0; i < 3000; i++) world.f32[i * 3 + 1] = (float)(i % 4);
  data.embeddings = &code, data.n_embeddings = 1;
  world.f32[5 * 3 + 1] = 4;
  assert_refused(&data, &options, NULL, SY_INVALID_DATA,
                 "the code 4 at row 6, column 2 is none of 0 to 3");
  code.column = 3;
  assert_refused(&data, &options, NULL, SY_INVALID_SHAPE, "column 4 of 3 columns");
  data.rows.stride = 2;
  assert_refused(&data, &options, NULL, SY_INVALID_SHAPE, "the stride 2 is less");
  data.rows.rows = 0;
  assert_refused(&data, &options, NULL, SY_NO_ROWS, "there are no rows");
  free_world(&world);
}

static void test_losses_refused(void **state) {
  (void)state;
  network_world world = new_world(40, 2, 1);
  sy_network_options options = small_options();
  sy_training_data data = data_of(&world, 2);
  sy_loss_options loss = sy_loss_options_default(2);
  options.loss = &loss;
  loss.base = SY_LOSS_SIGMOID;
  assert_refused(&data, &options, NULL, SY_INVALID_ARGUMENT, "the base softmax");
  loss.base = SY_LOSS_SOFTMAX;
  loss.parts = "focl";
  assert_refused(&data, &options, NULL, SY_INVALID_ARGUMENT, "did you mean 'focal'");
  loss.parts = NULL;
  loss.cost_use = SY_COST_EXPECTED;
  assert_refused(&data, &options, NULL, SY_INVALID_ARGUMENT, "the loss uses costs");
  float costs[80] = {0};
  costs[5] = NAN;
  data.row_costs = costs;
  assert_refused(&data, &options, NULL, SY_INVALID_COST, "predicting class 1 at row 3");
  loss.cost_use = SY_COST_UNUSED, costs[5] = 0;
  assert_refused(&data, &options, NULL, SY_INVALID_ARGUMENT, "rows have costs of their own");
  free_world(&world);
}

static void test_sampling_refused(void **state) {
  (void)state;
  network_world world = new_world(40, 2, 1);
  sy_network_options options = small_options();
  sy_training_data data = data_of(&world, 2);
  double classes[] = {1, 2};
  options.balanced_sampling = true;
  data.class_weights = classes;
  assert_refused(&data, &options, NULL, SY_INVALID_ARGUMENT, "the place of class weights");
  float labels[80] = {1, 0, 0, 1};
  data.class_weights = NULL;
  data.ids = NULL, data.labels = labels;
  assert_refused(&data, &options, NULL, SY_INVALID_ARGUMENT, "several labels a row");
  free_world(&world);
}

/* --- what is chosen where nothing is given --- */

static size_t chosen_batch(size_t n) {
  network_world world = new_world(n, 2, 1);
  sy_network_options options = small_options();
  sy_training_data data = data_of(&world, 2);
  sy_training training;
  options.batch_size = 0;
  assert_int_equal(sy_training_make(&data, &options, &training, NULL), SY_OK);
  size_t batch = training.batch_size;
  sy_training_clear(&training);
  free_world(&world);
  return batch;
}

/* The largest power of two of which an epoch has 128, from 32 to 1024. */
static void test_batch_size(void **state) {
  (void)state;
  assert_int_equal(chosen_batch(20), 20);
  assert_int_equal(chosen_batch(500), 32);
  assert_int_equal(chosen_batch(64 * 128 - 1), 32);
  assert_int_equal(chosen_batch(64 * 128), 64);
  assert_int_equal(chosen_batch(512 * 128), 512);
  assert_int_equal(chosen_batch(2048 * 128), 1024);
}

/* min(50, 1.6 n^0.56), rounded. */
static void test_embedding_width(void **state) {
  (void)state;
  static const size_t widths[][2] = {{1, 2}, {10, 6}, {100, 21}, {1000, 50}};
  network_world world = new_world(40, 2, 1);
  sy_network_options options = small_options();
  sy_training_data data = data_of(&world, 2);
  for (size_t i = 0; i < 40; i++) world.f32[i * 3 + 2] = 0;
  for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
    sy_embedding code = {.column = 2, .n_values = widths[w][0], .width = 999};
    data.embeddings = &code, data.n_embeddings = 1;
    sy_training training;
    assert_int_equal(sy_training_make(&data, &options, &training, NULL), SY_OK);
    assert_int_equal(training.embeddings[0].width, widths[w][1]);
    sy_training_clear(&training);
  }
  free_world(&world);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_defaults),         cmocka_unit_test(test_names),
      cmocka_unit_test(test_numbers_refused),  cmocka_unit_test(test_counts_refused),
      cmocka_unit_test(test_labels_refused),   cmocka_unit_test(test_weights_refused),
      cmocka_unit_test(test_values_refused),   cmocka_unit_test(test_losses_refused),
      cmocka_unit_test(test_sampling_refused), cmocka_unit_test(test_batch_size),
      cmocka_unit_test(test_embedding_width)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
