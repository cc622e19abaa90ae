/* dialect.h: what a dialect is made of. One file holds one dialect and defines its sy_dialect;
 * dialects.h lists them all. */
#ifndef SY_DIALECT_DIALECT_H
#define SY_DIALECT_DIALECT_H

#include "base/text.h"
#include "dialect/script.h"

#include <steelyard/dialect.h>

/* Class weights to be written: checked, all finite and 0 or more. */
typedef struct sy_written {
  const char *const *classes;
  const double *weights;
  size_t n; /* at least one */
} sy_written;

/* A dialect of the table. */
typedef struct sy_dialect {
  const char *name;
  const char *form; /* what one writes in that system, in one line */
  /* Its own names for class weights, NULL behind the last: where one of them stands before '=' or
   * ':', a text is code with class weights. NULL = none. */
  const char *const *options;
  /* Its own calls that make class weights ("tensor"), as code may begin with; as `options`. */
  const char *const *calls;
  /* Puts the weights into a text. */
  sy_status (*write)(const sy_written *written, sy_text *text, sy_error *error);
  /* Makes a policy of one value in code and its key, where it is this dialect's; *policy stays
   * NULL where it is not. NULL = the dialect is no code. */
  sy_status (*read)(const sy_node *node, sy_policy **policy, sy_error *error);
  /* The same of a whole text that is no code: options of a command line, a matrix. */
  sy_status (*read_text)(const char *text, sy_policy **policy, sy_error *error);
} sy_dialect;

#endif
