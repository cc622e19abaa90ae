/* What is chosen on unseen rows: by the rule it says, and never by the rows it is judged on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "study/chain.h"
#include "study_world.h"

enum { LINES = 4, PARTS = 3 };

/* Unseen rows of three classes in three parts, and what four models said of them, each more in
 * favour of the rare classes than the one before. */
typedef struct heap {
  size_t n;
  size_t rows[2 * ROWS];
  int32_t ids[2 * ROWS], fold[2 * ROWS], part[2 * ROWS], decisions[LINES][2 * ROWS];
  double weights[2 * ROWS], logs[LINES][6 * ROWS], cost_values[2 * ROWS];
  sy_unseen unseen;
  sy_line lines[LINES];
  sy_choices choices;
} heap;

static int32_t argmax(const double *values) {
  int32_t best = 0;
  for (int32_t k = 1; k < 3; k++)
    if (values[k] > values[best]) best = k;
  return best;
}

static void say(heap *h, size_t line, size_t i, uint64_t key) {
  double z[3], sum = 0;
  for (size_t k = 0; k < 3; k++) {
    double noise = 2 * sy_random_uniform(7, 200 + (uint32_t)k, key) - 1;
    z[k] = 1.5 * (h->ids[i] == (int32_t)k) + noise + 0.5 * (double)(line * k);
    sum += exp(z[k]);
  }
  for (size_t k = 0; k < 3; k++) h->logs[line][3 * i + k] = z[k] - log(sum);
  h->decisions[line][i] = argmax(z);
}

static void make_heap(heap *h) {
  memset(h, 0, sizeof *h);
  h->n = ROWS;
  for (size_t i = 0; i < ROWS; i++) {
    double chance = sy_random_uniform(7, 100, i);
    h->rows[i] = i;
    h->ids[i] = chance < 0.75 ? 0 : chance < 0.9 ? 1 : 2;
    h->fold[i] = h->part[i] = (int32_t)(i * PARTS / ROWS);
    h->weights[i] = 1;
    h->cost_values[i] = 1 + 9 * sy_random_uniform(7, 101, i);
    for (size_t line = 0; line < LINES; line++) say(h, line, i, i);
  }
  h->unseen = (sy_unseen){.n = ROWS,
                          .n_tested = ROWS,
                          .n_classes = 3,
                          .rows = h->rows,
                          .ids = h->ids,
                          .row_weights = h->weights,
                          .fold = h->fold,
                          .part = h->part,
                          .n_parts = PARTS};
  for (size_t line = 0; line < LINES; line++)
    h->lines[line] = (sy_line){.exponent = (double)line / 10,
                               .log_probabilities = h->logs[line],
                               .decisions = h->decisions[line]};
  h->choices =
      (sy_choices){.unseen = &h->unseen, .lines = h->lines, .n_lines = LINES, .positive = -1};
}

static double macro_f1(const heap *h, size_t line, size_t left_out) {
  double hits[3] = {0}, actual[3] = {0}, said[3] = {0}, sum = 0;
  for (size_t i = 0; i < h->n; i++) {
    if (i == left_out) continue;
    actual[h->ids[i]] += h->weights[i];
    said[h->decisions[line][i]] += h->weights[i];
    if (h->ids[i] == h->decisions[line][i]) hits[h->ids[i]] += h->weights[i];
  }
  for (size_t k = 0; k < 3; k++) sum += 2 * hits[k] / (actual[k] + said[k]);
  return sum / 3;
}

/* Standard error of macro-F1 of a line, or of the difference of two, by leaving out each row. */
static double jackknife(const heap *h, size_t line, int other) {
  double values[ROWS], mean = 0, squares = 0;
  for (size_t i = 0; i < ROWS; i++) {
    values[i] = macro_f1(h, line, i) - (other < 0 ? 0 : macro_f1(h, (size_t)other, i));
    mean += values[i] / ROWS;
  }
  for (size_t i = 0; i < ROWS; i++) squares += (values[i] - mean) * (values[i] - mean);
  return sqrt(squares * (ROWS - 1) / ROWS);
}

