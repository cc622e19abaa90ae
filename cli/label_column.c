#include "label_column.h"

#include <stdlib.h>

#include "label_cells.h"
#include "label_options.h"
#include "say.h"

static int unknown_member(const reading *opened, const sy_labels *plain, const char *member) {
  const char *nearest =
      sy_nearest_name(member, sy_labels_classes(plain), sy_labels_n_classes(plain));
  return nearest ? say_usage("--group-classes: %s has no label '%s'; the nearest is '%s'",
                             opened->source, member, nearest)
                 : say_usage("--group-classes: %s has no label '%s'", opened->source, member);
}

/* Drops members of groups that the column does not hold, or says which one it is.
 * @param plain  the labels as they stand, ungrouped */
static int keep_present(const reading *opened, const sy_labels *plain, bool lenient,
                        group_list *list) {
  size_t n_groups = 0;
  for (size_t g = 0; g < list->n; g++) {
    sy_class_group *group = &list->groups[g];
    size_t kept = 0;
    for (size_t m = 0; m < group->n_members; m++) {
      bool present = sy_labels_find(plain, group->members[m]) >= 0;
      if (!present && !lenient) return unknown_member(opened, plain, group->members[m]);
      if (present)
        list->members[g].items[kept++] = list->members[g].items[m];
      else
        free(list->members[g].items[m]);
    }
    list->members[g].n = group->n_members = kept;
    if (kept) list->groups[n_groups++] = *group;
  }
  list->n_present = n_groups;
  return EXIT_DONE;
}

static int check_groups(const reading *opened, const sy_column *column, bool lenient,
                        group_list *list) {
  sy_labels *plain = NULL;
  sy_error error;
  if (!list->n) return EXIT_DONE;
  if (sy_labels_from_names(column->codes, reading_rows(opened), column->values, column->n_values,
                           NULL, &plain, &error) != SY_OK)
    return say_error_at(&error, EXIT_DATA, "%s: column \"%s\"", opened->source, column->name);
  int code = keep_present(opened, plain, lenient, list);
  sy_labels_free(plain);
  return code;
}

static int from_index(const reading *opened, size_t place, const sy_labels_options *options,
                      sy_labels **labels) {
  size_t n = reading_rows(opened);
  int64_t *ids;
  sy_error error;
  int code = label_ids_read(opened, place, &ids);
  sy_label_array array = {.kind = SY_LABEL_INDEX, .values = sy_array_of(ids, SY_I64, 1, &n)};
  if (code == EXIT_DONE && sy_labels_from_array(&array, options, labels, &error) != SY_OK)
    code = say_error_at(&error, EXIT_DATA, "%s", opened->source);
  free(ids);
  return code;
}

/* A training learns one class a row, from one column. */
static int kind_read(const settings *given, const group_list *groups, sy_label_kind *kind) {
  int code = label_kind_read(given, SY_LABEL_NAME, kind);
  if (code != EXIT_DONE) return code;
  if (*kind != SY_LABEL_INDEX && *kind != SY_LABEL_NAME)
    return say_usage("--label-kind %s: a model learns one class a row from one column, of kind "
                     "name or index; steelyard weights counts the other kinds",
                     given->label_kind);
  if (*kind == SY_LABEL_INDEX && groups->n)
    return say_usage("--group-classes takes names of labels: it does not go with --label-kind "
                     "index");
  return EXIT_DONE;
}

static int check_missing(const reading *opened, size_t place) {
  missing_labels seen = {0};
  int code = missing_labels_check(opened, place, &seen);
  if (code != EXIT_DONE) return code;
  return missing_labels_end(opened, reading_column(opened, place)->name, &seen);
}

