/* weights.c: balanced weights of labels in memory, as often as told.
 * Usage: weights LABELS N [float32 K | uint8 K | text]
 * LABELS is a file of N int64, of N one-hot rows of K numbers, or of the bytes of N texts, whose
 * N + 1 int64 offsets are in LABELS.offsets.
 *   classes    from labels to counts and class weights
 *   rows       the same, and the weight of each row
 *   read       reads the bytes of the labels once, on all threads: nothing can be faster
 *   save FILE  writes the class weights of the last run, float64 */
#include "repeat.h"

typedef struct weight_job {
  sy_label_array labels;
  sy_texts texts;
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

static uint64_t sum_words(const void *bytes, size_t size) {
  const uint64_t *words = bytes;
  size_t n = size / sizeof *words;
  uint64_t sum = 0;
#pragma omp parallel for reduction(+ : sum) num_threads(sy_threads_get())
  for (size_t i = 0; i < n; i++) sum += words[i];
  return sum;
}

static uint64_t read_once(const weight_job *job) {
  if (!job->labels.texts) return sum_words(job->labels.values.data, job->bytes);
  return sum_words(job->texts.bytes, job->bytes) +
         sum_words(job->texts.offsets, (job->n + 1) * sizeof *job->texts.offsets);
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

static void read_texts(weight_job *job, const char *path) {
  char *offsets = malloc(strlen(path) + sizeof ".offsets");
  if (!offsets) give_up("weights", "out of memory");
  strcpy(offsets, path);
  strcat(offsets, ".offsets");
  job->texts.offsets = read_array(offsets, job->n + 1, sizeof *job->texts.offsets);
  job->bytes = (size_t)job->texts.offsets[job->n];
  job->texts.bytes = read_array(path, job->bytes, 1);
  job->labels = (sy_label_array){
      .kind = SY_LABEL_NAME, .values = sy_array_of(NULL, SY_U32, 1, &job->n), .texts = &job->texts};
  free(offsets);
}

static void read_numbers(weight_job *job, const char *path, const char *type, size_t width) {
  bool bytes = width && strcmp(type, "uint8") == 0;
  sy_dtype dtype = !width ? SY_I64 : bytes ? SY_U8 : SY_F32;
  size_t shape[] = {job->n, width};
  job->bytes = job->n * (!width ? 8 : bytes ? width : 4 * width);
  job->labels.kind = width ? SY_LABEL_ONE_HOT : SY_LABEL_INDEX;
  job->labels.values = sy_array_of(read_array(path, job->bytes, 1), dtype, width ? 2 : 1, shape);
}

/* The labels as they are told on the command line. */
static void read_labels(weight_job *job, int argc, char **argv) {
  job->n = size_argument(argv[2]);
  if (argc == 4)
    read_texts(job, argv[1]);
  else
    read_numbers(job, argv[1], argv[3], argc == 5 ? size_argument(argv[4]) : 0);
  job->row_weights = malloc(job->n * sizeof *job->row_weights);
  if (!job->row_weights) give_up("weights", "out of memory");
}

int main(int argc, char **argv) {
  if (argc < 3 || argc > 5 || (argc == 4 && strcmp(argv[3], "text") != 0))
    give_up("usage", "weights LABELS N [float32 K | uint8 K | text]");
  weight_job job = {0};
  read_labels(&job, argc, argv);
  repeat(obey, &job);
  free(job.row_weights);
  free(job.class_weights);
  free((void *)job.labels.values.data);
  free((void *)job.texts.bytes);
  free((void *)job.texts.offsets);
  return 0;
}
