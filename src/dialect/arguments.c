/* arguments.c: the words of a command line. */
#include "dialect/arguments.h"

#include <string.h>

static const char blanks[] = " \t\n\v\f\r\\";

bool sy_argument_next(const char **text, sy_argument *word) {
  const char *start = *text + strspn(*text, blanks);
  while (*start == '#') {
    start += strcspn(start, "\n");
    start += strspn(start, blanks);
  }
  word->start = start;
  word->end = *text = start + strcspn(start, blanks);
  return word->end > word->start;
}

bool sy_is_command_line(const char *text, const char *program) {
  sy_argument word;
  if (!sy_argument_next(&text, &word)) return false;
  bool option = *word.start == '-' && !sy_argument_is(word, "--"); /* a comment of SQL */
  return option || sy_argument_is(word, program);
}

bool sy_argument_is(sy_argument word, const char *wanted) {
  size_t length = (size_t)(word.end - word.start);
  return strlen(wanted) == length && memcmp(word.start, wanted, length) == 0;
}

bool sy_argument_begins(sy_argument word, const char *wanted) {
  size_t length = (size_t)(word.end - word.start);
  return strlen(wanted) <= length && memcmp(word.start, wanted, strlen(wanted)) == 0;
}

bool sy_is_integer(const char *start, const char *end) {
  if (start < end && (*start == '-' || *start == '+')) start++;
  if (start == end) return false;
  for (; start < end; start++)
    if (*start < '0' || *start > '9') return false;
  return true;
}
