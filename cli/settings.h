/* settings.h: everything that can be said on the command line, of all commands together. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "text.h"

typedef struct settings {
  /* how the source is written */
  const char *header, *delimiter, *null_text, *blank_lines;
  uint64_t skip;
  /* labels */
  const char *label, *label_origin; /* the origin is what errors call it */
  const char *label_kind, *label_separator, *ignore, *positive;
  text_list labels, classes, group_classes; /* one item an option given */
  /* columns */
  text_list features, exclude, keep;
  const char *sample_weight, *group, *sequence;
  /* labels that lie in no table */
  const char *counts, *mask, *extensions;
  /* weights and costs */
  const char *class_weight, *normalize, *cost, *emit;
  bool compare;
  /* testing */
  const char *test, *test_after;
  /* training */
  const char *model;
  double l2, tolerance;
  uint64_t max_iterations, min_count, max_categories;
  /* all commands */
  const char *output;
  uint64_t threads, seed;
  bool json, quiet, help;
} settings;

/* The defaults, taken from the library's. */
settings settings_default(void);

/* Releases its lists. */
void settings_clear(settings *given);

#endif
