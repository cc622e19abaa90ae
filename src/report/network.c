/* network.c: what a network is made of, a line each. */
#include "report/network.h"

#include "report/format.h"

enum { SHOWN = 12, LABEL_WIDTH = 18 };

static void put_label(sy_text *text, const char *label) {
  sy_text_put(text, "  ");
  sy_put_left(text, sy_cell_text(label, LABEL_WIDTH), LABEL_WIDTH);
}

/* "64, 32", cut where there are many; "none". */
static void put_hidden(sy_text *text, const sy_network_shape *shape) {
  put_label(text, "hidden layers");
  for (size_t l = 0; l < shape->n_hidden && l < SHOWN; l++)
    sy_text_add(text, "%s%zu", l > 0 ? ", " : "", shape->hidden[l]);
  if (shape->n_hidden > SHOWN) sy_text_add(text, ", ... %zu layers", shape->n_hidden);
  sy_text_put(text, shape->n_hidden == 0 ? "none\n" : "\n");
  if (shape->n_hidden == 0) return;
  put_label(text, "activation");
  sy_text_add(text, "%s\n", sy_activation_name(shape->activation));
  if (shape->norm == SY_NORM_NONE) return;
  put_label(text, "normalisation");
  sy_text_add(text, "%s\n", sy_layer_norm_name(shape->norm));
}

static void put_embeddings(sy_text *text, const sy_model *model, const sy_network_shape *shape) {
  const sy_encoder *encoder = sy_model_encoder(model);
  size_t n = shape->n_embeddings;
  for (size_t e = 0; e < n && e < SHOWN; e++) {
    const sy_embedding *embedding = &shape->embeddings[e];
    size_t input = sy_encoder_output_input(encoder, embedding->column);
    put_label(text, e == 0 ? "embeddings" : "");
    sy_put_left(text, sy_cell_text(sy_encoder_input_name(encoder, input), 30), 32);
    sy_text_add(text, "%s codes, %zu number%s each\n",
                sy_cell_count((double)embedding->n_values).text, embedding->width,
                sy_plural((double)embedding->width));
  }
  if (n <= SHOWN) return;
  put_label(text, "");
  sy_text_add(text, "... and %zu more\n", n - SHOWN);
}

/* What the first layer takes: columns without codes, and the numbers of codes. */
static size_t count_inputs(const sy_network_shape *shape) {
  size_t n = shape->n_features - shape->n_embeddings;
  for (size_t e = 0; e < shape->n_embeddings; e++) n += shape->embeddings[e].width;
  return n;
}

void sy_put_network(sy_text *text, const sy_model *model) {
  const sy_predictor *predictor = sy_model_predictor(model);
  const sy_network_shape *shape = sy_predictor_shape(predictor);
  size_t members = sy_predictor_n_members(predictor);
  double parameters = (double)sy_network_n_parameters(shape);
  sy_text_put(text, "\nnetwork\n");
  put_label(text, "inputs");
  sy_text_add(text, "%s\n", sy_cell_count((double)count_inputs(shape)).text);
  put_hidden(text, shape);
  put_label(text, "outputs");
  sy_text_add(text, "%zu\n", shape->n_outputs);
  put_embeddings(text, model, shape);
  put_label(text, "parameters");
  sy_text_add(text, "%s", sy_cell_count(parameters).text);
  if (members > 1) sy_text_add(text, " in each of %zu networks, whose mean decides", members);
  sy_text_put(text, "\n");
}
