/* new.c: losses are made here: parts are checked, each against its range and against the others,
 * and copied. */
#include "base/error.h"
#include "base/memory.h"
#include "loss/part.h"

#include <math.h>
#include <string.h>

sy_loss_options sy_loss_options_default(size_t n_classes) {
  return (sy_loss_options){.n_classes = n_classes};
}

void sy_loss_free(sy_loss *loss) {
  if (!loss) return;
  free(loss->class_weights);
  free(loss->slopes);
  free(loss->offsets);
  free(loss->margins);
  free(loss->cost);
  free(loss);
}

bool sy_loss_is_plain(const sy_loss *loss) {
  return !loss->slopes && !loss->offsets && !loss->margins && !loss->bend.apply &&
         loss->smoothing == 0 && loss->cost_use == SY_COST_UNUSED && !loss->weigh_by_prediction;
}

/* --- what is refused --- */

/* Numbers one for each class that are finite. */
static sy_status check_finite(const double *values, size_t n, const char *what, sy_error *error) {
  char text[SY_NUMBER_SIZE];
  for (size_t k = 0; values && k < n; k++)
    if (!isfinite(values[k]))
      return sy_fail(error, SY_INVALID_ARGUMENT, "the %s of class %zu is %s; it must be finite",
                     what, k, sy_number_format(values[k], text));
  return SY_OK;
}

static sy_status check_class_weights(const sy_loss_options *o, sy_error *error) {
  bool pairs = o->base == SY_LOSS_SIGMOID;
  size_t n = pairs ? 2 * o->n_classes : o->n_classes;
  char text[SY_NUMBER_SIZE];
  for (size_t c = 0; o->class_weights && c < n; c++) {
    double weight = o->class_weights[c];
    if (weight >= 0 && isfinite(weight)) continue;
    return sy_fail(error, SY_INVALID_WEIGHT,
                   "the weight %s of %s %zu is not usable; it must be 0 or more and finite",
                   sy_number_format(weight, text),
                   !pairs       ? "class"
                   : c % 2 == 0 ? "the absence of label"
                                : "the presence of label",
                   pairs ? c / 2 : c);
  }
  return SY_OK;
}

static sy_status check_counts(const sy_loss_options *o, sy_error *error) {
  char text[SY_NUMBER_SIZE];
  for (size_t k = 0; o->counts && k < o->n_classes; k++)
    if (!(o->counts[k] > 0) || !isfinite(o->counts[k]))
      return sy_fail(error, SY_INVALID_ARGUMENT,
                     "the count %s of class %zu is not usable; it must be above 0 and finite",
                     sy_number_format(o->counts[k], text), k);
  return SY_OK;
}

static sy_status check_numbers(const sy_loss_options *o, sy_error *error) {
  char text[SY_NUMBER_SIZE];
  if (o->scale != 0 && !(o->scale > 0 && isfinite(o->scale)))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the scale of the logits is %s; it must be above 0 and finite",
                   sy_number_format(o->scale, text));
  if (!(o->smoothing >= 0 && o->smoothing <= 1))
    return sy_fail(error, SY_INVALID_ARGUMENT, "label smoothing is %s; it must be from 0 to 1",
                   sy_number_format(o->smoothing, text));
  if (o->reduction == SY_REDUCTION_DIVISOR && !(o->divisor > 0 && isfinite(o->divisor)))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the divisor of the loss is %s; it must be above 0 and finite",
                   sy_number_format(o->divisor, text));
  return SY_OK;
}

static sy_status check_kinds(const sy_loss_options *o, sy_error *error) {
  if (o->base != SY_LOSS_SOFTMAX && o->base != SY_LOSS_SIGMOID)
    return sy_fail(error, SY_INVALID_ARGUMENT, "no such base of a loss: %d", (int)o->base);
  if ((int)o->cost_use < SY_COST_UNUSED || o->cost_use > SY_COST_EXPECTED)
    return sy_fail(error, SY_INVALID_ARGUMENT, "no such use of costs: %d", (int)o->cost_use);
  if ((int)o->reduction < SY_REDUCTION_WEIGHTED_MEAN || o->reduction > SY_REDUCTION_NONE)
    return sy_fail(error, SY_INVALID_ARGUMENT, "no such reduction: %d", (int)o->reduction);
  if (o->n_classes == 0 || o->n_classes > INT32_MAX / 2)
    return sy_fail(error, SY_INVALID_SHAPE, "a loss of %zu classes: there may be 1 to %d",
                   o->n_classes, INT32_MAX / 2);
  return SY_OK;
}

static sy_status check_costs(const sy_loss_options *o, sy_error *error) {
  if (o->cost_use == SY_COST_UNUSED && o->cost)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "costs are given but not used: choose cost-argmax or cost-expected");
  size_t n_classes = o->n_classes;
  if (o->cost && n_classes > SIZE_MAX / sizeof(double) / n_classes)
    return sy_fail(error, SY_INVALID_SHAPE, "costs of %zu classes are more than memory can address",
                   n_classes);
  char text[SY_NUMBER_SIZE];
  for (size_t c = 0; o->cost && c < n_classes * n_classes; c++)
    if (!isfinite(o->cost[c]))
      return sy_fail(error, SY_INVALID_COST,
                     "the cost %s of predicting class %zu for class %zu is not usable; it must be "
                     "finite",
                     sy_number_format(o->cost[c], text), c % n_classes, c / n_classes);
  return SY_OK;
}

