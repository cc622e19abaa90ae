/* test_classifier_rules.c: what may follow on training: calibration maps, priors, costs that vary
 * by row. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model_scores.h"

enum { CASES = 120 };

static scores plain, adjusted;

/* What the expressions of the rule come to, (rows, V). */
static double *costs_of(const random_table *table, const sy_model *model) {
  const sy_cost_rule *rule = sy_model_cost_rule(model);
  double *values = calloc(RANDOM_ROWS * (rule->n_expressions + 1), sizeof *values);
  for (size_t v = 0; v < rule->n_expressions; v++)
    for (size_t c = 0; c < table->frame.n_columns; c++) {
      const char *name = table->columns[c].name;
      if (strncmp(name, SY_COST_COLUMN, 6) != 0 || strcmp(name + 6, rule->expressions[v]) != 0)
        continue;
      for (size_t i = 0; i < RANDOM_ROWS; i++)
        values[i * rule->n_expressions + v] = table->columns[c].f64[i];
    }
  return values;
}

/* The steps one after the other, each by the call that is for it. */
static void check_steps(const random_table *table, const sy_model *model) {
  size_t n_classes = sy_model_n_classes(model);
  double ratio[RANDOM_CLASSES];
  if (sy_model_calibration(model))
    sy_calibration_apply(sy_model_calibration(model), plain.logs, RANDOM_ROWS, plain.logs);
  for (size_t k = 0; sy_model_prior(model) && k < n_classes; k++)
    ratio[k] = sy_model_prior(model)[k] / sy_model_trained_prior(model)[k];
  if (sy_model_prior(model)) sy_prior_shift(plain.logs, RANDOM_ROWS, n_classes, ratio, plain.logs);
  assert_memory_equal(adjusted.logs, plain.logs, RANDOM_ROWS * n_classes * sizeof *plain.logs);
  for (size_t i = 0; i < RANDOM_ROWS * n_classes; i++)
    assert_true(fabs(adjusted.chances[i] - exp(plain.logs[i])) < 1e-14);
  double *values = costs_of(table, model);
  sy_costs costs = sy_cost_rule_view(sy_model_cost_rule(model), values);
  sy_decide_costs(adjusted.chances, RANDOM_ROWS, &costs, plain.decisions);
  assert_memory_equal(adjusted.decisions, plain.decisions, sizeof plain.decisions);
  free(values);
}

static void fill_row(sy_row *row, const random_table *table, size_t i) {
  sy_row_clear(row);
  for (size_t c = 0; c < table->frame.n_columns; c++) {
    const sy_column *column = &table->columns[c];
    int at = sy_row_column(row, column->name);
    if (at < 0) continue;
    bool set = true;
    if (column->type != SY_COLUMN_TEXT)
      set = sy_row_set_number(row, at, column->f64 ? column->f64[i] : (double)column->f32[i]);
    else if (column->codes[i] != SY_MISSING)
      set = sy_row_set_text(row, at, column->values[column->codes[i]]);
    assert_true(set);
  }
}

/* To the same bits, and without an allocation. */
static void check_rows(const random_table *table, const sy_model *model) {
  size_t n_classes = sy_model_n_classes(model);
  sy_row *row = sy_row_new(model);
  for (size_t i = 0; i < RANDOM_ROWS; i++) {
    double chances[RANDOM_CLASSES];
    int decision;
    fill_row(row, table, i);
    sy_memory_fail_nth(1);
    assert_int_equal(sy_model_decide(model, row, &decision, chances, NULL), SY_OK);
    assert_int_equal(sy_memory_fail_nth(0), 1);
    assert_int_equal(decision, adjusted.decisions[i]);
    assert_memory_equal(chances, adjusted.chances + i * n_classes, n_classes * sizeof *chances);
  }
  sy_row_free(row);
}

