/* training_rows.h: a mark of rows, by which a model knows those it was trained on. */
#ifndef CLI_TRAINING_ROWS_H
#define CLI_TRAINING_ROWS_H

#include <steelyard/classifier.h>

#include "settings.h"

/* "8b1f..": a checksum of their classes and of the numbers in the
 * first of those columns that an encoder reads, in their order. Equal rows have equal marks;
 * free(). */
char *training_rows_mark(const sy_frame *frame, const sy_encoder *encoder, const sy_labels *labels);

/* The same of several labels a row, (rows, L). */
char *training_rows_mark_several(const sy_frame *frame, const sy_encoder *encoder,
                                 const uint8_t *there, size_t n_labels);

/* Whether the rows have the mark of those that the model was trained on. */
bool training_rows_are(const sy_model *model, const sy_frame *frame, const sy_labels *labels);
bool training_rows_are_several(const sy_model *model, const sy_frame *frame, const uint8_t *there);

#endif
