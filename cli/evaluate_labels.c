/* evaluate_labels.c: steelyard evaluate SOURCE --labels A,B --scores PA,PB: several labels a row,
 * each yes or no. */
#include <math.h>
#include <stdlib.h>

#include <steelyard/report.h>

#include "evaluate.h"
#include "json_labels.h"
#include "json_text.h"
#include "say.h"

/* What the scores of one model say: a label is there where p >= threshold. */
static uint8_t *decide(const score_rows *rows, const score_model *model, double threshold) {
  size_t cells = rows->n * rows->n_labels;
  uint8_t *decisions = grab(cells, 1);
  for (size_t i = 0; i < cells; i++) decisions[i] = model->probabilities[i] >= threshold;
  return decisions;
}

static int judge(const score_rows *rows, const score_model *model, double threshold,
                 sy_label_metrics *metrics) {
  uint8_t *decisions = decide(rows, model, threshold);
  sy_label_evaluation evaluation = {.n = rows->n,
                                    .n_labels = rows->n_labels,
                                    .truth = rows->truth,
                                    .probabilities = model->probabilities,
                                    .decisions = decisions,
                                    .row_weights = rows->row_weights};
  sy_error error;
  sy_status status = sy_evaluate_labels(&evaluation, metrics, &error);
  free(decisions);
  return status == SY_OK ? EXIT_DONE : say_error_at(&error, EXIT_DATA, "%s", rows->table.source);
}

/* As of one label a row, the first row that does it says where to look. */
static void warn_of_infinity(const score_rows *rows, const score_model *model,
                             const sy_label_metrics *metrics, const char *const *names) {
  for (size_t l = 0; l < rows->n_labels; l++) {
    if (!isinf(metrics->log_losses[l])) continue;
    size_t i = 0;
    while (model->probabilities[i * rows->n_labels + l] != !rows->truth[i * rows->n_labels + l])
      i++;
    sy_messages_add(
        rows->messages,
        "%s: the log-loss of \"%s\" is infinite: row %zu says exactly %s where it is %s",
        model->name, names[l], rows->rows[i] + 1, rows->truth[i * rows->n_labels + l] ? "0" : "1",
        rows->truth[i * rows->n_labels + l] ? "there" : "not there");
  }
}

static int tell_screen(const score_rows *rows, const score_model *model, double threshold,
                       const sy_label_metrics *metrics, const char *const *names) {
  char count[SY_NUMBER_SIZE], number[SY_NUMBER_SIZE], *text = NULL;
  char *heading = text_format("%s on the %s row%s of %s: a label is said where p >= %s",
                              model->name, text_count(rows->n, count), rows->n == 1 ? "" : "s",
                              rows->table.source, sy_number_format(threshold, number));
  sy_error error;
  sy_status status = sy_report_labels(metrics, names, heading, &text, &error);
  free(heading);
  if (status != SY_OK) return say_error(&error);
  say_result(text);
  free(text);
  return EXIT_DONE;
}

static json_t *json_labels(const score_model *model, const sy_label_metrics *metrics,
                           const char *const *names) {
  json_t *object = json_object(), *found = json_label_metrics(metrics, names);
  json_object_set_new(object, "model", json_text(model->name));
  json_object_update(object, found);
  json_decref(found);
  return object;
}

/* Judges each model; on the screen it is told at once, as JSON it joins `models`. */
static int judge_models(const settings *given, const score_rows *rows, json_t *models) {
  double threshold = isnan(given->threshold) ? 0.5 : given->threshold;
  const char **names = score_rows_label_names(rows);
  int code = EXIT_DONE;
  for (size_t m = 0; m < rows->n_models && code == EXIT_DONE; m++) {
    const score_model *model = &rows->models[m];
    sy_label_metrics metrics;
    code = judge(rows, model, threshold, &metrics);
    if (code != EXIT_DONE) break;
    warn_of_infinity(rows, model, &metrics, names);
    if (!given->json && m) say_result("\n");
    if (given->json)
      json_array_append_new(models, json_labels(model, &metrics, names));
    else
      code = tell_screen(rows, model, threshold, &metrics, names);
    sy_label_metrics_clear(&metrics);
  }
  free(names);
  return code;
}

static void tell_json(const score_rows *rows, json_t *models) {
  json_t *object = rows->n_models == 1 ? json_incref(json_array_get(models, 0)) : json_object();
  if (rows->n_models > 1) json_object_set(object, "models", models);
  json_object_set_new(object, "warnings", json_messages(rows->messages));
  json_say(object);
}

int evaluate_labels(const settings *given, const score_rows *rows) {
  if (given->intervals) return say_usage("--intervals is for one label a row, not for --labels");
  json_t *models = json_array();
  int code = judge_models(given, rows, models);
  if (code == EXIT_DONE) code = say_all_noted(rows->messages);
  if (code == EXIT_DONE && given->json) tell_json(rows, models);
  if (code == EXIT_DONE && !given->json) say_remarks(rows->messages);
  json_decref(models);
  return code;
}
