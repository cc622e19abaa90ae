/* prior_option.h: --prior: how frequent the classes are where a model is used. */
#ifndef CLI_PRIOR_OPTION_H
#define CLI_PRIOR_OPTION_H

#include <steelyard/classifier.h>

#include "settings.h"

/* The SOURCE of --prior from=SOURCE, or NULL. */
const char *prior_source(const settings *given);

/* Reads "NAME=P,NAME=P,.." over the classes.
 * @param prior  (K) out
 * Returns an exit code, having named what is wrong: a class that is unknown, missing or named
 * twice, a share that is none, shares that do not sum to 1 within 1e-6. */
int prior_read(const char *text, const char *const *classes, size_t n_classes, double *prior);

/* The prior of rows whose labels nobody knows. */
typedef struct estimated_prior {
  sy_prior_estimate estimate;
  char *source; /* what the rows are called */
  size_t rows;
} estimated_prior;

/* Estimates it by EM from the rows of the source.
 * @param model       without another prior set: it is estimated relative to the training
 * @param model_path  for errors
 * @param found       out; prior_clear, also where this fails */
int prior_estimate(const settings *given, const char *source, const sy_model *model,
                   const char *model_path, estimated_prior *found);

/* What was found in words: a line for the screen; free(). */
char *prior_words(const estimated_prior *found, const char *const *classes);

void prior_clear(estimated_prior *found);

#endif
