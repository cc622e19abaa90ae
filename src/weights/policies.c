/* policies.c: policies by name: reading, listing, and what they share. */
#include "weights/policies.h"

#include "base/choice.h"
#include "base/error.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

static const sy_policy_kind *const kinds[] = {
#define X(name) &sy_policy_##name,
    SY_POLICY_TABLE(X)
#undef X
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

const char *sy_policy_form(size_t index) {
  return index < N_KINDS ? kinds[index]->form : NULL;
}

const char *sy_policy_formula(size_t index) {
  return index < N_KINDS ? kinds[index]->formula : NULL;
}

const char *sy_policy_listed(size_t index) {
  for (size_t i = 0; i < N_KINDS; i++)
    for (const char *const *listed = kinds[i]->listed; *listed; listed++)
      if (index-- == 0) return *listed;
  return NULL;
}

const char *sy_policy_apart(const sy_policy *policy) {
  return policy->kind && policy->kind->apart ? policy->kind->apart : "balanced or sqrt";
}

const char *sy_policy_target(const char *text) {
  return strncmp(text, "max=", 4) == 0 ? text + 4 : NULL;
}

static bool is_within(double value, sy_range range) {
  return (range.open ? value > range.lowest : value >= range.lowest) && value < range.below;
}

sy_status sy_policy_number(const sy_policy *policy, const char *text, sy_range range, double *value,
                           sy_error *error) {
  if (sy_number_parse(text, value) && isfinite(*value) && is_within(*value, range)) return SY_OK;
  char shown[SY_SHOWN_SIZE], bound[SY_NUMBER_SIZE], below[SY_NUMBER_SIZE];
  bool bounded = isfinite(range.below);
  return sy_fail(error, SY_INVALID_POLICY,
                 "policy '%s': '%s' is not usable; it must be a finite number %s %s%s%s",
                 policy->text, sy_shown(text, shown), range.open ? "above" : "of at least",
                 sy_number_format(range.lowest, bound), bounded ? " and below " : "",
                 bounded ? sy_number_format(range.below, below) : "");
}

/* The kind named by the first `length` bytes, or NULL. */
static const sy_policy_kind *find_kind(const char *name, size_t length) {
  for (size_t i = 0; i < N_KINDS; i++)
    if (strlen(kinds[i]->name) == length && memcmp(kinds[i]->name, name, length) == 0)
      return kinds[i];
  return NULL;
}

static sy_status fail_unknown(const char *text, sy_error *error) {
  const char *names[N_KINDS], *forms[N_KINDS];
  for (size_t i = 0; i < N_KINDS; i++) {
    names[i] = kinds[i]->name;
    forms[i] = kinds[i]->form;
  }
  sy_choices choices = {"class weight policy", ", or weights as NAME=W,NAME=W", names, forms,
                        N_KINDS};
  return sy_fail_choice(&choices, text, SY_INVALID_POLICY, error);
}

static sy_status parse_kind(const char *parameter, sy_policy *policy, sy_error *error) {
  if (policy->kind->parse) return policy->kind->parse(parameter, policy, error);
  if (!parameter) return SY_OK;
  return sy_fail(error, SY_INVALID_POLICY, "policy '%s' takes no parameter, but '%s' is given",
                 policy->kind->name, policy->text);
}

/* Text is a policy where the part before its first ':' names one, else explicit weights where it
 * has a '=' or begins with '['; so a class called "log:a" must be quoted. */
static sy_status parse_text(const char *text, sy_policy *policy, sy_error *error) {
  size_t head = strcspn(text, ":");
  policy->kind = find_kind(text, head);
  if (!policy->kind && (*text == '[' || strchr(text, '=')))
    return sy_explicit_parse(text, policy, error);
  if (!policy->kind) return fail_unknown(text, error);
  policy->text = sy_copy_text(text);
  if (!policy->text) return sy_fail_memory(error);
  return parse_kind(text[head] == ':' ? text + head + 1 : NULL, policy, error);
}

static char *trimmed_copy(const char *text) {
  static const char blanks[] = " \t\n\v\f\r";
  text += strspn(text, blanks);
  size_t length = strlen(text);
  while (length > 0 && strchr(blanks, text[length - 1])) length--;
  return sy_copy_bytes(text, length);
}

sy_status sy_policy_parse(const char *text, sy_policy **policy, sy_error *error) {
  *policy = NULL;
  char *trimmed = trimmed_copy(text);
  sy_policy *read = sy_alloc_zero(1, sizeof *read);
  sy_status status = trimmed && read ? parse_text(trimmed, read, error) : sy_fail_memory(error);
  free(trimmed);
  if (status == SY_OK) {
    *policy = read;
  } else {
    sy_policy_free(read);
  }
  return status;
}

void sy_policy_free(sy_policy *policy) {
  if (!policy) return;
  free(policy->text);
  sy_dictionary_clear(&policy->names);
  free(policy->weights);
  free(policy->cost);
  free(policy);
}

const char *sy_policy_text(const sy_policy *policy) {
  return policy->text;
}

bool sy_policy_is_explicit(const sy_policy *policy) {
  return !policy->kind;
}

bool sy_policy_is_none(const sy_policy *policy) {
  return policy->kind == &sy_policy_none;
}
