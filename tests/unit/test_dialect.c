/* test_dialect.c: class weights of other systems: what is written is read back as the same weights,
 * what people paste is understood, what is wrong is refused and named, what is no dialect is left
 * alone. That the systems themselves take what is written is held by make check-peers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/memory.h"

#include <steelyard/dialect.h>

enum { MOST_WRITTEN = 60 };

/* Weights that a text gives to these classes. */
static void read_weights(const char *text, const char *const *classes, size_t n, double *weights) {
  double counts[MOST_WRITTEN];
  sy_policy *policy;
  sy_error error = {SY_OK, ""};
  for (size_t k = 0; k < n; k++) counts[k] = (double)(1 + k);
  if (sy_dialect_read(text, &policy, NULL, &error) != SY_OK) fail_msg("%s: %s", text, error.text);
  assert_non_null(policy);
  if (sy_class_weights(policy, SY_NORMALIZE_NONE, classes, counts, n, weights, &error) != SY_OK)
    fail_msg("%s: %s", text, error.text);
  sy_policy_free(policy);
}

static void check_written(const char *dialect, const char *const *classes, const double *weights,
                          size_t n, const char *wanted) {
  char *text;
  sy_error error = {SY_OK, ""};
  if (sy_dialect_write(dialect, classes, weights, n, &text, &error) != SY_OK)
    fail_msg("%s: %s", dialect, error.text);
  assert_string_equal(text, wanted);
  free(text);
}

/* --- writing --- */

static const char *const damage[] = {"None", "damage"};
static const double one_five[] = {1, 5};

static void two_classes_are_written(void **state) {
  (void)state;
  check_written("keras", damage, one_five, 2,
                "# y holds class ids: 0 = 'None', 1 = 'damage'\nclass_weight={0: 1.0, 1: 5.0}\n");
  check_written("sklearn", damage, one_five, 2,
                "# keys are labels as y holds them; in order: 0 = 'None', 1 = 'damage'\n"
                "class_weight={'None': 1.0, 'damage': 5.0}\n");
  check_written("pytorch", damage, one_five, 2,
                "# class ids: 0 = 'None', 1 = 'damage'\n"
                "# for torch.nn.CrossEntropyLoss(weight=weight);\n"
                "# or, with one output, BCEWithLogitsLoss(pos_weight=torch.tensor([5.0]))\n"
                "weight=torch.tensor([1.0, 5.0])\n");
  check_written("tensorflow", damage, one_five, 2,
                "# class ids: 0 = 'None', 1 = 'damage'\n"
                "# sample_weight=tf.gather(class_weight, labels), labels being these ids;\n"
                "# or tf.nn.weighted_cross_entropy_with_logits(..., pos_weight=5.0)\n"
                "class_weight=tf.constant([1.0, 5.0])\n");
  check_written("xgboost", damage, (const double[]){2, 5}, 2,
                "# y holds class ids: 0 = 'None', 1 = 'damage'\nscale_pos_weight=2.5\n");
  check_written("lightgbm", damage, one_five, 2,
                "# keys are labels as y holds them; in order: 0 = 'None', 1 = 'damage'\n"
                "# as a parameter of lightgbm.train, labels 0 and 1: scale_pos_weight=5.0\n"
                "class_weight={'None': 1.0, 'damage': 5.0}\n");
  check_written("vw", damage, one_five, 2,
                "# labels of --oaa and its like: 1 = 'None', 2 = 'damage'\n"
                "# of --binary or --loss_function logistic, labels -1 and 1: --classweight "
                "-1:1,1:5\n--classweight 1:1,2:5\n");
  check_written("bigquery", damage, one_five, 2,
                "-- labels are STRING; in order: 0 = 'None', 1 = 'damage'\n"
                "CLASS_WEIGHTS=[STRUCT('None', 1.0),\n  STRUCT('damage', 5.0)]\n");
  check_written("weka", damage, one_five, 2,
                "% actual class of each row: 0 = 'None', 1 = 'damage'\n2 2\n0 1\n5 0\n");
}

