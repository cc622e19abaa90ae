#include "fit_options.h"

#include "progress.h"

sy_study_options fit_study_options(const settings *given, const family_plan *family,
                                   const test_plan *test, epoch_log *log) {
  sy_study_options options = sy_study_options_default();
  options.family = family->family;
  options.network = &family->network;
  options.boosted = &family->boosted;
  options.held_share = given->held_out;
  options.epoch = epoch_log_tell;
  options.epoch_context = log;
  options.l2 = given->l2;
  options.tolerance = given->tolerance;
  options.max_iterations = (int)given->max_iterations;
  options.encoder.min_count = given->min_count;
  options.encoder.max_categories = given->max_categories;
  options.test = test->kind;
  options.folds = test->folds;
  options.share = test->share;
  options.seed = given->seed;
  options.progress = progress_callback();
  return options;
}
