/* judged.h: models judged on the same rows, and what is told of them: on the screen or as JSON. */
#ifndef CLI_JUDGED_H
#define CLI_JUDGED_H

#include <steelyard/study.h>

#include "fail_if.h"

/* Views, but for what judged_clear releases. */
typedef struct judged {
  const settings *given;
  const char *source; /* what it is called in messages */
  size_t rows;        /* rows that were judged */
  const char *const *classes;
  size_t n_classes;
  size_t n_models;
  const char **names;    /* (models); judged_clear frees the list */
  sy_review *reviews;    /* (models); judged_clear */
  const sy_costs *costs; /* that the reviews were made under, or NULL */
  const double *rule;    /* (K, K) costs by which the one model decides, for its page; NULL where
                            they differ by row */
  sy_messages *messages; /* to be told */
  fail_conditions *conditions; /* on the figures of the first model */
} judged;

/* Room for the names and reviews of n models. */
void judged_begin(judged *work, size_t n_models);
void judged_clear(judged *work);

/* Tells what came of it, with intervals and comparisons where they were asked for, and whether a
 * condition holds. Exit codes, as everywhere. */
int judged_tell(const judged *work);

#endif
