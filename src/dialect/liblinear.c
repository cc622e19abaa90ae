/* liblinear.c: -wLABEL WEIGHT of LIBLINEAR and LIBSVM, labels being integers; others weigh 1. */
#include "base/error.h"
#include "base/memory.h"
#include "dialect/arguments.h"
#include "dialect/putting.h"

#include <string.h>

static sy_status fail_name(const char *name, sy_error *error) {
  char shown[SY_SHOWN_SIZE];
  return sy_fail(
      error, SY_INVALID_ARGUMENT,
      "LIBLINEAR's labels are integers, but there is a class '%s'; train it on class ids "
      "and give the classes their ids as names",
      sy_shown(name, shown));
}

static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  for (size_t k = 0; k < written->n; k++)
    if (!sy_is_small_integer(written->classes[k])) return fail_name(written->classes[k], error);
  sy_put_order(text, "# ", "labels are the class names; in order", 0, written);
  if (written->n > 2)
    sy_text_put(text,
                "# of more than two classes only -s 4 weighs rows: the others train one class "
                "against the rest\n# and weigh the rows of that one alone\n");
  for (size_t k = 0; k < written->n; k++) {
    char number[SY_NUMBER_SIZE];
    sy_text_add(text, "%s-w%s %s", k > 0 ? " " : "", written->classes[k],
                sy_number_format(written->weights[k], number));
  }
  sy_text_put(text, "\n");
  return SY_OK;
}

static bool is_option(sy_argument word) {
  return sy_argument_begins(word, "-w") && sy_is_integer(word.start + 2, word.end);
}

/* How many of the words give a weight; 0 where the text is another's. */
static size_t count_options(const char *text) {
  size_t n = 0;
  sy_argument word;
  if (!sy_is_command_line(text, "train")) return 0;
  while (sy_argument_next(&text, &word)) n += is_option(word);
  return n;
}

static sy_status read_option(sy_argument option, const char **text, char **label, double *weight,
                             sy_error *error) {
  const char *digits = option.start + 2 + (option.start[2] == '+');
  *label = sy_copy_bytes(digits, (size_t)(option.end - digits));
  sy_argument value;
  sy_argument_next(text, &value);
  char *number = sy_copy_bytes(value.start, (size_t)(value.end - value.start));
  sy_status status = *label && number ? SY_OK : sy_fail_memory(error);
  char shown[SY_SHOWN_SIZE];
  if (status == SY_OK && !sy_number_parse(number, weight))
    status = sy_fail(error, SY_INVALID_WEIGHT, "-w%s '%s': the weight of label %s is no number",
                     *label, sy_shown(number, shown), *label);
  free(number);
  return status;
}

static sy_status read_options(const char *text, char **labels, double *weights, sy_policy **policy,
                              sy_error *error) {
  size_t n = 0;
  sy_argument word;
  while (sy_argument_next(&text, &word)) {
    if (!is_option(word)) continue;
    sy_status status = read_option(word, &text, &labels[n], &weights[n], error);
    if (status != SY_OK) return status;
    n++;
  }
  return sy_policy_explicit((const char *const *)labels, weights, n, true, 1, policy, error);
}

static sy_status read_text(const char *text, sy_policy **policy, sy_error *error) {
  size_t n = count_options(text);
  if (n == 0) return SY_OK;
  char **labels = sy_alloc_zero(n, sizeof *labels);
  double *weights = sy_alloc(n, sizeof *weights);
  sy_status status = labels && weights ? read_options(text, labels, weights, policy, error)
                                       : sy_fail_memory(error);
  for (size_t k = 0; k < n && labels; k++) free(labels[k]);
  free(labels);
  free(weights);
  return status;
}

const sy_dialect sy_dialect_liblinear = {
    .name = "liblinear", .form = "train -w0 1 -w1 5", .write = write, .read_text = read_text};
