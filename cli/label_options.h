/* label_options.h: what is said about labels whatever they come from: --label-kind, --classes,
 * --group-classes, --ignore, --label-separator. */
#ifndef CLI_LABEL_OPTIONS_H
#define CLI_LABEL_OPTIONS_H

#include <steelyard/labels.h>

#include "settings.h"

/* --group-classes, taken apart. */
typedef struct group_list {
  sy_class_group *groups;
  char **names;
  text_list *members;
  size_t n;
  size_t
      n_present; /* first so many of `groups` count: all, until those without labels are dropped */
} group_list;

typedef struct label_options {
  text_list classes;
  group_list groups;
} label_options;

/* Reads --classes (a file behind @ included) and --group-classes. Exit codes, as everywhere. */
int label_options_read(const settings *given, label_options *read);
void label_options_clear(label_options *read);

/* As the library takes them; a view that lives as long as both. */
sy_labels_options label_options_view(const settings *given, const label_options *read);

/* --label-kind, or `fallback` where it is not given. */
int label_kind_read(const settings *given, sy_label_kind fallback, sy_label_kind *kind);

/* How a kind is typed, with a blank between: "index name one-hot multi-hot". */
#define LABEL_KINDS "index name one-hot multi-hot"

#endif
