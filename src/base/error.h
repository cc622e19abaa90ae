/* error.h: how the rooms report a failure. */
#ifndef SY_BASE_ERROR_H
#define SY_BASE_ERROR_H

#include <steelyard/base.h>

/* Fills `error` (where there is one) with status and text, printf-style, and returns status:
 * `return sy_fail(error, SY_INVALID_LABEL, "label %d at row %zu ...", ...)`. */
sy_status sy_fail(sy_error *error, sy_status status, const char *format, ...) SY_PRINTF(3, 4);

/* sy_fail for memory: status and text of SY_OUT_OF_MEMORY. */
sy_status sy_fail_memory(sy_error *error);

/* Asks the callback whether to go on: SY_OK, or SY_CANCELLED with its text in `error`. */
sy_status sy_progress_tell(sy_progress progress, const char *stage, double fraction,
                           sy_error *error);

#endif
