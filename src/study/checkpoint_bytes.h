/* checkpoint_bytes.h: a finished training as bytes, in this machine's own order: a checkpoint goes
 * on where it was written. */
#ifndef SY_STUDY_CHECKPOINT_BYTES_H
#define SY_STUDY_CHECKPOINT_BYTES_H

#include <steelyard/study.h>

#include "base/text.h"

/* Bytes being read. Once something does not fit, nothing more is read: numbers are 0, blocks empty.
 */
typedef struct sy_record {
  const char *data;
  size_t size, at;
  bool broken;
} sy_record;

uint64_t sy_record_number(sy_record *bytes);
const char *sy_record_block(sy_record *bytes, size_t *size);

/* Appends; failures wait in text->failed. */
void sy_record_add_number(sy_text *text, uint64_t number);
void sy_record_add_block(sy_text *text, const void *data, size_t size);

/* A network and how its training ended. */
void sy_training_put(sy_text *text, const sy_predictor *predictor,
                     const sy_training_result *result);
/* SY_INVALID_MODEL where the bytes are none. */
sy_status sy_training_take(sy_record *bytes, sy_predictor **predictor, sy_training_result *result,
                           sy_error *error);

#endif
