/* piece.c: reading and writing of pieces. */
#include "loss/piece.h"

#include "base/array.h"
#include "base/clones.h"

#include <math.h>
#include <string.h>

enum { LANES = SY_PIECE_LANES };

/* --- begin --- */

/* Whether a position may have a loss though the class of its label weighs nothing. */
static bool weighs_without_label(const sy_loss *loss) {
  if (loss->weigh_by_prediction) return true;
  size_t n = loss->base == SY_LOSS_SIGMOID ? 2 * loss->n_classes : loss->n_classes;
  for (size_t k = 0; loss->smoothing > 0 && k < n; k++)
    if (loss->class_weights[k] > 0) return true;
  return false;
}

void sy_loss_piece_begin(sy_loss_piece *piece, const sy_loss_span *span, size_t first) {
  size_t n_classes = span->loss->n_classes;
  size_t fit = SY_PIECE_NUMBERS / n_classes / LANES * LANES;
  fit = fit < 2 * LANES ? 2 * LANES : fit > SY_PIECE_POSITIONS ? SY_PIECE_POSITIONS : fit;
  piece->span = span;
  piece->first = first;
  piece->n = span->n - first < fit ? span->n - first : fit;
  piece->stride = (piece->n + LANES - 1) / LANES * LANES;
  piece->room = SY_PIECE_NUMBERS / piece->stride;
  piece->whole = piece->room >= n_classes;
  piece->begin = piece->classes = 0;
  piece->shared = !span->hard || span->loss->smoothing > 0;
  bool without = weighs_without_label(span->loss);
  for (size_t i = 0; i < piece->stride; i++) {
    bool there = i < piece->n && (without || span->weights[first + i] != 0);
    piece->weights[i] = there ? span->row_weights[first + i] : 0;
    piece->active[i] = piece->weights[i] != 0;
    piece->scaled[i] = piece->weights[i] / span->divisor;
    piece->ids[i] = i < piece->n && span->ids ? (double)span->ids[first + i] : 0;
    piece->losses[i] = 0;
  }
}

/* --- logits --- */

/* Classes one after the other along a position, or positions along a class: whichever lie nearer.
 */
#define GATHER(type)                                                                               \
  do {                                                                                             \
    const type *from = data;                                                                       \
    if (class_step == 1)                                                                           \
      for (size_t i = 0; i < n; i++)                                                               \
        for (size_t k = 0; k < classes; k++)                                                       \
          to[k * stride + i] = (double)from[(ptrdiff_t)i * step + (ptrdiff_t)k];                   \
    else                                                                                           \
      for (size_t k = 0; k < classes; k++)                                                         \
        for (size_t i = 0; i < n; i++)                                                             \
          to[k * stride + i] = (double)from[(ptrdiff_t)i * step + (ptrdiff_t)k * class_step];      \
  } while (0)

static void gather(const sy_loss_span *span, const void *data, size_t n, size_t classes,
                   size_t stride, double *to) {
  ptrdiff_t step = span->step, class_step = span->class_step;
  if (span->dtype == SY_F64)
    GATHER(double);
  else
    GATHER(float);
}

/* Positions that are not active become 0, whatever they are; -inf stays so. */
SY_CLONES static void transform(const double *active, size_t stride, double slope, double offset,
                                double *logits) {
  for (size_t i = 0; i < stride; i++) {
    double logit = logits[i], moved = slope * logit + offset;
    moved = logit == -(double)INFINITY ? logit : moved;
    logits[i] = active[i] > 0 ? moved : 0;
  }
}

static const void *class_of(const sy_loss_piece *piece, const void *data, size_t k) {
  const sy_loss_span *span = piece->span;
  ptrdiff_t at = (ptrdiff_t)piece->first * span->step + (ptrdiff_t)k * span->class_step;
  return (const char *)data + at * (ptrdiff_t)sy_dtype_size(span->dtype);
}

void sy_loss_piece_logits(sy_loss_piece *piece, size_t begin) {
  const sy_loss *loss = piece->span->loss;
  size_t left = loss->n_classes - begin, stride = piece->stride;
  if (piece->classes > 0 && piece->begin == begin) return;
  piece->begin = begin;
  piece->classes = left < piece->room ? left : piece->room;
  gather(piece->span, class_of(piece, piece->span->logits, begin), piece->n, piece->classes, stride,
         piece->logits);
  for (size_t k = 0; k < piece->classes; k++) {
    double *logits = piece->logits + k * stride;
    for (size_t i = piece->n; i < stride; i++) logits[i] = 0;
    transform(piece->active, stride, loss->slopes ? loss->slopes[begin + k] : 1,
              loss->offsets ? loss->offsets[begin + k] : 0, logits);
  }
}

/* --- labels and costs --- */

/* Lays rows of numbers on their side; what lies beyond the last is 0. */
static void lay(const double *rows, size_t n, size_t classes, size_t stride, double *to) {
  for (size_t i = 0; i < n; i++)
    for (size_t k = 0; k < classes; k++) to[k * stride + i] = rows[i * classes + k];
  for (size_t k = 0; k < classes; k++)
    for (size_t i = n; i < stride; i++) to[k * stride + i] = 0;
}

