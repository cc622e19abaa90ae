/* text_counts.c: blocks of positions on threads, each with its own table of distinct texts. So few
 * blocks are under way at a time that labels which are all distinct need no memory for all of
 * them. */
#include "labels/text_counts.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

enum { TILE = 2048, BLOCK = 4 * TILE };

/* Blocks under way; sums of row weights take the memory of thousands of counts. */
enum { WAVE = 128, WEIGHTED_WAVE = 32 };

typedef struct text_block {
  sy_distinct distinct;
  sy_counts *counts;
  uint64_t masked;
  sy_status status;
  sy_error error;
} text_block;

typedef struct wave {
  const sy_positions *positions;
  uint64_t rows_before;
  const sy_text_use *use;
  void *state;
  size_t first; /* position its first block begins with */
  size_t n_blocks;
  text_block *blocks; /* (n_blocks) */
} wave;

/* Some of the positions of a block. */
typedef struct tile {
  size_t first, n;
  uint8_t counts[TILE];
  uint32_t places[TILE];
  double weights[TILE];
} tile;

static void count_ones(text_block *block, const tile *t) {
  class_rows *rows = block->counts->rows;
  for (size_t i = 0; i < t->n; i++) rows[t->places[i]].ones++;
}

static void count_unmasked(text_block *block, const tile *t) {
  class_rows *rows = block->counts->rows;
  for (size_t i = 0; i < t->n; i++)
    if (t->places[i] == SY_MISSING)
      block->masked++;
    else
      rows[t->places[i]].ones++;
}

/* Nobody looks at the weight of a position that is taken out. */
static sy_status take_out(const wave *run, const sy_distinct *distinct, tile *t, sy_error *error) {
  bool *ignored = sy_alloc(distinct->n, sizeof *ignored);
  if (!ignored) return sy_fail_memory(error);
  for (size_t d = 0; d < distinct->n; d++)
    ignored[d] = run->use->ignores(run->state, distinct->texts[d].bytes, distinct->texts[d].length);
  for (size_t i = 0; i < t->n; i++)
    t->counts[i] = t->places[i] != SY_MISSING && !ignored[t->places[i]];
  free(ignored);
  return SY_OK;
}

static sy_status count_weighted(const wave *run, tile *t, text_block *block) {
  sy_status status = take_out(run, &block->distinct, t, &block->error);
  if (status == SY_OK)
    status = sy_positions_weights(run->positions, t->first, t->n, run->rows_before, t->counts,
                                  t->weights, &block->error);
  if (status != SY_OK) return status;
  if (!sy_counts_need_sums(block->counts)) return sy_fail_memory(&block->error);
  for (size_t i = 0; i < t->n; i++)
    if (t->places[i] == SY_MISSING)
      block->masked++;
    else
      sy_counts_add_row(block->counts, t->places[i], t->weights[i]);
  return SY_OK;
}

/* Room in the counts for all distinct texts so far. */
static bool make_room(text_block *block) {
  size_t n = block->distinct.n, room = block->counts->n_classes;
  return n <= room || sy_counts_grow(block->counts, n > 2 * room ? n : 2 * room);
}

static sy_status count_tile(const wave *run, tile *t, text_block *block) {
  const sy_positions *positions = run->positions;
  bool masks = positions->mask.data;
  if (masks) sy_positions_mask(positions, t->first, t->n, t->counts);
  sy_status status =
      sy_distinct_add(&block->distinct, positions, t->first, t->n, masks ? t->counts : NULL,
                      run->rows_before, t->places, &block->error);
  if (status == SY_OK && !make_room(block)) status = sy_fail_memory(&block->error);
  if (status != SY_OK) return status;
  if (positions->row_weights.data) return count_weighted(run, t, block);
  if (masks)
    count_unmasked(block, t);
  else
    count_ones(block, t);
  return SY_OK;
}

static sy_status count_block(const wave *run, size_t first, size_t n, text_block *block) {
  tile t;
  sy_status status = SY_OK;
  block->counts = sy_counts_new(0);
  if (!block->counts) return sy_fail_memory(&block->error);
  for (size_t done = 0; done < n && status == SY_OK; done += TILE) {
    t.first = first + done;
    t.n = n - done < TILE ? n - done : TILE;
    status = count_tile(run, &t, block);
  }
  if (status != SY_OK || run->positions->row_weights.data) return status;
  class_rows *rows = block->counts->rows;
  for (size_t d = 0; d < block->distinct.n; d++) rows[d].rows = rows[d].ones;
  return SY_OK;
}

static void run_block(void *context, size_t b) {
  wave *run = context;
  size_t first = run->first + b * BLOCK, left = run->positions->n - first;
  run->blocks[b].status = count_block(run, first, left < BLOCK ? left : BLOCK, &run->blocks[b]);
}

static void clear_blocks(wave *run) {
  for (size_t b = 0; b < run->n_blocks; b++) {
    sy_distinct_clear(&run->blocks[b].distinct);
    sy_counts_free(run->blocks[b].counts);
    run->blocks[b] = (text_block){0};
  }
}

static sy_status use_block(const wave *run, const text_block *block, sy_error *error) {
  if (block->status != SY_OK) return sy_fail(error, block->status, "%s", block->error.text);
  sy_status status = SY_OK;
  for (size_t t = 0; t < block->distinct.n && status == SY_OK; t++)
    status = run->use->take(run->state, &block->distinct.texts[t], block->counts, t, error);
  return status;
}

static sy_status run_wave(wave *run, uint64_t *masked, sy_error *error) {
  sy_status status = SY_OK;
  sy_parallel_blocks(run->n_blocks, run_block, run);
  for (size_t b = 0; b < run->n_blocks && status == SY_OK; b++) {
    status = use_block(run, &run->blocks[b], error);
    *masked += run->blocks[b].masked;
  }
  clear_blocks(run);
  return status;
}

sy_status sy_text_counts(const sy_positions *positions, uint64_t rows_before,
                         const sy_text_use *use, void *state, uint64_t *masked, sy_error *error) {
  *masked = 0;
  wave run = {.positions = positions, .rows_before = rows_before, .use = use, .state = state};
  size_t left = positions->n / BLOCK + (positions->n % BLOCK > 0);
  size_t most = positions->row_weights.data ? WEIGHTED_WAVE : WAVE;
  run.blocks = sy_alloc_zero(left < most ? left : most, sizeof *run.blocks);
  sy_status status = run.blocks ? SY_OK : sy_fail_memory(error);
  for (; left > 0 && status == SY_OK; left -= run.n_blocks) {
    run.n_blocks = left < most ? left : most;
    status = run_wave(&run, masked, error);
    run.first += run.n_blocks * BLOCK;
  }
  free(run.blocks);
  return status;
}