static void steps_follow_one_another(void **state) {
  (void)state;
  size_t seen[3] = {0};
  for (uint64_t seed = 1; seed <= CASES; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_any_new(table, seed);
    if (model) {
      score(model, table, &plain);
      random_adjust(table, model);
      score(model, table, &adjusted);
      check_steps(table, model);
      check_rows(table, model);
      seen[0] += sy_model_calibration(model) != NULL;
      seen[1] += sy_model_prior(model) != NULL;
      seen[2] += sy_model_cost_rule(model)->n_expressions > 0;
    }
    sy_model_free(model);
    free(table);
  }
  for (size_t i = 0; i < 3; i++) assert_true(seen[i] > CASES / 4);
}

static void threads_do_not_matter(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_any_new(table, seed);
    if (model) {
      random_adjust(table, model);
      sy_threads_set(1);
      score(model, table, &plain);
      sy_threads_set(3);
      score(model, table, &adjusted);
      sy_threads_set(0);
      assert_memory_equal(&plain, &adjusted, sizeof plain);
    }
    sy_model_free(model);
    free(table);
  }
}

/* A model of one number, two classes, z = x, whose rule prices a missed "damage" at `amount`; the
 * classes are as frequent as (0.75, 0.25) in training. */
static sy_model *priced_by_row(void) {
  static const double x[] = {-1, 1}, coefficients[] = {1}, intercepts[] = {0};
  static const double trained_prior[] = {0.75, 0.25};
  static const char *const classes[] = {"None", "damage"};
  const sy_column columns[] = {{.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x}};
  const sy_frame frame = {columns, 1, 2};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  sy_cost_rule rule;
  assert_int_equal(sy_cost_rule_parse("damage:None=amount", classes, 2, &rule, NULL), SY_OK);
  const sy_model_parts parts = {.classes = classes,
                                .n_classes = 2,
                                .rule = &rule,
                                .source = SY_DECISION_GIVEN,
                                .positive = 1,
                                .trained_prior = trained_prior};
  assert_int_equal(sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
  assert_int_equal(sy_predictor_logistic(1, 2, 1, coefficients, intercepts, &predictor, NULL),
                   SY_OK);
  assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, NULL), SY_OK);
  sy_cost_rule_clear(&rule);
  return model;
}

/* p(damage) = 1 / (1 + e) = 0.269 in all rows: flagged where amount > e = 2.718. */
static void amounts_decide(void **state) {
  (void)state;
  const double x[] = {-1, -1, -1, -1}, amount[] = {0, 2.71, 2.72, 100};
  const int32_t wanted[] = {0, 0, 1, 1};
  int32_t decisions[4];
  sy_model *model = priced_by_row();
  const sy_column columns[] = {{.name = "cost: amount", .type = SY_COLUMN_NUMBER, .f64 = amount},
                               {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x}};
  const sy_frame frame = {columns, 2, 4};
  assert_int_equal(sy_model_score(model, &frame, NULL, NULL, decisions, NULL), SY_OK);
  assert_memory_equal(decisions, wanted, sizeof wanted);
  sy_model_free(model);
}

static void costs_are_needed_to_decide_alone(void **state) {
  (void)state;
  const double x[] = {-1, 1, 2, 3};
  double amount[] = {1, NAN, 3, INFINITY}, chances[8];
  int32_t decisions[4];
  sy_error error;
  sy_model *model = priced_by_row();
  sy_column columns[] = {{.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x},
                         {.name = "cost: amount", .type = SY_COLUMN_NUMBER, .f64 = amount}};
  sy_frame frame = {columns, 1, 4};
  assert_int_equal(sy_model_score(model, &frame, NULL, chances, NULL, &error), SY_OK);
  assert_int_equal(sy_model_score(model, &frame, NULL, chances, decisions, &error),
                   SY_MISSING_COLUMN);
  assert_non_null(strstr(error.text, "no column 'cost: amount', which the decision needs"));
  frame.n_columns = 2;
  assert_int_equal(sy_model_score(model, &frame, NULL, chances, NULL, &error), SY_OK);
  assert_int_equal(sy_model_score(model, &frame, NULL, NULL, decisions, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "row 2: the cost 'amount' is missing"));
  amount[1] = 1;
  assert_int_equal(sy_model_score(model, &frame, NULL, NULL, decisions, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "row 4: the cost 'amount' is inf"));
  columns[1] = (sy_column){.name = "cost: amount", .type = SY_COLUMN_TEXT};
  assert_int_equal(sy_model_score(model, &frame, NULL, NULL, decisions, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "'cost: amount' is no numbers"));
  sy_model_free(model);
}

