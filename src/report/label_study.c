/* label_study.c: the first screen of a study of several labels a row. */
#include <steelyard/report_labels.h>

#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/heading.h"

/* Rows that have a label, of the weight of all. */
static double presence(const sy_label_study *study, size_t l) {
  return study->audits.labels[l].classes[1].count;
}

static void put_label(sy_text *text, const sy_label_study *study, size_t l) {
  sy_text_add(text, "%s %s (%s)", sy_cell_text(sy_model_classes(study->model)[l], 24).text,
              sy_cell_count(presence(study, l)).text,
              sy_cell_percent(study->audits.labels[l].classes[1].share).text);
}

static void put_labels(sy_text *text, const sy_label_study *study) {
  size_t n = sy_model_n_labels(study->model), rarest = 0, commonest = 0;
  for (size_t l = 1; l < n; l++) {
    if (presence(study, l) < presence(study, rarest)) rarest = l;
    if (presence(study, l) > presence(study, commonest)) commonest = l;
  }
  if (n > 2) sy_text_add(text, "labels  %zu, from ", n);
  if (n == 2) sy_text_put(text, "labels  ");
  put_label(text, study, n == 2 ? 0 : commonest);
  sy_text_put(text, n == 2 ? " and " : " to ");
  put_label(text, study, n == 2 ? 1 : rarest);
  sy_text_add(text, "\n        class weights of each: %s\n", study->policy);
}

static void put_logistic(sy_text *text, const sy_label_study *study) {
  sy_cell l2 = study->l2_default ? sy_cell_text("1/n", 3) : sy_cell_power(study->l2);
  sy_text_add(text, "logistic for each label, l2 %s, %d %s step%s, %s (gradient %s)", l2.text,
              study->fit.iterations, study->fit.solver, sy_plural(study->fit.iterations),
              study->fit.converged ? "converged" : "stopped at the limit",
              sy_cell_power(study->fit.gradient_norm).text);
}

static void put_fit(sy_text *text, const sy_label_study *study) {
  size_t begin = text->length;
  if (study->family != SY_STUDY_LOGISTIC) {
    sy_iterated_fit fit = {sy_model_predictor(study->model), &study->fit, study->training.epochs,
                           study->epochs_most, study->fit_seconds};
    sy_put_iterated_fit(text, &fit);
    return;
  }
  put_logistic(text, study);
  sy_end_with_time(text, begin, "fit ", study->fit_seconds);
}

/* What the probabilities are, and what they decide. */
static void put_decision(sy_text *text, const sy_label_study *study) {
  char decision[256];
  sy_model_describe_decision(study->model, decision, sizeof decision);
  sy_text_add(text, "decides: %s\n", decision);
  if (study->calibration != SY_STUDY_CALIBRATE_NONE)
    sy_text_add(text, "probabilities calibrated by %s on unseen rows, a map for each label\n",
                sy_study_calibration_name(study->calibration));
  else if (*study->scores_only)
    sy_text_add(text, "scores, not probabilities: %s has no inverse (--calibrate finds a map)\n",
                study->scores_only);
}

sy_status sy_report_label_study(const sy_label_study *study, uint64_t rows, size_t columns_given,
                                double read_seconds, char **out, sy_error *error) {
  sy_text text = {0};
  const sy_label_metrics *shown = study->test.n_labels ? &study->test : &study->train;
  sy_test_made made = {.kind = study->test_kind,
                       .folds = study->folds,
                       .share = study->share,
                       .judged = (double)shown->rows,
                       .all = (double)study->train.rows};
  char head[SY_HEADING_SIZE], *table = NULL;
  sy_put_rows_read(&text, sy_model_encoder(study->model), rows, columns_given, read_seconds);
  put_labels(&text, study);
  put_fit(&text, study);
  put_decision(&text, study);
  sy_text_put(&text, "\n");
  sy_test_heading(&made, head);
  sy_status status = sy_report_labels(shown, sy_model_classes(study->model), head, &table, error);
  if (status) {
    free(text.data);
    return status;
  }
  sy_text_put(&text, table);
  free(table);
  return sy_text_finish(&text, out, error);
}
