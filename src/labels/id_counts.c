/* id_counts.c: runs of positions become counts of ids. Where all weigh the same, ids are tallied a
 * tile at a time; with row weights they are counted one by one. */
#include "labels/id_counts.h"

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "labels/id_tally.h"

#include <string.h>

void sy_id_counts_free(sy_id_counts *counts) {
  sy_id_set_free(&counts->ids);
  sy_counts_free(counts->counts);
  *counts = (sy_id_counts){0};
}

size_t sy_id_counts_class(sy_id_counts *counts, uint64_t id) {
  if (!counts->counts) counts->counts = sy_counts_new(0);
  if (!counts->counts) return SIZE_MAX;
  size_t k = sy_id_set_add(&counts->ids, id);
  if (k == SIZE_MAX) return SIZE_MAX;
  if (k >= counts->counts->n_classes && !sy_counts_grow(counts->counts, counts->ids.capacity))
    return SIZE_MAX;
  return k;
}

static void note_sign(sy_id_counts *counts, uint64_t id, sy_dtype dtype) {
  if (id < SY_SIGN_BIT) return;
  if (sy_dtype_has_sign(dtype))
    counts->below_zero = true;
  else
    counts->above_most = true;
}

bool sy_id_counts_merge(sy_id_counts *into, const sy_id_counts *from) {
  for (size_t k = 0; k < from->ids.n; k++)
    if (sy_id_counts_class(into, from->ids.ids[k]) == SIZE_MAX) return false;
  if (from->counts && from->counts->sums) {
    if (!into->counts) into->counts = sy_counts_new(0);
    if (!into->counts || !sy_counts_need_sums(into->counts)) return false;
  }
  for (size_t k = 0; k < from->ids.n; k++)
    sy_counts_add_class(into->counts, sy_id_set_find(&into->ids, from->ids.ids[k]), from->counts,
                        k);
  into->ignored += from->ignored;
  into->below_zero = into->below_zero || from->below_zero;
  into->above_most = into->above_most || from->above_most;
  return true;
}

/* A run under way. */
typedef struct id_run {
  const sy_id_rules *rules;
  sy_id_counts *counts;
  sy_id_tally tally;
  size_t length; /* positions until the tally is emptied */
  /* With row weights, what the image under way holds: */
  uint64_t ones;   /* its positions of weight one */
  sy_exact weight; /* its other weights */
  sy_id_set held;  /* classes */
} id_run;

/* --- every weight is one --- */

static uint64_t count_tallied(const id_run *run) {
  uint64_t sum = 0;
  for (size_t e = 0; e < sy_id_tally_entries(&run->tally); e++) {
    bool ignored = run->rules->ignores && run->tally.rows[e] > 0 &&
                   sy_id_tally_id(&run->tally, e) == run->rules->ignored;
    if (!ignored) sum += run->tally.rows[e];
  }
  return sum;
}

/* Takes what was tallied over, and empties the tally. */
static sy_status take_tally(id_run *run) {
  const sy_id_rules *rules = run->rules;
  uint64_t held = rules->images ? count_tallied(run) : 0;
  for (size_t e = 0; e < sy_id_tally_entries(&run->tally); e++) {
    uint64_t rows = run->tally.rows[e];
    if (rows == 0) continue;
    uint64_t id = sy_id_tally_id(&run->tally, e);
    if (rules->ignores && id == rules->ignored) {
      run->counts->ignored += rows;
      continue;
    }
    if (!sy_id_rules_allow(rules, id)) return SY_INVALID_LABEL;
    size_t k = sy_id_counts_class(run->counts, id);
    if (k == SIZE_MAX) return SY_OUT_OF_MEMORY;
    note_sign(run->counts, id, rules->dtype);
    sy_counts_add_ones(run->counts->counts, k, rows);
    run->counts->counts->rows[k].held += held;
  }
  sy_id_tally_empty(&run->tally);
  return SY_OK;
}

#define KEEP(element)                                                                              \
  for (size_t i = 0; i < n; i++) {                                                                 \
    ((element *)kept)[left] = ((const element *)ids)[i];                                           \
    left += counts[i];                                                                             \
  }

/* Copies the ids that are not masked; returns how many. `kept` holds all n. */
static size_t keep_unmasked(const void *ids, sy_dtype dtype, const uint8_t *counts, size_t n,
                            void *kept) {
  size_t left = 0;
  switch (sy_dtype_size(dtype)) {
  case 1:
    KEEP(uint8_t);
    break;
  case 2:
    KEEP(uint16_t);
    break;
  case 4:
    KEEP(uint32_t);
    break;
  default:
    KEEP(uint64_t);
  }
  return left;
}

static sy_status tally_tile(id_run *run, size_t first, size_t n) {
  const sy_positions *positions = run->rules->positions;
  uint64_t tile[SY_ID_TILE], kept[SY_ID_TILE];
  const void *ids = sy_array_block(&positions->labels->values, first, n, tile);
  if (positions->mask.data) {
    uint8_t counts[SY_ID_TILE];
    sy_positions_mask(positions, first, n, counts);
    size_t left = keep_unmasked(ids, run->rules->dtype, counts, n, kept);
    run->counts->ignored += n - left;
    n = left;
    ids = kept;
  }
  return sy_id_tally_add(&run->tally, ids, n, run->length) ? SY_OK : SY_OUT_OF_MEMORY;
}