static void integer_labels_are_no_strings(void **state) {
  (void)state;
  static const char *const signs[] = {"-1", "1"};
  static const char *const halves[] = {"0", "0.5", "1"};
  static const char *const mixed[] = {"1", "007"};
  const double weights[] = {0.1, 3, 1e-7};
  check_written("sklearn", signs, weights, 2,
                "# keys are labels as y holds them; in order: 0 = '-1', 1 = '1'\n"
                "class_weight={-1: 0.1, 1: 3.0}\n");
  check_written("sklearn", halves, weights, 3,
                "# keys are labels as y holds them; in order: 0 = '0', 1 = '0.5', 2 = '1'\n"
                "class_weight={0: 0.1, '0.5': 3.0, 1: 1e-07}\n");
  check_written("lightgbm", halves, weights, 3,
                "# keys are labels as y holds them; in order: 0 = '0', 1 = '0.5', 2 = '1'\n"
                "class_weight={'0': 0.1, '0.5': 3.0, '1': 1e-07}\n");
  check_written("sklearn", mixed, weights, 2,
                "# keys are labels as y holds them; in order: 0 = '1', 1 = '007'\n"
                "class_weight={1: 0.1, '007': 3.0}\n");
  check_written("liblinear", signs, weights, 2,
                "# labels are the class names; in order: 0 = '-1', 1 = '1'\n-w-1 0.1 -w1 3\n");
}

static void xgboost_weighs_rows_of_three_classes(void **state) {
  (void)state;
  static const char *const three[] = {"a", "b", "c"};
  check_written("xgboost", three, (const double[]){1, 2, 5}, 3,
                "# y holds class ids: 0 = 'a', 1 = 'b', 2 = 'c'\n"
                "# of more than two classes XGBoost ignores scale_pos_weight: give fit(), or\n"
                "# DMatrix(weight=), the weights of rows\n"
                "class_weight={0: 1.0, 1: 2.0, 2: 5.0}\n"
                "sample_weight=[class_weight[label] for label in y]\n");
}

/* Names that would end a string, a comment or a line, and weights of all lengths. */
static void what_is_written_is_read_back(void **state) {
  (void)state;
  static const char *const nasty[] = {"it's",      "\"a\"", "back\\slash",
                                      "# --\n% 2", "Köln",  "{0: 1}"};
  const double weights[] = {0.1, 1.0 / 3,  4.9406564584124654e-99, 1.7976931348623157e99,
                            0,   123456789};
  for (size_t i = 0; sy_dialect_name(i); i++) {
    char *text;
    double back[COUNT(weights)];
    sy_error error = {SY_OK, ""};
    if (strcmp(sy_dialect_name(i), "liblinear") == 0) continue; /* its labels are integers */
    assert_int_equal(
        sy_dialect_write(sy_dialect_name(i), nasty, weights, COUNT(weights), &text, &error), SY_OK);
    read_weights(text, nasty, COUNT(weights), back);
    for (size_t k = 0; k < COUNT(weights); k++)
      if (back[k] != weights[k]) fail_msg("class %zu of %s", k, text);
    free(text);
  }
}

static void many_classes_go_on_in_more_lines(void **state) {
  (void)state;
  char names[MOST_WRITTEN][8];
  const char *classes[MOST_WRITTEN];
  double weights[MOST_WRITTEN], back[MOST_WRITTEN];
  for (int k = 0; k < MOST_WRITTEN; k++) {
    memcpy(names[k], "class Q", 8);
    names[k][6] = (char)('A' + k);
    if (names[k][6] == '\\') names[k][6] = '0'; /* an escape is longer than its letter */
    classes[k] = names[k];
    weights[k] = k / 7.0;
  }
  static const char *const wrapped[] = {"keras", "sklearn", "pytorch", "tensorflow", "xgboost"};
  for (size_t i = 0; i < COUNT(wrapped); i++) {
    char *text;
    assert_int_equal(sy_dialect_write(wrapped[i], classes, weights, MOST_WRITTEN, &text, NULL),
                     SY_OK);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
      assert_true(strcspn(line, "\n") <= 100);
    read_weights(text, classes, MOST_WRITTEN, back);
    assert_memory_equal(back, weights, sizeof weights);
    free(text);
  }
}

