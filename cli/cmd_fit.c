/* cmd_fit.c: steelyard fit: a table becomes a model that decides. */
#include <stdlib.h>
#include <string.h>

#include <steelyard/onnx.h>
#include <steelyard/report.h>
#include <steelyard/study_families.h>

#include "checkpoint_option.h"
#include "clock.h"
#include "command.h"
#include "cost_option.h"
#include "fit_files.h"
#include "fit_json.h"
#include "fit_labels.h"
#include "fit_options.h"
#include "interrupt.h"
#include "json_text.h"
#include "model_notes.h"
#include "page_option.h"
#include "policy_option.h"
#include "say.h"
#include "tune_option.h"

/* A training under way. */
typedef struct training {
  const settings *given;
  const char *source;
  test_plan plan;
  family_plan family;
  checkpoint_plan checkpoint;
  epoch_log log;
  dataset data, test; /* `test` only where --test names a source */
  weighting weights;
  bool automatic; /* class weights are chosen */
  sy_objective chooser;
  bool tunes;
  sy_tune_options tune;
  sy_study_calibration calibrate;
  char *weights_reading;      /* what is to be said of how they were read, or NULL */
  sy_cost_rule rule;          /* n_classes 0 where there are no costs */
  double *costs, *test_costs; /* (rows, V) what its expressions come to, or NULL */
  int positive;               /* or -1 */
  sy_study study;
  sy_families families; /* n 0 but with --model auto */
  double begun;
} training;

