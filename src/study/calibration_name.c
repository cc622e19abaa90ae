#include <steelyard/study.h>

#include <string.h>

#include "base/error.h"

static const char *const NAMES[] = {"none", "temperature", "vector", "isotonic", "refit"};
enum { N_NAMES = sizeof NAMES / sizeof NAMES[0] };

sy_status sy_study_calibration_parse(const char *text, sy_study_calibration *calibration,
                                     sy_error *error) {
  for (size_t i = 0; i < N_NAMES; i++) {
    if (strcmp(text, NAMES[i]) != 0) continue;
    *calibration = (sy_study_calibration)i;
    return SY_OK;
  }
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "there is no calibration '%s': temperature, vector, isotonic, refit or none",
                 text);
}

const char *sy_study_calibration_name(sy_study_calibration calibration) {
  return (unsigned)calibration < N_NAMES ? NAMES[calibration] : "none";
}
