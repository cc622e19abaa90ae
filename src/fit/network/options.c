/* options.c: how a network is trained: defaults, names, and what is refused before anything
 * is computed. Messages call an option what the manual, Python and the header call it. */
#include "base/choice.h"
#include "base/error.h"

#include <math.h>
#include <steelyard/fit.h>
#include <string.h>

enum { MOST_UNITS = 65536, MOST_LAYERS = 32, MOST_WIDTH = 65536, MOST_RESTARTS = 1000 };

static const char *const OPTIMIZERS[] = {"adam", "adamw", "sgd"};
static const char *const SCHEDULES[] = {"constant", "cosine", "one-cycle"};
enum {
  N_OPTIMIZERS = sizeof OPTIMIZERS / sizeof OPTIMIZERS[0],
  N_SCHEDULES = sizeof SCHEDULES / sizeof SCHEDULES[0]
};

static sy_status find_name(const char *what, const char *const *names, size_t n, const char *text,
                           size_t *found, sy_error *error) {
  for (*found = 0; *found < n; ++*found)
    if (strcmp(text, names[*found]) == 0) return SY_OK;
  sy_choices choices = {what, "", names, names, n};
  return sy_fail_choice(&choices, text, SY_INVALID_ARGUMENT, error);
}

sy_status sy_optimizer_parse(const char *text, sy_optimizer *optimizer, sy_error *error) {
  size_t found;
  sy_status status = find_name("optimizer", OPTIMIZERS, N_OPTIMIZERS, text, &found, error);
  if (status == SY_OK) *optimizer = (sy_optimizer)found;
  return status;
}

const char *sy_optimizer_name(sy_optimizer optimizer) {
  return (unsigned)optimizer < N_OPTIMIZERS ? OPTIMIZERS[optimizer] : "unknown";
}

sy_status sy_schedule_parse(const char *text, sy_schedule *schedule, sy_error *error) {
  size_t found;
  sy_status status = find_name("schedule", SCHEDULES, N_SCHEDULES, text, &found, error);
  if (status == SY_OK) *schedule = (sy_schedule)found;
  return status;
}

const char *sy_schedule_name(sy_schedule schedule) {
  return (unsigned)schedule < N_SCHEDULES ? SCHEDULES[schedule] : "unknown";
}

sy_network_options sy_network_options_default(void) {
  static const size_t hidden[] = {64, 32};
  return (sy_network_options){.hidden = hidden,
                              .n_hidden = sizeof hidden / sizeof hidden[0],
                              .activation = SY_ACTIVATION_RELU,
                              .norm = SY_NORM_NONE,
                              .optimizer = SY_OPTIMIZER_ADAM,
                              .learning_rate = 0.001,
                              .momentum = 0.9,
                              .schedule = SY_SCHEDULE_CONSTANT,
                              .epochs = 200,
                              .patience = 10,
                              .restarts = 1};
}

/* --- what is refused --- */

static sy_status check_layers(const sy_network_options *o, sy_error *error) {
  if (o->n_hidden > MOST_LAYERS)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "there are %zu hidden layers; a network has %d of them at most", o->n_hidden,
                   MOST_LAYERS);
  if (o->n_hidden > 0 && !o->hidden)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the units of the %zu hidden layers are not given",
                   o->n_hidden);
  for (size_t l = 0; l < o->n_hidden; l++)
    if (o->hidden[l] < 1 || o->hidden[l] > MOST_UNITS)
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "hidden layer %zu has %zu units; a layer has 1 to 65,536", l + 1,
                     o->hidden[l]);
  return SY_OK;
}

static sy_status check_kinds(const sy_network_options *o, sy_error *error) {
  const struct {
    const char *what;
    unsigned given, n;
  } kinds[] = {{"activation", (unsigned)o->activation, SY_ACTIVATION_TANH + 1},
               {"normalisation", (unsigned)o->norm, SY_NORM_LAYER + 1},
               {"optimizer", (unsigned)o->optimizer, N_OPTIMIZERS},
               {"schedule", (unsigned)o->schedule, N_SCHEDULES}};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (kinds[i].given >= kinds[i].n)
      return sy_fail(error, SY_INVALID_ARGUMENT, "the %s is number %u; there are 0 to %u",
                     kinds[i].what, kinds[i].given, kinds[i].n - 1);
  return SY_OK;
}

/* A number and the range that it must lie in; NaN lies in none. */
typedef struct range {
  const char *what;
  double given, least, below; /* least <= given < below */
  bool above;                 /* least < given instead */
  const char *right;
} range;

static sy_status check_numbers(const sy_network_options *o, sy_error *error) {
  static const double none = INFINITY;
  static const char share[] = "at least 0 and below 1", positive[] = "above 0 and finite",
                    not_negative[] = "a finite number >= 0";
  const range ranges[] = {
      {"dropout", o->dropout, 0, 1, false, share},
      {"learning rate", o->learning_rate, 0, none, true, positive},
      {"momentum", o->momentum, 0, 1, false, share},
      {"weight decay", o->weight_decay, 0, none, false, not_negative},
      {"clip", o->clip, 0, none, false, "above 0 and finite, or 0 for none"},
      {"warm-up", o->warm_up, 0, none, false, "a finite number of epochs >= 0"}};
  char text[SY_NUMBER_SIZE];
  for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
    const range *r = &ranges[i];
    bool right = r->given < r->below && (r->above ? r->given > r->least : r->given >= r->least);
    if (!right)
      return sy_fail(error, SY_INVALID_ARGUMENT, "the %s is %s; it must be %s", r->what,
                     sy_number_format(r->given, text), r->right);
  }
  return SY_OK;
}

static sy_status check_counts(const sy_network_options *o, sy_error *error) {
  if (o->embedding_width > MOST_WIDTH)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the embedding width is %zu; it must be 1 to 65,536, or 0 to go by the number "
                   "of values",
                   o->embedding_width);
  if (o->epochs < 1)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the number of epochs is %d; it must be 1 or more",
                   o->epochs);
  if (o->patience < 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the patience is %d; it must be 1 epoch or more, or 0 to never end early",
                   o->patience);
  if (o->restarts < 1 || o->restarts > MOST_RESTARTS)
    return sy_fail(error, SY_INVALID_ARGUMENT, "the number of restarts is %d; it must be 1 to 1000",
                   o->restarts);
  return SY_OK;
}

/* Epochs that are named must be among those there are. */
static sy_status check_epochs(const sy_network_options *o, sy_error *error) {
  if (o->stop_after < 0 || o->stop_after > o->epochs)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the epoch to stop after is %d; it must be 1 to %d, the number of epochs, or 0 "
                   "for no such stop",
                   o->stop_after, o->epochs);
  if (o->reweight_from < 0 || o->reweight_from > o->epochs)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the epoch to weigh classes from is %d; it must be 1 to %d, the number of "
                   "epochs, or 0 for all of them",
                   o->reweight_from, o->epochs);
  return SY_OK;
}

sy_status sy_network_options_check(const sy_network_options *options, sy_error *error) {
  sy_status status = check_layers(options, error);
  if (status == SY_OK) status = check_kinds(options, error);
  if (status == SY_OK) status = check_numbers(options, error);
  if (status == SY_OK) status = check_counts(options, error);
  if (status == SY_OK) status = check_epochs(options, error);
  return status;
}
