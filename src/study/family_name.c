#include <steelyard/study.h>

#include <string.h>

#include "base/error.h"

static const char *const NAMES[] = {"logistic", "mlp", "boosted"};
enum { N_NAMES = sizeof NAMES / sizeof NAMES[0] };

sy_status sy_study_family_parse(const char *text, sy_study_family *family, sy_error *error) {
  for (size_t i = 0; i < N_NAMES; i++) {
    if (strcmp(text, NAMES[i]) != 0) continue;
    *family = (sy_study_family)i;
    return SY_OK;
  }
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT, "there is no model '%s': logistic, mlp or boosted",
                 sy_shown(text, shown));
}

const char *sy_study_family_name(sy_study_family family) {
  return (unsigned)family < N_NAMES ? NAMES[family] : NAMES[0];
}
