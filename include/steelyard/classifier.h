/* classifier.h: the handle. Raw columns -> encoder -> predictor -> logits - ln(class weights) ->
 * log-probabilities -> calibration map -> + ln(new prior / trained prior) -> probabilities ->
 * decision, by block and row by row, to the same bits. */
#ifndef STEELYARD_CLASSIFIER_H
#define STEELYARD_CLASSIFIER_H

#include <steelyard/decide.h>
#include <steelyard/features.h>
#include <steelyard/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A trained classifier. */
typedef struct sy_model sy_model;

/** What a classifier is made of, besides its encoder and predictor. All is copied. */
typedef struct sy_model_parts {
  const char *const *classes; /**< (K) names, distinct */
  size_t n_classes;
  const double *class_weights; /**< (K) the weights it was trained with, or NULL for ones */
  const sy_cost_rule *rule;    /**< what decides: plain, implied, given or tuned costs, K classes;
                                  NULL: every mistake costs 1 */
  sy_decision_source source;
  int positive;                      /**< two classes: the positive one; else -1 */
  const sy_calibration *calibration; /**< map behind the correction, or NULL */
  const double *trained_prior; /**< (K) shares of the classes in training, by row weight, summing to
                                  1; NULL = not known: then no new prior can be set */
  const double *prior; /**< (K) shares where the model is used, see sy_model_set_prior; or NULL */
} sy_model_parts;

/** Puts a classifier together.
 * @param encoder    taken over, freed with the model (also on failure)
 * @param predictor  taken over, freed with the model (also on failure)
 * @param model      out; free with sy_model_free
 * Fails with SY_INVALID_SHAPE, SY_INVALID_ARGUMENT (as the calls that set a rule, a calibration or
 * a prior; shares of classes that are none; two classes of one name; an encoder that is raw before
 * a predictor that knows no missing values: only trees do), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_model_new(sy_encoder *encoder, sy_predictor *predictor,
                              const sy_model_parts *parts, sy_model **model, sy_error *error);

/** Frees a classifier; NULL is legal. */
SY_API void sy_model_free(sy_model *model);

/** Its encoder. Lives as long as the model. */
SY_API const sy_encoder *sy_model_encoder(const sy_model *model);

/** Its predictor. Lives as long as the model. */
SY_API const sy_predictor *sy_model_predictor(const sy_model *model);

/** Number of classes K. */
SY_API size_t sy_model_n_classes(const sy_model *model);

/** (K) class names. Lives as long as the model. */
SY_API const char *const *sy_model_classes(const sy_model *model);

/** (K) class weights it was trained with. */
SY_API const double *sy_model_class_weights(const sy_model *model);

/** The costs that decide. Lives until the rule is replaced or the model freed. */
SY_API const sy_cost_rule *sy_model_cost_rule(const sy_model *model);

/** (K, K) those of them that do not vary by row; 0 where they do. */
SY_API const double *sy_model_cost(const sy_model *model);

/** Where those costs come from. */
SY_API sy_decision_source sy_model_decision_source(const sy_model *model);

/** The positive class of two, or -1. */
SY_API int sy_model_positive(const sy_model *model);

/** The calibration map, or NULL. Lives until it is replaced or the model freed. */
SY_API const sy_calibration *sy_model_calibration(const sy_model *model);

/** (K) shares of the classes in training, by row weight; NULL = not known (format 1). */
SY_API const double *sy_model_trained_prior(const sy_model *model);

/** (K) shares of the classes where the model is used, as sy_model_set_prior was given them; NULL =
 * those of the training. */
SY_API const double *sy_model_prior(const sy_model *model);

/** What the name of a column of costs begins with: an expression "amount" of the rule is read from
 * a number column "cost: amount". */
#define SY_COST_COLUMN "cost: "

/** Replaces the decision rule. What a rule with expressions asks for, a number column
 * "cost: EXPRESSION" each, is then needed beside the columns of the encoder wherever a decision is
 * asked for (frames, rows, the ONNX graph); the caller computes it. Rows and scorers made before
 * are of no use afterwards.
 * @param rule  K classes, copied
 * Fails with SY_INVALID_SHAPE, SY_INVALID_COST (a fixed cost that is not finite),
 * SY_INVALID_ARGUMENT (a column of the model is called so already), SY_OUT_OF_MEMORY; the model
 * stays as it was. */
SY_API sy_status sy_model_set_rule(sy_model *model, const sy_cost_rule *rule,
                                   sy_decision_source source, sy_error *error);

/** Replaces the calibration map; NULL takes it away.
 * @param calibration  copied
 * Fails with SY_INVALID_SHAPE, SY_OUT_OF_MEMORY; the model stays as it was. */
SY_API sy_status sy_model_set_calibration(sy_model *model, const sy_calibration *calibration,
                                          sy_error *error);

/** Tells the model how frequent its classes are where it is used: p'_k = p_k prior_k / trained
 * prior_k, normalised. Always relative to the training, whatever was set before.
 * @param prior  (K) shares >= 0 that sum to 1 within 1e-6; copied; NULL = those of the training
 * Fails with SY_INVALID_ARGUMENT (no shares; a share above 0 of a class without rows in training;
 * the prior of the training is not known), SY_OUT_OF_MEMORY; the model stays as it was. */
