/* fit_files.h: the files that a training writes, checked before any work. */
#ifndef CLI_FIT_FILES_H
#define CLI_FIT_FILES_H

#include "settings.h"

/* That each can be written, and is neither one that is read nor that of another option.
 * @param test_source  that of --test, or NULL
 * An exit code, having said what is wrong. */
int fit_files_check(const settings *given, const char *source, const char *test_source);

#endif
