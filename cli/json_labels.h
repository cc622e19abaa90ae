/* json_labels.h: metrics of several labels a row, as JSON. */
#ifndef CLI_JSON_LABELS_H
#define CLI_JSON_LABELS_H

#include <jansson.h>

#include <steelyard/evaluate.h>

/* Means, and "per_label": a list, one object each.
 * @param names  (L) of the labels */
json_t *json_label_metrics(const sy_label_metrics *metrics, const char *const *names);

#endif
