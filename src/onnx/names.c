/* names.c: names of columns and names inside the graph kept apart. */
#include "onnx/names.h"

#include "base/memory.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char MARK[] = " (input)";

/* Whether a name is one of the reserved ones ("" is: ONNX reads it as "left out") followed by any
 * number of marks; says how many. */
static bool is_reserved(const char *name, size_t *marks) {
  static const char *const reserved[] = {SY_ONNX_LABEL, SY_ONNX_PROBABILITIES, ""};
  size_t length = strlen(name), mark = sizeof MARK - 1;
  *marks = 0;
  while (length >= mark && memcmp(name + length - mark, MARK, mark) == 0) {
    length -= mark;
    ++*marks;
  }
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
    if (strlen(reserved[i]) == length && memcmp(name, reserved[i], length) == 0) return true;
  return false;
}

char *sy_onnx_input_name(const char *column) {
  size_t marks, length = strlen(column);
  if (!is_reserved(column, &marks)) return sy_copy_text(column);
  char *name = sy_alloc(length + sizeof MARK, 1);
  if (!name) return NULL;
  memcpy(name, column, length);
  memcpy(name + length, MARK, sizeof MARK);
  return name;
}

char *sy_onnx_column_name(const char *input) {
  size_t marks, length = strlen(input);
  if (is_reserved(input, &marks) && marks > 0) length -= sizeof MARK - 1;
  return sy_copy_bytes(input, length);
}

static bool is_free(const char *const *columns, size_t n_columns, const char *prefix) {
  size_t length = strlen(prefix);
  for (size_t i = 0; i < n_columns; i++)
    if (strncmp(columns[i], prefix, length) == 0 && columns[i][length] == '/') return false;
  return true;
}

void sy_onnx_prefix(const char *const *columns, size_t n_columns,
                    char prefix[SY_ONNX_PREFIX_SIZE]) {
  strcpy(prefix, "steelyard");
  for (size_t n = 2; !is_free(columns, n_columns, prefix); n++)
    snprintf(prefix, SY_ONNX_PREFIX_SIZE, "steelyard%zu", n);
}
