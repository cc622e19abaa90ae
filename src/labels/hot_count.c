/* hot_count.c: counting a run of rows along a class axis. Tiles of 0 and 1 whose rows weigh one are
 * counted as bytes, all others number by number. */
#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "labels/hot.h"

/* Numbers of a tile, which stay in a core's cache; a longer row is a tile of its own. */
enum { TILE = 8192, WORD = 8 };

typedef struct hot_run {
  const sy_hot_rules *rules;
  sy_hot_counts *counts;
  size_t width, tile_rows;
  double *values;    /* (tile_rows, width): numbers of any type, or as float64 */
  uint8_t *bytes;    /* (tile_rows * width + WORD) */
  uint8_t *counted;  /* (tile_rows) */
  double *weights;   /* (tile_rows) */
  uint64_t *ones;    /* (width) of rows counted as bytes */
  uint64_t *partial; /* (width / WORD + 1) */
  uint64_t rows;     /* these rows */
} hot_run;

static bool begin_run(hot_run *run) {
  const sy_hot_rules *rules = run->rules;
  run->width = rules->positions->width;
  run->tile_rows = run->width < TILE ? TILE / run->width : 1;
  size_t numbers = run->tile_rows * run->width;
  run->values = sy_alloc(numbers, sizeof *run->values);
  run->bytes = sy_alloc_zero(numbers + WORD, sizeof *run->bytes);
  run->counted = sy_alloc(run->tile_rows, sizeof *run->counted);
  run->weights = sy_alloc(run->tile_rows, sizeof *run->weights);
  run->ones = sy_alloc_zero(run->width, sizeof *run->ones);
  run->partial = sy_alloc(run->width / WORD + 1, sizeof *run->partial);
  if (!run->counts->counts)
    run->counts->counts = sy_counts_new(rules->multi ? 2 * run->width : run->width);
  return run->values && run->bytes && run->counted && run->weights && run->ones && run->partial &&
         run->counts->counts;
}

static void end_run(hot_run *run) {
  free(run->values);
  free(run->bytes);
  free(run->counted);
  free(run->weights);
  free(run->ones);
  free(run->partial);
}

/* False where the tile is more than 0 and 1; then nothing is counted. */
static bool count_bytes(hot_run *run, size_t first, size_t n) {
  const sy_array *values = &run->rules->positions->labels->values;
  size_t numbers = n * run->width;
  const void *block = sy_array_block(values, first * run->width, numbers, run->values);
  const uint8_t *bytes = sy_hot_bytes(block, values->dtype, numbers, run->width, run->bytes);
  if (!bytes) return false;
  bool single = sy_hot_add_columns(bytes, n, run->width, run->partial, run->ones);
  run->rows += n;
  return single || run->rules->multi; /* else the run will fail, whatever it has counted */
}

static void take_bytes(hot_run *run) {
  for (size_t k = 0; k < run->width; k++) {
    if (run->rules->multi) {
      sy_counts_add_ones(run->counts->counts, 2 * k, run->rows - run->ones[k]);
      sy_counts_add_ones(run->counts->counts, 2 * k + 1, run->ones[k]);
    } else {
      sy_counts_add_ones(run->counts->counts, k, run->ones[k]);
    }
  }
}

/* --- number by number --- */

static bool add_cells(hot_run *run, const double *row, double weight) {
  sy_counts *counts = run->counts->counts;
  if (weight != 1 && !sy_counts_need_sums(counts)) return false;
  for (size_t l = 0; l < run->width; l++) {
    if (run->rules->ignores && row[l] == run->rules->ignored)
      run->counts->ignored++;
    else
      sy_counts_add_row(counts, 2 * l + (row[l] == 1), weight);
  }
  return true;
}

static bool add_parts(hot_run *run, const double *row, double weight) {
  sy_counts *counts = run->counts->counts;
  for (size_t k = 0; k < run->width; k++) {
    if (row[k] == 0) continue;
    if ((row[k] != 1 || weight != 1) && !sy_counts_need_sums(counts)) return false;
    sy_counts_add_part(counts, k, row[k], weight);
  }
  return true;
}

static sy_status count_row(hot_run *run, size_t position, const double *row, double weight,
                           sy_error *error) {
  sy_status status = sy_hot_check(run->rules, position, row, error);
  if (status != SY_OK) return status;
  bool added = run->rules->multi ? add_cells(run, row, weight) : add_parts(run, row, weight);
  return added ? SY_OK : sy_fail_memory(error);
}

static sy_status count_numbers(hot_run *run, size_t first, size_t n, sy_error *error) {
  const sy_positions *positions = run->rules->positions;
  sy_positions_mask(positions, first, n, run->counted);
  sy_status status = sy_positions_weights(positions, first, n, run->rules->rows_before,
                                          run->counted, run->weights, error);
  if (status != SY_OK) return status;
  sy_array_block_f64(&positions->labels->values, first * run->width, n * run->width, run->values);
  for (size_t i = 0; i < n && status == SY_OK; i++) {
    if (run->counted[i])
      status = count_row(run, first + i, run->values + i * run->width, run->weights[i], error);
    else
      run->counts->ignored += run->rules->multi ? run->width : 1;
  }
  return status;
}

sy_status sy_hot_count(const sy_hot_rules *rules, size_t first, size_t n, sy_hot_counts *counts,
                       sy_error *error) {
  hot_run run = {.rules = rules, .counts = counts};
  sy_status status = begin_run(&run) ? SY_OK : sy_fail_memory(error);
  bool plain = sy_positions_plain(rules->positions);
  for (size_t done = 0; done < n && status == SY_OK; done += run.tile_rows) {
    size_t count = n - done < run.tile_rows ? n - done : run.tile_rows;
    if (plain && count_bytes(&run, first + done, count)) continue;
    status = count_numbers(&run, first + done, count, error);
  }
  if (status == SY_OK) take_bytes(&run);
  end_run(&run);
  return status;
}
