/* units.h: what units make of their sums, forward and back, for the type of the file that
 * includes it. Rows are whole lanes; what is padding stays 0. */

/* --- activations: outputs take the place of the sums, `slopes` gets their derivatives. Those of
 * relu are known from the outputs. --- */

/* Written so that NaN stays NaN. */
SY_CLONES static void apply_relu(real *outputs, size_t n) {
  for (size_t i = 0; i < n; i++) outputs[i] = outputs[i] < 0 ? 0 : outputs[i];
}

SY_CLONES static void apply_tanh(real *restrict outputs, real *restrict slopes, size_t n) {
  for (size_t i = 0; i < n; i++) {
    real t = tanh_real(outputs[i]);
    outputs[i] = t;
    slopes[i] = 1 - t * t;
  }
}

/* sqrt(2 / pi), and what the cube is multiplied with. */
#define GELU_RATE (real)0.79788456080286535588
#define GELU_CUBE (real)0.044715

SY_CLONES static void apply_gelu(real *restrict outputs, real *restrict slopes, size_t n) {
  const real half = (real)0.5, cube = GELU_RATE * GELU_CUBE;
  for (size_t i = 0; i < n; i++) {
    real a = outputs[i], square = a * a, t = tanh_real(a * (GELU_RATE + cube * square));
    real above = half * (1 + t), steep = GELU_RATE + 3 * cube * square;
    outputs[i] = a * above;
    slopes[i] = above + half * a * (1 - t * t) * steep;
  }
}

static void activate(sy_activation activation, real *outputs, real *slopes, size_t n) {
  if (activation == SY_ACTIVATION_RELU)
    apply_relu(outputs, n);
  else if (activation == SY_ACTIVATION_TANH)
    apply_tanh(outputs, slopes, n);
  else
    apply_gelu(outputs, slopes, n);
}

/* --- normalisation over the units of a row --- */

SY_INLINE real add_across(const real lane[SY_NET_LANES]) {
  return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

/* y = gain (a - mean) / deviation + shift, in place. Padding of the sums is 0, and made so again:
 * gains and shifts are 0 there. */
SY_CLONES static void normalise_rows(real *restrict sums, size_t n, const sy_net_layer *layer,
                                     const real *restrict gains, const real *restrict shifts,
                                     real *restrict normal, real *restrict inverse) {
  size_t units = layer->units, stride = layer->stride;
  for (size_t i = 0; i < n; i++, sums += stride, normal += stride) {
    real lane[SY_NET_LANES] = {0}, square[SY_NET_LANES] = {0};
    for (size_t u = 0; u < stride; u += SY_NET_LANES)
      for (size_t l = 0; l < SY_NET_LANES; l++) lane[l] += sums[u + l];
    real mean = add_across(lane) / (real)units;
    for (size_t u = 0; u < stride; u++) normal[u] = sums[u] - mean;
    for (size_t u = units; u < stride; u++) normal[u] = 0;
    for (size_t u = 0; u < stride; u += SY_NET_LANES)
      for (size_t l = 0; l < SY_NET_LANES; l++) square[l] += normal[u + l] * normal[u + l];
    real scale = 1 / real_sqrt(add_across(square) / (real)units + (real)SY_NET_EPSILON);
    inverse[i * SY_NET_LANES] = scale;
    for (size_t u = 0; u < stride; u++) {
      normal[u] *= scale;
      sums[u] = gains[u] * normal[u] + shifts[u];
    }
  }
}

/* Back: gradients in y become those in a. */
SY_CLONES static void normalise_rows_back(real *restrict gradients, size_t n,
                                          const sy_net_layer *layer, const real *restrict gains,
                                          const real *restrict normal,
                                          const real *restrict inverse) {
  size_t units = layer->units, stride = layer->stride;
  for (size_t i = 0; i < n; i++, gradients += stride, normal += stride) {
    real lane[SY_NET_LANES] = {0}, slant[SY_NET_LANES] = {0};
    for (size_t u = 0; u < stride; u += SY_NET_LANES)
      for (size_t l = 0; l < SY_NET_LANES; l++) {
        real g = gradients[u + l] * gains[u + l];
        gradients[u + l] = g;
        lane[l] += g;
        slant[l] += g * normal[u + l];
      }
    real mean = add_across(lane) / (real)units, along = add_across(slant) / (real)units;
    real scale = inverse[i * SY_NET_LANES];
    for (size_t u = 0; u < stride; u++)
      gradients[u] = scale * (gradients[u] - mean - normal[u] * along);
    for (size_t u = units; u < stride; u++) gradients[u] = 0;
  }
}

/* Sums over rows of the gradients in y, and of those times what is normal: what the gradients of
 * shifts and gains are. */
SY_CLONES static void add_gains(const real *restrict gradients, const real *restrict normal,
                                size_t n, size_t stride, bool add, real *restrict gains,
                                real *restrict shifts) {
  for (size_t u = 0; u < stride && !add; u++) gains[u] = shifts[u] = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t u = 0; u < stride; u++) {
      shifts[u] += gradients[i * stride + u];
      gains[u] += gradients[i * stride + u] * normal[i * stride + u];
    }
}

