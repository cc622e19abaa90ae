/* lexer.h: the words of Python, JSON and SQL literals: one lexer for all of them. */
#ifndef SY_DIALECT_LEXER_H
#define SY_DIALECT_LEXER_H

#include <stdbool.h>
#include <stddef.h>

typedef enum sy_token_kind {
  SY_TOKEN_END,
  SY_TOKEN_NUMBER, /* digits with what belongs to them: "1_000.5e-3", without a sign */
  SY_TOKEN_STRING, /* in quotes, a prefix (r, u, b) included */
  SY_TOKEN_WORD,   /* a name, dots included: "torch.tensor" */
  SY_TOKEN_MARK,   /* one character of punctuation */
  SY_TOKEN_OPEN    /* a string whose quote is not closed on its line */
} sy_token_kind;

/* A piece of the text: bytes [start, end). */
typedef struct sy_token {
  sy_token_kind kind;
  const char *start, *end;
} sy_token;

/* The token at `text`, blanks and comments (# and -- to the end of the line) left out. At the end
 * it is SY_TOKEN_END, again and again. */
sy_token sy_token_next(const char *text);

/* The first token of a later line: for statements that are passed over (import). */
sy_token sy_token_next_line(const char *text);

/* Whether a token is this character, or this word. */
bool sy_token_is_mark(sy_token token, char mark);
bool sy_token_is_word(sy_token token, const char *word);

#endif
