/* checkpoint_options.h: lines "NAME=VALUE" beside those of a checkpoint. */
#ifndef SY_STUDY_CHECKPOINT_OPTIONS_H
#define SY_STUDY_CHECKPOINT_OPTIONS_H

#include <steelyard/base.h>

/* SY_INVALID_ARGUMENT names the first option that is not what it was.
 * @param before  (size) lines of the file `path` */
sy_status sy_checkpoint_options_check(const char *path, const char *before, size_t size,
                                      const char *now, sy_error *error);

#endif
