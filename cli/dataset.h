/* dataset.h: the rows that a command works on: features, labels, row weights and what else an
 * option names, all read in one scan. */
#ifndef CLI_DATASET_H
#define CLI_DATASET_H

#include "label_column.h"

typedef struct dataset {
  reading table;
  sy_frame features;    /* a view of what was read */
  size_t columns_given; /* columns that could have been features */
  size_t label_place;   /* of the label among the columns read */
  sy_labels *labels;
  double *row_weights; /* (rows), or NULL for ones */
  uint32_t *groups;    /* (rows), or NULL */
  uint8_t *test_mask;  /* (rows), or NULL */
} dataset;

/* All return an exit code, having said what is wrong; dataset_close what they opened, then too. */

/* The rows of a training: features as --features and --exclude say, labels, row weights, groups,
 * and the test rows of --test-after. */
int dataset_read_training(const settings *given, const char *source, dataset *read);

/* Columns that a model or a training needs, by name and type. */
typedef struct needed_columns {
  const char *who; /* needs them: "birds.onnx" */
  size_t n;
  const char **names;
  sy_column_type *types;
} needed_columns;

/* What a model needs, or what a frame holds; free() names and types. */
needed_columns needed_by_model(const sy_encoder *encoder, const char *who);
needed_columns needed_by_frame(const sy_frame *frame, const char *who);
void needed_free(needed_columns *needed);

/* Asks for the needed columns of an opened source; says which one it lacks. */
int dataset_ask_needed(reading *opened, const needed_columns *needed);

/* Rows to be judged: the needed columns, labels of declared classes, row weights. */
int dataset_read_judged(const settings *given, const char *source, const needed_columns *needed,
                        declared_classes declared, dataset *read);

void dataset_close(dataset *read);

#endif
