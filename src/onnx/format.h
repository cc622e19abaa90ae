/* format.h: words of the model file that writer and reader share. They never change. */
#ifndef SY_ONNX_FORMAT_H
#define SY_ONNX_FORMAT_H

#include <stdbool.h>
#include <steelyard/classifier.h>

#define SY_ONNX_PRODUCER "steelyard"

#define SY_KEY_FORMAT   "steelyard.format"
#define SY_KEY_DECISION "steelyard.decision"
#define SY_KEY_POSITIVE "steelyard.positive"
#define SY_KEY_NOTE     "steelyard.note."

/* "plain", "implied", "given". */
const char *sy_source_name(sy_decision_source source);
bool sy_source_parse(const char *name, sy_decision_source *source);

/* What the doc string of a graph input says; it begins with the name of the type and ';'. */
const char *sy_input_doc(sy_column_type type);
bool sy_input_doc_parse(const char *doc, sy_column_type *type);

#endif
