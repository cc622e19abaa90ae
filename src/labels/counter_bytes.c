/* counter_bytes.c: a counter as bytes, to be read by another process or on another day: a mark, the
 * version, kind, options and numbers, the state of the kind, and a checksum over all that. */
#include "base/error.h"
#include "base/memory.h"
#include "labels/counter.h"

#include <string.h>

enum { VERSION = 1 };

static const char MARK[] = "SYCOUNT"; /* with its zero */

/* --- options --- */

static void put_optional(sy_text *bytes, const char *text) {
  sy_bytes_put(bytes, text != NULL);
  if (text) sy_bytes_put_text(bytes, text, strlen(text));
}

static void put_texts(sy_text *bytes, const char *const *texts, size_t n) {
  for (size_t i = 0; i < n; i++) sy_bytes_put_text(bytes, texts[i], strlen(texts[i]));
}

static void put_options(sy_text *bytes, const sy_labels_options *options) {
  sy_bytes_put(bytes, options->n_classes);
  sy_bytes_put(bytes, options->classes != NULL);
  if (options->classes) put_texts(bytes, options->classes, options->n_classes);
  sy_bytes_put(bytes, options->n_groups);
  for (size_t g = 0; g < options->n_groups; g++) {
    const sy_class_group *group = &options->groups[g];
    sy_bytes_put_text(bytes, group->name, strlen(group->name));
    sy_bytes_put(bytes, group->n_members);
    put_texts(bytes, group->members, group->n_members);
  }
  put_optional(bytes, options->ignore);
  put_optional(bytes, options->separator);
}

/* A copy, or NULL with the reader's status. */
static char *take_text(sy_byte_reader *reader) {
  size_t length;
  const char *text = sy_bytes_take_text(reader, &length);
  char *copy = reader->status == SY_OK ? sy_copy_bytes(text, length) : NULL;
  if (!copy) sy_bytes_refuse(reader, SY_OUT_OF_MEMORY);
  return copy;
}

static char *take_optional(sy_byte_reader *reader) {
  return sy_bytes_take(reader, 1) ? take_text(reader) : NULL;
}

/* n texts, those behind one that could not be read being NULL. */
static const char **take_texts(sy_byte_reader *reader, size_t n) {
  if (n > sy_bytes_left(reader)) sy_bytes_refuse(reader, SY_INVALID_DATA);
  if (reader->status != SY_OK) return NULL;
  const char **texts = sy_alloc_zero(n, sizeof *texts);
  if (!texts) sy_bytes_refuse(reader, SY_OUT_OF_MEMORY);
  for (size_t i = 0; texts && i < n && reader->status == SY_OK; i++) texts[i] = take_text(reader);
  return texts;
}

static void take_groups(sy_byte_reader *reader, sy_labels_options *options) {
  size_t n = sy_bytes_take_count(reader);
  if (reader->status != SY_OK) return;
  sy_class_group *groups = sy_alloc_zero(n, sizeof *groups);
  if (!groups) sy_bytes_refuse(reader, SY_OUT_OF_MEMORY);
  options->groups = groups;
  options->n_groups = groups ? n : 0;
  for (size_t g = 0; g < options->n_groups && reader->status == SY_OK; g++) {
    groups[g].name = take_text(reader);
    groups[g].n_members = sy_bytes_take_count(reader);
    groups[g].members = take_texts(reader, groups[g].n_members);
  }
}

static void take_options(sy_byte_reader *reader, sy_labels_options *options) {
  options->n_classes = (size_t)sy_bytes_take(reader, INT32_MAX);
  if (sy_bytes_take(reader, 1)) options->classes = take_texts(reader, options->n_classes);
  take_groups(reader, options);
  options->ignore = take_optional(reader);
  options->separator = take_optional(reader);
}

/* --- counters --- */

