#define _POSIX_C_SOURCE 200809L
#include "study/label_train.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "study/split.h"
#include "study/trainings.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double row_weight(const sy_label_bench *bench, size_t i) {
  return bench->data->row_weights ? bench->data->row_weights[i] : 1;
}

static bool is_mlp(const sy_label_bench *bench) {
  return bench->options->family == SY_STUDY_MLP;
}

static bool is_boosted(const sy_label_bench *bench) {
  return bench->options->family == SY_STUDY_BOOSTED;
}

/* As in a study of classes: the encoder sees no labels, so all folds share one encoded matrix. */
static sy_status encode(sy_label_bench *bench, sy_messages *messages, sy_error *error) {
  sy_encoder_options options = bench->options->encoder;
  options.codes = is_mlp(bench);
  options.raw = is_boosted(bench);
  sy_status status = sy_encoder_fit(bench->data->frame, bench->data->row_weights, &options,
                                    messages, &bench->encoder, error);
  if (status) return status;
  bench->width = sy_encoder_n_outputs(bench->encoder);
  bench->encoded = sy_alloc(bench->n, bench->width * sizeof *bench->encoded);
  bench->codes = sy_alloc_zero(bench->width, sizeof *bench->codes);
  if (!bench->encoded || !bench->codes) return sy_fail_memory(error);
  for (size_t j = 0; j < bench->width; j++) {
    size_t n_values = sy_encoder_output_codes(bench->encoder, j);
    if (n_values) bench->codes[bench->n_codes++] = (sy_embedding){j, n_values, 0};
  }
  return sy_encoder_apply(bench->encoder, bench->data->frame, 0, bench->n, SY_F32, bench->encoded,
                          bench->width, error);
}

sy_status sy_label_bench_make(sy_label_bench *bench, const sy_label_study_data *data,
                              const sy_study_options *options, sy_messages *messages,
                              sy_error *error) {
  size_t n = data->frame->rows, n_labels = data->n_labels;
  *bench = (sy_label_bench){.data = data, .options = options, .n = n, .n_labels = n_labels};
  bench->strata = sy_alloc(n, sizeof *bench->strata);
  bench->fold = sy_alloc(n, sizeof *bench->fold);
  bench->trains = sy_alloc(n, 1);
  bench->held = sy_alloc(n, 1);
  bench->weights = sy_alloc(n, sizeof *bench->weights);
  bench->ids = sy_alloc(n, sizeof *bench->ids);
  bench->targets = sy_alloc(n, n_labels * sizeof *bench->targets);
  if (!bench->strata || !bench->fold || !bench->trains || !bench->held || !bench->weights ||
      !bench->ids || !bench->targets)
    return sy_fail_memory(error);
  for (size_t i = 0; i < n; i++) bench->fold[i] = -1;
  for (size_t i = 0; i < n * n_labels; i++) bench->targets[i] = data->truth[i];
  sy_status status =
      sy_label_strata(data->truth, n, n_labels, data->row_weights, bench->strata, error);
  return status ? status : encode(bench, messages, error);
}

void sy_label_bench_clear(sy_label_bench *bench) {
  sy_encoder_free(bench->encoder);
  free(bench->encoded);
  free(bench->strata);
  free(bench->fold);
  free(bench->trains);
  free(bench->held);
  free(bench->weights);
  free(bench->ids);
  free(bench->targets);
  free(bench->codes);
  *bench = (sy_label_bench){0};
}

void sy_label_trained_clear(sy_label_trained *trained) {
  sy_predictor_free(trained->predictor);
  sy_counts_free(trained->counts);
  free(trained->weights);
  sy_training_result_clear(&trained->training);
  for (size_t l = 0; l < trained->n_by_label; l++) sy_training_result_clear(&trained->by_label[l]);
  free(trained->by_label);
  *trained = (sy_label_trained){0};
}

