/* label_rows.c: labels that are rows along the class axis: one-hot, soft and multi-hot. */
#include "loss/label_rows.h"

#include "base/array.h"
#include "base/clones.h"
#include "base/error.h"
#include "loss/lanes.h"

#include <math.h>

enum { TILE = 512 };

/* What was seen of one row. */
typedef struct row {
  double sum, weight, last; /* last: of those that are not 0; of cells, of all */
  size_t parts, place;      /* how many are not 0; the last of them */
  double cells, nonzero;    /* multi-hot: cells counted, and those that weigh */
  double bad;               /* the first that is not usable */
  size_t bad_place;         /* SIZE_MAX = none */
} row;

/* What was seen of some cells of a row, were they all 0 or 1. */
typedef struct ones {
  uint32_t count, place; /* 1s, and where the one is */
  bool other;            /* something is neither 0 nor 1 */
} ones;

SY_CLONES static ones find_ones(const double *values, size_t n) {
  uint32_t count = 0, place = 0, other = 0;
  for (uint32_t k = 0; k < n; k++) {
    uint32_t one = values[k] == 1, zero = values[k] == 0;
    other |= 1 - (one | zero);
    count += one;
    place += one * k;
  }
  return (ones){count, place, other != 0};
}

static void add_share(double value, double class_weight, size_t place, row *r) {
  if (value == 0) return;
  if (!(value > 0 && isfinite(value)) && r->bad_place == SIZE_MAX) {
    r->bad = value;
    r->bad_place = place;
  }
  r->sum += value;
  r->weight += value * class_weight;
  r->last = value;
  r->place = place;
  r->parts++;
}

/* Cells of one-hot and soft rows. */
static void add_shares(const double *class_weights, const double *values, size_t begin, size_t n,
                       row *r) {
  ones found = find_ones(values, n);
  size_t place = begin + found.place;
  if (!found.other && found.count <= 1) {
    add_share(found.count, class_weights[found.count ? place : begin], place, r);
    return;
  }
  for (size_t j = 0; j < n; j++) add_share(values[j], class_weights[begin + j], begin + j, r);
}

/* What n cells weigh; returns how many are taken out. */
SY_CLONES static size_t weigh_cells(const double *values, const double *pairs, size_t n,
                                    double ignored, double *weights) {
  size_t out = 0;
  for (size_t j = 0; j < n; j++) {
    bool gone = values[j] == ignored;
    double weight = values[j] * pairs[2 * j + 1] + (1 - values[j]) * pairs[2 * j];
    weights[j] = gone ? 0 : weight;
    out += gone;
  }
  return out;
}

/* Whether all cells are from 0 to 1, or, with `hard`, one of them; or taken out. */
SY_CLONES static bool usable_cells(const double *values, size_t n, double ignored, bool hard) {
  size_t bad = 0;
  for (size_t j = 0; j < n; j++) {
    bool soft = (values[j] >= 0) & (values[j] <= 1), end = (values[j] == 0) | (values[j] == 1);
    bad += !((values[j] == ignored) | (hard ? end : soft));
  }
  return bad == 0;
}

SY_CLONES static double sum_cells(const double *weights, size_t n, size_t *nonzero) {
  size_t count = 0;
  for (size_t j = 0; j < n; j++) count += weights[j] != 0;
  *nonzero = count;
  return sy_lane_sum(weights, n);
}

/* Cells of multi-hot rows. */
static void add_cells(const sy_loss_view *view, const double *values, size_t begin, size_t n,
                      row *r) {
  double weights[TILE], ignored = view->batch->has_ignore ? (double)view->batch->ignore : NAN;
  bool hard = view->loss->margins;
  if (r->bad_place == SIZE_MAX && !usable_cells(values, n, ignored, hard)) {
    size_t j = 0;
    while (usable_cells(values + j, 1, ignored, hard)) j++;
    r->bad = values[j];
    r->bad_place = begin + j;
  }
  if (values[n - 1] != ignored) r->last = values[n - 1];
  size_t nonzero;
  r->cells +=
      (double)(n - weigh_cells(values, view->loss->class_weights + 2 * begin, n, ignored, weights));
  r->weight += sum_cells(weights, n, &nonzero);
  r->nonzero += (double)nonzero;
}

static sy_status fail_value(const sy_loss_view *view, size_t position, const row *r,
                            sy_error *error) {
  char place[SY_PLACE_SIZE], number[SY_NUMBER_SIZE];
  bool multi = view->labels.kind == SY_LABEL_MULTI_HOT;
  return sy_fail(error, SY_INVALID_LABEL,
                 "the value %s at %s, column %zu of the %s axis is no part of a label; it must be "
                 "%s",
                 sy_number_format(r->bad, number),
                 sy_positions_place(&view->positions, position, 0, place), r->bad_place + 1,
                 multi ? "label" : "class",
                 multi && view->loss->margins ? "0 or 1, as margins need" : "0 to 1");
}

static sy_status fail_sum(const sy_loss_view *view, size_t position, double sum, sy_error *error) {
  char place[SY_PLACE_SIZE], number[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_LABEL,
                 "the label at %s sums to %s; a row of one-hot or soft labels sums to 1 (within "
                 "1e-4): divide each row by its sum, take empty rows out with a mask, or use a "
                 "sigmoid for independent labels",
                 sy_positions_place(&view->positions, position, 0, place),
                 sy_number_format(sum, number));
}

