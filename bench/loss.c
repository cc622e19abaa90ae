/* loss.c: weighted softmax cross-entropy and its gradient, as often as told.
 * Usage: loss LOGITS LABELS WEIGHTS N K
 * LOGITS is a file of N x K float32, LABELS of N int64, WEIGHTS of K float64.
 *   go         weighted mean and gradient
 *   copy       copies the logits to where the gradient goes, on all threads
 *   save FILE  writes the first numbers of the last gradient, at most a million, as float64 */
#include "repeat.h"

typedef struct loss_job {
  size_t n, n_classes;
  sy_loss *loss;
  sy_loss_batch batch;
  sy_loss_result result;
} loss_job;

enum { PART = 1 << 20 }; /* bytes that a thread copies at a time */

static void copy_logits(const loss_job *job) {
  size_t size = job->n * job->n_classes * sizeof(float);
  const char *from = job->batch.logits.data;
  char *to = job->result.gradient;
#pragma omp parallel for num_threads(sy_threads_get())
  for (size_t i = 0; i < size; i += PART)
    memcpy(to + i, from + i, size - i < PART ? size - i : PART);
}

static void save(const loss_job *job, const char *path) {
  size_t count = job->n * job->n_classes;
  if (count > 1000000) count = 1000000;
  double *numbers = malloc(count * sizeof *numbers);
  if (!numbers) give_up("loss", "out of memory");
  for (size_t i = 0; i < count; i++) numbers[i] = ((const float *)job->result.gradient)[i];
  write_array(path, numbers, count);
  free(numbers);
}

static void obey(void *context, const char *command, const char *argument) {
  loss_job *job = context;
  sy_error error;
  double begun = seconds_now();
  if (strcmp(command, "go") == 0)
    demand(sy_loss_evaluate(job->loss, &job->batch, &job->result, &error), &error);
  else if (strcmp(command, "copy") == 0)
    copy_logits(job);
  else if (strcmp(command, "save") == 0)
    save(job, argument);
  else
    give_up(command, "no such command here");
  printf("{\"seconds\": %.9f, \"loss\": %.17g}", seconds_now() - begun, job->result.value);
}

int main(int argc, char **argv) {
  if (argc != 6) give_up("usage", "loss LOGITS LABELS WEIGHTS N K");
  loss_job job = {.n = size_argument(argv[4]), .n_classes = size_argument(argv[5])};
  size_t shape[] = {job.n, job.n_classes}, size = job.n * job.n_classes * sizeof(float);
  sy_error error;
  sy_loss_options options = sy_loss_options_default(job.n_classes);
  double *weights = read_array(argv[3], job.n_classes, sizeof *weights);
  options.class_weights = weights;
  demand(sy_loss_new(&options, &job.loss, &error), &error);
  job.batch.logits = sy_array_of(read_array(argv[1], size, 1), SY_F32, 2, shape);
  job.batch.class_axis = 1;
  job.batch.labels.kind = SY_LABEL_INDEX;
  job.batch.labels.values = sy_array_of(read_array(argv[2], job.n, 8), SY_I64, 1, shape);
  job.result.gradient = calloc(size, 1);
  if (!job.result.gradient) give_up("loss", "out of memory");
  repeat(obey, &job);
  sy_loss_free(job.loss);
  free(job.result.gradient);
  free((void *)job.batch.logits.data);
  free((void *)job.batch.labels.values.data);
  free(weights);
  return 0;
}
