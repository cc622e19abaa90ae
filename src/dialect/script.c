/* script.c: reads statements, TARGET = EXPRESSION or EXPRESSION, by recursive descent. */
#include "dialect/script.h"

#include "base/error.h"
#include "base/memory.h"
#include "dialect/lexer.h"
#include "dialect/quoted.h"

#include <string.h>

/* Far beyond what anyone nests, far below what the stack holds. */
enum { DEEPEST = 40 };

typedef struct reader {
  sy_script *script;
  sy_token token; /* the next one */
  int depth;
  sy_error *error;
} reader;

static void advance(reader *in) {
  in->token = sy_token_next(in->token.end);
}

static bool at_mark(const reader *in, char mark) {
  return sy_token_is_mark(in->token, mark);
}

/* Moves behind a mark where it is there. */
static bool take(reader *in, char mark) {
  bool there = at_mark(in, mark);
  if (there) advance(in);
  return there;
}

/* Says what stands where `wanted` would be right. */
static sy_status fail_here(const reader *in, const char *wanted) {
  char shown[SY_SHOWN_SIZE];
  sy_token token = in->token;
  if (token.kind == SY_TOKEN_END)
    return sy_fail(in->error, SY_INVALID_WEIGHT, "class weights end where %s is missing", wanted);
  sy_piece_shown(token.start, token.end, shown);
  if (token.kind == SY_TOKEN_OPEN)
    return sy_fail(in->error, SY_INVALID_WEIGHT, "class weights: the quote of %s is not closed",
                   shown);
  return sy_fail(in->error, SY_INVALID_WEIGHT, "class weights: '%s' stands where %s is expected",
                 shown, wanted);
}

static sy_node *new_node(reader *in, sy_node_kind kind) {
  sy_node *node = sy_alloc_zero(1, sizeof *node);
  if (!node) return NULL;
  node->kind = kind;
  node->start = in->token.start;
  node->end = in->token.end;
  node->made_before = in->script->made;
  in->script->made = node;
  return node;
}

/* A node of one token, without its text yet. */
static sy_status begin_node(reader *in, sy_node_kind kind, sy_node **node) {
  *node = new_node(in, kind);
  return *node ? SY_OK : sy_fail_memory(in->error);
}

static sy_status read_expression(reader *in, sy_node **node);

/* Passes over code up to the bracket that closes the one open here. */
static sy_status skip_to(reader *in, char closing) {
  for (int open = 0; open > 0 || !at_mark(in, closing); advance(in)) {
    if (in->token.kind == SY_TOKEN_END || in->token.kind == SY_TOKEN_OPEN)
      return fail_here(in, closing == ']' ? "']'" : "')'");
    if (at_mark(in, '[') || at_mark(in, '(') || at_mark(in, '{')) open++;
    if (at_mark(in, ']') || at_mark(in, ')') || at_mark(in, '}')) open--;
    if (open < 0) return fail_here(in, closing == ']' ? "']'" : "')'");
  }
  return SY_OK;
}

static void append(sy_node *parent, sy_node **last, sy_node *child) {
  if (*last) {
    (*last)->next = child;
  } else {
    parent->first = child;
  }
  *last = child;
}

/* One element of a list, map or call. In a map each has a key, in a call it may. */
static sy_status read_element(reader *in, const sy_node *parent, sy_node **child) {
  sy_status status = read_expression(in, child);
  bool map = parent->kind == SY_NODE_MAP;
  if (status != SY_OK || (!map && !at_mark(in, '=')) || parent->kind == SY_NODE_LIST) return status;
  if (!take(in, map ? ':' : '=')) return fail_here(in, "':' and a weight");
  sy_node *key = *child;
  status = read_expression(in, child);
  if (status == SY_OK) (*child)->key = key;
  return status;
}

