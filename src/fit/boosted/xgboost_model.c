/* xgboost_model.c: a model that XGBoost saved, read without XGBoost: JSON, or UBJ, which holds the
 * same values. The layout is that of XGBoost's doc/model.schema and its SaveModel functions. */
#include <steelyard/fit.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "fit/boosted/xgboost_forest.h"
#include "fit/boosted/xgboost_ubj.h"

/* Memory is taken for these before anything in a file bears them out. */
enum { MOST_FEATURES = 1000000, MOST_CLASSES = 1000000 };

/* A file being read. */
typedef struct source {
  const char *what;
  const json_t *learner;
  sy_xgboost_model *model;
  size_t n_outputs; /* 1, or as many as there are classes */
  double *base;     /* (n_outputs) */
  sy_error *error;
} source;

static const json_t *child_of(const json_t *value, const char *name) {
  return json_object_get(value, name);
}

/* The text under a name, "" where there is none. */
static const char *text_of(const json_t *object, const char *name) {
  const char *text = json_string_value(child_of(object, name));
  return text ? text : "";
}

/* --- the file as values --- */

/* Statistics of the training, which take most of a file. */
static const char *const unwanted[] = {"base_weights", "loss_changes", "parents", "sum_hessian",
                                       NULL};

static sy_status read_json(const char *bytes, size_t size, const char *what, json_t **root,
                           sy_error *error) {
  json_error_t wrong;
  char shown[SY_SHOWN_SIZE];
  *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &wrong);
  if (*root) return SY_OK;
  if (json_error_code(&wrong) == json_error_out_of_memory) return sy_fail_memory(error);
  /* What it was near to may end in half a character. */
  char *near = strstr(wrong.text, " near ");
  if (near) *near = '\0';
  return sy_fail(error, SY_INVALID_MODEL, "%s is no JSON: line %d, column %d: %s", what, wrong.line,
                 wrong.column, sy_shown(wrong.text, shown));
}

static sy_status read_ubj(const unsigned char *bytes, size_t size, const char *what, json_t **root,
                          sy_error *error) {
  size_t at;
  sy_status status = sy_xgboost_ubj_read(bytes, size, unwanted, &at, root);
  if (status == SY_OUT_OF_MEMORY) return sy_fail_memory(error);
  if (status == SY_OK) return SY_OK;
  return sy_fail(error, SY_INVALID_MODEL, "%s is no UBJ, or cut short: byte %zu of %zu is wrong",
                 what, at, size);
}

/* Both begin with "{"; names of JSON stand in quotation marks, those of UBJ behind their length. */
static sy_status read_values(const void *bytes, size_t size, const char *what, json_t **root,
                             sy_error *error) {
  const char *text = bytes;
  size_t at = 0;
  while (at < size && strchr(" \t\r\n", text[at]) && text[at]) at++;
  if (at == size || text[at] != '{')
    return sy_fail(error, SY_INVALID_MODEL,
                   "%s is no model of XGBoost in JSON or UBJ: Booster.save_model(\"model.json\") "
                   "writes one",
                   what);
  bool ubj = at == 0 && size > 1 && text[1] && strchr("iUIlL", text[1]);
  return ubj ? read_ubj(bytes, size, what, root, error) : read_json(text, size, what, root, error);
}

/* --- what kind of model it is --- */

static sy_status read_version(const source *from, const json_t *root) {
  const json_t *version = child_of(root, "version");
  int *to = from->model->version;
  if (!json_is_object(from->learner) || !json_is_array(version) || json_array_size(version) != 3)
    return sy_fail(from->error, SY_INVALID_MODEL,
                   "%s is no model of XGBoost: it lacks \"learner\" or \"version\"", from->what);
  for (size_t i = 0; i < 3; i++) {
    json_int_t part = json_integer_value(json_array_get(version, i));
    to[i] = part < 0 || part > 9999 ? 9999 : (int)part;
  }
  if (to[0] <= 3 && (to[0] > 1 || (to[0] == 1 && to[1] >= 3))) return SY_OK;
  return sy_fail(from->error, SY_INVALID_MODEL,
                 "%s was written by XGBoost %d.%d.%d; models of 1.3 to 3 are read: save it again "
                 "with one of these",
                 from->what, to[0], to[1], to[2]);
}

