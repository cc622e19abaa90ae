/* name.h: when two texts name the same class. */
#ifndef SY_LABELS_NAME_H
#define SY_LABELS_NAME_H

#include "base/text.h"

/* The one way to write a class name: blanks around it trimmed, and a plain decimal
 * -?(0|[1-9][0-9]*)(.[0-9]+)? without trailing zeros, bare point and the sign of zero: "1.0" and
 * "1" are one class, "007" and "1e3" stay what they are. A new text to free(); NULL when out of
 * memory. */
char *sy_name_canonical(const char *text);

/* True for a plain decimal as above, in canonical form. */
bool sy_name_is_number(const char *name);

/* Order of two canonical names that are numbers, by value and exactly, however many digits: < 0, 0
 * or > 0. */
int sy_name_compare_numbers(const char *a, const char *b);

/* Adds class names in canonical form to an empty dictionary, code k for name k. Fails with
 * SY_INVALID_ARGUMENT for an empty name or one given twice, SY_OUT_OF_MEMORY. */
sy_status sy_names_declare(const char *const *names, size_t n_names, sy_dictionary *classes,
                           sy_error *error);

/* Code of a name, put in canonical form first, or SY_NOT_FOUND. Allocates nothing. */
uint32_t sy_names_find(const sy_dictionary *classes, const char *name);

#endif
