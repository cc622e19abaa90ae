/* score_columns.h: --scores: what models of any origin said of rows whose labels are known: columns
 * of probabilities or logits, labels and row weights, read in one scan. */
#ifndef CLI_SCORE_COLUMNS_H
#define CLI_SCORE_COLUMNS_H

#include "column_list.h"
#include "cost_columns.h"
#include "roles.h"

#include <steelyard/study.h>

/* One model: what one --scores names. */
typedef struct score_model {
  const char *text; /* what was typed */
  char *name; /* its column, or what those of several classes are called without their class */
  column_list columns;
  size_t *order;             /* (columns) class, or label, that each is of */
  double *probabilities;     /* (n, K), or (n, L) of several labels */
  double *log_probabilities; /* (n, K) their natural logs, taken without losing what is near 0 or
                              * 1; NULL of several labels */
} score_model;

/* Rows that are there: those of weight 0 and of the label that --ignore names are not. */
typedef struct score_rows {
  reading table;
  size_t n;            /* rows */
  size_t *rows;        /* (n) their places in the source, 0-based */
  double *row_weights; /* (n) above 0, or NULL for ones */
  size_t n_models;     /* >= 1 */
  score_model *models; /* (n_models) */
  /* One label a row: */
  size_t n_classes;    /* >= 2; 0 where there are several labels a row */
  sy_labels *labels;   /* of all rows of the source; names the classes */
  int32_t *ids;        /* (n) */
  int positive;        /* of two classes, else -1 */
  sy_cost_rule rule;   /* of --cost; n_classes 0 without it */
  double *cost_values; /* (n, V) what its expressions come to; NULL where V = 0 */
  /* Several labels a row: */
  size_t n_labels; /* L, else 0 */
  column_list label_columns;
  uint8_t *truth; /* (n, L) 0 or 1 */
  double *undo; /* class weights taken out of the scores: (K), (L, 2) of several labels; or NULL */
  /* What is to be told: how columns were understood, classes without rows, weights undone. */
  sy_messages *messages;
} score_rows;

/* Reads what --scores (once a model), --label or --labels, --sample-weight, --classes, --ignore,
 * --group-classes, --positive, --cost, --logits and --undo-weights say.
 * One column is the probability of the positive class of two: of the class in its name where that
 * is p_<class> (or ends in _<class>, a word), else of --positive, else of 1, yes, true, else of the
 * rarer. Several columns are the classes: by their names where all end in _<class>, else in order.
 * Their rows sum to 1 within 1e-3 and are taken as they are.
 * Returns an exit code, having said what is wrong; score_rows_close then too. */
int score_rows_read(const settings *given, const char *source, score_rows *rows);
void score_rows_close(score_rows *rows);

/* What mistakes cost in each row; a view. Without --cost its n_classes are 0. */
sy_costs score_rows_costs(const score_rows *rows);

/* What one model says of the rows, to be judged: a view. `costs` are those of score_rows_costs. */
sy_scores score_rows_scores(const score_rows *rows, const score_model *model, const sy_costs *costs,
                            double threshold);

/* Names of the classes (K), or of the labels: (L) names to free(), not what they point to. */
const char *const *score_rows_classes(const score_rows *rows);
const char **score_rows_label_names(const score_rows *rows);

#endif
