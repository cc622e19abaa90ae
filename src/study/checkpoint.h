/* checkpoint.h: the book of a study's trainings of networks: those that are finished, and the state
 * of the one under way, in a file. Trainings have numbers, in the order in which the study comes to
 * them, which data and options fix. All that is deterministic and quick (reading, encoding,
 * logistic regression) is done again when a study goes on. */
#ifndef SY_STUDY_CHECKPOINT_H
#define SY_STUDY_CHECKPOINT_H

#include <steelyard/study.h>

typedef struct sy_book sy_book;

/* What the trainings depend on: checksums, each of one thing that a user can name. */
typedef enum sy_mark {
  SY_MARK_ROWS,
  SY_MARK_LABELS,
  SY_MARK_WEIGHTS,
  SY_MARK_COSTS,
  SY_MARK_SPLIT,
  SY_MARK_OPTIONS,
  SY_MARK_COUNT
} sy_mark;

/* A book as the options ask for: that of a file, or an empty one; NULL where neither writing nor
 * going on is asked for. Checks options->options. SY_FILE_NOT_READ, SY_FILE_NOT_WRITTEN (before any
 * work is done), SY_INVALID_MODEL (no checkpoint, a damaged or a newer one), SY_INVALID_ARGUMENT
 * (other options, naming one). */
sy_status sy_book_open(const sy_checkpoint_options *options, sy_book **book, sy_error *error);
void sy_book_free(sy_book *book);

/* What this study's trainings depend on; SY_INVALID_ARGUMENT names what the file's did not. */
sy_status sy_book_mark(sy_book *book, const uint64_t marks[SY_MARK_COUNT], sy_error *error);

/* Training `number` (from 0): what came of it where it is finished, both then the caller's; else
 * *predictor is NULL. */
sy_status sy_book_take(const sy_book *book, size_t number, sy_predictor **predictor,
                       sy_training_result *result, sy_error *error);

/* The state that training `number` goes on from; NULL = none. Lives until the next one is kept. */
const void *sy_book_state(const sy_book *book, size_t number, size_t *size);

/* For sy_training_hooks: whether a state is wanted now, and its keeping. `context` is the book. */
bool sy_book_due(void *context);
sy_status sy_book_keep(void *context, const void *bytes, size_t size, sy_error *error);

/* The training under way is finished; written with the next state. */
sy_status sy_book_finish(sy_book *book, const sy_predictor *predictor,
                         const sy_training_result *result, sy_error *error);

/* All trainings are finished: writes the file a last time, so that what comes after them may fail
 * and be done again. */
sy_status sy_book_end(sy_book *book, sy_error *error);

#endif
