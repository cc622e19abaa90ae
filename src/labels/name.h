/* name.h: when two texts name the same class. */
#ifndef SY_LABELS_NAME_H
#define SY_LABELS_NAME_H

#include "base/text.h"

/* The one way to write a class name: blanks around it trimmed, and a plain decimal
 * -?(0|[1-9][0-9]*)(.[0-9]+)? without trailing zeros, bare point and the sign of zero: "1.0" and
 * "1" are one class, "007" and "1e3" stay what they are. A new text to free(); NULL when out of
 * memory. */
char *sy_name_canonical(const char *text);

/* Where in a text of `length` bytes (it ends at a zero, if there is one) its canonical form is:
 * always a piece of it, so that looking one up needs no memory. */
const char *sy_name_piece(const char *text, size_t *length);

/* True for a plain decimal as above, in canonical form. */
bool sy_name_is_number(const char *name);

/* Order of two canonical names that are numbers, by value and exactly, however many digits: < 0, 0
 * or > 0. */
int sy_name_compare_numbers(const char *a, const char *b);

/* Sorts canonical names: as numbers where all are numbers, else by bytes. */
void sy_names_sort(const char **names, size_t n);

/* Adds class names in canonical form to an empty dictionary, code k for name k; names NULL =
 * classes called by their ids. Fails with SY_INVALID_ARGUMENT for an empty name or one given twice,
 * SY_OUT_OF_MEMORY. */
sy_status sy_names_declare(const char *const *names, size_t n_names, sy_dictionary *classes,
                           sy_error *error);

/* Code of a name, put in canonical form first, or SY_NOT_FOUND. Allocates nothing. */
uint32_t sy_names_find(const sy_dictionary *classes, const char *name);

/* Fails with SY_INVALID_LABEL for a label that is missing at a place ("row 3"). */
sy_status sy_name_fail_missing(const char *place, sy_error *error);

#endif
