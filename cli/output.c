#define _POSIX_C_SOURCE 200809L
#include "output.h"

#include <stdlib.h>
#include <steelyard/store.h>
#include <string.h>
#include <sys/stat.h>

#include "say.h"
#include "text.h"

static bool is_same_place(const struct stat *a, const struct stat *b) {
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static bool is_same_file(const char *a, const char *b) {
  struct stat first, second;
  if (!a || !b || stat(a, &first) != 0 || stat(b, &second) != 0) return false;
  return S_ISREG(first.st_mode) && is_same_place(&first, &second);
}

/* The folder that a path lies in; free(). */
static char *folder_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? text_format("%.*s/.", (int)(slash - path), path) : text_copy(".");
}

static const char *name_of(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* Files that are not there yet, by their folders and names. */
static bool will_be_same_file(const char *a, const char *b) {
  char *folder_a = folder_of(a), *folder_b = folder_of(b);
  struct stat first, second;
  bool same = strcmp(name_of(a), name_of(b)) == 0 && stat(folder_a, &first) == 0 &&
              stat(folder_b, &second) == 0 && is_same_place(&first, &second);
  free(folder_a);
  free(folder_b);
  return same;
}

int output_check(const char *path, const char *input, const char *other_input) {
  return output_check_as("-o", path, input, other_input);
}

int output_check_as(const char *option, const char *path, const char *input,
                    const char *other_input) {
  sy_error error;
  if (is_same_file(path, input) || is_same_file(path, other_input))
    return say_usage("%s %s would overwrite what is read from it; give another name", option, path);
  if (sy_file_check_writable(path, &error) != SY_OK) return say_error(&error);
  return EXIT_DONE;
}

int output_check_apart(const char *option, const char *path, const char *other_option,
                       const char *other_path) {
  struct stat there;
  if (!path || !other_path) return EXIT_DONE;
  bool exists = stat(path, &there) == 0 || stat(other_path, &there) == 0;
  if (!(exists ? is_same_file(path, other_path) : will_be_same_file(path, other_path)))
    return EXIT_DONE;
  return say_usage("%s %s would overwrite the file of %s; give another name", option, path,
                   other_option);
}
