/* Embedded texts from the raw value to the probability: what a model of random numbers says of a
 * row is what its table has for the value, found here without the encoder; the same bits row by
 * row, by block, on any number of threads, and read back from a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "many_values.h"
#include <steelyard/onnx.h>

enum { SEEDS = 24, MOST_WIDTH = 4, CLASSES = 2 };

static const double class_weights[CLASSES] = {1, 2};

/* A text that is embedded beside a number, and the model of both: one layer, linear in the number
 * (standardised) and in the numbers of the code. */
typedef struct world {
  many_values *texts;
  double x[MANY_ROWS], mean, deviation;
  sy_column columns[2];
  sy_frame frame;
  const char *kept[MANY_VALUES + 1];
  size_t n_kept, width, n_parameters;
  double *parameters;
  sy_model *model;
} world;

static void draw_table(world *w, random_table *random) {
  double weight = 0;
  for (size_t i = 0; i < MANY_ROWS; i++) {
    w->x[i] = 10 * random_uniform(random) - 3;
    weight += w->texts->weights[i];
    w->mean += w->texts->weights[i] * w->x[i];
  }
  w->mean /= weight;
  for (size_t i = 0; i < MANY_ROWS; i++)
    w->deviation += w->texts->weights[i] * (w->x[i] - w->mean) * (w->x[i] - w->mean);
  w->deviation = sqrt(w->deviation / weight);
  w->columns[0] = w->texts->column;
  w->columns[1] = (sy_column){.name = "x", .type = SY_COLUMN_NUMBER, .f64 = w->x};
  w->frame = (sy_frame){w->columns, 2, MANY_ROWS};
}

static void draw_model(world *w, random_table *random, const sy_encoder_options *options) {
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  assert_int_equal(sy_encoder_fit(&w->frame, w->texts->weights, options, NULL, &encoder, NULL),
                   SY_OK);
  const sy_embedding embedding = {1, w->n_kept + 1, w->width};
  const sy_network_shape shape = {
      .n_features = 2, .n_outputs = CLASSES, .embeddings = &embedding, .n_embeddings = 1};
  w->n_parameters = sy_network_n_parameters(&shape);
  w->parameters = malloc(w->n_parameters * sizeof *w->parameters);
  assert_non_null(w->parameters);
  for (size_t i = 0; i < w->n_parameters; i++) w->parameters[i] = 2 * random_uniform(random) - 1;
  assert_int_equal(sy_predictor_network(&shape, w->parameters, 1, &predictor, NULL), SY_OK);
  assert_int_equal(many_values_classifier(encoder, predictor, &w->model, NULL), SY_OK);
}

static world *world_new(uint64_t seed) {
  world *w = calloc(1, sizeof *w);
  random_table *random = random_table_new(seed);
  assert_non_null(w);
  w->texts = many_values_new(seed);
  draw_table(w, random);
  sy_encoder_options options = {.min_count = 1 + seed % 3,
                                .max_categories = 1 + random_below(random, 20),
                                .codes = true,
                                .max_codes = seed % 2 ? 10000 : 1 + random_below(random, 60)};
  w->n_kept = brute_values(w->texts, &options, w->kept);
  w->width = 1 + random_below(random, MOST_WIDTH);
  draw_model(w, random, &options);
  free(random);
  return w;
}

static void world_free(world *w) {
  sy_model_free(w->model);
  free(w->parameters);
  free(w->texts);
  free(w);
}

/* Probability of class 1, from the value itself; class weights undone. */
static double wanted(const world *w, size_t row) {
  size_t code = place_in(w->kept, w->n_kept, text_of(w->texts, row));
  const double *table = w->parameters + code * w->width;
  const double *layer = w->parameters + (w->n_kept + 1) * w->width; /* (1 + width, 2), biases */
  double x = (w->x[row] - w->mean) / w->deviation, shares[CLASSES];
  for (size_t k = 0; k < CLASSES; k++) {
    double sum = layer[(1 + w->width) * CLASSES + k] + x * layer[k];
    for (size_t d = 0; d < w->width; d++) sum += table[d] * layer[(1 + d) * CLASSES + k];
    shares[k] = exp(sum) / class_weights[k];
  }
  return shares[1] / (shares[0] + shares[1]);
}

static void assert_row(const world *w, size_t i, const double *block) {
  sy_row *row = sy_row_new(w->model);
  double one[CLASSES];
  int decision;
  const char *text = text_of(w->texts, i);
  assert_true(sy_row_set_text_by_name(row, "many", *text ? text : NULL));
  assert_true(sy_row_set_number_by_name(row, "x", w->x[i]));
  assert_int_equal(sy_model_decide(w->model, row, &decision, one, NULL), SY_OK);
  assert_memory_equal(one, block, sizeof one);
  sy_row_free(row);
}

static void assert_read_back(const world *w, const double *block) {
  static double again[CLASSES * MANY_ROWS];
  sy_model *read = NULL;
  void *bytes;
  size_t size;
  assert_int_equal(sy_model_to_onnx(w->model, &bytes, &size, NULL), SY_OK);
  assert_int_equal(sy_model_from_onnx(bytes, size, &read, NULL), SY_OK);
  sy_threads_set(3);
  assert_int_equal(sy_model_score(read, &w->frame, NULL, again, NULL, NULL), SY_OK);
  sy_threads_set(0);
  assert_memory_equal(again, block, sizeof again);
  sy_model_free(read);
  free(bytes);
}

static void a_value_finds_its_numbers(void **state) {
  (void)state;
  static double block[CLASSES * MANY_ROWS];
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    world *w = world_new(seed);
    sy_threads_set(1);
    assert_int_equal(sy_model_score(w->model, &w->frame, NULL, block, NULL, NULL), SY_OK);
    for (size_t i = 0; i < MANY_ROWS; i++) {
      double p = wanted(w, i);
      if (fabs(block[CLASSES * i + 1] - p) > 1e-12)
        fail_msg("seed %llu, row %zu: %.17g, not %.17g", (unsigned long long)seed, i,
                 block[CLASSES * i + 1], p);
      if (i % 7 == 0) assert_row(w, i, block + CLASSES * i);
    }
    assert_read_back(w, block);
    world_free(w);
  }
}

/* The same text under another number of its dictionary, or among others, is the same text. */
static void dictionaries_do_not_matter(void **state) {
  (void)state;
  static double before[CLASSES * MANY_ROWS], after[CLASSES * MANY_ROWS];
  for (uint64_t seed = 1; seed <= SEEDS / 4; seed++) {
    world *w = world_new(seed);
    static const char *values[MANY_VALUES + 1];
    static uint32_t codes[MANY_ROWS];
    assert_int_equal(sy_model_score(w->model, &w->frame, NULL, before, NULL, NULL), SY_OK);
    values[0] = "in no row";
    for (size_t v = 0; v < MANY_VALUES; v++) values[MANY_VALUES - v] = w->texts->values[v];
    for (size_t i = 0; i < MANY_ROWS; i++) {
      uint32_t code = w->texts->codes[i];
      codes[i] = code == SY_MISSING ? SY_MISSING : (uint32_t)MANY_VALUES - code;
    }
    w->columns[0].codes = codes;
    w->columns[0].values = values;
    w->columns[0].n_values = MANY_VALUES + 1;
    assert_int_equal(sy_model_score(w->model, &w->frame, NULL, after, NULL, NULL), SY_OK);
    assert_memory_equal(before, after, sizeof before);
    world_free(w);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_finds_its_numbers),
      cmocka_unit_test(dictionaries_do_not_matter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
