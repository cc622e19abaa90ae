#include "prior_option.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dataset.h"
#include "roles.h"
#include "say.h"

static const char from[] = "from=";

const char *prior_source(const settings *given) {
  const char *text = given->prior;
  double share;
  if (!text || strncmp(text, from, sizeof from - 1) != 0) return NULL;
  size_t head = strcspn(text + sizeof from - 1, ",");
  char *first = text_copy(text + sizeof from - 1);
  first[head] = 0;
  bool of_class = sy_number_parse(first, &share); /* a class called "from" */
  free(first);
  return of_class ? NULL : text + sizeof from - 1;
}

static int find_class(const char *name, const char *const *classes, size_t n_classes, size_t *k) {
  for (*k = 0; *k < n_classes; ++*k)
    if (strcmp(classes[*k], name) == 0) return EXIT_DONE;
  const char *nearest = sy_nearest_name(name, classes, n_classes);
  return say_usage("--prior: there is no class \"%s\"%s%s%s", name,
                   nearest ? "; the nearest is \"" : "", nearest ? nearest : "",
                   nearest ? "\"" : "");
}

/* "NAME=P"; the last '=' parts them. */
static int read_piece(char *piece, const char *const *classes, size_t n_classes, double *prior) {
  char *equals = strrchr(piece, '=');
  size_t k;
  if (!equals)
    return say_usage("--prior takes NAME=P,NAME=P,.. or from=SOURCE; '%s' has no '='", piece);
  *equals = 0;
  int code = find_class(text_unquote(piece), classes, n_classes, &k);
  if (code != EXIT_DONE) return code;
  if (!isnan(prior[k])) return say_usage("--prior names \"%s\" twice", classes[k]);
  if (sy_number_parse(equals + 1, &prior[k]) && prior[k] >= 0 && prior[k] <= 1) return EXIT_DONE;
  return say_usage("--prior: the share of \"%s\" is '%s'; shares lie between 0 and 1", classes[k],
                   equals + 1);
}

static int check_prior(const char *const *classes, size_t n_classes, const double *prior) {
  double sum = 0;
  char number[SY_NUMBER_SIZE];
  for (size_t k = 0; k < n_classes; k++) {
    if (isnan(prior[k]))
      return say_usage("--prior leaves out class \"%s\": give each class its share", classes[k]);
    sum += prior[k];
  }
  if (fabs(sum - 1) <= 1e-6) return EXIT_DONE;
  return say_usage("--prior: the shares sum to %s, not to 1", sy_number_format(sum, number));
}

int prior_read(const char *text, const char *const *classes, size_t n_classes, double *prior) {
  text_list pieces = {NULL, 0};
  text_list_split(&pieces, text, ',');
  int code = EXIT_DONE;
  for (size_t k = 0; k < n_classes; k++) prior[k] = NAN;
  for (size_t i = 0; i < pieces.n && code == EXIT_DONE; i++)
    code = read_piece(pieces.items[i], classes, n_classes, prior);
  text_list_free(&pieces);
  return code == EXIT_DONE ? check_prior(classes, n_classes, prior) : code;
}

/* The columns of the model and row weights; labels are not looked at. */
static int read_rows(const settings *given, const char *source, const sy_model *model,
                     const char *model_path, reading *opened, sy_frame *frame,
                     double **row_weights) {
  settings asked = *given;
  roles found = {0};
  bool positive = false;
  asked.label = NULL;
  needed_columns needed = needed_by_model(sy_model_encoder(model), model_path);
  int code = reading_open(&asked, source, opened);
  if (code == EXIT_DONE) code = roles_ask(&asked, opened, &found);
  size_t first = opened->n_requests;
  if (code == EXIT_DONE) code = dataset_ask_needed(opened, &needed);
  if (code == EXIT_DONE) code = reading_run(opened);
  if (code == EXIT_DONE) *frame = reading_frame(opened, first, needed.n);
  if (code == EXIT_DONE) code = roles_row_weights(opened, &found.weight, row_weights, &positive);
  if (code == EXIT_DONE) code = roles_row_weights_end(opened, &found.weight, positive);
  roles_free(&found);
  needed_free(&needed);
  return code;
}

/* Adds `piece`, and frees it, to the line that begins at `line`, or to a new one where it is full.
 */
static void add_within(char **text, size_t *line, char *piece) {
  enum { LINE_COLUMNS = 100 };
  bool fits = text_columns(*text + *line) + 1 + text_columns(piece) <= LINE_COLUMNS;
  if (!fits) *line = strlen(*text) + 1;
  text_append(text, text_copy(fits ? " " : "\n  "));
  text_append(text, piece);
}

char *prior_words(const estimated_prior *found, const char *const *classes) {
  const sy_prior_estimate *estimate = &found->estimate;
  char number[SY_NUMBER_SIZE];
  char *text = text_format("prior of the %s row%s of %s:", text_count(found->rows, number),
                           found->rows == 1 ? "" : "s", found->source);
  size_t line = 0;
  for (size_t k = 0; k < estimate->n_classes; k++)
    add_within(&text, &line,
               text_format("%s %.4f (%.4f-%.4f)%s", classes[k], estimate->prior[k],
                           estimate->low[k], estimate->high[k],
                           k + 1 < estimate->n_classes ? "," : ";"));
  add_within(&text, &line,
             text_format("%d steps of EM%s", estimate->iterations,
                         estimate->converged ? "" : ", not converged"));
  text_append(&text, text_copy("\n"));
  return text;
}

static int estimate_from(const sy_model *model, const char *model_path, const sy_frame *frame,
                         const double *row_weights, estimated_prior *found) {
  size_t n_classes = sy_model_n_classes(model);
  const double *trained = sy_model_trained_prior(model);
  if (!trained)
    return say_failed("%s does not say how frequent its classes were in training, as models of "
                      "before do not: train it again",
                      model_path);
  double *logs = grab(frame->rows * n_classes, sizeof *logs);
  sy_error error;
  sy_status status = sy_model_score(model, frame, logs, NULL, NULL, &error);
  if (status == SY_OK)
    status = sy_prior_estimate_make(logs, frame->rows, n_classes, row_weights, trained,
                                    &found->estimate, &error);
  free(logs);
  return status == SY_OK ? EXIT_DONE : say_error_at(&error, EXIT_DATA, "%s", found->source);
}

int prior_estimate(const settings *given, const char *source, const sy_model *model,
                   const char *model_path, estimated_prior *found) {
  reading opened = {0};
  sy_frame frame;
  double *row_weights = NULL;
  int code = read_rows(given, source, model, model_path, &opened, &frame, &row_weights);
  if (code == EXIT_DONE) {
    found->source = text_copy(opened.source);
    found->rows = frame.rows;
    code = estimate_from(model, model_path, &frame, row_weights, found);
  }
  free(row_weights);
  reading_close(&opened);
  return code;
}

void prior_clear(estimated_prior *found) {
  sy_prior_estimate_clear(&found->estimate);
  free(found->source);
  *found = (estimated_prior){0};
}