/* The elements of `parent` up to its closing bracket, a trailing comma allowed. */
static sy_status read_elements(reader *in, sy_node *parent, char closing) {
  const char wanted[] = {'\'', ',', '\'', ' ', 'o', 'r', ' ', '\'', closing, '\'', 0};
  sy_node *last = NULL;
  advance(in);
  while (!at_mark(in, closing)) {
    sy_node *child;
    sy_status status = read_element(in, parent, &child);
    if (status != SY_OK) return status;
    append(parent, &last, child);
    if (sy_token_is_word(in->token, "for")) {
      parent->kind = SY_NODE_OTHER;
      status = skip_to(in, closing);
      if (status != SY_OK) return status;
    } else if (!take(in, ',') && !at_mark(in, closing)) {
      return fail_here(in, wanted);
    }
  }
  parent->end = in->token.end;
  advance(in);
  return SY_OK;
}

static sy_status read_brackets(reader *in, sy_node_kind kind, char closing, sy_node **node) {
  sy_status status = begin_node(in, kind, node);
  return status == SY_OK ? read_elements(in, *node, closing) : status;
}

/* The digits as sy_number_parse takes them: Python's underscores are left out. */
static sy_status copy_number(reader *in, const char *sign, sy_node *node) {
  sy_token token = in->token;
  char *out = node->text = sy_alloc((size_t)(token.end - token.start) + strlen(sign) + 1, 1);
  if (!out) return sy_fail_memory(in->error);
  for (; *sign; sign++) *out++ = *sign;
  for (const char *c = token.start; c < token.end; c++)
    if (*c != '_') *out++ = *c;
  *out = 0;
  return SY_OK;
}

static sy_status read_number(reader *in, const char *sign, sy_node **node) {
  const char *start = in->token.start;
  bool word = in->token.kind == SY_TOKEN_WORD; /* -inf */
  if (in->token.kind != SY_TOKEN_NUMBER && !word) return fail_here(in, "a number");
  sy_status status = begin_node(in, word ? SY_NODE_WORD : SY_NODE_NUMBER, node);
  if (status == SY_OK) status = copy_number(in, sign, *node);
  if (status != SY_OK) return status;
  double value;
  if (!word && !sy_number_parse((*node)->text, &value)) return fail_here(in, "a number");
  if (*sign) (*node)->start = start - 1;
  advance(in);
  return SY_OK;
}

static sy_status read_string(reader *in, sy_node **node) {
  sy_status status = begin_node(in, SY_NODE_STRING, node);
  if (status == SY_OK) status = sy_quoted_read(in->token, &(*node)->text, in->error);
  if (status == SY_OK) advance(in);
  return status;
}

/* dict(no=1, yes=5) is a map of names. */
static void settle_dict(sy_node *call) {
  bool keyed = strcmp(call->text, "dict") == 0 && call->kind == SY_NODE_CALL && call->first;
  for (const sy_node *child = call->first; child; child = child->next) keyed = keyed && child->key;
  if (keyed) call->kind = SY_NODE_MAP;
}

static sy_status read_word(reader *in, sy_node **node) {
  sy_status status = begin_node(in, SY_NODE_WORD, node);
  if (status != SY_OK) return status;
  (*node)->text = sy_copy_bytes(in->token.start, (size_t)(in->token.end - in->token.start));
  if (!(*node)->text) return sy_fail_memory(in->error);
  advance(in);
  if (!at_mark(in, '(')) return SY_OK;
  (*node)->kind = SY_NODE_CALL;
  status = read_elements(in, *node, ')');
  if (status == SY_OK) settle_dict(*node);
  return status;
}

/* What follows an expression: an index, or a method, of which those that keep the numbers are
 * passed over (torch.tensor([..]).to(device)). */
static sy_status read_suffixes(reader *in, sy_node *node) {
  static const char *const keep[] = {"to", "cuda", "cpu", "float", "double", "astype", "tolist"};
  sy_status status = SY_OK;
  while (status == SY_OK && (at_mark(in, '[') || at_mark(in, '.'))) {
    bool index = take(in, '[');
    if (index) {
      status = skip_to(in, ']');
      node->kind = SY_NODE_OTHER;
    } else {
      advance(in);
      bool kept = false;
      for (size_t i = 0; i < sizeof keep / sizeof keep[0]; i++)
        kept |= sy_token_is_word(in->token, keep[i]);
      if (!kept) node->kind = SY_NODE_OTHER;
      if (in->token.kind != SY_TOKEN_WORD) return fail_here(in, "a name");
      advance(in);
      if (!take(in, '(')) continue;
      status = skip_to(in, ')');
    }
    if (status == SY_OK) advance(in);
  }
  return status;
}

