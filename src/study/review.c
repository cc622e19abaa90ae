#include <steelyard/study.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "classifier/classifier.h"
#include "study/ways.h"

/* The given costs of the judged rows. */
static sy_costs costs_of(const sy_judged *judged, const sy_review_frame *frame) {
  sy_costs costs = *frame->costs;
  costs.values = judged->cost_values;
  return costs;
}

static sy_status evaluate_way(const sy_judged *judged, const sy_review_frame *frame,
                              sy_way_kind way, bool weighted, sy_metrics *metrics,
                              sy_error *error) {
  sy_costs costs = frame->costs ? costs_of(judged, frame) : (sy_costs){0};
  sy_evaluation evaluation = {.n = judged->n,
                              .n_classes = judged->n_classes,
                              .ids = judged->ids,
                              .log_probabilities = judged->log_probabilities,
                              .decisions = judged->decisions[way],
                              .row_weights = weighted ? judged->row_weights : NULL,
                              .costs = frame->costs ? &costs : NULL,
                              .positive = frame->positive};
  return sy_evaluate(&evaluation, metrics, error);
}

static void name_constant(sy_way *way, const sy_review_frame *frame, int constant) {
  if (frame->positive < 0) {
    const char *name = frame->classes[constant];
    int fits = sy_text_fit(name, sizeof way->name - sizeof "always ");
    snprintf(way->name, sizeof way->name, "always %.*s", fits, name);
  } else {
    bool flags = constant == frame->positive;
    snprintf(way->name, sizeof way->name, flags ? "always flag" : "never flag");
  }
}

/* "p >= 0.167" where the rule of two classes is a threshold, else what it does, as the model itself
 * is described (classifier/describe.c). */
static void name_rule(sy_way *way, const sy_review_frame *frame, const double *cost) {
  double threshold = 0;
  char number[SY_NUMBER_SIZE];
  if (frame->positive < 0 || !sy_cost_threshold(cost, frame->positive, &threshold))
    snprintf(way->name, sizeof way->name, "least cost");
  else if (threshold > 1 || threshold < 0)
    snprintf(way->name, sizeof way->name, threshold > 1 ? "never flag" : "always flag");
  else
    snprintf(way->name, sizeof way->name, "p >= %s", sy_threshold_text(threshold, number));
}

static void name_default(sy_way *way, const sy_review_frame *frame) {
  bool two = frame->positive >= 0;
  snprintf(way->name, sizeof way->name, two ? "p >= 0.500" : "most probable");
  snprintf(way->remark, sizeof way->remark, two ? "the usual default" : "usual default");
}

/* Of "power:0.4 (auto, by cost)" the policy alone: a line has no room for how it was chosen. */
static int policy_length(const char *policy, size_t most) {
  const char *chosen = strstr(policy, " (auto");
  int fits = (int)sy_text_fit(policy, most);
  return chosen && chosen - policy < fits ? (int)(chosen - policy) : fits;
}

/* "weighted 'balanced'"; or "balanced sampling", which weighs nothing. */
static void say_policy(const char *policy, size_t most, char *text, size_t size) {
  bool drawn = strstr(policy, "balanced sampling") == policy;
  snprintf(text, size, drawn ? "%.*s" : "weighted '%.*s'", policy_length(policy, most), policy);
}

static void name_weighted(sy_way *way, const sy_review_frame *frame) {
  if (frame->stored == SY_WAY_WEIGHTED && frame->positive >= 0) {
    name_rule(way, frame, frame->stored_cost);
    say_policy(frame->policy, 40, way->remark, sizeof way->remark);
  } else {
    say_policy(frame->policy, 60, way->name, sizeof way->name);
  }
}

/* Whether a model decides by costs of its own that are not those given here. */
static bool has_other_costs(const sy_review_frame *frame) {
  const sy_costs *costs = frame->costs;
  if (frame->stored != SY_WAY_COST || costs->n_varying > 0) return false;
  if (!frame->stored_cost) return true;
  for (size_t i = 0; i < costs->n_classes * costs->n_classes; i++)
    if (frame->stored_cost[i] != costs->fixed[i]) return true;
  return false;
}

static void name_cost(sy_way *way, const sy_review_frame *frame) {
  const double *cost = frame->stored == SY_WAY_COST ? frame->stored_cost : frame->costs->fixed;
  if (!cost || frame->costs->n_varying > 0)
    snprintf(way->name, sizeof way->name, "least cost");
  else
    name_rule(way, frame, cost);
  snprintf(way->remark, sizeof way->remark,
           has_other_costs(frame) ? "the model's costs" : "from your costs");
}

static void name_tuned(sy_way *way, const sy_review_frame *frame) {
  if (frame->positive >= 0)
    name_rule(way, frame, frame->stored_cost);
  else
    snprintf(way->name, sizeof way->name, "factors");
  if (frame->tuned_for) /* without the constraints: a line has no room for them */
    snprintf(way->remark, sizeof way->remark, "tuned for %.*s", (int)strcspn(frame->tuned_for, ","),
             frame->tuned_for);
  else
    snprintf(way->remark, sizeof way->remark, "as typed");
}

static void name_way(sy_way *way, const sy_review_frame *frame, sy_way_kind kind, int constant) {
  switch (kind) {
  case SY_WAY_CONSTANT:
    name_constant(way, frame, constant);
    break;
  case SY_WAY_DEFAULT:
    name_default(way, frame);
    break;
  case SY_WAY_WEIGHTED:
    name_weighted(way, frame);
    break;
  case SY_WAY_COST:
    name_cost(way, frame);
    break;
  case SY_WAY_TUNED:
    name_tuned(way, frame);
    break;
  case SY_WAY_COUNT:
    break;
  }
}

