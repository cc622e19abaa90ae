/* resolve.c: names, groups, ignored and declared classes. */
#include "labels/resolve.h"

#include "base/error.h"
#include "base/memory.h"
#include "labels/labels.h"
#include "labels/name.h"

#include <string.h>

static sy_status fail_two_groups(const char *member, const char *first, const char *second,
                                 sy_error *error) {
  char shown[SY_SHOWN_SIZE], shown_first[SY_SHOWN_SIZE], shown_second[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT, "label '%s' is in two groups, '%s' and '%s'",
                 sy_shown(member, shown), sy_shown(first, shown_first),
                 sy_shown(second, shown_second));
}

static sy_status add_member(sy_resolver *r, const char *group, const char *written,
                            sy_error *error) {
  size_t length = strlen(written), known = r->members.n;
  const char *piece = sy_name_piece(written, &length);
  uint32_t member = sy_dictionary_add(&r->members, piece, length);
  if (member == SY_NOT_FOUND) return sy_fail_memory(error);
  if (member == known) {
    r->targets[member] = sy_name_canonical(group);
    if (!r->targets[member]) return sy_fail_memory(error);
    r->n_targets++;
    return SY_OK;
  }
  size_t group_length = strlen(group);
  const char *name = sy_name_piece(group, &group_length);
  const char *before = r->targets[member];
  bool same = strlen(before) == group_length && memcmp(before, name, group_length) == 0;
  return same ? SY_OK : fail_two_groups(written, before, group, error);
}

static sy_status add_groups(sy_resolver *r, sy_error *error) {
  const sy_labels_options *options = r->options;
  size_t n_members = 0;
  for (size_t g = 0; g < options->n_groups; g++) n_members += options->groups[g].n_members;
  r->targets = sy_alloc(n_members, sizeof *r->targets);
  if (!r->targets) return sy_fail_memory(error);
  for (size_t g = 0; g < options->n_groups; g++) {
    const sy_class_group *group = &options->groups[g];
    size_t length = strlen(group->name);
    sy_name_piece(group->name, &length);
    if (length == 0)
      return sy_fail(error, SY_INVALID_ARGUMENT, "group %zu of the classes has no name", g + 1);
    for (size_t m = 0; m < group->n_members; m++) {
      sy_status status = add_member(r, group->name, group->members[m], error);
      if (status != SY_OK) return status;
    }
  }
  return SY_OK;
}

sy_status sy_resolver_begin(sy_resolver *resolver, const sy_labels_options *options,
                            sy_error *error) {
  resolver->options = options;
  resolver->declared = options->n_classes > 0;
  sy_status status = add_groups(resolver, error);
  if (status == SY_OK) status = sy_labels_check_classes(options->n_classes, error);
  if (status == SY_OK)
    status = sy_names_declare(options->classes, options->n_classes, &resolver->classes, error);
  if (status != SY_OK || !options->ignore) return status;
  resolver->ignored = sy_name_canonical(options->ignore);
  return resolver->ignored ? SY_OK : sy_fail_memory(error);
}

void sy_resolver_clear(sy_resolver *resolver) {
  for (size_t m = 0; m < resolver->n_targets; m++) free(resolver->targets[m]);
  free(resolver->targets);
  free(resolver->ignored);
  free(resolver->met);
  sy_dictionary_clear(&resolver->classes);
  sy_dictionary_clear(&resolver->members);
  sy_dictionary_clear(&resolver->names);
  *resolver = (sy_resolver){0};
}

/* Ignoring names the label itself, so it is decided before, and beats, its group. */
const char *sy_resolver_target(const sy_resolver *resolver, const char *piece, size_t *length) {
  const char *ignored = resolver->ignored;
  if (ignored && strlen(ignored) == *length && memcmp(ignored, piece, *length) == 0) return NULL;
  uint32_t member = sy_dictionary_find(&resolver->members, piece, *length);
  if (member == SY_NOT_FOUND) return piece;
  *length = strlen(resolver->targets[member]);
  return resolver->targets[member];
}

int32_t sy_resolver_find(const sy_resolver *resolver, const char *piece, size_t length) {
  const char *target = sy_resolver_target(resolver, piece, &length);
  if (!target) return SY_IGNORED;
  uint32_t code = sy_dictionary_find(&resolver->classes, target, length);
  return code == SY_NOT_FOUND ? SY_CLASS_OUTSIDE : (int32_t)code;
}

/* The class of a name; a new one where classes are not declared. */
static sy_status find_class(sy_resolver *r, const char *piece, size_t length, int32_t *class,
                            sy_error *error) {
  *class = sy_resolver_find(r, piece, length);
  if (r->declared || *class != SY_CLASS_OUTSIDE) return SY_OK;
  sy_status status = sy_labels_check_classes(r->classes.n + 1, error);
  if (status != SY_OK) return status;
  const char *target = sy_resolver_target(r, piece, &length);
  uint32_t code = sy_dictionary_add(&r->classes, target, length);
  if (code == SY_NOT_FOUND) return sy_fail_memory(error);
  *class = (int32_t)code;
  return SY_OK;
}

