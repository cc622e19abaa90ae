/* audit.c: what a set of class weights does to the data, in figures. */
#include "weights/audit.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "weights/warnings.h"

#include <math.h>

static sy_status check_weights(const char *const *classes, const double *weights, size_t n_classes,
                               sy_error *error) {
  for (size_t k = 0; k < n_classes; k++) {
    if (weights[k] >= 0 && isfinite(weights[k])) continue;
    char shown[SY_SHOWN_SIZE], text[SY_NUMBER_SIZE];
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "the weight %s of class '%s' is not usable; it must be 0 or more and finite",
                   sy_number_format(weights[k], text), sy_shown(classes[k], shown));
  }
  return SY_OK;
}

static sy_status allocate(size_t n_classes, sy_audit *audit, sy_error *error) {
  audit->n_classes = n_classes;
  audit->classes = sy_alloc_zero(n_classes, sizeof *audit->classes);
  return audit->classes ? SY_OK : sy_fail_memory(error);
}

static void set_counts(sy_audit *audit, const sy_counts *counts, const double *weights) {
  for (size_t k = 0; k < audit->n_classes; k++) {
    audit->classes[k].count = sy_counts_weight(counts, k);
    audit->classes[k].rows = sy_counts_rows(counts, k);
    audit->classes[k].weight = weights[k];
  }
  audit->rows = sy_counts_positions(counts) - sy_counts_ignored(counts);
}

/* Shares are taken of weights divided by the largest, so that no sum leaves the range. */
static double largest_weight(const sy_audit *audit) {
  double largest = 0;
  for (size_t k = 0; k < audit->n_classes; k++) largest = fmax(largest, audit->classes[k].weight);
  return largest;
}

static double imbalance_ratio(const sy_audit *audit) {
  double smallest = INFINITY, largest = 0;
  for (size_t k = 0; k < audit->n_classes; k++) {
    double count = audit->classes[k].count;
    if (count == 0) continue;
    smallest = fmin(smallest, count);
    largest = fmax(largest, count);
  }
  return largest > 0 ? largest / smallest : 1;
}

/* Fills totals[3] with the sums over classes of r, r c and r c^2. */
static void sum_totals(const sy_audit *audit, double *terms, double totals[3]) {
  double largest = largest_weight(audit);
  for (size_t k = 0; k < audit->n_classes; k++) {
    double c = largest > 0 ? audit->classes[k].weight / largest : 0;
    terms[3 * k] = audit->classes[k].count;
    terms[3 * k + 1] = audit->classes[k].count * c;
    terms[3 * k + 2] = audit->classes[k].count * c * c;
    audit->classes[k].weight_share = terms[3 * k + 1];
  }
  sy_tree_sum(terms, audit->n_classes, 3);
  for (size_t j = 0; j < 3; j++) totals[j] = terms[j];
}

static sy_status set_shares(sy_audit *audit, sy_error *error) {
  double *terms = sy_alloc(audit->n_classes + 1, 3 * sizeof *terms);
  if (!terms) return sy_fail_memory(error);
  double totals[3];
  sum_totals(audit, terms, totals);
  free(terms);
  audit->weighted_rows = totals[0];
  for (size_t k = 0; k < audit->n_classes; k++) {
    sy_audit_class *class = &audit->classes[k];
    class->share = totals[0] > 0 ? class->count / totals[0] : 0;
    class->weight_share = totals[1] > 0 ? class->weight_share / totals[1] : 0;
  }
  audit->effective_rows = totals[1] > 0 ? totals[1] * (totals[1] / totals[2]) : 0;
  audit->imbalance_ratio = imbalance_ratio(audit);
  return SY_OK;
}

sy_status sy_audit_figures(const char *const *classes, const sy_counts *counts,
                           const double *weights, size_t n_classes, sy_audit *audit,
                           sy_error *error) {
  *audit = (sy_audit){0};
  sy_status status = check_weights(classes, weights, n_classes, error);
  if (status == SY_OK) status = allocate(n_classes, audit, error);
  if (status != SY_OK) return status;
  set_counts(audit, counts, weights);
  return set_shares(audit, error);
}

static sy_status add_warnings(const sy_policy *policy, const char *const *classes, sy_audit *audit,
                              sy_error *error) {
  if (!(audit->weighted_rows > 0))
    return sy_fail(error, SY_NO_WEIGHT, "no class has a row with a weight above 0");
  audit->warnings = sy_messages_new();
  if (!audit->warnings) return sy_fail_memory(error);
  sy_status status = sy_weights_warn(policy, classes, audit, error);
  return status == SY_OK ? sy_messages_check(audit->warnings, error) : status;
}

sy_status sy_audit_make(const sy_policy *policy, const char *const *classes,
                        const sy_counts *counts, const double *weights, size_t n_classes,
                        sy_audit *audit, sy_error *error) {
  *audit = (sy_audit){0};
  if (n_classes == 0) return sy_fail(error, SY_TOO_FEW_CLASSES, "there are no classes to audit");
  sy_status status = sy_audit_figures(classes, counts, weights, n_classes, audit, error);
  if (status == SY_OK) status = add_warnings(policy, classes, audit, error);
  if (status != SY_OK) sy_audit_clear(audit);
  return status;
}

size_t sy_audit_commonest(const sy_audit *audit) {
  size_t commonest = 0;
  for (size_t k = 1; k < audit->n_classes; k++)
    if (audit->classes[k].count > audit->classes[commonest].count) commonest = k;
  return commonest;
}

size_t sy_audit_rarest(const sy_audit *audit) {
  size_t rarest = sy_audit_commonest(audit);
  for (size_t k = audit->n_classes; k-- > 0;) {
    double count = audit->classes[k].count;
    if (count > 0 && count <= audit->classes[rarest].count) rarest = k;
  }
  return rarest;
}

void sy_audit_clear(sy_audit *audit) {
  free(audit->classes);
  sy_messages_free(audit->warnings);
  *audit = (sy_audit){0};
}
