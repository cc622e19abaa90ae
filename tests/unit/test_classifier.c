/* test_classifier.c: the handle: block and row give the same bits, and both are what the rooms
 * compute one after the other: decisions and logarithms to the bit, probabilities to rounding. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "model_scores.h"
#include <steelyard/classifier.h>

enum { SEEDS = 60 };

static scores first, second;

/* The same by the public calls of the other rooms. */
static void score_by_rooms(const sy_model *model, const random_table *table, scores *to) {
  const sy_encoder *encoder = sy_model_encoder(model);
  size_t width = sy_encoder_n_outputs(encoder), n_classes = sy_model_n_classes(model);
  double *encoded = malloc(RANDOM_ROWS * width * sizeof *encoded);
  assert_int_equal(
      sy_encoder_apply(encoder, &table->frame, 0, RANDOM_ROWS, SY_F64, encoded, width, NULL),
      SY_OK);
  sy_matrix rows = {encoded, SY_F64, RANDOM_ROWS, width, width};
  assert_int_equal(sy_predictor_logits(sy_model_predictor(model), rows, to->logs, NULL), SY_OK);
  sy_correct(to->logs, RANDOM_ROWS, n_classes, sy_model_class_weights(model), to->logs);
  free(encoded);
}

/* Probabilities are those of the logarithms, whose own rounding grows with their size. */
static void assert_chances(const double *chances, const double *logs, size_t n) {
  for (size_t i = 0; i < n; i++) {
    double wanted = exp(logs[i]);
    assert_true(fabs(chances[i] - wanted) <= 4 * DBL_EPSILON * (1 + fabs(logs[i])) * wanted ||
                (chances[i] == 0 && logs[i] == -(double)INFINITY));
  }
}

static void assert_by_rooms(const sy_model *model, const random_table *table, scores *scored) {
  size_t n_classes = sy_model_n_classes(model);
  score_by_rooms(model, table, &first);
  assert_memory_equal(first.logs, scored->logs, RANDOM_ROWS * n_classes * sizeof(double));
  assert_chances(scored->chances, scored->logs, RANDOM_ROWS * n_classes);
  sy_decide(scored->chances, RANDOM_ROWS, n_classes, sy_model_cost(model), first.decisions);
  assert_memory_equal(first.decisions, scored->decisions, sizeof first.decisions);
}

static void assert_same_scores(size_t n_classes) {
  size_t size = RANDOM_ROWS * n_classes * sizeof(double);
  assert_memory_equal(first.logs, second.logs, size);
  assert_memory_equal(first.chances, second.chances, size);
  assert_memory_equal(first.decisions, second.decisions, sizeof first.decisions);
}

static void fill_row(sy_row *row, const random_table *table, size_t i) {
  sy_row_clear(row);
  for (size_t c = 0; c < table->frame.n_columns; c++) {
    const sy_column *column = &table->columns[c];
    int index = sy_row_column(row, column->name);
    if (index < 0) continue; /* constant in training */
    if (column->type != SY_COLUMN_TEXT) {
      double value = column->f32 ? (double)column->f32[i] : column->f64[i];
      assert_true(sy_row_set_number(row, index, value));
    } else if (column->codes[i] != SY_MISSING) {
      assert_true(sy_row_set_text(row, index, column->values[column->codes[i]]));
    }
  }
}

static void decide_rows(const sy_model *model, const random_table *table, const scores *expected) {
  size_t n_classes = sy_model_n_classes(model);
  sy_row *row = sy_row_new(model);
  assert_non_null(row);
  for (size_t i = 0; i < RANDOM_ROWS; i++) {
    double chances[RANDOM_CLASSES];
    int decision = -1;
    fill_row(row, table, i);
    assert_int_equal(sy_model_decide(model, row, &decision, chances, NULL), SY_OK);
    assert_int_equal(decision, expected->decisions[i]);
    assert_memory_equal(chances, expected->chances + i * n_classes, n_classes * sizeof *chances);
  }
  sy_row_free(row);
}

static void blocks_and_rows_agree_with_the_rooms(void **state) {
  (void)state;
  size_t models = 0;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_any_new(table, seed);
    if (model) {
      models++;
      sy_threads_set(1 + (int)(seed % 3));
      score(model, table, &second);
      sy_threads_set(0);
      assert_by_rooms(model, table, &second);
      decide_rows(model, table, &second);
    }
    sy_model_free(model);
    free(table);
  }
  assert_true(models > SEEDS / 2);
}

