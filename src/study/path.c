/* path.c: the exponent of class weights. A value of an exponent is known within chance only, and
 * where weights do not matter the least ones do the least harm to probabilities: so the smallest
 * exponent is taken whose value is within one standard error of the best (Breiman and others 1984
 * prune trees so), the error being that of the difference on the same rows.
 *
 * Errors are by the delta method: a row moves the value by its weight times the slope of the value
 * along the cell of the confusion matrix that it is in (for costs: by what its cost differs from
 * the mean), and rows are independent. */
#include "study/chain.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/normal.h"

/* One exponent on the rows looked at. */
typedef struct outcome {
  double *confusion, *slopes; /* (K, K) */
  double value, mean_cost;
} outcome;

typedef struct contest {
  const sy_choices *choices;
  int without;
  double total; /* weight of the rows looked at */
  uint64_t rows;
  double least; /* weight of the rarest class among them */
  outcome *outcomes;
} contest;

static bool takes_part(const contest *c, size_t row) {
  const sy_unseen *unseen = c->choices->unseen;
  return c->without < 0 || unseen->part[row] != c->without;
}

static double weight_of(const contest *c, size_t row) {
  const double *weights = c->choices->unseen->row_weights;
  return weights ? weights[row] : 1;
}

static size_t cell_of(const contest *c, size_t line, size_t row) {
  const sy_unseen *unseen = c->choices->unseen;
  return (size_t)unseen->ids[row] * unseen->n_classes +
         (size_t)c->choices->lines[line].decisions[row];
}

static double cost_of(const contest *c, size_t line, size_t row) {
  const sy_costs *costs = c->choices->costs;
  size_t n_classes = c->choices->unseen->n_classes, cell = cell_of(c, line, row);
  if (!costs) return cell / n_classes != cell % n_classes;
  return sy_costs_at(costs, row, cell / n_classes, cell % n_classes);
}

static double value_at(const contest *c, const outcome *o) {
  return sy_objective_value(c->choices->objective, o->confusion, c->choices->unseen->n_classes,
                            c->choices->positive, o->mean_cost);
}

/* The slope along each cell that holds rows, by a central difference: a step small beside the
 * rarest class and within the cell. */
static void find_slopes(const contest *c, outcome *o) {
  size_t n_classes = c->choices->unseen->n_classes;
  for (size_t cell = 0; cell < n_classes * n_classes; cell++) {
    double at = o->confusion[cell], step = fmin(1e-4 * c->least, at / 2);
    if (at == 0) continue;
    o->confusion[cell] = at + step;
    double above = value_at(c, o);
    o->confusion[cell] = at - step;
    double below = value_at(c, o);
    o->confusion[cell] = at;
    o->slopes[cell] = (above - below) / (2 * step);
  }
}

static void judge_line(contest *c, size_t line) {
  outcome *o = &c->outcomes[line];
  double cost = 0;
  c->total = 0;
  c->rows = 0;
  for (size_t i = 0; i < c->choices->unseen->n; i++) {
    if (!takes_part(c, i)) continue;
    double weight = weight_of(c, i);
    o->confusion[cell_of(c, line, i)] += weight;
    cost += weight * cost_of(c, line, i);
    c->total += weight;
    c->rows++;
  }
  o->mean_cost = cost / c->total;
  o->value = value_at(c, o);
}

static double rarest(const contest *c) {
  size_t n_classes = c->choices->unseen->n_classes;
  double least = INFINITY;
  for (size_t k = 0; k < n_classes; k++) {
    double sum = 0;
    for (size_t j = 0; j < n_classes; j++) sum += c->outcomes[0].confusion[k * n_classes + j];
    if (sum > 0 && sum < least) least = sum;
  }
  return least;
}

/* How far a row moves the value. */
static double influence(const contest *c, size_t line, size_t row) {
  const outcome *o = &c->outcomes[line];
  double weight = weight_of(c, row);
  if (!sy_objective_is_cost(c->choices->objective))
    return weight * o->slopes[cell_of(c, line, row)];
  return -weight * (cost_of(c, line, row) - o->mean_cost) / c->total;
}

