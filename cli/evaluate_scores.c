/* evaluate_scores.c: steelyard evaluate SOURCE --scores P: what models of any origin said of rows
 * whose labels are known. */
#include <math.h>

#include "evaluate.h"
#include "judged.h"
#include "page_option.h"
#include "say.h"
#include "score_columns.h"

static int review(const score_rows *rows, const sy_costs *costs, judged *work) {
  if (!isnan(work->given->threshold) && rows->positive < 0)
    return say_usage("--threshold is for two classes, and there are %zu", rows->n_classes);
  judged_begin(work, rows->n_models);
  for (size_t m = 0; m < rows->n_models; m++) {
    sy_scores scores = score_rows_scores(rows, &rows->models[m], costs, work->given->threshold);
    sy_error error;
    work->names[m] = rows->models[m].name;
    if (sy_review_scores(&scores, &work->reviews[m], &error) != SY_OK)
      return say_error_at(&error, EXIT_DATA, "%s", rows->table.source);
  }
  return EXIT_DONE;
}

/* Costs by which the last of the ways decides, as sy_review_scores takes it for the stored rule;
 * NULL where they differ by row. `typed` holds those of a threshold, or of none. */
static const double *rule_of(const score_rows *rows, double threshold, double typed[4]) {
  bool priced = rows->rule.n_classes > 0;
  if (rows->positive < 0) return priced && !rows->rule.n_expressions ? rows->rule.fixed : NULL;
  if (isnan(threshold) && priced) return rows->rule.n_expressions ? NULL : rows->rule.fixed;
  sy_cost_of_threshold(isnan(threshold) ? 0.5 : threshold, rows->positive, typed);
  return typed;
}

/* Scores that are far from the truth on average are no probabilities, and what costs make of them
 * is no rule: a model trained with class weights gives such. Far is half as much again, and more
 * than sampling does. */
static void warn_of_mean(const settings *given, const judged *work) {
  for (size_t m = 0; m < work->n_models; m++) {
    const sy_review *review = &work->reviews[m];
    double mean = review->mean_probability, observed = review->observed_share;
    double error = 3 * sqrt(observed * (1 - observed) / (double)review->rows.n);
    bool far = mean > 1.5 * observed || observed > 1.5 * mean;
    double auc = review->ways[review->stored].metrics.roc_auc;
    if (review->positive < 0 || !far || !(fabs(mean - observed) > error)) continue;
    if (auc < 0.5) continue; /* turned around, which is told elsewhere */
    sy_messages_add(work->messages,
                    "%s says %.3f on average, where a share of %.3f is \"%s\": these are no "
                    "probabilities%s",
                    work->names[m], mean, observed, work->classes[review->positive],
                    given->undo_weights ? ", --undo-weights or not"
                                        : "; --undo-weights takes out the class weights of a "
                                          "training, as in --undo-weights 10");
  }
}

/* One label a row. */
static int evaluate_classes(const settings *given, const score_rows *rows,
                            fail_conditions *conditions) {
  sy_costs costs = score_rows_costs(rows);
  judged work = {.given = given,
                 .source = rows->table.source,
                 .rows = rows->n,
                 .classes = score_rows_classes(rows),
                 .n_classes = rows->n_classes,
                 .costs = rows->rule.n_classes ? &costs : NULL,
                 .messages = rows->messages,
                 .conditions = conditions};
  double rule[4];
  work.rule = rule_of(rows, given->threshold, rule);
  int code = review(rows, &costs, &work);
  if (code == EXIT_DONE) warn_of_mean(given, &work);
  if (code == EXIT_DONE) code = judged_tell(&work);
  judged_clear(&work);
  return code;
}

int evaluate_scores(const settings *given, const char *source, fail_conditions *conditions) {
  score_rows rows = {0};
  int code = page_check(given, source, NULL);
  if (code == EXIT_DONE) code = score_rows_read(given, source, &rows);
  if (code == EXIT_DONE && rows.n_labels && conditions->n)
    code =
        say_usage("--fail-if is for one label a row; judge one of --labels by itself, by --label");
  if (code == EXIT_DONE)
    code =
        rows.n_labels ? evaluate_labels(given, &rows) : evaluate_classes(given, &rows, conditions);
  score_rows_close(&rows);
  return code;
}
