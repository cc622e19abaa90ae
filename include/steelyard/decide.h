/* decide.h: logits of a weighted model -> true probabilities -> the decision of least expected
 * cost. Cost matrices are (K, K) row-major, cost[actual * K + predicted]. */
#ifndef STEELYARD_DECIDE_H
#define STEELYARD_DECIDE_H

#include <steelyard/weights.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where the costs of a decision come from. */
typedef enum sy_decision_source {
  SY_DECISION_PLAIN,   /**< every mistake costs 1: the most probable class */
  SY_DECISION_IMPLIED, /**< C[k][j] = w_k (j != k), implied by class weights */
  SY_DECISION_GIVEN,   /**< costs given by the user */
  SY_DECISION_TUNED /**< a threshold or factors, tuned or typed; the costs are those they equal */
} sy_decision_source;

/** Costs of mistakes, some of which may differ from row to row. A view; it owns nothing. */
typedef struct sy_costs {
  size_t n_classes;     /**< K */
  const double *fixed;  /**< (K, K) row = actual, column = predicted class; cells that vary are not
                           looked at */
  size_t n_varying;     /**< V quantities that differ by row; 0 = none */
  const int32_t *which; /**< (K, K) -1 = fixed, else 0..V-1; NULL where V = 0 */
  const double *values; /**< (n, V) row-major, finite; NULL where V = 0 */
  const char *const *expressions; /**< (V) what the quantities are called, for messages; or NULL */
} sy_costs;

/** What predicting class `predicted` costs on row `row` (from 0) of class `actual`. */
static inline double sy_costs_at(const sy_costs *costs, size_t row, size_t actual,
                                 size_t predicted) {
  size_t cell = actual * costs->n_classes + predicted;
  int32_t which = costs->n_varying ? costs->which[cell] : -1;
  if (which < 0) return costs->fixed[cell];
  return costs->values[row * costs->n_varying + (size_t)which];
}

/** Costs as typed: numbers, and SQL expressions over the row. Owned; zero-initialise, release with
 * sy_cost_rule_clear. */
typedef struct sy_cost_rule {
  size_t n_classes;     /**< K */
  double *fixed;        /**< (K, K); 0 where an expression stands */
  size_t n_expressions; /**< V */
  char **expressions;   /**< (V) distinct, in the order of their first use; NULL where V = 0 */
  int32_t *which;       /**< (K, K) -1 = fixed, else 0..V-1; NULL where V = 0 */
} sy_cost_rule;

/** The costs of rows under a rule.
 * @param values  (n, V) what the expressions come to on each row; NULL where V = 0 */
static inline sy_costs sy_cost_rule_view(const sy_cost_rule *rule, const double *values) {
  sy_costs costs = {rule->n_classes, rule->fixed, rule->n_expressions,
                    rule->which,     values,      (const char *const *)rule->expressions};
  return costs;
}

/** Undoes class weights: log p(k|x) = log p_w(k|x) - ln w_k, normalised.
 * A class of weight 0 or logit -inf keeps probability 0 (log -inf); a row with nothing else stays
 * -inf throughout.
 * @param logits             (n, K) of the weighted model; -inf allowed, not in all of a row
 * @param class_weights      (K), or NULL for ones
 * @param log_probabilities  (n, K) out; may be `logits`
 * Each row is computed alone, in a fixed order. */
SY_API void sy_correct(const double *logits, size_t n, size_t n_classes,
                       const double *class_weights, double *log_probabilities);

/** Fills a (K, K) matrix of 0 on the diagonal and 1 off it. */
SY_API void sy_cost_plain(size_t n_classes, double *cost);

/** Fills the costs that class weights imply: C[k][j] = w_k for j != k, 0 on the diagonal. */
SY_API void sy_cost_implied(const double *class_weights, size_t n_classes, double *cost);

/** Reads costs "ACTUAL:PREDICTED=COST,..." over 0 on the diagonal and 1 off it. A class name may be
 * in "double quotes" (then it may hold , : = and the quote doubled); an unquoted name that holds
 * ':' is understood where only one split gives two classes. Costs are finite numbers, negative ones
 * (gains) allowed.
 * @param classes  (K) names
 * @param cost     (K, K) out
 * Fails with SY_INVALID_COST: unknown class (with the nearest), a pair named twice, a cost that is
 * no finite number, a missing '=' or ':'; the text names the piece. */
