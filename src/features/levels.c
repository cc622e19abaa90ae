/* levels.c: counts of the values of a text column, and the most frequent of them as levels. */
#include "features/levels.h"

#include "base/memory.h"
#include <string.h>

/* A code of the column: the sum of the weights of its rows, and how many they are. */
typedef struct count {
  double weight;
  size_t rows;
} count;

/* A value seen. */
typedef struct seen {
  const char *text;
  double weight;
  size_t rows;
} seen;

static int by_weight(const void *a, const void *b) {
  const seen *left = a, *right = b;
  if (left->weight != right->weight) return left->weight > right->weight ? -1 : 1;
  return strcmp(left->text, right->text);
}

static int by_bytes(const void *a, const void *b) {
  return strcmp(((const seen *)a)->text, ((const seen *)b)->text);
}

/* Counts by code into counts[n_values + 1]; the last slot is SY_MISSING and "". */
static double count_codes(const sy_column *column, size_t rows, const double *row_weights,
                          count *counts) {
  double total = 0;
  for (size_t i = 0; i < rows; i++) {
    double weight = row_weights ? row_weights[i] : 1;
    if (!(weight > 0)) continue;
    uint32_t code = column->codes[i];
    bool missing = code == SY_MISSING || !*column->values[code];
    count *slot = &counts[missing ? column->n_values : code];
    slot->weight += weight;
    slot->rows++;
    total += weight;
  }
  return total;
}

static size_t list_seen(const sy_column *column, const count *counts, seen *list) {
  size_t n = 0;
  for (size_t code = 0; code <= column->n_values; code++)
    if (counts[code].weight > 0)
      list[n++] = (seen){code < column->n_values ? column->values[code] : "", counts[code].weight,
                         counts[code].rows};
  return n;
}

/* How many of the values, sorted by weight, are frequent enough for a level. A count of 1 asks only
 * to be seen, so that multiplying all row weights changes nothing. */
static size_t count_frequent(const seen *list, size_t n, const sy_encoder_options *options) {
  size_t frequent = 0;
  if (options->min_count <= 1) return n;
  while (frequent < n && list[frequent].weight >= (double)options->min_count) frequent++;
  return frequent;
}

/* Moves those of the first n values that were met in two rows to the front, in their order. */
static size_t bring_forward(seen *list, size_t n) {
  size_t met_again = 0;
  for (size_t i = 0; i < n; i++) {
    if (list[i].rows < 2) continue;
    seen value = list[i];
    list[i] = list[met_again];
    list[met_again++] = value;
  }
  return met_again;
}

static size_t smaller(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Brings the values that are kept to the front and says how many they are. */
static size_t count_kept(seen *list, size_t n, const sy_encoder_options *options,
                         sy_level_summary *summary) {
  size_t frequent = count_frequent(list, n, options);
  summary->cut_by_categories = frequent > options->max_categories;
  summary->coded = options->codes && summary->cut_by_categories;
  if (!summary->coded) return smaller(frequent, options->max_categories);
  size_t met_again = bring_forward(list, frequent);
  summary->cut_by_codes = met_again > options->max_codes;
  return smaller(met_again, options->max_codes);
}

static size_t first_row_of(const sy_column *column, size_t rows, const double *row_weights,
                           const char *text) {
  for (size_t i = 0; i < rows; i++) {
    if (row_weights && !(row_weights[i] > 0)) continue;
    if (column->codes[i] != SY_MISSING && column->values[column->codes[i]] == text) return i;
  }
  return 0;
}

/* Whether a text would be a number without the signs of currency, per cent and thousands, and the
 * decimal comma, that people write. */
static bool is_odd_number(const char *text) {
  static const char *const signs[] = {"$", "%", ",", "'", "_", " ", "€", "£", "¥", "\u00A0"};
  char plain[64];
  size_t size = 0;
  double value;
  while (*text && size + 1 < sizeof plain) {
    size_t length = 0;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0] && !length; i++)
      if (strncmp(text, signs[i], strlen(signs[i])) == 0) length = strlen(signs[i]);
    if (!length) plain[size++] = *text;
    text += length ? length : 1;
  }
  plain[size] = '\0';
  return *text == '\0' && sy_number_parse(plain, &value);
}