/* Rows of an array of the batch: at once where they are whole. */
static void gather_rows(const sy_loss_piece *piece, const sy_array *array, size_t begin,
                        size_t classes, double *to) {
  double rows[SY_PIECE_NUMBERS];
  size_t width = piece->span->loss->n_classes, n = piece->n;
  size_t first = (piece->span->first + piece->first) * width;
  if (classes == width)
    sy_array_block_f64(array, first, n * width, rows);
  else
    for (size_t i = 0; i < n; i++)
      sy_array_block_f64(array, first + i * width + begin, classes, rows + i * classes);
  lay(rows, n, classes, piece->stride, to);
}

/* Classes of positions that have one; of others the labels stay as they are. */
SY_CLONES static void set_hard(const double *ids, const double *active, size_t stride, double place,
                               double *labels) {
  for (size_t i = 0; i < stride; i++) {
    double hard = ids[i] == place ? 1 : 0;
    double label = ids[i] >= 0 ? hard : labels[i];
    labels[i] = active[i] > 0 ? label : 0;
  }
}

SY_CLONES static void set_cells(const double *active, size_t stride, double ignored, double *labels,
                                double *out) {
  for (size_t i = 0; i < stride; i++) {
    double gone = labels[i] == ignored ? 1 : 0;
    gone = active[i] > 0 ? gone : 1;
    out[i] = gone;
    labels[i] = gone > 0 ? 0 : labels[i];
  }
}

void sy_loss_piece_labels(sy_loss_piece *piece, size_t begin, size_t classes) {
  size_t stride = piece->stride;
  if (!piece->span->hard) gather_rows(piece, piece->span->labels, begin, classes, piece->labels);
  for (size_t k = 0; k < classes; k++)
    set_hard(piece->ids, piece->active, stride, (double)(begin + k), piece->labels + k * stride);
}

void sy_loss_piece_cells(sy_loss_piece *piece, size_t begin, size_t classes, double *out) {
  const sy_loss_span *span = piece->span;
  double ignored = span->has_ignore && !span->hard ? (double)span->ignore : (double)NAN;
  if (span->hard)
    memcpy(piece->labels, piece->ids, piece->stride * sizeof *piece->labels);
  else
    gather_rows(piece, span->labels, begin, classes, piece->labels);
  for (size_t k = 0; k < classes; k++)
    set_cells(piece->active, piece->stride, ignored, piece->labels + k * piece->stride,
              out + k * piece->stride);
}

void sy_loss_piece_costs(sy_loss_piece *piece) {
  gather_rows(piece, piece->span->costs, piece->begin, piece->classes, piece->costs);
}

/* --- bend --- */

/* Cross-entropy; 0 - x is not -0 where x is 0. */
SY_CLONES static void straight(const double *log_p, size_t n, double *value, double *first,
                               double *second) {
  for (size_t c = 0; c < n; c++) {
    value[c] = 0 - log_p[c];
    first[c] = -1;
    second[c] = 0;
  }
}

void sy_loss_piece_bend(sy_loss_piece *piece, size_t n) {
  const sy_bend *bend = &piece->span->loss->bend;
  if (bend->apply)
    bend->apply(bend->parameters, piece->log_p, n, piece->values, piece->firsts, piece->seconds);
  else
    straight(piece->log_p, n, piece->values, piece->firsts, piece->seconds);
}

/* --- derivatives --- */

#define SCATTER(type)                                                                              \
  do {                                                                                             \
    type *to = data;                                                                               \
    if (class_step == 1)                                                                           \
      for (size_t i = 0; i < n; i++)                                                               \
        for (size_t k = 0; k < classes; k++)                                                       \
          to[(ptrdiff_t)i * step + (ptrdiff_t)k] = (type)from[k * stride + i];                     \
    else                                                                                           \
      for (size_t k = 0; k < classes; k++)                                                         \
        for (size_t i = 0; i < n; i++)                                                             \
          to[(ptrdiff_t)i * step + (ptrdiff_t)k * class_step] = (type)from[k * stride + i];        \
  } while (0)

static void scatter(const sy_loss_span *span, const double *from, size_t n, size_t classes,
                    size_t stride, void *data) {
  ptrdiff_t step = span->step, class_step = span->class_step;
  if (span->dtype == SY_F64)
    SCATTER(double);
  else
    SCATTER(float);
}

/* Adding 0 makes 0 of -0. */
SY_CLONES static void finish(const double *active, size_t stride, double slope, double *numbers) {
  for (size_t i = 0; i < stride; i++) numbers[i] = active[i] > 0 ? slope * numbers[i] + 0.0 : 0;
}

void sy_loss_piece_store(const sy_loss_piece *piece, double *numbers, int power, void *data) {
  const sy_loss *loss = piece->span->loss;
  for (size_t k = 0; k < piece->classes; k++) {
    double slope = loss->slopes ? loss->slopes[piece->begin + k] : 1;
    finish(piece->active, piece->stride, power == 2 ? slope * slope : slope,
           numbers + k * piece->stride);
  }
  scatter(piece->span, numbers, piece->n, piece->classes, piece->stride,
          (char *)(size_t)class_of(piece, data, piece->begin));
}
