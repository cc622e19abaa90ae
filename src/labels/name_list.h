/* name_list.h: texts that name any number of labels, "a;b". */
#ifndef SY_LABELS_NAME_LIST_H
#define SY_LABELS_NAME_LIST_H

#include "labels/resolve.h"

/* What is left of a text, taken apart from its front. */
typedef struct sy_name_list {
  const char *rest;
  size_t length; /* of the rest */
  const char *separator;
} sy_name_list;

/* A list that begins with all of a text; NULL separates at ";". */
sy_name_list sy_name_list_of(const char *text, size_t length, const char *separator);

/* The next name, in canonical form and not empty; false at the end. */
bool sy_name_list_next(sy_name_list *list, const char **name, size_t *length);

/* Whether one of the names is the ignored one: such a position is taken out, whatever else it
 * names. */
bool sy_name_list_is_ignored(sy_name_list list, const sy_resolver *resolver);

#endif
