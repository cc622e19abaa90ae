/* output.c: files that appear whole or not at all. What is written may be larger than memory, so it
 * grows in a file beside its place. */
#define _POSIX_C_SOURCE 200809L
#define _XOPEN_SOURCE   700

#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static sy_status fail_writing(const char *path, int reason, sy_error *error) {
  return table_fail(error, SY_FILE_NOT_WRITTEN, "%s: %s", path ? path : "stdout", strerror(reason));
}

char *table_output_beside(const char *path) {
  table_text name = {0};
  for (int attempt = 0; attempt < 100; attempt++) {
    name.size = 0;
    table_text_add(&name, "%s.%ld-%d.part", path, (long)getpid(), attempt);
    if (name.failed || access(name.bytes, F_OK) != 0) break;
  }
  if (name.failed) table_text_free(&name);
  return name.bytes;
}

/* A link is followed: the file it names is replaced, not the link. */
static char *real_place(const char *path) {
  char *place = realpath(path, NULL);
  return place ? place : table_copy(path, strlen(path));
}

/* Pipes and devices cannot be replaced, only written to. */
static bool is_special(const char *path) {
  struct stat facts;
  return stat(path, &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode);
}

sy_status table_output_open(table_output *output, const char *path, sy_error *error) {
  *output = (table_output){.stream = stdout};
  if (!path || strcmp(path, "-") == 0) return SY_OK;
  output->stream = NULL;
  bool special = is_special(path);
  output->path = special ? table_copy(path, strlen(path)) : real_place(path);
  if (!output->path) return table_fail_memory(error);
  if (!special) output->temporary = table_output_beside(output->path);
  struct stat facts;
  int reason = special || output->temporary ? 0 : ENOMEM;
  if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode)) reason = EISDIR;
  if (!reason) {
    output->stream = fopen(special ? path : output->temporary, special ? "w" : "wx");
    if (!output->stream) reason = errno;
  }
  if (!reason) return SY_OK;
  free(output->path);
  free(output->temporary);
  *output = (table_output){0};
  return fail_writing(path, reason, error);
}

sy_status table_output_place(const char *temporary, const char *path, sy_error *error) {
  int descriptor = open(temporary, O_RDONLY | O_CLOEXEC);
  bool flushed = descriptor >= 0 && fsync(descriptor) == 0;
  int reason = errno;
  if (descriptor >= 0) close(descriptor);
  if (flushed && rename(temporary, path) == 0) return SY_OK;
  if (flushed) reason = errno;
  unlink(temporary);
  return fail_writing(path, reason, error);
}

sy_status table_output_close(table_output *output, sy_status status, sy_error *error) {
  int reason = 0;
  if (output->stream && status == SY_OK) {
    if (fflush(output->stream) != 0)
      reason = errno;
    else if (ferror(output->stream))
      reason = EIO;
  }
  if (output->stream && output->stream != stdout && fclose(output->stream) != 0 && !reason)
    reason = errno;
  if (status == SY_OK && reason) status = fail_writing(output->path, reason, error);
  if (output->temporary && status != SY_OK)
    unlink(output->temporary);
  else if (output->temporary)
    status = table_output_place(output->temporary, output->path, error);
  free(output->path);
  free(output->temporary);
  *output = (table_output){0};
  return status;
}