static sy_status read_booster(const source *from) {
  const char *name = text_of(child_of(from->learner, "gradient_booster"), "name");
  char shown[SY_SHOWN_SIZE];
  if (strcmp(name, "gbtree") == 0) return SY_OK;
  if (strcmp(name, "dart") == 0)
    return sy_fail(from->error, SY_INVALID_MODEL,
                   "%s: trees of booster dart have weights, which are not read: train with "
                   "booster=gbtree",
                   from->what);
  if (strcmp(name, "gblinear") == 0)
    return sy_fail(from->error, SY_INVALID_MODEL,
                   "%s: booster gblinear has no trees: train with booster=gbtree, or a linear "
                   "model with steelyard fit",
                   from->what);
  return sy_fail(from->error, SY_INVALID_MODEL, "%s: booster \"%s\" is not known: only gbtree is",
                 from->what, sy_shown(name, shown));
}

static sy_status read_objective(source *from) {
  const char *name = text_of(child_of(from->learner, "objective"), "name");
  const json_t *param = child_of(from->learner, "learner_model_param");
  char shown[SY_SHOWN_SIZE];
  bool two = strcmp(name, "binary:logistic") == 0 || strcmp(name, "binary:logitraw") == 0;
  if (!two && strcmp(name, "multi:softprob") != 0 && strcmp(name, "multi:softmax") != 0)
    return sy_fail(from->error, SY_INVALID_MODEL,
                   "%s: objective \"%s\" gives no probabilities of classes: train with "
                   "binary:logistic or multi:softprob",
                   from->what, sy_shown(name, shown));
  if (sy_xgboost_whole(param, "num_target", 0, 1, -1) < 0 && child_of(param, "num_target"))
    return sy_fail(from->error, SY_INVALID_MODEL,
                   "%s tells several targets a row; only one is read: train a model for each",
                   from->what);
  long long n = two ? 2 : sy_xgboost_whole(param, "num_class", 2, MOST_CLASSES, -1);
  if (n < 2)
    return sy_fail(from->error, SY_INVALID_MODEL, "%s: num_class is no number of classes",
                   from->what);
  snprintf(from->model->objective, sizeof from->model->objective, "%s", name);
  from->model->n_classes = (size_t)n;
  from->n_outputs = two ? 1 : (size_t)n;
  return SY_OK;
}

/* --- features --- */

static sy_status read_names(const source *from, const json_t *names) {
  sy_xgboost_model *model = from->model;
  if (json_array_size(names) == 0) return SY_OK;
  if (json_array_size(names) != model->n_features)
    return sy_fail(from->error, SY_INVALID_MODEL, "%s: %zu feature_names for %zu features",
                   from->what, json_array_size(names), model->n_features);
  model->features = sy_alloc_zero(model->n_features, sizeof *model->features);
  if (!model->features) return sy_fail_memory(from->error);
  for (size_t j = 0; j < model->n_features; j++) {
    const char *name = json_string_value(json_array_get(names, j));
    if (!name)
      return sy_fail(from->error, SY_INVALID_MODEL, "%s: name %zu of feature_names is no text",
                     from->what, j + 1);
    model->features[j] = sy_copy_text(name);
    if (!model->features[j]) return sy_fail_memory(from->error);
  }
  return SY_OK;
}

static sy_status check_types(const source *from, const json_t *types) {
  for (size_t j = 0; j < json_array_size(types); j++) {
    const char *type = json_string_value(json_array_get(types, j));
    if (!type || strcmp(type, "c") != 0) continue;
    const json_t *names = child_of(from->learner, "feature_names");
    const char *name = json_string_value(json_array_get(names, j));
    char shown[SY_SHOWN_SIZE];
    return sy_fail(from->error, SY_INVALID_MODEL,
                   "%s: feature %zu%s%s%s is of categories, which are not read: train with "
                   "enable_categorical=False on one-hot columns",
                   from->what, j + 1, name ? " (\"" : "", name ? sy_shown(name, shown) : "",
                   name ? "\")" : "");
  }
  return SY_OK;
}

