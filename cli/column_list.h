/* column_list.h: columns that an option lists: names, globs and numbers, in the order given. */
#ifndef CLI_COLUMN_LIST_H
#define CLI_COLUMN_LIST_H

#include "reading.h"

typedef struct column_list {
  size_t n;
  size_t *columns; /* (n) in the source */
  size_t first;    /* of them among the columns read; the others follow it */
} column_list;

/* Asks for the columns of "a,b", "p_*" or "3,-1", a piece at a time, each column once, so that they
 * come in the order typed and those of one glob as they stand in the source.
 * @param option  what errors call it, "--labels"
 * @param list    out, also where this fails; column_list_free
 * Returns an exit code, having said what is wrong. */
int column_list_ask(reading *opened, const char *option, const char *text, sy_table_as as,
                    column_list *list);
void column_list_free(column_list *list);

/* Name of column `i` of the list. */
const char *column_list_name(const reading *opened, const column_list *list, size_t i);

/* Column `i` of the list, once it is read. */
const sy_column *column_list_get(const reading *opened, const column_list *list, size_t i);

#endif
