/* hot_state_bytes.c: what counters of kinds one-hot and multi-hot hold, as bytes. */
#include "labels/counts_bytes.h"
#include "labels/hot.h"

void sy_hot_put(const sy_counter *counter, sy_text *bytes) {
  const sy_hot_state *state = counter->state;
  const sy_counts *counts = state->counts.counts;
  sy_bytes_put(bytes, state->width);
  sy_bytes_put(bytes, counts != NULL);
  if (!counts) return;
  sy_bytes_put(bytes, counts->sums != NULL);
  for (size_t k = 0; k < counts->n_classes; k++) sy_counts_put_class(bytes, counts, k);
}

/* Each class takes three bytes or more, so that no more is asked of memory than was sent. */
static sy_counts *make_room(sy_byte_reader *reader, size_t n_classes, bool sums) {
  if (n_classes == 0 || n_classes > sy_bytes_left(reader) / 3)
    sy_bytes_refuse(reader, SY_INVALID_DATA);
  if (reader->status != SY_OK) return NULL;
  sy_counts *counts = sy_counts_new(n_classes);
  if (!counts || (sums && !sy_counts_need_sums(counts))) sy_bytes_refuse(reader, SY_OUT_OF_MEMORY);
  return counts;
}

void sy_hot_take(sy_counter *counter, sy_byte_reader *reader) {
  sy_hot_state *state = counter->state;
  size_t declared = counter->options.n_classes;
  size_t width = (size_t)sy_bytes_take(reader, INT32_MAX);
  if (declared > 0 && width != declared) sy_bytes_refuse(reader, SY_INVALID_DATA);
  bool any = sy_bytes_take(reader, 1);
  if (reader->status == SY_OK) state->width = width;
  if (!any && counter->positions > 0) sy_bytes_refuse(reader, SY_INVALID_DATA);
  if (!any) return;
  bool sums = sy_bytes_take(reader, 1);
  size_t n = counter->kind == SY_LABEL_MULTI_HOT ? 2 * width : width;
  state->counts.counts = make_room(reader, n, sums);
  for (size_t k = 0; k < n && reader->status == SY_OK; k++)
    sy_counts_take_class(reader, counter->positions, state->counts.counts, k);
}
