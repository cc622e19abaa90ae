/* count_name_list.c: labels that are lists of names, any number at each position. Counted are the
 * rows with each label and all rows; the rows without it are the difference, which is exact. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/name_list.h"
#include "labels/name_tally.h"

#include <string.h>

static sy_status begin(sy_counter *counter, sy_error *error) {
  const char *separator = counter->options.separator;
  if (separator && *separator == 0)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the separator between names is empty; say what stands between them");
  return sy_name_tally_begin(counter, error);
}

/* An array of lists being counted. */
typedef struct list_adding {
  sy_name_adding names; /* first: what texts are taken with */
  size_t *last; /* (n_last) of each class, how many texts had been read when it was met last */
  size_t n_last, texts;
} list_adding;

static bool is_ignored(const void *state, const char *text, size_t length) {
  const sy_resolver *resolver = ((const list_adding *)state)->names.resolver;
  return sy_name_list_is_ignored(sy_name_list_of(text, length, resolver->options->separator),
                                 resolver);
}

static bool reserve_last(list_adding *a, size_t n) {
  if (n <= a->n_last) return true;
  size_t wanted = n > 2 * a->n_last ? n : 2 * a->n_last;
  size_t *last = sy_realloc(a->last, wanted, sizeof *last);
  if (!last) return false;
  for (size_t c = a->n_last; c < wanted; c++) last[c] = 0;
  a->last = last;
  a->n_last = wanted;
  return true;
}

/* Counts one name of text t; a class that comes twice in a text is there once. */
static sy_status take_name(list_adding *a, const sy_distinct_text *text, const char *name,
                           size_t length, const sy_counts *counts, size_t t, sy_error *error) {
  uint32_t code;
  sy_status status = sy_resolver_meet(a->names.resolver, name, length, &code, error);
  if (status != SY_OK) return status;
  sy_met *met = &a->names.resolver->met[code];
  if (met->class == SY_CLASS_OUTSIDE)
    return sy_name_adding_fail(&a->names, text, name, length, error);
  met->pending += counts->rows[t].rows;
  size_t class = (size_t)met->class;
  if (!reserve_last(a, class + 1)) return sy_fail_memory(error);
  if (a->last[class] == a->texts) return SY_OK;
  a->last[class] = a->texts;
  return sy_name_tally_add_class(a->names.block, class + SY_TALLY_CLASSES, counts, t, error);
}

static sy_status note_ignored(sy_name_adding *names, uint64_t rows, sy_error *error) {
  uint32_t code;
  const char *ignored = names->resolver->ignored;
  sy_status status = sy_resolver_meet(names->resolver, ignored, strlen(ignored), &code, error);
  if (status != SY_OK) return status;
  names->resolver->met[code].pending += rows;
  names->ignored += rows;
  return SY_OK;
}

static sy_status take_text(void *state, const sy_distinct_text *text, const sy_counts *counts,
                           size_t t, sy_error *error) {
  list_adding *a = state;
  const sy_resolver *resolver = a->names.resolver;
  sy_name_list list = sy_name_list_of(text->bytes, text->length, resolver->options->separator);
  if (sy_name_list_is_ignored(list, resolver))
    return note_ignored(&a->names, counts->rows[t].rows, error);
  a->texts++;
  const char *name;
  size_t length;
  sy_status status = sy_name_tally_add_class(a->names.block, SY_TALLY_ALL, counts, t, error);
  while (status == SY_OK && sy_name_list_next(&list, &name, &length))
    status = take_name(a, text, name, length, counts, t, error);
  return status;
}

static sy_status add(sy_counter *counter, const sy_positions *positions, sy_error *error) {
  static const sy_text_use use = {is_ignored, take_text};
  list_adding a = {0};
  sy_status status = sy_name_tally_add(counter, positions, &use, &a.names, error);
  free(a.last);
  return status;
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

const sy_counting sy_counting_name_list = {
    begin, sy_name_tally_end, add, sy_name_tally_merge, read, sy_name_tally_put, sy_name_tally_take,
    NULL};
