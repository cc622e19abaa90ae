/* counter.c: what counters of all kinds have in common: options, shapes, and what is told apart. */
#include "labels/counter.h"

#include "base/error.h"
#include "base/memory.h"
#include "labels/labels.h"
#include "labels/name.h"

#include <string.h>

static const sy_counting *const COUNTINGS[] = {
    [SY_LABEL_INDEX] = &sy_counting_index,         [SY_LABEL_NAME] = &sy_counting_name,
    [SY_LABEL_ONE_HOT] = &sy_counting_one_hot,     [SY_LABEL_MULTI_HOT] = &sy_counting_multi_hot,
    [SY_LABEL_NAME_LIST] = &sy_counting_name_list,
};
enum { N_KINDS = sizeof COUNTINGS / sizeof *COUNTINGS };

const char *sy_label_kind_name(sy_label_kind kind) {
  static const char *const names[N_KINDS] = {
      [SY_LABEL_INDEX] = "index",         [SY_LABEL_NAME] = "name",
      [SY_LABEL_ONE_HOT] = "one-hot",     [SY_LABEL_MULTI_HOT] = "multi-hot",
      [SY_LABEL_NAME_LIST] = "name list",
  };
  return (size_t)kind < N_KINDS ? names[kind] : "unknown";
}

/* --- options --- */

static void free_texts(const char *const *texts, size_t n) {
  for (size_t i = 0; texts && i < n; i++) free((void *)texts[i]);
  free((void *)texts);
}

void sy_labels_options_free(sy_labels_options *options) {
  free_texts(options->classes, options->n_classes);
  for (size_t g = 0; options->groups && g < options->n_groups; g++) {
    free((void *)options->groups[g].name);
    free_texts(options->groups[g].members, options->groups[g].n_members);
  }
  free((void *)options->groups);
  free((void *)options->ignore);
  free((void *)options->separator);
}

/* Copies text where there is one; false when out of memory. */
static bool copy_text(const char *from, const char **to) {
  *to = from ? sy_copy_text(from) : NULL;
  return !from || *to;
}

/* NULL stays NULL. What was copied before memory ran out is freed with the options. */
static bool copy_texts(const char *const *from, size_t n, const char *const **to) {
  *to = NULL;
  if (!from) return true;
  const char **copies = sy_alloc_zero(n, sizeof *copies);
  if (!copies) return false;
  *to = copies;
  for (size_t i = 0; i < n; i++)
    if (!copy_text(from[i], &copies[i])) return false;
  return true;
}

static bool copy_groups(const sy_labels_options *from, sy_labels_options *to) {
  sy_class_group *groups = sy_alloc_zero(from->n_groups, sizeof *groups);
  if (!groups) return false;
  to->groups = groups;
  to->n_groups = from->n_groups;
  for (size_t g = 0; g < from->n_groups; g++) {
    const sy_class_group *group = &from->groups[g];
    groups[g].n_members = group->n_members;
    if (!copy_text(group->name, &groups[g].name) ||
        !copy_texts(group->members, group->n_members, &groups[g].members))
      return false;
  }
  return true;
}

static bool copy_options(const sy_labels_options *from, sy_labels_options *to) {
  to->n_classes = from->n_classes;
  return copy_texts(from->classes, from->n_classes, &to->classes) && copy_groups(from, to) &&
         copy_text(from->ignore, &to->ignore) && copy_text(from->separator, &to->separator);
}

/* Options that say something which a kind has no ear for are a misunderstanding. */
static sy_status check_options(sy_label_kind kind, const sy_labels_options *options,
                               sy_error *error) {
  if (options->n_groups > 0 && kind != SY_LABEL_NAME && kind != SY_LABEL_NAME_LIST)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "groups put names together; labels of kind %s have none",
                   sy_label_kind_name(kind));
  if (options->ignore && kind == SY_LABEL_ONE_HOT)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "one-hot labels have no label to ignore: a mask takes positions out");
  if (options->classes && options->n_classes == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the list of declared classes is empty");
  return sy_labels_check_classes(options->n_classes, error);
}

/* --- counters --- */

