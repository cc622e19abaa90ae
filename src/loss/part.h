/* part.h: parts of losses that have names. One file holds one part and defines its sy_loss_part;
 * parts.h lists them all. */
#ifndef SY_LOSS_PART_H
#define SY_LOSS_PART_H

#include "loss/loss.h"

enum { SY_PART_PARAMETERS = sizeof((sy_bend *)0)->parameters / sizeof(double) };

/* A parameter with its default and its range (ends included). */
typedef struct sy_part_parameter {
  const char *name;
  double usual, low, high;
} sy_part_parameter;

/* A part is either a transform of the logits or a bend of the loss. */
typedef struct sy_loss_part {
  const char *name;    /* what users type before the ':' */
  const char *form;    /* the same with its parameters, for help: "focal[:gamma=2]" */
  const char *formula; /* what it does, in one line */
  sy_part_parameter parameters[SY_PART_PARAMETERS]; /* ended by one without a name */
  /* Adds to the offsets and margins and multiplies the slopes and the scale of a loss that is being
   * made: so parts come together in any order. NULL for a bend. Softmax only.
   * @param values  one for each parameter
   * @param counts  (n_classes) rows of each class, finite and above 0 */
  void (*transform)(const double *values, const double *counts, sy_loss *loss);
  /* Given the values as its parameters. The first says how much it bends: where it is 0 the loss is
   * cross-entropy itself, and this is not called. */
  sy_bend_function *bend;
} sy_loss_part;

/* Applies "NAME:PARAMETER=V,..+NAME" to a loss whose slopes, offsets, margins and scale exist,
 * and which is of no use after an error. Fails with SY_INVALID_ARGUMENT: an unknown part (with the
 * nearest, and all), an unknown parameter, a value out of its range, a part given twice, a second
 * bend, a transform of a sigmoid, or one without counts; SY_OUT_OF_MEMORY.
 * @param text    NULL = none
 * @param counts  (n_classes) finite and above 0, or NULL */
sy_status sy_loss_parts_apply(const char *text, const double *counts, sy_loss *loss,
                              sy_error *error);

#endif
