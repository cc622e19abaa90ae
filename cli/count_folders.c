/* count_folders.c: a folder whose sub-folders are classes and whose files are rows. */
#include <stdlib.h>

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

int count_folders(counting *work) {
  sy_class_folders folders;
  sy_error error;
  if (sy_class_folders_read(work->source, work->given->extensions, progress_callback(), &folders,
                            &error) != SY_OK)
    return say_error(&error);
  for (size_t i = 0; i < sy_messages_count(folders.notes); i++)
    sy_messages_add(work->notes, "%s", sy_messages_get(folders.notes, i));
  int code = add_classes(work, &folders);
  sy_class_folders_clear(&folders);
  return code;
}
