/* values.c: chunks of DuckDB's become growing columns. */
#include "internal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to here float32 holds every integer, and identifiers and amounts keep their digits; down to
 * here it holds what differs from 0. */
static const double FLOAT32_LIMIT = 16777216, FLOAT32_SMALLEST = FLT_MIN;

static bool is_text(const table_values *values) {
  return values->fetch == FETCH_TEXT;
}

static bool is_date(const table_values *values) {
  return values->fetch >= FETCH_DAYS && values->fetch <= FETCH_NANOSECONDS;
}

static bool is_double(const table_values *values) {
  return values->f64 || values->exact || is_date(values);
}

static bool resize(void **array, size_t n, size_t element) {
  void *moved = realloc(*array, (n ? n : 1) * element);
  if (moved) *array = moved;
  return moved != NULL;
}

static bool reserve(table_values *values, size_t more) {
  size_t needed = values->rows + more;
  if (needed <= values->capacity) return true;
  size_t capacity = values->capacity ? values->capacity + values->capacity / 2 : 4096;
  if (capacity < needed) capacity = needed;
  bool done = is_text(values)     ? resize((void **)&values->codes, capacity, sizeof(uint32_t))
              : is_double(values) ? resize((void **)&values->f64, capacity, sizeof(double))
                                  : resize((void **)&values->f32, capacity, sizeof(float));
  if (done) values->capacity = capacity;
  return done;
}

/* From float32 to float64. What was rounded stays rounded: whether a large value comes first or
 * last must not change the others. */
static bool promote(table_values *values) {
  double *wide = malloc(values->capacity * sizeof *wide);
  if (!wide) return false;
  for (size_t i = 0; i < values->rows; i++) wide[i] = values->f32[i];
  free(values->f32);
  values->f32 = NULL;
  values->f64 = wide;
  return true;
}

static bool needs_float64(double value) {
  double size = fabs(value);
  return (size > FLOAT32_LIMIT && isfinite(value)) || (size > 0 && size < FLOAT32_SMALLEST);
}

/* Adds a number where room is reserved. */
static bool put(table_values *values, double value) {
  if (!isnan(value) && values->first == SIZE_MAX) values->first = values->rows;
  if (is_double(values)) {
    bool exact = values->exact || is_date(values) || needs_float64(value);
    values->f64[values->rows++] = exact ? value : (float)value;
    return true;
  }
  if (needs_float64(value)) return promote(values) && put(values, value);
  values->f32[values->rows++] = (float)value;
  return true;
}

static double time_in_days(int64_t value, double units_a_day) {
  if (value == INT64_MAX || value == -INT64_MAX) return NAN; /* infinity */
  return (double)value / units_a_day;
}

static double fetched(table_fetch fetch, const void *data, size_t i) {
  switch (fetch) {
  case FETCH_DOUBLE:
    return ((const double *)data)[i];
  case FETCH_BOOLEAN:
    return ((const bool *)data)[i];
  case FETCH_DAYS: {
    int32_t days = ((const int32_t *)data)[i];
    return days == INT32_MAX || days == -INT32_MAX ? (double)NAN : (double)days;
  }
  case FETCH_SECONDS:
    return time_in_days(((const int64_t *)data)[i], 86400);
  case FETCH_MILLISECONDS:
    return time_in_days(((const int64_t *)data)[i], 86400e3);
  case FETCH_MICROSECONDS:
    return time_in_days(((const int64_t *)data)[i], 86400e6);
  case FETCH_NANOSECONDS:
    return time_in_days(((const int64_t *)data)[i], 86400e9);
  default:
    return NAN;
  }
}

/* A mask may be there although nothing is missing. */
static bool all_valid(const uint64_t *valid, size_t count) {
  for (size_t i = 0; valid && i < count; i += 64) {
    uint64_t rows = count - i < 64 ? (UINT64_C(1) << (count - i)) - 1 : UINT64_MAX;
    if ((valid[i / 64] & rows) != rows) return false;
  }
  return true;
}

/* Adds numbers to a float32 column where room is reserved; false where it cannot hold them. */
static bool add_floats(table_values *values, const double *numbers, size_t count) {
  bool wide = false;
  for (size_t i = 0; i < count; i++) wide |= needs_float64(numbers[i]);
  if (wide) return false;
  float *column = values->f32 + values->rows;
  for (size_t i = 0; i < count; i++) column[i] = (float)numbers[i];
  for (size_t i = 0; i < count && values->first == SIZE_MAX; i++)
    if (!isnan(column[i])) values->first = values->rows + i;
  values->rows += count;
  return true;
}

static bool add_numbers(table_values *values, const void *data, uint64_t *valid, size_t count) {
  bool plain = values->fetch == FETCH_DOUBLE && all_valid(valid, count) && !is_double(values);
  if (plain && add_floats(values, data, count)) return true;
  for (size_t i = 0; i < count; i++) {
    bool present = !valid || duckdb_validity_row_is_valid(valid, i);
    if (!put(values, present ? fetched(values->fetch, data, i) : NAN)) return false;
  }
  return true;
}

