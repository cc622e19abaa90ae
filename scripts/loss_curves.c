/* loss_curves.c: for loss_pictures.py: loss and pull of one row of two classes, whose counts are
 * 900 and 100, by how far the logit of its class is above the other.
 *
 * loss_curves LABEL WEIGHT_0 WEIGHT_1 SMOOTHING COST_USE COST BY_PREDICTION FIRST LAST STEPS
 * [PARTS] COST is that of either mistake. A line each: loss, and minus the derivative by that
 * logit. */
#include <stdio.h>
#include <stdlib.h>

#include <steelyard/loss.h>

enum { ARGUMENTS = 11 };

static const double counts[] = {900, 100};

static void fail(const char *text) {
  fprintf(stderr, "loss_curves: %s\n", text);
  exit(1);
}

static sy_loss *make(char **arguments) {
  const double weights[] = {strtod(arguments[2], NULL), strtod(arguments[3], NULL)};
  double mistake = strtod(arguments[6], NULL);
  const double cost[] = {0, mistake, mistake, 0};
  sy_loss_options options = sy_loss_options_default(2);
  options.class_weights = weights;
  options.smoothing = strtod(arguments[4], NULL);
  options.cost_use = (sy_cost_use)atoi(arguments[5]);
  if (options.cost_use != SY_COST_UNUSED) options.cost = cost;
  options.weigh_by_prediction = atoi(arguments[7]) != 0;
  options.reduction = SY_REDUCTION_SUM;
  options.counts = counts;
  options.parts = arguments[ARGUMENTS];
  sy_loss *loss;
  sy_error error;
  if (sy_loss_new(&options, &loss, &error) != SY_OK) fail(error.text);
  return loss;
}

static void print_point(const sy_loss *loss, int32_t label, double above) {
  const size_t shape[] = {1, 2};
  double logits[2] = {0}, gradient[2];
  logits[label] = above;
  sy_loss_batch batch = {.logits = sy_array_of(logits, SY_F64, 2, shape), .class_axis = 1};
  batch.labels.values = sy_array_of(&label, SY_I32, 1, shape);
  sy_loss_result result = {.gradient = gradient};
  sy_error error;
  if (sy_loss_evaluate(loss, &batch, &result, &error) != SY_OK) fail(error.text);
  printf("%.9g %.9g\n", result.value, -gradient[label]);
}

int main(int n_arguments, char **arguments) {
  if (n_arguments < ARGUMENTS || n_arguments > ARGUMENTS + 1) fail("takes 10 or 11 arguments");
  sy_loss *loss = make(arguments);
  double first = strtod(arguments[8], NULL), last = strtod(arguments[9], NULL);
  int steps = atoi(arguments[10]), label = atoi(arguments[1]) != 0;
  for (int i = 0; i <= steps; i++) print_point(loss, label, first + (last - first) * i / steps);
  sy_loss_free(loss);
  return 0;
}
