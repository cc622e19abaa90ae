/* network_names.c: activations and normalisations by name. */
#include "base/choice.h"
#include <steelyard/model.h>
#include <string.h>

enum { N_CHOICES = 3 };

static const char *const activations[N_CHOICES] = {"relu", "gelu", "tanh"};
static const char *const norms[N_CHOICES] = {"none", "batch", "layer"};

/* Which of them a text is. */
static sy_status parse(const char *what, const char *const names[N_CHOICES], const char *text,
                       int *found, sy_error *error) {
  for (int i = 0; i < N_CHOICES; i++) {
    if (strcmp(names[i], text) != 0) continue;
    *found = i;
    return SY_OK;
  }
  const sy_choices choices = {what, "", names, names, N_CHOICES};
  return sy_fail_choice(&choices, text, SY_INVALID_ARGUMENT, error);
}

sy_status sy_activation_parse(const char *text, sy_activation *activation, sy_error *error) {
  int found = 0;
  sy_status status = parse("activation", activations, text, &found, error);
  if (!status) *activation = (sy_activation)found;
  return status;
}

const char *sy_activation_name(sy_activation activation) {
  return activations[activation];
}

sy_status sy_layer_norm_parse(const char *text, sy_layer_norm *norm, sy_error *error) {
  int found = 0;
  sy_status status = parse("normalisation", norms, text, &found, error);
  if (!status) *norm = (sy_layer_norm)found;
  return status;
}

const char *sy_layer_norm_name(sy_layer_norm norm) {
  return norms[norm];
}
