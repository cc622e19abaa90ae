/* training_hints.c: what a study tells of its networks or boosted trees beyond figures. */
#include "study/run.h"

#include <math.h>

#include "base/number.h"
#include "study/hints.h"
#include "weights/audit.h"

/* What the family is called in what is told of it. */
typedef struct words {
  const char *are;      /* "the network is" */
  const char *log_loss; /* "its log-loss" */
  const char *own;      /* "the network's" */
  const char *steps;    /* "epochs" */
  const char *way_out;  /* what raises how many there may be */
} words;

static const words *words_of(const sy_run *run) {
  static const words network = {"the network is", "its log-loss", "the network's", "epochs",
                                "--epochs raises it"};
  static const words trees = {"boosted trees are", "their log-loss", "the trees'",

                              "rounds",
                              "--rounds raises it, or a higher --learning-rate "
                              "takes fewer"};
  return run->options->family == SY_STUDY_BOOSTED ? &trees : &network;
}

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

/* A loss this much above that of no model tells of a training that went wrong; below it there was
 * nothing to learn. */
#define WENT_WRONG 1.05

/* So far off that intervals of normal errors say nothing of it. */
static bool hint_failed(const sy_run *run) {
  const sy_rival *rival = &run->study->rival;
  double shares = shares_loss(run->study);
  if (!(rival->log_loss > shares && rival->log_loss > rival->logistic_log_loss)) return false;
  bool wrong = rival->log_loss > WENT_WRONG * shares;
  char losses[2][SY_NUMBER_SIZE], logistic[SY_NUMBER_SIZE];
  sy_study_round_apart(rival->log_loss, shares, losses);
  sy_messages_add(run->study->messages,
                  "%s %s than no model: %s is %s, and the shares of the classes alone give %s: "
                  "%s--model logistic (%s)",
                  words_of(run)->are, wrong ? "worse" : "no better", words_of(run)->log_loss,
                  losses[0], losses[1],
                  wrong ? "try a lower --learning-rate, or "
                        : "these columns may say little of them; try ",
                  sy_number_round(rival->logistic_log_loss, 3, logistic));
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
                  "logistic regression does %s here: log-loss %s, %s %s (95 %% of the "
                  "difference: %s to %s): --model logistic is simpler and faster",
                  worse ? "better" : "as well within chance", losses[0], words_of(run)->own,
                  losses[1], sy_number_round(rival->low, 2, low),
                  sy_number_round(rival->high, 2, high));
}

/* Epochs or rounds are as many as the rows left to train on bear: held against most of the rows,
 * a few tell little of how long a training on all of them should go on. */
void sy_study_hint_held(sy_messages *messages, double share, const char *steps) {
  char percent[SY_NUMBER_SIZE];
  if (share <= 0.5) return;
  sy_messages_add(messages,
                  "%s %% of the rows were held back to choose the %s, more than were left to train "
                  "on: a smaller share (--held-out 0.1) chooses better",
                  sy_number_round(100 * share, 4, percent), steps);
}

/* Where no rows could be held back, though they were to be. */
static void hint_epochs(const sy_run *run) {
  const sy_trainings *trainings = run->bench.trainings;
  const words *w = words_of(run);
  bool constant = trainings->options.schedule == SY_SCHEDULE_CONSTANT ||
                  run->options->family == SY_STUDY_BOOSTED;
  if (run->bench.held_mask) return;
  if (run->options->held_share > 0 && run->epochs == 0)
    sy_messages_add(run->study->messages,
                    "too few rows to hold any back: trained for all %d %s; --%s sets how many",
                    trainings->most, w->steps, w->steps);
  else
    sy_study_hint_held(run->study->messages, run->options->held_share, w->steps);
  if (run->epochs == trainings->most && constant)
    sy_messages_add(run->study->messages, "still improving at the last of %d %s: %s",
                    trainings->most, w->steps, w->way_out);
}

/* Trees of as few rounds as this have hardly begun. */
enum { HARDLY_BEGUN = 5 };

/* Where few rows of a rare class are held back, their loss is chance, and soon at its lowest. */
static void hint_soon_over(const sy_run *run) {
  const sy_audit *audit = &run->study->audit;
  size_t rarest = sy_audit_rarest(audit);
  double held = run->options->held_share * audit->classes[rarest].count;
  if (run->options->family != SY_STUDY_BOOSTED || run->epochs == 0) return;
  if (run->epochs > HARDLY_BEGUN || held > 20) return;
  sy_messages_add(run->study->messages,
                  "after %d round%s the loss on the rows held out was at its lowest, but they hold "
                  "only about %.0f of '%s': --held-out 0.3 holds more out, --held-out 0 --rounds N "
                  "grows N whatever they say",
                  run->epochs, run->epochs == 1 ? "" : "s", held, run->bench.classes[rarest]);
}

static void hint_trouble(const sy_run *run) {
  const char *trouble = run->bench.trainings->trouble;
  if (trouble[0]) sy_messages_add(run->study->messages, "%s", trouble);
}

/* Each exponent is a training a fold. */
static void hint_path(const sy_run *run) {
  const sy_path *path = &run->study->path;
  if (path->n == 0) return;
  sy_messages_add(run->study->messages,
                  "%zu exponents of class weights were tried, each trained for each of %d parts of "
                  "the rows: a policy of yours (--class-weight balanced) takes a fraction of "
                  "that time",
                  path->n, run->bench.n_folds);
}

static void hint_late_weights(const sy_run *run) {
  const sy_network_options *options = &run->bench.trainings->options;
  if (run->options->family != SY_STUDY_MLP || !sy_run_weighs(run)) return;
  if (run->study->training.epochs >= options->reweight_from) return;
  sy_messages_add(run->study->messages,
                  "class weights were to come in at epoch %d, and the network was best before it "
                  "(%d): they are in none of it",
                  options->reweight_from, run->study->training.epochs);
}

void sy_run_training_hints(sy_run *run) {
  if (!run->bench.trainings) return;
  hint_trouble(run);
  hint_scores(run);
  hint_rival(run);
  hint_epochs(run);
  hint_soon_over(run);
  hint_late_weights(run);
  hint_path(run);
}
