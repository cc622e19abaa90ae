#include <steelyard/classifier_labels.h>
#include <steelyard/report.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "report/curve.h"
#include "report/format.h"
#include "report/network.h"
#include "report/trees.h"

enum { FEATURES_SHOWN = 40, CLASSES_SHOWN = 40, COSTS_SHOWN = 8, COEFFICIENTS_SHOWN = 12 };

/* "   in training 10.6 %"; nothing where it is not known. */
static void put_share(sy_text *text, const char *what, const double *shares, size_t k) {
  if (shares) sy_text_add(text, "   %s %s", what, sy_cell_percent(shares[k]).text);
}

static void put_classes(sy_text *text, const sy_model *model) {
  size_t n_classes = sy_model_n_classes(model);
  size_t shown = n_classes < CLASSES_SHOWN ? n_classes : CLASSES_SHOWN;
  char number[SY_NUMBER_SIZE];
  sy_text_add(text, "\n%zu classes\n", n_classes);
  for (size_t k = 0; k < shown; k++) {
    sy_text_put(text, "  ");
    sy_put_left(text, sy_cell_text(sy_model_classes(model)[k], 30), 32);
    sy_text_add(text, "weight %s", sy_number_format(sy_model_class_weights(model)[k], number));
    put_share(text, "in training", sy_model_trained_prior(model), k);
    put_share(text, "now", sy_model_prior(model), k);
    sy_text_put(text, (int)k == sy_model_positive(model) ? "   positive\n" : "\n");
  }
  if (shown < n_classes) sy_text_add(text, "  ... and %zu more\n", n_classes - shown);
}

/* What each of several labels a row weighs and is said at. */
static void put_labels(sy_text *text, const sy_model *model) {
  size_t n = sy_model_n_labels(model), shown = n < CLASSES_SHOWN ? n : CLASSES_SHOWN;
  char number[SY_NUMBER_SIZE], decision[256];
  sy_text_add(text, "\n%zu labels a row, each there or not\n", n);
  for (size_t l = 0; l < shown; l++) {
    const sy_model *label = sy_model_label(model, l);
    const double *weights = sy_model_class_weights(label);
    sy_text_put(text, "  ");
    sy_put_left(text, sy_cell_text(sy_model_classes(model)[l], 30), 32);
    sy_text_add(text, "weight %s against", sy_number_round(weights[1], 4, number));
    sy_text_add(text, " %s", sy_number_round(weights[0], 4, number));
    put_share(text, "in training", sy_model_trained_prior(label), 1);
    sy_model_describe_decision(label, decision, sizeof decision);
    sy_text_add(text, "\n      %s\n", sy_cell_text(decision, 60).text);
  }
  if (shown < n) sy_text_add(text, "  ... and %zu more\n", n - shown);
}

/* Columns of codes, of one input or (input < 0) of all, and how many codes the last of them has. */
static size_t count_embedded(const sy_encoder *encoder, int input, size_t *codes) {
  size_t n = 0;
  for (size_t j = 0; j < sy_encoder_n_outputs(encoder); j++) {
    bool counts = input < 0 || sy_encoder_output_input(encoder, j) == (size_t)input;
    if (!counts || sy_encoder_output_codes(encoder, j) == 0) continue;
    *codes = sy_encoder_output_codes(encoder, j);
    n++;
  }
  return n;
}

static void put_feature(sy_text *text, const sy_encoder *encoder, size_t i) {
  size_t codes;
  sy_text_put(text, "  ");
  sy_put_left(text, sy_cell_text(sy_encoder_input_name(encoder, i), 40), 42);
  sy_text_put(text, sy_column_type_name(sy_encoder_input_type(encoder, i)));
  if (count_embedded(encoder, (int)i, &codes) > 0)
    sy_text_add(text, ", embedded: %s value%s and 'other'", sy_cell_count((double)(codes - 1)).text,
                sy_plural((double)(codes - 1)));
  sy_text_put(text, "\n");
}

