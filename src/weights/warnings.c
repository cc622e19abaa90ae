/* warnings.c: the audit in words, one plain line for each thing that is probably not meant. */
#include "weights/warnings.h"

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "weights/policy.h"

#include <math.h>

static bool is_present(const sy_audit_class *class) {
  return class->count > 0;
}

static void warn_absent(const char *name, const sy_audit_class *class, sy_messages *warnings) {
  if (class->rows == 0)
    sy_messages_add(warnings, "class '%s' has no rows: it weighs 1 and cannot be learnt", name);
  else
    sy_messages_add(warnings, "class '%s' has no row with a weight above 0: it cannot be learnt",
                    name);
}

static void warn_zero(const char *name, const sy_audit_class *class, sy_messages *warnings) {
  sy_messages_add(
      warnings, "class '%s' has weight 0: its %llu row%s not learnt from and it is never predicted",
      name, (unsigned long long)class->rows, class->rows == 1 ? " is" : "s are");
}

static void warn_few_rows(const char *name, const sy_audit_class *class, sy_messages *warnings) {
  char share[SY_NUMBER_SIZE];
  sy_messages_add(warnings,
                  "class '%s' carries %s %% of the loss on %llu row%s: a few odd rows can decide "
                  "the model; a milder policy such as sqrt or log relies on them less",
                  name, sy_number_round(100 * class->weight_share, 3, share),
                  (unsigned long long)class->rows, class->rows == 1 ? "" : "s");
}

/* Number of classes present, and whether they all have one weight. */
static size_t count_present(const sy_audit *audit, bool *equal) {
  size_t present = 0;
  double weight = 0;
  *equal = true;
  for (size_t k = 0; k < audit->n_classes; k++) {
    if (!is_present(&audit->classes[k])) continue;
    if (present++ == 0) weight = audit->classes[k].weight;
    if (fabs(audit->classes[k].weight - weight) > SY_SAME_WEIGHT * weight) *equal = false;
  }
  return present;
}

/* True where each class's part of the weights is its share of the rows, as far as people write
 * shares: half a percent, or a twentieth of a rare one. */
static bool weights_are_frequencies(const sy_audit *audit) {
  double sum = 0;
  for (size_t k = 0; k < audit->n_classes; k++)
    if (is_present(&audit->classes[k])) sum += audit->classes[k].weight;
  for (size_t k = 0; k < audit->n_classes; k++) {
    const sy_audit_class *class = &audit->classes[k];
    if (!is_present(class)) continue;
    double tolerance = 0.05 * class->share;
    if (class->share >= 0.05) tolerance = fmax(tolerance, 0.005);
    if (!(fabs(class->weight / sum - class->share) <= tolerance)) return false;
  }
  return true;
}

static void warn_frequencies(sy_messages *warnings) {
  sy_messages_add(warnings, "the weights are the frequencies of the classes: that makes common "
                            "classes count even more; balanced would help the rare ones");
}

static void warn_equal(const sy_policy *policy, const sy_audit *audit, sy_messages *warnings) {
  char weight[SY_NUMBER_SIZE] = "";
  for (size_t k = 0; k < audit->n_classes && !weight[0]; k++)
    if (is_present(&audit->classes[k])) sy_number_round(audit->classes[k].weight, 3, weight);
  if (audit->imbalance_ratio < 1.001)
    sy_messages_add(warnings,
                    "policy '%s' gives every class the weight %s, for all are equally frequent: "
                    "this trains as without weights",
                    policy->text, weight);
  else
    sy_messages_add(warnings,
                    "policy '%s' gives every class the same weight, %s: this trains as without "
                    "weights; %s would tell the classes apart",
                    policy->text, weight, sy_policy_apart(policy));
}

/* A class in order of its weight. */
typedef struct weighed {
  double weight, count;
  size_t class;
} weighed;

