/* arguments.h: the words of a command line. */
#ifndef SY_DIALECT_ARGUMENTS_H
#define SY_DIALECT_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

/* A word of the text: bytes [start, end). */
typedef struct sy_argument {
  const char *start, *end;
} sy_argument;

/* The next word at *text, which moves behind it; lines that begin with # are passed over. False at
 * the end. */
bool sy_argument_next(const char **text, sy_argument *word);

/* Whether a text may be the command line of a program: it begins with an option or its name. */
bool sy_is_command_line(const char *text, const char *program);

/* Whether the word is this one; or begins so. */
bool sy_argument_is(sy_argument word, const char *wanted);
bool sy_argument_begins(sy_argument word, const char *wanted);

/* Digits with an optional sign. */
bool sy_is_integer(const char *start, const char *end);

#endif
