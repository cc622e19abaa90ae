/* classifier_labels.h: classifiers of several labels a row. Each label is there or not, whatever
 * the others are: raw columns -> encoder -> predictor -> one logit a label, and then for each label
 * what a classifier of two classes does with its logits {0, z}: - ln(class weights) -> calibration
 * map -> probability -> decision, to the same bits as such a classifier alone. */
#ifndef STEELYARD_CLASSIFIER_LABELS_H
#define STEELYARD_CLASSIFIER_LABELS_H

#include <steelyard/classifier.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a classifier of several labels is made of, besides its encoder and predictor. All is
 * copied. Of the two classes of a label 0 is its absence, 1 its presence. */
typedef struct sy_label_parts {
  const char *const *labels;   /**< (L) names, distinct */
  size_t n_labels;             /**< L >= 2, as many as the predictor has logits */
  const double *class_weights; /**< (L, 2) weights it was trained with, or NULL for ones */
  const double *costs; /**< (L, 2, 2) costs that decide, row = actual, or NULL: a mistake costs 1 */
  const sy_decision_source *sources;         /**< (L) where they come from; NULL = plain */
  const sy_calibration *const *calibrations; /**< (L) maps of two classes behind the correction,
                                                NULL for a label without one; NULL = none at all */
  const double *trained_prior; /**< (L, 2) shares in training, by row weight; NULL = not known */
} sy_label_parts;

/** Puts a classifier of several labels together.
 * @param encoder    taken over, freed with the model (also on failure)
 * @param predictor  taken over, freed with the model (also on failure); its K logits are those of
 * the presence of L = K labels
 * @param model      out; free with sy_model_free
 * Fails with SY_INVALID_SHAPE, SY_INVALID_COST, SY_INVALID_ARGUMENT (shares that are none; an
 * isotonic map; an encoder that is raw before anything but trees), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_model_new_labels(sy_encoder *encoder, sy_predictor *predictor,
                                     const sy_label_parts *parts, sy_model **model,
                                     sy_error *error);

/** Number of labels L of a classifier of several labels a row; 0 of one class a row. Of several
 * labels sy_model_n_classes is L too, sy_model_classes are their names, and sy_model_class_weights
 * is (L, 2); rules, calibrations and priors belong to each label and the calls for them of a whole
 * model fail or give none; sy_model_score, sy_scorer_run and sy_model_decide fail. */
SY_API size_t sy_model_n_labels(const sy_model *model);

/** Label `label` as a classifier of two classes, "not NAME" and "NAME": class weights, costs,
 * source, calibration, trained prior and the words of its decision. It has neither encoder nor
 * predictor (NULL) and scores nothing by itself. Lives as long as the model. */
SY_API const sy_model *sy_model_label(const sy_model *model, size_t label);

/** Replaces the costs that decide one label.
 * @param cost  (2, 2) row = actual
 * Fails with SY_INVALID_SHAPE (no such label), SY_INVALID_COST, SY_OUT_OF_MEMORY; the model stays
 * as it was. */
SY_API sy_status sy_model_set_label_rule(sy_model *model, size_t label, const double *cost,
                                         sy_decision_source source, sy_error *error);

/** Replaces the calibration map of one label; NULL takes it away.
 * @param calibration  of two classes, temperature or vector, copied
 * Fails with SY_INVALID_SHAPE, SY_INVALID_ARGUMENT (isotonic), SY_OUT_OF_MEMORY; the model stays as
 * it was. */
SY_API sy_status sy_model_set_label_calibration(sy_model *model, size_t label,
                                                const sy_calibration *calibration, sy_error *error);

/** Scores all rows of a frame, threads over blocks.
 * @param probabilities  (rows, L) out: of the presence of each label, corrected and calibrated; or
 * NULL
 * @param decisions      (rows, L) out: 1 = there, 0 = not; or NULL
 * Fails as sy_model_score, and with SY_INVALID_ARGUMENT for a model of one class a row. */
SY_API sy_status sy_model_score_labels(const sy_model *model, const sy_frame *frame,
                                       double *probabilities, uint8_t *decisions, sy_error *error);

/** Scores rows [begin, end) of the frame a scorer is bound to, to the bits of
 * sy_model_score_labels; the outputs are of these rows alone. Fails as sy_scorer_run, and with
 * SY_INVALID_ARGUMENT for a model of one class a row. */
SY_API sy_status sy_scorer_run_labels(const sy_scorer *scorer, size_t begin, size_t end,
                                      double *probabilities, uint8_t *decisions, sy_error *error);

/** Decides the labels of a row; see sy_model_decide. No allocation, same bits as
 * sy_model_score_labels.
 * @param decisions      (L) out; or NULL
 * @param probabilities  (L) out; or NULL
 * Fails as sy_model_decide, and with SY_INVALID_ARGUMENT for a model of one class a row. */
SY_API sy_status sy_model_decide_labels(const sy_model *model, sy_row *row, uint8_t *decisions,
                                        double *probabilities, sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
