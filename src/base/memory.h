/* memory.h: all allocation of the library goes through here (tests make the n-th fail). Free with
 * free(). A request of 0 bytes gives a pointer that may be freed. */
#ifndef SY_BASE_MEMORY_H
#define SY_BASE_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

/* count x size bytes, not initialised; NULL on overflow or when out of memory. */
void *sy_alloc(size_t count, size_t size);

/* The same, all zero. */
void *sy_alloc_zero(size_t count, size_t size);

/* Grows or shrinks; the old block stays on failure. */
void *sy_realloc(void *block, size_t count, size_t size);

/* Copy of a text, or of its first `length` bytes plus a zero. */
char *sy_copy_text(const char *text);
char *sy_copy_bytes(const char *text, size_t length);

/* For tests: the n-th allocation of this thread from now on fails, once (1 = the next); 0 = none.
 * Returns how many were still to come before an earlier failure was due; 0 = it has struck. */
size_t sy_memory_fail_nth(size_t n);

#endif
