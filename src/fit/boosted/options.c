/* options.c: how boosted trees are grown: names, defaults and ranges. */
#include <steelyard/fit.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"

static const char *const POLICIES[] = {"depthwise", "lossguide"};

sy_status sy_grow_policy_parse(const char *text, sy_grow_policy *policy, sy_error *error) {
  for (size_t i = 0; i < sizeof POLICIES / sizeof POLICIES[0]; i++) {
    if (strcmp(text, POLICIES[i]) != 0) continue;
    *policy = (sy_grow_policy)i;
    return SY_OK;
  }
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "there is no way to grow trees '%s': depthwise or "
                 "lossguide",
                 sy_shown(text, shown));
}

const char *sy_grow_policy_name(sy_grow_policy policy) {
  return POLICIES[policy == SY_GROW_LOSSGUIDE];
}

sy_boosted_options sy_boosted_options_default(void) {
  return (sy_boosted_options){.rounds = 1000,
                              .early_stopping_rounds = 20,
                              .learning_rate = 0.1,
                              .max_depth = 6,
                              .min_child_weight = 1,
                              .reg_lambda = 1,
                              .subsample = 1,
                              .colsample_bytree = 1,
                              .colsample_bylevel = 1,
                              .colsample_bynode = 1,
                              .max_bin = 256};
}

/* A number of the options and its range: from least (left out where `open`) to most. */
typedef struct range {
  const char *name;
  double value, least, most;
  bool open;
} range;

static sy_status fail_range(const range *r, sy_error *error) {
  char value[SY_NUMBER_SIZE], least[SY_NUMBER_SIZE], most[SY_NUMBER_SIZE], upper[64] = "";
  if (isfinite(r->most))
    snprintf(upper, sizeof upper, " and at most %s", sy_number_format(r->most, most));
  return sy_fail(error, SY_INVALID_ARGUMENT, "%s must be %s%s%s, not %s", r->name,
                 r->open ? "above " : "at least ", sy_number_format(r->least, least), upper,
                 sy_number_format(r->value, value));
}

static sy_status check_numbers(const sy_boosted_options *o, sy_error *error) {
  const range ranges[] = {
      {"rounds", o->rounds, 1, 100000, false},
      {"stop_after", o->stop_after, 0, 100000, false},
      {"early_stopping_rounds", o->early_stopping_rounds, 0, INFINITY, false},
      {"learning_rate", o->learning_rate, 0, 1, true},
      {"max_depth", o->max_depth, 0, 30, false},
      {"max_leaves", o->max_leaves, 0, 1000000, false},
      {"min_child_weight", o->min_child_weight, 0, INFINITY, false},
      {"gamma", o->gamma, 0, INFINITY, false},
      {"reg_lambda", o->reg_lambda, 0, INFINITY, false},
      {"reg_alpha", o->reg_alpha, 0, INFINITY, false},
      {"max_delta_step", o->max_delta_step, 0, INFINITY, false},
      {"subsample", o->subsample, 0, 1, true},
      {"colsample_bytree", o->colsample_bytree, 0, 1, true},
      {"colsample_bylevel", o->colsample_bylevel, 0, 1, true},
      {"colsample_bynode", o->colsample_bynode, 0, 1, true},
      {"max_bin", o->max_bin, 2, 65535, false},
  };
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    const range *r = &ranges[i];
    bool above = r->open ? r->value > r->least : r->value >= r->least;
    if (!above || !(r->value <= r->most) || isinf(r->value)) return fail_range(r, error);
  }
  return SY_OK;
}

sy_status sy_boosted_options_check(const sy_boosted_options *options, sy_error *error) {
  sy_status status = check_numbers(options, error);
  if (status) return status;
  if (options->max_leaves == 1)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a tree of 1 leaf tells nothing apart: max_leaves "
                   "is 0 (without limit) or 2 and more");
  if (options->max_depth == 0 && options->grow_policy != SY_GROW_LOSSGUIDE)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "max_depth 0, without limit, is for grow_policy "
                   "lossguide with max_leaves; else it is 1 to 30");
  if (options->max_depth == 0 && options->max_leaves == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "max_depth 0 and max_leaves 0 would set a tree no "
                   "limit: give one of them");
  return SY_OK;
}
