/* test_table_tokens.c: what blank lines mean: ends of sequences in token files, rows of missing
 * values or nothing in other tables. */
#define _POSIX_C_SOURCE 200809L

#include "table_fixture.h"

typedef struct found {
  size_t rows, columns;
  uint64_t sequences;
  const char *first; /* name of the first column */
} found;

/* Reads all as text and compares: cells apart by |, rows by /, "~" for a missing one. */
static found check_with(sy_table_options options, const char *text, const char *wanted) {
  static char name[64];
  char cells[1000] = "";
  options.source = put("rows.txt", text);
  sy_table *table = open_with(&options);
  sy_table_data *data = read_as(table, SY_AS_TEXT);
  size_t columns = sy_table_n_columns(table);
  for (size_t i = 0; i < rows_of(data); i++)
    for (size_t c = 0; c < columns; c++) {
      const char *cell = text_at(data, c, i);
      size_t used = strlen(cells);
      snprintf(cells + used, sizeof cells - used, "%s%s", cell ? cell : "~",
               c + 1 < columns ? "|" : "/");
    }
  snprintf(name, sizeof name, "%s", sy_table_column_name(table, 0));
  found seen = {rows_of(data), columns, sy_table_sequences(table), name};
  if (wanted) assert_string_equal(cells, wanted);
  sy_table_data_free(data);
  sy_table_close(table);
  return seen;
}

static found check(const char *text, const char *wanted) {
  return check_with(sy_table_options_default(NULL), text, wanted);
}

static void tokens_are_rows_without_names(void **state) {
  (void)state;
  found seen = check("I\tO\nsaw\tO\n\t\nRome\tB-place\n\"\tO\n.\tO\n\n   \nso\tO\n",
                     "I|O/saw|O/Rome|B-place/\"|O/.|O/so|O/");
  assert_int_equal(seen.sequences, 3);
  assert_string_equal(seen.first, "c1");
  seen = check("\n\na\tO\nb\tX\n\nc\tO\n\n\n", "a|O/b|X/c|O/");
  assert_int_equal(seen.sequences, 2);
}

static void fields_may_be_apart_by_blanks(void **state) {
  (void)state;
  found seen = check("-DOCSTART- -X- O\n\nEU   NNP  B\n\"  ''  O\nsaid \"  O\n \nhere RB O\r\n",
                     "-DOCSTART-|-X-|O/EU|NNP|B/\"|''|O/said|\"|O/here|RB|O/");
  assert_int_equal(seen.sequences, 3);
  assert_int_equal(seen.columns, 3);
}

static void numbers_may_be_tokens(void **state) {
  (void)state;
  found seen =
      check("1.5\twalk\n1.6\twalk\n\n0\trun\n\n0.2\trun\n", "1.5|walk/1.6|walk/0|run/0.2|run/");
  assert_int_equal(seen.sequences, 3);
}

/* Rows of empty cells are rows of missing values in a table. */
static void tables_keep_their_empty_rows(void **state) {
  (void)state;
  static const char *const tables[][2] = {
      /* names over numbers */
      {"x\ty\n1\ta\n\t\n2\tb\n\t\n3\tc\n", "1|a/~|~/2|b/~|~/3|c/"},
      /* a cell that is empty alone */
      {"name\tkind\nu\ta\n\t\nv\t\n\t\nw\tc\n", "u|a/~|~/v|~/~|~/w|c/"},
      /* commas */
      {"name,kind\nu,a\n,\nv,b\n,\nw,c\n", "u|a/~|~/v|b/~|~/w|c/"},
      /* a first line that never comes again: names over texts */
      {"name\tkind\nu\ta\n\t\nv\tb\n\t\nw\ta\n", "u|a/~|~/v|b/~|~/w|a/"},
      /* one blank line alone */
      {"name\tkind\nu\ta\n\t\nv\tb\n", "u|a/~|~/v|b/"},
      /* lines without anything are no rows, as ever */
      {"name,kind\nu,a\n\nv,b\n\nw,c\n", "u|a/v|b/w|c/"}};
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    found seen = check(tables[i][0], tables[i][1]);
    assert_int_equal(seen.sequences, 0);
    assert_string_not_equal(seen.first, "c1");
  }
}

static void sequences_are_not_endless(void **state) {
  (void)state;
  char text[8000] = "a\tb\n";
  for (int i = 0; i < 1000; i++) strcat(text, i == 300 || i == 600 ? "\t\n" : "x\ty\n");
  found seen = check(text, NULL);
  assert_int_equal(seen.rows, 1000);
  assert_int_equal(seen.sequences, 0);
}

static void the_option_decides(void **state) {
  (void)state;
  sy_table_options options = sy_table_options_default(NULL);
  options.blank_lines = SY_BLANK_LINES_ROWS;
  options.header = SY_HEADER_NO;
  found seen = check_with(options, "a\tO\n\t\nb\tO\n\t\nc\tO\n", "a|O/~|~/b|O/~|~/c|O/");
  assert_int_equal(seen.sequences, 0);
  options.blank_lines = SY_BLANK_LINES_END;
  seen = check_with(options, "a,O\n,\n\"b, c\",O\n , \nc,O\n", "a|O/b, c|O/c|O/");
  assert_int_equal(seen.sequences, 3);
  options.header = SY_HEADER_YES;
  seen = check_with(options, "x y\n\na O\n\nb O\n", "a|O/b|O/");
  assert_string_equal(seen.first, "x");
}

static void lines_are_counted_with_the_blank_ones(void **state) {
  (void)state;
  assert_source_fails(put("rows.txt", "a\tO\n\t\nb\tO\n  \nc\tO\tO\n\nd\tO\n"), SY_INVALID_DATA,
                      "rows.txt line 5: 3 fields where 2 are expected");
}

/* One file ends a sequence, whatever the next begins with. */
static void files_end_sequences(void **state) {
  (void)state;
  put("part1.conll", "a\tO\n\nb\tO\n\nc\tX\n");
  put("part2.conll", "d\tO\n");
  sy_table *table = open_source(fixture_path("part*.conll"));
  sy_table_data *data = read_as(table, SY_AS_TEXT);
  assert_int_equal(rows_of(data), 4);
  assert_int_equal(sy_table_sequences(table), 4);
  sy_table_data_free(data);
  sy_table_close(table);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tokens_are_rows_without_names),
      cmocka_unit_test(fields_may_be_apart_by_blanks),
      cmocka_unit_test(numbers_may_be_tokens),
      cmocka_unit_test(tables_keep_their_empty_rows),
      cmocka_unit_test(sequences_are_not_endless),
      cmocka_unit_test(the_option_decides),
      cmocka_unit_test(lines_are_counted_with_the_blank_ones),
      cmocka_unit_test(files_end_sequences),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