static void check_not_written(const char *dialect, const char *const *classes,
                              const double *weights, size_t n, sy_status wanted,
                              const char *message) {
  char *text = "";
  sy_error error = {SY_OK, ""};
  assert_int_equal(sy_dialect_write(dialect, classes, weights, n, &text, &error), wanted);
  assert_null(text);
  assert_string_equal(error.text, message);
}

static void what_a_system_cannot_say_is_refused(void **state) {
  (void)state;
  const char *many[51];
  double weights[51];
  for (size_t k = 0; k < 51; k++) many[k] = "a", weights[k] = 1;
  check_not_written("liblinear", damage, one_five, 2, SY_INVALID_ARGUMENT,
                    "LIBLINEAR's labels are integers, but there is a class 'None'; train it on "
                    "class ids and give the classes their ids as names");
  check_not_written("xgboost", damage, (const double[]){0, 5}, 2, SY_INVALID_ARGUMENT,
                    "scale_pos_weight is the weight of the second class over that of the first, "
                    "but 'None' weighs 0; leave its rows out, or give each row its weight");
  check_not_written("xgboost", damage, one_five, 1, SY_INVALID_ARGUMENT,
                    "XGBoost weighs classes against each other: two or more are needed");
  check_not_written("weka", damage, one_five, 1, SY_INVALID_ARGUMENT,
                    "a cost matrix needs mistakes: two or more classes");
  check_not_written("bigquery", many, weights, 51, SY_INVALID_ARGUMENT,
                    "BigQuery ML takes 50 classes at most, not 51; put the rare ones together");
  check_not_written("keras", damage, (const double[]){1, -5}, 2, SY_INVALID_WEIGHT,
                    "the weight -5 of class 'damage' is not usable; it must be 0 or more and "
                    "finite");
  check_not_written("keras", damage, one_five, 0, SY_INVALID_ARGUMENT,
                    "no class weights are given");
  check_not_written("kears", damage, one_five, 2, SY_INVALID_ARGUMENT,
                    "class weights cannot be written for 'kears'; did you mean 'keras'? there are "
                    "keras, sklearn, pytorch, tensorflow, xgboost, lightgbm, liblinear, vw, "
                    "bigquery, weka");
}

static void dialects_are_listed(void **state) {
  (void)state;
  size_t n = 0;
  for (; sy_dialect_name(n); n++) assert_non_null(sy_dialect_form(n));
  assert_int_equal(n, 10);
  assert_null(sy_dialect_form(n));
}

/* --- reading --- */

static void check_read(const char *text, const char *dialect, const char *policy_text) {
  sy_policy *policy;
  const char *read_as;
  sy_error error = {SY_OK, ""};
  if (sy_dialect_read(text, &policy, &read_as, &error) != SY_OK)
    fail_msg("%s: %s", text, error.text);
  if (!policy) fail_msg("%s is not read", text);
  assert_string_equal(sy_policy_text(policy), policy_text);
  assert_string_equal(read_as, dialect);
  sy_policy_free(policy);
}

