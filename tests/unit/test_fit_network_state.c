/* test_fit_network_state.c: a training goes on from any of its states to the same bits, and no
 * bytes but its own are taken for one. */
#include "network_calls.h"

#include "base/memory.h"

/* States of a training, in their order. */
typedef struct states {
  struct {
    void *bytes;
    size_t size;
  } kept[256];
  size_t n;
  sy_status answer; /* what the caller says to each */
} states;

static bool state_due(void *context) {
  (void)context;
  return true;
}

static sy_status keep_state(void *context, const void *bytes, size_t size, sy_error *error) {
  (void)error;
  states *all = context;
  assert_true(all->n < 256);
  all->kept[all->n].bytes = malloc(size);
  assert_non_null(all->kept[all->n].bytes);
  memcpy(all->kept[all->n].bytes, bytes, size);
  all->kept[all->n++].size = size;
  return all->answer;
}

static void free_states(states *all) {
  for (size_t s = 0; s < all->n; s++) free(all->kept[s].bytes);
}

static sy_training_hooks hooks_of(states *all) {
  return (sy_training_hooks){.state_due = state_due, .state = keep_state, .state_context = all};
}

static sy_training_hooks resume_of(const states *all, size_t s) {
  return (sy_training_hooks){.resume = all->kept[s].bytes, .resume_size = all->kept[s].size};
}

/* Trains, and then again from each state. */
static void check_resume(const sy_training_data *data, const sy_network_options *options) {
  states all = {0};
  sy_training_hooks hooks = hooks_of(&all);
  sy_training_result result, resumed;
  sy_predictor *whole = train_watched(data, options, &hooks, &result);
  assert_int_equal(all.n, result.steps);
  for (size_t s = 0; s < all.n; s++) {
    sy_training_hooks from = resume_of(&all, s);
    sy_predictor *made = train_watched(data, options, &from, &resumed);
    assert_same_training(whole, &result, made, &resumed);
    sy_predictor_free(made);
    sy_training_result_clear(&resumed);
  }
  sy_predictor_free(whole);
  sy_training_result_clear(&result);
  free_states(&all);
}

static void test_resume(void **state) {
  (void)state;
  network_world world = new_world(100, 3, 5);
  sy_training_data data = data_of(&world, 3);
  double classes[] = {1, 2, 3};
  sy_network_options options = small_options();
  data.held = world.held, data.row_weights = world.weights, data.class_weights = classes;
  options.restarts = 2;
  check_resume(&data, &options);
  use_f64(&data, &world);
  options.optimizer = SY_OPTIMIZER_SGD, options.schedule = SY_SCHEDULE_COSINE;
  options.dropout = 0.3;
  check_resume(&data, &options);
  free_world(&world);
}

static void test_resume_more(void **state) {
  (void)state;
  network_world world = new_world(80, 2, 6);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  data.held = world.held;
  options.norm = SY_NORM_BATCH, options.reweight_from = 3, options.balanced_sampling = true;
  options.epochs = 12, options.patience = 2, options.learning_rate = 0.2;
  options.optimizer = SY_OPTIMIZER_ADAMW, options.weight_decay = 0.1, options.clip = 0.5;
  options.warm_up = 1.5;
  check_resume(&data, &options);
  data.held = NULL;
  options.norm = SY_NORM_LAYER;
  options.stop_after = 5;
  check_resume(&data, &options);
  free_world(&world);
}

/* A resumed training leaves the states that the first would have left. */
static void test_states_of_the_resumed(void **state) {
  (void)state;
  network_world world = new_world(100, 2, 5);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  states all = {0}, again = {0};
  sy_training_hooks hooks = hooks_of(&all);
  sy_predictor_free(train_watched(&data, &options, &hooks, NULL));
  hooks = hooks_of(&again);
  hooks.resume = all.kept[9].bytes, hooks.resume_size = all.kept[9].size;
  sy_predictor_free(train_watched(&data, &options, &hooks, NULL));
  assert_int_equal(again.n, all.n - 10);
  assert_int_equal(again.kept[0].size, all.kept[10].size);
  free_states(&all);
  free_states(&again);
  free_world(&world);
}

static void test_refused_state_ends(void **state) {
  (void)state;
  network_world world = new_world(100, 2, 5);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  states all = {.answer = SY_FILE_NOT_WRITTEN};
  sy_training_hooks hooks = hooks_of(&all);
  assert_refused(&data, &options, &hooks, SY_FILE_NOT_WRITTEN, "");
  assert_int_equal(all.n, 1);
  free_states(&all);
  free_world(&world);
}

