/* rules.c: the rule for scores of any model, judged beside the rules it has to beat. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "classifier/classifier.h"
#include "evaluate/wilson.h"
#include "study/score_rules.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Lines there may be: two constant decisions, usual default, before, costs, typed, tuned. */
enum { MOST_LINES = 7, HALVES = 2 };

/* Rules under way. */
typedef struct work {
  const sy_scores *scores;
  const sy_rules_options *options;
  sy_rules *rules;
  int32_t *decisions;         /* (n) of the line that is judged */
  int32_t *default_decisions; /* (n) */
  int32_t *shown;             /* (n) of the rule found, as its line has it */
  int32_t *half_ids;          /* (n) */
  int32_t *halves;            /* (n) */
} work;

static double weight_of(const sy_scores *scores, size_t i) {
  if (scores->ids[i] == SY_IGNORED) return 0;
  return scores->row_weights ? scores->row_weights[i] : 1;
}

/* Sums over the rows that a share is of. */
typedef struct share_sums {
  double part, whole, squares;
} share_sums;

static void add(share_sums *sums, bool in_part, double weight) {
  sums->part += in_part ? weight : 0;
  sums->whole += weight;
  sums->squares += weight * weight;
}

static sy_share share_of(const share_sums *sums) {
  if (!(sums->whole > 0)) return (sy_share){NAN, NAN, NAN};
  sy_share share = {.value = sums->part / sums->whole};
  sy_wilson_interval(share.value, sums->whole / sums->squares * sums->whole, &share.low,
                     &share.high);
  return share;
}

static void find_shares(const sy_scores *scores, const int32_t *decisions, sy_rule_line *line) {
  share_sums flagged = {0}, caught = {0}, precision = {0};
  for (size_t i = 0; i < scores->n; i++) {
    double weight = weight_of(scores, i);
    bool said = decisions[i] == scores->positive, actual = scores->ids[i] == scores->positive;
    if (!(weight > 0)) continue;
    add(&flagged, said, weight);
    if (actual) add(&caught, said, weight);
    if (said) add(&precision, actual, weight);
  }
  line->flagged = share_of(&flagged);
  line->caught = share_of(&caught);
  line->precision = share_of(&precision);
}

/* Judges a line by these decisions. */
static sy_status judge(const work *at, const int32_t *decisions, sy_rule_line *line,
                       sy_error *error) {
  const sy_scores *scores = at->scores;
  sy_evaluation evaluation = {.n = scores->n,
                              .n_classes = scores->n_classes,
                              .ids = scores->ids,
                              .log_probabilities = scores->log_probabilities,
                              .decisions = decisions,
                              .row_weights = scores->row_weights,
                              .costs = scores->costs,
                              .positive = scores->positive};
  if (scores->positive >= 0) find_shares(scores, decisions, line);
  return sy_evaluate(&evaluation, &line->metrics, error);
}

static sy_rule_line *new_line(work *at) {
  return &at->rules->lines[at->rules->n_lines++];
}

static void name(sy_rule_line *line, const char *text, const char *remark) {
  snprintf(line->name, sizeof line->name, "%s", text);
  snprintf(line->remark, sizeof line->remark, "%s", remark);
}

static void name_threshold(sy_rule_line *line, double threshold, const char *remark) {
  char number[SY_NUMBER_SIZE];
  if (threshold > 1) {
    name(line, "never flag", remark);
  } else if (threshold <= 0) {
    name(line, "always flag", remark);
  } else {
    snprintf(line->name, sizeof line->name, "p >= %s", sy_number_format(threshold, number));
    snprintf(line->remark, sizeof line->remark, "%s", remark);
  }
}

static void name_always(sy_rule_line *line, const char *class) {
  int fits = sy_text_fit(class, sizeof line->name - sizeof "always ");
  snprintf(line->name, sizeof line->name, "always %.*s", fits, class);
}

