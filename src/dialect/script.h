/* script.h: a few lines of Python, JSON or SQL as a tree of literals, lists, maps and calls. */
#ifndef SY_DIALECT_SCRIPT_H
#define SY_DIALECT_SCRIPT_H

#include <stdbool.h>
#include <steelyard/base.h>

typedef enum sy_node_kind {
  SY_NODE_NUMBER, /* text: the number, without underscores */
  SY_NODE_STRING, /* text: what it says, escapes resolved */
  SY_NODE_WORD,   /* text: a name */
  SY_NODE_LIST,   /* [..] or (..) */
  SY_NODE_MAP,    /* {key: value} */
  SY_NODE_CALL,   /* text: what is called; the children are its arguments */
  SY_NODE_OTHER   /* code that is passed over: an index, a comprehension, a method */
} sy_node_kind;

typedef struct sy_node sy_node;
struct sy_node {
  sy_node_kind kind;
  char *text;              /* NULL for lists, maps and others */
  sy_node *key;            /* what stands before its '=' or ':', or NULL */
  sy_node *first, *next;   /* its first child; the next of its parent's children */
  const char *start, *end; /* where it stands in the text, for messages */
  sy_node *made_before;    /* how the tree is freed */
};

/* Statements as read. */
typedef struct sy_script {
  sy_node *first;
  sy_node *made; /* all nodes */
} sy_script;

/* Reads a text, which the tree points into. Fails with SY_INVALID_WEIGHT naming the piece that is
 * none of this: a bracket or quote left open, a computation, nesting beyond reason. What was read
 * until then is to be cleared too. */
sy_status sy_script_read(const char *text, sy_script *script, sy_error *error);

/* Releases the tree and zeroes it. */
void sy_script_clear(sy_script *script);

/* What is called without its path ("tensor" of "torch.tensor"); the name of a word; "" else. */
const char *sy_node_name(const sy_node *node);

/* The name that a node goes by: its key where that is a word or a string; "" else. */
const char *sy_node_key(const sy_node *node);

/* How a node stands in the text, for a message; returns `shown` of SY_SHOWN_SIZE bytes. */
const char *sy_node_shown(const sy_node *node, char *shown);

/* The same of any piece of the text. */
const char *sy_piece_shown(const char *start, const char *end, char *shown);

#endif
