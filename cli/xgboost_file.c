#include "xgboost_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/fit.h>

#include "label_column.h"
#include "label_options.h"
#include "model_notes.h"
#include "roles.h"
#include "say.h"

bool xgboost_file_is(const char *path) {
  if (text_ends_in(path, ".json") || text_ends_in(path, ".ubj")) return true;
  FILE *file = fopen(path, "rb");
  int first = file ? getc(file) : EOF;
  if (file) fclose(file);
  return first == '{';
}

/* Becoming a model. */
typedef struct becoming {
  const settings *given;
  const char *path, *source;
  sy_messages *messages;
  sy_xgboost_model file;
  reading table; /* of the SOURCE */
  roles asked;
  sy_labels *labels; /* of the SOURCE, where they are wanted */
  double *row_weights;
  text_list classes, features;
  double *prior; /* (K) shares of the classes in the SOURCE, or NULL */
} becoming;

static int read_file(becoming *of) {
  FILE *file = fopen(of->path, "rb");
  if (!file) return say_failed("%s cannot be read", of->path);
  size_t size = 0, room = 0;
  char *bytes = NULL;
  for (bool more = true; more;) {
    room = 2 * room + 65536;
    char *larger = realloc(bytes, room);
    if (!larger) break;
    bytes = larger;
    size += fread(bytes + size, 1, room - size, file);
    more = size == room;
  }
  bool whole = bytes && size < room && !ferror(file);
  fclose(file);
  sy_error error;
  int code = EXIT_DONE;
  if (!whole)
    code = say_failed("%s cannot be read", of->path);
  else if (sy_xgboost_model_read(bytes, size, of->path, &of->file, &error) != SY_OK)
    code = say_error(&error);
  free(bytes);
  return code;
}

/* --- features --- */

static bool has_role(const becoming *of, size_t column) {
  const role *all[] = {&of->asked.label, &of->asked.weight, &of->asked.group, &of->asked.sequence};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (all[i]->used && all[i]->column == column) return true;
  return false;
}

/* The columns of the source that have no role, as the file has no names. */
static int name_by_source(becoming *of) {
  const sy_table *table = of->table.table;
  size_t n = of->file.n_features, unused;
  for (size_t c = 0; c < sy_table_n_columns(table); c++)
    if (!has_role(of, c)) text_list_add(&of->features, sy_table_column_name(table, c));
  if (of->features.n == n) {
    sy_messages_add(of->messages,
                    "%s names no features: they are taken to be the columns of %s from \"%s\" to "
                    "\"%s\", in their order",
                    of->path, of->table.source, of->features.items[0], of->features.items[n - 1]);
    return EXIT_DONE;
  }
  size_t found = of->features.n;
  text_list_free(&of->features);
  if (reading_find_exact(&of->table, "f0", &unused)) return EXIT_DONE;
  return say_usage("%s names no features and takes %zu; %s has %zu columns%s: a query as SOURCE "
                   "picks them in the order of the training",
                   of->path, n, of->table.source, found,
                   of->asked.label.used ? " besides the label" : "; --label says which is none");
}

static void name_features(becoming *of) {
  size_t n = of->file.n_features;
  for (size_t j = 0; j < n; j++) {
    char *name = of->file.features ? text_copy(of->file.features[j]) : text_format("f%zu", j);
    text_list_add(&of->features, name);
    free(name);
  }
  if (of->file.features) return;
  sy_messages_add(of->messages, "%s names no features: they are called \"f0\" to \"f%zu\"",
                  of->path, n - 1);
}

