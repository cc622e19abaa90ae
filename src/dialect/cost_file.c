/* cost_file.c: cost matrices of Weka: "Rows Columns" and the rows, or the older format, a line
 * "ACTUAL PREDICTED COST" for each mistake that does not cost 1. */
#include "dialect/cost_file.h"

#include "base/error.h"
#include "dialect/script.h"

#include <math.h>
#include <steelyard/dialect.h>
#include <string.h>

enum { MOST_DIGITS = 9 };

/* A line that says something, and where it stands. */
typedef struct line {
  const char *at, *end;
  size_t number;
} line;

static const char blanks[] = " \t\v\f\r";

/* Moves to the next line that is more than a comment; false at the end. */
static bool next_line(line *in) {
  while (*in->at) {
    const char *start = in->at + strspn(in->at, blanks);
    in->end = start + strcspn(start, "\n%");
    in->number++;
    if (in->end > start) {
      in->at = start;
      return true;
    }
    in->at = in->end + strcspn(in->end, "\n");
    in->at += *in->at == '\n';
  }
  return false;
}

/* Behind the rest of a line. */
static void leave_line(line *in) {
  in->at += strcspn(in->at, "\n");
  in->at += *in->at == '\n';
}

/* The next word of the line; false where there is none. One that is too long for a number is cut
 * and marked, so that it is none. */
static bool next_word(line *in, char word[SY_SHOWN_SIZE]) {
  while (in->at < in->end && strchr(blanks, *in->at)) in->at++;
  const char *start = in->at;
  while (in->at < in->end && !strchr(blanks, *in->at)) in->at++;
  sy_piece_shown(start, in->at, word);
  return in->at > start;
}

static size_t count_words(line in) {
  char word[SY_SHOWN_SIZE];
  size_t n = 0;
  while (next_word(&in, word)) n++;
  return n;
}

static bool read_integer(const char *word, size_t *value) {
  size_t length = strlen(word);
  *value = 0;
  for (size_t i = 0; i < length; i++) {
    if (word[i] < '0' || word[i] > '9') return false;
    *value = *value * 10 + (size_t)(word[i] - '0');
  }
  return length > 0 && length <= MOST_DIGITS;
}

/* "Rows Columns" at the line. */
static bool read_size(line in, size_t *rows, size_t *columns) {
  char first[SY_SHOWN_SIZE], second[SY_SHOWN_SIZE], third[SY_SHOWN_SIZE];
  return next_word(&in, first) && next_word(&in, second) && !next_word(&in, third) &&
         read_integer(first, rows) && read_integer(second, columns);
}

bool sy_cost_file_size(const char *text, size_t *n_classes) {
  line in = {.at = text};
  size_t columns;
  return next_line(&in) && read_size(in, n_classes, &columns) && *n_classes == columns;
}

static sy_status read_cost(const char *word, size_t line_number, double *cost, sy_error *error) {
  char shown[SY_SHOWN_SIZE];
  if (sy_number_parse(word, cost) && isfinite(*cost)) return SY_OK;
  return sy_fail(
      error, SY_INVALID_COST,
      "costs, line %zu: '%s' is no finite number; expressions over columns are not taken",
      line_number, sy_shown(word, shown));
}

static sy_status read_row(line *in, size_t n, double *row, sy_error *error) {
  char word[SY_SHOWN_SIZE];
  size_t cells = count_words(*in);
  if (cells != n)
    return sy_fail(error, SY_INVALID_COST, "costs, line %zu: there are %zu costs for %zu classes",
                   in->number, cells, n);
  sy_status status = SY_OK;
  for (size_t j = 0; j < n && status == SY_OK; j++) {
    next_word(in, word);
    status = read_cost(word, in->number, &row[j], error);
  }
  return status;
}

/* The rows of the actual classes, one a line. */
static sy_status read_matrix(line *in, size_t n, double *cost, sy_error *error) {
  size_t rows = 0;
  sy_status status = SY_OK;
  for (leave_line(in); next_line(in) && status == SY_OK; leave_line(in), rows++) {
    if (rows == n)
      return sy_fail(error, SY_INVALID_COST, "costs, line %zu: there are more than %zu rows",
                     in->number, n);
    status = read_row(in, n, cost + rows * n, error);
  }
  if (status != SY_OK || rows == n) return status;
  return sy_fail(error, SY_INVALID_COST, "costs, line %zu: there are %zu rows for %zu classes",
                 in->number, rows, n);
}

/* "ACTUAL PREDICTED COST", classes by position. */
static sy_status read_triple(line *in, size_t n, double *cost, sy_error *error) {
  char words[3][SY_SHOWN_SIZE], shown[SY_SHOWN_SIZE];
  size_t classes[2];
  if (count_words(*in) != 3)
    return sy_fail(error, SY_INVALID_COST,
                   "costs, line %zu: the ids of two classes and a cost would be right", in->number);
  for (size_t i = 0; i < 3; i++) next_word(in, words[i]);
  for (size_t i = 0; i < 2; i++)
    if (!read_integer(words[i], &classes[i]) || classes[i] >= n)
      return sy_fail(error, SY_INVALID_COST,
                     "costs, line %zu: '%s' is no class; they are numbered 0..%zu", in->number,
                     sy_shown(words[i], shown), n - 1);
  return read_cost(words[2], in->number, &cost[classes[0] * n + classes[1]], error);
}

static sy_status read_triples(line *in, size_t n, double *cost, sy_error *error) {
  sy_status status = SY_OK;
  for (size_t i = 0; i < n * n; i++) cost[i] = i % (n + 1) == 0 ? 0 : 1;
  do {
    status = read_triple(in, n, cost, error);
    leave_line(in);
  } while (status == SY_OK && next_line(in));
  return status;
}

sy_status sy_dialect_read_cost(const char *text, size_t n_classes, double *cost, sy_error *error) {
  line in = {.at = text};
  size_t rows, columns;
  if (!next_line(&in)) return sy_fail(error, SY_INVALID_COST, "there are no costs in the text");
  size_t words = count_words(in);
  if (words == 3) return read_triples(&in, n_classes, cost, error);
  if (!read_size(in, &rows, &columns))
    return sy_fail(error, SY_INVALID_COST,
                   "costs, line %zu: the numbers of rows and columns would be right", in.number);
  if (rows == n_classes && columns == n_classes) return read_matrix(&in, n_classes, cost, error);
  return sy_fail(error, SY_INVALID_COST,
                 "costs, line %zu: a matrix of %zu rows and %zu columns for %zu classes", in.number,
                 rows, columns, n_classes);
}
