/* test_fit_network_properties.c: what must be true of any training: the same bits on any number of
 * threads and after any interruption, losses that are those of the network that came, and every
 * failed allocation told. Data and options are drawn. */
#include "network_calls.h"

#include "base/memory.h"

enum { TRIALS = 40, MOST_CLASSES = 5, LABELS = 3 };

static uint64_t draw_below(uint64_t *seed, uint64_t n) {
  return (uint64_t)(uniform(seed) * (double)n);
}

/* A problem that owns what its data point to. */
typedef struct drawn {
  network_world world;
  sy_training_data data;
  sy_network_options options;
  sy_loss_options loss;
  size_t hidden[3];
  double class_weights[2 * MOST_CLASSES];
  float *labels;
  sy_embedding codes;
} drawn;

static void draw_options(drawn *made, uint64_t *seed) {
  sy_network_options *o = &made->options;
  *o = sy_network_options_default();
  o->hidden = made->hidden;
  o->n_hidden = draw_below(seed, 4);
  for (size_t l = 0; l < 3; l++) made->hidden[l] = 1 + draw_below(seed, 20);
  o->activation = (sy_activation)draw_below(seed, 3);
  o->norm = (sy_layer_norm)draw_below(seed, 3);
  o->dropout = uniform(seed) < 0.3 ? 0.4 : 0;
  o->optimizer = (sy_optimizer)draw_below(seed, 3);
  o->schedule = (sy_schedule)draw_below(seed, 3);
  o->warm_up = uniform(seed) < 0.3 ? 1.3 : 0;
  o->learning_rate = 0.001 + 0.02 * uniform(seed);
  o->weight_decay = uniform(seed) < 0.5 ? 0.01 : 0;
  o->clip = uniform(seed) < 0.5 ? 0.3 : 0;
  o->epochs = 1 + (int)draw_below(seed, 5);
  o->batch_size = uniform(seed) < 0.2 ? 0 : 5 + draw_below(seed, 300);
  o->patience = (int)draw_below(seed, 3);
  o->restarts = 1 + (int)draw_below(seed, 2);
  o->reweight_from = uniform(seed) < 0.3 ? o->epochs : 0;
  o->seed = draw_below(seed, 1000);
}

static void draw_labels(drawn *made, uint64_t *seed) {
  made->labels = calloc(made->world.n * LABELS, sizeof *made->labels);
  assert_non_null(made->labels);
  for (size_t c = 0; c < made->world.n * LABELS; c++)
    made->labels[c] = uniform(seed) < 0.5 ? (float)uniform(seed) : (float)(c % 2);
  made->data.ids = NULL;
  made->data.labels = made->labels;
  made->data.n_outputs = LABELS;
}

static void draw_loss(drawn *made, uint64_t *seed) {
  static const char *const parts[] = {"focal", "focal:gamma=0.5", NULL};
  made->loss = sy_loss_options_default(made->data.n_outputs);
  made->loss.base = made->labels ? SY_LOSS_SIGMOID : SY_LOSS_SOFTMAX;
  made->loss.parts = parts[draw_below(seed, 3)];
  made->loss.smoothing = uniform(seed) < 0.5 ? 0.1 : 0;
  made->options.loss = &made->loss;
}

/* Draws in place: data and options point into it. */
static void draw_problem(drawn *made, uint64_t seed) {
  size_t n_classes = 2 + draw_below(&seed, MOST_CLASSES - 1), n = 60 + draw_below(&seed, 400);
  *made = (drawn){.world = new_world(n, n_classes, seed + 1)};
  made->data = data_of(&made->world, n_classes);
  if (uniform(&seed) < 0.5) use_f64(&made->data, &made->world);
  draw_options(made, &seed);
  if (uniform(&seed) < 0.6) made->data.row_weights = made->world.weights;
  if (uniform(&seed) < 0.7) made->data.held = made->world.held;
  if (uniform(&seed) < 0.25) draw_labels(made, &seed);
  for (size_t k = 0; k < 2 * MOST_CLASSES; k++) made->class_weights[k] = 0.1 + 5 * uniform(&seed);
  if (!made->labels && uniform(&seed) < 0.3)
    made->options.balanced_sampling = true;
  else if (uniform(&seed) < 0.7)
    made->data.class_weights = made->class_weights;
  if (uniform(&seed) < 0.4) draw_loss(made, &seed);
  if (uniform(&seed) < 0.3) {
    made->codes = (sy_embedding){.column = draw_below(&seed, 3), .n_values = 7};
    made->data.embeddings = &made->codes, made->data.n_embeddings = 1;
    for (size_t i = 0; i < n; i++) {
      size_t at = i * WORLD_COLUMNS + made->codes.column;
      made->world.f64[at] = (double)draw_below(&seed, 7);
      made->world.f32[at] = (float)made->world.f64[at];
    }
  }
}

