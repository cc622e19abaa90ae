#include "judged.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/report.h>

#include "json_metrics.h"
#include "json_text.h"
#include "page_option.h"
#include "progress.h"
#include "say.h"

/* Intervals of all metrics of one model. */
typedef struct intervals {
  sy_metrics low, high;
} intervals;

void judged_begin(judged *work, size_t n_models) {
  work->n_models = n_models;
  work->names = grab(n_models, sizeof *work->names);
  work->reviews = grab(n_models, sizeof *work->reviews);
}

void judged_clear(judged *work) {
  for (size_t m = 0; m < work->n_models; m++) sy_review_clear(&work->reviews[m]);
  free(work->reviews);
  free(work->names);
}

static const sy_metrics *metrics_of(const sy_review *review) {
  return &review->ways[review->stored].metrics;
}

/* Bootstrap samples: those asked for, or as many as make sense. */
static int samples_of(const judged *work) {
  uint64_t asked = work->given->intervals;
  return asked > 1 ? (int)asked : sy_bootstrap_samples_default(work->rows);
}

static int failed(const judged *work, const sy_error *error) {
  return say_error_at(error, EXIT_DATA, "%s", work->source);
}

static int find_intervals(const judged *work, size_t m, intervals *found) {
  *found = (intervals){0};
  if (!work->given->intervals) return EXIT_DONE;
  sy_evaluation evaluation = sy_review_evaluation(&work->reviews[m], work->costs);
  sy_error error;
  if (sy_evaluate_intervals(&evaluation, samples_of(work), work->given->seed, progress_callback(),
                            &found->low, &found->high, &error) == SY_OK)
    return EXIT_DONE;
  return failed(work, &error);
}

static void intervals_clear(intervals *found) {
  sy_metrics_clear(&found->low);
  sy_metrics_clear(&found->high);
}

static int compare(const judged *work, sy_review_comparison *comparison) {
  sy_error error;
  if (sy_reviews_compare(work->reviews, work->n_models, work->costs, samples_of(work),
                         work->given->seed, progress_callback(), comparison, &error) == SY_OK)
    return EXIT_DONE;
  return failed(work, &error);
}

/* An AUC below one half says that the scores are turned around, or worth nothing. */
static void warn_of_auc(const judged *work) {
  for (size_t m = 0; m < work->n_models; m++) {
    const sy_review *review = &work->reviews[m];
    char number[SY_NUMBER_SIZE];
    double auc = metrics_of(review)->roc_auc;
    if (review->positive < 0 || !(auc < 0.5)) continue;
    snprintf(number, sizeof number, "%.3f", auc);
    sy_messages_add(work->messages,
                    "%s: an AUC of %s is worse than chance: are these probabilities of \"%s\"? "
                    "--positive %s takes them for those of the other class",
                    work->names[m], number, work->classes[review->positive],
                    work->classes[1 - review->positive]);
  }
}

/* The row that made a log-loss infinite, since one is enough. */
static void warn_of_infinity(const judged *work) {
  for (size_t m = 0; m < work->n_models; m++) {
    const sy_judged_rows *rows = &work->reviews[m].rows;
    if (metrics_of(&work->reviews[m])->log_loss < INFINITY) continue;
    size_t count = 0, first = 0;
    for (size_t i = rows->n; i-- > 0;) {
      if (rows->ids[i] < 0 || (rows->row_weights && rows->row_weights[i] == 0)) continue;
      if (rows->log_probabilities[i * rows->n_classes + (size_t)rows->ids[i]] > -INFINITY) continue;
      first = i, count++;
    }
    char number[SY_NUMBER_SIZE];
    if (count)
      sy_messages_add(work->messages,
                      "%s: the log-loss is infinite: %s row%s at a probability of exactly 0 for "
                      "its class, row %zu (\"%s\") %s",
                      work->names[m], text_count(count, number), count == 1 ? "" : "s",
                      rows->rows[first] + 1, work->classes[rows->ids[first]],
                      count == 1 ? "alone" : "the first");
  }
}

static int say_text(sy_status status, char *text, const sy_error *error) {
  if (status != SY_OK) return say_error(error);
  say_result(text);
  free(text);
  return EXIT_DONE;
}

static int tell_intervals(const judged *work, size_t m) {
  const sy_review *review = &work->reviews[m];
  intervals found;
  sy_error error;
  char *text = NULL;
  if (!work->given->intervals) return EXIT_DONE;
  int code = find_intervals(work, m, &found);
  if (code == EXIT_DONE) {
    say_result("\n");
    sy_status status =
        sy_report_intervals(metrics_of(review), &found.low, &found.high, samples_of(work),
                            review->priced, review->positive, work->classes, &text, &error);
    code = say_text(status, text, &error);
  }
  intervals_clear(&found);
  return code;
}

static int tell_one(const judged *work, size_t m, const char *heading) {
  char *text = NULL;
  sy_error error;
  sy_status status =
      sy_report_review(&work->reviews[m], heading, work->classes, work->n_classes, &text, &error);
  int code = say_text(status, text, &error);
  return code == EXIT_DONE ? tell_intervals(work, m) : code;
}

static int tell_several(const judged *work, const char *heading) {
  sy_review_comparison comparison;
  int code = compare(work, &comparison);
  if (code != EXIT_DONE) return code;
  char *text = NULL;
  sy_error error;
  sy_status status =
      sy_report_comparison(work->names, work->reviews, &comparison, heading, &text, &error);
  code = say_text(status, text, &error);
  sy_review_comparison_clear(&comparison);
  for (size_t m = 0; m < work->n_models && code == EXIT_DONE && work->given->intervals; m++) {
    char *name = text_format("\n%s", work->names[m]);
    say_result(name);
    free(name);
    code = tell_intervals(work, m);
  }
  return code;
}

