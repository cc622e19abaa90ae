/* order.c: a radix sort on the bits of doubles, greatest digit first: linear in the rows, and
 * stable. Digits cut the range of the keys at hand, not all 64 bits, so that scores of like size
 * spread over all parts; after a cut or two the parts fit in the cache. The first cut of many rows
 * runs on all threads, in blocks given by the number of rows, then the parts do. */
#include "evaluate/order.h"

#include "base/memory.h"
#include "base/parallel.h"

#include <stdbool.h>
#include <string.h>

/* Parts a cut makes: 2^11 counts and places fit in the first-level cache beside what is moved.
 * Fewer for few rows, whom clearing the counts would cost more than sorting. Up to INSERT rows
 * insertion is fastest (measured, as is MANY, from where threads pay). */
enum { CUT_BITS = 11, FEW_BITS = 8, FEW = 4096, INSERT = 40, N_PARTS = 1 << CUT_BITS };
enum { MANY = 1 << 16, MOST_BLOCKS = 64 };

typedef struct range {
  uint64_t least, greatest;
} range;

static range range_of(const sy_ranked *rows, size_t n) {
  range found = {rows[0].key, rows[0].key};
  for (size_t i = 1; i < n; i++) {
    uint64_t key = rows[i].key;
    found.least = key < found.least ? key : found.least;
    found.greatest = key > found.greatest ? key : found.greatest;
  }
  return found;
}

/* How a range is cut into parts of equal width. */
typedef struct cut {
  uint64_t least;
  int shift;
  size_t n_parts;
} cut;

static cut cut_range(range keys, int bits) {
  uint64_t width = keys.greatest - keys.least;
  cut made = {keys.least, 0, 0};
  while (width >> made.shift >> bits) made.shift++;
  made.n_parts = (size_t)(width >> made.shift) + 1;
  return made;
}

static size_t part_of(const cut *by, uint64_t key) {
  return (size_t)((key - by->least) >> by->shift);
}

static void count_parts(const cut *by, const sy_ranked *rows, size_t n, size_t *counts) {
  memset(counts, 0, by->n_parts * sizeof *counts);
  for (size_t i = 0; i < n; i++) counts[part_of(by, rows[i].key)]++;
}

static void distribute(const cut *by, const sy_ranked *from, size_t n, size_t *places,
                       sy_ranked *into) {
  for (size_t i = 0; i < n; i++) into[places[part_of(by, from[i].key)]++] = from[i];
}

static void insert(sy_ranked *rows, size_t n) {
  for (size_t i = 1; i < n; i++) {
    sy_ranked moving = rows[i];
    size_t j = i;
    for (; j > 0 && rows[j - 1].key > moving.key; j--) rows[j] = rows[j - 1];
    rows[j] = moving;
  }
}

/* Sorts rows into themselves, or where `there` into the spare. The ends of the parts remain in
 * `places` after distributing: each is the beginning of the next. */
static void sort_part(sy_ranked *rows, sy_ranked *spare, size_t n, bool there) {
  size_t places[N_PARTS];
  range keys = n > INSERT ? range_of(rows, n) : (range){0, 0};
  if (n <= INSERT) insert(rows, n);
  if (keys.least == keys.greatest) {
    if (there) memcpy(spare, rows, n * sizeof *rows);
    return;
  }
  cut by = cut_range(keys, n > FEW ? CUT_BITS : FEW_BITS);
  count_parts(&by, rows, n, places);
  for (size_t part = 0, start = 0; part < by.n_parts; part++) {
    size_t count = places[part];
    places[part] = start;
    start += count;
  }
  distribute(&by, rows, n, places, spare);
  for (size_t part = 0, start = 0; part < by.n_parts; start = places[part++])
    if (places[part] > start) sort_part(spare + start, rows + start, places[part] - start, !there);
}

/* The first cut of many rows: each block counts its parts and knows from the counts of all where
 * its rows go. */
typedef struct first_cut {
  sy_ranked *rows, *spare;
  size_t n, n_blocks;
  cut by;
  range *ranges;  /* (n_blocks) */
  size_t *places; /* (n_blocks, N_PARTS) */
  size_t *starts; /* (N_PARTS + 1) of the parts */
} first_cut;

static size_t block_begin(const first_cut *job, size_t block) {
  return job->n / job->n_blocks * block + job->n % job->n_blocks * block / job->n_blocks;
}

static size_t block_size(const first_cut *job, size_t block) {
  return block_begin(job, block + 1) - block_begin(job, block);
}

static void find_range(void *context, size_t block) {
  first_cut *job = context;
  job->ranges[block] = range_of(job->rows + block_begin(job, block), block_size(job, block));
}

static void count_block(void *context, size_t block) {
  first_cut *job = context;
  count_parts(&job->by, job->rows + block_begin(job, block), block_size(job, block),
              job->places + block * N_PARTS);
}

static void distribute_block(void *context, size_t block) {
  first_cut *job = context;
  distribute(&job->by, job->rows + block_begin(job, block), block_size(job, block),
             job->places + block * N_PARTS, job->spare);
}

static void sort_block(void *context, size_t part) {
  first_cut *job = context;
  size_t start = job->starts[part], n = job->starts[part + 1] - start;
  if (n > 0) sort_part(job->spare + start, job->rows + start, n, false);
}

static range join_ranges(const range *ranges, size_t n) {
  range all = ranges[0];
  for (size_t b = 1; b < n; b++) {
    if (ranges[b].least < all.least) all.least = ranges[b].least;
    if (ranges[b].greatest > all.greatest) all.greatest = ranges[b].greatest;
  }
  return all;
}

static void find_places(first_cut *job) {
  size_t start = 0;
  for (size_t part = 0; part < job->by.n_parts; part++) {
    job->starts[part] = start;
    for (size_t b = 0; b < job->n_blocks; b++) {
      size_t *place = job->places + b * N_PARTS + part, count = *place;
      *place = start;
      start += count;
    }
  }
  job->starts[job->by.n_parts] = start;
}

static sy_ranked *sort_many(first_cut *job) {
  sy_parallel_blocks(job->n_blocks, find_range, job);
  range keys = join_ranges(job->ranges, job->n_blocks);
  if (keys.least == keys.greatest) return job->rows;
  job->by = cut_range(keys, CUT_BITS);
  sy_parallel_blocks(job->n_blocks, count_block, job);
  find_places(job);
  sy_parallel_blocks(job->n_blocks, distribute_block, job);
  sy_parallel_blocks(job->by.n_parts, sort_block, job);
  return job->spare;
}

/* Without memory for the blocks' places the rows are sorted all the same, by one thread. */
sy_ranked *sy_order_sort(sy_ranked *rows, sy_ranked *spare, size_t n) {
  first_cut job = {.rows = rows, .spare = spare, .n = n, .n_blocks = n / (MANY / 4)};
  if (job.n_blocks > MOST_BLOCKS) job.n_blocks = MOST_BLOCKS;
  if (n >= MANY) {
    job.ranges = sy_alloc(job.n_blocks, sizeof *job.ranges);
    job.places = sy_alloc(job.n_blocks, N_PARTS * sizeof *job.places);
    job.starts = sy_alloc(N_PARTS + 1, sizeof *job.starts);
  }
  sy_ranked *sorted = rows;
  if (job.ranges && job.places && job.starts)
    sorted = sort_many(&job);
  else
    sort_part(rows, spare, n, false);
  free(job.ranges);
  free(job.places);
  free(job.starts);
  return sorted;
}
