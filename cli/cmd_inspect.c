/* cmd_inspect.c: steelyard inspect: what is in a model. */
#include <stdlib.h>

#include <steelyard/classifier_labels.h>
#include <steelyard/onnx.h>
#include <steelyard/report.h>

#include "command.h"
#include "json_text.h"
#include "say.h"

static int tell_screen(const sy_model *model) {
  char *text;
  sy_error error;
  if (sy_report_model(model, &text, &error) != SY_OK) return say_error(&error);
  say_result(text);
  free(text);
  return EXIT_DONE;
}

/* How many codes the values of a column have, "other" among them, where the model embeds them. */
static void add_codes(const sy_encoder *encoder, json_t *features) {
  for (size_t j = 0; j < sy_encoder_n_outputs(encoder); j++) {
    size_t codes = sy_encoder_output_codes(encoder, j);
    json_t *object = json_array_get(features, sy_encoder_output_input(encoder, j));
    if (codes > 0) json_object_set_new(object, "codes", json_count(codes));
  }
}

/* How often trees split on each column. */
static void add_splits(const sy_model *model, json_t *features) {
  const sy_encoder *encoder = sy_model_encoder(model);
  const sy_forest *forest = sy_predictor_forest(sy_model_predictor(model));
  for (size_t i = 0; forest && i < sy_encoder_n_inputs(encoder); i++)
    json_object_set_new(json_array_get(features, i), "splits", json_integer(0));
  for (size_t n = 0; forest && n < forest->n_nodes; n++) {
    uint32_t feature = forest->nodes[n].feature;
    if (feature == SY_TREE_LEAF) continue;
    json_t *object = json_array_get(features, sy_encoder_output_input(encoder, feature));
    json_t *splits = json_object_get(object, "splits");
    json_integer_set(splits, json_integer_value(splits) + 1);
  }
}

static json_t *json_features(const sy_model *model) {
  const sy_encoder *encoder = sy_model_encoder(model);
  json_t *list = json_array();
  for (size_t i = 0; i < sy_encoder_n_inputs(encoder); i++) {
    json_t *object = json_object();
    json_object_set_new(object, "name", json_text(sy_encoder_input_name(encoder, i)));
    json_object_set_new(object, "type",
                        json_text(sy_column_type_name(sy_encoder_input_type(encoder, i))));
    json_array_append_new(list, object);
  }
  add_codes(encoder, list);
  add_splits(model, list);
  return list;
}

static json_t *json_embeddings(const sy_encoder *encoder, const sy_network_shape *shape) {
  json_t *list = json_array();
  for (size_t e = 0; e < shape->n_embeddings; e++) {
    const sy_embedding *embedding = &shape->embeddings[e];
    size_t input = sy_encoder_output_input(encoder, embedding->column);
    json_t *object = json_object();
    json_object_set_new(object, "column", json_text(sy_encoder_input_name(encoder, input)));
    json_object_set_new(object, "codes", json_count(embedding->n_values));
    json_object_set_new(object, "numbers", json_count(embedding->width));
    json_array_append_new(list, object);
  }
  return list;
}

/* The layers of a network; null for another family. */
static json_t *json_network(const sy_model *model) {
  const sy_predictor *predictor = sy_model_predictor(model);
  const sy_network_shape *shape = sy_predictor_shape(predictor);
  if (!shape) return json_null();
  json_t *object = json_object(), *hidden = json_array();
  for (size_t l = 0; l < shape->n_hidden; l++)
    json_array_append_new(hidden, json_count(shape->hidden[l]));
  json_object_set_new(object, "hidden", hidden);
  json_object_set_new(object, "activation", json_text(sy_activation_name(shape->activation)));
  json_object_set_new(object, "norm", json_text(sy_layer_norm_name(shape->norm)));
  json_object_set_new(object, "embeddings", json_embeddings(sy_model_encoder(model), shape));
  json_object_set_new(object, "members", json_count(sy_predictor_n_members(predictor)));
  json_object_set_new(object, "parameters", json_count(sy_network_n_parameters(shape)));
  return object;
}

/* How many trees there are, and leaves of all and of one at most; null for another family. */
static json_t *json_trees(const sy_model *model) {
  const sy_forest *forest = sy_predictor_forest(sy_model_predictor(model));
  size_t all = 0, most = 0;
  if (!forest) return json_null();
  for (size_t t = 0; t < forest->n_trees; t++) {
    size_t end = t + 1 < forest->n_trees ? forest->roots[t + 1] : forest->n_nodes, leaves = 0;
    for (size_t n = forest->roots[t]; n < end; n++)
      leaves += forest->nodes[n].feature == SY_TREE_LEAF;
    all += leaves;
    most = leaves > most ? leaves : most;
  }
  json_t *object = json_object();
  json_object_set_new(object, "trees", json_count(forest->n_trees));
  json_object_set_new(object, "leaves", json_count(all));
  json_object_set_new(object, "most_leaves", json_count(most));
  return object;
}

static json_t *json_notes(const sy_model *model) {
  json_t *object = json_object();
  for (size_t i = 0; i < sy_model_n_notes(model); i++) {
    const char *key = sy_model_note_key(model, i);
    json_object_set_new(object, key, json_text(sy_model_note(model, key)));
  }
  return object;
}

/* (K, K) costs: numbers, and expressions as text. */
static json_t *json_costs(const sy_cost_rule *rule) {
  size_t n = rule->n_classes;
  json_t *rows = json_array();
  for (size_t k = 0; k < n; k++) {
    json_t *row = json_array();
    for (size_t j = 0; j < n; j++) {
      int32_t which = rule->n_expressions ? rule->which[k * n + j] : -1;
      json_array_append_new(row, which < 0 ? json_number(rule->fixed[k * n + j])
                                           : json_text(rule->expressions[which]));
    }
    json_array_append_new(rows, row);
  }
  return rows;
}

