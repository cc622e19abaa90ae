/* label_weights.c: class weight x row weight x mask, one number for each position or cell. A tile
 * of positions finds its classes, takes their weights from a small table, and is looked over for
 * what is not usable once it is done. */
#include "base/clones.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "labels/counter.h"
#include "labels/lookup_list.h"

#include <float.h>
#include <math.h>
#include <steelyard/weights.h>

enum { TILE = 2048 };

/* What a tile works with; sizes are its own. */
typedef struct tile {
  size_t first, n;
  int32_t *ids;     /* (n) kinds with one class a position */
  uint8_t *counts;  /* (n) */
  double *rows;     /* (n, width of the class axis) other kinds */
  double *factors;  /* (n) row weight x mask */
  double *narrow;   /* (n, width) float32 weights before they are rounded; else NULL */
  double *products; /* (n, width); of float64 weights where they go */
} tile;

typedef struct weighing {
  const sy_counter *counter;
  sy_positions positions;
  sy_counts *counted;
  size_t width;     /* weights of a position: L, or 1 */
  size_t axis;      /* length of the class axis; 0 where a position has one class */
  size_t tile_rows; /* positions of a tile */
  double *table;    /* [0] ignored, then the class weights */
  double largest;   /* that the type of the weights holds */
  sy_class_lookup *lookup;
  sy_list_lookup *lists;
  void *weights;
  sy_dtype dtype;
  sy_status *statuses; /* of tiles */
} weighing;

static void clear_weighing(weighing *w) {
  sy_class_lookup_free(w->lookup);
  sy_list_lookup_free(w->lists);
  sy_counts_free(w->counted);
  free(w->table);
  free(w->statuses);
}

/* --- class weights --- */

static sy_status check_weight(const weighing *w, double weight, const char *what, const char *name,
                              sy_error *error) {
  if (weight >= 0 && weight <= w->largest) return SY_OK;
  char shown[SY_SHOWN_SIZE], number[SY_NUMBER_SIZE];
  sy_number_format(weight, number);
  if (weight >= 0 && isfinite(weight))
    return sy_fail(error, SY_INVALID_WEIGHT, "the weight %s of %s '%s' is beyond float32", number,
                   what, sy_shown(name, shown));
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "the weight %s of %s '%s' is not usable; it must be 0 or more and finite", number,
                 what, sy_shown(name, shown));
}

static sy_status check_class_weights(const weighing *w, const double *class_weights,
                                     sy_error *error) {
  size_t n_labels = sy_counts_n_labels(w->counted);
  sy_status status = SY_OK;
  for (size_t k = 0; k < sy_counts_n_classes(w->counted) && status == SY_OK; k++)
    status = check_weight(w, class_weights[k], "class", sy_counts_classes(w->counted)[k], error);
  for (size_t c = 0; c < 2 * n_labels && status == SY_OK; c++)
    status = check_weight(w, class_weights[c], c % 2 > 0 ? "label" : "the absence of label",
                          sy_counts_labels(w->counted)[c / 2], error);
  return status;
}

static sy_status fill_table(weighing *w, const double *class_weights, sy_error *error) {
  size_t n = sy_counts_n_classes(w->counted) + 2 * sy_counts_n_labels(w->counted);
  sy_status status = class_weights ? check_class_weights(w, class_weights, error) : SY_OK;
  if (status != SY_OK) return status;
  w->table = sy_alloc(n + 1, sizeof *w->table);
  if (!w->table) return sy_fail_memory(error);
  w->table[0] = 0;
  for (size_t k = 0; k < n; k++) w->table[k + 1] = class_weights ? class_weights[k] : 1;
  size_t n_labels = sy_counts_n_labels(w->counted);
  for (size_t c = 0; c < 2 * n_labels && class_weights; c++) /* of all labels the absence first */
    w->table[1 + c / 2 + (c % 2) * n_labels] = class_weights[c];
  return SY_OK;
}

/* --- one tile --- */

static void clear_tile(tile *t) {
  free(t->ids);
  free(t->counts);
  free(t->rows);
  free(t->factors);
  free(t->narrow);
}

static sy_status make_tile(const weighing *w, tile *t, sy_error *error) {
  t->counts = sy_alloc(t->n, sizeof *t->counts);
  t->factors = sy_alloc(t->n, sizeof *t->factors);
  t->narrow = w->dtype == SY_F32 ? sy_alloc(t->n * w->width, sizeof *t->narrow) : NULL;
  t->products = t->narrow ? t->narrow : (double *)w->weights + t->first * w->width;
  t->ids = w->axis == 0 ? sy_alloc(t->n, sizeof *t->ids) : NULL;
  t->rows = w->axis > 0 ? sy_alloc(t->n * w->axis, sizeof *t->rows) : NULL;
  bool made = t->counts && t->factors && (t->ids || t->rows) && (t->narrow || w->dtype == SY_F64);
  return made ? SY_OK : sy_fail_memory(error);
}

