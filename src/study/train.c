#define _POSIX_C_SOURCE 200809L
#include "study/train.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "study/present.h"
#include "study/trainings.h"

enum { SCORE_BLOCK = 256 };

double sy_study_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* The encoder sees no labels, so fitting it on all rows tells a fold nothing of what it is judged
 * on, and all folds share one encoded matrix. Ignored rows weigh nothing in it. */
static sy_status encode(sy_bench *bench, const sy_study_data *data, sy_messages *messages,
                        sy_error *error) {
  for (size_t i = 0; i < bench->n; i++) {
    double weight = data->row_weights ? data->row_weights[i] : 1;
    bench->weights[i] = bench->ids[i] == SY_IGNORED ? 0 : weight;
  }
  sy_encoder_options options = bench->options->encoder;
  options.codes = bench->options->family == SY_STUDY_MLP;
  options.raw = bench->options->family == SY_STUDY_BOOSTED;
  sy_status status =
      sy_encoder_fit(data->frame, bench->weights, &options, messages, &bench->encoder, error);
  if (status != SY_OK) return status;
  size_t width = sy_encoder_n_outputs(bench->encoder);
  bench->encoded = sy_alloc(bench->n, sy_bench_row_size(bench));
  if (!bench->encoded) return sy_fail_memory(error);
  return sy_encoder_apply(bench->encoder, data->frame, 0, bench->n, bench->options->dtype,
                          bench->encoded, width, error);
}

sy_status sy_bench_make(sy_bench *bench, const sy_study_data *data, const sy_study_options *options,
                        sy_messages *messages, sy_error *error) {
  size_t n = data->frame->rows;
  *bench = (sy_bench){.options = options,
                      .classes = sy_labels_classes(data->labels),
                      .n = n,
                      .n_classes = sy_labels_n_classes(data->labels),
                      .row_weights = data->row_weights,
                      .groups = data->groups,
                      .held_mask = data->held_mask};
  bench->ids = sy_alloc(n, sizeof *bench->ids);
  bench->fold = sy_alloc(n, sizeof *bench->fold);
  bench->weights = sy_alloc(n, sizeof *bench->weights);
  if (!bench->ids || !bench->fold || !bench->weights) return sy_fail_memory(error);
  sy_present_ids(data->labels, data->row_weights, bench->ids);
  for (size_t i = 0; i < n; i++) bench->fold[i] = -1;
  sy_status status = encode(bench, data, messages, error);
  if (status != SY_OK || !sy_family_iterates(options->family)) return status;
  return sy_trainings_new(bench, data, &bench->trainings, error);
}

void sy_bench_clear(sy_bench *bench) {
  sy_encoder_free(bench->encoder);
  sy_trainings_free(bench->trainings);
  free(bench->ids);
  free(bench->encoded);
  free(bench->fold);
  free(bench->weights);
  *bench = (sy_bench){0};
}

size_t sy_bench_row_size(const sy_bench *bench) {
  return sy_encoder_n_outputs(bench->encoder) * sy_dtype_size(bench->options->dtype);
}

sy_matrix sy_bench_rows(const sy_bench *bench) {
  size_t width = sy_encoder_n_outputs(bench->encoder);
  return (sy_matrix){bench->encoded, bench->options->dtype, bench->n, width, width};
}

void sy_trained_clear(sy_trained *trained) {
  sy_predictor_free(trained->predictor);
  sy_counts_free(trained->counts);
  free(trained->class_weights);
  sy_training_result_clear(&trained->training);
  *trained = (sy_trained){0};
}

/* Logistic regression has no use for rows that are held back, and is not to know them either. */
static bool is_held_from_all(const sy_bench *bench, size_t i) {
  return bench->held_mask && bench->held_mask[i] && !bench->trainings;
}

