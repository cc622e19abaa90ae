/* loss.h: a loss that was checked, as the kernels see it; and what they are given of a batch. */
#ifndef SY_LOSS_LOSS_H
#define SY_LOSS_LOSS_H

#include <steelyard/loss.h>

/* A function phi of lp = log p (softmax: of the label's class; sigmoid: of the side that is true),
 * of which the loss is made: cross-entropy is -lp, focal loss -(1 - p)^gamma lp.
 * For n numbers lp <= 0 (-inf allowed), float64: value phi(lp) and its first and second derivatives
 * with respect to lp; `first` and `second` may be NULL, both or `second` alone. Finite but for the
 * value at -inf. Where p is nearly 1 `second` may be huge (focal, gamma < 1: it grows like
 * (1 - p)^(gamma - 1)), and what it is multiplied by in the Hessian, (1 - p)^2 for the class
 * itself, is to be computed from the sum of the other probabilities. A loop that becomes vectors.
 */
typedef void sy_bend_function(const double *parameters, const double *log_p, size_t n,
                              double *value, double *first, double *second);

typedef struct sy_bend {
  sy_bend_function *apply;
  double parameters[4];
} sy_bend;

struct sy_loss {
  sy_loss_base base;
  size_t n_classes;
  /* Softmax (K), sigmoid (L, 2). Never NULL. */
  double *class_weights;
  /* z'_k = slopes_k z_k + offsets_k - margins_k [k = label], the scale multiplied in; NULL = 1, 0,
   * 0 throughout. */
  double *slopes, *offsets, *margins;
  double scale; /* what slopes, offsets and margins are multiplied by once all parts are applied */
  sy_bend bend; /* apply is NULL for cross-entropy */
  double smoothing;
  sy_cost_use cost_use;
  double *cost; /* (K, K) or NULL */
  bool weigh_by_prediction;
  sy_reduction reduction;
  double divisor;
};

/* True where nothing but class weights and the reduction was asked for: plain cross-entropy. */
bool sy_loss_is_plain(const sy_loss *loss);

#endif
