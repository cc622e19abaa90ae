#include "model_notes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static void set_data(notes *to, const settings *given, const dataset *data) {
  set(to, NOTE_LABEL, reading_column(&data->table, data->label_place)->name);
  set_list(to, NOTE_GROUPS, &given->group_classes, ";");
  bool index = given->label_kind && strcmp(given->label_kind, "index") == 0;
  set(to, NOTE_KIND, index && given->classes.n ? "index" : NULL);
  set(to, NOTE_IGNORED, given->ignore);
  set(to, NOTE_WEIGHT, given->sample_weight);
  set_list(to, "features asked for", &given->features, ",");
  set_list(to, "excluded", &given->exclude, ",");
  set_number(to, "rows", (double)reading_rows(&data->table));
  char *mark = training_rows_mark(&data->features, sy_model_encoder(to->model), data->labels);
  set(to, NOTE_ROWS_MARK, mark);
  free(mark);
}

static void set_training(notes *to, const settings *given, const sy_study *study) {
  bool normalized = strcmp(given->normalize, sy_normalize_name(SY_NORMALIZE_NONE)) != 0;
  set(to, "class weights scaled to", normalized ? given->normalize : NULL);
  set_number(to, "l2", study->l2);
  set_number(to, "objective", study->fit.objective);
  set_number(to, "gradient norm", study->fit.gradient_norm);
  set_number(to, "iterations", study->fit.iterations);
  set(to, "converged", study->fit.converged ? "yes" : "no");
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
  set_data(&to, given, data);
  set_training(&to, given, study);
  set_test(&to, given, plan, study);
  set(&to, "steelyard", sy_version());
  return to.status == SY_OK ? EXIT_DONE : say_error(&to.error);
}
