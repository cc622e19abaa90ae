/* count_name.c: labels that are names, one at each position. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/name.h"
#include "labels/name_tally.h"

static bool is_ignored(const void *state, const char *text, size_t length) {
  const sy_name_adding *adding = state;
  const char *piece = sy_name_piece(text, &length);
  return !sy_resolver_target(adding->resolver, piece, &length);
}

static sy_status fail_missing(const sy_name_adding *adding, const sy_distinct_text *text,
                              sy_error *error) {
  char place[SY_PLACE_SIZE];
  sy_positions_place(adding->positions, text->first, adding->rows_before, place);
  return sy_name_fail_missing(place, error);
}

static sy_status take_text(void *state, const sy_distinct_text *text, const sy_counts *counts,
                           size_t t, sy_error *error) {
  sy_name_adding *adding = state;
  uint32_t name;
  sy_status status = sy_resolver_meet(adding->resolver, text->bytes, text->length, &name, error);
  if (status != SY_OK) return status;
  if (name == SY_NOT_FOUND) return fail_missing(adding, text, error);
  sy_met *met = &adding->resolver->met[name];
  if (met->class == SY_CLASS_OUTSIDE)
    return sy_name_adding_fail(adding, text, text->bytes, text->length, error);
  met->pending += counts->rows[t].rows;
  if (met->class == SY_IGNORED) {
    adding->ignored += counts->rows[t].rows;
    return SY_OK;
  }
  return sy_name_tally_add_class(adding->block, (size_t)met->class + SY_TALLY_CLASSES, counts, t,
                                 error);
}

static sy_status add(sy_counter *counter, const sy_positions *positions, sy_error *error) {
  static const sy_text_use use = {is_ignored, take_text};
  sy_name_adding adding;
  return sy_name_tally_add(counter, positions, &use, &adding, error);
}

static sy_status read(const sy_counter *counter, sy_counts *counts, sy_error *error) {
  const sy_name_tally *tally = counter->state;
  if (counter->ignored == counter->positions)
    return sy_fail(error, SY_NO_ROWS, "every label is ignored: no row is left");
  size_t *places, n;
  const char **names;
  sy_status status = sy_name_tally_order(tally, &places, &names, &n, error);
  if (status != SY_OK) return status;
  if (!sy_counts_grow(counts, n) || (tally->counts->sums && !sy_counts_need_sums(counts)))
    status = sy_fail_memory(error);
  for (size_t k = 0; k < n && status == SY_OK; k++) sy_name_tally_read(tally, places[k], counts, k);
  if (status == SY_OK) status = sy_counts_name_classes(counts, names, error);
  free(places);
  free(names);
  return status;
}

const sy_counting sy_counting_name = {
    sy_name_tally_begin, sy_name_tally_end, add, sy_name_tally_merge, read, sy_name_tally_put,
    sy_name_tally_take,  &sy_finding_name};