/* --- row weights --- */

/* Notes that the image under way holds class k; a position of weight 0 is absent from it. */
static bool note_held(id_run *run, size_t k, double weight) {
  if (!run->rules->images || weight == 0) return true;
  if (weight == 1)
    run->ones++;
  else
    sy_exact_add(&run->weight, weight);
  return sy_id_set_add(&run->held, k) != SIZE_MAX;
}

static void take_held(id_run *run) {
  for (size_t h = 0; h < run->held.n; h++) {
    size_t k = (size_t)run->held.ids[h];
    run->counts->counts->rows[k].held += run->ones;
    sy_exact_merge(&run->counts->counts->sums[k].held, &run->weight);
  }
  sy_id_set_empty(&run->held);
  run->ones = 0;
  run->weight = (sy_exact){0};
}

static sy_status weigh_position(id_run *run, uint64_t id, double weight) {
  if (!sy_id_rules_allow(run->rules, id)) return SY_INVALID_LABEL;
  size_t k = sy_id_counts_class(run->counts, id);
  if (k == SIZE_MAX || !sy_counts_need_sums(run->counts->counts)) return SY_OUT_OF_MEMORY;
  note_sign(run->counts, id, run->rules->dtype);
  sy_counts_add_row(run->counts->counts, k, weight);
  return note_held(run, k, weight) ? SY_OK : SY_OUT_OF_MEMORY;
}

static sy_status weigh_tile(id_run *run, size_t first, size_t n) {
  const sy_id_rules *rules = run->rules;
  uint64_t tile[SY_ID_TILE];
  uint8_t counts[SY_ID_TILE];
  double weights[SY_ID_TILE];
  const void *ids = sy_array_block(&rules->positions->labels->values, first, n, tile);
  sy_positions_mask(rules->positions, first, n, counts);
  for (size_t i = 0; i < n && rules->ignores; i++)
    if (sy_id_at(ids, rules->dtype, i) == rules->ignored) counts[i] = 0;
  sy_status status = sy_positions_weights(rules->positions, first, n, 0, counts, weights, NULL);
  for (size_t i = 0; i < n && status == SY_OK; i++) {
    if (counts[i])
      status = weigh_position(run, sy_id_at(ids, rules->dtype, i), weights[i]);
    else
      run->counts->ignored++;
  }
  return status;
}

/* --- runs --- */

/* Positions of one image, or all where there are none such. */
static sy_status count_piece(id_run *run, size_t first, size_t n) {
  bool weighted = run->rules->positions->row_weights.data != NULL;
  sy_status status = SY_OK;
  for (size_t done = 0; done < n && status == SY_OK; done += SY_ID_TILE) {
    size_t count = n - done < SY_ID_TILE ? n - done : SY_ID_TILE;
    status = weighted ? weigh_tile(run, first + done, count) : tally_tile(run, first + done, count);
  }
  if (status != SY_OK) return status;
  if (!weighted) return take_tally(run);
  if (run->rules->images) take_held(run);
  return SY_OK;
}

sy_status sy_id_counts_run(const sy_id_rules *rules, size_t first, size_t n, sy_id_counts *counts) {
  size_t length = rules->images ? rules->positions->per_row : n;
  id_run run = {
      .rules = rules, .counts = counts, .tally = sy_id_tally_of(rules->dtype), .length = length};
  sy_status status = SY_OK;
  for (size_t done = 0; done < n && status == SY_OK; done += length)
    status = count_piece(&run, first + done, length);
  sy_id_tally_free(&run.tally);
  sy_id_set_free(&run.held);
  return status;
}

/* --- failures --- */

static sy_status fail_id(const sy_id_rules *rules, size_t position, uint64_t id,
                         uint64_t rows_before, sy_error *error) {
  char text[SY_ID_SIZE], place[SY_PLACE_SIZE];
  return sy_fail(error, SY_INVALID_LABEL, "label %s at %s is outside the %zu classes 0..%zu",
                 sy_id_print(id, sy_dtype_has_sign(rules->dtype), text),
                 sy_positions_place(rules->positions, position, rows_before, place),
                 rules->n_classes, rules->n_classes - 1);
}

sy_status sy_id_rules_fail(const sy_id_rules *rules, size_t first, size_t n, uint64_t rows_before,
                           sy_error *error) {
  enum { STEP = 512 };
  uint64_t tile[STEP];
  uint8_t counts[STEP];
  double weights[STEP];
  for (size_t done = 0; done < n; done += STEP) {
    size_t begin = first + done, count = n - done < STEP ? n - done : STEP, good = 0;
    const void *ids = sy_array_block(&rules->positions->labels->values, begin, count, tile);
    sy_positions_mask(rules->positions, begin, count, counts);
    for (; good < count; good++) {
      uint64_t id = sy_id_at(ids, rules->dtype, good);
      if (rules->ignores && id == rules->ignored) counts[good] = 0;
      if (counts[good] && !sy_id_rules_allow(rules, id)) break;
    }
    sy_status status =
        sy_positions_weights(rules->positions, begin, good, rows_before, counts, weights, error);
    if (status != SY_OK) return status;
    if (good < count)
      return fail_id(rules, begin + good, sy_id_at(ids, rules->dtype, good), rows_before, error);
  }
  return sy_fail_memory(error); /* what was seen to fail did so for want of memory */
}