/* --- states of others --- */

/* A state after some steps of a small training. */
static states some_state(const sy_training_data *data, const sy_network_options *options) {
  states all = {0};
  sy_training_hooks hooks = hooks_of(&all);
  sy_predictor_free(train_watched(data, options, &hooks, NULL));
  assert_true(all.n > 8);
  return all;
}

static void test_other_options(void **state) {
  (void)state;
  static const size_t other[] = {6, 7};
  network_world world = new_world(100, 2, 5);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options(), changed;
  sy_loss_options loss = sy_loss_options_default(2);
  states all = some_state(&data, &options);
  sy_training_hooks from = resume_of(&all, 8);
#define REFUSE_OPTION(member, value, words)                                                        \
  changed = options;                                                                               \
  changed.member = value;                                                                          \
  assert_refused(&data, &changed, &from, SY_INVALID_ARGUMENT, words)
  REFUSE_OPTION(hidden, other, "was made with hidden layers 6,6, not 6,7");
  REFUSE_OPTION(n_hidden, 1, "was made with hidden layers 6,6, not 6");
  REFUSE_OPTION(activation, SY_ACTIVATION_TANH, "activation relu, not tanh");
  REFUSE_OPTION(norm, SY_NORM_BATCH, "normalisation none, not batch");
  REFUSE_OPTION(dropout, 0.5, "dropout 0, not 0.5");
  REFUSE_OPTION(embedding_width, 3, "embedding width 0, not 3");
  REFUSE_OPTION(optimizer, SY_OPTIMIZER_SGD, "optimizer adam, not sgd");
  REFUSE_OPTION(learning_rate, 0.02, "learning rate 0.01, not 0.02");
  REFUSE_OPTION(momentum, 0.1, "momentum 0.9, not 0.1");
  REFUSE_OPTION(weight_decay, 0.1, "weight decay 0, not 0.1");
  REFUSE_OPTION(clip, 1, "clip 0, not 1");
  REFUSE_OPTION(schedule, SY_SCHEDULE_ONE_CYCLE, "schedule constant, not one-cycle");
  REFUSE_OPTION(warm_up, 1, "warm-up 0, not 1");
  REFUSE_OPTION(epochs, 5, "epochs 4, not 5");
  REFUSE_OPTION(stop_after, 3, "epoch to stop after 0, not 3");
  REFUSE_OPTION(batch_size, 8, "batch size 16, not 8");
  REFUSE_OPTION(patience, 3, "patience 10, not 3");
  REFUSE_OPTION(reweight_from, 2, "epoch to weigh classes from 0, not 2");
  REFUSE_OPTION(balanced_sampling, true, "balanced sampling no, not yes");
  REFUSE_OPTION(restarts, 2, "restarts 1, not 2");
  REFUSE_OPTION(seed, 9, "seed 0, not 9");
  loss.smoothing = 0.1;
  REFUSE_OPTION(loss, &loss, "label smoothing 0, not 0.1");
  loss.smoothing = 0, loss.parts = "focal";
  REFUSE_OPTION(loss, &loss, "other parts of the loss");
#undef REFUSE_OPTION
  free_states(&all);
  free_world(&world);
}

static void test_other_data(void **state) {
  (void)state;
  network_world world = new_world(100, 2, 5);
  sy_training_data data = data_of(&world, 2), changed = data;
  sy_network_options options = small_options();
  double classes[] = {1, 2};
  states all = some_state(&data, &options);
  sy_training_hooks from = resume_of(&all, 8);
  changed.rows.rows = 99;
  assert_refused(&changed, &options, &from, SY_INVALID_ARGUMENT, "rows 100, not 99");
  changed = data, changed.rows.columns = 2;
  assert_refused(&changed, &options, &from, SY_INVALID_ARGUMENT, "columns of rows 3, not 2");
  changed = data, changed.n_outputs = 3;
  assert_refused(&changed, &options, &from, SY_INVALID_ARGUMENT, "classes 2, not 3");
  changed = data, use_f64(&changed, &world);
  assert_refused(&changed, &options, &from, SY_INVALID_ARGUMENT, "float32, not float64");
  changed = data, changed.row_weights = world.weights;
  assert_refused(&changed, &options, &from, SY_INVALID_ARGUMENT, "other row weights");
  changed = data, changed.class_weights = classes;
  assert_refused(&changed, &options, &from, SY_INVALID_ARGUMENT, "class weights none, not 1,2");
  changed = data, changed.held = world.held;
  assert_refused(&changed, &options, &from, SY_INVALID_ARGUMENT, "other rows held back");
  world.f32[100] += 1;
  assert_refused(&data, &options, &from, SY_INVALID_ARGUMENT, "other values of rows");
  world.f32[100] -= 1;
  world.ids[50] = !world.ids[50];
  assert_refused(&data, &options, &from, SY_INVALID_ARGUMENT, "other classes of rows");
  free_states(&all);
  free_world(&world);
}

