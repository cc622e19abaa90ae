/* profile.c: a profile at hand: where a number falls in it. */
#include "features/profile.h"

#include "features/encoder.h"
#include <stdlib.h>

size_t sy_profile_bin(const sy_profile *profile, double value) {
  size_t bin = 0;
  while (bin + 1 < profile->n_bins && value > profile->edges[bin]) bin++;
  return bin;
}

void sy_profile_clear(sy_profile *profile) {
  free(profile->edges);
  free(profile->shares);
  *profile = (sy_profile){0};
}

const sy_profile *sy_encoder_profile(const sy_encoder *encoder, size_t input) {
  const sy_profile *profile = &encoder->inputs[input].profile;
  return profile->n_bins > 0 ? profile : NULL;
}
