/* source_kind.h: what a SOURCE of labels is, and which options are for which. */
#ifndef CLI_SOURCE_KIND_H
#define CLI_SOURCE_KIND_H

#include "settings.h"

typedef enum source_kind {
  SOURCE_TABLE = 1,
  SOURCE_ARRAY = 2,   /* .npy or IDX */
  SOURCE_FOLDERS = 4, /* a folder whose sub-folders are classes */
  SOURCE_COUNTS = 8   /* none: counts as typed */
} source_kind;

/* NULL is counts. */
source_kind source_kind_of(const char *source);

/* Says which option that was given is not for such a source. Exit codes, as everywhere. */
int source_kind_check(const settings *given, const char *source, source_kind kind);

#endif
