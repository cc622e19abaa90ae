/* roles.h: columns that are no features: label, row weight, group, sequence, and the test rows
 * of --test-after. */
#ifndef CLI_ROLES_H
#define CLI_ROLES_H

#include "reading.h"

/* A column with a role: where it is in the source and among the columns read. */
typedef struct role {
  bool used;
  size_t column, place;
} role;

typedef struct roles {
  role label, weight, group, sequence, after;
  char *after_expression;
} roles;

/* Finds the columns that the settings name and asks for them. */
int roles_ask(const settings *given, reading *opened, roles *asked);
void roles_free(roles *asked);

/* What was read, checked; each in an array to free(), NULL where nothing was asked for. Exit codes
 * as everywhere. Row weights are those of a piece: `positive` is set where one is above 0, and
 * roles_row_weights_end says what is wrong where none of all pieces is. */
int roles_row_weights(const reading *opened, const role *weight, double **row_weights,
                      bool *positive);
int roles_row_weights_end(const reading *opened, const role *weight, bool positive);

/* Rows that stay together: those of one group, or of one sequence. */
int roles_groups(const reading *opened, const roles *asked, uint32_t **groups);
int roles_test_mask(const settings *given, const reading *opened, const role *after,
                    uint8_t **test_mask);

#endif