static int compare_weighed(const void *a, const void *b) {
  const weighed *left = a, *right = b;
  if (left->weight != right->weight) return left->weight < right->weight ? -1 : 1;
  if (left->count != right->count) return left->count < right->count ? -1 : 1;
  return (left->class > right->class) - (left->class < right->class);
}

static void warn_pair(const weighed *rare, const weighed *common, const char *const *classes,
                      sy_messages *warnings) {
  char weight[SY_NUMBER_SIZE], few[SY_NUMBER_SIZE], many[SY_NUMBER_SIZE];
  sy_messages_add(warnings,
                  "classes '%s' (%s rows) and '%s' (%s rows) get the same weight, %s, though one "
                  "is %.0f times as frequent",
                  classes[rare->class], sy_number_round(rare->count, 15, few),
                  classes[common->class], sy_number_round(common->count, 15, many),
                  sy_number_round(rare->weight, 3, weight), common->count / rare->count);
}

/* Of all classes that share a weight, names the pair whose counts differ most, if more than
 * twofold: in order of weight, such a pair lies in one run. */
static void warn_same_weight(const weighed *order, size_t n, const char *const *classes,
                             sy_messages *warnings) {
  const weighed *rare = NULL, *common = NULL;
  double widest = 2;
  for (size_t first = 0, last; first < n; first = last + 1) {
    last = first;
    while (last + 1 < n && order[last + 1].weight <= order[first].weight * (1 + SY_SAME_WEIGHT))
      last++;
    const weighed *low = &order[first], *high = low;
    for (size_t i = first; i <= last; i++) {
      if (order[i].count < low->count) low = &order[i];
      if (order[i].count > high->count) high = &order[i];
    }
    if (high->count / low->count <= widest) continue;
    widest = high->count / low->count;
    rare = low;
    common = high;
  }
  if (rare) warn_pair(rare, common, classes, warnings);
}

static sy_status compare_counts(const char *const *classes, const sy_audit *audit,
                                sy_error *error) {
  weighed *order = sy_alloc(audit->n_classes, sizeof *order);
  if (!order) return sy_fail_memory(error);
  size_t n = 0;
  for (size_t k = 0; k < audit->n_classes; k++)
    if (is_present(&audit->classes[k]))
      order[n++] = (weighed){audit->classes[k].weight, audit->classes[k].count, k};
  qsort(order, n, sizeof *order, compare_weighed);
  warn_same_weight(order, n, classes, audit->warnings);
  free(order);
  return SY_OK;
}

/* Warnings on the weights as a whole, and on classes that outweigh their rows. Without weights
 * (none, or equal ones of unknown origin) there is nothing to warn of. */
static sy_status warn_of_policy(const sy_policy *policy, const char *const *classes,
                                sy_audit *audit, sy_error *error) {
  bool equal;
  size_t present = count_present(audit, &equal);
  if (present < 2 || (policy && sy_policy_is_none(policy))) return SY_OK;
  if (equal) {
    if (policy) warn_equal(policy, audit, audit->warnings);
    return SY_OK;
  }
  if (policy && !policy->kind && weights_are_frequencies(audit)) warn_frequencies(audit->warnings);
  for (size_t k = 0; k < audit->n_classes; k++) {
    const sy_audit_class *class = &audit->classes[k];
    if (class->weight_share >= SY_LARGE_SHARE && class->rows < SY_FEW_ROWS)
      warn_few_rows(classes[k], class, audit->warnings);
  }
  return compare_counts(classes, audit, error);
}

sy_status sy_weights_warn(const sy_policy *policy, const char *const *classes, sy_audit *audit,
                          sy_error *error) {
  for (size_t k = 0; k < audit->n_classes; k++) {
    const sy_audit_class *class = &audit->classes[k];
    if (!is_present(class)) {
      warn_absent(classes[k], class, audit->warnings);
    } else if (class->weight == 0) {
      warn_zero(classes[k], class, audit->warnings);
    }
  }
  return warn_of_policy(policy, classes, audit, error);
}
