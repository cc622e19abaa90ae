/* fuzz_source.c: a command line and the file it names, read as its command does. The input is the
 * words, one a line ("fit", "--label", "y", ...), and after an empty line the bytes of the file. */
#define _POSIX_C_SOURCE 200809L
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cost_option.h"
#include "counting.h"
#include "dataset.h"
#include "fuzz.h"
#include "options.h"
#include "policy_option.h"
#include "say.h"
#include "source_kind.h"

enum { MOST_WORDS = 40 };

/* The program's words, and the file of the input. */
typedef struct command_line {
  char *words[MOST_WORDS + 4];
  int n;
  const char *path;
} command_line;

/* "@anything" becomes the file: no other is to be opened. */
static char *harmless(char *word, const char *path) {
  char *at = strchr(word, '@');
  if (!at) return word;
  *at = 0;
  char *made = text_format("%s@%s", word, path);
  free(word);
  return made;
}

static void words_read(fuzz_input *input, command_line *line) {
  line->words[line->n++] = text_copy("steelyard");
  while (input->at < input->end && line->n < MOST_WORDS) {
    char *word = fuzz_line(input);
    bool last = !*word;
    if (!last)
      line->words[line->n++] = word;
    else
      free(word);
    if (last) break;
  }
}

static const char *file_name(const command_line *line) {
  static const char *const names[] = {"rows.csv", "rows.data", "rows.tsv", "rows.jsonl"};
  return names[line->n % 4];
}

static void check_column(const sy_column *column, size_t rows) {
  FUZZ_REQUIRE(column->name);
  if (column->type != SY_COLUMN_TEXT) {
    FUZZ_REQUIRE((column->f32 != NULL) != (column->f64 != NULL) && !column->codes);
    for (size_t i = 0; i < rows; i++) (void)column_number(column, i);
    return;
  }
  FUZZ_REQUIRE(column->codes && !column->f32 && !column->f64);
  for (size_t i = 0; i < rows; i++)
    FUZZ_REQUIRE(column->codes[i] == SY_MISSING || column->codes[i] < column->n_values);
  size_t compared = column->n_values < 50 ? column->n_values : 50;
  for (size_t v = 0; v < compared; v++)
    for (size_t w = 0; w < v; w++) FUZZ_REQUIRE(strcmp(column->values[v], column->values[w]) != 0);
}

static void check_read(const reading *opened) {
  size_t rows = reading_rows(opened);
  FUZZ_REQUIRE(rows > 0);
  for (size_t i = 0; i < opened->n_requests; i++) check_column(reading_column(opened, i), rows);
}

static void check_dataset(const dataset *read) {
  size_t rows = reading_rows(&read->table);
  check_read(&read->table);
  FUZZ_REQUIRE(sy_labels_rows(read->labels) == rows);
  for (size_t i = 0; i < rows && read->row_weights; i++)
    FUZZ_REQUIRE(read->row_weights[i] >= 0 && isfinite(read->row_weights[i]));
  for (size_t i = 0; i < rows && read->test_mask; i++) FUZZ_REQUIRE(read->test_mask[i] <= 1);
}

/* The table alone: all columns as they are found, and as they are written. */
static int read_plain(const settings *given, const char *path) {
  reading opened;
  int code = reading_open(given, path, &opened);
  size_t n = code == EXIT_DONE ? sy_table_n_columns(opened.table) : 0;
  for (size_t i = 0; i < n; i++) {
    reading_ask(&opened, i, SY_AS_FOUND);
    reading_ask(&opened, i, SY_AS_TEXT);
  }
  if (code == EXIT_DONE) code = reading_run(&opened);
  if (code == EXIT_DONE) check_read(&opened);
  reading_close(&opened);
  return code;
}

static int read_options(const settings *given, const dataset *read) {
  size_t n = sy_labels_n_classes(read->labels);
  double *cost = NULL;
  weighting weights = {0};
  int code = weighting_read(given, "none", &weights);
  if (code == EXIT_DONE) code = cost_read(given, sy_labels_classes(read->labels), n, &cost, NULL);
  for (size_t i = 0; i < n * n && cost && code == EXIT_DONE; i++) FUZZ_REQUIRE(isfinite(cost[i]));
  free(cost);
  weighting_clear(&weights);
  return code;
}