static void put_features(sy_text *text, const sy_model *model) {
  const sy_encoder *encoder = sy_model_encoder(model);
  size_t n = sy_encoder_n_inputs(encoder), codes, embedded = count_embedded(encoder, -1, &codes);
  size_t width = sy_encoder_n_outputs(encoder) - embedded;
  size_t shown = n < FEATURES_SHOWN ? n : FEATURES_SHOWN;
  sy_text_add(text, "\n%zu column%s in, %zu number%s", n, sy_plural((double)n), width,
              sy_plural((double)width));
  if (embedded) sy_text_add(text, " and %zu code%s", embedded, sy_plural((double)embedded));
  sy_text_put(text, " after encoding\n");
  for (size_t i = 0; i < shown; i++) put_feature(text, encoder, i);
  if (shown < n) sy_text_add(text, "  ... and %zu more\n", n - shown);
}

/* A number, or "[1]" for the first expression. */
static sy_cell cost_cell(const sy_cost_rule *rule, size_t cell) {
  char text[SY_NUMBER_SIZE];
  int32_t which = rule->n_expressions ? rule->which[cell] : -1;
  if (which < 0) return sy_cell_text(sy_number_format(rule->fixed[cell], text), 9);
  snprintf(text, sizeof text, "[%ld]", (long)which + 1);
  return sy_cell_text(text, 9);
}

static void put_expressions(sy_text *text, const sy_cost_rule *rule) {
  if (rule->n_expressions == 0) return;
  sy_text_put(text, "what differs by row, as SQL over its columns\n");
  for (size_t v = 0; v < rule->n_expressions; v++) {
    sy_text_add(text, "  [%zu] ", v + 1);
    sy_put_paragraph(text, rule->expressions[v], 6);
  }
}

/* What the map does with one class: two numbers, or how often it bends. */
static void put_map(sy_text *text, const sy_calibration *calibration, size_t k, const char *name) {
  size_t knots = sy_calibration_n_knots(calibration, k);
  bool vector = sy_calibration_kind_of(calibration) == SY_CALIBRATION_VECTOR;
  if (!vector && knots == 0) return;
  sy_text_put(text, "  ");
  sy_put_left(text, sy_cell_text(name, 30), 32);
  if (vector)
    sy_text_add(text, "log p times %s plus %s\n",
                sy_cell_fixed(sy_calibration_scales(calibration)[k], 3).text,
                sy_cell_fixed(sy_calibration_shifts(calibration)[k], 3).text);
  else
    sy_text_add(text, "%zu knot%s, p %s to %s\n", knots, sy_plural((double)knots),
                sy_cell_fixed(sy_calibration_values(calibration, k)[0], 3).text,
                sy_cell_fixed(sy_calibration_values(calibration, k)[knots - 1], 3).text);
}

static void put_calibration(sy_text *text, const sy_model *model) {
  const sy_calibration *calibration = sy_model_calibration(model);
  if (!calibration) return;
  sy_calibration_kind kind = sy_calibration_kind_of(calibration);
  sy_text_add(text, "\ncalibration: %s", sy_calibration_kind_name(kind));
  if (kind == SY_CALIBRATION_TEMPERATURE)
    sy_text_add(text, " %s", sy_cell_fixed(1 / sy_calibration_scales(calibration)[0], 3).text);
  sy_text_put(text, "\n");
  for (size_t k = 0; k < sy_model_n_classes(model) && k < CLASSES_SHOWN; k++)
    put_map(text, calibration, k, sy_model_classes(model)[k]);
}

static void put_costs(sy_text *text, const sy_model *model) {
  size_t n_classes = sy_model_n_classes(model);
  const sy_cost_rule *rule = sy_model_cost_rule(model);
  bool given = sy_model_decision_source(model) == SY_DECISION_GIVEN;
  if (!given || n_classes > COSTS_SHOWN) return;
  sy_text_put(text, "\ncosts (row: what it was, column: what was said)\n");
  sy_put_left(text, sy_cell_text("", 1), 22);
  for (size_t j = 0; j < n_classes; j++) {
    sy_put_right(text, sy_cell_text(sy_model_classes(model)[j], 9), 9);
  }
  for (size_t k = 0; k < n_classes; k++) {
    sy_text_put(text, "\n  ");
    sy_put_left(text, sy_cell_text(sy_model_classes(model)[k], 20), 20);
    for (size_t j = 0; j < n_classes; j++) {
      sy_put_right(text, cost_cell(rule, k * n_classes + j), 9);
    }
  }
  sy_text_put(text, "\n");
  put_expressions(text, rule);
}

