/* class_weights.c: from counts to class weights: formula, range, normalisation. */
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "weights/normalize.h"
#include "weights/policy.h"
#include "weights/weighing.h"

#include <math.h>

/* The classes that are present, packed: formulas and normalisers see only these. */
typedef struct present {
  size_t *ids;        /* (n) their class ids */
  double *counts;     /* (n) */
  double *holding;    /* (n) where there are images */
  double *weights;    /* (n) */
  const char **names; /* (n) */
  size_t n;
} present;

static void clear_present(present *p) {
  free(p->ids);
  free(p->counts);
  free(p->holding);
  free(p->weights);
  free(p->names);
}

static sy_status check_kind(const sy_policy *policy, const sy_weighing *weighing, sy_error *error) {
  if (weighing->pair || !policy->kind || !policy->kind->not_for_classes) return SY_OK;
  return sy_fail(error, SY_INVALID_POLICY, "policy '%s' %s", policy->text,
                 policy->kind->not_for_classes);
}

static sy_status check_counts(const sy_weighing *weighing, sy_error *error) {
  const double *counts = weighing->counts;
  for (size_t k = 0; k < weighing->n_classes; k++) {
    if (counts[k] >= 0 && isfinite(counts[k])) continue;
    char shown[SY_SHOWN_SIZE], text[SY_NUMBER_SIZE];
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "the count %s of class '%s' is not usable; it must be 0 or more and finite",
                   sy_number_format(counts[k], text), sy_shown(weighing->classes[k], shown));
  }
  if (isfinite(sy_sum(counts, weighing->n_classes))) return SY_OK;
  return sy_fail(error, SY_INVALID_WEIGHT, "the counts of the classes add up to infinity");
}

static sy_status pack(const sy_weighing *weighing, present *p, sy_error *error) {
  size_t n_classes = weighing->n_classes;
  p->ids = sy_alloc(n_classes, sizeof *p->ids);
  p->counts = sy_alloc(n_classes, sizeof *p->counts);
  p->holding = sy_alloc(n_classes, sizeof *p->holding);
  p->weights = sy_alloc(n_classes, sizeof *p->weights);
  p->names = sy_alloc(n_classes, sizeof *p->names);
  if (!p->ids || !p->counts || !p->holding || !p->weights || !p->names)
    return sy_fail_memory(error);
  for (size_t k = 0; k < n_classes; k++) {
    if (weighing->counts[k] == 0) continue;
    p->ids[p->n] = k;
    p->counts[p->n] = weighing->counts[k];
    p->holding[p->n] = weighing->holding ? weighing->holding[k] : 0;
    p->names[p->n++] = weighing->classes[k];
  }
  if (p->n > 0) return SY_OK;
  return sy_fail(error, SY_NO_WEIGHT, "no class has a row with a weight above 0");
}

static sy_shares measure(const sy_weighing *weighing, const present *p) {
  sy_shares shares = {.counts = p->counts,
                      .holding = weighing->holding ? p->holding : NULL,
                      .names = p->names,
                      .ids = p->ids,
                      .n_classes = p->n,
                      .n_declared = weighing->n_classes,
                      .total = sy_sum(p->counts, p->n),
                      .smallest = p->counts[0],
                      .largest = p->counts[0]};
  for (size_t k = 1; k < p->n; k++) {
    if (p->counts[k] < shares.smallest) shares.smallest = p->counts[k];
    if (p->counts[k] > shares.largest) shares.largest = p->counts[k];
  }
  return shares;
}

/* A formula that leaves the range of numbers is refused. Mistakes may cost nothing, though: then
 * the class weighs 0. */
static sy_status apply_formula(const sy_policy *policy, const sy_weighing *weighing,
                               const present *p, sy_error *error) {
  sy_shares shares = measure(weighing, p);
  sy_status status = policy->kind->weigh(policy, &shares, p->weights, error);
  if (status != SY_OK) return status;
  for (size_t k = 0; k < p->n; k++) {
    bool usable = p->weights[k] > 0 || (p->weights[k] == 0 && policy->cost);
    if (usable && isfinite(p->weights[k])) continue;
    char shown[SY_SHOWN_SIZE], text[SY_NUMBER_SIZE];
    return sy_fail(error, SY_INVALID_POLICY,
                   "policy '%s' gives class '%s' the weight %s, which cannot be trained with",
                   policy->text, sy_shown(p->names[k], shown),
                   sy_number_format(p->weights[k], text));
  }
  return SY_OK;
}

/* Explicit weights are looked up among all classes, so that one for an absent class is no mistake.
 */
static sy_status apply_explicit(const sy_policy *policy, const sy_weighing *weighing,
                                const present *p, sy_error *error) {
  double *all = sy_alloc(weighing->n_classes, sizeof *all);
  if (!all) return sy_fail_memory(error);
  sy_status status = sy_explicit_weigh(policy, "class", weighing->classes, weighing->counts,
                                       weighing->n_classes, all, error);
  for (size_t k = 0; k < p->n && status == SY_OK; k++) p->weights[k] = all[p->ids[k]];
  free(all);
  return status;
}

/* Products of weights, counts and losses must neither overflow nor vanish. */
static sy_status check_range(const char *const *names, const double *weights, size_t n,
                             sy_error *error) {
  static const double smallest = 1e-100, largest = 1e100;
  for (size_t k = 0; k < n; k++) {
    if (weights[k] == 0 || (weights[k] >= smallest && weights[k] <= largest)) continue;
    char shown[SY_SHOWN_SIZE], text[SY_NUMBER_SIZE];
    return sy_fail(
        error, SY_INVALID_WEIGHT,
        "the weight %s of class '%s' is out of range: scale the weights to between 1e-100 "
        "and 1e100",
        sy_number_format(weights[k], text), sy_shown(names[k], shown));
  }
  return SY_OK;
}

sy_status sy_weights_finish(sy_normalize normalize, const char *const *names, const double *counts,
                            size_t n, double *weights, sy_error *error) {
  sy_status status = sy_weights_normalize(normalize, counts, n, weights, error);
  return status == SY_OK ? check_range(names, weights, n, error) : status;
}

static sy_status weigh_present(const sy_policy *policy, sy_normalize normalize,
                               const sy_weighing *weighing, present *p, sy_error *error) {
  sy_status status = pack(weighing, p, error);
  if (status != SY_OK) return status;
  status = policy->kind ? apply_formula(policy, weighing, p, error)
                        : apply_explicit(policy, weighing, p, error);
  if (status != SY_OK) return status;
  return sy_weights_finish(normalize, p->names, p->counts, p->n, p->weights, error);
}

sy_status sy_weigh(const sy_policy *policy, sy_normalize normalize, const sy_weighing *weighing,
                   double *weights, sy_error *error) {
  sy_status status = check_kind(policy, weighing, error);
  if (status == SY_OK) status = check_counts(weighing, error);
  if (status != SY_OK) return status;
  present p = {0};
  status = weigh_present(policy, normalize, weighing, &p, error);
  if (status == SY_OK) {
    for (size_t k = 0; k < weighing->n_classes; k++) weights[k] = 1;
    for (size_t k = 0; k < p.n; k++) weights[p.ids[k]] = p.weights[k];
  }
  clear_present(&p);
  return status;
}

sy_status sy_class_weights(const sy_policy *policy, sy_normalize normalize,
                           const char *const *classes, const double *counts, size_t n_classes,
                           double *weights, sy_error *error) {
  sy_weighing weighing = {.classes = classes, .counts = counts, .n_classes = n_classes};
  return sy_weigh(policy, normalize, &weighing, weights, error);
}
