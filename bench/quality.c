/* quality.c: trains a model on one split of a data set and tells what it says of the rows to be
 * judged: log-probabilities, float64, of these rows in their order, into OUT.
 * Usage: quality logistic|mlp|boosted ROWS N D LABELS K CLASS_WEIGHTS PARTS SEED OUT
 * ROWS is a file of N x D float32, LABELS of N int32, CLASS_WEIGHTS of K float64, PARTS of N uint8:
 * 0 to train on, 1 held back for early stopping, 2 to be judged. Networks and trees have the
 * library's defaults and are trained as a study does: the held rows choose the number of epochs (of
 * rounds), then all rows of both parts train for as many. Class weights are not taken out again. */
#include "repeat.h"

typedef struct quality_job {
  sy_matrix rows;
  int32_t *ids;
  size_t n_classes;
  double *class_weights; /* (K) */
  uint8_t *parts;
  uint64_t seed;
  size_t batch_size; /* as the library chose it */
  double *weights;   /* (n) 1 of the rows that train, 0 of the others */
} quality_job;

static void choose_rows(quality_job *job) {
  for (size_t i = 0; i < job->rows.rows; i++) job->weights[i] = job->parts[i] < 2;
}

static sy_predictor *fit_logistic(quality_job *job) {
  sy_error error;
  sy_fit_options options = sy_fit_options_default();
  sy_predictor *predictor;
  double total = 0;
  for (size_t i = 0; i < job->rows.rows; i++) total += job->weights[i];
  options.l2 = 1 / total;
  demand(sy_row_weights(job->ids, job->rows.rows, job->class_weights, job->n_classes, job->weights,
                        job->weights, &error),
         &error);
  demand(sy_fit_logistic(job->rows, job->ids, job->weights, job->n_classes, &options, &predictor,
                         NULL, &error),
         &error);
  return predictor;
}

static sy_training_data training_data(const quality_job *job, const uint8_t *held) {
  return (sy_training_data){.rows = job->rows,
                            .ids = job->ids,
                            .n_outputs = job->n_classes,
                            .row_weights = job->weights,
                            .class_weights = job->class_weights,
                            .held = held};
}

/* Returns how many rounds. */
static int fit_rounds(quality_job *job, const uint8_t *held, int stop_after,
                      sy_predictor **predictor) {
  sy_error error;
  sy_boosted_options options = sy_boosted_options_default();
  sy_training_result result;
  sy_training_data data = training_data(job, held);
  options.seed = job->seed;
  options.stop_after = stop_after;
  demand(sy_fit_boosted(&data, &options, NULL, predictor, &result, &error), &error);
  int rounds = stop_after > 0 ? result.epochs : result.best_epoch;
  sy_training_result_clear(&result);
  return rounds;
}

/* Returns how many epochs. */
static int fit_epochs(quality_job *job, const uint8_t *held, int stop_after,
                      sy_predictor **predictor) {
  sy_error error;
  sy_network_options options = sy_network_options_default();
  sy_training_result result;
  sy_training_data data = training_data(job, held);
  options.seed = job->seed;
  options.stop_after = stop_after;
  demand(sy_fit_network(&data, &options, NULL, predictor, &result, &error), &error);
  job->batch_size = result.batch_size;
  int epochs = stop_after > 0 ? result.epochs : result.best_epoch;
  sy_training_result_clear(&result);
  return epochs;
}

/* A training whose length the held rows choose, of networks or of trees. */
typedef int (*quality_fit)(quality_job *job, const uint8_t *held, int stop_after,
                           sy_predictor **predictor);

static sy_predictor *fit_iterated(quality_job *job, quality_fit fit, int *epochs) {
  sy_predictor *first, *predictor;
  uint8_t *held = malloc(job->rows.rows);
  if (!held) give_up("held rows", "out of memory");
  for (size_t i = 0; i < job->rows.rows; i++) held[i] = job->parts[i] == 1;
  *epochs = fit(job, held, 0, &first);
  sy_predictor_free(first);
  fit(job, NULL, *epochs, &predictor);
  free(held);
  return predictor;
}

/* What the network was trained with, for others to be trained with the same. */
static void tell_options(const quality_job *job) {
  sy_network_options options = sy_network_options_default();
  printf(", \"hidden\": [");
  for (size_t i = 0; i < options.n_hidden; i++)
    printf("%s%zu", i > 0 ? ", " : "", options.hidden[i]);
  printf("], \"batch_size\": %zu, \"learning_rate\": %g, \"most_epochs\": %d, \"patience\": %d",
         job->batch_size, options.learning_rate, options.epochs, options.patience);
}

static void judge(const quality_job *job, const sy_predictor *predictor, const char *path) {
  size_t n = 0, k = job->n_classes;
  double *logs = malloc((job->rows.rows * k + 1) * sizeof *logs);
  double *ones = malloc(k * sizeof *ones);
  if (!logs || !ones) give_up("probabilities", "out of memory");
  for (size_t c = 0; c < k; c++) ones[c] = 1;
  for (size_t i = 0; i < job->rows.rows; i++) {
    if (job->parts[i] != 2) continue;
    sy_matrix row = job->rows;
    sy_error error;
    row.data = (const float *)row.data + i * row.stride;
    row.rows = 1;
    demand(sy_predictor_logits(predictor, row, logs + n++ * k, &error), &error);
  }
  sy_correct(logs, n, k, ones, logs);
  write_array(path, logs, n * k);
  free(ones);
  free(logs);
}

int main(int argc, char **argv) {
  if (argc != 11)
    give_up("usage", "quality logistic|mlp|boosted ROWS N D LABELS K CLASS_WEIGHTS PARTS SEED OUT");
  size_t n = size_argument(argv[3]), d = size_argument(argv[4]), k = size_argument(argv[6]);
  quality_job job = {.rows = {read_array(argv[2], n * d, sizeof(float)), SY_F32, n, d, d},
                     .ids = read_array(argv[5], n, sizeof(int32_t)),
                     .n_classes = k,
                     .class_weights = read_array(argv[7], k, sizeof(double)),
                     .parts = read_array(argv[8], n, 1),
                     .seed = size_argument(argv[9]),
                     .weights = malloc(n * sizeof(double))};
  if (!job.weights) give_up("weights", "out of memory");
  choose_rows(&job);
  int epochs = 0;
  double begin = seconds_now();
  sy_predictor *predictor = strcmp(argv[1], "mlp") == 0 ? fit_iterated(&job, fit_epochs, &epochs)
                            : strcmp(argv[1], "boosted") == 0
                                ? fit_iterated(&job, fit_rounds, &epochs)
                                : fit_logistic(&job);
  printf("{\"seconds\": %.9f, \"epochs\": %d", seconds_now() - begin, epochs);
  if (job.batch_size > 0) tell_options(&job);
  printf("}\n");
  judge(&job, predictor, argv[10]);
  sy_predictor_free(predictor);
  free(job.weights);
  free(job.parts);
  free(job.class_weights);
  free(job.ids);
  free((void *)job.rows.data);
  return 0;
}
