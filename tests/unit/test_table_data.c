/* test_table_data.c: real files as they come, read by no other means than a newcomer has. Counts
 * are those the data's own documentation gives. */
#define _POSIX_C_SOURCE 200809L

#include "table_fixture.h"

typedef struct data_set {
  const char *path; /* below the data folder */
  size_t rows, columns;
  const char *label; /* as a user names it */
  const char *class_name;
  size_t count; /* rows of that class */
  size_t classes;
  size_t numbers; /* columns that are numbers or dates when read as found */
  size_t skip;
  sy_table_header header;
} data_set;

static const data_set sets[] = {
    {"kddcup99/kddcup.data_10_percent.gz", 494021, 42, "-1", "smurf.", 280790, 23, 38, 0, 0},
    {"german_credit/german.data", 1000, 21, "-1", "2", 300, 2, 8, 0, 0},
    {"german_credit/german.data-numeric", 1000, 25, "-1", "2", 300, 2, 25, 0, 0},
    {"heart/heart.dat", 270, 14, "detected", "2", 120, 2, 14, 0, 0},
    {"bank_marketing/bank-full.csv", 45211, 17, "y", "yes", 5289, 2, 7, 0, 0},
    {"page_blocks/page_blocks.csv", 5473, 11, "class", "1", 4913, 5, 11, 0, 0},
    {"letter/letter.csv", 20000, 17, "class", "A", 789, 26, 16, 0, 0},
    {"yeast/yeast.data", 1484, 10, "-1", "ERL", 5, 10, 8, 0, 0},
    {"ecoli/ecoli.data", 336, 9, "-1", "cp", 143, 8, 7, 0, 0},
    {"glass/glass.data", 214, 11, "-1", "2", 76, 6, 11, 0, 0},
    {"abalone/abalone.data", 4177, 9, "-1", "29", 1, 28, 8, 0, 0},
    {"new_thyroid/new-thyroid.data", 215, 6, "-1", "1", 150, 3, 6, 0, 0},
    {"wilt/wilt_train.labels", 4339, 1, "1", "1", 74, 2, 1, 0, 0},
    {"wilt/wilt_test.labels", 500, 1, "1", "1", 187, 2, 1, 0, 0},
    {"cost_churn_tv_subscriptions/churn_tv_subscriptions.csv.gz", 9379, 52, "target", "1.0", 449, 2,
     52, 0, 0},
    {"multilabel_emotions/emotions.csv", 593, 78, "-1", "1", 189, 2, 78, 0, 0},
    {"arem_har/arem.csv", 42237, 9, "activity", "cycling", 7198, 7, 6, 0, 0},
    {"occupancy/datatraining.txt", 8143, 8, "-1", "1", 1729, 2, 8, 1, SY_HEADER_NO},
    {"ner_wnut17/wnut17train.conll", 62730, 2, "2", "B-location", 548, 13, 0, 0, 0},
    {"ner_wnut17/emerging.dev.conll", 15733, 2, "2", "O", 14483, 13, 0, 0, 0},
    {"ner_wnut17/emerging.test.conll", 23394, 2, "2", "O", 21934, 82, 0, 0, 0},
};

static const char *data_path(const char *below, char path[512]) {
  const char *folder = getenv("STEELYARD_DATA");
  snprintf(path, 512, "%s/%s", folder ? folder : STEELYARD_DATA, below);
  return access(path, R_OK) == 0 ? path : NULL;
}

static size_t count_of(const sy_column *label, size_t rows, const char *name) {
  size_t count = 0;
  for (size_t i = 0; i < rows; i++)
    count += label->codes[i] != SY_MISSING && strcmp(label->values[label->codes[i]], name) == 0;
  return count;
}

static void check_set(const data_set *set, const char *path) {
  sy_table_options options = sy_table_options_default(path);
  options.skip = set->skip;
  options.header = set->header;
  sy_table *table = open_with(&options);
  assert_int_equal(sy_table_n_columns(table), set->columns);
  size_t label;
  assert_int_equal(sy_table_find(table, set->label, &label, NULL), SY_OK);
  sy_table_request requests[80] = {{0}};
  for (size_t i = 0; i < set->columns; i++) requests[i].column = i;
  requests[set->columns] = (sy_table_request){.column = label, .as = SY_AS_TEXT};
  sy_table_data *data;
  sy_error error;
  sy_status status =
      sy_table_read(table, requests, set->columns + 1, (sy_progress){NULL, NULL}, &data, &error);
  if (status != SY_OK) fail_msg("%s", error.text);
  assert_int_equal(rows_of(data), set->rows);
  size_t numbers = 0;
  for (size_t i = 0; i < set->columns; i++)
    numbers +=
        column_of(data, i)->type == SY_COLUMN_NUMBER || column_of(data, i)->type == SY_COLUMN_DATE;
  assert_int_equal(numbers, set->numbers);
  assert_int_equal(column_of(data, set->columns)->n_values, set->classes);
  assert_int_equal(count_of(column_of(data, set->columns), set->rows, set->class_name), set->count);
  sy_table_data_free(data);
  sy_table_close(table);
}

static void test_sets(void **state) {
  (void)state;
  size_t checked = 0;
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
    char path[512];
    if (!data_path(sets[i].path, path)) continue;
    print_message("%s\n", sets[i].path);
    check_set(&sets[i], path);
    checked++;
  }
  if (checked == 0) {
    print_message("skipped: no data in %s\n", STEELYARD_DATA);
    skip();
  }
}

static void test_occupancy_header(void **state) {
  (void)state;
  char path[512];
  if (!data_path("occupancy/datatest.txt", path)) skip();
  assert_source_fails(path, SY_INVALID_DATA, "give --skip 1 --header no");
}

static void test_cut_kddcup(void **state) {
  (void)state;
  char path[512];
  if (!data_path("kddcup99/kddcup.data_10_percent.gz", path)) skip();
  static char bytes[1 << 20];
  size_t size = get_bytes(path, bytes, sizeof bytes);
  assert_source_fails(put_bytes("kddcup.gz", bytes, size), SY_INVALID_DATA,
                      "kddcup.gz: the gzip file is cut short");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sets),
      cmocka_unit_test(test_occupancy_header),
      cmocka_unit_test(test_cut_kddcup),
  };
  return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