/* Where each class's map bends: {class: {"p": [..], "calibrated": [..]}}; of two classes the map
 * of the second is all there is. */
static json_t *json_maps(const sy_calibration *calibration, const char *const *classes) {
  json_t *maps = json_object();
  for (size_t k = 0; k < sy_calibration_n_classes(calibration); k++) {
    size_t n = sy_calibration_n_knots(calibration, k);
    if (n == 0) continue;
    json_t *map = json_object();
    json_object_set_new(map, "p", json_numbers(sy_calibration_knots(calibration, k), n));
    json_object_set_new(map, "calibrated", json_numbers(sy_calibration_values(calibration, k), n));
    json_object_set_new(maps, classes[k], map);
  }
  return maps;
}

static json_t *json_calibration(const sy_calibration *calibration, const char *const *classes) {
  if (!calibration) return json_null();
  json_t *object = json_object();
  sy_calibration_kind kind = sy_calibration_kind_of(calibration);
  size_t n = sy_calibration_n_classes(calibration);
  const double *scales = sy_calibration_scales(calibration);
  json_object_set_new(object, "kind", json_text(sy_calibration_kind_name(kind)));
  switch (kind) {
  case SY_CALIBRATION_TEMPERATURE:
    json_object_set_new(object, "temperature", json_number(1 / scales[0]));
    break;
  case SY_CALIBRATION_VECTOR:
    json_object_set_new(object, "scales", json_named_numbers(classes, scales, n));
    json_object_set_new(object, "shifts",
                        json_named_numbers(classes, sy_calibration_shifts(calibration), n));
    break;
  case SY_CALIBRATION_ISOTONIC:
    json_object_set_new(object, "maps", json_maps(calibration, classes));
    break;
  }
  return object;
}

static json_t *json_shares(const char *const *classes, const double *shares, size_t n) {
  return shares ? json_named_numbers(classes, shares, n) : json_null();
}

/* What each of several labels a row has: weights of its absence and presence, and so on. */
static json_t *json_labels(const sy_model *model) {
  json_t *list = json_array();
  for (size_t l = 0; l < sy_model_n_labels(model); l++) {
    const sy_model *label = sy_model_label(model, l);
    const double *prior = sy_model_trained_prior(label);
    char decision[256];
    sy_model_describe_decision(label, decision, sizeof decision);
    json_t *object = json_object();
    json_object_set_new(object, "label", json_text(sy_model_classes(model)[l]));
    json_object_set_new(object, "class_weights", json_numbers(sy_model_class_weights(label), 2));
    json_object_set_new(object, "cost", json_costs(sy_model_cost_rule(label)));
    json_object_set_new(object, "decision", json_text(decision));
    json_object_set_new(object, "calibration",
                        json_calibration(sy_model_calibration(label), sy_model_classes(label)));
    json_object_set_new(object, "trained_prior", prior ? json_number(prior[1]) : json_null());
    json_array_append_new(list, object);
  }
  return list;
}

static void tell_json_labels(const sy_model *model, const char *path) {
  json_t *object = json_object();
  json_object_set_new(object, "model", json_text(path));
  json_object_set_new(object, "family", json_text(sy_predictor_family(sy_model_predictor(model))));
  json_object_set_new(object, "network", json_network(model));
  json_object_set_new(object, "trees", json_trees(model));
  json_object_set_new(object, "features", json_features(model));
  json_object_set_new(object, "labels", json_labels(model));
  json_object_set_new(object, "notes", json_notes(model));
  json_say(object);
}

static void tell_json(const sy_model *model, const char *path) {
  size_t n_classes = sy_model_n_classes(model);
  const char *const *classes = sy_model_classes(model);
  int positive = sy_model_positive(model);
  char decision[256];
  sy_model_describe_decision(model, decision, sizeof decision);
  json_t *object = json_object();
  json_object_set_new(object, "model", json_text(path));
  json_object_set_new(object, "family", json_text(sy_predictor_family(sy_model_predictor(model))));
  json_object_set_new(object, "network", json_network(model));
  json_object_set_new(object, "trees", json_trees(model));
  json_object_set_new(object, "features", json_features(model));
  json_object_set_new(object, "classes", json_texts(classes, n_classes));
  json_object_set_new(object, "positive",
                      positive >= 0 ? json_text(classes[positive]) : json_null());
  json_object_set_new(object, "class_weights",
                      json_named_numbers(classes, sy_model_class_weights(model), n_classes));
  json_object_set_new(object, "cost", json_costs(sy_model_cost_rule(model)));
  json_object_set_new(object, "decision", json_text(decision));
  json_object_set_new(object, "calibration",
                      json_calibration(sy_model_calibration(model), classes));
  json_object_set_new(object, "trained_prior",
                      json_shares(classes, sy_model_trained_prior(model), n_classes));
  json_object_set_new(object, "prior", json_shares(classes, sy_model_prior(model), n_classes));
  json_object_set_new(object, "notes", json_notes(model));
  json_say(object);
}

int command_inspect(const settings *given, char *const *arguments) {
  sy_model *model;
  sy_error error;
  int code = EXIT_DONE;
  if (sy_model_open(arguments[0], &model, &error) != SY_OK) return say_error(&error);
  if (given->json)
    (sy_model_n_labels(model) ? tell_json_labels : tell_json)(model, arguments[0]);
  else
    code = tell_screen(model);
  sy_model_free(model);
  return code;
}
