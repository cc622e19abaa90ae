/* count_multi_hot.c: counting several labels a row. */
#include "base/error.h"
#include "labels/hot.h"

static bool any_cell(const sy_counts *cells) {
  for (size_t k = 0; k < cells->n_classes; k++)
    if (cells->rows[k].rows > 0) return true;
  return false;
}

static sy_status read(const sy_counter *counter, sy_counts *counts, sy_error *error) {
  const sy_hot_state *state = counter->state;
  if (!any_cell(state->counts.counts))
    return sy_fail(error, SY_NO_ROWS, "every label is ignored: no row is left");
  sy_dictionary names = {0};
  sy_status status = sy_hot_names(counter, &names, error);
  if (status == SY_OK)
    status = sy_counts_split_labels(counts, state->counts.counts, (const char *const *)names.values,
                                    state->width, error);
  sy_dictionary_clear(&names);
  return status;
}

const sy_counting sy_counting_multi_hot = {sy_hot_begin, sy_hot_end, sy_hot_add,  sy_hot_merge,
                                           read,         sy_hot_put, sy_hot_take, NULL};
