/* profile_texts.c: the profile of a column of texts, whose values were counted already. */
#include "base/memory.h"
#include "features/profile.h"
#include <math.h>

/* Values of a text with codes that have a bin of their own: what a line of the model file can well
 * hold, and more bins would tell a shift no better. */
enum { MOST_BINS = 64 };

sy_status sy_profile_start(sy_profile_rows all, size_t n_bins, size_t n_edges,
                           sy_profile *profile) {
  *profile = (sy_profile){.weight = all.weight,
                          .effective_rows = fmax(1, all.weight * (all.weight / all.squares))};
  profile->shares = sy_alloc(n_bins, sizeof *profile->shares);
  profile->edges = n_edges ? sy_alloc(n_edges, sizeof *profile->edges) : NULL;
  profile->n_bins = n_bins;
  return profile->shares && (profile->edges || !n_edges) ? SY_OK : SY_OUT_OF_MEMORY;
}

/* A bin for each level, and one for all other values where there are any. */
static sy_status profile_levels(const sy_level_summary *texts, sy_profile_rows all,
                                sy_profile *profile) {
  size_t n = texts->levels.n, n_bins = n + (texts->distinct > n ? 1 : 0);
  sy_status status = sy_profile_start(all, n_bins, 0, profile);
  if (status) return status;
  for (size_t i = 0; i < n; i++) profile->shares[i] = texts->level_weights[i] / all.weight;
  if (n_bins > n) profile->shares[n] = texts->other_share;
  return SY_OK;
}

/* A code, and what the rows with it weigh. */
typedef struct weighed {
  double weight;
  uint32_t code;
} weighed;

static int by_weight(const void *a, const void *b) {
  const weighed *left = a, *right = b;
  if (left->weight != right->weight) return left->weight > right->weight ? -1 : 1;
  return left->code < right->code ? -1 : 1;
}

static int by_code(const void *a, const void *b) {
  uint32_t left = ((const weighed *)a)->code, right = ((const weighed *)b)->code;
  return (left > right) - (left < right);
}

/* The list sorted by weight becomes the bins. */
static void fill_bins(weighed *list, size_t n, size_t listed, double all, sy_profile *profile) {
  double rest = 0;
  for (size_t i = listed; i < n; i++) rest += list[i].weight;
  qsort(list, listed, sizeof *list, by_code);
  for (size_t i = 0; i < listed; i++) {
    profile->codes[i] = list[i].code;
    profile->shares[i] = list[i].weight / all;
  }
  profile->shares[listed] = rest / all;
}

static sy_status profile_codes(const sy_level_summary *texts, sy_profile_rows all,
                               sy_profile *profile) {
  size_t n = texts->levels.n, listed = n < MOST_BINS ? n : MOST_BINS;
  sy_status status = sy_profile_start(all, listed + 2, 0, profile);
  weighed *list = sy_alloc(n, sizeof *list);
  profile->codes = sy_alloc(listed, sizeof *profile->codes);
  if (!status && list && profile->codes) {
    for (size_t i = 0; i < n; i++) list[i] = (weighed){texts->level_weights[i], (uint32_t)i};
    qsort(list, n, sizeof *list, by_weight);
    fill_bins(list, n, listed, all.weight, profile);
    profile->shares[listed + 1] = texts->other_share;
  } else {
    status = SY_OUT_OF_MEMORY;
  }
  free(list);
  return status;
}

sy_status sy_profile_texts(const sy_level_summary *texts, sy_profile_rows all,
                           sy_profile *profile) {
  sy_status status = (texts->coded ? profile_codes : profile_levels)(texts, all, profile);
  profile->missing = texts->missing_weight / all.weight;
  return status;
}
