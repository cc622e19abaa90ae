/* evaluate_models.c: steelyard evaluate MODEL.. SOURCE: models on rows whose labels are known, read
 * in one scan; where they are not, monitoring.c goes on. */
#include <stdlib.h>
#include <string.h>

#include <steelyard/classifier_labels.h>
#include <steelyard/onnx.h>

#include "cost_option.h"
#include "dataset.h"
#include "evaluate.h"
#include "judged.h"
#include "model_notes.h"
#include "monitoring.h"
#include "page_option.h"
#include "say.h"
#include "training_rows.h"

/* An evaluation under way. */
typedef struct judging {
  const settings *typed;
  settings given; /* completed by what the first model remembers; its lists belong to main */
  text_list noted_groups;
  size_t n_models;
  char *const *paths; /* (models) */
  const char *source;
  sy_model **models; /* (models) */
  dataset data;
  sy_cost_rule rule; /* that prices mistakes; n_classes 0 where nothing does */
  double *cost_values;
  sy_costs costs; /* a view of both */
  sy_messages *messages;
  fail_conditions *conditions;
} judging;

static const char *const *classes_of(const judging *work) {
  return sy_model_classes(work->models[0]);
}

static size_t n_classes_of(const judging *work) {
  return sy_model_n_classes(work->models[0]);
}

/* Rows have one label, so what is compared must tell the same classes apart. */
static int check_classes(const judging *work, size_t m) {
  if (!sy_model_n_labels(work->models[m]) != !sy_model_n_labels(work->models[0]))
    return say_failed("one of %s and %s tells one class a row, the other several labels: models "
                      "are compared on the same classes",
                      work->paths[0], work->paths[m]);
  size_t n = n_classes_of(work), k = 0;
  const char *const *first = classes_of(work), *const *other = sy_model_classes(work->models[m]);
  bool same = sy_model_n_classes(work->models[m]) == n;
  while (same && k < n && strcmp(first[k], other[k]) == 0) k++;
  if (same && k == n) return EXIT_DONE;
  if (!same)
    return say_failed("%s has %zu classes and %s has %zu: models are compared on the same classes",
                      work->paths[0], n, work->paths[m], sy_model_n_classes(work->models[m]));
  return say_failed("class %zu is \"%s\" in %s and \"%s\" in %s: models are compared on the same "
                    "classes in the same order (--classes, when they are trained)",
                    k + 1, first[k], work->paths[0], other[k], work->paths[m]);
}

static int open_models(judging *work) {
  work->models = grab(work->n_models, sizeof *work->models);
  work->messages = sy_messages_new();
  if (!work->messages) return say_failed("out of memory");
  for (size_t m = 0; m < work->n_models; m++) {
    sy_error error;
    if (sy_model_open(work->paths[m], &work->models[m], &error) != SY_OK) return say_error(&error);
    int code = m ? check_classes(work, m) : EXIT_DONE;
    if (code != EXIT_DONE) return code;
  }
  return EXIT_DONE;
}

static void warn_of_row_weights(const judging *work, size_t m) {
  const char *weight = sy_model_note(work->models[m], NOTE_WEIGHT);
  if (weight && !work->given.sample_weight)
    sy_messages_add(work->messages,
                    "%s was trained with row weights (column \"%s\"); here every row counts once, "
                    "unless --sample-weight names a column",
                    work->paths[m], weight);
}

/* A threshold that was tuned for costs holds it, and not them. */
static void warn_of_lost_costs(const judging *work, size_t m) {
  const char *tuned = sy_model_note(work->models[m], NOTE_TUNED);
  bool tuned_now = sy_model_decision_source(work->models[m]) == SY_DECISION_TUNED;
  if (!tuned || !tuned_now || work->given.cost || strncmp(tuned, "cost", strlen("cost")) != 0)
    return;
  sy_messages_add(work->messages,
                  "the rule of %s was tuned for costs, which it does not keep: --cost prices the "
                  "mistakes here",
                  work->paths[m]);
}

