/* gradients.c: gradients and Hessians of a round.
 *
 * Rows are cut into blocks by shape alone; the largest gradient and Hessian, and the sum of the
 * losses, are found over the blocks, and then all numbers are rounded to multiples of a power of
 * two so coarse that no sum of them needs more than the 53 bits of a double. XGBoost sums
 * histograms in double, each thread some rows: sums that are exact have no order, and so do not
 * depend on the number of threads. What is lost lies far below float32: of a million rows the unit
 * is 2^-33 of the largest number. */
#include "fit/boosted/boosted.h"

#include "base/array.h"
#include "base/clones.h"
#include "base/error.h"
#include "base/exponential_f32.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/random.h"
#include "loss/lanes.h"
#include "loss/loss.h"

#include <math.h>
#include <string.h>

enum { MOST_ROWS = 4096, LEAST_ROWS = 64, BLOCK_LOGITS = 1 << 16 };

/* A Hessian is at least this share of the gradient: the step of a leaf is at most its inverse.
 * docs/boosted.md has what other shares came to. */
static const double least_curvature = 0.3;

/* Of the plain losses XGBoost has this one. */
static const float plain_least = 1e-16f;

typedef struct pass {
  const sy_boosted *boosted;
  const float *sums; /* (n, n_outputs) */
  size_t block_rows;
  sy_status *ends; /* (blocks) SY_NUMERIC_FAILURE: a logit is not finite; SY_OUT_OF_MEMORY */
  double *found;   /* (blocks, 4): loss, weight, largest gradient, largest Hessian */
} sy_pass;

typedef struct block {
  size_t begin, n;
  double *found;
} block;

static block block_of(const sy_pass *pass, size_t number) {
  size_t begin = number * pass->block_rows, n = pass->boosted->rows.n - begin;
  if (n > pass->block_rows) n = pass->block_rows;
  return (block){begin, n, pass->found + 4 * number};
}

/* The 20 leading bits of a number (Veltkamp's splitting): times a weight of up to 15 copies it is
 * still exact in float32, so that such a row and its copies grow the same trees, bit for bit. */
SY_INLINE float twenty_bits(float x) {
  float c = 17 * x;
  return c - (c - x);
}

/* --- plain losses: in float32, as XGBoost's own objectives have them --- */

enum { SPAN = 256 };

/* What a span of rows of two classes is made of and comes to. */
typedef struct binary_span {
  const float *sums, *weights;
  const int32_t *ids;
  double base;
  float *gradients, *hessians;
  double losses[SPAN], found[SPAN]; /* weighted losses; the weights */
} binary_span;

/* False where a logit is not finite. A loop that becomes vectors. */
SY_CLONES static bool binary_boosted(binary_span *span, size_t n) {
  int wrong = 0;
  for (size_t i = 0; i < n; i++) {
    float x = (float)(span->base + (double)span->sums[i]), w = span->weights[i];
    float one = span->ids[i] == 1 ? 1 : 0, e = sy_exp_f32(-fabsf(x)), scale = 1 / (1 + e);
    float p = x >= 0 ? scale : e * scale, h = p * (1 - p), against = one > 0 ? -x : x;
    wrong |= !(x * 0 == 0);
    span->gradients[i] = twenty_bits(p - one) * w;
    span->hessians[i] = twenty_bits(h > plain_least ? h : plain_least) * w;
    span->losses[i] = (double)w * (double)(sy_log1p_f32(e) + (against > 0 ? against : 0));
    span->found[i] = (double)w;
  }
  return !wrong;
}

static sy_status binary_block(const sy_pass *pass, const block *at) {
  const sy_boosted *boosted = pass->boosted;
  bool sound = true;
  for (size_t i = at->begin; i < at->begin + at->n; i += SPAN) {
    size_t n = at->begin + at->n - i < SPAN ? at->begin + at->n - i : SPAN;
    binary_span span = {.sums = pass->sums + i,
                        .weights = boosted->weights + i,
                        .ids = boosted->rows.ids + i,
                        .base = boosted->base[0],
                        .gradients = boosted->gradients + i,
                        .hessians = boosted->hessians + i};
    sound &= binary_boosted(&span, n);
    at->found[0] += sy_lane_sum(span.losses, n);
    at->found[1] += sy_lane_sum(span.found, n);
  }
  return sound ? SY_OK : SY_NUMERIC_FAILURE;
}

