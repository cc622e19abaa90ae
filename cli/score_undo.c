/* score_undo.c: --undo-weights: scores of a model that was trained with class weights become true
 * probabilities: p(k) / w(k), divided by their sum. */
#include <stdio.h>
#include <stdlib.h>

#include "label_column.h"
#include "policy_option.h"
#include "say.h"
#include "score_parts.h"

static const char option[] = "--undo-weights";

/* Labels of several a row, counted as steelyard weights does. */
static int count_labels(const score_rows *rows, sy_counts **counts) {
  size_t shape[] = {rows->n, rows->n_labels};
  const char **names = score_rows_label_names(rows);
  sy_array weights = sy_array_of(rows->row_weights, SY_F64, 1, &rows->n);
  sy_label_array array = {.kind = SY_LABEL_MULTI_HOT,
                          .values = sy_array_of(rows->truth, SY_U8, 2, shape),
                          .row_weights = rows->row_weights ? &weights : NULL};
  sy_labels_options options = sy_labels_options_default();
  options.classes = names;
  options.n_classes = rows->n_labels;
  sy_counter *counter = NULL;
  sy_error error;
  sy_status status = sy_counter_new(SY_LABEL_MULTI_HOT, &options, &counter, &error);
  if (status == SY_OK) status = sy_counter_add(counter, &array, &error);
  if (status == SY_OK) status = sy_counter_counts(counter, counts, &error);
  sy_counter_free(counter);
  free(names);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

static int count_classes(const score_rows *rows, sy_counts **counts) {
  double *all = NULL;
  if (rows->row_weights) {
    all = grab(sy_labels_rows(rows->labels), sizeof *all);
    for (size_t i = 0; i < rows->n; i++) all[rows->rows[i]] = rows->row_weights[i];
  }
  int code = label_column_counts(rows->labels, all, counts);
  free(all);
  return code;
}

/* One number is the weight of the positive class, as XGBoost has it in scale_pos_weight. */
static int one_number(const score_rows *rows, double weight, double *undo) {
  size_t n = rows->n_labels ? 2 * rows->n_labels : rows->n_classes;
  if (!rows->n_labels && n != 2)
    return say_usage("%s: one number is the weight of the positive class of two, and there are "
                     "%zu classes: give NAME=W,NAME=W or a policy",
                     option, n);
  for (size_t k = 0; k < n; k++) {
    bool positive = rows->n_labels ? k % 2 == 1 : (int)k == rows->positive;
    undo[k] = positive ? weight : 1;
  }
  return EXIT_DONE;
}

/* Weights of formulas have more digits than anybody reads. */
static const char *weight_text(double weight, char text[SY_NUMBER_SIZE]) {
  snprintf(text, SY_NUMBER_SIZE, "%.4g", weight);
  return text;
}

/* A policy's weights come from the counts of its training rows; where these are other rows, that
 * matters, so they are told. */
static void tell(const settings *given, const score_rows *rows, const double *undo) {
  size_t n = rows->n_labels ? rows->n_labels : rows->n_classes;
  const char **labels = rows->n_labels ? score_rows_label_names(rows) : NULL;
  const char *const *names = labels ? labels : score_rows_classes(rows);
  text_list pairs = {NULL, 0};
  for (size_t k = 0; k < n; k++) {
    char number[SY_NUMBER_SIZE];
    char *pair =
        text_format("%s %s", names[k], weight_text(labels ? undo[2 * k + 1] : undo[k], number));
    text_list_add(&pairs, pair);
    free(pair);
  }
  char *shown = score_names_shown(text_list_view(&pairs), n);
  sy_messages_add(rows->messages,
                  "class weights taken out of the scores: %s (%s computed from the rows read here; "
                  "where the training had other shares, give its weights as NAME=W)",
                  shown, given->undo_weights);
  free(shown);
  text_list_free(&pairs);
  free(labels);
}

static int by_policy(const settings *given, score_rows *rows, double **undo) {
  settings asked = *given;
  weighting weights;
  sy_counts *counts = NULL;
  asked.class_weight = given->undo_weights;
  int code = weighting_read(&asked, "none", &weights);
  if (code != EXIT_DONE) return code;
  bool computed = !sy_policy_is_explicit(weights.policy);
  code = rows->n_labels ? count_labels(rows, &counts) : count_classes(rows, &counts);
  if (code == EXIT_DONE && sy_policy_needs_cost(weights.policy))
    code = say_usage("%s takes no policy cost: give its weights as NAME=W,NAME=W", option);
  if (code == EXIT_DONE) code = weighting_weigh(&weights, counts, undo);
  if (code == EXIT_DONE && computed) tell(given, rows, *undo);
  sy_counts_free(counts);
  weighting_clear(&weights);
  return code;
}

static int check(const score_rows *rows, const double *undo) {
  size_t n = rows->n_labels ? 2 * rows->n_labels : rows->n_classes;
  for (size_t k = 0; k < n; k++) {
    if (undo[k] > 0) continue;
    const char **labels = rows->n_labels ? score_rows_label_names(rows) : NULL;
    int code = say_usage(
        "%s: the weight of %s \"%s\" is 0: a class of weight 0 was not learnt, and "
        "nothing brings its probability back",
        option, labels ? "label" : "class", labels ? labels[k / 2] : score_rows_classes(rows)[k]);
    free(labels);
    return code;
  }
  return EXIT_DONE;
}

int score_undo_read(const settings *given, score_rows *rows, double **undo) {
  double weight;
  *undo = NULL;
  if (!given->undo_weights) return EXIT_DONE;
  int code;
  if (sy_number_parse(given->undo_weights, &weight)) {
    if (!(weight > 0 && weight <= 1e100))
      return say_usage("%s %s: a class weight is a number above 0", option, given->undo_weights);
    *undo = grab(rows->n_labels ? 2 * rows->n_labels : 2, sizeof **undo);
    code = one_number(rows, weight, *undo);
  } else {
    code = by_policy(given, rows, undo);
  }
  return code == EXIT_DONE ? check(rows, *undo) : code;
}