sy_status sy_counter_to_bytes(const sy_counter *counter, void **bytes, size_t *size,
                              sy_error *error) {
  sy_text text = {0};
  sy_text_put_bytes(&text, MARK, sizeof MARK);
  sy_bytes_put(&text, VERSION);
  sy_bytes_put(&text, (uint64_t)counter->kind);
  put_options(&text, &counter->options);
  sy_bytes_put(&text, counter->rows);
  sy_bytes_put(&text, counter->positions);
  sy_bytes_put(&text, counter->ignored);
  counter->counting->put(counter, &text);
  sy_bytes_seal(&text);
  if (text.failed) {
    free(text.data);
    return sy_fail_memory(error);
  }
  *bytes = text.data;
  *size = text.length;
  return SY_OK;
}

static sy_status check_bytes(const char *bytes, size_t size, sy_error *error) {
  size_t known = size < sizeof MARK ? size : sizeof MARK;
  if (size == 0 || memcmp(bytes, MARK, known) != 0)
    return sy_fail(error, SY_INVALID_DATA, "these %zu bytes are no counted labels", size);
  if (size < sizeof MARK + SY_BYTES_SEAL || !sy_bytes_hold(bytes, size))
    return sy_fail(error, SY_INVALID_DATA,
                   "these %zu bytes of counted labels are damaged or cut short", size);
  return SY_OK;
}

static sy_status check_version(sy_byte_reader *reader, sy_error *error) {
  uint64_t version = sy_bytes_take(reader, UINT64_MAX);
  if (reader->status != SY_OK || version == VERSION) return SY_OK;
  return sy_fail(error, SY_INVALID_DATA,
                 "these counted labels are of format %llu; this version of steelyard reads %d",
                 (unsigned long long)version, VERSION);
}

/* A new counter of the kind and options that follow. */
static sy_counter *begin_counter(sy_byte_reader *reader) {
  sy_label_kind kind = (sy_label_kind)sy_bytes_take(reader, SY_LABEL_NAME_LIST);
  sy_labels_options options = sy_labels_options_default();
  sy_counter *counter = NULL;
  take_options(reader, &options);
  if (reader->status == SY_OK) {
    sy_status status = sy_counter_new(kind, &options, &counter, NULL);
    if (status != SY_OK)
      sy_bytes_refuse(reader, status == SY_OUT_OF_MEMORY ? status : SY_INVALID_DATA);
  }
  sy_labels_options_free(&options);
  return counter;
}

static sy_counter *take_counter(sy_byte_reader *reader) {
  sy_counter *counter = begin_counter(reader);
  if (!counter) return NULL;
  counter->rows = sy_bytes_take(reader, UINT64_MAX);
  counter->positions = sy_bytes_take(reader, UINT64_MAX);
  bool cells = counter->kind == SY_LABEL_MULTI_HOT; /* of them, several at a position */
  counter->ignored = sy_bytes_take(reader, cells ? UINT64_MAX : counter->positions);
  if (reader->status == SY_OK) counter->counting->take(counter, reader);
  if (sy_bytes_left(reader) > 0) sy_bytes_refuse(reader, SY_INVALID_DATA);
  if (reader->status == SY_OK) return counter;
  sy_counter_free(counter);
  return NULL;
}

sy_status sy_counter_from_bytes(const void *bytes, size_t size, sy_counter **counter,
                                sy_error *error) {
  *counter = NULL;
  sy_status status = check_bytes(bytes, size, error);
  if (status != SY_OK) return status;
  sy_byte_reader reader = {
      .bytes = bytes, .size = size - SY_BYTES_SEAL, .at = sizeof MARK, .status = SY_OK};
  status = check_version(&reader, error);
  if (status != SY_OK) return status;
  *counter = take_counter(&reader);
  if (*counter) return SY_OK;
  if (reader.status == SY_OUT_OF_MEMORY) return sy_fail_memory(error);
  return sy_fail(error, SY_INVALID_DATA, "these counted labels contradict themselves at byte %zu",
                 reader.at);
}
