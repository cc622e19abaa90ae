/* explicit_weigh.c: which class each explicit weight is for. */
#include "base/error.h"
#include "labels/name.h"
#include "weights/policy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *plural_of(const char *noun) {
  return *noun == 'c' ? "classes" : "labels";
}

/* "a, b, c and 697 more", as many as an error has room for; NULL when out of memory. */
static char *list_classes(const char *const *classes, size_t n_classes) {
  enum { MOST_BYTES = 280 };
  sy_text list = {0};
  size_t k = 0;
  for (; k < n_classes && list.length < MOST_BYTES && !list.failed; k++) {
    char shown[SY_SHOWN_SIZE];
    sy_text_add(&list, "%s%s", k > 0 ? ", " : "", sy_shown(classes[k], shown));
  }
  if (k < n_classes) sy_text_add(&list, " and %zu more", n_classes - k);
  if (!list.failed) return list.data;
  free(list.data);
  return NULL;
}

static sy_status fail_unknown(const char *name, const char *noun, const sy_dictionary *classes,
                              sy_error *error) {
  const char *const *names = (const char *const *)classes->values;
  char shown[SY_SHOWN_SIZE], shown_nearest[SY_SHOWN_SIZE];
  const char *nearest = sy_nearest_name(name, names, classes->n);
  if (nearest)
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "a weight is given for %s '%s', which is not there; did you mean '%s'?", noun,
                   sy_shown(name, shown), sy_shown(nearest, shown_nearest));
  char *list = list_classes(names, classes->n);
  if (!list) return sy_fail_memory(error);
  sy_status status = sy_fail(error, SY_INVALID_WEIGHT,
                             "a weight is given for %s '%s', which is none of the %zu %s: %s", noun,
                             sy_shown(name, shown), classes->n, plural_of(noun), list);
  free(list);
  return status;
}

static sy_status fail_number(const sy_policy *policy, const char *noun, const char *const *classes,
                             size_t n_classes, sy_error *error) {
  char *list = list_classes(classes, n_classes);
  if (!list) return sy_fail_memory(error);
  sy_status status =
      sy_fail(error, SY_INVALID_WEIGHT,
              "%zu weight%s given by position, but there are %zu %s, in this order: %s",
              policy->n_positions, policy->n_positions == 1 ? " is" : "s are", n_classes,
              plural_of(noun), list);
  free(list);
  return status;
}

static bool is_integer(const char *name) {
  name += *name == '-';
  return *name && name[strspn(name, "0123456789")] == 0;
}

/* Ids may stand for names only where they cannot be meant as names. */
static bool has_integer_names(const sy_dictionary *classes) {
  for (size_t k = 0; k < classes->n; k++)
    if (is_integer(classes->values[k])) return true;
  return false;
}

/* The class that a given name or id means, or SY_NOT_FOUND. */
static uint32_t find_class(const sy_dictionary *classes, bool ids_are_legal, const char *name) {
  uint32_t k = sy_names_find(classes, name);
  if (k != SY_NOT_FOUND || !ids_are_legal || !is_integer(name)) return k;
  double id;
  bool inside = sy_number_parse(name, &id) && id >= 0 && id < (double)classes->n;
  return inside ? (uint32_t)id : SY_NOT_FOUND;
}

static sy_status set_named(const sy_policy *policy, const char *noun, const sy_dictionary *classes,
                           double *weights, sy_error *error) {
  bool ids_are_legal = !has_integer_names(classes);
  for (size_t k = 0; k < classes->n; k++) weights[k] = NAN;
  for (size_t c = 0; c < policy->names.n; c++) {
    const char *name = policy->names.values[c];
    uint32_t k = find_class(classes, ids_are_legal, name);
    if (k == SY_NOT_FOUND) return fail_unknown(name, noun, classes, error);
    if (!isnan(weights[k])) {
      char shown[SY_SHOWN_SIZE];
      return sy_fail(error, SY_INVALID_WEIGHT,
                     "the weight of %s '%s' is given twice, by its name and by its id %u", noun,
                     sy_shown(classes->values[k], shown), k);
    }
    weights[k] = policy->weights[c];
  }
  return SY_OK;
}

static sy_status look_up_weights(const sy_policy *policy, const char *noun,
                                 const sy_dictionary *classes, const double *counts,
                                 double *weights, sy_error *error) {
  sy_status status = set_named(policy, noun, classes, weights, error);
  for (size_t k = 0; k < classes->n && status == SY_OK; k++) {
    if (!isnan(weights[k])) continue;
    weights[k] = policy->default_weight;
    if (policy->has_default || counts[k] == 0) continue;
    char shown[SY_SHOWN_SIZE];
    status = sy_fail(error, SY_INVALID_WEIGHT,
                     "%s '%s' has no weight; name it, or add default=W for all that are not named",
                     noun, sy_shown(classes->values[k], shown));
  }
  return status;
}

sy_status sy_explicit_weigh(const sy_policy *policy, const char *noun, const char *const *classes,
                            const double *counts, size_t n_classes, double *weights,
                            sy_error *error) {
  if (policy->n_positions > 0) {
    if (policy->n_positions != n_classes)
      return fail_number(policy, noun, classes, n_classes, error);
    memcpy(weights, policy->weights, n_classes * sizeof *weights);
    return SY_OK;
  }
  sy_dictionary known = {0};
  sy_status status = sy_names_declare(classes, n_classes, &known, error);
  if (status == SY_OK) status = look_up_weights(policy, noun, &known, counts, weights, error);
  sy_dictionary_clear(&known);
  return status;
}
