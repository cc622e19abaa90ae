/* fuzz_values.c: what the tables room reads by itself, without a table: numbers, names and patterns
 * of columns, fields apart by blanks, packed files, DuckDB's messages and values. The first byte
 * says which, the rest is it. */
#include "fuzz.h"

#include "internal.h"
#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_ROWS = 200, MOST_COLUMNS = 12 };

static const uint8_t *whole;
static size_t whole_size;

static bool same_bits(double a, double b) {
  return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* The shortest decimal of 15 digits or more that reads back, as the C library finds it. */
static void check_shortest(double value, const char *written) {
  char reference[SY_NUMBER_SIZE];
  int digits = isfinite(value) && fabs(value) < DBL_MIN ? 1 : 15;
  for (; digits <= 17; digits++) {
    snprintf(reference, sizeof reference, "%.*g", digits, value);
    if (strtod(reference, NULL) == value) break;
  }
  FUZZ_REQUIRE_TEXT(!isfinite(value) || strcmp(written, reference) == 0, written);
}

static void check_written(double value) {
  char written[SY_NUMBER_SIZE];
  double again = 0.25;
  fuzz_soil(written, sizeof written);
  sy_number_format(value, written);
  FUZZ_REQUIRE(memchr(written, 0, sizeof written));
  FUZZ_REQUIRE_TEXT(sy_number_parse(written, &again) && same_bits(value, again), written);
  check_shortest(value, written);
}

/* Eight bytes as they lie in memory. */
static void raw_numbers(fuzz_input *input) {
  double value;
  for (; (size_t)(input->end - input->at) >= sizeof value; input->at += sizeof value) {
    memcpy(&value, input->at, sizeof value);
    check_written(value);
  }
}

static void number(fuzz_input *input) {
  char *text = fuzz_rest(input);
  double value = 0.5;
  if (sy_number_parse(text, &value))
    check_written(value);
  else
    FUZZ_REQUIRE(value == 0.5);
  free(text);
}

/* A table of nothing but columns' names. */
static void match(fuzz_input *input) {
  char *list = fuzz_line(input), *names[MOST_COLUMNS];
  table_column columns[MOST_COLUMNS];
  bool chosen[MOST_COLUMNS] = {false};
  char name[] = "rows.csv";
  sy_table table = {.name = name, .columns = columns};
  while (input->at < input->end && table.n_columns < MOST_COLUMNS) {
    names[table.n_columns] = fuzz_line(input);
    columns[table.n_columns] = (table_column){.name = names[table.n_columns]};
    table.n_columns++;
  }
  sy_error error;
  size_t index = SIZE_MAX, n_chosen = 0;
  fuzz_soil(&error, sizeof error);
  sy_status status = sy_table_find(&table, list, &index, &error);
  if (status != SY_OK) fuzz_check_error(status, &error, whole, whole_size);
  FUZZ_REQUIRE(status != SY_OK || index < table.n_columns);
  status = sy_table_match(&table, list, chosen, &error);
  if (status != SY_OK) fuzz_check_error(status, &error, whole, whole_size);
  for (size_t i = 0; i < table.n_columns; i++) n_chosen += chosen[i];
  FUZZ_REQUIRE(status != SY_OK || n_chosen > 0);
  for (size_t i = 0; i < table.n_columns; i++) free(names[i]);
  free(list);
}

/* Fields are apart by blanks: one more than there are blanks at most, and none in blanks alone. */
static void blanks(fuzz_input *input) {
  const char *at = (const char *)input->at, *end = (const char *)input->end;
  size_t most = 1, letters = 0;
  for (const char *c = at; c < end; c++) {
    bool blank = *c == ' ' || (*c >= '\t' && *c <= '\r');
    most += blank;
    letters += !blank;
  }
  size_t n = table_blank_fields(at, end);
  FUZZ_REQUIRE(n <= most && n <= letters && (n > 0) == (letters > 0));
}

/* First lines, each ending in a newline; the first byte says what fields are apart by. Tokens are
 * found only where lines are blank. */
static void tokens(fuzz_input *input) {
  const char *delimiter = fuzz_byte(input) % 2 ? "\t" : NULL;
  char *text = fuzz_rest(input);
  size_t size = strlen(text), blank = 0;
  if (size > 0 && text[size - 1] != '\n') text[size - 1] = '\n';
  for (char *at = text; *at; at += strcspn(at, "\n") + 1)
    blank += table_tokens_blank(at, at + strcspn(at, "\n"), delimiter);
  FUZZ_REQUIRE(!table_tokens_are(text, size, delimiter) || blank > 1);
  free(text);
}

static void packed(fuzz_input *input, table_packing packing) {
  char name[] = "rows.csv.gz";
  const char *made = fuzz_file("packed", input->at, (size_t)(input->end - input->at));
  char *path = table_copy(made, strlen(made));
  table_file file = {.name = name, .path = path, .descriptor = -1, .packing = packing};
  sy_error error;
  fuzz_soil(&error, sizeof error);
  sy_status status = table_whole_check(&file, &error);
  if (status != SY_OK) fuzz_check_error(status, &error, whole, whole_size);
  free(path);
}

static void message(fuzz_input *input) {
  char *text = fuzz_rest(input);
  table_failure failure;
  sy_error error;
  fuzz_soil(&failure, sizeof failure);
  fuzz_soil(&error, sizeof error);
  table_failure_read(&failure, text);
  fuzz_check_error(table_failure_tell(&failure, "rows.csv", &error), &error, whole, whole_size);
  free(text);
}

static void query(fuzz_input *input) {
  char *text = fuzz_rest(input);
  bool is = table_query_is(text);
  for (char *c = text; *c; c++)
    if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
  FUZZ_REQUIRE(table_query_is(text) == is);
  free(text);
}

/* A chunk of one column of DuckDB's. */
static duckdb_vector chunk_of(duckdb_type native, duckdb_data_chunk *chunk) {
  duckdb_logical_type type = duckdb_create_logical_type(native);
  *chunk = duckdb_create_data_chunk(&type, 1);
  duckdb_destroy_logical_type(&type);
  FUZZ_REQUIRE(*chunk);
  return duckdb_data_chunk_get_vector(*chunk, 0);
}

static void check_filled(const table_values *values, size_t rows) {
  FUZZ_REQUIRE(values->rows == rows);
  FUZZ_REQUIRE((values->f32 != NULL) + (values->f64 != NULL) + (values->codes != NULL) <= 1);
  for (size_t i = 0; i < rows && values->codes; i++)
    FUZZ_REQUIRE(values->codes[i] == SY_MISSING || values->codes[i] < values->dictionary.n_values);
}

static void add(table_values *values, duckdb_vector vector, size_t rows) {
  sy_error error;
  fuzz_soil(&error, sizeof error);
  values->name = table_copy("x", 1);
  values->first = SIZE_MAX;
  sy_status status = table_values_add(values, vector, rows, "rows.csv", &error);
  if (status != SY_OK)
    fuzz_check_error(status, &error, whole, whole_size);
  else
    check_filled(values, rows);
  if (status == SY_OK && values->type == SY_COLUMN_TEXT) {
    FUZZ_REQUIRE(table_values_text_to_number(values));
    check_filled(values, rows);
  }
  table_values_free(values);
}

/* Lines as text, and as text that must be a number. */
static void texts(fuzz_input *input) {
  duckdb_data_chunk chunk;
  duckdb_vector vector = chunk_of(DUCKDB_TYPE_VARCHAR, &chunk);
  size_t rows = 0;
  duckdb_vector_ensure_validity_writable(vector);
  for (; input->at < input->end && rows < MOST_ROWS; rows++) {
    const uint8_t *end = memchr(input->at, '\n', (size_t)(input->end - input->at));
    if (!end) end = input->end;
    duckdb_vector_assign_string_element_len(vector, rows, (const char *)input->at,
                                            (idx_t)(end - input->at));
    if (end - input->at == 1 && *input->at == 1)
      duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), rows);
    input->at = end < input->end ? end + 1 : end;
  }
  table_values text = {.type = SY_COLUMN_TEXT, .fetch = FETCH_TEXT};
  table_values numbers = {.type = SY_COLUMN_NUMBER, .fetch = FETCH_NUMBER_TEXT};
  add(&text, vector, rows);
  add(&numbers, vector, rows);
  duckdb_destroy_data_chunk(&chunk);
}

