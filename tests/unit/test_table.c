/* test_table.c: delimited text: dialects, types, missing values, and what DuckDB would pass over in
 * silence. */
#define _POSIX_C_SOURCE 200809L

#include "table_fixture.h"

#include <math.h>

enum { LATE = 30000 };

/* --- types and missing values --- */

static void test_types(void **state) {
  (void)state;
  const char *path = put("types.csv", "n,b,d,t,word\n"
                                      "1.5,true,2020-01-02,2020-01-01 12:00:00,x\n"
                                      ",false,,2020-01-01 06:00:00,\n"
                                      "-3,,1969-12-31,,\"a, \"\"b\"\"\"\n");
  sy_table *table = open_source(path);
  assert_int_equal(sy_table_n_columns(table), 5);
  assert_string_equal(sy_table_column_name(table, 4), "word");
  assert_string_equal(sy_table_source_name(table), path);
  const sy_column_type types[] = {SY_COLUMN_NUMBER, SY_COLUMN_BOOLEAN, SY_COLUMN_DATE,
                                  SY_COLUMN_DATE, SY_COLUMN_TEXT};
  for (size_t i = 0; i < 5; i++) assert_int_equal(sy_table_column_type(table, i), types[i]);
  sy_table_data *data = read_as(table, SY_AS_FOUND);
  sy_table_close(table); /* data live on */
  assert_int_equal(rows_of(data), 3);
  for (size_t i = 0; i < 5; i++) assert_int_equal(column_of(data, i)->type, types[i]);
  assert_non_null(column_of(data, 0)->f32);
  assert_non_null(column_of(data, 2)->f64);
  assert_true(number_at(data, 0, 0) == 1.5 && isnan(number_at(data, 0, 1)));
  assert_true(number_at(data, 1, 0) == 1 && number_at(data, 1, 1) == 0);
  assert_true(isnan(number_at(data, 1, 2)));
  assert_true(number_at(data, 2, 0) == 18263 && number_at(data, 2, 2) == -1);
  assert_true(isnan(number_at(data, 2, 1)) && isnan(number_at(data, 3, 2)));
  assert_true(number_at(data, 3, 0) == 18262.5 && number_at(data, 3, 1) == 18262.25);
  assert_string_equal(text_at(data, 4, 0), "x");
  assert_null(text_at(data, 4, 1));
  assert_string_equal(text_at(data, 4, 2), "a, \"b\"");
  sy_table_data_free(data);
}

static void test_text_exactly_as_written(void **state) {
  (void)state;
  sy_table *table = open_source(put("written.csv", "id,flag,x,d\n007,yes, 1.0 ,2020-1-2\n"
                                                   "010,no,2.50,2020-01-03\n"));
  sy_table_request requests[8] = {{0}};
  for (size_t i = 0; i < 8; i++) {
    requests[i].column = i % 4;
    requests[i].as = i < 4 ? SY_AS_TEXT : SY_AS_FOUND;
  }
  sy_table_data *data;
  assert_int_equal(sy_table_read(table, requests, 8, (sy_progress){NULL, NULL}, &data, NULL),
                   SY_OK);
  assert_string_equal(text_at(data, 0, 0), "007");
  assert_string_equal(text_at(data, 1, 1), "no");
  assert_string_equal(text_at(data, 2, 0), " 1.0 ");
  assert_string_equal(text_at(data, 2, 1), "2.50");
  assert_string_equal(text_at(data, 3, 0), "2020-1-2");
  /* The same columns by their types, in the same scan. */
  assert_string_equal(text_at(data, 4, 1), "010");
  assert_int_equal(column_of(data, 5)->type, SY_COLUMN_BOOLEAN);
  assert_true(number_at(data, 5, 0) == 1 && number_at(data, 6, 1) == 2.5);
  assert_true(number_at(data, 7, 0) == 18263);
  sy_table_data_free(data);
  sy_table_close(table);
}

static void test_numbers_the_sniffer_takes_for_text(void **state) {
  (void)state;
  sy_table_data *data =
      read_source(put("odd.csv", "a,b,zip,c\n1.5 ,+5,02134,inf\n 2 ,-3,10001,\n, ,,inf\n"));
  assert_true(number_at(data, 0, 0) == 1.5 && number_at(data, 0, 1) == 2);
  assert_true(isnan(number_at(data, 0, 2)));
  assert_true(number_at(data, 1, 0) == 5 && number_at(data, 1, 1) == -3);
  assert_true(isnan(number_at(data, 1, 2)));
  assert_string_equal(text_at(data, 2, 0), "02134");
  assert_true(isinf(number_at(data, 3, 2)));
  sy_table_data_free(data);
}

