/* xgboost_forest.h: the trees of a model of XGBoost's, taken into a forest. */
#ifndef SY_FIT_BOOSTED_XGBOOST_FOREST_H
#define SY_FIT_BOOSTED_XGBOOST_FOREST_H

#include <jansson.h>
#include <steelyard/model.h>

/* Lays out the trees of `model` (learner.gradient_booster.model): of each, what can be reached from
 * its root, children behind their parents. Nodes that were pruned, whose places XGBoost leaves
 * empty or uses again, are not.
 * @param what    the file's name, for messages
 * @param forest  n_features and n_outputs say what is allowed; nodes, roots and outputs: out, what
 *                they point to is freed with free(), also on failure
 * Fails with SY_INVALID_MODEL, SY_OUT_OF_MEMORY. */
sy_status sy_xgboost_forest_read(const json_t *model, const char *what, sy_forest *forest,
                                 sy_error *error);

/* The whole number under a name, where there is one from `least` to `most`; else `otherwise`. It
 * may stand as a text, as all parameters of XGBoost do. */
long long sy_xgboost_whole(const json_t *object, const char *name, long long least, long long most,
                           long long otherwise);

#endif
