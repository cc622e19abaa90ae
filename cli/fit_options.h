/* fit_options.h: what every training is asked, of one class a row or of several labels. */
#ifndef CLI_FIT_OPTIONS_H
#define CLI_FIT_OPTIONS_H

#include "epoch_log.h"
#include "family_option.h"
#include "test_rows.h"

/* All that the options say of a study but weights, costs, what is chosen on unseen rows and
 * checkpoints. Points into plan and log. */
sy_study_options fit_study_options(const settings *given, const family_plan *family,
                                   const test_plan *test, epoch_log *log);

#endif
