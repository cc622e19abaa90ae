/* count_name_list.c: labels that are lists of names, any number at each position. Counted are the
 * rows with each label and all rows; the rows without it are the difference, which is exact. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/counter.h"
#include "labels/name_list.h"
#include "labels/name_tally.h"
#include "labels/text_counts.h"

#include <string.h>

static sy_status begin(sy_counter *counter, sy_error *error) {
  const char *separator = counter->options.separator;
  if (separator && *separator == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the separator between names is empty; say what stands between them");
  sy_name_tally *tally;
  sy_status status = sy_name_tally_new(&counter->options, &tally, error);
  counter->state = tally;
  return status;
}

static void end(sy_counter *counter) {
  sy_name_tally_free(counter->state);
}

/* An array of lists being counted. */
typedef struct adding {
  sy_resolver *resolver;
  const sy_positions *positions;
  uint64_t rows_before;
  sy_counts *block;
  uint64_t ignored;
  size_t *last; /* (n_last) of each class, how many texts had been read when it was met last */
  size_t n_last, texts;
} adding;

static bool is_ignored(const void *state, const char *text, size_t length) {
  const adding *a = state;
  return sy_name_list_is_ignored(sy_name_list_of(text, length, a->resolver->options->separator),
                                 a->resolver);
}

static bool reserve_last(adding *a, size_t n) {
  if (n <= a->n_last) return true;
  size_t wanted = n > 2 * a->n_last ? n : 2 * a->n_last;
  size_t *last = sy_realloc(a->last, wanted, sizeof *last);
  if (!last) return false;
  for (size_t c = a->n_last; c < wanted; c++) last[c] = 0;
  a->last = last;
  a->n_last = wanted;
  return true;
}

static sy_status fail_name(const adding *a, const sy_distinct_text *text, const char *name,
                           size_t length, sy_error *error) {
  char place[SY_PLACE_SIZE];
  sy_positions_place(a->positions, text->first, a->rows_before, place);
  return sy_resolver_fail_outside(a->resolver, name, length, place, error);
}

/* Counts one name of text t; a class that comes twice in a text is there once. */
static sy_status take_name(adding *a, const sy_distinct_text *text, const char *name, size_t length,
                           const sy_counts *counts, size_t t, sy_error *error) {
  uint32_t code;
  sy_status status = sy_resolver_meet(a->resolver, name, length, &code, error);
  if (status != SY_OK) return status;
  sy_met *met = &a->resolver->met[code];
  if (met->class == SY_CLASS_OUTSIDE) return fail_name(a, text, name, length, error);
  met->pending += counts->rows[t].rows;
  size_t class = (size_t)met->class;
  if (!reserve_last(a, class + 1)) return sy_fail_memory(error);
  if (a->last[class] == a->texts) return SY_OK;
  a->last[class] = a->texts;
  return sy_name_tally_add_class(a->block, class + SY_TALLY_CLASSES, counts, t, error);
}

static sy_status note_ignored(adding *a, uint64_t rows, sy_error *error) {
  uint32_t code;
  const char *ignored = a->resolver->ignored;
  sy_status status = sy_resolver_meet(a->resolver, ignored, strlen(ignored), &code, error);
  if (status != SY_OK) return status;
  a->resolver->met[code].pending += rows;
  a->ignored += rows;
  return SY_OK;
}

static sy_status take_text(adding *a, const sy_distinct_text *text, const sy_counts *counts,
                           size_t t, sy_error *error) {
  const char *separator = a->resolver->options->separator;
  sy_name_list list = sy_name_list_of(text->bytes, text->length, separator);
  if (sy_name_list_is_ignored(list, a->resolver))
    return note_ignored(a, counts->rows[t].rows, error);
  a->texts++;
  const char *name;
  size_t length;
  sy_status status = sy_name_tally_add_class(a->block, SY_TALLY_ALL, counts, t, error);
  while (status == SY_OK && sy_name_list_next(&list, &name, &length))
    status = take_name(a, text, name, length, counts, t, error);
  return status;
}

/* Texts come in the order of their first positions, so the first that is wrong is told. */
static sy_status take(void *state, const sy_distinct *distinct, const sy_counts *counts,
                      sy_error *error) {
  sy_status status = SY_OK;
  for (size_t t = 0; t < distinct->n && status == SY_OK; t++)
    status = take_text(state, &distinct->texts[t], counts, t, error);
  return status;
}

static sy_status add(sy_counter *counter, const sy_positions *positions, sy_error *error) {
  static const sy_text_use use = {is_ignored, take};
  sy_name_tally *tally = counter->state;
  adding a = {.resolver = &tally->resolver,
              .positions = positions,
              .rows_before = counter->rows,
              .block = sy_counts_new(SY_TALLY_CLASSES)};
  if (!a.block) return sy_fail_memory(error);
  uint64_t masked;
  sy_status status = sy_text_counts(positions, counter->rows, &use, &a, &masked, error);
  status = sy_name_tally_end_block(tally, a.block, status, error);
  sy_counts_free(a.block);
  free(a.last);
  if (status == SY_OK) counter->ignored += masked + a.ignored;
  return status;
}

static sy_status merge(sy_counter *into, const sy_counter *from, sy_error *error) {
  return sy_name_tally_merge(into->state, from->state, error);
}

/* Puts the rows without and with a label at classes k and k + 1 of `cells`. */
static void read_label(const sy_name_tally *tally, size_t place, sy_counts *cells, size_t k) {
  sy_name_tally_read(tally, SY_TALLY_ALL, cells, k);
  sy_name_tally_read(tally, place, cells, k + 1);
  cells->rows[k].rows -= cells->rows[k + 1].rows;
  cells->rows[k].ones -= cells->rows[k + 1].ones;
  if (!cells->sums) return;
  sy_exact_subtract(&cells->sums[k].weight, &cells->sums[k + 1].weight);
  sy_exact_subtract(&cells->sums[k].squared, &cells->sums[k + 1].squared);
}

static sy_status read_labels(const sy_name_tally *tally, const size_t *places,
                             const char *const *names, size_t n, sy_counts *counts,
                             sy_error *error) {
  sy_counts *cells = sy_counts_new(2 * n);
  if (!cells) return sy_fail_memory(error);
  sy_status status = SY_OK;
  if (tally->counts->sums && !sy_counts_need_sums(cells)) status = sy_fail_memory(error);
  for (size_t l = 0; l < n && status == SY_OK; l++) read_label(tally, places[l], cells, 2 * l);
  if (status == SY_OK) status = sy_counts_split_labels(counts, cells, names, n, error);
  sy_counts_free(cells);
  return status;
}

static sy_status read(const sy_counter *counter, sy_counts *counts, sy_error *error) {
  const sy_name_tally *tally = counter->state;
  if (counter->ignored == counter->positions)
    return sy_fail(error, SY_NO_ROWS, "every label is ignored: no row is left");
  size_t *places, n;
  const char **names;
  sy_status status = sy_name_tally_order(tally, &places, &names, &n, error);
  if (status != SY_OK) return status;
  if (n == 0)
    status =
        sy_fail(error, SY_NO_ROWS,
                "no row names a label: declare the labels there are, or look at the separator");
  else
    status = read_labels(tally, places, names, n, counts, error);
  counts->ignored *= n; /* cells */
  free(places);
  free(names);
  return status;
}

const sy_counting sy_counting_name_list = {begin, end, add, merge, read, NULL};
