/* test_table_sources.c: what a source may be: files of each kind, packed, several, piped, queries.
 */
#define _POSIX_C_SOURCE 200809L

#include "table_fixture.h"

#include "internal.h"

#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

/* --- finding files --- */

static void test_missing_files(void **state) {
  (void)state;
  char source[300];
  put("measurements.csv", "a,b\n1,2\n");
  snprintf(source, sizeof source, "%s/mesurements.csv", fixture_folder);
  assert_source_fails(source, SY_FILE_NOT_READ, "no such file; did you mean ");
  assert_source_fails(source, SY_FILE_NOT_READ, "/measurements.csv?");
  assert_source_fails(fixture_path("none/x.csv"), SY_FILE_NOT_READ, "no such folder");
  assert_source_fails(fixture_path("q*.csv"), SY_FILE_NOT_READ, "no file matches");
  assert_source_fails(fixture_folder, SY_FILE_NOT_READ, "is a folder");
  assert_source_fails("", SY_INVALID_ARGUMENT, "no source");
}

static void test_several_files(void **state) {
  (void)state;
  mkdir(fixture_path("parts"), 0700);
  put("parts/1.csv", "a,b,c\n1,x,\n");
  put("parts/2.csv", "b,c,a\ny,7,1.5\n");
  put("parts/3.csv", "");
  put("parts/4.csv", "a,b,c\n");
  put("parts/5.csv", "a,b,c\n3,\"z\n\",8\n");
  sy_table_data *data = read_source(fixture_path("parts/*.csv"));
  assert_int_equal(rows_of(data), 3);
  assert_true(number_at(data, 0, 1) == 1.5 && number_at(data, 0, 2) == 3);
  assert_string_equal(text_at(data, 1, 1), "y");
  assert_string_equal(text_at(data, 1, 2), "z\n");
  assert_true(isnan(number_at(data, 2, 0)) && number_at(data, 2, 1) == 7);
  sy_table_data_free(data);
  put("parts/6.csv", "a,b,d\n1,2,3\n");
  assert_source_fails(fixture_path("parts/*.csv"), SY_INVALID_DATA,
                      "6.csv: column \"d\" is not in ");
  put("parts/6.csv", "a,b\n1,2\n");
  assert_source_fails(fixture_path("parts/*.csv"), SY_INVALID_DATA, "6.csv: 2 columns, and ");
  put("parts/6.csv", "a,b,c\n1,2\n");
  assert_source_fails(fixture_path("parts/*.csv"), SY_INVALID_DATA, "6.csv: the first line has 3");
}

static void test_names_are_taken_literally(void **state) {
  (void)state;
  put("a1.csv", "x\n5\n");
  put("it's 100% [a]*.csv", "x\n6\n");
  sy_table_data *data = read_source(fixture_path("it's 100% [a]*.csv"));
  assert_int_equal(rows_of(data), 1);
  assert_true(number_at(data, 0, 0) == 6);
  sy_table_data_free(data);
  assert_false(table_query_is("from.csv"));
  assert_false(table_query_is("select/with.csv"));
  assert_false(table_query_is("selection"));
  assert_true(table_query_is(" -- why\n ( SeLeCt 1)"));
  assert_true(table_query_is("/* ; */ WITH\na AS (SELECT 1) FROM a"));
  assert_true(table_query_is("FROM'x.csv'"));
}

/* --- packed files --- */

static void test_packed(void **state) {
  (void)state;
  const char *endings[] = {"csv.gz", "odd"};
  for (size_t i = 0; i < 2; i++) {
    const char *packings[] = {"gzip", "zstd"};
    for (size_t j = 0; j < 2; j++) {
      char name[32];
      snprintf(name, sizeof name, "p%zu.%s", j, endings[i]);
      run_sql("COPY (SELECT i AS a, 'x' || i AS b FROM range(1000) t(i)) TO '%s' "
              "(FORMAT csv, HEADER true, COMPRESSION %s)",
              fixture_path(name), packings[j]);
      sy_table_data *data = read_source(fixture_path(name));
      assert_int_equal(rows_of(data), 1000);
      assert_string_equal(text_at(data, 1, 999), "x999");
      sy_table_data_free(data);
    }
  }
}

/* Each shorter file must be refused, whatever byte it ends at. */
static void check_all_cuts(const char *path, table_packing packing) {
  static char bytes[1 << 16];
  size_t size = get_bytes(path, bytes, sizeof bytes);
  assert_true(size > 100 && size < sizeof bytes - 1);
  for (size_t cut = 20; cut <= size; cut += cut < size - 40 && cut > 200 ? 7 : 1) {
    char *shorter = (char *)(uintptr_t)put_bytes("cut", bytes, cut);
    table_file file = {.name = shorter, .path = shorter, .descriptor = -1, .packing = packing};
    sy_error error = {SY_OK, ""};
    sy_status status = table_whole_check(&file, &error);
    assert_int_equal(status, cut == size ? SY_OK : SY_INVALID_DATA);
    if (cut < size) assert_contains(error.text, "is cut short");
  }
}

