#include "roles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

static int find(const reading *opened, const char *option, const char *column, role *found) {
  if (!column) return EXIT_DONE;
  found->used = true;
  return reading_find(opened, option, column, &found->column);
}

static const char *sql_type(sy_column_type type) {
  switch (type) {
  case SY_COLUMN_NUMBER:
    return "DOUBLE";
  case SY_COLUMN_BOOLEAN:
    return "BOOLEAN";
  case SY_COLUMN_DATE:
    return "TIMESTAMP";
  case SY_COLUMN_TEXT:
    break;
  }
  return "VARCHAR";
}

/* Whether DuckDB reads a text as a date or time; an exit code in *code where it cannot be asked. */
static bool is_date(const char *literal, int *code) {
  settings plain = settings_default();
  char *query = text_format("SELECT TRY_CAST(%s AS TIMESTAMP) IS NOT NULL AS good", literal);
  reading asked;
  *code = reading_open(&plain, query, &asked);
  if (*code == EXIT_DONE) reading_ask(&asked, 0, SY_AS_NUMBER);
  if (*code == EXIT_DONE) *code = reading_run(&asked);
  bool good = *code == EXIT_DONE && column_number(reading_column(&asked, 0), 0) > 0;
  reading_close(&asked);
  free(query);
  return good;
}

static int check_value(const char *name, sy_column_type type, const char *value,
                       const char *literal) {
  double number;
  int code = EXIT_DONE;
  if (type == SY_COLUMN_NUMBER && !sy_number_parse(value, &number))
    return say_usage("--test-after: column \"%s\" holds numbers, and '%s' is none", name, value);
  if (type == SY_COLUMN_DATE && !is_date(literal, &code) && code == EXIT_DONE)
    return say_usage("--test-after: column \"%s\" holds dates, and '%s' is none; write them as "
                     "2024-12-31",
                     name, value);
  return code;
}

/* --test-after COL=VALUE as SQL that is true for the test rows. */
static int after_read(const settings *given, const reading *opened, roles *asked) {
  if (!given->test_after) return EXIT_DONE;
  const char *equals = strrchr(given->test_after, '=');
  if (!equals || equals == given->test_after || !equals[1])
    return say_usage("--test-after takes COL=VALUE, as in year=2020, not '%s'", given->test_after);
  char *column = text_copy(given->test_after);
  column[equals - given->test_after] = 0;
  int code = find(opened, "--test-after", text_unquote(column), &asked->after);
  free(column);
  if (code != EXIT_DONE) return code;
  const char *name = sy_table_column_name(opened->table, asked->after.column);
  sy_column_type type = sy_table_column_type(opened->table, asked->after.column);
  char *identifier = text_quoted(name, '"'), *literal = text_quoted(equals + 1, '\'');
  code = check_value(name, type, equals + 1, literal);
  asked->after_expression = text_format("%s > CAST(%s AS %s)", identifier, literal, sql_type(type));
  free(identifier);
  free(literal);
  return code;
}

static int check_distinct(const reading *opened, const roles *asked) {
  enum { N = 4 };
  const role *all[N] = {&asked->label, &asked->weight, &asked->group, &asked->sequence};
  static const char *const options[N] = {"--label", "--sample-weight", "--group", "--sequence"};
  for (size_t i = 0; i < N; i++)
    for (size_t j = i + 1; j < N; j++)
      if (all[i]->used && all[j]->used && all[i]->column == all[j]->column)
        return say_usage("%s and %s name the same column, \"%s\"", options[i], options[j],
                         sy_table_column_name(opened->table, all[i]->column));
  return EXIT_DONE;
}

static int check_types(const reading *opened, const roles *asked) {
  const sy_table *table = opened->table;
  size_t label = asked->label.column, weight = asked->weight.column;
  /* Inside a query DuckDB reads files by itself, and takes yes and no for booleans. */
  if (asked->label.used && strcmp(opened->source, "query") == 0 &&
      sy_table_column_type(table, label) == SY_COLUMN_BOOLEAN)
    say_remark(
        "note: column \"%s\" comes out of the query as true and false, whatever the file says "
        "(yes and no, T and F): FROM read_csv(FILE, all_varchar = true) keeps it as written",
        sy_table_column_name(table, label));
  if (asked->weight.used && sy_table_column_type(table, weight) == SY_COLUMN_DATE)
    return say_failed("%s: column \"%s\" holds dates; row weights are numbers of at least 0",
                      opened->source, sy_table_column_name(table, weight));
  return EXIT_DONE;
}

