/* write_network.c: a network as nodes of the graph; docs/model-file.md draws it. Read this file as
 * the graph: each function adds the nodes of one step and returns the name of what it computes. */
#include "model/network.h"

#include "onnx/network.h"

/* Constants that all layers share. */
static const double epsilon[] = {SY_NORM_EPSILON}, half[] = {0.5}, one[] = {1},
                    gelu_cube[] = {SY_GELU_CUBE}, gelu_scale[] = {SY_GELU_SCALE};
static const int64_t over_units[] = {1};

typedef struct network_writer {
  sy_graph *graph;
  const sy_encoder *encoder;
  const sy_network *network;
  size_t member; /* at work; all numbers in names count from 1 */
  char *epsilon, *half, *one, *gelu_cube, *gelu_scale;
  char **widths; /* (n_embeddings) shapes that codes are laid out in */
} network_writer;

/* Where the numbers of the member at work begin. */
static const double *parameters(const network_writer *writer, size_t first) {
  const sy_network *network = writer->network;
  return network->parameters + (writer->member - 1) * network->n_parameters + first;
}

/* "network/M/L/PART". */
static char *layer_name(const network_writer *writer, size_t layer, const char *part) {
  return sy_graph_name(writer->graph, "network/%zu/%zu/%s", writer->member, layer, part);
}

/* A node of a layer with one input, or two. */
static char *node(const network_writer *writer, size_t layer, const char *operation,
                  const char *part, char *first, char *second) {
  return sy_graph_node(writer->graph, operation, layer_name(writer, layer, part), first, second,
                       (char *)NULL);
}

static char *shared(const network_writer *writer, const char *part, const double *value) {
  return sy_graph_doubles(writer->graph, sy_graph_name(writer->graph, "network/%s", part), -1, -1,
                          value);
}

static void write_shared(network_writer *writer) {
  const sy_network_shape *shape = &writer->network->shape;
  if (shape->n_hidden == 0) return;
  if (sy_shape_has_gains(shape)) writer->epsilon = shared(writer, "epsilon", epsilon);
  if (shape->activation != SY_ACTIVATION_GELU) return;
  writer->half = shared(writer, "half", half);
  writer->one = shared(writer, "one", one);
  writer->gelu_cube = shared(writer, "gelu_cube", gelu_cube);
  writer->gelu_scale = shared(writer, "gelu_scale", gelu_scale);
}

/* What Reshape takes: the rows there are, and the width of each embedding. */
static void write_widths(network_writer *writer) {
  sy_graph *graph = writer->graph;
  const sy_network_shape *shape = &writer->network->shape;
  writer->widths = sy_graph_take(graph, shape->n_embeddings, sizeof *writer->widths);
  for (size_t e = 0; e < shape->n_embeddings && !graph->failed; e++) {
    int64_t *width = sy_graph_take(graph, 2, sizeof *width);
    if (width) width[1] = (int64_t)shape->embeddings[e].width; /* 0: as many rows as before */
    writer->widths[e] =
        sy_graph_integers(graph, sy_graph_name(graph, "network/width/%zu", e + 1), 2, -1, width);
  }
}

/* Codes (N, 1) -> their numbers (N, width). */
static char *write_embedding(const network_writer *writer, size_t e) {
  sy_graph *graph = writer->graph;
  const sy_embedding *embedding = &writer->network->shape.embeddings[e];
  size_t input = sy_encoder_output_input(writer->encoder, embedding->column), m = writer->member;
  char *table = sy_graph_doubles(graph, sy_graph_name(graph, "network/%zu/embedding/%zu", m, e + 1),
                                 (int64_t)embedding->n_values, (int64_t)embedding->width,
                                 parameters(writer, writer->network->tables[e]));
  char *code = sy_graph_name(graph, "text/%zu/code", input);
  char *gathered =
      sy_graph_node(graph, "Gather", sy_graph_name(graph, "network/%zu/gathered/%zu", m, e + 1),
                    table, code, (char *)NULL);
  return sy_graph_node(graph, "Reshape", sy_graph_name(graph, "network/%zu/embedded/%zu", m, e + 1),
                       gathered, writer->widths[e], (char *)NULL);
}

/* What the first layer takes: numbers, then what stands for the codes. */
static char *write_inputs(const network_writer *writer, char *encoded) {
  sy_graph *graph = writer->graph;
  size_t n = writer->network->shape.n_embeddings, joined = 0;
  char **parts = sy_graph_take(graph, n + 1, sizeof *parts);
  if (n == 0 || graph->failed) return encoded;
  if (encoded) parts[joined++] = encoded;
  for (size_t e = 0; e < n; e++) parts[joined++] = write_embedding(writer, e);
  return sy_graph_join(graph, sy_graph_name(graph, "network/%zu/inputs", writer->member), parts,
                       joined);
}