/* What is not said is as it was in training. */
static int recall(judging *work) {
  settings *given = &work->given;
  const sy_model *model = work->models[0];
  const char *groups = sy_model_note(model, NOTE_GROUPS), *kind = sy_model_note(model, NOTE_KIND);
  if (!given->label) {
    given->label = sy_model_note(model, NOTE_LABEL);
    given->label_origin = "the label the model was trained on (--label names another)";
  }
  if (kind) given->label_kind = kind;
  if (!given->ignore) given->ignore = sy_model_note(model, NOTE_IGNORED);
  if (!given->group_classes.n && groups) {
    text_list_add(&work->noted_groups, groups);
    given->group_classes = work->noted_groups;
  }
  for (size_t m = 0; m < work->n_models; m++) warn_of_row_weights(work, m);
  return EXIT_DONE;
}

static int read_rows(judging *work) {
  declared_classes declared = {classes_of(work), n_classes_of(work)};
  const char *who = work->n_models == 1 ? work->paths[0] : "one of the models";
  const sy_model *const *models = (const sy_model *const *)work->models;
  needed_columns needed = needed_by_models(models, work->n_models, who);
  int code = (work->typed->label ? dataset_read_judged : dataset_read_watched)(
      &work->given, work->source, &needed, declared, &work->data);
  needed_free(&needed);
  return code;
}

/* Place of the columns of model m among those of all. */
static size_t first_of(const judging *work, size_t m) {
  size_t first = 0;
  for (size_t i = 0; i < m; i++) first += needed_count(work->models[i]);
  return first;
}

/* What the expressions of a model's own costs come to, which were read beside its features. */
static int values_of_model(judging *work, size_t m) {
  const dataset *data = &work->data;
  const sy_model *model = work->models[m];
  cost_columns own = {.first = data->table.n_requests - data->features.n_columns +
                               first_of(work, m) + sy_encoder_n_inputs(sy_model_encoder(model))};
  for (size_t i = 0; i < work->rule.n_expressions; i++)
    text_list_add(&own.expressions, work->rule.expressions[i]);
  int code = cost_columns_values(&own, &data->table, &work->rule, classes_of(work),
                                 data->row_weights, &work->cost_values);
  cost_columns_free(&own);
  return code;
}

/* Without --cost, the costs given to a model price its mistakes: those of the first that has some
 * price all of them. */
static int recall_costs(judging *work) {
  sy_error error;
  for (size_t m = 0; m < work->n_models; m++) {
    const sy_model *model = work->models[m];
    if (sy_model_decision_source(model) != SY_DECISION_GIVEN) continue;
    if (work->n_models > 1)
      sy_messages_add(work->messages, "mistakes are priced by the costs in %s; --cost gives others",
                      work->paths[m]);
    if (sy_cost_rule_copy(sy_model_cost_rule(model), &work->rule, &error) != SY_OK)
      return say_error(&error);
    return values_of_model(work, m);
  }
  return EXIT_DONE;
}

static int read_costs(judging *work) {
  const dataset *data = &work->data;
  int code = cost_rule_read(&work->given, classes_of(work), n_classes_of(work), &work->rule,
                            work->messages);
  if (code == EXIT_DONE && work->rule.n_classes)
    code = cost_columns_values(&data->costs, &data->table, &work->rule, classes_of(work),
                               data->row_weights, &work->cost_values);
  else if (code == EXIT_DONE)
    code = recall_costs(work);
  work->costs = sy_cost_rule_view(&work->rule, work->cost_values);
  return code;
}

/* The columns of model m among those of all. */
static sy_frame features_of(const judging *work, size_t m) {
  return (sy_frame){.columns = work->data.features.columns + first_of(work, m),
                    .n_columns = needed_count(work->models[m]),
                    .rows = work->data.features.rows};
}

