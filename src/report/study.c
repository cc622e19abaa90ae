#include <steelyard/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/choices.h"
#include "report/format.h"
#include "report/heading.h"
#include "weights/audit.h"

enum { TIME_COLUMN = 87, CLASSES_NAMED = 4 };

/* Ends a line with a time at the right edge; a negative one is not known. */
static void end_with_time(sy_text *text, size_t line_begin, const char *what, double seconds) {
  if (seconds < 0) {
    sy_text_put_bytes(text, "\n", 1);
    return;
  }
  size_t used = text->data ? sy_text_width(text->data + line_begin) : 0;
  for (size_t i = used; i < TIME_COLUMN; i++) sy_text_put_bytes(text, " ", 1);
  int decimals = seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0;
  sy_text_add(text, "  %s %s s\n", what, sy_cell_fixed(seconds, decimals).text);
}

static size_t missing_values(const sy_encoder *encoder) {
  size_t missing = 0;
  for (size_t i = 0; i < sy_encoder_n_inputs(encoder); i++) {
    if (sy_encoder_input_type(encoder, i) == SY_COLUMN_TEXT) continue;
    missing += sy_encoder_input_missing(encoder, i);
  }
  return missing;
}

static void put_rows(sy_text *text, const sy_study *study, uint64_t rows, size_t columns_given,
                     double read_seconds) {
  const sy_encoder *encoder = sy_model_encoder(study->model);
  size_t missing = missing_values(encoder);
  size_t begin = text->length;
  sy_text_add(text, "%s row%s, %zu of %zu column%s used", sy_cell_count((double)rows).text,
              sy_plural((double)rows), sy_encoder_n_inputs(encoder), columns_given,
              sy_plural((double)columns_given));
  if (missing > 0) {
    sy_text_add(text, ", %s missing numbers filled and marked",
                sy_cell_count((double)missing).text);
  }
  end_with_time(text, begin, "read", read_seconds);
}

static void put_class(sy_text *text, const sy_study *study, size_t k) {
  const char *name = sy_model_classes(study->model)[k];
  const sy_audit_class *one = &study->audit.classes[k];
  bool positive = (int)k == sy_model_positive(study->model);
  sy_text_add(text, "%s %s (%s%s)", sy_cell_text(name, 20).text, sy_cell_count(one->count).text,
              sy_cell_percent(one->share).text, positive ? ", positive" : "");
}

/* Puts what was written from `begin` on into a line of its own, where the line that began at `line`
 * became too long by it. Returns where the line begins now. */
static size_t break_line(sy_text *text, size_t line, size_t begin) {
  enum { LINE_COLUMNS = 100, INDENT = 8 };
  if (text->failed || sy_text_width(text->data + line) <= LINE_COLUMNS) return line;
  char *moved = sy_copy_text(text->data + begin + strspn(text->data + begin, " "));
  text->failed = !moved;
  if (!moved) return line;
  text->length = begin;
  text->data[begin] = 0;
  sy_text_add(text, "\n%*s%s", INDENT, "", moved);
  free(moved);
  return begin + 1;
}

static void put_label(sy_text *text, const sy_study *study) {
  size_t n_classes = study->audit.n_classes, line = text->length;
  sy_text_put(text, "label   ");
  if (n_classes > CLASSES_NAMED) {
    sy_text_add(text, "%zu classes, from ", n_classes);
    put_class(text, study, sy_audit_commonest(&study->audit));
    sy_text_put(text, " to ");
    put_class(text, study, sy_audit_rarest(&study->audit));
  } else {
    for (size_t k = 0; k < n_classes; k++) {
      size_t begin = text->length;
      if (k > 0) sy_text_put(text, "   ");
      put_class(text, study, k);
      if (k > 0) line = break_line(text, line, begin);
    }
  }
  const char *chosen = strstr(study->policy, " (auto"); /* the path says by what */
  size_t begin = text->length;
  int length = (int)(chosen ? (size_t)(chosen - study->policy) : strlen(study->policy));
  sy_text_add(text, "   class weights: %.*s%s", length, study->policy, chosen ? " (auto)" : "");
  bool listed = strcmp(study->policy, "none") != 0 && n_classes <= CLASSES_NAMED &&
                !strchr(study->policy, '=');
  for (size_t k = 0; listed && k < n_classes; k++) {
    sy_text_add(text, "%s%s", k ? ", " : " ", sy_cell_amount(study->audit.classes[k].weight).text);
  }
  break_line(text, line, begin);
  sy_text_put(text, "\n");
}