static char *write_sums(const network_writer *writer, size_t l, char *inputs) {
  const sy_layer *layer = &writer->network->layers[l - 1];
  char *weights =
      sy_graph_doubles(writer->graph, layer_name(writer, l, "weights"), (int64_t)layer->inputs,
                       (int64_t)layer->units, parameters(writer, layer->weights));
  char *biases = sy_graph_doubles(writer->graph, layer_name(writer, l, "biases"),
                                  (int64_t)layer->units, -1, parameters(writer, layer->biases));
  char *products = node(writer, l, "MatMul", "products", inputs, weights);
  return node(writer, l, "Add", "sums", products, biases);
}

static char *write_mean(const network_writer *writer, size_t l, const char *part, char *of) {
  char *mean = node(writer, l, "ReduceMean", part, of, NULL);
  sy_graph_set_integers(writer->graph, "axes", over_units, 1);
  return mean;
}

/* gain (a - mean) / sqrt(variance + epsilon) + shift. */
static char *write_normalised(const network_writer *writer, size_t l, char *sums) {
  const sy_layer *layer = &writer->network->layers[l - 1];
  int64_t units = (int64_t)layer->units;
  char *gains = sy_graph_doubles(writer->graph, layer_name(writer, l, "gains"), units, -1,
                                 parameters(writer, layer->gains));
  char *shifts = sy_graph_doubles(writer->graph, layer_name(writer, l, "shifts"), units, -1,
                                  parameters(writer, layer->shifts));
  char *mean = write_mean(writer, l, "mean", sums);
  char *centred = node(writer, l, "Sub", "centred", sums, mean);
  char *squares = node(writer, l, "Mul", "squares", centred, centred);
  char *variance = write_mean(writer, l, "variance", squares);
  char *raised = node(writer, l, "Add", "raised", variance, writer->epsilon);
  char *deviation = node(writer, l, "Sqrt", "deviation", raised, NULL);
  char *scaled = node(writer, l, "Div", "scaled", centred, deviation);
  char *gained = node(writer, l, "Mul", "gained", scaled, gains);
  return node(writer, l, "Add", "normalised", gained, shifts);
}

/* a / 2 (1 + tanh(scale (a + cube a^3))). */
static char *write_gelu(const network_writer *writer, size_t l, char *a) {
  char *square = node(writer, l, "Mul", "square", a, a);
  char *cube = node(writer, l, "Mul", "cube", square, a);
  char *bent = node(writer, l, "Mul", "bent", cube, writer->gelu_cube);
  char *inside = node(writer, l, "Add", "inside", a, bent);
  char *argument = node(writer, l, "Mul", "argument", inside, writer->gelu_scale);
  char *tangent = node(writer, l, "Tanh", "tangent", argument, NULL);
  char *factor = node(writer, l, "Add", "factor", tangent, writer->one);
  char *halved = node(writer, l, "Mul", "halved", a, writer->half);
  return node(writer, l, "Mul", "activated", halved, factor);
}

static char *write_activated(const network_writer *writer, size_t l, char *sums) {
  const sy_network_shape *shape = &writer->network->shape;
  if (sy_shape_has_gains(shape)) sums = write_normalised(writer, l, sums);
  if (shape->activation == SY_ACTIVATION_GELU) return write_gelu(writer, l, sums);
  bool relu = shape->activation == SY_ACTIVATION_RELU;
  return node(writer, l, relu ? "Relu" : "Tanh", "activated", sums, NULL);
}

static char *write_member(const network_writer *writer, char *encoded) {
  size_t n_hidden = writer->network->shape.n_hidden;
  char *numbers = write_inputs(writer, encoded);
  for (size_t l = 1; l <= n_hidden; l++)
    numbers = write_activated(writer, l, write_sums(writer, l, numbers));
  return write_sums(writer, n_hidden + 1, numbers);
}

char *sy_graph_network(sy_graph *graph, const sy_model *model, char *encoded) {
  network_writer writer = {
      .graph = graph, .encoder = model->encoder, .network = model->predictor->network, .member = 1};
  size_t n = writer.network->n_members;
  write_shared(&writer);
  write_widths(&writer);
  char *sum = write_member(&writer, encoded);
  for (writer.member = 2; writer.member <= n && !graph->failed; writer.member++) {
    char *logits = write_member(&writer, encoded);
    sum = sy_graph_node(graph, "Add", sy_graph_name(graph, "network/%zu/total", writer.member), sum,
                        logits, (char *)NULL);
  }
  if (n == 1) return sum;
  double *members = sy_graph_take(graph, 1, sizeof *members);
  if (members) *members = (double)n;
  return sy_graph_node(graph, "Div", sy_graph_name(graph, "network/mean"), sum,
                       shared(&writer, "members", members), (char *)NULL);
}
