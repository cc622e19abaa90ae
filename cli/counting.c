#include "counting.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "say.h"
#include "source_kind.h"

int counting_begin(counting *work, sy_label_kind kind, const sy_labels_options *options) {
  sy_error error;
  if (sy_counter_new(kind, options, &work->counter, &error) == SY_OK) return EXIT_DONE;
  return say_error_as(&error, EXIT_USAGE);
}

int counting_add(counting *work, const sy_label_array *labels, const char *place, ...) {
  sy_error error;
  char words[1 << 13];
  if (sy_counter_add(work->counter, labels, &error) == SY_OK) return EXIT_DONE;
  va_list arguments;
  va_start(arguments, place);
  vsnprintf(words, sizeof words, place, arguments);
  va_end(arguments);
  bool elsewhere = work->weights && error.status == SY_INVALID_WEIGHT;
  return say_error_at(&error, EXIT_DATA, "%s", elsewhere ? work->weights : words);
}

static int read_counts(counting *work) {
  sy_error error;
  if (sy_counter_counts(work->counter, &work->counts, &error) == SY_OK) return EXIT_DONE;
  /* What is asked of names: a member of a group that no label has. */
  if (error.status == SY_INVALID_LABEL)
    return say_error_at(&error, EXIT_USAGE, "--group-classes: %s", work->source);
  return say_error_at(&error, EXIT_DATA, "%s", work->source);
}

/* A label to leave out that is nowhere may be misspelt. */
static void note_ignored(counting *work) {
  if (!work->given->ignore || sy_counts_ignored(work->counts)) return;
  sy_messages_add(work->notes, "no label of %s is \"%s\", which --ignore leaves out", work->source,
                  work->given->ignore);
}

/* What counts alone can tell of a wrong column or folder. */
static void note_classes(counting *work) {
  enum { FEW_CLASSES = 100 };
  size_t n = sy_counts_n_classes(work->counts), present = 0;
  uint64_t rows = 0;
  const char *last = NULL;
  for (size_t k = 0; k < n; k++) {
    if (!(sy_counts_weight(work->counts, k) > 0)) continue;
    present++;
    rows += sy_counts_rows(work->counts, k);
    last = sy_counts_classes(work->counts)[k];
  }
  char classes[SY_NUMBER_SIZE], number[SY_NUMBER_SIZE];
  if (present == 1)
    sy_messages_add(work->notes, "only class '%s' has rows: there is nothing to tell apart", last);
  if (present > FEW_CLASSES && present > rows / 2)
    sy_messages_add(work->notes,
                    "%s classes in %s rows are like names or ids: most have too few rows to be "
                    "learnt",
                    text_count(present, classes), text_count(rows, number));
}

/* Of several labels a row, each has the weight of all rows. */
static double total_weight(const sy_counts *counts) {
  const sy_counts *whole = sy_counts_n_labels(counts) ? sy_counts_label(counts, 0) : counts;
  double total = 0;
  for (size_t k = 0; k < sy_counts_n_classes(whole); k++) total += sy_counts_weight(whole, k);
  return total;
}

/* Sums of weights and of their squares are asked for, of all classes together. */
static bool leaves_range(const sy_counts *counts) {
  double squares = 0;
  const sy_counts *whole = sy_counts_n_labels(counts) ? sy_counts_label(counts, 0) : counts;
  for (size_t k = 0; k < sy_counts_n_classes(whole); k++)
    squares += sy_counts_weight_squared(whole, k);
  return !isfinite(total_weight(counts)) || !isfinite(squares);
}

static int end(counting *work) {
  int code = work->counts ? EXIT_DONE : read_counts(work);
  if (code == EXIT_DONE && !(total_weight(work->counts) > 0))
    code = say_failed("%s: all row weights are zero", work->weights ? work->weights : work->source);
  if (code == EXIT_DONE && leaves_range(work->counts))
    code = say_failed("%s: the row weights or their squares sum to more than a number can hold: "
                      "scale them, all by the same factor",
                      work->weights ? work->weights : work->source);
  if (code != EXIT_DONE) return code;
  const sy_messages *noticed = sy_counts_messages(work->counts);
  for (size_t i = 0; i < sy_messages_count(noticed); i++)
    sy_messages_add(work->notes, "%s", sy_messages_get(noticed, i));
  note_ignored(work);
  note_classes(work);
  return say_all_noted(work->notes);
}

int counting_run(const settings *given, const char *source, counting *work) {
  *work = (counting){.given = given, .source = source, .notes = sy_messages_new()};
  if (!work->notes) return say_failed("out of memory");
  source_kind kind = source_kind_of(source);
  int code = source_kind_check(given, source, kind);
  if (code == EXIT_DONE) code = label_options_read(given, &work->options);
  if (code != EXIT_DONE) return code;
  switch (kind) {
  case SOURCE_TABLE:
    code = count_table(work);
    break;
  case SOURCE_ARRAY:
    code = count_array(work);
    break;
  case SOURCE_FOLDERS:
    code = count_folders(work);
    break;
  case SOURCE_COUNTS:
    code = count_typed(work);
    break;
  }
  return code == EXIT_DONE ? end(work) : code;
}

void counting_clear(counting *work) {
  label_options_clear(&work->options);
  sy_counter_free(work->counter);
  free(work->called);
  sy_counts_free(work->counts);
  sy_messages_free(work->notes);
  *work = (counting){0};
}