static void test_large_numbers(void **state) {
  (void)state;
  /* The large value comes first or last: the others must be the same bits. */
  const char *orders[2] = {"x\n16777217\n0.1\n", "x\n0.1\n16777217\n"};
  for (size_t i = 0; i < 2; i++) {
    sy_table_data *data = read_source(put("large.csv", orders[i]));
    assert_non_null(column_of(data, 0)->f64);
    assert_true(number_at(data, 0, i) == 16777217);
    assert_true(number_at(data, 0, 1 - i) == (double)0.1f);
    sy_table_data_free(data);
  }
  sy_table_data *data = read_source(put("limit.csv", "x\n16777216\n0.1\n-16777216\ninf\n"));
  assert_non_null(column_of(data, 0)->f32);
  assert_true(isinf(number_at(data, 0, 3)));
  sy_table_data_free(data);
}

static void test_missing(void **state) {
  (void)state;
  sy_table_options options =
      sy_table_options_default(put("missing.csv", "a,b,none\n1,x,\nNA,NA,\n,\"\",\n3,y,\n"));
  options.null_text = "NA";
  sy_table *table = open_with(&options);
  sy_table_data *data = read_as(table, SY_AS_FOUND);
  sy_table_close(table);
  assert_int_equal(column_of(data, 0)->type, SY_COLUMN_NUMBER);
  assert_true(isnan(number_at(data, 0, 1)) && isnan(number_at(data, 0, 2)));
  assert_true(number_at(data, 0, 3) == 3);
  assert_null(text_at(data, 1, 1));
  assert_null(text_at(data, 1, 2));
  assert_int_equal(column_of(data, 1)->n_values, 2);
  /* A column without any value is a number that is missing throughout. */
  assert_int_equal(column_of(data, 2)->type, SY_COLUMN_NUMBER);
  for (size_t i = 0; i < 4; i++) assert_true(isnan(number_at(data, 2, i)));
  sy_table_data_free(data);
  /* Without --null the text is a value. */
  data = read_source(options.source);
  assert_int_equal(column_of(data, 0)->type, SY_COLUMN_TEXT);
  assert_string_equal(text_at(data, 0, 1), "NA");
  sy_table_data_free(data);
}

/* --- a guess that later rows break --- */

static void test_late_text(void **state) {
  (void)state;
  const char *path = put_rows("late.csv", "a,b\n", "%d,%d\n", LATE, "5,oops\n6,6\n");
  sy_table_data *data = read_source(path);
  assert_int_equal(rows_of(data), LATE + 2);
  assert_int_equal(column_of(data, 0)->type, SY_COLUMN_NUMBER);
  assert_string_equal(text_at(data, 1, LATE), "oops");
  assert_string_equal(text_at(data, 1, LATE + 1), "6");
  sy_table_data_free(data);
  /* Where it must be a number, the error names line, column and value. */
  sy_table_options options = sy_table_options_default(path);
  assert_fails(&options, SY_AS_NUMBER, SY_INVALID_DATA,
               "late.csv line 30002: column \"b\": \"oops\" is not a number");
}

static void test_late_fraction_is_not_rounded(void **state) {
  (void)state;
  sy_table_data *data = read_source(put_rows("fraction.csv", "a,b\n", "%d,%d\n", LATE, "1,1.5\n"));
  assert_true(number_at(data, 1, LATE) == 1.5);
  sy_table_data_free(data);
}

static void test_late_time_is_not_dropped(void **state) {
  (void)state;
  sy_table_data *data = read_source(
      put_rows("time.csv", "a,d\n", "%d,2020-01-01\n", LATE, "1,2020-01-01 18:00:00\n"));
  assert_true(number_at(data, 1, 0) == 18262);
  assert_true(number_at(data, 1, LATE) == 18262.75);
  sy_table_data_free(data);
}

static void test_late_first_value(void **state) {
  (void)state;
  /* Nothing but missing values where types are guessed. */
  sy_table_data *data =
      read_source(put_rows("sparse.csv", "a,b,c\n", "%d,,\n", LATE, "1,2.5,2020-01-02\n2,3,\n"));
  assert_int_equal(column_of(data, 1)->type, SY_COLUMN_NUMBER);
  assert_true(number_at(data, 1, LATE) == 2.5 && isnan(number_at(data, 1, 0)));
  assert_int_equal(column_of(data, 2)->type, SY_COLUMN_DATE);
  assert_true(number_at(data, 2, LATE) == 18263);
  sy_table_data_free(data);
}

