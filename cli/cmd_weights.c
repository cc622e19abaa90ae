/* cmd_weights.c: steelyard weights: counts of the classes, their weights, and what they do. */
#include <stdlib.h>
#include <string.h>

#include <steelyard/dialect.h>
#include <steelyard/report.h>

#include "command.h"
#include "cost_option.h"
#include "counting.h"
#include "json_text.h"
#include "policy_option.h"
#include "say.h"
#include "weights_json.h"

/* Weights under way. */
typedef struct weighing {
  const settings *given;
  bool compares; /* all policies, or one */
  weighting weights;
  counting labels;
  double *cost;   /* (K, K), or NULL */
  double *values; /* (K) weights, or (L, 2) of several labels a row */
  sy_audit audit;
  sy_label_audits audits; /* of several labels a row, in the place of `audit` */
} weighing;

/* The name of a system is wrong before anything is counted, not after. */
static int check_emit(const char *emit) {
  const char *const classes[] = {"0"};
  const double weights[] = {1};
  char *text = NULL;
  sy_error error;
  for (size_t i = 0; sy_dialect_name(i); i++)
    if (strcmp(sy_dialect_name(i), emit) == 0) return EXIT_DONE;
  if (sy_dialect_write(emit, classes, weights, 1, &text, &error) == SY_OK) free(text);
  return say_error_as(&error, EXIT_USAGE);
}

static int check_options(weighing *work, const char *source) {
  const settings *given = work->given;
  bool scaled = strcmp(given->normalize, sy_normalize_name(SY_NORMALIZE_NONE)) != 0;
  work->compares = !given->emit && (given->compare || !given->class_weight);
  if (source && given->counts)
    return say_usage("%s and --counts: labels are counted or counts are given; leave out one",
                     source);
  if (!source && !given->counts)
    return say_usage("weights needs a SOURCE (a table, an array, a folder of class folders), or "
                     "--counts '{0: 900, 1: 40}'");
  if (given->emit && given->json)
    return say_usage("--emit and --json both say how the weights are printed: give one");
  if (given->emit && given->compare)
    return say_usage("--emit prints the weights of one policy and --compare shows all of them: "
                     "give one");
  int code = given->emit ? check_emit(given->emit) : EXIT_DONE;
  if (code == EXIT_DONE)
    code = weighting_read(given, given->emit ? "balanced" : "none", &work->weights);
  if (code == EXIT_DONE && scaled && work->compares && !given->class_weight)
    return say_usage("--normalize scales the weights of one policy: give --class-weight too");
  return code;
}

/* Several labels a row have neither costs of confusing them nor a place in other systems. */
static int check_one_label(const settings *given, const sy_policy *policy) {
  if (given->cost || sy_policy_needs_cost(policy))
    return say_usage("costs price taking one class for another; with several labels a row each "
                     "of them is right or wrong by itself");
  if (given->emit)
    return say_usage("--emit writes one weight for each class; the pairs of several labels a row "
                     "come with --json (pos_weight is weight_present / weight_absent)");
  return EXIT_DONE;
}

static int settle_costs(weighing *work) {
  const settings *given = work->given;
  const char *const *classes = sy_counts_classes(work->labels.counts);
  size_t n_classes = sy_counts_n_classes(work->labels.counts);
  int code = cost_read(given, classes, n_classes, &work->cost, work->labels.notes);
  if (code != EXIT_DONE) return code;
  if (given->cost && !work->compares && !sy_policy_needs_cost(work->weights.policy))
    sy_messages_add(work->labels.notes,
                    "--cost changes nothing here: weights follow costs under --class-weight cost "
                    "alone");
  return weighting_settle(&work->weights, classes, n_classes, work->cost);
}

static int audit(weighing *work) {
  const sy_counts *counts = work->labels.counts;
  const sy_policy *policy = work->weights.policy;
  sy_error error;
  sy_status status = sy_counts_n_labels(counts)
                         ? sy_label_audits_make(policy, counts, work->values, &work->audits, &error)
                         : sy_audit_make(policy, sy_counts_classes(counts), counts, work->values,
                                         sy_counts_n_classes(counts), &work->audit, &error);
  return status == SY_OK ? EXIT_DONE : say_error(&error);
}

static void note_reading(weighing *work) {
  const sy_counts *counts = work->labels.counts;
  size_t n_labels = sy_counts_n_labels(counts);
  char *text = n_labels ? weighting_reading(&work->weights, sy_counts_labels(counts), n_labels)
                        : weighting_reading(&work->weights, sy_counts_classes(counts),
                                            sy_counts_n_classes(counts));
  if (text) sy_messages_add(work->labels.notes, "%s", text);
  free(text);
}

