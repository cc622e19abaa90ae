/* explicit.c: explicit weights while they are read: by class name or id, "NAME=W", with a default
 * for the rest, or by position, "[W,W]"; and their text. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/name.h"
#include "weights/policy.h"

#include <math.h>
#include <string.h>

/* --- growing --- */

static bool is_usable(double weight) {
  return weight >= 0 && isfinite(weight);
}

static sy_status check_weight(const char *name, double weight, sy_error *error) {
  if (is_usable(weight)) return SY_OK;
  char shown[SY_SHOWN_SIZE], text[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "the weight %s of class '%s' is not usable; it must be 0 or more and finite",
                 sy_number_format(weight, text), sy_shown(name, shown));
}

sy_status sy_explicit_add(sy_policy *policy, const char *name, double weight, sy_error *error) {
  sy_status status = check_weight(name, weight, error);
  if (status != SY_OK) return status;
  char shown[SY_SHOWN_SIZE];
  char *canonical = sy_name_canonical(name);
  if (!canonical) return sy_fail_memory(error);
  size_t before = policy->names.n;
  if (*canonical == 0) {
    status = sy_fail(error, SY_INVALID_WEIGHT, "class weight %zu has no class name", before + 1);
  } else if (sy_dictionary_add(&policy->names, canonical, strlen(canonical)) == SY_NOT_FOUND) {
    status = sy_fail_memory(error);
  } else if (policy->names.n == before) {
    status = sy_fail(error, SY_INVALID_WEIGHT, "the weight of class '%s' is given twice",
                     sy_shown(name, shown));
  } else {
    policy->weights[before] = weight + 0.0; /* no negative zero */
  }
  free(canonical);
  return status;
}

sy_status sy_explicit_add_position(sy_policy *policy, double weight, sy_error *error) {
  if (is_usable(weight)) {
    policy->weights[policy->n_positions++] = weight + 0.0;
    return SY_OK;
  }
  char text[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "the weight %s at position %zu is not usable; it must be 0 or more and finite",
                 sy_number_format(weight, text), policy->n_positions + 1);
}

sy_status sy_explicit_set_default(sy_policy *policy, double weight, sy_error *error) {
  sy_status status = check_weight(SY_EXPLICIT_DEFAULT, weight, error);
  if (status != SY_OK) return status;
  if (policy->has_default)
    return sy_fail(error, SY_INVALID_WEIGHT, "the default weight is given twice");
  policy->has_default = true;
  policy->default_weight = weight + 0.0;
  return SY_OK;
}

/* --- writing --- */

/* Names that could be read as anything but a name are quoted, quotes in them doubled. */
static void write_name(sy_text *text, const char *name) {
  if (!strpbrk(name, ",\"=:") && strcmp(name, SY_EXPLICIT_DEFAULT) != 0) {
    sy_text_put(text, name);
    return;
  }
  sy_text_put(text, "\"");
  for (; *name; name++) sy_text_put_bytes(text, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
  sy_text_put(text, "\"");
}

static void write_names(const sy_policy *policy, sy_text *text) {
  char number[SY_NUMBER_SIZE];
  for (size_t k = 0; k < policy->names.n; k++) {
    if (k > 0) sy_text_put(text, ",");
    write_name(text, policy->names.values[k]);
    sy_text_add(text, "=%s", sy_number_format(policy->weights[k], number));
  }
  if (policy->has_default)
    sy_text_add(text, "%sdefault=%s", policy->names.n > 0 ? "," : "",
                sy_number_format(policy->default_weight, number));
}

static void write_positions(const sy_policy *policy, sy_text *text) {
  char number[SY_NUMBER_SIZE];
  for (size_t k = 0; k < policy->n_positions; k++)
    sy_text_add(text, "%s%s", k > 0 ? "," : "[", sy_number_format(policy->weights[k], number));
  sy_text_put(text, "]");
}

sy_status sy_explicit_finish(sy_policy *policy, sy_error *error) {
  if (policy->names.n == 0 && policy->n_positions == 0 && !policy->has_default)
    return sy_fail(error, SY_INVALID_WEIGHT, "no class weights are given");
  sy_text text = {0};
  if (policy->n_positions > 0) {
    write_positions(policy, &text);
  } else {
    write_names(policy, &text);
  }
  policy->text = text.failed ? NULL : text.data;
  if (text.failed) free(text.data);
  return text.failed ? sy_fail_memory(error) : SY_OK;
}
