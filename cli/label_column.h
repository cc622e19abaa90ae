/* label_column.h: a column of text becomes labels, as the options on labels say. */
#ifndef CLI_LABEL_COLUMN_H
#define CLI_LABEL_COLUMN_H

#include "reading.h"

/* Classes that labels must be of; n = 0 leaves it to --classes and the labels present. */
typedef struct declared_classes {
  const char *const *names;
  size_t n;
} declared_classes;

/* Reads labels from a coded column. With declared classes, members of --group-classes that the
 * column lacks are no error: the rows judged need not hold every label of those trained on.
 * @param labels  out; sy_labels_free
 * Returns an exit code, having said what is wrong. */
int label_column_read(const settings *given, const reading *opened, size_t place,
                      declared_classes declared, sy_labels **labels);

/* Counts of labels, with the names of their classes.
 * @param row_weights  (rows), or NULL
 * @param counts       out; sy_counts_free */
int label_column_counts(const sy_labels *labels, const double *row_weights, sy_counts **counts);

/* EXIT_DONE where two classes or more have rows; else says which one is alone. */
int label_column_check(const reading *opened, size_t place, const sy_labels *labels);

#endif
