/* write_metadata.c: what stands beside the graph: words of the decision, names of labels. */
#include "onnx/metadata.h"

#include "base/memory.h"
#include "base/text.h"
#include "classifier/classifier.h"
#include "onnx/decision.h"
#include "onnx/format.h"
#include <stdio.h>
#include <steelyard/classifier_labels.h>
#include <string.h>

void sy_graph_metadata(sy_graph *graph, Onnx__ModelProto *proto, char *key, const char *value) {
  Onnx__StringStringEntryProto *entry = sy_graph_take(graph, 1, sizeof *entry);
  char *copy = sy_graph_own(graph, sy_copy_text(value));
  if (graph->failed) return;
  *entry = (Onnx__StringStringEntryProto)ONNX__STRING_STRING_ENTRY_PROTO__INIT;
  entry->key = key;
  entry->value = copy;
  proto->metadata_props[proto->n_metadata_props++] = entry;
}

char *sy_graph_join_text(sy_graph *graph, const char *start, const char *end) {
  size_t size = strlen(start) + strlen(end) + 1;
  char *text = sy_graph_take(graph, size, 1);
  if (text) snprintf(text, size, "%s%s", start, end);
  return text;
}

/* Shares of the classes in training, for a prior yet to come; where there is one the graph has
 * them. */
static void write_trained_prior(sy_graph *graph, const sy_model *model, Onnx__ModelProto *proto) {
  sy_text shares = {0};
  if (!model->trained_prior || model->prior) return;
  for (size_t k = 0; k < model->n_classes; k++) {
    char number[SY_NUMBER_SIZE];
    sy_text_put(&shares, k > 0 ? "," : "");
    sy_text_put(&shares, sy_number_format(model->trained_prior[k], number));
  }
  if (shares.failed)
    graph->failed = true;
  else
    sy_graph_metadata(graph, proto, sy_graph_join_text(graph, SY_KEY_TRAINED_PRIOR, ""),
                      shares.data);
  free(shares.data);
}

void sy_graph_class_metadata(sy_graph *graph, const sy_model *model, Onnx__ModelProto *proto) {
  sy_graph_metadata(graph, proto, sy_graph_join_text(graph, SY_KEY_DECISION, ""),
                    sy_source_name(model->source));
  if (model->positive >= 0)
    sy_graph_metadata(graph, proto, sy_graph_join_text(graph, SY_KEY_POSITIVE, ""),
                      model->classes[model->positive]);
  write_trained_prior(graph, model, proto);
}

/* A word of each label, with commas between. */
static void write_list(sy_graph *graph, const sy_model *model, Onnx__ModelProto *proto,
                       const char *key, const char *(*word)(const sy_model *label, char *memory)) {
  sy_text list = {0};
  char memory[2 * SY_NUMBER_SIZE];
  for (size_t l = 0; l < model->n_classes; l++) {
    sy_text_put(&list, l > 0 ? "," : "");
    sy_text_put(&list, word(model->labels[l], memory));
  }
  if (list.failed)
    graph->failed = true;
  else
    sy_graph_metadata(graph, proto, sy_graph_join_text(graph, key, ""), list.data);
  free(list.data);
}

static const char *source_word(const sy_model *label, char *memory) {
  (void)memory;
  return sy_source_name(label->source);
}

static const char *calibration_word(const sy_model *label, char *memory) {
  (void)memory;
  if (!label->calibration) return SY_NO_CALIBRATION;
  return sy_calibration_kind_of(label->calibration) == SY_CALIBRATION_VECTOR
             ? SY_VECTOR_CALIBRATION
             : SY_TEMPERATURE_CALIBRATION;
}

static const char *prior_words(const sy_model *label, char *memory) {
  char share[SY_NUMBER_SIZE];
  snprintf(memory, SY_NUMBER_SIZE + 1, "%s,", sy_number_format(label->trained_prior[0], share));
  return strcat(memory, sy_number_format(label->trained_prior[1], share));
}

bool sy_model_has_calibrated_label(const sy_model *model) {
  for (size_t l = 0; l < model->n_classes; l++)
    if (model->labels[l]->calibration) return true;
  return false;
}

void sy_graph_label_metadata(sy_graph *graph, const sy_model *model, Onnx__ModelProto *proto) {
  for (size_t l = 0; l < model->n_classes; l++) {
    char place[SY_NUMBER_SIZE];
    snprintf(place, sizeof place, "%zu", l);
    sy_graph_metadata(graph, proto, sy_graph_join_text(graph, SY_KEY_LABEL, place),
                      model->classes[l]);
  }
  write_list(graph, model, proto, SY_KEY_DECISION, source_word);
  if (sy_model_has_calibrated_label(model))
    write_list(graph, model, proto, SY_KEY_CALIBRATION, calibration_word);
  if (model->labels[0]->trained_prior)
    write_list(graph, model, proto, SY_KEY_TRAINED_PRIOR, prior_words);
}