static void put_fit(sy_text *text, const sy_study *study) {
  size_t begin = text->length;
  sy_cell l2 = study->l2_default ? sy_cell_text("1/n", 3) : sy_cell_power(study->l2);
  sy_text_add(text, "%s, l2 %s, %d %s step%s, %s (gradient %s)",
              sy_predictor_family(sy_model_predictor(study->model)), l2.text, study->fit.iterations,
              study->fit.solver, sy_plural(study->fit.iterations),
              study->fit.converged ? "converged" : "stopped at the limit",
              sy_cell_power(study->fit.gradient_norm).text);
  end_with_time(text, begin, "fit ", study->fit_seconds);
}

/* A class of a single row is always trained on: that row is judged by no model. */
static void head_folds(const sy_study *study, double judged, char text[SY_HEADING_SIZE]) {
  double all =
      study->train.n_ways ? (double)study->train.ways[study->train.stored].metrics.rows : judged;
  if (judged < all)
    snprintf(text, SY_HEADING_SIZE,
             "%d-fold cross-validation, %s of %s rows judged by models that did not see them",
             study->folds, sy_cell_count(judged).text, sy_cell_count(all).text);
  else
    snprintf(text, SY_HEADING_SIZE,
             "%d-fold cross-validation, every row judged by a model that did not see it",
             study->folds);
}

void sy_study_heading(const sy_study *study, char text[SY_HEADING_SIZE]) {
  const sy_review *shown = study->test.n_ways ? &study->test : &study->train;
  double count = (double)shown->ways[shown->stored].metrics.rows;
  const char *plural = sy_plural(count);
  sy_cell rows = sy_cell_count(count);
  switch (study->test_kind) {
  case SY_TEST_FOLDS:
    head_folds(study, count, text);
    break;
  case SY_TEST_SHARE:
    snprintf(text, SY_HEADING_SIZE, "Judged on %s row%s (%s) that the judging model did not see",
             rows.text, plural, sy_cell_percent(study->share).text);
    break;
  case SY_TEST_MASK:
    snprintf(text, SY_HEADING_SIZE, "Judged on the %s later row%s by a model of the earlier ones",
             rows.text, plural);
    break;
  case SY_TEST_OTHER:
    snprintf(text, SY_HEADING_SIZE, "Judged on the %s row%s of the test source", rows.text, plural);
    break;
  case SY_TEST_NONE:
    snprintf(text, SY_HEADING_SIZE,
             "No test: figures of the %s rows it was trained on flatter the model", rows.text);
    break;
  }
}

sy_status sy_report_study(const sy_study *study, uint64_t rows, size_t columns_given,
                          double read_seconds, char **out, sy_error *error) {
  sy_text text = {0};
  put_rows(&text, study, rows, columns_given, read_seconds);
  put_label(&text, study);
  put_fit(&text, study);
  sy_put_choices(&text, study);
  sy_text_put(&text, "\n");
  const sy_review *shown = study->test.n_ways ? &study->test : &study->train;
  char head[SY_HEADING_SIZE];
  char *review = NULL;
  sy_study_heading(study, head);
  sy_status status = sy_report_review(shown, head, sy_model_classes(study->model),
                                      sy_model_n_classes(study->model), &review, error);
  if (status != SY_OK) {
    free(text.data);
    return status;
  }
  sy_text_put(&text, review);
  free(review);
  return sy_text_finish(&text, out, error);
}
