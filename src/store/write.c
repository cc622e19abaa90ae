/* write.c: whole files, or nothing: a temporary file in the same folder, flushed, then renamed over
 * the old one (rename is atomic within a file system). */
#define _POSIX_C_SOURCE 200809L

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <steelyard/store.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where a path leads. */
typedef struct target {
  char *path;   /* of the file itself, symbolic links followed */
  char *folder; /* that holds it */
  bool exists, is_regular;
  mode_t mode;
} target;

static void clear_target(target *t) {
  free(t->path);
  free(t->folder);
}

static sy_status fail_write(const char *path, const char *what, int reason, sy_error *error) {
  return sy_fail(error, SY_FILE_NOT_WRITTEN, "%s: cannot be written: %s%s", path, what,
                 strerror(reason));
}

static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  if (!slash) return sy_copy_text(".");
  return slash == path ? sy_copy_text("/") : sy_copy_bytes(path, (size_t)(slash - path));
}

/* The text of a symbolic link, as a path from where the link stands; NULL with errno set. */
static char *read_link(const char *path) {
  char text[4096];
  ssize_t length = readlink(path, text, sizeof text - 1);
  if (length < 0) return NULL;
  text[length] = 0;
  if (text[0] == '/') return sy_copy_text(text);
  char *folder = folder_of(path);
  sy_text joined = {0};
  if (folder) sy_text_add(&joined, "%s/%s", folder, text);
  free(folder);
  return joined.data;
}

enum { MOST_LINKS = 40 };

/* Follows symbolic links, dangling ones too (realpath refuses those): the file they name is what is
 * replaced, the links stay. */
static sy_status follow_links(const char *path, target *t, sy_error *error) {
  t->path = sy_copy_text(path);
  for (int links = 0; t->path; links++) {
    struct stat status;
    if (lstat(t->path, &status) != 0 || !S_ISLNK(status.st_mode)) return SY_OK;
    if (links == MOST_LINKS) return fail_write(path, "", ELOOP, error);
    errno = ENOMEM;
    char *next = read_link(t->path);
    if (!next) return fail_write(path, "", errno, error);
    free(t->path);
    t->path = next;
  }
  return sy_fail_memory(error);
}

/* stat before following links by hand: a link in /proc may hold a text that is no path at all
 * ("pipe:[123]"), yet lead somewhere. */
static sy_status find_target(const char *path, target *t, sy_error *error) {
  struct stat status;
  t->exists = stat(path, &status) == 0;
  int reason = errno;
  if (!t->exists && reason != ENOENT) return fail_write(path, "", reason, error);
  if (t->exists && S_ISDIR(status.st_mode))
    return sy_fail(error, SY_FILE_NOT_WRITTEN, "%s: cannot be written: this is a folder", path);
  t->is_regular = !t->exists || S_ISREG(status.st_mode);
  t->mode = t->exists ? status.st_mode & 07777 : 0;
  if (!t->is_regular) return SY_OK;
  sy_status found = follow_links(path, t, error);
  if (found != SY_OK) return found;
  t->folder = folder_of(t->path);
  return t->folder ? SY_OK : sy_fail_memory(error);
}

static bool write_all(int file, const void *bytes, size_t size) {
  const char *next = bytes;
  while (size > 0) {
    ssize_t written = write(file, next, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    next += written;
    size -= (size_t)written;
  }
  return true;
}

/* A pipe, a terminal, a device: nothing to replace. Takes the file over. */
static sy_status write_through(const char *path, int file, const void *bytes, size_t size,
                               sy_error *error) {
  if (file < 0) return fail_write(path, "", errno, error);
  bool written = write_all(file, bytes, size);
  int reason = errno;
  if (close(file) != 0 && written) {
    written = false;
    reason = errno;
  }
  return written ? SY_OK : fail_write(path, "", reason, error);
}

/* The number of an open file that a path stands for ("/dev/stdout", "/dev/fd/5"), or -1. Such a one
 * is written as it is: opening it anew would lose its position, and renaming over what it leads to
 * would leave its holder with the old file. */
static int open_file_number(const char *path) {
  if (strcmp(path, "/dev/stdout") == 0) return STDOUT_FILENO;
  if (strcmp(path, "/dev/stderr") == 0) return STDERR_FILENO;
  static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
  for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
    size_t length = strlen(folders[i]);
    const char *digits = path + length;
    if (strncmp(path, folders[i], length) != 0) continue;
    size_t n_digits = strspn(digits, "0123456789");
    if (n_digits > 0 && n_digits < 9 && digits[n_digits] == 0) return atoi(digits);
  }
  return -1;
}

