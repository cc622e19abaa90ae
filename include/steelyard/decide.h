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
  SY_DECISION_GIVEN    /**< costs given by the user */
} sy_decision_source;

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

/** Decides at least expected cost: argmin_j sum_k p(k|x) C[k][j], ties to the lower index.
 * @param probabilities  (n, K)
 * @param cost           (K, K)
 * @param decisions      (n) out */
SY_API void sy_decide(const double *probabilities, size_t n, size_t n_classes, const double *cost,
                      int32_t *decisions);

#ifdef __cplusplus
}
#endif
#endif
