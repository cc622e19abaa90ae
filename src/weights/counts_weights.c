/* counts_weights.c: weights from counts of any kind of label: the classes of one label, or a pair
 * of absence and presence for each of several. */
#include "base/error.h"
#include "base/memory.h"
#include "weights/policy.h"
#include "weights/weighing.h"

#include <math.h>

/* --- one label a position --- */

/* What was counted of the images, NULL where they were not images. */
static double *holding_of(const sy_counts *counts, double *holding, size_t n_classes) {
  for (size_t k = 0; k < n_classes; k++) {
    holding[k] = sy_counts_holding(counts, k);
    if (isnan(holding[k])) return NULL;
  }
  return holding;
}

static sy_status weigh_classes(const sy_policy *policy, sy_normalize normalize,
                               const sy_counts *counts, double *weights, sy_error *error) {
  size_t n = sy_counts_n_classes(counts);
  double *numbers = sy_alloc(n, 2 * sizeof *numbers);
  if (!numbers) return sy_fail_memory(error);
  for (size_t k = 0; k < n; k++) numbers[k] = sy_counts_weight(counts, k);
  sy_weighing weighing = {.classes = sy_counts_classes(counts),
                          .counts = numbers,
                          .holding = holding_of(counts, numbers + n, n),
                          .n_classes = n};
  sy_status status = sy_weigh(policy, normalize, &weighing, weights, error);
  free(numbers);
  return status;
}

/* --- several labels a row --- */

static const char *const sides[] = {"absent", "present"};

/* Rows without and with label l; false where it is always or never there, so that there is nothing
 * to weigh. */
static bool read_pair(const sy_counts *counts, size_t l, double pair[2]) {
  const sy_counts *label = sy_counts_label(counts, l);
  pair[0] = sy_counts_weight(label, 0);
  pair[1] = sy_counts_weight(label, 1);
  return pair[0] > 0 && pair[1] > 0;
}

/* Explicit weights name labels and are those of their presence: (L). */
static sy_status explicit_presence(const sy_policy *policy, const sy_counts *counts,
                                   double *presence, sy_error *error) {
  size_t n = sy_counts_n_labels(counts);
  double *varying = sy_alloc(n, sizeof *varying); /* how often, 0 for those that never change */
  if (!varying) return sy_fail_memory(error);
  for (size_t l = 0; l < n; l++) {
    double pair[2];
    varying[l] = read_pair(counts, l, pair) ? pair[1] : 0;
  }
  sy_status status =
      sy_explicit_weigh(policy, "label", sy_counts_labels(counts), varying, n, presence, error);
  free(varying);
  return status;
}

static sy_status weigh_pair(const sy_policy *policy, sy_normalize normalize, const double pair[2],
                            double presence, double weights[2], sy_error *error) {
  if (policy->kind) {
    sy_weighing weighing = {.classes = sides, .counts = pair, .n_classes = 2, .pair = true};
    return sy_weigh(policy, normalize, &weighing, weights, error);
  }
  weights[0] = 1;
  weights[1] = presence;
  return sy_weights_finish(normalize, sides, pair, 2, weights, error);
}

static sy_status weigh_pairs(const sy_policy *policy, sy_normalize normalize,
                             const sy_counts *counts, const double *presence, double *weights,
                             sy_error *error) {
  for (size_t l = 0; l < sy_counts_n_labels(counts); l++) {
    sy_error inner = {SY_OK, ""};
    double pair[2];
    weights[2 * l] = weights[2 * l + 1] = 1;
    if (!read_pair(counts, l, pair)) continue;
    sy_status status =
        weigh_pair(policy, normalize, pair, presence ? presence[l] : 1, weights + 2 * l, &inner);
    if (status == SY_OK) continue;
    if (status == SY_OUT_OF_MEMORY) return sy_fail_memory(error); /* of no label in particular */
    char shown[SY_SHOWN_SIZE];
    return sy_fail(error, status, "label '%s': %s", sy_shown(sy_counts_labels(counts)[l], shown),
                   inner.text);
  }
  return SY_OK;
}

static sy_status weigh_labels(const sy_policy *policy, sy_normalize normalize,
                              const sy_counts *counts, double *weights, sy_error *error) {
  if (policy->kind && policy->kind->not_for_labels)
    return sy_fail(error, SY_INVALID_POLICY, "policy '%s' %s", policy->text,
                   policy->kind->not_for_labels);
  if (policy->kind) return weigh_pairs(policy, normalize, counts, NULL, weights, error);
  double *presence = sy_alloc(sy_counts_n_labels(counts), sizeof *presence);
  if (!presence) return sy_fail_memory(error);
  sy_status status = explicit_presence(policy, counts, presence, error);
  if (status == SY_OK) status = weigh_pairs(policy, normalize, counts, presence, weights, error);
  free(presence);
  return status;
}

sy_status sy_counts_weights(const sy_policy *policy, sy_normalize normalize,
                            const sy_counts *counts, double *weights, sy_error *error) {
  if (sy_counts_n_labels(counts) > 0)
    return weigh_labels(policy, normalize, counts, weights, error);
  if (sy_counts_classes(counts)) return weigh_classes(policy, normalize, counts, weights, error);
  return sy_fail(error, SY_INVALID_ARGUMENT, "the classes of these counts have no names");
}