static void test_late_quotes(void **state) {
  (void)state;
  sy_table_data *data =
      read_source(put_rows("quotes.csv", "a,b\n", "%d,x%d\n", LATE, "1,\"a, b\"\n"));
  assert_string_equal(text_at(data, 1, LATE), "a, b");
  sy_table_data_free(data);
}

static void test_hexadecimal_is_text(void **state) {
  (void)state;
  /* The sniffer takes them for integers, and they are no decimals. */
  sy_table_data *data = read_source(put("hex.csv", "a,b\n0x10,1\n0x11,2\n"));
  assert_string_equal(text_at(data, 0, 0), "0x10");
  assert_true(number_at(data, 1, 1) == 2);
  sy_table_data_free(data);
}

/* --- rows that do not fit --- */

static void test_ragged(void **state) {
  (void)state;
  /* DuckDB alone reads the first as one column of text. */
  assert_source_fails(put("short.csv", "a,b\n1,2\n3\n4,5\n"), SY_INVALID_DATA,
                      "short.csv line 3: 1 field where 2 are expected");
  assert_source_fails(put("long.csv", "a,b\n1,2\n\n3,4,5\n6,7\n"), SY_INVALID_DATA,
                      "long.csv line 4: 3 fields where 2 are expected");
  assert_source_fails(put_rows("late.csv", "a,b\n", "%d,%d\n", LATE, "5,6,7\n"), SY_INVALID_DATA,
                      "late.csv line 30002: 3 fields where 2 are expected");
  assert_source_fails(put("open.csv", "a,b\n1,2\n3,\"x\n4,5\n6,7\n"), SY_INVALID_DATA,
                      "open.csv line 3: a quote (\") that opens a field here is not closed");
}

static void test_first_line_that_does_not_fit(void **state) {
  (void)state;
  /* DuckDB alone skips such lines. */
  const char *names = put("names.csv", "x,y\n1,2,3\n4,5,6\n");
  assert_source_fails(names, SY_INVALID_DATA,
                      "the first line has 2 names and the lines below have 3 fields: a name is "
                      "missing; add it, or give --skip 1 --header no");
  sy_table_options options = sy_table_options_default(names);
  options.skip = 1;
  options.header = SY_HEADER_NO;
  sy_table *table = open_with(&options);
  assert_string_equal(sy_table_column_name(table, 2), "c3");
  sy_table_close(table);
  const char *comments = put("comments.csv", "# by\n# me\na,b\n1,2\n3,4\n5,6\n");
  assert_source_fails(comments, SY_INVALID_DATA, "leave lines out with --skip 2");
  options = sy_table_options_default(comments);
  options.skip = 2;
  table = open_with(&options);
  assert_string_equal(sy_table_column_name(table, 1), "b");
  sy_table_close(table);
}

static void test_nothing_to_read(void **state) {
  (void)state;
  assert_source_fails(put("empty.csv", ""), SY_NO_ROWS, "is empty");
  assert_source_fails(put("blank.csv", "\n\n"), SY_NO_ROWS, "is empty");
  assert_source_fails(put("header.csv", "a,b\n"), SY_NO_ROWS, "has no rows, only a header");
  sy_table_options options = sy_table_options_default(fixture_path("header.csv"));
  options.skip = 5;
  assert_fails(&options, SY_AS_FOUND, SY_NO_ROWS, "no lines behind those that --skip leaves out");
}

static void test_not_text(void **state) {
  (void)state;
  assert_source_fails(put("latin.csv", "a,b\n1,\xE9\n"), SY_INVALID_DATA,
                      "latin.csv line 2: not UTF-8");
  assert_source_fails(put_bytes("wide.csv", "\xFF\xFE\x61\0\n\0", 6), SY_INVALID_DATA, "UTF-16");
  assert_source_fails(put_bytes("zero.csv", "a,b\n1,x\n2,y\0z\n", 14), SY_INVALID_DATA,
                      "row 2: column \"b\": a text that holds a zero byte");
  assert_source_fails(put("book.csv", "PK\3\4 and so on"), SY_INVALID_DATA, "spreadsheet");
}

/* --- dialects --- */

