/* fuzz.c: what the fuzz targets share. */
#define _POSIX_C_SOURCE 200809L

#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Noreturn void fuzz_stop(const char *file, int line, const char *condition, const char *text) {
  /* stderr may be listened to. */
  dprintf(STDERR_FILENO, "%s:%d: not true: %s\n", file, line, condition);
  if (text) dprintf(STDERR_FILENO, "of: %s\n", text);
  abort();
}

unsigned fuzz_byte(fuzz_input *input) {
  return input->at < input->end ? *input->at++ : 0;
}

static char *copy_text(const uint8_t *bytes, size_t size) {
  const uint8_t *zero = size > 0 ? memchr(bytes, 0, size) : NULL;
  size_t length = zero ? (size_t)(zero - bytes) : size;
  char *text = malloc(length + 1);
  if (!text) abort();
  if (length > 0) memcpy(text, bytes, length);
  text[length] = 0;
  return text;
}

char *fuzz_line(fuzz_input *input) {
  size_t left = (size_t)(input->end - input->at);
  const uint8_t *newline = left > 0 ? memchr(input->at, '\n', left) : NULL;
  size_t size = newline ? (size_t)(newline - input->at) : left;
  char *text = copy_text(input->at, size);
  input->at = newline ? newline + 1 : input->end;
  return text;
}

char *fuzz_rest(fuzz_input *input) {
  char *text = copy_text(input->at, (size_t)(input->end - input->at));
  input->at = input->end;
  return text;
}

/* Bytes of the UTF-8 character at `at`; 0 where there is none (RFC 3629, table 3-7 of Unicode). */
static size_t character_size(const uint8_t *at, const uint8_t *end) {
  size_t size = *at < 0x80   ? 1
                : *at < 0xC2 ? 0
                : *at < 0xE0 ? 2
                : *at < 0xF0 ? 3
                : *at < 0xF5 ? 4
                             : 0;
  if (size > (size_t)(end - at)) return 0;
  for (size_t i = 1; i < size; i++)
    if ((at[i] & 0xC0) != 0x80) return 0;
  if ((*at == 0xE0 && at[1] < 0xA0) || (*at == 0xED && at[1] > 0x9F)) return 0;
  if ((*at == 0xF0 && at[1] < 0x90) || (*at == 0xF4 && at[1] > 0x8F)) return 0;
  return size;
}

static bool is_utf8(const void *bytes, size_t size) {
  const uint8_t *at = bytes, *end = at + size;
  while (at < end) {
    size_t step = character_size(at, end);
    if (step == 0) return false;
    at += step;
  }
  return true;
}

void fuzz_check_error(sy_status status, const sy_error *error, const uint8_t *data, size_t size) {
  FUZZ_REQUIRE(status != SY_OK);
  FUZZ_REQUIRE(error->status == status);
  size_t length = strnlen(error->text, SY_ERROR_SIZE);
  FUZZ_REQUIRE(length > 0 && length < SY_ERROR_SIZE);
  for (size_t i = 0; i < length; i++)
    FUZZ_REQUIRE_TEXT((uint8_t)error->text[i] >= ' ' && error->text[i] != 127, error->text);
  FUZZ_REQUIRE_TEXT(is_utf8(error->text, length) || !is_utf8(data, size), error->text);
}

void fuzz_soil(void *memory, size_t size) {
  memset(memory, 0xA5, size);
}

/* --- files --- */

static char folder[1024];

static void path_of(const char *name, char path[2048]) {
  snprintf(path, 2048, "%s/%s", folder, name);
}

static void remove_folder(void) {
  char path[2048];
  DIR *files = opendir(folder);
  for (struct dirent *file; files && (file = readdir(files));) {
    path_of(file->d_name, path);
    unlink(path);
  }
  if (files) closedir(files);
  rmdir(folder);
}

static void make_folder(void) {
  const char *parent = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/fuzz-XXXXXX", parent && *parent ? parent : "/tmp");
  if (!mkdtemp(folder)) fuzz_stop(__FILE__, __LINE__, "a folder can be made", folder);
  atexit(remove_folder);
}

const char *fuzz_file(const char *name, const void *bytes, size_t size) {
  static char path[2048];
  if (!folder[0]) make_folder();
  path_of(name, path);
  FILE *file = fopen(path, "wb");
  FUZZ_REQUIRE(file && fwrite(bytes, 1, size, file) == size);
  FUZZ_REQUIRE(fclose(file) == 0);
  return path;
}

/* --- what the command line says --- */

static char *said;
static size_t said_size;

void fuzz_listen(void) {
  static FILE *listener;
  if (!listener) listener = open_memstream(&said, &said_size);
  FUZZ_REQUIRE(listener);
  stderr = listener; /* glibc's is a variable; sanitizers write to the descriptor */
  rewind(listener);
}

static size_t count_errors(const char *text) {
  static const char start[] = "steelyard: ";
  size_t errors = 0;
  for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
    errors += strncmp(line, start, sizeof start - 1) == 0 && line[sizeof start - 1] > ' ';
  return errors;
}

/* jansson quotes a text up to where it is wrong, which may be within a character. */
static bool quotes_json(const char *text) {
  return strstr(text, ".json, line ") != NULL;
}

void fuzz_check_said(int code, const uint8_t *data, size_t size) {
  fputc(0, stderr); /* the stream's text of before may go on behind */
  fflush(stderr);
  FUZZ_REQUIRE(code >= 0 && code <= 2);
  FUZZ_REQUIRE_TEXT(count_errors(said) == (code != 0), said);
  FUZZ_REQUIRE_TEXT(is_utf8(said, strlen(said)) || !is_utf8(data, size) || quotes_json(said), said);
}
