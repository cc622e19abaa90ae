/* evaluate_label_models.c: steelyard evaluate MODEL.. SOURCE where the models tell several labels a
 * row. */
#include <stdlib.h>
#include <string.h>

#include <steelyard/report.h>

#include "dataset.h"
#include "evaluate.h"
#include "json_labels.h"
#include "json_text.h"
#include "model_notes.h"
#include "say.h"
#include "training_rows.h"

/* An evaluation under way. */
typedef struct judging {
  settings given; /* completed by what the first model remembers; its lists belong to main */
  const sy_model *const *models;
  char *const *paths;
  size_t n_models, n_labels;
  dataset data;
  sy_messages *messages;
  json_t *told; /* a list, an object a model */
} judging;

static int check_options(const settings *given, bool conditional) {
  const struct {
    const char *option;
    bool used;
  } single[] = {
      {"--cost", given->cost != NULL},     {"--intervals", given->intervals > 0},
      {"--report", given->report != NULL}, {"--group-classes", given->group_classes.n > 0},
      {"--label", given->label != NULL},   {"--fail-if", conditional}};
  for (size_t i = 0; i < sizeof single / sizeof *single; i++)
    if (single[i].used)
      return say_usage("%s goes with one class a row, and the model tells several labels",
                       single[i].option);
  return EXIT_DONE;
}

static void recall(judging *work) {
  const sy_model *model = work->models[0];
  settings *given = &work->given;
  given->label = sy_model_note(model, NOTE_LABEL);
  given->label_origin = "the column of labels the model was trained on";
  given->label_separator = sy_model_note(model, NOTE_SEPARATOR);
  if (!given->ignore) given->ignore = sy_model_note(model, NOTE_IGNORED);
  for (size_t m = 0; m < work->n_models; m++) {
    const char *weight = sy_model_note(work->models[m], NOTE_WEIGHT);
    if (weight && !given->sample_weight)
      sy_messages_add(work->messages,
                      "%s was trained with row weights (column \"%s\"); here every row counts "
                      "once, unless --sample-weight names a column",
                      work->paths[m], weight);
  }
}

static int read_rows(judging *work, const char *source) {
  const char *who = work->n_models == 1 ? work->paths[0] : "one of the models";
  text_list labels = {NULL, 0};
  for (size_t l = 0; l < work->n_labels; l++)
    text_list_add(&labels, sy_model_classes(work->models[0])[l]);
  needed_columns needed = needed_by_models(work->models, work->n_models, who);
  int code = dataset_read_several(&work->given, source, &needed, &labels, &work->data);
  needed_free(&needed);
  text_list_free(&labels);
  return code;
}

/* The columns of model m among those of all. */
static sy_frame features_of(const judging *work, size_t m) {
  size_t first = 0;
  for (size_t i = 0; i < m; i++) first += needed_count(work->models[i]);
  return (sy_frame){.columns = work->data.features.columns + first,
                    .n_columns = needed_count(work->models[m]),
                    .rows = work->data.features.rows};
}

static void warn(const judging *work, size_t m, const sy_frame *features) {
  if (training_rows_are_several(work->models[m], features, work->data.truth.there))
    sy_messages_add(work->messages,
                    "these look like the rows %s was trained on, so the figures flatter it: judge "
                    "it on rows it did not see",
                    work->paths[m]);
}

static sy_status judge(const judging *work, size_t m, sy_label_metrics *metrics, sy_error *error) {
  sy_frame features = features_of(work, m);
  double *probabilities = grab(features.rows * work->n_labels, sizeof *probabilities);
  uint8_t *there = grab(features.rows * work->n_labels, 1);
  sy_label_evaluation evaluation = {.n = features.rows,
                                    .n_labels = work->n_labels,
                                    .truth = work->data.truth.there,
                                    .probabilities = probabilities,
                                    .decisions = there,
                                    .row_weights = work->data.row_weights};
  warn(work, m, &features);
  sy_status status = sy_model_score_labels(work->models[m], &features, probabilities, there, error);
  if (status == SY_OK) status = sy_evaluate_labels(&evaluation, metrics, error);
  free(probabilities);
  free(there);
  return status;
}

static void tell_json(const judging *work, size_t m, const sy_label_metrics *metrics) {
  json_t *object = json_object();
  json_t *found = json_label_metrics(metrics, sy_model_classes(work->models[m]));
  json_object_set_new(object, "model", json_text(work->paths[m]));
  json_object_update(object, found);
  json_decref(found);
  json_array_append_new(work->told, object);
}

static int tell_screen(const judging *work, size_t m, const sy_label_metrics *metrics) {
  char count[SY_NUMBER_SIZE], decision[256], *text = NULL;
  size_t n = reading_rows(&work->data.table);
  sy_model_describe_decision(work->models[m], decision, sizeof decision);
  char *heading =
      text_format("%s%s on the %s row%s of %s: %s", m ? "\n" : "", work->paths[m],
                  text_count(n, count), n == 1 ? "" : "s", work->data.table.source, decision);
  sy_error error;
  sy_status status =
      sy_report_labels(metrics, sy_model_classes(work->models[m]), heading, &text, &error);
  free(heading);
  if (status != SY_OK) return say_error(&error);
  say_result(text);
  free(text);
  return EXIT_DONE;
}

static int tell(const judging *work) {
  int code = EXIT_DONE;
  for (size_t m = 0; m < work->n_models && code == EXIT_DONE; m++) {
    sy_label_metrics metrics;
    sy_error error;
    if (judge(work, m, &metrics, &error) != SY_OK)
      return say_error_at(&error, EXIT_DATA, "%s", work->data.table.source);
    if (work->given.json)
      tell_json(work, m, &metrics);
    else
      code = tell_screen(work, m, &metrics);
    sy_label_metrics_clear(&metrics);
  }
  return code == EXIT_DONE ? say_all_noted(work->messages) : code;
}

static void end(const judging *work) {
  if (!work->given.json) {
    say_remarks(work->messages);
    return;
  }
  json_t *object = work->n_models == 1 ? json_incref(json_array_get(work->told, 0)) : json_object();
  if (work->n_models > 1) json_object_set(object, "models", work->told);
  json_object_set_new(object, "warnings", json_messages(work->messages));
  json_say(object);
}

int evaluate_label_models(const settings *given, const sy_model *const *models, char *const *paths,
                          size_t n_models, const char *source, bool conditional) {
  judging work = {.given = *given,
                  .models = models,
                  .paths = paths,
                  .n_models = n_models,
                  .n_labels = sy_model_n_labels(models[0]),
                  .messages = sy_messages_new(),
                  .told = json_array()};
  int code = work.messages ? check_options(given, conditional) : say_failed("out of memory");
  if (code == EXIT_DONE) {
    recall(&work);
    code = read_rows(&work, source);
  }
  if (code == EXIT_DONE) code = tell(&work);
  if (code == EXIT_DONE) end(&work);
  dataset_close(&work.data);
  sy_messages_free(work.messages);
  json_decref(work.told);
  return code;
}