static void test_headers(void **state) {
  (void)state;
  sy_table_data *data = read_source(put("none.csv", "1,x\n2,y\n"));
  assert_string_equal(column_of(data, 0)->name, "c1");
  assert_string_equal(column_of(data, 1)->name, "c2");
  assert_int_equal(rows_of(data), 2);
  sy_table_data_free(data);
  sy_table_options options = sy_table_options_default(put("texts.csv", "a,b\nc,d\n"));
  const sy_table_header headers[2] = {SY_HEADER_YES, SY_HEADER_NO};
  for (size_t i = 0; i < 2; i++) {
    options.header = headers[i];
    sy_table *table = open_with(&options);
    assert_string_equal(sy_table_column_name(table, 0), i ? "c1" : "a");
    data = read_as(table, SY_AS_FOUND);
    assert_int_equal(rows_of(data), 1 + i);
    sy_table_data_free(data);
    sy_table_close(table);
  }
  /* A byte order mark, line ends of another system, and names given twice. */
  data = read_source(put("dos.csv", "\xEF\xBB\xBFx,x,y\r\n1,2,u\r\n3,4,v\r\n"));
  assert_string_equal(column_of(data, 0)->name, "x");
  assert_string_not_equal(column_of(data, 1)->name, "x");
  assert_string_equal(text_at(data, 2, 1), "v");
  assert_true(number_at(data, 1, 1) == 4);
  sy_table_data_free(data);
}

static void check_delimiter(const char *name, const char *text, const char *delimiter) {
  sy_table_options options = sy_table_options_default(put(name, text));
  options.delimiter = delimiter;
  sy_table *table = open_with(&options);
  assert_int_equal(sy_table_n_columns(table), 2);
  assert_string_equal(sy_table_column_name(table, 1), "b");
  sy_table_data *data = read_as(table, SY_AS_FOUND);
  assert_int_equal(rows_of(data), 2);
  assert_true(number_at(data, 1, 1) == 4);
  sy_table_data_free(data);
  sy_table_close(table);
}

static void test_line_ends_in_quotes(void **state) {
  (void)state;
  const char *texts[2] = {"a,b\n1,\"x\r\ny\"\n2,z\n", "a,b\r\n1,\"x\ny\"\r\n2,z\r\n"};
  const char *cells[2] = {"x\r\ny", "x\ny"};
  for (size_t i = 0; i < 2; i++) {
    sy_table_data *data = read_source(put("ends.csv", texts[i]));
    assert_int_equal(rows_of(data), 2);
    assert_string_equal(text_at(data, 1, 0), cells[i]);
    sy_table_data_free(data);
  }
  /* Outside of quotes DuckDB cannot tell which of them ends a line. */
  assert_source_fails(put("ends.csv", "a,b\r\n1,2\n3,4\r\n"), SY_INVALID_DATA,
                      "line ends of two kinds");
}

static void test_delimiters(void **state) {
  (void)state;
  check_delimiter("tab.data", "a\tb\n1\t2\n3\t4\n", NULL);
  check_delimiter("tab.data", "a\tb\n1\t2\n3\t4\n", "tab");
  check_delimiter("tab.data", "a\tb\n1\t2\n3\t4\n", "\\t");
  check_delimiter("semicolon", "a;b\n1,5;2\n2,5;4\n", NULL);
  check_delimiter("bar", "a|b\n1|2\n3|4\n", NULL);
  check_delimiter("colon", "a:b\n1:2\n3:4\n", ":");
  check_delimiter("section",
                  "a\xC2\xA7"
                  "b\n1\xC2\xA7"
                  "2\n3\xC2\xA7"
                  "4\n",
                  "\xC2\xA7");
  sy_table_options options = sy_table_options_default(put("comma.csv", "a,b\n1,2\n3,4\n"));
  options.delimiter = ";";
  assert_fails(&options, SY_AS_FOUND, SY_INVALID_DATA,
               "one column with delimiter \";\", but the lines hold \",\"");
  options.delimiter = "ab";
  assert_fails(&options, SY_AS_FOUND, SY_INVALID_ARGUMENT, "must be one character");
}

static void test_one_column(void **state) {
  (void)state;
  sy_table_data *data = read_source(put("one.labels", "0\r\n1\r\n1\r\n"));
  assert_int_equal(sy_table_frame(data)->n_columns, 1);
  assert_int_equal(rows_of(data), 3);
  assert_true(number_at(data, 0, 2) == 1);
  sy_table_data_free(data);
}

static void test_stray_quotes_between_tabs(void **state) {
  (void)state;
  sy_table_data *data =
      read_source(put("words.tsv", "word\tn\n\"\t1\nend\t2\n\"\t3\n...\"\t4\n\"x\t5\n"));
  assert_int_equal(rows_of(data), 5);
  assert_string_equal(text_at(data, 0, 0), "\"");
  assert_string_equal(text_at(data, 0, 4), "\"x");
  sy_table_data_free(data);
  data = read_source(put_rows("late.tsv", "word\tn\n", "w%d\t%d\n", LATE, "\"\t1\n"));
  assert_string_equal(text_at(data, 0, LATE), "\"");
  sy_table_data_free(data);
  data = read_source(put("quoted.tsv", "word\tn\n\"a\tb\"\t1\n\"c\"\t2\n"));
  assert_string_equal(text_at(data, 0, 0), "a\tb");
  assert_string_equal(text_at(data, 0, 1), "c");
  sy_table_data_free(data);
}

