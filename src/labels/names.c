/* names.c: labels from coded names. All is decided once for each distinct name (trimming, ignoring,
 * grouping, looking up); the rows then only follow their codes. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/labels.h"
#include "labels/name.h"

#include <string.h>

/* One reading under way. A value is a distinct text of the column, a name its canonical form. */
typedef struct reading {
  const sy_labels_options *options;
  const char *const *values;
  size_t n_values;
  size_t *first_rows;    /* (n_values) first row that has the value, SIZE_MAX = none */
  uint32_t *value_names; /* (n_values) name of the value, SY_NOT_FOUND where no row has it */
  sy_dictionary names;   /* names present */
  const char **classes;  /* (names.n) class each name goes to; NULL = ignored */
  int32_t *value_ids; /* (n_values) class id of the value; SY_IGNORED, also where no row has it */
} reading;

static void clear_reading(reading *r) {
  free(r->first_rows);
  free(r->value_names);
  sy_dictionary_clear(&r->names);
  free(r->classes);
  free(r->value_ids);
}

static sy_status fail_null(size_t row, sy_error *error) {
  return sy_fail(error, SY_INVALID_LABEL,
                 "the label at row %zu is missing; remove the row or give it a label", row + 1);
}

/* Notes the first row of every value that is present. */
static sy_status scan_codes(reading *r, const uint32_t *codes, size_t n, sy_error *error) {
  r->first_rows = sy_alloc(r->n_values, sizeof *r->first_rows);
  if (!r->first_rows) return sy_fail_memory(error);
  for (size_t v = 0; v < r->n_values; v++) r->first_rows[v] = SIZE_MAX;
  for (size_t i = 0; i < n; i++) {
    if (codes[i] == SY_MISSING) return fail_null(i, error);
    if (codes[i] >= r->n_values)
      return sy_fail(error, SY_INVALID_ARGUMENT, "code %u at row %zu is outside the %zu values",
                     codes[i], i + 1, r->n_values);
    if (r->first_rows[codes[i]] == SIZE_MAX) r->first_rows[codes[i]] = i;
  }
  return SY_OK;
}

static sy_status add_name(reading *r, size_t v, sy_error *error) {
  char *name = sy_name_canonical(r->values[v]);
  if (!name) return sy_fail_memory(error);
  bool empty = *name == 0;
  r->value_names[v] = sy_dictionary_add(&r->names, name, strlen(name));
  free(name);
  if (empty) return fail_null(r->first_rows[v], error);
  return r->value_names[v] == SY_NOT_FOUND ? sy_fail_memory(error) : SY_OK;
}

/* Finds the names present; each is its own class until grouped. */
static sy_status collect_names(reading *r, sy_error *error) {
  r->value_names = sy_alloc(r->n_values, sizeof *r->value_names);
  if (!r->value_names) return sy_fail_memory(error);
  for (size_t v = 0; v < r->n_values; v++) {
    r->value_names[v] = SY_NOT_FOUND;
    if (r->first_rows[v] == SIZE_MAX) continue;
    sy_status status = add_name(r, v, error);
    if (status != SY_OK) return status;
  }
  r->classes = sy_alloc(r->names.n, sizeof *r->classes);
  if (!r->classes) return sy_fail_memory(error);
  for (size_t c = 0; c < r->names.n; c++) r->classes[c] = r->names.values[c];
  return SY_OK;
}

static sy_status fail_member(const reading *r, const char *group, const char *member,
                             sy_error *error) {
  char shown_group[SY_SHOWN_SIZE], shown[SY_SHOWN_SIZE], shown_nearest[SY_SHOWN_SIZE];
  const char *nearest = sy_nearest_name(member, (const char *const *)r->names.values, r->names.n);
  sy_shown(group, shown_group);
  sy_shown(member, shown);
  if (nearest)
    return sy_fail(error, SY_INVALID_LABEL,
                   "group '%s': no label in the data is '%s'; did you mean '%s'?", shown_group,
                   shown, sy_shown(nearest, shown_nearest));
  return sy_fail(error, SY_INVALID_LABEL, "group '%s': none of the %zu labels in the data is '%s'",
                 shown_group, r->names.n, shown);
}

/* Lets the name `member` go to class `group`. */
static sy_status group_member(reading *r, const char *group, const char *member, sy_error *error) {
  uint32_t name = sy_names_find(&r->names, member);
  if (name == SY_NOT_FOUND) return fail_member(r, group, member, error);
  const char *before = r->classes[name];
  if (before != r->names.values[name] && strcmp(before, group) != 0) {
    char shown[SY_SHOWN_SIZE], shown_before[SY_SHOWN_SIZE], shown_group[SY_SHOWN_SIZE];
    return sy_fail(error, SY_INVALID_ARGUMENT, "label '%s' is in two groups, '%s' and '%s'",
                   sy_shown(member, shown), sy_shown(before, shown_before),
                   sy_shown(group, shown_group));
  }
  r->classes[name] = group;
  return SY_OK;
}

static sy_status apply_groups(reading *r, sy_error *error) {
  for (size_t g = 0; g < r->options->n_groups; g++) {
    const sy_class_group *group = &r->options->groups[g];
    for (size_t m = 0; m < group->n_members; m++) {
      sy_status status = group_member(r, group->name, group->members[m], error);
      if (status != SY_OK) return status;
    }
  }
  return SY_OK;
}

