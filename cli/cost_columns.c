#include "cost_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cost_option.h"
#include "say.h"

static void ask_all(reading *opened, cost_columns *asked) {
  asked->first = opened->n_requests;
  for (size_t i = 0; i < asked->expressions.n; i++) {
    char *name = text_format("cost: %s", asked->expressions.items[i]);
    text_list_add(&asked->names, name);
    free(name);
  }
  for (size_t i = 0; i < asked->expressions.n; i++)
    reading_ask_double(opened, asked->expressions.items[i], asked->names.items[i]);
}

int cost_columns_ask(const settings *given, reading *opened, cost_columns *asked) {
  *asked = (cost_columns){0};
  int code = cost_expressions_read(given, &asked->expressions);
  if (code == EXIT_DONE) ask_all(opened, asked);
  return code;
}

void cost_columns_ask_rule(const sy_cost_rule *rule, reading *opened, cost_columns *asked) {
  *asked = (cost_columns){0};
  for (size_t i = 0; i < rule->n_expressions; i++)
    text_list_add(&asked->expressions, rule->expressions[i]);
  ask_all(opened, asked);
}

/* A value that is no cost: where it is, and the way out. */
static int bad_value(const reading *read, const char *expression, size_t i, double value) {
  char number[SY_NUMBER_SIZE];
  size_t row = read->rows_before + i + 1;
  if (isnan(value))
    return say_failed("%s row %zu: the cost '%s' is missing there; give such rows one, as in "
                      "coalesce(%s, 0)",
                      read->source, row, expression, expression);
  return say_failed("%s row %zu: the cost '%s' is %s there; costs are finite numbers", read->source,
                    row, expression, sy_number_format(value, number));
}

static bool is_absent(const double *row_weights, size_t row) {
  return row_weights && row_weights[row] == 0;
}

/* One expression on all rows. A row of weight 0 is absent: it takes the costs of one that is
 * there, so that nothing is found wrong with them. */
static int take_column(const reading *read, const char *expression, const sy_column *column,
                       const double *row_weights, size_t n_varying, double *values) {
  size_t rows = reading_rows(read), present = 0;
  while (present + 1 < rows && is_absent(row_weights, present)) present++;
  for (size_t i = 0; i < rows; i++) {
    double value = column_number(column, is_absent(row_weights, i) ? present : i);
    if (!isfinite(value)) return bad_value(read, expression, i, value);
    values[i * n_varying] = value;
  }
  return EXIT_DONE;
}

/* The column of an expression of the rule among those asked for. Before the classes were known, a
 * name that holds '=' may have looked like part of one. */
static const sy_column *find_column(const cost_columns *asked, const reading *read,
                                    const char *expression) {
  for (size_t i = 0; i < asked->expressions.n; i++)
    if (strcmp(asked->expressions.items[i], expression) == 0)
      return reading_column(read, asked->first + i);
  say_usage("--cost: put class names that hold '=' or ':' in \"double quotes\" (the cost "
            "'%s' could not be told from a name)",
            expression);
  return NULL;
}

static int check(const reading *read, const sy_costs *costs, const char *const *classes) {
  sy_error error;
  if (sy_costs_check(costs, reading_rows(read), classes, NULL, &error) == SY_OK) return EXIT_DONE;
  return say_error_at(&error, EXIT_DATA, "%s", read->source);
}

int cost_columns_values(const cost_columns *asked, const reading *read, const sy_cost_rule *rule,
                        const char *const *classes, const double *row_weights, double **values) {
  size_t n = rule->n_expressions;
  int code = EXIT_DONE;
  *values = NULL;
  if (n == 0) return code;
  *values = grab(reading_rows(read) * n, sizeof **values);
  for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
    const char *expression = rule->expressions[i];
    const sy_column *column = find_column(asked, read, expression);
    code = column ? take_column(read, expression, column, row_weights, n, *values + i) : EXIT_USAGE;
  }
  sy_costs costs = sy_cost_rule_view(rule, *values);
  return code == EXIT_DONE ? check(read, &costs, classes) : code;
}

int cost_columns_look(const reading *read, const sy_cost_rule *rule, size_t first) {
  size_t rows = reading_rows(read);
  for (size_t v = 0; v < rule->n_expressions; v++) {
    const sy_column *column = reading_column(read, first + v);
    for (size_t i = 0; i < rows; i++) {
      double value = column_number(column, i);
      if (!isfinite(value)) return bad_value(read, rule->expressions[v], i, value);
    }
  }
  return EXIT_DONE;
}

void cost_columns_free(cost_columns *asked) {
  text_list_free(&asked->expressions);
  text_list_free(&asked->names);
}
