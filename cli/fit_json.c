#include "fit_json.h"

#include <math.h>

#include "epoch_log.h"
#include "json_metrics.h"
#include "json_text.h"
#include "rule_json.h"

static void set_number(json_t *object, const char *key, double value) {
  json_object_set_new(object, key, json_number(value));
}

static json_t *json_twin(const sy_twin *twin) {
  if (!twin->judged) return json_null();
  json_t *object = json_object();
  set_number(object, "log_loss", twin->log_loss);
  set_number(object, "weighted_log_loss", twin->weighted_log_loss);
  set_number(object, "kept_log_loss", twin->kept_log_loss);
  json_object_set_new(object, "difference", json_estimate(twin->difference, twin->low, twin->high));
  return object;
}

static json_t *json_calibration(const sy_calibration_gain *gain) {
  if (gain->kind == SY_STUDY_CALIBRATE_NONE) return json_null();
  json_t *object = json_object(), *log_loss = json_object(), *error = json_object();
  set_number(log_loss, "before", gain->rows ? gain->log_loss_before : NAN);
  set_number(log_loss, "after", gain->rows ? gain->log_loss_after : NAN);
  set_number(error, "before", gain->rows ? gain->error_before : NAN);
  set_number(error, "after", gain->rows ? gain->error_after : NAN);
  json_object_set_new(object, "kind", json_text(sy_study_calibration_name(gain->kind)));
  json_object_set_new(object, "rows", json_count(gain->rows));
  json_object_set_new(object, "log_loss", log_loss);
  json_object_set_new(object, "calibration_error", error);
  return object;
}

static json_t *json_path(const sy_path *path) {
  if (path->n == 0) return json_null();
  json_t *object = json_object(), *points = json_array();
  for (size_t i = 0; i < path->n; i++) {
    const sy_path_point *point = &path->points[i];
    json_t *one = json_object();
    set_number(one, "exponent", point->exponent);
    set_number(one, "max_ratio", point->max_ratio);
    json_object_set_new(one, "value", json_estimate(point->value, point->low, point->high));
    json_array_append_new(points, one);
  }
  json_object_set_new(object, "objective", json_text(path->objective));
  json_object_set_new(object, "rows", json_count(path->rows));
  set_number(object, "best", path->points[path->best].exponent);
  set_number(object, "chosen", path->points[path->chosen].exponent);
  set_number(object, "standard_error", path->margin);
  json_object_set_new(object, "points", points);
  return object;
}

/* Of two classes a threshold; of more there are factors, which the model's costs hold. */
static json_t *json_tuned(const sy_study *study, const sy_tune_options *tune) {
  const sy_tuned *tuned = &study->tuned_rule;
  bool two = sy_model_n_classes(study->model) == 2;
  if (!study->tuned) return json_null();
  json_t *object = json_object();
  sy_share value = rule_tuned_value(tuned, tune);
  json_object_set_new(object, "for", json_text(study->tuned_for));
  json_object_set_new(object, "rows", json_count(study->unseen_rows));
  if (two)
    json_object_set_new(object, "threshold",
                        json_estimate(rule_threshold_number(tuned->threshold),
                                      rule_threshold_number(tuned->threshold_low),
                                      rule_threshold_number(tuned->threshold_high)));
  json_object_set_new(object, "value", rule_json_share(&value));
  return object;
}

static json_t *json_curve(const sy_training_result *result) {
  json_t *curve = json_array();
  for (size_t i = 0; i < result->n_curve; i++)
    json_array_append_new(curve, json_epoch(&result->curve[i]));
  return curve;
}

json_t *json_network(const sy_predictor *predictor, const sy_training_result *result,
                     const sy_network_options *options) {
  const sy_network_shape *shape = sy_predictor_shape(predictor);
  if (!shape) return json_null();
  size_t members = sy_predictor_n_members(predictor);
  json_t *object = json_object(), *hidden = json_array();
  for (size_t i = 0; i < shape->n_hidden; i++)
    json_array_append_new(hidden, json_count(shape->hidden[i]));
  json_object_set_new(object, "hidden", hidden);
  json_object_set_new(object, "activation", json_text(sy_activation_name(shape->activation)));
  /* Batch normalisation is no longer to be seen in the shape. */
  json_object_set_new(object, "norm", json_text(sy_layer_norm_name(options->norm)));
  json_object_set_new(object, "optimizer", json_text(sy_optimizer_name(options->optimizer)));
  json_object_set_new(object, "restarts", json_count(members));
  json_object_set_new(object, "parameters", json_count(members * sy_network_n_parameters(shape)));
  json_object_set_new(object, "epochs", json_count((uint64_t)result->epochs));
  json_object_set_new(object, "best_epoch", json_count((uint64_t)result->best_epoch));
  json_object_set_new(object, "trouble",
                      result->trouble[0] ? json_text(result->trouble) : json_null());
  json_object_set_new(object, "curve", json_curve(result));
  return object;
}

