/* monitor.c: rows without labels: what is decided of them, and the prior that they suggest. */
#include "study/monitor.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"

enum { TALLY_BLOCK = 1024 };

sy_monitor_options sy_monitor_options_default(void) {
  return (sy_monitor_options){.some = 0.1, .large = 0.25, .chance = 0.05};
}

const char *sy_shift_name(sy_shift shift) {
  static const char *const names[] = {"unknown", "no shift", "some", "large"};
  return (unsigned)shift < sizeof names / sizeof *names ? names[shift] : "unknown";
}

static sy_status check_options(const sy_monitor_options *options, sy_error *error) {
  char first[SY_NUMBER_SIZE], second[SY_NUMBER_SIZE];
  if (!(options->some >= 0) || !(options->large >= options->some))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "shifts from %s on are some and from %s on large: must be 0 <= some <= large",
                   sy_number_format(options->some, first),
                   sy_number_format(options->large, second));
  if (options->chance > 0 && options->chance < 1) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT, "the chance %s must lie between 0 and 1",
                 sy_number_format(options->chance, first));
}

static sy_status count_rows(sy_watched_rows *rows, sy_monitor *monitor, sy_error *error) {
  double squares = 0;
  char text[SY_NUMBER_SIZE];
  for (size_t i = 0; i < rows->frame->rows; i++) {
    double weight = sy_watched_weight(rows, i);
    if (!(weight >= 0) || isinf(weight))
      return sy_fail(error, SY_INVALID_WEIGHT, "row weight %s at row %zu: must be finite and >= 0",
                     sy_number_format(weight, text), i + 1);
    monitor->rows += weight > 0;
    rows->weight += weight;
    squares += weight * weight;
  }
  if (monitor->rows == 0)
    return sy_fail(error, SY_NO_ROWS,
                   rows->frame->rows ? "every row has weight 0" : "there are no rows");
  rows->effective = fmin(fmax(1, rows->weight * (rows->weight / squares)), (double)monitor->rows);
  monitor->weighted_rows = rows->weight;
  monitor->effective_rows = rows->effective;
  return SY_OK;
}

/* What the model says of each row. */
typedef struct scored {
  double *logs;       /* (n, K) */
  int32_t *decisions; /* (n) */
} scored;

/* Sums by block: weight decided as each class, and weight times probability. */
typedef struct tally {
  const sy_watched_rows *rows;
  const scored *scores;
  size_t n_classes;
  double *slots; /* (blocks, 2 K) */
} tally;

static void tally_block(void *context, size_t block) {
  const tally *job = context;
  size_t n = job->rows->frame->rows, n_classes = job->n_classes;
  size_t begin = block * TALLY_BLOCK, end = n - begin < TALLY_BLOCK ? n : begin + TALLY_BLOCK;
  double *decided = job->slots + block * 2 * n_classes, *probability = decided + n_classes;
  for (size_t i = begin; i < end; i++) {
    double weight = sy_watched_weight(job->rows, i);
    if (!(weight > 0)) continue;
    decided[job->scores->decisions[i]] += weight;
    for (size_t k = 0; k < n_classes; k++)
      probability[k] += weight * exp(job->scores->logs[i * n_classes + k]);
  }
}

static sy_status tally_rows(const sy_watched_rows *rows, const scored *scores, sy_monitor *monitor,
                            sy_error *error) {
  size_t n_classes = monitor->n_classes;
  size_t n_blocks = (rows->frame->rows + TALLY_BLOCK - 1) / TALLY_BLOCK;
  tally job = {.rows = rows, .scores = scores, .n_classes = n_classes};
  job.slots = sy_alloc_zero(n_blocks, 2 * n_classes * sizeof *job.slots);
  if (!job.slots) return sy_fail_memory(error);
  sy_parallel_blocks(n_blocks, tally_block, &job);
  sy_tree_sum(job.slots, n_blocks, 2 * n_classes);
  for (size_t k = 0; k < n_classes; k++) {
    monitor->decided[k] = job.slots[k] / rows->weight;
    monitor->mean_probability[k] = job.slots[n_classes + k] / rows->weight;
  }
  monitor->flagged = n_classes == 2 ? monitor->decided[monitor->positive] : (double)NAN;
  free(job.slots);
  return SY_OK;
}

/* The probabilities hold the prior of the training, or the new one that the model was given. */
static sy_status estimate_prior(const sy_watched_rows *rows, const scored *scores,
                                sy_monitor *monitor, sy_error *error) {
  size_t n_classes = monitor->n_classes;
  const double *trained = sy_model_trained_prior(rows->model);
  const double *held = sy_model_prior(rows->model);
  if (!trained) return SY_OK;
  monitor->trained_prior = sy_alloc(n_classes, sizeof *monitor->trained_prior);
  if (!monitor->trained_prior) return sy_fail_memory(error);
  memcpy(monitor->trained_prior, trained, n_classes * sizeof *trained);
  sy_status status =
      sy_prior_estimate_make(scores->logs, rows->frame->rows, n_classes, rows->row_weights,
                             held ? held : trained, &monitor->prior, error);
  monitor->has_prior = status == SY_OK;
  return status;
}

static sy_status watch(const sy_watched_rows *rows, scored *scores, sy_monitor *monitor,
                       sy_error *error) {
  size_t n_classes = monitor->n_classes, n = rows->frame->rows;
  monitor->decided = sy_alloc(n_classes, sizeof *monitor->decided);
  monitor->mean_probability = sy_alloc(n_classes, sizeof *monitor->mean_probability);
  scores->logs = sy_alloc(n, n_classes * sizeof *scores->logs);
  scores->decisions = sy_alloc(n, sizeof *scores->decisions);
  if (!monitor->decided || !monitor->mean_probability || !scores->logs || !scores->decisions)
    return sy_fail_memory(error);
  sy_status status =
      sy_model_score(rows->model, rows->frame, scores->logs, NULL, scores->decisions, error);
  if (!status) status = tally_rows(rows, scores, monitor, error);
  return status ? status : estimate_prior(rows, scores, monitor, error);
}

sy_status sy_monitor_make(const sy_model *model, const sy_frame *frame, const double *row_weights,
                          const sy_monitor_options *options, sy_monitor *monitor, sy_error *error) {
  sy_monitor_options chosen = options ? *options : sy_monitor_options_default();
  sy_watched_rows rows = {.model = model, .frame = frame, .row_weights = row_weights};
  scored scores = {0};
  int positive = sy_model_positive(model);
  *monitor = (sy_monitor){.n_classes = sy_model_n_classes(model), .positive = positive};
  if (monitor->n_classes == 2 && positive < 0) monitor->positive = 1;
  sy_status status = check_options(&chosen, error);
  if (!status) status = count_rows(&rows, monitor, error);
  if (!status) status = watch(&rows, &scores, monitor, error);
  if (!status) status = sy_monitor_columns(&rows, &chosen, monitor, error);
  free(scores.logs);
  free(scores.decisions);
  if (status) sy_monitor_clear(monitor);
  return status;
}

void sy_monitor_clear(sy_monitor *monitor) {
  free(monitor->decided);
  free(monitor->mean_probability);
  free(monitor->trained_prior);
  sy_prior_estimate_clear(&monitor->prior);
  free(monitor->columns);
  *monitor = (sy_monitor){0};
}
