/* mlp.c: trains a network for one epoch on raw arrays, as often as told: D -> 64 -> 32 -> K, relu,
 * Adam with a rate of 0.001, balanced class weights, float32.
 * Usage: mlp ROWS N D LABELS K
 * ROWS is a file of N x D float32, LABELS one of N int32.
 *   go BATCH  one epoch in batches of so many rows; tells its seconds, which hold everything from
 *             the call to the end of the epoch, and the loss that the epoch led to
 *   threads T */
#include "repeat.h"

typedef struct training_job {
  sy_training_data data;
  double *class_weights;
  double end; /* of the epoch */
} training_job;

static void note_epoch(void *context, const sy_epoch *epoch) {
  (void)epoch;
  ((training_job *)context)->end = seconds_now();
}

static void go(training_job *job, const char *batch) {
  sy_network_options options = sy_network_options_default();
  options.epochs = 1;
  options.batch_size = size_argument(batch);
  sy_training_hooks hooks = {.epoch = note_epoch, .epoch_context = job};
  sy_training_result result = {0};
  sy_predictor *predictor;
  sy_error error;
  double start = seconds_now();
  demand(sy_fit_network(&job->data, &options, &hooks, &predictor, &result, &error), &error);
  printf("{\"seconds\": %.9f, \"whole\": %.9f, \"steps\": %.0f, \"loss\": %.17g}", job->end - start,
         seconds_now() - start, (double)result.steps, result.loss);
  sy_predictor_free(predictor);
  sy_training_result_clear(&result);
}

static void obey(void *context, const char *command, const char *argument) {
  if (strcmp(command, "go") != 0) give_up(command, "no such command here");
  go(context, argument);
}

/* n / (K n_k), as scikit-learn calls balanced. */
static double *balanced(const int32_t *ids, size_t n, size_t n_classes) {
  double *weights = calloc(n_classes, sizeof *weights);
  if (!weights) give_up("weights", "out of memory");
  for (size_t i = 0; i < n; i++) weights[ids[i]]++;
  for (size_t k = 0; k < n_classes; k++) weights[k] = (double)n / ((double)n_classes * weights[k]);
  return weights;
}

int main(int argc, char **argv) {
  if (argc != 6) give_up("usage", "mlp ROWS N D LABELS K");
  size_t n = size_argument(argv[2]), d = size_argument(argv[3]);
  float *rows = read_array(argv[1], n * d, sizeof *rows);
  int32_t *ids = read_array(argv[4], n, sizeof *ids);
  training_job job = {
      .data = {.rows = {rows, SY_F32, n, d, d}, .ids = ids, .n_outputs = size_argument(argv[5])}};
  job.class_weights = balanced(ids, n, job.data.n_outputs);
  job.data.class_weights = job.class_weights;
  repeat(obey, &job);
  free(job.class_weights);
  free(ids);
  free(rows);
  return 0;
}
