/* format.h: words of the model file that writer and reader share. They never change. */
#ifndef SY_ONNX_FORMAT_H
#define SY_ONNX_FORMAT_H

#include <stdbool.h>
#include <steelyard/classifier.h>

#define SY_ONNX_PRODUCER "steelyard"

/* The oldest formats that hold whatever a logistic model and a network have: they are written, so
 * that readers that know nothing newer still read them. */
#define SY_LOGISTIC_FORMAT 2
#define SY_NETWORK_FORMAT  3

#define SY_KEY_FORMAT        "steelyard.format"
#define SY_KEY_DECISION      "steelyard.decision"
#define SY_KEY_POSITIVE      "steelyard.positive"
#define SY_KEY_NOTE          "steelyard.note."
#define SY_KEY_TRAINED_PRIOR "steelyard.trained_prior"

/* Of several labels a row: the name of each, by its place from 0, so that whoever runs the graph
 * finds what its columns mean. SY_KEY_DECISION then has a word a label, with commas between, and
 * so has SY_KEY_CALIBRATION, which is left out where no label has a map. */
#define SY_KEY_LABEL       "steelyard.label."
#define SY_KEY_CALIBRATION "steelyard.calibration"

#define SY_NO_CALIBRATION          "none"
#define SY_TEMPERATURE_CALIBRATION "temperature"
#define SY_VECTOR_CALIBRATION      "vector"

/* "plain", "implied", "given", "tuned". */
const char *sy_source_name(sy_decision_source source);
bool sy_source_parse(const char *name, sy_decision_source *source);

/* The doc string of an input that is no column but a cost; others do not begin with "cost;". */
#define SY_COST_DOC "cost; a finite number, of which the label alone is made"
bool sy_is_cost_doc(const char *doc);

/* What the doc string of a graph input says; it begins with the name of the type and ';'. */
const char *sy_input_doc(sy_column_type type);
bool sy_input_doc_parse(const char *doc, sy_column_type *type);

#endif