SY_API sy_status sy_cost_parse(const char *text, const char *const *classes, size_t n_classes,
                               double *cost, sy_error *error);

/** Reads costs as sy_cost_parse does, but what stands behind '=' and is no number is an SQL
 * expression over the row: "fraud:ok=amount, ok:fraud=greatest(3, amount / 100)". It ends at the
 * next comma outside its quotes, parentheses and brackets, and is kept as typed, blanks around it
 * left out; equal texts are one expression. What is not named costs 0 on the diagonal, 1 off it.
 * @param classes  (K) names
 * @param rule     out; release with sy_cost_rule_clear
 * Fails with SY_INVALID_COST as sy_cost_parse does, and where quotes or parentheses of an
 * expression stay open; SY_OUT_OF_MEMORY. `rule` is empty then. */
SY_API sy_status sy_cost_rule_parse(const char *text, const char *const *classes, size_t n_classes,
                                    sy_cost_rule *rule, sy_error *error);

/** The expressions of costs as typed, for the time before the classes are known: what a table is to
 * be asked for while its labels are read. Pieces that are no costs give none; sy_cost_rule_parse
 * tells. Where a name that is not quoted holds '=', this may take part of it for an expression.
 * @param rule  out: n_expressions and expressions alone; release with sy_cost_rule_clear
 * Fails with SY_INVALID_COST where quotes or parentheses stay open, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_cost_rule_scan(const char *text, sy_cost_rule *rule, sy_error *error);

/** A rule of numbers alone.
 * @param cost  (K, K), copied
 * @param rule  out; release with sy_cost_rule_clear
 * SY_OUT_OF_MEMORY. */
SY_API sy_status sy_cost_rule_matrix(const double *cost, size_t n_classes, sy_cost_rule *rule,
                                     sy_error *error);

/** Makes a cell of a rule an expression, or another one; a text the rule has already is not stored
 * again. SY_OUT_OF_MEMORY, the rule as it was. */
SY_API sy_status sy_cost_rule_set(sy_cost_rule *rule, size_t actual, size_t predicted,
                                  const char *expression, sy_error *error);

/** A copy of a rule.
 * @param rule  out; release with sy_cost_rule_clear
 * SY_OUT_OF_MEMORY, `rule` empty. */
SY_API sy_status sy_cost_rule_copy(const sy_cost_rule *from, sy_cost_rule *rule, sy_error *error);

/** Releases a rule and empties it; an empty one is legal. */
SY_API void sy_cost_rule_clear(sy_cost_rule *rule);

/** Checks costs as sy_cost_check does, row by row: "row 17: predicting ... costs -3 (amount - 10),
 * less than the right answer (0)" (rows from 1). Where cells vary no class is told as never
 * optimal.
 * @param n         rows of costs->values; of no matter where nothing varies
 * @param classes   (K) names
 * @param messages  nullable
 * Fails with SY_INVALID_COST. */
SY_API sy_status sy_costs_check(const sy_costs *costs, size_t n, const char *const *classes,
                                sy_messages *messages, sy_error *error);

/** Checks a cost matrix: no cost beyond 1e100, and for every actual class the correct prediction
 * costs no more than any other (SY_INVALID_COST names the pair). Adds a message for each class that
 * no probabilities make optimal: another class never costs more to predict. */
SY_API sy_status sy_cost_check(const double *cost, const char *const *classes, size_t n_classes,
                               sy_messages *messages, sy_error *error);

/** The rule of a two-class cost matrix as a threshold (Elkan 2001): predict `positive` when its
 * probability p >= *threshold (p > *threshold at an exact tie when positive is class 1, >= when it
 * is class 0, so that ties go to the lower index). Returns false where the decision is no threshold
 * (C01 - C00 + C10 - C11 <= 0). May lie outside 0..1: then one class is always predicted. */
SY_API bool sy_cost_threshold(const double cost[4], int positive, double *threshold);

/** Costs of two classes whose rule is p(positive) >= threshold: a false alarm costs the threshold,
 * a miss 1 - threshold, C[negative][positive] = t, C[positive][negative] = 1 - t; being right is
 * free. Exactly at the threshold the lower index is decided. A threshold beyond 0..1, where one
 * class is always decided, counts as at most 2 and at least -1.
 * @param threshold  not NaN
 * @param positive   0 or 1
 * @param cost       (2, 2) out */
