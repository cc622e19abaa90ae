/* letter_classes.h: classes named by letters, to be weighed, and how near a figure must be. */
#ifndef TESTS_LETTER_CLASSES_H
#define TESTS_LETTER_CLASSES_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST_CLASSES = 32 };

/* Names "a", "b", "c", ... */
static inline const char *const *letters(void) {
  static const char *const names[MOST_CLASSES] = {
      "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k",  "l",  "m",  "n",  "o",  "p",
      "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "a1", "b1", "c1", "d1", "e1", "f1"};
  return names;
}

static inline void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

#endif