static void free_problem_of(drawn *made) {
  free(made->labels);
  free_world(&made->world);
}

/* Keeps the state of one step. */
typedef struct keeper {
  uint64_t wanted, seen;
  void *bytes;
  size_t size;
} keeper;

static bool state_due(void *context) {
  keeper *kept = context;
  return kept->seen++ == kept->wanted;
}

static sy_status keep_state(void *context, const void *bytes, size_t size, sy_error *error) {
  (void)error;
  keeper *kept = context;
  kept->bytes = malloc(size);
  assert_non_null(kept->bytes);
  memcpy(kept->bytes, bytes, size);
  kept->size = size;
  return SY_OK;
}

static void test_threads_and_interruptions(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    drawn made;
    draw_problem(&made, trial);
    keeper kept = {.wanted = trial % 7};
    sy_training_hooks hooks = {.state_due = state_due, .state = keep_state, .state_context = &kept},
                      from = {0};
    sy_training_result one_result, two_result;
    sy_threads_set(1);
    sy_predictor *one = train_watched(&made.data, &made.options, &hooks, &one_result);
    from.resume = kept.bytes, from.resume_size = kept.size;
    sy_threads_set(2);
    sy_predictor *two = train_watched(&made.data, &made.options, &from, &two_result);
    assert_same_training(one, &one_result, two, &two_result);
    sy_predictor_free(one);
    sy_predictor_free(two);
    sy_training_result_clear(&one_result);
    sy_training_result_clear(&two_result);
    free(kept.bytes);
    free_problem_of(&made);
  }
  sy_threads_set(0);
}

/* A gradient does not grow by a power of two of the weights, nor does anything else. */
static void test_powers_of_two(void **state) {
  (void)state;
  for (uint64_t trial = 0; trial < TRIALS; trial++) {
    drawn made;
    draw_problem(&made, 1000 + trial);
    sy_training_result one_result, two_result;
    made.data.row_weights = made.world.weights;
    sy_predictor *one = train(&made.data, &made.options, &one_result);
    for (size_t i = 0; i < made.world.n; i++) made.world.weights[i] *= 0x1p-50;
    for (size_t k = 0; k < 2 * MOST_CLASSES; k++) made.class_weights[k] *= 0x1p20;
    sy_predictor *two = train(&made.data, &made.options, &two_result);
    assert_same_training(one, &one_result, two, &two_result);
    sy_predictor_free(one);
    sy_predictor_free(two);
    sy_training_result_clear(&one_result);
    sy_training_result_clear(&two_result);
    free_problem_of(&made);
  }
}

/* Every allocation fails once: the fit says so and leaves nothing behind (which the sanitizers
 * see), and goes through once none does. */
static void check_allocations(drawn *made, const keeper *from) {
  sy_status status = SY_OUT_OF_MEMORY;
  size_t n = 0;
  made->options.epochs = made->options.restarts = 1;
  made->options.reweight_from = 0;
  while (status == SY_OUT_OF_MEMORY) {
    sy_predictor *predictor = NULL;
    sy_training_result result = {0};
    sy_error error;
    keeper kept = {.wanted = 0};
    sy_training_hooks hooks = {.state_due = state_due, .state = keep_state, .state_context = &kept};
    if (from) hooks.resume = from->bytes, hooks.resume_size = from->size;
    sy_memory_fail_nth(++n);
    status = sy_fit_network(&made->data, &made->options, &hooks, &predictor, &result, &error);
    bool struck = sy_memory_fail_nth(0) == 0;
    if (status == SY_OK) assert_false(struck);
    if (status != SY_OK) assert_null(predictor);
    sy_predictor_free(predictor);
    sy_training_result_clear(&result);
    free(kept.bytes);
  }
  assert_int_equal(status, SY_OK);
  assert_true(n > 20);
}

static void test_allocations(void **state) {
  (void)state;
  sy_threads_set(1);
  for (uint64_t trial = 0; trial < 8; trial++) {
    drawn made;
    draw_problem(&made, 2000 + trial);
    check_allocations(&made, NULL);
    keeper kept = {.wanted = 0};
    sy_training_hooks hooks = {.state_due = state_due, .state = keep_state, .state_context = &kept};
    sy_predictor_free(train_watched(&made.data, &made.options, &hooks, NULL));
    check_allocations(&made, &kept);
    free(kept.bytes);
    free_problem_of(&made);
  }
  sy_threads_set(0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_threads_and_interruptions),
                                     cmocka_unit_test(test_powers_of_two),
                                     cmocka_unit_test(test_allocations)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
