/* booster.c: calls of XGBoost's C interface, each of which may fail, worded as ours are. */
#include "fit/boosted/booster.h"

#include "base/error.h"

#ifdef SY_XGBOOST

#include "base/number.h"
#include "base/random.h"
#include "fit/boosted/xgboost_library.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* --- failures --- */

/* XGBoost's message without "[12:34:56] ./src/learner.cc:123: " before it. */
static const char *without_place(const char *message) {
  const char *end = strchr(message, ']');
  if (message[0] == '[' && end && end[1] == ' ') message = end + 2;
  size_t word = strcspn(message, " \n");
  size_t digits = 0;
  if (word < 4 || message[word] != ' ' || message[word - 1] != ':') return message;
  while (digits + 1 < word && isdigit((unsigned char)message[word - 2 - digits])) digits++;
  return digits > 0 && message[word - 2 - digits] == ':' ? message + word + 1 : message;
}

/* Words the last failure: its first line, for behind it comes a trace of the stack. */
static sy_status fail_xgboost(sy_error *error) {
  const char *message = without_place(sy_xgboost_load()->XGBGetLastError());
  if (strstr(message, "bad_alloc")) return sy_fail_memory(error);
  return sy_fail(error, SY_NUMERIC_FAILURE, "XGBoost could not go on: %.*s",
                 (int)strcspn(message, "\n"), message);
}

static sy_status checked(int failed, sy_error *error) {
  return failed ? fail_xgboost(error) : SY_OK;
}

/* --- rows --- */

/* An array of float32 as XGBoost is told of it. */
enum { ARRAY_SIZE = 256 };

static const char *array_of(const float *numbers, size_t rows, size_t columns, size_t stride,
                            char text[ARRAY_SIZE]) {
  snprintf(text, ARRAY_SIZE,
           "{\"data\": [%zu, true], \"shape\": [%zu, %zu], \"strides\": [%zu, 4], "
           "\"typestr\": \"<f4\", \"version\": 3}",
           (size_t)(uintptr_t)numbers, rows, columns, stride * sizeof *numbers);
  return text;
}

sy_status sy_grower_take(sy_grower *grower, int held, sy_matrix rows, const float *weights,
                         sy_error *error) {
  const sy_xgboost_library *xgboost = sy_xgboost_load();
  char array[ARRAY_SIZE], config[64];
  array_of(rows.data, rows.rows, rows.columns, rows.stride, array);
  snprintf(config, sizeof config, "{\"missing\": NaN, \"nthread\": %d}", sy_threads_get());
  sy_status status =
      checked(xgboost->XGDMatrixCreateFromDense(array, config, &grower->rows[held]), error);
  if (status == SY_OK && weights)
    status = checked(
        xgboost->XGDMatrixSetFloatInfo(grower->rows[held], "weight", weights, rows.rows), error);
  return status;
}

/* --- the booster --- */

static sy_status set(sy_grower *grower, const char *name, const char *value, sy_error *error) {
  return checked(sy_xgboost_load()->XGBoosterSetParam(grower->booster, name, value), error);
}

static sy_status set_whole(sy_grower *grower, const char *name, int value, sy_error *error) {
  char text[16];
  snprintf(text, sizeof text, "%d", value);
  return set(grower, name, text, error);
}

static sy_status set_numbers(sy_grower *grower, const sy_boosted_options *o, sy_error *error) {
  const struct {
    const char *name;
    double value;
  } numbers[] = {
      {"learning_rate", o->learning_rate},
      {"min_child_weight", o->min_child_weight},
      {"gamma", o->gamma},
      {"reg_lambda", o->reg_lambda},
      {"reg_alpha", o->reg_alpha},
      {"max_delta_step", o->max_delta_step},
      {"colsample_bytree", o->colsample_bytree},
      {"colsample_bylevel", o->colsample_bylevel},
      {"colsample_bynode", o->colsample_bynode},
  };
  sy_status status = SY_OK;
  char text[SY_NUMBER_SIZE];
  for (size_t i = 0; status == SY_OK && i < sizeof numbers / sizeof numbers[0]; i++)
    status = set(grower, numbers[i].name, sy_number_format(numbers[i].value, text), error);
  return status;
}

/* What is drawn of columns is XGBoost's own affair, but for where it begins. */
static int seed_of(const sy_boosted_options *options) {
  return (int)(sy_random_bits(options->seed, SY_STREAM_SUBSAMPLE, UINT64_MAX) >> 33);
}

/* A base score of 0 is what the sums begin at: as a probability, 1 / 2. */
static sy_status set_objective(sy_grower *grower, sy_error *error) {
  bool two = grower->n_outputs == 1;
  sy_status status = set(grower, "objective", two ? "binary:logistic" : "multi:softprob", error);
  if (status == SY_OK) status = set(grower, "base_score", two ? "0.5" : "0", error);
  if (status == SY_OK && !two)
    status = set_whole(grower, "num_class", (int)grower->n_outputs, error);
  return status;
}