static void select_rows(sy_label_bench *bench, int without) {
  for (size_t i = 0; i < bench->n; i++)
    bench->trains[i] = bench->strata[i] != SY_IGNORED && (without < 0 || bench->fold[i] != without);
}

sy_status sy_label_hold(sy_label_bench *bench, bool *enough, sy_error *error) {
  const sy_study_options *options = bench->options;
  size_t n = 0;
  for (size_t i = 0; i < bench->n; i++)
    bench->ids[i] = bench->trains[i] ? bench->strata[i] : SY_IGNORED;
  sy_status status =
      sy_split_marks(bench->ids, bench->n, bench->n_labels + 1, bench->data->groups,
                     options->held_share, options->seed, SY_STREAM_HELD, bench->held, error);
  for (size_t i = 0; i < bench->n && !status; i++) n += bench->held[i];
  *enough = n >= SY_HELD_LEAST;
  return status;
}

static sy_status count(const sy_label_bench *bench, sy_counts **counts, sy_error *error) {
  size_t shape[] = {bench->n, bench->n_labels};
  sy_array mask = sy_array_of(bench->trains, SY_U8, 1, shape);
  sy_array row_weights = sy_array_of(bench->data->row_weights, SY_F64, 1, shape);
  sy_label_array array = {.kind = SY_LABEL_MULTI_HOT,
                          .values = sy_array_of(bench->data->truth, SY_U8, 2, shape),
                          .mask = &mask,
                          .row_weights = bench->data->row_weights ? &row_weights : NULL};
  sy_labels_options options = sy_labels_options_default();
  options.classes = bench->data->labels;
  options.n_classes = bench->n_labels;
  sy_counter *counter = NULL;
  sy_status status = sy_counter_new(SY_LABEL_MULTI_HOT, &options, &counter, error);
  if (!status) status = sy_counter_add(counter, &array, error);
  if (!status) status = sy_counter_counts(counter, counts, error);
  sy_counter_free(counter);
  return status;
}

static sy_status weigh(const sy_label_bench *bench, sy_label_trained *trained, sy_error *error) {
  size_t n = 2 * bench->n_labels;
  trained->weights = sy_alloc(n, sizeof *trained->weights);
  if (!trained->weights) return sy_fail_memory(error);
  for (size_t i = 0; i < n; i++) trained->weights[i] = 1;
  if (!bench->options->policy) return SY_OK;
  return sy_counts_weights(bench->options->policy, bench->options->normalize, trained->counts,
                           trained->weights, error);
}

void sy_label_shares(const sy_counts *counts, double *shares) {
  for (size_t l = 0; l < sy_counts_n_labels(counts); l++) {
    const sy_counts *one = sy_counts_label(counts, l);
    double absent = sy_counts_weight(one, 0), present = sy_counts_weight(one, 1);
    shares[2 * l] = absent / (absent + present);
    shares[2 * l + 1] = 1 - shares[2 * l];
  }
}

/* Coefficients (L, D) and intercepts (L) that are being put together. */
typedef struct vectors {
  double *coefficients, *intercepts;
} vectors;

double sy_label_constant(const sy_counts *one) {
  return log((sy_counts_weight(one, 1) + 0.5) / (sy_counts_weight(one, 0) + 0.5));
}

