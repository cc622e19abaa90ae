/* lightgbm.c: class_weight of LGBMClassifier, keys being labels; is_unbalance, by which the larger
 * of two classes weighs 1. */
#include "dialect/putting.h"
#include "dialect/reading.h"

static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  (void)error;
  double ratio;
  sy_put_order(text, "# ", "keys are labels as y holds them; in order", 0, written);
  if (written->n == 2 && sy_weight_ratio(written, "scale_pos_weight", &ratio, NULL) == SY_OK) {
    sy_text_put(text, "# as a parameter of lightgbm.train, labels 0 and 1: scale_pos_weight=");
    sy_put_float(text, ratio);
    sy_text_put(text, "\n");
  }
  sy_text_put(text, "class_weight=");
  sy_put_label_map(text, written);
  sy_text_put(text, "\n");
  return SY_OK;
}

static const char *const options[] = {"is_unbalance", "unbalance", "unbalanced_sets", NULL};

static sy_status read(const sy_node *node, sy_policy **policy, sy_error *error) {
  if (!sy_is_one_of(sy_node_key(node), options)) return SY_OK;
  bool on;
  sy_status status = sy_read_boolean(node, &on, error);
  return status == SY_OK ? sy_policy_parse(on ? "max-ratio" : "none", policy, error) : status;
}

const sy_dialect sy_dialect_lightgbm = {
    .name = "lightgbm",
    .form = "LGBMClassifier(class_weight={'None': 1.0, 'damage': 5.0})",
    .options = options,
    .write = write,
    .read = read};