static int weigh(weighing *work) {
  bool several = sy_counts_n_labels(work->labels.counts) > 0;
  int code = several ? check_one_label(work->given, work->weights.policy) : settle_costs(work);
  if (code == EXIT_DONE) code = weighting_weigh(&work->weights, work->labels.counts, &work->values);
  if (code == EXIT_DONE) note_reading(work);
  if (code == EXIT_DONE) code = audit(work);
  return code == EXIT_DONE ? say_all_noted(work->labels.notes) : code;
}

/* What is suspicious about the weights of the policy asked for. */
static const sy_messages *warnings(const weighing *work) {
  return work->audits.n_labels ? work->audits.warnings : work->audit.warnings;
}

static int tell_audit(const weighing *work) {
  const sy_counts *counts = work->labels.counts;
  const char *policy = sy_policy_text(work->weights.policy);
  char *text;
  sy_error error;
  sy_status status =
      work->audits.n_labels
          ? sy_report_label_audits(counts, &work->audits, policy, &text, &error)
          : sy_report_audit(counts, &work->audit, policy, sy_counts_classes(counts), &text, &error);
  if (status != SY_OK) return say_error(&error);
  say_result(text);
  free(text);
  return EXIT_DONE;
}

static int tell_policies(const weighing *work) {
  char *text;
  sy_error error;
  if (sy_report_policies(work->labels.counts, work->cost, &text, &error) != SY_OK)
    return say_error(&error);
  say_result(text);
  free(text);
  return EXIT_DONE;
}

static int tell_screen(const weighing *work) {
  bool audited = work->given->class_weight != NULL;
  int code = audited ? tell_audit(work) : EXIT_DONE;
  if (code == EXIT_DONE && audited && work->compares) say_result("\n");
  if (code == EXIT_DONE && work->compares) code = tell_policies(work);
  if (code != EXIT_DONE) return code;
  say_remarks(work->labels.notes);
  if (audited) say_remarks(warnings(work));
  return EXIT_DONE;
}

/* What was noticed of the labels, then of the weights. */
static json_t *json_warnings(const weighing *work) {
  json_t *list = json_messages(work->labels.notes), *more = json_messages(warnings(work));
  json_array_extend(list, more);
  json_decref(more);
  return list;
}

static int tell_json(const weighing *work) {
  const sy_counts *counts = work->labels.counts;
  sy_comparison comparison = {0};
  sy_error error;
  if (work->compares && sy_policies_compare(counts, work->cost, &comparison, &error) != SY_OK)
    return say_error(&error);
  json_t *object = json_object();
  if (work->audits.n_labels)
    weights_json_labels(object, &work->weights, counts, &work->audits, work->values);
  else
    weights_json_audit(object, &work->weights, counts, &work->audit);
  json_object_set_new(object, "warnings", json_warnings(work));
  if (work->compares)
    json_object_set_new(object, "policies", weights_json_policies(counts, &comparison));
  json_say(object);
  sy_comparison_clear(&comparison);
  return EXIT_DONE;
}

static int tell_emitted(const weighing *work) {
  const sy_counts *counts = work->labels.counts;
  char *text;
  sy_error error;
  if (sy_dialect_write(work->given->emit, sy_counts_classes(counts), work->values,
                       sy_counts_n_classes(counts), &text, &error) != SY_OK)
    return say_error_at(&error, EXIT_USAGE, "--emit %s", work->given->emit);
  say_result(text);
  free(text);
  if (!work->given->class_weight)
    say_remark("note: these are the weights of the policy %s; --class-weight names another",
               sy_policy_text(work->weights.policy));
  say_remarks(work->labels.notes);
  say_remarks(warnings(work));
  return EXIT_DONE;
}

static int tell(const weighing *work) {
  if (work->given->emit) return tell_emitted(work);
  return work->given->json ? tell_json(work) : tell_screen(work);
}

static void weighing_clear(weighing *work) {
  sy_label_audits_clear(&work->audits);
  sy_audit_clear(&work->audit);
  free(work->values);
  free(work->cost);
  counting_clear(&work->labels);
  weighting_clear(&work->weights);
}

int command_weights(const settings *given, char *const *arguments) {
  const char *source = arguments[0]; /* NULL where there is none */
  weighing work = {.given = given};
  int code = check_options(&work, source);
  if (code == EXIT_DONE) code = counting_run(given, source, &work.labels);
  if (code == EXIT_DONE) code = weigh(&work);
  if (code == EXIT_DONE) code = tell(&work);
  weighing_clear(&work);
  return code;
}
