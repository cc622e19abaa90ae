/* parallel.c: blocks on threads, and sums whose order is fixed by shape. */
#define _POSIX_C_SOURCE 200809L

#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <steelyard/base.h>

#ifdef _OPENMP
#include <omp.h>
#endif

static atomic_int threads_wanted; /* 0 = all processors */

/* OpenMP's pool of threads does not survive fork() and hangs a child that enters a parallel region,
 * so a child computes serially. Registered when the library is loaded, not when it is first used:
 * the parent's pool may have been made by someone else. */
static atomic_bool forked;

static void note_fork(void) {
  atomic_store(&forked, true);
}

__attribute__((constructor)) static void watch_forks(void) {
  (void)pthread_atfork(NULL, NULL, note_fork);
}

void sy_threads_set(int threads) {
  atomic_store(&threads_wanted, threads > 0 ? threads : 0);
}

int sy_threads_get(void) {
#ifdef _OPENMP
  if (atomic_load(&forked)) return 1;
  int wanted = atomic_load(&threads_wanted);
  return wanted > 0 ? wanted : omp_get_num_procs();
#else
  return 1;
#endif
}

/* A block within a block (a fold that fits a model) stays on its thread. */
static bool runs_serially(size_t n_blocks) {
  if (n_blocks < 2 || sy_threads_get() < 2) return true;
#ifdef _OPENMP
  return omp_in_parallel();
#else
  return true;
#endif
}

void sy_parallel_blocks(size_t n_blocks, sy_block_fn fn, void *context) {
  if (runs_serially(n_blocks)) {
    for (size_t b = 0; b < n_blocks; b++) fn(context, b);
    return;
  }
#ifdef _OPENMP
  int threads = sy_threads_get();
  if ((size_t)threads > n_blocks) threads = (int)n_blocks;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
  for (size_t b = 0; b < n_blocks; b++) fn(context, b);
#endif
}

void sy_tree_sum(double *slots, size_t n_blocks, size_t width) {
  for (size_t step = 1; step < n_blocks; step *= 2)
    for (size_t b = 0; b + step < n_blocks; b += 2 * step) {
      double *left = slots + b * width;
      const double *right = slots + (b + step) * width;
      for (size_t j = 0; j < width; j++) left[j] += right[j];
    }
}

enum { SUM_BLOCK = 1024 };

/* The tree of sy_tree_sum without its slots: the left branch holds the largest power of two of
 * blocks below all of them. */
double sy_sum(const double *values, size_t n) {
  if (n <= SUM_BLOCK) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    return sum;
  }
  size_t left = SUM_BLOCK;
  while (n - left > left) left *= 2;
  double sum = sy_sum(values, left);
  return sum + sy_sum(values + left, n - left);
}
