#include "label_cells.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

static bool is_blank_text(const char *label) {
  return !label || !label[strspn(label, " \t")];
}

static bool is_nan_text(const char *label) {
  double number;
  return sy_number_parse(label, &number) && isnan(number);
}

/* Which of the distinct values are NaN; (n_values) to free(). */
static bool *find_nan(const sy_column *column, missing_labels *seen) {
  bool *nan = grab(column->n_values, sizeof *nan);
  double number;
  for (size_t v = 0; v < column->n_values; v++) {
    const char *label = column->values[v];
    if (is_blank_text(label)) continue;
    nan[v] = is_nan_text(label);
    if (!sy_number_parse(label, &number)) seen->has_names = true;
  }
  return nan;
}

/* `before` and `after` the name of the column make the condition of a query without such rows. */
static int say_missing(const reading *opened, const char *column, size_t row, const char *what,
                       const char *before, const char *after) {
  char *name = text_quoted(column, '"');
  int code = say_failed("%s row %zu: column \"%s\": the label is missing%s; a query as source "
                        "leaves such rows out: SELECT ... WHERE %s%s%s",
                        opened->source, row, column, what, before, name, after);
  free(name);
  return code;
}

static int say_blank(const reading *opened, const sy_column *column, size_t row) {
  bool null = column->codes[row] == SY_MISSING;
  return say_missing(opened, column->name, opened->rows_before + row + 1, "", null ? "" : "trim(",
                     null ? " IS NOT NULL" : ") <> ''");
}

int missing_labels_check(const reading *opened, size_t place, missing_labels *seen) {
  const sy_column *column = reading_column(opened, place);
  size_t n = reading_rows(opened);
  bool *nan = find_nan(column, seen);
  int code = EXIT_DONE;
  for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
    if (is_blank_text(column_text(column, i)))
      code = say_blank(opened, column, i);
    else if (!seen->has_nan && nan[column->codes[i]])
      seen->has_nan = true, seen->nan_row = opened->rows_before + i + 1;
  }
  free(nan);
  return code;
}

int missing_labels_end(const reading *opened, const char *column, const missing_labels *seen) {
  if (!seen->has_nan || seen->has_names) return EXIT_DONE;
  return say_missing(opened, column, seen->nan_row, " (NaN)", "", " <> 'NaN'");
}

/* Whether a label is a whole number. Its digits are read as they are, for int64 has more of them
 * than a double. */
static bool parse_index(const char *text, int64_t *id) {
  char *end;
  errno = 0;
  long long whole = strtoll(text, &end, 10);
  bool digits = end != text && end[strspn(end, " \t")] == '\0';
  if (digits) {
    *id = whole;
    return errno == 0;
  }
  double value; /* as in 3.0 or 1e3 */
  bool good = sy_number_parse(text, &value) && value == floor(value) && fabs(value) < 0x1p53;
  if (good) *id = (int64_t)value;
  return good;
}

static int say_no_index(const reading *opened, const sy_column *column, size_t row) {
  return say_failed("%s row %zu: column \"%s\": the label '%s' is no whole number, as "
                    "--label-kind index needs",
                    opened->source, opened->rows_before + row + 1, column->name,
                    column_text(column, row));
}

int label_ids_read(const reading *opened, size_t place, int64_t **ids) {
  const sy_column *column = reading_column(opened, place);
  size_t n = reading_rows(opened);
  int64_t *of_value = grab(column->n_values, sizeof *of_value);
  bool *good = grab(column->n_values, sizeof *good);
  int code = EXIT_DONE;
  *ids = grab(n, sizeof **ids);
  for (size_t v = 0; v < column->n_values; v++)
    good[v] = parse_index(column->values[v], &of_value[v]);
  for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
    uint32_t value = column->codes[i];
    if (good[value])
      (*ids)[i] = of_value[value];
    else
      code = say_no_index(opened, column, i);
  }
  free(good);
  free(of_value);
  return code;
}
