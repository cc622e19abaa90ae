/* xgboost.c: scale_pos_weight for two classes. For more XGBoost has no class weights, and ignores
 * that one without an error: then each row is given its class's weight. */
#include "base/error.h"
#include "dialect/putting.h"
#include "dialect/reading.h"

static sy_status write_two(const sy_written *written, sy_text *text, sy_error *error) {
  double ratio;
  sy_status status = sy_weight_ratio(written, "scale_pos_weight", &ratio, error);
  if (status != SY_OK) return status;
  sy_put_order(text, "# ", "y holds class ids", 0, written);
  sy_text_put(text, "scale_pos_weight=");
  sy_put_float(text, ratio);
  sy_text_put(text, "\n");
  return SY_OK;
}

static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  if (written->n < 2)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "XGBoost weighs classes against each other: two or more are needed");
  if (written->n == 2) return write_two(written, text, error);
  sy_put_order(text, "# ", "y holds class ids", 0, written);
  sy_text_put(text, "# of more than two classes XGBoost ignores scale_pos_weight: give fit(), or\n"
                    "# DMatrix(weight=), the weights of rows\n"
                    "class_weight=");
  sy_put_id_map(text, written);
  sy_text_put(text, "\nsample_weight=[class_weight[label] for label in y]\n");
  return SY_OK;
}

static const char *const options[] = {"scale_pos_weight", NULL};

static sy_status read(const sy_node *node, sy_policy **policy, sy_error *error) {
  if (!sy_is_one_of(sy_node_key(node), options)) return SY_OK;
  return sy_read_ratio(node, policy, error);
}

const sy_dialect sy_dialect_xgboost = {.name = "xgboost",
                                       .form = "XGBClassifier(scale_pos_weight=5.0)",
                                       .options = options,
                                       .write = write,
                                       .read = read};
