/* keras.c: class_weight of Model.fit: a dictionary from class id to weight. */
#include "dialect/putting.h"
#include "dialect/reading.h"

#include <string.h>

static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  (void)error;
  sy_put_order(text, "# ", "y holds class ids", 0, written);
  sy_text_put(text, "class_weight=");
  sy_put_id_map(text, written);
  sy_text_put(text, "\n");
  return SY_OK;
}

static bool is_id(const sy_node *key) {
  const sy_node *plain = sy_node_plain(key);
  return plain->kind == SY_NODE_NUMBER && !strpbrk(plain->text, "-.eE");
}

/* Keys that are all ids; scikit-learn's classes 0, 1, .. are written no other way. */
static sy_status read(const sy_node *node, sy_policy **policy, sy_error *error) {
  if (!sy_is_class_map(node)) return SY_OK;
  for (const sy_node *entry = node->first; entry; entry = entry->next)
    if (!is_id(entry->key)) return SY_OK;
  return sy_read_pairs(node, policy, error);
}

static const char *const options[] = {"class_weight", NULL};

const sy_dialect sy_dialect_keras = {.name = "keras",
                                     .form = "model.fit(..., class_weight={0: 1.0, 1: 5.0})",
                                     .options = options,
                                     .write = write,
                                     .read = read};
