/* name_tally.c: counts that grow with the classes met. A block is counted apart and added when all
 * of it was found to be right. */
#include "labels/name_tally.h"

#include "base/error.h"
#include "base/memory.h"
#include "labels/name.h"

#include <string.h>

sy_status sy_name_tally_begin(sy_counter *counter, sy_error *error) {
  sy_name_tally *tally = counter->state = sy_alloc_zero(1, sizeof *tally);
  if (!tally) return sy_fail_memory(error);
  sy_status status = sy_resolver_begin(&tally->resolver, &counter->options, error);
  if (status != SY_OK) return status;
  tally->counts = sy_counts_new(SY_TALLY_CLASSES);
  return tally->counts ? SY_OK : sy_fail_memory(error);
}

void sy_name_tally_end(sy_counter *counter) {
  sy_name_tally *tally = counter->state;
  if (!tally) return;
  sy_resolver_clear(&tally->resolver);
  sy_counts_free(tally->counts);
  free(tally);
}

static bool make_room(sy_counts *counts, size_t n) {
  size_t twice = 2 * counts->n_classes;
  return n <= counts->n_classes || sy_counts_grow(counts, n > twice ? n : twice);
}

sy_status sy_name_tally_add_class(sy_counts *into, size_t k, const sy_counts *from, size_t j,
                                  sy_error *error) {
  if (!make_room(into, k + 1) || (from->sums && !sy_counts_need_sums(into)))
    return sy_fail_memory(error);
  sy_counts_add_class(into, k, from, j);
  return SY_OK;
}

/* Adds a block, counted by the classes of the tally's resolver; or, where `status` is none of
 * success, forgets what the resolver met in it. Returns `status`, or SY_OUT_OF_MEMORY. */
static sy_status end_block(sy_name_tally *tally, const sy_counts *block, sy_status status,
                           sy_error *error) {
  if (status == SY_OK && (!make_room(tally->counts, block->n_classes) ||
                          (block->sums && !sy_counts_need_sums(tally->counts))))
    status = sy_fail_memory(error);
  for (size_t k = 0; k < block->n_classes && status == SY_OK; k++)
    sy_counts_add_class(tally->counts, k, block, k);
  sy_resolver_settle(&tally->resolver, status == SY_OK);
  return status;
}

sy_status sy_name_tally_add(sy_counter *counter, const sy_positions *positions,
                            const sy_text_use *use, sy_name_adding *adding, sy_error *error) {
  sy_name_tally *tally = counter->state;
  *adding = (sy_name_adding){.resolver = &tally->resolver,
                             .positions = positions,
                             .rows_before = counter->rows,
                             .block = sy_counts_new(SY_TALLY_CLASSES)};
  if (!adding->block) return sy_fail_memory(error);
  uint64_t masked;
  sy_status status = sy_text_counts(positions, counter->rows, use, adding, &masked, error);
  status = end_block(tally, adding->block, status, error);
  sy_counts_free(adding->block);
  if (status == SY_OK) counter->ignored += masked + adding->ignored;
  return status;
}

sy_status sy_name_adding_fail(const sy_name_adding *adding, const sy_distinct_text *text,
                              const char *name, size_t length, sy_error *error) {
  char place[SY_PLACE_SIZE];
  sy_positions_place(adding->positions, text->first, adding->rows_before, place);
  return sy_resolver_fail_outside(adding->resolver, name, length, place, error);
}

static sy_status meet_names(sy_resolver *into, const sy_resolver *from, sy_error *error) {
  for (size_t c = 0; c < from->names.n; c++) {
    const char *met = from->names.values[c];
    uint32_t name;
    if (from->met[c].rows == 0) continue;
    sy_status status = sy_resolver_meet(into, met, strlen(met), &name, error);
    if (status != SY_OK) return status;
    into->met[name].pending = from->met[c].rows;
  }
  return SY_OK;
}

static sy_status copy_classes(const sy_resolver *into, const sy_name_tally *from, sy_counts *block,
                              sy_error *error) {
  sy_status status =
      sy_name_tally_add_class(block, SY_TALLY_ALL, from->counts, SY_TALLY_ALL, error);
  for (size_t c = 0; c < from->resolver.classes.n && status == SY_OK; c++) {
    size_t place = c + SY_TALLY_CLASSES;
    if (place >= from->counts->n_classes || from->counts->rows[place].rows == 0) continue;
    const char *class = from->resolver.classes.values[c];
    uint32_t code = sy_dictionary_find(&into->classes, class, strlen(class));
    status = sy_name_tally_add_class(block, code + SY_TALLY_CLASSES, from->counts, place, error);
  }
  return status;
}

sy_status sy_name_tally_merge(sy_counter *into, const sy_counter *from, sy_error *error) {
  sy_name_tally *tally = into->state;
  const sy_name_tally *other = from->state;
  sy_counts *block = sy_counts_new(SY_TALLY_CLASSES);
  if (!block) return sy_fail_memory(error);
  sy_status status = meet_names(&tally->resolver, &other->resolver, error);
  if (status == SY_OK) status = copy_classes(&tally->resolver, other, block, error);
  status = end_block(tally, block, status, error);
  sy_counts_free(block);
  return status;
}

/* Names of declared classes, or of those that have a row. */
static size_t list_names(const sy_name_tally *tally, const char **names) {
  const sy_resolver *r = &tally->resolver;
  size_t n = 0;
  for (size_t c = 0; c < r->classes.n; c++) {
    size_t place = c + SY_TALLY_CLASSES;
    bool present = place < tally->counts->n_classes && tally->counts->rows[place].rows > 0;
    if (r->declared || present) names[n++] = r->classes.values[c];
  }
  if (!r->declared) sy_names_sort(names, n);
  return n;
}

sy_status sy_name_tally_order(const sy_name_tally *tally, size_t **places, const char ***names,
                              size_t *n, sy_error *error) {
  *places = NULL;
  *names = NULL;
  sy_status status = sy_resolver_check_members(&tally->resolver, error);
  if (status != SY_OK) return status;
  const sy_dictionary *classes = &tally->resolver.classes;
  *names = sy_alloc(classes->n, sizeof **names);
  *places = sy_alloc(classes->n, sizeof **places);
  if (!*names || !*places) {
    free(*names);
    free(*places);
    return sy_fail_memory(error);
  }
  *n = list_names(tally, *names);
  for (size_t k = 0; k < *n; k++)
    (*places)[k] =
        sy_dictionary_find(classes, (*names)[k], strlen((*names)[k])) + (size_t)SY_TALLY_CLASSES;
  return SY_OK;
}

void sy_name_tally_read(const sy_name_tally *tally, size_t place, sy_counts *counts, size_t k) {
  if (place < tally->counts->n_classes) sy_counts_add_class(counts, k, tally->counts, place);
}
