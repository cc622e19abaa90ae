/* count_index.c: counting labels of kind index. Declared and discovered classes are counted alike:
 * ids are, and looked at afterwards. */
#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "labels/id_counts.h"
#include "labels/labels.h"

#include <string.h>

/* Whether all rows of the last axis were 0 but for one 1, as those of one-hot labels are. */
typedef enum hot_rows { HOT_UNKNOWN, HOT_ALL, HOT_NOT } hot_rows;

typedef struct index_state {
  sy_id_counts counts;
  sy_id_text ignored;
  bool any_flat; /* some block had no images (fewer than three axes) */
  hot_rows hot;
} index_state;

static sy_status begin(sy_counter *counter, sy_error *error) {
  index_state *state = counter->state = sy_alloc_zero(1, sizeof *state);
  if (!state) return sy_fail_memory(error);
  return sy_id_parse(counter->options.ignore, &state->ignored, error);
}

static void end(sy_counter *counter) {
  index_state *state = counter->state;
  if (state) sy_id_counts_free(&state->counts);
  free(state);
}

/* --- a block on threads --- */

/* Parts of a block: runs of positions, cut between images where these are counted. Any cutting
 * gives the same counts. */
typedef struct id_parts {
  const sy_id_rules *rules;
  size_t length; /* positions of a part, but the last */
  size_t n;
  sy_id_counts *counts; /* (n) */
  sy_status *statuses;  /* (n) */
} id_parts;

static void count_part(void *context, size_t part) {
  const id_parts *parts = context;
  size_t first = part * parts->length, left = parts->rules->positions->n - first;
  parts->statuses[part] = sy_id_counts_run(
      parts->rules, first, left < parts->length ? left : parts->length, &parts->counts[part]);
}

/* Few parts, for each has its own counts to be merged, but enough that threads end together. */
static void cut(id_parts *parts) {
  enum { LEAST = 65536, A_THREAD = 4 };
  const sy_positions *positions = parts->rules->positions;
  size_t most = (size_t)sy_threads_get() * A_THREAD, unit = 1;
  if (parts->rules->images) unit = positions->per_row;
  size_t length = (positions->n + most - 1) / most;
  if (length < LEAST) length = LEAST;
  parts->length = (length + unit - 1) / unit * unit;
  parts->n = (positions->n + parts->length - 1) / parts->length;
}

/* The first failure in the order of the positions. */
static sy_status check_parts(const id_parts *parts, uint64_t rows_before, sy_error *error) {
  for (size_t p = 0; p < parts->n; p++) {
    if (parts->statuses[p] == SY_OUT_OF_MEMORY) return sy_fail_memory(error);
    if (parts->statuses[p] == SY_OK) continue;
    size_t first = p * parts->length, left = parts->rules->positions->n - first;
    return sy_id_rules_fail(parts->rules, first, left < parts->length ? left : parts->length,
                            rows_before, error);
  }
  return SY_OK;
}

/* All of a block in one, which is zeroed. */
static sy_status count_block(const sy_counter *counter, const sy_id_rules *rules,
                             sy_id_counts *block, sy_error *error) {
  id_parts parts = {.rules = rules};
  cut(&parts);
  parts.counts = sy_alloc_zero(parts.n, sizeof *parts.counts);
  parts.statuses = sy_alloc_zero(parts.n, sizeof *parts.statuses);
  sy_status status = SY_OUT_OF_MEMORY;
  if (parts.counts && parts.statuses) {
    sy_parallel_blocks(parts.n, count_part, &parts);
    status = check_parts(&parts, counter->rows, error);
  }
  for (size_t p = 0; p < parts.n && status == SY_OK; p++)
    if (!sy_id_counts_merge(block, &parts.counts[p])) status = SY_OUT_OF_MEMORY;
  for (size_t p = 0; parts.counts && p < parts.n; p++) sy_id_counts_free(&parts.counts[p]);
  free(parts.counts);
  free(parts.statuses);
  return status == SY_OUT_OF_MEMORY ? sy_fail_memory(error) : status;
}

/* --- what looks like one-hot --- */

static uint64_t rows_of(const sy_id_counts *counts, uint64_t id) {
  size_t k = sy_id_set_find(&counts->ids, id);
  return k == SIZE_MAX ? 0 : counts->counts->rows[k].rows;
}

