/* labels.c: what every kind of label has in common. */
#include "labels/labels.h"

#include "base/error.h"
#include "base/memory.h"
#include "labels/name.h"

sy_labels_options sy_labels_options_default(void) {
  return (sy_labels_options){0};
}

sy_labels *sy_labels_new(size_t rows) {
  sy_labels *labels = sy_alloc_zero(1, sizeof *labels);
  if (!labels) return NULL;
  labels->rows = rows;
  labels->ids = sy_alloc(rows, sizeof *labels->ids);
  if (labels->ids) return labels;
  free(labels);
  return NULL;
}

void sy_labels_free(sy_labels *labels) {
  if (!labels) return;
  sy_dictionary_clear(&labels->classes);
  free(labels->ids);
  free(labels);
}

sy_status sy_labels_check_classes(size_t n_classes, sy_error *error) {
  if (n_classes <= INT32_MAX) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT, "%zu classes are more than the %d there may be",
                 n_classes, INT32_MAX);
}

size_t sy_labels_rows(const sy_labels *labels) {
  return labels->rows;
}

size_t sy_labels_n_classes(const sy_labels *labels) {
  return labels->classes.n;
}

const int32_t *sy_labels_ids(const sy_labels *labels) {
  return labels->ids;
}

const char *const *sy_labels_classes(const sy_labels *labels) {
  return (const char *const *)labels->classes.values;
}

int sy_labels_find(const sy_labels *labels, const char *name) {
  uint32_t code = sy_names_find(&labels->classes, name);
  return code == SY_NOT_FOUND ? -1 : (int)code;
}
