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

enum { CLASSES_NAMED = 4 };

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
  if (study->family != SY_STUDY_LOGISTIC) {
    sy_iterated_fit fit = {sy_model_predictor(study->model), &study->fit, study->training.epochs,
                           study->epochs_most, study->fit_seconds};
    sy_put_iterated_fit(text, &fit);
    return;
  }
  size_t begin = text->length;
  sy_cell l2 = study->l2_default ? sy_cell_text("1/n", 3) : sy_cell_power(study->l2);
  sy_text_add(text, "%s, l2 %s, %d %s step%s, %s (gradient %s)",
              sy_predictor_family(sy_model_predictor(study->model)), l2.text, study->fit.iterations,
              study->fit.solver, sy_plural(study->fit.iterations),
              study->fit.converged ? "converged" : "stopped at the limit",
              sy_cell_power(study->fit.gradient_norm).text);
  sy_end_with_time(text, begin, "fit ", study->fit_seconds);
}

void sy_study_heading(const sy_study *study, char text[SY_HEADING_SIZE]) {
  const sy_review *shown = study->test.n_ways ? &study->test : &study->train;
  double judged = (double)shown->ways[shown->stored].metrics.rows;
  bool seen = study->train.n_ways > 0;
  sy_test_made made = {.kind = study->test_kind,
                       .folds = study->folds,
                       .share = study->share,
                       .judged = judged,
                       .all = seen ? (double)study->train.ways[study->train.stored].metrics.rows
                                   : judged};
  sy_test_heading(&made, text);
}

sy_status sy_report_study(const sy_study *study, uint64_t rows, size_t columns_given,
                          double read_seconds, char **out, sy_error *error) {
  sy_text text = {0};
  sy_put_rows_read(&text, sy_model_encoder(study->model), rows, columns_given, read_seconds);
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
