/* model.h: a predictor, the parameters of a family of models: encoded rows in, logits out. */
#ifndef STEELYARD_MODEL_H
#define STEELYARD_MODEL_H

#include <steelyard/loss.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Parameters of a family, mapping D encoded numbers to K logits. */
typedef struct sy_predictor sy_predictor;

/** A logistic predictor: logits z_k = intercept_k + sum_j coefficients[k * D + j] x_j.
 * With n_vectors = 1 there are two classes and the logits are {0, z}; else n_vectors = K.
 * An intercept of -inf marks a class that was not learnt: its probability is 0.
 * @param coefficients  (n_vectors, D) row-major, copied, finite
 * @param intercepts    (n_vectors) copied, finite or -inf
 * @param predictor     out; free with sy_predictor_free
 * Fails with SY_INVALID_SHAPE, SY_INVALID_ARGUMENT, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_predictor_logistic(size_t n_features, size_t n_classes, size_t n_vectors,
                                       const double *coefficients, const double *intercepts,
                                       sy_predictor **predictor, sy_error *error);

/** What a unit of a hidden layer makes of its sum a. */
typedef enum sy_activation {
  SY_ACTIVATION_RELU, /**< max(a, 0) */
  SY_ACTIVATION_GELU, /**< a / 2 (1 + tanh(sqrt(2 / pi) (a + 0.044715 a^3))): Hendrycks and Gimpel
                         (2016), the form with tanh */
  SY_ACTIVATION_TANH  /**< tanh(a) */
} sy_activation;

/** Reads "relu", "gelu" or "tanh"; SY_INVALID_ARGUMENT lists them. */
SY_API sy_status sy_activation_parse(const char *text, sy_activation *activation, sy_error *error);

/** Its name, as sy_activation_parse reads it. */
SY_API const char *sy_activation_name(sy_activation activation);

/** What is done to the sums of a hidden layer before they are activated. */
typedef enum sy_layer_norm {
  SY_NORM_NONE,
  SY_NORM_BATCH, /**< each unit over the rows of a batch; a trained network has it folded into its
                    weights (Ioffe and Szegedy 2015) */
  SY_NORM_LAYER  /**< each row over its units: gain (a - mean) / sqrt(variance + 1e-5) + shift (Ba,
                    Kiros and Hinton 2016) */
} sy_layer_norm;

/** Reads "none", "batch" or "layer"; SY_INVALID_ARGUMENT lists them. */
SY_API sy_status sy_layer_norm_parse(const char *text, sy_layer_norm *norm, sy_error *error);

/** Its name, as sy_layer_norm_parse reads it. */
SY_API const char *sy_layer_norm_name(sy_layer_norm norm);

/** An encoded column that holds codes 0 .. n_values - 1: each code stands for `width` numbers. */
typedef struct sy_embedding {
  size_t column;   /**< which of the D encoded columns */
  size_t n_values; /**< codes; >= 1 */
  size_t width;    /**< numbers of a code; >= 1 */
} sy_embedding;

/** The shape of a network. Its first layer takes the encoded columns that hold no codes, in their
 * order, then the numbers of each embedding; the last one gives the logits. */
typedef struct sy_network_shape {
  size_t n_features;    /**< D encoded columns, >= 1 */
  size_t n_outputs;     /**< K logits, >= 1 */
  const size_t *hidden; /**< (n_hidden) units of each hidden layer, >= 1 each */
  size_t n_hidden;      /**< hidden layers; 0 = logits linear in the inputs */
  sy_activation activation;
  sy_layer_norm norm;             /**< of a predictor: none or layer */
  const sy_embedding *embeddings; /**< (n_embeddings), columns rising */
  size_t n_embeddings;
} sy_network_shape;

/** Numbers that are the parameters of a network without batch normalisation, in this order: the
 * table (n_values, width) of each embedding; then for each layer its weights (inputs, units), its
 * biases (units) and, of a hidden layer under layer normalisation, gains (units) and shifts
 * (units). 0 where the shape is none or they are more than memory could hold. */
SY_API size_t sy_network_n_parameters(const sy_network_shape *shape);

