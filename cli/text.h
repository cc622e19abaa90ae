/* text.h: memory and small texts of the command line. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <steelyard/base.h>

/* Zeroed memory of count x size bytes; ends the program where there is none. Free with free(). */
void *grab(size_t count, size_t size);

/* A copy of text; free(). */
char *text_copy(const char *text);

/* printf into a new text; free(). */
char *text_format(const char *format, ...) SY_PRINTF(1, 2);

/* Behind the byte order mark that some programs put before a text. */
const char *text_past_mark(const char *text);

/* Whether the last letters of text are `ending`. */
bool text_ends_in(const char *text, const char *ending);

/* `text` in SQL quotes, those inside doubled; free(). */
char *text_quoted(const char *text, char quote);

/* Adds `more` to a text of text_copy or text_format and frees it. */
void text_append(char **text, char *more);

/* A number, or one of per cent: "0.005", "0.5%", "0.5 %". */
bool text_number(const char *text, double *number);

/* A list of texts it owns; zero-initialise. */
typedef struct text_list {
  char **items;
  size_t n;
} text_list;

/* Adds a copy of text. */
void text_list_add(text_list *list, const char *text);
void text_list_free(text_list *list);

/* Its items as the library wants them. */
const char *const *text_list_view(const text_list *list);

/* All items with a separator between; free(). */
char *text_list_join(const text_list *list, const char *separator);

/* Adds the pieces of text between separators outside "double quotes", as they stand. */
void text_list_split(text_list *list, const char *text, char separator);

/* Trims blanks off both ends of a text, then "double quotes" around it, doubled ones inside
 * becoming one; in place. Returns `text`. */
char *text_unquote(char *text);

/* Replaces each item by what text_unquote makes of it and drops the empty ones. */
void text_list_unquote(text_list *list);

/* First `wanted` outside "double quotes" in text, or NULL. */
char *text_find_outside_quotes(char *text, char wanted);

/* Columns a terminal needs for UTF-8 text: its characters. */
size_t text_columns(const char *text);

/* 1234567 as "1,234,567". */
char *text_count(uint64_t count, char text[SY_NUMBER_SIZE]);

#endif
