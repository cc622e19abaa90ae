/* blas_room.c: OpenBLAS maps a buffer for each thread that is in it and keeps it; where none can be
 * had it tries again without end. Where address space is limited (ulimit -v) buffers for all
 * threads are therefore asked of it while it is known that they fit. */
#define _GNU_SOURCE /* RTLD_DEFAULT, MAP_ANONYMOUS */
#include "fit/logistic/blas_room.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <dlfcn.h>
#include <omp.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* BUFFER_SIZE of OpenBLAS's common_x86_64.h and common_arm64.h, and what aligns it. */
enum { BUFFER = (1 << 27) + (1 << 16) };

/* OpenBLAS's own names; other libraries have none, and need nothing of this. */
typedef struct buffers {
  void *(*take)(int place);
  void (*give)(void *buffer);
} buffers;

static bool find(buffers *of) {
  void *take = dlsym(RTLD_DEFAULT, "blas_memory_alloc");
  void *give = dlsym(RTLD_DEFAULT, "blas_memory_free");
  memcpy(&of->take, &take, sizeof take);
  memcpy(&of->give, &give, sizeof give);
  return take && give;
}

static bool is_limited(void) {
  struct rlimit limit;
  return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

static bool is_there(size_t bytes) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void *space = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  return space != MAP_FAILED && munmap(space, bytes) == 0;
}

/* All at once, so that each is another. */
static sy_status take_all(const buffers *of, size_t n, sy_error *error) {
  void **held = sy_alloc(n, sizeof *held);
  if (!held) return sy_fail_memory(error);
  for (size_t i = 0; i < n; i++) held[i] = of->take(0);
  for (size_t i = 0; i < n; i++) of->give(held[i]);
  free(held);
  return SY_OK;
}

/* `had` are there from before, and are given again first. */
static sy_status make_room(size_t n, size_t had, sy_error *error) {
  buffers of;
  if (!is_limited() || !find(&of)) return SY_OK;
  if (is_there((n - had) * BUFFER)) return take_all(&of, n, error);
  return sy_fail(error, SY_OUT_OF_MEMORY,
                 "out of memory: BLAS takes %zu MB of address space, 128 a thread, and the limit "
                 "(ulimit -v) leaves less: raise it%s",
                 128 * n, n > 1 ? ", or --threads 1" : "");
}

sy_status sy_blas_room(sy_error *error) {
  static pthread_mutex_t one_by_one = PTHREAD_MUTEX_INITIALIZER;
  static size_t had;
  size_t n = (size_t)(omp_in_parallel() ? omp_get_num_threads() : sy_threads_get());
  pthread_mutex_lock(&one_by_one);
  sy_status status = n > had ? make_room(n, had, error) : SY_OK;
  if (status == SY_OK && n > had) had = n;
  pthread_mutex_unlock(&one_by_one);
  return status;
}
