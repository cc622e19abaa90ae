/* labels.h: what a label array is, and counts. A label array says which classes there are and which
 * one each position has; positions may be ignored. */
#ifndef STEELYARD_LABELS_H
#define STEELYARD_LABELS_H

#include <steelyard/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Id of a position that was taken out (ignored): it counts nowhere and weighs nothing. */
#define SY_IGNORED (-1)

/** Code of a missing text value in a coded column. */
#define SY_MISSING UINT32_MAX

/** Several names that become one class: `name` takes every label in `members`. */
typedef struct sy_class_group {
  const char *name;
  const char *const *members;
  size_t n_members;
} sy_class_group;

/** How labels are read. Zero (or sy_labels_options_default) means: classes are those present. */
typedef struct sy_labels_options {
  const char *const *classes; /**< declared classes in their order; NULL = those present, sorted */
  size_t n_classes;
  const sy_class_group *groups; /**< applied to the label before it is looked up in the classes */
  size_t n_groups;
  const char *ignore; /**< a label whose positions are taken out; NULL = none */
} sy_labels_options;

/** Options with nothing declared, grouped or ignored. */
SY_API sy_labels_options sy_labels_options_default(void);

/** Labels of n positions as ids 0..K-1 (or SY_IGNORED), with the names of the classes. */
typedef struct sy_labels sy_labels;

/** Labels from coded names (kind `name`).
 * Names are compared as text after trimming blanks, but a plain decimal loses trailing zeros and
 * point first, so "1.0" and "1" are one class while "007" stays "007". Without declared classes
 * the names present are sorted: as numbers where all are numbers, else by bytes.
 * @param codes   (n) index into `values`; SY_MISSING is a null
 * @param n       rows, > 0
 * @param values  (n_values) the distinct texts
 * @param labels  out; free with sy_labels_free
 * Fails with SY_INVALID_LABEL for a null or empty label (naming its row, 1-based), for one outside
 * the declared classes (row, value, nearest class), for a group member that is not in the data,
 * SY_NO_ROWS, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_labels_from_names(const uint32_t *codes, size_t n, const char *const *values,
                                      size_t n_values, const sy_labels_options *options,
                                      sy_labels **labels, sy_error *error);

/** Labels from integers (kind `index`): without declared classes the ids present, sorted, become
 * the classes (their names are the decimals); with `n_classes` declared, id k is class k and an id
 * outside 0..K-1 is an error naming position and value. `dtype` is an integer type; floats are
 * refused (SY_INVALID_ARGUMENT). `options->ignore` is an id in decimal. Groups are not used.
 * A single-axis array; further axes come with the label shapes. */
SY_API sy_status sy_labels_from_index(const void *ids, sy_dtype dtype, size_t n,
                                      const sy_labels_options *options, sy_labels **labels,
                                      sy_error *error);

/** Frees labels; NULL is legal. */
SY_API void sy_labels_free(sy_labels *labels);

/** Number of positions. */
SY_API size_t sy_labels_rows(const sy_labels *labels);

/** Number of classes K, declared but absent ones included. */
SY_API size_t sy_labels_n_classes(const sy_labels *labels);

/** (n) class id of each position, SY_IGNORED where taken out. Lives as long as the labels. */
SY_API const int32_t *sy_labels_ids(const sy_labels *labels);

/** (K) names of the classes. Lives as long as the labels. */
SY_API const char *const *sy_labels_classes(const sy_labels *labels);

/** Index of the class called `name` (written as in sy_labels_from_names), or -1. */
SY_API int sy_labels_find(const sy_labels *labels, const char *name);

/** Counts of classes: a mergeable accumulator. Blocks and accumulators may be added in any order
 * and give the same bits: row counts are integers, sums of weights are kept exactly and rounded
 * once when read. */
typedef struct sy_counts sy_counts;

/** A new accumulator of K classes, all zero; NULL when out of memory. */
SY_API sy_counts *sy_counts_new(size_t n_classes);

/** Frees an accumulator; NULL is legal. */
SY_API void sy_counts_free(sy_counts *counts);

/** Adds a block of positions.
 * @param ids          (n) class ids; SY_IGNORED positions are skipped
 * @param row_weights  (n) >= 0 and finite, or NULL for ones; weight k counts as k rows
 * Fails with SY_INVALID_LABEL (an id outside) or SY_INVALID_WEIGHT, naming the row; then nothing
 * of the block has been added. */
SY_API sy_status sy_counts_add(sy_counts *counts, const int32_t *ids, size_t n,
                               const double *row_weights, sy_error *error);

/** Adds all of `from` to `into`; both must have the same number of classes (SY_INVALID_SHAPE). */
SY_API sy_status sy_counts_merge(sy_counts *into, const sy_counts *from, sy_error *error);

/** Rows seen of class k, whatever their weight. */
SY_API uint64_t sy_counts_rows(const sy_counts *counts, size_t k);

/** Sum of row weights of class k, correctly rounded. */
SY_API double sy_counts_weight(const sy_counts *counts, size_t k);

/** Sum of squared row weights of class k, correctly rounded (for effective numbers of rows). */
SY_API double sy_counts_weight_squared(const sy_counts *counts, size_t k);

#ifdef __cplusplus
}
#endif
#endif
