#include "weights_json.h"

#include "json_text.h"

static void set(json_t *object, const char *key, json_t *value) {
  json_object_set_new(object, key, value);
}

static void set_policy(json_t *object, const weighting *weights) {
  set(object, "policy", json_text(sy_policy_text(weights->policy)));
  set(object, "normalize", json_text(sy_normalize_name(weights->normalize)));
}

static json_t *json_class(const char *name, const sy_audit_class *class) {
  json_t *object = json_object();
  set(object, "class", json_text(name));
  set(object, "count", json_number(class->count));
  set(object, "share", json_number(class->share));
  set(object, "weight", json_number(class->weight));
  return object;
}

void weights_json_audit(json_t *object, const weighting *weights, const sy_counts *counts,
                        const sy_audit *audit) {
  json_t *classes = json_array();
  for (size_t k = 0; k < audit->n_classes; k++)
    json_array_append_new(classes, json_class(sy_counts_classes(counts)[k], &audit->classes[k]));
  set(object, "rows", json_count(audit->rows));
  set_policy(object, weights);
  set(object, "classes", classes);
  set(object, "imbalance_ratio", json_number(audit->imbalance_ratio));
  set(object, "effective_rows", json_number(audit->effective_rows));
}

/* Of the two classes of a label, 1 are the rows with it. */
static json_t *json_label(const char *name, const sy_audit *audit, const double pair[2]) {
  json_t *object = json_object();
  set(object, "label", json_text(name));
  set(object, "count", json_number(audit->classes[1].count));
  set(object, "share", json_number(audit->classes[1].share));
  set(object, "weight_absent", json_number(pair[0]));
  set(object, "weight_present", json_number(pair[1]));
  return object;
}

/* Rows that are not taken out; of one label cells may be, so that another has more. */
static uint64_t most_rows(const sy_label_audits *audits) {
  uint64_t most = 0;
  for (size_t l = 0; l < audits->n_labels; l++)
    if (audits->labels[l].rows > most) most = audits->labels[l].rows;
  return most;
}

void weights_json_labels(json_t *object, const weighting *weights, const sy_counts *counts,
                         const sy_label_audits *audits, const double *pairs) {
  json_t *labels = json_array();
  for (size_t l = 0; l < audits->n_labels; l++)
    json_array_append_new(
        labels, json_label(sy_counts_labels(counts)[l], &audits->labels[l], pairs + 2 * l));
  set(object, "rows", json_count(most_rows(audits)));
  set_policy(object, weights);
  set(object, "labels", labels);
}

/* {label: [absent, present], ..} */
static json_t *json_pairs(const char *const *labels, const double *pairs, size_t n) {
  json_t *object = json_object();
  for (size_t l = 0; l < n; l++) set(object, labels[l], json_numbers(pairs + 2 * l, 2));
  return object;
}

/* Another policy of the same model, or null where it is none but itself. */
static json_t *json_other(const sy_comparison *comparison, size_t p, size_t other) {
  return other == p ? json_null() : json_text(comparison->policies[other].text);
}

static json_t *json_policy(const sy_counts *counts, const sy_comparison *comparison, size_t p) {
  const sy_compared_policy *policy = &comparison->policies[p];
  const char *const *labels = sy_counts_labels(counts);
  size_t n_labels = comparison->n_labels;
  json_t *object = json_object();
  set(object, "policy", json_text(policy->text));
  set(object, "weights",
      n_labels
          ? json_pairs(labels, policy->weights, n_labels)
          : json_named_numbers(sy_counts_classes(counts), policy->weights, comparison->n_classes));
  set(object, "rarest_share",
      n_labels ? json_named_numbers(labels, policy->rarest_shares, n_labels)
               : json_number(policy->rarest_shares[0]));
  set(object, "effective_rows",
      n_labels ? json_named_numbers(labels, policy->effective_rows, n_labels)
               : json_number(policy->effective_rows[0]));
  set(object, "same_as", json_other(comparison, p, policy->same_as));
  set(object, "multiple_of", json_other(comparison, p, policy->multiple_of));
  set(object, "warnings", json_messages(policy->warnings));
  return object;
}

json_t *weights_json_policies(const sy_counts *counts, const sy_comparison *comparison) {
  json_t *list = json_array();
  for (size_t p = 0; p < comparison->n_policies; p++)
    json_array_append_new(list, json_policy(counts, comparison, p));
  return list;
}
