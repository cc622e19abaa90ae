/* count_folders.c: a folder whose sub-folders are classes and whose files are rows. */
#include <stdlib.h>
#include <string.h>

#include <steelyard/store.h>

#include "counting.h"
#include "progress.h"
#include "say.h"

/* All files of a class are one label, repeated by a stride of 0. */
static int add_class(counting *work, const sy_class_folders *folders, size_t k) {
  uint32_t code = 0;
  size_t files = (size_t)folders->files[k];
  const char *name = folders->classes[k];
  sy_label_array labels = {.kind = SY_LABEL_NAME,
                           .values = sy_array_of(&code, SY_U32, 1, &files),
                           .names = &name,
                           .n_names = 1};
  labels.values.strides[0] = 0;
  const char *slash = text_ends_in(work->source, "/") ? "" : "/";
  return counting_add(work, &labels, "%s%s%s", work->source, slash, name);
}

static int add_classes(counting *work, const sy_class_folders *folders) {
  sy_labels_options options = label_options_view(work->given, &work->options);
  /* Declared, folders keep the order of their names, and one without files is told of. */
  bool plain = !options.n_classes && !options.n_groups && !options.ignore;
  if (plain) options.classes = (const char *const *)folders->classes;
  if (plain) options.n_classes = folders->n_classes;
  int code = counting_begin(work, SY_LABEL_NAME, &options);
  for (size_t k = 0; k < folders->n_classes && code == EXIT_DONE; k++)
    if (folders->files[k]) code = add_class(work, folders, k);
  return code;
}

/* Names of folders are read as labels are, so that two may be one class, such as 1 and 1.0. */
static int compare_names(counting *work, const sy_class_folders *folders, sy_labels *labels) {
  size_t n = folders->n_classes, *first = grab(n, sizeof *first);
  const int32_t *ids = sy_labels_ids(labels);
  const char *slash = text_ends_in(work->source, "/") ? "" : "/";
  int code = EXIT_DONE;
  for (size_t k = 0; k < n && code == EXIT_DONE; k++) {
    const char *name = folders->classes[k], *class = sy_labels_classes(labels)[ids[k]];
    size_t other = first[ids[k]];
    if (other)
      code = say_failed("%s%s%s and %s%s%s are both class '%s': rename one", work->source, slash,
                        folders->classes[other - 1], work->source, slash, name, class);
    else if (strcmp(name, class) != 0)
      sy_messages_add(work->notes, "%s%s%s is class '%s', as labels are read", work->source, slash,
                      name, class);
    first[ids[k]] = k + 1;
  }
  free(first);
  return code;
}

static int check_names(counting *work, const sy_class_folders *folders) {
  size_t n = folders->n_classes;
  uint32_t *codes = grab(n, sizeof *codes);
  for (size_t k = 0; k < n; k++) codes[k] = (uint32_t)k;
  sy_labels *labels;
  sy_error error;
  sy_status status = sy_labels_from_names(codes, n, (const char *const *)folders->classes, n, NULL,
                                          &labels, &error);
  free(codes);
  if (status == SY_INVALID_LABEL)
    return say_failed("%s: a folder whose name is blank is no class: rename it", work->source);
  if (status != SY_OK) return say_error(&error);
  int code = compare_names(work, folders, labels);
  sy_labels_free(labels);
  return code;
}

int count_folders(counting *work) {
  sy_class_folders folders;
  sy_error error;
  if (sy_class_folders_read(work->source, work->given->extensions, progress_callback(), &folders,
                            &error) != SY_OK)
    return say_error(&error);
  for (size_t i = 0; i < sy_messages_count(folders.notes); i++)
    sy_messages_add(work->notes, "%s", sy_messages_get(folders.notes, i));
  int code = check_names(work, &folders);
  if (code == EXIT_DONE) code = add_classes(work, &folders);
  sy_class_folders_clear(&folders);
  return code;
}