static bool row_is_hot(const sy_positions *positions, size_t row, size_t width) {
  enum { STEP = 512 };
  uint64_t tile[STEP];
  size_t ones = 0;
  for (size_t done = 0; done < width; done += STEP) {
    size_t n = width - done < STEP ? width - done : STEP;
    const void *ids = sy_array_block(&positions->labels->values, row * width + done, n, tile);
    for (size_t i = 0; i < n; i++) ones += sy_id_at(ids, positions->labels->values.dtype, i) == 1;
  }
  return ones == 1;
}

/* Only a block that holds a 1 for each row, and else 0, is worth a second look. */
static hot_rows look_for_hot(const sy_positions *positions, const sy_id_counts *block) {
  if (positions->n == 0) return HOT_UNKNOWN;
  size_t width = positions->shape[positions->n_axes - 1], rows = positions->n / width;
  if (positions->n_axes < 2 || width < 2 || rows_of(block, 1) != rows ||
      rows_of(block, 0) != positions->n - rows)
    return HOT_NOT;
  for (size_t row = 0; row < rows; row++)
    if (!row_is_hot(positions, row, width)) return HOT_NOT;
  return HOT_ALL;
}

static hot_rows both(hot_rows a, hot_rows b) {
  return a > b ? a : b;
}

/* --- blocks and counters together --- */

static sy_status fail_signs(sy_error *error) {
  return sy_fail(error, SY_INVALID_LABEL,
                 "ids below 0 and ids of 2^63 and more come together: no integer type has both");
}

static sy_status take(index_state *into, const sy_id_counts *counts, bool any_flat, hot_rows hot,
                      sy_error *error) {
  if ((into->counts.below_zero || counts->below_zero) &&
      (into->counts.above_most || counts->above_most))
    return fail_signs(error);
  if (!sy_id_counts_merge(&into->counts, counts)) return sy_fail_memory(error);
  into->any_flat = into->any_flat || any_flat;
  into->hot = both(into->hot, hot);
  return SY_OK;
}

static sy_status add(sy_counter *counter, const sy_positions *positions, sy_error *error) {
  index_state *state = counter->state;
  sy_dtype dtype = positions->labels->values.dtype;
  sy_id_rules rules = {.positions = positions,
                       .dtype = dtype,
                       .n_classes = counter->options.n_classes,
                       .ignores = sy_id_fits(&state->ignored, dtype),
                       .ignored = state->ignored.id,
                       .images = positions->n_axes >= 3};
  if (positions->n == 0) return SY_OK;
  sy_id_counts block = {0};
  sy_status status = count_block(counter, &rules, &block, error);
  if (status == SY_OK)
    status = take(state, &block, !rules.images, look_for_hot(positions, &block), error);
  if (status == SY_OK) counter->ignored += block.ignored;
  sy_id_counts_free(&block);
  return status;
}

static sy_status merge(sy_counter *into, const sy_counter *from, sy_error *error) {
  const index_state *state = from->state;
  return take(into->state, &state->counts, state->any_flat, state->hot, error);
}

/* --- bytes --- */

static void put(const sy_counter *counter, sy_text *bytes) {
  const index_state *state = counter->state;
  sy_bytes_put(bytes, state->any_flat);
  sy_bytes_put(bytes, state->hot);
  sy_id_counts_put(&state->counts, bytes);
}

static void take_state(sy_counter *counter, sy_byte_reader *reader) {
  index_state *state = counter->state;
  state->any_flat = sy_bytes_take(reader, 1);
  state->hot = (hot_rows)sy_bytes_take(reader, HOT_NOT);
  uint64_t rows = counter->positions - counter->ignored;
  sy_id_counts_take(reader, counter->options.n_classes, rows, &state->counts);
}

/* --- classes --- */

typedef struct id_order {
  uint64_t key; /* orders as the ids do */
  size_t k;
} id_order;

static int compare_orders(const void *a, const void *b) {
  uint64_t left = ((const id_order *)a)->key, right = ((const id_order *)b)->key;
  return (left > right) - (left < right);
}

