/* review_scores.c: scores of any origin, judged as a model is. */
#include <steelyard/study.h>

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "study/score_rules.h"
#include "study/ways.h"

static bool has_threshold(const sy_scores *scores) {
  return scores->positive >= 0 && !isnan(scores->threshold);
}

static sy_way_kind way_of(const sy_scores *scores) {
  if (has_threshold(scores)) return SY_WAY_TUNED;
  return scores->costs ? SY_WAY_COST : SY_WAY_DEFAULT;
}

/* The costs that decide as the stored way does, by which it is named; NULL where they vary. */
static const double *stored_cost(const sy_scores *scores, double by_threshold[4]) {
  if (has_threshold(scores)) {
    sy_cost_of_threshold(scores->threshold, scores->positive, by_threshold);
    return by_threshold;
  }
  return scores->costs && scores->costs->n_varying == 0 ? scores->costs->fixed : NULL;
}

static void judge(const sy_scores *scores, sy_judged *judged) {
  size_t n = scores->n, cells = n * scores->n_classes;
  for (size_t i = 0; i < n; i++) judged->rows[i] = scores->rows ? scores->rows[i] : i;
  memcpy(judged->ids, scores->ids, n * sizeof *judged->ids);
  if (scores->row_weights)
    memcpy(judged->row_weights, scores->row_weights, n * sizeof *judged->row_weights);
  if (judged->n_varying > 0)
    memcpy(judged->cost_values, scores->costs->values, n * judged->n_varying * sizeof(double));
  memcpy(judged->log_probabilities, scores->log_probabilities,
         cells * sizeof *judged->log_probabilities);
  sy_scores_by_default(scores, judged->decisions[SY_WAY_DEFAULT]);
  if (judged->decisions[SY_WAY_COST]) sy_scores_by_costs(scores, judged->decisions[SY_WAY_COST]);
  if (judged->decisions[SY_WAY_TUNED])
    sy_scores_by_threshold(scores, scores->threshold, judged->decisions[SY_WAY_TUNED]);
}

sy_status sy_review_scores(const sy_scores *scores, sy_review *review, sy_error *error) {
  *review = (sy_review){0};
  sy_way_kind stored = way_of(scores);
  bool wanted[SY_WAY_COUNT] = {[SY_WAY_DEFAULT] = true,
                               [SY_WAY_COST] = scores->costs != NULL,
                               [SY_WAY_TUNED] = has_threshold(scores)};
  double by_threshold[4];
  sy_judged judged;
  sy_status status =
      sy_judged_make(&judged, scores->n, scores->n_classes, scores->row_weights != NULL,
                     scores->costs ? scores->costs->n_varying : 0, wanted, error);
  if (status != SY_OK) return status;
  judge(scores, &judged);
  sy_review_frame about = {.classes = scores->classes,
                           .costs = scores->costs,
                           .stored_cost = stored_cost(scores, by_threshold),
                           .policy = "",
                           .positive = scores->positive,
                           .stored = stored};
  status = sy_review_make(&judged, &about, review, error);
  review->of_scores = true;
  sy_judged_clear(&judged);
  return status;
}
