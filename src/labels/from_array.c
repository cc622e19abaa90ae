/* from_array.c: labels of one class a position, from arrays of any kind that has such: their
 * classes are counted first, then each position finds its own. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/counter.h"
#include "labels/labels.h"
#include "labels/name.h"

static sy_status follow_lookup(const sy_counter *counter, const sy_positions *positions,
                               int32_t *ids, sy_error *error) {
  sy_class_lookup *lookup;
  sy_status status = sy_class_lookup_new(counter, &lookup, error);
  if (status == SY_OK) status = sy_class_lookup_ids(lookup, positions, 0, positions->n, ids, error);
  sy_class_lookup_free(lookup);
  return status;
}

/* Class of a row that is 0 but for one 1; SY_IGNORED of a masked row, which is all 0. */
static sy_status find_one(const sy_positions *positions, size_t position, const double *row,
                          int32_t *id, sy_error *error) {
  *id = SY_IGNORED;
  for (size_t k = 0; k < positions->width; k++) {
    if (row[k] == 1) *id = (int32_t)k; /* a second 1 was refused: the row would sum to 2 */
    if (row[k] == 0 || row[k] == 1) continue;
    char number[SY_NUMBER_SIZE], place[SY_PLACE_SIZE];
    return sy_fail(
        error, SY_INVALID_LABEL,
        "the label at %s has a part %s of class %zu of %zu: a soft label is no one class",
        sy_positions_place(positions, position, 0, place), sy_number_format(row[k], number), k + 1,
        positions->width);
  }
  return SY_OK;
}

static sy_status follow_rows(const sy_counter *counter, const sy_positions *positions, int32_t *ids,
                             sy_error *error) {
  double *row = sy_alloc(positions->width, sizeof *row);
  sy_status status = row ? SY_OK : sy_fail_memory(error);
  for (size_t i = 0; i < positions->n && status == SY_OK; i++) {
    uint8_t counts;
    sy_positions_mask(positions, i, 1, &counts);
    status = sy_positions_hot(counter, positions, i, 1, &counts, row, error);
    if (status == SY_OK) status = find_one(positions, i, row, &ids[i], error);
  }
  free(row);
  return status;
}

static sy_status take_classes(const sy_counter *counter, sy_labels *labels, sy_error *error) {
  sy_counts *counts;
  sy_status status = sy_counter_counts(counter, &counts, error);
  if (status != SY_OK) return status;
  status = sy_names_declare(sy_counts_classes(counts), sy_counts_n_classes(counts),
                            &labels->classes, error);
  sy_counts_free(counts);
  return status;
}

static sy_status read_array(sy_counter *counter, const sy_label_array *array, sy_labels **labels,
                            sy_error *error) {
  sy_positions positions;
  sy_status status = sy_counter_add(counter, array, error);
  if (status == SY_OK) status = sy_positions_of(array, &positions, error);
  if (status != SY_OK) return status;
  sy_labels *read = *labels = sy_labels_new(positions.n);
  if (!read) return sy_fail_memory(error);
  status = take_classes(counter, read, error);
  if (status != SY_OK) return status;
  return array->kind == SY_LABEL_ONE_HOT ? follow_rows(counter, &positions, read->ids, error)
                                         : follow_lookup(counter, &positions, read->ids, error);
}

sy_status sy_labels_from_array(const sy_label_array *array, const sy_labels_options *options,
                               sy_labels **labels, sy_error *error) {
  *labels = NULL;
  if (array->kind == SY_LABEL_MULTI_HOT || array->kind == SY_LABEL_NAME_LIST)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "labels of kind %s have several labels a row, not one class",
                   sy_label_kind_name(array->kind));
  sy_counter *counter;
  sy_labels *read = NULL;
  sy_status status = sy_counter_new(array->kind, options, &counter, error);
  if (status == SY_OK) status = read_array(counter, array, &read, error);
  sy_counter_free(counter);
  if (status == SY_OK)
    *labels = read;
  else
    sy_labels_free(read);
  return status;
}

sy_status sy_labels_from_names(const uint32_t *codes, size_t n, const char *const *values,
                               size_t n_values, const sy_labels_options *options,
                               sy_labels **labels, sy_error *error) {
  sy_label_array array = {.kind = SY_LABEL_NAME,
                          .values = sy_array_of(codes, SY_U32, 1, &n),
                          .names = values,
                          .n_names = n_values};
  return sy_labels_from_array(&array, options, labels, error);
}
