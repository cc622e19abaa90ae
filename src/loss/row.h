/* row.h: losses of one row, with their probabilities and residuals (the gradient in the logits). No
 * probability is ever put into a logarithm: all goes by differences to the largest logit, so
 * results are finite for all finite logits. A logit of -inf (a class that was not learnt) has
 * probability 0.
 */
#ifndef SY_LOSS_ROW_H
#define SY_LOSS_ROW_H

#include <math.h>
#include <stddef.h>

/* Index of the largest logit, the first on ties. */
static inline size_t sy_largest_logit(const double *logits, size_t n_classes) {
  size_t largest = 0;
  for (size_t k = 1; k < n_classes; k++)
    if (logits[k] > logits[largest]) largest = k;
  return largest;
}

/* Softmax of one row into probabilities (n_classes, may be the logits themselves); returns the loss
 * logsumexp(z) - z[label]. The largest class enters as 1 + (all others), so that log1p keeps the
 * digits of a tiny loss. */
static inline double sy_softmax_row(const double *logits, size_t n_classes, size_t label,
                                    double *probabilities) {
  size_t largest = sy_largest_logit(logits, n_classes);
  double top = logits[largest], gap = top - logits[label], others = 0;
  for (size_t k = 0; k < n_classes; k++) {
    double e = k == largest ? 1 : exp(logits[k] - top);
    if (k != largest) others += e;
    probabilities[k] = e;
  }
  double scale = 1 / (1 + others);
  for (size_t k = 0; k < n_classes; k++) probabilities[k] *= scale;
  return log1p(others) + (label == largest ? 0 : gap);
}

/* Turns softmax probabilities into d loss / d logits = p - [k = label]. The entry of the label is
 * minus the sum of the others: p - 1 would lose the digits of a row that is nearly certain. */
static inline void sy_softmax_residual(double *probabilities, size_t n_classes, size_t label) {
  double others = 0;
  for (size_t k = 0; k < n_classes; k++)
    if (k != label) others += probabilities[k];
  probabilities[label] = -others;
}

/* Loss of one logit x for label 0 or 1, softplus(x) or softplus(-x); *p1 becomes 1 / (1 + e^-x). */
static inline double sy_sigmoid_row(double logit, int label, double *p1) {
  double e = exp(-fabs(logit));
  *p1 = (logit >= 0 ? 1 : e) / (1 + e);
  double toward_wrong = label ? -logit : logit;
  return (toward_wrong > 0 ? toward_wrong : 0) + log1p(e);
}

/* d loss / d logit = sigmoid(x) - label, with the digits of a row that is nearly certain. */
static inline double sy_sigmoid_residual(double logit, int label) {
  double e = exp(-fabs(logit));
  if (label) return -(logit >= 0 ? e : 1) / (1 + e);
  return (logit >= 0 ? 1 : e) / (1 + e);
}

#endif
