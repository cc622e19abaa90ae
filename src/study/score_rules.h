/* score_rules.h: decisions from scores, by the rules that need no tuning. */
#ifndef SY_STUDY_SCORE_RULES_H
#define SY_STUDY_SCORE_RULES_H

#include <steelyard/study.h>

/* p(positive) >= threshold flags: a score of exactly the threshold is flagged, whichever class is
 * positive. decisions: (n) out. */
void sy_scores_by_threshold(const sy_scores *scores, double threshold, int32_t *decisions);

/* The usual default: of two classes p >= 0.5, else the most probable class. */
void sy_scores_by_default(const sy_scores *scores, int32_t *decisions);

/* Least expected cost. Where one pair of costs holds for all rows of two classes it is a threshold,
 * at which a row is flagged; else ties go to the lower index. */
void sy_scores_by_costs(const sy_scores *scores, int32_t *decisions);

#endif
