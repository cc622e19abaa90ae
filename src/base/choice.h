/* choice.h: what is said where a name is none of those there are. */
#ifndef SY_BASE_CHOICE_H
#define SY_BASE_CHOICE_H

#include <steelyard/base.h>

/* Names that can be typed, each with how it is typed in full ("power:A"). */
typedef struct sy_choices {
  const char *what; /* they are: "objective" */
  const char *more; /* at the end of the list: ", or weights as NAME=W,NAME=W"; "" for nothing */
  const char *const *names, *const *forms; /* (n) */
  size_t n;
} sy_choices;

/* "there is no objective 'f3'; did you mean 'f1'? there are ...": fails with `status`, naming what
 * was typed (up to a ':' it is compared with the names), the nearest name and all there are. */
sy_status sy_fail_choice(const sy_choices *choices, const char *typed, sy_status status,
                         sy_error *error);

#endif
