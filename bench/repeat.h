/* repeat.h: what the programs measured by run.py have in common. Such a program loads its arrays
 * once, then obeys one command a line on stdin and answers each with one line of JSON, so that the
 * driver can alternate between contenders. Failures end the program with a line on stderr. */
#ifndef BENCH_REPEAT_H
#define BENCH_REPEAT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <steelyard/steelyard.h>

/* Obeys `command` ("go"; `argument` is the rest of the line, maybe empty): prints one JSON object,
 * without a newline. */
typedef void (*repeat_command)(void *context, const char *command, const char *argument);

static inline _Noreturn void give_up(const char *what, const char *why) {
  fprintf(stderr, "bench: %s: %s\n", what, why);
  exit(1);
}

/* Ends the program where a call of the library has failed. */
static inline void demand(sy_status status, const sy_error *error) {
  if (status) give_up(sy_status_name(status), error->text);
}

static inline double seconds_now(void) {
  struct timespec time;
  timespec_get(&time, TIME_UTC);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static inline size_t size_argument(const char *text) {
  return (size_t)strtoull(text, NULL, 10);
}

/* The first `count` elements of `size` bytes of a file of raw numbers; never NULL. */
static inline void *read_array(const char *path, size_t count, size_t size) {
  FILE *file = fopen(path, "rb");
  void *array = file ? malloc(count * size + 1) : NULL;
  if (!file) give_up(path, "cannot be opened");
  if (!array) give_up(path, "out of memory");
  if (fread(array, size, count, file) != count) give_up(path, "is too short");
  fclose(file);
  return array;
}

static inline void write_array(const char *path, const double *array, size_t count) {
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(array, sizeof *array, count, file) != count || fclose(file))
    give_up(path, "cannot be written");
}

/* Obeys until stdin ends. `threads N` is understood by itself. */
static inline void repeat(repeat_command obey, void *context) {
  char line[4096];
  while (fgets(line, sizeof line, stdin)) {
    char *command = strtok(line, " \n"), *argument = strtok(NULL, "\n");
    if (!command) continue;
    if (strcmp(command, "threads") == 0 && argument) {
      sy_threads_set(atoi(argument));
      printf("{\"threads\": %d}", sy_threads_get());
    } else {
      obey(context, command, argument ? argument : "");
    }
    putchar('\n');
    fflush(stdout);
  }
}

#endif
