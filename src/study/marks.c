/* marks.c: what the trainings of a study depend on, each thing that a user can name as a checksum.
 */
#include "study/run.h"

#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static void put(sy_text *text, const void *bytes, size_t size) {
  uint64_t sum = size > 0 ? sy_checksum(bytes, size) : 0;
  sy_text_put_bytes(text, (const char *)&size, sizeof size);
  sy_text_put_bytes(text, (const char *)&sum, sizeof sum);
}

static void put_number(sy_text *text, double number) {
  sy_text_put_bytes(text, (const char *)&number, sizeof number);
}

static void put_words(sy_text *text, const char *words) {
  put(text, words, words ? strlen(words) : 0);
}

static void put_doubles(sy_text *text, const double *numbers, size_t n) {
  put(text, numbers, numbers ? n * sizeof *numbers : 0);
}

static void put_rows(sy_text *text, const sy_run *run) {
  size_t width = sy_encoder_n_outputs(run->bench.encoder);
  put_number(text, (double)width);
  put(text, run->bench.encoded, run->bench.n * sy_bench_row_size(&run->bench));
}

static void put_labels(sy_text *text, const sy_run *run) {
  const sy_bench *bench = &run->bench;
  put(text, bench->ids, bench->n * sizeof *bench->ids);
  for (size_t k = 0; k < bench->n_classes; k++) put_words(text, bench->classes[k]);
}

static void put_split(sy_text *text, const sy_run *run) {
  const sy_bench *bench = &run->bench;
  put(text, bench->fold, bench->n * sizeof *bench->fold);
  put(text, bench->groups, bench->groups ? bench->n * sizeof *bench->groups : 0);
  put_number(text, run->options->test);
  put_number(text, bench->n_folds);
  put_number(text, bench->n_tested);
  put(text, bench->held_mask, bench->held_mask ? bench->n : 0);
}

static void put_loss(sy_text *text, const sy_loss_options *loss) {
  size_t n = loss->n_classes;
  put_doubles(text, loss->slopes, n);
  put_doubles(text, loss->offsets, n);
  put_doubles(text, loss->margins, n);
  put_doubles(text, loss->cost, n * n);
  put_words(text, loss->parts);
  double numbers[] = {loss->scale, loss->smoothing, loss->cost_use, loss->weigh_by_prediction};
  put_doubles(text, numbers, sizeof numbers / sizeof numbers[0]);
}

static void put_network(sy_text *text, const sy_network_options *network) {
  double numbers[] = {network->activation,
                      network->norm,
                      network->dropout,
                      (double)network->embedding_width,
                      network->optimizer,
                      network->learning_rate,
                      network->momentum,
                      network->weight_decay,
                      network->clip,
                      network->schedule,
                      network->warm_up,
                      network->epochs,
                      (double)network->batch_size,
                      network->patience,
                      network->reweight_from,
                      network->balanced_sampling,
                      network->restarts};
  put_doubles(text, numbers, sizeof numbers / sizeof numbers[0]);
  put(text, network->hidden, network->n_hidden * sizeof *network->hidden);
}

static void put_options(sy_text *text, const sy_run *run) {
  const sy_study_options *options = run->options;
  char objective[SY_OBJECTIVE_SIZE];
  double numbers[] = {options->normalize, options->calibrate, options->held_share,
                      (double)(options->seed >> 32), (double)(options->seed & UINT32_MAX)};
  put_network(text, &run->bench.trainings->options);
  put_loss(text, &run->bench.trainings->loss);
  put_words(text, options->policy ? sy_policy_text(options->policy) : "none");
  put_words(text, options->automatic ? sy_objective_text(options->automatic, objective) : NULL);
  put_doubles(text, numbers, sizeof numbers / sizeof numbers[0]);
  put_number(text, options->cost_rule != NULL); /* a line of balanced weights beside costs */
}

static void put_mark(sy_text *text, const sy_run *run, sy_mark mark) {
  size_t n = run->bench.n;
  switch (mark) {
  case SY_MARK_ROWS:
    put_rows(text, run);
    break;
  case SY_MARK_LABELS:
    put_labels(text, run);
    break;
  case SY_MARK_WEIGHTS:
    put_doubles(text, run->bench.row_weights, n);
    break;
  case SY_MARK_COSTS:
    put_doubles(text, run->costs.values, n * run->costs.n_varying);
    break;
  case SY_MARK_SPLIT:
    put_split(text, run);
    break;
  case SY_MARK_OPTIONS:
  case SY_MARK_COUNT:
    put_options(text, run);
    break;
  }
}

sy_status sy_run_mark_book(sy_run *run, sy_error *error) {
  sy_book *book = run->bench.trainings ? run->bench.trainings->book : NULL;
  uint64_t marks[SY_MARK_COUNT];
  if (!book) return SY_OK;
  for (int m = 0; m < SY_MARK_COUNT; m++) {
    sy_text text = {0};
    put_mark(&text, run, (sy_mark)m);
    bool failed = text.failed;
    marks[m] = failed ? 0 : sy_checksum(text.data, text.length);
    free(text.data);
    if (failed) return sy_fail_memory(error);
  }
  return sy_book_mark(book, marks, error);
}
