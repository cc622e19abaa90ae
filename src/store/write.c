/* write.c: whole files, or nothing: a temporary file in the same folder, flushed, then renamed over
 * the old one (rename is atomic within a file system). */
#define _POSIX_C_SOURCE 200809L

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <steelyard/store.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sy_output {
  char *shown; /* what the user calls it */
  int file;    /* or -1 */
  sy_target target;
  char *temporary; /* NULL where the target is written as it is */
};

/* The temporary files there are, for a signal handler, which may neither lock nor search memory
 * that is being changed. Whoever writes more files at once loses no more than their removal. */
enum { MOST_UNFINISHED = 64 };
static _Atomic(char *) unfinished[MOST_UNFINISHED];

static void note_unfinished(char *path) {
  for (size_t i = 0; i < MOST_UNFINISHED; i++) {
    char *none = NULL;
    if (atomic_compare_exchange_strong(&unfinished[i], &none, path)) return;
  }
}

static void forget_unfinished(char *path) {
  for (size_t i = 0; i < MOST_UNFINISHED; i++) {
    char *noted = path;
    if (atomic_compare_exchange_strong(&unfinished[i], &noted, NULL)) return;
  }
}

void sy_output_abandon_all(void) {
  for (size_t i = 0; i < MOST_UNFINISHED; i++) {
    const char *path = atomic_load(&unfinished[i]);
    if (path) unlink(path);
  }
}

static bool write_all(int file, const void *bytes, size_t size) {
  const char *next = bytes;
  while (size > 0) {
    ssize_t written = write(file, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = EIO;
    if (written <= 0) return false;
    next += written;
    size -= (size_t)written;
  }
  return true;
}

static char *temporary_name(const sy_target *t) {
  const char *slash = strrchr(t->path, '/');
  const char *name = slash ? slash + 1 : t->path;
  sy_text text = {0};
  /* A long name is cut: the whole may have no more than 255 bytes. */
  sy_text_add(&text, "%s/.%.200s.XXXXXX", t->folder, name);
  return text.data;
}

/* Creates ".NAME.XXXXXX" beside the target with its mode, or the one a new file gets. umask can
 * only be read by setting it, which another thread could see; so a new file is opened with the
 * rights it would have, under the unique name that mkstemp found. */
static int create_temporary(const sy_target *t, char *temporary) {
  int file = mkstemp(temporary);
  if (file < 0) return -1;
  note_unfinished(temporary);
  if (t->exists) {
    (void)fchmod(file, t->mode);
    return file;
  }
  close(file);
  unlink(temporary);
  return open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

/* It is not there, or no longer ours. */
static void forget_temporary(sy_output *output) {
  forget_unfinished(output->temporary);
  free(output->temporary);
  output->temporary = NULL;
}

static sy_status open_temporary(sy_output *output, sy_error *error) {
  output->temporary = temporary_name(&output->target);
  if (!output->temporary) return sy_fail_memory(error);
  output->file = create_temporary(&output->target, output->temporary);
  if (output->file >= 0) return SY_OK;
  int reason = errno;
  forget_temporary(output);
  return sy_fail_write(output->shown, "", reason, error);
}

static sy_status open_output(sy_output *output, const char *path, sy_error *error) {
  output->shown = sy_copy_text(path);
  if (!output->shown) return sy_fail_memory(error);
  int number = sy_target_open_file(path);
  if (number < 0) {
    sy_status status = sy_target_find(path, &output->target, error);
    if (status != SY_OK) return status;
    if (output->target.is_regular) return open_temporary(output, error);
  }
  do /* a pipe waits for its reader */
    output->file = number >= 0 ? fcntl(number, F_DUPFD_CLOEXEC, 0)
                               : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  while (output->file < 0 && errno == EINTR);
  return output->file >= 0 ? SY_OK : sy_fail_write(path, "", errno, error);
}

/* Closes and frees; what has not been renamed is removed. */
static void drop(sy_output *output) {
  if (output->file >= 0) close(output->file);
  if (output->temporary) {
    unlink(output->temporary);
    forget_temporary(output);
  }
  free(output->shown);
  sy_target_clear(&output->target);
  free(output);
}

sy_status sy_output_open(const char *path, sy_output **output, sy_error *error) {
  *output = NULL;
  sy_output *opened = sy_alloc_zero(1, sizeof *opened);
  if (!opened) return sy_fail_memory(error);
  opened->file = -1;
  sy_status status = open_output(opened, path, error);
  if (status == SY_OK)
    *output = opened;
  else
    drop(opened);
  return status;
}

const char *sy_output_temporary(const sy_output *output) {
  return output->temporary;
}

sy_status sy_output_put(sy_output *output, const void *bytes, size_t size, sy_error *error) {
  if (write_all(output->file, bytes, size)) return SY_OK;
  return sy_fail_write(output->shown, "", errno, error);
}

/* Makes the rename last; some file systems refuse to flush folders, and then none is needed. */
static void flush_folder(const char *folder) {
  int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  (void)fsync(file);
  close(file);
}

static bool flush(int file) {
  while (fsync(file) != 0)
    if (errno != EINTR) return false;
  return true;
}

/* Leaves a temporary file whole on the disk, then in its place; errno tells what failed. */
static bool finish(sy_output *output) {
  int file = output->file;
  output->file = -1;
  bool done = !output->temporary || flush(file);
  int reason = errno;
  if (close(file) != 0 && errno != EINTR && done) return false;
  errno = reason;
  if (!done || !output->temporary) return done;
  if (rename(output->temporary, output->target.path) != 0) return false;
  forget_temporary(output);
  flush_folder(output->target.folder);
  return true;
}

sy_status sy_output_close(sy_output *output, bool keep, sy_error *error) {
  if (!output) return SY_OK;
  sy_status status = SY_OK;
  if (keep && !finish(output)) status = sy_fail_write(output->shown, "", errno, error);
  drop(output);
  return status;
}

sy_status sy_file_write(const char *path, const void *bytes, size_t size, sy_error *error) {
  sy_output *output;
  sy_status status = sy_output_open(path, &output, error);
  if (status != SY_OK) return status;
  status = sy_output_put(output, bytes, size, error);
  sy_status closed = sy_output_close(output, status == SY_OK, error);
  return status == SY_OK ? closed : status;
}
