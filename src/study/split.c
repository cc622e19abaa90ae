#include <steelyard/study.h>

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/random.h"
#include "study/split.h"

/* A row or a group of rows with the random key that orders it. */
typedef struct unit {
  int32_t class_id; /* of a row; of a group unused */
  size_t size;
  uint64_t key;
  size_t index;
} unit;

static int by_class_then_key(const void *a, const void *b) {
  const unit *x = a, *y = b;
  if (x->class_id != y->class_id) return x->class_id < y->class_id ? -1 : 1;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

/* Large groups first: the small ones then even out what the large ones left uneven. */
static int by_size_then_key(const void *a, const void *b) {
  const unit *x = a, *y = b;
  if (x->size != y->size) return x->size > y->size ? -1 : 1;
  if (x->key != y->key) return x->key < y->key ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

/* Rows that take part, ordered by class and, within a class, by their keys. */
static unit *shuffle_rows(const int32_t *ids, size_t n, uint64_t seed, uint32_t stream,
                          size_t *n_units) {
  unit *units = sy_alloc(n, sizeof *units);
  if (!units) return NULL;
  size_t used = 0;
  for (size_t i = 0; i < n; i++) {
    if (ids[i] == SY_IGNORED) continue;
    units[used++] = (unit){ids[i], 1, sy_random_bits(seed, stream, i), i};
  }
  qsort(units, used, sizeof *units, by_class_then_key);
  *n_units = used;
  return units;
}

static size_t run_length(const unit *units, size_t begin, size_t n_units) {
  size_t end = begin;
  while (end < n_units && units[end].class_id == units[begin].class_id) end++;
  return end - begin;
}

static sy_status split_rows(const int32_t *ids, size_t n, int folds, uint64_t seed, uint32_t stream,
                            int32_t *fold, sy_error *error) {
  size_t n_units = 0;
  unit *units = shuffle_rows(ids, n, seed, stream, &n_units);
  if (!units) return sy_fail_memory(error);
  /* The next class goes on where the last one ended, so that whole folds are even too. */
  size_t turn = 0;
  for (size_t begin = 0; begin < n_units;) {
    size_t length = run_length(units, begin, n_units);
    for (size_t j = 0; length > 1 && j < length; j++) {
      fold[units[begin + j].index] = (int32_t)(turn++ % (size_t)folds);
    }
    begin += length;
  }
  free(units);
  return SY_OK;
}

/* Groups: dense numbers for codes, each group's rows, and counts of classes over all rows. */
typedef struct grouping {
  unit *groups;
  size_t n_groups;
  size_t *first, *next; /* linked rows of a group: first[g], next[row]; n = end */
  double *class_share;  /* (K) 1 / rows of the class */
} grouping;

static void grouping_clear(grouping *g) {
  free(g->groups);
  free(g->first);
  free(g->next);
  free(g->class_share);
  *g = (grouping){0};
}

typedef struct coded_row {
  uint32_t code;
  size_t row;
} coded_row;

static int by_code(const void *a, const void *b) {
  const coded_row *x = a, *y = b;
  if (x->code != y->code) return x->code < y->code ? -1 : 1;
  return x->row < y->row ? -1 : x->row > y->row;
}

static void link_groups(grouping *g, const coded_row *rows, size_t used, uint64_t seed,
                        uint32_t stream, size_t n) {
  size_t count = 0;
  for (size_t i = 0; i < used; i++) {
    bool fresh = i == 0 || rows[i].code != rows[i - 1].code;
    if (fresh) {
      g->groups[count] = (unit){0, 0, sy_random_bits(seed, stream, rows[i].row), count};
      g->first[count] = n;
      count++;
    }
    g->groups[count - 1].size++;
    g->next[rows[i].row] = g->first[count - 1];
    g->first[count - 1] = rows[i].row;
  }
  g->n_groups = count;
  qsort(g->groups, count, sizeof *g->groups, by_size_then_key);
}

static sy_status grouping_make(grouping *g, const int32_t *ids, size_t n, size_t n_classes,
                               const uint32_t *codes, uint64_t seed, uint32_t stream,
                               sy_error *error) {
  *g = (grouping){0};
  coded_row *rows = sy_alloc(n, sizeof *rows);
  g->groups = sy_alloc(n, sizeof *g->groups);
  g->first = sy_alloc(n, sizeof *g->first);
  g->next = sy_alloc(n, sizeof *g->next);
  g->class_share = sy_alloc_zero(n_classes, sizeof *g->class_share);
  if (!rows || !g->groups || !g->first || !g->next || !g->class_share) {
    free(rows);
    grouping_clear(g);
    return sy_fail_memory(error);
  }
  size_t used = 0;
  for (size_t i = 0; i < n; i++) {
    if (ids[i] == SY_IGNORED) continue;
    rows[used++] = (coded_row){codes[i], i};
    g->class_share[ids[i]] += 1;
  }
  for (size_t k = 0; k < n_classes; k++) {
    g->class_share[k] = g->class_share[k] > 0 ? 1 / g->class_share[k] : 0;
  }
  qsort(rows, used, sizeof *rows, by_code);
  link_groups(g, rows, used, seed, stream, n);
  free(rows);
  return SY_OK;
}

static void take_out(const grouping *g, size_t group, const int32_t *ids, size_t n, double *part) {
  for (size_t row = g->first[group]; row != n; row = g->next[row]) {
    part[ids[row]] -= g->class_share[ids[row]];
  }
}

/* How far the shares of classes in a part move from `target` by adding a group, as a change of the
 * sum of squares; `part` and `added` hold shares of each class. */
static double change_of_squares(const grouping *g, size_t group, const int32_t *ids, size_t n,
                                double *part, double target, bool keep) {
  double change = 0;
  for (size_t row = g->first[group]; row != n; row = g->next[row]) {
    double *share = &part[ids[row]];
    double before = *share - target;
    *share += g->class_share[ids[row]];
    double after = *share - target;
    change += after * after - before * before;
  }
  if (!keep) take_out(g, group, ids, n, part);
  return change;
}

/* Of folds that are equally good for the classes, the one with fewest rows: so no fold stays empty
 * while there are groups, even where each group is all of a class. */
static int best_fold(const grouping *g, size_t group, const int32_t *ids, size_t n, double *parts,
                     const size_t *rows, size_t n_classes, int folds) {
  int best = 0;
  double least = INFINITY;
  for (int f = 0; f < folds; f++) {
    double *part = parts + (size_t)f * n_classes;
    double change = change_of_squares(g, group, ids, n, part, 1.0 / folds, false);
    bool better = change < least - 1e-12;
    bool equal = !better && change <= least + 1e-12;
    if (!better && !(equal && rows[f] < rows[best])) continue;
    least = change;
    best = f;
  }
  return best;
}

static sy_status split_groups(const int32_t *ids, size_t n, size_t n_classes, const uint32_t *codes,
                              int folds, uint64_t seed, uint32_t stream, int32_t *fold,
                              sy_error *error) {
  grouping g;
  sy_status status = grouping_make(&g, ids, n, n_classes, codes, seed, stream, error);
  if (status != SY_OK) return status;
  double *parts = sy_alloc_zero((size_t)folds, n_classes * sizeof *parts);
  size_t *rows = sy_alloc_zero((size_t)folds, sizeof *rows);
  if (!parts || !rows) {
    free(parts);
    free(rows);
    grouping_clear(&g);
    return sy_fail_memory(error);
  }
  for (size_t i = 0; i < g.n_groups; i++) {
    size_t group = g.groups[i].index;
    int f = best_fold(&g, group, ids, n, parts, rows, n_classes, folds);
    change_of_squares(&g, group, ids, n, parts + (size_t)f * n_classes, 0, true);
    rows[f] += g.groups[i].size;
    for (size_t row = g.first[group]; row != n; row = g.next[row]) fold[row] = f;
  }
  size_t n_groups = g.n_groups;
  free(parts);
  free(rows);
  grouping_clear(&g);
  if (n_groups >= (size_t)folds) return SY_OK;
  if (n_groups < 2)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "all rows are of one group: kept together, they cannot be split for a test");
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "there are %zu groups of rows for %d folds: ask for fewer folds", n_groups, folds);
}

