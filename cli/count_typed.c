/* count_typed.c: counts that are known already: --counts '{0: 1300000, 1: 40}' or @FILE. */
#include <stdlib.h>
#include <string.h>

#include <steelyard/store.h>

#include "counting.h"
#include "literal.h"
#include "say.h"

static int read_option(const settings *given, literal *read) {
  const char *text = given->counts, *called = "--counts";
  void *bytes = NULL;
  size_t size;
  sy_error error;
  bool file = text[0] == '@';
  if (file && sy_file_read(text + 1, &bytes, &size, &error) != SY_OK) return say_error(&error);
  if (file) text = text_past_mark(bytes), called = given->counts + 1;
  int code = literal_read(text, called, read);
  free(bytes);
  return code;
}

/* Each class as one row that weighs its count: so classes are ordered, declared, grouped and left
 * out as anywhere else. */
static int weigh(counting *work, const literal *read, sy_counts **weighed) {
  size_t n = read->names.n;
  uint32_t *codes = grab(n, sizeof *codes);
  for (size_t i = 0; i < n; i++) codes[i] = (uint32_t)i;
  sy_array weights = sy_array_of(read->numbers, SY_F64, 1, &n);
  sy_label_array labels = {.kind = SY_LABEL_NAME,
                           .values = sy_array_of(codes, SY_U32, 1, &n),
                           .names = text_list_view(&read->names),
                           .n_names = n,
                           .row_weights = &weights};
  sy_labels_options options = label_options_view(work->given, &work->options);
  sy_error error;
  int code = counting_begin(work, SY_LABEL_NAME, &options);
  if (code == EXIT_DONE) code = counting_add(work, &labels, "--counts");
  if (code == EXIT_DONE && sy_counter_counts(work->counter, weighed, &error) != SY_OK)
    code = say_error_at(&error, EXIT_DATA, "--counts");
  free(codes);
  return code;
}

static int say_count(const char *name, double count) {
  char number[SY_NUMBER_SIZE];
  if (count == 0)
    return say_usage("--counts: the count of class '%s' is 0, and a class without rows has no "
                     "weight; leave it out (--classes declares one that is absent)",
                     name);
  return say_usage("--counts: the count %s of class '%s' is not usable; it must be above 0 and at "
                   "most 2^53",
                   sy_number_format(count, number), name);
}

/* Two names of one class, such as 1 and 1.0, would be one class of the sum of both. */
static int check_distinct(const literal *read) {
  sy_counts *counts;
  sy_error error;
  sy_status status =
      sy_counts_of(text_list_view(&read->names), read->numbers, read->names.n, &counts, &error);
  sy_counts_free(counts);
  return status == SY_OK ? EXIT_DONE : say_error_at(&error, EXIT_USAGE, "--counts");
}

/* Names and numbers that no class can have. */
static int check(const literal *read) {
  if (!read->names.n)
    return say_usage("--counts holds no class; write counts as {0: 1300000, 1: 40}");
  for (size_t i = 0; i < read->names.n; i++) {
    const char *name = read->names.items[i];
    if (!name[strspn(name, " \t")]) return say_usage("--counts: a class has no name");
    if (!(read->numbers[i] > 0 && read->numbers[i] <= 0x1p53))
      return say_count(name, read->numbers[i]);
  }
  return check_distinct(read);
}

static int make(counting *work, const sy_counts *weighed) {
  size_t n = sy_counts_n_classes(weighed);
  double *counts = grab(n, sizeof *counts);
  for (size_t k = 0; k < n; k++) counts[k] = sy_counts_weight(weighed, k);
  sy_error error;
  sy_status status = sy_counts_of(sy_counts_classes(weighed), counts, n, &work->counts, &error);
  free(counts);
  return status == SY_OK ? EXIT_DONE : say_error_at(&error, EXIT_USAGE, "--counts");
}

int count_typed(counting *work) {
  literal read = {0};
  sy_counts *weighed = NULL;
  int code = read_option(work->given, &read);
  work->source = "--counts";
  if (code == EXIT_DONE) code = check(&read);
  if (code == EXIT_DONE) code = weigh(work, &read, &weighed);
  if (code == EXIT_DONE) code = make(work, weighed);
  sy_counts_free(weighed);
  literal_clear(&read);
  return code;
}
