/* json_metrics.h: METRICS, the same from every command. */
#ifndef CLI_JSON_METRICS_H
#define CLI_JSON_METRICS_H

#include <jansson.h>

#include <steelyard/study.h>

/* METRICS of the rule a model keeps; "unweighted" inside where there were row weights, and what the
 * rule saves where decisions have prices. */
json_t *json_metrics(const sy_review *review, const char *const *classes);

/* What one way of deciding saves against another, as an average cost and as a share of it, each
 * {"value", "low", "high"}. */
json_t *json_saving(const sy_cost_comparison *saving);

/* The same names without counts of rows: differences of metrics, and pairs [low, high] of their
 * intervals. */
json_t *json_differences_of(const sy_metrics *difference, const char *const *classes);
json_t *json_ranges(const sy_metrics *low, const sy_metrics *high, const char *const *classes);

#endif