/** A network, or the mean of several of one shape: of the logits, a geometric mean of
 * probabilities, whose log-loss is never more than the mean of theirs.
 * @param shape       copied; n_outputs >= 2, no batch normalisation
 * @param parameters  (n_members, sy_network_n_parameters) copied; finite, but a bias of the last
 *                    layer may be -inf: a class that was not learnt, of probability 0
 * @param n_members   >= 1
 * @param predictor   out; free with sy_predictor_free
 * Fails with SY_INVALID_SHAPE, SY_INVALID_ARGUMENT, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_predictor_network(const sy_network_shape *shape, const double *parameters,
                                      size_t n_members, sy_predictor **predictor, sy_error *error);

/** Shape of a network; NULL of another family. Lives as long as the predictor. */
SY_API const sy_network_shape *sy_predictor_shape(const sy_predictor *predictor);

/** Number of networks whose mean a predictor is; 0 of another family. */
SY_API size_t sy_predictor_n_members(const sy_predictor *predictor);

/** (n_members, P) parameters of a network; NULL of another family. Lives as long as it. */
SY_API const double *sy_predictor_parameters(const sy_predictor *predictor);

/** A node of a tree of a forest. */
typedef struct sy_tree_node {
  uint32_t feature;  /**< encoded column that is looked at, or SY_TREE_LEAF */
  uint32_t left;     /**< place among the nodes, greater than the node's own: where x < value */
  uint32_t right;    /**< likewise: where it is not */
  float value;       /**< finite; of a leaf: what it adds to the logit */
  bool missing_left; /**< where a row goes whose x is missing (NaN) */
} sy_tree_node;

/** The feature of a node that is a leaf. */
#define SY_TREE_LEAF UINT32_MAX

/** Boosted trees. The logit of output o is base_o plus the sum of the leaves that the row comes to
 * in the trees of o: summed in double in the order of the trees and rounded to float32 once, as the
 * TreeEnsembleRegressor of ONNX gives it, before the base is added. Values of rows are looked at as
 * float32, as XGBoost does. */
typedef struct sy_forest {
  size_t n_features;         /**< D encoded columns, >= 1 */
  size_t n_outputs;          /**< 1 (of two classes: the logit of class 1, that of class 0 is 0) or
                                  K */
  const double *base;        /**< (n_outputs) finite, or -inf: a class that was not learnt */
  const sy_tree_node *nodes; /**< (n_nodes) those of a tree follow each other, its root first */
  size_t n_nodes;
  const size_t *roots;     /**< (n_trees) rising; roots[0] = 0: a tree ends where the next begins
                            */
  const uint32_t *outputs; /**< (n_trees) which logit a tree adds to */
  size_t n_trees;          /**< 0 = the base alone */
} sy_forest;

/** Boosted trees.
 * @param forest     copied; checked throughout, so that no walk can leave its tree or go on for
 * ever
 * @param n_classes  K >= 2
 * @param predictor  out; free with sy_predictor_free
 * Fails with SY_INVALID_SHAPE, SY_INVALID_ARGUMENT (naming the node), SY_OUT_OF_MEMORY. */
SY_API sy_status sy_predictor_boosted(const sy_forest *forest, size_t n_classes,
                                      sy_predictor **predictor, sy_error *error);

/** The trees of a predictor; NULL of another family. Lives as long as the predictor. */
SY_API const sy_forest *sy_predictor_forest(const sy_predictor *predictor);

/** Frees a predictor; NULL is legal. */
SY_API void sy_predictor_free(sy_predictor *predictor);

/** Name of the family: "logistic", "mlp" or "boosted". */
SY_API const char *sy_predictor_family(const sy_predictor *predictor);

/** Number of encoded features D. */
SY_API size_t sy_predictor_n_features(const sy_predictor *predictor);

/** Number of classes K. */
SY_API size_t sy_predictor_n_classes(const sy_predictor *predictor);

/** Number of coefficient vectors of a logistic predictor: 1 (two classes) or K; 0 of another
 * family.
 */
SY_API size_t sy_predictor_n_vectors(const sy_predictor *predictor);

/** (n_vectors, D) coefficients; NULL of another family. Lives as long as the predictor. */
SY_API const double *sy_predictor_coefficients(const sy_predictor *predictor);

/** (n_vectors) intercepts; NULL of another family. Lives as long as the predictor. */
SY_API const double *sy_predictor_intercepts(const sy_predictor *predictor);

/** Logits of encoded rows, float64 sums in a fixed order: the same bits row by row and by block.
 * @param rows    (n, D) encoded rows
 * @param logits  (n, K) out, row-major
 * Runs on the calling thread; callers cut rows into blocks. Fails with SY_INVALID_SHAPE. */
SY_API sy_status sy_predictor_logits(const sy_predictor *predictor, sy_matrix rows, double *logits,
                                     sy_error *error);

#ifdef __cplusplus
}
#endif
#endif
