/* study_world.h: small made-up data to study, after cmocka.h. */
#ifndef SY_TESTS_STUDY_WORLD_H
#define SY_TESTS_STUDY_WORLD_H

#include <math.h>
#include <string.h>

#include <steelyard/steelyard.h>

#include "base/random.h"

enum { ROWS = 600 };

/* cmocka's own comparison is of float32. */
static inline void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance)) fail_msg("%.17g is not %.17g", value, wanted);
}

static inline sy_study run_study(const sy_study_data *data, const sy_study_options *options) {
  sy_study study;
  sy_error error = {0};
  if (sy_study_run(data, options, &study, &error) != SY_OK) fail_msg("%s", error.text);
  return study;
}

static inline bool is_told(const sy_messages *messages, const char *part) {
  for (size_t i = 0; i < sy_messages_count(messages); i++)
    if (strstr(sy_messages_get(messages, i), part)) return true;
  return false;
}

/* A frame of two numbers and a text, with labels that depend on them and on chance. */
typedef struct world {
  double x[ROWS], z[ROWS], weights[ROWS];
  uint32_t codes[ROWS], label_codes[ROWS];
  sy_column columns[3];
  sy_frame frame;
  sy_labels *labels;
  sy_study_data data;
} world;

static const char *const COLOURS[] = {"red", "green", "blue"};
static const char *const NAMES[] = {"no", "yes", "maybe"};

static inline void make_world(world *w, int n_classes) {
  for (size_t i = 0; i < ROWS; i++) {
    w->x[i] = sy_random_uniform(1, 100, i) * 4 - 2;
    w->z[i] = sy_random_uniform(1, 101, i) * 100;
    w->codes[i] = (uint32_t)(sy_random_bits(1, 102, i) % 3);
    double chance = sy_random_uniform(1, 103, i);
    double yes = 1 / (1 + exp(3.4 - 1.6 * w->x[i] - (w->codes[i] == 1 ? 1 : 0)));
    w->label_codes[i] = chance < yes ? 1 : n_classes == 3 && w->z[i] < 20 ? 2 : 0;
    w->weights[i] = 1 + (double)(i % 3);
  }
  w->columns[0] = (sy_column){.name = "x", .type = SY_COLUMN_NUMBER, .f64 = w->x};
  w->columns[1] = (sy_column){.name = "z", .type = SY_COLUMN_NUMBER, .f64 = w->z};
  w->columns[2] = (sy_column){.name = "colour",
                              .type = SY_COLUMN_TEXT,
                              .codes = w->codes,
                              .values = COLOURS,
                              .n_values = 3};
  w->frame = (sy_frame){w->columns, 3, ROWS};
  sy_labels_options options = sy_labels_options_default();
  options.classes = NAMES;
  options.n_classes = (size_t)n_classes;
  assert_int_equal(sy_labels_from_names(w->label_codes, ROWS, NAMES, 3, &options, &w->labels, NULL),
                   SY_OK);
  w->data = (sy_study_data){.frame = &w->frame, .labels = w->labels};
}

/* Release with sy_cost_rule_clear. */
static inline sy_cost_rule rule_of(const double *cost, size_t n_classes) {
  sy_cost_rule rule;
  assert_int_equal(sy_cost_rule_matrix(cost, n_classes, &rule, NULL), SY_OK);
  return rule;
}

static inline sy_policy *policy_of(const char *text) {
  sy_policy *policy = NULL;
  assert_int_equal(sy_policy_parse(text, &policy, NULL), SY_OK);
  return policy;
}

static inline sy_objective objective_of(const char *text) {
  sy_objective objective;
  assert_int_equal(sy_objective_parse(text, &objective, NULL), SY_OK);
  return objective;
}

static inline sy_tune_options tuned_for(const char *text) {
  sy_tune_options tune = sy_tune_options_default();
  tune.objective = objective_of(text);
  tune.samples = 0;
  return tune;
}

static inline void assert_same_rows(const sy_judged_rows *a, const sy_judged_rows *b) {
  assert_int_equal(a->n, b->n);
  assert_memory_equal(a->rows, b->rows, a->n * sizeof *a->rows);
  assert_memory_equal(a->decisions, b->decisions, a->n * sizeof *a->decisions);
  assert_memory_equal(a->log_probabilities, b->log_probabilities,
                      a->n * a->n_classes * sizeof(double));
}

#endif
