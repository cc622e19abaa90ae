/* compare.c: the listed policies side by side on the same counts. */
#include "base/error.h"
#include "base/memory.h"
#include "weights/audit.h"
#include "weights/policy.h"

#include <math.h>
#include <string.h>

/* Weights of two policies are the same, or multiples, to this many digits. */
static const double same = 1e-9;

static size_t n_weights(const sy_comparison *comparison) {
  return comparison->n_labels > 0 ? 2 * comparison->n_labels : comparison->n_classes;
}

/* --- which ones are the same --- */

/* Whether the weights of a part are `factor` times those of another policy; absent classes do not
 * matter, which weigh 1 under any. A factor that is NaN stands for any above 0. */
static bool is_multiple(const sy_counts *counts, const double *weights, const double *other,
                        size_t n, double factor) {
  for (size_t k = 0; k < n; k++) {
    if (!(sy_counts_weight(counts, k) > 0)) continue;
    if ((weights[k] > 0) != (other[k] > 0)) return false;
    if (weights[k] > 0 && isnan(factor)) factor = weights[k] / other[k];
    if (weights[k] > 0 && !(fabs(weights[k] - factor * other[k]) <= same * weights[k]))
      return false;
  }
  return true;
}

static bool all_are_multiples(const sy_comparison *comparison, const sy_counts *counts,
                              const double *weights, const double *other, double factor) {
  if (comparison->n_labels == 0)
    return is_multiple(counts, weights, other, comparison->n_classes, factor);
  for (size_t l = 0; l < comparison->n_labels; l++)
    if (!is_multiple(sy_counts_label(counts, l), weights + 2 * l, other + 2 * l, 2, factor))
      return false;
  return true;
}

static size_t first_like(const sy_comparison *comparison, const sy_counts *counts, size_t p,
                         double factor) {
  const double *weights = comparison->policies[p].weights;
  for (size_t earlier = 0; earlier < p; earlier++)
    if (all_are_multiples(comparison, counts, weights, comparison->policies[earlier].weights,
                          factor))
      return earlier;
  return p;
}

/* --- figures of one policy --- */

/* Keeps the warnings that policy "none" does not draw as well: those are of the data. */
static void keep_own_warnings(const sy_messages *drawn, const sy_messages *of_data,
                              sy_messages *own) {
  for (size_t i = 0; i < sy_messages_count(drawn); i++) {
    const char *line = sy_messages_get(drawn, i);
    bool is_own = true;
    for (size_t j = 0; j < sy_messages_count(of_data) && is_own; j++)
      is_own = strcmp(line, sy_messages_get(of_data, j)) != 0;
    if (is_own) sy_messages_add(own, "%s", line);
  }
}

static void take_figures(sy_comparison *comparison, sy_compared_policy *one,
                         const sy_audit *audits) {
  for (size_t part = 0; part < comparison->n_parts; part++) {
    size_t rarest = sy_audit_rarest(&audits[part]);
    comparison->rarest[part] = rarest;
    one->rarest_shares[part] = audits[part].classes[rarest].weight_share;
    one->effective_rows[part] = audits[part].effective_rows;
  }
}

static void take_warnings(sy_comparison *comparison, sy_compared_policy *one,
                          const sy_messages *drawn) {
  bool first = comparison->n_policies == 0; /* "none" */
  keep_own_warnings(drawn, first ? NULL : comparison->warnings,
                    first ? comparison->warnings : one->warnings);
}

static sy_status audit_classes(const sy_policy *policy, const sy_counts *counts,
                               sy_comparison *comparison, sy_compared_policy *one,
                               sy_error *error) {
  sy_audit audit;
  sy_status status = sy_audit_make(policy, sy_counts_classes(counts), counts, one->weights,
                                   comparison->n_classes, &audit, error);
  if (status != SY_OK) return status;
  take_figures(comparison, one, &audit);
  take_warnings(comparison, one, audit.warnings);
  sy_audit_clear(&audit);
  return SY_OK;
}

static sy_status audit_labels(const sy_policy *policy, const sy_counts *counts,
                              sy_comparison *comparison, sy_compared_policy *one, sy_error *error) {
  sy_label_audits audits;
  sy_status status = sy_label_audits_make(policy, counts, one->weights, &audits, error);
  if (status != SY_OK) return status;
  take_figures(comparison, one, audits.labels);
  take_warnings(comparison, one, audits.warnings);
  sy_label_audits_clear(&audits);
  return SY_OK;
}

static void clear_one(sy_compared_policy *one) {
  free(one->text);
  free(one->weights);
  free(one->rarest_shares);
  free(one->effective_rows);
  sy_messages_free(one->warnings);
}