/* Row weight x mask. */
static sy_status find_factors(const weighing *w, tile *t, sy_error *error) {
  return sy_positions_weights(&w->positions, t->first, t->n, 0, t->counts, t->factors, error);
}

/* [SY_IGNORED] of the table is there. */
SY_CLONES static void gather(const double *table, const int32_t *ids, size_t n, double *weights) {
  for (size_t i = 0; i < n; i++) weights[i] = table[ids[i]];
}

static sy_status weigh_ids(const weighing *w, tile *t, sy_error *error) {
  sy_status status = sy_class_lookup_ids(w->lookup, &w->positions, t->first, t->n, t->ids, error);
  if (status != SY_OK) return status;
  gather(w->table + 1, t->ids, t->n, t->products);
  if (!w->positions.row_weights.data) return SY_OK;
  for (size_t i = 0; i < t->n; i++) t->counts[i] = t->ids[i] != SY_IGNORED;
  status = find_factors(w, t, error);
  for (size_t i = 0; i < t->n && status == SY_OK; i++) t->products[i] *= t->factors[i];
  return status;
}

/* sum_k y_k w_k: of a one-hot row w_k itself, for all other terms are 0. */
static void weigh_shares(const weighing *w, tile *t) {
  const double *table = w->table + 1;
  for (size_t i = 0; i < t->n; i++) {
    const double *row = t->rows + i * w->axis;
    double sum = 0;
    for (size_t k = 0; k < w->axis; k++) sum += row[k] * table[k];
    t->products[i] = sum * t->factors[i];
  }
}

/* An ignored cell is NaN. */
SY_CLONES static void weigh_row(const double *cells, const double *absent, const double *present,
                                double factor, size_t n_labels, double *weights) {
  for (size_t l = 0; l < n_labels; l++) {
    double weight = cells[l] > 0 ? present[l] : absent[l];
    weights[l] = (isnan(cells[l]) ? 0 : weight) * factor;
  }
}

static void weigh_cells(const weighing *w, tile *t) {
  const double *absent = w->table + 1, *present = absent + w->axis;
  for (size_t i = 0; i < t->n; i++)
    weigh_row(t->rows + i * w->axis, absent, present, t->factors[i], w->axis,
              t->products + i * w->axis);
}

static sy_status weigh_hot(const weighing *w, tile *t, sy_error *error) {
  sy_positions_mask(&w->positions, t->first, t->n, t->counts);
  sy_status status =
      sy_positions_hot(w->counter, &w->positions, t->first, t->n, t->counts, t->rows, error);
  if (status == SY_OK) status = find_factors(w, t, error);
  if (status != SY_OK) return status;
  if (w->counter->kind == SY_LABEL_ONE_HOT)
    weigh_shares(w, t);
  else
    weigh_cells(w, t);
  return SY_OK;
}

static sy_status weigh_lists(const weighing *w, tile *t, sy_error *error) {
  sy_status status = sy_list_lookup_rows(w->lists, &w->positions, t->first, t->n, t->rows, error);
  if (status != SY_OK) return status;
  for (size_t i = 0; i < t->n; i++) t->counts[i] = (uint8_t)!isnan(t->rows[i * w->axis]);
  status = find_factors(w, t, error);
  if (status == SY_OK) weigh_cells(w, t);
  return status;
}

static sy_status fail_product(const weighing *w, size_t cell, double product, sy_error *error) {
  char place[SY_PLACE_SIZE], number[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "class weight times row weight at %s is %s, %s; scale the weights",
                 sy_positions_place(&w->positions, cell / w->width, 0, place),
                 sy_number_format(product, number),
                 isfinite(product) ? "beyond float32" : "beyond the range of numbers");
}

static bool in_range(const double *products, size_t n, double largest) {
  bool good = true;
  for (size_t c = 0; c < n; c++) good &= products[c] <= largest;
  return good;
}

