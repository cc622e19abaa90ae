/* explicit_make.c: explicit weights from arrays, for weights that come from elsewhere than text. */
#include "base/error.h"
#include "base/memory.h"
#include "weights/policy.h"

/* An empty policy with room for n weights. */
static sy_policy *new_policy(size_t n) {
  sy_policy *policy = sy_alloc_zero(1, sizeof *policy);
  if (!policy) return NULL;
  policy->weights = sy_alloc(n, sizeof *policy->weights);
  if (policy->weights) return policy;
  free(policy);
  return NULL;
}

/* Hands the policy over where all went well so far. */
static sy_status finish(sy_status status, sy_policy *made, sy_policy **policy, sy_error *error) {
  if (status == SY_OK) status = sy_explicit_finish(made, error);
  *policy = status == SY_OK ? made : NULL;
  if (status != SY_OK) sy_policy_free(made);
  return status;
}

sy_status sy_policy_explicit(const char *const *names, const double *weights, size_t n,
                             bool has_default, double default_weight, sy_policy **policy,
                             sy_error *error) {
  *policy = NULL;
  sy_policy *made = new_policy(n);
  if (!made) return sy_fail_memory(error);
  sy_status status = SY_OK;
  for (size_t k = 0; k < n && status == SY_OK; k++)
    status = sy_explicit_add(made, names[k], weights[k], error);
  if (status == SY_OK && has_default) status = sy_explicit_set_default(made, default_weight, error);
  return finish(status, made, policy, error);
}

sy_status sy_policy_by_position(const double *weights, size_t n, sy_policy **policy,
                                sy_error *error) {
  *policy = NULL;
  sy_policy *made = new_policy(n);
  if (!made) return sy_fail_memory(error);
  sy_status status = SY_OK;
  for (size_t k = 0; k < n && status == SY_OK; k++)
    status = sy_explicit_add_position(made, weights[k], error);
  return finish(status, made, policy, error);
}
