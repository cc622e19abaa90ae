/* duplicates.c: a row of weight k is k copies of it, so copies can be one row again: tables of
 * categories, logs and counts are full of them (kddcup99: 494,021 rows, 145,586 distinct), and
 * every pass over the rows is that much shorter. A hash table of the rows seen, in their order. */
#include "fit/logistic/duplicates.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <string.h>

/* Rows that the sample takes, evenly spread, and the share of copies in it that is worth more. */
enum { SAMPLE = 4096 };
static const double worth = 0.1;

static const unsigned char *row_bytes(const sy_problem *problem, size_t i, size_t *length) {
  size_t element = problem->rows.dtype == SY_F32 ? sizeof(float) : sizeof(double);
  *length = problem->rows.columns * element;
  return (const unsigned char *)problem->rows.data +
         sy_problem_place(problem, i) * problem->rows.stride * element;
}

/* Multiply and fold, four bytes at a time: both element types are a multiple of them. */
static uint64_t hash_row(const sy_problem *problem, size_t i) {
  size_t length;
  const unsigned char *bytes = row_bytes(problem, i, &length);
  uint64_t hash = 0x9e3779b97f4a7c15u + (uint64_t)problem->targets[i];
  for (size_t at = 0; at < length; at += sizeof(uint32_t)) {
    uint32_t word;
    memcpy(&word, bytes + at, sizeof word);
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash;
}

static bool equal_rows(const sy_problem *problem, size_t i, size_t j) {
  size_t length;
  const unsigned char *first = row_bytes(problem, i, &length);
  return problem->targets[i] == problem->targets[j] &&
         memcmp(first, row_bytes(problem, j, &length), length) == 0;
}

/* Rows by hash, open addressing; places hold the row + 1, 0 = empty. */
typedef struct row_table {
  size_t *places;
  size_t mask;
} row_table;

static bool make_table(size_t n, row_table *table) {
  size_t capacity = 16;
  while (capacity < 2 * n) capacity *= 2;
  *table = (row_table){sy_alloc_zero(capacity, sizeof(size_t)), capacity - 1};
  return table->places != NULL;
}

/* The row equal to row i that came first, i itself where none did. */
static size_t first_equal(const sy_problem *problem, const row_table *table, const uint64_t *hashes,
                          size_t i, uint64_t hash) {
  size_t at = (size_t)hash & table->mask;
  for (; table->places[at]; at = (at + 1) & table->mask) {
    size_t seen = table->places[at] - 1;
    if ((!hashes || hashes[seen] == hash) && equal_rows(problem, i, seen)) return seen;
  }
  table->places[at] = i + 1;
  return i;
}

static sy_status is_worth_it(const sy_problem *problem, bool *worth_it, sy_error *error) {
  size_t n = problem->n < SAMPLE ? problem->n : SAMPLE, copies = 0;
  row_table table;
  if (!make_table(n, &table)) return sy_fail_memory(error);
  for (size_t s = 0; s < n; s++) {
    size_t i = sy_problem_slot_start(problem, s, n);
    copies += first_equal(problem, &table, NULL, i, hash_row(problem, i)) != i;
  }
  free(table.places);
  *worth_it = (double)copies > worth * (double)n;
  return SY_OK;
}

typedef struct hash_context {
  const sy_problem *problem;
  uint64_t *hashes;
  size_t slots;
} hash_context;

static void hash_slot(void *opaque, size_t slot) {
  const hash_context *context = opaque;
  size_t end = sy_problem_slot_start(context->problem, slot + 1, context->slots);
  for (size_t i = sy_problem_slot_start(context->problem, slot, context->slots); i < end; i++)
    context->hashes[i] = hash_row(context->problem, i);
}

/* Leaves the sum of the weights at the first row of each kind and 0 at its copies. */
static void gather_weights(sy_problem *problem, const row_table *table, const uint64_t *hashes) {
  for (size_t i = 0; i < problem->n; i++) {
    size_t first = first_equal(problem, table, hashes, i, hashes[i]);
    if (first == i) continue;
    problem->weights[first] += problem->weights[i];
    problem->weights[i] = 0;
  }
}

static void drop_copies(sy_problem *problem, size_t *index) {
  size_t kept = 0;
  for (size_t i = 0; i < problem->n; i++) {
    if (!(problem->weights[i] > 0)) continue;
    index[kept] = sy_problem_place(problem, i);
    problem->weights[kept] = problem->weights[i];
    problem->targets[kept++] = problem->targets[i];
  }
  free(problem->index);
  problem->index = index;
  problem->n = kept;
}

sy_status sy_problem_merge(sy_problem *problem, sy_error *error) {
  bool worth_it = false;
  sy_status status = is_worth_it(problem, &worth_it, error);
  if (status != SY_OK || !worth_it) return status;
  row_table table;
  bool made = make_table(problem->n, &table);
  hash_context context = {problem, sy_alloc(problem->n, sizeof(uint64_t)),
                          sy_problem_slots(problem, 64)};
  size_t *index = sy_alloc(problem->n, sizeof *index);
  if (made && context.hashes && index) {
    sy_parallel_blocks(context.slots, hash_slot, &context);
    gather_weights(problem, &table, context.hashes);
    drop_copies(problem, index);
  } else {
    free(index);
    status = sy_fail_memory(error);
  }
  free(table.places);
  free(context.hashes);
  return status;
}
