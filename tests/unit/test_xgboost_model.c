/* test_xgboost_model.c: models that XGBoost saves are read as it reads them itself. */
#ifdef LINKS_XGBOOST

#include "xgboost_calls.h"

/* Compares logits with XGBoost's margins of the rows trained on. */
static void check_logits(const trained *made, const sy_xgboost_model *model) {
  const float *margins;
  bst_ulong n;
  sy_error error;
  size_t n_classes = model->n_classes;
  double *logits = malloc(sizeof *logits * TRAINED_ROWS * n_classes);
  assert_non_null(logits);
  assert_int_equal(XGBoosterPredict(made->booster, made->data, 1, 0, 0, &n, &margins), 0);
  sy_matrix rows = {.data = made->rows,
                    .dtype = SY_F32,
                    .rows = TRAINED_ROWS,
                    .columns = TRAINED_COLUMNS,
                    .stride = TRAINED_COLUMNS};
  assert_int_equal(sy_predictor_logits(model->predictor, rows, logits, &error), SY_OK);
  size_t width = n / TRAINED_ROWS;
  for (size_t i = 0; i < TRAINED_ROWS; i++)
    for (size_t o = 0; o < width; o++) {
      double margin = margins[i * width + o], logit = logits[i * n_classes + o + (width == 1)];
      assert_true(fabs(margin - logit) <= 1e-6 * fmax(1, fabs(margin)));
      if (width == 1) assert_true(logits[i * n_classes] == 0);
    }
  free(logits);
}

static void check_model(int n_classes, const char *const *parameters) {
  const char *const formats[] = {"json", "ubj"};
  trained made = train(n_classes, 8, parameters);
  for (int f = 0; f < 2; f++) {
    size_t size;
    char *bytes = saved(&made, formats[f], &size);
    sy_xgboost_model model;
    sy_error error = {0};
    if (sy_xgboost_model_read(bytes, size, "model", &model, &error) != SY_OK)
      fail_msg("%s", error.text);
    assert_int_equal(model.n_classes, n_classes);
    assert_int_equal(model.n_features, TRAINED_COLUMNS);
    assert_null(model.features);
    check_logits(&made, &model);
    sy_xgboost_model_clear(&model);
    free(bytes);
  }
  free_trained(&made);
}

static void test_two_classes(void **state) {
  (void)state;
  check_model(2, (const char *const[]){"objective", "binary:logistic", NULL});
  check_model(2, (const char *const[]){"objective", "binary:logistic", "base_score", "0.1", NULL});
  check_model(2, (const char *const[]){"objective", "binary:logitraw", "base_score", "0.9", NULL});
  check_model(2, (const char *const[]){"objective", "multi:softprob", "num_class", "2", NULL});
}

static void test_many_classes(void **state) {
  (void)state;
  check_model(5, (const char *const[]){"objective", "multi:softprob", "num_class", "5", NULL});
  check_model(5, (const char *const[]){"objective", "multi:softmax", "num_class", "5", "base_score",
                                       "-2", NULL});
}

/* Forests, pruned trees whose places are used again, trees grown leaf by leaf. */
static void test_shapes(void **state) {
  (void)state;
  check_model(2, (const char *const[]){"objective", "binary:logistic", "num_parallel_tree", "3",
                                       "subsample", "0.5", NULL});
  check_model(2, (const char *const[]){"objective", "binary:logistic", "gamma", "1", "tree_method",
                                       "exact", "max_depth", "6", NULL});
  check_model(3, (const char *const[]){"objective", "multi:softprob", "num_class", "3",
                                       "tree_method", "hist", "grow_policy", "lossguide",
                                       "max_leaves", "20", "max_depth", "0", NULL});
}

static void test_names(void **state) {
  (void)state;
  const char *names[] = {"a", "b b", "\xc3\xa4", "d\"", "e"};
  trained made = train(2, 2, (const char *const[]){"objective", "binary:logistic", NULL});
  assert_int_equal(XGBoosterSetStrFeatureInfo(made.booster, "feature_name", names, 5), 0);
  for (int f = 0; f < 2; f++) {
    size_t size;
    char *bytes = saved(&made, f ? "ubj" : "json", &size);
    sy_xgboost_model model;
    sy_error error;
    assert_int_equal(sy_xgboost_model_read(bytes, size, "model", &model, &error), SY_OK);
    for (int j = 0; j < 5; j++) assert_string_equal(model.features[j], names[j]);
    assert_string_equal(model.objective, "binary:logistic");
    assert_true(model.version[0] >= 1);
    sy_xgboost_model_clear(&model);
    free(bytes);
  }
  free_trained(&made);
}

static void check_refused(const char *const *parameters, const char *says) {
  trained made = train(2, 2, parameters);
  for (int f = 0; f < 2; f++) {
    size_t size;
    char *bytes = saved(&made, f ? "ubj" : "json", &size);
    sy_xgboost_model model;
    sy_error error;
    assert_int_equal(sy_xgboost_model_read(bytes, size, "model", &model, &error), SY_INVALID_MODEL);
    if (!strstr(error.text, says)) fail_msg("%s", error.text);
    free(bytes);
  }
  free_trained(&made);
}

static void test_refused(void **state) {
  (void)state;
  check_refused((const char *const[]){"booster", "dart", "objective", "binary:logistic", NULL},
                "model: trees of booster dart have weights");
  check_refused((const char *const[]){"booster", "gblinear", "objective", "binary:logistic", NULL},
                "model: booster gblinear has no trees");
  check_refused((const char *const[]){"objective", "reg:squarederror", NULL},
                "model: objective \"reg:squarederror\" gives no probabilities");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_two_classes), cmocka_unit_test(test_many_classes),
      cmocka_unit_test(test_shapes),      cmocka_unit_test(test_names),
      cmocka_unit_test(test_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

#include <stdio.h>

int main(void) {
  puts("skipped: XGBoost is not installed");
  return 0;
}

#endif
