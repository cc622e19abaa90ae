#include "report/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Digits of a whole number with a comma every three. */
static void put_grouped(char *out, size_t size, unsigned long long value) {
  char digits[32];
  int length = snprintf(digits, sizeof digits, "%llu", value);
  size_t at = 0;
  for (int i = 0; i < length && at + 2 < size; i++) {
    if (i > 0 && (length - i) % 3 == 0) out[at++] = ',';
    out[at++] = digits[i];
  }
  out[at] = 0;
}

/* Fixed decimals by whole numbers, since printf's decimal point depends on the locale. */
sy_cell sy_cell_fixed(double value, int decimals) {
  sy_cell cell = {"-"};
  if (isnan(value)) return cell;
  if (fabs(value) > 1e14 && isfinite(value)) return sy_cell_power(value);
  if (isinf(value)) {
    snprintf(cell.text, sizeof cell.text, value > 0 ? "inf" : "-inf");
    return cell;
  }
  unsigned long long scale = 1;
  for (int i = 0; i < decimals; i++) scale *= 10;
  unsigned long long scaled = (unsigned long long)llround(fabs(value) * (double)scale);
  char whole[40];
  put_grouped(whole, sizeof whole, scaled / scale);
  const char *sign = value < 0 && scaled > 0 ? "-" : "";
  if (decimals == 0) {
    snprintf(cell.text, sizeof cell.text, "%s%s", sign, whole);
  } else {
    snprintf(cell.text, sizeof cell.text, "%s%s.%0*llu", sign, whole, decimals, scaled % scale);
  }
  return cell;
}

/* Decimals of a count with a fraction: what makes four digits, without noughts at the end. */
static int count_decimals(double value) {
  int decimals = 1;
  double scaled = fabs(value) * 10;
  while (decimals < 7 && scaled < 999.5 && fabs(scaled - nearbyint(scaled)) > 1e-6 * scaled) {
    scaled *= 10;
    decimals++;
  }
  return decimals;
}

sy_cell sy_cell_count(double value) {
  double size = fabs(value);
  bool whole = fabs(size - nearbyint(size)) <= 1e-6 * fmin(size, 1);
  if (size >= 1e14 && size < 0x1p63) { /* exact, which multiplied it would not stay */
    char digits[40];
    sy_cell cell;
    put_grouped(digits, sizeof digits, (unsigned long long)size);
    snprintf(cell.text, sizeof cell.text, "%s%s", value < 0 ? "-" : "", digits);
    return cell;
  }
  if (size > 0 && size < 1e-6) return sy_cell_power(value);
  return sy_cell_fixed(value, whole ? 0 : count_decimals(value));
}

/* So many, up to `most` + 1, that neither a small share reads as none nor a large one as all. */
static int percent_decimals(double percent, int most) {
  double rest = fmin(percent, 100 - percent);
  int decimals = 1;
  if (rest > 0 && rest < 0.05)
    while (decimals <= most && rest * pow(10, decimals) < 1 - 1e-9) decimals++;
  return decimals;
}

sy_cell sy_cell_percent(double share) {
  enum { MOST_DECIMALS = 5 };
  double percent = 100 * share;
  int decimals = isnan(share) ? 1 : percent_decimals(percent, MOST_DECIMALS);
  bool close = decimals > MOST_DECIMALS;
  sy_cell cell = !close         ? sy_cell_fixed(percent, decimals)
                 : percent < 50 ? sy_cell_power(percent)
                                : (sy_cell){">99.9999"};
  if (!isnan(share)) strncat(cell.text, " %", sizeof cell.text - strlen(cell.text) - 1);
  return cell;
}

sy_cell sy_cell_amount(double value) {
  double size = fabs(value);
  int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return sy_cell_fixed(value, decimals);
}

