/* model_notes.h: what a model remembers of its training. Nothing here depends on when, where or
 * from what kind of source it was trained: equal data and options give equal bytes. */
#ifndef CLI_MODEL_NOTES_H
#define CLI_MODEL_NOTES_H

#include <steelyard/study_labels.h>

#include "dataset.h"
#include "test_rows.h"

/* Notes that other commands read. */
#define NOTE_LABEL         "label"
#define NOTE_SEPARATOR     "label separator" /* of lists in that column: several labels a row */
#define NOTE_GROUPS        "grouped classes"
#define NOTE_IGNORED       "ignored label"
#define NOTE_WEIGHT        "row weights"
#define NOTE_KIND          "label kind" /* index, where declared classes gave the ids names */
#define NOTE_TUNED         "decision tuned for"
#define NOTE_ROWS_MARK     "checksum of rows" /* see training_rows.h */
#define NOTE_TEST_LOG_LOSS "test log-loss"
#define NOTE_TEST_ACCURACY "test balanced accuracy"
#define NOTE_TEST_COST     "test average cost"

/* Sets all notes of a trained model; an exit code, having said what is wrong. */
int model_notes_set(const settings *given, const dataset *data, const test_plan *plan,
                    const sy_study *study);

/* The same of several labels a row. */
int model_notes_set_labels(const settings *given, const dataset *data, const test_plan *plan,
                           const sy_label_study *study);

#endif
