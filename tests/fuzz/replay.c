/* replay.c: runs a fuzz target once over each file named, or in a folder named: for a compiler that
 * has no libFuzzer. It prints how many there were and fails where there was none. */
#define _POSIX_C_SOURCE 200809L

#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t replayed;

static void replay_file(const char *path, size_t size) {
  FILE *file = fopen(path, "rb");
  uint8_t *bytes = malloc(size ? size : 1); /* exactly, so that reading past it is seen */
  if (!file || !bytes || fread(bytes, 1, size, file) != size)
    fuzz_stop(__FILE__, __LINE__, "the input can be read", path);
  fclose(file);
  dprintf(STDOUT_FILENO, "%s\n", path); /* unbuffered: the last one said is the one that failed */
  LLVMFuzzerTestOneInput(bytes, size);
  free(bytes);
  replayed++;
}

static void replay(const char *path) {
  struct stat status;
  if (stat(path, &status) != 0) return; /* a target may have no regressions yet */
  if (!S_ISDIR(status.st_mode)) {
    replay_file(path, (size_t)status.st_size);
    return;
  }
  struct dirent **entries;
  int n = scandir(path, &entries, NULL, alphasort);
  for (int i = 0; i < n; i++) {
    char inside[4096];
    snprintf(inside, sizeof inside, "%s/%s", path, entries[i]->d_name);
    if (entries[i]->d_name[0] != '.') replay(inside);
    free(entries[i]);
  }
  free(entries);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) replay(argv[i]);
  printf("%zu inputs\n", replayed);
  return replayed == 0;
}
