/* fuzz_costs.c: costs as typed. The input is how many classes, a line for the name of each, and the
 * costs. */
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
  } else {
    FUZZ_REQUIRE(status == SY_INVALID_COST);
    fuzz_check_error(status, &error, data, size);
  }
  free(text);
  sy_dictionary_clear(&classes);
  return 0;
}
