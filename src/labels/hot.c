/* hot.c: what counters of kinds one-hot and multi-hot share: blocks on threads, the length of the
 * class axis, names. */
#include "labels/hot.h"

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "labels/labels.h"
#include "labels/name.h"

#include <math.h>

sy_status sy_hot_begin(sy_counter *counter, sy_error *error) {
  sy_hot_state *state = counter->state = sy_alloc_zero(1, sizeof *state);
  if (!state) return sy_fail_memory(error);
  state->width = counter->options.n_classes;
  return sy_id_parse(counter->options.ignore, &state->ignored, error);
}

static void clear_counts(sy_hot_counts *counts) {
  sy_counts_free(counts->counts);
  *counts = (sy_hot_counts){0};
}

void sy_hot_end(sy_counter *counter) {
  sy_hot_state *state = counter->state;
  if (state) clear_counts(&state->counts);
  free(state);
}

/* Adds all of `from`, or nothing where memory runs out. */
static bool take(sy_hot_counts *into, const sy_hot_counts *from) {
  if (!from->counts) return true;
  if (!into->counts) into->counts = sy_counts_new(from->counts->n_classes);
  if (!into->counts || sy_counts_merge(into->counts, from->counts, NULL) != SY_OK) return false;
  into->ignored += from->ignored;
  return true;
}

/* --- a block on threads --- */

/* Parts of a block: runs of rows. Any cutting gives the same counts. */
typedef struct hot_parts {
  const sy_hot_rules *rules;
  size_t length; /* rows of a part, but the last */
  size_t n;
  sy_hot_counts *counts; /* (n) */
  sy_status *statuses;   /* (n) */
} hot_parts;

static size_t part_rows(const hot_parts *parts, size_t part) {
  size_t left = parts->rules->positions->n - part * parts->length;
  return left < parts->length ? left : parts->length;
}

static void count_part(void *context, size_t part) {
  const hot_parts *parts = context;
  parts->statuses[part] = sy_hot_count(parts->rules, part * parts->length, part_rows(parts, part),
                                       &parts->counts[part], NULL);
}

/* Few parts, for each has its own counts to be merged, but enough that threads end together. */
static void cut(hot_parts *parts) {
  enum { LEAST_ROWS = 512, LEAST_NUMBERS = 65536, A_THREAD = 4 };
  const sy_positions *positions = parts->rules->positions;
  size_t most = (size_t)sy_threads_get() * A_THREAD;
  size_t length = (positions->n + most - 1) / most;
  size_t least = LEAST_NUMBERS / positions->width;
  if (least < LEAST_ROWS) least = LEAST_ROWS;
  parts->length = length < least ? least : length;
  parts->n = (positions->n + parts->length - 1) / parts->length;
}

/* The first failure in the order of the rows: it is counted once more, to be told. */
static sy_status check_parts(const hot_parts *parts, sy_error *error) {
  for (size_t p = 0; p < parts->n; p++) {
    if (parts->statuses[p] == SY_OK) continue;
    sy_hot_counts again = {0};
    sy_status status =
        sy_hot_count(parts->rules, p * parts->length, part_rows(parts, p), &again, error);
    clear_counts(&again);
    return status != SY_OK ? status : sy_fail_memory(error);
  }
  return SY_OK;
}

static sy_status count_block(const sy_hot_rules *rules, sy_hot_counts *block, sy_error *error) {
  hot_parts parts = {.rules = rules};
  cut(&parts);
  parts.counts = sy_alloc_zero(parts.n, sizeof *parts.counts);
  parts.statuses = sy_alloc_zero(parts.n, sizeof *parts.statuses);
  bool room = parts.counts && parts.statuses;
  sy_status status = room ? SY_OK : sy_fail_memory(error);
  if (room) {
    sy_parallel_blocks(parts.n, count_part, &parts);
    status = check_parts(&parts, error);
  }
  for (size_t p = 0; p < parts.n && status == SY_OK; p++)
    if (!take(block, &parts.counts[p])) status = sy_fail_memory(error);
  for (size_t p = 0; parts.counts && p < parts.n; p++) clear_counts(&parts.counts[p]);
  free(parts.counts);
  free(parts.statuses);
  return status;
}

