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

/** What a label array holds. It says so; nothing is guessed from a shape. */
typedef enum sy_label_kind {
  SY_LABEL_INDEX,     /**< (n, ..) integers: the class id at each position */
  SY_LABEL_NAME,      /**< (n, ..) texts: the class name at each position */
  SY_LABEL_ONE_HOT,   /**< (n, .., K) the last axis is the class axis; soft labels too: a row is
                       * 0 or more throughout and sums to 1 within 1e-4 */
  SY_LABEL_MULTI_HOT, /**< (n, .., L) 0 or 1: L independent yes/no labels */
  SY_LABEL_NAME_LIST  /**< (n, ..) texts, each naming any number of labels ("a;b"): multi-hot. An
                       * empty text is a row without labels, a name given twice is there once */
} sy_label_kind;

/** Name of a kind: "index", "name", "one-hot", "multi-hot", "name list". */
SY_API const char *sy_label_kind_name(sy_label_kind kind);

/** Texts one after the other, as Arrow has them: text i is bytes[offsets[i]] .. bytes[offsets[i +
 * 1]], not terminated. */
typedef struct sy_texts {
  const char *bytes;
  const int64_t *offsets; /**< (n + 1) */
} sy_texts;

/** A label array of any shape: a view that owns nothing. A position is what has one label: an
 * element (index, name) or a row of the last axis (one-hot, multi-hot); the axes of the positions
 * are the leading axes, of which the first is the rows. */
typedef struct sy_label_array {
  sy_label_kind kind;
  /** Index: an integer type. One-hot and multi-hot: any type. Name and name list: SY_U32 codes into
   * `names`, SY_MISSING for a missing one; or no data, the shape alone, where `texts` are given. */
  sy_array values;
  const char *const *names; /**< (n_names) distinct texts that codes point to */
  size_t n_names;
  const sy_texts *texts; /**< names in C order of the shape, instead of codes; or NULL */
  /** Which positions count: integers, 0 = taken out; shape of the leading axes, or one for
   * each row. NULL = all. */
  const sy_array *mask;
  /** Row weights, float32 or float64, >= 0 and finite: one axis = one for each row (first axis), or
   * the shape of the leading axes = one for each position. NULL = ones. */
  const sy_array *row_weights;
} sy_label_array;

