/* label_truth.h: several labels a row, there or not: columns of 0 and 1, or lists in one column. */
#ifndef CLI_LABEL_TRUTH_H
#define CLI_LABEL_TRUTH_H

#include "column_list.h"
#include "roles.h"

typedef struct label_truth {
  text_list names;   /* (L) */
  uint8_t *there;    /* (rows, L) 1 = the label is there; NULL where none were read */
  column_list asked; /* their columns, where each has one */
} label_truth;

/* What options say of several labels a row, for a command that takes them (--labels, or --label
 * with --label-separator): says which do not go together. Exit codes, as everywhere. */
int label_truth_check(const settings *given);

/* --labels, or the columns called `names`: finds them and asks for them. */
int label_truth_ask(const settings *given, reading *opened, const roles *asked,
                    const text_list *names, label_truth *truth);

/* Whether a column of the source is one of those. */
bool label_truth_has(const label_truth *truth, size_t column);

/* Reads the columns that were asked for. */
int label_truth_columns(const reading *opened, label_truth *truth);

/* Reads lists from the column at a place.
 * @param names  (n) labels that there are; n = 0: those that the lists name, sorted */
int label_truth_lists(const settings *given, const reading *opened, size_t place,
                      const char *const *names, size_t n, label_truth *truth);

/* Counts of each label.
 * @param row_weights  (rows), or NULL
 * @param counts       out; sy_counts_free */
int label_truth_counts(const label_truth *truth, size_t rows, const double *row_weights,
                       sy_counts **counts);

void label_truth_free(label_truth *truth);

#endif
