/* score_parts.h: the steps of reading scores, each in the file of its name. */
#ifndef CLI_SCORE_PARTS_H
#define CLI_SCORE_PARTS_H

#include "score_columns.h"

/* score_classes.c: which class each column of a model is of.
 * @param order  (columns) out: class of each column; of one column, the class it is of */
int score_classes_match(const score_rows *rows, const score_model *model, size_t *order);

/* Labels of the rows; where the columns are of more classes than have rows, those of the columns
 * are the classes. */
int score_classes_read(const settings *given, const roles *asked, score_rows *rows);

/* The positive class of two; the class that one column is of where its name says so. */
int score_positive_find(const settings *given, score_rows *rows);

/* score_values.c: cells become probabilities and their logs.
 * @param undo  (K) class weights that are taken out, (L, 2) of several labels, or NULL */
int score_values_read(const settings *given, score_rows *rows, const double *undo);

/* score_labels.c: --labels, several labels a row. */
int score_labels_ask(const settings *given, score_rows *rows);
int score_labels_read(score_rows *rows);
/* Column of each label, by name where all end in _<label>, else in order.
 * @param order  (L) out: label of each column */
int score_labels_match(const score_rows *rows, const score_model *model, size_t *order);

/* score_undo.c: --undo-weights.
 * @param undo  out: as score_values_read takes it, free(); NULL without the option */
int score_undo_read(const settings *given, score_rows *rows, double **undo);

/* Class of which `column` bears the name behind its last part, "xgb_yes" -> "yes"; or -1. */
int score_named_class(const char *column, const char *const *classes, size_t n_classes);

/* Names with commas between, the first few; free(). */
char *score_names_shown(const char *const *names, size_t n);

#endif