static int find_all(const settings *given, const reading *opened, roles *asked) {
  int code = find(opened, given->label_origin, given->label, &asked->label);
  if (code == EXIT_DONE)
    code = find(opened, "--sample-weight", given->sample_weight, &asked->weight);
  if (code == EXIT_DONE) code = find(opened, "--group", given->group, &asked->group);
  if (code == EXIT_DONE) code = find(opened, "--sequence", given->sequence, &asked->sequence);
  if (code == EXIT_DONE) code = after_read(given, opened, asked);
  if (code == EXIT_DONE) code = check_distinct(opened, asked);
  return code == EXIT_DONE ? check_types(opened, asked) : code;
}

int roles_ask(const settings *given, reading *opened, roles *asked) {
  *asked = (roles){0};
  int code = find_all(given, opened, asked);
  if (code != EXIT_DONE) return code;
  if (asked->label.used) asked->label.place = reading_ask(opened, asked->label.column, SY_AS_TEXT);
  if (asked->weight.used)
    asked->weight.place = reading_ask(opened, asked->weight.column, SY_AS_DOUBLE);
  if (asked->group.used) asked->group.place = reading_ask(opened, asked->group.column, SY_AS_TEXT);
  if (asked->sequence.used)
    asked->sequence.place = reading_ask(opened, asked->sequence.column, SY_AS_TEXT);
  if (asked->after.used)
    asked->after.place = reading_ask_expression(opened, asked->after_expression, "test row");
  return EXIT_DONE;
}

void roles_free(roles *asked) {
  free(asked->after_expression);
}

static int bad_weight(const reading *opened, const sy_column *column, size_t i, double value) {
  char number[SY_NUMBER_SIZE];
  size_t row = opened->rows_before + i + 1;
  if (isnan(value))
    return say_failed("%s row %zu: column \"%s\": the row weight is missing or NaN; row weights "
                      "are numbers of at least 0",
                      opened->source, row, column->name);
  if (value > 0 && !isinf(value))
    return say_failed(
        "%s row %zu: column \"%s\": the row weight %s is out of range: use a unit that "
        "puts weights between 1e-100 and 1e100 (or at 0)",
        opened->source, row, column->name, sy_number_format(value, number));
  return say_failed("%s row %zu: column \"%s\": the row weight %s is %s; row weights are finite "
                    "numbers of at least 0",
                    opened->source, row, column->name, sy_number_format(value, number),
                    value < 0 ? "negative" : "infinite");
}

int roles_row_weights(const reading *opened, const role *weight, double **row_weights,
                      bool *positive) {
  *row_weights = NULL;
  if (!weight->used) return EXIT_DONE;
  const sy_column *column = reading_column(opened, weight->place);
  size_t n = reading_rows(opened);
  *row_weights = grab(n, sizeof **row_weights);
  for (size_t i = 0; i < n; i++) {
    double value = column_number(column, i);
    /* Products of weights must neither overflow nor vanish. */
    bool good = value == 0 || (value >= 1e-100 && value <= 1e100);
    if (!good) return bad_weight(opened, column, i, value);
    (*row_weights)[i] = value;
    if (value > 0) *positive = true;
  }
  return EXIT_DONE;
}

int roles_row_weights_end(const reading *opened, const role *weight, bool positive) {
  if (!weight->used || positive) return EXIT_DONE;
  return say_failed("%s: all row weights in column \"%s\" are zero", opened->source,
                    sy_table_column_name(opened->table, weight->column));
}

int roles_groups(const reading *opened, const roles *asked, uint32_t **groups) {
  const role *together = asked->group.used ? &asked->group : &asked->sequence;
  if (!together->used) return EXIT_DONE;
  const sy_column *column = reading_column(opened, together->place);
  size_t n = reading_rows(opened);
  uint32_t alone = (uint32_t)column->n_values;
  *groups = grab(n, sizeof **groups);
  /* A row without a group belongs to no other row: each is a group of its own. */
  for (size_t i = 0; i < n; i++)
    (*groups)[i] = column->codes[i] == SY_MISSING ? alone++ : column->codes[i];
  return EXIT_DONE;
}

int roles_test_mask(const settings *given, const reading *opened, const role *after,
                    uint8_t **test_mask) {
  if (!after->used) return EXIT_DONE;
  const sy_column *column = reading_column(opened, after->place);
  size_t n = reading_rows(opened), later = 0, unknown = 0;
  *test_mask = grab(n, 1);
  for (size_t i = 0; i < n; i++) {
    double value = column_number(column, i);
    (*test_mask)[i] = value > 0;
    later += value > 0;
    unknown += isnan(value) != 0;
  }
  if (later == 0 || later == n)
    return say_usage("--test-after %s: %s row of %s is later, so there is nothing to %s",
                     given->test_after, later ? "every" : "no", opened->source,
                     later ? "train on" : "test on");
  if (unknown)
    say_remark("note: %zu rows have no value in the column of --test-after; they train", unknown);
  return EXIT_DONE;
}
