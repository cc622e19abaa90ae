/* write.c: a classifier as an ONNX graph; docs/model-file.md draws it. Read this file as the graph:
 * each function adds the nodes of one step and returns the name of what it computes. */
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "classifier/classifier.h"
#include "features/encoder.h"
#include "onnx/decision.h"
#include "onnx/format.h"
#include "onnx/graph.h"
#include "onnx/metadata.h"
#include "onnx/network.h"
#include "onnx/profile.h"
#include "onnx/trees.h"
#include "onnx/wire.h"
#include <math.h>
#include <stdio.h>
#include <steelyard/classifier_labels.h>
#include <steelyard/onnx.h>
#include <steelyard/store.h>
#include <string.h>

enum {
  FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT,
  DOUBLE = ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE,
  INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64,
  STRING = ONNX__TENSOR_PROTO__DATA_TYPE__STRING
};

typedef struct model_writer {
  const sy_model *model;
  const sy_encoder *encoder;
  sy_graph graph;
  char **input_names; /* (inputs) as the graph calls them */
  char **cost_names;  /* (V) */
} model_writer;

/* A list of names in the order of the inputs. */
typedef struct name_list {
  char **names;
  size_t n;
} name_list;

static void list_add(name_list *list, char *name) {
  if (list->names) list->names[list->n++] = name;
}

static void write_inputs(model_writer *writer) {
  sy_graph *graph = &writer->graph;
  size_t n = writer->encoder->n_inputs;
  writer->input_names = sy_graph_take(graph, n, sizeof *writer->input_names);
  for (size_t i = 0; i < n && !graph->failed; i++) {
    const sy_input *input = &writer->encoder->inputs[i];
    char *doc = sy_graph_own(graph, sy_copy_text(sy_input_doc(input->type)));
    char *name = sy_graph_own(graph, sy_onnx_input_name(input->name));
    sy_graph_input(graph, name, input->type == SY_COLUMN_TEXT ? STRING : DOUBLE, doc);
    writer->input_names[i] = name;
  }
}

/* After the columns, what the expressions of the rule come to. */
static void write_cost_inputs(model_writer *writer) {
  sy_graph *graph = &writer->graph;
  size_t n = writer->model->rule.n_expressions;
  writer->cost_names = sy_graph_take(graph, n, sizeof *writer->cost_names);
  for (size_t v = 0; v < n && !graph->failed; v++) {
    char *doc = sy_graph_own(graph, sy_copy_text(SY_COST_DOC));
    char *name = sy_graph_own(graph, sy_onnx_input_name(writer->model->cost_columns[v]));
    sy_graph_input(graph, name, DOUBLE, doc);
    writer->cost_names[v] = name;
  }
}

/* Which cells of joined columns are missing: NaN or infinite. */
static char *write_missing(sy_graph *graph, const char *group, char *joined) {
  char *is_nan =
      sy_graph_node(graph, "IsNaN", sy_graph_name(graph, "%s/is_nan", group), joined, (char *)NULL);
  char *is_inf =
      sy_graph_node(graph, "IsInf", sy_graph_name(graph, "%s/is_inf", group), joined, (char *)NULL);
  return sy_graph_node(graph, "Or", sy_graph_name(graph, "%s/is_missing", group), is_nan, is_inf,
                       (char *)NULL);
}

/* (where missing the mean, else the number; - mean) / scale. */
static char *write_standardised(sy_graph *graph, char *joined, const double *mean,
                                const double *scale, size_t n) {
  char *missing = write_missing(graph, "numbers", joined);
  char *means = sy_graph_doubles(graph, sy_graph_name(graph, "numbers/mean"), 1, (int64_t)n, mean);
  char *scales =
      sy_graph_doubles(graph, sy_graph_name(graph, "numbers/scale"), 1, (int64_t)n, scale);
  char *filled = sy_graph_node(graph, "Where", sy_graph_name(graph, "numbers/filled"), missing,
                               means, joined, (char *)NULL);
  char *centred = sy_graph_node(graph, "Sub", sy_graph_name(graph, "numbers/centred"), filled,
                                means, (char *)NULL);
  return sy_graph_node(graph, "Div", sy_graph_name(graph, "numbers/standardised"), centred, scales,
                       (char *)NULL);
}