sy_cell sy_cell_money(double value) {
  static const char units[] = "kMGT";
  size_t unit = 0;
  double scaled = value / 1000;
  if (!(fabs(value) >= 99999.5)) return sy_cell_amount(value);
  for (; fabs(scaled) >= 999.5 && units[unit + 1]; unit++) scaled /= 1000;
  if (fabs(scaled) >= 999.5) return sy_cell_amount(value);
  sy_cell number = sy_cell_amount(scaled), cell;
  snprintf(cell.text, sizeof cell.text, "%.12s%c", number.text, units[unit]);
  return cell;
}

sy_cell sy_cell_power(double value) {
  sy_cell cell = {"0"};
  if (!(fabs(value) > 0) || isinf(value)) return isinf(value) ? sy_cell_fixed(value, 0) : cell;
  int exponent = (int)floor(log10(fabs(value)));
  long digit = lround(value / pow(10, exponent));
  if (labs(digit) == 10) {
    digit /= 10;
    exponent++;
  }
  snprintf(cell.text, sizeof cell.text, "%lde%d", digit, exponent);
  return cell;
}

const char *sy_plural(double count) {
  return count == 1 ? "" : "s";
}

static size_t bytes_of_first(const char *text) {
  size_t length = 1;
  while (((unsigned char)text[length] & 0xC0) == 0x80) length++;
  return length;
}

sy_cell sy_cell_text(const char *text, size_t width) {
  sy_cell cell = {""};
  size_t at = 0, columns = 0;
  bool cut = sy_text_width(text) > width;
  while (*text && columns + (cut ? 1 : 0) < width) {
    size_t length = bytes_of_first(text);
    if (at + length + 4 > sizeof cell.text) break;
    memcpy(cell.text + at, text, length);
    bool control = (unsigned char)*text < 32 || *text == 127;
    if (control) cell.text[at] = '?'; /* a name must not move the cursor */
    at += length;
    text += length;
    columns++;
  }
  memcpy(cell.text + at, *text ? "…" : "", *text ? 4 : 1);
  return cell;
}

static void put_blanks(sy_text *text, size_t used, size_t width) {
  for (size_t i = used; i < width; i++) sy_text_put_bytes(text, " ", 1);
}

void sy_put_left(sy_text *text, sy_cell cell, size_t width) {
  sy_text_put(text, cell.text);
  put_blanks(text, sy_text_width(cell.text), width);
}

void sy_put_right(sy_text *text, sy_cell cell, size_t width) {
  put_blanks(text, sy_text_width(cell.text), width);
  sy_text_put(text, cell.text);
}

/* Bytes and columns of the next word; a percent sign goes with its number. */
static size_t word_length(const char *word, size_t *columns) {
  size_t length = strcspn(word, " ");
  if (strncmp(word + length, " %", 2) == 0) length += 1 + strcspn(word + length + 1, " ");
  *columns = 0;
  for (size_t i = 0; i < length; i++) *columns += ((unsigned char)word[i] & 0xC0) != 0x80;
  return length;
}

void sy_put_paragraph(sy_text *text, const char *paragraph, size_t indent) {
  enum { LINE_COLUMNS = 100 };
  size_t used = indent;
  for (const char *word = paragraph + strspn(paragraph, " "); *word; word += strspn(word, " ")) {
    size_t columns, length = word_length(word, &columns);
    if (used > indent && used + 1 + columns > LINE_COLUMNS) {
      sy_text_put(text, "\n");
      put_blanks(text, 0, indent);
      used = indent;
    }
    if (used > indent) {
      sy_text_put(text, " ");
      used++;
    }
    sy_text_put_bytes(text, word, length);
    used += columns;
    word += length;
  }
  sy_text_put(text, "\n");
}

sy_status sy_text_finish(sy_text *text, char **out, sy_error *error) {
  if (text->failed || !text->data) {
    free(text->data);
    *text = (sy_text){0};
    return sy_fail_memory(error);
  }
  *out = text->data;
  *text = (sy_text){0};
  return SY_OK;
}
