/* test_table_write.c: columns as CSV, JSON lines and Parquet: what stands in the file, what reads
 * back, and that a file appears whole or not at all. */
#define _POSIX_C_SOURCE 200809L

#include "table_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>

static const float floats[] = {0.1f, NAN, 16777216};
static const double doubles[] = {0.1, 1e300, -INFINITY};
static const float booleans[] = {1, 0, NAN};
static const double dates[] = {18262, NAN, -1};
static const double times[] = {18262.5, 0.000011574074074074074, NAN};
static const uint32_t codes[] = {1, SY_MISSING, 0};
static const char *const values[] = {"a, \"b\"\n\x01", "plain"};

static const sy_column columns[] = {
    {.name = "f", .type = SY_COLUMN_NUMBER, .f32 = floats},
    {.name = "d, \"e\"", .type = SY_COLUMN_NUMBER, .f64 = doubles},
    {.name = "yes", .type = SY_COLUMN_BOOLEAN, .f32 = booleans},
    {.name = "date", .type = SY_COLUMN_DATE, .f64 = dates},
    {.name = "time", .type = SY_COLUMN_DATE, .f64 = times},
    {.name = "text", .type = SY_COLUMN_TEXT, .codes = codes, .values = values, .n_values = 2},
};
static const sy_frame frame = {columns, 6, 3};

static void write_ok(const sy_frame *what, const char *path) {
  sy_error error = {SY_OK, ""};
  if (sy_table_write(what, path, (sy_progress){NULL, NULL}, &error) != SY_OK)
    fail_msg("%s", error.text);
}

static void assert_file(const char *path, const char *expected) {
  char bytes[2048];
  get_bytes(path, bytes, sizeof bytes);
  assert_string_equal(bytes, expected);
}

static const char csv[] = "f,\"d, \"\"e\"\"\",yes,date,time,text\n"
                          "0.1,0.1,true,2020-01-01,2020-01-01 12:00:00,plain\n"
                          ",1e+300,false,,1970-01-01 00:00:01,\n"
                          "16777216,-inf,,1969-12-31,,\"a, \"\"b\"\"\n\x01\"\n";

static void test_csv(void **state) {
  (void)state;
  write_ok(&frame, fixture_path("out.csv"));
  assert_file(fixture_path("out.csv"), csv);
}

