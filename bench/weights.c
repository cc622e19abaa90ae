/* weights.c: balanced weights of labels in memory, as often as told.
 * Usage: weights LABELS N
 * LABELS is a file of N int64.
 *   classes    from labels to counts and class weights
 *   rows       the same, and the weight of each row
 *   read       reads the bytes of the labels once: nothing can be faster
 *   save FILE  writes the class weights of the last run, float64 */
#include "repeat.h"

typedef struct weight_job {
  int64_t *labels;
  size_t n, n_classes;
  double *class_weights; /* (n_classes) of the last run */
  double *row_weights;   /* (n) */
} weight_job;

/* Sums of row weights of the classes; free() them. */
static double *count(const sy_labels *labels, size_t n) {
  sy_error error;
  size_t n_classes = sy_labels_n_classes(labels);
  sy_counts *counts = sy_counts_new(n_classes);
  double *sums = malloc(n_classes * sizeof *sums);
  if (!counts || !sums) give_up("counts", "out of memory");
  demand(sy_counts_add(counts, sy_labels_ids(labels), n, NULL, &error), &error);
  for (size_t k = 0; k < n_classes; k++) sums[k] = sy_counts_weight(counts, k);
  sy_counts_free(counts);
  return sums;
}

static void weigh(weight_job *job, bool rows) {
  sy_error error;
  sy_labels *labels = NULL;
  sy_policy *policy = NULL;
  demand(sy_labels_from_index(job->labels, SY_I64, job->n, NULL, &labels, &error), &error);
  demand(sy_policy_parse("balanced", &policy, &error), &error);
  double *sums = count(labels, job->n);
  job->n_classes = sy_labels_n_classes(labels);
  free(job->class_weights);
  job->class_weights = malloc(job->n_classes * sizeof *job->class_weights);
  if (!job->class_weights) give_up("weights", "out of memory");
  demand(sy_class_weights(policy, SY_NORMALIZE_NONE, sy_labels_classes(labels), sums,
                          job->n_classes, job->class_weights, &error),
         &error);
  if (rows)
    demand(sy_row_weights(sy_labels_ids(labels), job->n, job->class_weights, job->n_classes, NULL,
                          job->row_weights, &error),
           &error);
  free(sums);
  sy_policy_free(policy);
  sy_labels_free(labels);
}

static int64_t read_once(const weight_job *job) {
  int64_t sum = 0;
  for (size_t i = 0; i < job->n; i++) sum += job->labels[i];
  return sum;
}

static void obey(void *context, const char *command, const char *argument) {
  weight_job *job = context;
  double begun = seconds_now();
  int64_t sum = 0;
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
  printf("{\"seconds\": %.9f, \"sum\": %lld}", seconds_now() - begun, (long long)sum);
}

int main(int argc, char **argv) {
  if (argc != 3) give_up("usage", "weights LABELS N");
  size_t n = size_argument(argv[2]);
  weight_job job = {.labels = read_array(argv[1], n, sizeof *job.labels),
                    .n = n,
                    .row_weights = malloc(n * sizeof *job.row_weights)};
  if (!job.row_weights) give_up("weights", "out of memory");
  repeat(obey, &job);
  free(job.row_weights);
  free(job.class_weights);
  free(job.labels);
  return 0;
}
