/* json_metrics.h: METRICS, the same from every command. */
#ifndef CLI_JSON_METRICS_H
#define CLI_JSON_METRICS_H

#include <jansson.h>

#include <steelyard/study.h>

/* METRICS of the rule a model keeps; "unweighted" inside where there were row weights. */
json_t *json_metrics(const sy_review *review, const char *const *classes);

#endif