static sy_status judge_constant(work *at, int constant, sy_error *error) {
  const sy_scores *scores = at->scores;
  sy_rule_line *line = new_line(at);
  for (size_t i = 0; i < scores->n; i++) at->decisions[i] = constant;
  if (scores->positive >= 0)
    name(line, constant == scores->positive ? "always flag" : "never flag", "");
  else
    name_always(line, scores->classes[constant]);
  return judge(at, at->decisions, line, error);
}

/* Never and always of two classes; else the best constant decision, which any line knows. */
static sy_status judge_constants(work *at, sy_error *error) {
  const sy_scores *scores = at->scores;
  sy_rule_line probe = {0};
  sy_status status = judge(at, at->default_decisions, &probe, error);
  at->rules->best_constant = probe.metrics.best_constant;
  sy_metrics_clear(&probe.metrics);
  if (status != SY_OK) return status;
  if (scores->positive < 0) return judge_constant(at, at->rules->best_constant, error);
  status = judge_constant(at, 1 - scores->positive, error);
  return status == SY_OK ? judge_constant(at, scores->positive, error) : status;
}

static sy_status judge_default(work *at, sy_error *error) {
  sy_rule_line *line = new_line(at);
  bool two = at->scores->positive >= 0;
  name(line, two ? "p >= 0.5" : "most probable", "usual default");
  return judge(at, at->default_decisions, line, error);
}

static sy_status judge_before(work *at, sy_error *error) {
  if (!at->options->before) return SY_OK;
  sy_rule_line *line = new_line(at);
  name(line, at->options->before_name, "");
  return judge(at, at->options->before, line, error);
}

/* The rule found so far, `shown` being what its line is judged by. */
static sy_status choose(work *at, sy_rule_line *line, sy_rule_kind kind, double threshold,
                        sy_error *error) {
  sy_rules *rules = at->rules;
  rules->kind = kind;
  rules->threshold = threshold;
  rules->chosen = (size_t)(line - rules->lines);
  return judge(at, at->shown, line, error);
}

static sy_status judge_costs(work *at, sy_error *error) {
  const sy_scores *scores = at->scores;
  if (!scores->costs) return SY_OK;
  double threshold = NAN;
  char number[SY_NUMBER_SIZE];
  sy_rule_line *line = new_line(at);
  bool fixed = scores->positive >= 0 && scores->costs->n_varying == 0;
  if (!fixed || !sy_cost_threshold(scores->costs->fixed, scores->positive, &threshold))
    threshold = NAN;
  name(line, "least cost", "from costs");
  if (threshold > 0 && threshold <= 1)
    snprintf(line->name, sizeof line->name, "p >= %s", sy_threshold_text(threshold, number));
  else if (!isnan(threshold))
    name_threshold(line, threshold, "from costs");
  sy_scores_by_costs(scores, at->shown);
  memcpy(at->rules->decisions, at->shown, scores->n * sizeof *at->shown);
  return choose(at, line, SY_RULE_COSTS, threshold, error);
}

static sy_status judge_typed(work *at, sy_error *error) {
  const sy_scores *scores = at->scores;
  if (scores->positive < 0 || isnan(scores->threshold)) return SY_OK;
  sy_rule_line *line = new_line(at);
  name_threshold(line, scores->threshold, "as typed");
  sy_scores_by_threshold(scores, scores->threshold, at->shown);
  memcpy(at->rules->decisions, at->shown, scores->n * sizeof *at->shown);
  return choose(at, line, SY_RULE_THRESHOLD, scores->threshold, error);
}

/* A rule tuned on some rows. */
typedef struct tuned_rule {
  sy_tuned tuned;
  double *factors; /* (K) */
} tuned_rule;

