/* decision.h: what follows on the logits: correction, calibration, prior, decision; written as
 * nodes of a graph and read from its constants. */
#ifndef SY_ONNX_DECISION_H
#define SY_ONNX_DECISION_H

#include "onnx/graph.h"
#include "onnx/reading.h"
#include <steelyard/classifier.h>

/* Logits (N, K) -> the output of probabilities; returns its name. */
char *sy_graph_probabilities(sy_graph *graph, const sy_model *model, char *logits);

/* A node by the name of its part, with up to three inputs; those not needed are NULL. */
char *sy_graph_apply(sy_graph *graph, const char *operation, const char *part, char *a, char *b,
                     char *c);

/* Log-odds (N, K) that are corrected -> probabilities (N, K) by an isotonic map; returns the name
 * of the node. */
char *sy_graph_isotonic(sy_graph *graph, const sy_calibration *calibration, char *corrected);

/* Logits of weighted classes -> those of true probabilities.
 * @param of_classes  class weights of this shape, see sy_graph_doubles */
char *sy_graph_correction(sy_graph *graph, int64_t rows, int64_t columns, const double *of_classes,
                          char *logits);

/* Whether a label of a model of several has a map behind its correction. */
bool sy_model_has_calibrated_label(const sy_model *model);

/* Logits (N, L) of several labels -> both outputs, (N, L) each. */
void sy_graph_labels(sy_graph *graph, const sy_model *model, char *logits);

/* Probabilities -> the output of labels.
 * @param costs  (V) names of the inputs that vary by row */
void sy_graph_decision(sy_graph *graph, const sy_model *model, char *probabilities, char **costs);

/* What was read of all this; release with sy_reading_decision_clear (also on failure). */
typedef struct sy_read_decision {
  sy_cost_rule rule;
  sy_calibration *calibration;
  double *trained_prior; /* (K), or NULL */
  const double *prior;   /* points into the file, or NULL */
} sy_read_decision;

/* Reads them for n_classes classes.
 * @param trained_prior  what the metadata says of it, or NULL */
sy_status sy_reading_decision(sy_reading *reading, size_t n_classes, const char *trained_prior,
                              sy_read_decision *decision);
void sy_reading_decision_clear(sy_read_decision *decision);

/* Exactly n numbers with commas between. */
bool sy_reading_shares(const char *text, size_t n, double *shares);

/* What the metadata says under a key, or NULL. */
const char *sy_reading_metadata(const sy_reading *reading, const char *key);

/* Number of labels, where the graph is of several labels a row; else 0. */
size_t sy_reading_n_labels(const sy_reading *reading);

/* The classifier of several labels that follows on the encoder and the predictor, which are taken
 * over. */
sy_status sy_reading_labels(sy_reading *reading, sy_encoder *encoder, sy_predictor *predictor,
                            sy_model **model);

#endif
