/* training.c: from data and options to what every epoch needs: the rows that are there, what they
 * weigh, and the two losses, before and after classes are weighed. */
#include "fit/training.h"

#include "base/error.h"
#include "base/memory.h"
#include "loss/loss.h"

#include <math.h>
#include <string.h>

/* Without a batch size: the largest power of two of which an epoch has so many, within bounds.
 * Below them a step is not worth its costs, above them it says little more. */
enum { STEPS_WANTED = 128, LEAST_BATCH = 32, MOST_BATCH = 1024 };

static size_t choose_batch(const sy_network_options *options, size_t n) {
  size_t batch = options->batch_size;
  if (batch == 0) {
    batch = LEAST_BATCH;
    while (batch < MOST_BATCH && 2 * batch <= n / STEPS_WANTED) batch *= 2;
  }
  return batch < n ? batch : n;
}

/* Without a width: min(50, 1.6 n^0.56), as Howard and others' fastai has it. */
static size_t choose_width(const sy_network_options *options, size_t n_values) {
  static const double factor = 1.6, power = 0.56, most = 50;
  if (options->embedding_width > 0) return options->embedding_width;
  return (size_t)fmax(1, fmin(most, round(factor * pow((double)n_values, power))));
}

/* --- weights --- */

/* Classes of ids, or absence and presence of each label. */
static size_t n_sides(const sy_training_data *data) {
  return data->labels ? 2 * data->n_outputs : data->n_outputs;
}

/* Weights over the power of two that brings the largest to 1 .. 2: sums of the largest stay finite,
 * and no bit changes. */
static void copy_scaled(const double *weights, size_t n, double *scaled) {
  double largest = 0;
  for (size_t i = 0; i < n; i++) largest = weights[i] > largest ? weights[i] : largest;
  int exponent = largest > 0 ? ilogb(largest) : 0;
  for (size_t i = 0; i < n; i++) scaled[i] = scalbn(weights[i], -exponent);
}

static double row_weight(const sy_training *training, size_t i) {
  return training->weights ? training->weights[i] : 1;
}

/* Whether a row is there at all. */
static bool has_weight(const sy_training *training, size_t i) {
  const sy_training_data *data = training->data;
  if (!(row_weight(training, i) > 0)) return false;
  if (data->ids) return data->ids[i] != SY_IGNORED && training->class_weights[data->ids[i]] > 0;
  const float *labels = data->labels + i * data->n_outputs;
  for (size_t l = 0; l < data->n_outputs; l++) {
    const double *pair = training->class_weights + 2 * l;
    if ((labels[l] < 1 && pair[0] > 0) || (labels[l] > 0 && pair[1] > 0)) return true;
  }
  return false;
}

static void add_sums(sy_training *training, size_t i) {
  const sy_training_data *data = training->data;
  double weight = row_weight(training, i);
  if (data->ids) {
    training->sums[data->ids[i]] += weight;
    return;
  }
  const float *labels = data->labels + i * data->n_outputs;
  for (size_t l = 0; l < data->n_outputs; l++) {
    training->sums[2 * l] += weight * (1 - (double)labels[l]);
    training->sums[2 * l + 1] += weight * (double)labels[l];
  }
}

static sy_status copy_weights(sy_training *training, sy_error *error) {
  const sy_training_data *data = training->data;
  size_t n = data->rows.rows, sides = n_sides(data);
  training->weights = data->row_weights ? sy_alloc(n, sizeof(double)) : NULL;
  training->class_weights = sy_alloc(sides, sizeof(double));
  training->sums = sy_alloc_zero(sides, sizeof(double));
  if ((data->row_weights && !training->weights) || !training->class_weights || !training->sums)
    return sy_fail_memory(error);
  if (training->weights) {
    /* The weight of an ignored row was not checked. */
    memcpy(training->weights, data->row_weights, n * sizeof(double));
    for (size_t i = 0; data->ids && i < n; i++)
      if (data->ids[i] == SY_IGNORED) training->weights[i] = 0;
    copy_scaled(training->weights, n, training->weights);
  }
  for (size_t c = 0; c < sides; c++)
    training->class_weights[c] = data->class_weights ? data->class_weights[c] : 1;
  copy_scaled(training->class_weights, sides, training->class_weights);
  return SY_OK;
}

/* --- rows --- */

static sy_status fail_no_rows(const sy_training *training, sy_error *error) {
  if (training->n_held > 0)
    return sy_fail(error, SY_NO_ROWS,
                   "all %zu rows of positive weight are held back: none is left "
                   "to train on",
                   training->n_held);
  return sy_fail(error, SY_NO_WEIGHT, "all weights are zero");
}

