/* literal.h: counts as Python or JSON writes them: {0: 900, 'a b': 1_000}, [900, 40],
 * Counter({...}), {np.int64(0): np.int64(900)}. */
#ifndef CLI_LITERAL_H
#define CLI_LITERAL_H

#include "text.h"

typedef struct literal {
  text_list names; /* of a list: 0, 1, .. */
  double *numbers; /* (names.n) */
} literal;

/* Reads a text, which errors call `called`. Exit codes, as everywhere; literal_clear in any case.
 * A number may be any that there is: what it means is for others to judge. */
int literal_read(const char *text, const char *called, literal *read);
void literal_clear(literal *read);

#endif
