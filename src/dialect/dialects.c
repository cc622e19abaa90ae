/* dialects.c: dialects by name: listing and writing. */
#include "dialect/dialects.h"

#include "base/error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const sy_dialect *const sy_dialects[SY_N_DIALECTS] = {
#define X(name) &sy_dialect_##name,
    SY_DIALECT_TABLE(X)
#undef X
};

const char *sy_dialect_name(size_t index) {
  return index < SY_N_DIALECTS ? sy_dialects[index]->name : NULL;
}

const char *sy_dialect_form(size_t index) {
  return index < SY_N_DIALECTS ? sy_dialects[index]->form : NULL;
}

static sy_status fail_unknown(const char *name, sy_error *error) {
  const char *names[SY_N_DIALECTS];
  char list[SY_ERROR_SIZE] = "", shown[SY_SHOWN_SIZE];
  for (size_t i = 0; i < SY_N_DIALECTS; i++) {
    names[i] = sy_dialects[i]->name;
    if (i > 0) strncat(list, ", ", sizeof list - strlen(list) - 1);
    strncat(list, names[i], sizeof list - strlen(list) - 1);
  }
  const char *nearest = sy_nearest_name(name, names, SY_N_DIALECTS);
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "class weights cannot be written for '%s'%s%s%s there are %s",
                 sy_shown(name, shown), nearest ? "; did you mean '" : "", nearest ? nearest : "",
                 nearest ? "'?" : ";", list);
}

static sy_status check(const sy_written *written, sy_error *error) {
  if (written->n == 0) return sy_fail(error, SY_INVALID_ARGUMENT, "no class weights are given");
  for (size_t k = 0; k < written->n; k++) {
    if (written->weights[k] >= 0 && isfinite(written->weights[k])) continue;
    char shown[SY_SHOWN_SIZE], number[SY_NUMBER_SIZE];
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "the weight %s of class '%s' is not usable; it must be 0 or more and finite",
                   sy_number_format(written->weights[k], number),
                   sy_shown(written->classes[k], shown));
  }
  return SY_OK;
}

static sy_status write_as(const sy_dialect *dialect, const sy_written *written, char **text,
                          sy_error *error) {
  sy_text out = {0};
  sy_status status = dialect->write(written, &out, error);
  if (status == SY_OK && out.failed) status = sy_fail_memory(error);
  if (status == SY_OK) {
    *text = out.data;
  } else {
    free(out.data);
  }
  return status;
}

sy_status sy_dialect_write(const char *dialect, const char *const *classes, const double *weights,
                           size_t n_classes, char **text, sy_error *error) {
  *text = NULL;
  sy_written written = {classes, weights, n_classes};
  sy_status status = check(&written, error);
  for (size_t i = 0; i < SY_N_DIALECTS && status == SY_OK; i++)
    if (strcmp(sy_dialects[i]->name, dialect) == 0)
      return write_as(sy_dialects[i], &written, text, error);
  return status == SY_OK ? fail_unknown(dialect, error) : status;
}
