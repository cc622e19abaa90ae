/* fit.h: an objective and a solver fit a predictor. */
#ifndef STEELYARD_FIT_H
#define STEELYARD_FIT_H

#include <steelyard/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a logistic predictor is fitted. */
typedef struct sy_fit_options {
  double l2;          /**< penalty >= 0 on coefficients, never intercepts; see sy_fit_logistic */
  double tolerance;   /**< converged when the gradient's 2-norm is at most this; default 1e-8, past
                         which the fit goes on while that is cheap; a looser one ends it at once */
  int max_iterations; /**< steps, >= 0; default 1000 (most are cheap: see docs/fitting.md) */
  const sy_predictor *start; /**< warm start of the same shape, or NULL */
  sy_progress progress;
} sy_fit_options;

/** Tolerance and iterations as above, l2 = -1 (meaning 1 / sum of row weights must be filled in by
 * the caller: sy_fit_logistic refuses a negative l2). */
SY_API sy_fit_options sy_fit_options_default(void);

/** How a fit ended. Not converging within the iterations is a result, no error. */
typedef struct sy_fit_result {
  double objective;     /**< value of the objective at the end */
  double gradient_norm; /**< 2-norm of its gradient over coefficients and intercepts */
  int iterations;       /**< outer iterations */
  bool converged;       /**< gradient_norm <= tolerance, or rounding beside the size of the rows */
  const char *solver;   /**< "Newton", or "L-BFGS" where no Hessian was made; static text */
} sy_fit_result;

/** Weighted logistic regression to the optimum: minimises
 *   (1 / sum_i w_i) sum_i w_i l_i + (l2 / 2) sum of squared coefficients,
 * l the cross-entropy. Two classes: one vector, sigmoid. K >= 3: K vectors, softmax, symmetric
 * penalty, intercepts summing to 0. Rows of weight 0 and ignored rows are absent. A class without
 * any weight is not learnt: its intercept is -inf and its coefficients 0 (so with two learnt
 * classes of K >= 3 the vectors are 0, the sigmoid's, and those not learnt).
 * Separable data with l2 = 0 has no optimum: the fit ends once the objective cannot fall or the
 * iterations are used up, with converged telling which.
 * @param rows       (n, D) encoded rows, finite, float32 or float64
 * @param ids        (n) class ids or SY_IGNORED
 * @param weights    (n) row x class weights >= 0, or NULL for ones (see sy_row_weights)
 * @param n_classes  K >= 2
 * @param predictor  out; free with sy_predictor_free
 * @param result     out, nullable
 * Same bits for any number of threads. Fails with SY_TOO_FEW_CLASSES (fewer than two with weight),
 * SY_NO_WEIGHT, SY_NO_ROWS, SY_INVALID_DATA (a value that is not finite, naming row and column),
 * SY_INVALID_LABEL and SY_INVALID_WEIGHT (naming the row), SY_INVALID_SHAPE, SY_INVALID_ARGUMENT,
 * SY_NUMERIC_FAILURE, SY_CANCELLED, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_fit_logistic(sy_matrix rows, const int32_t *ids, const double *weights,
                                 size_t n_classes, const sy_fit_options *options,
                                 sy_predictor **predictor, sy_fit_result *result, sy_error *error);

/** What moves the parameters of a network along its gradient. */
typedef enum sy_optimizer {
  SY_OPTIMIZER_ADAM,  /**< Kingma and Ba (2015): beta 0.9 and 0.999, epsilon 1e-8; weight decay is
                         added to the gradient */
  SY_OPTIMIZER_ADAMW, /**< Loshchilov and Hutter (2019): weight decay apart from the gradient */
  SY_OPTIMIZER_SGD    /**< with momentum, as PyTorch has it: v = momentum v + g, step -rate v */
} sy_optimizer;

/** Reads "adam", "adamw" or "sgd"; SY_INVALID_ARGUMENT lists them. */
SY_API sy_status sy_optimizer_parse(const char *text, sy_optimizer *optimizer, sy_error *error);

