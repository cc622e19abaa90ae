/* read.c: whole files into memory; regular ones, pipes and devices alike. */
#define _POSIX_C_SOURCE 200809L

#include "base/error.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <steelyard/store.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 1 << 16 };

/* What a pipe or a device gives may have no end, and would take all memory there is. */
static const size_t most_of_file = (size_t)1 << 30, most_of_stream = (size_t)1 << 26;

static sy_status fail_read(const char *path, int reason, sy_error *error) {
  if (reason == EISDIR)
    return sy_fail(error, SY_FILE_NOT_READ, "%s: this is a folder, not a file", path);
  return sy_fail(error, SY_FILE_NOT_READ, "%s: cannot be read: %s", path, strerror(reason));
}

static sy_status fail_large(const char *path, size_t most, sy_error *error) {
  return sy_fail(error, SY_FILE_NOT_READ, "%s: larger than %zu MiB, the most that is read at once",
                 path, most >> 20);
}

typedef struct buffer {
  unsigned char *bytes;
  size_t size, capacity, most;
} buffer;

/* Room for one more read and the zero at the end. */
static bool reserve(buffer *b) {
  if (b->size + 1 < b->capacity) return true;
  unsigned char *bytes = sy_realloc(b->bytes, b->capacity, 2);
  if (!bytes) return false;
  b->bytes = bytes;
  b->capacity *= 2;
  return true;
}

/* Reads until the end; a size asked beforehand is a hint only (a pipe has none, a file may grow).
 */
static sy_status read_all(int file, const char *path, buffer *b, sy_error *error) {
  for (;;) {
    if (!reserve(b)) return sy_fail_memory(error);
    ssize_t got = read(file, b->bytes + b->size, b->capacity - b->size - 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_read(path, errno, error);
    if (got == 0) break;
    b->size += (size_t)got;
    if (b->size > b->most) return fail_large(path, b->most, error);
  }
  b->bytes[b->size] = 0;
  return SY_OK;
}

/* Expected size of an opened file and the most to take of it; a folder is refused here, where its
 * reason is known. */
static sy_status measure(int file, const char *path, size_t *size, size_t *most, sy_error *error) {
  struct stat status;
  *size = 0;
  *most = most_of_stream;
  if (fstat(file, &status) != 0) return fail_read(path, errno, error);
  if (S_ISDIR(status.st_mode)) return fail_read(path, EISDIR, error);
  if (!S_ISREG(status.st_mode)) return SY_OK;
  *most = most_of_file;
  if (status.st_size > 0) *size = (size_t)status.st_size;
  return *size > *most ? fail_large(path, *most, error) : SY_OK;
}

static sy_status read_opened(int file, const char *path, buffer *b, sy_error *error) {
  size_t expected;
  sy_status status = measure(file, path, &expected, &b->most, error);
  if (status != SY_OK) return status;
  b->capacity = expected + 2 > FIRST_CAPACITY ? expected + 2 : FIRST_CAPACITY;
  b->bytes = sy_alloc(b->capacity, 1);
  return b->bytes ? read_all(file, path, b, error) : sy_fail_memory(error);
}

sy_status sy_file_read(const char *path, void **bytes, size_t *size, sy_error *error) {
  *bytes = NULL;
  *size = 0;
  int file;
  do /* a pipe waits for its writer */
    file = open(path, O_RDONLY | O_CLOEXEC);
  while (file < 0 && errno == EINTR);
  if (file < 0) return fail_read(path, errno, error);
  buffer b = {0};
  sy_status status = read_opened(file, path, &b, error);
  close(file);
  if (status == SY_OK) {
    *bytes = b.bytes;
    *size = b.size;
  } else {
    free(b.bytes);
  }
  return status;
}
