/* quoted.h: what a quoted string of Python, JSON or SQL says. */
#ifndef SY_DIALECT_QUOTED_H
#define SY_DIALECT_QUOTED_H

#include "dialect/lexer.h"

#include <steelyard/base.h>

/* Resolves the escapes of a SY_TOKEN_STRING into a new text; free() it. Fails with
 * SY_INVALID_WEIGHT for an escape that is none, a zero byte among them. */
sy_status sy_quoted_read(sy_token string, char **text, sy_error *error);

#endif
