/* decide_model.c: steelyard decide MODEL: the same model, another rule; nothing is trained. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/classifier_labels.h>
#include <steelyard/onnx.h>
#include <steelyard/report.h>

#include "cost_option.h"
#include "decide.h"
#include "decide_rows.h"
#include "json_metrics.h"
#include "json_text.h"
#include "model_notes.h"
#include "output.h"
#include "prior_option.h"
#include "rule_json.h"
#include "say.h"
#include "training_rows.h"
#include "tune_option.h"
#include "xgboost_file.h"

/* Longest description of a rule. */
enum { RULE_SIZE = 256 };

/* A change of rule under way. */
typedef struct change {
  settings given; /* completed by what the model remembers; its lists belong to main */
  bool label_typed;
  text_list noted_groups;
  const char *model_path, *source;
  bool foreign; /* the model is a file of XGBoost's */
  sy_model *model;
  sy_messages *messages;
  sy_tune_options tune;
  bool tuned;
  double *prior;             /* (K), or NULL */
  estimated_prior estimated; /* where it was */
  sy_cost_rule rule; /* of --cost; else of the model, where it was given costs; else empty */
  decided_rows rows;
  int32_t *before, *after; /* (rows) decisions */
  sy_rules rules;          /* where labels are known and the rule is another */
  sy_review review;        /* where they are and only the prior is */
  char was[RULE_SIZE], is[RULE_SIZE];
} change;

static int check_options(change *work) {
  const settings *given = &work->given;
  bool typed = !isnan(given->threshold);
  int code = tune_read(given, &work->tune, &work->tuned);
  if (code != EXIT_DONE) return code;
  if (!work->foreign && given->classes.n)
    return say_usage("--classes goes with --scores or a model of XGBoost's; %s knows its classes",
                     work->model_path);
  if (!work->foreign && !given->cost && !typed && !work->tuned && !given->prior)
    return say_usage("decide needs another rule: --cost 'A:B=COST,..', --threshold P, --prior "
                     "NAME=P,.. or a SOURCE and --tune METRIC");
  if (typed && (given->cost || work->tuned))
    return say_usage("--threshold and --%s both say what decides: give one",
                     given->cost ? "cost" : "tune");
  if (work->tuned && !work->source)
    return say_usage(
        "--tune needs a SOURCE, rows with labels that the model did not see: steelyard "
        "decide %s SOURCE --tune %s -o MODEL",
        work->model_path, given->tune);
  if (!given->output) return say_usage("decide needs -o MODEL, the file to write the model to");
  if (strcmp(given->output, "-") == 0)
    return say_usage("-o -: stdout takes the report; give the model a file name");
  return output_check(given->output, work->source, prior_source(given));
}

/* What --classes says is known to the model afterwards. */
static int take_in(change *work) {
  int code =
      xgboost_file_open(&work->given, work->model_path, work->source, work->messages, &work->model);
  work->given.classes = (text_list){0};
  return code;
}

static int open_model(change *work) {
  sy_error error;
  int code = EXIT_DONE;
  work->messages = sy_messages_new();
  if (!work->messages) return say_failed("out of memory");
  if (work->foreign)
    code = take_in(work);
  else if (sy_model_open(work->model_path, &work->model, &error) != SY_OK)
    code = say_error(&error);
  if (code != EXIT_DONE) return code;
  if (sy_model_n_labels(work->model))
    return say_usage("%s tells several labels a row, each by a rule of its own, which decide does "
                     "not change: fit --class-weight says what presence and absence weigh",
                     work->model_path);
  sy_model_describe_decision(work->model, work->was, RULE_SIZE);
  return EXIT_DONE;
}

/* What is not said is as it was in training. */
static void recall(change *work) {
  settings *given = &work->given;
  const char *groups = sy_model_note(work->model, NOTE_GROUPS);
  const char *kind = sy_model_note(work->model, NOTE_KIND);
  work->label_typed = given->label != NULL;
  if (!given->label) given->label = sy_model_note(work->model, NOTE_LABEL);
  if (kind) given->label_kind = kind;
  if (!given->ignore) given->ignore = sy_model_note(work->model, NOTE_IGNORED);
  if (given->group_classes.n || !groups) return;
  text_list_add(&work->noted_groups, groups);
  given->group_classes = work->noted_groups;
}

/* Costs that price decisions: those typed, else those that the model was given. */
static int read_costs(change *work) {
  sy_error error;
  if (work->given.cost)
    return cost_rule_read(&work->given, sy_model_classes(work->model),
                          sy_model_n_classes(work->model), &work->rule, work->messages);
  bool given = sy_model_decision_source(work->model) == SY_DECISION_GIVEN;
  if (given && sy_cost_rule_copy(sy_model_cost_rule(work->model), &work->rule, &error) != SY_OK)
    return say_error(&error);
  if (work->tuned && sy_objective_is_cost(&work->tune.objective) && !work->rule.n_classes)
    return say_usage("--tune cost needs the costs, and %s has none: --cost "
                     "'ACTUAL:PREDICTED=COST,..'",
                     work->model_path);
  return EXIT_DONE;
}

