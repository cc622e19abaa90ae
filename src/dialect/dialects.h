/* dialects.h: the table of dialects, in the order in which they are asked whether a text is theirs.
 * Adding one is a file that defines sy_dialect sy_dialect_<name>, and a line here
 * (docs/adding.md). */
#ifndef SY_DIALECT_DIALECTS_H
#define SY_DIALECT_DIALECTS_H

#include "dialect/dialect.h"

#define SY_DIALECT_TABLE(X)                                                                        \
  X(keras)                                                                                         \
  X(sklearn)                                                                                       \
  X(pytorch)                                                                                       \
  X(tensorflow)                                                                                    \
  X(xgboost)                                                                                       \
  X(lightgbm)                                                                                      \
  X(liblinear)                                                                                     \
  X(vw)                                                                                            \
  X(bigquery)                                                                                      \
  X(weka)

#define X(name) extern const sy_dialect sy_dialect_##name;
SY_DIALECT_TABLE(X)
#undef X

/* All of them, in the order of the table. */
enum {
#define X(name) SY_DIALECT_INDEX_##name,
  SY_DIALECT_TABLE(X)
#undef X
      SY_N_DIALECTS
};
extern const sy_dialect *const sy_dialects[SY_N_DIALECTS];

#endif
