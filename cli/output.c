#define _POSIX_C_SOURCE 200809L
#include "output.h"

#include <steelyard/store.h>
#include <sys/stat.h>

#include "say.h"

static bool is_same_file(const char *a, const char *b) {
  struct stat first, second;
  if (!a || !b || stat(a, &first) != 0 || stat(b, &second) != 0) return false;
  return S_ISREG(first.st_mode) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
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
