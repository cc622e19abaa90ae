/* policy_option.h: --class-weight and --normalize. */
#ifndef CLI_POLICY_OPTION_H
#define CLI_POLICY_OPTION_H

#include <steelyard/evaluate.h>

#include "settings.h"

/* Class weights as asked for. */
typedef struct weighting {
  sy_policy *policy; /* never NULL once read: "none" where nothing was asked for */
  sy_normalize normalize;
  const char *dialect;   /* the system whose syntax they were written in, or NULL */
  const char *cost_file; /* of --class-weight @FILE.cost, or NULL */
} weighting;

/* Reads both options, a file behind @ included; `usual` is the policy where none is asked for. Exit
 * codes, as everywhere. */
int weighting_read(const settings *given, const char *usual, weighting *read);

/* Whether --class-weight is auto or auto:METRIC, and what chooses: without a METRIC cost where
 * there are costs, else macro_f1. */
int weighting_automatic(const settings *given, bool *automatic, sy_objective *objective);

void weighting_clear(weighting *read);

/* What can be said of them once the classes are known: the policy "cost" gets its costs.
 * @param cost  (K, K) of --cost, or NULL */
int weighting_settle(const weighting *read, const char *const *classes, size_t n_classes,
                     const double *cost);

/* Class weights under a weighting: (K), or (L, 2) of several labels a row.
 * @param weights  out; free() */
int weighting_weigh(const weighting *read, const sy_counts *counts, double **weights);

/* As what another system's syntax was read, whose weights go by the order of the classes; free().
 * NULL where they were written as here. */
char *weighting_reading(const weighting *read, const char *const *classes, size_t n_classes);

#endif
