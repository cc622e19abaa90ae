/* profile_fit.c: deciles of a column and the share of each bin they make.
 *
 * Two walks over the column find exact deciles without sorting it: the first sums the weights in
 * 65,536 cells that follow the order of the numbers (the upper half of the bits of a float32 of
 * (value - mean) / deviation); the second gathers the values of those few cells that a decile lies
 * in, and only these are sorted. A value met again and again is gathered once, so that columns of
 * few values, whose cells are full, cost no more. */
#include "features/profile.h"

#include "base/clones.h"
#include "base/memory.h"
#include "features/columns.h"
#include <math.h>
#include <string.h>

enum { N_CELLS = 1 << 16, PARTS = 10, BLOCK_ROWS = 1024, MOST_EDGES = 2 * PARTS };

/* A value that holds this share of the known rows has a bin to itself. */
static const double HEAVY = 0.2;

/* A bin that holds less than this share is one by rounding of sums alone. */
static const double NO_SHARE = 1e-9;

/* A value gathered, and what the rows with it weigh. */
typedef struct gathered {
  double value, weight;
} gathered;

/* A place where a bin ends: what the rows up to it weigh. */
typedef struct cut {
  double edge, below;
} cut;

typedef struct profile_walk {
  const sy_column *column;
  size_t rows;
  const double *row_weights;
  double origin, inverse_unit;
  double *cells;    /* (N_CELLS) weights */
  double total;     /* of the known rows */
  uint8_t *slot_of; /* (N_CELLS) 1, 2, .. where a decile lies in the cell, else 0 */
  uint16_t slots[PARTS];
  size_t n_slots;
  gathered *list;
  size_t n, capacity;
  size_t last[PARTS + 1]; /* (slots, from 1) the latest of the list, + 1; 0 = none */
  cut cuts[MOST_EDGES];
  size_t n_cuts;
} profile_walk;

/* Adding 0 makes -0 the 0 it equals; then bits of floats, the negative ones turned round, are in
 * the order of the numbers. */
SY_INLINE uint16_t cell_of(double value, double origin, double inverse_unit) {
  float scaled = (float)((value - origin) * inverse_unit) + 0.0f;
  uint32_t bits;
  memcpy(&bits, &scaled, sizeof bits);
  bits ^= bits >> 31 ? UINT32_MAX : UINT32_C(1) << 31;
  return (uint16_t)(bits >> 16);
}

/* Cells and weights of a block of rows; what is missing weighs nothing. */
#define DEFINE_FIND(name, element)                                                                 \
  SY_CLONES static void name(const element *restrict column, const double *restrict row_weights,   \
                             size_t rows, double origin, double inverse_unit,                      \
                             uint16_t *restrict cells, double *restrict weights) {                 \
    for (size_t i = 0; i < rows; i++) {                                                            \
      double value = (double)column[i], weight = row_weights ? row_weights[i] : 1;                 \
      bool counts = isfinite(value);                                                               \
      cells[i] = cell_of(counts ? value : origin, origin, inverse_unit);                           \
      weights[i] = counts ? weight : 0;                                                            \
    }                                                                                              \
  }

DEFINE_FIND(find_cells_f32, float)
DEFINE_FIND(find_cells_f64, double)

static size_t find_cells(const profile_walk *walk, size_t begin, uint16_t *cells, double *weights) {
  size_t rows = walk->rows - begin < BLOCK_ROWS ? walk->rows - begin : BLOCK_ROWS;
  const double *given = walk->row_weights ? walk->row_weights + begin : NULL;
  if (walk->column->f32)
    find_cells_f32(walk->column->f32 + begin, given, rows, walk->origin, walk->inverse_unit, cells,
                   weights);
  else
    find_cells_f64(walk->column->f64 + begin, given, rows, walk->origin, walk->inverse_unit, cells,
                   weights);
  return rows;
}

static void fill_cells(profile_walk *walk) {
  uint16_t cells[BLOCK_ROWS];
  double weights[BLOCK_ROWS];
  for (size_t begin = 0; begin < walk->rows; begin += BLOCK_ROWS) {
    size_t rows = find_cells(walk, begin, cells, weights);
    for (size_t i = 0; i < rows; i++) walk->cells[cells[i]] += weights[i];
  }
  for (size_t c = 0; c < N_CELLS; c++) walk->total += walk->cells[c];
}

/* Decile k is the least value up to which k tenths of the weight lie. Compared by multiplying,
 * which is exact for weights that are whole. */
static bool reaches(const profile_walk *walk, double below, int k) {
  return PARTS * below >= k * walk->total;
}

static void choose_slots(profile_walk *walk) {
  double below = 0;
  int k = 1;
  for (size_t c = 0; c < N_CELLS && k < PARTS; c++) {
    if (!(walk->cells[c] > 0)) continue;
    below += walk->cells[c];
    if (!reaches(walk, below, k)) continue;
    walk->slots[walk->n_slots++] = (uint16_t)c;
    walk->slot_of[c] = (uint8_t)walk->n_slots;
    while (k < PARTS && reaches(walk, below, k)) k++;
  }
}

static bool gather(profile_walk *walk, uint8_t slot, double value, double weight) {
  size_t last = walk->last[slot];
  if (last > 0 && walk->list[last - 1].value == value) {
    walk->list[last - 1].weight += weight;
    return true;
  }
  if (walk->n == walk->capacity) {
    size_t capacity = walk->capacity ? 2 * walk->capacity : BLOCK_ROWS;
    gathered *list = sy_realloc(walk->list, capacity, sizeof *list);
    if (!list) return false;
    walk->list = list;
    walk->capacity = capacity;
  }
  walk->list[walk->n++] = (gathered){value + 0.0, weight};
  walk->last[slot] = walk->n;
  return true;
}

