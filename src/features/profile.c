/* profile.c: a profile at hand: where a number falls in it. */
#include "features/profile.h"

#include "features/encoder.h"
#include <stdlib.h>

size_t sy_profile_bin(const sy_profile *profile, double value) {
  size_t bin = 0;
  while (bin + 1 < profile->n_bins && value > profile->edges[bin]) bin++;
  return bin;
}

void sy_profile_code_bins(const sy_profile *profile, size_t n_codes, uint32_t *bins) {
  size_t listed = profile->n_bins - 2;
  for (size_t code = 0; code < n_codes; code++) bins[code] = (uint32_t)listed;
  for (size_t b = 0; b < listed; b++) bins[profile->codes[b]] = (uint32_t)b;
  bins[n_codes - 1] = (uint32_t)listed + 1;
}

void sy_profile_clear(sy_profile *profile) {
  free(profile->edges);
  free(profile->shares);
  free(profile->codes);
  *profile = (sy_profile){0};
}

const sy_profile *sy_encoder_profile(const sy_encoder *encoder, size_t input) {
  const sy_profile *profile = &encoder->inputs[input].profile;
  return profile->n_bins > 0 ? profile : NULL;
}