static sy_status allocate_one(const sy_policy *policy, const sy_comparison *comparison,
                              sy_compared_policy *one, sy_error *error) {
  *one = (sy_compared_policy){
      .text = sy_copy_text(policy->text),
      .weights = sy_alloc(n_weights(comparison), sizeof *one->weights),
      .rarest_shares = sy_alloc(comparison->n_parts, sizeof *one->rarest_shares),
      .effective_rows = sy_alloc(comparison->n_parts, sizeof *one->effective_rows),
      .warnings = sy_messages_new()};
  bool whole = one->text && one->weights && one->rarest_shares && one->effective_rows;
  return whole && one->warnings ? SY_OK : sy_fail_memory(error);
}

static sy_status weigh_and_audit(const sy_policy *policy, const sy_counts *counts,
                                 sy_comparison *comparison, sy_compared_policy *one,
                                 sy_error *error) {
  sy_status status = allocate_one(policy, comparison, one, error);
  if (status == SY_OK)
    status = sy_counts_weights(policy, SY_NORMALIZE_NONE, counts, one->weights, error);
  if (status != SY_OK) return status;
  status = comparison->n_labels > 0 ? audit_labels(policy, counts, comparison, one, error)
                                    : audit_classes(policy, counts, comparison, one, error);
  return status == SY_OK ? sy_messages_check(one->warnings, error) : status;
}

/* --- all of them --- */

static bool applies(const sy_policy *policy, const sy_comparison *comparison, const double *cost) {
  const sy_policy_kind *kind = policy->kind;
  if (sy_policy_needs_cost(policy) && !cost) return false;
  return !(comparison->n_labels > 0 ? kind->not_for_labels : kind->not_for_classes);
}

/* A policy that these counts are out of range for is no reason not to show the others. */
static bool is_left_out(sy_status status) {
  return status == SY_INVALID_POLICY || status == SY_INVALID_WEIGHT;
}

static sy_status compare_one(sy_policy *policy, const sy_counts *counts, const double *cost,
                             sy_comparison *comparison, sy_error *error) {
  if (!applies(policy, comparison, cost)) return SY_OK;
  sy_status status = SY_OK;
  if (sy_policy_needs_cost(policy))
    status =
        sy_policy_set_cost(policy, cost, comparison->n_classes, sy_counts_classes(counts), error);
  if (status != SY_OK) return status;
  size_t p = comparison->n_policies;
  sy_compared_policy one = {0};
  sy_error inner = {SY_OK, ""};
  status = weigh_and_audit(policy, counts, comparison, &one, &inner);
  if (status != SY_OK) clear_one(&one);
  if (is_left_out(status)) {
    sy_messages_add(comparison->warnings, "left out: %s", inner.text);
    return SY_OK;
  }
  if (status != SY_OK) return sy_fail(error, status, "%s", inner.text);
  comparison->policies[p] = one;
  comparison->n_policies++;
  comparison->policies[p].same_as = first_like(comparison, counts, p, 1);
  comparison->policies[p].multiple_of = first_like(comparison, counts, p, NAN);
  return SY_OK;
}

static sy_status allocate(sy_comparison *comparison, sy_error *error) {
  size_t n_listed = 0;
  while (sy_policy_listed(n_listed)) n_listed++;
  comparison->policies = sy_alloc_zero(n_listed, sizeof *comparison->policies);
  comparison->rarest = sy_alloc_zero(comparison->n_parts, sizeof *comparison->rarest);
  comparison->warnings = sy_messages_new();
  bool whole = comparison->policies && comparison->rarest && comparison->warnings;
  return whole ? SY_OK : sy_fail_memory(error);
}

static sy_status compare_listed(const sy_counts *counts, const double *cost,
                                sy_comparison *comparison, sy_error *error) {
  sy_status status = allocate(comparison, error);
  for (size_t i = 0; sy_policy_listed(i) && status == SY_OK; i++) {
    sy_policy *policy;
    status = sy_policy_parse(sy_policy_listed(i), &policy, error);
    if (status == SY_OK) status = compare_one(policy, counts, cost, comparison, error);
    sy_policy_free(policy);
  }
  return status == SY_OK ? sy_messages_check(comparison->warnings, error) : status;
}

sy_status sy_policies_compare(const sy_counts *counts, const double *cost,
                              sy_comparison *comparison, sy_error *error) {
  size_t n_labels = sy_counts_n_labels(counts);
  *comparison = (sy_comparison){.n_labels = n_labels, .n_parts = n_labels > 0 ? n_labels : 1};
  if (n_labels == 0) comparison->n_classes = sy_counts_n_classes(counts);
  sy_status status = compare_listed(counts, cost, comparison, error);
  if (status != SY_OK) sy_comparison_clear(comparison);
  return status;
}

void sy_comparison_clear(sy_comparison *comparison) {
  for (size_t p = 0; p < comparison->n_policies; p++) clear_one(&comparison->policies[p]);
  free(comparison->policies);
  free(comparison->rarest);
  sy_messages_free(comparison->warnings);
  *comparison = (sy_comparison){0};
}
