#define _POSIX_C_SOURCE 200809L
#include "source_kind.h"

#include <string.h>
#include <sys/stat.h>

#include <steelyard/store.h>

#include "say.h"

source_kind source_kind_of(const char *source) {
  struct stat facts;
  if (!source) return SOURCE_COUNTS;
  /* A pipe must not be read to find out what it is: it gives its bytes once. */
  if (strcmp(source, "-") == 0 || stat(source, &facts) != 0) return SOURCE_TABLE;
  if (S_ISDIR(facts.st_mode)) return SOURCE_FOLDERS;
  return S_ISREG(facts.st_mode) && sy_array_file_is(source) ? SOURCE_ARRAY : SOURCE_TABLE;
}

/* What options are for, and the way out where they are not. */
static int misfit(const char *option, unsigned sources, const char *source, source_kind kind) {
  const char *meant = sources == SOURCE_TABLE                    ? "tables"
                      : sources == SOURCE_ARRAY                  ? "arrays (.npy, IDX)"
                      : sources == SOURCE_FOLDERS                ? "folders of class folders"
                      : sources == (SOURCE_TABLE | SOURCE_ARRAY) ? "tables and arrays (.npy, IDX)"
                                                                 : "labels with names, one by one";
  const char *found = kind == SOURCE_TABLE     ? "is a table"
                      : kind == SOURCE_ARRAY   ? "is an array: its numbers are the labels"
                      : kind == SOURCE_FOLDERS ? "is a folder: its sub-folders are the classes"
                                               : "has classes and counts already";
  return say_usage("%s is for %s, and %s %s; leave it out", option, meant,
                   source ? source : "--counts", found);
}

int source_kind_check(const settings *given, const char *source, source_kind kind) {
  enum {
    TABLE = SOURCE_TABLE,
    ARRAY = SOURCE_ARRAY,
    FOLDERS = SOURCE_FOLDERS,
    COUNTS = SOURCE_COUNTS
  };
  const struct {
    const char *option;
    bool given;
    unsigned sources;
  } options[] = {
      {"--label", given->label != NULL, TABLE},
      {"--labels", given->labels.n > 0, TABLE},
      {"--label-separator", given->label_separator != NULL, TABLE},
      {"--sequence", given->sequence != NULL, TABLE},
      {"--skip", given->skip > 0, TABLE},
      {"--delimiter", given->delimiter != NULL, TABLE},
      {"--null", given->null_text != NULL, TABLE},
      {"--header", strcmp(given->header, settings_default().header) != 0, TABLE},
      {"--blank-lines", strcmp(given->blank_lines, settings_default().blank_lines) != 0, TABLE},
      {"--label-kind", given->label_kind != NULL, TABLE | ARRAY},
      {"--sample-weight", given->sample_weight != NULL, TABLE | ARRAY},
      {"--mask", given->mask != NULL, ARRAY},
      {"--extensions", given->extensions != NULL, FOLDERS},
      {"--group-classes", given->group_classes.n > 0, TABLE | FOLDERS | COUNTS},
  };
  for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
    if (options[i].given && !(options[i].sources & kind))
      return misfit(options[i].option, options[i].sources, source, kind);
  return EXIT_DONE;
}