sy_status sy_split_parts(const int32_t *ids, size_t n, size_t n_classes, const uint32_t *groups,
                         int folds, uint64_t seed, uint32_t stream, int32_t *fold,
                         sy_error *error) {
  if (folds < 2) {
    return sy_fail(error, SY_INVALID_ARGUMENT, "folds must be 2 or more, not %d", folds);
  }
  for (size_t i = 0; i < n; i++) fold[i] = -1;
  if (groups) return split_groups(ids, n, n_classes, groups, folds, seed, stream, fold, error);
  return split_rows(ids, n, folds, seed, stream, fold, error);
}

sy_status sy_split_folds(const int32_t *ids, size_t n, size_t n_classes, const uint32_t *groups,
                         int folds, uint64_t seed, int32_t *fold, sy_error *error) {
  return sy_split_parts(ids, n, n_classes, groups, folds, seed, SY_STREAM_FOLDS, fold, error);
}

static sy_status share_rows(const int32_t *ids, size_t n, double share, uint64_t seed,
                            uint32_t stream, uint8_t *test, sy_error *error) {
  size_t n_units = 0;
  unit *units = shuffle_rows(ids, n, seed, stream, &n_units);
  if (!units) return sy_fail_memory(error);
  for (size_t begin = 0; begin < n_units;) {
    size_t length = run_length(units, begin, n_units);
    size_t take = (size_t)llround(share * (double)length);
    if (take >= length) take = length - 1;
    for (size_t j = 0; j < take; j++) test[units[begin + j].index] = 1;
    begin += length;
  }
  free(units);
  return SY_OK;
}

