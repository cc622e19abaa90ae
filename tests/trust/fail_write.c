/* fail_write.c: a preloaded library that makes one call that writes a file go wrong.
 *
 *   TRUST_FOLDER   calls count that concern a file below this folder (an absolute path)
 *   TRUST_NTH      which of them goes wrong, 1 = the first; 0 = none
 *   TRUST_HOW      a number of errno; or 0: a write takes half of what it is given
 *   TRUST_COUNT    a file to which the names of the calls counted are written, one a line
 *
 * Calls inside the C library itself (those of FILE) cannot be seen from here. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_size_t counted;

static bool is_below(const char *path) {
  const char *folder = getenv("TRUST_FOLDER");
  size_t length = folder ? strlen(folder) : 0;
  char full[4096];
  if (*path != '/') {
    if (!getcwd(full, sizeof full - strlen(path) - 2)) return false;
    strcat(strcat(full, "/"), path);
    path = full;
  }
  return length && strncmp(path, folder, length) == 0 && path[length] == '/';
}

static bool is_ours(int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0 || (fcntl(file, F_GETFL) & O_ACCMODE) == O_RDONLY) return false;
  path[length] = 0;
  return is_below(path);
}

static void note(const char *name) {
  const char *path = getenv("TRUST_COUNT");
  int file = path ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0666) : -1;
  if (file < 0) return;
  dprintf(file, "%s\n", name);
  syscall(SYS_close, file); /* close would be counted */
}

/* Whether this call is the one; *reason is what errno it has, 0 = half. */
static bool strikes(const char *name, int *reason) {
  const char *nth = getenv("TRUST_NTH"), *how = getenv("TRUST_HOW");
  note(name);
  *reason = how ? atoi(how) : EIO;
  return nth && atomic_fetch_add(&counted, 1) + 1 == strtoull(nth, NULL, 10);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *bytes, size_t size) {
  int reason;
  if (!is_ours(file) || !strikes("write", &reason)) return NEXT(write)(file, bytes, size);
  if (!reason) return NEXT(write)(file, bytes, (size + 1) / 2);
  errno = reason;
  return -1;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) {
  int reason;
  if (!is_ours(file) || !strikes("pwrite", &reason)) return NEXT(pwrite)(file, bytes, size, place);
  if (!reason) return NEXT(pwrite)(file, bytes, (size + 1) / 2, place);
  errno = reason;
  return -1;
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t place) {
  return pwrite(file, bytes, size, place);
}

int fsync(int file) {
  int reason;
  if (!is_ours(file) || !strikes("fsync", &reason) || !reason) return NEXT(fsync)(file);
  errno = reason;
  return -1;
}

/* As with the system's, the number is free again whatever comes. */
int close(int file) {
  int reason;
  if (!is_ours(file) || !strikes("close", &reason) || !reason) return NEXT(close)(file);
  NEXT(close)(file);
  errno = reason;
  return -1;
}

int rename(const char *from, const char *to) {
  int reason;
  if (!is_below(to) || !strikes("rename", &reason) || !reason) return NEXT(rename)(from, to);
  errno = reason;
  return -1;
}

int mkstemp(char *path) {
  int reason;
  if (!is_below(path) || !strikes("mkstemp", &reason) || !reason) return NEXT(mkstemp)(path);
  errno = reason;
  return -1;
}

static int open_next(int (*next)(const char *, int, ...), const char *path, int flags,
                     mode_t mode) {
  int reason;
  bool writes = (flags & O_ACCMODE) != O_RDONLY && is_below(path);
  if (!writes || !strikes("open", &reason) || !reason) return next(path, flags, mode);
  errno = reason;
  return -1;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_next(NEXT(open), path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  return open_next(NEXT(open64), path, flags, mode);
}

int ftruncate(int file, off_t size) {
  int reason;
  if (!is_ours(file) || !strikes("ftruncate", &reason) || !reason)
    return NEXT(ftruncate)(file, size);
  errno = reason;
  return -1;
}
