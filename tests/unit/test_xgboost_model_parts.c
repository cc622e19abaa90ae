/* test_xgboost_model_parts.c: what XGBoost's files of other versions hold, and files that are none:
 * small models written by hand, changed part by part, cut short and damaged, as JSON and as UBJ. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <steelyard/fit.h>

#include "base/memory.h"

/* --- files --- */

typedef struct bytes {
  unsigned char *data;
  size_t size;
} bytes;

static void put(bytes *to, const void *more, size_t size) {
  to->data = realloc(to->data, to->size + size);
  assert_non_null(to->data);
  if (size) memcpy(to->data + to->size, more, size);
  to->size += size;
}

static void put_number(bytes *to, char type, uint64_t bits, int size) {
  put(to, &type, type ? 1 : 0);
  for (int i = size - 1; i >= 0; i--) {
    unsigned char byte = (unsigned char)(bits >> 8 * i);
    put(to, &byte, 1);
  }
}

static void put_text(bytes *to, const char *text) {
  put_number(to, 'L', strlen(text), 8);
  put(to, text, strlen(text));
}

static void put_real(bytes *to, char type, double number) {
  float single = (float)number;
  uint32_t bits;
  memcpy(&bits, &single, sizeof bits);
  put_number(to, type, bits, 4);
}

/* Numbers of one type as XGBoost has them: all whole as 'l', else 'd'; anything else one by one. */
static void put_value(bytes *to, const json_t *value);

static void put_array(bytes *to, const json_t *array) {
  size_t n = json_array_size(array), i;
  json_t *entry;
  bool numbers = n > 0, whole = true;
  json_array_foreach((json_t *)array, i, entry) {
    numbers = numbers && json_is_number(entry);
    whole = whole && json_is_integer(entry);
  }
  put(to, "[", 1);
  if (numbers) put(to, whole ? "$l" : "$d", 2);
  put(to, "#", 1);
  put_number(to, 'L', n, 8);
  json_array_foreach((json_t *)array, i, entry) {
    if (!numbers)
      put_value(to, entry);
    else if (whole)
      put_number(to, 0, (uint64_t)json_integer_value(entry), 4);
    else
      put_real(to, 0, json_number_value(entry));
  }
}

static void put_value(bytes *to, const json_t *value) {
  const char *name;
  json_t *member;
  switch (json_typeof(value)) {
  case JSON_OBJECT:
    put(to, "{", 1);
    json_object_foreach((json_t *)value, name, member) {
      put_text(to, name);
      put_value(to, member);
    }
    put(to, "}", 1);
    break;
  case JSON_ARRAY:
    put_array(to, value);
    break;
  case JSON_STRING:
    put(to, "S", 1);
    put_text(to, json_string_value(value));
    break;
  case JSON_INTEGER:
    put_number(to, 'L', (uint64_t)json_integer_value(value), 8);
    break;
  case JSON_REAL:
    put_real(to, 'd', json_real_value(value));
    break;
  case JSON_TRUE:
    put(to, "T", 1);
    break;
  case JSON_FALSE:
    put(to, "F", 1);
    break;
  case JSON_NULL:
    put(to, "Z", 1);
    break;
  }
}

/* The model as a file, in a block of exactly its size. */
static bytes file_of(const json_t *model, bool ubj) {
  bytes made = {0};
  if (ubj) {
    put_value(&made, model);
    return made;
  }
  char *text = json_dumps(model, JSON_COMPACT);
  assert_non_null(text);
  put(&made, text, strlen(text));
  free(text);
  return made;
}

static json_t *fixture(const char *name) {
  char path[512];
  snprintf(path, sizeof path, "%s/cli/fixtures/%s", STEELYARD_TESTS, name);
  json_t *model = json_load_file(path, 0, NULL);
  assert_non_null(model);
  return model;
}

/* --- parts --- */

static json_t *part(json_t *model, const char *path) {
  char names[200];
  snprintf(names, sizeof names, "%s", path);
  for (char *name = strtok(names, "/"); name; name = strtok(NULL, "/"))
    model = json_is_array(model) ? json_array_get(model, (size_t)atoi(name))
                                 : json_object_get(model, name);
  assert_non_null(model);
  return model;
}