static sy_status add_text(table_values *values, duckdb_string_t *text, uint32_t hash,
                          const char *source, sy_error *error) {
  const char *bytes = duckdb_string_t_data(text);
  uint32_t size = duckdb_string_t_length(*text);
  if (memchr(bytes, '\0', size))
    return table_fail(error, SY_INVALID_DATA,
                      "%s row %zu: column \"%s\": a text that holds a zero byte", source,
                      values->before + values->rows + 1, values->name);
  if (!table_dictionary_code(&values->dictionary, bytes, size, hash, &values->codes[values->rows]))
    return table_fail_memory(error);
  if (values->first == SIZE_MAX) values->first = values->rows;
  values->rows++;
  return SY_OK;
}

/* Hashes run some rows ahead, so that looking a text up does not wait for memory. */
static sy_status add_texts(table_values *values, duckdb_string_t *texts, uint64_t *valid,
                           size_t count, const char *source, sy_error *error) {
  enum { AHEAD = 16 };
  uint32_t hashes[AHEAD] = {0};
  sy_status status = SY_OK;
  for (size_t i = 0; i < count + AHEAD && status == SY_OK; i++) {
    uint32_t *hash = &hashes[i % AHEAD];
    size_t row = i - AHEAD;
    if (i >= AHEAD && valid && !duckdb_validity_row_is_valid(valid, row))
      values->codes[values->rows++] = SY_MISSING;
    else if (i >= AHEAD)
      status = add_text(values, &texts[row], *hash, source, error);
    if (i < count && (!valid || duckdb_validity_row_is_valid(valid, i)))
      *hash = table_dictionary_hash(&values->dictionary, duckdb_string_t_data(&texts[i]),
                                    duckdb_string_t_length(texts[i]));
  }
  return status;
}

/* Reads a text as a number; blanks alone are missing. */
static bool parse(const char *bytes, size_t size, double *number) {
  char text[128];
  *number = NAN;
  if (size >= sizeof text || memchr(bytes, '\0', size)) return false;
  memcpy(text, bytes, size);
  text[size] = '\0';
  return text[strspn(text, " \t\r\n")] == '\0' || sy_number_parse(text, number);
}

static sy_status add_number_texts(table_values *values, duckdb_string_t *texts, uint64_t *valid,
                                  size_t count, const char *source, sy_error *error) {
  for (size_t i = 0; i < count; i++) {
    double number = NAN;
    if (!valid || duckdb_validity_row_is_valid(valid, i)) {
      const char *bytes = duckdb_string_t_data(&texts[i]);
      size_t size = duckdb_string_t_length(texts[i]);
      if (!parse(bytes, size, &number))
        return table_fail(error, SY_INVALID_DATA,
                          "%s row %zu: column \"%s\": \"%.*s\" is not a number", source,
                          values->before + values->rows + 1, values->name,
                          table_text_fit(bytes, size, 64), bytes);
    }
    if (!put(values, number)) return table_fail_memory(error);
  }
  return SY_OK;
}

sy_status table_values_add(table_values *values, duckdb_vector vector, size_t count,
                           const char *source, sy_error *error) {
  if (count == 0) return SY_OK; /* there may be no column yet to add nothing to */
  if (!reserve(values, count)) return table_fail_memory(error);
  void *data = duckdb_vector_get_data(vector);
  uint64_t *valid = duckdb_vector_get_validity(vector);
  if (values->fetch == FETCH_TEXT) return add_texts(values, data, valid, count, source, error);
  if (values->fetch == FETCH_NUMBER_TEXT)
    return add_number_texts(values, data, valid, count, source, error);
  return add_numbers(values, data, valid, count) ? SY_OK : table_fail_memory(error);
}

/* Numbers do not begin with a needless 0: that is how codes do. */
static bool looks_like_code(const char *text) {
  text += strspn(text, " +-");
  return text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

/* The numbers the dictionary's texts stand for; NULL where one is none, or (*no_memory) else. */
static double *parse_dictionary(const table_dictionary *dictionary, bool *no_memory) {
  double *numbers = malloc((dictionary->n_values + 1) * sizeof *numbers);
  *no_memory = !numbers;
  for (size_t i = 0; numbers && i < dictionary->n_values; i++) {
    const char *text = dictionary->values[i];
    if (!looks_like_code(text) && parse(text, dictionary->sizes[i], &numbers[i])) continue;
    free(numbers);
    numbers = NULL;
  }
  return numbers;
}

bool table_values_text_to_number(table_values *values) {
  bool no_memory;
  double *numbers = parse_dictionary(&values->dictionary, &no_memory);
  if (!numbers) return !no_memory;
  table_values made = {.type = SY_COLUMN_NUMBER, .fetch = FETCH_DOUBLE, .first = SIZE_MAX};
  bool good = reserve(&made, values->rows);
  for (size_t i = 0; i < values->rows && good; i++) {
    uint32_t code = values->codes[i];
    good = put(&made, code == SY_MISSING ? NAN : numbers[code]);
  }
  free(numbers);
  if (!good) {
    table_values_free(&made);
    return false;
  }
  made.name = values->name;
  values->name = NULL;
  table_values_free(values);
  *values = made;
  return true;
}

void table_values_free(table_values *values) {
  free(values->name);
  free(values->f32);
  free(values->f64);
  free(values->codes);
  table_dictionary_free(&values->dictionary);
  *values = (table_values){0};
}