/** Its name, as sy_optimizer_parse reads it. */
SY_API const char *sy_optimizer_name(sy_optimizer optimizer);

/** How the learning rate goes over the steps of all epochs. */
typedef enum sy_schedule {
  SY_SCHEDULE_CONSTANT,
  SY_SCHEDULE_COSINE,   /**< from the rate down to 0 along half a cosine */
  SY_SCHEDULE_ONE_CYCLE /**< from a 25th up to the rate over 30 % of the steps, then down to a
                           250,000th, along cosines (Smith and Topin 2018) */
} sy_schedule;

/** Reads "constant", "cosine" or "one-cycle"; SY_INVALID_ARGUMENT lists them. */
SY_API sy_status sy_schedule_parse(const char *text, sy_schedule *schedule, sy_error *error);

/** Its name, as sy_schedule_parse reads it. */
SY_API const char *sy_schedule_name(sy_schedule schedule);

/** How a network is built and trained. */
typedef struct sy_network_options {
  const size_t *hidden; /**< (n_hidden) units of each hidden layer, 1 to 65,536; default 64, 32 */
  size_t n_hidden;      /**< 0 to 32 */
  sy_activation activation; /**< default relu */
  sy_layer_norm norm;       /**< default none */
  double dropout;           /**< share of hidden units left out of a step, 0 <= p < 1; default 0 */
  size_t embedding_width;   /**< numbers of a code, to 65,536; 0 (default) = min(50, 1.6 n^0.56),
                               rounded, of n codes */
  sy_optimizer optimizer;   /**< default adam */
  double learning_rate;     /**< > 0; default 0.001 */
  double momentum;          /**< of SGD, 0 <= m < 1; default 0.9 */
  double weight_decay;      /**< >= 0, on weights and embeddings, not on biases, gains and shifts;
                               default 0 */
  double clip;              /**< > 0: a gradient of a greater 2-norm is scaled down to it, before
                               weight decay is added; 0 (default) = never */
  sy_schedule schedule;     /**< default constant */
  double warm_up;           /**< epochs over which the rate rises from 0 along a line first, >= 0;
                               default 0 */
  int epochs;               /**< at most so many, >= 1; the schedule spans them; default 200 */
  int stop_after;           /**< ends after this epoch of them, as chosen elsewhere; 0 = no */
  size_t batch_size;        /**< rows of a step, >= 1 (an epoch's rows are cut into steps as evenly
                               as can be, none of more rows); 0 (default) = the largest power of two
                               of which an epoch has 128, but 32 to 1024 */
  int patience;             /**< ends after so many epochs without a lower loss on the rows held
                               back; 0 = never; default 10 */
  int reweight_from;        /**< deferred re-weighting (Cao 2019): class weights (or balanced
                               sampling) from this epoch on, counted from 1, ones before; the best
                               epoch is one of those; 0 (default) = from the beginning */
  bool balanced_sampling;   /**< draws classes equally often, and the rows of a class as often as
                               they weigh, instead of weighing: the same gradient in expectation as
                               class weights n / (K n_k). No class weights then but 0 and one other
                               number; ids only; default false */
  int restarts;             /**< networks trained from different beginnings, whose mean is the
                               predictor, 1 to 1000; default 1 */
  const sy_loss_options *loss; /**< parts of the loss: base, transform, parts, smoothing, costs;
                                  n_classes, class weights and reduction are the fit's own. NULL =
                                  plain cross-entropy: softmax of ids, sigmoid of several labels */
  uint64_t seed;               /**< of beginnings, shuffles, dropout; default 0 */
} sy_network_options;

/** The defaults above. */
SY_API sy_network_options sy_network_options_default(void);

/** Checks options alone: SY_INVALID_ARGUMENT says which is out of its range and what is right. */
SY_API sy_status sy_network_options_check(const sy_network_options *options, sy_error *error);