/* Puts what JSON text says at a name of the part at a path. */
static void change(json_t *model, const char *path, const char *name, const char *text) {
  json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
  assert_non_null(value);
  assert_int_equal(json_object_set_new(path[0] ? part(model, path) : model, name, value), 0);
}

/* Reads it in both ways; what it says is to begin so after "m: ", NULL: is to be read. */
static sy_xgboost_model read_both(const json_t *model, const char *says) {
  sy_xgboost_model read = {0};
  for (int ubj = 0; ubj < 2; ubj++) {
    bytes file = file_of(model, ubj);
    sy_error error = {0};
    sy_xgboost_model_clear(&read);
    sy_status status = sy_xgboost_model_read(file.data, file.size, "m", &read, &error);
    free(file.data);
    if (!says && status != SY_OK) fail_msg("%s", error.text);
    if (!says) continue;
    assert_int_equal(status, SY_INVALID_MODEL);
    assert_null(read.predictor);
    if (!strstr(error.text, says)) fail_msg("\"%s\" lacks \"%s\"", error.text, says);
  }
  return read;
}

static void check_refused(const char *path, const char *name, const char *text, const char *says) {
  json_t *model = fixture("xgboost_two.json");
  change(model, path, name, text);
  read_both(model, says);
  json_decref(model);
}

#define TREE  "learner/gradient_booster/model/trees/0"
#define PARAM "learner/learner_model_param"

static double logit_of(const json_t *model, double age, double income) {
  sy_xgboost_model read = read_both(model, NULL);
  double row[] = {age, income}, logits[2];
  sy_matrix rows = {.data = row, .dtype = SY_F64, .rows = 1, .columns = 2, .stride = 2};
  sy_error error;
  assert_int_equal(sy_predictor_logits(read.predictor, rows, logits, &error), SY_OK);
  assert_true(logits[0] == 0);
  sy_xgboost_model_clear(&read);
  return logits[1];
}

static void test_by_hand(void **state) {
  (void)state;
  json_t *model = fixture("xgboost_two.json");
  double base = log(0.4 / 0.6);
  assert_true(fabs(logit_of(model, 30, 1000) - (base + 0.9 + 0.6)) < 1e-6);
  assert_true(fabs(logit_of(model, 35, 1999) - (base - 0.2 - 0.3)) < 1e-6);
  assert_true(fabs(logit_of(model, NAN, 2000) - (base - 1.1 - 0.3)) < 1e-6);
  assert_true(fabs(logit_of(model, 40, NAN) - (base - 0.2 + 0.6)) < 1e-6);
  change(model, TREE, "default_left", "[false, false, true, false, false]");
  assert_true(fabs(logit_of(model, 40, NAN) - (base - 0.2 + 0.6)) < 1e-6);
  json_decref(model);
}

/* Places that pruning left empty, and children that lie before their parent. */
static void test_pruned(void **state) {
  (void)state;
  json_t *model = fixture("xgboost_two.json");
  double before = logit_of(model, 40, 3000);
  change(model, TREE, "left_children", "[6, -1, -1, -1, -1, -1, -1, 3]");
  change(model, TREE, "right_children", "[7, -1, -1, -1, -1, -1, -1, 1]");
  change(model, TREE, "split_indices", "[0, 0, 99, 0, 0, 0, 0, 1]");
  change(model, TREE, "split_conditions", "[35, -1.1, 8, -0.2, 0, 0, 0.9, 2000]");
  change(model, TREE, "split_type", "[0, 0, 0, 0, 0, 0, 0, 0]");
  change(model, TREE, "default_left", "[0, 0, 0, 0, 0, 0, 0, 1]");
  assert_true(logit_of(model, 40, 3000) == before);
  json_decref(model);
}

