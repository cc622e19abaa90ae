/* report_width.h: screens are at most 100 columns wide. */
#ifndef TESTS_REPORT_WIDTH_H
#define TESTS_REPORT_WIDTH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

/* Every line of a text within 100 columns. */
static inline void assert_fits(const char *text) {
  while (*text) {
    const char *end = strchr(text, '\n');
    assert_non_null(end);
    char line[512] = "";
    assert_true((size_t)(end - text) < sizeof line);
    memcpy(line, text, (size_t)(end - text));
    if (sy_text_width(line) > 100) fail_msg("wider than 100 columns: %s", line);
    text = end + 1;
  }
}

#endif
