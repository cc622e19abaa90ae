#include "literal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

/* Where reading has come to. */
typedef struct cursor {
  const char *text, *at, *called;
} cursor;

static int say_wrong(const cursor *c, const char *expected) {
  return say_usage("%s, character %zu: %s; counts are written {0: 1300000, 1: 40}", c->called,
                   (size_t)(c->at - c->text) + 1, expected);
}

static void skip_blanks(cursor *c) {
  while (*c->at && strchr(" \t\r\n", *c->at)) c->at++;
}

static bool take(cursor *c, char wanted) {
  skip_blanks(c);
  if (*c->at != wanted) return false;
  c->at++;
  return true;
}

/* Bytes of a bare word: a number, a name without quotes, a function of Python. */
static size_t word_length(const char *at) {
  size_t n = 0;
  while (at[n] && !isspace((unsigned char)at[n]) && !strchr("{}[](),:'\"", at[n])) n++;
  return n;
}

static void put_utf8(char **out, unsigned code) {
  if (code < 0x80) {
    *(*out)++ = (char)code;
  } else if (code < 0x800) {
    *(*out)++ = (char)(0xC0 | code >> 6);
    *(*out)++ = (char)(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *(*out)++ = (char)(0xE0 | code >> 12);
    *(*out)++ = (char)(0x80 | (code >> 6 & 0x3F));
    *(*out)++ = (char)(0x80 | (code & 0x3F));
  } else {
    *(*out)++ = (char)(0xF0 | code >> 18);
    *(*out)++ = (char)(0x80 | (code >> 12 & 0x3F));
    *(*out)++ = (char)(0x80 | (code >> 6 & 0x3F));
    *(*out)++ = (char)(0x80 | (code & 0x3F));
  }
}

static bool take_hex(cursor *c, size_t digits, unsigned *code) {
  *code = 0;
  for (size_t i = 0; i < digits; i++, c->at++) {
    if (!isxdigit((unsigned char)*c->at)) return false;
    char digit = (char)tolower((unsigned char)*c->at);
    *code = *code * 16 + (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  return true;
}

/* \u1234, two of them for what lies beyond; surrogates that stand alone are no characters. */
static bool take_unicode(cursor *c, size_t digits, unsigned *code) {
  unsigned low;
  if (!take_hex(c, digits, code) || *code == 0 || *code > 0x10FFFF) return false;
  if (*code < 0xD800 || *code > 0xDFFF) return true;
  if (*code > 0xDBFF || strncmp(c->at, "\\u", 2) != 0) return false;
  c->at += 2;
  if (!take_hex(c, 4, &low) || low < 0xDC00 || low > 0xDFFF) return false;
  *code = 0x10000 + ((*code - 0xD800) << 10) + (low - 0xDC00);
  return true;
}

/* What stands after a backslash. */
static bool take_escape(cursor *c, char **out) {
  static const char letters[] = "ntrbf/\\'\"", meant[] = "\n\t\r\b\f/\\'\"";
  char letter = *c->at;
  const char *found = letter ? strchr(letters, letter) : NULL;
  unsigned code;
  if (!letter) return false;
  c->at++;
  if (found) {
    *(*out)++ = meant[found - letters];
    return true;
  }
  size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  if (!digits || !take_unicode(c, digits, &code)) return false;
  put_utf8(out, code);
  return true;
}

static int take_quoted(cursor *c, char **text) {
  cursor begin = *c;
  char quote = *c->at++, *out = *text = grab(strlen(c->at) + 1, 1);
  while (*c->at && *c->at != quote) {
    if (*c->at != '\\') {
      *out++ = *c->at++;
      continue;
    }
    begin.at = c->at++;
    if (!take_escape(c, &out)) return say_wrong(&begin, "what follows the backslash is unknown");
  }
  if (*c->at != quote) return say_wrong(&begin, "a quote is not closed");
  c->at++;
  return EXIT_DONE;
}

/* A text in quotes, or a bare word. */
static int take_atom(cursor *c, const char *expected, char **text) {
  skip_blanks(c);
  if (*c->at == '"' || *c->at == '\'') return take_quoted(c, text);
  size_t n = word_length(c->at);
  if (!n) return say_wrong(c, expected);
  *text = text_format("%.*s", (int)n, c->at);
  c->at += n;
  return EXIT_DONE;
}

/* An atom, which NumPy's print wraps: np.int64(5). */
static int take_value(cursor *c, const char *expected, char **text) {
  int code = take_atom(c, expected, text);
  if (code != EXIT_DONE || *c->at != '(') return code;
  c->at++;
  free(*text);
  *text = NULL;
  code = take_atom(c, expected, text);
  return code == EXIT_DONE && !take(c, ')') ? say_wrong(c, "a ) is missing") : code;
}

/* 1_300_000 is a number to Python. */
static bool parse_number(char *text, double *number) {
  char *out = text;
  for (char *in = text; *in; in++) {
    bool between = in > text && isdigit((unsigned char)in[-1]) && isdigit((unsigned char)in[1]);
    if (*in != '_' || !between) *out++ = *in;
  }
  *out = 0;
  return sy_number_parse(text, number);
}

static void add(literal *read, const char *name, double number) {
  size_t n = read->names.n;
  bool full = (n & (n - 1)) == 0; /* room is doubled */
  if (full) {
    double *longer = grab(n ? 2 * n : 1, sizeof *longer);
    if (n) memcpy(longer, read->numbers, n * sizeof *longer);
    free(read->numbers);
    read->numbers = longer;
  }
  read->numbers[n] = number;
  text_list_add(&read->names, name);
}

static int take_number(cursor *c, const char *name, literal *read) {
  skip_blanks(c);
  cursor begin = *c;
  char *text = NULL;
  double number = 0;
  int code = take_value(c, "a count is expected", &text);
  if (code == EXIT_DONE && !parse_number(text, &number))
    code = say_usage("%s, character %zu: the count '%s' of class '%s' is no number", c->called,
                     (size_t)(begin.at - begin.text) + 1, text, name);
  if (code == EXIT_DONE) add(read, name, number);
  free(text);
  return code;
}

static int take_pair(cursor *c, literal *read) {
  char *name = NULL;
  int code = take_value(c, "the name of a class is expected", &name);
  if (code == EXIT_DONE && !take(c, ':'))
    code = say_wrong(c, "a : between class and count is expected");
  if (code == EXIT_DONE) code = take_number(c, name, read);
  free(name);
  return code;
}

static int take_item(cursor *c, bool pairs, literal *read) {
  if (pairs) return take_pair(c, read);
  char *name = text_format("%zu", read->names.n);
  int code = take_number(c, name, read);
  free(name);
  return code;
}

/* What stands between brackets; a comma after the last item is allowed. */
static int take_items(cursor *c, bool pairs, literal *read) {
  char closing = pairs ? '}' : ']';
  while (!take(c, closing)) {
    int code = take_item(c, pairs, read);
    if (code != EXIT_DONE) return code;
    skip_blanks(c);
    if (!take(c, ',') && *c->at != closing)
      return say_wrong(c, pairs ? "a comma or } is expected" : "a comma or ] is expected");
  }
  return EXIT_DONE;
}

int literal_read(const char *text, const char *called, literal *read) {
  cursor c = {text, text, called};
  *read = (literal){0};
  skip_blanks(&c);
  size_t name = word_length(c.at);
  bool wrapped = name && c.at[name] == '('; /* Counter({...}), as Python prints it */
  if (wrapped) c.at += name + 1;
  bool pairs = take(&c, '{');
  if (!pairs && !take(&c, '['))
    return say_wrong(&c, "braces around classes and their counts are expected");
  int code = take_items(&c, pairs, read);
  if (code == EXIT_DONE && wrapped && !take(&c, ')')) code = say_wrong(&c, "a ) is missing");
  skip_blanks(&c);
  return code == EXIT_DONE && *c.at ? say_wrong(&c, "something follows the end") : code;
}

void literal_clear(literal *read) {
  text_list_free(&read->names);
  free(read->numbers);
  *read = (literal){0};
}
