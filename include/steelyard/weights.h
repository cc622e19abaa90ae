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
 * "power:0.5", "power:max=20", "log:auto", "effective:0.999", ...), or explicit weights:
 * "NAME=W,NAME=W" ("default=W" for classes not named; a NAME may hold '=' if it is the last part
 * before a number; quotes "..." around a NAME keep commas; where no class is called by an integer,
 * a NAME that is one, 0..K-1, is the class at that position) or "[W,W,...]", by position.
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

/** A policy of explicit weights by position: weight k is that of class k, in the order of the
 * classes (of several labels a row: of the presence of label k). sy_class_weights fails with
 * SY_INVALID_WEIGHT, listing the classes, where their number is another.
 * @param weights  (n) >= 0 and finite
 * @param policy   out; free with sy_policy_free */
SY_API sy_status sy_policy_by_position(const double *weights, size_t n, sy_policy **policy,
                                       sy_error *error);

/** Whether a policy is the one called "cost", which needs sy_policy_set_cost. */
SY_API bool sy_policy_needs_cost(const sy_policy *policy);

/** Gives the policy "cost" its matrix, which it copies.
 * @param cost  (K, K) cost[actual * K + predicted], of the classes that will be weighed
 * Fails with SY_INVALID_COST where the mistakes of a class cost less in sum than being right,
 * naming the class, or where no mistake costs anything. */
SY_API sy_status sy_policy_set_cost(sy_policy *policy, const double *cost, size_t n_classes,
                                    const char *const *classes, sy_error *error);

/** How policy `index` (0, 1, ...) of the table is written, "log[:MU|:auto|:max=W]", for help; NULL
 * past the last. */
SY_API const char *sy_policy_form(size_t index);

/** Its weight of class k in one line, "n / (K n_k)"; NULL past the last. */
SY_API const char *sy_policy_formula(size_t index);

/** Text of the policy number `index` of those worth standing side by side ("none", "balanced",
 * "sqrt", ...), as sy_policy_parse reads it; NULL past the last. "cost" (sy_policy_needs_cost) and
 * "pos" are among them, which not all counts can be weighed by. */
SY_API const char *sy_policy_listed(size_t index);

/** Frees a policy; NULL is legal. */
SY_API void sy_policy_free(sy_policy *policy);

/** The policy as text that sy_policy_parse reads back ("log:0.15", "None=1,damage=5"). */
SY_API const char *sy_policy_text(const sy_policy *policy);

/** True for weights that were given, by name or position; false where a formula computes them from
 * counts. */
SY_API bool sy_policy_is_explicit(const sy_policy *policy);

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

/** Weights from counts that came from a counter, of any kind of label.
 * One label a position: weights (K), as sy_class_weights gives them; median frequency uses the
 * images' counts where there are such. Several labels a row: weights (L, 2), for each label l the
 * weights of its absence (2 l) and its presence (2 l + 1), each pair weighed and normalised by
 * itself as two classes; a label that is always or never present weighs (1, 1). The policy "pos",
 * (1, n_0 / n_1), is for several labels alone; "cost" is for one label alone. Explicit weights name
 * labels and are those of their presence; absence weighs 1.
 * @param weights  (K) or (L, 2) out
 * Fails as sy_class_weights does, and with SY_INVALID_POLICY for "pos" of one label a position and
 * "cost" of several, SY_INVALID_ARGUMENT for counts without names. */
SY_API sy_status sy_counts_weights(const sy_policy *policy, sy_normalize normalize,
                                   const sy_counts *counts, double *weights, sy_error *error);

/** Weight of each position of a label array: class weight x row weight x mask.
 * One label a position: one weight for each position, in C order of the leading axes; a soft label
 * weighs sum_k y_k w_k. Several labels a row: one for each cell, (n, .., L) in C order. Positions
 * taken out weigh 0.
 * @param counter        counted these labels, or others with the same classes; it says which label
 *                       is which class
 * @param class_weights  (K) or (L, 2), in the order of sy_counter_counts; NULL = ones
 * @param labels         as for sy_counter_add
 * @param weights        out, contiguous
 * @param dtype          SY_F32 or SY_F64, type of `weights`
 * Fails as sy_counter_add does, with SY_INVALID_LABEL for a label that was not counted, and with
 * SY_INVALID_WEIGHT for a class weight that is not usable; `weights` is then not to be used. */