static int make(const settings *given, const reading *opened, size_t place,
                declared_classes declared, label_options *read, sy_labels **labels) {
  const sy_column *column = reading_column(opened, place);
  sy_label_kind kind;
  int code = kind_read(given, &read->groups, &kind);
  if (code == EXIT_DONE) code = check_missing(opened, place);
  if (code == EXIT_DONE) code = check_groups(opened, column, declared.n > 0, &read->groups);
  if (code != EXIT_DONE) return code;
  sy_labels_options options = label_options_view(given, read);
  if (declared.n) options.classes = declared.names, options.n_classes = declared.n;
  if (kind == SY_LABEL_INDEX) return from_index(opened, place, &options, labels);
  sy_error error;
  if (sy_labels_from_names(column->codes, reading_rows(opened), column->values, column->n_values,
                           &options, labels, &error) == SY_OK)
    return EXIT_DONE;
  /* Declared classes and groups that contradict themselves are the command line's fault. */
  if (error.status == SY_INVALID_ARGUMENT) return say_usage("%s", error.text);
  return say_error_at(&error, EXIT_DATA, "%s: column \"%s\"", opened->source, column->name);
}

/* A label to leave out that no row has may be misspelt. */
static void remark_ignored(const settings *given, const reading *opened, size_t place,
                           const sy_labels *labels) {
  for (size_t i = 0; i < sy_labels_rows(labels); i++)
    if (sy_labels_ids(labels)[i] == SY_IGNORED) return;
  say_remark("note: no row of column \"%s\" has the label \"%s\" that --ignore leaves out",
             reading_column(opened, place)->name, given->ignore);
}

int label_column_read(const settings *given, const reading *opened, size_t place,
                      declared_classes declared, sy_labels **labels) {
  label_options options;
  int code = label_options_read(given, &options);
  if (code == EXIT_DONE) code = make(given, opened, place, declared, &options, labels);
  if (code == EXIT_DONE && given->ignore && !declared.n)
    remark_ignored(given, opened, place, *labels);
  label_options_clear(&options);
  return code;
}

int label_column_counts(const sy_labels *labels, const double *row_weights, sy_counts **counts) {
  size_t n = sy_labels_rows(labels);
  char ignored[SY_NUMBER_SIZE];
  sy_array weights = sy_array_of(row_weights, SY_F64, 1, &n);
  sy_label_array array = {.kind = SY_LABEL_INDEX,
                          .values = sy_array_of(sy_labels_ids(labels), SY_I32, 1, &n),
                          .row_weights = row_weights ? &weights : NULL};
  sy_labels_options options = sy_labels_options_default();
  options.classes = sy_labels_classes(labels);
  options.n_classes = sy_labels_n_classes(labels);
  options.ignore = sy_number_format(SY_IGNORED, ignored);
  sy_counter *counter = NULL;
  sy_error error;
  sy_status status = sy_counter_new(SY_LABEL_INDEX, &options, &counter, &error);
  if (status == SY_OK) status = sy_counter_add(counter, &array, &error);
  if (status == SY_OK) status = sy_counter_counts(counter, counts, &error);
  sy_counter_free(counter);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

/* More classes than a table that small can teach: somebody took a name or an id for the label. */
static bool looks_like_id(size_t n_classes, size_t rows) {
  enum { FEW_CLASSES = 100 };
  return n_classes > FEW_CLASSES && n_classes > rows / 2;
}

int label_column_check(const reading *opened, size_t place, const sy_labels *labels) {
  const int32_t *ids = sy_labels_ids(labels);
  size_t n = sy_labels_rows(labels);
  const char *column = reading_column(opened, place)->name;
  if (looks_like_id(sy_labels_n_classes(labels), n)) {
    char classes[SY_NUMBER_SIZE], rows[SY_NUMBER_SIZE];
    return say_failed(
        "%s: column \"%s\" has %s classes in %s rows, like a name or an id: most have "
        "too few rows to be learnt; --label names another column, --group-classes "
        "puts classes together",
        opened->source, column, text_count(sy_labels_n_classes(labels), classes),
        text_count(n, rows));
  }
  int32_t first = SY_IGNORED;
  for (size_t i = 0; i < n; i++) {
    if (ids[i] == SY_IGNORED || ids[i] == first) continue;
    if (first != SY_IGNORED) return EXIT_DONE;
    first = ids[i];
  }
  if (first == SY_IGNORED)
    return say_failed("%s: --ignore leaves no row of column \"%s\"", opened->source, column);
  return say_failed("%s: column \"%s\" has one class only, \"%s\": there is nothing to tell apart",
                    opened->source, column, sy_labels_classes(labels)[first]);
}