/* "5E-1" until XGBoost 3.1, then a list. */
static void test_base_scores(void **state) {
  (void)state;
  json_t *two = fixture("xgboost_two.json"), *three = fixture("xgboost_three.json");
  change(two, PARAM, "base_score", "\"[2E-1]\"");
  change(three, PARAM, "base_score", "\"[1E0,-2E0,5E-1]\"");
  sy_xgboost_model model = read_both(two, NULL);
  assert_true(fabs(sy_predictor_forest(model.predictor)->base[0] - log(0.25)) < 1e-7);
  sy_xgboost_model_clear(&model);
  change(two, "learner/objective", "name", "\"binary:logitraw\"");
  model = read_both(two, NULL);
  assert_true(sy_predictor_forest(model.predictor)->base[0] == 0.2);
  sy_xgboost_model_clear(&model);
  model = read_both(three, NULL);
  const double *base = sy_predictor_forest(model.predictor)->base;
  assert_true(base[0] == 1 && base[1] == -2 && base[2] == 0.5);
  sy_xgboost_model_clear(&model);
  json_decref(two);
  json_decref(three);
  check_refused(PARAM, "base_score", "\"1E0\"", "m: base_score \"1E0\" cannot be");
  check_refused(PARAM, "base_score", "\"[5E-1,5E-1]\"", "cannot be");
  check_refused(PARAM, "base_score", "\"\"", "cannot be");
  check_refused(PARAM, "base_score", "\"[nan]\"", "cannot be");
}

static void test_refused(void **state) {
  (void)state;
  check_refused("", "version", "[0, 90, 0]", "m was written by XGBoost 0.90.0; models of 1.3 to 3");
  check_refused("", "version", "[1, 2, 9]", "m was written by XGBoost 1.2.9");
  check_refused("", "version", "[4, 0, 0]", "m was written by XGBoost 4.0.0");
  check_refused("", "version", "3", "m is no model of XGBoost: it lacks");
  check_refused("", "learner", "[]", "m is no model of XGBoost: it lacks");
  check_refused("learner/gradient_booster", "name", "\"dart\"", "booster dart");
  check_refused("learner/gradient_booster", "name", "\"new\"", "booster \"new\" is not known");
  check_refused("learner/objective", "name", "\"rank:ndcg\"", "objective \"rank:ndcg\"");
  check_refused(PARAM, "num_target", "\"2\"", "m tells several targets");
  check_refused(PARAM, "num_feature", "\"0\"", "num_feature must be from 1");
  check_refused("learner", "feature_names", "[\"a\"]", "1 feature_names for 2 features");
  check_refused("learner", "feature_names", "[\"a\", 2]", "name 2 of feature_names is no text");
  check_refused("learner", "feature_types", "[\"float\", \"c\"]",
                "feature 2 (\"income\") is of cat");
  check_refused("learner/gradient_booster/model", "tree_info", "[0]", "do not match");
  check_refused("learner/gradient_booster/model", "tree_info", "[0, 1]", "tree_info does not say");
}

static void test_refused_trees(void **state) {
  (void)state;
  check_refused(TREE "/tree_param", "size_leaf_vector", "\"3\"", "leaves of tree 0 are vectors");
  check_refused(TREE, "split_type", "[0, 0, 1, 0, 0]", "tree 0 splits by categories");
  check_refused(TREE, "split_indices", "[2, 0, 1, 0, 0]", "tree 0 is damaged at node 0");
  check_refused(TREE, "split_indices", "[0, 0, -1, 0, 0]", "tree 0 is damaged at node 2");
  check_refused(TREE, "left_children", "[1, -1, 0, -1, -1]", "tree 0 is damaged at node 2");
  check_refused(TREE, "right_children", "[2, -1, 3, -1, -1]", "tree 0 is damaged at node 2");
  check_refused(TREE, "right_children", "[2, -1, 5, -1, -1]", "tree 0 is damaged at node 2");
  check_refused(TREE, "left_children", "[1, -1, 3, -1]", "tree 0 lacks a part");
  check_refused(TREE, "default_left", "[0, 0, 7, 0, 0]", "tree 0 is damaged at node 2");
  check_refused(TREE, "split_conditions", "[1e300, 0, 0, 0, 0]", "tree 0 is damaged at node 0");
  check_refused(TREE, "split_conditions", "[\"1\", 0, 0, 0, 0]", "tree 0 is damaged at node 0");
}

