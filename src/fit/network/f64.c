/* f64.c: networks of float64 numbers. */
#include "fit/network/loss.h"

#include "base/clones.h"
#include "base/error.h"
#include "base/exponential.h"
#include "base/parallel.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

typedef double real;
typedef int64_t integer; /* as wide as real: what comparing gives */
#define real_sqrt sqrt
/* Clones have names of their own in the library (base/clones.h). */
#define multiply_rows       multiply_rows_f64
#define multiply_sideways   multiply_sideways_f64
#define transpose           transpose_f64
#define add_rows            add_rows_f64
#define apply_relu          apply_relu_f64
#define apply_tanh          apply_tanh_f64
#define apply_gelu          apply_gelu_f64
#define normalise_rows      normalise_rows_f64
#define normalise_rows_back normalise_rows_back_f64
#define add_gains           add_gains_f64
#define normalise_units     normalise_units_f64
#define apply_units         apply_units_f64
#define add_squares         add_squares_f64
#define unnormalise_units   unnormalise_units_f64
#define times               times_f64
#define add_numbers         add_numbers_f64
#define drop_units          drop_units_f64

SY_INLINE double tanh_real(double a) {
  double m = sy_expm1(-2 * fabs(a));
  return copysign(m / (2 + m), a);
}

#include "fit/network/product.h"
#include "fit/network/units.h"
/* They go by those above. */
#include "fit/network/pass.h"

#include "fit/network/batch.h"

#include "fit/network/run.h"

sy_status sy_net_gradient_f64(sy_net *net, double *parameters, const sy_net_batch *batch,
                              double *gradient, sy_net_outcome *outcome, sy_error *error) {
  return find_gradient(net, parameters, batch, gradient, outcome, error);
}

sy_status sy_net_evaluate_f64(sy_net *net, const double *parameters, const sy_net_batch *batch,
                              double *logits, sy_net_outcome *outcome, sy_error *error) {
  return evaluate(net, parameters, batch, logits, outcome, error);
}
