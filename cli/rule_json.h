/* rule_json.h: a rule for scores as JSON, with all that takes to apply it elsewhere. */
#ifndef CLI_RULE_JSON_H
#define CLI_RULE_JSON_H

#include <jansson.h>

#include <steelyard/study.h>

#include "score_columns.h"

/* The rule that was found: "kind" threshold, factors or costs, for p and, with the prefix raw_, for
 * the scores as they stand in the source (weights not yet undone, logits).
 * @param words  the rule in words */
json_t *rule_json(const sy_rules *rules, const score_rows *rows, bool logits, const char *words);

/* The column that a threshold is on, which must be of the positive class; NULL where none is: the
 * one column is of the other class, or there are logits of both, whose difference counts. */
const char *rule_score(const score_rows *rows, bool logits);

/* What threshold the scores as given have where p has this one. `undo` are the class weights (2)
 * that were taken out, or NULL. */
double rule_raw_threshold(double threshold, const double *undo, int positive, bool logits);

/* Thresholds as JSON has them: 2 is never, 0 always. */
double rule_threshold_number(double threshold);

/* What tuning came to as JSON has it: an average cost is told as it is, though less is better. */
sy_share rule_tuned_value(const sy_tuned *tuning, const sy_tune_options *options);

/* A share with its interval; the judged lines of a table. */
json_t *rule_json_share(const sy_share *share);
json_t *rule_json_lines(const sy_rules *rules);
json_t *rule_json_tuning(const sy_rules *rules, const sy_tune_options *options);

#endif
