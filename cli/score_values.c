/* score_values.c: cells of scores become probabilities and their logs. */
#include <math.h>
#include <stdlib.h>

#include <steelyard/decide.h>

#include "say.h"
#include "score_parts.h"

/* Programs that compute in float32 give 1.0000001 for 1, and print few digits. */
#define OVER_ONE  1e-6
#define SUM_ERROR 1e-3

typedef struct score_cells {
  const score_rows *rows;
  const score_model *model;
  const double *undo; /* as score_values_read has it */
  bool logits;
  size_t width; /* K, or L */
} score_cells;

static const char *column_name(const score_cells *cells, size_t j) {
  return column_list_name(&cells->rows->table, &cells->model->columns, j);
}

static size_t source_row(const score_cells *cells, size_t i) {
  return cells->rows->rows[i] + 1;
}

static int say_missing(const score_cells *cells, size_t i, size_t j) {
  const char *name = column_name(cells, j);
  char *quoted = text_quoted(name, '"');
  int code = say_failed("%s row %zu: column \"%s\" has no score (empty or NaN); a query as source "
                        "leaves such rows out: SELECT ... WHERE %s IS NOT NULL AND NOT "
                        "isnan(%s)",
                        cells->rows->table.source, source_row(cells, i), name, quoted, quoted);
  free(quoted);
  return code;
}

static int say_outside(const score_cells *cells, size_t i, size_t j, double value) {
  char number[SY_NUMBER_SIZE];
  const char *way_out = value > 1 && value <= 100
                            ? "; --logits takes logits, a query as source divides percent by 100"
                            : "; --logits takes logits, before a sigmoid or softmax";
  return say_failed("%s row %zu: column \"%s\" holds %s: scores are probabilities from 0 to 1%s",
                    cells->rows->table.source, source_row(cells, i), column_name(cells, j),
                    sy_number_format(value, number), way_out);
}

static int say_infinite(const score_cells *cells, size_t i, size_t j, double value) {
  char number[SY_NUMBER_SIZE];
  return say_failed("%s row %zu: column \"%s\" holds %s: logits are finite numbers",
                    cells->rows->table.source, source_row(cells, i), column_name(cells, j),
                    sy_number_format(value, number));
}

static int say_sum(const score_cells *cells, size_t i, double sum) {
  char number[SY_NUMBER_SIZE];
  return say_failed("%s row %zu: the scores of model \"%s\" sum to %s: the probabilities of all "
                    "classes sum to 1 (within 0.001); --logits takes logits, --labels labels that "
                    "do not exclude each other",
                    cells->rows->table.source, source_row(cells, i), cells->model->name,
                    sy_number_format(sum, number));
}

/* The scores of a row by class (or label); an exit code. */
static int take_cells(const score_cells *cells, size_t i, double *scores) {
  for (size_t j = 0; j < cells->model->columns.n; j++) {
    const sy_column *column = column_list_get(&cells->rows->table, &cells->model->columns, j);
    double value = column_number(column, cells->rows->rows[i]);
    if (isnan(value)) return say_missing(cells, i, j);
    if (cells->logits && isinf(value)) return say_infinite(cells, i, j, value);
    if (!cells->logits && !(value >= 0 && value <= 1 + OVER_ONE))
      return say_outside(cells, i, j, value);
    scores[cells->model->order[j]] = cells->logits ? value : fmin(value, 1);
  }
  return EXIT_DONE;
}