/* Of the difference of two lines; of one alone where `other` is -1. */
static double standard_error(const contest *c, size_t line, int other) {
  double squares = 0;
  for (size_t i = 0; i < c->choices->unseen->n; i++) {
    if (!takes_part(c, i)) continue;
    double moves = influence(c, line, i) - (other < 0 ? 0 : influence(c, (size_t)other, i));
    squares += moves * moves;
  }
  return sqrt(squares);
}

static size_t best_of(const contest *c) {
  size_t best = 0;
  for (size_t line = 1; line < c->choices->n_lines; line++) {
    double value = c->outcomes[line].value, most = c->outcomes[best].value;
    if (value > most || (isnan(most) && !isnan(value))) best = line;
  }
  return best;
}

/* The error by the unbiased variance: so a difference made by one row is just within it, as it
 * should be, and the last digits do not decide that. */
static size_t smallest_near(const contest *c, size_t best, double *margin) {
  double unbiased = c->rows > 1 ? sqrt((double)c->rows / (double)(c->rows - 1)) : 1;
  for (size_t line = 0; line < best; line++) {
    double behind = c->outcomes[best].value - c->outcomes[line].value;
    *margin = unbiased * standard_error(c, best, (int)line);
    if (behind <= *margin * (1 + 1e-9)) return line; /* not so where the value is undefined */
  }
  *margin = 0;
  return best;
}

/* The least that a metric can be; all of them reach 1. Where rows are few, a standard error to
 * either side goes beyond what there is. */
static double least_value(const sy_objective *objective) {
  char text[SY_OBJECTIVE_SIZE];
  sy_objective_text(objective, text);
  return strcmp(text, "mcc") == 0 || strcmp(text, "youden") == 0 ? -1 : 0;
}

static void tell(const contest *c, size_t best, size_t chosen, double margin, sy_path *path) {
  bool is_cost = sy_objective_is_cost(c->choices->objective);
  path->best = best;
  path->chosen = chosen;
  path->margin = margin;
  path->is_cost = is_cost;
  path->rows = c->rows;
  double least = least_value(c->choices->objective);
  for (size_t line = 0; line < path->n; line++) {
    double half = sy_normal_95 * standard_error(c, line, -1);
    double value = is_cost ? c->outcomes[line].mean_cost : c->outcomes[line].value;
    path->points[line] = (sy_path_point){.exponent = c->choices->lines[line].exponent,
                                         .value = value,
                                         .low = value - half,
                                         .high = value + half};
    if (is_cost || isnan(value - half)) continue;
    path->points[line].low = fmax(value - half, least);
    path->points[line].high = fmin(value + half, 1);
  }
}

static sy_status contest_make(contest *c, sy_error *error) {
  size_t n_classes = c->choices->unseen->n_classes;
  c->outcomes = sy_alloc_zero(c->choices->n_lines, sizeof *c->outcomes);
  if (!c->outcomes) return sy_fail_memory(error);
  for (size_t line = 0; line < c->choices->n_lines; line++) {
    outcome *o = &c->outcomes[line];
    o->confusion = sy_alloc_zero(n_classes, 2 * n_classes * sizeof(double));
    if (!o->confusion) return sy_fail_memory(error);
    o->slopes = o->confusion + n_classes * n_classes;
  }
  return SY_OK;
}

static void contest_clear(contest *c) {
  for (size_t line = 0; c->outcomes && line < c->choices->n_lines; line++)
    free(c->outcomes[line].confusion);
  free(c->outcomes);
}

sy_status sy_path_choose(const sy_choices *choices, int without, size_t *chosen, sy_path *path,
                         sy_error *error) {
  contest c = {.choices = choices, .without = without};
  sy_status status = contest_make(&c, error);
  for (size_t line = 0; status == SY_OK && line < choices->n_lines; line++) judge_line(&c, line);
  if (status == SY_OK) {
    double margin = 0;
    c.least = rarest(&c);
    bool is_cost = sy_objective_is_cost(choices->objective);
    for (size_t line = 0; !is_cost && line < choices->n_lines; line++)
      find_slopes(&c, &c.outcomes[line]);
    size_t best = best_of(&c);
    *chosen = smallest_near(&c, best, &margin);
    if (path) tell(&c, best, *chosen, margin, path);
  }
  contest_clear(&c);
  return status;
}
