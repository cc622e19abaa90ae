/* name_list.c: taking lists of names apart. */
#include "labels/name_list.h"

#include "labels/name.h"

#include <string.h>

sy_name_list sy_name_list_of(const char *text, size_t length, const char *separator) {
  return (sy_name_list){text, length, separator ? separator : ";"};
}

/* Bytes before the next separator; all of the rest where none comes. */
static size_t piece_length(const sy_name_list *list, size_t separator_length) {
  const char *at = list->rest, *end = list->rest + list->length;
  while ((size_t)(end - at) >= separator_length) {
    const char *begin = memchr(at, list->separator[0], (size_t)(end - at) - separator_length + 1);
    if (!begin) break;
    if (memcmp(begin, list->separator, separator_length) == 0) return (size_t)(begin - list->rest);
    at = begin + 1;
  }
  return list->length;
}

bool sy_name_list_next(sy_name_list *list, const char **name, size_t *length) {
  size_t separator_length = strlen(list->separator);
  while (list->length > 0) {
    size_t piece = piece_length(list, separator_length);
    *length = piece;
    *name = sy_name_piece(list->rest, length);
    size_t step = piece < list->length ? piece + separator_length : piece;
    list->rest += step;
    list->length -= step;
    if (*length > 0) return true;
  }
  return false;
}

bool sy_name_list_is_ignored(sy_name_list list, const sy_resolver *resolver) {
  const char *name;
  size_t length;
  if (!resolver->ignored) return false;
  while (sy_name_list_next(&list, &name, &length))
    if (!sy_resolver_target(resolver, name, &length)) return true;
  return false;
}