/* --- fields apart by runs of blanks --- */

static void test_blanks(void **state) {
  (void)state;
  sy_table_data *data = read_source(put("runs.data", "   1   6 A11 \n  2  48\tA12\n\n 3 7 A13\n"));
  assert_int_equal(sy_table_frame(data)->n_columns, 3);
  assert_int_equal(rows_of(data), 3);
  assert_string_equal(column_of(data, 0)->name, "c1");
  assert_true(number_at(data, 1, 1) == 48);
  assert_string_equal(text_at(data, 2, 2), "A13");
  sy_table_data_free(data);
  data = read_source(put("named.dat", "age  sex word\n70 1.5 \"a b\"\n8 2 c\"d\n9 2 \"\n"));
  assert_string_equal(column_of(data, 2)->name, "word");
  assert_int_equal(rows_of(data), 3);
  assert_string_equal(text_at(data, 2, 0), "a b");
  assert_string_equal(text_at(data, 2, 1), "c\"d");
  assert_string_equal(text_at(data, 2, 2), "\"");
  assert_true(number_at(data, 0, 0) == 70);
  sy_table_data_free(data);
  /* Line numbers are the file's own. */
  assert_source_fails(put("ragged.dat", "1 2 3\n\n4 5 6\n7  8\n9 9 9\n1 2 3\n4 4 4\n"),
                      SY_INVALID_DATA, "ragged.dat line 4: 2 fields where 3 are expected");
}

static void test_blanks_asked_for(void **state) {
  (void)state;
  sy_table_options options = sy_table_options_default(put("two.txt", "to x\n1 2\n3  4\n"));
  options.delimiter = " ";
  options.skip = 1;
  sy_table *table = open_with(&options);
  assert_int_equal(sy_table_n_columns(table), 2);
  sy_table_data *data = read_as(table, SY_AS_TEXT);
  assert_int_equal(rows_of(data), 2);
  assert_string_equal(text_at(data, 1, 1), "4");
  sy_table_data_free(data);
  sy_table_close(table);
  /* Words of a text are no fields. */
  data = read_source(put("damage.csv", "effect\nno damage\nminor damage\nnone\n"));
  assert_int_equal(sy_table_frame(data)->n_columns, 1);
  assert_string_equal(text_at(data, 0, 1), "minor damage");
  sy_table_data_free(data);
}

/* --- any number of threads --- */

static void test_threads(void **state) {
  (void)state;
  const char *path = put_rows("many.csv", "a,b\n", "%d,v%d\n", 200000, "");
  sy_threads_set(1);
  sy_table_data *one = read_source(path);
  sy_threads_set(4);
  sy_table_data *four = read_source(path);
  sy_threads_set(0);
  assert_int_equal(rows_of(one), 200000);
  assert_int_equal(rows_of(four), 200000);
  assert_memory_equal(column_of(one, 0)->f32, column_of(four, 0)->f32, 200000 * sizeof(float));
  assert_memory_equal(column_of(one, 1)->codes, column_of(four, 1)->codes,
                      200000 * sizeof(uint32_t));
  assert_string_equal(text_at(four, 1, 199999), "v200000");
  sy_table_data_free(one);
  sy_table_data_free(four);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_types),
      cmocka_unit_test(test_text_exactly_as_written),
      cmocka_unit_test(test_numbers_the_sniffer_takes_for_text),
      cmocka_unit_test(test_large_numbers),
      cmocka_unit_test(test_missing),
      cmocka_unit_test(test_late_text),
      cmocka_unit_test(test_late_fraction_is_not_rounded),
      cmocka_unit_test(test_late_time_is_not_dropped),
      cmocka_unit_test(test_late_first_value),
      cmocka_unit_test(test_late_quotes),
      cmocka_unit_test(test_hexadecimal_is_text),
      cmocka_unit_test(test_ragged),
      cmocka_unit_test(test_first_line_that_does_not_fit),
      cmocka_unit_test(test_nothing_to_read),
      cmocka_unit_test(test_not_text),
      cmocka_unit_test(test_headers),
      cmocka_unit_test(test_line_ends_in_quotes),
      cmocka_unit_test(test_delimiters),
      cmocka_unit_test(test_one_column),
      cmocka_unit_test(test_stray_quotes_between_tabs),
      cmocka_unit_test(test_blanks),
      cmocka_unit_test(test_blanks_asked_for),
      cmocka_unit_test(test_threads),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
