/* test_table_read.c: what a read may ask for: columns by name and pattern, as numbers or as
 * doubles, expressions; cancelling it. */
#define _GNU_SOURCE

#include "table_fixture.h"

#include <math.h>
#include <signal.h>
#include <sys/time.h>

/* --- columns --- */

static sy_table *open_columns(void) {
  return open_source(put("columns.csv", "V1,V2,\"a,b\",3,Größe,class\n1,2,3,4,5,x\n"));
}

static void test_find(void **state) {
  (void)state;
  sy_table *table = open_columns();
  const struct {
    const char *name;
    size_t index;
  } found[] = {{"V2", 1}, {"a,b", 2}, {"3", 3}, {"1", 0}, {"-1", 5}, {"-6", 0}, {"6", 5}};
  size_t index;
  for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
    assert_int_equal(sy_table_find(table, found[i].name, &index, NULL), SY_OK);
    assert_int_equal(index, found[i].index);
  }
  sy_error error;
  assert_int_equal(sy_table_find(table, "clas", &index, &error), SY_MISSING_COLUMN);
  assert_contains(error.text, "no column \"clas\"; did you mean \"class\"? There are 6 columns");
  const char *wrong[] = {"0", "7", "-7", "99999999999999999999"};
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(sy_table_find(table, wrong[i], &index, &error), SY_MISSING_COLUMN);
    assert_contains(error.text, "there are 6");
  }
  sy_table_close(table);
}

static void check_match(const sy_table *table, const char *list, const char *marks) {
  bool chosen[6] = {false};
  sy_error error = {SY_OK, ""};
  sy_status status = sy_table_match(table, list, chosen, &error);
  if (status != SY_OK) fail_msg("%s: %s", list, error.text);
  for (size_t i = 0; i < 6; i++) assert_int_equal(chosen[i], marks[i] == 'x');
}

static void test_match(void **state) {
  (void)state;
  sy_table *table = open_columns();
  check_match(table, "V*", "xx....");
  check_match(table, "class, 1", "x....x");
  check_match(table, "\"a,b\",-1", "..x..x");
  check_match(table, "a,b", "..x...");
  check_match(table, "3", "...x..");
  check_match(table, "Gr??e", "....x.");
  check_match(table, "*a*s*,?", "...x.x");
  check_match(table, "*", "xxxxxx");
  bool chosen[6] = {false};
  sy_error error;
  assert_int_equal(sy_table_match(table, "W*", chosen, &error), SY_MISSING_COLUMN);
  assert_contains(error.text, "no column matches W*");
  assert_int_equal(sy_table_match(table, "V1,V9", chosen, &error), SY_MISSING_COLUMN);
  assert_contains(error.text, "no column \"V9\"");
  assert_true(chosen[0] && !chosen[1]);
  assert_int_equal(sy_table_match(table, "", chosen, &error), SY_MISSING_COLUMN);
  sy_table_close(table);
}

static void test_as_number(void **state) {
  (void)state;
  sy_table *table = open_source("SELECT * FROM (VALUES (' 1.5 ', TRUE, DATE '1970-01-03'), "
                                "('', FALSE, NULL)) AS t(a, b, c)");
  sy_table_data *data = read_as(table, SY_AS_NUMBER);
  for (size_t i = 0; i < 3; i++) assert_int_equal(column_of(data, i)->type, SY_COLUMN_NUMBER);
  assert_true(number_at(data, 0, 0) == 1.5 && isnan(number_at(data, 0, 1)));
  assert_true(number_at(data, 1, 0) == 1 && number_at(data, 2, 0) == 2);
  sy_table_data_free(data);
  sy_table_close(table);
  sy_table_options options = sy_table_options_default("SELECT * FROM (VALUES ('1'), ('1x')) t(a)");
  assert_fails(&options, SY_AS_NUMBER, SY_INVALID_DATA,
               "query row 2: column \"a\": \"1x\" is not a number");
}

static void test_as_double(void **state) {
  (void)state;
  sy_table *table = open_source(put("exact.csv", "w,v\n0.1,0.1\n0.3,2\n"));
  sy_table_request requests[] = {{.column = 0, .as = SY_AS_DOUBLE},
                                 {.column = 1, .as = SY_AS_NUMBER}};
  sy_table_data *data;
  assert_int_equal(sy_table_read(table, requests, 2, (sy_progress){NULL, NULL}, &data, NULL),
                   SY_OK);
  assert_true(number_at(data, 0, 0) == 0.1 && number_at(data, 0, 1) == 0.3);
  assert_true(number_at(data, 1, 0) == 0.1f);
  sy_table_data_free(data);
  sy_table_close(table);
  sy_table_options options = sy_table_options_default("SELECT * FROM (VALUES ('1'), ('1x')) t(a)");
  assert_fails(&options, SY_AS_DOUBLE, SY_INVALID_DATA, "\"1x\" is not a number");
}