static void an_exponent_is_chosen_by_the_rule(void **state) {
  (void)state;
  static heap h;
  make_heap(&h);
  sy_objective objective = objective_of("macro_f1");
  sy_path_point points[LINES];
  sy_path path = {.n = LINES, .points = points};
  size_t chosen, best = 0, wanted;
  h.choices.objective = &objective;
  assert_int_equal(sy_path_choose(&h.choices, -1, &chosen, &path, NULL), SY_OK);
  for (size_t line = 0; line < LINES; line++) {
    double value = macro_f1(&h, line, SIZE_MAX), half = 1.96 * jackknife(&h, line, -1);
    assert_near(points[line].value, value, 1e-12);
    assert_near(points[line].exponent, (double)line / 10, 0);
    assert_near(points[line].high - value, half, 0.03 * half);
    assert_near(value - points[line].low, half, 0.03 * half);
    if (value > macro_f1(&h, best, SIZE_MAX)) best = line;
  }
  for (wanted = 0; wanted < best; wanted++) {
    double behind = macro_f1(&h, best, SIZE_MAX) - macro_f1(&h, wanted, SIZE_MAX);
    double margin = jackknife(&h, best, (int)wanted);
    assert_true(fabs(behind - margin) > 0.05 * margin); /* the jackknife can tell */
    if (behind <= margin) break;
  }
  assert_int_equal(path.best, best);
  assert_int_equal(path.chosen, wanted);
  assert_int_equal(chosen, wanted);
  assert_int_equal(path.rows, ROWS);
}

/* Equal decisions cost the same: then no weights are the best weights. */
static void weights_that_change_nothing_are_not_taken(void **state) {
  (void)state;
  static heap h;
  make_heap(&h);
  sy_objective objective = objective_of("cost");
  const double cost[] = {0, 1, 1, 4, 0, 4, 6, 6, 0};
  sy_costs costs = {.n_classes = 3, .fixed = cost};
  size_t chosen = 9;
  h.choices.objective = &objective;
  h.choices.costs = &costs;
  for (size_t line = 1; line < LINES; line++)
    memcpy(h.decisions[line], h.decisions[0], sizeof h.decisions[0]);
  assert_int_equal(sy_path_choose(&h.choices, -1, &chosen, NULL, NULL), SY_OK);
  assert_int_equal(chosen, 0);
  /* One row more that is right is chance. */
  size_t wrong = 0;
  while (h.decisions[0][wrong] == h.ids[wrong]) wrong++;
  h.decisions[2][wrong] = h.ids[wrong];
  assert_int_equal(sy_path_choose(&h.choices, -1, &chosen, NULL, NULL), SY_OK);
  assert_int_equal(chosen, 0);
  /* One that is right throughout is worth its weights. */
  memcpy(h.decisions[3], h.ids, sizeof h.ids);
  assert_int_equal(sy_path_choose(&h.choices, -1, &chosen, NULL, NULL), SY_OK);
  assert_int_equal(chosen, 3);
}

/* Costs by row: the mean of what each decision costs, and its normal interval. */
static void an_exponent_is_priced_row_by_row(void **state) {
  (void)state;
  static heap h;
  make_heap(&h);
  sy_objective objective = objective_of("cost");
  const double fixed[] = {0, 1, 1, 4, 0, 4, 6, 6, 0};
  const int32_t which[] = {-1, -1, -1, 0, -1, 0, -1, -1, -1};
  sy_costs costs = {
      .n_classes = 3, .fixed = fixed, .n_varying = 1, .which = which, .values = h.cost_values};
  sy_path_point points[LINES];
  sy_path path = {.n = LINES, .points = points};
  size_t chosen;
  h.choices.objective = &objective;
  h.choices.costs = &costs;
  assert_int_equal(sy_path_choose(&h.choices, -1, &chosen, &path, NULL), SY_OK);
  assert_true(path.is_cost);
  for (size_t line = 0; line < LINES; line++) {
    double cost[ROWS], mean = 0, squares = 0;
    for (size_t i = 0; i < ROWS; i++) {
      int32_t actual = h.ids[i], said = h.decisions[line][i];
      cost[i] = actual == 1 && said != 1 ? h.cost_values[i] : fixed[3 * actual + said];
      mean += cost[i] / ROWS;
    }
    for (size_t i = 0; i < ROWS; i++) squares += (cost[i] - mean) * (cost[i] - mean);
    assert_near(points[line].value, mean, 1e-12);
    assert_near(points[line].high, mean + 1.959963984540054 * sqrt(squares) / ROWS, 1e-9);
  }
}

