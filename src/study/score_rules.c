#include "study/score_rules.h"

void sy_scores_by_threshold(const sy_scores *scores, double threshold, int32_t *decisions) {
  size_t hit = (size_t)scores->positive;
  for (size_t i = 0; i < scores->n; i++) {
    bool flagged = scores->probabilities[2 * i + hit] >= threshold;
    decisions[i] = (int32_t)(flagged ? hit : 1 - hit);
  }
}

static void decide_most_probable(const sy_scores *scores, int32_t *decisions) {
  size_t n_classes = scores->n_classes;
  for (size_t i = 0; i < scores->n; i++) {
    const double *row = scores->probabilities + i * n_classes;
    size_t best = 0;
    for (size_t k = 1; k < n_classes; k++)
      if (row[k] > row[best]) best = k;
    decisions[i] = (int32_t)best;
  }
}

void sy_scores_by_default(const sy_scores *scores, int32_t *decisions) {
  if (scores->positive >= 0)
    sy_scores_by_threshold(scores, 0.5, decisions);
  else
    decide_most_probable(scores, decisions);
}

void sy_scores_by_costs(const sy_scores *scores, int32_t *decisions) {
  double threshold;
  bool fixed = scores->positive >= 0 && scores->costs->n_varying == 0;
  if (fixed && sy_cost_threshold(scores->costs->fixed, scores->positive, &threshold))
    sy_scores_by_threshold(scores, threshold, decisions);
  else
    sy_decide_costs(scores->probabilities, scores->n, scores->costs, decisions);
}
