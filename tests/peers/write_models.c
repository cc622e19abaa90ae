/* write_models.c: random classifiers as ONNX files, each with rows and what we say of them, for
 * check_onnxruntime.py.
 * Usage: write_models FOLDER FIRST_SEED LAST_SEED
 * Writes FOLDER/SEED.onnx and FOLDER/SEED.json: {"columns": {name: [numbers as hexadecimal text, or
 * texts]}, "labels": [texts], "probabilities": [[...]], "expected_costs": [[...]], "parts":
 * [texts]}: what each decision was expected to cost, and what the model is made of. Two models of
 * three have a calibration map, a prior, a tuned rule or costs that vary, as chance has it. One
 * more, FOLDER/edges.onnx, has trees that split where numbers of float32 end. */
#include <float.h>
#include <inttypes.h>

#include "random_labels.h"
#include <steelyard/onnx.h>

enum { STEP = 7 }; /* every 7th row */

static void write_text(FILE *file, const char *text) {
  fputc('"', file);
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') fputc('\\', file);
    fputc(*text, file);
  }
  fputc('"', file);
}

static void write_cell(FILE *file, const sy_column *column, size_t row) {
  if (column->type == SY_COLUMN_TEXT)
    write_text(file, column->codes[row] == SY_MISSING ? "" : column->values[column->codes[row]]);
  else
    fprintf(file, "\"%a\"", column->f32 ? (double)column->f32[row] : column->f64[row]);
}

/* The columns that the model uses; ONNX wants no others. */
static void write_columns(FILE *file, const sy_model *model, const random_table *table) {
  sy_row *row = sy_row_new(model);
  const char *comma = "";
  if (!row) abort();
  for (size_t c = 0; c < table->frame.n_columns; c++) {
    const sy_column *column = &table->columns[c];
    if (sy_row_column(row, column->name) < 0) continue;
    fputs(comma, file);
    write_text(file, column->name);
    fputs(": [", file);
    for (size_t i = 0; i < RANDOM_ROWS; i += STEP) {
      if (i > 0) fputc(',', file);
      write_cell(file, column, i);
    }
    fputc(']', file);
    comma = ",\n";
  }
  sy_row_free(row);
}

/* Rows of K numbers: [[...],[...]]. */
static void write_matrix(FILE *file, const char *name, const double *numbers, size_t n_classes) {
  fprintf(file, "], \"%s\": [", name);
  for (size_t i = 0; i < RANDOM_ROWS; i += STEP)
    for (size_t k = 0; k < n_classes; k++)
      fprintf(file, "%s\"%a\"%s",
              k > 0   ? ","
              : i > 0 ? ",["
                      : "[",
              numbers[i * n_classes + k], k + 1 == n_classes ? "]" : "");
}

/* The column of an expression in a table made by random_costs. */
static const double *cost_column(const random_table *table, const char *expression) {
  for (size_t c = 0; c < table->frame.n_columns; c++) {
    const char *name = table->columns[c].name;
    size_t start = strlen(SY_COST_COLUMN);
    if (strncmp(name, SY_COST_COLUMN, start) == 0 && strcmp(name + start, expression) == 0)
      return table->columns[c].f64;
  }
  abort();
}

/* What each decision is expected to cost, by the textbook. */
static void expect(const sy_model *model, const random_table *table, const double *chances,
                   double *expected) {
  const sy_cost_rule *rule = sy_model_cost_rule(model);
  size_t n = rule->n_classes;
  for (size_t i = 0; i < RANDOM_ROWS; i++)
    for (size_t j = 0; j < n; j++) {
      double *sum = &expected[i * n + j];
      *sum = 0;
      for (size_t k = 0; k < n; k++) {
        int32_t which = rule->n_expressions ? rule->which[k * n + j] : -1;
        double cost =
            which < 0 ? rule->fixed[k * n + j] : cost_column(table, rule->expressions[which])[i];
        *sum += chances[i * n + k] * cost;
      }
    }
}

