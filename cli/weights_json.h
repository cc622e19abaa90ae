/* weights_json.h: counts, weights and what they do, as JSON. */
#ifndef CLI_WEIGHTS_JSON_H
#define CLI_WEIGHTS_JSON_H

#include <jansson.h>

#include <steelyard/weights.h>

#include "policy_option.h"

/* "policy" and "normalize", then the classes of an audit with its figures. */
void weights_json_audit(json_t *object, const weighting *weights, const sy_counts *counts,
                        const sy_audit *audit);

/* The same of several labels a row.
 * @param pairs  (L, 2) weights */
void weights_json_labels(json_t *object, const weighting *weights, const sy_counts *counts,
                         const sy_label_audits *audits, const double *pairs);

/* "policies": a list, one object each. */
json_t *weights_json_policies(const sy_counts *counts, const sy_comparison *comparison);

#endif
