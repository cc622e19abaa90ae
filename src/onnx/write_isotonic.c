/* write_isotonic.c: maps of straight pieces between knots, as nodes. The pieces of all classes are
 * laid side by side, (maps, pieces), classes with fewer filled up with pieces of no width; a map is
 * the value at its first knot plus, for each piece, the share of it below p times its rise. */
#include "onnx/decision.h"

#include <string.h>

enum { DOUBLE = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE };

/* Where pieces begin and end among the knots. */
typedef struct pieces {
  size_t n_maps, n_pieces, n_knots;
  int64_t *low, *high; /* (n_maps, n_pieces) */
  int64_t *first;      /* (n_maps) */
} pieces;

/* Of two classes only the map of class 1 exists. */
static size_t first_map(const sy_calibration *calibration) {
  return sy_calibration_n_classes(calibration) == 2 ? 1 : 0;
}

static pieces lay_out(sy_graph *graph, const sy_calibration *calibration) {
  size_t begin = first_map(calibration), end = sy_calibration_n_classes(calibration);
  pieces laid = {.n_maps = end - begin, .n_pieces = 1};
  for (size_t k = begin; k < end; k++) {
    size_t n = sy_calibration_n_knots(calibration, k);
    if (n > laid.n_pieces + 1) laid.n_pieces = n - 1;
  }
  laid.low = sy_graph_take(graph, laid.n_maps, laid.n_pieces * sizeof *laid.low);
  laid.high = sy_graph_take(graph, laid.n_maps, laid.n_pieces * sizeof *laid.high);
  laid.first = sy_graph_take(graph, laid.n_maps, sizeof *laid.first);
  for (size_t m = 0; m < laid.n_maps && !graph->failed; m++) {
    size_t n = sy_calibration_n_knots(calibration, begin + m), last = laid.n_knots + n - 1;
    laid.first[m] = (int64_t)laid.n_knots;
    for (size_t i = 0; i < laid.n_pieces; i++) {
      size_t low = laid.n_knots + i < last ? laid.n_knots + i : last;
      laid.low[m * laid.n_pieces + i] = (int64_t)low;
      laid.high[m * laid.n_pieces + i] = (int64_t)(low < last ? low + 1 : last);
    }
    laid.n_knots += n;
  }
  return laid;
}

typedef const double *(*numbers_of)(const sy_calibration *calibration, size_t k);

/* The knots or values of all maps, one after the other. */
static char *write_numbers(sy_graph *graph, const sy_calibration *calibration, const char *part,
                           numbers_of of, size_t n_knots) {
  double *all = sy_graph_take(graph, n_knots, sizeof *all);
  size_t used = 0;
  if (graph->failed) return NULL;
  for (size_t k = first_map(calibration); k < sy_calibration_n_classes(calibration); k++) {
    size_t n = sy_calibration_n_knots(calibration, k);
    memcpy(all + used, of(calibration, k), n * sizeof *all);
    used += n;
  }
  return sy_graph_doubles(graph, sy_graph_name(graph, "%s", part), (int64_t)n_knots, -1, all);
}

static char *integers(sy_graph *graph, const char *part, size_t rows, size_t columns,
                      const int64_t *values) {
  return sy_graph_integers(graph, sy_graph_name(graph, "%s", part), (int64_t)rows,
                           columns ? (int64_t)columns : -1, values);
}

/* Share of each piece that lies below p, 0 to 1: (N, maps) -> (N, maps, pieces). */
static char *write_shares(sy_graph *graph, char *chances, char *knots, char *low, char *high,
                          char *last_axis) {
  char *starts = sy_graph_apply(graph, "Gather", "calibration/starts", knots, low, NULL);
  char *ends = sy_graph_apply(graph, "Gather", "calibration/ends", knots, high, NULL);
  char *widths = sy_graph_apply(graph, "Sub", "calibration/widths", ends, starts, NULL);
  char *empty = sy_graph_apply(graph, "Equal", "calibration/is_empty", low, high, NULL);
  char *filling = sy_graph_apply(graph, "Cast", "calibration/filling", empty, NULL, NULL);
  sy_graph_set_integer(graph, "to", DOUBLE);
  char *divisors = sy_graph_apply(graph, "Add", "calibration/divisors", widths, filling, NULL);
  char *wide = sy_graph_apply(graph, "Unsqueeze", "calibration/wide", chances, last_axis, NULL);
  char *beyond = sy_graph_apply(graph, "Sub", "calibration/beyond", wide, starts, NULL);
  char *above =
      sy_graph_apply(graph, "Max", "calibration/above", beyond, sy_graph_name(graph, "zero"), NULL);
  char *within = sy_graph_apply(graph, "Min", "calibration/within", above, widths, NULL);
  return sy_graph_apply(graph, "Div", "calibration/shares", within, divisors, NULL);
}