static void write_parts(FILE *file, const sy_model *model) {
  static const char *const sources[] = {"plain", "implied", "given", "tuned"};
  const sy_calibration *calibration = sy_model_calibration(model);
  bool varies = sy_model_cost_rule(model)->n_expressions > 0;
  fprintf(file, "], \"parts\": [\"%s\", \"%s\", \"%s\"%s]}\n",
          sy_predictor_family(sy_model_predictor(model)),
          varies ? "expressions" : sources[sy_model_decision_source(model)],
          calibration ? sy_calibration_kind_name(sy_calibration_kind_of(calibration))
                      : "no calibration",
          sy_model_prior(model) ? ", \"new prior\"" : "");
}

static void write_scores(FILE *file, const sy_model *model, const random_table *table) {
  static double chances[RANDOM_ROWS * RANDOM_CLASSES], expected[RANDOM_ROWS * RANDOM_CLASSES];
  static int32_t decisions[RANDOM_ROWS];
  size_t n_classes = sy_model_n_classes(model);
  if (sy_model_score(model, &table->frame, NULL, chances, decisions, NULL)) abort();
  fputs("}, \"labels\": [", file);
  for (size_t i = 0; i < RANDOM_ROWS; i += STEP) {
    if (i > 0) fputc(',', file);
    write_text(file, sy_model_classes(model)[decisions[i]]);
  }
  expect(model, table, chances, expected);
  write_matrix(file, "probabilities", chances, n_classes);
  write_matrix(file, "expected_costs", expected, n_classes);
  write_parts(file, model);
}

/* The same of several labels; what they are made of is told by label. */
static void write_label_scores(FILE *file, const sy_model *model, const random_table *table) {
  static said_labels said;
  static double expected[RANDOM_ROWS * 2 * RANDOM_LABELS];
  size_t n = sy_model_n_labels(model);
  if (sy_model_score_labels(model, &table->frame, said.probabilities, said.there, NULL)) abort();
  fputs("}, \"labels\": [", file);
  for (size_t i = 0; i < RANDOM_ROWS; i += STEP)
    for (size_t l = 0; l < n; l++)
      fprintf(file, "%s\"%d\"", i + l > 0 ? "," : "", said.there[i * n + l]);
  for (size_t i = 0; i < RANDOM_ROWS * n; i++) {
    const double *cost = sy_model_cost(sy_model_label(model, i % n));
    double p = said.probabilities[i];
    for (size_t j = 0; j < 2; j++) expected[2 * i + j] = (1 - p) * cost[j] + p * cost[2 + j];
  }
  write_matrix(file, "probabilities", said.probabilities, n);
  write_matrix(file, "expected_costs", expected, 2 * n);
  bool calibrated = false;
  for (size_t l = 0; l < n; l++)
    calibrated = calibrated || sy_model_calibration(sy_model_label(model, l));
  fprintf(file, "], \"parts\": [\"labels\", \"%s\"]}\n",
          calibrated ? "some calibrated" : "no calibration");
}

/* Writes one model and its rows; false where a file cannot be written. */
static bool write_files(const char *folder, const char *name, const sy_model *model,
                        const random_table *table) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.onnx", folder, name);
  if (sy_model_save(model, path, NULL) != SY_OK) return false;
  snprintf(path, sizeof path, "%s/%s.json", folder, name);
  FILE *file = fopen(path, "w");
  if (!file) return false;
  fputs("{\"columns\": {", file);
  write_columns(file, model, table);
  if (sy_model_n_labels(model))
    write_label_scores(file, model, table);
  else
    write_scores(file, model, table);
  return fclose(file) == 0;
}

static bool write_case(const char *folder, uint64_t seed) {
  char name[64];
  random_table *table = random_table_new(seed);
  sy_model *model = random_any_new(table, seed);
  bool written = true;
  if (model && seed / RANDOM_KINDS % 3) random_adjust(table, model);
  snprintf(name, sizeof name, "%" PRIu64, seed);
  if (model) written = write_files(folder, name, model, table);
  sy_model_free(model);
  free(table);
  return written;
}

