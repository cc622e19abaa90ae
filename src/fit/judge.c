/* judge.c: loss and balanced accuracy of a network on rows, some at a time so that their logits
 * need little room. Chunks are cut by shape alone and added up in their order. */
#include "base/error.h"
#include "base/memory.h"
#include "fit/training.h"

#include <math.h>
#include <string.h>

enum { CHUNK_LOGITS = 1 << 18, LEAST_CHUNK = 64, MOST_CHUNK = 8192 };

static size_t n_sides(const sy_training *training) {
  return training->data->labels ? 2 * training->data->n_outputs : training->data->n_outputs;
}

sy_status sy_judge_make(const sy_training *training, sy_judge *judge, sy_error *error) {
  size_t outputs = training->data->n_outputs, chunk = CHUNK_LOGITS / outputs;
  if (chunk < LEAST_CHUNK) chunk = LEAST_CHUNK;
  if (chunk > MOST_CHUNK) chunk = MOST_CHUNK;
  *judge = (sy_judge){.chunk = chunk};
  judge->logits = sy_alloc(chunk * outputs, sizeof *judge->logits);
  judge->hits = sy_alloc(n_sides(training), sizeof *judge->hits);
  judge->sums = sy_alloc(n_sides(training), sizeof *judge->sums);
  return judge->logits && judge->hits && judge->sums ? SY_OK : sy_fail_memory(error);
}

void sy_judge_clear(sy_judge *judge) {
  free(judge->logits);
  free(judge->hits);
  free(judge->sums);
  *judge = (sy_judge){0};
}

/* The first of the largest, as decisions have it. */
static size_t largest_of(const double *logits, size_t n) {
  size_t best = 0;
  for (size_t k = 1; k < n; k++)
    if (logits[k] > logits[best]) best = k;
  return best;
}

static void count_row(sy_judge *judge, const sy_training *training, size_t place,
                      const double *logits) {
  const sy_training_data *data = training->data;
  double weight = training->weights ? training->weights[place] : 1;
  if (data->ids) {
    size_t k = (size_t)data->ids[place];
    judge->sums[k] += weight;
    if (largest_of(logits, data->n_outputs) == k) judge->hits[k] += weight;
    return;
  }
  const float *labels = data->labels + place * data->n_outputs;
  for (size_t l = 0; l < data->n_outputs; l++) {
    double present = weight * (double)labels[l], absent = weight - present;
    judge->sums[2 * l] += absent;
    judge->sums[2 * l + 1] += present;
    judge->hits[2 * l + (logits[l] > 0)] += logits[l] > 0 ? present : absent;
  }
}

/* Mean recall of those of `n` classes that there are; NaN of none. */
static double mean_recall(const double *hits, const double *sums, size_t n) {
  double sum = 0;
  size_t found = 0;
  for (size_t k = 0; k < n; k++) {
    if (!(sums[k] > 0)) continue;
    sum += hits[k] / sums[k];
    found++;
  }
  return found > 0 ? sum / (double)found : NAN;
}

static double balanced_accuracy(const sy_judge *judge, const sy_training *training) {
  size_t n = training->data->n_outputs;
  if (training->data->ids) return mean_recall(judge->hits, judge->sums, n);
  double sum = 0;
  for (size_t l = 0; l < n; l++) sum += mean_recall(judge->hits + 2 * l, judge->sums + 2 * l, 2);
  return sum / (double)n;
}

static void clear_counts(sy_judge *judge, const sy_training *training) {
  memset(judge->hits, 0, n_sides(training) * sizeof *judge->hits);
  memset(judge->sums, 0, n_sides(training) * sizeof *judge->sums);
}

double sy_judge_accuracy(sy_judge *judge, const sy_training *training, const uint32_t *places,
                         size_t n, const double *logits) {
  clear_counts(judge, training);
  for (size_t i = 0; i < n; i++)
    count_row(judge, training, places[i], logits + i * training->data->n_outputs);
  return balanced_accuracy(judge, training);
}

sy_status sy_judge_rows(sy_judge *judge, const sy_training *training, sy_net *net,
                        const void *parameters, const uint32_t *places, size_t n,
                        sy_judgement *judgement, sy_error *error) {
  const sy_phase *objective = &training->objective;
  size_t outputs = training->data->n_outputs;
  double loss = 0, weight = 0;
  clear_counts(judge, training);
  for (size_t at = 0; at < n; at += judge->chunk) {
    size_t count = n - at < judge->chunk ? n - at : judge->chunk;
    sy_net_batch batch = {.data = training->data,
                          .places = places + at,
                          .n = count,
                          .weights = objective->weights,
                          .loss = objective->loss,
                          .divisor = 1};
    sy_net_outcome outcome;
    sy_status status = sy_net_evaluate(net, parameters, &batch, judge->logits, &outcome, error);
    if (status == SY_NUMERIC_FAILURE) {
      *judgement = (sy_judgement){INFINITY, NAN};
      return SY_OK;
    }
    if (status != SY_OK) return status;
    loss += outcome.loss;
    weight += outcome.weight;
    for (size_t i = 0; i < count; i++)
      count_row(judge, training, places[at + i], judge->logits + i * outputs);
  }
  double mean = weight > 0 ? loss / weight : 0;
  *judgement = (sy_judgement){isfinite(mean) ? mean : INFINITY, balanced_accuracy(judge, training)};
  return SY_OK;
}
