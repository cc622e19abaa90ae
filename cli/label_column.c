#include "label_column.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/store.h>

#include "say.h"

/* --classes A,B or @file (one a line, or with commas), as one list. */
static int classes_read(const settings *given, text_list *classes) {
  for (size_t i = 0; i < given->classes.n; i++) {
    const char *text = given->classes.items[i];
    void *bytes = NULL;
    size_t size;
    sy_error error;
    if (text[0] == '@' && sy_file_read(text + 1, &bytes, &size, &error) != SY_OK)
      return say_error(&error);
    char *pieces = text_copy(bytes ? text_past_mark(bytes) : text);
    free(bytes);
    for (char *c = pieces; *c; c++)
      if (*c == '\n') *c = ',';
    text_list_split(classes, pieces, ',');
    free(pieces);
  }
  text_list_unquote(classes);
  if (given->classes.n && !classes->n) return say_usage("--classes names no class");
  return EXIT_DONE;
}

/* --group-classes, taken apart. */
typedef struct group_list {
  sy_class_group *groups;
  char **names;
  text_list *members;
  size_t n;
  size_t n_present; /* first so many of `groups` have members in the data */
} group_list;

static void group_list_free(group_list *list) {
  for (size_t i = 0; i < list->n; i++) {
    free(list->names[i]);
    text_list_free(&list->members[i]);
  }
  free(list->groups);
  free(list->names);
  free(list->members);
}

static int group_read(char *text, group_list *list) {
  char *equals = text_find_outside_quotes(text, '=');
  if (!equals) return say_usage("--group-classes takes NAME=LABEL,LABEL, not '%s'", text);
  *equals = 0;
  size_t i = list->n++;
  list->names[i] = text_unquote(text_copy(text));
  text_list_split(&list->members[i], equals + 1, ',');
  text_list_unquote(&list->members[i]);
  if (!*list->names[i] || !list->members[i].n)
    return say_usage("--group-classes takes NAME=LABEL,LABEL, not '%s=%s'", text, equals + 1);
  list->groups[i] =
      (sy_class_group){list->names[i], text_list_view(&list->members[i]), list->members[i].n};
  return EXIT_DONE;
}

static int groups_read(const settings *given, group_list *list) {
  text_list pieces = {NULL, 0};
  for (size_t i = 0; i < given->group_classes.n; i++)
    text_list_split(&pieces, given->group_classes.items[i], ';');
  *list = (group_list){.groups = grab(pieces.n, sizeof *list->groups),
                       .names = grab(pieces.n, sizeof *list->names),
                       .members = grab(pieces.n, sizeof *list->members)};
  int code = EXIT_DONE;
  for (size_t i = 0; i < pieces.n && code == EXIT_DONE; i++) {
    bool blank = pieces.items[i][strspn(pieces.items[i], " \t")] == 0;
    if (!blank) code = group_read(pieces.items[i], list);
  }
  text_list_free(&pieces);
  return code;
}

static bool is_blank_text(const char *label) {
  return !label || !label[strspn(label, " \t")];
}

/* "nan" among numbers is no class but how programs write a number that is missing; among names it
 * may be one. */
static bool nan_is_missing(const sy_column *column) {
  double number;
  bool missing = false;
  for (size_t v = 0; v < column->n_values; v++) {
    if (is_blank_text(column->values[v])) continue;
    if (!sy_number_parse(column->values[v], &number)) return false;
    missing = missing || isnan(number);
  }
  return missing;
}

/* Says which label is missing, and the query that leaves such rows out. */
static int say_missing(const reading *opened, const sy_column *column, size_t row,
                       const char *label) {
  char *name = text_quoted(column->name, '"');
  char *present = !label                 ? text_format("%s IS NOT NULL", name)
                  : is_blank_text(label) ? text_format("trim(%s) <> ''", name)
                                         : text_format("%s <> 'NaN'", name);
  int code = say_failed(
      "%s row %zu: column \"%s\": the label is missing%s; a query as source leaves "
      "such rows out: SELECT ... WHERE %s",
      opened->source, row + 1, column->name, is_blank_text(label) ? "" : " (NaN)", present);
  free(present);
  free(name);
  return code;
}

