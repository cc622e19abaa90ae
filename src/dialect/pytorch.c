/* pytorch.c: weight= of CrossEntropyLoss and NLLLoss, a tensor by class id; pos_weight= of
 * BCEWithLogitsLoss, that of the second of two classes. */
#include "base/error.h"
#include "dialect/putting.h"
#include "dialect/reading.h"

#include <math.h>
#include <string.h>

static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  (void)error;
  double ratio;
  sy_put_order(text, "# ", "class ids", 0, written);
  sy_text_put(text, "# for torch.nn.CrossEntropyLoss(weight=weight)");
  if (written->n == 2 && sy_weight_ratio(written, "pos_weight", &ratio, NULL) == SY_OK) {
    sy_text_put(text, ";\n# or, with one output, BCEWithLogitsLoss(pos_weight=torch.tensor([");
    sy_put_float(text, ratio);
    sy_text_put(text, "]))");
  }
  sy_text_put(text, "\nweight=torch.tensor(");
  sy_put_array(text, written);
  sy_text_put(text, ")\n");
  return SY_OK;
}

static const char *const options[] = {"pos_weight", NULL};
static const char *const calls[] = {"tensor",       "Tensor",    "FloatTensor",
                                    "DoubleTensor", "as_tensor", NULL};

static sy_status read_pos_weight(const sy_node *node, sy_policy **policy, sy_error *error) {
  const sy_node *list = sy_node_array(node);
  if (list && (!list->first || list->first->next)) {
    char shown[SY_SHOWN_SIZE];
    return sy_fail(
        error, SY_INVALID_WEIGHT,
        "pos_weight=%s is not one number: it weighs the second of two classes; for several labels "
        "a row give the list alone, [1, 2]",
        sy_node_shown(node, shown));
  }
  return sy_read_ratio(list ? list->first : node, policy, error);
}

/* Pairs of a class and its weight are BigQuery's. */
static bool has_pairs(const sy_node *list) {
  const sy_node *first = list->first;
  return first && ((first->kind == SY_NODE_LIST && *first->start == '(') ||
                   strcmp(sy_node_name(first), "STRUCT") == 0);
}

static sy_status read(const sy_node *node, sy_policy **policy, sy_error *error) {
  if (sy_is_one_of(sy_node_key(node), options)) return read_pos_weight(node, policy, error);
  const sy_node *list = sy_node_array(node);
  bool other = node->kind == SY_NODE_CALL && strncmp(node->text, "tf.", 3) == 0;
  if (!list || other || has_pairs(list)) return SY_OK;
  return sy_read_array(list, policy, error);
}

const sy_dialect sy_dialect_pytorch = {
    .name = "pytorch",
    .form = "torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0]))",
    .options = options,
    .calls = calls,
    .write = write,
    .read = read};