static void maps_are_read(void **state) {
  (void)state;
  check_read("{0: 1.0, 1: 5.0}", "keras", "0=1,1=5");
  check_read(" class_weight = {0: 1., 1: 1_000.5e-1,}  # rare", "keras", "0=1,1=100.05");
  check_read("model.fit(x, y, epochs=3, class_weight={0: 1, 1: +50})", "keras", "0=1,1=50");
  check_read("{'a': 1, 'b': 2}", "sklearn", "a=1,b=2");
  check_read("{\"a\": 1, \"b\": 2}", "sklearn", "a=1,b=2");
  check_read("{-1: 1, 1: 2}", "sklearn", "-1=1,1=2");
  check_read("{1e3: 5, -0.50: 2}", "sklearn", "1000=5,-0.5=2");
  check_read("{True: 5, False: 1}", "sklearn", "True=5,False=1");
  check_read("{None: 1, damage: 5}", "sklearn", "None=1,damage=5");
  check_read("{np.int64(0): np.float64(0.5), np.str_('b'): 2}", "sklearn", "0=0.5,b=2");
  check_read("{'\\u00e9\\n': 1, \"\\ud83d\\ude00\": 2, r'\\d': 3, '\\x41': 4}", "sklearn",
             "\xc3\xa9=1,\xf0\x9f\x98\x80=2,\\d=3,A=4");
  check_read("{'class_weight': {'a': 1, 'b': 2}, 'max_depth': 3}", "sklearn", "a=1,b=2");
  check_read("LogisticRegression(C=1.0, class_weight={'a': 1, 'b': 2}).fit(X[:9], y)", "sklearn",
             "a=1,b=2");
  check_read("import numpy as np\nfrom a import b\nweights = {'a': 1, 'b': 2}", "sklearn",
             "a=1,b=2");
}

static void presets_are_read(void **state) {
  (void)state;
  check_read("class_weight='balanced'", "sklearn", "balanced");
  check_read("class_weight=balanced", "sklearn", "balanced");
  check_read("class_weight=None", "sklearn", "none");
  check_read("SVC(class_weight=\"balanced\")", "sklearn", "balanced");
  check_read("compute_class_weight('balanced', classes=np.unique(y), y=y)", "sklearn", "balanced");
  check_read("cw = dict(zip(c, compute_class_weight(class_weight='balanced', classes=c, y=y)))",
             "sklearn", "balanced");
  check_read("is_unbalance=true", "lightgbm", "max-ratio");
  check_read("{'objective': 'binary', 'is_unbalance': True}", "lightgbm", "max-ratio");
  check_read("is_unbalance = false", "lightgbm", "none");
  check_read("AUTO_CLASS_WEIGHTS = TRUE", "bigquery", "balanced");
  check_read("OPTIONS(MODEL_TYPE='LOGISTIC_REG', auto_class_weights=true)", "bigquery", "balanced");
}

static void lists_are_read(void **state) {
  (void)state;
  check_read("[1.0, 5.0]", "pytorch", "[1,5]");
  check_read("np.array([1, 5], dtype=float)", "pytorch", "[1,5]");
  check_read("torch.nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0]).to(device))", "pytorch",
             "[1,5]");
  check_read("nn.BCEWithLogitsLoss(pos_weight=torch.tensor([9.]))", "pytorch", "[1,9]");
  check_read("tf.constant([1.0, 5.0], dtype=tf.float32)", "tensorflow", "[1,5]");
  check_read("CLASS_WEIGHTS = [('a', 1.0), ('b', 5)]", "bigquery", "a=1,b=5");
  check_read("class_weights=[STRUCT('it''s', 1.0), STRUCT(\"b\", 5)] -- rare", "bigquery",
             "it's=1,b=5");
}

