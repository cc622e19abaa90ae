/* twin.c: two models on the same rows: a weighted one beside its twin without class weights, a
 * network beside logistic regression. Correction undoes the weights
 * exactly where the model can say the truth; where it cannot, weights move what it is right about,
 * and log-loss is lost that no correction brings back. */
#include "study/run.h"

#include "base/normal.h"

#include <math.h>

/* Log-losses of two models, and how much more the first one's is. */
typedef struct pair {
  double a, b, difference, low, high;
} pair;

static double weight_of(const sy_judged_rows *rows, size_t i) {
  if (rows->ids[i] == SY_IGNORED) return 0;
  return rows->row_weights ? rows->row_weights[i] : 1;
}

static double loss_of(const sy_judged_rows *rows, const double *logs, size_t i) {
  return -logs[i * rows->n_classes + (size_t)rows->ids[i]];
}

static double mean_loss(const sy_judged_rows *rows, const double *logs) {
  double total = 0, losses = 0;
  for (size_t i = 0; i < rows->n; i++) {
    double weight = weight_of(rows, i);
    if (weight == 0) continue;
    total += weight;
    losses += weight * loss_of(rows, logs, i);
  }
  return losses / total;
}

/* The interval by pairs: of the rows' own differences. */
static pair compare(const sy_judged_rows *rows, const double *a, const double *b) {
  pair both = {.a = mean_loss(rows, a), .b = mean_loss(rows, b)};
  double total = 0, difference = 0, squares = 0;
  for (size_t i = 0; i < rows->n; i++) {
    double weight = weight_of(rows, i);
    if (weight == 0) continue;
    total += weight;
    difference += weight * (loss_of(rows, a, i) - loss_of(rows, b, i));
  }
  both.difference = difference / total;
  for (size_t i = 0; i < rows->n; i++) {
    double weight = weight_of(rows, i);
    if (weight == 0) continue;
    double moves = weight * (loss_of(rows, a, i) - loss_of(rows, b, i) - both.difference);
    squares += moves * moves;
  }
  double half = sy_normal_95 * sqrt(squares) / total;
  both.low = both.difference - half;
  both.high = both.difference + half;
  return both;
}

void sy_run_compare_twin(sy_run *run, const sy_judged_rows *rows, const double *corrected,
                         const double *twin) {
  const double *kept = rows->log_probabilities;
  pair both = compare(rows, kept, twin);
  run->study->twin = (sy_twin){.judged = true,
                               .log_loss = both.b,
                               .weighted_log_loss = mean_loss(rows, corrected ? corrected : kept),
                               .kept_log_loss = both.a,
                               .difference = both.difference,
                               .low = both.low,
                               .high = both.high};
}

void sy_run_compare_rival(sy_run *run, const sy_judged_rows *rows, const double *logistic) {
  pair both = compare(rows, rows->log_probabilities, logistic);
  run->study->rival = (sy_rival){.judged = true,
                                 .log_loss = both.a,
                                 .logistic_log_loss = both.b,
                                 .difference = both.difference,
                                 .low = both.low,
                                 .high = both.high};
}
