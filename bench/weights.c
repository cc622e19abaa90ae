/* weights.c: balanced weights of labels in memory, as often as told.
 * Usage: weights LABELS N [TYPE K]
 * LABELS is a file of N int64, or of N one-hot rows of K numbers of TYPE float32 or uint8.
 *   classes    from labels to counts and class weights
 *   rows       the same, and the weight of each row
 *   read       reads the bytes of the labels once, on all threads: nothing can be faster
 *   save FILE  writes the class weights of the last run, float64 */
#include "repeat.h"

typedef struct weight_job {
  sy_label_array labels;
  size_t n, n_classes, bytes;
  double *class_weights; /* (n_classes) of the last run */
  double *row_weights;   /* (n) */
} weight_job;

/* Class weights of what was counted. */
static void weigh_classes(weight_job *job, const sy_counts *counts) {
  sy_error error;
  sy_policy *policy = NULL;
  job->n_classes = sy_counts_n_classes(counts);
  free(job->class_weights);
  job->class_weights = malloc(job->n_classes * sizeof *job->class_weights);
  if (!job->class_weights) give_up("weights", "out of memory");
  demand(sy_policy_parse("balanced", &policy, &error), &error);
  demand(sy_counts_weights(policy, SY_NORMALIZE_NONE, counts, job->class_weights, &error), &error);
  sy_policy_free(policy);
}

static void weigh(weight_job *job, bool rows) {
  sy_error error;
  sy_counter *counter = NULL;
  sy_counts *counts = NULL;
  demand(sy_counter_new(job->labels.kind, NULL, &counter, &error), &error);
  demand(sy_counter_add(counter, &job->labels, &error), &error);
  demand(sy_counter_counts(counter, &counts, &error), &error);
  weigh_classes(job, counts);
  if (rows)
    demand(sy_label_weights(counter, job->class_weights, &job->labels, job->row_weights, SY_F64,
                            &error),
           &error);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

static uint64_t read_once(const weight_job *job) {
  const uint64_t *words = job->labels.values.data;
  size_t n = job->bytes / sizeof *words;
  uint64_t sum = 0;
#pragma omp parallel for reduction(+ : sum) num_threads(sy_threads_get())
  for (size_t i = 0; i < n; i++) sum += words[i];
  return sum;
}

static void obey(void *context, const char *command, const char *argument) {
  weight_job *job = context;
  double begun = seconds_now();
  uint64_t sum = 0;
  if (strcmp(command, "classes") == 0)
    weigh(job, false);
  else if (strcmp(command, "rows") == 0)
    weigh(job, true);
  else if (strcmp(command, "read") == 0)
    sum = read_once(job);
  else if (strcmp(command, "save") == 0 && job->class_weights)
    write_array(argument, job->class_weights, job->n_classes);
  else
    give_up(command, "no such command here, or nothing was weighed yet");
  printf("{\"seconds\": %.9f, \"sum\": %llu}", seconds_now() - begun, (unsigned long long)sum);
}

/* The labels as they are told on the command line. */
static void read_labels(weight_job *job, int argc, char **argv) {
  bool one_hot = argc == 5, bytes = one_hot && strcmp(argv[3], "uint8") == 0;
  sy_dtype dtype = !one_hot ? SY_I64 : bytes ? SY_U8 : SY_F32;
  size_t shape[] = {size_argument(argv[2]), one_hot ? size_argument(argv[4]) : 1};
  job->n = shape[0];
  job->bytes = shape[0] * shape[1] * (!one_hot ? 8 : bytes ? 1 : 4);
  job->labels.kind = one_hot ? SY_LABEL_ONE_HOT : SY_LABEL_INDEX;
  job->labels.values =
      sy_array_of(read_array(argv[1], job->bytes, 1), dtype, one_hot ? 2 : 1, shape);
  job->row_weights = malloc(job->n * sizeof *job->row_weights);
  if (!job->row_weights) give_up("weights", "out of memory");
}

int main(int argc, char **argv) {
  if (argc != 3 && argc != 5) give_up("usage", "weights LABELS N [float32|uint8 K]");
  weight_job job = {0};
  read_labels(&job, argc, argv);
  repeat(obey, &job);
  free(job.row_weights);
  free(job.class_weights);
  free((void *)job.labels.values.data);
  return 0;
}