static void ratios_and_options_are_read(void **state) {
  (void)state;
  check_read("scale_pos_weight=9", "xgboost", "[1,9]");
  check_read("{\"scale_pos_weight\": 9, \"eta\": 0.1}", "xgboost", "[1,9]");
  check_read("is_unbalance=false, scale_pos_weight=9", "xgboost", "[1,9]");
  check_read("scale_pos_weight=9, eta=0.1, MAX_DEPTH=3, objective='x'", "xgboost", "[1,9]");
  check_read("SVC(C=2, class_weight=dict(no=1, yes=5))", "sklearn", "no=1,yes=5");
  check_read("-w1 5 -w-1 1", "liblinear", "1=5,-1=1,default=1");
  check_read("train -s 0 -c 10 -w+1 5 data", "liblinear", "1=5,default=1");
  check_read("--classweight 1:1,2:5", "vw", "[1,5]");
  check_read("vw --oaa 3 --classweight=3:7 --classweight 1:5 data", "vw", "[5,1,7]");
  check_read("--classweight 1:9,-1:2", "vw", "[2,9]");
  check_read("--classweight 0:2,1:9", "vw", "[2,9]");
  check_read("% rows columns\n2 2\r\n\n0 1 % of None\n5 0", "weka", "[1,5]");
}

static void other_texts_are_left_alone(void **state) {
  (void)state;
  static const char *const texts[] = {"",
                                      "balanced",
                                      "none",
                                      "None=1,damage=5",
                                      "log:0.15",
                                      "[PAD]=0,[UNK]=1",
                                      "{a}=1,b=2",
                                      "C#=1,F#=2",
                                      "\"a, b\"=2",
                                      "'a b'=1",
                                      "damage (big)=5",
                                      "from 1 to 2=5",
                                      "default=1",
                                      "-1=1,1=5",
                                      "-w1=5",
                                      "weight=2,height=3",
                                      "torch.zeros(3)",
                                      "\"class_weight\"=2",
                                      "2=3"};
  for (size_t i = 0; i < COUNT(texts); i++) {
    sy_policy *policy = (sy_policy *)(uintptr_t)1;
    const char *dialect = "";
    assert_int_equal(sy_dialect_read(texts[i], &policy, &dialect, NULL), SY_OK);
    if (policy) fail_msg("%s is taken", texts[i]);
    assert_null(dialect);
  }
}

/* --- refusing --- */

static void check_refused(const char *text, const char *message) {
  sy_policy *policy;
  sy_error error = {SY_OK, ""};
  sy_status status = sy_dialect_read(text, &policy, NULL, &error);
  if (status == SY_OK) fail_msg("%s is read", text);
  assert_int_equal(error.status, status);
  assert_null(policy);
  assert_string_equal(error.text, message);
}

static void weights_out_of_range_are_refused(void **state) {
  (void)state;
  check_refused("{'a': -2}",
                "the weight -2 of class 'a' is not usable; it must be 0 or more and finite");
  check_refused("{'a': nan}",
                "the weight nan of class 'a' is not usable; it must be 0 or more and finite");
  check_refused("{'a': float('inf')}", "the weight float('inf') of class 'a' is not usable; it "
                                       "must be 0 or more and finite");
  check_refused("{'a': 1e999}",
                "the weight 1e999 of class 'a' is not usable; it must be 0 or more and finite");
  check_refused("[1, -np.inf]", "the weight -np.inf of class number 1 of the list is no number");
  check_refused("unbalance=true, 1=2",
                "'1=2' beside unbalance is no parameter that is known; leave "
                "it out, or if both are classes, put \"unbalance\" in quotes");
  check_refused("scale_pos_weight=-9", "the weight -9 of the second class is not usable; it must "
                                       "be 0 or more and finite");
  check_refused("-w1 nan",
                "the weight nan of class '1' is not usable; it must be 0 or more and finite");
  check_refused("-w1", "-w1 '': the weight of label 1 is no number");
  check_refused("{'a': '5'}", "the weight '5' of class 'a' is no number");
  check_refused("{'a': [1]}", "the weight [1] of class 'a' is no number");
  check_refused("{'a': 50/3}",
                "class weights: '50' is computed with; give the number that comes out");
  check_refused("--classweight 1:x", "--classweight '1:x': the weight is no number");
}

