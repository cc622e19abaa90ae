/* network_hints.c: what a study tells of its networks beyond figures. */
#include "study/run.h"

#include <math.h>

#include "base/number.h"
#include "study/hints.h"

static void hint_scores(const sy_run *run) {
  const sy_study *study = run->study;
  if (!study->scores_only[0]) return;
  sy_messages_add(study->messages,
                  "scores, not probabilities: %s has no inverse; --calibrate isotonic makes "
                  "probabilities of them",
                  study->scores_only);
}

/* Log-loss of saying the shares of the classes to every row. */
static double shares_loss(const sy_study *study) {
  double sum = 0;
  for (size_t k = 0; k < study->audit.n_classes; k++) {
    double share = study->audit.classes[k].share;
    if (share > 0) sum -= share * log(share);
  }
  return sum;
}

/* A training that went wrong: so far off that intervals of normal errors say nothing of it. */
static bool hint_failed(const sy_run *run) {
  const sy_rival *rival = &run->study->rival;
  double shares = shares_loss(run->study);
  if (!(rival->log_loss > shares && rival->log_loss > rival->logistic_log_loss)) return false;
  char losses[3][SY_NUMBER_SIZE];
  sy_messages_add(run->study->messages,
                  "the network is worse than no model: its log-loss is %s, and the shares of the "
                  "classes alone give %s: try a lower --learning-rate, or --model logistic (%s)",
                  sy_number_round(rival->log_loss, 3, losses[0]),
                  sy_number_round(shares, 3, losses[1]),
                  sy_number_round(rival->logistic_log_loss, 3, losses[2]));
  return true;
}

/* Scores are not held against probabilities. */
static void hint_rival(const sy_run *run) {
  const sy_study *study = run->study;
  const sy_rival *rival = &study->rival;
  if (!rival->judged || study->scores_only[0] || isnan(rival->difference)) return;
  if (hint_failed(run) || !isfinite(rival->difference)) return;
  if (rival->high < 0) return;
  bool worse = rival->low > 0;
  char losses[2][SY_NUMBER_SIZE], low[SY_NUMBER_SIZE], high[SY_NUMBER_SIZE];
  sy_study_round_apart(rival->logistic_log_loss, rival->log_loss, losses);
  sy_messages_add(study->messages,
                  "logistic regression does %s here: log-loss %s, the network's %s (95 %% of the "
                  "difference: %s to %s): --model logistic is simpler and faster",
                  worse ? "better" : "as well within chance", losses[0], losses[1],
                  sy_number_round(rival->low, 2, low), sy_number_round(rival->high, 2, high));
}

/* Where no rows could be held back, though they were to be. */
static void hint_epochs(const sy_run *run) {
  const sy_network_options *options = &run->bench.networks->options;
  bool constant = options->schedule == SY_SCHEDULE_CONSTANT;
  if (run->bench.held_mask) return;
  if (run->options->held_share > 0 && run->epochs == 0)
    sy_messages_add(run->study->messages,
                    "too few rows to hold any back: trained for all %d epochs; --epochs sets how "
                    "many",
                    options->epochs);
  else if (run->epochs == options->epochs && constant)
    sy_messages_add(run->study->messages,
                    "still improving at the last of %d epochs: --epochs raises it",
                    options->epochs);
}

static void hint_trouble(const sy_run *run) {
  const char *trouble = run->bench.networks->trouble;
  if (trouble[0]) sy_messages_add(run->study->messages, "%s", trouble);
}

/* Exponents of networks: each is a training a fold. */
static void hint_path(const sy_run *run) {
  const sy_path *path = &run->study->path;
  if (path->n == 0) return;
  sy_messages_add(run->study->messages,
                  "%zu exponents of class weights were tried, each a network for each of %d parts "
                  "of the rows: a policy of yours (--class-weight balanced) takes a fraction of "
                  "that time",
                  path->n, run->bench.n_folds);
}

static void hint_late_weights(const sy_run *run) {
  const sy_network_options *options = &run->bench.networks->options;
  if (!sy_run_weighs(run) || run->study->network.epochs >= options->reweight_from) return;
  sy_messages_add(run->study->messages,
                  "class weights were to come in at epoch %d, and the network was best before it "
                  "(%d): they are in none of it",
                  options->reweight_from, run->study->network.epochs);
}

void sy_run_network_hints(sy_run *run) {
  if (!run->bench.networks) return;
  hint_trouble(run);
  hint_scores(run);
  hint_rival(run);
  hint_epochs(run);
  hint_late_weights(run);
  hint_path(run);
}