/** Rows to train a network or boosted trees on; views. */
typedef struct sy_training_data {
  sy_matrix rows;            /**< (n, D) encoded rows, finite; all arithmetic is of their type */
  const int32_t *ids;        /**< (n) classes or SY_IGNORED; NULL where there are labels */
  const float *labels;       /**< (n, L) several labels a row, 0 to 1, sigmoid; NULL where there are
                                ids */
  size_t n_outputs;          /**< K >= 2 classes or L >= 2 labels */
  const double *row_weights; /**< (n) >= 0, without class weights; or NULL for ones */
  const double *class_weights; /**< (K), or (L, 2) of absence and presence; NULL for ones */
  const float *row_costs; /**< (n, K) costs of each row by predicted class, for losses of costs; or
                             NULL */
  const uint8_t *held; /**< (n) 1 = held back: never trained on, but watched for early stopping; or
                          NULL */
  const sy_embedding *embeddings; /**< (n_embeddings) columns of codes; width is not looked at */
  size_t n_embeddings;
} sy_training_data;

/** One epoch as it went. */
typedef struct sy_epoch {
  int restart;          /**< from 1 */
  int epoch;            /**< from 1 */
  double learning_rate; /**< of its last step */
  double loss;          /**< mean over its steps of the objective on their rows, before each step */
  double held_loss;     /**< objective on the rows held back (with all class weights); NaN = none */
  double
      held_accuracy; /**< balanced accuracy there (of labels: mean over the labels); NaN = none */
  bool best;         /**< the lowest held loss so far (without held rows: the last) */
  double seconds;    /**< since the fit began (a resumed one: began again) */
  double rows_per_second; /**< of this epoch, held rows not counted */
  double seconds_left;    /**< until the last epoch, if none ends it earlier */
  bool is_round;          /**< of boosted trees: the epoch is a round of trees */
} sy_epoch;

/** Who looks on while a network is trained; all may be NULL. */
typedef struct sy_training_hooks {
  sy_progress progress;
  void (*epoch)(void *context, const sy_epoch *epoch); /**< after each epoch */
  void *epoch_context;
  /** Asked after every step whether the state is wanted now, */
  bool (*state_due)(void *context);
  /** and then given it; the bytes are gone afterwards. What it returns ends the fit unless SY_OK.
   */
  sy_status (*state)(void *context, const void *bytes, size_t size, sy_error *error);
  void *state_context;
  const void *resume; /**< (resume_size) a state to go on from: the same data and options end in the
                         same bits as without the interruption */
  size_t resume_size;
} sy_training_hooks;

/** How the training of a network ended. */
typedef struct sy_training_result {
  double loss;        /**< objective (without weight decay) of the parameters kept on the rows
                         trained on */
  double held_loss;   /**< on the rows held back; NaN without any; both are means over restarts */
  int epochs;         /**< epochs run, of the last restart */
  int best_epoch;     /**< whose parameters were kept, of the last restart */
  uint64_t steps;     /**< of all restarts */
  bool stopped_early; /**< by patience */
  char trouble[256];  /**< "" or: at which step the loss became infinite and why it may be; the best
                         parameters before that were kept (a network without any was left out) */
  sy_epoch *curve;    /**< (n_curve) all epochs of all restarts */
  size_t n_curve;
  size_t batch_size; /**< rows of a step, as it was given or chosen */
} sy_training_result;

/** Releases what a result holds and zeroes it; a zeroed one is legal. */
SY_API void sy_training_result_clear(sy_training_result *result);