/* Whether a group holds every row of one of its classes that is not in the test part yet. */
static bool holds_last_rows(const grouping *g, size_t group, const int32_t *ids, size_t n,
                            double *part) {
  bool last = false;
  change_of_squares(g, group, ids, n, part, 0, true);
  for (size_t row = g->first[group]; row != n; row = g->next[row]) {
    last = last || part[ids[row]] > 1 - g->class_share[ids[row]] / 2;
  }
  take_out(g, group, ids, n, part);
  return last;
}

static sy_status share_groups(const int32_t *ids, size_t n, size_t n_classes, const uint32_t *codes,
                              double share, uint64_t seed, uint32_t stream, uint8_t *test,
                              sy_error *error) {
  grouping g;
  sy_status status = grouping_make(&g, ids, n, n_classes, codes, seed, stream, error);
  if (status != SY_OK) return status;
  double *part = sy_alloc_zero(n_classes, sizeof *part);
  if (!part) {
    grouping_clear(&g);
    return sy_fail_memory(error);
  }
  for (size_t i = 0; i < g.n_groups; i++) {
    size_t group = g.groups[i].index;
    if (change_of_squares(&g, group, ids, n, part, share, false) >= 0) continue;
    if (holds_last_rows(&g, group, ids, n, part)) continue;
    change_of_squares(&g, group, ids, n, part, share, true);
    for (size_t row = g.first[group]; row != n; row = g.next[row]) test[row] = 1;
  }
  free(part);
  grouping_clear(&g);
  return SY_OK;
}

sy_status sy_split_marks(const int32_t *ids, size_t n, size_t n_classes, const uint32_t *groups,
                         double share, uint64_t seed, uint32_t stream, uint8_t *marked,
                         sy_error *error) {
  memset(marked, 0, n);
  if (groups) return share_groups(ids, n, n_classes, groups, share, seed, stream, marked, error);
  return share_rows(ids, n, share, seed, stream, marked, error);
}

sy_status sy_split_share(const int32_t *ids, size_t n, size_t n_classes, const uint32_t *groups,
                         double share, uint64_t seed, uint8_t *test, sy_error *error) {
  if (!(share > 0 && share < 1)) {
    char number[SY_NUMBER_SIZE];
    return sy_fail(error, SY_INVALID_ARGUMENT, "the test share must lie between 0 and 1, not %s",
                   sy_number_format(share, number));
  }
  return sy_split_marks(ids, n, n_classes, groups, share, seed, SY_STREAM_SHARE, test, error);
}
