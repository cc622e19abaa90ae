/* resolve.h: from the text of a label to its class. All is decided once for each distinct name, at
 * first sight: its one way to be written, whether it is ignored, the group it goes to, its class
 * among the declared ones or a new one. */
#ifndef SY_LABELS_RESOLVE_H
#define SY_LABELS_RESOLVE_H

#include "base/text.h"

#include <steelyard/labels.h>

/* In place of a class: the name is none of the declared classes. */
enum { SY_CLASS_OUTSIDE = -2 };

/* What is known of a name met. */
typedef struct sy_met {
  int32_t class;    /* index into resolver->classes, SY_IGNORED or SY_CLASS_OUTSIDE */
  uint64_t rows;    /* positions counted with it: 0 = met in a block that was refused */
  uint64_t pending; /* positions of the block under way */
} sy_met;

typedef struct sy_resolver {
  const sy_labels_options *options; /* the caller's, which outlive it */
  sy_dictionary classes;            /* as declared, else in order of first sight */
  bool declared;
  sy_dictionary members; /* of groups, canonical */
  char **targets;        /* (members.n) the group each goes to, canonical */
  size_t n_targets;
  char *ignored;       /* canonical; NULL = none */
  sy_dictionary names; /* met, canonical */
  sy_met *met;         /* (names.n) */
  size_t capacity;
} sy_resolver;

/* Fills a zeroed resolver. Fails with SY_INVALID_ARGUMENT where options contradict each other; to
 * be cleared all the same. */
sy_status sy_resolver_begin(sy_resolver *resolver, const sy_labels_options *options,
                            sy_error *error);

/* Frees what it holds and zeroes it. */
void sy_resolver_clear(sy_resolver *resolver);

/* The name that a text of `length` bytes means, as an index into resolver->names; SY_NOT_FOUND for
 * an empty one. Fails with SY_OUT_OF_MEMORY, SY_INVALID_ARGUMENT (more classes than ids tell). */
sy_status sy_resolver_meet(sy_resolver *resolver, const char *text, size_t length, uint32_t *name,
                           sy_error *error);

/* Ends a block: its pending rows count, or do not where it was refused. */
void sy_resolver_settle(sy_resolver *resolver, bool counted);

/* The class a name goes to, as text, without meeting it; NULL where it is ignored.
 * @param piece   canonical
 * @param length  of piece in, of the class out */
const char *sy_resolver_target(const sy_resolver *resolver, const char *piece, size_t *length);

/* The class of a name, without meeting it: index into resolver->classes, SY_IGNORED or
 * SY_CLASS_OUTSIDE.
 * @param piece  canonical */
int32_t sy_resolver_find(const sy_resolver *resolver, const char *piece, size_t length);

/* Fails with SY_INVALID_LABEL for a name that is none of the classes.
 * @param text   the label as it stands there
 * @param place  "row 3" */
sy_status sy_resolver_fail_outside(const sy_resolver *resolver, const char *text, size_t length,
                                   const char *place, sy_error *error);

/* Fails with SY_INVALID_LABEL for a group that has a member which no row has. */
sy_status sy_resolver_check_members(const sy_resolver *resolver, sy_error *error);

#endif