static void test_stdout(void **state) {
  (void)state;
  const char *names[] = {NULL, "-"};
  for (size_t i = 0; i < 2; i++) {
    fflush(stdout);
    int before = dup(STDOUT_FILENO);
    int file = open(fixture_path("stdout"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDOUT_FILENO);
    close(file);
    sy_status status = sy_table_write(&frame, names[i], (sy_progress){NULL, NULL}, NULL);
    dup2(before, STDOUT_FILENO);
    close(before);
    assert_int_equal(status, SY_OK);
    assert_file(fixture_path("stdout"), csv);
  }
}

static void test_json_lines(void **state) {
  (void)state;
  write_ok(&frame, fixture_path("out.jsonl"));
  assert_file(fixture_path("out.jsonl"),
              "{\"f\": 0.1, \"d, \\\"e\\\"\": 0.1, \"yes\": true, \"date\": \"2020-01-01\", "
              "\"time\": \"2020-01-01 12:00:00\", \"text\": \"plain\"}\n"
              "{\"f\": null, \"d, \\\"e\\\"\": 1e+300, \"yes\": false, \"date\": null, "
              "\"time\": \"1970-01-01 00:00:01\", \"text\": null}\n"
              "{\"f\": 16777216, \"d, \\\"e\\\"\": null, \"yes\": null, \"date\": \"1969-12-31\", "
              "\"time\": null, \"text\": \"a, \\\"b\\\"\\n\\u0001\"}\n");
}

static void test_parquet_reads_back(void **state) {
  (void)state;
  const char *path = fixture_path("it's.parquet");
  write_ok(&frame, path);
  sy_table_data *data = read_source(path);
  assert_int_equal(rows_of(data), 3);
  for (size_t i = 0; i < 6; i++) {
    assert_string_equal(column_of(data, i)->name, columns[i].name);
    assert_int_equal(column_of(data, i)->type, columns[i].type);
  }
  assert_non_null(column_of(data, 0)->f32);
  for (size_t row = 0; row < 3; row++) {
    double expected[5] = {(double)floats[row], doubles[row], (double)booleans[row], dates[row],
                          times[row]};
    for (size_t i = 0; i < 5; i++) {
      double found = number_at(data, i, row);
      if (isnan(expected[i]))
        assert_true(isnan(found));
      else if (i == 1 && row == 0)
        assert_true(found == (double)0.1f); /* a small number */
      else if (i == 4)
        assert_true(fabs(found - expected[i]) < 1e-11); /* to the microsecond */
      else
        assert_true(found == expected[i]);
    }
  }
  assert_string_equal(text_at(data, 5, 0), "plain");
  assert_null(text_at(data, 5, 1));
  assert_string_equal(text_at(data, 5, 2), values[0]);
  sy_table_data_free(data);
}

static void test_many_rows_in_parquet(void **state) {
  (void)state;
  enum { ROWS = 5000 };
  static float numbers[ROWS];
  for (int i = 0; i < ROWS; i++) numbers[i] = (float)i;
  sy_column column = {.name = "i", .type = SY_COLUMN_NUMBER, .f32 = numbers};
  write_ok(&(sy_frame){&column, 1, ROWS}, fixture_path("many.parquet"));
  sy_table_data *data = read_source(fixture_path("many.parquet"));
  assert_int_equal(rows_of(data), ROWS);
  assert_memory_equal(column_of(data, 0)->f32, numbers, sizeof numbers);
  sy_table_data_free(data);
}

static void test_dates_of_all_centuries(void **state) {
  (void)state;
  /* Leap days of 2000 and 2400, none in 1900 and 2100; a time that rounds up to the next day. */
  const double days[] = {11016, 157113, -25509, 47541, -719528, 18262.9999999999999, 18262.25};
  sy_column column = {.name = "day", .type = SY_COLUMN_DATE, .f64 = days};
  write_ok(&(sy_frame){&column, 1, 5}, fixture_path("days.csv"));
  assert_file(fixture_path("days.csv"), "day\n2000-02-29\n2400-02-29\n1900-02-28\n2100-03-01\n"
                                        "0000-01-01\n");
  column.f64 = days + 5;
  write_ok(&(sy_frame){&column, 1, 2}, fixture_path("days.csv"));
  assert_file(fixture_path("days.csv"), "day\n2020-01-02 00:00:00\n2020-01-01 06:00:00\n");
}

static void test_empty_cell_alone(void **state) {
  (void)state;
  sy_column column = {.name = "x", .type = SY_COLUMN_NUMBER, .f32 = floats};
  write_ok(&(sy_frame){&column, 1, 2}, fixture_path("alone.csv"));
  assert_file(fixture_path("alone.csv"), "x\n0.1\n\"\"\n");
}

static void test_shortest_floats(void **state) {
  (void)state;
  const float some[] = {1.5f, 0.3f, 123456.79f, 1e-20f, 3.4028235e38f, -0.7f};
  sy_column column = {.name = "x", .type = SY_COLUMN_NUMBER, .f32 = some};
  write_ok(&(sy_frame){&column, 1, 6}, fixture_path("floats.csv"));
  assert_file(fixture_path("floats.csv"), "x\n1.5\n0.3\n123456.79\n1e-20\n3.4028235e+38\n-0.7\n");
}

/* All bytes of a file, to be freed. */
static char *whole_file(const char *path, size_t capacity, size_t *size) {
  char *bytes = malloc(capacity);
  assert_non_null(bytes);
  *size = get_bytes(path, bytes, capacity);
  assert_true(*size + 1 < capacity);
  return bytes;
}

/* Rows are laid out by several threads and stand in their order, to the same bytes. */
static void test_threads_do_not_show(void **state) {
  (void)state;
  enum { ROWS = 300000, CAPACITY = 1 << 24 };
  static double numbers[ROWS];
  for (int i = 0; i < ROWS; i++) numbers[i] = i + 1.0 / 3;
  sy_column column = {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = numbers};
  const char *endings[] = {"csv", "jsonl"};
  for (size_t e = 0; e < 2; e++) {
    char name[2][32], *bytes[2];
    size_t sizes[2];
    for (int i = 0; i < 2; i++) {
      sy_threads_set(1 + 2 * i);
      snprintf(name[i], sizeof name[i], "threads%d.%s", i, endings[e]);
      write_ok(&(sy_frame){&column, 1, ROWS}, fixture_path(name[i]));
      bytes[i] = whole_file(fixture_path(name[i]), CAPACITY, &sizes[i]);
    }
    sy_threads_set(0);
    assert_int_equal(sizes[0], sizes[1]);
    assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    free(bytes[0]);
    free(bytes[1]);
  }
  sy_table_data *data = read_source(fixture_path("threads1.csv"));
  assert_int_equal(rows_of(data), ROWS);
  for (int i = 0; i < ROWS; i++) assert_true(column_of(data, 0)->f32[i] == (float)numbers[i]);
  sy_table_data_free(data);
}

/* Long texts leave as they come, not a block of rows at a time. */
static void test_long_texts(void **state) {
  (void)state;
  enum { ROWS = 50, LENGTH = 100000, CAPACITY = 1 << 23 };
  static uint32_t lasting[ROWS];
  static char text[LENGTH + 1];
  memset(text, 'a', LENGTH);
  const char *only[] = {text};
  sy_column column = {
      .name = "t", .type = SY_COLUMN_TEXT, .codes = lasting, .values = only, .n_values = 1};
  write_ok(&(sy_frame){&column, 1, ROWS}, fixture_path("long.csv"));
  size_t size;
  char *bytes = whole_file(fixture_path("long.csv"), CAPACITY, &size);
  assert_int_equal(size, 2 + ROWS * (LENGTH + 1));
  for (size_t row = 0; row < ROWS; row++) {
    const char *line = bytes + 2 + row * (LENGTH + 1);
    assert_memory_equal(line, text, LENGTH);
    assert_int_equal(line[LENGTH], '\n');
  }
  free(bytes);
}

static size_t count_files(const char *folder) {
  DIR *entries = opendir(folder);
  assert_non_null(entries);
  size_t n = 0;
  while (readdir(entries)) n++;
  closedir(entries);
  return n - 2;
}

static void assert_write_fails(const char *path, sy_status status, const char *part) {
  sy_error error = {SY_OK, ""};
  assert_int_equal(sy_table_write(&frame, path, (sy_progress){NULL, NULL}, &error), status);
  assert_int_equal(error.status, status);
  assert_contains(error.text, part);
}

static void test_failures(void **state) {
  (void)state;
  const char *endings[] = {"csv", "jsonl", "parquet"};
  mkdir(fixture_path("f"), 0700);
  for (size_t i = 0; i < 3; i++) {
    char path[300], name[32];
    snprintf(path, sizeof path, "%s/none/x.%s", fixture_folder, endings[i]);
    assert_write_fails(path, SY_FILE_NOT_WRITTEN, "No such file or directory");
    snprintf(name, sizeof name, "f/full.%s", endings[i]);
    assert_int_equal(symlink("/dev/full", fixture_path(name)), 0);
    assert_write_fails(fixture_path(name), SY_FILE_NOT_WRITTEN,
                       i < 2 ? "No space left" : "needs a file");
    snprintf(name, sizeof name, "f/folder.%s", endings[i]);
    mkdir(fixture_path(name), 0700);
    assert_write_fails(fixture_path(name), SY_FILE_NOT_WRITTEN, "this is a folder");
  }
  assert_write_fails(fixture_path("f/x.txt"), SY_INVALID_ARGUMENT, "must end in .csv");
  assert_int_equal(count_files(fixture_path("f")), 6); /* nothing is left behind */
  /* A frame Parquet cannot hold: two columns of one name. The file that is there stays. */
  sy_column twice[2] = {columns[0], columns[0]};
  put("f/old.parquet", "old");
  assert_int_equal(sy_table_write(&(sy_frame){twice, 2, 3}, fixture_path("f/old.parquet"),
                                  (sy_progress){NULL, NULL}, NULL),
                   SY_FILE_NOT_WRITTEN);
  assert_file(fixture_path("f/old.parquet"), "old");
  assert_int_equal(count_files(fixture_path("f")), 7);
}

static void test_links_are_followed(void **state) {
  (void)state;
  put("target.csv", "old");
  assert_int_equal(symlink("target.csv", fixture_path("link.csv")), 0);
  write_ok(&frame, fixture_path("link.csv"));
  assert_file(fixture_path("target.csv"), csv);
  struct stat facts;
  assert_int_equal(lstat(fixture_path("link.csv"), &facts), 0);
  assert_true(S_ISLNK(facts.st_mode));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_csv),
      cmocka_unit_test(test_stdout),
      cmocka_unit_test(test_json_lines),
      cmocka_unit_test(test_parquet_reads_back),
      cmocka_unit_test(test_many_rows_in_parquet),
      cmocka_unit_test(test_dates_of_all_centuries),
      cmocka_unit_test(test_empty_cell_alone),
      cmocka_unit_test(test_shortest_floats),
      cmocka_unit_test(test_threads_do_not_show),
      cmocka_unit_test(test_long_texts),
      cmocka_unit_test(test_failures),
      cmocka_unit_test(test_links_are_followed),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