/* Ids that have rows, sorted. */
static id_order *sort_ids(const sy_id_counts *counts, size_t *n) {
  id_order *orders = sy_alloc(counts->ids.n, sizeof *orders);
  *n = 0;
  if (!orders) return NULL;
  for (size_t k = 0; k < counts->ids.n; k++)
    if (counts->counts->rows[k].rows > 0)
      orders[(*n)++] = (id_order){counts->ids.ids[k] ^ (counts->below_zero ? SY_SIGN_BIT : 0), k};
  qsort(orders, *n, sizeof *orders, compare_orders);
  return orders;
}

sy_status sy_index_ids(const sy_counter *counter, uint64_t **ids, size_t *n, sy_error *error) {
  const index_state *state = counter->state;
  id_order *orders = sort_ids(&state->counts, n);
  *ids = sy_alloc(orders ? *n : 0, sizeof **ids);
  for (size_t i = 0; orders && *ids && i < *n; i++) (*ids)[i] = state->counts.ids.ids[orders[i].k];
  free(orders);
  if (orders && *ids) return SY_OK;
  free(*ids);
  return sy_fail_memory(error);
}

void sy_index_signs(const sy_counter *counter, bool *below_zero, bool *above_most) {
  const index_state *state = counter->state;
  *below_zero = state->counts.below_zero;
  *above_most = state->counts.above_most;
}

static sy_status make_room(const sy_id_counts *from, size_t n_classes, sy_counts *counts,
                           sy_error *error) {
  if (!sy_counts_grow(counts, n_classes)) return sy_fail_memory(error);
  if (from->counts && from->counts->sums && !sy_counts_need_sums(counts))
    return sy_fail_memory(error);
  return SY_OK;
}

static sy_status read_declared(const sy_counter *counter, sy_counts *counts, sy_error *error) {
  const sy_id_counts *from = &((const index_state *)counter->state)->counts;
  sy_status status = make_room(from, counter->declared.n, counts, error);
  for (size_t k = 0; k < from->ids.n && status == SY_OK; k++)
    sy_counts_add_class(counts, (size_t)from->ids.ids[k], from->counts, k);
  if (status != SY_OK) return status;
  return sy_counts_name_classes(counts, (const char *const *)counter->declared.values, error);
}

/* Names the classes by their ids. */
static sy_status name_ids(const sy_id_counts *from, const id_order *orders, sy_counts *counts,
                          sy_error *error) {
  char(*texts)[SY_ID_SIZE] = sy_alloc(counts->n_classes, sizeof *texts);
  const char **names = sy_alloc(counts->n_classes, sizeof *names);
  sy_status status = texts && names ? SY_OK : sy_fail_memory(error);
  for (size_t i = 0; i < counts->n_classes && status == SY_OK; i++)
    names[i] = sy_id_print(from->ids.ids[orders[i].k], from->below_zero, texts[i]);
  if (status == SY_OK) status = sy_counts_name_classes(counts, names, error);
  free(texts);
  free(names);
  return status;
}

static sy_status read_found(const sy_counter *counter, sy_counts *counts, sy_error *error) {
  const sy_id_counts *from = &((const index_state *)counter->state)->counts;
  size_t n;
  id_order *orders = sort_ids(from, &n);
  if (!orders) return sy_fail_memory(error);
  sy_status status = make_room(from, n, counts, error);
  for (size_t i = 0; i < n && status == SY_OK; i++)
    sy_counts_add_class(counts, i, from->counts, orders[i].k);
  if (status == SY_OK) status = name_ids(from, orders, counts, error);
  free(orders);
  return status;
}

static sy_status read(const sy_counter *counter, sy_counts *counts, sy_error *error) {
  const index_state *state = counter->state;
  if (counter->ignored == counter->positions)
    return sy_fail(error, SY_NO_ROWS, "every label is ignored: no row is left");
  sy_status status = counter->options.n_classes > 0 ? read_declared(counter, counts, error)
                                                    : read_found(counter, counts, error);
  counts->knows_holding = !state->any_flat;
  if (state->hot == HOT_ALL)
    sy_messages_add(counts->messages,
                    "every row of the last axis is 0 but for one 1, as one-hot labels are: if "
                    "these are such, declare them one-hot; read as ids they are all 0 and 1");
  return status;
}

const sy_counting sy_counting_index = {begin, end, add,        merge,
                                       read,  put, take_state, &sy_finding_index};
