/* write_models.c: random classifiers as ONNX files, each with rows and what we say of them, for
 * check_onnxruntime.py.
 * Usage: write_models FOLDER FIRST_SEED LAST_SEED
 * Writes FOLDER/SEED.onnx and FOLDER/SEED.json: {"columns": {name: [numbers as hexadecimal text, or
 * texts]}, "labels": [texts], "probabilities": [[...]]}. */
#include <inttypes.h>

#include "random_model.h"
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

static void write_scores(FILE *file, const sy_model *model, const random_table *table) {
  static double chances[RANDOM_ROWS * RANDOM_CLASSES];
  static int32_t decisions[RANDOM_ROWS];
  size_t n_classes = sy_model_n_classes(model);
  if (sy_model_score(model, &table->frame, NULL, chances, decisions, NULL)) abort();
  fputs("}, \"labels\": [", file);
  for (size_t i = 0; i < RANDOM_ROWS; i += STEP) {
    if (i > 0) fputc(',', file);
    write_text(file, sy_model_classes(model)[decisions[i]]);
  }
  fputs("], \"probabilities\": [", file);
  for (size_t i = 0; i < RANDOM_ROWS; i += STEP)
    for (size_t k = 0; k < n_classes; k++)
      fprintf(file, "%s\"%a\"%s",
              k > 0   ? ","
              : i > 0 ? ",["
                      : "[",
              chances[i * n_classes + k], k + 1 == n_classes ? "]" : "");
  fputs("]}\n", file);
}

/* Writes one model and its rows; false where a file cannot be written. */
static bool write_case(const char *folder, uint64_t seed) {
  char path[4096];
  random_table *table = random_table_new(seed);
  sy_model *model = random_model_new(table);
  bool written = true;
  if (model) {
    snprintf(path, sizeof path, "%s/%" PRIu64 ".onnx", folder, seed);
    written = sy_model_save(model, path, NULL) == SY_OK;
    snprintf(path, sizeof path, "%s/%" PRIu64 ".json", folder, seed);
    FILE *file = written ? fopen(path, "w") : NULL;
    written = file != NULL;
    if (file) {
      fputs("{\"columns\": {", file);
      write_columns(file, model, table);
      write_scores(file, model, table);
      written = fclose(file) == 0;
    }
  }
  sy_model_free(model);
  free(table);
  return written;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: write_models FOLDER FIRST_SEED LAST_SEED\n");
    return 2;
  }
  uint64_t last = strtoull(argv[3], NULL, 10);
  for (uint64_t seed = strtoull(argv[2], NULL, 10); seed <= last; seed++)
    if (!write_case(argv[1], seed)) return 1;
  return 0;
}
