/* nearest.c: "did you mean": edit distance with swaps of neighbours (optimal string alignment). */
#include "base/memory.h"

#include <steelyard/base.h>
#include <string.h>

/* Texts longer than this are no names anyone mistypes, and the distance costs their product. */
enum { LONGEST_NAME = 1024 };

static char lower(char c) {
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

/* Distance between two texts; rows holds 3 (strlen(b) + 1) numbers: this row of the table of
 * prefixes, the one before, and the one before that. */
static size_t edit_distance(const char *a, const char *b, size_t *rows) {
  size_t length_a = strlen(a), length_b = strlen(b);
  size_t *row = rows, *before = row + length_b + 1, *older = before + length_b + 1;
  for (size_t j = 0; j <= length_b; j++) row[j] = j;
  for (size_t i = 1; i <= length_a; i++) {
    size_t *spare = older;
    older = before;
    before = row;
    row = spare;
    row[0] = i;
    for (size_t j = 1; j <= length_b; j++) {
      size_t change = before[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
      row[j] = least(change, least(before[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = least(row[j], older[j - 2] + 1);
    }
  }
  return row[length_b];
}

static size_t longest_length(const char *const *names, size_t n_names) {
  size_t longest = 0;
  for (size_t i = 0; i < n_names; i++) {
    size_t length = strlen(names[i]);
    if (length <= LONGEST_NAME && length > longest) longest = length;
  }
  return longest;
}

const char *sy_nearest_name(const char *wrong, const char *const *names, size_t n_names) {
  size_t length = strlen(wrong);
  if (length > LONGEST_NAME) return NULL;
  size_t *rows = sy_alloc(3 * (longest_length(names, n_names) + 1), sizeof *rows);
  if (!rows) return NULL;
  const char *nearest = NULL;
  size_t best = SIZE_MAX;
  for (size_t i = 0; i < n_names; i++) {
    size_t name_length = strlen(names[i]);
    if (name_length > LONGEST_NAME) continue;
    size_t distance = edit_distance(wrong, names[i], rows);
    size_t letters = length > name_length ? length : name_length;
    if (3 * distance > letters || distance >= best) continue;
    best = distance;
    nearest = names[i];
  }
  free(rows);
  return nearest;
}
