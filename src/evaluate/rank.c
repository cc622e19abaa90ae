/* rank.c: rows with their scores as keys. */
#include "evaluate/rank.h"

#include "base/parallel.h"

#include <stdatomic.h>

enum { MOST_BLOCKS = 64, BLOCK = 1 << 14 };

/* A block counts its rows, and knows from the counts before it where they go. */
typedef struct rank_job {
  const sy_rows *rows;
  const double *scores;
  size_t stride;
  int32_t class_id;
  sy_rank_load load;
  sy_ranked *ranked;
  size_t n_blocks;
  size_t places[MOST_BLOCKS]; /* first counts, then where the rows of each block begin */
  atomic_bool unfit;
} rank_job;

static size_t block_begin(const rank_job *job, size_t block) {
  size_t n = job->rows->n;
  return n / job->n_blocks * block + n % job->n_blocks * block / job->n_blocks;
}

static void count_block(void *context, size_t block) {
  rank_job *job = context;
  size_t end = block_begin(job, block + 1), count = 0;
  for (size_t i = block_begin(job, block); i < end; i++) count += sy_rows_weight(job->rows, i) > 0;
  job->places[block] = count;
}

static void fill_block(void *context, size_t block) {
  const rank_job *job = context;
  size_t end = block_begin(job, block + 1);
  sy_ranked *into = job->ranked + job->places[block];
  for (size_t i = block_begin(job, block); i < end; i++) {
    double weight = sy_rows_weight(job->rows, i);
    if (!(weight > 0)) continue;
    bool hit = job->rows->ids[i] == job->class_id;
    into->key = sy_order_key(job->scores[i * job->stride]);
    if (job->load == SY_RANK_WEIGHT)
      into->signed_weight = hit ? weight : -weight;
    else
      into->row = i | (hit ? sy_ranked_hit : 0);
    into++;
  }
}

static void fill_pairs(void *context, size_t block) {
  rank_job *job = context;
  size_t end = block_begin(job, block + 1);
  sy_ranked *into = job->ranked + job->places[block];
  bool unfit = false;
  for (size_t i = block_begin(job, block); i < end; i++) {
    if (!(sy_rows_weight(job->rows, i) > 0)) continue;
    uint64_t other = sy_order_key(job->scores[2 * i]), key = sy_order_key(job->scores[2 * i + 1]);
    unfit |= other < sy_key_of_zero || key < sy_key_of_zero;
    *into++ = (sy_ranked){.packed = (key - sy_key_of_zero) << 1 | (job->rows->ids[i] == 1),
                          .other = other};
  }
  if (unfit) atomic_store(&job->unfit, true);
}

static size_t run(rank_job *job, sy_block_fn fill) {
  job->n_blocks = job->rows->n / BLOCK + 1;
  if (job->n_blocks > MOST_BLOCKS) job->n_blocks = MOST_BLOCKS;
  sy_parallel_blocks(job->n_blocks, count_block, job);
  size_t n = 0;
  for (size_t b = 0; b < job->n_blocks; b++) {
    size_t count = job->places[b];
    job->places[b] = n;
    n += count;
  }
  sy_parallel_blocks(job->n_blocks, fill, job);
  return n;
}

size_t sy_rank(const sy_rows *rows, const double *scores, size_t stride, int32_t class_id,
               sy_rank_load load, sy_ranked *ranked) {
  rank_job job = {rows, scores, stride, class_id, load, ranked, 0, {0}, false};
  return run(&job, fill_block);
}

bool sy_rank_pairs(const sy_rows *rows, const double *log_probabilities, sy_ranked *ranked,
                   size_t *n_ranked) {
  rank_job job = {rows, log_probabilities, 2, 1, SY_RANK_ROW, ranked, 0, {0}, false};
  *n_ranked = run(&job, fill_pairs);
  return !atomic_load(&job.unfit);
}
