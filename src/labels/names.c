/* names.c: labels from coded names, as a table's columns have them. */
#include <steelyard/labels.h>

sy_status sy_labels_from_names(const uint32_t *codes, size_t n, const char *const *values,
                               size_t n_values, const sy_labels_options *options,
                               sy_labels **labels, sy_error *error) {
  sy_label_array array = {.kind = SY_LABEL_NAME,
                          .values = sy_array_of(codes, SY_U32, 1, &n),
                          .names = values,
                          .n_names = n_values};
  return sy_labels_from_array(&array, options, labels, error);
}
