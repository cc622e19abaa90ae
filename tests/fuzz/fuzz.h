/* fuzz.h: what the fuzz targets share. A target is one file fuzz_NAME.c with
 * LLVMFuzzerTestOneInput: it cuts the input into what a parser takes, and requires what must be
 * true of any input. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <steelyard/base.h>

/* The target; always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process with the place and the condition, which keeps the input. */
#define FUZZ_REQUIRE(condition)                                                                    \
  do {                                                                                             \
    if (!(condition)) fuzz_stop(__FILE__, __LINE__, #condition, NULL);                             \
  } while (0)

/* The same with a text that broke it. */
#define FUZZ_REQUIRE_TEXT(condition, text)                                                         \
  do {                                                                                             \
    if (!(condition)) fuzz_stop(__FILE__, __LINE__, #condition, text);                             \
  } while (0)

_Noreturn void fuzz_stop(const char *file, int line, const char *condition, const char *text);

/* --- the input, cut up from the front --- */

typedef struct fuzz_input {
  const uint8_t *at, *end;
} fuzz_input;

/* The next byte; 0 at the end. */
unsigned fuzz_byte(fuzz_input *input);

/* The next line without its newline, up to its first zero byte; "" at the end. A block of exactly
 * its size, so that reading past it is seen; free(). */
char *fuzz_line(fuzz_input *input);

/* All that is left, up to its first zero byte; free(). */
char *fuzz_rest(fuzz_input *input);

/* --- what must be true --- */

/* Of a call that failed: its status is in `error`, in words of one line, and the line is UTF-8
 * where the whole input was. */
void fuzz_check_error(sy_status status, const sy_error *error, const uint8_t *data, size_t size);

/* A memory of the library's that a caller can tell was written: fill before a call. */
void fuzz_soil(void *memory, size_t size);

/* --- files --- */

/* Path of a file of these bytes in a folder of this process's own. The text lives until the next
 * call, the file until one with its name. */
const char *fuzz_file(const char *name, const void *bytes, size_t size);

/* --- what the command line says --- */

/* Listens to stderr from here on. */
void fuzz_listen(void);

/* Of a call of the command line that returned `code`: 0 and no error was said, or 1 or 2 and
 * exactly one error line, UTF-8 where the whole input was. */
void fuzz_check_said(int code, const uint8_t *data, size_t size);

#endif