static sy_status find_rows(sy_training *training, sy_error *error) {
  const sy_training_data *data = training->data;
  training->places = sy_alloc(data->rows.rows, sizeof *training->places);
  training->held = sy_alloc(data->held ? data->rows.rows : 0, sizeof *training->held);
  if (!training->places || !training->held) return sy_fail_memory(error);
  for (size_t i = 0; i < data->rows.rows; i++) {
    if (!has_weight(training, i)) continue;
    if (data->held && data->held[i]) {
      training->held[training->n_held++] = (uint32_t)i;
    } else {
      training->places[training->n++] = (uint32_t)i;
      add_sums(training, i);
    }
  }
  return training->n > 0 ? SY_OK : fail_no_rows(training, error);
}

/* A class that no row to train on has is not learnt, and rows held back cannot ask for it. */
static sy_status drop_classes(sy_training *training, sy_error *error) {
  size_t learnt = 0, last = 0, kept = 0;
  for (size_t k = 0; k < training->data->n_outputs; k++) {
    if (!(training->sums[k] > 0)) training->class_weights[k] = 0;
    if (!(training->class_weights[k] > 0)) continue;
    learnt++;
    last = k;
  }
  if (learnt < 2)
    return sy_fail(error, SY_TOO_FEW_CLASSES,
                   "only class %zu has rows of positive weight%s; a fit needs at least two classes",
                   last, training->data->held ? " to train on" : "");
  for (size_t i = 0; i < training->n_held; i++) {
    uint32_t place = training->held[i];
    if (training->class_weights[training->data->ids[place]] > 0) training->held[kept++] = place;
  }
  training->n_held = kept;
  return SY_OK;
}

/* --- phases --- */

/* What balanced sampling stands for: weights that make the classes' sums equal. */
static sy_status balance(sy_training *training, sy_error *error) {
  if (training->data->labels)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "balanced sampling draws rows by their one class and cannot with several labels "
                   "a row: use class weights");
  double one = 0;
  for (size_t k = 0; k < training->data->n_outputs; k++) {
    double weight = training->class_weights[k];
    if (weight > 0 && one > 0 && weight != one)
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "balanced sampling takes the place of class weights: leave one of the two "
                     "out");
    if (weight > 0) one = weight;
  }
  double largest = 0;
  for (size_t k = 0; k < training->data->n_outputs; k++)
    if (training->class_weights[k] > 0) largest = fmax(largest, training->sums[k]);
  for (size_t k = 0; k < training->data->n_outputs; k++)
    if (training->class_weights[k] > 0) training->class_weights[k] = largest / training->sums[k];
  return SY_OK;
}

static sy_status make_loss(const sy_training *training, const double *class_weights, sy_loss **loss,
                           sy_error *error) {
  const sy_training_data *data = training->data;
  sy_loss_base base = data->labels ? SY_LOSS_SIGMOID : SY_LOSS_SOFTMAX;
  sy_loss_options made = sy_loss_options_default(data->n_outputs);
  if (training->options->loss)
    made = *training->options->loss;
  else
    made.base = base;
  if (made.base != base)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   data->labels ? "several labels a row need a loss with the base sigmoid"
                                : "classes need a loss with the base softmax; sigmoid is for "
                                  "several labels a row");
  made.n_classes = data->n_outputs;
  made.class_weights = class_weights;
  made.reduction = SY_REDUCTION_SUM;
  made.divisor = 0;
  return sy_loss_new(&made, loss, error);
}

static sy_status check_row_costs(const sy_training *training, sy_error *error) {
  const sy_loss *loss = training->weighted;
  if (training->data->row_costs && loss->cost_use == SY_COST_UNUSED)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "rows have costs of their own but the loss does not use them: choose "
                   "cost-argmax or cost-expected");
  if (loss->cost_use != SY_COST_UNUSED && !loss->cost && !training->data->row_costs)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the loss uses costs and there are none: give a cost matrix or costs of rows");
  return SY_OK;
}

/* Mean of row weight x class weight; NULL = class weights of 1 and 0. */
static double mean_weight(const sy_training *training, const double *class_weights) {
  double sum = 0;
  for (size_t c = 0; c < n_sides(training->data); c++) sum += training->sums[c] * class_weights[c];
  return sum / (double)training->n;
}

static sy_status make_phases(sy_training *training, const double *plain, sy_error *error) {
  const sy_network_options *options = training->options;
  sy_status status = make_loss(training, plain, &training->plain, error);
  if (status == SY_OK)
    status = make_loss(training, training->class_weights, &training->weighted, error);
  if (status == SY_OK) status = check_row_costs(training, error);
  if (status != SY_OK) return status;
  training->early =
      (sy_phase){training->plain, training->weights, mean_weight(training, plain), false};
  training->objective = (sy_phase){training->weighted, training->weights,
                                   mean_weight(training, training->class_weights), false};
  training->late =
      options->balanced_sampling ? (sy_phase){training->plain, NULL, 1, true} : training->objective;
  return SY_OK;
}