/* Creates ".NAME.XXXXXX" beside the target with its mode, or the one a new file gets. umask can
 * only be read by setting it, which another thread could see; so a new file is opened with the
 * rights it would have, under the unique name that mkstemp found. */
static int create_temporary(const target *t, char *temporary) {
  int file = mkstemp(temporary);
  if (file < 0) return -1;
  if (t->exists) {
    (void)fchmod(file, t->mode);
    return file;
  }
  close(file);
  unlink(temporary);
  return open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
}

/* Leaves the bytes on the disk under the temporary name; errno tells what failed. */
static bool fill_temporary(int file, const void *bytes, size_t size) {
  bool done = write_all(file, bytes, size) && fsync(file) == 0;
  int reason = errno;
  if (close(file) != 0 && done) return false;
  errno = reason;
  return done;
}

/* Makes the rename last; some file systems refuse to flush folders, and then none is needed. */
static void flush_folder(const char *folder) {
  int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  (void)fsync(file);
  close(file);
}

static char *temporary_name(const target *t) {
  const char *slash = strrchr(t->path, '/');
  const char *name = slash ? slash + 1 : t->path;
  sy_text text = {0};
  /* A long name is cut: the whole may have no more than 255 bytes. */
  sy_text_add(&text, "%s/.%.200s.XXXXXX", t->folder, name);
  return text.data;
}

static sy_status replace(const char *path, const target *t, const void *bytes, size_t size,
                         sy_error *error) {
  char *temporary = temporary_name(t);
  if (!temporary) return sy_fail_memory(error);
  sy_status status = SY_OK;
  int file = create_temporary(t, temporary);
  if (file < 0) {
    status = fail_write(path, "", errno, error);
  } else if (!fill_temporary(file, bytes, size) || rename(temporary, t->path) != 0) {
    status = fail_write(path, "", errno, error);
    unlink(temporary);
  } else {
    flush_folder(t->folder);
  }
  free(temporary);
  return status;
}

static sy_status check_folder(const char *path, const target *t, sy_error *error) {
  static const char what[] = "its folder cannot be used: ";
  struct stat status;
  if (stat(t->folder, &status) != 0) return fail_write(path, what, errno, error);
  if (!S_ISDIR(status.st_mode)) return fail_write(path, what, ENOTDIR, error);
  return access(t->folder, W_OK | X_OK) == 0 ? SY_OK : fail_write(path, what, errno, error);
}

/* A file that may not be written is not replaced either, though its folder would allow it. */
static sy_status check_target(const char *path, const target *t, sy_error *error) {
  if (t->exists && access(path, W_OK) != 0) return fail_write(path, "", errno, error);
  if (!t->is_regular) return SY_OK;
  size_t length = strlen(path);
  if (length == 0 || path[length - 1] == '/')
    return sy_fail(error, SY_FILE_NOT_WRITTEN, "'%s': cannot be written: this names no file", path);
  return check_folder(path, t, error);
}

static sy_status write_target(const char *path, const target *t, const void *bytes, size_t size,
                              sy_error *error) {
  sy_status status = check_target(path, t, error);
  if (status != SY_OK) return status;
  if (t->is_regular) return replace(path, t, bytes, size, error);
  return write_through(path, open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY), bytes, size, error);
}

sy_status sy_file_write(const char *path, const void *bytes, size_t size, sy_error *error) {
  int number = open_file_number(path);
  if (number >= 0)
    return write_through(path, fcntl(number, F_DUPFD_CLOEXEC, 0), bytes, size, error);
  target t = {0};
  sy_status status = find_target(path, &t, error);
  if (status == SY_OK) status = write_target(path, &t, bytes, size, error);
  clear_target(&t);
  return status;
}

sy_status sy_file_check_writable(const char *path, sy_error *error) {
  int number = open_file_number(path);
  if (number >= 0) return fcntl(number, F_GETFD) >= 0 ? SY_OK : fail_write(path, "", errno, error);
  target t = {0};
  sy_status status = find_target(path, &t, error);
  if (status == SY_OK) status = check_target(path, &t, error);
  clear_target(&t);
  return status;
}
