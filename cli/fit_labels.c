/* fit_labels.c: a table becomes a model of several labels a row. */
#include "fit_labels.h"

#include <stdlib.h>
#include <string.h>

#include <steelyard/onnx.h>
#include <steelyard/report_labels.h>

#include "clock.h"
#include "dataset.h"
#include "fit_files.h"
#include "fit_json.h"
#include "fit_options.h"
#include "interrupt.h"
#include "json_labels.h"
#include "json_text.h"
#include "model_notes.h"
#include "policy_option.h"
#include "say.h"

/* A training under way. */
typedef struct training {
  const settings *given;
  const char *source;
  test_plan plan;
  dataset data, test; /* `test` only where --test names a source */
  weighting weights;
  char *weights_reading; /* what is to be said of how they were read, or NULL */
  sy_study_calibration calibrate;
  family_plan family;
  epoch_log log;
  sy_label_study study;
  double begun;
} training;

bool fit_labels_asked(const settings *given) {
  return given->labels.n || given->label_separator;
}

/* Options of one class a row, and what there is in their place. */
static int check_single(const settings *given) {
  const struct {
    const char *option, *instead;
    bool used;
  } single[] = {
      {"--positive", "of each label presence is what is told", given->positive != NULL},
      {"--classes", "the labels are the columns or the names in the lists", given->classes.n > 0},
      {"--group-classes", "a query as source can put labels together", given->group_classes.n > 0},
      {"--label-kind", "--labels are of 0 and 1, lists of names", given->label_kind != NULL},
      {"--cost", "class weights imply what mistakes cost, as --class-weight pos",
       given->cost != NULL},
      {"--tune", "decide --scores tunes a threshold for each label of predicted columns",
       given->tune != NULL},
      {"--report", "the figures are printed, and --json has them all", given->report != NULL},
      {"--model auto", "name a family, as --model boosted", strcmp(given->model, "auto") == 0},
      {"--checkpoint", "their training begins afresh", given->checkpoint != NULL},
      {"--resume", "their training begins afresh", given->resume != NULL},
      {"--ignore", "it goes with lists of names (--label-separator)",
       given->ignore != NULL && given->labels.n > 0}};
  for (size_t i = 0; i < sizeof single / sizeof *single; i++)
    if (single[i].used)
      return say_usage("%s goes with one class a row, not with several labels: %s",
                       single[i].option, single[i].instead);
  return EXIT_DONE;
}