static void warn_of_training_rows(const judging *work, size_t m, const sy_frame *features) {
  if (training_rows_are(work->models[m], features, work->data.labels))
    sy_messages_add(
        work->messages,
        "these look like the rows %s was trained on, so the figures flatter it: judge it "
        "on rows it did not see",
        work->paths[m]);
}

static int review(const judging *work, judged *told) {
  judged_begin(told, work->n_models);
  for (size_t m = 0; m < work->n_models; m++) {
    sy_frame features = features_of(work, m);
    sy_error error;
    told->names[m] = work->paths[m];
    warn_of_lost_costs(work, m);
    warn_of_training_rows(work, m, &features);
    if (sy_review_model(work->models[m], &features, work->data.labels, work->data.row_weights,
                        told->costs, &told->reviews[m], &error) != SY_OK)
      return say_error_at(&error, EXIT_DATA, "%s", work->data.table.source);
  }
  return EXIT_DONE;
}

/* Costs by which the first model decides, NULL where they differ by row: given ones that do take
 * the place of a model's own. */
static const double *rule_of(const judging *work) {
  const sy_model *model = work->models[0];
  bool given = sy_model_decision_source(model) == SY_DECISION_GIVEN;
  bool varies =
      sy_model_cost_rule(model)->n_expressions > 0 || (given && work->rule.n_expressions > 0);
  return varies ? NULL : sy_model_cost(model);
}

static int tell(const judging *work) {
  judged told = {.given = &work->given,
                 .source = work->data.table.source,
                 .rows = reading_rows(&work->data.table),
                 .classes = classes_of(work),
                 .n_classes = n_classes_of(work),
                 .costs = work->rule.n_classes ? &work->costs : NULL,
                 .rule = rule_of(work),
                 .messages = work->messages,
                 .conditions = work->conditions};
  int code = review(work, &told);
  if (code == EXIT_DONE) code = judged_tell(&told);
  judged_clear(&told);
  return code;
}

static int judge_labelled(judging *work) {
  int code = read_costs(work);
  return code == EXIT_DONE ? tell(work) : code;
}

static int judge_unlabelled(judging *work) {
  if (work->n_models > 1)
    return say_usage("models are compared on rows with labels, and %s has none: name their column "
                     "by --label, or give one model",
                     work->data.table.source);
  const watched_rows rows = {work->typed, work->paths[0],   work->models[0], features_of(work, 0),
                             &work->data, work->conditions, work->messages};
  return monitoring_tell(&rows);
}

static void judging_clear(judging *work) {
  sy_messages_free(work->messages);
  sy_cost_rule_clear(&work->rule);
  free(work->cost_values);
  dataset_close(&work->data);
  text_list_free(&work->noted_groups);
  for (size_t m = 0; work->models && m < work->n_models; m++) sy_model_free(work->models[m]);
  free(work->models);
}

int evaluate_models(const settings *given, char *const *paths, size_t n_models, const char *source,
                    fail_conditions *conditions) {
  judging work = {.typed = given,
                  .given = *given,
                  .paths = paths,
                  .n_models = n_models,
                  .source = source,
                  .conditions = conditions};
  int code = EXIT_DONE;
  for (size_t m = 0; m < n_models && code == EXIT_DONE; m++)
    code = page_check(given, source, paths[m]);
  if (code == EXIT_DONE) code = open_models(&work);
  bool several = code == EXIT_DONE && sy_model_n_labels(work.models[0]) > 0;
  if (several)
    code = evaluate_label_models(given, (const sy_model *const *)work.models, paths, n_models,
                                 source, conditions->n > 0);
  if (code != EXIT_DONE || several) {
    judging_clear(&work);
    return code;
  }
  if (code == EXIT_DONE) code = recall(&work);
  if (code == EXIT_DONE) code = read_rows(&work);
  if (code == EXIT_DONE) code = (work.data.labels ? judge_labelled : judge_unlabelled)(&work);
  judging_clear(&work);
  return code;
}