static void test_cut_short(void **state) {
  (void)state;
  run_sql("COPY (SELECT i AS a, hash(i) %% 1000 AS b FROM range(2000) t(i)) TO '%s' "
          "(FORMAT csv, COMPRESSION gzip)",
          fixture_path("whole.csv.gz"));
  check_all_cuts(fixture_path("whole.csv.gz"), TABLE_GZIP);
  run_sql("COPY (SELECT i AS a, hash(i) %% 1000 AS b FROM range(2000) t(i)) TO '%s' "
          "(FORMAT csv, COMPRESSION zstd)",
          fixture_path("whole.csv.zst"));
  check_all_cuts(fixture_path("whole.csv.zst"), TABLE_ZSTD);
  static char bytes[1 << 16];
  size_t size = get_bytes(fixture_path("whole.csv.gz"), bytes, sizeof bytes);
  assert_source_fails(put_bytes("half.csv.gz", bytes, size / 2), SY_INVALID_DATA,
                      "half.csv.gz: the gzip file is cut short");
  /* Two members are one file, and what the trailer counts must be what is there. */
  char *twice = malloc(2 * size);
  assert_non_null(twice);
  memcpy(twice, bytes, size);
  memcpy(twice + size, bytes, size);
  char *path = (char *)(uintptr_t)put_bytes("twice.gz", twice, 2 * size);
  table_file file = {.name = path, .path = path, .descriptor = -1, .packing = TABLE_GZIP};
  assert_int_equal(table_whole_check(&file, NULL), SY_OK);
  twice[size / 2] ^= 16; /* damage that changes no length */
  put_bytes("twice.gz", twice, 2 * size);
  assert_int_equal(table_whole_check(&file, NULL), SY_INVALID_DATA);
  twice[size / 2] ^= 16;
  twice[size - 1] ^= 1;
  put_bytes("twice.gz", twice, 2 * size);
  assert_int_equal(table_whole_check(&file, NULL), SY_INVALID_DATA);
  free(twice);
}

/* A stored block, a file name in the header, and a block of the fixed code ("a,b\n" and so on, as
 * gzip writes it). */
static void test_gzip_by_hand(void **state) {
  (void)state;
  const unsigned char stored[] = {0x1F, 0x8B, 8,    8,    0,    0,    0,    0,   0,   3,
                                  'n',  0,    1,    4,    0,    0xFB, 0xFF, 'a', ',', 'b',
                                  '\n', 0xC5, 0x10, 0x97, 0x24, 4,    0,    0,   0};
  const unsigned char fixed[] = {0x1F, 0x8B, 8,    0, 0,    0,    0,    0,    0, 3, 0x4B, 0xD4,
                                 0x49, 0xE2, 0x02, 0, 0xC5, 0x10, 0x97, 0x24, 4, 0, 0,    0};
  char *path = (char *)(uintptr_t)put_bytes("stored.gz", stored, sizeof stored);
  table_file file = {.name = path, .path = path, .descriptor = -1, .packing = TABLE_GZIP};
  assert_int_equal(table_whole_check(&file, NULL), SY_OK);
  put_bytes("stored.gz", stored, sizeof stored - 9);
  assert_int_equal(table_whole_check(&file, NULL), SY_INVALID_DATA);
  put_bytes("stored.gz", fixed, sizeof fixed);
  assert_int_equal(table_whole_check(&file, NULL), SY_OK);
  unsigned char changed[sizeof fixed];
  memcpy(changed, fixed, sizeof fixed);
  changed[sizeof fixed - 5] ^= 1; /* the checksum */
  put_bytes("stored.gz", changed, sizeof changed);
  assert_int_equal(table_whole_check(&file, NULL), SY_INVALID_DATA);
  put_bytes("stored.gz", fixed, sizeof fixed - 5);
  assert_int_equal(table_whole_check(&file, NULL), SY_INVALID_DATA);
}

/* --- Parquet, JSON --- */