/* --- blocks and counters together --- */

static sy_status check_width(const sy_counter *counter, size_t width, sy_error *error) {
  const sy_hot_state *state = counter->state;
  const char *axis = counter->kind == SY_LABEL_MULTI_HOT ? "label" : "class";
  if (width == 0)
    return sy_fail(error, SY_INVALID_SHAPE, "the %s axis (the last one) has no entries", axis);
  if (state->width == 0 || state->width == width) return sy_labels_check_classes(width, error);
  return sy_fail(error, SY_INVALID_SHAPE, "the %s axis (the last one) has %zu entries, but %zu %s",
                 axis, width, state->width,
                 counter->options.n_classes > 0 ? "are declared" : "in the blocks before");
}

/* How rows of a block are looked at; the options were found to fit its type. */
static sy_status make_rules(const sy_counter *counter, const sy_positions *positions,
                            sy_hot_rules *rules, sy_error *error) {
  const sy_hot_state *state = counter->state;
  sy_dtype dtype = positions->labels->values.dtype;
  *rules = (sy_hot_rules){.positions = positions,
                          .rows_before = counter->rows,
                          .multi = counter->kind == SY_LABEL_MULTI_HOT};
  if (!state->ignored.any) return SY_OK;
  if (!sy_dtype_is_integer(dtype))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a value to ignore goes with integers, these labels are %s: cast them to int8, "
                   "or take whole rows out with a mask",
                   sy_dtype_name(dtype));
  rules->ignores = sy_id_fits(&state->ignored, dtype);
  rules->ignored =
      state->ignored.negative ? (double)(int64_t)state->ignored.id : (double)state->ignored.id;
  if (rules->ignores && (rules->ignored == 0 || rules->ignored == 1))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the value to ignore is %s, which says whether a row has the label",
                   counter->options.ignore);
  return SY_OK;
}

sy_status sy_hot_add(sy_counter *counter, const sy_positions *positions, sy_error *error) {
  sy_hot_state *state = counter->state;
  sy_hot_rules rules;
  sy_status status = check_width(counter, positions->width, error);
  if (status == SY_OK) status = make_rules(counter, positions, &rules, error);
  if (status != SY_OK) return status;
  sy_hot_counts block = {0};
  status = count_block(&rules, &block, error);
  if (status == SY_OK && !take(&state->counts, &block)) status = sy_fail_memory(error);
  if (status == SY_OK) {
    state->width = positions->width;
    counter->ignored += block.ignored;
  }
  clear_counts(&block);
  return status;
}

sy_status sy_hot_merge(sy_counter *into, const sy_counter *from, sy_error *error) {
  sy_hot_state *state = into->state;
  const sy_hot_state *other = from->state;
  if (other->width == 0) return SY_OK;
  sy_status status = check_width(into, other->width, error);
  if (status != SY_OK) return status;
  if (!take(&state->counts, &other->counts)) return sy_fail_memory(error);
  state->width = other->width;
  return SY_OK;
}

sy_status sy_hot_names(const sy_counter *counter, sy_dictionary *names, sy_error *error) {
  const sy_hot_state *state = counter->state;
  return sy_names_declare(counter->options.classes, state->width, names, error);
}

sy_status sy_positions_hot(const sy_counter *counter, const sy_positions *positions, size_t first,
                           size_t n, const uint8_t *counts, double *rows, sy_error *error) {
  sy_hot_rules rules;
  sy_status status = check_width(counter, positions->width, error);
  if (status == SY_OK) status = make_rules(counter, positions, &rules, error);
  if (status != SY_OK) return status;
  rules.rows_before = 0;
  size_t width = positions->width;
  sy_array_block_f64(&positions->labels->values, first * width, n * width, rows);
  for (size_t i = 0; i < n; i++) {
    double *row = rows + i * width;
    bool masked = counts && !counts[i];
    if (!masked) status = sy_hot_check(&rules, first + i, row, error);
    if (status != SY_OK) return status;
    for (size_t k = 0; k < width; k++) {
      if (masked) row[k] = 0;
      if (!masked && rules.ignores && row[k] == rules.ignored) row[k] = NAN;
    }
  }
  return SY_OK;
}