/* "the 500 rows of new.csv"; "480 of the 500 rows of new.csv" where others are ignored or weigh
 * nothing. */
static char *rows_words(const judged *work) {
  char number[SY_NUMBER_SIZE];
  const sy_review *review = &work->reviews[0];
  size_t counted = review->ways[review->stored].metrics.rows;
  char *words =
      counted == work->rows ? text_copy("") : text_format("%s of ", text_count(counted, number));
  text_append(&words, text_format("the %s row%s of %s", text_count(work->rows, number),
                                  work->rows == 1 ? "" : "s", work->source));
  return words;
}

static int tell_screen(const judged *work) {
  char *heading, *rows = rows_words(work);
  bool one = work->n_models == 1;
  heading = one ? text_format("%s on %s", work->names[0], rows)
                : text_format("%zu models on %s", work->n_models, rows);
  int code = one ? tell_one(work, 0, heading) : tell_several(work, heading);
  free(heading);
  free(rows);
  if (code == EXIT_DONE) say_remarks(work->messages);
  return code;
}

static int json_model(const judged *work, size_t m, json_t **object) {
  intervals found;
  int code = find_intervals(work, m, &found);
  *object = json_object();
  json_t *metrics = json_metrics(&work->reviews[m], work->classes);
  json_object_set_new(*object, "model", json_text(work->names[m]));
  json_object_update(*object, metrics);
  json_decref(metrics);
  if (code == EXIT_DONE && work->given->intervals)
    json_object_set_new(*object, "intervals", json_ranges(&found.low, &found.high, work->classes));
  intervals_clear(&found);
  return code;
}

static json_t *json_differences(const judged *work, const sy_review_comparison *comparison) {
  json_t *list = json_array();
  for (size_t m = 0; m < comparison->n; m++) {
    const sy_review_difference *one = &comparison->differences[m];
    if (m == comparison->best) continue;
    json_t *object = json_object();
    json_object_set_new(object, "model", json_text(work->names[m]));
    json_object_set_new(object, "difference", json_differences_of(&one->difference, work->classes));
    json_object_set_new(object, "intervals", json_ranges(&one->low, &one->high, work->classes));
    json_array_append_new(list, object);
  }
  return list;
}

static const char *measure_name(sy_comparison_measure measure) {
  return measure == SY_BY_COST ? "average_cost" : measure == SY_BY_LOG_LOSS ? "log_loss" : "brier";
}

static int json_comparison(const judged *work, json_t *object) {
  sy_review_comparison comparison;
  int code = compare(work, &comparison);
  if (code != EXIT_DONE) return code;
  json_object_set_new(object, "best", json_text(work->names[comparison.best]));
  json_object_set_new(object, "best_by", json_text(measure_name(comparison.measure)));
  json_object_set_new(object, "differences", json_differences(work, &comparison));
  sy_review_comparison_clear(&comparison);
  return EXIT_DONE;
}

static int tell_json(const judged *work) {
  json_t *object = NULL, *models = json_array();
  int code = EXIT_DONE;
  for (size_t m = 0; m < work->n_models && code == EXIT_DONE; m++) {
    code = json_model(work, m, &object);
    json_array_append(models, object);
    if (work->n_models > 1) json_decref(object);
  }
  if (work->n_models > 1) {
    object = json_object();
    json_object_set(object, "models", models);
    if (code == EXIT_DONE) code = json_comparison(work, object);
  }
  json_decref(models);
  if (work->conditions->n) json_object_set_new(object, "fail_if", fail_if_json(work->conditions));
  json_object_set_new(object, "warnings", json_messages(work->messages));
  if (code == EXIT_DONE)
    json_say(object);
  else
    json_decref(object);
  return code;
}

static int judge_conditions(const judged *work) {
  figures found = {0};
  figures_of_review(&found, &work->reviews[0], work->classes, work->n_classes);
  int code = fail_if_check(work->conditions, &found, "with labels");
  if (code == EXIT_DONE) fail_if_judge(work->conditions, &found, work->messages);
  figures_free(&found);
  return code;
}

static int tell(const judged *work) {
  if (work->given->json) return tell_json(work);
  return fail_if_is_silent(work->given) ? EXIT_DONE : tell_screen(work);
}

static const char *name_alone(const char *path) {
  const char *folder = strrchr(path, '/');
  return folder ? folder + 1 : path;
}

static int write_page(const judged *work) {
  if (!work->given->report) return EXIT_DONE;
  char *title = text_format("%s on %s", name_alone(work->names[0]), name_alone(work->source));
  char *rows = rows_words(work), *subtitle = text_format("Judged on %s", rows);
  free(rows);
  int code = page_of_review(work->given, title, subtitle, work->classes, &work->reviews[0],
                            work->costs, work->rule, work->messages);
  free(subtitle);
  free(title);
  return code;
}

int judged_tell(const judged *work) {
  int code = judge_conditions(work);
  if (code != EXIT_DONE) return code;
  warn_of_auc(work);
  warn_of_infinity(work);
  code = say_all_noted(work->messages);
  if (code == EXIT_DONE) code = write_page(work);
  if (code == EXIT_DONE) code = tell(work);
  return code == EXIT_DONE ? fail_if_end(work->conditions, work->source) : code;
}