static sy_status gather_all(profile_walk *walk) {
  uint16_t cells[BLOCK_ROWS];
  double weights[BLOCK_ROWS];
  for (size_t begin = 0; begin < walk->rows; begin += BLOCK_ROWS) {
    size_t rows = find_cells(walk, begin, cells, weights);
    for (size_t i = 0; i < rows; i++) {
      uint8_t slot = walk->slot_of[cells[i]];
      if (!slot || !(weights[i] > 0)) continue;
      if (!gather(walk, slot, sy_column_number(walk->column, begin + i), weights[i]))
        return SY_OUT_OF_MEMORY;
    }
  }
  return SY_OK;
}

static int by_value(const void *a, const void *b) {
  double left = ((const gathered *)a)->value, right = ((const gathered *)b)->value;
  return (left > right) - (left < right);
}

/* Bins of less than nothing are none: neither at an end nor between two edges. */
static void add_cut(profile_walk *walk, double edge, double below) {
  double before = walk->n_cuts ? walk->cuts[walk->n_cuts - 1].below : 0;
  double least = NO_SHARE * walk->total;
  if (below - before <= least || walk->total - below <= least || walk->n_cuts == MOST_EDGES) return;
  walk->cuts[walk->n_cuts++] = (cut){edge, below};
}

/* What is up to a value, or up to just before it. The edge of float32 lies halfway to its
 * neighbour: a float64 that rounds to the value falls on the same side of it. */
static double edge_of(const profile_walk *walk, double value, bool before) {
  if (!walk->column->f32) return before ? nextafter(value, -INFINITY) : value;
  float neighbour = nextafterf((float)value, before ? -INFINITY : INFINITY);
  return (value + (double)neighbour) / 2;
}

/* Cuts at a value whose rows begin after `below` and weigh `weight`. */
static void cut_value(profile_walk *walk, double value, double below, double weight, int *k) {
  double upto = below + weight;
  bool decile = *k < PARTS && reaches(walk, upto, *k);
  bool heavy = weight >= HEAVY * walk->total;
  if (heavy) add_cut(walk, edge_of(walk, value, true), below);
  if (heavy || decile) add_cut(walk, edge_of(walk, value, false), upto);
  while (*k < PARTS && reaches(walk, upto, *k)) ++*k;
}

/* Walks the sorted values of the cells with a decile; what lies between is summed by cell. */
static void cut_values(profile_walk *walk) {
  qsort(walk->list, walk->n, sizeof *walk->list, by_value);
  double below = 0;
  size_t c = 0, i = 0;
  int k = 1;
  for (size_t s = 0; s < walk->n_slots; s++) {
    for (; c < walk->slots[s]; c++) below += walk->cells[c];
    double upto = below;
    while (i < walk->n && cell_of(walk->list[i].value, walk->origin, walk->inverse_unit) == c) {
      double value = walk->list[i].value, weight = 0;
      for (; i < walk->n && walk->list[i].value == value; i++) weight += walk->list[i].weight;
      cut_value(walk, value, upto, weight, &k);
      upto += weight;
    }
    below += walk->cells[c++];
  }
}

static sy_status find_cuts(profile_walk *walk) {
  walk->cells = sy_alloc_zero(N_CELLS, sizeof *walk->cells);
  walk->slot_of = sy_alloc_zero(N_CELLS, sizeof *walk->slot_of);
  if (!walk->cells || !walk->slot_of) return SY_OUT_OF_MEMORY;
  fill_cells(walk);
  choose_slots(walk);
  sy_status status = gather_all(walk);
  if (!status) cut_values(walk);
  return status;
}

static double known_weight(const profile_walk *walk) {
  double known = 0;
  for (size_t i = 0; i < walk->rows; i++)
    if (!isnan(sy_column_number(walk->column, i)))
      known += walk->row_weights ? walk->row_weights[i] : 1;
  return known;
}

static sy_status take_cuts(const profile_walk *walk, bool some_missing, sy_profile_rows all,
                           sy_profile *profile) {
  size_t n = walk->n_cuts;
  sy_status status = sy_profile_start(all, n + 1, n, profile);
  if (status) return status;
  double below = 0;
  for (size_t i = 0; i < n; i++) {
    profile->edges[i] = walk->cuts[i].edge;
    profile->shares[i] = (walk->cuts[i].below - below) / all.weight;
    below = walk->cuts[i].below;
  }
  profile->shares[n] = (walk->total - below) / all.weight;
  profile->missing = some_missing ? fmax(0, 1 - walk->total / all.weight) : 0;
  return SY_OK;
}

sy_status sy_profile_numbers(const sy_column *column, size_t rows, const double *row_weights,
                             const sy_number_summary *summary, sy_profile_rows all,
                             sy_profile *profile) {
  profile_walk walk = {.column = column, .rows = rows, .row_weights = row_weights};
  sy_status status = SY_OK;
  walk.origin = summary->mean;
  walk.inverse_unit = 1 / fmax(summary->deviation, 1e-300); /* finite */
  if (summary->known_rows > 0 && summary->smallest < summary->largest)
    status = find_cuts(&walk);
  else
    walk.total = known_weight(&walk);
  if (!status) status = take_cuts(&walk, summary->missing_rows > 0, all, profile);
  free(walk.cells);
  free(walk.slot_of);
  free(walk.list);
  return status;
}
