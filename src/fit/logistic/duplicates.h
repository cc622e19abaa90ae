/* duplicates.h: equal rows of one class are one row of their weights' sum. */
#ifndef SY_FIT_LOGISTIC_DUPLICATES_H
#define SY_FIT_LOGISTIC_DUPLICATES_H

#include "fit/logistic/problem.h"

/* Merges rows of equal numbers and class into the first of them, where a sample shows enough of
 * them to be worth the search. Needs weights, targets, n and rows of the problem; `index` is
 * written. Fails with SY_OUT_OF_MEMORY. */
sy_status sy_problem_merge(sy_problem *problem, sy_error *error);

#endif
