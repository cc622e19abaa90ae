/* fit_json.h: what a study found, as JSON. */
#ifndef CLI_FIT_JSON_H
#define CLI_FIT_JSON_H

#include <jansson.h>

#include <steelyard/study_families.h>

/* Everything but what the command itself knows (model file, rows read, seconds); new. `tune` is
 * what a tuned rule was tuned by, `network` and `boosted` how a network and trees were
 * trained. */
json_t *json_study(const sy_study *study, const sy_tune_options *tune,
                   const sy_network_options *network, const sy_boosted_options *boosted);

/* The families that were tried; null where none was to be chosen. */
json_t *json_families(const sy_families *families);

/* How boosted trees were grown, and their curve; null of another family. */
json_t *json_boosted(const sy_predictor *predictor, const sy_training_result *result,
                     const sy_boosted_options *options);

/* How a network was built and trained, and its curve; null of another family. */
json_t *json_network(const sy_predictor *predictor, const sy_training_result *result,
                     const sy_network_options *options);

#endif