/* log(1 + exp(x)), exact at both ends. */
static double soft_plus(double x) {
  return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* One column: the probability p of a class and what is left of it, 1 - p, whose log must not be
 * taken of a rounded number: log1p(-p) knows a p of 1e-20. */
static void from_probability(const score_cells *cells, size_t own, double p, double *probabilities,
                             double *logs) {
  size_t other = 1 - own;
  double q = 1 - p;
  logs[own] = log(p);
  logs[other] = log1p(-p);
  if (cells->undo) {
    double mine = p / cells->undo[own], theirs = q / cells->undo[other];
    sy_correct(logs, 1, 2, cells->undo, logs);
    p = mine / (mine + theirs);
    q = theirs / (mine + theirs);
  }
  probabilities[own] = p;
  probabilities[other] = q;
}

static void from_logit(const score_cells *cells, size_t own, double logit, double *probabilities,
                       double *logs) {
  size_t other = 1 - own;
  if (cells->undo) logit -= log(cells->undo[own] / cells->undo[other]);
  logs[own] = -soft_plus(-logit);
  logs[other] = -soft_plus(logit);
  probabilities[own] = 1 / (1 + exp(-logit));
  probabilities[other] = 1 / (1 + exp(logit));
}

static void from_logits(const score_cells *cells, double *scores, double *logs) {
  sy_correct(scores, 1, cells->width, cells->undo, logs);
  for (size_t k = 0; k < cells->width; k++) scores[k] = exp(logs[k]);
}

/* All classes, as they are: dividing by a sum of 0.9999999 would tell equal scores apart. */
static int from_probabilities(const score_cells *cells, size_t i, double *scores, double *logs) {
  double sum = 0, undone = 0;
  for (size_t k = 0; k < cells->width; k++) sum += scores[k];
  if (!(fabs(sum - 1) <= SUM_ERROR)) return say_sum(cells, i, sum);
  for (size_t k = 0; k < cells->width; k++) logs[k] = log(scores[k]);
  if (!cells->undo) return EXIT_DONE;
  sy_correct(logs, 1, cells->width, cells->undo, logs);
  for (size_t k = 0; k < cells->width; k++) undone += scores[k] /= cells->undo[k];
  for (size_t k = 0; k < cells->width; k++) scores[k] /= undone;
  return EXIT_DONE;
}

static int read_row(const score_cells *cells, size_t i, double *scores, double *logs) {
  bool one = cells->model->columns.n == 1;
  size_t own = cells->model->order[0];
  int code = take_cells(cells, i, scores);
  if (code != EXIT_DONE) return code;
  if (one && cells->logits)
    from_logit(cells, own, scores[own], scores, logs);
  else if (one)
    from_probability(cells, own, scores[own], scores, logs);
  else if (cells->logits)
    from_logits(cells, scores, logs);
  else
    return from_probabilities(cells, i, scores, logs);
  return EXIT_DONE;
}

/* Labels do not exclude each other: each is two classes by itself, 1 being its presence. */
static int read_label_row(const score_cells *cells, size_t i, double *scores) {
  int code = take_cells(cells, i, scores);
  for (size_t l = 0; l < cells->width && code == EXIT_DONE; l++) {
    double probabilities[2], logs[2];
    score_cells label = *cells;
    if (cells->undo) label.undo = cells->undo + 2 * l;
    if (cells->logits)
      from_logit(&label, 1, scores[l], probabilities, logs);
    else
      from_probability(&label, 1, scores[l], probabilities, logs);
    scores[l] = probabilities[1];
  }
  return code;
}

static int read_cells(score_cells *cells, score_model *model) {
  size_t n = cells->rows->n, width = cells->width;
  bool several = cells->rows->n_labels > 0;
  int code = EXIT_DONE;
  model->probabilities = grab(n, width * sizeof *model->probabilities);
  if (!several) model->log_probabilities = grab(n, width * sizeof *model->log_probabilities);
  for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
    double *scores = model->probabilities + i * width;
    code = several ? read_label_row(cells, i, scores)
                   : read_row(cells, i, scores, model->log_probabilities + i * width);
  }
  return code;
}

static int read_model(const settings *given, score_rows *rows, const double *undo,
                      score_model *model) {
  model->order = grab(model->columns.n, sizeof *model->order);
  int code = (rows->n_labels ? score_labels_match : score_classes_match)(rows, model, model->order);
  score_cells cells = {.rows = rows,
                       .model = model,
                       .undo = undo,
                       .logits = given->logits,
                       .width = rows->n_labels ? rows->n_labels : rows->n_classes};
  return code == EXIT_DONE ? read_cells(&cells, model) : code;
}

int score_values_read(const settings *given, score_rows *rows, const double *undo) {
  int code = EXIT_DONE;
  for (size_t m = 0; m < rows->n_models && code == EXIT_DONE; m++)
    code = read_model(given, rows, undo, &rows->models[m]);
  return code;
}
