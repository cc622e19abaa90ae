/* vw.c: --classweight LABEL:WEIGHT,.. of Vowpal Wabbit, which counts its classes from 1; others
 * weigh 1. */
#include "base/error.h"
#include "base/memory.h"
#include "dialect/arguments.h"
#include "dialect/putting.h"

#include <string.h>

static const char option[] = "--classweight";

/* Beyond what anyone has; a slip of the hand is not to ask for memory without end. */
enum { MOST_CLASSES = 100000 };

static void put_option(sy_text *text, const sy_written *written, const char *const *labels) {
  sy_text_put(text, option);
  for (size_t k = 0; k < written->n; k++) {
    char number[SY_NUMBER_SIZE];
    sy_text_put(text, k > 0 ? "," : " ");
    if (labels) {
      sy_text_put(text, labels[k]);
    } else {
      sy_text_add(text, "%zu", k + 1);
    }
    sy_text_add(text, ":%s", sy_number_format(written->weights[k], number));
  }
  sy_text_put(text, "\n");
}

static sy_status write(const sy_written *written, sy_text *text, sy_error *error) {
  static const char *const binary[] = {"-1", "1"};
  (void)error;
  sy_put_order(text, "# ", "labels of --oaa and its like", 1, written);
  if (written->n == 2) {
    sy_text_put(text, "# of --binary or --loss_function logistic, labels -1 and 1: ");
    put_option(text, written, binary);
  }
  put_option(text, written, NULL);
  return SY_OK;
}

/* What was read: weights by label, NaN-free, 1 where none is given. */
typedef struct labelled {
  double *weights; /* (n) of the labels first, first + 1, .. */
  bool *given;     /* (n) */
  size_t n, capacity;
} labelled;

static bool grow(labelled *all, size_t n) {
  if (n > all->capacity) {
    size_t capacity = n > 8 ? 2 * n : 16;
    double *weights = sy_realloc(all->weights, capacity, sizeof *weights);
    if (weights) all->weights = weights;
    bool *given = weights ? sy_realloc(all->given, capacity, sizeof *given) : NULL;
    if (!given) return false;
    all->given = given;
    all->capacity = capacity;
  }
  for (; all->n < n; all->n++) {
    all->weights[all->n] = 1;
    all->given[all->n] = false;
  }
  return true;
}

static sy_status fail_item(const char *item, const char *why, sy_error *error) {
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT, "%s '%s': %s", option, sy_shown(item, shown), why);
}

/* Reads "3:0.5" into the place of its label: labels count from 1, and -1 stands for 0. */
static sy_status read_item(char *item, labelled *all, sy_error *error) {
  static const char form[] = "LABEL:WEIGHT with an integer label would be right";
  char *colon = strchr(item, ':');
  double label, weight;
  if (!colon || !sy_is_integer(item, colon)) return fail_item(item, form, error);
  *colon = 0;
  bool known = sy_number_parse(item, &label) && label >= -1 && label <= MOST_CLASSES;
  *colon = ':';
  if (!known) return fail_item(item, "labels go from 1 to the number of classes", error);
  if (!sy_number_parse(colon + 1, &weight))
    return fail_item(item, "the weight is no number", error);
  size_t place = (size_t)(label + 1);
  if (!grow(all, place + 1)) return sy_fail_memory(error);
  if (all->given[place]) return fail_item(item, "the label has a weight already", error);
  all->given[place] = true;
  all->weights[place] = weight;
  return SY_OK;
}

static sy_status read_items(const char *start, const char *end, labelled *all, sy_error *error) {
  for (;;) {
    const char *comma = memchr(start, ',', (size_t)(end - start));
    const char *item_end = comma ? comma : end;
    char *item = sy_copy_bytes(start, (size_t)(item_end - start));
    if (!item) return sy_fail_memory(error);
    sy_status status = read_item(item, all, error);
    free(item);
    if (status != SY_OK || !comma) return status;
    start = comma + 1;
  }
}

/* The weights of each --classweight among the words; *found says whether there was one. */
static sy_status read_words(const char *text, labelled *all, bool *found, sy_error *error) {
  sy_argument word;
  sy_status status = SY_OK;
  while (status == SY_OK && sy_argument_next(&text, &word)) {
    bool apart = sy_argument_is(word, option), joined = sy_argument_begins(word, "--classweight=");
    if (!apart && !joined) continue;
    *found = true;
    if (joined) word.start += sizeof option; /* its zero counts for the '=' */
    if (apart) sy_argument_next(&text, &word);
    status = read_items(word.start, word.end, all, error);
  }
  return status;
}

/* By position, from the lowest label that VW's ways of counting begin with: -1 (and 1), 0 or 1. */
static sy_status make_policy(const labelled *all, sy_policy **policy, sy_error *error) {
  if (!all->given[0]) {
    size_t first = all->given[1] ? 1 : 2;
    return sy_policy_by_position(all->weights + first, all->n - first, policy, error);
  }
  if (all->n > 3 || (all->n > 1 && all->given[1]))
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "%s: beside label -1 there is only 1; more classes count from 1", option);
  const double two[2] = {all->weights[0], all->n == 3 ? all->weights[2] : 1};
  return sy_policy_by_position(two, 2, policy, error);
}

static sy_status read_text(const char *text, sy_policy **policy, sy_error *error) {
  if (!sy_is_command_line(text, "vw")) return SY_OK;
  labelled all = {0};
  bool found = false;
  sy_status status = read_words(text, &all, &found, error);
  if (status == SY_OK && found) status = make_policy(&all, policy, error);
  free(all.weights);
  free(all.given);
  return status;
}

const sy_dialect sy_dialect_vw = {.name = "vw",
                                  .form = "vw --oaa 2 --classweight 1:1,2:5",
                                  .write = write,
                                  .read_text = read_text};
