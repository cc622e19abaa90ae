/* name_tally_bytes.c: counts of names as bytes: the names met with their rows, for groups ask that
 * each of their members was; then all rows, and the classes that have some. Classes are told by
 * name, since their codes follow from the order in which names are met. */
#include "labels/counts_bytes.h"
#include "labels/name_tally.h"

#include <string.h>

static size_t count_met(const sy_resolver *r) {
  size_t n = 0;
  for (size_t c = 0; c < r->names.n; c++) n += r->met[c].rows > 0;
  return n;
}

static void put_met(const sy_resolver *r, sy_text *bytes) {
  sy_bytes_put(bytes, count_met(r));
  for (size_t c = 0; c < r->names.n; c++) {
    if (r->met[c].rows == 0) continue;
    sy_bytes_put_text(bytes, r->names.values[c], strlen(r->names.values[c]));
    sy_bytes_put(bytes, r->met[c].rows);
  }
}

static bool has_rows(const sy_name_tally *tally, size_t class) {
  size_t place = class + SY_TALLY_CLASSES;
  return place < tally->counts->n_classes && tally->counts->rows[place].rows > 0;
}

void sy_name_tally_put(const sy_counter *counter, sy_text *bytes) {
  const sy_name_tally *tally = counter->state;
  const sy_dictionary *classes = &tally->resolver.classes;
  size_t n = 0;
  put_met(&tally->resolver, bytes);
  sy_bytes_put(bytes, tally->counts->sums != NULL);
  sy_counts_put_class(bytes, tally->counts, SY_TALLY_ALL);
  for (size_t c = 0; c < classes->n; c++) n += has_rows(tally, c);
  sy_bytes_put(bytes, n);
  for (size_t c = 0; c < classes->n; c++) {
    if (!has_rows(tally, c)) continue;
    sy_bytes_put_text(bytes, classes->values[c], strlen(classes->values[c]));
    sy_counts_put_class(bytes, tally->counts, c + SY_TALLY_CLASSES);
  }
}

/* A list may have a name twice, so that it has more rows than there are. */
static void take_name(sy_byte_reader *reader, sy_resolver *r) {
  size_t length;
  uint32_t code;
  const char *name = sy_bytes_take_text(reader, &length);
  uint64_t rows = sy_bytes_take(reader, UINT64_MAX);
  if (reader->status != SY_OK) return;
  sy_status status = sy_resolver_meet(r, name, length, &code, NULL);
  if (status != SY_OK || code == SY_NOT_FOUND || rows == 0 ||
      r->met[code].class == SY_CLASS_OUTSIDE)
    sy_bytes_refuse(reader, status == SY_OUT_OF_MEMORY ? status : SY_INVALID_DATA);
  else
    r->met[code].rows = rows;
}

/* A class, which those before are not. Returns its rows. */
static uint64_t take_class(sy_byte_reader *reader, uint64_t most, sy_name_tally *tally) {
  size_t length;
  const char *name = sy_bytes_take_text(reader, &length);
  uint32_t code = sy_dictionary_find(&tally->resolver.classes, name, length);
  if (code == SY_NOT_FOUND || has_rows(tally, code)) sy_bytes_refuse(reader, SY_INVALID_DATA);
  if (reader->status != SY_OK) return 0;
  uint64_t rows = sy_counts_take_class(reader, most, tally->counts, code + SY_TALLY_CLASSES);
  if (rows == 0) sy_bytes_refuse(reader, SY_INVALID_DATA);
  return rows;
}

/* Lists are counted as rows, names as the rows of their classes. */
static void take_classes(sy_byte_reader *reader, uint64_t rows, bool lists, sy_name_tally *tally) {
  uint64_t left = rows;
  left -= sy_counts_take_class(reader, lists ? rows : 0, tally->counts, SY_TALLY_ALL);
  size_t n = sy_bytes_take_count(reader);
  for (size_t i = 0; i < n && reader->status == SY_OK; i++) {
    uint64_t taken = take_class(reader, lists ? rows : left, tally);
    if (!lists) left -= taken;
  }
  if (left > 0) sy_bytes_refuse(reader, SY_INVALID_DATA);
}

void sy_name_tally_take(sy_counter *counter, sy_byte_reader *reader) {
  sy_name_tally *tally = counter->state;
  size_t n = sy_bytes_take_count(reader);
  for (size_t i = 0; i < n && reader->status == SY_OK; i++) take_name(reader, &tally->resolver);
  bool sums = sy_bytes_take(reader, 1);
  if (!sy_counts_grow(tally->counts, tally->resolver.classes.n + SY_TALLY_CLASSES) ||
      (sums && !sy_counts_need_sums(tally->counts)))
    sy_bytes_refuse(reader, SY_OUT_OF_MEMORY);
  if (reader->status == SY_OK)
    take_classes(reader, counter->positions - counter->ignored, counter->kind == SY_LABEL_NAME_LIST,
                 tally);
}