static sy_status set_all(sy_grower *grower, const sy_boosted_options *options, sy_error *error) {
  sy_status status = set_whole(grower, "verbosity", 0, error);
  if (status == SY_OK) status = set(grower, "booster", "gbtree", error);
  if (status == SY_OK) status = set(grower, "tree_method", "hist", error);
  if (status == SY_OK) status = set_objective(grower, error);
  if (status == SY_OK) status = set_whole(grower, "nthread", sy_threads_get(), error);
  if (status == SY_OK) status = set_whole(grower, "seed", seed_of(options), error);
  if (status == SY_OK) status = set_whole(grower, "max_depth", options->max_depth, error);
  if (status == SY_OK) status = set_whole(grower, "max_leaves", options->max_leaves, error);
  if (status == SY_OK) status = set_whole(grower, "max_bin", options->max_bin, error);
  if (status == SY_OK)
    status = set(grower, "grow_policy", sy_grow_policy_name(options->grow_policy), error);
  return status == SY_OK ? set_numbers(grower, options, error) : status;
}

sy_status sy_grower_begin(sy_grower *grower, const sy_boosted_options *options, size_t n_outputs,
                          sy_error *error) {
  grower->n_outputs = n_outputs;
  sy_status status = checked(
      sy_xgboost_load()->XGBoosterCreate(grower->rows, grower->rows[1] ? 2 : 1, &grower->booster),
      error);
  return status == SY_OK ? set_all(grower, options, error) : status;
}

sy_status sy_grower_sums(sy_grower *grower, int held, const float **sums, sy_error *error) {
  const bst_ulong *shape;
  bst_ulong n_axes;
  const char *config = "{\"type\": 1, \"training\": true, \"iteration_begin\": 0, "
                       "\"iteration_end\": 0, \"strict_shape\": true}";
  return checked(sy_xgboost_load()->XGBoosterPredictFromDMatrix(grower->booster, grower->rows[held],
                                                                config, &shape, &n_axes, sums),
                 error);
}

sy_status sy_grower_round(sy_grower *grower, float *gradients, float *hessians, size_t n,
                          sy_error *error) {
  const sy_xgboost_library *xgboost = sy_xgboost_load();
  char told[2][ARRAY_SIZE];
  size_t outputs = grower->n_outputs;
  int round = grower->round++;
  if (!xgboost->XGBoosterTrainOneIter)
    return checked(
        xgboost->XGBoosterBoostOneIter(grower->booster, grower->rows[0], gradients, hessians, n),
        error);
  array_of(gradients, n / outputs, outputs, outputs, told[0]);
  array_of(hessians, n / outputs, outputs, outputs, told[1]);
  return checked(
      xgboost->XGBoosterTrainOneIter(grower->booster, grower->rows[0], round, told[0], told[1]),
      error);
}

sy_status sy_grower_trees(sy_grower *grower, sy_predictor **trees, sy_error *error) {
  bst_ulong size;
  const char *bytes;
  sy_xgboost_model model = {0};
  sy_status status = checked(sy_xgboost_load()->XGBoosterSaveModelToBuffer(
                                 grower->booster, "{\"format\": \"ubj\"}", &size, &bytes),
                             error);
  if (status != SY_OK) return status;
  status = sy_xgboost_model_read(bytes, size, "what XGBoost grew", &model, error);
  if (status != SY_OK) return status;
  *trees = model.predictor;
  model.predictor = NULL;
  sy_xgboost_model_clear(&model);
  return SY_OK;
}

void sy_grower_clear(sy_grower *grower) {
  if (grower->booster) sy_xgboost_load()->XGBoosterFree(grower->booster);
  for (int held = 0; held < 2; held++)
    if (grower->rows[held]) sy_xgboost_load()->XGDMatrixFree(grower->rows[held]);
  *grower = (sy_grower){0};
}

#else

static sy_status fail_without(sy_error *error) {
  return sy_fail(error, SY_UNSUPPORTED, "%s", sy_status_text(SY_UNSUPPORTED));
}

sy_status sy_grower_take(sy_grower *grower, int held, sy_matrix rows, const float *weights,
                         sy_error *error) {
  (void)grower, (void)held, (void)rows, (void)weights;
  return fail_without(error);
}

sy_status sy_grower_begin(sy_grower *grower, const sy_boosted_options *options, size_t n_outputs,
                          sy_error *error) {
  (void)grower, (void)options, (void)n_outputs;
  return fail_without(error);
}

sy_status sy_grower_sums(sy_grower *grower, int held, const float **sums, sy_error *error) {
  (void)grower, (void)held, (void)sums;
  return fail_without(error);
}

sy_status sy_grower_round(sy_grower *grower, float *gradients, float *hessians, size_t n,
                          sy_error *error) {
  (void)grower, (void)gradients, (void)hessians, (void)n;
  return fail_without(error);
}

sy_status sy_grower_trees(sy_grower *grower, sy_predictor **trees, sy_error *error) {
  (void)grower, (void)trees;
  return fail_without(error);
}

void sy_grower_clear(sy_grower *grower) {
  *grower = (sy_grower){0};
}

#endif