SY_API sy_status sy_model_set_prior(sy_model *model, const double *prior, sy_error *error);

/** Writes the decision rule in words, without a newline: "damage at p >= 0.167, from given costs",
 * "damage at p >= 0.231, tuned for f1" (by the note "decision tuned for"), "never damage, ..."; for
 * K >= 3 "least expected cost, ..."; "..., from given costs that vary by row"; a new prior is told.
 * At most `size` bytes, zero included. */
SY_API void sy_model_describe_decision(const sy_model *model, char *text, size_t size);

/** Sets note `key` to `value` (copied; NULL takes the note away): how it was trained, which column
 * the label was. Notes travel in the model file in the order first set; they never change a
 * prediction. SY_OUT_OF_MEMORY. */
SY_API sy_status sy_model_set_note(sy_model *model, const char *key, const char *value,
                                   sy_error *error);

/** Note `key`, or NULL. Lives until it is set again or the model is freed. */
SY_API const char *sy_model_note(const sy_model *model, const char *key);

/** Number of notes. */
SY_API size_t sy_model_n_notes(const sy_model *model);

/** Key of note `index`. */
SY_API const char *sy_model_note_key(const sy_model *model, size_t index);

/** Scores all rows of a frame, threads over blocks.
 * @param frame              raw columns, and for decisions at costs that vary their columns; those
 *                           the model does not use are ignored
 * @param log_probabilities  (rows, K) out: corrected, calibrated, of the prior that was set; or
 * NULL
 * @param probabilities      (rows, K) out, the same; or NULL
 * @param decisions          (rows) out, class ids; or NULL
 * Fails with SY_MISSING_COLUMN, SY_INVALID_DATA (a cost that is not finite, naming row and
 * expression, among others), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_model_score(const sy_model *model, const sy_frame *frame,
                                double *log_probabilities, double *probabilities,
                                int32_t *decisions, sy_error *error);

/** A model bound to a frame, for scoring it in parts: columns are found and texts looked up once.
 */
typedef struct sy_scorer sy_scorer;

/** Binds a model to a frame; both must outlive the scorer.
 * @param frame   raw columns; those the model does not use are ignored
 * @param scorer  out; free with sy_scorer_free
 * Fails with SY_MISSING_COLUMN, SY_INVALID_DATA, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_scorer_new(const sy_model *model, const sy_frame *frame, sy_scorer **scorer,
                               sy_error *error);

/** Scores rows [begin, end) of the frame, to the bits of sy_model_score; threads over blocks. The
 * outputs are of these rows alone: (end - begin, K) and (end - begin), each may be NULL.
 * Fails with SY_INVALID_SHAPE, SY_OUT_OF_MEMORY, SY_INVALID_ARGUMENT where the rule was replaced
 * since; SY_INVALID_DATA where the numbers of a row lie too far from those of the training for any
 * probability. With decisions and costs that vary: SY_MISSING_COLUMN, and SY_INVALID_DATA for a
 * cost that is not finite. */
SY_API sy_status sy_scorer_run(const sy_scorer *scorer, size_t begin, size_t end,
                               double *log_probabilities, double *probabilities, int32_t *decisions,
                               sy_error *error);

/** Frees a scorer; NULL is legal. */
SY_API void sy_scorer_free(sy_scorer *scorer);

/** One row for one thread: values set by column, then decided; scratch memory included. Threads
 * with a row each may share a model. */
typedef struct sy_row sy_row;

/** A row of `model` with every value missing; NULL when out of memory. Free with sy_row_free
 * before the model. */
SY_API sy_row *sy_row_new(const sy_model *model);

/** Frees a row; NULL is legal. */
SY_API void sy_row_free(sy_row *row);

/** Makes every value missing again. */
SY_API void sy_row_clear(sy_row *row);

/** Index of raw column `name`, or of column of costs "cost: EXPRESSION", for the setters below; -1
 * where the model does not use it. */
SY_API int sy_row_column(const sy_row *row, const char *name);

/** Sets number, boolean (0, 1) or date (days since 1970-01-01) of a column; NaN = missing. False
 * where there is no such column or it is text. */
SY_API bool sy_row_set_number(sy_row *row, int column, double value);

/** Sets the text of a column; NULL or "" = missing. It is looked up at once and not kept. False
 * where there is no such column or it is no text. */
SY_API bool sy_row_set_text(sy_row *row, int column, const char *value);

/** The same by the name of the column, at the price of looking it up; false, too, where the model
 * does not use it. */
SY_API bool sy_row_set_number_by_name(sy_row *row, const char *name, double value);

/** See sy_row_set_number_by_name. */
SY_API bool sy_row_set_text_by_name(sy_row *row, const char *name, const char *value);

/** Decides a row; its values stay for the next one until they are set again. No allocation, same
 * bits as sy_model_score.
 * @param decision       out: class id; or NULL, and then no costs are asked for
 * @param probabilities  (K) out, corrected; or NULL
 * Fails with SY_INVALID_ARGUMENT where the row belongs to another model or the rule was replaced
 * since, SY_INVALID_DATA where its numbers lie too far from those of the training for any
 * probability, or a cost is not finite. */
SY_API sy_status sy_model_decide(const sy_model *model, sy_row *row, int *decision,
                                 double *probabilities, sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