static sy_status read_value(reader *in, sy_node **node) {
  sy_token token = in->token;
  if (token.kind == SY_TOKEN_NUMBER) return read_number(in, "", node);
  if (token.kind == SY_TOKEN_STRING) return read_string(in, node);
  if (token.kind == SY_TOKEN_WORD) return read_word(in, node);
  if (at_mark(in, '{')) return read_brackets(in, SY_NODE_MAP, '}', node);
  if (at_mark(in, '[')) return read_brackets(in, SY_NODE_LIST, ']', node);
  if (at_mark(in, '(')) return read_brackets(in, SY_NODE_LIST, ')', node);
  if (take(in, '-')) return read_number(in, "-", node);
  if (take(in, '+')) return read_number(in, "", node);
  return fail_here(in, "a value");
}

static sy_status read_expression(reader *in, sy_node **node) {
  if (in->depth == DEEPEST)
    return sy_fail(in->error, SY_INVALID_WEIGHT,
                   "class weights: brackets are nested more than %d deep", DEEPEST);
  in->depth++;
  sy_status status = read_value(in, node);
  if (status == SY_OK) status = read_suffixes(in, *node);
  if (status == SY_OK && in->token.kind == SY_TOKEN_MARK && strchr("+-*/%@", *in->token.start)) {
    char shown[SY_SHOWN_SIZE];
    status = sy_fail(in->error, SY_INVALID_WEIGHT,
                     "class weights: '%s' is computed with; give the number that comes out",
                     sy_node_shown(*node, shown));
  }
  in->depth--;
  return status;
}

static bool at_import(const reader *in) {
  return sy_token_is_word(in->token, "import") || sy_token_is_word(in->token, "from");
}

/* TARGET = EXPRESSION, "NAME": EXPRESSION, or an expression. */
static sy_status read_statement(reader *in, sy_node **node) {
  sy_status status = read_expression(in, node);
  if (status != SY_OK || !(take(in, '=') || take(in, ':'))) return status;
  sy_node *key = *node;
  status = read_expression(in, node);
  if (status == SY_OK) (*node)->key = key;
  return status;
}

sy_status sy_script_read(const char *text, sy_script *script, sy_error *error) {
  *script = (sy_script){0};
  reader in = {.script = script, .token = sy_token_next(text), .error = error};
  sy_node top = {0}, *last = NULL;
  while (in.token.kind != SY_TOKEN_END) {
    if (at_import(&in)) {
      in.token = sy_token_next_line(in.token.end);
      continue;
    }
    sy_node *statement;
    sy_status status = read_statement(&in, &statement);
    if (status != SY_OK) return status;
    append(&top, &last, statement);
    if (!take(&in, ',')) take(&in, ';');
  }
  script->first = top.first;
  return SY_OK;
}

void sy_script_clear(sy_script *script) {
  for (sy_node *node = script->made; node;) {
    sy_node *before = node->made_before;
    free(node->text);
    free(node);
    node = before;
  }
  *script = (sy_script){0};
}

const char *sy_node_name(const sy_node *node) {
  if (node->kind != SY_NODE_CALL && node->kind != SY_NODE_WORD) return "";
  const char *dot = strrchr(node->text, '.');
  return dot ? dot + 1 : node->text;
}

const char *sy_node_key(const sy_node *node) {
  const sy_node *key = node->key;
  return key && (key->kind == SY_NODE_WORD || key->kind == SY_NODE_STRING) ? key->text : "";
}

const char *sy_piece_shown(const char *start, const char *end, char *shown) {
  /* sy_shown wants a text that ends; it shows no more than this. */
  char piece[SY_SHOWN_SIZE + 4];
  size_t length = (size_t)(end - start);
  if (length > sizeof piece - 1) length = sizeof piece - 1;
  memcpy(piece, start, length);
  piece[length] = 0;
  return sy_shown(piece, shown);
}

const char *sy_node_shown(const sy_node *node, char *shown) {
  return sy_piece_shown(node->start, node->end, shown);
}
