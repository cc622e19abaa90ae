/* counts.h: what counts are made of, for the kinds of labels that fill them. Sums of weights that
 * are not all one are made when the first such weight comes: they are a thousand times larger than
 * a number of rows. */
#ifndef SY_LABELS_COUNTS_H
#define SY_LABELS_COUNTS_H

#include "base/exact.h"

#include <steelyard/labels.h>

typedef struct class_rows {
  uint64_t rows; /* whatever their weight */
  uint64_t ones; /* those of weight one */
  uint64_t held; /* positions of weight one of the images that hold the class */
} class_rows;

typedef struct class_sums {
  sy_exact weight;  /* sum of the weights other than one */
  sy_exact squared; /* sum of their squares */
  sy_exact held;    /* weights other than one of the images that hold the class */
} class_sums;

struct sy_counts {
  size_t n_classes;
  class_rows *rows; /* (n_classes) */
  class_sums *sums; /* (n_classes); NULL while every weight is one */
  bool knows_holding;
  uint64_t positions, ignored;
  uint64_t first_axis; /* rows of it */
  char **classes;      /* (n_classes) with their texts in one block; NULL = without names */
  size_t n_labels;
  sy_counts *labels;  /* (n_labels), of two classes each */
  char **label_names; /* (n_labels) */
  sy_messages *messages;
};

/* Makes room for more classes, which are all zero; no fewer than there are. False when out of
 * memory. */
bool sy_counts_grow(sy_counts *counts, size_t n_classes);

/* Makes room for sums of weights other than one; false when out of memory. */
bool sy_counts_need_sums(sy_counts *counts);

/* Adds `rows` rows of weight one to class k. */
void sy_counts_add_ones(sy_counts *counts, size_t k, uint64_t rows);

/* Adds one row of class k; counts that need sums have them. */
void sy_counts_add_row(sy_counts *counts, size_t k, double weight);

/* Adds one row of which class k has a part: part x weight, without rounding. */
void sy_counts_add_part(sy_counts *counts, size_t k, double part, double weight);

/* Adds class j of `from` to class k; where `from` has sums, so has `into`. */
void sy_counts_add_class(sy_counts *into, size_t k, const sy_counts *from, size_t j);

/* Names the classes; copies. */
sy_status sy_counts_name_classes(sy_counts *counts, const char *const *names, sy_error *error);

/* Makes counts of several labels a row out of counts of 2 L classes, of which 2 l and 2 l + 1 are
 * the rows without and with label l. Copies the names.
 * @param names  (n_labels) */
sy_status sy_counts_split_labels(sy_counts *counts, const sy_counts *cells,
                                 const char *const *names, size_t n_labels, sy_error *error);

#endif
