/* fuzz_weights.c: class weights as --class-weight and --normalize have them read: policies, weights
 * by name, a file of JSON. The input is a line for each of the two options, then one for the name
 * of each class (a digit before it says how many rows it has), and after an empty line the file. */
#include "fuzz.h"

#include "base/text.h"
#include "policy_option.h"
#include "say.h"
#include <math.h>
#include <string.h>

enum { MOST_CLASSES = 6 };

/* Classes and how many rows each has. */
typedef struct class_list {
  sy_dictionary names;
  double counts[MOST_CLASSES];
} class_list;

static void classes_read(fuzz_input *input, class_list *classes) {
  static const double some[] = {0, 1, 2, 7, 1e6, 0.125, 1e-300, 1e300};
  *classes = (class_list){{0}, {0}};
  while (input->at < input->end && classes->names.n < MOST_CLASSES) {
    char *line = fuzz_line(input);
    bool last = !*line;
    size_t before = classes->names.n;
    bool counted = *line >= '0' && *line <= '7';
    if (!last) sy_dictionary_add(&classes->names, line + counted, strlen(line + counted));
    if (classes->names.n > before) classes->counts[before] = some[counted ? *line - '0' : 1];
    free(line);
    if (last) return;
  }
}

/* The text that a policy is remembered by reads as the same policy. */
static void check_text(const sy_policy *policy) {
  const char *text = sy_policy_text(policy);
  sy_policy *again = NULL;
  sy_error error = {SY_OK, ""};
  FUZZ_REQUIRE(text && *text);
  FUZZ_REQUIRE_TEXT(sy_policy_parse(text, &again, &error) == SY_OK, error.text);
  FUZZ_REQUIRE_TEXT(strcmp(sy_policy_text(again), text) == 0, text);
  FUZZ_REQUIRE(sy_policy_is_none(again) == sy_policy_is_none(policy));
  sy_policy_free(again);
}

static void check_audit(const sy_policy *policy, const class_list *classes, const double *weights) {
  const char *const *names = (const char *const *)classes->names.values;
  size_t n = classes->names.n;
  sy_counts *counts = sy_counts_new(n);
  sy_audit audit = {0};
  for (size_t k = 0; k < n; k++) {
    int32_t id = (int32_t)k;
    if (classes->counts[k] > 0)
      FUZZ_REQUIRE(sy_counts_add(counts, &id, 1, &classes->counts[k], NULL) == SY_OK);
  }
  FUZZ_REQUIRE(sy_audit_make(policy, names, counts, weights, n, &audit, NULL) == SY_OK);
  FUZZ_REQUIRE(audit.n_classes == n);
  for (size_t k = 0; k < n; k++)
    FUZZ_REQUIRE(audit.classes[k].share >= 0 && audit.classes[k].share <= 1);
  sy_audit_clear(&audit);
  sy_counts_free(counts);
}

/* Weights of these classes are finite and at least 0, or it is said why there are none. */
static void check_weights(const weighting *read, const class_list *classes, const uint8_t *data,
                          size_t size) {
  const char *const *names = (const char *const *)classes->names.values;
  size_t n = classes->names.n;
  double weights[MOST_CLASSES];
  sy_error error;
  fuzz_soil(&error, sizeof error);
  for (size_t k = 0; k < MOST_CLASSES; k++) weights[k] = -7;
  sy_status status =
      sy_class_weights(read->policy, read->normalize, names, classes->counts, n, weights, &error);
  if (status != SY_OK) {
    fuzz_check_error(status, &error, data, size);
    for (size_t k = 0; k < n; k++) FUZZ_REQUIRE(weights[k] == -7);
    return;
  }
  for (size_t k = 0; k < n; k++) {
    FUZZ_REQUIRE_TEXT(weights[k] >= 0 && isfinite(weights[k]), names[k]);
    FUZZ_REQUIRE(classes->counts[k] > 0 || weights[k] == 1);
  }
  check_audit(read->policy, classes, weights);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz_input input = {data, data + size};
  settings given = settings_default();
  weighting read = {0};
  class_list classes;
  char *policy = fuzz_line(&input), *normalize = fuzz_line(&input), *at_file = NULL;
  classes_read(&input, &classes);
  given.class_weight = policy;
  if (*normalize) given.normalize = normalize;
  if (*policy == '@') { /* whatever the name, the file is the input's rest */
    const char *path = fuzz_file("weights.json", input.at, (size_t)(input.end - input.at));
    given.class_weight = at_file = text_format("@%s", path);
  }
  fuzz_listen();
  int code = weighting_read(&given, "none", &read);
  fuzz_check_said(code, data, size);
  FUZZ_REQUIRE((code == EXIT_DONE) == (read.policy != NULL));
  if (code == EXIT_DONE) {
    check_text(read.policy);
    check_weights(&read, &classes, data, size);
  }
  weighting_clear(&read);
  sy_dictionary_clear(&classes.names);
  free(policy);
  free(normalize);
  free(at_file);
  return 0;
}