sy_status sy_counter_new(sy_label_kind kind, const sy_labels_options *options, sy_counter **counter,
                         sy_error *error) {
  *counter = NULL;
  sy_labels_options plain = sy_labels_options_default();
  if (!options) options = &plain;
  if ((size_t)kind >= N_KINDS)
    return sy_fail(error, SY_INVALID_ARGUMENT, "%d is no kind of labels", (int)kind);
  sy_status status = check_options(kind, options, error);
  if (status != SY_OK) return status;
  sy_counter *made = sy_alloc_zero(1, sizeof *made);
  if (!made) return sy_fail_memory(error);
  made->kind = kind;
  made->counting = COUNTINGS[kind];
  if (!copy_options(options, &made->options)) status = sy_fail_memory(error);
  if (status == SY_OK)
    status = sy_names_declare(options->classes, options->n_classes, &made->declared, error);
  if (status == SY_OK) status = made->counting->begin(made, error);
  if (status == SY_OK)
    *counter = made;
  else
    sy_counter_free(made);
  return status;
}

void sy_counter_free(sy_counter *counter) {
  if (!counter) return;
  counter->counting->end(counter);
  sy_labels_options_free(&counter->options);
  sy_dictionary_clear(&counter->declared);
  free(counter);
}

static sy_status check_room(const sy_counter *counter, uint64_t positions, sy_error *error) {
  if (counter->positions <= UINT64_MAX - positions) return SY_OK;
  return sy_fail(error, SY_INVALID_DATA,
                 "together these are more than 2^64 - 1 rows, the most that are counted");
}

sy_status sy_counter_add(sy_counter *counter, const sy_label_array *labels, sy_error *error) {
  sy_positions positions;
  if (labels->kind != counter->kind)
    return sy_fail(error, SY_INVALID_ARGUMENT, "a counter of labels of kind %s is given kind %s",
                   sy_label_kind_name(counter->kind), sy_label_kind_name(labels->kind));
  sy_status status = sy_positions_of(labels, &positions, error);
  if (status == SY_OK) status = check_room(counter, positions.n, error);
  if (status == SY_OK) status = counter->counting->add(counter, &positions, error);
  if (status != SY_OK) return status;
  counter->rows += positions.shape[0];
  counter->positions += positions.n;
  return SY_OK;
}

static bool same_text(const char *a, const char *b) {
  return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_texts(const char *const *a, const char *const *b, size_t n) {
  if (!a || !b) return a == b;
  for (size_t i = 0; i < n; i++)
    if (!same_text(a[i], b[i])) return false;
  return true;
}

static bool same_groups(const sy_labels_options *a, const sy_labels_options *b) {
  if (a->n_groups != b->n_groups) return false;
  for (size_t g = 0; g < a->n_groups; g++)
    if (!same_text(a->groups[g].name, b->groups[g].name) ||
        a->groups[g].n_members != b->groups[g].n_members ||
        !same_texts(a->groups[g].members, b->groups[g].members, a->groups[g].n_members))
      return false;
  return true;
}

static bool same_options(const sy_labels_options *a, const sy_labels_options *b) {
  return a->n_classes == b->n_classes && same_texts(a->classes, b->classes, a->n_classes) &&
         same_groups(a, b) && same_text(a->ignore, b->ignore) &&
         same_text(a->separator, b->separator);
}

sy_status sy_counter_merge(sy_counter *into, const sy_counter *from, sy_error *error) {
  if (into->kind != from->kind)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "counters of labels of kind %s and of kind %s cannot be merged",
                   sy_label_kind_name(into->kind), sy_label_kind_name(from->kind));
  if (!same_options(&into->options, &from->options))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "counters with different classes, groups or ignored labels cannot be merged");
  sy_status status = check_room(into, from->positions, error);
  if (status == SY_OK) status = into->counting->merge(into, from, error);
  if (status != SY_OK) return status;
  into->rows += from->rows;
  into->positions += from->positions;
  into->ignored += from->ignored;
  return SY_OK;
}

static sy_status read_counts(const sy_counter *counter, sy_counts *counts, sy_error *error) {
  counts->messages = sy_messages_new();
  if (!counts->messages) return sy_fail_memory(error);
  counts->positions = counter->positions;
  counts->first_axis = counter->rows;
  counts->ignored = counter->ignored;
  sy_status status = counter->counting->read(counter, counts, error);
  return status == SY_OK ? sy_messages_check(counts->messages, error) : status;
}

sy_status sy_counter_counts(const sy_counter *counter, sy_counts **counts, sy_error *error) {
  *counts = NULL;
  if (counter->positions == 0)
    return sy_fail(error, SY_NO_ROWS, "there are no labels: the data have no rows");
  sy_counts *made = sy_counts_new(0);
  if (!made) return sy_fail_memory(error);
  sy_status status = read_counts(counter, made, error);
  if (status == SY_OK)
    *counts = made;
  else
    sy_counts_free(made);
  return status;
}
