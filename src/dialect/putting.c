/* putting.c: what several dialects write alike. */
#include "dialect/putting.h"

#include "base/error.h"
#include "labels/name.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Items go on in the next line where a line would get longer. */
enum { LINE_LENGTH = 96 };

void sy_put_string(sy_text *text, const char *string) {
  sy_text_put(text, "'");
  for (; *string; string++) {
    unsigned char c = (unsigned char)*string;
    if (c == '\'' || c == '\\') {
      sy_text_add(text, "\\%c", c);
    } else if (c < 0x20 || c == 0x7F) {
      sy_text_add(text, "\\x%02x", c);
    } else {
      sy_text_put_bytes(text, string, 1);
    }
  }
  sy_text_put(text, "'");
}

void sy_put_float(sy_text *text, double value) {
  char number[SY_NUMBER_SIZE];
  sy_text_put(text, sy_number_format(value, number));
  if (!strpbrk(number, ".e")) sy_text_put(text, ".0");
}

static size_t column_of(const sy_text *text) {
  size_t at = text->length;
  while (at > 0 && text->data[at - 1] != '\n' && text->length - at <= LINE_LENGTH) at--;
  return text->length - at;
}

/* Moves the item put last, from `start` on, to a new line where its line has become too long. */
static void wrap(sy_text *text, size_t start, const char *line_start) {
  if (text->failed || column_of(text) <= LINE_LENGTH) return;
  sy_text item = {0};
  sy_text_put_bytes(&item, text->data + start, text->length - start);
  text->length = start;
  while (text->length > 0 && text->data[text->length - 1] == ' ') text->length--;
  sy_text_add(text, "\n%s", line_start);
  if (item.data) sy_text_put_bytes(text, item.data, item.length);
  text->failed |= item.failed;
  free(item.data);
}

void sy_put_order(sy_text *text, const char *comment, const char *what, size_t first_id,
                  const sy_written *written) {
  sy_text_add(text, "%s%s: ", comment, what);
  for (size_t k = 0; k < written->n; k++) {
    size_t start = text->length;
    sy_text_add(text, "%zu = ", first_id + k);
    sy_put_string(text, written->classes[k]);
    if (k + 1 < written->n) sy_text_put(text, ",");
    if (k > 0) wrap(text, start, comment);
    if (k + 1 < written->n) sy_text_put(text, " ");
  }
  sy_text_put(text, "\n");
}

typedef void (*put_key)(sy_text *text, const sy_written *written, size_t k);

static void put_items(sy_text *text, const sy_written *written, const char *brackets, put_key put) {
  sy_text_put_bytes(text, brackets, 1);
  for (size_t k = 0; k < written->n; k++) {
    size_t start = text->length;
    if (put) {
      put(text, written, k);
      sy_text_put(text, ": ");
    }
    sy_put_float(text, written->weights[k]);
    if (k + 1 < written->n) sy_text_put(text, ",");
    if (k > 0) wrap(text, start, "    ");
    if (k + 1 < written->n) sy_text_put(text, " ");
  }
  sy_text_put_bytes(text, brackets + 1, 1);
}

void sy_put_array(sy_text *text, const sy_written *written) {
  put_items(text, written, "[]", NULL);
}

static void put_id(sy_text *text, const sy_written *written, size_t k) {
  (void)written;
  sy_text_add(text, "%zu", k);
}

void sy_put_id_map(sy_text *text, const sy_written *written) {
  put_items(text, written, "{}", put_id);
}

static void put_label(sy_text *text, const sy_written *written, size_t k) {
  sy_put_string(text, written->classes[k]);
}

static void put_integer(sy_text *text, const sy_written *written, size_t k) {
  sy_text_put(text, written->classes[k]);
}

static bool is_integer(const char *name) {
  return sy_name_is_number(name) && !strchr(name, '.');
}

static void put_integer_or_label(sy_text *text, const sy_written *written, size_t k) {
  (is_integer(written->classes[k]) ? put_integer : put_label)(text, written, k);
}

void sy_put_label_map(sy_text *text, const sy_written *written) {
  bool integers = true;
  for (size_t k = 0; k < written->n; k++) integers &= is_integer(written->classes[k]);
  put_items(text, written, "{}", integers ? put_integer : put_label);
}

void sy_put_integer_map(sy_text *text, const sy_written *written) {
  put_items(text, written, "{}", put_integer_or_label);
}

bool sy_is_small_integer(const char *name) {
  double value;
  return is_integer(name) && sy_number_parse(name, &value) && fabs(value) <= INT32_MAX;
}

sy_status sy_weight_ratio(const sy_written *written, const char *option, double *ratio,
                          sy_error *error) {
  *ratio = written->weights[1] / written->weights[0];
  if (isfinite(*ratio)) return SY_OK;
  char shown[SY_SHOWN_SIZE], number[SY_NUMBER_SIZE];
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "%s is the weight of the second class over that of the first, but '%s' weighs %s; "
                 "leave its rows out, or give each row its weight",
                 option, sy_shown(written->classes[0], shown),
                 sy_number_format(written->weights[0], number));
}