/* What a loss cannot do with a row that has parts of several classes. */
static sy_status check_soft(const sy_loss_view *view, size_t position, const row *r,
                            sy_error *error) {
  if (!(fabs(r->sum - 1) <= 1e-4)) return fail_sum(view, position, r->sum, error);
  const char *what = view->loss->margins               ? "margins need"
                     : view->loss->weigh_by_prediction ? "weighing by prediction needs"
                                                       : NULL;
  if (!what) return SY_OK;
  char place[SY_PLACE_SIZE], number[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_LABEL,
                 "the label at %s is soft (%s of class %zu); %s one class a position",
                 sy_positions_place(&view->positions, position, 0, place),
                 sy_number_format(r->last, number), r->place, what);
}

static sy_status end_shares(const sy_loss_view *view, size_t position, const row *r, size_t i,
                            sy_loss_labels *labels, sy_error *error) {
  bool hard = r->parts == 1 && r->last == 1;
  if (!hard) {
    sy_status status = check_soft(view, position, r, error);
    if (status != SY_OK) return status;
  }
  labels->hard &= hard;
  labels->ids[i] = hard ? (int32_t)r->place : -1;
  labels->weights[i] = r->weight;
  return SY_OK;
}

/* Of one label alone, its cell that is 0 or 1 is an id, and an ignored one a position taken out. */
static void end_cells(size_t n_labels, const row *r, size_t i, sy_loss_labels *labels) {
  bool one = n_labels == 1;
  if (one && r->cells == 0) labels->counts[i] = 0;
  labels->hard &= one && (r->last == 0 || r->last == 1);
  labels->ids[i] = one && r->last == 1;
  labels->weights[i] = r->weight;
  labels->counted += r->cells;
}

/* A row that was seen to its end. */
static sy_status end_row(const sy_loss_view *view, size_t first, size_t i, const row *r,
                         sy_loss_labels *labels, sy_error *error) {
  labels->ids[i] = 0;
  labels->weights[i] = 0;
  if (!labels->counts[i]) return SY_OK;
  if (r->bad_place != SIZE_MAX) return fail_value(view, first + i, r, error);
  if (view->labels.kind == SY_LABEL_ONE_HOT)
    return end_shares(view, first + i, r, i, labels, error);
  end_cells(view->loss->n_classes, r, i, labels);
  return SY_OK;
}

static void add_values(const sy_loss_view *view, const double *values, size_t begin, size_t n,
                       row *r) {
  if (view->labels.kind == SY_LABEL_ONE_HOT)
    add_shares(view->loss->class_weights, values, begin, n, r);
  else
    add_cells(view, values, begin, n, r);
}

/* Rows, one after the other, that hold one 1 and else 0 each: finds the places of the 1s. Returns
 * false where some row is something else. */
SY_CLONES static bool find_places(const double *cells, size_t rows, size_t width, int32_t *places) {
  int32_t found[TILE + 1];
  uint32_t n = 0, other = 0, cell = 0;
  for (size_t c = 0; c < rows * width; c++) other |= (cells[c] != 0) & (cells[c] != 1);
  if (other) return false;
  for (; cell < rows * width; cell++) {
    found[n] = (int32_t)cell;
    n += cells[cell] == 1;
  }
  if (n != rows) return false;
  for (size_t r = 0; r < rows; r++) {
    places[r] = found[r] - (int32_t)(r * width);
    other |= (uint32_t)places[r] >= width;
  }
  return !other;
}

/* Whether whole rows, of positions i on, are one-hot throughout, as most are. */
static bool read_one_hot(const sy_loss_view *view, const double *cells, size_t rows, size_t i,
                         sy_loss_labels *labels) {
  if (view->labels.kind != SY_LABEL_ONE_HOT) return false;
  if (!find_places(cells, rows, view->loss->n_classes, labels->ids + i)) return false;
  for (size_t j = i; j < i + rows; j++)
    labels->weights[j] = view->loss->class_weights[labels->ids[j]];
  return true;
}

/* Rows short enough are read several at a time, others in pieces. */
sy_status sy_loss_rows_read(const sy_loss_view *view, size_t first, size_t n,
                            sy_loss_labels *labels, double *cells, sy_error *error) {
  double tile[TILE];
  size_t width = view->loss->n_classes, at_once = width < TILE ? TILE / width : 1;
  labels->hard = view->labels.kind == SY_LABEL_ONE_HOT || width == 1;
  row r = {.bad_place = SIZE_MAX};
  const row nothing = r;
  for (size_t i = 0; i < n; i += at_once) {
    size_t rows = n - i < at_once ? n - i : at_once;
    for (size_t begin = 0; begin < width; begin += TILE) {
      size_t length = width - begin < TILE ? width - begin : TILE;
      sy_array_block_f64(&view->labels.values, (first + i) * width + begin, rows * length, tile);
      if (length == width && read_one_hot(view, tile, rows, i, labels)) break;
      for (size_t j = 0; j < rows; j++) {
        if (begin == 0) r = nothing;
        add_values(view, tile + j * length, begin, length, &r);
        if (begin + length < width) continue;
        cells[i + j] = r.nonzero;
        sy_status status = end_row(view, first, i + j, &r, labels, error);
        if (status != SY_OK) return status;
      }
    }
  }
  return SY_OK;
}
