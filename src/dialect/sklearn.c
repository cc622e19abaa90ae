/* sklearn.c: class_weight of scikit-learn's classifiers: a dictionary from label to weight, or
 * 'balanced'. */
#include "base/error.h"
#include "dialect/putting.h"
#include "dialect/reading.h"

#include <string.h>

/* scikit-learn looks up int(label) where that exists, and str(label) where it does not: the labels
 * '1' and 1 alike by the key 1. */
static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  (void)error;
  sy_put_order(text, "# ", "keys are labels as y holds them; in order", 0, written);
  sy_text_put(text, "class_weight=");
  sy_put_integer_map(text, written);
  sy_text_put(text, "\n");
  return SY_OK;
}

static sy_status read_preset(const char *preset, sy_policy **policy, sy_error *error) {
  if (strcmp(preset, "balanced") == 0) return sy_policy_parse("balanced", policy, error);
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT,
                 "class_weight='%s' is no class weights here; 'balanced' or {class: weight, ..} "
                 "would be right",
                 sy_shown(preset, shown));
}

static sy_status read_value(const sy_node *node, sy_policy **policy, sy_error *error) {
  if (sy_is_class_map(node)) return sy_read_pairs(node, policy, error);
  if (node->kind == SY_NODE_STRING) return read_preset(node->text, policy, error);
  if (node->kind != SY_NODE_WORD) return SY_OK;
  /* Bare where a shell has taken the quotes off: class_weight='balanced'. */
  if (strcmp(node->text, "balanced") == 0) return read_preset(node->text, policy, error);
  if (strcmp(node->text, "None") == 0) return sy_policy_parse("none", policy, error);
  return SY_OK;
}

static const char *const options[] = {"class_weight", "class_weights", NULL};
static const char *const calls[] = {"compute_class_weight", "compute_sample_weight", NULL};

/* What compute_class_weight(class_weight, *, classes, y) is told. */
static const sy_node *preset_of(const sy_node *call) {
  for (const sy_node *child = call->first; child; child = child->next)
    if (!child->key || sy_is_one_of(sy_node_key(child), options)) return child;
  return NULL;
}

static sy_status read(const sy_node *node, sy_policy **policy, sy_error *error) {
  if (node->kind == SY_NODE_CALL && sy_is_one_of(sy_node_name(node), calls)) {
    const sy_node *preset = preset_of(node);
    return preset ? read_value(preset, policy, error) : SY_OK;
  }
  bool named = sy_is_one_of(sy_node_key(node), options);
  return named || sy_is_class_map(node) ? read_value(node, policy, error) : SY_OK;
}

const sy_dialect sy_dialect_sklearn = {
    .name = "sklearn",
    .form = "LogisticRegression(class_weight={'None': 1.0, 'damage': 5.0})",
    .options = options,
    .calls = calls,
    .write = write,
    .read = read};