/* Each output alone gives the bits of all together. */
static void scores_only_what_is_wanted(void **state) {
  (void)state;
  random_table *table = random_table_new(5);
  sy_model *model = random_model_new(table);
  assert_non_null(model);
  score(model, table, &first);
  memset(&second, 0, sizeof second);
  sy_model_score(model, &table->frame, second.logs, NULL, NULL, NULL);
  sy_model_score(model, &table->frame, NULL, second.chances, NULL, NULL);
  sy_model_score(model, &table->frame, NULL, NULL, second.decisions, NULL);
  assert_same_scores(sy_model_n_classes(model));
  table->frame.n_columns = 0;
  sy_error error;
  assert_int_equal(sy_model_score(model, &table->frame, NULL, NULL, second.decisions, &error),
                   SY_MISSING_COLUMN);
  sy_model_free(model);
  free(table);
}

/* A scorer's parts are what a score of the whole says, wherever it is cut. */
static void scores_in_parts(void **state) {
  (void)state;
  static const size_t cuts[] = {0, 1, 8, 137, 137, 500, RANDOM_ROWS};
  size_t models = 0;
  for (uint64_t seed = 1; seed <= SEEDS / 3; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_any_new(table, seed);
    sy_scorer *scorer = NULL;
    if (model) {
      size_t n_classes = sy_model_n_classes(model);
      models++;
      score(model, table, &first);
      memset(&second, 0, sizeof second);
      assert_int_equal(sy_scorer_new(model, &table->frame, &scorer, NULL), SY_OK);
      for (size_t i = 0; i + 1 < sizeof cuts / sizeof *cuts; i++)
        assert_int_equal(
            sy_scorer_run(scorer, cuts[i], cuts[i + 1], second.logs + cuts[i] * n_classes,
                          second.chances + cuts[i] * n_classes, second.decisions + cuts[i], NULL),
            SY_OK);
      assert_same_scores(n_classes);
    }
    sy_scorer_free(scorer);
    sy_model_free(model);
    free(table);
  }
  assert_true(models > SEEDS / 6);
}

static void a_scorer_knows_its_rows(void **state) {
  (void)state;
  random_table *table = random_table_new(5);
  sy_model *model = random_model_new(table);
  sy_scorer *scorer = NULL;
  sy_error error;
  assert_non_null(model);
  assert_int_equal(sy_scorer_new(model, &table->frame, &scorer, &error), SY_OK);
  assert_int_equal(sy_scorer_run(scorer, 0, RANDOM_ROWS + 1, NULL, NULL, NULL, &error),
                   SY_INVALID_SHAPE);
  assert_string_equal(error.text, "rows 0 to 701 of a table of 700 rows");
  assert_int_equal(sy_scorer_run(scorer, 2, 1, NULL, NULL, NULL, NULL), SY_INVALID_SHAPE);
  sy_scorer_free(scorer);
  table->frame.n_columns = 0;
  scorer = NULL;
  assert_int_equal(sy_scorer_new(model, &table->frame, &scorer, NULL), SY_MISSING_COLUMN);
  assert_null(scorer);
  sy_model_free(model);
  free(table);
}

/* A model of one number x and one text t, two classes, z = x. */
static sy_model *priced_model(const double *cost, sy_decision_source source, int positive) {
  static const double x[] = {-1, 1}, coefficients[] = {1, 0, 0}, intercepts[] = {0};
  static const uint32_t codes[] = {0, 1};
  static const char *const values[] = {"a", "b"}, *const classes[] = {"None", "damage"};
  const sy_column columns[] = {
      {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x},
      {.name = "t", .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = 2}};
  const sy_frame frame = {columns, 2, 2};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  double fixed[4];
  memcpy(fixed, cost, sizeof fixed);
  const sy_cost_rule rule = {.n_classes = 2, .fixed = fixed};
  const sy_model_parts parts = {
      .classes = classes, .n_classes = 2, .rule = &rule, .source = source, .positive = positive};
  assert_int_equal(sy_encoder_fit(&frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
  assert_int_equal(sy_predictor_logistic(3, 2, 1, coefficients, intercepts, &predictor, NULL),
                   SY_OK);
  assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, NULL), SY_OK);
  return model;
}

static void assert_rule(const double cost[4], sy_decision_source source, int positive,
                        const char *expected) {
  char text[100], cut[8];
  sy_model *model = priced_model(cost, source, positive);
  sy_model_describe_decision(model, text, sizeof text);
  assert_string_equal(text, expected);
  sy_model_describe_decision(model, cut, sizeof cut);
  assert_memory_equal(cut, expected, 7);
  assert_int_equal(cut[7], 0);
  sy_model_free(model);
}

