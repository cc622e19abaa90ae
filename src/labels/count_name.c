/* count_name.c: labels that are names, one at each position. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/counter.h"
#include "labels/name.h"
#include "labels/name_tally.h"
#include "labels/text_counts.h"

static sy_status begin(sy_counter *counter, sy_error *error) {
  sy_name_tally *tally;
  sy_status status = sy_name_tally_new(&counter->options, &tally, error);
  counter->state = tally;
  return status;
}

static void end(sy_counter *counter) {
  sy_name_tally_free(counter->state);
}

/* An array of names being counted. */
typedef struct adding {
  sy_resolver *resolver;
  const sy_positions *positions;
  uint64_t rows_before;
  sy_counts *block;
  uint64_t ignored;
} adding;

static bool is_ignored(const void *state, const char *text, size_t length) {
  const adding *a = state;
  const char *piece = sy_name_piece(text, &length);
  return !sy_resolver_target(a->resolver, piece, &length);
}

static sy_status fail_text(const adding *a, const sy_distinct_text *text, bool missing,
                           sy_error *error) {
  char place[SY_PLACE_SIZE];
  sy_positions_place(a->positions, text->first, a->rows_before, place);
  if (missing) return sy_name_fail_missing(place, error);
  return sy_resolver_fail_outside(a->resolver, text->bytes, text->length, place, error);
}

static sy_status take_text(adding *a, const sy_distinct_text *text, const sy_counts *counts,
                           size_t t, sy_error *error) {
  uint32_t name;
  sy_status status = sy_resolver_meet(a->resolver, text->bytes, text->length, &name, error);
  if (status != SY_OK) return status;
  if (name == SY_NOT_FOUND) return fail_text(a, text, true, error);
  sy_met *met = &a->resolver->met[name];
  if (met->class == SY_CLASS_OUTSIDE) return fail_text(a, text, false, error);
  met->pending += counts->rows[t].rows;
  if (met->class == SY_IGNORED) {
    a->ignored += counts->rows[t].rows;
    return SY_OK;
  }
  return sy_name_tally_add_class(a->block, (size_t)met->class + SY_TALLY_CLASSES, counts, t, error);
}

/* Texts come in the order of their first positions, so the first that is wrong is told. */
static sy_status take(void *state, const sy_distinct *distinct, const sy_counts *counts,
                      sy_error *error) {
  sy_status status = SY_OK;
  for (size_t t = 0; t < distinct->n && status == SY_OK; t++)
    status = take_text(state, &distinct->texts[t], counts, t, error);
  return status;
}

static sy_status add(sy_counter *counter, const sy_positions *positions, sy_error *error) {
  static const sy_text_use use = {is_ignored, take};
  sy_name_tally *tally = counter->state;
  adding a = {.resolver = &tally->resolver,
              .positions = positions,
              .rows_before = counter->rows,
              .block = sy_counts_new(SY_TALLY_CLASSES)};
  if (!a.block) return sy_fail_memory(error);
  uint64_t masked;
  sy_status status = sy_text_counts(positions, counter->rows, &use, &a, &masked, error);
  status = sy_name_tally_end_block(tally, a.block, status, error);
  sy_counts_free(a.block);
  if (status == SY_OK) counter->ignored += masked + a.ignored;
  return status;
}

static sy_status merge(sy_counter *into, const sy_counter *from, sy_error *error) {
  return sy_name_tally_merge(into->state, from->state, error);
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

const sy_counting sy_counting_name = {begin, end, add, merge, read, &sy_finding_name};
