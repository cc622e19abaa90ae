/* counts_make.c: counts get names; counts that are known already; counts of several labels. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/counts.h"
#include "labels/name.h"

#include <math.h>
#include <string.h>

/* Copies of texts, the pointers and the bytes in one block. */
static char **copy_names(const char *const *names, size_t n) {
  size_t bytes = 0;
  for (size_t i = 0; i < n; i++) bytes += strlen(names[i]) + 1;
  char **copies = sy_alloc(n * sizeof *copies + bytes, 1);
  if (!copies) return NULL;
  char *end = (char *)(copies + n);
  for (size_t i = 0; i < n; i++) {
    size_t size = strlen(names[i]) + 1;
    copies[i] = memcpy(end, names[i], size);
    end += size;
  }
  return copies;
}

sy_status sy_counts_name_classes(sy_counts *counts, const char *const *names, sy_error *error) {
  counts->classes = copy_names(names, counts->n_classes);
  return counts->classes ? SY_OK : sy_fail_memory(error);
}

/* --- several labels a row --- */

static sy_status split_label(sy_counts *label, const sy_counts *cells, size_t l, sy_error *error) {
  static const char *const pair[] = {"0", "1"};
  if (!sy_counts_grow(label, 2) || (cells->sums && !sy_counts_need_sums(label)))
    return sy_fail_memory(error);
  for (size_t k = 0; k < 2; k++) {
    sy_counts_add_class(label, k, cells, 2 * l + k);
    label->positions += label->rows[k].rows;
  }
  return sy_counts_name_classes(label, pair, error);
}

sy_status sy_counts_split_labels(sy_counts *counts, const sy_counts *cells,
                                 const char *const *names, size_t n_labels, sy_error *error) {
  counts->label_names = copy_names(names, n_labels);
  counts->labels = sy_alloc_zero(n_labels, sizeof *counts->labels);
  if (!counts->label_names || !counts->labels) return sy_fail_memory(error);
  counts->n_labels = n_labels;
  sy_status status = SY_OK;
  for (size_t l = 0; l < n_labels && status == SY_OK; l++)
    status = split_label(&counts->labels[l], cells, l, error);
  return status;
}

/* --- counts that are known --- */

static sy_status check_name(const char *written, size_t k, sy_dictionary *seen, sy_error *error) {
  char *name = sy_name_canonical(written), shown[SY_SHOWN_SIZE];
  if (!name) return sy_fail_memory(error);
  size_t before = seen->n;
  sy_status status = SY_OK;
  if (*name == 0)
    status = sy_fail(error, SY_INVALID_LABEL, "class %zu of the counts has no name", k + 1);
  else if (sy_dictionary_add(seen, name, strlen(name)) == SY_NOT_FOUND)
    status = sy_fail_memory(error);
  else if (seen->n == before)
    status =
        sy_fail(error, SY_INVALID_LABEL, "class '%s' is counted twice", sy_shown(written, shown));
  free(name);
  return status;
}

static sy_status check_count(const char *name, double count, sy_error *error) {
  if (count >= 0 && count <= 0x1p53) return SY_OK;
  char number[SY_NUMBER_SIZE], shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "the count %s of class '%s' is not usable; it must be 0 or more, and 2^53 at most",
                 sy_number_format(count, number), sy_shown(name, shown));
}

/* A count with a fraction: its whole part of rows of weight one, and one of what is left. */
static void put_count(sy_counts *counts, size_t k, double count) {
  uint64_t whole = (uint64_t)count;
  sy_counts_add_ones(counts, k, whole);
  if (count > (double)whole) sy_counts_add_row(counts, k, count - (double)whole);
  counts->positions += counts->rows[k].rows;
  counts->first_axis = counts->positions;
}

static sy_status fill_counts(sy_counts *counts, const char *const *classes, const double *values,
                             sy_error *error) {
  sy_dictionary seen = {0};
  sy_status status = SY_OK;
  for (size_t k = 0; k < counts->n_classes && status == SY_OK; k++) {
    status = check_name(classes[k], k, &seen, error);
    if (status == SY_OK) status = check_count(classes[k], values[k], error);
  }
  if (status == SY_OK)
    status = sy_counts_name_classes(counts, (const char *const *)seen.values, error);
  sy_dictionary_clear(&seen);
  if (status != SY_OK) return status;
  for (size_t k = 0; k < counts->n_classes; k++)
    if (values[k] != floor(values[k]) && !sy_counts_need_sums(counts)) return sy_fail_memory(error);
  for (size_t k = 0; k < counts->n_classes; k++) put_count(counts, k, values[k]);
  return SY_OK;
}

sy_status sy_counts_of(const char *const *classes, const double *values, size_t n_classes,
                       sy_counts **made, sy_error *error) {
  *made = NULL;
  if (n_classes == 0) return sy_fail(error, SY_NO_ROWS, "there are no counts: no class is named");
  sy_counts *counts = sy_counts_new(n_classes);
  if (!counts) return sy_fail_memory(error);
  sy_status status = fill_counts(counts, classes, values, error);
  if (status == SY_OK)
    *made = counts;
  else
    sy_counts_free(counts);
  return status;
}
