#include "monitoring.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/report.h>

#include "model_notes.h"
#include "say.h"

/* Whether what was typed makes sense without labels. */
static int check_options(const settings *given, const char *source) {
  const struct {
    const char *option;
    bool used;
  } of_labels[] = {{"--cost", given->cost != NULL},
                   {"--intervals", given->intervals > 0},
                   {"--report", given->report != NULL},
                   {"--ignore", given->ignore != NULL},
                   {"--group-classes", given->group_classes.n > 0}};
  for (size_t i = 0; i < sizeof of_labels / sizeof of_labels[0]; i++)
    if (of_labels[i].used)
      return say_usage("%s is about labels, and %s has none: name their column by --label, or "
                       "leave it out",
                       of_labels[i].option, source);
  return EXIT_DONE;
}

/* Why there are no labels, and what to do where there are some after all; free(). */
static char *why_unlabelled(const watched_rows *rows) {
  const char *label = sy_model_note(rows->model, NOTE_LABEL);
  if (!label)
    return text_format("Neither %s nor --label says which column the label is: mistakes cannot be "
                       "counted, shares and shifts can.",
                       rows->model_path);
  const char *nearest = reading_nearest(&rows->data->table, label);
  char *text =
      text_format("No column \"%s\", the label of the training: mistakes cannot be counted, "
                  "shares and shifts can.",
                  label);
  if (nearest)
    text_append(&text, text_format("\nThe nearest column is \"%s\": --label '%s' if that is it.",
                                   nearest, nearest));
  return text;
}

static int tell_screen(const watched_rows *rows, const sy_monitor *monitor) {
  const reading *table = &rows->data->table;
  char number[SY_NUMBER_SIZE], *why = why_unlabelled(rows), *text;
  size_t n = reading_rows(table);
  char *heading = text_format("%s on the %s row%s of %s, without labels\n%s", rows->model_path,
                              text_count(n, number), n == 1 ? "" : "s", table->source, why);
  sy_error error;
  sy_status status =
      sy_report_monitor(monitor, heading, sy_model_classes(rows->model), &text, &error);
  free(heading);
  free(why);
  if (status != SY_OK) return say_error(&error);
  say_result(text);
  free(text);
  say_remarks(rows->messages);
  return EXIT_DONE;
}

static json_t *json_watched_class(const sy_monitor *monitor, const char *name, size_t k) {
  bool prior = monitor->has_prior;
  json_t *object = json_object();
  json_object_set_new(object, "class", json_text(name));
  json_object_set_new(object, "flagged", json_number(monitor->decided[k]));
  json_object_set_new(object, "mean_probability", json_number(monitor->mean_probability[k]));
  json_object_set_new(object, "prior_trained",
                      json_number(prior ? monitor->trained_prior[k] : (double)NAN));
  json_object_set_new(object, "prior", json_number(prior ? monitor->prior.prior[k] : (double)NAN));
  json_object_set_new(object, "prior_low",
                      json_number(prior ? monitor->prior.low[k] : (double)NAN));
  json_object_set_new(object, "prior_high",
                      json_number(prior ? monitor->prior.high[k] : (double)NAN));
  return object;
}

static json_t *json_watched_column(const sy_watched_column *column) {
  json_t *object = json_object();
  json_object_set_new(object, "column", json_text(column->name));
  json_object_set_new(object, "type", json_text(sy_column_type_name(column->type)));
  json_object_set_new(object, "shift", json_number(column->psi));
  json_object_set_new(object, "shift_expected", json_number(column->psi_expected));
  json_object_set_new(object, "shift_by_chance", json_number(column->psi_chance));
  json_object_set_new(object, "verdict", json_text(sy_shift_name(column->shift)));
  json_object_set_new(object, "mean_difference", json_number(column->mean_difference));
  json_object_set_new(object, "missing", json_number(column->missing));
  json_object_set_new(object, "missing_trained", json_number(column->missing_training));
  json_object_set_new(object, "unseen", json_number(column->unseen));
  return object;
}

/* The figures without those of single classes and columns. */
static void json_set_figures(json_t *object, const figures *found) {
  for (size_t i = 0; i < found->n; i++)
    if (!strchr(found->items[i].name, ':'))
      json_object_set_new(object, found->items[i].name, json_number(found->items[i].value));
}

static int tell_json(const watched_rows *rows, const sy_monitor *monitor, const figures *found) {
  json_t *object = json_object(), *classes = json_array(), *columns = json_array();
  char *why = why_unlabelled(rows), *line_end = strchr(why, '\n');
  if (line_end) *line_end = ' ';
  json_object_set_new(object, "model", json_text(rows->model_path));
  json_object_set_new(object, "labels", json_false());
  json_object_set_new(object, "why", json_text(why));
  json_set_figures(object, found);
  json_object_set_new(object, "rows", json_count(monitor->rows));
  for (size_t k = 0; k < monitor->n_classes; k++)
    json_array_append_new(classes,
                          json_watched_class(monitor, sy_model_classes(rows->model)[k], k));
  for (size_t i = 0; i < monitor->n_columns; i++)
    json_array_append_new(columns, json_watched_column(&monitor->columns[i]));
  json_object_set_new(object, "per_class", classes);
  json_object_set_new(object, "columns", columns);
  if (rows->conditions->n) json_object_set_new(object, "fail_if", fail_if_json(rows->conditions));
  json_object_set_new(object, "warnings", json_messages(rows->messages));
  json_say(object);
  free(why);
  return EXIT_DONE;
}

static int check_conditions(const watched_rows *rows) {
  figures names = {0};
  figures_of_monitor(&names, NULL, rows->model);
  int code = fail_if_check(rows->conditions, &names, "without labels");
  figures_free(&names);
  return code;
}

/* The screen says so beside the estimate. */
static void warn_of_prior(const watched_rows *rows, const sy_monitor *monitor) {
  bool moved = monitor->n_columns > 0 && (monitor->columns[0].shift == SY_SHIFT_SOME ||
                                          monitor->columns[0].shift == SY_SHIFT_LARGE);
  if (moved && monitor->has_prior)
    sy_messages_add(rows->messages,
                    "the prior is right if nothing moved but the shares of the classes, perhaps "
                    "far off if columns moved by themselves");
}

static int tell(const watched_rows *rows, const sy_monitor *monitor) {
  figures found = {0};
  figures_of_monitor(&found, monitor, rows->model);
  fail_if_judge(rows->conditions, &found, rows->messages);
  if (rows->given->json) warn_of_prior(rows, monitor);
  int code = say_all_noted(rows->messages);
  if (code == EXIT_DONE && rows->given->json)
    code = tell_json(rows, monitor, &found);
  else if (code == EXIT_DONE && !fail_if_is_silent(rows->given))
    code = tell_screen(rows, monitor);
  figures_free(&found);
  return code == EXIT_DONE ? fail_if_end(rows->conditions, rows->data->table.source) : code;
}

int monitoring_tell(const watched_rows *rows) {
  const dataset *data = rows->data;
  sy_monitor monitor;
  sy_error error;
  int code = check_options(rows->given, data->table.source);
  if (code == EXIT_DONE) code = check_conditions(rows);
  if (code != EXIT_DONE) return code;
  if (sy_monitor_make(rows->model, &rows->features, data->row_weights, NULL, &monitor, &error) !=
      SY_OK)
    return say_error_at(&error, EXIT_DATA, "%s", data->table.source);
  code = tell(rows, &monitor);
  sy_monitor_clear(&monitor);
  return code;
}
