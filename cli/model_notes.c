#include "model_notes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "family_option.h"
#include "options.h"
#include "say.h"
#include "training_rows.h"

/* The notes being set; an error stops all after it. */
typedef struct notes {
  sy_model *model;
  sy_status status;
  sy_error error;
} notes;

static void set(notes *to, const char *key, const char *value) {
  if (value && to->status == SY_OK)
    to->status = sy_model_set_note(to->model, key, value, &to->error);
}

static void set_number(notes *to, const char *key, double value) {
  char number[SY_NUMBER_SIZE];
  if (!isnan(value)) set(to, key, sy_number_format(value, number));
}

static void set_list(notes *to, const char *key, const text_list *list, const char *separator) {
  if (!list->n) return;
  char *joined = text_list_join(list, separator);
  set(to, key, joined);
  free(joined);
}

static void set_label(notes *to, const settings *given, const dataset *data) {
  set(to, NOTE_LABEL, reading_column(&data->table, data->label_place)->name);
  set_list(to, NOTE_GROUPS, &given->group_classes, ";");
  bool index = given->label_kind && strcmp(given->label_kind, "index") == 0;
  set(to, NOTE_KIND, index && given->classes.n ? "index" : NULL);
}

/* Labels in columns of their own are found by their names, which the model has. */
static void set_lists(notes *to, const settings *given, const dataset *data) {
  if (!given->label_separator) return;
  set(to, NOTE_LABEL, reading_column(&data->table, data->label_place)->name);
  set(to, NOTE_SEPARATOR, given->label_separator);
}

static void set_data(notes *to, const settings *given, const dataset *data) {
  set(to, NOTE_IGNORED, given->ignore);
  set(to, NOTE_WEIGHT, given->sample_weight);
  set_list(to, "features asked for", &given->features, ",");
  set_list(to, "excluded", &given->exclude, ",");
  set_number(to, "rows", (double)reading_rows(&data->table));
  const sy_encoder *encoder = sy_model_encoder(to->model);
  const label_truth *truth = &data->truth;
  char *mark = truth->there ? training_rows_mark_several(&data->features, encoder, truth->there,
                                                         truth->names.n)
                            : training_rows_mark(&data->features, encoder, data->labels);
  set(to, NOTE_ROWS_MARK, mark);
  free(mark);
}

/* Options that a reader wants to see, be they as usual or not. */
static bool is_always_told(const char *option) {
  static const char *const told[] = {
      "loss",     "learning-rate", "hidden",   "activation", "optimizer",
      "schedule", "epochs",        "patience", "rounds",     "early-stopping-rounds",
      "max-depth"};
  for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
    if (strcmp(told[i], option) == 0) return true;
  return false;
}

static bool is_of_files(const char *option) {
  return strcmp(option, "json-log") == 0 || strcmp(option, "resume") == 0 ||
         strncmp(option, "checkpoint", strlen("checkpoint")) == 0;
}

/* What was typed, under the names of the options; others where they are not as usual. */
static void set_options(notes *to, const settings *given, sy_study_family family) {
  settings defaults = settings_default();
  settings used = settings_of_family(given, family),
           as_usual = settings_of_family(&defaults, family);
  for (size_t i = 0; i < n_options; i++) {
    const option_entry *entry = &option_table[i];
    if (!family_has_heading(family, entry->heading) || is_of_files(entry->name)) continue;
    char *value = option_value(entry, &used), *usual = option_value(entry, &as_usual);
    if (is_always_told(entry->name) || strcmp(value, usual) != 0) set(to, entry->name, value);
    free(usual);
    free(value);
  }
  settings_clear(&defaults);
}

/* Networks and boosted trees: as many epochs or rounds as there were. */
static void set_iterated(notes *to, const settings *given, sy_study_family family,
                         const sy_fit_result *fit, const sy_training_result *training) {
  set_options(to, given, family);
  set_number(to, "seed", (double)given->seed);
  set_number(to, "objective", fit->objective);
  set_number(to, family == SY_STUDY_BOOSTED ? "rounds trained" : "epochs trained",
             training->best_epoch);
  set(to, "trouble", training->trouble[0] ? training->trouble : NULL);
}

static void set_logistic(notes *to, double l2, const sy_fit_result *fit) {
  set_number(to, "l2", l2);
  set_number(to, "objective", fit->objective);
  set_number(to, "gradient norm", fit->gradient_norm);
  set_number(to, "iterations", fit->iterations);
  set(to, "converged", fit->converged ? "yes" : "no");
}

static void set_scale(notes *to, const settings *given) {
  bool normalized = strcmp(given->normalize, sy_normalize_name(SY_NORMALIZE_NONE)) != 0;
  set(to, "class weights scaled to", normalized ? given->normalize : NULL);
}

static void set_training(notes *to, const settings *given, const sy_study *study) {
  set_scale(to, given);
  if (study->family == SY_STUDY_LOGISTIC)
    set_logistic(to, study->l2, &study->fit);
  else
    set_iterated(to, given, study->family, &study->fit, &study->training);
}

static void set_label_training(notes *to, const settings *given, const sy_label_study *study) {
  set_scale(to, given);
  if (study->family == SY_STUDY_LOGISTIC)
    set_logistic(to, study->l2, &study->fit);
  else
    set_iterated(to, given, study->family, &study->fit, &study->training);
}

static void set_test(notes *to, const settings *given, const test_plan *plan,
                     const sy_study *study) {
  char *text = test_plan_text(plan, given);
  set(to, "tested by", text);
  free(text);
  if (!study->test.n_ways) return;
  const sy_metrics *metrics = &study->test.ways[study->test.stored].metrics;
  set_number(to, NOTE_TEST_LOG_LOSS, metrics->log_loss);
  set_number(to, NOTE_TEST_ACCURACY, metrics->balanced_accuracy);
  set_number(to, NOTE_TEST_COST, metrics->average_cost);
}

int model_notes_set(const settings *given, const dataset *data, const test_plan *plan,
                    const sy_study *study) {
  notes to = {.model = study->model};
  set_label(&to, given, data);
  set_data(&to, given, data);
  set_training(&to, given, study);
  set_test(&to, given, plan, study);
  set(&to, "steelyard", sy_version());
  return to.status == SY_OK ? EXIT_DONE : say_error(&to.error);
}

int model_notes_set_labels(const settings *given, const dataset *data, const test_plan *plan,
                           const sy_label_study *study) {
  notes to = {.model = study->model};
  char *text = test_plan_text(plan, given);
  set_lists(&to, given, data);
  set_data(&to, given, data);
  set_label_training(&to, given, study);
  set(&to, "tested by", text);
  free(text);
  if (study->test.n_labels) {
    set_number(&to, NOTE_TEST_LOG_LOSS, study->test.log_loss);
    set_number(&to, "test macro F1", study->test.macro_f1);
  }
  set(&to, "steelyard", sy_version());
  return to.status == SY_OK ? EXIT_DONE : say_error(&to.error);
}
