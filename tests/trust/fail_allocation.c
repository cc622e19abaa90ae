/* fail_allocation.c: a preloaded library that makes one allocation of a program fail.
 *
 *   TRUST_OBJECTS  beginnings of names, apart by commas, of the objects whose calls count: others
 *                  pass uncounted; what is loaded later (dlopen) counts from then on
 *   TRUST_NTH      which of the calls fails, 1 = the first; 0 = none
 *   TRUST_COUNT    a file to which the number of calls counted is written when the program ends
 *   TRUST_EVERY    and each such call after it: at each the program forks (fork_at_call.h), the
 * call fails in the child, and the parent waits for its end and goes on TRUST_RUNS     the folder
 * for what the children leave */
#define _GNU_SOURCE

#include "fork_at_call.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_RANGES = 64, EARLY_BYTES = 1 << 16 };

static struct { uintptr_t begin, end; } ranges[MOST_RANGES];
static size_t n_ranges;
static atomic_size_t counted;
static size_t failing, every;

/* C++'s operator new is the standard library's, whoever calls it: where the caller counts, the call
 * of malloc behind it fails in its place. */
/* initial-exec: asking for its address must not call anything, which the sanitizer would see before
 * it is ready. */
static _Thread_local bool fails_next __attribute__((tls_model("initial-exec")));

static void *(*next_new)(size_t), *(*next_new_array)(size_t);
static void *(*next_dlopen)(const char *, int);
static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);
static void (*next_free)(void *);

/* dlsym itself allocates, before there is anything to call. */
static _Alignas(16) unsigned char early[EARLY_BYTES];
static size_t early_used;

static void *take_early(size_t size) {
  void *block = early + early_used;
  early_used += (size + 15) / 16 * 16;
  return early_used <= EARLY_BYTES ? block : NULL;
}

static bool is_early(const void *block) {
  return (const unsigned char *)block >= early &&
         (const unsigned char *)block < early + EARLY_BYTES;
}

static bool is_listed(const char *path) {
  const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
  const char *list = getenv("TRUST_OBJECTS");
  while (list && *list) {
    size_t length = strcspn(list, ",");
    if (length > 0 && strncmp(name, list, length) == 0) return true;
    list += length + (list[length] == ',');
  }
  return false;
}

static int take_object(struct dl_phdr_info *object, size_t size, void *context) {
  (void)size;
  (void)context;
  char program[4096] = "";
  const char *path = object->dlpi_name;
  if (!*path && readlink("/proc/self/exe", program, sizeof program - 1) > 0) path = program;
  if (!is_listed(path)) return 0;
  for (size_t i = 0; i < object->dlpi_phnum && n_ranges < MOST_RANGES; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
    ranges[n_ranges].begin = object->dlpi_addr + part->p_vaddr;
    ranges[n_ranges++].end = object->dlpi_addr + part->p_vaddr + part->p_memsz;
  }
  return 0;
}

static void find_next(void) {
  static bool begun;
  if (begun) return;
  begun = true;
  *(void **)&next_calloc = dlsym(RTLD_NEXT, "calloc");
  *(void **)&next_realloc = dlsym(RTLD_NEXT, "realloc");
  *(void **)&next_free = dlsym(RTLD_NEXT, "free");
  *(void **)&next_dlopen = dlsym(RTLD_NEXT, "dlopen");
  *(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");
}

static size_t number_of(const char *variable) {
  const char *text = getenv(variable);
  return text ? strtoull(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void) {
  find_next();
  failing = number_of("TRUST_NTH");
  every = number_of("TRUST_EVERY");
  dl_iterate_phdr(take_object, NULL);
}

__attribute__((destructor)) static void end(void) {
  const char *path = getenv("TRUST_COUNT");
  int file = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
  if (file >= 0) dprintf(file, "%zu\n", atomic_load(&counted));
  if (file >= 0) close(file);
}

/* Whether this call fails in this process. */
static bool fails(size_t nth) {
  if (nth != failing) return false;
  if (every == 0) return true;
  failing += every;
  if (!fork_at_call(nth, getenv("TRUST_RUNS"))) return false;
  failing = 0;
  unsetenv("TRUST_COUNT");
  return true;
}

static bool refused(const void *caller) {
  uintptr_t place = (uintptr_t)caller;
  for (size_t i = 0; i < n_ranges; i++)
    if (place >= ranges[i].begin && place < ranges[i].end)
      return fails(atomic_fetch_add(&counted, 1) + 1);
  return false;
}

void *malloc(size_t size) {
  find_next();
  if (!next_malloc) return take_early(size);
  if (fails_next) {
    fails_next = false;
    return NULL;
  }
  return refused(__builtin_return_address(0)) ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size) {
  find_next();
  if (!next_calloc) return take_early(count * size);
  return refused(__builtin_return_address(0)) ? NULL : next_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  find_next();
  return refused(__builtin_return_address(0)) ? NULL : next_realloc(block, size);
}

void free(void *block) {
  if (block && !is_early(block)) next_free(block);
}

/* They throw through these frames. The standard library comes with DuckDB or XGBoost, perhaps after
 * this. */
void *_Znwm(size_t size) {
  if (!next_new) *(void **)&next_new = dlsym(RTLD_NEXT, "_Znwm");
  fails_next = refused(__builtin_return_address(0));
  return next_new(size);
}

void *_Znam(size_t size) {
  if (!next_new_array) *(void **)&next_new_array = dlsym(RTLD_NEXT, "_Znam");
  fails_next = refused(__builtin_return_address(0));
  return next_new_array(size);
}

void *dlopen(const char *path, int mode) {
  find_next();
  void *handle = next_dlopen(path, mode);
  n_ranges = 0;
  dl_iterate_phdr(take_object, NULL);
  return handle;
}