/* --- beginnings --- */

/* Log-odds of a label; one that is never or always there counts half a row of the other kind. */
static double label_bias(const sy_training *training, const double *weights, size_t l) {
  double absent = training->sums[2 * l] * weights[2 * l];
  double present = training->sums[2 * l + 1] * weights[2 * l + 1];
  double half = 0.5 * (absent + present) / (double)training->n;
  if (!(absent + present > 0)) return 0;
  return log(present > 0 ? present : half) - log(absent > 0 ? absent : half);
}

/* Logits whose transforms are the logarithms of the classes' shares under these weights. */
static sy_status make_biases(sy_training *training, const double *weights, sy_error *error) {
  const sy_training_data *data = training->data;
  const sy_loss *loss = training->weighted;
  double total = 0;
  training->output_biases = sy_alloc(data->n_outputs, sizeof *training->output_biases);
  if (!training->output_biases) return sy_fail_memory(error);
  for (size_t k = 0; data->ids && k < data->n_outputs; k++) total += training->sums[k] * weights[k];
  for (size_t k = 0; k < data->n_outputs; k++) {
    double bias = data->labels ? label_bias(training, weights, k)
                               : log(training->sums[k] * weights[k] / total);
    if (isfinite(bias) && loss->offsets) bias -= loss->offsets[k];
    if (isfinite(bias) && loss->slopes) bias = loss->slopes[k] != 0 ? bias / loss->slopes[k] : 0;
    training->output_biases[k] = bias;
  }
  return SY_OK;
}

static sy_status copy_embeddings(sy_training *training, sy_error *error) {
  const sy_training_data *data = training->data;
  training->embeddings = sy_alloc(data->n_embeddings, sizeof *training->embeddings);
  if (!training->embeddings) return sy_fail_memory(error);
  for (size_t e = 0; e < data->n_embeddings; e++) {
    training->embeddings[e] = data->embeddings[e];
    training->embeddings[e].width = choose_width(training->options, data->embeddings[e].n_values);
  }
  return SY_OK;
}

static sy_status weigh(sy_training *training, sy_error *error) {
  size_t sides = n_sides(training->data);
  double *plain = sy_alloc(sides, sizeof *plain);
  sy_status status = plain ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK && training->options->balanced_sampling) status = balance(training, error);
  if (status == SY_OK) {
    for (size_t c = 0; c < sides; c++) plain[c] = training->class_weights[c] > 0;
    status = make_phases(training, plain, error);
  }
  bool early = sy_training_first_rated(training) > 1;
  if (status == SY_OK)
    status = make_biases(training, early ? plain : training->class_weights, error);
  free(plain);
  return status;
}

/* From data that were checked. */
static sy_status arrange(sy_training *training, sy_error *error) {
  sy_status status = copy_embeddings(training, error);
  if (status == SY_OK) status = copy_weights(training, error);
  if (status == SY_OK) status = find_rows(training, error);
  if (status == SY_OK && training->data->ids) status = drop_classes(training, error);
  if (status == SY_OK) status = weigh(training, error);
  if (status != SY_OK) return status;
  training->batch_size = choose_batch(training->options, training->n);
  training->steps_per_epoch = (training->n + training->batch_size - 1) / training->batch_size;
  return SY_OK;
}

sy_status sy_training_make(const sy_training_data *data, const sy_network_options *options,
                           sy_training *training, sy_error *error) {
  *training = (sy_training){.data = data, .options = options};
  sy_status status = sy_network_options_check(options, error);
  if (status == SY_OK) status = sy_network_data_check(data, error);
  return status == SY_OK ? arrange(training, error) : status;
}

sy_status sy_training_make_boosted(const sy_training_data *data, const sy_network_options *options,
                                   sy_training *training, sy_error *error) {
  *training = (sy_training){.data = data, .options = options};
  sy_status status = sy_boosted_data_check(data, error);
  return status == SY_OK ? arrange(training, error) : status;
}

void sy_training_clear(sy_training *training) {
  free(training->embeddings);
  free(training->places);
  free(training->held);
  free(training->weights);
  free(training->sums);
  free(training->class_weights);
  free(training->output_biases);
  sy_loss_free(training->plain);
  sy_loss_free(training->weighted);
  *training = (sy_training){0};
}

sy_network_shape sy_training_shape(const sy_training *training) {
  const sy_network_options *options = training->options;
  return (sy_network_shape){.n_features = training->data->rows.columns,
                            .n_outputs = training->data->n_outputs,
                            .hidden = options->hidden,
                            .n_hidden = options->n_hidden,
                            .activation = options->activation,
                            .norm = options->norm,
                            .embeddings = training->embeddings,
                            .n_embeddings = training->data->n_embeddings};
}