/* --- bytes --- */

static void check_bytes(const unsigned char *data, size_t size) {
  unsigned char *exact = malloc(size ? size : 1);
  assert_non_null(exact);
  memcpy(exact, data, size);
  sy_xgboost_model model;
  sy_error error = {0};
  sy_status status = sy_xgboost_model_read(exact, size, "m", &model, &error);
  free(exact);
  if (status == SY_OK) {
    assert_non_null(model.predictor);
  } else {
    assert_int_equal(status, SY_INVALID_MODEL);
    assert_true(error.text[0] && !strchr(error.text, '\n'));
    assert_null(model.predictor);
    assert_null(model.features);
  }
  sy_xgboost_model_clear(&model);
}

static void test_damage(void **state) {
  (void)state;
  const char *const names[] = {"xgboost_two.json", "xgboost_three.json"};
  const unsigned char masks[] = {0x01, 0x04, 0x20, 0x80, 0xff};
  for (int i = 0; i < 4; i++) {
    json_t *model = fixture(names[i / 2]);
    bytes file = file_of(model, i % 2);
    json_decref(model);
    for (size_t n = 0; n < file.size; n++) check_bytes(file.data, n);
    for (size_t n = 0; n < file.size; n++)
      for (size_t m = 0; m < sizeof masks; m++) {
        file.data[n] ^= masks[m];
        check_bytes(file.data, file.size);
        file.data[n] ^= masks[m];
      }
    put(&file, "x", 1);
    check_bytes(file.data, file.size);
    free(file.data);
  }
}

/* Lengths that no file has, types that take no bytes, and what lies too deep. */
static void test_bytes_that_lie(void **state) {
  (void)state;
  static const char huge[] = "{U\001a[$d#L\x7f\xff\xff\xff\xff\xff\xff\xff";
  static const char free_of_charge[] = "{U\001a[$Z#l\x7f\xff\xff\xff}";
  static const char negative[] = "{U\001aSi\xff}";
  static const char twice[] = "{U\001aTU\001aT}";
  static const char no_text[] = "{U\001aSU\002\xff\xfe}";
  check_bytes((const unsigned char *)huge, sizeof huge - 1);
  check_bytes((const unsigned char *)free_of_charge, sizeof free_of_charge - 1);
  check_bytes((const unsigned char *)negative, sizeof negative - 1);
  check_bytes((const unsigned char *)twice, sizeof twice - 1);
  check_bytes((const unsigned char *)no_text, sizeof no_text - 1);
  const char *const begin[] = {"{U\001a", "{\"a\": "};
  for (int i = 0; i < 2; i++) {
    bytes deep = {0};
    put(&deep, begin[i], strlen(begin[i]));
    for (int n = 0; n < 100000; n++) put(&deep, "[", 1);
    check_bytes(deep.data, deep.size);
    free(deep.data);
  }
}

/* Wherever memory ends, nothing is left. */
static void test_memory(void **state) {
  (void)state;
  json_t *two = fixture("xgboost_two.json");
  bytes file = file_of(two, true);
  json_decref(two);
  sy_status status = SY_OUT_OF_MEMORY;
  for (size_t nth = 1; status != SY_OK; nth++) {
    sy_xgboost_model model;
    sy_error error;
    sy_memory_fail_nth(nth);
    status = sy_xgboost_model_read(file.data, file.size, "m", &model, &error);
    sy_memory_fail_nth(0);
    if (status != SY_OK) {
      assert_int_equal(status, SY_OUT_OF_MEMORY);
      assert_null(model.predictor);
      assert_null(model.features);
    }
    sy_xgboost_model_clear(&model);
  }
  free(file.data);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_by_hand),        cmocka_unit_test(test_pruned),
      cmocka_unit_test(test_base_scores),    cmocka_unit_test(test_refused),
      cmocka_unit_test(test_refused_trees),  cmocka_unit_test(test_damage),
      cmocka_unit_test(test_bytes_that_lie), cmocka_unit_test(test_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
