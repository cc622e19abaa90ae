#include <steelyard/study.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "base/text.h"
#include "classifier/classifier.h"
#include "study/present.h"
#include "study/ways.h"

sy_status sy_judged_make(sy_judged *judged, size_t n, size_t n_classes, bool weighted,
                         const bool wanted[SY_WAY_COUNT], sy_error *error) {
  *judged = (sy_judged){.n = n, .n_classes = n_classes};
  judged->rows = sy_alloc(n, sizeof *judged->rows);
  judged->ids = sy_alloc(n, sizeof *judged->ids);
  judged->log_probabilities = sy_alloc(n, n_classes * sizeof(double));
  bool complete = judged->rows && judged->ids && judged->log_probabilities;
  if (weighted) {
    judged->row_weights = sy_alloc(n, sizeof(double));
    complete = complete && judged->row_weights;
  }
  for (int way = 0; way < SY_WAY_COUNT; way++) {
    if (!wanted[way]) continue;
    judged->decisions[way] = sy_alloc_zero(n, sizeof(int32_t));
    complete = complete && judged->decisions[way];
  }
  if (complete) return SY_OK;
  sy_judged_clear(judged);
  return sy_fail_memory(error);
}

void sy_judged_clear(sy_judged *judged) {
  free(judged->rows);
  free(judged->ids);
  free(judged->row_weights);
  free(judged->log_probabilities);
  for (int way = 0; way < SY_WAY_COUNT; way++) free(judged->decisions[way]);
  *judged = (sy_judged){0};
}

void sy_judged_decide(sy_judged *judged, sy_way_kind way, size_t begin, size_t end,
                      const double *cost, double *scratch) {
  size_t n_classes = judged->n_classes;
  for (size_t i = begin; i < end; i++) {
    const double *logs = judged->log_probabilities + i * n_classes;
    for (size_t k = 0; k < n_classes; k++) scratch[k] = exp(logs[k]);
    sy_decide(scratch, 1, n_classes, cost, judged->decisions[way] + i);
  }
}

static sy_status evaluate_way(const sy_judged *judged, const sy_review_frame *frame,
                              sy_way_kind way, bool weighted, sy_metrics *metrics,
                              sy_error *error) {
  sy_evaluation evaluation = {.n = judged->n,
                              .n_classes = judged->n_classes,
                              .ids = judged->ids,
                              .log_probabilities = judged->log_probabilities,
                              .decisions = judged->decisions[way],
                              .row_weights = weighted ? judged->row_weights : NULL,
                              .cost = frame->cost,
                              .positive = frame->positive};
  return sy_evaluate(&evaluation, metrics, error);
}

static void name_constant(sy_way *way, const sy_review_frame *frame, int constant) {
  if (frame->positive < 0) {
    snprintf(way->name, sizeof way->name, "always %s", frame->classes[constant]);
  } else {
    bool flags = constant == frame->positive;
    snprintf(way->name, sizeof way->name, flags ? "always flag" : "never flag");
  }
}

/* "p >= 0.167" where the rule of two classes is a threshold, else what it does. */
static void name_rule(sy_way *way, const sy_review_frame *frame, const double *cost) {
  double threshold = 0;
  char number[SY_NUMBER_SIZE];
  bool plain = frame->positive >= 0 && sy_cost_threshold(cost, frame->positive, &threshold) &&
               threshold >= 0 && threshold <= 1;
  if (plain) {
    snprintf(way->name, sizeof way->name, "p >= %s", sy_threshold_text(threshold, number));
  } else {
    snprintf(way->name, sizeof way->name, "least cost");
  }
}

static void name_default(sy_way *way, const sy_review_frame *frame) {
  bool two = frame->positive >= 0;
  snprintf(way->name, sizeof way->name, two ? "p >= 0.500" : "most probable");
  snprintf(way->remark, sizeof way->remark, two ? "the usual default" : "usual default");
}

static void name_weighted(sy_way *way, const sy_review_frame *frame) {
  if (frame->stored == SY_WAY_WEIGHTED && frame->positive >= 0) {
    name_rule(way, frame, frame->stored_cost);
    snprintf(way->remark, sizeof way->remark, "weighted '%.*s'", sy_text_fit(frame->policy, 40),
             frame->policy);
  } else {
    snprintf(way->name, sizeof way->name, "weighted '%.*s'", sy_text_fit(frame->policy, 60),
             frame->policy);
  }
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
    name_rule(way, frame, frame->stored == SY_WAY_COST ? frame->stored_cost : frame->cost);
    snprintf(way->remark, sizeof way->remark, "from your costs");
    break;
  case SY_WAY_COUNT:
    break;
  }
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
  if (!frame->cost || frame->positive < 0) return NAN;
  size_t hit = (size_t)frame->positive, other = 1 - hit;
  const double *cost = frame->cost;
  bool simple = cost[0] == 0 && cost[3] == 0 && cost[other * 2 + hit] == 1;
  return simple ? cost[hit * 2 + other] : NAN;
}