static bool reserve_met(sy_resolver *r) {
  if (r->names.n < r->capacity) return true;
  size_t capacity = r->capacity > 0 ? 2 * r->capacity : 16;
  sy_met *met = sy_realloc(r->met, capacity, sizeof *met);
  if (!met) return false;
  r->met = met;
  r->capacity = capacity;
  return true;
}

sy_status sy_resolver_meet(sy_resolver *resolver, const char *text, size_t length, uint32_t *name,
                           sy_error *error) {
  const char *piece = sy_name_piece(text, &length);
  *name = length > 0 ? sy_dictionary_find(&resolver->names, piece, length) : SY_NOT_FOUND;
  if (length == 0 || *name != SY_NOT_FOUND) return SY_OK;
  int32_t class;
  sy_status status = find_class(resolver, piece, length, &class, error);
  if (status != SY_OK) return status;
  if (!reserve_met(resolver)) return sy_fail_memory(error);
  *name = sy_dictionary_add(&resolver->names, piece, length);
  if (*name == SY_NOT_FOUND) return sy_fail_memory(error);
  resolver->met[*name] = (sy_met){.class = class};
  return SY_OK;
}

void sy_resolver_settle(sy_resolver *resolver, bool counted) {
  for (size_t c = 0; c < resolver->names.n; c++) {
    if (counted) resolver->met[c].rows += resolver->met[c].pending;
    resolver->met[c].pending = 0;
  }
}

/* The first bytes of a text that does not end in a zero, as a message shows them. */
static const char *show_piece(const char *text, size_t length, char shown[SY_SHOWN_SIZE]) {
  char first[2 * SY_SHOWN_SIZE];
  size_t taken = length < sizeof first - 1 ? length : sizeof first - 1;
  memcpy(first, text, taken);
  first[taken] = 0;
  return sy_shown(first, shown);
}

static const char *nearest_class(const sy_resolver *r, const char *text, size_t length) {
  const char *piece = sy_name_piece(text, &length);
  const char *target = sy_resolver_target(r, piece, &length);
  char *wrong = target ? sy_copy_bytes(target, length) : NULL;
  if (!wrong) return NULL; /* a hint less, where memory is short */
  const char *nearest =
      sy_nearest_name(wrong, (const char *const *)r->classes.values, r->classes.n);
  if (nearest && strcmp(nearest, wrong) == 0) nearest = NULL; /* of a block that was refused */
  free(wrong);
  return nearest;
}

sy_status sy_resolver_fail_outside(const sy_resolver *resolver, const char *text, size_t length,
                                   const char *place, sy_error *error) {
  char shown[SY_SHOWN_SIZE], shown_nearest[SY_SHOWN_SIZE];
  show_piece(text, length, shown);
  const char *nearest = nearest_class(resolver, text, length);
  const char *which = resolver->declared ? "declared classes" : "classes that were counted";
  if (nearest)
    return sy_fail(error, SY_INVALID_LABEL,
                   "label '%s' at %s is none of the %zu %s; the nearest is '%s'", shown, place,
                   resolver->classes.n, which, sy_shown(nearest, shown_nearest));
  return sy_fail(error, SY_INVALID_LABEL, "label '%s' at %s is none of the %zu %s", shown, place,
                 resolver->classes.n, which);
}

static sy_status fail_member(const char *group, const char *member, const char *const *present,
                             size_t n_present, sy_error *error) {
  char shown_group[SY_SHOWN_SIZE], shown[SY_SHOWN_SIZE], shown_nearest[SY_SHOWN_SIZE];
  const char *nearest = sy_nearest_name(member, present, n_present);
  sy_shown(group, shown_group);
  sy_shown(member, shown);
  if (nearest)
    return sy_fail(error, SY_INVALID_LABEL,
                   "group '%s': no label in the data is '%s'; did you mean '%s'?", shown_group,
                   shown, sy_shown(nearest, shown_nearest));
  return sy_fail(error, SY_INVALID_LABEL, "group '%s': none of the %zu labels in the data is '%s'",
                 shown_group, n_present, shown);
}

static sy_status fail_absent_member(const sy_resolver *r, const char *group, const char *member,
                                    sy_error *error) {
  const char **present = sy_alloc(r->names.n, sizeof *present);
  if (!present) return sy_fail_memory(error);
  size_t n_present = 0;
  for (size_t c = 0; c < r->names.n; c++)
    if (r->met[c].rows > 0) present[n_present++] = r->names.values[c];
  sy_status status = fail_member(group, member, present, n_present, error);
  free(present);
  return status;
}

sy_status sy_resolver_check_members(const sy_resolver *resolver, sy_error *error) {
  for (size_t g = 0; g < resolver->options->n_groups; g++) {
    const sy_class_group *group = &resolver->options->groups[g];
    for (size_t m = 0; m < group->n_members; m++) {
      uint32_t name = sy_names_find(&resolver->names, group->members[m]);
      if (name == SY_NOT_FOUND || resolver->met[name].rows == 0)
        return fail_absent_member(resolver, group->name, group->members[m], error);
    }
  }
  return SY_OK;
}