/** Trains a network: minimises (1 / sum_i w_i) sum_i w_i l_i (and the weight decay), w = row weight
 * x class weight, by steps along (1 / (rows in batch x mean w)) sum over batch of w g: see
 * docs/networks.md. Of several labels, i goes over all labels of all rows. He's initialisation
 * (relu, gelu) or Glorot's (tanh), biases 0, those of the last layer such that the logits, as the
 * loss transforms them, are the log of the weighted shares of the classes (labels: their log-odds;
 * one that is never or always there counts half a row of the other kind). Rows of weight 0 and
 * ignored rows are absent. A class without any weight among the rows to train on is not learnt: its
 * bias is -inf, and rows of it that are held back are not looked at.
 * @param hooks      NULL for none
 * @param predictor  out; free with sy_predictor_free
 * @param result     out, nullable; release with sy_training_result_clear
 * The same data, options and seed give the same bits on any number of threads. Fails with
 * SY_INVALID_ARGUMENT (options; a state of other data or options, saying which), SY_INVALID_MODEL
 * (a damaged state), SY_TOO_FEW_CLASSES, SY_NO_WEIGHT, SY_NO_ROWS, SY_INVALID_DATA,
 * SY_INVALID_LABEL, SY_INVALID_WEIGHT, SY_INVALID_SHAPE, SY_NUMERIC_FAILURE (the loss became
 * infinite before any epoch ended), SY_CANCELLED, SY_OUT_OF_MEMORY. */
SY_API sy_status sy_fit_network(const sy_training_data *data, const sy_network_options *options,
                                const sy_training_hooks *hooks, sy_predictor **predictor,
                                sy_training_result *result, sy_error *error);

/** In what order a tree grows. */
typedef enum sy_grow_policy {
  SY_GROW_DEPTHWISE, /**< level by level */
  SY_GROW_LOSSGUIDE  /**< the split first that gains most */
} sy_grow_policy;

/** Reads "depthwise" or "lossguide"; SY_INVALID_ARGUMENT lists them. */
SY_API sy_status sy_grow_policy_parse(const char *text, sy_grow_policy *policy, sy_error *error);

/** Its name, as sy_grow_policy_parse reads it. */
SY_API const char *sy_grow_policy_name(sy_grow_policy policy);

/** How boosted trees are grown; names and meanings are those of XGBoost's parameters, and so are
 * the defaults, but for those of learning_rate, rounds and early_stopping_rounds. */
typedef struct sy_boosted_options {
  int rounds;                /**< trees of each logit at most, 1 to 100,000; default 1000 */
  int stop_after;            /**< ends after this round, as chosen elsewhere; 0 = no */
  int early_stopping_rounds; /**< ends after so many rounds without a lower loss on the rows held
                               back; 0 = never; default 20 */
  double learning_rate;      /**< eta, what each leaf is multiplied by, 0 < r <= 1; default 0.1 */
  int max_depth;  /**< splits one below the other, 0 (lossguide only: without limit) to 30;
                      default 6 */
  int max_leaves; /**< leaves of a tree, 0 = without limit, else 2 to 1,000,000; default 0 */
  sy_grow_policy grow_policy; /**< default depthwise */
  double min_child_weight;    /**< least sum of Hessians in a child, >= 0; default 1. Class
                                 weights are scaled to mean 1, so that it keeps its meaning */
  double gamma;               /**< least gain of a split, >= 0; default 0 */
  double reg_lambda;          /**< L2 penalty of leaves, >= 0; default 1 */
  double reg_alpha;           /**< L1 penalty of leaves, >= 0; default 0 */
  double
      max_delta_step; /**< a leaf is at most this before the rate, 0 = without limit; default 0 */
  double subsample;   /**< share of the rows of a round, drawn anew, 0 < s <= 1; default 1 */
  double colsample_bytree, colsample_bylevel, colsample_bynode; /**< shares of the columns, 0 < s <=
                               1; default 1 */
  int max_bin;                 /**< bins of a column at most, 2 to 65,535; default 256 */
  const sy_loss_options *loss; /**< as in sy_network_options; NULL = plain cross-entropy */
  uint64_t seed;               /**< of what is drawn; default 0 */
} sy_boosted_options;

/** The defaults above. */
SY_API sy_boosted_options sy_boosted_options_default(void);

/** Checks options alone: SY_INVALID_ARGUMENT says which is out of its range and what is right. */
SY_API sy_status sy_boosted_options_check(const sy_boosted_options *options, sy_error *error);

/** Version of XGBoost that trees are grown with, "1.7.4"; NULL where this library was built without
 * it or cannot load it: then sy_fit_boosted fails with SY_UNSUPPORTED, and all else works. The
 * first call loads XGBoost's library. */
