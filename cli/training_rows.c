#include "training_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/store.h>

#include "model_notes.h"

/* Columns that are looked at: equal classes in equal order are rare enough among other rows. */
enum { MOST_COLUMNS = 3 };

static const sy_column *find_column(const sy_frame *frame, const char *name) {
  for (size_t i = 0; i < frame->n_columns; i++)
    if (strcmp(frame->columns[i].name, name) == 0) return &frame->columns[i];
  return NULL;
}

/* Each checksum takes the one before along. */
static uint64_t mix(uint64_t mark, const void *bytes, size_t size) {
  uint64_t both[] = {mark, sy_checksum(bytes, size)};
  return sy_checksum(both, sizeof both);
}

/* There are many NaN; a missing number is one of them, whichever. */
static uint64_t mix_numbers(uint64_t mark, const float *numbers, size_t rows) {
  float *canonical = grab(rows, sizeof *canonical);
  for (size_t i = 0; i < rows; i++) canonical[i] = isnan(numbers[i]) ? NAN : numbers[i];
  mark = mix(mark, canonical, rows * sizeof *canonical);
  free(canonical);
  return mark;
}

static char *mark_of(const sy_frame *frame, const sy_encoder *encoder, const void *labels,
                     size_t size) {
  uint64_t mark = mix(0, labels, size);
  size_t taken = 0;
  for (size_t i = 0; i < sy_encoder_n_inputs(encoder) && taken < MOST_COLUMNS; i++) {
    const sy_column *column = find_column(frame, sy_encoder_input_name(encoder, i));
    bool number = sy_encoder_input_type(encoder, i) == SY_COLUMN_NUMBER;
    if (!column || !number || !column->f32) continue;
    mark = mix_numbers(mark, column->f32, frame->rows);
    taken++;
  }
  return text_format("%016llx", (unsigned long long)mark);
}

char *training_rows_mark(const sy_frame *frame, const sy_encoder *encoder,
                         const sy_labels *labels) {
  return mark_of(frame, encoder, sy_labels_ids(labels), frame->rows * sizeof(int32_t));
}

char *training_rows_mark_several(const sy_frame *frame, const sy_encoder *encoder,
                                 const uint8_t *there, size_t n_labels) {
  return mark_of(frame, encoder, there, frame->rows * n_labels);
}

/* Whether it is that of the training; frees it. */
static bool is_trained(const sy_model *model, char *mark) {
  const char *trained = sy_model_note(model, NOTE_ROWS_MARK);
  bool same = trained && strcmp(mark, trained) == 0;
  free(mark);
  return same;
}

bool training_rows_are(const sy_model *model, const sy_frame *frame, const sy_labels *labels) {
  return is_trained(model, training_rows_mark(frame, sy_model_encoder(model), labels));
}

bool training_rows_are_several(const sy_model *model, const sy_frame *frame, const uint8_t *there) {
  return is_trained(model, training_rows_mark_several(frame, sy_model_encoder(model), there,
                                                      sy_model_n_classes(model)));
}
