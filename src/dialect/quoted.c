/* quoted.c: what a quoted string of Python, JSON or SQL says: their escapes are nearly the same. */
#include "dialect/quoted.h"

#include "base/error.h"
#include "base/memory.h"
#include "dialect/script.h"

#include <string.h>

/* Value of up to `most` digits of a base at *at, which moves behind them; -1 where there are fewer
 * than `least`. */
static long read_digits(const char **at, int base, int least, int most) {
  static const char digits[] = "0123456789abcdef";
  long value = 0;
  int n = 0;
  for (; n < most; n++, (*at)++) {
    char c = **at >= 'A' && **at <= 'F' ? (char)(**at - 'A' + 'a') : **at;
    const char *digit = c ? strchr(digits, c) : NULL;
    if (!digit || digit - digits >= base) break;
    value = value * base + (digit - digits);
  }
  return n >= least ? value : -1;
}

/* The second half of a code point above U+FFFF, which JSON writes as two escapes. */
static long read_pair(const char **at, long high) {
  const char *next = *at;
  if (high < 0xD800 || high > 0xDBFF || next[0] != '\\' || next[1] != 'u') return high;
  next += 2;
  long low = read_digits(&next, 16, 4, 4);
  if (low < 0xDC00 || low > 0xDFFF) return high;
  *at = next;
  return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}

/* Writes a code point as UTF-8, behind which it returns; NULL where it is none. */
static char *put_code_point(char *out, long code) {
  if (code <= 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return NULL;
  if (code < 0x80) {
    *out++ = (char)code;
    return out;
  }
  int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static const int first[] = {0, 0xC0, 0xE0, 0xF0};
  *out++ = (char)(first[more] | (code >> (6 * more)));
  while (more-- > 0) *out++ = (char)(0x80 | ((code >> (6 * more)) & 0x3F));
  return out;
}

/* Resolves the escape behind a backslash at *at; NULL where it is none. What is longest as UTF-8 is
 * still shorter than its escape. */
static char *put_escape(char *out, const char **at) {
  static const char letters[] = "abfnrtv", meant[] = "\a\b\f\n\r\t\v";
  char c = *(*at)++;
  const char *letter = strchr(letters, c);
  if (letter) return put_code_point(out, meant[letter - letters]);
  if (strchr("\\'\"/?`", c)) return put_code_point(out, c);
  if (c == 'x') return put_code_point(out, read_digits(at, 16, 2, 2));
  if (c == 'u') {
    long high = read_digits(at, 16, 4, 4);
    return put_code_point(out, read_pair(at, high));
  }
  if (c == 'U') return put_code_point(out, read_digits(at, 16, 8, 8));
  if (c < '0' || c > '7') return NULL;
  (*at)--;
  return put_code_point(out, read_digits(at, 8, 1, 3));
}

sy_status sy_quoted_read(sy_token string, char **text, sy_error *error) {
  const char *at = string.start;
  bool raw = *at == 'r' || *at == 'R';
  if (*at != '\'' && *at != '"') at++;
  const char quote = *at++, *end = string.end - 1;
  char *out = *text = sy_alloc((size_t)(end - at) + 1, 1);
  if (!out) return sy_fail_memory(error);
  while (at < end && out) {
    if (*at == '\\' && !raw) {
      at++;
      out = put_escape(out, &at);
    } else {
      if (*at == quote) at++;
      *out++ = *at++;
    }
  }
  if (out) {
    *out = 0;
    return SY_OK;
  }
  free(*text);
  *text = NULL;
  char shown[SY_SHOWN_SIZE];
  return sy_fail(error, SY_INVALID_WEIGHT, "class weights: %s holds an escape that is no character",
                 sy_piece_shown(string.start, string.end, shown));
}
