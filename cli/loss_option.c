#include "loss_option.h"

#include <stdlib.h>
#include <string.h>

#include "say.h"

/* A part of a loss that is no part of the library's by name, but a member of its options. */
typedef struct own_part {
  const char *form; /* as sy_loss_part_form has them */
  int (*take)(const settings *given, char *value, loss_plan *plan);
} own_part;

static int take_cross_entropy(const settings *given, char *value, loss_plan *plan) {
  (void)given, (void)value, (void)plan;
  return EXIT_DONE;
}

static int take_smoothing(const settings *given, char *value, loss_plan *plan) {
  (void)given;
  double *share = &plan->options.smoothing;
  if (value && strncmp(value, "a=", 2) == 0) value += 2;
  if (value && text_number(value, share) && *share > 0 && *share <= 1) return EXIT_DONE;
  return say_usage("--loss smoothing takes a share from 0 to 1, as smoothing:0.1, not '%s'",
                   value ? value : "");
}

static int take_costs(const settings *given, sy_cost_use use, const char *name, loss_plan *plan) {
  if (!given->cost)
    return say_usage("--loss %s learns from what mistakes cost: say so by --cost", name);
  if (plan->options.cost_use != SY_COST_UNUSED)
    return say_usage("--loss takes one of cost-expected and cost-argmax");
  plan->options.cost_use = use;
  return EXIT_DONE;
}

static int take_cost_expected(const settings *given, char *value, loss_plan *plan) {
  (void)value;
  return take_costs(given, SY_COST_EXPECTED, "cost-expected", plan);
}

static int take_cost_argmax(const settings *given, char *value, loss_plan *plan) {
  (void)value;
  return take_costs(given, SY_COST_ARGMAX, "cost-argmax", plan);
}

static int take_by_prediction(const settings *given, char *value, loss_plan *plan) {
  (void)value;
  if (!given->class_weight)
    return say_usage("--loss by-prediction weighs a row by the class predicted: give the weights "
                     "by --class-weight");
  plan->options.weigh_by_prediction = true;
  return EXIT_DONE;
}

static const own_part own_parts[] = {
    {"cross-entropy", take_cross_entropy}, {"smoothing:A", take_smoothing},
    {"cost-expected", take_cost_expected}, {"cost-argmax", take_cost_argmax},
    {"by-prediction", take_by_prediction},
};

enum { N_OWN = sizeof own_parts / sizeof own_parts[0] };

/* How part `index` of all is written, ours first; NULL past the last. */
static const char *form_of(size_t index) {
  return index < N_OWN ? own_parts[index].form : sy_loss_part_form(index - N_OWN);
}

/* Length of the name in a form or in a part as it was typed. */
static size_t name_length(const char *part) {
  return strcspn(part, ":[");
}

/* Index of the part of this name; that of the NULL where there is none. */
static size_t find_part(const char *name) {
  size_t index = 0;
  for (const char *form; (form = form_of(index)) != NULL; index++)
    if (name_length(form) == strlen(name) && strncmp(form, name, strlen(name)) == 0) break;
  return index;
}

static int refuse_name(const char *name) {
  text_list names = {NULL, 0}, forms = {NULL, 0};
  for (size_t i = 0; form_of(i); i++) {
    char *known = text_format("%.*s", (int)name_length(form_of(i)), form_of(i));
    text_list_add(&names, known);
    text_list_add(&forms, form_of(i));
    free(known);
  }
  const char *nearest = sy_nearest_name(name, text_list_view(&names), names.n);
  char *all = text_list_join(&forms, ", ");
  if (nearest)
    say_usage("--loss: there is no '%s'; did you mean '%s'?", name, nearest);
  else
    say_usage("--loss: there is no '%s'; there are %s", name, all);
  free(all);
  text_list_free(&forms);
  text_list_free(&names);
  return EXIT_USAGE;
}

/* Where the next part begins: after a '+' that is none of a number's ("1e+3"), else the end. */
static char *find_plus(char *text) {
  char *plus = strchr(text, '+');
  while (plus && plus[1] && strchr("0123456789.", plus[1])) plus = strchr(plus + 1, '+');
  return plus ? plus : text + strlen(text);
}

/* Takes one of our own parts. */
static int take_own(const settings *given, size_t index, char *value, loss_plan *plan) {
  const own_part *part = &own_parts[index];
  if (value && !strchr(part->form, ':'))
    return say_usage("--loss %s takes no parameter, and '%s' is given", part->form, value);
  return part->take(given, value, plan);
}

static int take_part(const settings *given, char *part, bool *seen, loss_plan *plan) {
  text_unquote(part);
  char *colon = strchr(part, ':');
  char *name = text_format("%.*s", (int)strcspn(part, ":"), part);
  size_t index = find_part(name);
  int code = EXIT_DONE;
  if (!form_of(index))
    code = refuse_name(name);
  else if (seen[index])
    code = say_usage("--loss has %s twice", name);
  else if (index < N_OWN)
    code = take_own(given, index, colon ? colon + 1 : NULL, plan);
  else if (plan->parts)
    text_append(&plan->parts, text_format("+%s", part));
  else
    plan->parts = text_copy(part);
  if (form_of(index)) seen[index] = true;
  free(name);
  return code;
}

static int take_parts(const settings *given, loss_plan *plan) {
  char *text = text_copy(given->loss);
  size_t n_parts = 0;
  while (form_of(n_parts)) n_parts++;
  bool *seen = grab(n_parts + 1, sizeof *seen);
  int code = EXIT_DONE;
  for (char *part = text, *end; part && code == EXIT_DONE;) {
    end = find_plus(part);
    char *next = *end ? end + 1 : NULL;
    *end = 0;
    code = take_part(given, part, seen, plan);
    part = next;
  }
  if (code == EXIT_DONE && seen[0] && plan->options.cost_use == SY_COST_EXPECTED)
    code = say_usage("--loss cost-expected stands in the place of cross-entropy: leave one out");
  free(seen);
  free(text);
  return code;
}

/* Whether the library takes the parts together is known before any data: their number of classes,
 * counts and costs change nothing of that. */
static int try_out(const loss_plan *plan) {
  enum { K = 3 };
  static const double ones[K] = {1, 1, 1}, costs[K * K] = {0, 1, 1, 1, 0, 1, 1, 1, 0};
  sy_loss_options options = plan->options;
  options.n_classes = K;
  options.class_weights = options.weigh_by_prediction ? ones : NULL;
  options.counts = ones;
  options.cost = options.cost_use != SY_COST_UNUSED ? costs : NULL;
  sy_loss *loss;
  sy_error error;
  if (sy_loss_new(&options, &loss, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--loss");
  sy_loss_free(loss);
  return EXIT_DONE;
}

int loss_read(const settings *given, loss_plan *plan) {
  plan->options = sy_loss_options_default(0);
  int code = take_parts(given, plan);
  plan->options.parts = plan->parts;
  return code == EXIT_DONE ? try_out(plan) : code;
}

void loss_plan_clear(loss_plan *plan) {
  free(plan->parts);
  *plan = (loss_plan){.parts = NULL};
}

char *loss_names(void) {
  char *names = text_copy("");
  const char *form;
  for (size_t i = 0; (form = form_of(i)) != NULL; i++)
    text_append(&names, text_format("%s%.*s%s", i ? " " : "", (int)name_length(form), form,
                                    form[name_length(form)] == ':' ? ":" : ""));
  return names;
}