/* Ignoring names the label itself, so it is decided after, and beats, its group. */
static void apply_ignore(reading *r) {
  if (!r->options->ignore) return;
  uint32_t name = sy_names_find(&r->names, r->options->ignore);
  if (name != SY_NOT_FOUND) r->classes[name] = NULL;
}

static int compare_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static int compare_numbers(const void *a, const void *b) {
  return sy_name_compare_numbers(*(char *const *)a, *(char *const *)b);
}

/* Sorts names as numbers where all are numbers, else by bytes. */
static void sort_names(char **names, size_t n) {
  bool numbers = true;
  for (size_t k = 0; k < n && numbers; k++) numbers = sy_name_is_number(names[k]);
  qsort(names, n, sizeof *names, numbers ? compare_numbers : compare_bytes);
}

/* Classes that are present, sorted. */
static sy_status discover_classes(const reading *r, sy_dictionary *classes, sy_error *error) {
  sy_dictionary found = {0};
  sy_status status = SY_OK;
  for (size_t c = 0; c < r->names.n && status == SY_OK; c++) {
    if (!r->classes[c]) continue;
    char *name = sy_name_canonical(r->classes[c]); /* a group's name is as the caller wrote it */
    if (!name || sy_dictionary_add(&found, name, strlen(name)) == SY_NOT_FOUND)
      status = sy_fail_memory(error);
    free(name);
  }
  if (status == SY_OK && found.n == 0)
    status = sy_fail(error, SY_NO_ROWS, "every label is ignored: no row is left");
  if (status == SY_OK) {
    sort_names(found.values, found.n); /* codes go out of step, but only values are used */
    status = sy_names_declare((const char *const *)found.values, found.n, classes, error);
  }
  sy_dictionary_clear(&found);
  return status;
}

static sy_status fail_outside(const sy_dictionary *classes, const char *value, const char *class,
                              size_t row, sy_error *error) {
  char shown[SY_SHOWN_SIZE], shown_nearest[SY_SHOWN_SIZE];
  const char *nearest = sy_nearest_name(class, (const char *const *)classes->values, classes->n);
  sy_shown(value, shown);
  if (nearest)
    return sy_fail(error, SY_INVALID_LABEL,
                   "label '%s' at row %zu is none of the %zu declared classes; the nearest is '%s'",
                   shown, row + 1, classes->n, sy_shown(nearest, shown_nearest));
  return sy_fail(error, SY_INVALID_LABEL,
                 "label '%s' at row %zu is none of the %zu declared classes", shown, row + 1,
                 classes->n);
}

/* Looks every value up in the classes; of several that are outside, the first row is told. */
static sy_status resolve_values(reading *r, const sy_dictionary *classes, sy_error *error) {
  r->value_ids = sy_alloc(r->n_values, sizeof *r->value_ids);
  if (!r->value_ids) return sy_fail_memory(error);
  size_t outside = SIZE_MAX;
  for (size_t v = 0; v < r->n_values; v++) {
    r->value_ids[v] = SY_IGNORED;
    if (r->value_names[v] == SY_NOT_FOUND) continue;
    const char *class = r->classes[r->value_names[v]];
    uint32_t code = class ? sy_names_find(classes, class) : 0;
    r->value_ids[v] = class ? (int32_t)code : SY_IGNORED;
    if (code == SY_NOT_FOUND && (outside == SIZE_MAX || r->first_rows[v] < r->first_rows[outside]))
      outside = v;
  }
  if (outside == SIZE_MAX) return SY_OK;
  return fail_outside(classes, r->values[outside], r->classes[r->value_names[outside]],
                      r->first_rows[outside], error);
}

static sy_status find_classes(reading *r, sy_dictionary *classes, sy_error *error) {
  const sy_labels_options *options = r->options;
  if (!options->classes) return discover_classes(r, classes, error);
  sy_status status = sy_labels_check_classes(options->n_classes, error);
  if (status != SY_OK) return status;
  return sy_names_declare(options->classes, options->n_classes, classes, error);
}

static sy_status read_names(reading *r, const uint32_t *codes, sy_labels *labels, sy_error *error) {
  sy_status status = scan_codes(r, codes, labels->rows, error);
  if (status == SY_OK) status = collect_names(r, error);
  if (status == SY_OK) status = apply_groups(r, error);
  if (status != SY_OK) return status;
  apply_ignore(r);
  status = find_classes(r, &labels->classes, error);
  if (status == SY_OK) status = resolve_values(r, &labels->classes, error);
  if (status != SY_OK) return status;
  for (size_t i = 0; i < labels->rows; i++) labels->ids[i] = r->value_ids[codes[i]];
  return SY_OK;
}

sy_status sy_labels_from_names(const uint32_t *codes, size_t n, const char *const *values,
                               size_t n_values, const sy_labels_options *options,
                               sy_labels **labels, sy_error *error) {
  *labels = NULL;
  if (n == 0) return sy_fail(error, SY_NO_ROWS, "there are no labels: the data have no rows");
  sy_labels_options plain = sy_labels_options_default();
  reading r = {.options = options ? options : &plain, .values = values, .n_values = n_values};
  sy_labels *read = sy_labels_new(n);
  if (!read) return sy_fail_memory(error);
  sy_status status = read_names(&r, codes, read, error);
  clear_reading(&r);
  if (status == SY_OK) {
    *labels = read;
  } else {
    sy_labels_free(read);
  }
  return status;
}
