/* bigquery.c: CLASS_WEIGHTS and AUTO_CLASS_WEIGHTS of BigQuery ML's CREATE MODEL. */
#include "base/error.h"
#include "dialect/putting.h"
#include "dialect/reading.h"

#include <string.h>
#include <strings.h>

/* As its documentation has it, of labels and of class weights. */
enum { MOST_LABELS = 50 };

static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  if (written->n > MOST_LABELS)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "BigQuery ML takes %d classes at most, not %zu; put the rare ones together",
                   MOST_LABELS, written->n);
  sy_put_order(text, "-- ", "labels are STRING; in order", 0, written);
  sy_text_put(text, "CLASS_WEIGHTS=[");
  for (size_t k = 0; k < written->n; k++) {
    sy_text_put(text, k > 0 ? ",\n  STRUCT(" : "STRUCT(");
    sy_put_string(text, written->classes[k]);
    sy_text_put(text, ", ");
    sy_put_float(text, written->weights[k]);
    sy_text_put(text, ")");
  }
  sy_text_put(text, "]\n");
  return SY_OK;
}

/* SQL's words are the same in upper and lower case. */
static const char *const options[] = {"CLASS_WEIGHTS", "AUTO_CLASS_WEIGHTS", "auto_class_weights",
                                      NULL};

static sy_status read(const sy_node *node, sy_policy **policy, sy_error *error) {
  const char *key = sy_node_key(node);
  if (strcasecmp(key, "AUTO_CLASS_WEIGHTS") == 0) {
    bool on;
    sy_status status = sy_read_boolean(node, &on, error);
    return status == SY_OK ? sy_policy_parse(on ? "balanced" : "none", policy, error) : status;
  }
  bool pairs = node->kind == SY_NODE_LIST && node->first && !node->first->text;
  pairs |= node->kind == SY_NODE_LIST && node->first && node->first->kind == SY_NODE_CALL;
  bool named = strcasecmp(key, "CLASS_WEIGHTS") == 0;
  return named && pairs ? sy_read_pairs(node, policy, error) : SY_OK;
}

const sy_dialect sy_dialect_bigquery = {
    .name = "bigquery",
    .form = "OPTIONS(CLASS_WEIGHTS=[STRUCT('None', 1.0), STRUCT('damage', 5.0)])",
    .options = options,
    .write = write,
    .read = read};
