/* text.h: a growing text, and a dictionary of texts. */
#ifndef SY_BASE_TEXT_H
#define SY_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <steelyard/base.h>

/* A growing text. Zero-initialise; after a failed allocation `failed` is set and additions do
 * nothing, so callers check once at the end. `data` is NULL until something is added. */
typedef struct sy_text {
  char *data;
  size_t length, capacity;
  bool failed;
} sy_text;

/* Appends printf-style, a text, or bytes. */
void sy_text_add(sy_text *text, const char *format, ...) SY_PRINTF(2, 3);
void sy_text_put(sy_text *text, const char *string);
void sy_text_put_bytes(sy_text *text, const char *bytes, size_t length);

/* Newlines and other control characters become blanks: users' values go into messages of one line.
 */
void sy_text_blank_controls(char *string);

/* Bytes of a text that fit in `most`: no character of UTF-8 is cut in two. */
int sy_text_fit(const char *text, size_t most);

/* Columns a terminal needs for UTF-8 text (code points; invalid bytes count one each). */
size_t sy_text_width(const char *string);

/* A dictionary: text -> code 0, 1, 2, ... in order of first addition. Zero-initialise. */
typedef struct sy_dictionary {
  char **values; /* (n) owned */
  size_t n, capacity;
  uint32_t *slots; /* open addressing, code + 1; 0 = empty */
  size_t n_slots;
} sy_dictionary;

#define SY_NOT_FOUND UINT32_MAX

/* Code of the text, added where it is new; SY_NOT_FOUND when out of memory. */
uint32_t sy_dictionary_add(sy_dictionary *dictionary, const char *text, size_t length);

/* Code of the text, or SY_NOT_FOUND. */
uint32_t sy_dictionary_find(const sy_dictionary *dictionary, const char *text, size_t length);

/* Releases all and zeroes. */
void sy_dictionary_clear(sy_dictionary *dictionary);

#endif
