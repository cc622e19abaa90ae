/* lookup_list.c: lists of names as rows of zeros and ones. */
#include "labels/lookup_list.h"

#include "base/error.h"
#include "base/memory.h"
#include "labels/distinct.h"
#include "labels/name.h"
#include "labels/name_list.h"
#include "labels/name_tally.h"

#include <math.h>
#include <string.h>

struct sy_list_lookup {
  const sy_resolver *resolver;
  int32_t *labels; /* (classes of the resolver) label of each; SY_CLASS_OUTSIDE: no row has it */
  size_t width;
};

static sy_status fill(const sy_name_tally *tally, sy_list_lookup *lookup, sy_error *error) {
  size_t *places, n_classes = tally->resolver.classes.n;
  const char **names;
  sy_status status = sy_name_tally_order(tally, &places, &names, &lookup->width, error);
  if (status != SY_OK) return status;
  lookup->resolver = &tally->resolver;
  lookup->labels = sy_alloc(n_classes, sizeof *lookup->labels);
  int32_t *labels = lookup->labels;
  for (size_t c = 0; c < n_classes && labels; c++) labels[c] = SY_CLASS_OUTSIDE;
  for (size_t l = 0; l < lookup->width && labels; l++)
    labels[places[l] - SY_TALLY_CLASSES] = (int32_t)l;
  free(places);
  free(names);
  return labels ? SY_OK : sy_fail_memory(error);
}

sy_status sy_list_lookup_new(const sy_counter *counter, sy_list_lookup **lookup, sy_error *error) {
  *lookup = NULL;
  sy_list_lookup *made = sy_alloc_zero(1, sizeof *made);
  if (!made) return sy_fail_memory(error);
  sy_status status = fill(counter->state, made, error);
  if (status == SY_OK)
    *lookup = made;
  else
    sy_list_lookup_free(made);
  return status;
}

void sy_list_lookup_free(sy_list_lookup *lookup) {
  if (!lookup) return;
  free(lookup->labels);
  free(lookup);
}

static void fill_row(double *row, size_t width, double value) {
  for (size_t l = 0; l < width; l++) row[l] = value;
}

static sy_status fail_name(const sy_list_lookup *lookup, const sy_positions *positions,
                           size_t position, const char *name, size_t length, sy_error *error) {
  char place[SY_PLACE_SIZE];
  sy_positions_place(positions, position, 0, place);
  return sy_resolver_fail_outside(lookup->resolver, name, length, place, error);
}

static sy_status read_text(const sy_list_lookup *lookup, const sy_positions *positions,
                           const sy_distinct_text *text, double *row, sy_error *error) {
  sy_name_list list =
      sy_name_list_of(text->bytes, text->length, lookup->resolver->options->separator);
  bool ignored = sy_name_list_is_ignored(list, lookup->resolver);
  fill_row(row, lookup->width, ignored ? NAN : 0);
  const char *name;
  size_t length;
  while (!ignored && sy_name_list_next(&list, &name, &length)) {
    int32_t class = sy_resolver_find(lookup->resolver, name, length);
    int32_t label = class >= 0 ? lookup->labels[class] : class;
    if (label < 0) return fail_name(lookup, positions, text->first, name, length, error);
    row[label] = 1;
  }
  return SY_OK;
}

/* Each distinct text is taken apart where it is first seen, and copied from there. */
static sy_status fill_rows(const sy_list_lookup *lookup, const sy_positions *positions,
                           size_t first, size_t n, const sy_distinct *distinct,
                           const uint32_t *places, double *rows, sy_error *error) {
  size_t width = lookup->width;
  for (size_t i = 0; i < n; i++) {
    double *row = rows + i * width;
    const sy_distinct_text *text = places[i] == SY_MISSING ? NULL : &distinct->texts[places[i]];
    if (!text) {
      fill_row(row, width, NAN);
    } else if (text->first < first + i) {
      memcpy(row, rows + (text->first - first) * width, width * sizeof *row);
    } else {
      sy_status status = read_text(lookup, positions, text, row, error);
      if (status != SY_OK) return status;
    }
  }
  return SY_OK;
}

sy_status sy_list_lookup_rows(const sy_list_lookup *lookup, const sy_positions *positions,
                              size_t first, size_t n, double *rows, sy_error *error) {
  sy_distinct distinct = {0};
  uint32_t *places = sy_alloc(n, sizeof *places);
  uint8_t *counts = sy_alloc(n, sizeof *counts);
  sy_status status = places && counts ? SY_OK : sy_fail_memory(error);
  if (status == SY_OK) {
    sy_positions_mask(positions, first, n, counts);
    status = sy_distinct_add(&distinct, positions, first, n, counts, 0, places, error);
  }
  if (status == SY_OK)
    status = fill_rows(lookup, positions, first, n, &distinct, places, rows, error);
  sy_distinct_clear(&distinct);
  free(places);
  free(counts);
  return status;
}