static sy_status read_features(const source *from) {
  const json_t *param = child_of(from->learner, "learner_model_param");
  long long n = sy_xgboost_whole(param, "num_feature", 1, MOST_FEATURES, -1);
  if (n < 1)
    return sy_fail(from->error, SY_INVALID_MODEL, "%s: num_feature must be from 1 to %d",
                   from->what, MOST_FEATURES);
  from->model->n_features = (size_t)n;
  sy_status status = check_types(from, child_of(from->learner, "feature_types"));
  return status ? status : read_names(from, child_of(from->learner, "feature_names"));
}

/* --- base scores --- */

/* The base score of binary:logistic is a probability, of which the logit is taken in float32, as
 * XGBoost takes it; those of all other objectives are logits. */
static double logit_of(double share) {
  return (double)-logf(1.0F / (float)share - 1.0F);
}

/* Reads "5E-1", "[5E-1]" or "[1E-1,-2E-1,..]", a score for all outputs or one for each, which
 * XGBoost 3 writes; cuts the text up. */
static bool read_scores(char *text, double *base, size_t n_outputs) {
  char *next = text + strspn(text, " ");
  if (*next == '[') next[strcspn(next, "]")] = '\0', next++;
  size_t n = 0;
  for (bool more = true; more; n++) {
    size_t length = strcspn(next, ",");
    more = next[length] == ',';
    next[length] = '\0';
    double score;
    if (n == n_outputs || !sy_number_parse(next, &score) || !isfinite(score)) return false;
    base[n] = score;
    next += length + more;
  }
  for (size_t o = n; n == 1 && o < n_outputs; o++) base[o] = base[0];
  return n == 1 || n == n_outputs;
}

static sy_status read_base(source *from) {
  const char *given = text_of(child_of(from->learner, "learner_model_param"), "base_score");
  char shown[SY_SHOWN_SIZE];
  char *text = sy_copy_text(given);
  from->base = sy_alloc(from->n_outputs, sizeof *from->base);
  if (!text || !from->base) {
    free(text);
    return sy_fail_memory(from->error);
  }
  bool read = read_scores(text, from->base, from->n_outputs);
  free(text);
  if (read && strcmp(from->model->objective, "binary:logistic") == 0) {
    read = from->base[0] > 0 && from->base[0] < 1;
    from->base[0] = read ? logit_of(from->base[0]) : 0;
    read = read && isfinite(from->base[0]);
  }
  if (read) return SY_OK;
  return sy_fail(from->error, SY_INVALID_MODEL, "%s: base_score \"%s\" cannot be", from->what,
                 sy_shown(given, shown));
}

/* --- the whole --- */

static sy_status read_predictor(const source *from) {
  const json_t *booster = child_of(from->learner, "gradient_booster");
  sy_forest forest = {
      .n_features = from->model->n_features, .n_outputs = from->n_outputs, .base = from->base};
  sy_status status =
      sy_xgboost_forest_read(child_of(booster, "model"), from->what, &forest, from->error);
  if (!status)
    status =
        sy_predictor_boosted(&forest, from->model->n_classes, &from->model->predictor, from->error);
  free((void *)forest.nodes);
  free((void *)forest.roots);
  free((void *)forest.outputs);
  return status;
}

static sy_status read_model(source *from, const json_t *root) {
  sy_status status = read_version(from, root);
  if (!status) status = read_booster(from);
  if (!status) status = read_objective(from);
  if (!status) status = read_features(from);
  if (!status) status = read_base(from);
  return status ? status : read_predictor(from);
}

sy_status sy_xgboost_model_read(const void *bytes, size_t size, const char *what,
                                sy_xgboost_model *model, sy_error *error) {
  json_t *root = NULL;
  *model = (sy_xgboost_model){0};
  sy_status status = read_values(bytes, size, what, &root, error);
  if (status) return status;
  source from = {
      .what = what, .learner = child_of(root, "learner"), .model = model, .error = error};
  status = read_model(&from, root);
  free(from.base);
  json_decref(root);
  if (status) sy_xgboost_model_clear(model);
  return status;
}

void sy_xgboost_model_clear(sy_xgboost_model *model) {
  sy_predictor_free(model->predictor);
  for (size_t j = 0; model->features && j < model->n_features; j++) free(model->features[j]);
  free(model->features);
  *model = (sy_xgboost_model){0};
}
