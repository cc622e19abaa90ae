#include "study/hints.h"

#include <math.h>
#include <string.h>

#include "base/number.h"
#include "weights/audit.h"

/* Below this share a class is rare enough that the usual default serves it badly. */
static const double RARE_SHARE = 0.20;

static void hint_ways_out(sy_study *study, const sy_bench *bench) {
  size_t rarest = sy_audit_rarest(&study->audit);
  double share = study->audit.classes[rarest].share;
  bool plain = sy_model_decision_source(study->model) == SY_DECISION_PLAIN;
  size_t common = sy_audit_commonest(&study->audit);
  /* Of many classes each has a small share; only one rarer than another is badly served. */
  bool even = 2 * study->audit.classes[rarest].count > study->audit.classes[common].count;
  if (!plain || share >= RARE_SHARE || even) return;
  char percent[SY_NUMBER_SIZE];
  sy_messages_add(study->messages,
                  "'%s' is %s %% of the rows: say what missing it costs (--cost '%s:%s=10') or "
                  "weigh the classes (--class-weight balanced)",
                  bench->classes[rarest], sy_number_round(100 * share, 2, percent),
                  bench->classes[rarest], bench->classes[common]);
}

/* Classes of one row cannot be judged: the only row has to train (unless its group is judged). */
static void hint_lone_rows(sy_study *study, const sy_bench *bench) {
  if (study->test_kind != SY_TEST_FOLDS) return;
  size_t lone = 0;
  const char *name = "";
  for (size_t i = 0; i < bench->n; i++) {
    if (bench->ids[i] == SY_IGNORED || bench->fold[i] >= 0) continue;
    if (lone++ == 0) name = bench->classes[bench->ids[i]];
  }
  if (lone == 0) return;
  sy_messages_add(
      study->messages,
      "%zu class%s (%s%s) %s a single row, which always trains: nothing is known of how "
      "well it is told apart",
      lone, lone > 1 ? "es" : "", name, lone > 1 ? ", ..." : "", lone > 1 ? "have" : "has");
}

static void hint_infinite_loss(sy_study *study) {
  if (study->test.n_ways == 0) return;
  if (!isinf(study->test.ways[study->test.stored].metrics.log_loss)) return;
  sy_messages_add(study->messages,
                  "log-loss is infinite: some test rows are of a class that had no weight among "
                  "the rows their model was trained on, so its probability was 0");
}

static void hint_not_converged(sy_study *study) {
  if (study->fit.converged || study->family != SY_STUDY_LOGISTIC) return;
  char gradient[SY_NUMBER_SIZE];
  sy_messages_add(study->messages,
                  "stopped at the iteration limit (%d) with gradient %s: --max-iterations raises "
                  "it; more --l2 makes the optimum easier to reach",
                  study->fit.iterations, sy_number_round(study->fit.gradient_norm, 2, gradient));
}

void sy_study_round_apart(double a, double b, char text[2][SY_NUMBER_SIZE]) {
  for (int digits = 3; digits <= 8; digits++) {
    sy_number_round(a, digits, text[0]);
    sy_number_round(b, digits, text[1]);
    if (strcmp(text[0], text[1]) != 0) return;
  }
}

/* Log-loss that the weights cost and nothing brought back, beyond chance. */
static void hint_twin(sy_study *study) {
  const sy_twin *twin = &study->twin;
  sy_study_calibration kind = study->calibration.kind;
  bool unweighted = kind == SY_STUDY_CALIBRATE_REFIT ||
                    (study->path.n > 0 && study->path.points[study->path.chosen].exponent == 0);
  if (!twin->judged || unweighted || !(twin->low > 0)) return;
  char losses[2][SY_NUMBER_SIZE], more[SY_NUMBER_SIZE], low[SY_NUMBER_SIZE], high[SY_NUMBER_SIZE];
  double percent = 100 / twin->log_loss;
  sy_study_round_apart(twin->kept_log_loss, twin->log_loss, losses);
  sy_messages_add(study->messages,
                  "class weights make probabilities worse, though %s: log-loss %s, and %s "
                  "without them, %s %% more (95 %%: %s to %s %%); --calibrate refit takes "
                  "probabilities from a model without weights, and decisions keep them",
                  kind == SY_STUDY_CALIBRATE_NONE ? "they were taken out again"
                                                  : "they were taken out and calibrated",
                  losses[0], losses[1], sy_number_round(percent * twin->difference, 2, more),
                  sy_number_round(percent * twin->low, 2, low),
                  sy_number_round(percent * twin->high, 2, high));
}

void sy_study_hints(sy_study *study, const sy_bench *bench) {
  for (size_t i = 0; i < sy_messages_count(study->audit.warnings); i++) {
    sy_messages_add(study->messages, "%s", sy_messages_get(study->audit.warnings, i));
  }
  hint_ways_out(study, bench);
  hint_twin(study);
  hint_lone_rows(study, bench);
  hint_infinite_loss(study);
  hint_not_converged(study);
}
