/* names.h: one graph has one space of names, in which columns may be called anything. */
#ifndef SY_ONNX_NAMES_H
#define SY_ONNX_NAMES_H

#include <stddef.h>

/* Outputs of every graph written here. */
#define SY_ONNX_LABEL         "label"
#define SY_ONNX_PROBABILITIES "probabilities"

/* The graph input of a column: its name; but outputs keep theirs, so a column "label" becomes
 * "label (input)", and so that this can be undone, "label (input)" gets one more. A column without
 * a name becomes " (input)". Free both; NULL when out of memory. */
char *sy_onnx_input_name(const char *column);
char *sy_onnx_column_name(const char *input);

#define SY_ONNX_PREFIX_SIZE 32

/* What all other names of the graph begin with, before a '/': "steelyard", or the first of
 * "steelyard2", "steelyard3", ... with which, and a '/', no column begins. */
void sy_onnx_prefix(const char *const *columns, size_t n_columns, char prefix[SY_ONNX_PREFIX_SIZE]);

#endif