static void describes_its_rule(void **state) {
  (void)state;
  const double plain[] = {0, 1, 1, 0}, five[] = {0, 1, 5, 0}, implied[] = {0, 2, 14.5, 0};
  const double never[] = {0, 1, 0, 0.5}, always[] = {1, 0.5, 2, 0}, tiny[] = {0, 1, 4e4, 0};
  assert_rule(plain, SY_DECISION_PLAIN, 1, "damage at p >= 0.500, the most probable class");
  assert_rule(five, SY_DECISION_GIVEN, 1, "damage at p >= 0.167, from given costs");
  assert_rule(five, SY_DECISION_GIVEN, -1, "damage at p >= 0.167, from given costs");
  assert_rule(five, SY_DECISION_GIVEN, 0, "None at p >= 0.833, from given costs");
  assert_rule(implied, SY_DECISION_IMPLIED, 1, "damage at p >= 0.121, implied by class weights");
  assert_rule(never, SY_DECISION_GIVEN, 1, "never damage, from given costs");
  assert_rule(always, SY_DECISION_GIVEN, 1, "always damage, from given costs");
  assert_rule(tiny, SY_DECISION_GIVEN, 1, "damage at p >= 2.5e-05, from given costs");
}

static void replaces_its_rule(void **state) {
  (void)state;
  const double plain[] = {0, 1, 1, 0};
  double given[] = {0, 1, 5, 0};
  const sy_cost_rule rule = {.n_classes = 2, .fixed = given};
  sy_model *model = priced_model(plain, SY_DECISION_PLAIN, 1);
  sy_row *row = sy_row_new(model);
  int decision;
  double chances[2];
  assert_true(sy_row_set_number(row, sy_row_column(row, "x"), -1)); /* p = 1/(1 + e) = 0.269 */
  assert_int_equal(sy_model_decide(model, row, &decision, chances, NULL), SY_OK);
  assert_int_equal(decision, 0);
  assert_true(fabs(chances[1] - 1 / (1 + exp(1))) < 1e-15);
  assert_int_equal(sy_model_set_rule(model, &rule, SY_DECISION_GIVEN, NULL), SY_OK);
  assert_int_equal(sy_model_decision_source(model), SY_DECISION_GIVEN);
  assert_memory_equal(sy_model_cost(model), given, sizeof given);
  assert_int_equal(sy_model_decide(model, row, &decision, NULL, NULL), SY_OK);
  assert_int_equal(decision, 1);
  sy_row_free(row);
  sy_model_free(model);
}

static void rows_know_their_columns_and_model(void **state) {
  (void)state;
  const double plain[] = {0, 1, 1, 0};
  sy_model *model = priced_model(plain, SY_DECISION_PLAIN, 1);
  sy_model *other = priced_model(plain, SY_DECISION_PLAIN, 1);
  sy_row *row = sy_row_new(model);
  int x = sy_row_column(row, "x"), t = sy_row_column(row, "t"), decision;
  sy_error error;
  assert_int_equal(sy_row_column(row, "y"), -1);
  assert_false(sy_row_set_number(row, t, 1));
  assert_false(sy_row_set_number(row, -1, 1));
  assert_false(sy_row_set_number(row, 2, 1));
  assert_false(sy_row_set_text(row, x, "a"));
  assert_true(sy_row_set_text(row, t, "a"));
  assert_int_equal(sy_model_decide(other, row, &decision, NULL, &error), SY_INVALID_ARGUMENT);
  sy_row_free(row);
  sy_model_free(model);
  sy_model_free(other);
}

/* Finite numbers whose standardised values are infinities of both signs have no probability. */
static void tells_of_numbers_too_far_off(void **state) {
  (void)state;
  static const double x[] = {-1e-30, 1e-30, 1e308, 0}, y[] = {1e-30, -1e-30, -1e308, 0};
  static const double coefficients[] = {1, 1}, intercepts[] = {0};
  static const char *const classes[] = {"None", "damage"};
  const sy_column columns[] = {{.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x},
                               {.name = "y", .type = SY_COLUMN_NUMBER, .f64 = y}};
  const sy_frame trained = {columns, 2, 2}, given = {columns, 2, 4};
  const sy_model_parts parts = {.classes = classes, .n_classes = 2, .positive = 1};
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  sy_error error;
  int decision;
  double chances[8];
  assert_int_equal(sy_encoder_fit(&trained, NULL, NULL, NULL, &encoder, NULL), SY_OK);
  assert_int_equal(sy_predictor_logistic(2, 2, 1, coefficients, intercepts, &predictor, NULL),
                   SY_OK);
  assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, NULL), SY_OK);
  assert_int_equal(sy_model_score(model, &given, NULL, chances, NULL, &error), SY_INVALID_DATA);
  assert_memory_equal(error.text, "row 3: its numbers lie so far", 29);
  sy_row *row = sy_row_new(model);
  assert_true(sy_row_set_number(row, 0, 1e308));
  assert_int_equal(sy_model_decide(model, row, &decision, chances, NULL), SY_OK);
  assert_true(chances[1] == 1);
  assert_true(sy_row_set_number(row, 1, -1e308));
  assert_int_equal(sy_model_decide(model, row, &decision, chances, &error), SY_INVALID_DATA);
  sy_row_free(row);
  sy_model_free(model);
}