/* --- damage --- */

/* The checksum at the end made right again. */
static void sign(unsigned char *bytes, size_t size) {
  uint64_t sum = sy_checksum(bytes, size - 8);
  for (size_t i = 0; i < 8; i++) bytes[size - 8 + i] = (unsigned char)(sum >> 8 * i);
}

static sy_status resume_status(const sy_training_data *data, const sy_network_options *options,
                               const void *bytes, size_t size) {
  sy_training_hooks from = {.resume = bytes, .resume_size = size};
  sy_predictor *made = NULL;
  sy_status status = sy_fit_network(data, options, &from, &made, NULL, NULL);
  sy_predictor_free(made);
  return status;
}

static void test_damage(void **state) {
  (void)state;
  network_world world = new_world(40, 2, 5);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  static const size_t hidden[] = {2};
  options.hidden = hidden, options.n_hidden = 1;
  states all = some_state(&data, &options);
  size_t size = all.kept[8].size;
  unsigned char *bytes = all.kept[8].bytes;
  assert_refused(&data, &options,
                 &(sy_training_hooks){.resume = "no such thing", .resume_size = 13},
                 SY_INVALID_MODEL, "these 13 bytes are no state of a training");
  for (size_t cut = 0; cut < size; cut++) {
    unsigned char *copy = malloc(cut + 1); /* its end is watched by the sanitizers */
    memcpy(copy, bytes, cut);
    assert_int_equal(resume_status(&data, &options, copy, cut), SY_INVALID_MODEL);
    free(copy);
  }
  for (size_t at = 0; at < size; at++) {
    bytes[at] ^= 0x10;
    assert_int_equal(resume_status(&data, &options, bytes, size), SY_INVALID_MODEL);
    bytes[at] ^= 0x10;
  }
  assert_int_equal(resume_status(&data, &options, bytes, size), SY_OK);
  free_states(&all);
  free_world(&world);
}

/* Bytes that were changed and signed anew, as by someone who means harm: any answer but a crash. */
static void test_forgery(void **state) {
  (void)state;
  network_world world = new_world(40, 2, 5);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  static const size_t hidden[] = {2};
  options.hidden = hidden, options.n_hidden = 1;
  states all = some_state(&data, &options);
  size_t size = all.kept[8].size, refused = 0;
  unsigned char *bytes = malloc(size);
  for (size_t at = 0; at < size - 8; at++)
    for (unsigned change = 0; change < 3; change++) {
      static const unsigned char changes[] = {0x01, 0x80, 0xff};
      memcpy(bytes, all.kept[8].bytes, size);
      bytes[at] ^= changes[change];
      sign(bytes, size);
      sy_status status = resume_status(&data, &options, bytes, size);
      refused += status == SY_INVALID_MODEL || status == SY_INVALID_ARGUMENT;
      assert_true(status == SY_OK || status == SY_INVALID_MODEL || status == SY_INVALID_ARGUMENT ||
                  status == SY_NUMERIC_FAILURE);
    }
  assert_true(refused > size / 2);
  free(bytes);
  free_states(&all);
  free_world(&world);
}

static void test_version(void **state) {
  (void)state;
  network_world world = new_world(100, 2, 5);
  sy_training_data data = data_of(&world, 2);
  sy_network_options options = small_options();
  states all = some_state(&data, &options);
  unsigned char *bytes = all.kept[8].bytes;
  assert_int_equal(bytes[8], 1);
  bytes[8] = 2;
  sign(bytes, all.kept[8].size);
  sy_training_hooks from = resume_of(&all, 8);
  assert_refused(&data, &options, &from, SY_INVALID_MODEL, "is of format 2; this version");
  free_states(&all);
  free_world(&world);
}

int main(void) {
  sy_threads_set(1); /* these fits are too small to share */
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_resume),
                                     cmocka_unit_test(test_resume_more),
                                     cmocka_unit_test(test_states_of_the_resumed),
                                     cmocka_unit_test(test_refused_state_ends),
                                     cmocka_unit_test(test_other_options),
                                     cmocka_unit_test(test_other_data),
                                     cmocka_unit_test(test_damage),
                                     cmocka_unit_test(test_forgery),
                                     cmocka_unit_test(test_version)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