SY_API const char *sy_xgboost_version(void);

/** Names a further place of XGBoost's shared library, which is tried where it is in none of the
 * usual ones; NULL takes it back. The path is copied. Says nothing once the library was found or
 * looked for in vain: to be called before sy_xgboost_version and the first training. Python's
 * package names the copy that XGBoost's own package has. Fails with SY_INVALID_ARGUMENT where the
 * path is longer than a path may be (4,095 bytes). */
SY_API sy_status sy_xgboost_locate(const char *path, sy_error *error);

/** Grows boosted trees with XGBoost (tree_method hist): minimises
 *   (1 / sum_i w_i) sum_i w_i l_i
 * by trees on its gradients and Hessians, w = row weight x class weight, class weights scaled to
 * mean 1 over the rows to train on, and row weights too where their mean is below 1: else a row of
 * weight k is k copies. They begin at the log of the weighted shares of the classes (as the loss
 * transforms logits). Of two classes one tree a round, for the logit of class 1; else K. Gradients
 * are rounded to multiples so that their sums are exact in double: the same trees on any number of
 * threads. A Hessian below that of a bounded step is raised to it: see docs/boosted.md. `data` has
 * ids, no labels, no embeddings; values that are NaN are missing; float64 is rounded to float32.
 * Rows of weight 0 and ignored rows are absent. A class without any weight among the rows to train
 * on is not learnt: its base is -inf.
 * @param hooks      NULL for none; an epoch is a round; no states are given or taken
 * @param predictor  out; free with sy_predictor_free
 * @param result     out, nullable; release with sy_training_result_clear. `steps` are trees
 * Fails with SY_UNSUPPORTED, SY_INVALID_ARGUMENT, SY_TOO_FEW_CLASSES, SY_NO_WEIGHT, SY_NO_ROWS,
 * SY_INVALID_DATA (an infinite value), SY_INVALID_LABEL, SY_INVALID_WEIGHT, SY_INVALID_SHAPE,
 * SY_NUMERIC_FAILURE, SY_CANCELLED, SY_OUT_OF_MEMORY. Not to be called from two threads at once. */
SY_API sy_status sy_fit_boosted(const sy_training_data *data, const sy_boosted_options *options,
                                const sy_training_hooks *hooks, sy_predictor **predictor,
                                sy_training_result *result, sy_error *error);

/** A model of XGBoost's own, read from its file. Zero-initialise; sy_xgboost_model_clear. */
typedef struct sy_xgboost_model {
  sy_predictor *predictor; /**< boosted trees; its base holds the model's base score */
  size_t n_features;
  char **features; /**< (n_features) names, or NULL where the file has none */
  size_t n_classes;
  char objective[32]; /**< "binary:logistic" */
  int version[3];     /**< of the XGBoost that wrote it */
} sy_xgboost_model;

/** Reads a model that XGBoost saved as JSON or UBJ (versions 1.3 to 3), without XGBoost: trees
 * (gbtree) of the objectives binary:logistic, binary:logitraw, multi:softprob and multi:softmax,
 * of at most 1,000,000 numbers. All trees count, as in XGBoost's Booster.predict, whatever
 * best_iteration says. Logits are XGBoost's margins but for rounding: leaves are summed in double.
 * The bytes are believed step by step.
 * @param what   the file's name, for messages
 * @param model  out
 * Fails with SY_INVALID_MODEL: no such file format, damaged, another booster (gblinear, dart),
 * objective or version, categorical splits, vector leaves; SY_OUT_OF_MEMORY. */
SY_API sy_status sy_xgboost_model_read(const void *bytes, size_t size, const char *what,
                                       sy_xgboost_model *model, sy_error *error);

/** Releases what a model holds and zeroes it; a zeroed one is legal. */
SY_API void sy_xgboost_model_clear(sy_xgboost_model *model);

#ifdef __cplusplus
}
#endif
#endif