/* Softmax of a row: its loss; probabilities take the place of the logits. */
static double softmax_row(float *row, size_t n, int32_t id, bool *sound) {
  float largest = -INFINITY, own = row[id];
  double sum = 0;
  for (size_t k = 0; k < n; k++) {
    *sound &= row[k] < INFINITY;
    largest = fmaxf(largest, row[k]);
  }
  for (size_t k = 0; k < n; k++) {
    row[k] = sy_exp_f32(row[k] - largest);
    sum += (double)row[k];
  }
  for (size_t k = 0; k < n; k++) row[k] /= (float)sum;
  return log(sum) - (double)(own - largest);
}

/* A class that is not learnt has a base of -inf, the probability 0, and neither gradient nor
 * Hessian. */
static sy_status softmax_block(const sy_pass *pass, const block *at) {
  const sy_boosted *boosted = pass->boosted;
  size_t n = boosted->n_outputs;
  double loss = 0, weight = 0;
  bool sound = true;
  float *row = sy_alloc(n, sizeof *row);
  if (!row) return SY_OUT_OF_MEMORY;
  for (size_t i = at->begin; i < at->begin + at->n; i++) {
    int32_t id = boosted->rows.ids[i];
    float w = boosted->weights[i];
    for (size_t k = 0; k < n; k++)
      row[k] = (float)(boosted->base[k] + (double)pass->sums[i * n + k]);
    loss += (double)w * softmax_row(row, n, id, &sound);
    weight += (double)w;
    for (size_t k = 0; k < n; k++) {
      float p = row[k], h = twenty_bits(fmaxf(2.0f * p * (1.0f - p), plain_least)) * w;
      boosted->gradients[i * n + k] = twenty_bits((size_t)id == k ? p - 1.0f : p) * w;
      boosted->hessians[i * n + k] = isinf(boosted->base[k]) ? 0 : h;
    }
  }
  free(row);
  at->found[0] = loss;
  at->found[1] = weight;
  return sound ? SY_OK : SY_NUMERIC_FAILURE;
}

/* --- other losses: in float64, by the loss itself --- */

/* (n, K) logits of rows; of two classes {0, z}. False where one is not finite. */
static bool fill_logits(const sy_boosted *boosted, const float *sums, size_t n, double *logits) {
  size_t outputs = boosted->n_outputs, classes = boosted->training->data->n_outputs;
  bool sound = true;
  for (size_t i = 0; i < n; i++, logits += classes) {
    logits[0] = 0;
    for (size_t o = 0; o < outputs; o++) {
      sound &= isfinite(sums[i * outputs + o]) != 0;
      logits[classes - outputs + o] = boosted->base[o] + (double)sums[i * outputs + o];
    }
  }
  return sound;
}

/* The loss of logits (n, K) of some rows. */
static sy_status evaluate(const sy_boosted *boosted, const double *logits, const int32_t *ids,
                          const double *weights, const float *costs, size_t n,
                          sy_loss_result *result, sy_error *error) {
  size_t shape[] = {n, boosted->training->data->n_outputs};
  sy_array row_weights = sy_array_of(weights, SY_F64, 1, shape);
  sy_array row_costs = sy_array_of(costs, SY_F32, 2, shape);
  sy_loss_batch batch = {.logits = sy_array_of(logits, SY_F64, 2, shape),
                         .class_axis = 1,
                         .labels = {.kind = SY_LABEL_INDEX,
                                    .values = sy_array_of(ids, SY_I32, 1, shape),
                                    .row_weights = &row_weights},
                         .row_costs = costs ? &row_costs : NULL};
  return sy_loss_evaluate(boosted->training->weighted, &batch, result, error);
}

/* Of K >= 3 logits XGBoost doubles the Hessian's diagonal, which bounds the whole of it; so does
 * this. What is too small or negative, as losses that are not convex have it, is raised. */
static void keep_row(const sy_boosted *boosted, size_t i, const double *gradient,
                     const double *hessian) {
  const sy_training *training = boosted->training;
  size_t outputs = boosted->n_outputs, first = training->data->n_outputs - outputs;
  double factor = boosted->scale, diagonal = outputs > 1 ? 2 : 1;
  for (size_t o = 0; o < outputs; o++) {
    const double *slopes = training->weighted->slopes;
    double g = gradient[first + o] * factor, h = hessian[first + o] * factor * diagonal;
    double least = least_curvature * fabs(g) * (slopes ? fabs(slopes[first + o]) : 1);
    bool learnt = isfinite(boosted->base[o]);
    boosted->gradients[i * outputs + o] = learnt ? (float)g : 0;
    boosted->hessians[i * outputs + o] = learnt ? (float)fmax(h, least) : 0;
  }
}

