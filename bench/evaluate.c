/* evaluate.c: all metrics of scores of two classes in memory, as often as told.
 * Usage: evaluate SCORES LABELS N
 * SCORES is a file of N x 2 float64, logarithms of probabilities; LABELS of N int32, 0 or 1.
 *   go         all metrics, deciding at p >= 0.5
 *   steps      where a threshold may lie, and what each place catches
 *   intervals  all metrics of ten bootstrap samples
 *   sort       a radix sort of the same scores: pairs of a key and a row, eight bits at a time on
 *              one thread, in room of its own, as the others have
 * Each answers with what it found. */
#include "repeat.h"

typedef struct score_job {
  sy_evaluation evaluation;
  int32_t *decisions;
  double *scores; /* of class 1 */
} score_job;

static void go(const score_job *job) {
  sy_error error;
  sy_metrics m;
  demand(sy_evaluate(&job->evaluation, &m, &error), &error);
  printf("{\"roc_auc\": %.17g, \"average_precision\": %.17g, \"log_loss\": %.17g", m.roc_auc,
         m.average_precision, m.log_loss);
  sy_metrics_clear(&m);
}

static void steps(const score_job *job) {
  sy_error error;
  sy_steps found;
  demand(sy_steps_make(job->scores, job->evaluation.ids, job->evaluation.n, 1, NULL, NULL, &found,
                       &error),
         &error);
  printf("{\"steps\": %zu", found.n);
  sy_steps_clear(&found);
}

static void intervals(const score_job *job) {
  sy_error error;
  sy_metrics low, high;
  demand(sy_evaluate_intervals(&job->evaluation, 10, 0, (sy_progress){0}, &low, &high, &error),
         &error);
  printf("{\"low\": %.17g, \"high\": %.17g", low.roc_auc, high.roc_auc);
  sy_metrics_clear(&low);
  sy_metrics_clear(&high);
}

typedef struct pair {
  uint64_t key, row;
} pair;

enum { DIGITS = 8, VALUES = 256 };

/* Keys in order of rising score: the scores here are negative. */
static pair *make_pairs(const score_job *job, size_t n) {
  pair *pairs = malloc(2 * n * sizeof *pairs);
  if (!pairs) give_up("sort", "out of memory");
  for (size_t i = 0; i < n; i++) {
    memcpy(&pairs[i].key, &job->scores[i], sizeof pairs[i].key);
    pairs[i].row = i;
  }
  return pairs;
}

static size_t digit_of(uint64_t key, int digit) {
  return (size_t)(key >> (8 * digit)) & (VALUES - 1);
}

static void count_digits(const pair *pairs, size_t n, size_t counts[DIGITS][VALUES]) {
  memset(counts, 0, DIGITS * sizeof counts[0]);
  for (size_t i = 0; i < n; i++)
    for (int digit = 0; digit < DIGITS; digit++) counts[digit][digit_of(pairs[i].key, digit)]++;
}

static void distribute(const pair *from, pair *into, size_t n, int digit, size_t counts[VALUES]) {
  for (size_t value = 0, start = 0; value < VALUES; value++) {
    size_t count = counts[value];
    counts[value] = start;
    start += count;
  }
  for (size_t i = 0; i < n; i++) into[counts[digit_of(from[i].key, digit)]++] = from[i];
}

static void sort(const score_job *job) {
  size_t n = job->evaluation.n, counts[DIGITS][VALUES];
  pair *pairs = make_pairs(job, n), *from = pairs, *into = pairs + n;
  count_digits(pairs, n, counts);
  for (int digit = 0; digit < DIGITS; digit++) {
    if (counts[digit][digit_of(from[0].key, digit)] == n) continue;
    distribute(from, into, n, digit, counts[digit]);
    pair *sorted = into;
    into = from;
    from = sorted;
  }
  for (size_t i = 1; i < n; i++)
    if (from[i].key < from[i - 1].key) give_up("sort", "not sorted");
  printf("{\"first\": %zu", (size_t)from[0].row);
  free(pairs);
}

static void obey(void *context, const char *command, const char *argument) {
  const score_job *job = context;
  double begun = seconds_now();
  (void)argument;
  if (strcmp(command, "go") == 0)
    go(job);
  else if (strcmp(command, "steps") == 0)
    steps(job);
  else if (strcmp(command, "intervals") == 0)
    intervals(job);
  else if (strcmp(command, "sort") == 0)
    sort(job);
  else
    give_up(command, "no such command here");
  printf(", \"seconds\": %.9f}", seconds_now() - begun);
}

int main(int argc, char **argv) {
  if (argc != 4) give_up("usage", "evaluate SCORES LABELS N");
  size_t n = size_argument(argv[3]);
  double *logs = read_array(argv[1], n, 2 * sizeof *logs);
  int32_t *ids = read_array(argv[2], n, sizeof *ids);
  score_job job = {.decisions = malloc(n * sizeof *job.decisions),
                   .scores = malloc(n * sizeof *job.scores)};
  if (!job.decisions || !job.scores) give_up("evaluate", "out of memory");
  for (size_t i = 0; i < n; i++) {
    job.scores[i] = logs[2 * i + 1];
    job.decisions[i] = logs[2 * i + 1] >= logs[2 * i];
  }
  job.evaluation = (sy_evaluation){.n = n,
                                   .n_classes = 2,
                                   .ids = ids,
                                   .log_probabilities = logs,
                                   .decisions = job.decisions,
                                   .positive = 1};
  repeat(obey, &job);
  free(job.decisions);
  free(job.scores);
  free(logs);
  free(ids);
  return 0;
}