typedef struct influence {
  size_t vector, feature;
  double value;
} influence;

static int by_size(const void *a, const void *b) {
  double x = fabs(((const influence *)a)->value), y = fabs(((const influence *)b)->value);
  return x > y ? -1 : x < y;
}

static const char *vector_class(const sy_model *model, size_t vector) {
  bool one = sy_predictor_n_vectors(sy_model_predictor(model)) == 1;
  return sy_model_classes(model)[one ? 1 : vector];
}

static sy_status put_coefficients(sy_text *text, const sy_model *model) {
  const sy_predictor *predictor = sy_model_predictor(model);
  size_t n_features = sy_predictor_n_features(predictor);
  size_t total = n_features * sy_predictor_n_vectors(predictor);
  influence *all = sy_alloc(total, sizeof *all);
  if (!all) return SY_OUT_OF_MEMORY;
  for (size_t i = 0; i < total; i++) {
    all[i] = (influence){i / n_features, i % n_features, sy_predictor_coefficients(predictor)[i]};
  }
  qsort(all, total, sizeof *all, by_size);
  size_t shown = total < COEFFICIENTS_SHOWN ? total : COEFFICIENTS_SHOWN;
  sy_text_put(text, "\nlargest coefficients (numbers are standardised)\n");
  for (size_t i = 0; i < shown; i++) {
    const char *name = sy_encoder_output_name(sy_model_encoder(model), all[i].feature);
    sy_text_put(text, "  ");
    sy_put_left(text, sy_cell_text(name, 44), 46);
    sy_put_right(text, sy_cell_fixed(all[i].value, 3), 9);
    sy_text_add(text, "   %s %s\n", all[i].value >= 0 ? "for" : "against",
                sy_cell_text(vector_class(model, all[i].vector), 24).text);
  }
  free(all);
  return SY_OK;
}

static void put_notes(sy_text *text, const sy_model *model) {
  if (sy_model_n_notes(model) == 0) return;
  sy_text_put(text, "\nhow it was trained\n");
  for (size_t i = 0; i < sy_model_n_notes(model); i++) {
    const char *key = sy_model_note_key(model, i);
    if (strcmp(key, SY_NOTE_CURVE) == 0) continue; /* a table of its own */
    sy_text_put(text, "  ");
    sy_put_left(text, sy_cell_text(key, 24), 26);
    sy_text_add(text, "%s\n", sy_cell_text(sy_model_note(model, key), 60).text);
  }
  sy_put_curve(text, sy_model_note(model, SY_NOTE_CURVE),
               sy_predictor_forest(sy_model_predictor(model)) != NULL);
}

sy_status sy_report_model(const sy_model *model, char **out, sy_error *error) {
  sy_text text = {0};
  char decision[256];
  sy_model_describe_decision(model, decision, sizeof decision);
  sy_text_add(&text, "%s model\ndecides: %s\n", sy_predictor_family(sy_model_predictor(model)),
              decision);
  if (sy_model_n_labels(model)) {
    put_labels(&text, model);
  } else {
    put_classes(&text, model);
    put_calibration(&text, model);
    put_costs(&text, model);
  }
  put_features(&text, model);
  if (sy_predictor_shape(sy_model_predictor(model)))
    sy_put_network(&text, model);
  else if (sy_predictor_forest(sy_model_predictor(model)))
    sy_put_trees(&text, model);
  else if (put_coefficients(&text, model) != SY_OK)
    text.failed = true;
  put_notes(&text, model);
  return sy_text_finish(&text, out, error);
}