static sy_status compare_with_stored(const sy_judged *judged, const sy_review_frame *frame,
                                     const int32_t *decisions, sy_cost_comparison *comparison,
                                     sy_error *error) {
  sy_costs costs = costs_of(judged, frame);
  return sy_cost_compare(judged->ids, judged->n, judged->n_classes, judged->row_weights, &costs,
                         decisions, judged->decisions[frame->stored], comparison, error);
}

/* The best constant depends on the costs alone: any way's metrics know it. */
static sy_status review_constant(const sy_judged *judged, const sy_review_frame *frame,
                                 sy_review *review, sy_error *error) {
  sy_judged constant = *judged;
  const sy_metrics *known = &review->ways[1].metrics;
  int32_t *decisions = sy_alloc(judged->n, sizeof *decisions);
  if (!decisions) return sy_fail_memory(error);
  for (size_t i = 0; i < judged->n; i++) decisions[i] = known->best_constant;
  constant.decisions[SY_WAY_CONSTANT] = decisions;
  sy_way *way = &review->ways[0];
  sy_status status = evaluate_way(&constant, frame, SY_WAY_CONSTANT, true, &way->metrics, error);
  name_way(way, frame, SY_WAY_CONSTANT, known->best_constant);
  if (status == SY_OK && review->priced)
    status = compare_with_stored(judged, frame, decisions, &review->saving_constant, error);
  free(decisions);
  return status;
}

static sy_status review_ways(const sy_judged *judged, const sy_review_frame *frame,
                             sy_review *review, sy_error *error) {
  review->n_ways = 1;
  for (int kind = SY_WAY_DEFAULT; kind < SY_WAY_COUNT; kind++) {
    if (!judged->decisions[kind]) continue;
    sy_way *way = &review->ways[review->n_ways];
    way->stored = kind == (int)frame->stored;
    if (way->stored) review->stored = review->n_ways;
    name_way(way, frame, (sy_way_kind)kind, 0);
    review->n_ways++;
    sy_status status = evaluate_way(judged, frame, (sy_way_kind)kind, true, &way->metrics, error);
    if (status != SY_OK) return status;
  }
  sy_status status = review_constant(judged, frame, review, error);
  for (size_t i = 0; status == SY_OK && frame->positive >= 0 && i < review->n_ways; i++) {
    const sy_metrics *metrics = &review->ways[i].metrics;
    review->ways[i].flagged =
        metrics->per_class[frame->positive].predicted / metrics->weighted_rows;
  }
  return status;
}

static void review_probabilities(const sy_judged *judged, sy_review *review) {
  if (review->positive < 0) return;
  double total = 0, probability = 0, observed = 0;
  for (size_t i = 0; i < judged->n; i++) {
    double weight = judged->row_weights ? judged->row_weights[i] : 1;
    if (judged->ids[i] == SY_IGNORED || weight == 0) continue;
    total += weight;
    probability += weight * exp(judged->log_probabilities[i * 2 + (size_t)review->positive]);
    observed += judged->ids[i] == review->positive ? weight : 0;
  }
  review->mean_probability = probability / total;
  review->observed_share = observed / total;
}

/* The price of a miss where it is the one price there is, else NaN. */
static double miss_cost(const sy_review_frame *frame) {
  if (!frame->costs || frame->costs->n_varying > 0 || frame->positive < 0) return NAN;
  size_t hit = (size_t)frame->positive, other = 1 - hit;
  const double *cost = frame->costs->fixed;
  bool simple = cost[0] == 0 && cost[3] == 0 && cost[other * 2 + hit] == 1;
  return simple ? cost[hit * 2 + other] : NAN;
}

static sy_status review_saving(const sy_judged *judged, const sy_review_frame *frame,
                               sy_review *review, sy_error *error) {
  if (!frame->costs || frame->stored == SY_WAY_DEFAULT) return SY_OK;
  review->has_saving = true;
  return compare_with_stored(judged, frame, judged->decisions[SY_WAY_DEFAULT], &review->saving,
                             error);
}

sy_status sy_review_make(sy_judged *judged, const sy_review_frame *frame, sy_review *review,
                         sy_error *error) {
  *review = (sy_review){.priced = frame->costs != NULL, .positive = frame->positive};
  review->ways = sy_alloc_zero(SY_WAY_COUNT, sizeof *review->ways);
  if (!review->ways) return sy_fail_memory(error);
  sy_status status = review_ways(judged, frame, review, error);
  if (status == SY_OK) status = review_saving(judged, frame, review, error);
  if (status == SY_OK && judged->row_weights) {
    review->has_unweighted = true;
    status = evaluate_way(judged, frame, frame->stored, false, &review->unweighted, error);
  }
  review_probabilities(judged, review);
  review->miss_cost = miss_cost(frame);
  if (status == SY_OK) review->rows = sy_judged_take(judged, frame->stored);
  if (status != SY_OK) sy_review_clear(review);
  return status;
}

void sy_review_clear(sy_review *review) {
  for (size_t i = 0; i < review->n_ways; i++) sy_metrics_clear(&review->ways[i].metrics);
  sy_metrics_clear(&review->unweighted);
  sy_judged_rows_clear(&review->rows);
  free(review->ways);
  *review = (sy_review){0};
}