static const float *gather_costs(const sy_boosted *boosted, const block *at, float *room) {
  const sy_training_data *data = boosted->training->data;
  if (!data->row_costs) return NULL;
  for (size_t i = 0; i < at->n; i++)
    memcpy(room + i * data->n_outputs,
           data->row_costs + boosted->rows.places[at->begin + i] * data->n_outputs,
           data->n_outputs * sizeof *room);
  return room;
}

/* Room for a block: logits, gradient, Hessian; costs. */
static sy_status general_block_in(const sy_pass *pass, const block *at, double *room,
                                  float *costs) {
  const sy_boosted *boosted = pass->boosted;
  size_t classes = boosted->training->data->n_outputs, size = at->n * classes;
  sy_loss_result result = {.gradient = room + size, .hessian = room + 2 * size};
  sy_error ignored;
  if (!fill_logits(boosted, pass->sums + at->begin * boosted->n_outputs, at->n, room))
    return SY_NUMERIC_FAILURE;
  sy_status status =
      evaluate(boosted, room, boosted->rows.ids + at->begin, boosted->rows.weights + at->begin,
               gather_costs(boosted, at, costs), at->n, &result, &ignored);
  at->found[0] = result.value;
  at->found[1] = result.total_weight;
  for (size_t i = 0; i < at->n; i++)
    keep_row(boosted, at->begin + i, room + size + i * classes, room + 2 * size + i * classes);
  return status;
}

static sy_status general_block(const sy_pass *pass, const block *at) {
  size_t size = at->n * pass->boosted->training->data->n_outputs;
  double *room = sy_alloc(3 * size, sizeof *room);
  float *costs = sy_alloc(size, sizeof *costs);
  sy_status status = room && costs ? general_block_in(pass, at, room, costs) : SY_OUT_OF_MEMORY;
  free(room);
  free(costs);
  return status;
}

/* --- passes --- */

/* Rows that a round leaves out have no gradient and no Hessian: each is drawn by itself. */
static void leave_out(const sy_pass *pass, const block *at) {
  const sy_boosted *boosted = pass->boosted;
  size_t outputs = boosted->n_outputs;
  double share = boosted->options->subsample * 0x1p32;
  for (size_t i = at->begin; i < at->begin + at->n; i++) {
    uint32_t words[4];
    sy_random_words(boosted->options->seed, SY_STREAM_SUBSAMPLE, (uint32_t)boosted->round,
                    boosted->rows.places[i], words);
    if ((double)words[0] < share) continue;
    memset(boosted->gradients + i * outputs, 0, outputs * sizeof(float));
    memset(boosted->hessians + i * outputs, 0, outputs * sizeof(float));
  }
}

/* Sizes of floats are in the order of their bits, NaN last. */
SY_CLONES static float largest_boosted(const float *values, size_t n) {
  uint32_t largest = 0;
  for (size_t i = 0; i < n; i++) {
    uint32_t size = sy_bits_of_float(values[i]) & 0x7fffffff;
    largest = size > largest ? size : largest;
  }
  return sy_float_of_bits(largest);
}

static void pass_block(void *opaque, size_t number) {
  const sy_pass *pass = opaque;
  const sy_boosted *boosted = pass->boosted;
  block at = block_of(pass, number);
  size_t outputs = boosted->n_outputs, first = at.begin * outputs, n = at.n * outputs;
  bool plain = sy_loss_is_plain(boosted->training->weighted);
  pass->ends[number] = !plain         ? general_block(pass, &at)
                       : outputs == 1 ? binary_block(pass, &at)
                                      : softmax_block(pass, &at);
  if (pass->ends[number] != SY_OK) return;
  if (boosted->options->subsample < 1) leave_out(pass, &at);
  at.found[2] = (double)largest_boosted(boosted->gradients + first, n);
  at.found[3] = (double)largest_boosted(boosted->hessians + first, n);
}

/* --- rounding --- */

typedef struct rounding {
  const sy_boosted *boosted;
  size_t block_rows;
  double gradient_shift, hessian_shift; /* 1.5 x 2^52 units */
} rounding;

/* Adding a number of which the unit is the last bit, and taking it away again, rounds to units. */
SY_CLONES static void round_boosted(float *values, size_t n, double shift) {
  for (size_t i = 0; i < n; i++) values[i] = (float)(((double)values[i] + shift) - shift);
}

