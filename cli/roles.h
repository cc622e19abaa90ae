/* roles.h: columns that are no features: label, row weight, group, and the test rows of
 * --test-after. */
#ifndef CLI_ROLES_H
#define CLI_ROLES_H

#include "reading.h"

/* A column with a role: where it is in the source and among the columns read. */
typedef struct role {
  bool used;
  size_t column, place;
} role;

typedef struct roles {
  role label, weight, group, after;
  char *after_expression;
} roles;

/* Finds the columns that the settings name and asks for them. */
int roles_ask(const settings *given, reading *opened, roles *asked);
void roles_free(roles *asked);

/* What was read, checked; each in an array to free(). Exit codes as everywhere. */
int roles_row_weights(const reading *opened, const role *weight, double **row_weights);
int roles_groups(const reading *opened, const role *group, uint32_t **groups);
int roles_test_mask(const settings *given, const reading *opened, const role *after,
                    uint8_t **test_mask);

#endif