/* --- normalisation of units over rows --- */

/* squares (stride) = sums over rows of (a - mean)^2. */
SY_CLONES static void add_squares(const real *restrict sums, size_t n, size_t stride,
                                  const real *restrict means, real *restrict squares) {
  for (size_t u = 0; u < stride; u++) squares[u] = 0;
  for (size_t i = 0; i < n; i++)
    for (size_t u = 0; u < stride; u++) {
      real off = sums[i * stride + u] - means[u];
      squares[u] += off * off;
    }
}

/* Each unit with numbers of its own: normal = (a - mean) inverse, y = gain normal + shift. */
SY_CLONES static void normalise_units(real *restrict sums, size_t n, size_t stride,
                                      const real *restrict means, const real *restrict inverse,
                                      const real *restrict gains, const real *restrict shifts,
                                      real *restrict normal) {
  for (size_t i = 0; i < n; i++)
    for (size_t u = 0; u < stride; u++) {
      size_t at = i * stride + u;
      normal[at] = (sums[at] - means[u]) * inverse[u];
      sums[at] = gains[u] * normal[at] + shifts[u];
    }
}

/* Back: gradients in y become those in a, share (g - mean g - normal mean(g normal)). */
SY_CLONES static void unnormalise_units(real *restrict gradients, size_t n, size_t stride,
                                        const real *restrict shares, const real *restrict means,
                                        const real *restrict along, const real *restrict normal) {
  for (size_t i = 0; i < n; i++)
    for (size_t u = 0; u < stride; u++) {
      size_t at = i * stride + u;
      gradients[at] = shares[u] * (gradients[at] - means[u] - normal[at] * along[u]);
    }
}

/* --- dropout --- */

/* Units are kept where 16 random bits say so; what is kept is divided by how likely that was. */
typedef struct keeping {
  uint64_t key;
  uint32_t below; /* of 65,536 */
  real scale;
} keeping;

enum { DRAWN_WORDS = 4, WORDS_AT_ONCE = 32 };

static keeping keeping_of(const sy_net *net, const sy_net_batch *batch, size_t layer) {
  uint32_t words[4];
  sy_random_words(batch->seed, SY_STREAM_DROPOUT, batch->member * 64 + (uint32_t)layer, batch->step,
                  words);
  uint32_t below = (uint32_t)lrint((1 - net->dropout) * 65536);
  if (below < 1) below = 1;
  return (keeping){words[0] | (uint64_t)words[1] << 32, below, (real)65536 / (real)below};
}

/* Two runs of n units: the lower halves of the words are for the first, the upper for the second.
 */
SY_CLONES static void drop_units(const uint32_t *restrict words, size_t n, uint32_t below,
                                 real scale, real *restrict units) {
  for (size_t u = 0; u < n; u++) {
    units[u] *= (words[u] & 0xffff) < below ? scale : 0;
    units[n + u] *= words[u] >> 16 < below ? scale : 0;
  }
}

/* @param slopes  NULL of relu */
static void drop(keeping keep, size_t first_row, size_t n, size_t stride, real *outputs,
                 real *slopes) {
  uint32_t words[WORDS_AT_ONCE];
  for (size_t i = 0; i < n; i++, outputs += stride, slopes += slopes ? stride : 0)
    for (size_t u = 0, half; u < stride; u += 2 * half) {
      half = stride - u < 2 * WORDS_AT_ONCE ? (stride - u) / 2 : WORDS_AT_ONCE;
      for (size_t w = 0; w < half; w += DRAWN_WORDS)
        sy_random_words(keep.key, SY_STREAM_DROPOUT, (uint32_t)(u / 2 + w), first_row + i,
                        words + w);
      drop_units(words, half, keep.below, keep.scale, outputs + u);
      if (slopes) drop_units(words, half, keep.below, keep.scale, slopes + u);
    }
}
