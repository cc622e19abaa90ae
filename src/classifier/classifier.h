/* classifier.h: what a classifier is made of, for the files of this room. */
#ifndef SY_CLASSIFIER_CLASSIFIER_H
#define SY_CLASSIFIER_CLASSIFIER_H

#include <steelyard/classifier.h>

typedef struct sy_note {
  char *key, *value; /* owned */
} sy_note;

struct sy_model {
  sy_encoder *encoder;
  sy_predictor *predictor;
  char **classes; /* (K) */
  size_t n_classes;
  double *class_weights; /* (K) */
  double *cost;          /* (K, K) */
  sy_decision_source source;
  int positive;
  sy_note *notes;
  size_t n_notes;
};

/* Encoded rows on the calling thread -> what sy_model_score gives, for `n` rows; both ways of
 * scoring end here, so both give the same bits.
 * @param log_probabilities  (n, K) out
 * @param probabilities      (n, K) out, or NULL where `decisions` is
 * @param decisions          (n) out, or NULL */
void sy_model_finish(const sy_model *model, const double *encoded, size_t n,
                     double *log_probabilities, double *probabilities, int32_t *decisions);

/* A threshold 0..1 for people: "0.167", and more digits for one that would read as 0. Returns
 * `text`. */
const char *sy_threshold_text(double threshold, char text[SY_NUMBER_SIZE]);

#endif
