/* twin.c: a weighted model beside its twin without class weights. Correction undoes the weights
 * exactly where the model can say the truth; where it cannot, weights move what it is right about,
 * and log-loss is lost that no correction brings back. */
#include "study/run.h"

#include "base/normal.h"

#include <math.h>

static double loss_at(const double *log_probabilities, size_t n_classes, size_t row, int32_t id) {
  return -log_probabilities[row * n_classes + (size_t)id];
}

void sy_run_compare_twin(sy_run *run, const sy_judged_rows *rows, const double *corrected,
                         const double *twin) {
  size_t n_classes = rows->n_classes;
  double total = 0, losses[3] = {0}, squares = 0;
  const double *logs[3] = {rows->log_probabilities, corrected ? corrected : rows->log_probabilities,
                           twin};
  for (size_t i = 0; i < rows->n; i++) {
    if (rows->ids[i] == SY_IGNORED) continue;
    double weight = rows->row_weights ? rows->row_weights[i] : 1;
    total += weight;
    for (int j = 0; j < 3; j++) losses[j] += weight * loss_at(logs[j], n_classes, i, rows->ids[i]);
  }
  double difference = (losses[0] - losses[2]) / total;
  for (size_t i = 0; i < rows->n; i++) {
    if (rows->ids[i] == SY_IGNORED) continue;
    double weight = rows->row_weights ? rows->row_weights[i] : 1;
    double moves = weight * (loss_at(logs[0], n_classes, i, rows->ids[i]) -
                             loss_at(logs[2], n_classes, i, rows->ids[i]) - difference);
    squares += moves * moves;
  }
  double half = sy_normal_95 * sqrt(squares) / total;
  run->study->twin = (sy_twin){.judged = true,
                               .log_loss = losses[2] / total,
                               .weighted_log_loss = losses[1] / total,
                               .kept_log_loss = losses[0] / total,
                               .difference = difference,
                               .low = difference - half,
                               .high = difference + half};
}