/* Sees to it that the weights of a tile are in range, and rounds them to float32. */
static sy_status end_tile(const weighing *w, const tile *t, sy_error *error) {
  size_t first = t->first * w->width, n = t->n * w->width;
  bool good = in_range(t->products, n, w->largest);
  for (size_t c = 0; c < n && !good; c++)
    if (!(t->products[c] <= w->largest)) return fail_product(w, first + c, t->products[c], error);
  for (size_t c = 0; c < n && t->narrow; c++)
    ((float *)w->weights)[first + c] = (float)t->narrow[c];
  return SY_OK;
}

static sy_status weigh_tile(const weighing *w, size_t b, sy_error *error) {
  size_t left = w->positions.n - b * w->tile_rows;
  tile t = {.first = b * w->tile_rows, .n = left < w->tile_rows ? left : w->tile_rows};
  sy_status status = make_tile(w, &t, error);
  if (status == SY_OK) {
    if (w->lookup)
      status = weigh_ids(w, &t, error);
    else if (w->lists)
      status = weigh_lists(w, &t, error);
    else
      status = weigh_hot(w, &t, error);
  }
  if (status == SY_OK) status = end_tile(w, &t, error);
  clear_tile(&t);
  return status;
}

/* --- all of them --- */

static void run_tile(void *context, size_t b) {
  weighing *w = context;
  w->statuses[b] = weigh_tile(w, b, NULL);
}

/* Of several tiles that fail the first is told: it is done once more, for its words. */
static sy_status run_tiles(weighing *w, sy_error *error) {
  if (w->positions.n == 0) return SY_OK;
  size_t n_tiles = (w->positions.n - 1) / w->tile_rows + 1;
  w->statuses = sy_alloc(n_tiles, sizeof *w->statuses);
  if (!w->statuses) return sy_fail_memory(error);
  sy_parallel_blocks(n_tiles, run_tile, w);
  for (size_t b = 0; b < n_tiles; b++) {
    if (w->statuses[b] == SY_OK) continue;
    sy_status again = weigh_tile(w, b, error);
    return again != SY_OK ? again : sy_fail_memory(error); /* memory alone may be there now */
  }
  return SY_OK;
}

static sy_status check_axis(const weighing *w, sy_error *error) {
  size_t counted = sy_counts_n_classes(w->counted) + sy_counts_n_labels(w->counted);
  if (w->positions.width == counted) return SY_OK;
  return sy_fail(error, SY_INVALID_SHAPE,
                 "the last axis of the labels is %zu long; the classes counted are %zu",
                 w->positions.width, counted);
}

/* Finds out how positions are weighed, by the kind of label. */
static sy_status prepare(weighing *w, sy_error *error) {
  sy_label_kind kind = w->counter->kind;
  size_t n_labels = sy_counts_n_labels(w->counted);
  w->width = n_labels > 0 ? n_labels : 1;
  sy_status status = SY_OK;
  if (kind == SY_LABEL_INDEX || kind == SY_LABEL_NAME) {
    status = sy_class_lookup_new(w->counter, &w->lookup, error);
  } else if (kind == SY_LABEL_NAME_LIST) {
    status = sy_list_lookup_new(w->counter, &w->lists, error);
    w->axis = n_labels;
  } else {
    status = check_axis(w, error);
    w->axis = w->positions.width;
  }
  w->tile_rows = w->axis < 2 ? TILE : w->axis < TILE ? TILE / w->axis : 1;
  return status;
}

static sy_status check_arguments(const sy_counter *counter, const sy_label_array *labels,
                                 sy_dtype dtype, sy_error *error) {
  if (labels->kind != counter->kind)
    return sy_fail(error, SY_INVALID_ARGUMENT, "a counter of labels of kind %s is given kind %s",
                   sy_label_kind_name(counter->kind), sy_label_kind_name(labels->kind));
  if (dtype == SY_F32 || dtype == SY_F64) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT, "weights come as float32 or float64");
}

sy_status sy_label_weights(const sy_counter *counter, const double *class_weights,
                           const sy_label_array *labels, void *weights, sy_dtype dtype,
                           sy_error *error) {
  weighing w = {.counter = counter,
                .weights = weights,
                .dtype = dtype,
                .largest = dtype == SY_F32 ? (double)FLT_MAX : DBL_MAX};
  sy_status status = check_arguments(counter, labels, dtype, error);
  if (status == SY_OK) status = sy_positions_of(labels, &w.positions, error);
  if (status == SY_OK) status = sy_counter_counts(counter, &w.counted, error);
  if (status == SY_OK) status = fill_table(&w, class_weights, error);
  if (status == SY_OK) status = prepare(&w, error);
  if (status == SY_OK) status = run_tiles(&w, error);
  clear_weighing(&w);
  return status;
}