/* What is chosen on rows that the models did not see. */
static int check_choices(training *work) {
  const settings *given = work->given;
  sy_error error;
  if (given->calibrate &&
      sy_study_calibration_parse(given->calibrate, &work->calibrate, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--calibrate");
  int code = weighting_automatic(given, &work->automatic, &work->chooser);
  return code == EXIT_DONE ? tune_read(given, &work->tune, &work->tunes) : code;
}

/* Weights that are chosen are none until then. */
static int check_policy(training *work) {
  settings given = *work->given;
  if (work->automatic) given.class_weight = NULL;
  return weighting_read(&given, "none", &work->weights);
}

static int check_options(training *work) {
  const settings *given = work->given;
  if (!given->label) return say_usage("fit needs --label COL, the column of the classes");
  if (!given->output) return say_usage("fit needs -o MODEL, the file to write the model to");
  if (strcmp(given->output, "-") == 0)
    return say_usage("-o -: stdout takes the report; give the model a file name");
  int code = family_read(given, &work->family);
  if (code == EXIT_DONE) code = test_plan_read(given, &work->plan);
  if (code == EXIT_DONE) code = check_choices(work);
  if (code == EXIT_DONE) code = check_policy(work);
  if (code == EXIT_DONE) code = fit_files_check(given, work->source, work->plan.source);
  if (code == EXIT_DONE) code = checkpoint_read(given, &work->checkpoint);
  if (code != EXIT_DONE || !work->plan.source) return code;
  if (strcmp(work->source, "-") == 0 && strcmp(work->plan.source, "-") == 0)
    return say_usage("--test -: stdin is read for the training already; give another source");
  return EXIT_DONE;
}

static int read_test_source(training *work) {
  settings judged = *work->given;
  judged.group = judged.sequence = NULL;
  /* Without --classes, the names of the classes are the ids themselves. */
  if (!judged.classes.n) judged.label_kind = "name";
  declared_classes declared = {sy_labels_classes(work->data.labels),
                               sy_labels_n_classes(work->data.labels)};
  needed_columns needed = needed_by_frame(&work->data.features, "the training");
  int code = dataset_read_judged(&judged, work->plan.source, &needed, declared, &work->test);
  needed_free(&needed);
  return code;
}

static int read_data(training *work) {
  dataset *data = &work->data;
  int code = dataset_read_training(work->given, work->source, data);
  if (code == EXIT_DONE) code = label_column_check(&data->table, data->label_place, data->labels);
  if (code != EXIT_DONE) return code;
  code = test_plan_settle(&work->plan, reading_rows(&data->table));
  return code == EXIT_DONE && work->plan.source ? read_test_source(work) : code;
}

static int find_positive(training *work) {
  const char *name = work->given->positive;
  const sy_labels *labels = work->data.labels;
  size_t n_classes = sy_labels_n_classes(labels);
  work->positive = -1;
  if (!name) return EXIT_DONE;
  if (n_classes != 2)
    return say_usage("--positive is for two classes, and there are %zu; --group-classes makes "
                     "fewer of them",
                     n_classes);
  work->positive = sy_labels_find(labels, name);
  if (work->positive >= 0) return EXIT_DONE;
  const char *const *classes = sy_labels_classes(labels);
  return say_usage("--positive: there is no class '%s'; there are '%s' and '%s'", name, classes[0],
                   classes[1]);
}

/* The policy "cost" makes one weight a class of the costs, so they must not differ by row. */
static int settle_weights(training *work, const char *const *classes, size_t n_classes) {
  const sy_cost_rule *rule = &work->rule;
  const weighting *weights = &work->weights;
  bool varying =
      sy_policy_needs_cost(weights->policy) && !weights->cost_file && rule->n_expressions;
  if (varying)
    return say_usage("--class-weight cost takes costs that are the same for every row, and '%s' "
                     "differs: leave the weights out (costs decide row by row without them), or "
                     "give numbers for them as --class-weight @FILE.cost",
                     rule->expressions[0]);
  return weighting_settle(weights, classes, n_classes, rule->n_classes ? rule->fixed : NULL);
}

/* Class weights that cannot be had are found before any training. */
static int check_weights(training *work) {
  const sy_labels *labels = work->data.labels;
  const char *const *classes = sy_labels_classes(labels);
  size_t n_classes = sy_labels_n_classes(labels);
  sy_counts *counts = NULL;
  double *weights = NULL;
  int code = settle_weights(work, classes, n_classes);
  if (code == EXIT_DONE) code = label_column_counts(labels, work->data.row_weights, &counts);
  if (code == EXIT_DONE) code = weighting_weigh(&work->weights, counts, &weights);
  if (code == EXIT_DONE)
    work->weights_reading = weighting_reading(&work->weights, classes, n_classes);
  sy_counts_free(counts);
  free(weights);
  return code;
}

static int take_costs(const training *work, const dataset *data, double **values) {
  return cost_columns_values(&data->costs, &data->table, &work->rule,
                             sy_labels_classes(work->data.labels), data->row_weights, values);
}

/* Finds what is wrong with weights, costs and the positive class before any training. */
static int check_classes(training *work) {
  const sy_labels *labels = work->data.labels;
  int code = cost_rule_read(work->given, sy_labels_classes(labels), sy_labels_n_classes(labels),
                            &work->rule, NULL);
  if (code == EXIT_DONE) code = take_costs(work, &work->data, &work->costs);
  if (code == EXIT_DONE && work->plan.source)
    code = take_costs(work, &work->test, &work->test_costs);
  if (code == EXIT_DONE) code = check_weights(work);
  return code == EXIT_DONE ? find_positive(work) : code;
}

static sy_study_options study_options(training *work) {
  sy_study_options options = fit_study_options(work->given, &work->family, &work->plan, &work->log);
  options.checkpoint = work->checkpoint.options;
  options.policy = work->weights.policy;
  options.normalize = work->weights.normalize;
  options.cost_rule = work->rule.n_classes ? &work->rule : NULL;
  options.positive = work->positive;
  options.automatic = work->automatic ? &work->chooser : NULL;
  options.tune = work->tunes ? &work->tune : NULL;
  options.calibrate = work->calibrate;
  return options;
}

static int train(training *work) {
  sy_study_data data = {.frame = &work->data.features,
                        .labels = work->data.labels,
                        .row_weights = work->data.row_weights,
                        .groups = work->data.groups,
                        .test_mask = work->data.test_mask,
                        .test_frame = &work->test.features,
                        .test_labels = work->test.labels,
                        .test_row_weights = work->test.row_weights,
                        .cost_values = work->costs,
                        .test_cost_values = work->test_costs};
  sy_study_options options = study_options(work);
  sy_error error;
  work->log = epoch_log_of(work->given);
  checkpoint_watch(&work->checkpoint);
  sy_status status = work->family.automatic
                         ? sy_study_choose(&data, &options, &work->study, &work->families, &error)
                         : sy_study_run(&data, &options, &work->study, &error);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

static int write_model(training *work) {
  int code = model_notes_set(work->given, &work->data, &work->plan, &work->study);
  if (code != EXIT_DONE) return code;
  if (interrupt_seen()) return interrupt_end();
  sy_error error;
  sy_status status = sy_model_save(work->study.model, work->given->output, &error);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

static int write_page(const training *work) {
  const char *path = work->given->report;
  if (!path) return EXIT_DONE;
  sy_costs costs = sy_cost_rule_view(&work->rule, NULL);
  const char *folder = strrchr(work->data.table.source, '/');
  char *html, *title = text_format("%s: %s", folder ? folder + 1 : work->data.table.source,
                                   sy_model_note(work->study.model, NOTE_LABEL));
  sy_error error;
  sy_status status = sy_report_choice_page(&work->study, &work->families, title,
                                           work->rule.n_classes ? &costs : NULL, &html, &error);
  free(title);
  if (status != SY_OK) return say_error(&error);
  int code = page_write(path, html);
  free(html);
  return code;
}

/* The families above the screen of the one that is kept. */
static int tell_families(const training *work) {
  char *text;
  sy_error error;
  if (work->families.n == 0) return EXIT_DONE;
  if (sy_report_families(&work->families, &text, &error) != SY_OK) return say_error(&error);
  say_result(text);
  say_result("\n");
  free(text);
  return EXIT_DONE;
}

static int tell_screen(const training *work) {
  char *text;
  sy_error error;
  int code = tell_families(work);
  if (code != EXIT_DONE) return code;
  if (sy_report_study(&work->study, reading_rows(&work->data.table), work->data.columns_given,
                      work->data.table.seconds, &text, &error) != SY_OK)
    return say_error(&error);
  const sy_review *shown = work->study.test.n_ways ? &work->study.test : &work->study.train;
  char *last = text_format("%s%s: trained on all rows, rule inside. Next: steelyard predict %s "
                           "new.csv\n",
                           shown->has_saving ? "" : "\n", work->given->output, work->given->output);
  say_result(text);
  say_result(last);
  say_remarks(work->study.messages);
  free(last);
  free(text);
  return EXIT_DONE;
}

static json_t *json_seconds(const training *work) {
  json_t *seconds = json_object();
  json_object_set_new(seconds, "read",
                      json_number(work->data.table.seconds + work->test.table.seconds));
  json_object_set_new(seconds, "fit", json_number(work->study.fit_seconds));
  json_object_set_new(seconds, "total", json_number(clock_seconds() - work->begun));
  return seconds;
}

static int tell_json(const training *work) {
  json_t *object = json_object(), *found = json_study(&work->study, &work->tune,
                                                      &work->family.network, &work->family.boosted);
  json_object_set_new(object, "model", json_text(work->given->output));
  json_object_set_new(object, "rows", json_count(reading_rows(&work->data.table)));
  json_object_update(object, found);
  json_decref(found);
  json_object_set_new(object, "families", json_families(&work->families));
  json_object_set_new(object, "seconds", json_seconds(work));
  json_say(object);
  return EXIT_DONE;
}

static void training_clear(training *work) {
  sy_study_clear(&work->study);
  sy_families_clear(&work->families);
  sy_cost_rule_clear(&work->rule);
  free(work->costs);
  free(work->test_costs);
  free(work->weights_reading);
  family_plan_clear(&work->family);
  checkpoint_plan_clear(&work->checkpoint);
  weighting_clear(&work->weights);
  dataset_close(&work->test);
  dataset_close(&work->data);
}

int command_fit(const settings *given, char *const *arguments) {
  if (fit_labels_asked(given)) return fit_labels(given, arguments[0]);
  training work = {.given = given, .source = arguments[0], .begun = clock_seconds()};
  int code = check_options(&work);
  if (code == EXIT_DONE) code = read_data(&work);
  if (code == EXIT_DONE) code = check_classes(&work);
  if (code == EXIT_DONE) code = train(&work);
  if (code == EXIT_DONE) code = write_model(&work);
  if (code == EXIT_DONE) code = write_page(&work);
  if (code == EXIT_DONE) code = given->json ? tell_json(&work) : tell_screen(&work);
  if (code == EXIT_DONE && work.weights_reading) say_remark("note: %s", work.weights_reading);
  int log_code = epoch_log_close(&work.log);
  if (code == EXIT_DONE) code = log_code;
  training_clear(&work);
  return code;
}