/* A missing label is an error that shows the way out. */
static int check_present(const reading *opened, const sy_column *column) {
  size_t n = reading_rows(opened);
  bool numbers = nan_is_missing(column);
  for (size_t i = 0; i < n; i++) {
    const char *label = column_text(column, i);
    double number;
    bool missing =
        is_blank_text(label) || (numbers && sy_number_parse(label, &number) && isnan(number));
    if (!missing) continue;
    return say_missing(opened, column, i, label);
  }
  return EXIT_DONE;
}

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

/* Whether a label is a whole number. Its digits are read as they are, for int64 has more of them
 * than a double. */
static bool parse_index(const char *text, int64_t *id) {
  char *end;
  errno = 0;
  long long whole = strtoll(text, &end, 10);
  bool digits = end != text && end[strspn(end, " \t")] == '\0';
  if (digits) {
    *id = whole;
    return errno == 0;
  }
  double value; /* as in 3.0 or 1e3 */
  bool good = sy_number_parse(text, &value) && value == floor(value) && fabs(value) < 0x1p53;
  if (good) *id = (int64_t)value;
  return good;
}

static int from_index(const reading *opened, const sy_column *column,
                      const sy_labels_options *options, sy_labels **labels) {
  size_t n = reading_rows(opened);
  int64_t *ids = grab(n, sizeof *ids);
  for (size_t i = 0; i < n; i++) {
    const char *text = column_text(column, i);
    if (!parse_index(text, &ids[i])) {
      free(ids);
      return say_failed("%s row %zu: column \"%s\": the label '%s' is no whole number, as "
                        "--label-kind index needs",
                        opened->source, i + 1, column->name, text);
    }
  }
  sy_error error;
  sy_status status = sy_labels_from_index(ids, SY_I64, n, options, labels, &error);
  free(ids);
  if (status != SY_OK) return say_error_at(&error, EXIT_DATA, "%s", opened->source);
  return EXIT_DONE;
}

static int kind_read(const settings *given, bool *index) {
  *index = strcmp(given->label_kind, "index") == 0;
  if (*index || strcmp(given->label_kind, "name") == 0) return EXIT_DONE;
  return say_usage("--label-kind is name or index, not '%s'", given->label_kind);
}

static int make(const settings *given, const reading *opened, size_t place,
                declared_classes declared, const text_list *classes, group_list *groups,
                sy_labels **labels) {
  const sy_column *column = reading_column(opened, place);
  bool index;
  int code = kind_read(given, &index);
  if (code == EXIT_DONE && index && groups->n)
    code = say_usage("--group-classes takes names of labels: it does not go with --label-kind "
                     "index");
  if (code == EXIT_DONE) code = check_present(opened, column);
  if (code == EXIT_DONE) code = check_groups(opened, column, declared.n > 0, groups);
  if (code != EXIT_DONE) return code;
  sy_labels_options options = {.classes = declared.n ? declared.names : text_list_view(classes),
                               .n_classes = declared.n ? declared.n : classes->n,
                               .groups = groups->groups,
                               .n_groups = groups->n_present,
                               .ignore = given->ignore};
  if (!options.n_classes) options.classes = NULL;
  if (index) return from_index(opened, column, &options, labels);
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
  text_list classes = {NULL, 0};
  group_list groups = {0};
  int code = classes_read(given, &classes);
  if (code == EXIT_DONE) code = groups_read(given, &groups);
  if (code == EXIT_DONE) code = make(given, opened, place, declared, &classes, &groups, labels);
  if (code == EXIT_DONE && given->ignore && !declared.n)
    remark_ignored(given, opened, place, *labels);
  group_list_free(&groups);
  text_list_free(&classes);
  return code;
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