static sy_status tune(const sy_scores *scores, const int32_t *ids, const sy_tune_options *options,
                      double *column, tuned_rule *rule, sy_error *error) {
  if (scores->positive < 0)
    return sy_tune_factors(scores->log_probabilities, ids, scores->n, scores->n_classes,
                           scores->row_weights, scores->costs, options, rule->factors, &rule->tuned,
                           error);
  for (size_t i = 0; i < scores->n; i++)
    column[i] = scores->probabilities[2 * i + (size_t)scores->positive];
  return sy_tune_threshold(column, ids, scores->n, scores->positive, scores->row_weights,
                           scores->costs, options, &rule->tuned, error);
}

static sy_status apply(const sy_scores *scores, const tuned_rule *rule, int32_t *decisions,
                       sy_error *error) {
  size_t n_classes = scores->n_classes;
  if (scores->positive >= 0) {
    sy_scores_by_threshold(scores, rule->tuned.threshold, decisions);
    return SY_OK;
  }
  double *cost = sy_alloc(n_classes, n_classes * sizeof *cost);
  if (!cost) return sy_fail_memory(error);
  sy_cost_implied(rule->factors, n_classes, cost);
  sy_decide(scores->probabilities, scores->n, n_classes, cost, decisions);
  free(cost);
  return SY_OK;
}

/* Decides one half of the rows by a rule that is tuned on the other. */
static sy_status cross_half(work *at, int half, double *column, tuned_rule *rule, sy_error *error) {
  const sy_scores *scores = at->scores;
  sy_tune_options options = *at->options->tune;
  options.samples = 0;
  for (size_t i = 0; i < scores->n; i++)
    at->half_ids[i] = at->halves[i] == half ? SY_IGNORED : scores->ids[i];
  sy_status status = tune(scores, at->half_ids, &options, column, rule, error);
  if (status == SY_OK) status = apply(scores, rule, at->decisions, error);
  for (size_t i = 0; status == SY_OK && i < scores->n; i++)
    if (at->halves[i] == half) at->shown[i] = at->decisions[i];
  return status;
}

static bool is_of_the_run(sy_status status) {
  return status == SY_OUT_OF_MEMORY || status == SY_CANCELLED;
}

/* Whether every row belongs to a half; the only row of a class does not. */
static bool all_halved(const work *at) {
  for (size_t i = 0; i < at->scores->n; i++)
    if (at->scores->ids[i] != SY_IGNORED && at->halves[i] < 0) return false;
  return true;
}

/* Each half by the rule of the other. Where half of the rows cannot be tuned on, all are by the
 * rule that is tuned on all. */
static sy_status cross(work *at, double *column, tuned_rule *rule, sy_error *error) {
  const sy_scores *scores = at->scores;
  sy_error of_half;
  size_t bytes = scores->n * sizeof *at->shown;
  memcpy(at->shown, at->rules->decisions, bytes);
  sy_status status = sy_split_folds(scores->ids, scores->n, scores->n_classes, NULL, HALVES,
                                    at->options->seed, at->halves, &of_half);
  bool halved = status == SY_OK && all_halved(at);
  for (int half = 0; half < HALVES && halved && status == SY_OK; half++)
    status = cross_half(at, half, column, rule, &of_half);
  at->rules->crossed = halved && status == SY_OK;
  if (is_of_the_run(status)) return sy_fail(error, status, "%s", of_half.text);
  if (status != SY_OK) memcpy(at->shown, at->rules->decisions, bytes);
  return SY_OK;
}

static sy_status tune_all(work *at, double *column, sy_error *error) {
  const sy_scores *scores = at->scores;
  sy_rules *rules = at->rules;
  tuned_rule all = {.factors = rules->factors}, half = {0};
  sy_status status = tune(scores, scores->ids, at->options->tune, column, &all, error);
  if (status == SY_OK) status = apply(scores, &all, rules->decisions, error);
  if (status != SY_OK) return status;
  rules->tuned = true;
  rules->tuning = all.tuned;
  half.factors = sy_alloc(scores->n_classes, sizeof *half.factors);
  if (!half.factors) return sy_fail_memory(error);
  status = cross(at, column, &half, error);
  free(half.factors);
  return status;
}