/* Missing NaN, the others brought into the range of float32 and rounded to it. */
static char *write_kept(sy_graph *graph, char *joined) {
  static const double least = -(double)FLT_MAX, most = (double)FLT_MAX, nothing = (double)NAN;
  char *missing = write_missing(graph, "numbers", joined);
  char *lowest = sy_graph_doubles(graph, sy_graph_name(graph, "numbers/least"), -1, -1, &least);
  char *highest = sy_graph_doubles(graph, sy_graph_name(graph, "numbers/most"), -1, -1, &most);
  char *none = sy_graph_doubles(graph, sy_graph_name(graph, "numbers/missing"), -1, -1, &nothing);
  char *clipped = sy_graph_node(graph, "Clip", sy_graph_name(graph, "numbers/clipped"), joined,
                                lowest, highest, (char *)NULL);
  char *kept = sy_graph_node(graph, "Where", sy_graph_name(graph, "numbers/kept"), missing, none,
                             clipped, (char *)NULL);
  char *single =
      sy_graph_node(graph, "Cast", sy_graph_name(graph, "numbers/single"), kept, (char *)NULL);
  sy_graph_set_integer(graph, "to", FLOAT);
  char *rounded =
      sy_graph_node(graph, "Cast", sy_graph_name(graph, "numbers/rounded"), single, (char *)NULL);
  sy_graph_set_integer(graph, "to", DOUBLE);
  return rounded;
}

static void write_numbers(model_writer *writer, name_list *parts) {
  sy_graph *graph = &writer->graph;
  const sy_encoder *encoder = writer->encoder;
  name_list joined = {sy_graph_take(graph, encoder->n_inputs, sizeof *joined.names), 0};
  double *mean = sy_graph_take(graph, encoder->n_inputs, sizeof *mean);
  double *scale = sy_graph_take(graph, encoder->n_inputs, sizeof *scale);
  if (graph->failed) return;
  for (size_t i = 0; i < encoder->n_inputs; i++) {
    const sy_input *input = &encoder->inputs[i];
    if (!input->has_number) continue;
    mean[joined.n] = input->mean;
    scale[joined.n] = input->scale;
    list_add(&joined, writer->input_names[i]);
  }
  if (joined.n == 0) return;
  char *numbers =
      sy_graph_join(graph, sy_graph_name(graph, "numbers/joined"), joined.names, joined.n);
  list_add(parts, sy_encoder_is_raw(encoder)
                      ? write_kept(graph, numbers)
                      : write_standardised(graph, numbers, mean, scale, joined.n));
}

static void write_indicators(model_writer *writer, name_list *parts) {
  sy_graph *graph = &writer->graph;
  const sy_encoder *encoder = writer->encoder;
  name_list joined = {sy_graph_take(graph, encoder->n_inputs, sizeof *joined.names), 0};
  if (graph->failed) return;
  for (size_t i = 0; i < encoder->n_inputs; i++)
    if (encoder->inputs[i].has_indicator) list_add(&joined, writer->input_names[i]);
  if (joined.n == 0) return;
  char *marked =
      sy_graph_join(graph, sy_graph_name(graph, "marked/joined"), joined.names, joined.n);
  char *missing = write_missing(graph, "marked", marked);
  char *indicators = sy_graph_node(graph, "Cast", sy_graph_name(graph, "marked/indicators"),
                                   missing, (char *)NULL);
  sy_graph_set_integer(graph, "to", DOUBLE);
  list_add(parts, indicators);
}

/* One text: its code 0, 1, ... by the dictionary (the number of levels for "other", -1 for none):
 * "text/I/code", (N, 1) int64. Where the model embeds codes, that is all; else it is compared with
 * all the codes there are. */
static void write_text(model_writer *writer, size_t i, name_list *parts) {
  sy_graph *graph = &writer->graph;
  const sy_input *input = &writer->encoder->inputs[i];
  size_t levels = input->levels.n, width = sy_input_n_levels(input);
  int64_t *codes = sy_graph_take(graph, levels + 1, sizeof *codes);
  if (graph->failed) return;
  for (size_t code = 0; code <= levels; code++) codes[code] = (int64_t)code;
  char *code = sy_graph_node(graph, "LabelEncoder", sy_graph_name(graph, "text/%zu/code", i),
                             writer->input_names[i], (char *)NULL);
  sy_graph_set_domain(graph, "ai.onnx.ml");
  sy_graph_set_strings(graph, "keys_strings", input->levels.values, levels);
  sy_graph_set_integers(graph, "values_int64s", codes, levels);
  bool others = input->has_other || input->has_codes;
  sy_graph_set_integer(graph, "default_int64", others ? (int64_t)levels : -1);
  if (input->has_codes) return;
  char *all =
      sy_graph_integers(graph, sy_graph_name(graph, "text/%zu/codes", i), 1, (int64_t)width, codes);
  char *equal = sy_graph_node(graph, "Equal", sy_graph_name(graph, "text/%zu/is_code", i), code,
                              all, (char *)NULL);
  char *cast =
      sy_graph_node(graph, "Cast", sy_graph_name(graph, "text/%zu/levels", i), equal, (char *)NULL);
  sy_graph_set_integer(graph, "to", DOUBLE);
  list_add(parts, cast);
}

