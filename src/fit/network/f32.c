/* f32.c: networks of float32 numbers. */
#include "fit/network/loss.h"

#include "base/clones.h"
#include "base/error.h"
#include "base/exponential_f32.h"
#include "base/parallel.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

typedef float real;
typedef int32_t integer; /* as wide as real: what comparing gives */
#define real_sqrt sqrtf
/* Clones have names of their own in the library (base/clones.h). */
#define multiply_rows       multiply_rows_f32
#define multiply_sideways   multiply_sideways_f32
#define transpose           transpose_f32
#define add_rows            add_rows_f32
#define apply_relu          apply_relu_f32
#define apply_tanh          apply_tanh_f32
#define apply_gelu          apply_gelu_f32
#define normalise_rows      normalise_rows_f32
#define normalise_rows_back normalise_rows_back_f32
#define add_gains           add_gains_f32
#define normalise_units     normalise_units_f32
#define apply_units         apply_units_f32
#define add_squares         add_squares_f32
#define unnormalise_units   unnormalise_units_f32
#define times               times_f32
#define add_numbers         add_numbers_f32
#define drop_units          drop_units_f32

/* tanh a, to 4 units in the last place: near 0 its series, where the difference would lose digits.
 */
SY_INLINE float tanh_real(float a) {
  float size = fabsf(a), e = sy_exp_f32(-2 * size), square = a * a;
  float far = (1 - e) / (1 + e);
  float near =
      size + size * square *
                 (-0x1.555556p-2f +
                  square * (0x1.111112p-3f + square * (-0x1.ba1ba2p-5f + square * 0x1.664f48p-6f)));
  return copysignf(size < 0.25f ? near : far, a);
}

#include "fit/network/product.h"
#include "fit/network/units.h"
/* They go by those above. */
#include "fit/network/pass.h"

#include "fit/network/batch.h"

#include "fit/network/run.h"

sy_status sy_net_gradient_f32(sy_net *net, float *parameters, const sy_net_batch *batch,
                              float *gradient, sy_net_outcome *outcome, sy_error *error) {
  return find_gradient(net, parameters, batch, gradient, outcome, error);
}

sy_status sy_net_evaluate_f32(sy_net *net, const float *parameters, const sy_net_batch *batch,
                              double *logits, sy_net_outcome *outcome, sy_error *error) {
  return evaluate(net, parameters, batch, logits, outcome, error);
}