/* Trees that split at the ends of float32's range and next to 0, and numbers on both sides, beyond
 * the range too. */
static bool write_edges(const char *folder) {
  static const double odd[] = {1e300,
                               -1e300,
                               (double)FLT_MAX,
                               -(double)FLT_MAX,
                               0,
                               -0.0,
                               3.4028235677973366e38,
                               -3.4028235677973366e38,
                               1e-46,
                               -1e-46,
                               (double)NAN,
                               (double)INFINITY,
                               -INFINITY,
                               1e-310,
                               16777217,
                               0.1,
                               (double)0.1F};
  static const float splits[] = {-FLT_MAX, FLT_MAX, 0, 0x1p-149F, 16777216, 0.1F};
  enum { N_SPLITS = sizeof splits / sizeof *splits, N_ODD = sizeof odd / sizeof *odd };
  static const char *const names[] = {"x"}, *const classes[] = {"no", "yes"};
  static const double base[] = {0.25};
  sy_tree_node nodes[6 * N_SPLITS];
  size_t roots[2 * N_SPLITS];
  uint32_t outputs[2 * N_SPLITS] = {0};
  for (size_t t = 0; t < 2 * N_SPLITS; t++) { /* missing goes left, and right */
    uint32_t n = (uint32_t)(3 * t);
    roots[t] = n;
    nodes[n] = (sy_tree_node){0, n + 1, n + 2, splits[t / 2], t % 2};
    nodes[n + 1] = (sy_tree_node){.feature = SY_TREE_LEAF, .value = 0x1p-3F * (float)(t + 1)};
    nodes[n + 2] = (sy_tree_node){.feature = SY_TREE_LEAF, .value = -0x1p-4F * (float)(t + 3)};
  }
  const sy_forest forest = {1, 1, base, nodes, 6 * N_SPLITS, roots, outputs, 2 * N_SPLITS};
  const sy_model_parts parts = {.classes = classes, .n_classes = 2, .positive = -1};
  random_table *table = random_table_new(1);
  sy_encoder *encoder = NULL;
  sy_predictor *predictor = NULL;
  sy_model *model = NULL;
  if (sy_encoder_raw(names, 1, &encoder, NULL) ||
      sy_predictor_boosted(&forest, 2, &predictor, NULL) ||
      sy_model_new(encoder, predictor, &parts, &model, NULL))
    abort();
  for (size_t i = 0; i < RANDOM_ROWS; i++) table->doubles[0][i] = odd[i / STEP % N_ODD];
  table->columns[0] = (sy_column){.name = "x", .type = SY_COLUMN_NUMBER, .f64 = table->doubles[0]};
  table->frame.n_columns = 1;
  bool written = write_files(folder, "edges", model, table);
  sy_model_free(model);
  free(table);
  return written;
}

static bool write_label_case(const char *folder, uint64_t seed) {
  char name[64];
  random_table *table = random_table_new(seed);
  random_parts parts;
  bool written = true;
  snprintf(name, sizeof name, "labels-%" PRIu64, seed);
  if (random_parts_draw(table, &parts, (random_kind)(seed % RANDOM_KINDS))) {
    sy_model *model = random_labels_model(table, &parts);
    written = write_files(folder, name, model, table);
    sy_model_free(model);
    random_parts_clear(&parts);
  }
  free(table);
  return written;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: write_models FOLDER FIRST_SEED LAST_SEED\n");
    return 2;
  }
  uint64_t last = strtoull(argv[3], NULL, 10);
  if (!write_edges(argv[1])) return 1;
  for (uint64_t seed = strtoull(argv[2], NULL, 10); seed <= last; seed++)
    if (!write_case(argv[1], seed) || !write_label_case(argv[1], seed)) return 1;
  return 0;
}