static sy_status fit_label(sy_label_bench *bench, const sy_label_training *training, size_t l,
                           sy_label_trained *trained, vectors *to, sy_error *error) {
  const double *pair = trained->weights + 2 * l;
  const sy_counts *one = sy_counts_label(trained->counts, l);
  double *coefficients = to->coefficients + l * bench->width;
  bool varies = sy_counts_weight(one, 0) * pair[0] > 0 && sy_counts_weight(one, 1) * pair[1] > 0;
  if (!varies) {
    memset(coefficients, 0, bench->width * sizeof *coefficients);
    to->intercepts[l] = sy_label_constant(one);
    return SY_OK;
  }
  for (size_t i = 0; i < bench->n; i++) {
    bench->ids[i] = bench->data->truth[i * bench->n_labels + l];
    bench->weights[i] = bench->trains[i] ? row_weight(bench, i) * pair[bench->ids[i]] : 0;
  }
  sy_fit_options options = sy_fit_options_default();
  options.l2 = trained->l2;
  options.tolerance = bench->options->tolerance;
  options.max_iterations = bench->options->max_iterations;
  options.progress = training->progress;
  sy_predictor *predictor = NULL;
  sy_fit_result result;
  sy_matrix rows = {bench->encoded, SY_F32, bench->n, bench->width, bench->width};
  sy_status status =
      sy_fit_logistic(rows, bench->ids, bench->weights, 2, &options, &predictor, &result, error);
  if (status) return status;
  memcpy(coefficients, sy_predictor_coefficients(predictor), bench->width * sizeof *coefficients);
  to->intercepts[l] = sy_predictor_intercepts(predictor)[0];
  sy_predictor_free(predictor);
  sy_fit_result *all = &trained->result;
  all->objective += result.objective;
  all->gradient_norm = fmax(all->gradient_norm, result.gradient_norm);
  all->iterations += result.iterations;
  all->converged = all->converged && result.converged;
  all->solver = result.solver;
  return SY_OK;
}

static double total_weight(const sy_counts *counts) {
  const sy_counts *one = sy_counts_label(counts, 0);
  return sy_counts_weight(one, 0) + sy_counts_weight(one, 1);
}

static sy_status fit_logistic(sy_label_bench *bench, const sy_label_training *training,
                              sy_label_trained *trained, sy_error *error) {
  size_t n_labels = bench->n_labels;
  vectors to = {sy_alloc(n_labels, bench->width * sizeof(double)),
                sy_alloc(n_labels, sizeof(double))};
  sy_status status = to.coefficients && to.intercepts ? SY_OK : sy_fail_memory(error);
  double l2 = bench->options->l2;
  trained->l2 = l2 >= 0 ? l2 : 1 / total_weight(trained->counts);
  trained->result = (sy_fit_result){.converged = true, .solver = "Newton"};
  for (size_t l = 0; l < n_labels && !status; l++)
    status = fit_label(bench, training, l, trained, &to, error);
  if (!status)
    status = sy_predictor_logistic(bench->width, n_labels, n_labels, to.coefficients, to.intercepts,
                                   &trained->predictor, error);
  free(to.coefficients);
  free(to.intercepts);
  return status;
}

static sy_status fit_network(sy_label_bench *bench, const sy_label_training *training,
                             sy_label_trained *trained, sy_error *error) {
  sy_network_options options =
      bench->options->network ? *bench->options->network : sy_network_options_default();
  sy_loss_options loss = options.loss ? *options.loss : sy_loss_options_default(bench->n_labels);
  loss.base = SY_LOSS_SIGMOID;
  loss.n_classes = bench->n_labels;
  loss.class_weights = NULL;
  options.loss = &loss;
  options.seed = bench->options->seed;
  options.stop_after = training->stop_after;
  for (size_t i = 0; i < bench->n; i++)
    bench->weights[i] = bench->trains[i] ? row_weight(bench, i) : 0;
  sy_status status = SY_OK;
  if (training->holds && bench->options->held_share > 0)
    status = sy_label_hold(bench, &trained->held, error);
  if (status) return status;
  sy_training_data data = {.rows = {bench->encoded, SY_F32, bench->n, bench->width, bench->width},
                           .labels = bench->targets,
                           .n_outputs = bench->n_labels,
                           .row_weights = bench->weights,
                           .class_weights = trained->weights,
                           .held = trained->held ? bench->held : NULL,
                           .embeddings = bench->codes,
                           .n_embeddings = bench->n_codes};
  sy_onlooker looks = {bench->options, training->fit, training->fits};
  sy_training_hooks hooks = sy_onlooker_hooks(&looks, training->progress);
  status = sy_fit_network(&data, &options, &hooks, &trained->predictor, &trained->training, error);
  if (status) return status;
  trained->result =
      sy_trainings_result(bench->options, &trained->training, training->stop_after, trained->held);
  if (!sy_trainings_unweighed(&options, &trained->training)) return SY_OK;
  for (size_t i = 0; i < 2 * bench->n_labels; i++) trained->weights[i] = 1;
  return SY_OK;
}

