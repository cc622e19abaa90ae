/* format.c: words of the model file. */
#include "onnx/format.h"

#include <string.h>

static const char *const source_names[] = {"plain", "implied", "given", "tuned"};

const char *sy_source_name(sy_decision_source source) {
  return source_names[source];
}

bool sy_source_parse(const char *name, sy_decision_source *source) {
  for (int i = SY_DECISION_PLAIN; i <= SY_DECISION_TUNED; i++) {
    if (strcmp(name, source_names[i]) != 0) continue;
    *source = (sy_decision_source)i;
    return true;
  }
  return false;
}

static const char *const input_docs[] = {
    "number; NaN or infinite means missing", "boolean; 0 or 1, NaN or infinite means missing",
    "date; days since 1970-01-01, NaN or infinite means missing", "text; \"\" means missing"};

const char *sy_input_doc(sy_column_type type) {
  return input_docs[type];
}

bool sy_input_doc_parse(const char *doc, sy_column_type *type) {
  size_t length = strcspn(doc, ";");
  for (int i = SY_COLUMN_NUMBER; i <= SY_COLUMN_TEXT; i++) {
    const char *name = sy_column_type_name((sy_column_type)i);
    if (strlen(name) != length || memcmp(name, doc, length) != 0) continue;
    *type = (sy_column_type)i;
    return true;
  }
  return false;
}

bool sy_is_cost_doc(const char *doc) {
  return strncmp(doc, SY_COST_DOC, strlen("cost;")) == 0;
}
