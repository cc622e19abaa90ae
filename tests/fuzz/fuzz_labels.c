/* fuzz_labels.c: labels by name or index, as --label-kind, --classes, --group-classes and --ignore
 * have them read. The input is a line for each of these, then one for each row. */
#define _POSIX_C_SOURCE 200809L

#include "fuzz.h"

#include "base/text.h"
#include "label_column.h"
#include "labels/name.h"
#include "say.h"
#include <string.h>

enum { MOST_ROWS = 64 };

/* A column of text; a line that is one '\x01' is a missing cell. */
typedef struct text_column {
  sy_dictionary values;
  uint32_t codes[MOST_ROWS];
  size_t rows;
  sy_column column;
} text_column;

static text_column only;

static void column_read(fuzz_input *input) {
  only = (text_column){0};
  while (input->at < input->end && only.rows < MOST_ROWS) {
    char *line = fuzz_line(input);
    bool missing = strcmp(line, "\x01") == 0;
    only.codes[only.rows++] =
        missing ? SY_MISSING : sy_dictionary_add(&only.values, line, strlen(line));
    free(line);
  }
  only.column = (sy_column){.name = "label",
                            .type = SY_COLUMN_TEXT,
                            .codes = only.codes,
                            .values = (const char *const *)only.values.values,
                            .n_values = only.values.n};
}

/* What cli/reading.c tells of a source that was read: here, of the one column in memory. */

size_t reading_rows(const reading *opened) {
  (void)opened;
  return only.rows;
}

const sy_column *reading_column(const reading *opened, size_t place) {
  (void)opened;
  (void)place;
  return &only.column;
}

const char *column_text(const sy_column *column, size_t row) {
  uint32_t code = column->codes[row];
  return code == SY_MISSING ? NULL : column->values[code];
}

/* Class names are distinct, canonical, found by name, and sorted where none were declared. */
static void check_classes(const sy_labels *labels, bool declared) {
  size_t n = sy_labels_n_classes(labels);
  const char *const *classes = sy_labels_classes(labels);
  bool numbers = true;
  for (size_t k = 0; k < n; k++) {
    char *canonical = sy_name_canonical(classes[k]);
    FUZZ_REQUIRE_TEXT(canonical && *canonical && strcmp(canonical, classes[k]) == 0, classes[k]);
    FUZZ_REQUIRE(sy_labels_find(labels, classes[k]) == (int)k);
    numbers = numbers && sy_name_is_number(classes[k]);
    free(canonical);
  }
  for (size_t k = 1; k < n && !declared; k++)
    FUZZ_REQUIRE_TEXT((numbers ? sy_name_compare_numbers(classes[k - 1], classes[k])
                               : strcmp(classes[k - 1], classes[k])) < 0,
                      classes[k]);
}

static void check_ids(const sy_labels *labels, bool declared) {
  size_t n = sy_labels_n_classes(labels);
  const int32_t *ids = sy_labels_ids(labels);
  sy_counts *counts = sy_counts_new(n);
  FUZZ_REQUIRE(sy_labels_rows(labels) == only.rows);
  for (size_t i = 0; i < only.rows; i++)
    FUZZ_REQUIRE(ids[i] == SY_IGNORED || (ids[i] >= 0 && (size_t)ids[i] < n));
  FUZZ_REQUIRE(sy_counts_add(counts, ids, only.rows, NULL, NULL) == SY_OK);
  for (size_t k = 0; k < n && !declared; k++) FUZZ_REQUIRE(sy_counts_rows(counts, k) > 0);
  sy_counts_free(counts);
}

/* Equal texts have equal ids, and without groups a class is called as its labels are. */
static void check_rows(const sy_labels *labels, bool grouped) {
  const int32_t *ids = sy_labels_ids(labels);
  int32_t of_value[MOST_ROWS];
  for (size_t v = 0; v < only.values.n; v++) of_value[v] = INT32_MIN;
  for (size_t i = 0; i < only.rows; i++) {
    uint32_t code = only.codes[i];
    if (of_value[code] == INT32_MIN) of_value[code] = ids[i];
    FUZZ_REQUIRE(of_value[code] == ids[i]);
    if (ids[i] != SY_IGNORED && !grouped)
      FUZZ_REQUIRE(sy_labels_find(labels, only.values.values[code]) == ids[i]);
  }
}

/* The labels again, of the classes that were found, are the same. */
static void check_declared(const settings *given, const reading *opened, const sy_labels *labels) {
  declared_classes declared = {sy_labels_classes(labels), sy_labels_n_classes(labels)};
  settings plain = *given;
  plain.classes = (text_list){NULL, 0};
  sy_labels *again = NULL;
  FUZZ_REQUIRE(label_column_read(&plain, opened, 0, declared, &again) == EXIT_DONE);
  FUZZ_REQUIRE(memcmp(sy_labels_ids(labels), sy_labels_ids(again), only.rows * sizeof(int32_t)) ==
               0);
  sy_labels_free(again);
}

static void check_labels(const settings *given, const reading *opened, const sy_labels *labels) {
  bool index = given->label_kind && strcmp(given->label_kind, "index") == 0;
  check_classes(labels, given->classes.n > 0);
  check_ids(labels, given->classes.n > 0);
  if (index) return;
  check_rows(labels, given->group_classes.n > 0);
  check_declared(given, opened, labels);
}

/* A list may be the name of a file: then the file is of the line's bytes. */
static void add_list(text_list *list, const char *text) {
  if (!*text) return;
  if (*text != '@') {
    text_list_add(list, text);
    return;
  }
  char *at = text_format("@%s", fuzz_file("classes", text + 1, strlen(text + 1)));
  text_list_add(list, at);
  free(at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = {data, data + size};
  settings given = settings_default();
  reading opened = {.source = "rows.csv"};
  sy_labels *labels = NULL;
  char *kind = fuzz_line(&input), *classes = fuzz_line(&input);
  char *groups = fuzz_line(&input), *ignore = fuzz_line(&input);
  if (*kind) given.label_kind = kind;
  if (*ignore) given.ignore = ignore;
  add_list(&given.classes, classes);
  if (*groups) text_list_add(&given.group_classes, groups);
  column_read(&input);
  if (only.rows > 0) {
    fuzz_listen();
    int code = label_column_read(&given, &opened, 0, (declared_classes){NULL, 0}, &labels);
    fuzz_check_said(code, data, size);
    FUZZ_REQUIRE((code == EXIT_DONE) == (labels != NULL));
    if (labels) check_labels(&given, &opened, labels);
    sy_labels_free(labels);
  }
  sy_dictionary_clear(&only.values);
  settings_clear(&given);
  free(kind);
  free(classes);
  free(groups);
  free(ignore);
  return 0;
}
