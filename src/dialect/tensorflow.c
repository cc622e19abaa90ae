/* tensorflow.c: a constant by class id, gathered by label into row weights: what a loop of one's
 * own, tf.data and tf.keras.losses take alike. Model.fit takes what keras.c writes. */
#include "dialect/putting.h"
#include "dialect/reading.h"

static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  (void)error;
  double ratio;
  sy_put_order(text, "# ", "class ids", 0, written);
  sy_text_put(text, "# sample_weight=tf.gather(class_weight, labels), labels being these ids");
  if (written->n == 2 && sy_weight_ratio(written, "pos_weight", &ratio, NULL) == SY_OK) {
    sy_text_put(text, ";\n# or tf.nn.weighted_cross_entropy_with_logits(..., pos_weight=");
    sy_put_float(text, ratio);
    sy_text_put(text, ")");
  }
  sy_text_put(text, "\nclass_weight=tf.constant(");
  sy_put_array(text, written);
  sy_text_put(text, ")\n");
  return SY_OK;
}

static const char *const calls[] = {"constant", "convert_to_tensor", NULL};

static sy_status read(const sy_node *node, sy_policy **policy, sy_error *error) {
  bool made = node->kind == SY_NODE_CALL && sy_is_one_of(sy_node_name(node), calls);
  const sy_node *list = made ? sy_node_array(node) : NULL;
  return list ? sy_read_array(list, policy, error) : SY_OK;
}

const sy_dialect sy_dialect_tensorflow = {
    .name = "tensorflow",
    .form = "sample_weight=tf.gather(tf.constant([1.0, 5.0]), labels)",
    .calls = calls,
    .write = write,
    .read = read};
