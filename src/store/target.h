/* target.h: where a path to write to leads. */
#ifndef SY_STORE_TARGET_H
#define SY_STORE_TARGET_H

#include <stdbool.h>
#include <steelyard/base.h>
#include <sys/types.h>

/* Zero-initialise; sy_target_clear frees it, also after a failure. */
typedef struct sy_target {
  char *path;   /* of the file itself, symbolic links followed; NULL where it is not regular */
  char *folder; /* that holds it */
  bool exists, is_regular;
  mode_t mode;
} sy_target;

/* Follows the path, and checks that what it leads to may be written. SY_FILE_NOT_WRITTEN. */
sy_status sy_target_find(const char *path, sy_target *target, sy_error *error);
void sy_target_clear(sy_target *target);

/* The number of an open file that a path stands for ("/dev/stdout", "/dev/fd/5"), or -1. Such a one
 * is written as it is: opening it anew would lose its position, and renaming over what it leads to
 * would leave its holder with the old file. */
int sy_target_open_file(const char *path);

/* SY_FILE_NOT_WRITTEN with the system's reason, after words of our own or "". */
sy_status sy_fail_write(const char *path, const char *what, int reason, sy_error *error);

#endif
