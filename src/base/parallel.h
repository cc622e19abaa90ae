/* parallel.h: rows are cut into blocks by shape alone, never by threads; a block is computed
 * serially into its own slot; slots are combined in a fixed tree. So no result depends on the
 * number of threads. */
#ifndef SY_BASE_PARALLEL_H
#define SY_BASE_PARALLEL_H

#include <stddef.h>

typedef void (*sy_block_fn)(void *context, size_t block);

/* Calls fn(context, b) for b = 0..n_blocks-1, each once, on up to sy_threads_get() threads. Serial
 * in a child of fork(). */
void sy_parallel_blocks(size_t n_blocks, sy_block_fn fn, void *context);

/* Combines n_blocks slots of `width` doubles, slot b at slots + b * width, by pairwise sums in a
 * fixed tree; the total ends in slot 0, the others are used up. Zero blocks: nothing happens. */
void sy_tree_sum(double *slots, size_t n_blocks, size_t width);

/* Sum of n doubles to the same bits everywhere: blocks of 1024 serially, then the tree. */
double sy_sum(const double *values, size_t n);

#endif
