#include "study/present.h"

void sy_present_ids(const sy_labels *labels, const double *row_weights, int32_t *ids) {
  const int32_t *all = sy_labels_ids(labels);
  for (size_t i = 0; i < sy_labels_rows(labels); i++) {
    bool absent = row_weights && row_weights[i] == 0;
    ids[i] = absent ? SY_IGNORED : all[i];
  }
}