static int check_classes(const change *work) {
  size_t n_classes = sy_model_n_classes(work->model);
  if (n_classes == 2 || isnan(work->given.threshold)) return EXIT_DONE;
  return say_usage("--threshold is for two classes, and %s has %zu", work->model_path, n_classes);
}

/* The rows as the model decides them so far. */
static int read_rows(change *work) {
  if (!work->source) return EXIT_DONE;
  sy_error error;
  int code = decided_rows_read(&work->given, work->label_typed, work->source, work->model,
                               work->model_path, &work->rule, &work->rows);
  if (code != EXIT_DONE) return code;
  if (work->tuned && !work->rows.labels)
    return say_usage("--tune needs the labels of %s: --label COL names their column", work->source);
  work->before = grab(work->rows.frame.rows, sizeof *work->before);
  work->after = grab(work->rows.frame.rows, sizeof *work->after);
  if (sy_model_score(work->model, &work->rows.frame, NULL, NULL, work->before, &error) == SY_OK)
    return EXIT_DONE;
  return say_error_at(&error, EXIT_DATA, "%s", work->rows.table.source);
}

static void warn_of_row_weights(change *work) {
  const char *weight = sy_model_note(work->model, NOTE_WEIGHT);
  if (!work->source || !weight || work->given.sample_weight) return;
  sy_messages_add(work->messages,
                  "the model was trained with row weights (column \"%s\"); here every row counts "
                  "once, unless --sample-weight names a column",
                  weight);
}

static void warn_of_training_rows(change *work) {
  if (!work->rows.labels || !training_rows_are(work->model, &work->rows.frame, work->rows.labels))
    return;
  sy_messages_add(work->messages,
                  work->tuned ? "these look like the rows the model was trained on: a rule tuned "
                                "on them is too hopeful; use other rows, or fit --tune"
                              : "these look like the rows the model was trained on, so the figures "
                                "flatter it: judge it on rows it did not see");
}

static int set_prior(change *work) {
  if (!work->given.prior) return EXIT_DONE;
  const char *source = prior_source(&work->given);
  size_t n_classes = sy_model_n_classes(work->model);
  sy_error error;
  work->prior = grab(n_classes, sizeof *work->prior);
  if (sy_model_set_prior(work->model, NULL, &error) != SY_OK) return say_error(&error);
  int code =
      source ? prior_estimate(&work->given, source, work->model, work->model_path, &work->estimated)
             : prior_read(work->given.prior, sy_model_classes(work->model), n_classes, work->prior);
  if (code != EXIT_DONE) return code;
  if (source) memcpy(work->prior, work->estimated.estimate.prior, n_classes * sizeof *work->prior);
  if (sy_model_set_prior(work->model, work->prior, &error) == SY_OK) return EXIT_DONE;
  return say_error_at(&error, EXIT_USAGE, "%s", work->model_path);
}