void sy_select_rows(sy_bench *bench, int without) {
  bool inner = without >= bench->n_tested;
  for (size_t i = 0; i < bench->n; i++) {
    int32_t fold = bench->fold[i];
    bool judged = without >= 0 && fold == without;
    bool tested = inner && fold >= 0 && fold < bench->n_tested;
    double weight = bench->row_weights ? bench->row_weights[i] : 1;
    bool absent = bench->ids[i] == SY_IGNORED || is_held_from_all(bench, i);
    bench->weights[i] = judged || tested || absent ? 0 : weight;
  }
}

/* Counts only rows that train: a row left out must not count as a row of weight 0 either. */
static sy_status count_rows(sy_bench *bench, sy_trained *trained, sy_error *error) {
  int32_t *ids = sy_alloc(bench->n, sizeof *ids);
  trained->counts = sy_counts_new(bench->n_classes);
  sy_status status = SY_OK;
  if (!ids || !trained->counts) {
    status = sy_fail_memory(error);
  } else {
    for (size_t i = 0; i < bench->n; i++) {
      bool trains = bench->weights[i] > 0 && !(bench->held_mask && bench->held_mask[i]);
      ids[i] = trains ? bench->ids[i] : SY_IGNORED;
    }
    status = sy_counts_add(trained->counts, ids, bench->n, bench->weights, error);
  }
  free(ids);
  return status;
}

sy_status sy_weigh_classes(const sy_bench *bench, const sy_policy *policy, const sy_counts *counts,
                           double *class_weights, sy_error *error) {
  size_t n_classes = bench->n_classes;
  double *sums = sy_alloc(n_classes, sizeof *sums);
  if (!sums) return sy_fail_memory(error);
  for (size_t k = 0; k < n_classes; k++) {
    sums[k] = sy_counts_weight(counts, k);
    class_weights[k] = 1;
  }
  sy_status status = SY_OK;
  if (policy) {
    status = sy_class_weights(policy, bench->options->normalize, bench->classes, sums, n_classes,
                              class_weights, error);
  }
  free(sums);
  return status;
}

static sy_status weigh(sy_bench *bench, const sy_policy *policy, sy_trained *trained, double *total,
                       sy_error *error) {
  size_t n_classes = bench->n_classes;
  trained->class_weights = sy_alloc(n_classes, sizeof(double));
  if (!trained->class_weights) return sy_fail_memory(error);
  *total = 0;
  for (size_t k = 0; k < n_classes; k++) *total += sy_counts_weight(trained->counts, k);
  return sy_weigh_classes(bench, policy, trained->counts, trained->class_weights, error);
}

/* Weights may leave one class, and so may rows that go to the test. */
static sy_status check_classes(const sy_bench *bench, const sy_trained *trained, sy_error *error) {
  size_t n_learnt = 0, last = 0;
  for (size_t k = 0; k < bench->n_classes; k++) {
    if (!(sy_counts_weight(trained->counts, k) > 0 && trained->class_weights[k] > 0)) continue;
    n_learnt++;
    last = k;
  }
  if (n_learnt != 1) return SY_OK;
  return sy_fail(error, SY_TOO_FEW_CLASSES,
                 "only class '%s' has rows of positive weight; a model needs two classes",
                 bench->classes[last]);
}

static sy_status fit_logistic(sy_bench *bench, const sy_training *training, double total,
                              sy_trained *trained, sy_error *error) {
  sy_status status = sy_row_weights(bench->ids, bench->n, trained->class_weights, bench->n_classes,
                                    bench->weights, bench->weights, error);
  if (status != SY_OK) return status;
  sy_fit_options options = sy_fit_options_default();
  trained->l2 = bench->options->l2 >= 0 ? bench->options->l2 : 1 / total;
  options.l2 = trained->l2;
  options.tolerance = bench->options->tolerance;
  options.max_iterations = bench->options->max_iterations;
  options.start = training->start;
  options.progress = training->progress;
  return sy_fit_logistic(sy_bench_rows(bench), bench->ids, bench->weights, bench->n_classes,
                         &options, &trained->predictor, &trained->result, error);
}

