/* policy_option.h: --class-weight and --normalize. */
#ifndef CLI_POLICY_OPTION_H
#define CLI_POLICY_OPTION_H

#include <steelyard/weights.h>

#include "settings.h"

/* Class weights as asked for. */
typedef struct weighting {
  sy_policy *policy; /* never NULL once read: "none" where nothing was asked for */
  sy_normalize normalize;
} weighting;

/* Reads both options, a file behind @ included. Exit codes, as everywhere. */
int weighting_read(const settings *given, weighting *read);
void weighting_clear(weighting *read);

/* Class weights of labels under a weighting and what they do.
 * @param weights  (K) out; free()
 * @param audit    out; sy_audit_clear */
int weighting_audit(const weighting *read, const sy_labels *labels, const double *row_weights,
                    double **weights, sy_audit *audit);

#endif
