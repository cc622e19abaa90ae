/* decide_scores.c: steelyard decide SOURCE --scores P: the best rule for what a model of any origin
 * said of rows whose labels are known. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/report.h>

#include "decide.h"
#include "json_metrics.h"
#include "json_text.h"
#include "output.h"
#include "rule_json.h"
#include "say.h"
#include "score_columns.h"
#include "tune_option.h"

typedef struct ruling {
  const settings *given;
  score_rows rows;
  sy_tune_options tune;
  bool tuned;
  sy_rules rules;
  char *words; /* the rule */
} ruling;

/* What is to decide must be said: the usual default needs no program. */
static int check_options(ruling *work, const char *source) {
  const settings *given = work->given;
  bool typed = !isnan(given->threshold);
  int code = tune_read(given, &work->tune, &work->tuned);
  if (code != EXIT_DONE) return code;
  if (typed && work->tuned)
    return say_usage("--threshold and --tune both say what decides: give one");
  if (!given->cost && !work->tuned && !typed)
    return say_usage("decide needs what the rule is to follow: --cost 'A:B=COST,..', --tune METRIC "
                     "or --threshold P");
  if (work->tuned && sy_objective_is_cost(&work->tune.objective) && !given->cost)
    return say_usage("--tune cost needs the costs: --cost 'ACTUAL:PREDICTED=COST,..'");
  return given->output ? output_check(given->output, source, NULL) : EXIT_DONE;
}

static int check_classes(const ruling *work) {
  if (work->rows.positive >= 0 || isnan(work->given->threshold)) return EXIT_DONE;
  return say_usage("--threshold is for two classes, and there are %zu", work->rows.n_classes);
}

static int find_rule(ruling *work) {
  const score_rows *rows = &work->rows;
  sy_costs costs = score_rows_costs(rows);
  sy_scores scores = score_rows_scores(rows, &rows->models[0], &costs, work->given->threshold);
  work->tune.samples = sy_bootstrap_samples_default(rows->n);
  sy_rules_options options = {.tune = work->tuned ? &work->tune : NULL, .seed = work->given->seed};
  sy_error error;
  if (sy_rules_find(&scores, &options, &work->rules, &error) == SY_OK) return EXIT_DONE;
  return say_error_at(&error, EXIT_DATA, "%s", rows->table.source);
}

/* What a threshold on p is on the score as it stands: " (xgb >= 0.75 as it stands)"; free(). */
static char *raw_words(const ruling *work) {
  const score_rows *rows = &work->rows;
  bool logits = work->given->logits;
  double raw = rule_raw_threshold(work->rules.threshold, rows->undo, rows->positive, logits);
  double shown = work->rules.threshold;
  const char *score = rule_score(rows, logits);
  if (!score || (!rows->undo && !logits) || !(shown > 0 && shown <= 1)) return text_copy("");
  return text_format(" (%s >= %.6g as it stands)", score, raw);
}

static char *two_class_words(const ruling *work) {
  const char *name = score_rows_classes(&work->rows)[work->rows.positive];
  double threshold = work->rules.threshold;
  char number[SY_NUMBER_SIZE];
  if (isnan(threshold)) return text_format("%s where that costs least", name);
  if (threshold > 1) return text_format("never %s", name);
  if (threshold <= 0) return text_format("always %s", name);
  char *raw = raw_words(work);
  char *words = work->rules.tuned ? text_format("%s where p >= %s%s", name,
                                                sy_number_format(threshold, number), raw)
                                  : text_format("%s where p >= %.6g%s", name, threshold, raw);
  free(raw);
  return words;
}

static char *rule_words(const ruling *work) {
  if (work->rows.positive >= 0) return two_class_words(work);
  return text_copy(work->rules.factors ? "the class whose factor times its probability is largest"
                                       : "the class of least expected cost");
}

static char *why_words(const ruling *work) {
  char text[SY_TUNE_TEXT_SIZE];
  const sy_tuned *tuning = &work->rules.tuning;
  if (work->rules.tuned && sy_objective_is_cost(&work->tune.objective))
    return text_format("tuned for %s", sy_tune_options_text(&work->tune, text));
  if (work->rules.tuned && isnan(tuning->value_low)) /* some sample lacks a class */
    return text_format("tuned for %s: %.3f on these rows", sy_tune_options_text(&work->tune, text),
                       tuning->value);
  if (work->rules.tuned)
    return text_format("tuned for %s: %.3f (%.3f-%.3f) on these rows",
                       sy_tune_options_text(&work->tune, text), tuning->value, tuning->value_low,
                       tuning->value_high);
  return text_copy(isnan(work->given->threshold) ? "from your costs" : "as typed");
}

static int tell_screen(const ruling *work) {
  const score_rows *rows = &work->rows;
  char number[SY_NUMBER_SIZE], *text, *why = why_words(work);
  char *heading = text_format("%s on the %s row%s of %s\nrule: %s, %s\n", rows->models[0].name,
                              text_count(rows->n, number), rows->n == 1 ? "" : "s",
                              rows->table.source, work->words, why);
  sy_error error;
  sy_status status =
      sy_report_rules(&work->rules, heading, score_rows_classes(rows), &text, &error);
  free(heading);
  free(why);
  if (status != SY_OK) return say_error(&error);
  say_result(text);
  free(text);
  say_remarks(rows->messages);
  return EXIT_DONE;
}

static json_t *whole_json(const ruling *work) {
  const sy_rules *rules = &work->rules;
  json_t *object = rule_json(rules, &work->rows, work->given->logits, work->words);
  json_object_set_new(object, "source", json_text(work->rows.table.source));
  json_object_set_new(object, "rows", json_count(work->rows.n));
  json_object_set_new(object, "tuned", rule_json_tuning(rules, &work->tune));
  json_object_set_new(object, "judged", rule_json_lines(rules));
  if (rules->priced) {
    json_object_set_new(object, "saving_against_default", json_saving(&rules->against_default));
    json_object_set_new(object, "saving_against_constant", json_saving(&rules->against_constant));
  }
  json_object_set_new(object, "warnings", json_messages(work->rows.messages));
  return object;
}

static int write_rule(const ruling *work) {
  if (!work->given->output) return EXIT_DONE;
  json_t *object = whole_json(work);
  int code = json_write(object, work->given->output);
  json_decref(object);
  return code;
}

static int tell(const ruling *work) {
  if (!work->given->json) return tell_screen(work);
  json_say(whole_json(work));
  return EXIT_DONE;
}

int decide_scores(const settings *given, const char *source) {
  ruling work = {.given = given};
  int code = check_options(&work, source);
  if (code == EXIT_DONE) code = score_rows_read(given, source, &work.rows);
  if (code == EXIT_DONE) code = check_classes(&work);
  if (code == EXIT_DONE) code = find_rule(&work);
  if (code == EXIT_DONE) work.words = rule_words(&work);
  if (code == EXIT_DONE) code = say_all_noted(work.rows.messages);
  if (code == EXIT_DONE) code = write_rule(&work);
  if (code == EXIT_DONE) code = tell(&work);
  free(work.words);
  sy_rules_clear(&work.rules);
  score_rows_close(&work.rows);
  return code;
}
