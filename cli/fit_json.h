/* fit_json.h: what a study found, as JSON. */
#ifndef CLI_FIT_JSON_H
#define CLI_FIT_JSON_H

#include <jansson.h>

#include <steelyard/study.h>

/* Everything but what the command itself knows (model file, rows read, seconds); new. `tune` is
 * what a tuned rule was tuned by, `network` how a network was trained. */
json_t *json_study(const sy_study *study, const sy_tune_options *tune,
                   const sy_network_options *network);

/* How a network was built and trained, and its curve; null of another family. */
json_t *json_network(const sy_predictor *predictor, const sy_network_result *result,
                     const sy_network_options *options);

#endif
