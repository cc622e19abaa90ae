#include "study/checkpoint_options.h"

#include <string.h>

#include "base/error.h"

/* A part of a text. */
typedef struct part {
  const char *begin;
  size_t length;
} part;

static bool is_same(part a, part b) {
  return a.length == b.length && memcmp(a.begin, b.begin, a.length) == 0;
}

/* Cuts the next line off `rest`: its name and its value. False at the end. */
static bool next_line(part *rest, part *name, part *value) {
  while (rest->length > 0) {
    const char *end = memchr(rest->begin, '\n', rest->length);
    part line = {rest->begin, end ? (size_t)(end - rest->begin) : rest->length};
    size_t used = line.length + (end ? 1 : 0);
    *rest = (part){rest->begin + used, rest->length - used};
    if (line.length == 0) continue;
    const char *equals = memchr(line.begin, '=', line.length);
    size_t length = equals ? (size_t)(equals - line.begin) : line.length;
    *name = (part){line.begin, length};
    *value =
        (part){line.begin + length + (equals ? 1 : 0), line.length - length - (equals ? 1 : 0)};
    return true;
  }
  return false;
}

static bool find(part lines, part wanted, part *value) {
  part name;
  while (next_line(&lines, &name, value))
    if (is_same(name, wanted)) return true;
  return false;
}

/* A part as a message shows it. */
static const char *shown(part text, char out[SY_SHOWN_SIZE]) {
  char copy[256];
  size_t length = text.length < sizeof copy - 1 ? text.length : sizeof copy - 1;
  memcpy(copy, text.begin, length);
  copy[length] = 0;
  return sy_shown(copy, out);
}

static sy_status fail_changed(const char *path, part name, part before, part now, sy_error *error) {
  char texts[3][SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT, "'%s' was made with %s %s, not %s", path,
                 shown(name, texts[0]), shown(before, texts[1]), shown(now, texts[2]));
}

static sy_status fail_missing(const char *path, const char *with, part name, part value,
                              sy_error *error) {
  char texts[2][SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT, "'%s' was made %s %s %s", path, with,
                 shown(name, texts[0]), shown(value, texts[1]));
}

sy_status sy_checkpoint_options_check(const char *path, const char *before, size_t size,
                                      const char *now, sy_error *error) {
  part old = {before, size}, given = {now, strlen(now)}, rest = old, name, value, other;
  while (next_line(&rest, &name, &value)) {
    if (!find(given, name, &other)) return fail_missing(path, "with", name, value, error);
    if (!is_same(value, other)) return fail_changed(path, name, value, other, error);
  }
  rest = given;
  while (next_line(&rest, &name, &value))
    if (!find(old, name, &other)) return fail_missing(path, "without", name, value, error);
  return SY_OK;
}