json_t *json_boosted(const sy_predictor *predictor, const sy_training_result *result,
                     const sy_boosted_options *options) {
  const sy_forest *forest = sy_predictor_forest(predictor);
  if (!forest) return json_null();
  json_t *object = json_object();
  json_object_set_new(object, "rounds", json_count((uint64_t)result->best_epoch));
  json_object_set_new(object, "rounds_most", json_count((uint64_t)options->rounds));
  json_object_set_new(object, "trees", json_count(forest->n_trees));
  json_object_set_new(object, "nodes", json_count(forest->n_nodes));
  set_number(object, "learning_rate", options->learning_rate);
  json_object_set_new(object, "max_depth", json_count((uint64_t)options->max_depth));
  json_object_set_new(object, "xgboost", json_text(sy_xgboost_version()));
  json_object_set_new(object, "trouble",
                      result->trouble[0] ? json_text(result->trouble) : json_null());
  json_object_set_new(object, "curve", json_curve(result));
  return object;
}

static json_t *json_trial(const sy_family_trial *trial) {
  json_t *object = json_object();
  json_object_set_new(object, "family", json_text(sy_study_family_name(trial->family)));
  json_object_set_new(object, "trouble", trial->judged ? json_null() : json_text(trial->trouble));
  if (!trial->judged) return object;
  set_number(object, "log_loss", trial->metrics.log_loss);
  set_number(object, "average_cost", trial->metrics.average_cost);
  set_number(object, "value", trial->value);
  json_object_set_new(object, "difference",
                      json_estimate(trial->difference, trial->low, trial->high));
  set_number(object, "seconds", trial->seconds);
  return object;
}

json_t *json_families(const sy_families *families) {
  if (families->n == 0) return json_null();
  json_t *object = json_object(), *trials = json_array();
  for (size_t i = 0; i < families->n; i++)
    json_array_append_new(trials, json_trial(&families->trials[i]));
  const sy_family_trial *chosen = &families->trials[families->chosen];
  json_object_set_new(object, "chosen", json_text(sy_study_family_name(chosen->family)));
  json_object_set_new(object, "by", json_text(families->measure));
  json_object_set_new(object, "greater_is_better", json_boolean(families->greater_is_better));
  json_object_set_new(object, "rows", json_count(families->rows));
  json_object_set_new(object, "tried", trials);
  return object;
}

static json_t *json_rival(const sy_rival *rival) {
  if (!rival->judged) return json_null();
  json_t *object = json_object();
  set_number(object, "log_loss", rival->log_loss);
  set_number(object, "logistic_log_loss", rival->logistic_log_loss);
  json_object_set_new(object, "difference",
                      json_estimate(rival->difference, rival->low, rival->high));
  return object;
}

json_t *json_study(const sy_study *study, const sy_tune_options *tune,
                   const sy_network_options *network, const sy_boosted_options *boosted) {
  const sy_model *model = study->model;
  const char *const *classes = sy_model_classes(model);
  size_t n_classes = sy_model_n_classes(model);
  char decision[256];
  json_t *object = json_object(), *weights = json_object();
  for (size_t k = 0; k < n_classes; k++)
    set_number(weights, classes[k], study->audit.classes[k].weight);
  sy_model_describe_decision(model, decision, sizeof decision);
  json_object_set_new(object, "features", json_count(sy_encoder_n_inputs(sy_model_encoder(model))));
  json_object_set_new(object, "classes", json_texts(classes, n_classes));
  json_object_set_new(object, "class_weights", weights);
  json_object_set_new(object, "policy", json_text(study->policy));
  json_object_set_new(object, "path", json_path(&study->path));
  json_object_set_new(object, "calibration", json_calibration(&study->calibration));
  json_object_set_new(object, "tuned", json_tuned(study, tune));
  json_object_set_new(object, "decision", json_text(decision));
  json_object_set_new(object, "scores_only",
                      study->scores_only[0] ? json_text(study->scores_only) : json_null());
  set_number(object, "objective", study->fit.objective);
  json_object_set_new(object, "iterations", json_count((uint64_t)study->fit.iterations));
  json_object_set_new(object, "converged", json_boolean(study->fit.converged));
  set_number(object, "gradient_norm", study->fit.gradient_norm);
  json_object_set_new(object, "network",
                      json_network(sy_model_predictor(model), &study->training, network));
  json_object_set_new(object, "boosted",
                      json_boosted(sy_model_predictor(model), &study->training, boosted));
  json_object_set_new(object, "families", json_null()); /* likewise, what the command knows */
  json_object_set_new(object, "seconds", json_null());  /* its place; the command knows them */
  json_object_set_new(object, "train", json_metrics(&study->train, classes));
  json_object_set_new(object, "test",
                      study->test.n_ways ? json_metrics(&study->test, classes) : json_null());
  json_object_set_new(object, "twin", json_twin(&study->twin));
  json_object_set_new(object, "rival", json_rival(&study->rival));
  json_object_set_new(object, "warnings", json_messages(study->messages));
  return object;
}
