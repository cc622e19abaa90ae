/* lexer.c: the words of Python, JSON and SQL literals. */
#include "dialect/lexer.h"

#include <string.h>

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static const char *line_end(const char *text) {
  return text + strcspn(text, "\n");
}

static const char *skip(const char *text) {
  for (;;) {
    if (is_blank(*text)) {
      text++;
    } else if (*text == '#' || (text[0] == '-' && text[1] == '-')) {
      text = line_end(text);
    } else {
      return text;
    }
  }
}

/* Behind the closing quote, or NULL. A doubled quote stands for one, as SQL has it; in Python two
 * strings that touch would be joined, which nobody writes for a class name. */
static const char *string_end(const char *text, bool raw) {
  const char quote = *text;
  for (text++; *text && *text != '\n'; text++) {
    if (*text == '\\' && !raw && text[1]) {
      text++;
    } else if (*text == quote) {
      if (text[1] != quote) return text + 1;
      text++;
    }
  }
  return NULL;
}

static sy_token string_token(const char *start, const char *quote) {
  bool raw = quote > start && (*start == 'r' || *start == 'R');
  const char *end = string_end(quote, raw);
  if (!end) return (sy_token){SY_TOKEN_OPEN, start, line_end(start)};
  return (sy_token){SY_TOKEN_STRING, start, end};
}

/* Everything that a careless reader could take for part of the number belongs to it, so that "5x"
 * is one wrong number and not the number 5. */
static const char *number_end(const char *text) {
  for (; is_digit(*text) || is_letter(*text) || *text == '.'; text++) {
    bool exponent = (*text == 'e' || *text == 'E') && (text[1] == '+' || text[1] == '-');
    if (exponent && is_digit(text[2])) text++;
  }
  return text;
}

static const char *word_end(const char *text) {
  while (is_letter(*text) || is_digit(*text) || (*text == '.' && is_letter(text[1]))) text++;
  return text;
}

sy_token sy_token_next(const char *text) {
  const char *start = skip(text);
  if (!*start) return (sy_token){SY_TOKEN_END, start, start};
  if (*start == '\'' || *start == '"') return string_token(start, start);
  if (strchr("rRuUbB", *start) && (start[1] == '\'' || start[1] == '"'))
    return string_token(start, start + 1);
  if (is_digit(*start) || (*start == '.' && is_digit(start[1])))
    return (sy_token){SY_TOKEN_NUMBER, start, number_end(start)};
  if (is_letter(*start)) return (sy_token){SY_TOKEN_WORD, start, word_end(start)};
  return (sy_token){SY_TOKEN_MARK, start, start + 1};
}

sy_token sy_token_next_line(const char *text) {
  return sy_token_next(line_end(text));
}

bool sy_token_is_mark(sy_token token, char mark) {
  return token.kind == SY_TOKEN_MARK && *token.start == mark;
}

bool sy_token_is_word(sy_token token, const char *word) {
  size_t length = (size_t)(token.end - token.start);
  return token.kind == SY_TOKEN_WORD && strlen(word) == length &&
         memcmp(token.start, word, length) == 0;
}