static void test_parquet(void **state) {
  (void)state;
  run_sql("COPY (SELECT i::INTEGER AS n, i %% 2 = 0 AS b, DATE '2020-01-01' + i::INTEGER AS d, "
          "CASE WHEN i = 1 THEN NULL ELSE 'v' || i END AS t, [i] AS list "
          "FROM range(3) t(i)) TO '%s' (FORMAT parquet)",
          fixture_path("one.parquet"));
  assert_source_fails(fixture_path("one.parquet"), SY_INVALID_DATA,
                      "column \"list\" holds lists, no single values");
  sy_table *table = open_source(fixture_path("one.parquet"));
  sy_table_request requests[5] = {
      {.column = 3}, {.column = 0}, {.column = 1}, {.column = 2}, {.column = 0, .as = SY_AS_TEXT}};
  sy_table_data *data;
  assert_int_equal(sy_table_read(table, requests, 5, (sy_progress){NULL, NULL}, &data, NULL),
                   SY_OK);
  assert_null(text_at(data, 0, 1));
  assert_string_equal(text_at(data, 0, 2), "v2");
  assert_true(number_at(data, 1, 2) == 2 && number_at(data, 2, 0) == 1);
  assert_true(number_at(data, 3, 2) == 18264);
  assert_string_equal(text_at(data, 4, 2), "2");
  sy_table_data_free(data);
  sy_table_close(table);
  assert_source_fails(put("text.parquet", "a,b\n1,2\n"), SY_INVALID_DATA, "text.parquet: ");
}

static void test_several_parquet(void **state) {
  (void)state;
  mkdir(fixture_path("pq"), 0700);
  /* By the first file's type DuckDB would round 1.5. */
  run_sql("COPY (SELECT 1 AS a, 'x' AS b) TO '%s'", fixture_path("pq/1.parquet"));
  run_sql("COPY (SELECT 'y' AS b, 1.5::DOUBLE AS a) TO '%s'", fixture_path("pq/2.parquet"));
  sy_table_data *data = read_source(fixture_path("pq/*"));
  assert_true(number_at(data, 0, 1) == 1.5);
  assert_string_equal(text_at(data, 1, 1), "y");
  sy_table_data_free(data);
  run_sql("COPY (SELECT 'y' AS b) TO '%s'", fixture_path("pq/3.parquet"));
  assert_source_fails(fixture_path("pq/*"), SY_INVALID_DATA, "3.parquet: lacks the column \"a\"");
  put("pq/4.csv", "a,b\n1,x\n");
  assert_source_fails(fixture_path("pq/*"), SY_INVALID_DATA, "must be of one kind");
}

static void test_json(void **state) {
  (void)state;
  sy_table_data *data = read_source(
      put_rows("late.jsonl", "", "{\"a\": %d, \"b\": \"x%d\"}\n", 30000, "{\"a\": 1.5}\n"));
  assert_true(number_at(data, 0, 30000) == 1.5);
  assert_null(text_at(data, 1, 30000));
  assert_string_equal(text_at(data, 1, 29999), "x30000");
  sy_table_data_free(data);
  data = read_source(put("list.json", "[{\"a\": 1, \"t\": true}, {\"a\": null, \"t\": false}]"));
  assert_true(isnan(number_at(data, 0, 1)));
  assert_int_equal(column_of(data, 1)->type, SY_COLUMN_BOOLEAN);
  sy_table_data_free(data);
  run_sql("COPY (SELECT 1 AS a) TO '%s' (FORMAT json, COMPRESSION gzip)",
          fixture_path("x.ndjson.gz"));
  data = read_source(fixture_path("x.ndjson.gz"));
  assert_true(number_at(data, 0, 0) == 1);
  sy_table_data_free(data);
  assert_source_fails(put("bad.jsonl", "{\"a\": 1}\n{\"a\":\n"), SY_INVALID_DATA,
                      "bad.jsonl line 2: is not JSON");
  assert_source_fails(put("empty.json", ""), SY_NO_ROWS, "is empty");
}

/* --- pipes --- */

static void test_stdin(void **state) {
  (void)state;
  int before = dup(STDIN_FILENO), ends[2];
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], "a b\n1 x\n2 y\n", 12), 12);
  close(ends[1]);
  dup2(ends[0], STDIN_FILENO);
  close(ends[0]);
  sy_table *table = open_source("-");
  assert_string_equal(sy_table_source_name(table), "stdin");
  sy_table_data *data = read_as(table, SY_AS_FOUND);
  assert_int_equal(rows_of(data), 2);
  assert_string_equal(text_at(data, 1, 1), "y");
  sy_table_data_free(data);
  sy_table_close(table);
  int nothing = open("/dev/null", O_RDONLY);
  dup2(nothing, STDIN_FILENO);
  close(nothing);
  assert_source_fails("-", SY_NO_ROWS, "stdin: is empty");
  /* Packed data are known by their first bytes; an error names stdin, not the copy. */
  run_sql("COPY (SELECT 1 AS a, 2 AS b) TO '%s' (COMPRESSION zstd, HEADER true)",
          fixture_path("in.csv.zst"));
  int packed = open(fixture_path("in.csv.zst"), O_RDONLY);
  dup2(packed, STDIN_FILENO);
  close(packed);
  data = read_source("-");
  assert_true(number_at(data, 1, 0) == 2);
  sy_table_data_free(data);
  int ragged = open(put("in.csv", "a,b\n1,2\n3\n4,5\n"), O_RDONLY);
  dup2(ragged, STDIN_FILENO);
  close(ragged);
  assert_source_fails("-", SY_INVALID_DATA, "stdin line 3: 1 field where 2 are expected");
  dup2(before, STDIN_FILENO);
  close(before);
}