static void rows_need_their_costs(void **state) {
  (void)state;
  sy_model *model = priced_by_row();
  sy_row *row = sy_row_new(model);
  int decision, amount = sy_row_column(row, "cost: amount");
  double chances[2];
  sy_error error;
  assert_int_equal(amount, 1);
  assert_int_equal(sy_row_column(row, "amount"), -1);
  assert_true(sy_row_set_number_by_name(row, "x", -1));
  assert_int_equal(sy_model_decide(model, row, NULL, chances, &error), SY_OK);
  assert_int_equal(sy_model_decide(model, row, &decision, chances, &error), SY_INVALID_DATA);
  assert_non_null(strstr(error.text, "the cost 'amount' of the row is missing"));
  assert_true(sy_row_set_number(row, amount, 3));
  assert_false(sy_row_set_text(row, amount, "3"));
  assert_false(sy_row_set_number(row, amount + 1, 3));
  assert_int_equal(sy_model_decide(model, row, &decision, NULL, &error), SY_OK);
  assert_int_equal(decision, 1);
  sy_row_clear(row);
  assert_int_equal(sy_model_decide(model, row, &decision, chances, &error), SY_INVALID_DATA);
  double numbers[] = {0, 1, 5, 0};
  const sy_cost_rule rule = {.n_classes = 2, .fixed = numbers};
  assert_int_equal(sy_model_set_rule(model, &rule, SY_DECISION_GIVEN, NULL), SY_OK);
  assert_int_equal(sy_model_decide(model, row, &decision, NULL, &error), SY_INVALID_ARGUMENT);
  sy_row_free(row);
  sy_model_free(model);
}

static void refuses_what_does_not_fit(void **state) {
  (void)state;
  sy_model *model = priced_by_row();
  sy_error error;
  double costs[9] = {0, 1, NAN, 0};
  sy_cost_rule rule = {.n_classes = 3, .fixed = costs};
  assert_int_equal(sy_model_set_rule(model, &rule, SY_DECISION_GIVEN, &error), SY_INVALID_SHAPE);
  rule.n_classes = 2;
  assert_int_equal(sy_model_set_rule(model, &rule, SY_DECISION_GIVEN, &error), SY_INVALID_COST);
  assert_non_null(strstr(error.text, "predicting \"None\" where it is \"damage\" is nan"));
  sy_calibration *calibration = NULL;
  assert_int_equal(sy_calibration_scaling(SY_CALIBRATION_VECTOR, 3, NULL, NULL, &calibration, NULL),
                   SY_OK);
  assert_int_equal(sy_model_set_calibration(model, calibration, &error), SY_INVALID_SHAPE);
  sy_calibration_free(calibration);
  const double short_of[] = {0.5, 0.4}, negative[] = {1.2, -0.2}, infinite[] = {0, INFINITY};
  assert_int_equal(sy_model_set_prior(model, short_of, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "sum to 0.9, not to 1"));
  assert_int_equal(sy_model_set_prior(model, negative, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "-0.2 of class \"damage\""));
  assert_int_equal(sy_model_set_prior(model, infinite, &error), SY_INVALID_ARGUMENT);
  assert_null(sy_model_prior(model));
  assert_int_equal(sy_model_cost_rule(model)->n_expressions, 1);
  sy_model_free(model);
}