/* Probabilities of the mapped classes (N, maps) -> what their maps give. */
static char *write_maps(sy_graph *graph, const sy_calibration *calibration, char *chances) {
  static const int64_t last_axis[] = {2};
  pieces laid = lay_out(graph, calibration);
  char *knots =
      write_numbers(graph, calibration, "calibration/knots", sy_calibration_knots, laid.n_knots);
  char *values =
      write_numbers(graph, calibration, "calibration/values", sy_calibration_values, laid.n_knots);
  if (graph->failed) return NULL;
  char *low = integers(graph, "calibration/low", laid.n_maps, laid.n_pieces, laid.low);
  char *high = integers(graph, "calibration/high", laid.n_maps, laid.n_pieces, laid.high);
  char *first = integers(graph, "calibration/first", laid.n_maps, 0, laid.first);
  char *axis = integers(graph, "calibration/last_axis", 1, 0, last_axis);
  char *shares = write_shares(graph, chances, knots, low, high, axis);
  char *bottoms = sy_graph_apply(graph, "Gather", "calibration/bottoms", values, low, NULL);
  char *tops = sy_graph_apply(graph, "Gather", "calibration/tops", values, high, NULL);
  char *rises = sy_graph_apply(graph, "Sub", "calibration/rises", tops, bottoms, NULL);
  char *risen = sy_graph_apply(graph, "Mul", "calibration/risen", shares, rises, NULL);
  char *sums = sy_graph_apply(graph, "ReduceSum", "calibration/sums", risen, axis, NULL);
  sy_graph_set_integer(graph, "keepdims", 0);
  char *bases = sy_graph_apply(graph, "Gather", "calibration/bases", values, first, NULL);
  return sy_graph_apply(graph, "Add", "calibration/maps", sums, bases, NULL);
}

/* The value of class 1, 0 where it has no probability, and what it leaves to class 0. Rounded sums
 * may pass 1 by a hair. */
static char *write_two(sy_graph *graph, const sy_calibration *calibration, char *chances,
                       char *gone) {
  static const int64_t one_index[] = {1};
  static const double one = 1;
  char *index = integers(graph, "calibration/class_1", 1, 0, one_index);
  char *chance = sy_graph_apply(graph, "Gather", "calibration/chance_1", chances, index, NULL);
  sy_graph_set_integer(graph, "axis", 1);
  char *gone_1 = sy_graph_apply(graph, "Gather", "calibration/is_gone_1", gone, index, NULL);
  sy_graph_set_integer(graph, "axis", 1);
  char *map = write_maps(graph, calibration, chance);
  char *value = sy_graph_apply(graph, "Where", "calibration/value_1", gone_1,
                               sy_graph_name(graph, "zero"), map);
  char *whole = sy_graph_doubles(graph, sy_graph_name(graph, "calibration/one"), -1, -1, &one);
  char *rest = sy_graph_apply(graph, "Sub", "calibration/rest", whole, value, NULL);
  char *other =
      sy_graph_apply(graph, "Max", "calibration/value_0", rest, sy_graph_name(graph, "zero"), NULL);
  char **both = sy_graph_take(graph, 2, sizeof *both);
  if (!both) return NULL;
  both[0] = other;
  both[1] = value;
  return sy_graph_join(graph, sy_graph_name(graph, "calibration/both"), both, 2);
}

char *sy_graph_isotonic(sy_graph *graph, const sy_calibration *calibration, char *corrected) {
  static const int64_t class_axis[] = {1};
  char *chances = sy_graph_apply(graph, "Softmax", "calibration/chances", corrected, NULL, NULL);
  sy_graph_set_integer(graph, "axis", 1);
  char *gone = sy_graph_apply(graph, "IsInf", "calibration/is_gone", corrected, NULL, NULL);
  sy_graph_set_integer(graph, "detect_positive", 0);
  char *mapped = first_map(calibration) == 1 ? write_two(graph, calibration, chances, gone)
                                             : write_maps(graph, calibration, chances);
  char *values = sy_graph_apply(graph, "Where", "calibration/kept", gone,
                                sy_graph_name(graph, "zero"), mapped);
  char *axis = integers(graph, "calibration/class_axis", 1, 0, class_axis);
  char *totals = sy_graph_apply(graph, "ReduceSum", "calibration/totals", values, axis, NULL);
  sy_graph_set_integer(graph, "keepdims", 1);
  return sy_graph_apply(graph, "Div", "calibration/calibrated", values, totals, NULL);
}
