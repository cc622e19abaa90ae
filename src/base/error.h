/* error.h: how the rooms report a failure. */
#ifndef SY_BASE_ERROR_H
#define SY_BASE_ERROR_H

#include <steelyard/base.h>

/* Fills `error` (where there is one) with status and text, printf-style, and returns status:
 * `return sy_fail(error, SY_INVALID_LABEL, "label %d at row %zu ...", ...)`. The text is kept to
 * one line: control characters become blanks, a text too long ends in "...". Arguments may point
 * into error->text. */
sy_status sy_fail(sy_error *error, sy_status status, const char *format, ...) SY_PRINTF(3, 4);

/* sy_fail for memory: status and text of SY_OUT_OF_MEMORY. */
sy_status sy_fail_memory(sy_error *error);

/* Asks the callback whether to go on: SY_OK, or SY_CANCELLED with its text in `error`. */
sy_status sy_progress_tell(sy_progress progress, const char *stage, double fraction,
                           sy_error *error);

/* Bytes that hold any text written by sy_shown, zero included. */
#define SY_SHOWN_SIZE 68

/* A user's text for a message: its first 64 bytes at most (whole code points, "..." where cut),
 * control characters as blanks, so that one long cell cannot push the rest of a message out.
 * Returns `shown`. */
const char *sy_shown(const char *text, char shown[SY_SHOWN_SIZE]);

#endif