/* What goes by the predicted class has none with a sigmoid. */
static sy_status check_together(const sy_loss_options *o, sy_error *error) {
  if (o->base == SY_LOSS_SIGMOID && o->cost_use != SY_COST_UNUSED)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "costs go by the predicted class, which a sigmoid has not: use softmax; a label "
                   "of a sigmoid is priced by its two class weights");
  if (o->base == SY_LOSS_SIGMOID && o->weigh_by_prediction)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "a sigmoid has no predicted class to weigh by: use softmax");
  return SY_OK;
}

static sy_status check_options(const sy_loss_options *o, sy_error *error) {
  sy_status status = check_kinds(o, error);
  if (status == SY_OK) status = check_numbers(o, error);
  if (status == SY_OK) status = check_class_weights(o, error);
  if (status == SY_OK) status = check_finite(o->slopes, o->n_classes, "slope", error);
  if (status == SY_OK) status = check_finite(o->offsets, o->n_classes, "offset", error);
  if (status == SY_OK) status = check_finite(o->margins, o->n_classes, "margin", error);
  if (status == SY_OK) status = check_counts(o, error);
  if (status == SY_OK) status = check_costs(o, error);
  return status == SY_OK ? check_together(o, error) : status;
}

/* --- what is kept --- */

/* A copy of (n) values, or of as many times `usual` where there are none. */
static double *copy_or_fill(const double *values, size_t n, double usual) {
  double *copy = sy_alloc(n, sizeof *copy);
  for (size_t k = 0; copy && k < n; k++) copy[k] = values ? values[k] : usual;
  return copy;
}

static bool copy_arrays(const sy_loss_options *o, sy_loss *loss) {
  size_t n = o->n_classes;
  size_t n_weights = o->base == SY_LOSS_SIGMOID ? 2 * n : n;
  loss->class_weights = copy_or_fill(o->class_weights, n_weights, 1);
  loss->slopes = copy_or_fill(o->slopes, n, 1);
  loss->offsets = copy_or_fill(o->offsets, n, 0);
  loss->margins = copy_or_fill(o->margins, n, 0);
  loss->cost = o->cost ? copy_or_fill(o->cost, n * n, 0) : NULL;
  return loss->class_weights && loss->slopes && loss->offsets && loss->margins &&
         (loss->cost || !o->cost);
}

static void multiply(double *values, size_t n, double scale) {
  for (size_t k = 0; k < n; k++) values[k] *= scale;
}

/* Frees an array whose entries all are `usual`: kernels need not look at it. */
static void drop_usual(double **values, size_t n, double usual) {
  for (size_t k = 0; k < n; k++)
    if ((*values)[k] != usual) return;
  free(*values);
  *values = NULL;
}

/* The transform is done once all parts have had their say. */
static sy_status end_transform(sy_loss *loss, sy_error *error) {
  size_t n = loss->n_classes;
  multiply(loss->slopes, n, loss->scale);
  multiply(loss->offsets, n, loss->scale);
  multiply(loss->margins, n, loss->scale);
  sy_status status = check_finite(loss->slopes, n, "slope in all", error);
  if (status == SY_OK) status = check_finite(loss->offsets, n, "offset in all", error);
  if (status == SY_OK) status = check_finite(loss->margins, n, "margin in all", error);
  if (status != SY_OK) return status;
  drop_usual(&loss->slopes, n, 1);
  drop_usual(&loss->offsets, n, 0);
  drop_usual(&loss->margins, n, 0);
  return SY_OK;
}

static sy_status check_bend(const sy_loss *loss, sy_error *error) {
  if (!loss->bend.apply || loss->cost_use != SY_COST_EXPECTED) return SY_OK;
  return sy_fail(error, SY_INVALID_ARGUMENT,
                 "cost-expected takes the place of cross-entropy, so that there is nothing to bend "
                 "(focal): use one of them");
}

static sy_status fill_loss(const sy_loss_options *o, sy_loss *loss, sy_error *error) {
  loss->base = o->base;
  loss->n_classes = o->n_classes;
  loss->scale = o->scale == 0 ? 1 : o->scale;
  loss->smoothing = o->smoothing;
  loss->cost_use = o->cost_use;
  loss->weigh_by_prediction = o->weigh_by_prediction;
  loss->reduction = o->reduction;
  loss->divisor = o->divisor;
  if (!copy_arrays(o, loss)) return sy_fail_memory(error);
  sy_status status = o->parts ? sy_loss_parts_apply(o->parts, o->counts, loss, error) : SY_OK;
  if (status == SY_OK) status = check_bend(loss, error);
  return status == SY_OK ? end_transform(loss, error) : status;
}

sy_status sy_loss_new(const sy_loss_options *options, sy_loss **loss, sy_error *error) {
  *loss = NULL;
  if (!options) return sy_fail(error, SY_INVALID_ARGUMENT, "no options of a loss are given");
  sy_status status = check_options(options, error);
  if (status != SY_OK) return status;
  sy_loss *made = sy_alloc_zero(1, sizeof *made);
  if (!made) return sy_fail_memory(error);
  status = fill_loss(options, made, error);
  if (status == SY_OK)
    *loss = made;
  else
    sy_loss_free(made);
  return status;
}