/* A column of three values of which each is seen twice, as codes or not, and a network that embeds
 * so many. */
static sy_status put_together(bool codes, size_t n_values, sy_error *error) {
  static const uint32_t towns[] = {0, 1, 2, 0, 1, 2};
  static const char *const names[] = {"a", "b", "c"}, *const classes[] = {"no", "yes"};
  const sy_column column = {
      .name = "town", .type = SY_COLUMN_TEXT, .codes = towns, .values = names, .n_values = 3};
  const sy_frame frame = {&column, 1, 6};
  const sy_embedding embedding = {0, n_values, 2};
  const double zeros[64] = {0};
  const sy_model_parts parts = {.classes = classes, .n_classes = 2, .positive = -1};
  sy_encoder_options options = sy_encoder_options_default();
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  options.codes = codes;
  options.max_categories = codes ? 2 : 64;
  assert_int_equal(sy_encoder_fit(&frame, NULL, &options, NULL, &encoder, NULL), SY_OK);
  const sy_network_shape shape = {.n_features = sy_encoder_n_outputs(encoder),
                                  .n_outputs = 2,
                                  .embeddings = &embedding,
                                  .n_embeddings = n_values > 0};
  assert_int_equal(sy_predictor_network(&shape, zeros, 1, &predictor, NULL), SY_OK);
  sy_status status = sy_model_new(encoder, predictor, &parts, &model, error);
  sy_model_free(model);
  return status;
}

static void codes_and_embeddings_must_fit(void **state) {
  (void)state;
  sy_error error;
  assert_int_equal(put_together(true, 4, &error), SY_OK);
  assert_int_equal(put_together(false, 0, &error), SY_OK);
  assert_int_equal(put_together(true, 3, &error), SY_INVALID_SHAPE);
  assert_non_null(strstr(error.text, "encoded column 1 has 4 codes, the predictor takes 3 "));
  assert_int_equal(put_together(true, 0, &error), SY_INVALID_SHAPE);
  assert_int_equal(put_together(false, 3, &error), SY_INVALID_SHAPE);
}

/* Sets a row by name, of texts that are gone right after; counts what was set. */
static void set_by_name(sy_row *row, const random_table *table, size_t i, size_t set[2]) {
  sy_row_clear(row);
  for (size_t c = 0; c < table->frame.n_columns; c++) {
    const sy_column *column = &table->columns[c];
    bool is_text = column->type == SY_COLUMN_TEXT, known = sy_row_column(row, column->name) >= 0;
    char text[32] = "";
    if (is_text && column->codes[i] != SY_MISSING) strcpy(text, column->values[column->codes[i]]);
    double number = is_text ? 1 : column->f32 ? (double)column->f32[i] : column->f64[i];
    assert_int_equal(sy_row_set_text_by_name(row, column->name, text), known && is_text);
    assert_int_equal(sy_row_set_number_by_name(row, column->name, number), known && !is_text);
    memset(text, 'z', sizeof text - 1);
    set[is_text] += known;
  }
  assert_false(sy_row_set_number_by_name(row, "no such column", 1));
}

static void sets_by_name_as_by_index(void **state) {
  (void)state;
  size_t set[2] = {0, 0};
  for (uint64_t seed = 1; seed <= SEEDS / 3; seed++) {
    random_table *table = random_table_new(seed);
    sy_model *model = random_any_new(table, seed);
    sy_row *by_index = model ? sy_row_new(model) : NULL,
           *by_name = model ? sy_row_new(model) : NULL;
    for (size_t i = 0; model && i < RANDOM_ROWS; i++) {
      double a[RANDOM_CLASSES], b[RANDOM_CLASSES];
      int decision_a = -1, decision_b = -2;
      fill_row(by_index, table, i);
      set_by_name(by_name, table, i, set);
      assert_int_equal(sy_model_decide(model, by_index, &decision_a, a, NULL), SY_OK);
      assert_int_equal(sy_model_decide(model, by_name, &decision_b, b, NULL), SY_OK);
      assert_int_equal(decision_a, decision_b);
      assert_memory_equal(a, b, sy_model_n_classes(model) * sizeof *a);
    }
    sy_row_free(by_index);
    sy_row_free(by_name);
    sy_model_free(model);
    free(table);
  }
  assert_true(set[0] > 0 && set[1] > 0);
}

