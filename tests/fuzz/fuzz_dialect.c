/* fuzz_dialect.c: class weights as other systems write them. The input is how many classes, a line
 * for the name of each, and the text. */
#include "fuzz.h"

#include "labels/name.h"
#include <math.h>
#include <steelyard/dialect.h>
#include <string.h>

enum { MOST_CLASSES = 5 };

/* Weights of the classes by a policy; false where it has none for them. */
static bool weigh(const sy_policy *policy, const sy_dictionary *classes, double *weights) {
  const double counts[MOST_CLASSES] = {1, 2, 3, 50, 1000};
  const char *const *names = (const char *const *)classes->values;
  return sy_class_weights(policy, SY_NORMALIZE_NONE, names, counts, classes->n, weights, NULL) ==
         SY_OK;
}

/* Whether ids could be meant as names of these classes. */
static bool has_number(const sy_dictionary *classes) {
  for (size_t k = 0; k < classes->n; k++)
    if (sy_name_is_number(classes->values[k])) return true;
  return false;
}

/* What is written is read, and gives the classes the same weights where ids and names cannot be
 * confused. */
static void check_written(const char *dialect, const sy_dictionary *classes,
                          const double *weights) {
  char *text = NULL;
  sy_policy *policy = NULL;
  sy_error error = {SY_OK, ""};
  double again[MOST_CLASSES], first = 1;
  if (sy_dialect_write(dialect, (const char *const *)classes->values, weights, classes->n, &text,
                       &error) != SY_OK) {
    FUZZ_REQUIRE(error.text[0] && !text);
    return;
  }
  FUZZ_REQUIRE_TEXT(text[strlen(text) - 1] == '\n', text);
  FUZZ_REQUIRE_TEXT(sy_dialect_read(text, &policy, NULL, &error) == SY_OK && policy, text);
  if (classes->n == 2 && strcmp(dialect, "xgboost") == 0) first = weights[0];
  bool by_id = strcmp(dialect, "keras") == 0 || (strcmp(dialect, "xgboost") == 0 && classes->n > 2);
  if (!(by_id && has_number(classes)) && weigh(policy, classes, again))
    for (size_t k = 0; k < classes->n; k++) FUZZ_REQUIRE_TEXT(again[k] == weights[k] / first, text);
  sy_policy_free(policy);
  free(text);
}

/* A policy that was read has a text that reads as the same. */
static void check_policy(const sy_policy *policy, const sy_dictionary *classes) {
  sy_policy *again = NULL;
  sy_error error = {SY_OK, ""};
  double weights[MOST_CLASSES];
  const char *text = sy_policy_text(policy);
  FUZZ_REQUIRE_TEXT(sy_policy_parse(text, &again, &error) == SY_OK, text);
  FUZZ_REQUIRE_TEXT(strcmp(sy_policy_text(again), text) == 0, text);
  sy_policy_free(again);
  if (classes->n == 0 || !weigh(policy, classes, weights)) return;
  for (size_t k = 0; k < classes->n; k++) FUZZ_REQUIRE(weights[k] >= 0 && isfinite(weights[k]));
  for (size_t i = 0; sy_dialect_name(i); i++) check_written(sy_dialect_name(i), classes, weights);
}

static void check_cost(const char *text, size_t n, const uint8_t *data, size_t size) {
  double cost[MOST_CLASSES * MOST_CLASSES];
  sy_error error;
  fuzz_soil(cost, sizeof cost);
  fuzz_soil(&error, sizeof error);
  sy_status status = sy_dialect_read_cost(text, n, cost, &error);
  for (size_t i = 0; i < n * n && status == SY_OK; i++) FUZZ_REQUIRE(isfinite(cost[i]));
  FUZZ_REQUIRE(status == SY_OK || status == SY_INVALID_COST);
  if (status != SY_OK) fuzz_check_error(status, &error, data, size);
}

/* The names as classes; none where they cannot all be classes. */
static void read_classes(fuzz_input *input, unsigned n, sy_dictionary *classes) {
  char *lines[MOST_CLASSES];
  for (unsigned k = 0; k < n; k++) lines[k] = fuzz_line(input);
  if (sy_names_declare((const char *const *)lines, n, classes, NULL) != SY_OK)
    sy_dictionary_clear(classes);
  for (unsigned k = 0; k < n; k++) free(lines[k]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = {data, data + size};
  unsigned n = 2 + fuzz_byte(&input) % (MOST_CLASSES - 1);
  data = input.at; /* the texts alone may be UTF-8 */
  size = (size_t)(input.end - input.at);
  sy_dictionary classes = {0};
  read_classes(&input, n, &classes);
  char *text = fuzz_rest(&input);
  sy_policy *policy = NULL;
  const char *dialect = NULL;
  sy_error error;
  fuzz_soil(&error, sizeof error);
  sy_status status = sy_dialect_read(text, &policy, &dialect, &error);
  FUZZ_REQUIRE((policy != NULL) == (dialect != NULL));
  if (status != SY_OK) {
    FUZZ_REQUIRE(!policy);
    fuzz_check_error(status, &error, data, size);
  } else if (policy) {
    check_policy(policy, &classes);
  }
  sy_policy_free(policy);
  check_cost(text, n, data, size);
  free(text);
  sy_dictionary_clear(&classes);
  return 0;
}
