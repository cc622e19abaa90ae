/* describe.c: the decision of a classifier in words. */
#include "classifier/classifier.h"

#include "base/number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NOTE_TUNED "decision tuned for"

/* Notes that are not the name of a metric speak for themselves. */
static const char typed_threshold[] = "a threshold typed";

enum { WHY_SIZE = 128 };

static void describe_source(const sy_model *model, char why[WHY_SIZE]) {
  const char *tuned = sy_model_note(model, NOTE_TUNED);
  switch (model->source) {
  case SY_DECISION_PLAIN:
    snprintf(why, WHY_SIZE, "the most probable class");
    break;
  case SY_DECISION_IMPLIED:
    snprintf(why, WHY_SIZE, "implied by class weights");
    break;
  case SY_DECISION_GIVEN:
    snprintf(why, WHY_SIZE, "from given costs%s",
             model->rule.n_expressions ? " that vary by row" : "");
    break;
  case SY_DECISION_TUNED:
    if (tuned && strcmp(tuned, typed_threshold) == 0)
      snprintf(why, WHY_SIZE, "%s", tuned);
    else
      snprintf(why, WHY_SIZE, "tuned%s%s", tuned ? " for " : "", tuned ? tuned : "");
    break;
  }
}

/* Written from integers: printf's decimal point depends on the locale. */
const char *sy_threshold_text(double threshold, char text[SY_NUMBER_SIZE]) {
  if (threshold >= 0.001 || threshold == 0) {
    long thousandths = lround(threshold * 1000);
    snprintf(text, SY_NUMBER_SIZE, "%ld.%03ld", thousandths / 1000, thousandths % 1000);
    return text;
  }
  return sy_number_round(threshold, 3, text);
}

static int positive_of(const sy_model *model) {
  return model->positive < 0 ? 1 : model->positive;
}

static int describe_two(const sy_model *model, const char *why, char *text, size_t size) {
  int positive = positive_of(model);
  const char *name = model->classes[positive];
  char number[SY_NUMBER_SIZE];
  double threshold;
  if (!sy_cost_threshold(model->rule.fixed, positive, &threshold))
    return snprintf(text, size, "least expected cost, %s", why);
  if (threshold > 1) return snprintf(text, size, "never %s, %s", name, why);
  if (threshold < 0) return snprintf(text, size, "always %s, %s", name, why);
  return snprintf(text, size, "%s at p >= %s, %s", name, sy_threshold_text(threshold, number), why);
}

static int describe_rule(const sy_model *model, char *text, size_t size) {
  char why[WHY_SIZE];
  describe_source(model, why);
  if (model->rule.n_expressions) return snprintf(text, size, "least expected cost, %s", why);
  if (model->n_classes == 2) return describe_two(model, why, text, size);
  if (model->source == SY_DECISION_PLAIN) return snprintf(text, size, "%s", why);
  return snprintf(text, size, "%s, %s",
                  model->source == SY_DECISION_TUNED && model->only_gains
                      ? "largest factor times probability"
                      : "least expected cost",
                  why);
}

void sy_model_describe_decision(const sy_model *model, char *text, size_t size) {
  char number[SY_NUMBER_SIZE];
  if (size == 0) return;
  if (model->labels) {
    sy_model_describe_labels(model, text, size);
    return;
  }
  int length = describe_rule(model, text, size);
  if (!model->prior || length < 0 || (size_t)length >= size) return;
  text += length;
  size -= (size_t)length;
  if (model->n_classes == 2)
    snprintf(text, size, ", for a prior of %s",
             sy_threshold_text(model->prior[positive_of(model)], number));
  else
    snprintf(text, size, ", for another prior than in training");
}