/* How much of a column is of one kind. */
typedef struct tally {
  double weight;
  size_t values;
  const char *first; /* of the values sorted by weight */
} tally;

static void count_in(tally *kind, const seen *value) {
  kind->weight += value->weight;
  kind->values++;
  if (!kind->first) kind->first = value->text;
}

/* Nine in ten, of the rows or of the values: many rows may lack a number, and one row may hold a
 * word. */
static bool outweighs(tally most, tally rest) {
  return most.weight >= 9 * rest.weight || most.values >= 9 * rest.values;
}

/* Finds what keeps a column from being numbers: the most frequent value that is none, where nearly
 * all are; or that is written oddly, where nearly all are numbers but for that. */
static void find_odd(const seen *list, size_t n, sy_level_summary *summary) {
  tally numbers = {0}, odd = {0}, texts = {0};
  double value;
  for (size_t i = 0; i < n; i++) {
    if (!*list[i].text) continue;
    bool number = sy_number_parse(list[i].text, &value);
    bool oddly = !number && is_odd_number(list[i].text);
    count_in(number ? &numbers : oddly ? &odd : &texts, &list[i]);
  }
  tally either = {numbers.weight + odd.weight, numbers.values + odd.values, odd.first};
  tally others = {odd.weight + texts.weight, odd.values + texts.values,
                  texts.first ? texts.first : odd.first};
  if (others.values > 0 && outweighs(numbers, others))
    summary->not_a_number = others.first;
  else if (odd.values > 0 && outweighs(either, texts))
    summary->odd_number = odd.first;
}

static sy_status keep_levels(seen *list, size_t kept, sy_level_summary *summary) {
  qsort(list, kept, sizeof *list, by_bytes);
  summary->level_weights = sy_alloc(kept, sizeof *summary->level_weights);
  if (!summary->level_weights) return SY_OUT_OF_MEMORY;
  for (size_t i = 0; i < kept; i++) {
    const char *text = list[i].text;
    if (sy_dictionary_add(&summary->levels, text, strlen(text)) == SY_NOT_FOUND)
      return SY_OUT_OF_MEMORY;
    summary->level_weights[i] = list[i].weight;
  }
  return SY_OK;
}

static sy_status choose(const sy_column *column, size_t rows, const double *row_weights,
                        const sy_encoder_options *options, count *counts, seen *list,
                        sy_level_summary *summary) {
  double total = count_codes(column, rows, row_weights, counts);
  size_t n = summary->distinct = list_seen(column, counts, list);
  qsort(list, n, sizeof *list, by_weight);
  find_odd(list, n, summary);
  size_t kept = count_kept(list, n, options, summary);
  double other = 0;
  for (size_t i = kept; i < n; i++) other += list[i].weight;
  summary->other_share = total > 0 ? other / total : 0;
  if (summary->not_a_number)
    summary->not_a_number_row = first_row_of(column, rows, row_weights, summary->not_a_number);
  if (summary->odd_number)
    summary->odd_number_row = first_row_of(column, rows, row_weights, summary->odd_number);
  summary->missing_rows = counts[column->n_values].rows;
  summary->missing_weight = counts[column->n_values].weight;
  return keep_levels(list, kept, summary);
}

sy_status sy_levels_choose(const sy_column *column, size_t rows, const double *row_weights,
                           const sy_encoder_options *options, sy_level_summary *summary) {
  *summary = (sy_level_summary){0};
  count *counts = sy_alloc_zero(column->n_values + 1, sizeof *counts);
  seen *list = sy_alloc(column->n_values + 1, sizeof *list);
  sy_status status = SY_OUT_OF_MEMORY;
  if (counts && list) status = choose(column, rows, row_weights, options, counts, list, summary);
  free(list);
  free(counts);
  return status;
}