static sy_status judge_tuned(work *at, sy_error *error) {
  const sy_scores *scores = at->scores;
  sy_rules *rules = at->rules;
  if (!at->options->tune) return SY_OK;
  bool many = scores->positive < 0;
  double *column = sy_alloc(scores->n, sizeof *column);
  if (many) rules->factors = sy_alloc(scores->n_classes, sizeof *rules->factors);
  bool complete = column && (rules->factors || !many);
  sy_status status = complete ? tune_all(at, column, error) : sy_fail_memory(error);
  free(column);
  if (status != SY_OK) return status;
  sy_rule_line *line = new_line(at);
  if (many)
    name(line, "factors", "tuned");
  else
    name_threshold(line, rules->tuning.threshold, "tuned");
  return choose(at, line, many ? SY_RULE_FACTORS : SY_RULE_THRESHOLD,
                many ? NAN : rules->tuning.threshold, error);
}

static sy_status compare(const work *at, const int32_t *a, sy_cost_comparison *comparison,
                         sy_error *error) {
  const sy_scores *scores = at->scores;
  return sy_cost_compare(scores->ids, scores->n, scores->n_classes, scores->row_weights,
                         scores->costs, a, at->shown, comparison, error);
}

static sy_status find(work *at, sy_error *error) {
  const sy_scores *scores = at->scores;
  sy_rules *rules = at->rules;
  sy_scores_by_default(scores, at->default_decisions);
  memcpy(rules->decisions, at->default_decisions, scores->n * sizeof *rules->decisions);
  memcpy(at->shown, at->default_decisions, scores->n * sizeof *at->shown);
  rules->threshold = scores->positive >= 0 ? 0.5 : NAN;
  sy_status status = judge_constants(at, error);
  rules->chosen = rules->n_lines;
  if (status == SY_OK) status = judge_default(at, error);
  if (status == SY_OK) status = judge_before(at, error);
  if (status == SY_OK) status = judge_costs(at, error);
  if (status == SY_OK) status = judge_typed(at, error);
  if (status == SY_OK) status = judge_tuned(at, error);
  if (status == SY_OK) status = compare(at, at->default_decisions, &rules->against_default, error);
  for (size_t i = 0; i < scores->n; i++) at->decisions[i] = rules->best_constant;
  if (status == SY_OK) status = compare(at, at->decisions, &rules->against_constant, error);
  rules->lines[rules->chosen].chosen = true;
  return status;
}

sy_status sy_rules_find(const sy_scores *scores, const sy_rules_options *options, sy_rules *rules,
                        sy_error *error) {
  enum { ARRAYS = 5 };
  *rules = (sy_rules){.n_classes = scores->n_classes,
                      .positive = scores->positive,
                      .priced = scores->costs != NULL};
  size_t n = scores->n;
  int32_t *room = sy_alloc(n, ARRAYS * sizeof *room);
  rules->decisions = sy_alloc(n, sizeof *rules->decisions);
  rules->lines = sy_alloc_zero(MOST_LINES, sizeof *rules->lines);
  sy_status status = SY_OK;
  if (!room || !rules->decisions || !rules->lines) {
    status = sy_fail_memory(error);
  } else {
    work at = {scores, options, rules, room, room + n, room + 2 * n, room + 3 * n, room + 4 * n};
    status = find(&at, error);
  }
  free(room);
  if (status != SY_OK) sy_rules_clear(rules);
  return status;
}

void sy_rules_clear(sy_rules *rules) {
  for (size_t i = 0; i < rules->n_lines; i++) sy_metrics_clear(&rules->lines[i].metrics);
  free(rules->lines);
  free(rules->factors);
  free(rules->decisions);
  *rules = (sy_rules){0};
}
