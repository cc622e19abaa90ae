/* number.c: numbers as text, whatever the locale. The calling thread is switched to the C locale
 * for the moment of a conversion: the library's callers may have set another. */
#define _POSIX_C_SOURCE 200809L

#include "base/number.h"

#include "base/shortest.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <steelyard/base.h>
#include <string.h>
#include <strings.h>

typedef struct c_locale {
  locale_t c, before;
} c_locale;

static c_locale enter_c_locale(void) {
  c_locale locale = {newlocale(LC_ALL_MASK, "C", (locale_t)0), (locale_t)0};
  if (locale.c) locale.before = uselocale(locale.c);
  return locale;
}

static void leave_c_locale(c_locale locale) {
  if (!locale.c) return;
  uselocale(locale.before);
  freelocale(locale.c);
}

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *text) {
  while (is_blank(*text)) text++;
  return text;
}

static const char *skip_digits(const char *text) {
  while (is_digit(*text)) text++;
  return text;
}

/* End of a decimal with optional exponent at `text` (no sign); NULL where there is none. Decides
 * before strtod is asked, which would take hexadecimals too. */
static const char *decimal_end(const char *text) {
  const char *end = skip_digits(text);
  size_t digits = (size_t)(end - text);
  if (*end == '.') {
    const char *fraction = end + 1;
    end = skip_digits(fraction);
    digits += (size_t)(end - fraction);
  }
  if (digits == 0) return NULL;
  if (*end != 'e' && *end != 'E') return end;
  const char *exponent = end + 1;
  if (*exponent == '+' || *exponent == '-') exponent++;
  return is_digit(*exponent) ? skip_digits(exponent) : NULL;
}

/* End of "inf", "infinity" or "nan" at `text` in upper or lower case; NULL where there is none. */
static const char *word_end(const char *text, double *value) {
  static const struct {
    const char *word;
    double value;
  } words[] = {{"infinity", INFINITY}, {"inf", INFINITY}, {"nan", NAN}};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    size_t length = strlen(words[i].word);
    if (strncasecmp(text, words[i].word, length) != 0) continue;
    *value = words[i].value;
    return text + length;
  }
  return NULL;
}

bool sy_number_parse(const char *text, double *value) {
  text = skip_blanks(text);
  bool negative = *text == '-';
  if (*text == '-' || *text == '+') text++;
  double number = 0;
  const char *end = decimal_end(text);
  bool decimal = end != NULL;
  if (!decimal) end = word_end(text, &number);
  if (!end || *skip_blanks(end)) return false;
  if (decimal) {
    c_locale locale = enter_c_locale();
    number = strtod(text, NULL);
    leave_c_locale(locale);
  }
  *value = negative ? -number : number;
  return true;
}

/* Writes the words of numbers that are not finite; NULL for the others. */
static char *format_word(double value, char text[SY_NUMBER_SIZE]) {
  if (isnan(value)) return strcpy(text, "nan");
  if (isinf(value)) return strcpy(text, value < 0 ? "-inf" : "inf");
  return NULL;
}

/* Tries 15 digits, which survive in every normal double, then 16; 17 always read back. */
static void format_slowly(double value, char text[SY_NUMBER_SIZE]) {
  int digits = fabs(value) < DBL_MIN ? 1 : 15;
  c_locale locale = enter_c_locale();
  for (; digits <= 17; digits++) {
    snprintf(text, SY_NUMBER_SIZE, "%.*g", digits, value);
    if (strtod(text, NULL) == value) break;
  }
  leave_c_locale(locale);
}

/* Writes the last `n` digits of a number. */
static void write_digits(uint64_t digits, int n, char *text) {
  for (; n >= 2; digits /= 100) {
    unsigned pair = (unsigned)(digits % 100);
    text[--n] = (char)('0' + pair % 10);
    text[--n] = (char)('0' + pair / 10);
  }
  if (n > 0) text[0] = (char)('0' + digits % 10);
}

/* "e-07": at least two digits, as printf writes it. */
static char *write_exponent(int exponent, char *text) {
  int size = abs(exponent) < 100 ? 2 : 3;
  *text++ = 'e';
  *text++ = exponent < 0 ? '-' : '+';
  write_digits((uint64_t)abs(exponent), size, text);
  return text + size;
}

/* Lays a decimal out as printf("%.*g", precision) does. */
static void write_decimal(sy_decimal decimal, int precision, char *text) {
  while (decimal.n_digits > 1 && decimal.digits % 10 == 0) {
    decimal.digits /= 10;
    decimal.n_digits--;
  }
  int exponent = decimal.exponent, n = decimal.n_digits;
  bool scientific = exponent < -4 || exponent >= precision;
  int before = scientific ? 1 : exponent + 1; /* digits before the point */
  if (before <= 0) {
    memcpy(text, "0.0000", (size_t)(2 - before));
    text += 2 - before;
    write_digits(decimal.digits, n, text);
    text += n;
  } else if (before >= n) {
    write_digits(decimal.digits, n, text);
    memset(text + n, '0', (size_t)(before - n));
    text += before;
  } else {
    write_digits(decimal.digits, n, text + 1);
    memmove(text, text + 1, (size_t)before);
    text[before] = '.';
    text += n + 1;
  }
  if (scientific) text = write_exponent(exponent, text);
  *text = 0;
}

char *sy_number_format(double value, char text[SY_NUMBER_SIZE]) {
  sy_decimal decimal;
  if (format_word(value, text)) return text;
  if (!sy_shortest_f64(fabs(value), &decimal)) {
    format_slowly(value, text);
    return text;
  }
  text[0] = '-';
  write_decimal(decimal, decimal.n_digits, text + (value < 0));
  return text;
}

/* The decimal of the fewest digits that reads back as a float32, as the double nearest to it. */
static double shortest_double(float value) {
  char text[SY_NUMBER_SIZE];
  double parsed = (double)value;
  c_locale locale = enter_c_locale();
  for (int digits = 1; digits <= 9; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, (double)value);
    parsed = strtod(text, NULL);
    if ((float)parsed == value) break;
  }
  leave_c_locale(locale);
  return parsed;
}

char *sy_number_format_f32(float value, char text[SY_NUMBER_SIZE]) {
  sy_decimal decimal;
  if (format_word((double)value, text)) return text;
  if (!sy_shortest_f32(fabsf(value), &decimal))
    return sy_number_format(shortest_double(value), text);
  text[0] = '-';
  write_decimal(decimal, 15, text + (value < 0));
  return text;
}

char *sy_number_round(double value, int digits, char text[SY_NUMBER_SIZE]) {
  if (format_word(value, text)) return text;
  c_locale locale = enter_c_locale();
  snprintf(text, SY_NUMBER_SIZE, "%.*g", digits, value);
  leave_c_locale(locale);
  return text;
}
