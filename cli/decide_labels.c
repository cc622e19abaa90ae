/* decide_labels.c: steelyard decide SOURCE --labels A,B --scores PA,PB: a threshold for each of
 * several labels a row. */
#include <math.h>
#include <stdlib.h>

#include <steelyard/report.h>

#include "cost_option.h"
#include "decide.h"
#include "json_text.h"
#include "output.h"
#include "rule_json.h"
#include "say.h"
#include "score_columns.h"
#include "tune_option.h"

/* What --cost calls a label that is there and one that is not. */
static const char *const yes_no[] = {"no", "yes"};

typedef struct ruling {
  const settings *given;
  score_rows rows;
  sy_tune_options tune;
  bool tuned;
  double *cost;       /* (2, 2), or NULL */
  const char **names; /* (L) of the labels */
  sy_rules *rules;    /* (L) */
} ruling;

static int check_options(ruling *work, const char *source) {
  const settings *given = work->given;
  bool typed = !isnan(given->threshold);
  int code = tune_read(given, &work->tune, &work->tuned);
  if (code != EXIT_DONE) return code;
  if (typed + work->tuned != 1)
    return say_usage("decide --labels needs what the thresholds are to follow: --tune METRIC (f1, "
                     "or cost with --cost 'yes:no=20'), or --threshold P to judge one");
  if (work->tuned && sy_objective_is_cost(&work->tune.objective) && !given->cost)
    return say_usage("--tune cost needs the costs of a label missed, --cost 'yes:no=20'");
  return given->output ? output_check(given->output, source, NULL) : EXIT_DONE;
}

/* The rule of one label: yes or no, with the probability of yes. */
static int find_rule(const ruling *work, size_t label, sy_rules *rules) {
  const score_rows *rows = &work->rows;
  size_t n = rows->n, width = rows->n_labels;
  double *p = grab(2 * n, sizeof *p), *logs = grab(2 * n, sizeof *logs);
  int32_t *ids = grab(n, sizeof *ids);
  for (size_t i = 0; i < n; i++) {
    double yes = rows->models[0].probabilities[i * width + label];
    ids[i] = rows->truth[i * width + label];
    p[2 * i] = 1 - yes;
    p[2 * i + 1] = yes;
    logs[2 * i] = log1p(-yes);
    logs[2 * i + 1] = log(yes);
  }
  sy_costs costs = {.n_classes = 2, .fixed = work->cost};
  sy_scores scores = {.n = n,
                      .n_classes = 2,
                      .classes = yes_no,
                      .rows = rows->rows,
                      .ids = ids,
                      .row_weights = rows->row_weights,
                      .probabilities = p,
                      .log_probabilities = logs,
                      .costs = work->cost ? &costs : NULL,
                      .positive = 1,
                      .threshold = work->given->threshold};
  sy_rules_options options = {.tune = work->tuned ? &work->tune : NULL, .seed = work->given->seed};
  sy_error error;
  sy_status status = sy_rules_find(&scores, &options, rules, &error);
  free(p);
  free(logs);
  free(ids);
  if (status == SY_OK) return EXIT_DONE;
  return say_error_at(&error, EXIT_DATA, "%s, label \"%s\"", rows->table.source,
                      work->names[label]);
}

static int find_rules(ruling *work) {
  const score_rows *rows = &work->rows;
  int code = cost_read(work->given, yes_no, 2, &work->cost, rows->messages);
  work->names = score_rows_label_names(rows);
  work->rules = grab(rows->n_labels, sizeof *work->rules);
  work->tune.samples = sy_bootstrap_samples_default(rows->n);
  for (size_t l = 0; l < rows->n_labels && code == EXIT_DONE; l++)
    code = find_rule(work, l, &work->rules[l]);
  return code;
}

static int tell_screen(const ruling *work) {
  const score_rows *rows = &work->rows;
  char number[SY_NUMBER_SIZE], what[SY_TUNE_TEXT_SIZE], *text;
  const char *why = work->tuned ? sy_tune_options_text(&work->tune, what) : "as typed";
  char *heading =
      text_format("%s row%s of %s, a threshold for each of %zu labels%s%s\n\n",
                  text_count(rows->n, number), rows->n == 1 ? "" : "s", rows->table.source,
                  rows->n_labels, work->tuned ? ", tuned for " : ", ", why);
  sy_error error;
  sy_status status = sy_report_label_rules(work->rules, work->names, rows->n_labels, &text, &error);
  if (status == SY_OK) {
    say_result(heading);
    say_result(text);
    free(text);
  }
  free(heading);
  if (status != SY_OK) return say_error(&error);
  say_remarks(rows->messages);
  return EXIT_DONE;
}

static json_t *label_json(const ruling *work, size_t label, size_t column) {
  const sy_rules *rules = &work->rules[label];
  const score_rows *rows = &work->rows;
  const double *undo = rows->undo ? rows->undo + 2 * label : NULL;
  double raw = rule_raw_threshold(rules->threshold, undo, 1, work->given->logits);
  json_t *object = json_object();
  json_object_set_new(object, "label", json_text(work->names[label]));
  json_object_set_new(object, "score",
                      json_text(column_list_name(&rows->table, &rows->models[0].columns, column)));
  json_object_set_new(object, "threshold", json_number(rule_threshold_number(rules->threshold)));
  json_object_set_new(object, "raw_threshold", json_number(raw));
  json_object_set_new(object, "undone_weights", undo ? json_numbers(undo, 2) : json_null());
  json_object_set_new(object, "tuned", rule_json_tuning(rules, &work->tune));
  json_object_set_new(object, "judged", rule_json_lines(rules));
  return object;
}

static json_t *whole_json(const ruling *work) {
  const score_rows *rows = &work->rows;
  size_t *column = grab(rows->n_labels, sizeof *column);
  for (size_t i = 0; i < rows->n_labels; i++) column[rows->models[0].order[i]] = i;
  json_t *object = json_object(), *labels = json_array();
  json_object_set_new(object, "kind", json_text("thresholds"));
  json_object_set_new(object, "source", json_text(rows->table.source));
  json_object_set_new(object, "rows", json_count(rows->n));
  json_object_set_new(object, "logits", json_boolean(work->given->logits));
  for (size_t l = 0; l < rows->n_labels; l++)
    json_array_append_new(labels, label_json(work, l, column[l]));
  json_object_set_new(object, "labels", labels);
  json_object_set_new(object, "warnings", json_messages(rows->messages));
  free(column);
  return object;
}

static int tell(const ruling *work) {
  json_t *object = whole_json(work);
  int code = work->given->output ? json_write(object, work->given->output) : EXIT_DONE;
  if (code == EXIT_DONE && work->given->json) {
    json_say(object);
    return code;
  }
  json_decref(object);
  return code == EXIT_DONE ? tell_screen(work) : code;
}

int decide_labels(const settings *given, const char *source) {
  ruling work = {.given = given};
  settings without_cost = *given; /* it prices a label missed or wrongly there, not classes */
  without_cost.cost = NULL;
  int code = check_options(&work, source);
  if (code == EXIT_DONE) code = score_rows_read(&without_cost, source, &work.rows);
  if (code == EXIT_DONE) code = find_rules(&work);
  if (code == EXIT_DONE) code = say_all_noted(work.rows.messages);
  if (code == EXIT_DONE) code = tell(&work);
  for (size_t l = 0; work.rules && l < work.rows.n_labels; l++) sy_rules_clear(&work.rules[l]);
  free(work.rules);
  free(work.names);
  free(work.cost);
  score_rows_close(&work.rows);
  return code;
}