/* Raw columns -> encoded rows (N, D), less the columns of codes; NULL where nothing is left. */
static char *write_encoder(model_writer *writer) {
  sy_graph *graph = &writer->graph;
  size_t n = writer->encoder->n_inputs;
  name_list parts = {sy_graph_take(graph, n + 2, sizeof *parts.names), 0};
  write_inputs(writer);
  write_cost_inputs(writer);
  write_numbers(writer, &parts);
  write_indicators(writer, &parts);
  for (size_t i = 0; i < n && !graph->failed; i++)
    if (writer->encoder->inputs[i].type == SY_COLUMN_TEXT) write_text(writer, i, &parts);
  if (parts.n == 0) return NULL;
  return sy_graph_join(graph, sy_graph_name(graph, "encoded"), parts.names, parts.n);
}

char *sy_graph_first_class(sy_graph *graph, char *logits) {
  static const int64_t one_column_before[] = {0, 1, 0, 0};
  char *padding =
      sy_graph_integers(graph, sy_graph_name(graph, "one_column_before"), 4, -1, one_column_before);
  return sy_graph_node(graph, "Pad", sy_graph_name(graph, "logits"), logits, padding, (char *)NULL);
}

/* Encoded rows -> logits (N, K). */
static char *write_logistic(model_writer *writer, char *encoded) {
  sy_graph *graph = &writer->graph;
  const sy_predictor *predictor = writer->model->predictor;
  size_t width = sy_predictor_n_features(predictor), vectors = sy_predictor_n_vectors(predictor);
  const double *from = sy_predictor_coefficients(predictor);
  double *values = sy_graph_take(graph, width * vectors, sizeof *values);
  if (graph->failed) return NULL;
  for (size_t j = 0; j < width; j++)
    for (size_t k = 0; k < vectors; k++) values[j * vectors + k] = from[k * width + j];
  char *coefficients = sy_graph_doubles(graph, sy_graph_name(graph, "coefficients"), (int64_t)width,
                                        (int64_t)vectors, values);
  char *intercepts = sy_graph_doubles(graph, sy_graph_name(graph, "intercepts"), (int64_t)vectors,
                                      -1, sy_predictor_intercepts(predictor));
  char *products = sy_graph_node(graph, "MatMul", sy_graph_name(graph, "products"), encoded,
                                 coefficients, (char *)NULL);
  char *sums =
      sy_graph_node(graph, "Add", sy_graph_name(graph, "sums"), products, intercepts, (char *)NULL);
  return vectors > 1 ? sums : sy_graph_first_class(graph, sums);
}

static char *write_predictor(model_writer *writer, char *encoded) {
  const sy_predictor *predictor = writer->model->predictor;
  if (sy_predictor_shape(predictor))
    return sy_graph_network(&writer->graph, writer->model, encoded);
  if (sy_predictor_forest(predictor)) return sy_graph_trees(&writer->graph, writer->model, encoded);
  return write_logistic(writer, encoded);
}

static void write_graph(model_writer *writer) {
  sy_graph *graph = &writer->graph;
  char *logits = write_predictor(writer, write_encoder(writer));
  if (writer->model->labels) {
    sy_graph_labels(graph, writer->model, logits);
    return;
  }
  char *probabilities = sy_graph_probabilities(graph, writer->model, logits);
  sy_graph_decision(graph, writer->model, probabilities, writer->cost_names);
  sy_graph_output(graph, sy_graph_own(graph, sy_copy_text(SY_ONNX_LABEL)), STRING, -1);
  sy_graph_output(graph, probabilities, DOUBLE, (int64_t)writer->model->n_classes);
}

/* Optional: what the training held in each column, for data without labels. */
static void write_profiles(model_writer *writer, Onnx__ModelProto *proto) {
  sy_graph *graph = &writer->graph;
  for (size_t i = 0; i < writer->encoder->n_inputs && !graph->failed; i++) {
    const sy_input *input = &writer->encoder->inputs[i];
    sy_text line = {0};
    if (input->profile.n_bins == 0) continue;
    sy_profile_put(&line, &input->profile);
    if (line.failed)
      graph->failed = true;
    else
      sy_graph_metadata(graph, proto, sy_graph_join_text(graph, SY_KEY_PROFILE, input->name),
                        line.data);
    free(line.data);
  }
}