static int check_columns(const becoming *of) {
  const sy_table *table = of->table.table;
  size_t lacking = 0, first = 0, column;
  for (size_t j = 0; j < of->features.n; j++) {
    const char *name = of->features.items[j];
    if (!reading_find_exact(&of->table, name, &column)) {
      if (!lacking++) first = j;
    } else if (sy_table_column_type(table, column) == SY_COLUMN_TEXT) {
      return say_failed("%s: column \"%s\" holds texts, and models of XGBoost take numbers: a "
                        "query as SOURCE makes them what they were in training",
                        of->table.source, name);
    }
  }
  if (!lacking) return EXIT_DONE;
  const char *nearest = reading_nearest(&of->table, of->features.items[first]);
  return say_failed("%s has no column \"%s\", which %s needs%s%s%s; it lacks %zu of %zu",
                    of->table.source, of->features.items[first], of->path,
                    nearest ? "; the nearest is \"" : "", nearest ? nearest : "",
                    nearest ? "\"" : "", lacking, of->features.n);
}

static int read_features(becoming *of) {
  int code = EXIT_DONE;
  if (of->source && !of->file.features) code = name_by_source(of);
  if (code == EXIT_DONE && !of->features.n) name_features(of);
  return code == EXIT_DONE && of->source ? check_columns(of) : code;
}

/* --- classes --- */

static int typed_classes(becoming *of) {
  label_options options;
  int code = label_options_read(of->given, &options);
  if (code == EXIT_DONE) {
    sy_labels_options view = label_options_view(of->given, &options);
    for (size_t k = 0; k < view.n_classes; k++) text_list_add(&of->classes, view.classes[k]);
  }
  label_options_clear(&options);
  if (code == EXIT_DONE && of->classes.n && of->classes.n != of->file.n_classes)
    code = say_usage("--classes names %zu, and %s tells %zu classes", of->classes.n, of->path,
                     of->file.n_classes);
  return code;
}

/* Labels of the source, which give the classes their names, or their shares in training. */
static int read_labels(becoming *of) {
  if (!of->asked.label.used || (of->classes.n && !of->given->prior)) return EXIT_DONE;
  declared_classes declared = {text_list_view(&of->classes), of->classes.n};
  bool positive = false;
  int code = reading_run(&of->table);
  if (code == EXIT_DONE)
    code = label_column_read(of->given, &of->table, of->asked.label.place, declared, &of->labels);
  if (code == EXIT_DONE)
    code = roles_row_weights(&of->table, &of->asked.weight, &of->row_weights, &positive);
  return code;
}

/* Whether all labels of the source are numbers of classes: 0, 1, .. */
static bool are_numbers(const becoming *of) {
  for (size_t k = 0; k < sy_labels_n_classes(of->labels); k++) {
    const char *name = sy_labels_classes(of->labels)[k];
    bool found = false;
    for (size_t c = 0; c < of->file.n_classes && !found; c++) {
      char *number = text_format("%zu", c);
      found = strcmp(name, number) == 0;
      free(number);
    }
    if (!found) return false;
  }
  return true;
}

static void number_classes(becoming *of) {
  for (size_t k = 0; k < of->file.n_classes; k++) {
    char *name = text_format("%zu", k);
    text_list_add(&of->classes, name);
    free(name);
  }
}

/* Labels as XGBoost knows them are numbers; those of the source are sorted, as encoders of labels
 * sort them. */
static int name_classes(becoming *of) {
  if (of->classes.n) return EXIT_DONE;
  size_t n = of->labels ? sy_labels_n_classes(of->labels) : 0;
  if (!n || are_numbers(of)) {
    number_classes(of);
    return EXIT_DONE;
  }
  if (n != of->file.n_classes)
    return say_usage("%s tells %zu classes, and column \"%s\" of %s has %zu: --classes A,B,.. "
                     "names those of XGBoost's labels 0, 1, ..",
                     of->path, of->file.n_classes,
                     reading_column(&of->table, of->asked.label.place)->name, of->table.source, n);
  for (size_t k = 0; k < n; k++) text_list_add(&of->classes, sy_labels_classes(of->labels)[k]);
  text_list shown = {0};
  for (size_t k = 0; k < n && k < 5; k++) {
    char *pair = text_format("%zu = \"%s\"", k, of->classes.items[k]);
    text_list_add(&shown, pair);
    free(pair);
  }
  char *joined = text_list_join(&shown, ", ");
  sy_messages_add(of->messages, "XGBoost's labels are taken to be %s%s (--classes says otherwise)",
                  joined, n > shown.n ? ", .." : "");
  free(joined);
  text_list_free(&shown);
  return EXIT_DONE;
}

