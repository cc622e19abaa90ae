#include "report/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "report/format.h"

enum { LINES_MOST = 12 };

/* The next part up to one of `ends`, as a number ("-" = NAN); false where it is none. */
static bool take_number(const char **at, const char *ends, double *value) {
  char copy[SY_NUMBER_SIZE];
  size_t length = strcspn(*at, ends);
  if (length == 0 || length >= sizeof copy) return false;
  memcpy(copy, *at, length);
  copy[length] = 0;
  *at += length;
  *value = NAN;
  return strcmp(copy, "-") == 0 || sy_number_parse(copy, value);
}

/* "3:0.51/0.49/0.71": epoch, loss, loss and accuracy of the rows held back. */
static bool take_point(const char **at, double numbers[4]) {
  static const char *const ends[4] = {":", "/", "/", " "};
  for (int i = 0; i < 4; i++) {
    if (!take_number(at, ends[i], &numbers[i])) return false;
    if (**at) ++*at;
  }
  return isfinite(numbers[0]);
}

static size_t count_points(const char *note) {
  double numbers[4];
  size_t n = 0;
  while (*note && take_point(&note, numbers)) n++;
  return n;
}

static void put_line(sy_text *text, const double numbers[4]) {
  sy_put_right(text, sy_cell_count(numbers[0]), 7);
  for (int i = 1; i < 4; i++) sy_put_right(text, sy_cell_fixed(numbers[i], 4), i < 3 ? 12 : 26);
  sy_text_put(text, "\n");
}

void sy_put_curve(sy_text *text, const char *note, bool of_rounds) {
  size_t n = note ? count_points(note) : 0;
  size_t step = (n + LINES_MOST - 2) / (LINES_MOST - 1);
  double numbers[4];
  if (n == 0) return;
  sy_text_add(text, "\ntraining curve\n  %s        loss   held back   balanced acc. held back\n",
              of_rounds ? "round" : "epoch");
  for (size_t i = 0; i < n && take_point(&note, numbers); i++)
    if (i % step == 0 || i + 1 == n) put_line(text, numbers);
}