/* A chain of everything: exponent, map and rule. */
static sy_chain everything(heap *h, int without) {
  static sy_objective objective;
  static sy_tune_options tune;
  sy_chain chain;
  sy_error error = {0};
  objective = objective_of("macro_f1");
  tune = sy_tune_options_default();
  tune.objective = objective;
  tune.samples = 0;
  h->choices.objective = &objective;
  h->choices.calibrates = true;
  h->choices.kind = SY_CALIBRATION_VECTOR;
  h->choices.tune = &tune;
  if (sy_chain_fit(&h->choices, without, &chain, NULL, &error) != SY_OK) fail_msg("%s", error.text);
  return chain;
}

static void assert_same_chain(const sy_chain *a, const sy_chain *b, double tolerance) {
  assert_int_equal(a->line, b->line);
  for (size_t k = 0; k < 3; k++) {
    assert_near(sy_calibration_scales(a->calibration)[k], sy_calibration_scales(b->calibration)[k],
                tolerance);
    assert_near(sy_calibration_shifts(a->calibration)[k], sy_calibration_shifts(b->calibration)[k],
                tolerance);
  }
  for (size_t k = 0; k < 9; k++) assert_near(a->cost[k], b->cost[k], tolerance);
}

/* Whatever is true of the rows of a part, and whatever models say of them, what is chosen for them
 * stays the same to the bit. */
static void a_part_is_not_asked_what_is_chosen_for_it(void **state) {
  (void)state;
  static heap h;
  make_heap(&h);
  for (int part = 0; part < PARTS; part++) {
    sy_chain before = everything(&h, part);
    for (size_t i = 0; i < ROWS; i++) {
      if (h.part[i] != part) continue;
      h.ids[i] = (h.ids[i] + 1) % 3;
      for (size_t line = 0; line < LINES; line++) say(&h, line, i, i + 10 * ROWS);
    }
    sy_chain after = everything(&h, part), of_all = everything(&h, -1);
    assert_same_chain(&before, &after, 0);
    make_heap(&h);
    sy_chain all_before = everything(&h, -1);
    assert_true(memcmp(sy_calibration_shifts(of_all.calibration),
                       sy_calibration_shifts(all_before.calibration), 3 * sizeof(double)) != 0);
    sy_chain_clear(&before);
    sy_chain_clear(&after);
    sy_chain_clear(&of_all);
    sy_chain_clear(&all_before);
  }
}

/* A row of weight 2 is two rows. */
static void a_weight_counts_rows(void **state) {
  (void)state;
  static heap h;
  make_heap(&h);
  for (size_t i = 0; i < ROWS; i += 3) h.weights[i] = 2;
  sy_chain weighted = everything(&h, -1);
  for (size_t i = 0; i < ROWS; i += 3) {
    size_t to = h.n++;
    h.weights[i] = h.weights[to] = 1;
    h.ids[to] = h.ids[i];
    h.part[to] = h.part[i];
    for (size_t line = 0; line < LINES; line++) {
      memcpy(h.logs[line] + 3 * to, h.logs[line] + 3 * i, 3 * sizeof(double));
      h.decisions[line][to] = h.decisions[line][i];
    }
  }
  h.unseen.n = h.n;
  sy_chain copied = everything(&h, -1);
  assert_same_chain(&weighted, &copied, 1e-7);
  sy_chain_clear(&weighted);
  sy_chain_clear(&copied);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_exponent_is_chosen_by_the_rule),
      cmocka_unit_test(weights_that_change_nothing_are_not_taken),
      cmocka_unit_test(an_exponent_is_priced_row_by_row),
      cmocka_unit_test(a_part_is_not_asked_what_is_chosen_for_it),
      cmocka_unit_test(a_weight_counts_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
