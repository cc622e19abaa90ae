/* boosted.c: grows boosted trees on raw arrays, as often as told: the library's defaults (rate 0.1,
 * depth 6, 256 bins), balanced class weights, float32.
 * Usage: boosted ROWS N D LABELS K
 * ROWS is a file of N x D float32, LABELS one of N int32.
 *   go ROUNDS   that many rounds; tells its seconds, from the call to its return
 *   save FILE   writes the logits of all rows by the last model, float64, K a row
 *   trees FILE  writes its trees, a line each: from the root on, left before right, the feature and
 *               threshold of a split ("3<0.25"), or "leaf"
 *   threads T */
#include "repeat.h"

typedef struct growing_job {
  sy_training_data data;
  double *class_weights;
  sy_predictor *predictor; /* of the last run, or NULL */
} growing_job;

static void go(growing_job *job, const char *rounds) {
  sy_boosted_options options = sy_boosted_options_default();
  sy_training_result result = {0};
  sy_error error;
  options.rounds = (int)size_argument(rounds);
  sy_predictor_free(job->predictor);
  job->predictor = NULL;
  double start = seconds_now();
  demand(sy_fit_boosted(&job->data, &options, NULL, &job->predictor, &result, &error), &error);
  printf("{\"seconds\": %.9f, \"trees\": %.0f, \"loss\": %.17g}", seconds_now() - start,
         (double)result.steps, result.loss);
  sy_training_result_clear(&result);
}

static void save(const growing_job *job, const char *path) {
  size_t count = job->data.rows.rows * job->data.n_outputs;
  double *logits = malloc((count + 1) * sizeof *logits);
  sy_error error;
  if (!logits) give_up("logits", "out of memory");
  demand(sy_predictor_logits(job->predictor, job->data.rows, logits, &error), &error);
  write_array(path, logits, count);
  free(logits);
  printf("{}");
}

/* A node and those below it. */
static void write_node(FILE *file, const sy_tree_node *nodes, size_t at) {
  const sy_tree_node *node = &nodes[at];
  if (node->feature == SY_TREE_LEAF) {
    fputs("leaf", file);
    return;
  }
  fprintf(file, "%u<%.9g ", (unsigned)node->feature, (double)node->value);
  write_node(file, nodes, node->left);
  fputc(' ', file);
  write_node(file, nodes, node->right);
}

static void write_trees(const growing_job *job, const char *path) {
  const sy_forest *forest = sy_predictor_forest(job->predictor);
  FILE *file = fopen(path, "w");
  if (!file) give_up(path, "cannot be written");
  for (size_t t = 0; t < forest->n_trees; t++) {
    write_node(file, forest->nodes, forest->roots[t]);
    fputc('\n', file);
  }
  if (fclose(file)) give_up(path, "cannot be written");
  printf("{\"trees\": %zu}", forest->n_trees);
}

static void obey(void *context, const char *command, const char *argument) {
  growing_job *job = context;
  if (strcmp(command, "go") == 0)
    go(job, argument);
  else if (!job->predictor)
    give_up(command, "nothing is grown yet");
  else if (strcmp(command, "save") == 0)
    save(job, argument);
  else if (strcmp(command, "trees") == 0)
    write_trees(job, argument);
  else
    give_up(command, "no such command here");
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
  if (argc != 6) give_up("usage", "boosted ROWS N D LABELS K");
  size_t n = size_argument(argv[2]), d = size_argument(argv[3]);
  float *rows = read_array(argv[1], n * d, sizeof *rows);
  int32_t *ids = read_array(argv[4], n, sizeof *ids);
  growing_job job = {
      .data = {.rows = {rows, SY_F32, n, d, d}, .ids = ids, .n_outputs = size_argument(argv[5])}};
  job.class_weights = balanced(ids, n, job.data.n_outputs);
  job.data.class_weights = job.class_weights;
  repeat(obey, &job);
  sy_predictor_free(job.predictor);
  free(job.class_weights);
  free(ids);
  free(rows);
  return 0;
}