static int set_rule(change *work, const sy_cost_rule *rule, sy_decision_source source,
                    const char *note) {
  sy_error error;
  sy_status status = sy_model_set_note(work->model, NOTE_TUNED, note, &error);
  if (status == SY_OK) status = sy_model_set_rule(work->model, rule, source, &error);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

static int set_matrix(change *work, const double *cost, const char *note) {
  sy_cost_rule rule = {0};
  sy_error error;
  if (sy_cost_rule_matrix(cost, sy_model_n_classes(work->model), &rule, &error) != SY_OK)
    return say_error(&error);
  int code = set_rule(work, &rule, SY_DECISION_TUNED, note);
  sy_cost_rule_clear(&rule);
  return code;
}

/* The positive class, of two. */
static int positive_of(const change *work) {
  int positive = sy_model_positive(work->model);
  return positive < 0 && sy_model_n_classes(work->model) == 2 ? 1 : positive;
}

static int set_threshold(change *work, double threshold, const char *note) {
  double cost[4];
  sy_cost_of_threshold(threshold, positive_of(work), cost);
  return set_matrix(work, cost, note);
}

static int set_tuned(change *work) {
  char note[SY_TUNE_TEXT_SIZE];
  size_t n_classes = sy_model_n_classes(work->model);
  sy_tune_options_text(&work->tune, note);
  if (!work->rules.factors) return set_threshold(work, work->rules.threshold, note);
  double *cost = grab(n_classes * n_classes, sizeof *cost);
  sy_cost_implied(work->rules.factors, n_classes, cost);
  int code = set_matrix(work, cost, note);
  free(cost);
  return code;
}

/* Judges the rules on the labelled rows, and finds the tuned one, by the probabilities under the
 * new prior. */
static int judge(change *work) {
  size_t n_classes = sy_model_n_classes(work->model), rows = work->rows.frame.rows;
  double *logs = grab(rows * n_classes, sizeof *logs), *p = grab(rows * n_classes, sizeof *p);
  sy_costs costs = sy_cost_rule_view(&work->rule, work->rows.cost_values);
  int32_t *ids = grab(rows, sizeof *ids);
  sy_error error;
  memcpy(ids, sy_labels_ids(work->rows.labels), rows * sizeof *ids);
  for (size_t i = 0; i < rows && work->rows.row_weights; i++)
    if (work->rows.row_weights[i] == 0) ids[i] = SY_IGNORED;
  sy_scores scores = {.n = rows,
                      .n_classes = n_classes,
                      .classes = sy_model_classes(work->model),
                      .ids = ids,
                      .row_weights = work->rows.row_weights,
                      .probabilities = p,
                      .log_probabilities = logs,
                      .costs = work->rule.n_classes ? &costs : NULL,
                      .positive = positive_of(work),
                      .threshold = work->given.threshold};
  work->tune.samples = sy_bootstrap_samples_default(rows);
  sy_rules_options options = {work->tuned ? &work->tune : NULL, work->before, "rule before",
                              work->given.seed};
  sy_status status = sy_model_score(work->model, &work->rows.frame, logs, p, NULL, &error);
  if (status == SY_OK) status = sy_rules_find(&scores, &options, &work->rules, &error);
  free(logs);
  free(p);
  free(ids);
  if (status == SY_OK) return EXIT_DONE;
  return say_error_at(&error, EXIT_DATA, "%s", work->rows.table.source);
}

/* Whether the rule itself changes, not the prior alone. */
static bool has_other_rule(const change *work) {
  return work->given.cost || work->tuned || !isnan(work->given.threshold);
}

/* The rule as it is, under the new prior. */
static int review(change *work) {
  sy_costs costs = sy_cost_rule_view(&work->rule, work->rows.cost_values);
  sy_error error;
  if (sy_review_model(work->model, &work->rows.frame, work->rows.labels, work->rows.row_weights,
                      work->rule.n_classes ? &costs : NULL, &work->review, &error) == SY_OK)
    return EXIT_DONE;
  return say_error_at(&error, EXIT_DATA, "%s", work->rows.table.source);
}

static int change_rule(change *work) {
  int code = EXIT_DONE;
  if (work->rows.labels) code = has_other_rule(work) ? judge(work) : review(work);
  if (code != EXIT_DONE) return code;
  if (work->tuned) return set_tuned(work);
  if (!isnan(work->given.threshold))
    return set_threshold(work, work->given.threshold, "a threshold typed");
  return work->given.cost ? set_rule(work, &work->rule, SY_DECISION_GIVEN, NULL) : EXIT_DONE;
}

/* What was noted of tests is of the rule before. */
static int forget_tests(change *work) {
  sy_error error;
  sy_status status = sy_model_set_note(work->model, NOTE_TEST_ACCURACY, NULL, &error);
  if (status == SY_OK) status = sy_model_set_note(work->model, NOTE_TEST_COST, NULL, &error);
  if (status == SY_OK && work->prior)
    status = sy_model_set_note(work->model, NOTE_TEST_LOG_LOSS, NULL, &error);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

static int decide_rows(change *work) {
  sy_error error;
  sy_model_describe_decision(work->model, work->is, RULE_SIZE);
  if (!work->source) return EXIT_DONE;
  if (sy_model_score(work->model, &work->rows.frame, NULL, NULL, work->after, &error) == SY_OK)
    return EXIT_DONE;
  return say_error_at(&error, EXIT_DATA, "%s", work->rows.table.source);
}

static int save(const change *work) {
  sy_error error;
  if (sy_model_save(work->model, work->given.output, &error) == SY_OK) return EXIT_DONE;
  return say_error(&error);
}

/* Rows that are decided otherwise now. */
static size_t count_changed(const change *work) {
  size_t changed = 0;
  for (size_t i = 0; i < work->rows.frame.rows; i++) changed += work->before[i] != work->after[i];
  return changed;
}

static void put_changed(const change *work, char **text) {
  size_t changed = count_changed(work), rows = work->rows.frame.rows;
  char some[SY_NUMBER_SIZE], all[SY_NUMBER_SIZE];
  text_append(text,
              text_format("changes %s of the %s row%s of %s\n", text_count(changed, some),
                          text_count(rows, all), rows == 1 ? "" : "s", work->rows.table.source));
}

static int tell_screen(const change *work) {
  char *text = text_format("before  %s\nnow     %s\n", work->was, work->is), *table = NULL;
  sy_error error;
  if (work->estimated.source)
    text_append(&text, prior_words(&work->estimated, sy_model_classes(work->model)));
  if (work->source) put_changed(work, &text);
  const char *const *classes = sy_model_classes(work->model);
  sy_status status = SY_OK;
  if (work->rules.n_lines)
    status = sy_report_rules(&work->rules, "", classes, &table, &error);
  else if (work->review.n_ways)
    status = sy_report_review(&work->review, "", classes, sy_model_n_classes(work->model), &table,
                              &error);
  if (status != SY_OK) {
    free(text);
    return say_error(&error);
  }
  if (table) text_append(&text, table);
  text_append(&text, text_format("%s%s: the same model, this rule inside\n", table ? "\n" : "",
                                 work->given.output));
  say_result(text);
  free(text);
  say_remarks(work->messages);
  return EXIT_DONE;
}

static json_t *estimate_json(const change *work) {
  const sy_prior_estimate *estimate = &work->estimated.estimate;
  const char *const *classes = sy_model_classes(work->model);
  if (!work->estimated.source) return json_null();
  json_t *object = json_object();
  json_object_set_new(object, "source", json_text(work->estimated.source));
  json_object_set_new(object, "rows", json_count(work->estimated.rows));
  json_object_set_new(object, "low",
                      json_named_numbers(classes, estimate->low, estimate->n_classes));
  json_object_set_new(object, "high",
                      json_named_numbers(classes, estimate->high, estimate->n_classes));
  json_object_set_new(object, "iterations", json_count((uint64_t)estimate->iterations));
  json_object_set_new(object, "converged", json_boolean(estimate->converged));
  return object;
}

static int tell_json(const change *work) {
  const char *const *classes = sy_model_classes(work->model);
  size_t n_classes = sy_model_n_classes(work->model);
  json_t *object = json_object();
  bool judged = work->rules.n_lines > 0, reviewed = work->review.n_ways > 0;
  json_object_set_new(object, "model", json_text(work->given.output));
  json_object_set_new(object, "before", json_text(work->was));
  json_object_set_new(object, "decision", json_text(work->is));
  json_object_set_new(object, "prior",
                      work->prior ? json_named_numbers(classes, work->prior, n_classes)
                                  : json_null());
  json_object_set_new(object, "prior_estimate", estimate_json(work));
  json_object_set_new(object, "rows",
                      work->source ? json_count(work->rows.frame.rows) : json_null());
  json_object_set_new(object, "changed",
                      work->source ? json_count(count_changed(work)) : json_null());
  json_object_set_new(object, "tuned", rule_json_tuning(&work->rules, &work->tune));
  json_object_set_new(object, "judged", judged ? rule_json_lines(&work->rules) : json_null());
  json_object_set_new(object, "test",
                      reviewed ? json_metrics(&work->review, classes) : json_null());
  json_object_set_new(object, "warnings", json_messages(work->messages));
  json_say(object);
  return EXIT_DONE;
}

static void change_clear(change *work) {
  free(work->prior);
  prior_clear(&work->estimated);
  free(work->before);
  free(work->after);
  sy_rules_clear(&work->rules);
  sy_review_clear(&work->review);
  sy_cost_rule_clear(&work->rule);
  decided_rows_close(&work->rows);
  text_list_free(&work->noted_groups);
  sy_messages_free(work->messages);
  sy_model_free(work->model);
}

int decide_model(const settings *given, const char *model_path, const char *source) {
  change work = {.given = *given,
                 .model_path = model_path,
                 .source = source,
                 .foreign = xgboost_file_is(model_path)};
  int code = check_options(&work);
  if (code == EXIT_DONE) code = open_model(&work);
  if (code == EXIT_DONE) recall(&work);
  if (code == EXIT_DONE) code = check_classes(&work);
  if (code == EXIT_DONE) code = read_costs(&work);
  if (code == EXIT_DONE) code = read_rows(&work);
  if (code == EXIT_DONE) warn_of_row_weights(&work);
  if (code == EXIT_DONE) warn_of_training_rows(&work);
  if (code == EXIT_DONE) code = set_prior(&work);
  if (code == EXIT_DONE) code = change_rule(&work);
  if (code == EXIT_DONE) code = forget_tests(&work);
  if (code == EXIT_DONE) code = decide_rows(&work);
  if (code == EXIT_DONE) code = say_all_noted(work.messages);
  if (code == EXIT_DONE) code = save(&work);
  if (code == EXIT_DONE) code = given->json ? tell_json(&work) : tell_screen(&work);
  change_clear(&work);
  return code;
}