static void deciding_allocates_nothing(void **state) {
  (void)state;
  const double plain[] = {0, 1, 1, 0};
  sy_model *model = priced_model(plain, SY_DECISION_PLAIN, 1);
  sy_row *row = sy_row_new(model);
  int decision;
  sy_memory_fail_nth(1);
  sy_row_set_text(row, sy_row_column(row, "t"), "unseen");
  assert_int_equal(sy_model_decide(model, row, &decision, NULL, NULL), SY_OK);
  assert_int_equal(sy_memory_fail_nth(0), 1); /* the failure is still to come */
  sy_row_free(row);
  sy_model_free(model);
}

static void keeps_notes_in_order(void **state) {
  (void)state;
  const double plain[] = {0, 1, 1, 0};
  sy_model *model = priced_model(plain, SY_DECISION_PLAIN, 1);
  assert_int_equal(sy_model_n_notes(model), 0);
  assert_null(sy_model_note(model, "label"));
  sy_model_set_note(model, "label", "first", NULL);
  sy_model_set_note(model, "rows", "10", NULL);
  sy_model_set_note(model, "label", "second", NULL);
  assert_int_equal(sy_model_n_notes(model), 2);
  assert_string_equal(sy_model_note_key(model, 0), "label");
  assert_string_equal(sy_model_note_key(model, 1), "rows");
  assert_null(sy_model_note_key(model, 2));
  assert_string_equal(sy_model_note(model, "label"), "second");
  sy_model_free(model);
}

static void refuses_parts_that_do_not_fit(void **state) {
  (void)state;
  const double intercepts[3] = {0};
  const char *const classes[] = {"a", "b", "c"};
  for (int what = 0; what < 3; what++) {
    random_table *table = random_table_new(3);
    sy_encoder *encoder = NULL;
    sy_predictor *predictor = NULL;
    sy_model *model = NULL;
    sy_error error;
    table->frame.n_columns = 1;
    assert_int_equal(sy_encoder_fit(&table->frame, NULL, NULL, NULL, &encoder, NULL), SY_OK);
    size_t width = what == 0 ? sy_encoder_n_outputs(encoder) + 1 : sy_encoder_n_outputs(encoder);
    double *zeros = calloc(width, sizeof *zeros);
    assert_int_equal(sy_predictor_logistic(width, 2, 1, zeros, intercepts, &predictor, NULL),
                     SY_OK);
    sy_model_parts parts = {
        .classes = classes, .n_classes = what == 1 ? 3 : 2, .positive = what == 2 ? 2 : -1};
    assert_int_equal(sy_model_new(encoder, predictor, &parts, &model, &error), SY_INVALID_SHAPE);
    assert_null(model);
    free(zeros);
    free(table);
  }
}

static void every_failed_allocation_is_told(void **state) {
  (void)state;
  random_table *table = random_table_new(5);
  sy_model *model = random_model_new(table);
  assert_non_null(model);
  sy_threads_set(1);
  bool done = false;
  for (size_t n = 1; !done; n++) {
    sy_error error;
    sy_memory_fail_nth(n);
    sy_status status = sy_model_score(model, &table->frame, NULL, NULL, first.decisions, &error);
    sy_row *row = status ? NULL : sy_row_new(model);
    done = sy_memory_fail_nth(0) > 0;
    assert_int_equal(!status && row, done);
    if (status) assert_int_equal(status, SY_OUT_OF_MEMORY);
    sy_row_free(row);
  }
  sy_threads_set(0);
  sy_model_free(model);
  free(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(blocks_and_rows_agree_with_the_rooms),
      cmocka_unit_test(scores_only_what_is_wanted),
      cmocka_unit_test(scores_in_parts),
      cmocka_unit_test(a_scorer_knows_its_rows),
      cmocka_unit_test(codes_and_embeddings_must_fit),
      cmocka_unit_test(sets_by_name_as_by_index),
      cmocka_unit_test(describes_its_rule),
      cmocka_unit_test(replaces_its_rule),
      cmocka_unit_test(rows_know_their_columns_and_model),
      cmocka_unit_test(tells_of_numbers_too_far_off),
      cmocka_unit_test(deciding_allocates_nothing),
      cmocka_unit_test(keeps_notes_in_order),
      cmocka_unit_test(refuses_parts_that_do_not_fit),
      cmocka_unit_test(every_failed_allocation_is_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