static void round_block(void *opaque, size_t number) {
  const rounding *made = opaque;
  const sy_boosted *boosted = made->boosted;
  size_t begin = number * made->block_rows, n = boosted->rows.n - begin;
  if (n > made->block_rows) n = made->block_rows;
  size_t outputs = boosted->n_outputs;
  round_boosted(boosted->gradients + begin * outputs, n * outputs, made->gradient_shift);
  round_boosted(boosted->hessians + begin * outputs, n * outputs, made->hessian_shift);
}

/* With n < 2^b rows and numbers below 2^m the unit is 2^(m + b - 53): so many numbers, rounded,
 * come to less than 2^53 units. */
static double shift_for(size_t n, double largest) {
  int bits = 0, exponent;
  while (bits < 40 && n >> bits) bits++;
  (void)frexp(largest, &exponent);
  return ldexp(1.5, 52 + exponent + bits - 53);
}

/* --- all blocks --- */

/* What was found in all blocks, one after the other. */
static sy_status gather_found(const sy_pass *pass, size_t n_blocks, double *loss,
                              double largest[2]) {
  sy_status status = SY_OK;
  largest[0] = largest[1] = 0;
  for (size_t b = 0; b < n_blocks; b++) {
    if (pass->ends[b] != SY_OK && status != SY_OUT_OF_MEMORY) status = pass->ends[b];
    for (size_t what = 0; what < 2; what++) {
      double found = pass->found[4 * b + 2 + what];
      if (!isfinite(found) && status == SY_OK) status = SY_NUMERIC_FAILURE;
      largest[what] = fmax(largest[what], found);
    }
  }
  sy_tree_sum(pass->found, n_blocks, 4);
  double weight = pass->found[1], mean = weight > 0 ? pass->found[0] / weight : 0;
  *loss = status == SY_OK && isfinite(mean) ? mean : INFINITY;
  return status;
}

static sy_status pass_all(sy_pass *pass, size_t n_blocks, double *loss, sy_error *error) {
  const sy_boosted *boosted = pass->boosted;
  double largest[2];
  sy_parallel_blocks(n_blocks, pass_block, pass);
  sy_status status = gather_found(pass, n_blocks, loss, largest);
  if (status == SY_OUT_OF_MEMORY) return sy_fail_memory(error);
  if (status != SY_NUMERIC_FAILURE && status != SY_OK)
    return sy_fail(error, status, "%s", sy_status_text(status));
  if (isinf(*loss)) return SY_OK;
  rounding made = {boosted, pass->block_rows, shift_for(boosted->rows.n, largest[0]),
                   shift_for(boosted->rows.n, largest[1])};
  sy_parallel_blocks(n_blocks, round_block, &made);
  return SY_OK;
}

sy_status sy_boosted_differentiate(sy_boosted *boosted, const float *sums, double *loss,
                                   sy_error *error) {
  size_t rows = BLOCK_LOGITS / boosted->training->data->n_outputs;
  rows = rows > MOST_ROWS ? MOST_ROWS : rows < LEAST_ROWS ? LEAST_ROWS : rows;
  size_t n_blocks = (boosted->rows.n + rows - 1) / rows;
  sy_pass pass = {.boosted = boosted, .sums = sums, .block_rows = rows};
  pass.ends = sy_alloc_zero(n_blocks, sizeof *pass.ends);
  pass.found = sy_alloc_zero(4 * n_blocks, sizeof *pass.found);
  sy_status status =
      pass.ends && pass.found ? pass_all(&pass, n_blocks, loss, error) : sy_fail_memory(error);
  free(pass.ends);
  free(pass.found);
  return status;
}

sy_status sy_boosted_judge(sy_boosted *boosted, const float *sums, sy_judgement *judgement,
                           sy_error *error) {
  const sy_boosted_rows *held = &boosted->held;
  sy_loss_result result = {0};
  *judgement = (sy_judgement){INFINITY, NAN};
  if (!fill_logits(boosted, sums, held->n, boosted->held_logits)) return SY_OK;
  sy_status status = evaluate(boosted, boosted->held_logits, held->ids, held->weights,
                              boosted->held_costs, held->n, &result, error);
  if (status != SY_OK) return status;
  double mean = result.total_weight > 0 ? result.value / result.total_weight : 0;
  if (!isfinite(mean)) return SY_OK;
  judgement->loss = mean;
  judgement->accuracy = sy_judge_accuracy(&boosted->judge, boosted->training, held->places, held->n,
                                          boosted->held_logits);
  return SY_OK;
}
