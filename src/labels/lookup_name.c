/* lookup_name.c: which class each name has, after counting: the few distinct names of a block are
 * looked up when it comes. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/counter.h"
#include "labels/distinct.h"
#include "labels/name.h"
#include "labels/name_tally.h"

#include <string.h>

typedef struct name_table {
  const sy_resolver *resolver;
  int32_t *ids; /* (classes of the resolver) id of each; SY_CLASS_OUTSIDE where no row has it */
} name_table;

static void end(void *table) {
  name_table *t = table;
  if (!t) return;
  free(t->ids);
  free(t);
}

static sy_status fill(const sy_name_tally *tally, name_table *t, sy_error *error) {
  size_t *places, n, n_classes = tally->resolver.classes.n;
  const char **names;
  sy_status status = sy_name_tally_order(tally, &places, &names, &n, error);
  if (status != SY_OK) return status;
  t->resolver = &tally->resolver;
  t->ids = sy_alloc(n_classes, sizeof *t->ids);
  for (size_t c = 0; c < n_classes && t->ids; c++) t->ids[c] = SY_CLASS_OUTSIDE;
  for (size_t k = 0; k < n && t->ids; k++) t->ids[places[k] - SY_TALLY_CLASSES] = (int32_t)k;
  free(places);
  free(names);
  return t->ids ? SY_OK : sy_fail_memory(error);
}

static sy_status begin(const sy_counter *counter, void **table, sy_error *error) {
  name_table *t = sy_alloc_zero(1, sizeof *t);
  if (!t) return sy_fail_memory(error);
  sy_status status = fill(counter->state, t, error);
  if (status == SY_OK)
    *table = t;
  else
    end(t);
  return status;
}

static sy_status find_text(const name_table *t, const sy_positions *positions,
                           const sy_distinct_text *text, int32_t *id, sy_error *error) {
  size_t length = text->length;
  const char *piece = sy_name_piece(text->bytes, &length);
  *id = length > 0 ? sy_resolver_find(t->resolver, piece, length) : SY_CLASS_OUTSIDE;
  if (*id >= 0) *id = t->ids[*id];
  if (*id != SY_CLASS_OUTSIDE) return SY_OK;
  char place[SY_PLACE_SIZE];
  sy_positions_place(positions, text->first, 0, place);
  if (length == 0) return sy_name_fail_missing(place, error);
  return sy_resolver_fail_outside(t->resolver, text->bytes, text->length, place, error);
}

/* Puts ids in the place of places; masked positions are SY_MISSING, which is SY_IGNORED's bits. */
static sy_status replace_places(const name_table *t, const sy_positions *positions, size_t n,
                                const sy_distinct *distinct, int32_t *ids, sy_error *error) {
  int32_t *found = sy_alloc(distinct->n, sizeof *found);
  sy_status status = found ? SY_OK : sy_fail_memory(error);
  for (size_t d = 0; d < distinct->n && status == SY_OK; d++)
    status = find_text(t, positions, &distinct->texts[d], &found[d], error);
  for (size_t i = 0; i < n && status == SY_OK; i++)
    if (ids[i] != SY_IGNORED) ids[i] = found[(uint32_t)ids[i]];
  free(found);
  return status;
}

static sy_status find_ids(const void *table, const sy_positions *positions, size_t first, size_t n,
                          int32_t *ids, sy_error *error) {
  bool masks = positions->mask.data;
  uint8_t *counts = masks ? sy_alloc(n, sizeof *counts) : NULL;
  if (masks && !counts) return sy_fail_memory(error);
  if (masks) sy_positions_mask(positions, first, n, counts);
  sy_distinct distinct = {0};
  sy_status status =
      sy_distinct_add(&distinct, positions, first, n, counts, 0, (uint32_t *)ids, error);
  if (status == SY_OK) status = replace_places(table, positions, n, &distinct, ids, error);
  sy_distinct_clear(&distinct);
  free(counts);
  return status;
}

const sy_class_finding sy_finding_name = {begin, end, find_ids};
