/* policy_cost.c: a class weighs what its mistakes cost (Breiman et al. 1984, Ting 2002), scaled so
 * that the mean weight of a row is 1. Exact for two classes; for more, a heuristic, since which
 * mistake is made is not known before training. */
#include "base/error.h"
#include "base/memory.h"
#include "weights/policies.h"

#include <math.h>
#include <string.h>

/* Sums of costs must stay finite. */
static const double largest_cost = 1e100;

/* What the mistakes of actual class k cost beyond the right answer, over n predicted classes:
 * those of `ids`, or all where it is NULL. */
static double excess_cost(const double *cost, size_t n_declared, size_t k, const size_t *ids,
                          size_t n) {
  const double *row = cost + k * n_declared;
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += row[ids ? ids[j] : j] - row[k];
  return sum;
}

static sy_status fail_negative(const char *class, double excess, sy_error *error) {
  char shown[SY_SHOWN_SIZE], text[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_COST,
                 "the mistakes of class '%s' cost %s in sum, less than nothing; a class weight "
                 "cannot be negative: make being right the cheapest",
                 sy_shown(class, shown), sy_number_format(excess, text));
}

static sy_status check_costs(const double *cost, size_t n_classes, const char *const *classes,
                             sy_error *error) {
  bool any = false;
  for (size_t k = 0; k < n_classes; k++) {
    char shown[SY_SHOWN_SIZE], text[SY_NUMBER_SIZE];
    for (size_t j = 0; j < n_classes; j++) {
      double one = cost[k * n_classes + j];
      if (fabs(one) <= largest_cost) continue;
      return sy_fail(error, SY_INVALID_COST,
                     "a cost of class '%s' is %s: it must be a number within 1e100",
                     sy_shown(classes[k], shown), sy_number_format(one, text));
    }
    double excess = excess_cost(cost, n_classes, k, NULL, n_classes);
    if (excess < 0) return fail_negative(classes[k], excess, error);
    any = any || excess > 0;
  }
  if (any) return SY_OK;
  return sy_fail(error, SY_INVALID_COST, "no mistake costs anything, so costs give no weights");
}

bool sy_policy_needs_cost(const sy_policy *policy) {
  return policy->kind == &sy_policy_cost;
}

sy_status sy_policy_set_cost(sy_policy *policy, const double *cost, size_t n_classes,
                             const char *const *classes, sy_error *error) {
  sy_status status = check_costs(cost, n_classes, classes, error);
  if (status != SY_OK) return status;
  double *copy = sy_alloc(n_classes * n_classes, sizeof *copy);
  if (!copy) return sy_fail_memory(error);
  memcpy(copy, cost, n_classes * n_classes * sizeof *copy);
  free(policy->cost);
  policy->cost = copy;
  policy->n_cost = n_classes;
  return SY_OK;
}

static sy_status check_policy(const sy_policy *policy, const sy_shares *shares, sy_error *error) {
  if (!policy->cost)
    return sy_fail(
        error, SY_INVALID_POLICY,
        "policy 'cost' takes the weights from the costs of mistakes, but none are given");
  if (policy->n_cost == shares->n_declared) return SY_OK;
  return sy_fail(error, SY_INVALID_COST, "there are costs for %zu classes, but %zu classes",
                 policy->n_cost, shares->n_declared);
}

/* Sets the excess costs over the classes present; an absent one is never predicted. */
static sy_status set_excess(const sy_policy *policy, const sy_shares *shares, double *excess,
                            double *largest, sy_error *error) {
  *largest = 0;
  for (size_t k = 0; k < shares->n_classes; k++) {
    excess[k] =
        excess_cost(policy->cost, policy->n_cost, shares->ids[k], shares->ids, shares->n_classes);
    if (excess[k] < 0) return fail_negative(shares->names[k], excess[k], error);
    *largest = fmax(*largest, excess[k]);
  }
  if (*largest > 0) return SY_OK;
  return sy_fail(error, SY_INVALID_COST,
                 "no mistake among the classes that have rows costs anything, so costs give no "
                 "weights");
}

static sy_status weigh(const sy_policy *policy, const sy_shares *shares, double *weights,
                       sy_error *error) {
  double largest, sum = 0;
  sy_status status = check_policy(policy, shares, error);
  if (status == SY_OK) status = set_excess(policy, shares, weights, &largest, error);
  if (status != SY_OK) return status;
  for (size_t k = 0; k < shares->n_classes; k++) {
    weights[k] /= largest;
    sum += weights[k] * (shares->counts[k] / shares->total);
  }
  for (size_t k = 0; k < shares->n_classes; k++) weights[k] /= sum;
  return SY_OK;
}

const sy_policy_kind sy_policy_cost = {
    .name = "cost",
    .form = "cost",
    .formula = "n W_k / sum_j(W_j n_j), W_k = sum_j (cost[k][j] - cost[k][k])",
    .listed = {"cost"},
    .not_for_labels =
        "is for classes, of which a row has one; give labels weights as NAME=W,NAME=W",
    .weigh = weigh};
