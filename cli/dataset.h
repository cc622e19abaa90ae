/* dataset.h: the rows that a command works on: features, labels, row weights and what else an
 * option names, all read in one scan. */
#ifndef CLI_DATASET_H
#define CLI_DATASET_H

#include <steelyard/classifier.h>

#include "cost_columns.h"
#include "label_column.h"
#include "label_truth.h"

typedef struct dataset {
  reading table;
  sy_frame features;    /* a view of what was read */
  size_t columns_given; /* columns that could have been features */
  size_t label_place;   /* of the label among the columns read */
  sy_labels *labels;    /* one a row; NULL where there are none */
  label_truth truth;    /* several a row, as --labels and --label-separator ask; else empty */
  double *row_weights;  /* (rows), or NULL for ones */
  uint32_t *groups;     /* (rows), or NULL */
  uint8_t *test_mask;   /* (rows), or NULL */
  cost_columns costs;   /* what --cost asked for, see cost_columns_values */
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
  bool *costs;   /* no column of the source but what a cost comes to */
  text_list own; /* names that nobody else holds */
} needed_columns;

/* What a model needs for probabilities alone, or what a frame holds; needed_free. */
needed_columns needed_by_model(const sy_encoder *encoder, const char *who);
needed_columns needed_by_frame(const sy_frame *frame, const char *who);

/* What models need, one after the other, a column perhaps several times: those of the encoder, then
 * costs that vary, called "cost: EXPRESSION". */
needed_columns needed_by_models(const sy_model *const *models, size_t n, const char *who);
void needed_free(needed_columns *needed);

/* How many of them one model needs. */
size_t needed_count(const sy_model *model);

/* Asks for the needed columns of an opened source, costs being computed from their expressions;
 * says which one it lacks. */
int dataset_ask_needed(reading *opened, const needed_columns *needed);

/* Rows to be judged: the needed columns, labels of declared classes, row weights. */
int dataset_read_judged(const settings *given, const char *source, const needed_columns *needed,
                        declared_classes declared, dataset *read);

/* The same of several labels a row: columns of those names, or with --label-separator lists of
 * them. */
int dataset_read_several(const settings *given, const char *source, const needed_columns *needed,
                         const text_list *labels, dataset *read);

/* Rows of one label where given->label is what a model remembers: a source without a column of that
 * very name, or a model that remembers none, gives rows without labels. */
int dataset_read_watched(const settings *given, const char *source, const needed_columns *needed,
                         declared_classes declared, dataset *read);

void dataset_close(dataset *read);

#endif
