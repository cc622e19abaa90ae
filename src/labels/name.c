/* name.c: class names as text, with plain decimals in one form. */
#include "labels/name.h"

#include "base/error.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* Length of the whole part at the start of a decimal (no sign), 0 where there is none. */
static size_t whole_length(const char *digits, size_t length) {
  if (length == 0 || !is_digit(digits[0])) return 0;
  if (digits[0] == '0') return 1;
  size_t end = 1;
  while (end < length && is_digit(digits[end])) end++;
  return end;
}

/* Bytes that a plain decimal keeps: up to the last fraction digit that is no zero; 0 where the text
 * is no plain decimal. */
static size_t decimal_length(const char *text, size_t length) {
  size_t sign = length > 0 && text[0] == '-';
  size_t whole = whole_length(text + sign, length - sign);
  size_t point = sign + whole;
  if (whole == 0) return 0;
  if (point == length) return length;
  if (text[point] != '.' || point + 1 == length) return 0;
  for (size_t i = point + 1; i < length; i++)
    if (!is_digit(text[i])) return 0;
  while (text[length - 1] == '0') length--;
  return text[length - 1] == '.' ? point : length;
}

const char *sy_name_piece(const char *text, size_t *length) {
  const char *zero = *length > 0 ? memchr(text, 0, *length) : NULL;
  if (zero) *length = (size_t)(zero - text);
  while (*length > 0 && is_blank(*text)) text++, (*length)--;
  while (*length > 0 && is_blank(text[*length - 1])) (*length)--;
  size_t decimal = decimal_length(text, *length);
  if (decimal > 0) *length = decimal;
  if (decimal != 2 || memcmp(text, "-0", 2) != 0) return text;
  *length = 1;
  return text + 1;
}

char *sy_name_canonical(const char *text) {
  size_t length = strlen(text);
  const char *piece = sy_name_piece(text, &length);
  return sy_copy_bytes(piece, length);
}

bool sy_name_is_number(const char *name) {
  size_t length = strlen(name);
  return length > 0 && decimal_length(name, length) == length && strcmp(name, "-0") != 0;
}

/* Order of two canonical decimals without sign: more whole digits, then digit by digit; a fraction
 * that goes on is larger, for '.' sorts below digits and the end below all. */
static int compare_magnitudes(const char *a, const char *b) {
  size_t whole_a = strcspn(a, "."), whole_b = strcspn(b, ".");
  if (whole_a != whole_b) return whole_a < whole_b ? -1 : 1;
  return strcmp(a, b);
}

int sy_name_compare_numbers(const char *a, const char *b) {
  if (*a == '-' && *b == '-') return compare_magnitudes(b + 1, a + 1);
  if (*a == '-' || *b == '-') return *a == '-' ? -1 : 1;
  return compare_magnitudes(a, b);
}

static sy_status declare_one(const char *written, sy_dictionary *classes, sy_error *error) {
  char *name = sy_name_canonical(written);
  if (!name) return sy_fail_memory(error);
  char shown[SY_SHOWN_SIZE];
  sy_status status = SY_OK;
  size_t before = classes->n;
  if (*name == 0) {
    status = sy_fail(error, SY_INVALID_ARGUMENT, "class %zu of the declared ones has no name",
                     before + 1);
  } else if (sy_dictionary_add(classes, name, strlen(name)) == SY_NOT_FOUND) {
    status = sy_fail_memory(error);
  } else if (classes->n == before) {
    status = sy_fail(error, SY_INVALID_ARGUMENT, "class '%s' is declared twice",
                     sy_shown(written, shown));
  }
  free(name);
  return status;
}

sy_status sy_names_declare(const char *const *names, size_t n_names, sy_dictionary *classes,
                           sy_error *error) {
  sy_status status = SY_OK;
  for (size_t k = 0; k < n_names && status == SY_OK; k++) {
    char id[sizeof "18446744073709551615"];
    if (!names) snprintf(id, sizeof id, "%zu", k);
    status = declare_one(names ? names[k] : id, classes, error);
  }
  return status;
}

static int compare_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static int compare_numbers(const void *a, const void *b) {
  return sy_name_compare_numbers(*(char *const *)a, *(char *const *)b);
}

void sy_names_sort(const char **names, size_t n) {
  bool numbers = true;
  for (size_t k = 0; k < n && numbers; k++) numbers = sy_name_is_number(names[k]);
  qsort(names, n, sizeof *names, numbers ? compare_numbers : compare_bytes);
}

uint32_t sy_names_find(const sy_dictionary *classes, const char *name) {
  size_t length = strlen(name);
  const char *piece = sy_name_piece(name, &length);
  return sy_dictionary_find(classes, piece, length);
}

sy_status sy_name_fail_missing(const char *place, sy_error *error) {
  return sy_fail(error, SY_INVALID_LABEL,
                 "the label at %s is missing; remove the row or give it a label", place);
}