static sy_status fit(sy_label_bench *bench, const sy_label_training *training,
                     sy_label_trained *trained, sy_error *error) {
  if (is_mlp(bench)) return fit_network(bench, training, trained, error);
  if (!is_boosted(bench)) return fit_logistic(bench, training, trained, error);
  sy_status status = SY_OK;
  if (training->holds && bench->options->held_share > 0)
    status = sy_label_hold(bench, &trained->held, error);
  return status ? status : sy_label_train_boosted(bench, training, trained, error);
}

sy_status sy_label_train(sy_label_bench *bench, const sy_label_training *training,
                         sy_label_trained *trained, sy_error *error) {
  double begin = now();
  *trained = (sy_label_trained){0};
  select_rows(bench, training->without);
  sy_status status = count(bench, &trained->counts, error);
  if (!status) status = weigh(bench, trained, error);
  if (!status) status = fit(bench, training, trained, error);
  if (status) sy_label_trained_clear(trained);
  bench->seconds += now() - begin;
  return status;
}

enum { SCORE_BLOCK = 256 };

/* What scoring a block of rows needs. */
typedef struct score_room {
  float *gathered; /* (SCORE_BLOCK, D) */
  double *logits;  /* (SCORE_BLOCK, L) */
  double *pairs;   /* (SCORE_BLOCK, 2) */
} score_room;

static sy_status score_block(const sy_label_bench *bench, const sy_label_trained *trained,
                             const size_t *rows, size_t n, score_room *room, double *logs,
                             sy_error *error) {
  size_t width = bench->width, n_labels = bench->n_labels;
  for (size_t i = 0; i < n; i++)
    memcpy(room->gathered + i * width, bench->encoded + rows[i] * width,
           width * sizeof *room->gathered);
  sy_matrix matrix = {room->gathered, SY_F32, n, width, width};
  sy_status status = sy_predictor_logits(trained->predictor, matrix, room->logits, error);
  for (size_t l = 0; l < n_labels && !status; l++) {
    for (size_t i = 0; i < n; i++) {
      room->pairs[2 * i] = 0;
      room->pairs[2 * i + 1] = room->logits[i * n_labels + l];
    }
    sy_correct(room->pairs, n, 2, trained->weights + 2 * l, room->pairs);
    for (size_t i = 0; i < n; i++)
      memcpy(logs + 2 * (i * n_labels + l), room->pairs + 2 * i, 2 * sizeof *logs);
  }
  return status;
}

sy_status sy_label_trained_score(const sy_label_bench *bench, const sy_label_trained *trained,
                                 const size_t *rows, size_t n, double *logs, sy_error *error) {
  score_room room = {sy_alloc(SCORE_BLOCK, bench->width * sizeof *room.gathered),
                     sy_alloc(SCORE_BLOCK, bench->n_labels * sizeof *room.logits),
                     sy_alloc(SCORE_BLOCK, 2 * sizeof *room.pairs)};
  sy_status status = room.gathered && room.logits && room.pairs ? SY_OK : sy_fail_memory(error);
  for (size_t begin = 0; begin < n && !status; begin += SCORE_BLOCK) {
    size_t some = n - begin < SCORE_BLOCK ? n - begin : SCORE_BLOCK;
    status = score_block(bench, trained, rows + begin, some, &room,
                         logs + 2 * begin * bench->n_labels, error);
  }
  free(room.gathered);
  free(room.logits);
  free(room.pairs);
  return status;
}
