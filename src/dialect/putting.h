/* putting.h: what several dialects write alike. */
#ifndef SY_DIALECT_PUTTING_H
#define SY_DIALECT_PUTTING_H

#include "dialect/dialect.h"

/* A class name as a string of Python, which is one of GoogleSQL too: 'it\'s'. */
void sy_put_string(sy_text *text, const char *string);

/* A weight that every system takes for a floating-point number: 1.0, not 1. */
void sy_put_float(sy_text *text, double value);

/* The classes in their order, in lines that begin with `comment`: "# class ids: 0 = 'a', 1 = 'b'".
 * @param first_id  number of the first class */
void sy_put_order(sy_text *text, const char *comment, const char *what, size_t first_id,
                  const sy_written *written);

/* [1.0, 5.0] */
void sy_put_array(sy_text *text, const sy_written *written);

/* {0: 1.0, 1: 5.0}, keys by position. */
void sy_put_id_map(sy_text *text, const sy_written *written);

/* {'a': 1.0, 'b': 5.0}; keys are integers where all class names are. */
void sy_put_label_map(sy_text *text, const sy_written *written);

/* {1: 1.0, 'b': 5.0}; each key is an integer whose class name is one. */
void sy_put_integer_map(sy_text *text, const sy_written *written);

/* Whether a class name is an integer that fits in 32 bits, as LIBLINEAR wants its labels. */
bool sy_is_small_integer(const char *name);

/* Weight of the second of two classes, of the first as 1. Fails with SY_INVALID_ARGUMENT where the
 * first weighs nothing; `option` is what the ratio is for. */
sy_status sy_weight_ratio(const sy_written *written, const char *option, double *ratio,
                          sy_error *error);

#endif
