/* logistic_option.c: the options of logistic regression. */
#include "family_option.h"
#include "options.h"
#include "say.h"

static const family_instead instead[] = {{NULL, NULL}};

/* Its options are numbers, which the study takes as they are. */
static int read_logistic(const settings *given, family_plan *plan) {
  (void)given, (void)plan;
  return EXIT_DONE;
}

const family_entry family_logistic = {.family = SY_STUDY_LOGISTIC,
                                      .who = "logistic regression",
                                      .has = "logistic regression has",
                                      .headings = {HEADING_LOGISTIC},
                                      .instead = instead,
                                      .read = read_logistic};
