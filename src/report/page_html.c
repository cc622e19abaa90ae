#include "report/page_html.h"

#include <math.h>
#include <string.h>

/* Bytes of the UTF-8 character at `at`, or 0 where there is none: overlong forms, surrogates and
 * what lies beyond Unicode are none (the table of RFC 3629). */
static size_t character_length(const unsigned char *at) {
  size_t length = at[0] < 0x80                    ? 1
                  : at[0] >= 0xC2 && at[0] < 0xE0 ? 2
                  : at[0] >= 0xE0 && at[0] < 0xF0 ? 3
                  : at[0] >= 0xF0 && at[0] < 0xF5 ? 4
                                                  : 0;
  for (size_t i = 1; i < length; i++)
    if ((at[i] & 0xC0) != 0x80) return 0;
  bool low = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
  bool high = (at[0] == 0xED && at[1] > 0x9F) || (at[0] == 0xF4 && at[1] > 0x8F);
  return low || high ? 0 : length;
}

/* C0, C1 and DEL, which HTML has no use for, and what turns the direction of the text around it. */
static bool is_control(const unsigned char *at) {
  if (at[0] < 32 || at[0] == 127) return true;
  if (at[0] == 0xC2) return at[1] < 0xA0;
  bool embedding = at[0] == 0xE2 && at[1] == 0x80 && at[2] >= 0xAA && at[2] <= 0xAE;
  bool isolate = at[0] == 0xE2 && at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9;
  return embedding || isolate;
}

static const char *entity(unsigned char byte) {
  switch (byte) {
  case '&':
    return "&amp;";
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '"':
    return "&quot;";
  case '\'':
    return "&#39;";
  default:
    return NULL;
  }
}

static const char *json_escape(unsigned char byte) {
  switch (byte) {
  case '&':
    return "\\u0026";
  case '<':
    return "\\u003c";
  case '>':
    return "\\u003e";
  case '"':
    return "\\\"";
  case '\\':
    return "\\\\";
  default:
    return NULL;
  }
}

static void put_escaped(sy_text *text, const char *raw, const char *(*escape)(unsigned char)) {
  for (const unsigned char *at = (const unsigned char *)raw; *at;) {
    size_t length = character_length(at);
    const char *written = length == 1 ? escape(*at) : NULL;
    if (length == 0) {
      sy_text_put(text, "\xEF\xBF\xBD");
      length = 1;
    } else if (is_control(at)) {
      sy_text_put(text, " ");
    } else if (written) {
      sy_text_put(text, written);
    } else {
      sy_text_put_bytes(text, (const char *)at, length);
    }
    at += length;
  }
}

void sy_html_put(sy_text *text, const char *raw) {
  put_escaped(text, raw, entity);
}

void sy_html_element(sy_text *text, const char *tag, const char *raw) {
  sy_text_add(text, "<%s>", tag);
  sy_html_put(text, raw);
  sy_text_add(text, "</%.*s>", (int)strcspn(tag, " "), tag);
}

void sy_html_json(sy_text *text, const char *raw) {
  sy_text_put(text, "\"");
  put_escaped(text, raw, json_escape);
  sy_text_put(text, "\"");
}

void sy_html_json_number(sy_text *text, double value) {
  char number[SY_NUMBER_SIZE];
  sy_text_put(text, isfinite(value) ? sy_number_format(value, number) : "null");
}

void sy_html_json_numbers(sy_text *text, const double *values, size_t n) {
  sy_text_put(text, "[");
  for (size_t i = 0; i < n; i++) {
    if (i > 0) sy_text_put(text, ",");
    sy_html_json_number(text, values[i]);
  }
  sy_text_put(text, "]");
}

static unsigned char byte_of(const double *values, size_t at) {
  uint64_t bits;
  memcpy(&bits, values + at / 8, sizeof bits);
  return (unsigned char)(bits >> (8 * (at % 8)));
}

void sy_html_base64(sy_text *text, const double *values, size_t n) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t bytes = 8 * n;
  sy_text_put(text, "\"");
  for (size_t at = 0; at < bytes; at += 3) {
    uint32_t three = (uint32_t)byte_of(values, at) << 16;
    if (at + 1 < bytes) three |= (uint32_t)byte_of(values, at + 1) << 8;
    if (at + 2 < bytes) three |= byte_of(values, at + 2);
    char four[4] = {digits[three >> 18], digits[three >> 12 & 63],
                    at + 1 < bytes ? digits[three >> 6 & 63] : '=',
                    at + 2 < bytes ? digits[three & 63] : '='};
    sy_text_put_bytes(text, four, 4);
  }
  sy_text_put(text, "\"");
}
