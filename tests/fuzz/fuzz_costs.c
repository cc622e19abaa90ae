/* fuzz_costs.c: costs as typed, numbers alone and with expressions over the row. The input is how
 * many classes, a line for the name of each, and the costs. */
#include "fuzz.h"

#include "base/text.h"
#include <math.h>
#include <steelyard/decide.h>
#include <string.h>

enum { MOST_CLASSES = 5 };

static void put_quoted(sy_text *text, const char *name) {
  sy_text_put(text, "\"");
  for (; *name; name++) sy_text_put_bytes(text, *name == '"' ? "\"\"" : name, *name == '"' ? 2 : 1);
  sy_text_put(text, "\"");
}

/* Every pair written out, in quotes, reads as the same numbers. */
static void check_written(const sy_dictionary *classes, const double *cost) {
  const char *const *names = (const char *const *)classes->values;
  double again[MOST_CLASSES * MOST_CLASSES];
  char number[SY_NUMBER_SIZE];
  sy_text text = {0};
  sy_error error = {SY_OK, ""};
  size_t n = classes->n;
  for (size_t i = 0; i < n * n; i++) {
    sy_text_put(&text, i > 0 ? ", " : " ");
    put_quoted(&text, names[i / n]);
    sy_text_put(&text, " : ");
    put_quoted(&text, names[i % n]);
    sy_text_add(&text, " = %s", sy_number_format(cost[i], number));
  }
  fuzz_soil(again, sizeof again);
  FUZZ_REQUIRE_TEXT(sy_cost_parse(text.data, names, n, again, &error) == SY_OK, error.text);
  for (size_t i = 0; i < n * n; i++) FUZZ_REQUIRE(again[i] == cost[i]);
  free(text.data);
}

/* What passes the check is what its comment says, and decides. */
static void check_checked(const sy_dictionary *classes, const double *cost, const uint8_t *data,
                          size_t size) {
  const char *const *names = (const char *const *)classes->values;
  size_t n = classes->n;
  sy_messages *messages = sy_messages_new();
  sy_error error;
  fuzz_soil(&error, sizeof error);
  sy_status status = sy_cost_check(cost, names, n, messages, &error);
  if (status != SY_OK) {
    FUZZ_REQUIRE(status == SY_INVALID_COST);
    fuzz_check_error(status, &error, data, size);
  }
  for (size_t i = 0; i < n * n && status == SY_OK; i++)
    FUZZ_REQUIRE(fabs(cost[i]) <= 1e100 && cost[i] >= cost[i / n * n + i / n]);
  FUZZ_REQUIRE(sy_messages_count(messages) <= n);
  double threshold = -1;
  if (status == SY_OK && n == 2 && sy_cost_threshold(cost, 1, &threshold))
    FUZZ_REQUIRE(threshold >= 0 && threshold <= 1);
  sy_messages_free(messages);
}

/* Cells of a rule written out, in quotes, read as the same; its expressions are found without the
 * classes too. Names in quotes keep what is theirs. */
static void check_rule_written(const sy_dictionary *classes, const sy_cost_rule *rule) {
  const char *const *names = (const char *const *)classes->values;
  char number[SY_NUMBER_SIZE];
  size_t n = classes->n;
  sy_text text = {0};
  sy_cost_rule again, found;
  sy_error error = {SY_OK, ""};
  for (size_t i = 0; i < n * n; i++) {
    int32_t which = rule->n_expressions ? rule->which[i] : -1;
    sy_text_put(&text, i > 0 ? "," : "");
    put_quoted(&text, names[i / n]);
    sy_text_put(&text, ":");
    put_quoted(&text, names[i % n]);
    sy_text_add(&text, "=");
    sy_text_put(&text,
                which < 0 ? sy_number_format(rule->fixed[i], number) : rule->expressions[which]);
  }
  FUZZ_REQUIRE_TEXT(sy_cost_rule_parse(text.data, names, n, &again, &error) == SY_OK, error.text);
  FUZZ_REQUIRE(again.n_expressions == rule->n_expressions);
  for (size_t i = 0; i < n * n; i++) {
    FUZZ_REQUIRE(again.fixed[i] == rule->fixed[i]);
    if (!rule->n_expressions) continue;
    FUZZ_REQUIRE((again.which[i] < 0) == (rule->which[i] < 0));
    if (rule->which[i] >= 0)
      FUZZ_REQUIRE(strcmp(again.expressions[again.which[i]], rule->expressions[rule->which[i]]) ==
                   0);
  }
  FUZZ_REQUIRE(sy_cost_rule_scan(text.data, &found, NULL) == SY_OK);
  sy_cost_rule_clear(&found);
  sy_cost_rule_clear(&again);
  free(text.data);
}

/* What is read as numbers alone is read so as a rule, and the other way round. */
static void check_rule(const sy_dictionary *classes, const char *text, const double *cost,
                       const uint8_t *data, size_t size) {
  const char *const *names = (const char *const *)classes->values;
  sy_cost_rule rule, copy;
  sy_error error;
  fuzz_soil(&rule, sizeof rule);
  fuzz_soil(&error, sizeof error);
  sy_status status = sy_cost_rule_parse(text, names, classes->n, &rule, &error);
  FUZZ_REQUIRE(!cost || status == SY_OK);
  if (status != SY_OK) {
    FUZZ_REQUIRE(status == SY_INVALID_COST && !rule.fixed);
    fuzz_check_error(status, &error, data, size);
    return;
  }
  FUZZ_REQUIRE((rule.n_expressions == 0) == (cost != NULL));
  for (size_t i = 0; i < classes->n * classes->n; i++)
    FUZZ_REQUIRE(isfinite(rule.fixed[i]) && (!cost || cost[i] == rule.fixed[i]));
  check_rule_written(classes, &rule);
  FUZZ_REQUIRE(sy_cost_rule_copy(&rule, &copy, NULL) == SY_OK);
  sy_cost_rule_clear(&copy);
  sy_cost_rule_clear(&rule);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = {data, data + size};
  unsigned n_classes = 2 + fuzz_byte(&input) % (MOST_CLASSES - 1);
  data = input.at; /* the texts alone may be UTF-8 */
  size = (size_t)(input.end - input.at);
  sy_dictionary classes = {0};
  double cost[MOST_CLASSES * MOST_CLASSES];
  sy_error error;
  for (unsigned k = 0; k < n_classes; k++) {
    char *name = fuzz_line(&input);
    sy_dictionary_add(&classes, name, strlen(name));
    free(name);
  }
  char *text = fuzz_rest(&input);
  fuzz_soil(cost, sizeof cost);
  fuzz_soil(&error, sizeof error);
  const char *const *names = (const char *const *)classes.values;
  sy_status status = sy_cost_parse(text, names, classes.n, cost, &error);
  if (status == SY_OK) {
    for (size_t i = 0; i < classes.n * classes.n; i++) FUZZ_REQUIRE(isfinite(cost[i]));
    check_written(&classes, cost);
    check_checked(&classes, cost, data, size);
    check_rule(&classes, text, cost, data, size);
  } else {
    FUZZ_REQUIRE(status == SY_INVALID_COST);
    fuzz_check_error(status, &error, data, size);
    check_rule(&classes, text, NULL, data, size);
  }
  free(text);
  sy_dictionary_clear(&classes);
  return 0;
}
