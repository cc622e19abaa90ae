/* leak.c: each column's own ROC curve. A text column scores a row by how often its value was of
 * the class among the OTHER half of the rows looked at, so that values seen once tell nothing. Of
 * three classes and more each is told from the rest. There an honest column may well know one of
 * them (the length of a petal knows one iris of three); one that knows half of them or more is
 * told. */
#include "study/leak.h"

#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "evaluate/order.h"
#include "features/columns.h"

enum { MOST_ROWS = 20000, LEAST_OF_A_CLASS = 10, MOST_CLASSES = 50 };
static const double TELLTALE = 0.995;

typedef struct sample {
  const sy_bench *bench;
  size_t *rows;
  size_t n;
  int32_t hit;               /* the class that is told from the rest */
  sy_ranked *ranked, *spare; /* (n) each */
} sample;

static void sample_clear(sample *s) {
  free(s->rows);
  free(s->ranked);
  free(s->spare);
}

/* Every so-many-th of the rows that take part, from the first to the last. */
static sy_status sample_make(const sy_bench *bench, sample *s, sy_error *error) {
  size_t present = 0, seen = 0;
  for (size_t i = 0; i < bench->n; i++) present += bench->ids[i] != SY_IGNORED;
  size_t step = present / MOST_ROWS + 1;
  size_t room = present / step + 1;
  *s = (sample){.bench = bench,
                .rows = sy_alloc(room, sizeof *s->rows),
                .ranked = sy_alloc(room, sizeof *s->ranked),
                .spare = sy_alloc(room, sizeof *s->spare)};
  if (!s->rows || !s->ranked || !s->spare) return sy_fail_memory(error);
  for (size_t i = 0; i < bench->n; i++) {
    if (bench->ids[i] == SY_IGNORED) continue;
    if (seen++ % step == 0) s->rows[s->n++] = i;
  }
  return SY_OK;
}

/* Area under the curve of n ranked rows, ties counting half; NaN with too few of a class. */
static double area(sample *s, size_t n) {
  double above = 0, area_sum = 0, positives = 0;
  const sy_ranked *sorted = sy_order_sort(s->ranked, s->spare, n);
  for (size_t begin = 0; begin < n;) {
    size_t end = begin;
    double hits = 0, rest = 0;
    for (; end < n && sorted[end].key == sorted[begin].key; end++) {
      bool hit = sorted[end].signed_weight > 0;
      hits += hit;
      rest += !hit;
    }
    area_sum += rest * (above + hits / 2);
    above += hits;
    begin = end;
  }
  positives = above;
  double others = (double)n - positives;
  if (positives < LEAST_OF_A_CLASS || others < LEAST_OF_A_CLASS) return NAN;
  return area_sum / (positives * others);
}

static void rank_row(sample *s, size_t place, size_t row, double score) {
  s->ranked[place] = (sy_ranked){.key = sy_order_key(score),
                                 .signed_weight = s->bench->ids[row] == s->hit ? 1 : -1};
}

static double area_of_numbers(sample *s, const sy_column *column) {
  for (size_t j = 0; j < s->n; j++) {
    size_t row = s->rows[j];
    double value = sy_column_value(column, row);
    rank_row(s, j, row, isnan(value) ? -INFINITY : value);
  }
  return area(s, s->n);
}

/* The value of a row, n_values where it is missing. */
static size_t value_of(const sy_column *column, size_t row) {
  uint32_t code = sy_column_code(column, row);
  return code == SY_MISSING ? column->n_values : code;
}

/* rates: (2, n_values + 1) rows and rows of the class of each value, the last for missing ones. */
static double area_of_texts(sample *s, const sy_column *column, double *rates) {
  size_t n_values = column->n_values, ranked = 0;
  double *rows = rates, *hits = rates + n_values + 1, all = 0, all_hits = 0;
  for (size_t j = 0; j < s->n; j++) {
    size_t row = s->rows[j];
    size_t value = value_of(column, row);
    bool hit = s->bench->ids[row] == s->hit;
    if (j % 2 == 0) {
      rows[value]++;
      hits[value] += hit;
      all++;
      all_hits += hit;
    }
  }
  for (size_t j = 1; j < s->n; j += 2) {
    size_t row = s->rows[j];
    size_t value = value_of(column, row);
    rank_row(s, ranked++, row, rows[value] > 0 ? hits[value] / rows[value] : all_hits / all);
  }
  return area(s, ranked);
}

static sy_status area_of(sample *s, const sy_column *column, double *found, sy_error *error) {
  if (column->type != SY_COLUMN_TEXT) {
    *found = area_of_numbers(s, column);
    return SY_OK;
  }
  double *rates = sy_alloc_zero(column->n_values + 1, 2 * sizeof *rates);
  if (!rates) return sy_fail_memory(error);
  *found = area_of_texts(s, column, rates);
  free(rates);
  return SY_OK;
}

/* How surely a column knows half of the classes or more: the least area of those it knows; 0
 * where it knows fewer. Of two classes, one tells all. */
static sy_status knows(sample *s, const sy_column *column, double *certainty, sy_error *error) {
  size_t n_classes = s->bench->n_classes, looked_at = 0, known = 0;
  double least = 1;
  *certainty = 0;
  for (size_t k = n_classes == 2; k < n_classes; k++) {
    double found = NAN;
    s->hit = (int32_t)k;
    sy_status status = area_of(s, column, &found, error);
    if (status != SY_OK) return status;
    if (isnan(found)) continue;
    found = fmax(found, 1 - found);
    looked_at++;
    if (!(found > TELLTALE)) continue;
    known++;
    least = fmin(least, found);
  }
  if (known > 0 && 2 * known >= looked_at) *certainty = least;
  return SY_OK;
}

static sy_status look_at_columns(sample *s, const sy_frame *frame, sy_messages *messages,
                                 sy_error *error) {
  sy_status status = SY_OK;
  for (size_t c = 0; c < frame->n_columns && status == SY_OK; c++) {
    double certainty;
    char number[SY_NUMBER_SIZE];
    status = knows(s, &frame->columns[c], &certainty, error);
    if (status != SY_OK || certainty == 0) continue;
    sy_messages_add(messages,
                    "column '%s' alone all but determines the label (AUC %s): is it known at "
                    "prediction time? --exclude leaves it out",
                    frame->columns[c].name, sy_number_round(certainty, 4, number));
  }
  return status;
}

sy_status sy_study_leaks(const sy_frame *frame, const sy_bench *bench, sy_messages *messages,
                         sy_error *error) {
  if (bench->n_classes > MOST_CLASSES) return SY_OK;
  sample s;
  sy_status status = sample_make(bench, &s, error);
  if (status == SY_OK) status = look_at_columns(&s, frame, messages, error);
  sample_clear(&s);
  return status;
}
