/* count_one_hot.c: counting one-hot and soft labels. */
#include "base/error.h"
#include "labels/hot.h"

static sy_status read(const sy_counter *counter, sy_counts *counts, sy_error *error) {
  const sy_hot_state *state = counter->state;
  if (counter->ignored == counter->positions)
    return sy_fail(error, SY_NO_ROWS, "every label is ignored: no row is left");
  const sy_counts *from = state->counts.counts;
  if (!sy_counts_grow(counts, state->width) || (from->sums && !sy_counts_need_sums(counts)))
    return sy_fail_memory(error);
  for (size_t k = 0; k < state->width; k++) sy_counts_add_class(counts, k, from, k);
  sy_dictionary names = {0};
  sy_status status = sy_hot_names(counter, &names, error);
  if (status == SY_OK)
    status = sy_counts_name_classes(counts, (const char *const *)names.values, error);
  sy_dictionary_clear(&names);
  return status;
}

const sy_counting sy_counting_one_hot = {sy_hot_begin, sy_hot_end, sy_hot_add,  sy_hot_merge,
                                         read,         sy_hot_put, sy_hot_take, NULL};
