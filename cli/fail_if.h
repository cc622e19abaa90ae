/* fail_if.h: --fail-if 'NAME OP NUMBER': conditions on what an evaluation found. */
#ifndef CLI_FAIL_IF_H
#define CLI_FAIL_IF_H

#include "figures.h"
#include "json_text.h"
#include "settings.h"

/* One condition, and what came of it. */
typedef struct fail_condition {
  const char *text; /* as typed */
  char *name;
  char operation[3]; /* > >= < <= */
  double bound;
  double value; /* NaN = not defined, and so not held */
  bool holds;
} fail_condition;

/* Zero-initialise. */
typedef struct fail_conditions {
  fail_condition *items;
  size_t n;
} fail_conditions;

/* Reads the conditions of the settings; EXIT_USAGE having said what is wrong. */
int fail_if_read(const settings *given, fail_conditions *conditions);

/* Whether all their names are there; EXIT_USAGE having named the first that is not, with the
 * nearest.
 * @param where  what the figures are of, for messages: "with labels" or "without labels" */
int fail_if_check(const fail_conditions *conditions, const figures *known, const char *where);

/* Looks up the values, and tells which of them are not defined. */
void fail_if_judge(fail_conditions *conditions, const figures *found, sy_messages *messages);

/* [{"condition", "value", "holds"}] */
json_t *fail_if_json(const fail_conditions *conditions);

/* Whether no screen is wanted: of --quiet with conditions only the line of fail_if_end is left. */
bool fail_if_is_silent(const settings *given);

/* After all else is said: EXIT_CONDITION and a line that says which hold and by what value, or
 * EXIT_DONE.
 * @param what  the rows judged: "new.csv" */
int fail_if_end(const fail_conditions *conditions, const char *what);

void fail_if_free(fail_conditions *conditions);

#endif
