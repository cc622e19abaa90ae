/* families.c: the families of models tried on the same rows, and the best one kept. */
#include <steelyard/study_families.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "study/family_contest.h"

typedef struct choosing {
  const sy_study_data *data;
  const sy_study_options *options;
  sy_families *families;
  sy_study studies[SY_N_FAMILIES];
  sy_family_contest contest;
  char stage[64];
} choosing;

static sy_status check(const sy_study_data *data, const sy_study_options *options,
                       sy_error *error) {
  if (options->test == SY_TEST_NONE)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "families are chosen between on rows that no model saw: give a test (--test "
                   "cv:5)");
  if (options->checkpoint.path || options->checkpoint.resume)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a checkpoint is of one family's trainings: leave it out, or name the family "
                   "(--model mlp)");
  if (data->held_mask)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "rows held back by name are of networks and boosted trees alone: leave them "
                   "out, or name the family (--model boosted)");
  return SY_OK;
}

static bool relay(void *context, const char *stage, double fraction) {
  choosing *c = context;
  const sy_progress *progress = &c->options->progress;
  double done = ((double)c->families->n + fraction) / SY_N_FAMILIES;
  sy_study_family family = c->families->trials[c->families->n].family;
  snprintf(c->stage, sizeof c->stage, "%s: %.48s", sy_study_family_name(family), stage);
  return progress->call(progress->context, c->stage, done);
}

/* One family; that it cannot be trained is no failure of the choice. */
static sy_status run_family(choosing *c, sy_study_family family, sy_error *error) {
  sy_families *families = c->families;
  sy_family_trial *trial = &families->trials[families->n];
  sy_study *study = &c->studies[families->n];
  sy_study_options options = *c->options;
  sy_error trouble = {0};
  trial->family = family;
  options.family = family;
  options.alone = true;
  if (options.progress.call) options.progress = (sy_progress){relay, c};
  sy_status status = sy_study_run(c->data, &options, study, &trouble);
  if (status == SY_UNSUPPORTED || status == SY_NUMERIC_FAILURE) {
    snprintf(trial->trouble, sizeof trial->trouble, "%.*s", (int)sizeof trial->trouble - 1,
             trouble.text);
    families->n++;
    return SY_OK;
  }
  if (status != SY_OK) return sy_fail(error, status, "%s", trouble.text);
  sy_costs costs = sy_family_costs(c->options, study);
  sy_evaluation evaluation =
      sy_review_evaluation(&study->test, costs.n_classes > 0 ? &costs : NULL);
  status = sy_evaluate(&evaluation, &trial->metrics, error);
  trial->judged = status == SY_OK;
  trial->seconds = study->fit_seconds;
  families->n++;
  return status;
}

static sy_status run_families(choosing *c, sy_error *error) {
  sy_status status = SY_OK;
  for (int family = 0; status == SY_OK && family < SY_N_FAMILIES; family++)
    status = run_family(c, (sy_study_family)family, error);
  if (status != SY_OK) return status;
  for (size_t i = 0; i < c->families->n; i++)
    if (c->families->trials[i].judged) return SY_OK;
  return sy_fail(error, SY_NUMERIC_FAILURE, "no family could be trained; the first: %s",
                 c->families->trials[0].trouble);
}

/* A value that is not defined is no better than any. */
static bool is_better(const sy_families *families, double a, double b) {
  if (isnan(a) || isnan(b)) return !isnan(a);
  return families->greater_is_better ? a > b : a < b;
}

static void choose(choosing *c) {
  sy_families *families = c->families;
  bool found = false;
  for (size_t i = 0; i < families->n; i++) {
    sy_family_trial *trial = &families->trials[i];
    if (!trial->judged) continue;
    trial->value = sy_family_value(&c->contest, &trial->metrics);
    if (found && !is_better(families, trial->value, families->trials[families->chosen].value))
      continue;
    families->chosen = i;
    found = true;
  }
  families->rows = c->studies[families->chosen].test.rows.n;
}

/* Measures of probabilities are hard on scores: families that have them lose by that alone. */
static void tell_scores(const choosing *c, sy_messages *messages) {
  if (c->contest.measure != SY_FAMILY_LOG_LOSS && c->contest.measure != SY_FAMILY_BRIER) return;
  const char *scores = "";
  for (size_t i = 0; i < c->families->n; i++)
    if (i != c->families->chosen && c->families->trials[i].judged && c->studies[i].scores_only[0])
      scores = c->studies[i].scores_only;
  if (!scores[0]) return;
  sy_messages_add(messages,
                  "what %s makes of networks and boosted trees are scores, which %s takes for "
                  "probabilities: --calibrate temperature makes families comparable",
                  scores, c->families->measure);
}

/* The figures themselves are in `families`. */
static sy_status tell(const choosing *c, sy_error *error) {
  const sy_families *families = c->families;
  sy_messages *messages = c->studies[families->chosen].messages;
  sy_messages_add(
      messages,
      "%s was chosen by its %s on the rows of the test, so its figures are a little too "
      "hopeful",
      sy_study_family_name(families->trials[families->chosen].family), families->measure);
  tell_scores(c, messages);
  return sy_messages_check(messages, error);
}

static sy_status run_steps(choosing *c, sy_error *error) {
  sy_status status = check(c->data, c->options, error);
  if (status == SY_OK) status = run_families(c, error);
  if (status != SY_OK) return status;
  sy_family_contest_begin(&c->contest, c->options, c->studies, c->families);
  choose(c);
  status = sy_family_contest_intervals(&c->contest, error);
  return status == SY_OK ? tell(c, error) : status;
}

sy_status sy_study_choose(const sy_study_data *data, const sy_study_options *options,
                          sy_study *study, sy_families *families, sy_error *error) {
  *study = (sy_study){0};
  *families = (sy_families){0};
  choosing c = {.data = data, .options = options, .families = families};
  sy_status status = run_steps(&c, error);
  if (status == SY_OK) {
    *study = c.studies[families->chosen];
    c.studies[families->chosen] = (sy_study){0};
  }
  for (size_t i = 0; i < SY_N_FAMILIES; i++) sy_study_clear(&c.studies[i]);
  if (status != SY_OK) {
    families->n = SY_N_FAMILIES;
    sy_families_clear(families);
  }
  return status;
}

void sy_families_clear(sy_families *families) {
  for (size_t i = 0; i < families->n; i++) sy_metrics_clear(&families->trials[i].metrics);
  *families = (sy_families){0};
}