/* A prior is relative to the training, whatever was set before. */
static void priors_move_probabilities(void **state) {
  (void)state;
  const double x[] = {0.5}, first[] = {0.1, 0.9}, second[] = {0.5, 0.5};
  const sy_column columns[] = {{.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x}};
  const sy_frame frame = {columns, 1, 1};
  double chances[2], odds = exp(0.5) * (0.5 / 0.25) / (0.5 / 0.75);
  sy_model *model = priced_by_row();
  assert_int_equal(sy_model_set_prior(model, first, NULL), SY_OK);
  assert_int_equal(sy_model_set_prior(model, second, NULL), SY_OK);
  assert_memory_equal(sy_model_prior(model), second, sizeof second);
  assert_int_equal(sy_model_score(model, &frame, NULL, chances, NULL, NULL), SY_OK);
  assert_true(fabs(chances[1] - odds / (1 + odds)) < 1e-15);
  assert_int_equal(sy_model_set_prior(model, NULL, NULL), SY_OK);
  assert_null(sy_model_prior(model));
  assert_int_equal(sy_model_score(model, &frame, NULL, chances, NULL, NULL), SY_OK);
  assert_true(fabs(chances[1] - 1 / (1 + exp(-0.5))) < 1e-15);
  sy_model_free(model);
}

/* A cost that would share its column with a feature is refused. */
static void columns_of_costs_are_their_own(void **state) {
  (void)state;
  static const double x[] = {-1, 1}, coefficients[] = {1}, intercepts[] = {0};
  static const char *const classes[] = {"None", "damage"};
  const sy_column columns[] = {{.name = "cost: amount", .type = SY_COLUMN_NUMBER, .f64 = x}};
  const sy_frame frame = {columns, 1, 2};
  const sy_model_parts parts = {.classes = classes, .n_classes = 2, .positive = 1};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  sy_cost_rule rule;
  sy_error error;
  assert_int_equal(sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
  assert_int_equal(sy_predictor_logistic(1, 2, 1, coefficients, intercepts, &predictor, NULL),
                   SY_OK);
  assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, NULL), SY_OK);
  assert_int_equal(sy_cost_rule_parse("damage:None=amount", classes, 2, &rule, NULL), SY_OK);
  assert_int_equal(sy_model_set_rule(model, &rule, SY_DECISION_GIVEN, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "has a column \"cost: amount\""));
  sy_cost_rule_clear(&rule);
  /* An older model: nothing is known of its training. */
  const double prior[] = {0.5, 0.5};
  assert_int_equal(sy_model_set_prior(model, prior, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "older format"));
  sy_model_free(model);
}

static void classes_without_rows_stay_without(void **state) {
  (void)state;
  static const double x[] = {-1, 1}, coefficients[] = {1}, intercepts[] = {0};
  static const double trained_prior[] = {1, 0}, prior[] = {0.9, 0.1}, certain[] = {1, 0};
  static const char *const classes[] = {"None", "damage"};
  const sy_column columns[] = {{.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x}};
  const sy_frame frame = {columns, 1, 2};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  sy_error error;
  sy_model_parts parts = {
      .classes = classes, .n_classes = 2, .positive = 1, .trained_prior = trained_prior};
  assert_int_equal(sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
  assert_int_equal(sy_predictor_logistic(1, 2, 1, coefficients, intercepts, &predictor, NULL),
                   SY_OK);
  assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, NULL), SY_OK);
  assert_int_equal(sy_model_set_prior(model, prior, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "\"damage\" had no rows in training"));
  assert_int_equal(sy_model_set_prior(model, certain, &error), SY_OK);
  double chances[4];
  assert_int_equal(sy_model_score(model, &frame, NULL, chances, NULL, NULL), SY_OK);
  assert_true(chances[0] == 1 && chances[1] == 0 && chances[2] == 1 && chances[3] == 0);
  sy_model_free(model);
}

static void assert_said(const sy_model *model, const char *wanted) {
  char text[200];
  sy_model_describe_decision(model, text, sizeof text);
  assert_string_equal(text, wanted);
}