SY_API sy_status sy_label_weights(const sy_counter *counter, const double *class_weights,
                                  const sy_label_array *labels, void *weights, sy_dtype dtype,
                                  sy_error *error);

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

/** Audits of several labels a row. */
typedef struct sy_label_audits {
  size_t n_labels;
  /** (n_labels) one of two classes for each label, 0 = rows without it, 1 = rows with it; their own
   * `warnings` are NULL. */
  sy_audit *labels;
  /** One line for each thing that is suspicious, naming the labels that it is true of; owned. */
  sy_messages *warnings;
} sy_label_audits;

/** Audits the weights of several labels a row against their counts.
 * @param policy   the policy they came from; NULL = unknown
 * @param counts   of several labels a row
 * @param weights  (L, 2) as sy_counts_weights gives them
 * @param audits   out; release with sy_label_audits_clear
 * Fails with SY_INVALID_SHAPE for counts of one label a position, and as sy_audit_make does. */
SY_API sy_status sy_label_audits_make(const sy_policy *policy, const sy_counts *counts,
                                      const double *weights, sy_label_audits *audits,
                                      sy_error *error);

/** Releases what audits hold and zeroes them; zeroed ones are legal. */
SY_API void sy_label_audits_clear(sy_label_audits *audits);

/** One policy beside others, on the same counts. A part is all classes together, or one label of
 * several a row. */
typedef struct sy_compared_policy {
  char *text;      /**< as sy_policy_parse reads it */
  double *weights; /**< (K), or (L, 2) of several labels; as sy_counts_weights gives them */
  double
      *rarest_shares; /**< (n_parts) share of the part's total weight that its rarest class has */
  double *effective_rows; /**< (n_parts) "like this many unweighted rows", as in sy_audit */
  size_t same_as;         /**< the first policy with the same weights (to 1e-9); perhaps itself */
  /** The first policy whose weights are a constant multiple of these (of several labels: a constant
   * for each label), which trains the same model where the loss is a weighted mean; perhaps itself.
   */
  size_t multiple_of;
  sy_messages *warnings; /**< as an audit gives them, but for what is true of every policy */
} sy_compared_policy;

/** All listed policies on the same counts. */
typedef struct sy_comparison {
  size_t n_classes; /**< K, or 0 where there are several labels a row */
  size_t n_labels;  /**< L, or 0 */
  size_t n_parts;   /**< L, or 1 */
  size_t *rarest;   /**< (n_parts) the class present with the lowest count; of a label: 0 or 1 */
  size_t n_policies;
  sy_compared_policy *policies; /**< (n_policies) the first is "none" */
  sy_messages *warnings; /**< true whatever the policy: absent classes, labels always there */
} sy_comparison;

/** Weighs and audits by every policy of sy_policy_listed that applies: "cost" where there are costs
 * and one label a position, "pos" where there are several.
 * @param counts      from a counter or sy_counts_of
 * @param cost        (K, K) costs of mistakes, for "cost"; NULL = none are known
 * @param comparison  out; release with sy_comparison_clear
 * Fails with SY_INVALID_COST as sy_policy_set_cost does, SY_NO_WEIGHT (no rows), SY_OUT_OF_MEMORY.
 * A policy that these counts are out of range for is left out and told in `warnings`. */
SY_API sy_status sy_policies_compare(const sy_counts *counts, const double *cost,
                                     sy_comparison *comparison, sy_error *error);

/** Releases what a comparison holds and zeroes it; a zeroed one is legal. */
SY_API void sy_comparison_clear(sy_comparison *comparison);

#ifdef __cplusplus
}
#endif
#endif