SY_API void sy_cost_of_threshold(double threshold, int positive, double cost[4]);

/** Decides at least expected cost: argmin_j sum_k p(k|x) C[k][j], ties to the lower index.
 * @param probabilities  (n, K)
 * @param cost           (K, K)
 * @param decisions      (n) out */
SY_API void sy_decide(const double *probabilities, size_t n, size_t n_classes, const double *cost,
                      int32_t *decisions);

/** Decides each row at its own costs, argmin_j sum_k p(k|x) C_row[k][j], ties to the lower index;
 * with costs that do not vary, to the bits of sy_decide. A constant added to the costs of one
 * actual class, even another one on each row, changes no decision.
 * @param probabilities  (n, K)
 * @param costs          of n rows
 * @param decisions      (n) out */
SY_API void sy_decide_costs(const double *probabilities, size_t n, const sy_costs *costs,
                            int32_t *decisions);

/** Kinds of calibration maps. */
typedef enum sy_calibration_kind {
  SY_CALIBRATION_TEMPERATURE, /**< log p / T: one number, for a model too sure or too timid */
  SY_CALIBRATION_VECTOR,      /**< a_k log p_k + b_k: two numbers a class */
  SY_CALIBRATION_ISOTONIC     /**< a monotone map of each class's p: any shape, many rows */
} sy_calibration_kind;

/** Name of a kind, "temperature", "vector" or "isotonic"; "unknown" for a value that is none. */
SY_API const char *sy_calibration_kind_name(sy_calibration_kind kind);

/** Finds the kind of a name; false where there is none. */
SY_API bool sy_calibration_kind_parse(const char *name, sy_calibration_kind *kind);

/** A map from log-probabilities to better ones; holds no reference to what it was made from.
 *  - temperature and vector: z_k = a_k log p_k + b_k, then log p'_k = z_k - log sum_j exp z_j
 *    (temperature: a_k = 1 / T for all classes, b_k = 0)
 *  - isotonic: v_k = f_k(p_k), then p'_k = v_k / sum_j v_j, each f_k piecewise linear through its
 *    knots, constant before the first and after the last. Two classes: v_1 = f_1(p_1) and
 *    v_0 = 1 - v_1, f_0 does not exist.
 * A class of log-probability -inf keeps it, and no part of the others' sum. */
typedef struct sy_calibration sy_calibration;

/** Makes a map of kind temperature or vector.
 * @param n_classes    K >= 2
 * @param scales       (K) a_k > 0, or NULL for ones; temperature: all equal
 * @param shifts       (K) b_k, or NULL for zeros; temperature: all 0
 * @param calibration  out; free with sy_calibration_free
 * Fails with SY_TOO_FEW_CLASSES, SY_INVALID_ARGUMENT naming the class (a number that is not finite
 * or beyond 1e100, a scale that is not positive; temperature: classes that differ; kind isotonic),
 * SY_OUT_OF_MEMORY. */
SY_API sy_status sy_calibration_scaling(sy_calibration_kind kind, size_t n_classes,
                                        const double *scales, const double *shifts,
                                        sy_calibration **calibration, sy_error *error);

/** Makes an isotonic map.
 * @param n_classes    K >= 2
 * @param n_knots      (K) knots of each class, at least one; two classes: those of class 0 are 0
 * @param knots        the classes' knots one after the other: 0 <= p <= 1, rising in a class
 * @param values       value at each knot: 0 <= f <= 1, not falling in a class
 * @param calibration  out; free with sy_calibration_free
 * K >= 3: f_k(1/K) must be above 0, so that no row loses all its probability (some p_k is always at
 * least 1/K). Fails with SY_TOO_FEW_CLASSES, SY_INVALID_ARGUMENT naming class and knot (also where
 * two knots are too close for a finite slope), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_calibration_isotonic(size_t n_classes, const size_t *n_knots,
                                         const double *knots, const double *values,
                                         sy_calibration **calibration, sy_error *error);

/** A copy of its own; free with sy_calibration_free. Fails with SY_OUT_OF_MEMORY. */
SY_API sy_status sy_calibration_copy(const sy_calibration *from, sy_calibration **calibration,
                                     sy_error *error);

/** Frees a map; NULL is legal. */
SY_API void sy_calibration_free(sy_calibration *calibration);

/** Kind of a map. */
SY_API sy_calibration_kind sy_calibration_kind_of(const sy_calibration *calibration);

