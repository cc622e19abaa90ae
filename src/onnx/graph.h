/* graph.h: an ONNX graph put together piece by piece. After a failed allocation `failed` is set and
 * additions do nothing, so callers check once at the end. */
#ifndef SY_ONNX_GRAPH_H
#define SY_ONNX_GRAPH_H

#include "onnx.pb-c.h"
#include "onnx/names.h"
#include <stdbool.h>
#include <steelyard/base.h>

typedef struct sy_graph {
  void *memory; /* chain of all that was taken */
  bool failed;
  char prefix[SY_ONNX_PREFIX_SIZE];
  Onnx__GraphProto proto;
} sy_graph;

/* An empty graph; release with sy_graph_clear. */
void sy_graph_start(sy_graph *graph, const char *prefix, size_t n_inputs);
void sy_graph_clear(sy_graph *graph);

/* Zeroed memory that lives as long as the graph; NULL (and failed) when there is none. */
void *sy_graph_take(sy_graph *graph, size_t count, size_t size);

/* Hands over memory from sy_alloc; NULL sets failed. Returns it. */
char *sy_graph_own(sy_graph *graph, char *text);

/* "<prefix>/<part>", printf-style. */
char *sy_graph_name(sy_graph *graph, const char *format, ...) SY_PRINTF(2, 3);

/* A graph input (N, 1) or output; `doc` may be NULL. `columns` < 0: one axis only. */
void sy_graph_input(sy_graph *graph, char *name, int type, char *doc);
void sy_graph_output(sy_graph *graph, char *name, int type, int64_t columns);

/* Constants of the graph, of one axis (rows < 0), two, or none (columns < 0 too). The values are
 * not copied and must outlive the graph. All return the name. */
char *sy_graph_doubles(sy_graph *graph, char *name, int64_t rows, int64_t columns,
                       const double *values);
char *sy_graph_integers(sy_graph *graph, char *name, int64_t rows, int64_t columns,
                        const int64_t *values);
char *sy_graph_strings(sy_graph *graph, char *name, char *const *values, size_t n);

/* A node of the graph with one output, called as the node; inputs up to NULL. */
char *sy_graph_node(sy_graph *graph, const char *operation, char *name, ...);

/* A node that joins columns: Concat along axis 1. */
char *sy_graph_join(sy_graph *graph, char *name, char **inputs, size_t n_inputs);

/* For the node added last: an attribute, the domain of its operator, the name of its output.
 * Doubles are a tensor of one axis. */
void sy_graph_set_integer(sy_graph *graph, const char *name, int64_t value);
void sy_graph_set_integers(sy_graph *graph, const char *name, const int64_t *values, size_t n);
void sy_graph_set_strings(sy_graph *graph, const char *name, char *const *values, size_t n);
void sy_graph_set_doubles(sy_graph *graph, const char *name, const double *values, size_t n);
void sy_graph_set_domain(sy_graph *graph, const char *domain);
void sy_graph_set_output(sy_graph *graph, const char *name);

#endif