/* The oldest format that holds the model. */
static int format_of(const sy_model *model) {
  if (sy_predictor_forest(model->predictor)) return SY_MODEL_FORMAT;
  bool is_old = !sy_predictor_shape(model->predictor) && !model->labels;
  return is_old ? SY_LOGISTIC_FORMAT : SY_NETWORK_FORMAT;
}

static void write_metadata(model_writer *writer, Onnx__ModelProto *proto) {
  sy_graph *graph = &writer->graph;
  const sy_model *model = writer->model;
  size_t n_labels = sy_model_n_labels(model);
  char format[SY_NUMBER_SIZE];
  snprintf(format, sizeof format, "%d", format_of(model));
  proto->metadata_props =
      sy_graph_take(graph, model->n_notes + writer->encoder->n_inputs + n_labels + 4,
                    sizeof *proto->metadata_props);
  sy_graph_metadata(graph, proto, sy_graph_join_text(graph, SY_KEY_FORMAT, ""), format);
  if (model->labels)
    sy_graph_label_metadata(graph, model, proto);
  else
    sy_graph_class_metadata(graph, model, proto);
  for (size_t i = 0; i < model->n_notes; i++)
    sy_graph_metadata(graph, proto, sy_graph_join_text(graph, SY_KEY_NOTE, model->notes[i].key),
                      model->notes[i].value);
  write_profiles(writer, proto);
}

/* The message as bytes, sealed. */
static sy_status pack(const Onnx__ModelProto *proto, void **bytes, size_t *size, sy_error *error) {
  size_t body = onnx__model_proto__get_packed_size(proto);
  uint8_t *packed = sy_alloc(body + SY_SEAL_SIZE, 1);
  if (!packed) return sy_fail_memory(error);
  onnx__model_proto__pack(proto, packed);
  sy_seal_write(packed, body);
  *bytes = packed;
  *size = body + SY_SEAL_SIZE;
  return SY_OK;
}

static sy_status write_model(model_writer *writer, void **bytes, size_t *size, sy_error *error) {
  Onnx__ModelProto proto = ONNX__MODEL_PROTO__INIT;
  Onnx__OperatorSetIdProto core = ONNX__OPERATOR_SET_ID_PROTO__INIT;
  Onnx__OperatorSetIdProto ml = ONNX__OPERATOR_SET_ID_PROTO__INIT;
  Onnx__OperatorSetIdProto *operators[] = {&core, &ml};
  char producer[] = SY_ONNX_PRODUCER, version[] = SY_VERSION, none[] = "", domain[] = "ai.onnx.ml";
  char doc[] = "Raw columns by name in, label and probabilities out. Numbers: NaN or infinite is "
               "missing; texts: \"\" is missing.";
  core.domain = none;
  core.has_version = ml.has_version = true;
  core.version = 15;
  ml.domain = domain;
  ml.version = 3;
  proto.has_ir_version = true;
  proto.ir_version = 8;
  proto.producer_name = producer;
  proto.producer_version = version;
  proto.doc_string = doc;
  proto.opset_import = operators;
  proto.n_opset_import = 2;
  write_graph(writer);
  write_metadata(writer, &proto);
  if (writer->graph.failed) return sy_fail_memory(error);
  proto.graph = &writer->graph.proto;
  return pack(&proto, bytes, size, error);
}

sy_status sy_model_to_onnx(const sy_model *model, void **bytes, size_t *size, sy_error *error) {
  model_writer writer = {.model = model, .encoder = model->encoder};
  char prefix[SY_ONNX_PREFIX_SIZE];
  const sy_dictionary *names = &model->encoder->input_names;
  sy_onnx_prefix((const char *const *)names->values, names->n, prefix);
  sy_graph_start(&writer.graph, prefix, model->encoder->n_inputs + model->rule.n_expressions);
  sy_status status = write_model(&writer, bytes, size, error);
  sy_graph_clear(&writer.graph);
  return status;
}

sy_status sy_model_save(const sy_model *model, const char *path, sy_error *error) {
  void *bytes;
  size_t size;
  sy_status status = sy_model_to_onnx(model, &bytes, &size, error);
  if (status) return status;
  status = sy_file_write(path, bytes, size, error);
  free(bytes);
  return status;
}
