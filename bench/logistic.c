/* logistic.c: fits a balanced or unweighted logistic regression to raw arrays, as often as told.
 * Usage: logistic ROWS N D LABELS K balanced|none L2
 * ROWS is a file of N x D float32 (or float64, where its name ends in .f64), LABELS one of N int32.
 *   go         the whole job once, from labels to coefficients: class weights included
 *   save FILE  writes the coefficients and then the intercepts of the last fit, float64 */
#include "repeat.h"

typedef struct fit_job {
  sy_matrix rows;
  int32_t *labels;
  size_t n_classes;
  sy_policy *policy;
  double l2;
  double *weights; /* (n) of the rows, made anew by each run */
  sy_predictor *predictor;
} fit_job;

/* Class weights from counts, row weights from class weights. */
static void weigh(fit_job *job) {
  sy_error error;
  size_t n = job->rows.rows, n_classes = job->n_classes;
  sy_counts *counts = sy_counts_new(n_classes);
  double *sums = malloc(2 * n_classes * sizeof *sums), *class_weights = sums + n_classes;
  const char **names = calloc(n_classes, sizeof *names);
  if (!counts || !sums || !names) give_up("weights", "out of memory");
  demand(sy_counts_add(counts, job->labels, n, NULL, &error), &error);
  for (size_t k = 0; k < n_classes; k++) {
    sums[k] = sy_counts_weight(counts, k);
    names[k] = "";
  }
  demand(sy_class_weights(job->policy, SY_NORMALIZE_NONE, names, sums, n_classes, class_weights,
                          &error),
         &error);
  demand(sy_row_weights(job->labels, n, class_weights, n_classes, NULL, job->weights, &error),
         &error);
  free(names);
  free(sums);
  sy_counts_free(counts);
}

/* `tolerance` as text; empty = the default. */
static void go(fit_job *job, const char *tolerance) {
  sy_error error;
  sy_fit_result result;
  sy_fit_options options = sy_fit_options_default();
  options.l2 = job->l2;
  if (*tolerance) options.tolerance = strtod(tolerance, NULL);
  sy_predictor_free(job->predictor);
  double start = seconds_now();
  bool weighted = !sy_policy_is_none(job->policy);
  if (weighted) weigh(job);
  demand(sy_fit_logistic(job->rows, job->labels, weighted ? job->weights : NULL, job->n_classes,
                         &options, &job->predictor, &result, &error),
         &error);
  double seconds = seconds_now() - start;
  printf("{\"seconds\": %.9f, \"iterations\": %d, \"solver\": \"%s\", \"objective\": %.17g, "
         "\"gradient_norm\": %.3g, \"converged\": %s}",
         seconds, result.iterations, result.solver, result.objective, result.gradient_norm,
         result.converged ? "true" : "false");
}

static void save(const fit_job *job, const char *path) {
  size_t vectors = sy_predictor_n_vectors(job->predictor);
  size_t n_coefficients = vectors * job->rows.columns, n = n_coefficients + vectors;
  double *all = malloc(n * sizeof *all);
  if (!all) give_up("save", "out of memory");
  memcpy(all, sy_predictor_coefficients(job->predictor), n_coefficients * sizeof *all);
  memcpy(all + n_coefficients, sy_predictor_intercepts(job->predictor), vectors * sizeof *all);
  write_array(path, all, n);
  free(all);
  printf("{\"vectors\": %zu}", vectors);
}

static void obey(void *context, const char *command, const char *argument) {
  fit_job *job = context;
  if (strcmp(command, "go") == 0)
    go(job, argument);
  else if (strcmp(command, "save") == 0 && job->predictor)
    save(job, argument);
  else
    give_up(command, "no such command here, or nothing was fitted yet");
}

int main(int argc, char **argv) {
  if (argc != 8) give_up("usage", "logistic ROWS N D LABELS K balanced|none L2");
  size_t n = size_argument(argv[2]), d = size_argument(argv[3]), length = strlen(argv[1]);
  bool is_double = length > 4 && strcmp(argv[1] + length - 4, ".f64") == 0;
  void *data = read_array(argv[1], n * d, is_double ? sizeof(double) : sizeof(float));
  sy_error error;
  fit_job job = {.rows = {data, is_double ? SY_F64 : SY_F32, n, d, d},
                 .labels = read_array(argv[4], n, sizeof(int32_t)),
                 .n_classes = size_argument(argv[5]),
                 .l2 = strtod(argv[7], NULL),
                 .weights = malloc(n * sizeof(double))};
  if (!job.weights) give_up("weights", "out of memory");
  demand(sy_policy_parse(argv[6], &job.policy, &error), &error);
  repeat(obey, &job);
  sy_predictor_free(job.predictor);
  sy_policy_free(job.policy);
  free(job.weights);
  free(job.labels);
  free(data);
  return 0;
}