static int check_choices(training *work) {
  const settings *given = work->given;
  bool automatic;
  sy_objective chooser;
  sy_error error;
  if (given->calibrate &&
      sy_study_calibration_parse(given->calibrate, &work->calibrate, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--calibrate");
  if (given->class_weight && strcmp(given->class_weight, "cost") == 0)
    return say_usage("--class-weight cost goes with one class a row, not with several labels: "
                     "LABEL=W,LABEL=W says what a missed label costs");
  int code = weighting_automatic(given, &automatic, &chooser);
  if (code == EXIT_DONE && automatic)
    return say_usage("--class-weight auto goes with one class a row, not with several labels: "
                     "balanced, pos and sqrt weigh each label by itself");
  return code == EXIT_DONE ? weighting_read(given, "none", &work->weights) : code;
}

static int check_options(training *work) {
  const settings *given = work->given;
  if (!given->output) return say_usage("fit needs -o MODEL, the file to write the model to");
  if (strcmp(given->output, "-") == 0)
    return say_usage("-o -: stdout takes the report; give the model a file name");
  int code = label_truth_check(given);
  if (code == EXIT_DONE) code = check_single(given);
  if (code == EXIT_DONE) code = family_read(given, &work->family);
  if (code == EXIT_DONE) code = test_plan_read(given, &work->plan);
  if (code == EXIT_DONE) code = check_choices(work);
  if (code == EXIT_DONE) code = fit_files_check(given, work->source, work->plan.source);
  return code;
}

static int read_test_source(training *work) {
  settings judged = *work->given;
  judged.group = judged.sequence = NULL;
  needed_columns needed = needed_by_frame(&work->data.features, "the training");
  int code = dataset_read_several(&judged, work->plan.source, &needed, &work->data.truth.names,
                                  &work->test);
  needed_free(&needed);
  return code;
}

static int read_data(training *work) {
  int code = dataset_read_training(work->given, work->source, &work->data);
  if (code == EXIT_DONE) code = test_plan_settle(&work->plan, reading_rows(&work->data.table));
  return code == EXIT_DONE && work->plan.source ? read_test_source(work) : code;
}

/* Class weights that cannot be had are found before any training. */
static int check_weights(training *work) {
  const dataset *data = &work->data;
  const text_list *names = &data->truth.names;
  sy_counts *counts = NULL;
  double *weights = NULL;
  int code =
      label_truth_counts(&data->truth, reading_rows(&data->table), data->row_weights, &counts);
  if (code == EXIT_DONE) code = weighting_weigh(&work->weights, counts, &weights);
  if (code == EXIT_DONE)
    work->weights_reading = weighting_reading(&work->weights, text_list_view(names), names->n);
  sy_counts_free(counts);
  free(weights);
  return code;
}

static sy_study_options study_options(training *work) {
  sy_study_options options = fit_study_options(work->given, &work->family, &work->plan, &work->log);
  options.policy = work->weights.policy;
  options.normalize = work->weights.normalize;
  options.calibrate = work->calibrate;
  return options;
}

static int train(training *work) {
  const dataset *data = &work->data;
  sy_label_study_data rows = {.frame = &data->features,
                              .truth = data->truth.there,
                              .labels = text_list_view(&data->truth.names),
                              .n_labels = data->truth.names.n,
                              .row_weights = data->row_weights,
                              .groups = data->groups,
                              .test_mask = data->test_mask,
                              .test_frame = &work->test.features,
                              .test_truth = work->test.truth.there,
                              .test_row_weights = work->test.row_weights};
  sy_study_options options = study_options(work);
  sy_error error;
  work->log = epoch_log_of(work->given);
  if (sy_label_study_run(&rows, &options, &work->study, &error) == SY_OK) return EXIT_DONE;
  return say_error(&error);
}

static int write_model(training *work) {
  int code = model_notes_set_labels(work->given, &work->data, &work->plan, &work->study);
  if (code != EXIT_DONE) return code;
  if (interrupt_seen()) return interrupt_end();
  sy_error error;
  sy_status status = sy_model_save(work->study.model, work->given->output, &error);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

static int tell_screen(const training *work) {
  char *text, *last;
  sy_error error;
  if (sy_report_label_study(&work->study, reading_rows(&work->data.table), work->data.columns_given,
                            work->data.table.seconds, &text, &error) != SY_OK)
    return say_error(&error);
  last = text_format("\n%s: trained on all rows, rule inside. Next: steelyard predict %s new.csv\n",
                     work->given->output, work->given->output);
  say_result(text);
  say_result(last);
  say_remarks(work->study.messages);
  free(last);
  free(text);
  return EXIT_DONE;
}

/* {label: [absence, presence]} */
static json_t *json_weights(const sy_label_study *study) {
  json_t *object = json_object();
  for (size_t l = 0; l < sy_model_n_labels(study->model); l++)
    json_object_set_new(object, sy_model_classes(study->model)[l],
                        json_numbers(study->weights + 2 * l, 2));
  return object;
}

static json_t *json_seconds(const training *work) {
  json_t *seconds = json_object();
  json_object_set_new(seconds, "read",
                      json_number(work->data.table.seconds + work->test.table.seconds));
  json_object_set_new(seconds, "fit", json_number(work->study.fit_seconds));
  json_object_set_new(seconds, "total", json_number(clock_seconds() - work->begun));
  return seconds;
}

static void set_fit(json_t *object, const sy_label_study *study, const family_plan *plan) {
  const sy_fit_result *fit = &study->fit;
  const sy_predictor *predictor = sy_model_predictor(study->model);
  json_object_set_new(object, "scores_only",
                      study->scores_only[0] ? json_text(study->scores_only) : json_null());
  json_object_set_new(object, "objective", json_number(fit->objective));
  json_object_set_new(object, "iterations", json_count((uint64_t)fit->iterations));
  json_object_set_new(object, "converged", json_boolean(fit->converged));
  json_object_set_new(object, "gradient_norm", json_number(fit->gradient_norm));
  json_object_set_new(object, "network", json_network(predictor, &study->training, &plan->network));
  json_object_set_new(object, "boosted", json_boosted(predictor, &study->training, &plan->boosted));
}

static int tell_json(const training *work) {
  const sy_label_study *study = &work->study;
  const sy_model *model = study->model;
  const char *const *names = sy_model_classes(model);
  char decision[256];
  json_t *object = json_object();
  sy_model_describe_decision(model, decision, sizeof decision);
  json_object_set_new(object, "model", json_text(work->given->output));
  json_object_set_new(object, "rows", json_count(reading_rows(&work->data.table)));
  json_object_set_new(object, "features", json_count(sy_encoder_n_inputs(sy_model_encoder(model))));
  json_object_set_new(object, "labels", json_texts(names, sy_model_n_labels(model)));
  json_object_set_new(object, "class_weights", json_weights(study));
  json_object_set_new(object, "policy", json_text(study->policy));
  json_object_set_new(object, "calibration",
                      json_text(sy_study_calibration_name(study->calibration)));
  json_object_set_new(object, "decision", json_text(decision));
  set_fit(object, study, &work->family);
  json_object_set_new(object, "seconds", json_seconds(work));
  json_object_set_new(object, "train", json_label_metrics(&study->train, names));
  json_object_set_new(object, "test",
                      study->test.n_labels ? json_label_metrics(&study->test, names) : json_null());
  json_object_set_new(object, "warnings", json_messages(study->messages));
  json_say(object);
  return EXIT_DONE;
}

static void training_clear(training *work) {
  sy_label_study_clear(&work->study);
  free(work->weights_reading);
  family_plan_clear(&work->family);
  weighting_clear(&work->weights);
  dataset_close(&work->test);
  dataset_close(&work->data);
}

int fit_labels(const settings *given, const char *source) {
  training work = {.given = given, .source = source, .begun = clock_seconds()};
  int code = check_options(&work);
  if (code == EXIT_DONE) code = read_data(&work);
  if (code == EXIT_DONE) code = check_weights(&work);
  if (code == EXIT_DONE) code = train(&work);
  if (code == EXIT_DONE) code = write_model(&work);
  if (code == EXIT_DONE) code = given->json ? tell_json(&work) : tell_screen(&work);
  if (code == EXIT_DONE && work.weights_reading) say_remark("note: %s", work.weights_reading);
  int log_code = epoch_log_close(&work.log);
  if (code == EXIT_DONE) code = log_code;
  training_clear(&work);
  return code;
}
