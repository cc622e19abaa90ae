/* label_warnings.c: the audit of several labels in words: each thing is one line that names the
 * labels it is true of, for a hundred of them may be. */
#include "base/error.h"
#include "base/text.h"
#include "weights/policy.h"
#include "weights/warnings.h"

#include <math.h>
#include <stdlib.h>

/* Whether something is true of a label whose audit this is. */
typedef bool (*test_fn)(const sy_audit *audit);

/* "label 'a'", "labels 'a' and 'b'", "labels 'a', 'b', 'c' and 9 more". */
static void name_labels(const char *const *labels, const sy_label_audits *audits, test_fn test,
                        size_t n_true, sy_text *text) {
  enum { MOST_NAMES = 5 };
  size_t shown = n_true > MOST_NAMES ? MOST_NAMES - 1 : n_true, named = 0;
  sy_text_put(text, n_true == 1 ? "label " : "labels ");
  for (size_t l = 0; l < audits->n_labels && named < shown; l++) {
    if (!test(&audits->labels[l])) continue;
    bool last = named + 1 == n_true;
    char name[SY_SHOWN_SIZE];
    sy_text_add(text, "%s'%s'", named == 0 ? "" : last ? " and " : ", ", sy_shown(labels[l], name));
    named++;
  }
  if (shown < n_true) sy_text_add(text, " and %zu more", n_true - shown);
}

/* Where the test holds of any label: the labels, then `one` or `many` of them. */
static sy_status warn_where(const char *const *labels, const sy_label_audits *audits, test_fn test,
                            const char *one, const char *many, sy_error *error) {
  size_t n_true = 0;
  for (size_t l = 0; l < audits->n_labels; l++) n_true += test(&audits->labels[l]);
  if (n_true == 0) return SY_OK;
  sy_text text = {0};
  name_labels(labels, audits, test, n_true, &text);
  sy_text_put(&text, n_true == 1 ? one : many);
  if (!text.failed) sy_messages_add(audits->warnings, "%s", text.data);
  bool failed = text.failed;
  free(text.data);
  return failed ? sy_fail_memory(error) : SY_OK;
}

/* --- what may be true of a label --- */

static bool is_never(const sy_audit *audit) {
  return audit->classes[1].count == 0;
}

static bool is_always(const sy_audit *audit) {
  return audit->classes[0].count == 0 && !is_never(audit);
}

static bool varies(const sy_audit *audit) {
  return audit->classes[0].count > 0 && audit->classes[1].count > 0;
}

static bool ignores_presence(const sy_audit *audit) {
  return varies(audit) && audit->classes[1].weight == 0;
}

static bool ignores_absence(const sy_audit *audit) {
  return varies(audit) && audit->classes[0].weight == 0;
}

static bool is_equal(const sy_audit *audit) {
  double absence = audit->classes[0].weight, presence = audit->classes[1].weight;
  return varies(audit) && fabs(presence - absence) <= SY_SAME_WEIGHT * absence;
}

static bool is_equal_by_half(const sy_audit *audit) {
  return is_equal(audit) && audit->imbalance_ratio < 1.001;
}

static bool is_equal_by_policy(const sy_audit *audit) {
  return is_equal(audit) && !is_equal_by_half(audit);
}

static bool has_few_rows(const sy_audit *audit) {
  for (size_t side = 0; side < 2 && varies(audit) && !is_equal(audit); side++) {
    const sy_audit_class *class = &audit->classes[side];
    if (class->weight_share >= SY_LARGE_SHARE && class->rows < SY_FEW_ROWS) return true;
  }
  return false;
}

/* Presence weighs its share of the rows, as far as people write shares. */
static bool is_frequency(const sy_audit *audit) {
  double share = audit->classes[1].share;
  double ratio = audit->classes[1].weight / audit->classes[0].weight;
  return fabs(ratio - share) <= fmax(0.05 * share, share < 0.05 ? 0 : 0.005);
}

/* --- the warnings --- */

static bool all_are_frequencies(const sy_label_audits *audits) {
  bool any = false;
  for (size_t l = 0; l < audits->n_labels; l++) {
    if (!varies(&audits->labels[l])) continue;
    if (!is_frequency(&audits->labels[l])) return false;
    any = true;
  }
  return any;
}

static sy_status warn_unlearnt(const char *const *labels, const sy_label_audits *audits,
                               sy_error *error) {
  static const struct {
    test_fn test;
    const char *one, *many;
  } lines[] = {
      {is_never, " is in no row: it weighs 1 and cannot be learnt",
       " are in no row: they weigh 1 and cannot be learnt"},
      {is_always, " is in every row: it weighs 1 and there is nothing to learn",
       " are in every row: they weigh 1 and there is nothing to learn"},
      {ignores_presence,
       " has weight 0 where present: those rows are not learnt from and it is "
       "never predicted",
       " have weight 0 where present: those rows are not learnt from and they are never predicted"},
      {ignores_absence,
       " has weight 0 where absent: those rows are not learnt from and it is "
       "always predicted",
       " have weight 0 where absent: those rows are not learnt from and they are always "
       "predicted"}};
  sy_status status = SY_OK;
  for (size_t i = 0; i < sizeof lines / sizeof lines[0] && status == SY_OK; i++)
    status = warn_where(labels, audits, lines[i].test, lines[i].one, lines[i].many, error);
  return status;
}

static sy_status warn_equal(const sy_policy *policy, const char *const *labels,
                            const sy_label_audits *audits, sy_error *error) {
  sy_text text = {0};
  sy_text_add(&text,
              ": policy '%s' gives presence and absence the same weight, which trains as without "
              "weights; %s would tell them apart",
              policy->text, sy_policy_apart(policy));
  if (text.failed) {
    free(text.data);
    return sy_fail_memory(error);
  }
  sy_status status = warn_where(labels, audits, is_equal_by_policy, text.data, text.data, error);
  free(text.data);
  static const char half[] = ": half of the rows have it, so presence and absence weigh the same";
  return status == SY_OK ? warn_where(labels, audits, is_equal_by_half, half, half, error) : status;
}

sy_status sy_label_weights_warn(const sy_policy *policy, const char *const *labels,
                                const sy_label_audits *audits, sy_error *error) {
  sy_status status = warn_unlearnt(labels, audits, error);
  if (status != SY_OK || (policy && sy_policy_is_none(policy))) return status;
  if (policy && policy->kind) status = warn_equal(policy, labels, audits, error);
  if (status != SY_OK) return status;
  if (policy && !policy->kind && all_are_frequencies(audits))
    sy_messages_add(audits->warnings,
                    "the weights are the frequencies of the labels: that makes "
                    "rare labels count even less; pos or balanced would help them");
  return warn_where(labels, audits, has_few_rows,
                    ": a third of its loss or more lies on fewer than 100 rows, so that a few odd "
                    "ones can decide the model; a milder policy such as sqrt relies on them less",
                    ": a third of their loss or more lies on fewer than 100 rows each, so that a "
                    "few odd ones can decide the model; a milder policy such as sqrt relies on "
                    "them less",
                    error);
}