/** How labels are read. Zero (or sy_labels_options_default) means: classes are those present. */
typedef struct sy_labels_options {
  /** Declared classes in their order (of multi-hot: the labels). NULL with n_classes > 0: classes
   * called by their ids 0..n_classes-1. NULL with 0: those present, sorted; of one-hot and
   * multi-hot the ids of the last axis. */
  const char *const *classes;
  size_t n_classes;
  const sy_class_group *groups; /**< names: applied to a label before it is looked up */
  size_t n_groups;
  /** A label whose positions are taken out, NULL = none: an id in decimal (index), a name (of a
   * list: wherever it is among the names); multi-hot of an integer type: the value (-1, say) that
   * takes one cell out. */
  const char *ignore;
  const char *separator; /**< name list: between the names of one text, ";" where NULL */
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

/** Labels from an array of kind index, name or one-hot whose positions each have one class: the ids
 * of all positions in C order; masked positions become SY_IGNORED. Row weights are checked, not
 * kept. Fails as sy_counter_add and sy_counter_counts do, and with SY_INVALID_LABEL for a soft row
 * or a kind with several labels a row (SY_INVALID_ARGUMENT). */
SY_API sy_status sy_labels_from_array(const sy_label_array *array, const sy_labels_options *options,
                                      sy_labels **labels, sy_error *error);

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

/** A new accumulator of K classes without names, all zero; NULL when out of memory. */
SY_API sy_counts *sy_counts_new(size_t n_classes);

/** Counts that are known already, of named classes.
 * @param classes  (K) names, each once
 * @param counts   (K) rows of each, 0 (declared, but absent) to 2^53, fractions allowed
 * @param made     out; free with sy_counts_free
 * Fails with SY_INVALID_LABEL (a name given twice or empty), SY_INVALID_WEIGHT (a count that is
 * negative, no number or above 2^53), naming the class; SY_NO_ROWS (K = 0). */
SY_API sy_status sy_counts_of(const char *const *classes, const double *counts, size_t n_classes,
                              sy_counts **made, sy_error *error);

/** Frees an accumulator; NULL is legal. */
SY_API void sy_counts_free(sy_counts *counts);

/** Adds a block of positions.
 * @param ids          (n) class ids; SY_IGNORED positions are skipped
 * @param row_weights  (n) >= 0 and finite, or NULL for ones; weight k counts as k rows
 * Fails with SY_INVALID_LABEL (an id outside) or SY_INVALID_WEIGHT, naming the row; then nothing
 * of the block has been added. */
SY_API sy_status sy_counts_add(sy_counts *counts, const int32_t *ids, size_t n,
                               const double *row_weights, sy_error *error);

/** Adds all of `from` to `into`; both must have the same number of classes and, where both have
 * names, the same in the same order (SY_INVALID_SHAPE).
 * Fails with SY_INVALID_DATA where more than 2^64 - 1 rows come together; then nothing has been
 * added. */
SY_API sy_status sy_counts_merge(sy_counts *into, const sy_counts *from, sy_error *error);

/** Number of classes K, absent ones included; 0 where there are several labels a row. */
SY_API size_t sy_counts_n_classes(const sy_counts *counts);

/** (K) names of the classes, or NULL where they have none. Lives as long as the counts. */
SY_API const char *const *sy_counts_classes(const sy_counts *counts);

/** Rows (positions) seen of class k, whatever their weight; of soft labels, the rows in which the
 * class has a part. */
SY_API uint64_t sy_counts_rows(const sy_counts *counts, size_t k);

/** Sum of row weights of class k, correctly rounded; a soft label counts by its part. */
SY_API double sy_counts_weight(const sy_counts *counts, size_t k);

/** Sum of squared row weights of class k, correctly rounded (for effective numbers of rows); a soft
 * label counts by the square of part x row weight. */
SY_API double sy_counts_weight_squared(const sy_counts *counts, size_t k);

/** For images (index labels of three axes or more): the weight of all positions of those images
 * (entries of the first axis) that hold class k, at a weight above 0, which median frequency
 * divides by. NaN where that was not counted. */
SY_API double sy_counts_holding(const sy_counts *counts, size_t k);

/** Positions seen, those taken out included. */
SY_API uint64_t sy_counts_positions(const sy_counts *counts);

/** Rows of the first axis seen: as many as positions, or fewer where arrays have more axes. */
SY_API uint64_t sy_counts_first_axis(const sy_counts *counts);

/** Positions taken out by mask or ignore (of multi-hot: cells). */
SY_API uint64_t sy_counts_ignored(const sy_counts *counts);

/** Several labels a row: their number L, else 0. */
SY_API size_t sy_counts_n_labels(const sy_counts *counts);

/** (L) names of the labels. Lives as long as the counts. */
SY_API const char *const *sy_counts_labels(const sy_counts *counts);

/** Counts of label l alone: two classes, 0 = rows without the label, 1 = rows with it. Lives as
 * long as the counts. */
SY_API const sy_counts *sy_counts_label(const sy_counts *counts, size_t l);

/** What was noticed while counting ("every row is 0 but for one 1: is this one-hot?"); never NULL
 * for counts that came from a counter, else NULL. Lives as long as the counts. */
SY_API const sy_messages *sy_counts_messages(const sy_counts *counts);

/** Counts label arrays whose classes may not be known yet: add blocks, merge counters that counted
 * other blocks, in any order and on any number of threads, then read the counts; the same bits come
 * out. */
typedef struct sy_counter sy_counter;

/** A counter of labels of one kind; it keeps copies of the options. Fails with SY_INVALID_ARGUMENT
 * (options that contradict each other, a declared class given twice), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_counter_new(sy_label_kind kind, const sy_labels_options *options,
                                sy_counter **counter, sy_error *error);

/** Frees a counter; NULL is legal. */
SY_API void sy_counter_free(sy_counter *counter);

/** Counts a block. Rows of errors are counted from the counter's first block on; positions with
 * further axes are told as "row 3, step 7" (two axes) or "row 3, position (5, 9)", all 1-based.
 * Fails, nothing of the block being counted:
 * - SY_INVALID_ARGUMENT: another kind than the counter's; floats declared index; a mask or row
 *   weights of a wrong type
 * - SY_INVALID_SHAPE: one-hot or multi-hot without a class axis, or of another length than the
 *   declared classes or earlier blocks; a mask or row weights of another shape; too many axes
 * - SY_INVALID_LABEL: an id or name outside the declared classes; a missing name; a one-hot row
 *   that sums to 0 or 2 or holds NaN or a negative; a multi-hot cell that is neither 0 nor 1;
 *   multi-hot rows declared one-hot, (n, T) ids declared one-hot: always with the position, the
 *   value and what would be right; ids below 0 beside ids of 2^63 and more
 * - SY_INVALID_WEIGHT: a row weight that is negative, infinite or no number, with its row
 * - SY_INVALID_DATA: more than 2^64 - 1 positions in all
 * - SY_OUT_OF_MEMORY */
SY_API sy_status sy_counter_add(sy_counter *counter, const sy_label_array *labels, sy_error *error);

/** Adds what `from` has counted; both must be of one kind with the same options
 * (SY_INVALID_ARGUMENT) and, of one-hot and multi-hot, the same length of the last axis
 * (SY_INVALID_SHAPE). They may be one: that doubles its counts. Fails as sy_counter_add does where
 * they do not go together; then nothing has been added. */
SY_API sy_status sy_counter_merge(sy_counter *into, const sy_counter *from, sy_error *error);

/** Writes down all that a counter holds (kind, options, names, exact sums), so that another process
 * can merge it or go on counting, to the same bits as here.
 * @param bytes  out: the same on every machine; free() them
 * @param size   out: their number
 * Fails with SY_OUT_OF_MEMORY. */
SY_API sy_status sy_counter_to_bytes(const sy_counter *counter, void **bytes, size_t *size,
                                     sy_error *error);

/** A counter from what sy_counter_to_bytes wrote.
 * @param counter  out; free with sy_counter_free
 * Fails with SY_INVALID_DATA (not such bytes, damaged, cut short, of a newer format; the text says
 * which), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_counter_from_bytes(const void *bytes, size_t size, sy_counter **counter,
                                       sy_error *error);

/** The counts so far, classes in their order: as declared, else sorted (ids and numbers as numbers,
 * other names by bytes).
 * @param counts  out; free with sy_counts_free
 * Fails with SY_NO_ROWS (nothing counted; every position ignored), SY_INVALID_LABEL (a member of a
 * group that no label has), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_counter_counts(const sy_counter *counter, sy_counts **counts, sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