static void broken_texts_are_refused(void **state) {
  (void)state;
  char deep[101];
  memset(deep, '[', 100);
  deep[100] = 0;
  check_refused("{1: 2", "class weights end where ',' or '}' is missing");
  check_refused("{1: 2]", "class weights: ']' stands where ',' or '}' is expected");
  check_refused("{'a: 2}", "class weights: the quote of 'a: 2} is not closed");
  check_refused(deep, "class weights: brackets are nested more than 40 deep");
  check_refused("{'a\\x00b': 1}", "class weights: 'a\\x00b' holds an escape that is no character");
  check_refused("{'\\ud800': 1}", "class weights: '\\ud800' holds an escape that is no character");
  check_refused("{1: 2, 1.0: 3}", "the weight of class '1.0' is given twice");
  check_refused("{}", "no class weights are given");
  check_refused("[]", "no class weights are given");
  check_refused("{0x10: 1}", "class weights: '0x10' stands where a number is expected");
  check_refused("{1 2}", "class weights: '2' stands where ':' and a weight is expected");
  check_refused("{(1, 2): 5}",
                "class weights: (1, 2) names no class; a text or a number would be right");
  check_refused("{0: 1} {1: 5}", "class weights are given twice: 0=1 and 1=5; keep one of them");
}

static void options_without_weights_are_refused(void **state) {
  (void)state;
  check_refused("class_weight=weights",
                "class_weight=weights says no class weights; {class: weight, ..}, a list by "
                "position or 'balanced' would be right");
  check_refused("class_weight='balanced_subsample'",
                "class_weight='balanced_subsample' is no class weights here; 'balanced' or "
                "{class: weight, ..} would be right");
  check_refused("weights={k: 1 for k in classes}",
                "there are no class weights in 'weights={k: 1 for k in classes}'");
  check_refused("[1.0, 5.0].log()", "there are no class weights in '[1.0, 5.0].log()'");
  check_refused("pos_weight=torch.tensor([1.,2.])",
                "pos_weight=torch.tensor([1.,2.]) is not one number: it weighs the second of two "
                "classes; for several labels a row give the list alone, [1, 2]");
  check_refused("is_unbalance=maybe", "is_unbalance=maybe: true or false would be right");
  check_refused("CLASS_WEIGHTS=[('a', 1, 2)]", "class weights: ('a', 1, 2) is no pair of a class "
                                               "and its weight, as ('a', 1.0)");
  check_refused("--classweight a:1",
                "--classweight 'a:1': LABEL:WEIGHT with an integer label would be right");
  check_refused("--classweight 1:1,1:2", "--classweight '1:2': the label has a weight already");
  check_refused("--classweight 999999999:1",
                "--classweight '999999999:1': labels go from 1 to the number of classes");
  check_refused("--classweight -1:1,2:2",
                "--classweight: beside label -1 there is only 1; more classes count from 1");
  check_refused("3 3\n0 1 2\n1 0 1\n1 1 0", "row 1 of the cost matrix is more than a class weight: "
                                            "its mistakes cost differently; give it as a cost "
                                            "matrix");
  check_refused("99999999 99999999\n1",
                "a cost matrix of 99999999 x 99999999: so many rows of so many costs, two or more, "
                "would be right");
}

/* --- cost files --- */

static void check_cost_refused(const char *text, const char *message) {
  double cost[4];
  sy_error error = {SY_OK, ""};
  assert_int_equal(sy_dialect_read_cost(text, 2, cost, &error), SY_INVALID_COST);
  assert_string_equal(error.text, message);
}

static void cost_files_are_read(void **state) {
  (void)state;
  double cost[9];
  sy_error error;
  const char *matrix = "% Rows\tColumns\n3\t3\n% Matrix elements\n0.0 1 2\n-1.5 0 1e-3\n\n7 8 9\n";
  assert_int_equal(sy_dialect_read_cost(matrix, 3, cost, &error), SY_OK);
  assert_memory_equal(cost, ((const double[]){0, 1, 2, -1.5, 0, 1e-3, 7, 8, 9}), sizeof cost);
  const char *older = "% actual predicted cost\r\n0 1 5\r\n2 0 0.5 % dear\r\n";
  assert_int_equal(sy_dialect_read_cost(older, 3, cost, &error), SY_OK);
  assert_memory_equal(cost, ((const double[]){0, 5, 1, 1, 0, 1, 0.5, 1, 0}), sizeof cost);
}