static sy_status fit(sy_bench *bench, const sy_training *training, double total,
                     sy_trained *trained, sy_error *error) {
  if (!bench->trainings) return fit_logistic(bench, training, total, trained, error);
  bool trees = bench->options->family == SY_STUDY_BOOSTED;
  return (trees ? sy_train_boosted : sy_train_network)(bench, training, trained, error);
}

sy_status sy_train(sy_bench *bench, const sy_training *training, sy_trained *trained,
                   sy_error *error) {
  *trained = (sy_trained){0};
  double total = 0, begin = sy_study_now();
  sy_select_rows(bench, training->without);
  sy_status status = count_rows(bench, trained, error);
  if (status == SY_OK) status = weigh(bench, training->policy, trained, &total, error);
  if (status == SY_OK && total <= 0) status = sy_fail(error, SY_NO_WEIGHT, "all weights are zero");
  if (status == SY_OK) status = check_classes(bench, trained, error);
  if (status == SY_OK) status = fit(bench, training, total, trained, error);
  if (status != SY_OK) sy_trained_clear(trained);
  bench->seconds += sy_study_now() - begin;
  return status;
}

/* Scoring of listed rows, a block at a time: gather, logits, correct. */
typedef struct score_work {
  const sy_bench *bench;
  const sy_trained *trained;
  const size_t *rows;
  size_t n;
  double *out;
  atomic_bool out_of_memory;
} score_work;

static void score_block(void *context, size_t block) {
  score_work *work = context;
  size_t width = sy_encoder_n_outputs(work->bench->encoder), n_classes = work->bench->n_classes;
  size_t begin = block * SCORE_BLOCK;
  size_t n = work->n - begin < SCORE_BLOCK ? work->n - begin : SCORE_BLOCK;
  size_t size = sy_bench_row_size(work->bench);
  char *gathered = sy_alloc(n, size);
  if (!gathered) {
    atomic_store(&work->out_of_memory, true);
    return;
  }
  for (size_t i = 0; i < n; i++) {
    const char *row = (const char *)work->bench->encoded + work->rows[begin + i] * size;
    memcpy(gathered + i * size, row, size);
  }
  double *logits = work->out + begin * n_classes;
  sy_matrix rows = {gathered, work->bench->options->dtype, n, width, width};
  /* The predictor was fitted on rows of this width: only memory may lack. */
  if (sy_predictor_logits(work->trained->predictor, rows, logits, NULL))
    atomic_store(&work->out_of_memory, true);
  else
    sy_correct(logits, n, n_classes, work->trained->class_weights, logits);
  free(gathered);
}

sy_status sy_trained_score(const sy_bench *bench, const sy_trained *trained, const size_t *rows,
                           size_t n, double *out, sy_error *error) {
  score_work work = {.bench = bench, .trained = trained, .rows = rows, .n = n, .out = out};
  sy_parallel_blocks((n + SCORE_BLOCK - 1) / SCORE_BLOCK, score_block, &work);
  return atomic_load(&work.out_of_memory) ? sy_fail_memory(error) : SY_OK;
}

sy_status sy_trained_score_frame(const sy_bench *bench, const sy_trained *trained,
                                 const sy_frame *frame, double *out, sy_error *error) {
  size_t width = sy_encoder_n_outputs(bench->encoder), n_classes = bench->n_classes;
  sy_dtype dtype = bench->options->dtype;
  void *encoded = sy_alloc(frame->rows, sy_bench_row_size(bench));
  if (!encoded) return sy_fail_memory(error);
  sy_status status =
      sy_encoder_apply(bench->encoder, frame, 0, frame->rows, dtype, encoded, width, error);
  if (status == SY_OK) {
    sy_matrix rows = {encoded, dtype, frame->rows, width, width};
    status = sy_predictor_logits(trained->predictor, rows, out, error);
    sy_correct(out, frame->rows, n_classes, trained->class_weights, out);
  }
  free(encoded);
  return status;
}
