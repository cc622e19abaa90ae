/* text_labels.h: label arrays of texts, as they are written in a call. */
#ifndef TESTS_TEXT_LABELS_H
#define TESTS_TEXT_LABELS_H

#include <stdlib.h>
#include <string.h>

#include <steelyard/labels.h>

#define NAMES(...) ((const char *const[]){__VA_ARGS__})

/* Texts one after the other, and the array that views them. */
typedef struct text_labels {
  char *bytes;
  int64_t *offsets;
  sy_texts texts;
  sy_label_array array;
} text_labels;

/* Copies n texts; fill with text_labels_view once it lies where it stays. */
static inline text_labels text_labels_of(const char *const *texts, size_t n) {
  text_labels labels = {.offsets = calloc(n + 1, sizeof *labels.offsets)};
  for (size_t i = 0; i < n; i++)
    labels.offsets[i + 1] = labels.offsets[i] + (int64_t)strlen(texts[i]);
  /* No byte to spare: whoever reads past the texts is found out by the sanitizers. */
  labels.bytes = malloc(labels.offsets[n] > 0 ? (size_t)labels.offsets[n] : 1);
  for (size_t i = 0; i < n; i++)
    memcpy(labels.bytes + labels.offsets[i], texts[i], strlen(texts[i]));
  return labels;
}

static inline const sy_label_array *text_labels_view(text_labels *labels, sy_label_kind kind,
                                                     size_t n_axes, const size_t *shape) {
  labels->texts = (sy_texts){labels->bytes, labels->offsets};
  labels->array = (sy_label_array){
      .kind = kind, .values = sy_array_of(NULL, SY_U32, n_axes, shape), .texts = &labels->texts};
  return &labels->array;
}

static inline void text_labels_free(text_labels *labels) {
  free(labels->bytes);
  free(labels->offsets);
}

/* Counts n texts as one block. */
static inline sy_status text_labels_count(sy_counter *counter, sy_label_kind kind,
                                          const char *const *texts, size_t n, sy_error *error) {
  text_labels labels = text_labels_of(texts, n);
  sy_status status = sy_counter_add(counter, text_labels_view(&labels, kind, 1, &n), error);
  text_labels_free(&labels);
  return status;
}

#endif