/* --- queries --- */

static void test_query(void **state) {
  (void)state;
  const char *path = put("q.csv", "a,b\n3,x\n1,y\n2,z\n");
  char query[400];
  snprintf(query, sizeof query,
           "SELECT a, a AS A, b, NULL AS n, 1.25::DECIMAL(9,2) AS d, ';' AS s, "
           "INTERVAL 1 DAY AS i FROM '%s' ORDER BY a DESC; -- done; really",
           path);
  sy_table *table = open_source(query);
  assert_string_equal(sy_table_source_name(table), "query");
  assert_string_equal(sy_table_column_name(table, 1), "A_1");
  sy_table_data *data = read_as(table, SY_AS_FOUND);
  assert_true(number_at(data, 0, 0) == 3 && number_at(data, 1, 2) == 1);
  assert_string_equal(text_at(data, 2, 1), "z");
  assert_true(isnan(number_at(data, 3, 0)) && number_at(data, 4, 0) == 1.25);
  assert_string_equal(text_at(data, 5, 0), ";");
  assert_string_equal(text_at(data, 6, 0), "1 day");
  sy_table_data_free(data);
  sy_table_close(table);
}

static void test_query_types(void **state) {
  (void)state;
  sy_table_data *data = read_source(
      "SELECT '2020-01-01 12:00'::TIMESTAMP_S AS s, '2020-01-01 12:00'::TIMESTAMP_MS AS ms, "
      "'2020-01-01 12:00'::TIMESTAMP_NS AS ns, '2020-01-01 13:00:00+01'::TIMESTAMPTZ AS tz, "
      "'infinity'::DATE AS di, '-infinity'::TIMESTAMP AS ti, "
      "170141183460469231731687303715884105727 AS huge, 'a'::ENUM('a') AS e, TRUE AS b, "
      "9007199254740993 AS big");
  for (size_t i = 0; i < 4; i++) assert_true(number_at(data, i, 0) == 18262.5);
  for (size_t i = 4; i < 6; i++) {
    assert_int_equal(column_of(data, i)->type, SY_COLUMN_DATE);
    assert_true(isnan(number_at(data, i, 0)));
  }
  assert_true(number_at(data, 6, 0) == 0x1p127);
  assert_string_equal(text_at(data, 7, 0), "a");
  assert_int_equal(column_of(data, 8)->type, SY_COLUMN_BOOLEAN);
  assert_true(number_at(data, 9, 0) == 0x1p53);
  sy_table_data_free(data);
}

static void test_bad_queries(void **state) {
  (void)state;
  assert_source_fails("SELECT 1; SELECT 2", SY_INVALID_DATA, "query: 2 statements");
  assert_source_fails("SELECT 1 FROM", SY_INVALID_DATA, "query: Parser Error");
  assert_source_fails("SELECT x FROM (SELECT 1 AS y)", SY_INVALID_DATA,
                      "query: Binder Error: Referenced column \"x\" not found");
  assert_source_fails("SELECT 1 WHERE false", SY_NO_ROWS, "query: gives no rows");
  char query[400];
  snprintf(query, sizeof query, "WITH a AS (SELECT 1 AS x) SELECT x FROM '%s'",
           fixture_path("none.csv"));
  assert_source_fails(query, SY_INVALID_DATA, "No files found");
  /* A failure in mid-stream, after many good rows, is no end of the data; nor, now and then, an
   * interruption that nobody asked for. */
  for (int again = 0; again < 25; again++)
    assert_source_fails("SELECT CASE WHEN i = 300000 THEN CAST('x' || i AS INT) ELSE 1 END AS v "
                        "FROM range(400000) t(i)",
                        SY_INVALID_DATA, "\"x300000\" is not");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_missing_files),
      cmocka_unit_test(test_several_files),
      cmocka_unit_test(test_names_are_taken_literally),
      cmocka_unit_test(test_packed),
      cmocka_unit_test(test_cut_short),
      cmocka_unit_test(test_gzip_by_hand),
      cmocka_unit_test(test_parquet),
      cmocka_unit_test(test_several_parquet),
      cmocka_unit_test(test_json),
      cmocka_unit_test(test_stdin),
      cmocka_unit_test(test_query),
      cmocka_unit_test(test_query_types),
      cmocka_unit_test(test_bad_queries),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
