#include "report/choices.h"

#include <math.h>

#include "classifier/classifier.h"

static void put_calibration(sy_text *text, const sy_calibration_gain *gain) {
  if (gain->kind == SY_STUDY_CALIBRATE_NONE) return;
  if (gain->kind == SY_STUDY_CALIBRATE_REFIT)
    sy_text_put(text, "probabilities of a model without weights");
  else
    sy_text_add(text, "calibrated (%s) on unseen rows", sy_study_calibration_name(gain->kind));
  if (gain->rows > 0)
    sy_text_add(
        text, ": log-loss %s -> %s, %s %s -> %s", sy_cell_fixed(gain->log_loss_before, 3).text,
        sy_cell_fixed(gain->log_loss_after, 3).text,
        gain->kind == SY_STUDY_CALIBRATE_REFIT ? "error" : "calibration error",
        sy_cell_fixed(gain->error_before, 3).text, sy_cell_fixed(gain->error_after, 3).text);
  sy_text_put(text, "\n");
}

/* A threshold of 0 flags all, and where none is flagged there is no number to tell. */
static const char *end_text(double threshold, char text[SY_NUMBER_SIZE]) {
  if (threshold > 1) return "never";
  return threshold <= 0 ? "always" : sy_threshold_text(threshold, text);
}

static void put_threshold(sy_text *text, const sy_tuned *tuned) {
  char low[SY_NUMBER_SIZE], high[SY_NUMBER_SIZE];
  if (isnan(tuned->threshold_low)) return;
  if (tuned->threshold_low > 1 || tuned->threshold_high <= 0)
    sy_text_add(text, ": %s flag (95 %%)", end_text(tuned->threshold_low, low));
  else
    sy_text_add(text, ": threshold %s to %s (95 %%)", end_text(tuned->threshold_low, low),
                end_text(tuned->threshold_high, high));
}

static void put_tuned(sy_text *text, const sy_study *study) {
  if (!study->tuned) return;
  sy_text_add(text, "tuned for %s, on %s unseen rows", study->tuned_for,
              sy_cell_count((double)study->unseen_rows).text);
  if (sy_model_positive(study->model) >= 0) put_threshold(text, &study->tuned_rule);
  sy_text_put(text, "\n");
}

static void put_value(sy_text *text, const sy_path *path, const sy_path_point *point) {
  if (path->is_cost) {
    sy_put_right(text, sy_cell_money(1000 * point->value), 12);
    sy_text_add(text, "  (%s%s", sy_cell_money(1000 * point->low).text,
                point->low < 0 ? " to " : "-");
    sy_text_add(text, "%s)", sy_cell_money(1000 * point->high).text);
  } else {
    sy_put_right(text, sy_cell_fixed(point->value, 3), 12);
    sy_text_add(text, "  (%s-%s)", sy_cell_fixed(point->low, 3).text,
                sy_cell_fixed(point->high, 3).text);
  }
}

static void put_path(sy_text *text, const sy_path *path) {
  if (path->n == 0) return;
  sy_text_add(text, "\nclass weights (n / (K n_k))^A, chosen by %s on %s unseen rows\n",
              path->objective, sy_cell_count((double)path->rows).text);
  sy_text_add(text, "   A  largest / smallest  %s (95 %%)\n",
              path->is_cost ? "cost per 1000" : path->objective);
  for (size_t i = 0; i < path->n; i++) {
    const sy_path_point *point = &path->points[i];
    sy_put_right(text, sy_cell_fixed(point->exponent, 1), 4);
    sy_put_right(text, sy_cell_amount(point->max_ratio), 20);
    put_value(text, path, point);
    sy_text_put(text, i == path->chosen ? "  <- chosen\n" : i == path->best ? "  best\n" : "\n");
  }
  if (path->chosen != path->best)
    sy_text_put(text,
                "The smallest A within one standard error of the best is chosen: what does not "
                "matter is left out.\n");
}

void sy_put_choices(sy_text *text, const sy_study *study) {
  put_calibration(text, &study->calibration);
  put_tuned(text, study);
  put_path(text, &study->path);
}
