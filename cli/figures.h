/* figures.h: what an evaluation found, as names with values: what --fail-if may ask for. */
#ifndef CLI_FIGURES_H
#define CLI_FIGURES_H

#include <steelyard/study.h>

#include "text.h"

typedef struct figure {
  char *name;   /* "log_loss", "recall:fraud", "shift:amount" */
  double value; /* NaN = not defined */
} figure;

/* Zero-initialise. */
typedef struct figures {
  figure *items;
  size_t n;
} figures;

/* Figures of rows with labels: the metrics of --json by their names, those of a class as NAME:CLASS
 * and, of two classes, the positive one's as NAME too.
 */
void figures_of_review(figures *list, const sy_review *review, const char *const *classes,
                       size_t n_classes);

/* Figures of rows without labels, those of classes and columns as NAME:CLASS and NAME:COLUMN.
 * @param monitor  NULL for the names alone */
void figures_of_monitor(figures *list, const sy_monitor *monitor, const sy_model *model);

/* The figure called `name`, or NULL. */
const figure *figures_find(const figures *list, const char *name);

/* The name nearest to `name`, or NULL. */
const char *figures_nearest(const figures *list, const char *name);

void figures_free(figures *list);

#endif
