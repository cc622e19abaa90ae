/* weights.h: counts become class weights by a policy; class weights and row weights become one
 * weight a row; the audit says what they do. */
#ifndef STEELYARD_WEIGHTS_H
#define STEELYARD_WEIGHTS_H

#include <steelyard/labels.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What class weights are scaled to after the policy. */
typedef enum sy_normalize {
  SY_NORMALIZE_NONE,    /**< as the formula gives them */
  SY_NORMALIZE_SUM,     /**< sum over classes 1 */
  SY_NORMALIZE_CLASSES, /**< sum over classes K */
  SY_NORMALIZE_ROWS,    /**< mean over rows 1 */
  SY_NORMALIZE_MIN,     /**< smallest positive weight 1 */
  SY_NORMALIZE_MAX      /**< largest weight 1 */
} sy_normalize;

/** Reads "none", "sum", "classes", "rows", "min" or "max"; SY_INVALID_ARGUMENT lists them. */
SY_API sy_status sy_normalize_parse(const char *text, sy_normalize *normalize, sy_error *error);

/** Name of a normalisation, as sy_normalize_parse reads it. */
SY_API const char *sy_normalize_name(sy_normalize normalize);

/** A class weight policy, read from text by sy_policy_parse. */
typedef struct sy_policy sy_policy;

/** Reads a policy: a name of the table in docs/weights.md with its parameter ("balanced",
 * "power:0.5", "sqrt", "power:max=20", "max-ratio", "log", "log:0.15", "log:auto", "log:max=20",
 * "none"), or explicit weights "NAME=W,NAME=W" ("default=W" for classes not named; a NAME may hold
 * '=' if it is the last part before a number; quotes "..." around a NAME keep commas).
 * @param policy  out; free with sy_policy_free
 * Fails with SY_INVALID_POLICY (unknown name: with the nearest, and all of them) or
 * SY_INVALID_WEIGHT (a weight that is negative, infinite or no number, named). */
SY_API sy_status sy_policy_parse(const char *text, sy_policy **policy, sy_error *error);

/** A policy of explicit weights, for weights that come from elsewhere than text (a file).
 * @param names           (n) class names, written as labels are
 * @param weights         (n) their weights, >= 0 and finite
 * @param has_default     whether classes not named get `default_weight`; else each must be named
 * @param default_weight  >= 0 and finite
 * @param policy          out; free with sy_policy_free
 * Fails with SY_INVALID_WEIGHT (a weight that is not usable, a class named twice or without a name,
 * nothing given at all), naming the class. */
SY_API sy_status sy_policy_explicit(const char *const *names, const double *weights, size_t n,
                                    bool has_default, double default_weight, sy_policy **policy,
                                    sy_error *error);

/** How policy `index` (0, 1, ...) of the table is written, "log[:MU|:auto|:max=W]", for help; NULL
 * past the last. */
SY_API const char *sy_policy_form(size_t index);

/** Its weight of class k in one line, "n / (K n_k)"; NULL past the last. */
SY_API const char *sy_policy_formula(size_t index);

/** Text of the policy number `index` of those worth standing side by side ("none", "balanced",
 * "sqrt", ...), as sy_policy_parse reads it; NULL past the last. */
SY_API const char *sy_policy_listed(size_t index);

/** Frees a policy; NULL is legal. */
SY_API void sy_policy_free(sy_policy *policy);

/** The policy as text that sy_policy_parse reads back ("log:0.15", "None=1,damage=5"). */
SY_API const char *sy_policy_text(const sy_policy *policy);

/** True for the policy "none". */
SY_API bool sy_policy_is_none(const sy_policy *policy);

/** Class weights of K classes from their (row-weighted) counts, by the formulas of docs/weights.md.
 * @param policy     which formula
 * @param normalize  scaling afterwards, over the classes with count > 0
 * @param classes    (K) names, to resolve explicit weights and word errors
 * @param counts     (K) sums of row weights, >= 0, at least one > 0
 * @param weights    (K) out, finite, >= 0; a class of count 0 weighs 1 and is outside every formula
 * Fails with SY_INVALID_WEIGHT (explicit weights: an unknown class with the nearest name, a class
 * left out without a default), SY_NO_WEIGHT (all counts or all weights zero), SY_INVALID_POLICY
 * (a target that cannot be reached). */
SY_API sy_status sy_class_weights(const sy_policy *policy, sy_normalize normalize,
                                  const char *const *classes, const double *counts,
                                  size_t n_classes, double *weights, sy_error *error);

/** Weight of each row: class weight x row weight, 0 for ignored positions.
 * @param ids            (n) class ids or SY_IGNORED
 * @param class_weights  (K), or NULL for ones
 * @param row_weights    (n), or NULL for ones
 * @param weights        (n) out; may be `row_weights`
 * Fails with SY_INVALID_WEIGHT naming the row (negative, infinite, NaN) or SY_INVALID_LABEL. */
SY_API sy_status sy_row_weights(const int32_t *ids, size_t n, const double *class_weights,
                                size_t n_classes, const double *row_weights, double *weights,
                                sy_error *error);

/** One class of an audit. */
typedef struct sy_audit_class {
  double count;        /**< sum of row weights */
  uint64_t rows;       /**< rows, whatever their weight */
  double share;        /**< count / sum of counts */
  double weight;       /**< class weight */
  double weight_share; /**< share of the total weight, count x weight / sum of the same */
} sy_audit_class;

/** What a set of class weights does to this data. */
typedef struct sy_audit {
  size_t n_classes;
  sy_audit_class *classes; /**< (n_classes) */
  uint64_t rows;           /**< rows that are not ignored */
  double weighted_rows;    /**< sum of row weights */
  double imbalance_ratio;  /**< largest / smallest count among classes present */
  double effective_rows; /**< Kish: (sum r c)^2 / sum r c^2, c the class weight, r the row weight */
  sy_messages *warnings; /**< see docs/weights.md; owned */
} sy_audit;

/** Audits class weights against counts.
 * @param policy   the policy they came from (NULL = unknown); explicit weights draw further checks
 * @param classes  (K) names for the warnings
 * @param weights  (K) class weights
 * @param audit    out; release with sy_audit_clear */
SY_API sy_status sy_audit_make(const sy_policy *policy, const char *const *classes,
                               const sy_counts *counts, const double *weights, size_t n_classes,
                               sy_audit *audit, sy_error *error);

/** Releases what an audit holds and zeroes it; a zeroed audit is legal. */
SY_API void sy_audit_clear(sy_audit *audit);

#ifdef __cplusplus
}
#endif
#endif