/* Bytes as numbers, dates and times as they lie in DuckDB's vectors. */
static void natives(fuzz_input *input) {
  static const struct {
    duckdb_type native;
    table_fetch fetch;
    size_t size;
  } all[] = {{DUCKDB_TYPE_DOUBLE, FETCH_DOUBLE, 8},
             {DUCKDB_TYPE_DATE, FETCH_DAYS, 4},
             {DUCKDB_TYPE_TIMESTAMP_S, FETCH_SECONDS, 8},
             {DUCKDB_TYPE_TIMESTAMP_MS, FETCH_MILLISECONDS, 8},
             {DUCKDB_TYPE_TIMESTAMP, FETCH_MICROSECONDS, 8},
             {DUCKDB_TYPE_TIMESTAMP_NS, FETCH_NANOSECONDS, 8}};
  size_t kind = fuzz_byte(input) % (sizeof all / sizeof *all);
  bool exact = fuzz_byte(input) % 2;
  size_t rows = (size_t)(input->end - input->at) / all[kind].size;
  if (rows > MOST_ROWS) rows = MOST_ROWS;
  duckdb_data_chunk chunk;
  duckdb_vector vector = chunk_of(all[kind].native, &chunk);
  if (rows > 0) memcpy(duckdb_vector_get_data(vector), input->at, rows * all[kind].size);
  table_values values = {.type = SY_COLUMN_NUMBER, .fetch = all[kind].fetch, .exact = exact};
  add(&values, vector, rows);
  duckdb_destroy_data_chunk(&chunk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = {data, data + size};
  unsigned what = fuzz_byte(&input);
  whole = input.at;
  whole_size = (size_t)(input.end - input.at);
  switch (what) {
  case 'n':
    number(&input);
    break;
  case 'd':
    raw_numbers(&input);
    break;
  case 'm':
    match(&input);
    break;
  case 'b':
    blanks(&input);
    break;
  case 'k':
    tokens(&input);
    break;
  case 'g':
    packed(&input, TABLE_GZIP);
    break;
  case 'z':
    packed(&input, TABLE_ZSTD);
    break;
  case 'e':
    message(&input);
    break;
  case 'q':
    query(&input);
    break;
  case 't':
    texts(&input);
    break;
  case 'v':
    natives(&input);
    break;
  default:
    break;
  }
  return 0;
}