static void rules_in_words(void **state) {
  (void)state;
  const double prior[] = {0.97, 0.03};
  double cost[4];
  sy_model *model = priced_by_row();
  assert_said(model, "least expected cost, from given costs that vary by row");
  const sy_cost_rule rule = {.n_classes = 2, .fixed = cost};
  sy_cost_of_threshold(0.231, 1, cost);
  assert_int_equal(sy_model_set_rule(model, &rule, SY_DECISION_TUNED, NULL), SY_OK);
  assert_said(model, "damage at p >= 0.231, tuned");
  sy_model_set_note(model, "decision tuned for", "f1", NULL);
  assert_said(model, "damage at p >= 0.231, tuned for f1");
  sy_model_set_note(model, "decision tuned for", "a threshold typed", NULL);
  assert_int_equal(sy_model_set_prior(model, prior, NULL), SY_OK);
  assert_said(model, "damage at p >= 0.231, a threshold typed, for a prior of 0.030");
  sy_cost_of_threshold(INFINITY, 1, cost);
  sy_model_set_prior(model, NULL, NULL);
  assert_int_equal(sy_model_set_rule(model, &rule, SY_DECISION_TUNED, NULL), SY_OK);
  assert_said(model, "never damage, a threshold typed");
  sy_model_free(model);
}

/* Whatever fails, the model stays as it was. */
static void lack_of_memory_changes_nothing(void **state) {
  (void)state;
  const double prior[] = {0.5, 0.5}, x[] = {-1, 1};
  const sy_column columns[] = {{.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x}};
  const sy_frame frame = {columns, 1, 2};
  sy_model *model = priced_by_row();
  sy_calibration *calibration = NULL;
  sy_cost_rule rule;
  double before[4], after[4];
  assert_int_equal(sy_calibration_scaling(SY_CALIBRATION_TEMPERATURE, 2, (const double[]){2, 2},
                                          NULL, &calibration, NULL),
                   SY_OK);
  assert_int_equal(sy_cost_rule_parse("damage:None=fee", sy_model_classes(model), 2, &rule, NULL),
                   SY_OK);
  sy_model_score(model, &frame, NULL, before, NULL, NULL);
  for (int what = 0; what < 3; what++)
    for (size_t nth = 1;; nth++) {
      sy_memory_fail_nth(nth);
      sy_status status = what == 0   ? sy_model_set_prior(model, prior, NULL)
                         : what == 1 ? sy_model_set_calibration(model, calibration, NULL)
                                     : sy_model_set_rule(model, &rule, SY_DECISION_GIVEN, NULL);
      sy_memory_fail_nth(0);
      if (status == SY_OK) break;
      assert_int_equal(status, SY_OUT_OF_MEMORY);
      if (what == 0) {
        sy_model_score(model, &frame, NULL, after, NULL, NULL);
        assert_memory_equal(before, after, sizeof before);
      }
      assert_string_equal(sy_model_cost_rule(model)->expressions[0], "amount");
      assert_int_equal(sy_model_calibration(model) != NULL, what > 1);
    }
  assert_string_equal(sy_model_cost_rule(model)->expressions[0], "fee");
  sy_cost_rule_clear(&rule);
  sy_calibration_free(calibration);
  sy_model_free(model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(steps_follow_one_another),
      cmocka_unit_test(threads_do_not_matter),
      cmocka_unit_test(amounts_decide),
      cmocka_unit_test(costs_are_needed_to_decide_alone),
      cmocka_unit_test(rows_need_their_costs),
      cmocka_unit_test(refuses_what_does_not_fit),
      cmocka_unit_test(priors_move_probabilities),
      cmocka_unit_test(columns_of_costs_are_their_own),
      cmocka_unit_test(classes_without_rows_stay_without),
      cmocka_unit_test(rules_in_words),
      cmocka_unit_test(lack_of_memory_changes_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