/** Number of classes K. */
SY_API size_t sy_calibration_n_classes(const sy_calibration *calibration);

/** (K) scales a_k; NULL for an isotonic map. */
SY_API const double *sy_calibration_scales(const sy_calibration *calibration);

/** (K) shifts b_k; NULL for an isotonic map. */
SY_API const double *sy_calibration_shifts(const sy_calibration *calibration);

/** Number of knots of a class: 0 for a map that is not isotonic, and for class 0 of two. */
SY_API size_t sy_calibration_n_knots(const sy_calibration *calibration, size_t k);

/** (sy_calibration_n_knots) probabilities at which the map of class k bends, rising. */
SY_API const double *sy_calibration_knots(const sy_calibration *calibration, size_t k);

/** (sy_calibration_n_knots) what the map of class k gives there, not falling. */
SY_API const double *sy_calibration_values(const sy_calibration *calibration, size_t k);

/** Calibrates log-probabilities.
 * @param log_probabilities  (n, K) natural logs, rows normalised; -inf allowed
 * @param calibrated         (n, K) out, normalised; may be `log_probabilities`
 * Each row is computed alone. A row of nothing but -inf stays that. */
SY_API void sy_calibration_apply(const sy_calibration *calibration, const double *log_probabilities,
                                 size_t n, double *calibrated);

/** Puts another prior into log-probabilities: log p'_k = log p_k + ln r_k, normalised, where
 * r_k = new prior / prior of the training data (Saerens 2002, eq. 2.4).
 * @param log_probabilities  (n, K) natural logs
 * @param ratio              (K) finite, >= 0; a class of ratio 0 gets probability 0
 * @param shifted            (n, K) out; may be `log_probabilities`
 * Each row is computed alone; a row that keeps no class is -inf throughout. */
SY_API void sy_prior_shift(const double *log_probabilities, size_t n, size_t n_classes,
                           const double *ratio, double *shifted);

/** The prior of unlabelled rows, as their probabilities tell it. */
typedef struct sy_prior_estimate {
  size_t n_classes;
  double *prior;      /**< (K) estimated shares of the classes, summing to 1 */
  double *low, *high; /**< (K) 95 % interval of each, within 0..1 */
  int iterations;     /**< steps of EM, and of Newton's method after them */
  bool converged;     /**< a further step of EM moves no share by more than 1e-10 */
} sy_prior_estimate;

/** Estimates the prior of unlabelled rows where classes are as common as they please, but rows of
 * one class look as they did in training (Saerens, Latinne and Decaestecker 2002): maximises
 *   sum_i r_i log sum_k (p_ik / trained_prior_k) prior_k
 * over priors that sum to 1, by EM and, where that is slow, Newton's method to the same optimum.
 * The interval comes from the curvature of that function, each row one observation whatever it
 * weighs; towards a class estimated at 0 from slope and curvature there. It covers the chance of
 * drawing these rows, and neither what the model does not know about p nor a change of the rows
 * within a class. Rows that cannot tell two classes apart give them intervals as wide as 0..1.
 * @param log_probabilities  (n, K) natural logs under the trained prior, rows summing to 1 within
 *                           1e-3; corrected and calibrated ones
 * @param row_weights        (n) >= 0, k = k copies for the estimate; or NULL for ones
 * @param trained_prior      (K) >= 0, summing to 1 within 1e-6; a class of 0 stays 0
 * @param estimate           out; release with sy_prior_estimate_clear
 * Same bits for any number of threads. Fails with SY_NO_ROWS, SY_NO_WEIGHT, SY_INVALID_WEIGHT,
 * SY_INVALID_DATA (also for a row without probability but for classes of trained prior 0), each
 * naming the row, SY_INVALID_ARGUMENT (trained prior, naming the class), SY_TOO_FEW_CLASSES (fewer
 * than two of trained prior above 0), SY_OUT_OF_MEMORY; then `estimate` is zeroed. */
SY_API sy_status sy_prior_estimate_make(const double *log_probabilities, size_t n, size_t n_classes,
                                        const double *row_weights, const double *trained_prior,
                                        sy_prior_estimate *estimate, sy_error *error);

/** Releases what an estimate holds and zeroes it; a zeroed one is legal. */
SY_API void sy_prior_estimate_clear(sy_prior_estimate *estimate);

#ifdef __cplusplus
}
#endif
#endif
