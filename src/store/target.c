/* target.c: where a path to write to leads, and whether it may be written. */
#define _POSIX_C_SOURCE 200809L

#include "store/target.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <steelyard/store.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void sy_target_clear(sy_target *t) {
  free(t->path);
  free(t->folder);
}

sy_status sy_fail_write(const char *path, const char *what, int reason, sy_error *error) {
  if (reason == ENOMEM) return sy_fail_memory(error);
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
static sy_status follow_links(const char *path, sy_target *t, sy_error *error) {
  t->path = sy_copy_text(path);
  for (int links = 0; t->path; links++) {
    struct stat status;
    if (lstat(t->path, &status) != 0 || !S_ISLNK(status.st_mode)) return SY_OK;
    if (links == MOST_LINKS) return sy_fail_write(path, "", ELOOP, error);
    errno = ENOMEM;
    char *next = read_link(t->path);
    if (!next) return sy_fail_write(path, "", errno, error);
    free(t->path);
    t->path = next;
  }
  return sy_fail_memory(error);
}

/* stat before following links by hand: a link in /proc may hold a text that is no path at all
 * ("pipe:[123]"), yet lead somewhere. */
static sy_status follow(const char *path, sy_target *t, sy_error *error) {
  struct stat status;
  t->exists = stat(path, &status) == 0;
  int reason = errno;
  if (!t->exists && reason != ENOENT) return sy_fail_write(path, "", reason, error);
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

int sy_target_open_file(const char *path) {
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

static sy_status check_folder(const char *path, const sy_target *t, sy_error *error) {
  static const char what[] = "its folder cannot be used: ";
  struct stat status;
  if (stat(t->folder, &status) != 0) return sy_fail_write(path, what, errno, error);
  if (!S_ISDIR(status.st_mode)) return sy_fail_write(path, what, ENOTDIR, error);
  return access(t->folder, W_OK | X_OK) == 0 ? SY_OK : sy_fail_write(path, what, errno, error);
}

/* A file that may not be written is not replaced either, though its folder would allow it. */
static sy_status check_target(const char *path, const sy_target *t, sy_error *error) {
  if (t->exists && access(path, W_OK) != 0) return sy_fail_write(path, "", errno, error);
  if (!t->is_regular) return SY_OK;
  size_t length = strlen(path);
  if (length == 0 || path[length - 1] == '/')
    return sy_fail(error, SY_FILE_NOT_WRITTEN, "'%s': cannot be written: this names no file", path);
  return check_folder(path, t, error);
}

sy_status sy_target_find(const char *path, sy_target *t, sy_error *error) {
  sy_status status = follow(path, t, error);
  return status == SY_OK ? check_target(path, t, error) : status;
}

sy_status sy_file_check_writable(const char *path, sy_error *error) {
  int number = sy_target_open_file(path);
  if (number >= 0)
    return fcntl(number, F_GETFD) >= 0 ? SY_OK : sy_fail_write(path, "", errno, error);
  sy_target t = {0};
  sy_status status = sy_target_find(path, &t, error);
  sy_target_clear(&t);
  return status;
}