static sy_status review_saving(const sy_judged *judged, const sy_review_frame *frame,
                               sy_review *review, sy_error *error) {
  if (!frame->cost || frame->stored == SY_WAY_DEFAULT) return SY_OK;
  review->has_saving = true;
  return sy_cost_compare(judged->ids, judged->n, judged->n_classes, judged->row_weights,
                         frame->cost, judged->decisions[SY_WAY_DEFAULT],
                         judged->decisions[frame->stored], &review->saving, error);
}

sy_status sy_review_make(const sy_judged *judged, const sy_review_frame *frame, sy_review *review,
                         sy_error *error) {
  *review = (sy_review){.priced = frame->cost != NULL, .positive = frame->positive};
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
  if (status != SY_OK) sy_review_clear(review);
  return status;
}

void sy_review_clear(sy_review *review) {
  for (size_t i = 0; i < review->n_ways; i++) sy_metrics_clear(&review->ways[i].metrics);
  sy_metrics_clear(&review->unweighted);
  free(review->ways);
  *review = (sy_review){0};
}

/* Which way a finished model decides by. */
static sy_way_kind way_of_model(const sy_model *model) {
  switch (sy_model_decision_source(model)) {
  case SY_DECISION_IMPLIED:
    return SY_WAY_WEIGHTED;
  case SY_DECISION_GIVEN:
    return SY_WAY_COST;
  case SY_DECISION_PLAIN:
    break;
  }
  return SY_WAY_DEFAULT;
}

static sy_status judge_by_model(const sy_model *model, const sy_frame *frame,
                                const sy_labels *labels, const double *row_weights,
                                sy_judged *judged, const double *cost, sy_error *error) {
  size_t n_classes = judged->n_classes;
  sy_present_ids(labels, row_weights, judged->ids);
  if (row_weights) memcpy(judged->row_weights, row_weights, judged->n * sizeof(double));
  sy_way_kind own = way_of_model(model);
  sy_status status =
      sy_model_score(model, frame, judged->log_probabilities, NULL, judged->decisions[own], error);
  if (status != SY_OK) return status;
  double *scratch = sy_alloc(n_classes, (n_classes + 1) * sizeof *scratch);
  if (!scratch) return sy_fail_memory(error);
  double *plain = scratch + n_classes;
  sy_cost_plain(n_classes, plain);
  if (own != SY_WAY_DEFAULT) {
    sy_judged_decide(judged, SY_WAY_DEFAULT, 0, judged->n, plain, scratch);
  }
  if (own != SY_WAY_COST && cost) {
    sy_judged_decide(judged, SY_WAY_COST, 0, judged->n, cost, scratch);
  }
  free(scratch);
  return SY_OK;
}

sy_status sy_review_model(const sy_model *model, const sy_frame *frame, const sy_labels *labels,
                          const double *row_weights, const double *cost, sy_review *review,
                          sy_error *error) {
  *review = (sy_review){0};
  size_t n_classes = sy_model_n_classes(model);
  if (sy_labels_n_classes(labels) != n_classes || sy_labels_rows(labels) != frame->rows) {
    return sy_fail(error, SY_INVALID_SHAPE, "labels and model have %zu and %zu classes",
                   sy_labels_n_classes(labels), n_classes);
  }
  sy_way_kind own = way_of_model(model);
  const double *price = cost ? cost : own == SY_WAY_COST ? sy_model_cost(model) : NULL;
  bool wanted[SY_WAY_COUNT] = {[SY_WAY_DEFAULT] = true};
  wanted[own] = true;
  wanted[SY_WAY_COST] = price != NULL;
  sy_judged judged;
  sy_status status =
      sy_judged_make(&judged, frame->rows, n_classes, row_weights != NULL, wanted, error);
  if (status != SY_OK) return status;
  status = judge_by_model(model, frame, labels, row_weights, &judged, price, error);
  const char *policy = sy_model_note(model, "class weights");
  int positive = sy_model_positive(model);
  sy_review_frame about = {.classes = sy_model_classes(model),
                           .cost = price,
                           .stored_cost = sy_model_cost(model),
                           .policy = policy ? policy : "class weights",
                           .positive = n_classes == 2 && positive < 0 ? 1 : positive,
                           .stored = own};
  if (status == SY_OK) status = sy_review_make(&judged, &about, review, error);
  sy_judged_clear(&judged);
  return status;
}
