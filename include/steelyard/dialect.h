/* dialect.h: class weights as other systems write them, in and out. */
#ifndef STEELYARD_DIALECT_H
#define STEELYARD_DIALECT_H

#include <steelyard/weights.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Name of dialect `index` (0, 1, ...): "keras", "sklearn", "pytorch", "tensorflow", "xgboost",
 * "lightgbm", "liblinear", "vw", "bigquery", "weka"; NULL past the last. */
SY_API const char *sy_dialect_name(size_t index);

/** What one writes in that system, in one line ("model.fit(..., class_weight={0: 1.0, 1: 5.0})"),
 * for help and docs; NULL past the last. */
SY_API const char *sy_dialect_form(size_t index);

/** Writes class weights in a system's own syntax, ready to be pasted, with a comment in that
 * system's manner that says which class is which position or id.
 * @param dialect  name of a dialect
 * @param classes  (K) names, in the order that the other system's ids follow
 * @param weights  (K) >= 0 and finite
 * @param text     out: UTF-8 lines ending in a newline; free() it
 * Fails with SY_INVALID_ARGUMENT: no such dialect (with the nearest and all), or something that
 * the system cannot say (more than BigQuery's 50 classes, a ratio to a class of weight 0, class
 * names that are no integers where only integers go), with the way out; SY_INVALID_WEIGHT for a
 * weight that is not usable. */
SY_API sy_status sy_dialect_write(const char *dialect, const char *const *classes,
                                  const double *weights, size_t n_classes, char **text,
                                  sy_error *error);

/** Reads class weights in any of the syntaxes: what the text looks like decides. Keys name classes
 * as sy_policy_explicit has them; lists, ratios and VW's labels go by position.
 * @param text     "{0: 1.0, 1: 5.0}", "class_weight='balanced'", "torch.tensor([1.0, 5.0])",
 *                 "scale_pos_weight=5", "is_unbalance=true", "-w1 5 -w-1 1", "--classweight
 *                 1:1,2:5", "CLASS_WEIGHTS = [STRUCT('a', 5.0)]", "AUTO_CLASS_WEIGHTS = TRUE", or a
 *                 call around them ("LogisticRegression(C=1, class_weight={'a': 5, 'b': 1})"), or
 *                 what sy_dialect_write writes
 * @param policy   out: a policy; free with sy_policy_free. NULL where the text is none of these
 * (then the status is SY_OK: it may be a policy of sy_policy_parse)
 * @param dialect  out, or NULL: name of the dialect it was read as, NULL where it is none
 * Fails with SY_INVALID_WEIGHT, SY_INVALID_ARGUMENT or SY_INVALID_COST where the text begins as one
 * of these and goes on wrong, naming the piece. */
SY_API sy_status sy_dialect_read(const char *text, sy_policy **policy, const char **dialect,
                                 sy_error *error);

/** Reads a cost matrix as Weka's .cost files have it: "Rows Columns", then the rows (actual class
 * by row, as here); or in the older format, a line "ACTUAL PREDICTED COST" for each mistake that
 * costs something else than 1, classes by position from 0. "%" begins a comment.
 * @param n_classes  K the matrix must be of
 * @param cost       (K, K) out
 * Fails with SY_INVALID_COST naming the line: another size, an expression, a cell that is no finite
 * number. */
SY_API sy_status sy_dialect_read_cost(const char *text, size_t n_classes, double *cost,
                                      sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