static void check_counts(const sy_counts *counts) {
  size_t n_labels = sy_counts_n_labels(counts);
  double total = 0;
  for (size_t l = 0; l < n_labels; l++) check_counts(sy_counts_label(counts, l));
  if (n_labels) return;
  for (size_t k = 0; k < sy_counts_n_classes(counts); k++) {
    double weight = sy_counts_weight(counts, k);
    FUZZ_REQUIRE(weight >= 0 && isfinite(weight));
    total += weight;
  }
  FUZZ_REQUIRE(total > 0);
}

/* One that weighs by costs is left without them here. */
static int weigh(const weighting *weights, const sy_counts *counts) {
  double *values = NULL;
  size_t n = 2 * sy_counts_n_labels(counts) + sy_counts_n_classes(counts);
  if (sy_policy_needs_cost(weights->policy)) return EXIT_DONE;
  int code = weighting_weigh(weights, counts, &values);
  for (size_t i = 0; i < n && code == EXIT_DONE; i++)
    FUZZ_REQUIRE(values[i] >= 0 && isfinite(values[i]));
  free(values);
  return code;
}

/* Labels counted, with no file but that of the input opened. */
static int read_counted(settings *given, const char *path) {
  counting work = {0};
  weighting weights = {0};
  bool array = source_kind_of(path) == SOURCE_ARRAY;
  if (given->mask) given->mask = path;
  if (given->sample_weight && array) given->sample_weight = path;
  int code = weighting_read(given, "none", &weights);
  if (code == EXIT_DONE) code = counting_run(given, given->counts ? NULL : path, &work);
  if (code == EXIT_DONE) check_counts(work.counts);
  if (code == EXIT_DONE) code = weigh(&weights, work.counts);
  counting_clear(&work);
  weighting_clear(&weights);
  return code;
}

static int read_labelled(const settings *given, const char *path) {
  dataset read;
  int code = dataset_read_training(given, path, &read);
  if (code == EXIT_DONE) check_dataset(&read);
  if (code == EXIT_DONE) code = read_options(given, &read);
  dataset_close(&read);
  return code;
}

static void check_settings(const settings *given) {
  FUZZ_REQUIRE(given->l2 == -1 || (isfinite(given->l2) && given->l2 >= 0)); /* -1: none given */
  FUZZ_REQUIRE(isfinite(given->tolerance) && given->tolerance >= 0);
  FUZZ_REQUIRE(given->threads <= 4096 && given->skip <= 1000000000);
  FUZZ_REQUIRE(given->max_categories >= 1 && given->max_categories <= 10000);
}

static int run(command_line *line) {
  settings given = settings_default();
  const command *chosen = line->n > 1 ? command_find(line->words[1]) : NULL;
  if (!chosen) return line->n > 1 ? EXIT_USAGE : EXIT_DONE;
  char **arguments = grab((size_t)line->n + 1, sizeof *arguments);
  int code = options_read(chosen, line->n, line->words, &given, arguments);
  if (code == EXIT_DONE) check_settings(&given);
  if (code == EXIT_DONE && !given.help)
    code = chosen->bit == COMMAND_WEIGHTS ? read_counted(&given, line->path)
           : given.label                  ? read_labelled(&given, line->path)
                                          : read_plain(&given, line->path);
  free(arguments);
  settings_clear(&given);
  return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static char nothing[] = "", *none[] = {nothing, NULL};
  fuzz_input input = {data, data + size};
  command_line line = {.n = 0};
  words_read(&input, &line);
  line.path = fuzz_file(file_name(&line), input.at, (size_t)(input.end - input.at));
  for (int i = 1; i < line.n; i++) line.words[i] = harmless(line.words[i], line.path);
  if (line.n > 1 && line.n <= MOST_WORDS) line.words[line.n++] = text_copy(line.path);
  sy_threads_set(1);
  optind = 0; /* getopt forgets where in the words of the last input it was */
  getopt(1, none, "");
  fuzz_listen();
  fuzz_check_said(run(&line), data, size);
  for (int i = 0; i < line.n; i++) free(line.words[i]);
  return 0;
}