static void broken_cost_files_are_refused(void **state) {
  (void)state;
  check_cost_refused("", "there are no costs in the text");
  check_cost_refused("% nothing\n", "there are no costs in the text");
  check_cost_refused("3 3\n", "costs, line 1: a matrix of 3 rows and 3 columns for 2 classes");
  check_cost_refused("2 2\n0 1\n", "costs, line 2: there are 1 rows for 2 classes");
  check_cost_refused("2 2\n0 1\n1 0\n1 1", "costs, line 4: there are more than 2 rows");
  check_cost_refused("2 2\n0 1 2\n", "costs, line 2: there are 3 costs for 2 classes");
  check_cost_refused("2 2\n0 a1*2\n", "costs, line 2: 'a1*2' is no finite number; expressions "
                                      "over columns are not taken");
  check_cost_refused("2 2\n0 nan\n", "costs, line 2: 'nan' is no finite number; expressions over "
                                     "columns are not taken");
  check_cost_refused("\n0 2 5\n", "costs, line 2: '2' is no class; they are numbered 0..1");
  check_cost_refused("0 1 5\n0 1\n",
                     "costs, line 2: the ids of two classes and a cost would be right");
  check_cost_refused("5\n", "costs, line 1: the numbers of rows and columns would be right");
}

/* --- memory --- */

static void every_allocation_may_fail(void **state) {
  (void)state;
  static const char *const texts[] = {"{'a': 1, 2: np.float64(3)}", "f(class_weight='balanced')",
                                      "torch.tensor([1, 2])",       "-w1 5 -w-1 1",
                                      "--classweight 1:5,9:2",      "2 2\n0 1\n5 0"};
  for (size_t i = 0; i < COUNT(texts); i++)
    for (size_t n = 1;; n++) {
      sy_policy *policy;
      sy_memory_fail_nth(n);
      sy_status status = sy_dialect_read(texts[i], &policy, NULL, NULL);
      bool struck = sy_memory_fail_nth(0) == 0;
      assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
      assert_true((policy == NULL) == struck);
      sy_policy_free(policy);
      if (!struck) break;
    }
  for (size_t i = 0; sy_dialect_name(i); i++)
    for (size_t n = 1;; n++) {
      static const char *const ids[] = {"0", "1"};
      char *text;
      sy_memory_fail_nth(n);
      sy_status status = sy_dialect_write(sy_dialect_name(i), ids, one_five, 2, &text, NULL);
      bool struck = sy_memory_fail_nth(0) == 0;
      assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
      free(text);
      if (!struck) break;
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_classes_are_written),
      cmocka_unit_test(integer_labels_are_no_strings),
      cmocka_unit_test(xgboost_weighs_rows_of_three_classes),
      cmocka_unit_test(what_is_written_is_read_back),
      cmocka_unit_test(many_classes_go_on_in_more_lines),
      cmocka_unit_test(what_a_system_cannot_say_is_refused),
      cmocka_unit_test(dialects_are_listed),
      cmocka_unit_test(maps_are_read),
      cmocka_unit_test(presets_are_read),
      cmocka_unit_test(lists_are_read),
      cmocka_unit_test(ratios_and_options_are_read),
      cmocka_unit_test(other_texts_are_left_alone),
      cmocka_unit_test(weights_out_of_range_are_refused),
      cmocka_unit_test(broken_texts_are_refused),
      cmocka_unit_test(options_without_weights_are_refused),
      cmocka_unit_test(cost_files_are_read),
      cmocka_unit_test(broken_cost_files_are_refused),
      cmocka_unit_test(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