/* --- the prior of the training --- */

/* The file does not know how frequent classes were in training: the source stands for it. */
static int read_prior(becoming *of) {
  size_t n = of->file.n_classes;
  if (!of->given->prior) return EXIT_DONE;
  if (!of->labels)
    return say_usage("--prior: %s does not say how frequent the classes were in training: give a "
                     "SOURCE with rows like those, and --label",
                     of->path);
  of->prior = grab(n, sizeof *of->prior);
  double sum = 0;
  for (size_t i = 0; i < sy_labels_rows(of->labels); i++) {
    const char *const *names = sy_labels_classes(of->labels);
    int32_t id = sy_labels_ids(of->labels)[i];
    for (size_t k = 0; id >= 0 && k < n; k++) {
      if (strcmp(names[id], of->classes.items[k]) != 0) continue;
      of->prior[k] += of->row_weights ? of->row_weights[i] : 1;
      sum += of->row_weights ? of->row_weights[i] : 1;
    }
  }
  for (size_t k = 0; k < n && sum > 0; k++) of->prior[k] /= sum;
  sy_messages_add(of->messages,
                  "--prior: classes are taken to have been as frequent in training as in %s",
                  of->table.source);
  return sum > 0 ? EXIT_DONE : say_failed("%s has no labelled row", of->table.source);
}

/* --- the whole --- */

static int read_source(becoming *of) {
  if (!of->source) return EXIT_DONE;
  int code = reading_open(of->given, of->source, &of->table);
  return code == EXIT_DONE ? roles_ask(of->given, &of->table, &of->asked) : code;
}

static int make(becoming *of, sy_model **model) {
  sy_encoder *encoder = NULL;
  sy_error error;
  if (sy_encoder_raw(text_list_view(&of->features), of->features.n, &encoder, &error) != SY_OK)
    return say_error_at(&error, EXIT_DATA, "%s", of->path);
  sy_model_parts parts = {.classes = text_list_view(&of->classes),
                          .n_classes = of->classes.n,
                          .source = SY_DECISION_PLAIN,
                          .positive = of->classes.n == 2 ? 1 : -1,
                          .trained_prior = of->prior};
  sy_predictor *predictor = of->file.predictor;
  of->file.predictor = NULL;
  sy_status status = sy_model_new(encoder, predictor, &parts, model, &error);
  if (status == SY_OK && of->asked.label.used)
    status = sy_model_set_note(
        *model, NOTE_LABEL, sy_table_column_name(of->table.table, of->asked.label.column), &error);
  return status == SY_OK ? EXIT_DONE : say_error_at(&error, EXIT_DATA, "%s", of->path);
}

int xgboost_file_open(const settings *given, const char *path, const char *source,
                      sy_messages *messages, sy_model **model) {
  becoming of = {.given = given, .path = path, .source = source, .messages = messages};
  int code = read_file(&of);
  if (code == EXIT_DONE) code = typed_classes(&of);
  if (code == EXIT_DONE) code = read_source(&of);
  if (code == EXIT_DONE) code = read_features(&of);
  if (code == EXIT_DONE) code = read_labels(&of);
  if (code == EXIT_DONE) code = name_classes(&of);
  if (code == EXIT_DONE) code = read_prior(&of);
  if (code == EXIT_DONE) code = make(&of, model);
  sy_xgboost_model_clear(&of.file);
  sy_labels_free(of.labels);
  free(of.row_weights);
  free(of.prior);
  roles_free(&of.asked);
  if (source) reading_close(&of.table);
  text_list_free(&of.classes);
  text_list_free(&of.features);
  return code;
}
