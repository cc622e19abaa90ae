/* fit_calls.h: fits of a problem with a penalty that must succeed. */
#ifndef TESTS_FIT_CALLS_H
#define TESTS_FIT_CALLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fit_problem.h"

static inline sy_fit_options options_with(double l2) {
  sy_fit_options options = sy_fit_options_default();
  options.l2 = l2;
  return options;
}

static inline sy_predictor *fit_with(const fit_problem *problem, const sy_fit_options *options,
                                     sy_fit_result *result) {
  sy_predictor *made = NULL;
  sy_error error;
  sy_status status = sy_fit_logistic(matrix_of(problem), problem->ids, problem->weights,
                                     problem->n_classes, options, &made, result, &error);
  if (status != SY_OK) fail_msg("%s", error.text);
  return made;
}

static inline sy_predictor *fit(const fit_problem *problem, double l2, sy_fit_result *result) {
  sy_fit_options options = options_with(l2);
  return fit_with(problem, &options, result);
}

#endif