static void test_expressions(void **state) {
  (void)state;
  sy_table *table = open_source(put("costs.csv", "amount,kind\n10,a\n20,b\n,c\n"));
  sy_table_request good[] = {{.expression = "amount * 2 -- twice", .name = "cost"},
                             {.expression = "kind || '!'", .name = NULL},
                             {.expression = "kind = 'b'", .as = SY_AS_NUMBER}};
  sy_table_data *data;
  assert_int_equal(sy_table_read(table, good, 3, (sy_progress){NULL, NULL}, &data, NULL), SY_OK);
  assert_string_equal(column_of(data, 0)->name, "cost");
  assert_true(number_at(data, 0, 1) == 40 && isnan(number_at(data, 0, 2)));
  assert_string_equal(column_of(data, 1)->name, "kind || '!'");
  assert_string_equal(text_at(data, 1, 2), "c!");
  assert_true(number_at(data, 2, 1) == 1);
  sy_table_data_free(data);
  const char *bad[][2] = {{"amuont * 2", "amuont"},
                          {"1), (2", "must be one expression"},
                          {"sum(amount)", "aggregate"},
                          {"unnest([1, 2])", "UNNEST"},
                          {"row_number() OVER ()", "window"},
                          {"amount) FROM source; DROP TABLE x; SELECT (1", "expression '"},
                          {"", "expression ''"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    sy_table_request request = {.expression = bad[i][0]};
    sy_error error = {SY_OK, ""};
    assert_int_equal(sy_table_read(table, &request, 1, (sy_progress){NULL, NULL}, &data, &error),
                     SY_INVALID_DATA);
    assert_null(data);
    assert_contains(error.text, "expression '");
    if (!strcasestr(error.text, bad[i][1])) fail_msg("%s", error.text);
  }
  sy_table_request none = {.column = 2};
  assert_int_equal(sy_table_read(table, &none, 1, (sy_progress){NULL, NULL}, &data, NULL),
                   SY_INVALID_ARGUMENT);
  assert_int_equal(sy_table_read(table, &none, 0, (sy_progress){NULL, NULL}, &data, NULL),
                   SY_INVALID_ARGUMENT);
  sy_table_close(table);
}

/* --- cancelling --- */

/* Threads read ahead of each other, in blocks of megabytes; the rows keep their order. */
static void test_order(void **state) {
  (void)state;
  enum { ROWS = 400000 };
  const char *path = put_rows("order.csv", "i,s,text\n", "%d,%d.25,some words in every row\n", ROWS,
                              "400001,1,the end\n");
  for (int threads = 1; threads <= 3; threads++) {
    sy_threads_set(threads);
    sy_table_data *data = read_source(path);
    assert_int_equal(rows_of(data), ROWS + 1);
    for (int i = 0; i < ROWS; i++) {
      assert_true(column_of(data, 0)->f32[i] == (float)(i + 1));
      assert_true(column_of(data, 1)->f32[i] == (float)(i + 1.25));
    }
    assert_string_equal(text_at(data, 2, ROWS), "the end");
    sy_table_data_free(data);
  }
  sy_threads_set(0);
}

static void test_release(void **state) {
  (void)state;
  sy_table *table = open_source(put("release.csv", "a,b\n1,2\n"));
  sy_table_data *data = read_as(table, SY_AS_FOUND);
  sy_table_release(table);
  assert_string_equal(sy_table_column_name(table, 1), "b");
  assert_true(column_of(data, 1)->f32[0] == 2);
  sy_table_request request = {.column = 0};
  sy_table_data *none;
  sy_error error = {SY_OK, ""};
  sy_progress progress = {NULL, NULL};
  assert_int_equal(sy_table_read(table, &request, 1, progress, &none, &error), SY_INVALID_ARGUMENT);
  assert_non_null(strstr(error.text, "was released"));
  assert_null(none);
  sy_table_close(table);
  sy_table_data_free(data);
}

static void on_alarm(int signal_number) {
  (void)signal_number;
  sy_table_interrupt();
}

static void test_interrupt(void **state) {
  (void)state;
  struct sigaction action = {.sa_handler = on_alarm}, before;
  sigaction(SIGALRM, &action, &before);
  /* Hours of work, would nobody stop it; the alarm repeats in case it comes before the read. */
  sy_table *table = open_source("SELECT sum(hash(i)) AS s FROM range(1000000000000) t(i)");
  struct itimerval soon = {{0, 50000}, {0, 50000}}, never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &soon, NULL);
  sy_table_request request = {.column = 0};
  sy_table_data *data;
  sy_error error = {SY_OK, ""};
  sy_status status = sy_table_read(table, &request, 1, (sy_progress){NULL, NULL}, &data, &error);
  setitimer(ITIMER_REAL, &never, NULL);
  sigaction(SIGALRM, &before, NULL);
  assert_int_equal(status, SY_CANCELLED);
  assert_int_equal(error.status, SY_CANCELLED);
  assert_null(data);
  sy_table_close(table);
}

typedef struct told {
  int calls;
  char stage[300];
  bool cancel, in_range;
} told;

static bool tell(void *context, const char *stage, double fraction) {
  told *so_far = context;
  so_far->calls++;
  so_far->in_range = fraction >= 0 && fraction <= 1;
  snprintf(so_far->stage, sizeof so_far->stage, "%s", stage);
  return so_far->cancel;
}

static void test_progress(void **state) {
  (void)state;
  sy_table *table = open_source("SELECT i, hash(i) AS h FROM range(300000) t(i)");
  sy_table_request request = {.column = 0};
  sy_table_data *data;
  told so_far = {.cancel = false};
  sy_progress progress = {tell, &so_far};
  assert_int_equal(sy_table_read(table, &request, 1, progress, &data, NULL), SY_OK);
  assert_true(so_far.calls > 0 && so_far.in_range);
  assert_string_equal(so_far.stage, "reading query");
  assert_int_equal(rows_of(data), 300000);
  sy_table_data_free(data);
  so_far = (told){.cancel = true};
  assert_int_equal(sy_table_read(table, &request, 1, progress, &data, NULL), SY_CANCELLED);
  assert_int_equal(so_far.calls, 1);
  sy_table_close(table);
  sy_table_close(NULL);
  sy_table_data_free(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_find),        cmocka_unit_test(test_match),
      cmocka_unit_test(test_as_number),   cmocka_unit_test(test_as_double),
      cmocka_unit_test(test_expressions), cmocka_unit_test(test_order),
      cmocka_unit_test(test_release),     cmocka_unit_test(test_interrupt),
      cmocka_unit_test(test_progress),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
