/* trainings_loss.c: what a loss moves in the logits, and what of that can be undone. Trained with
 * class weights w on z' = s_k z_k + a_k, a model says softmax(z') ~ w_k p(k|x): the logarithm of
 * p(k|x) is s_k z_k - ln(w_k exp(-a_k)) but for a constant. So slopes go into its last layer (or
 * leaves), and offsets are class weights exp(-a_k). A margin, a bend, smoothing and costs have no
 * such inverse: SEMANTICS, "Probabilities after weighting". */
#include "study/trainings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"
#include "loss/loss.h"

/* What parts do to a loss, whatever the counts: here 1, 2, 3, ..., so that all that goes by them
 * shows. NULL where there is no such loss, or no memory. */
static sy_loss *try_parts(const char *parts, size_t n_classes, bool *failed) {
  sy_loss_options options = sy_loss_options_default(n_classes);
  double *counts = sy_alloc(n_classes, sizeof *counts);
  sy_loss *loss = NULL;
  for (size_t k = 0; counts && k < n_classes; k++) counts[k] = (double)k + 1;
  options.parts = parts;
  options.counts = counts;
  sy_status status = counts ? sy_loss_new(&options, &loss, NULL) : SY_OUT_OF_MEMORY;
  if (status == SY_OUT_OF_MEMORY) *failed = true;
  free(counts);
  return status == SY_OK ? loss : NULL;
}

static bool has_offsets(const sy_loss *loss) {
  return loss->offsets != NULL;
}

static bool has_no_inverse(const sy_loss *loss) {
  return loss->margins || loss->bend.apply;
}

/* The parts of a loss that do something, as they are typed; appended to `text`, which is `joined`
 * from what is there already. */
static void list_parts(const char *parts, size_t n_classes, bool (*wanted)(const sy_loss *),
                       sy_text *text) {
  for (const char *part = parts; part && *part;) {
    size_t length = strcspn(part, "+");
    while (part[length] && strchr("0123456789.", part[length + 1]) && part[length + 1])
      length += 1 + strcspn(part + length + 1, "+"); /* a '+' of "1e+3" */
    char *one = sy_copy_bytes(part, length);
    sy_loss *loss = one ? try_parts(one, n_classes, &text->failed) : NULL;
    if (!one) text->failed = true;
    if (loss && wanted(loss)) sy_text_add(text, "%s%s", text->length ? "+" : "", one);
    sy_loss_free(loss);
    free(one);
    part += length + (part[length] == '+');
  }
}

sy_status sy_trainings_adjust(const sy_study_options *options, bool *adjusts, sy_error *error) {
  const sy_loss_options *loss = sy_trainings_loss(options);
  *adjusts = false;
  if (!loss) return SY_OK;
  sy_text parts = {0};
  list_parts(loss->parts, 2, has_offsets, &parts);
  *adjusts = loss->offsets || parts.length > 0;
  free(parts.data);
  return parts.failed ? sy_fail_memory(error) : SY_OK;
}

static void join(sy_text *text, const char *word) {
  sy_text_add(text, "%s%s", text->length ? " + " : "", word);
}

sy_status sy_trainings_policy(const sy_study_options *options, const char *policy, char *text,
                              size_t size, sy_error *error) {
  const sy_loss_options *loss = sy_trainings_loss(options);
  sy_text words = {0}, parts = {0};
  if (strcmp(policy, "none") != 0) join(&words, policy);
  if (sy_trainings_sample(options)) join(&words, "balanced sampling");
  if (loss) list_parts(loss->parts, 2, has_offsets, &parts);
  if (parts.data) join(&words, parts.data);
  if (loss && loss->offsets) join(&words, "offsets");
  snprintf(text, size, "%s", words.data ? words.data : "none");
  free(words.data);
  free(parts.data);
  return words.failed || parts.failed ? sy_fail_memory(error) : SY_OK;
}

sy_status sy_trainings_scores(const sy_study_options *options, size_t n_classes, char *text,
                              size_t size, sy_error *error) {
  const sy_loss_options *loss = sy_trainings_loss(options);
  char number[SY_NUMBER_SIZE];
  sy_text words = {0};
  *text = 0;
  if (!loss) return SY_OK;
  list_parts(loss->parts, n_classes, has_no_inverse, &words);
  if (loss->margins) sy_text_add(&words, "%smargins", words.length ? "+" : "");
  if (loss->smoothing > 0)
    sy_text_add(&words, "%ssmoothing:%s", words.length ? "+" : "",
                sy_number_round(loss->smoothing, 6, number));
  if (loss->cost_use != SY_COST_UNUSED)
    sy_text_add(&words, "%s%s", words.length ? "+" : "",
                loss->cost_use == SY_COST_EXPECTED ? "cost-expected" : "cost-argmax");
  if (loss->weigh_by_prediction) sy_text_add(&words, "%sby-prediction", words.length ? "+" : "");
  if (words.data) snprintf(text, size, "%s", words.data);
  free(words.data);
  return words.failed ? sy_fail_memory(error) : SY_OK;
}

/* A class without rows is not learnt, but a part of a loss asks for its count: that of the rarest
 * changes nothing for the others but a constant. */
void sy_trainings_count(sy_trainings *trainings, const sy_counts *counts) {
  size_t n_classes = trainings->loss.n_classes;
  double least = INFINITY;
  for (size_t k = 0; k < n_classes; k++) {
    trainings->counts[k] = sy_counts_weight(counts, k);
    if (trainings->counts[k] > 0) least = fmin(least, trainings->counts[k]);
  }
  for (size_t k = 0; k < n_classes; k++)
    if (!(trainings->counts[k] > 0)) trainings->counts[k] = least;
}

static void weigh_samples(const sy_counts *counts, size_t n_classes, double *class_weights) {
  double total = 0, present = 0;
  for (size_t k = 0; k < n_classes; k++) {
    total += sy_counts_weight(counts, k);
    present += sy_counts_weight(counts, k) > 0;
  }
  for (size_t k = 0; k < n_classes; k++)
    if (sy_counts_weight(counts, k) > 0)
      class_weights[k] *= total / (present * sy_counts_weight(counts, k));
}

static void weigh(const sy_loss *loss, const sy_counts *counts, bool sampled,
                  double *class_weights) {
  if (sampled) weigh_samples(counts, loss->n_classes, class_weights);
  for (size_t k = 0; loss->offsets && k < loss->n_classes; k++)
    if (sy_counts_weight(counts, k) > 0) class_weights[k] *= exp(-loss->offsets[k]);
}

sy_status sy_trainings_weigh(sy_trainings *trainings, const sy_counts *counts, bool sampled,
                             double *class_weights, sy_error *error) {
  sy_loss *loss = NULL;
  sy_trainings_count(trainings, counts);
  sy_status status = sy_loss_new(&trainings->loss, &loss, error);
  if (status == SY_OK) weigh(loss, counts, sampled, class_weights);
  sy_loss_free(loss);
  return status;
}

/* The last layer lies at the end: weights (inputs, K), then biases (K). A bias of -inf stays, of a
 * class that was not learnt. */
static void steepen_member(double *parameters, size_t n, const sy_network_shape *shape,
                           const double *slopes) {
  size_t n_classes = shape->n_outputs, inputs = shape->n_features - shape->n_embeddings;
  for (size_t e = 0; e < shape->n_embeddings; e++) inputs += shape->embeddings[e].width;
  if (shape->n_hidden > 0) inputs = shape->hidden[shape->n_hidden - 1];
  double *last = parameters + n - (inputs + 1) * n_classes;
  for (size_t i = 0; i < (inputs + 1) * n_classes; i++)
    if (isfinite(last[i])) last[i] *= slopes[i % n_classes];
}

static sy_status steepen(sy_predictor **predictor, const double *slopes, sy_error *error) {
  const sy_network_shape *shape = sy_predictor_shape(*predictor);
  size_t members = sy_predictor_n_members(*predictor), n = sy_network_n_parameters(shape);
  double *parameters = sy_alloc(members, n * sizeof *parameters);
  if (!parameters) return sy_fail_memory(error);
  memcpy(parameters, sy_predictor_parameters(*predictor), members * n * sizeof *parameters);
  for (size_t m = 0; m < members; m++) steepen_member(parameters + m * n, n, shape, slopes);
  sy_predictor *steep = NULL;
  sy_status status = sy_predictor_network(shape, parameters, members, &steep, error);
  free(parameters);
  if (status != SY_OK) return status;
  sy_predictor_free(*predictor);
  *predictor = steep;
  return SY_OK;
}

sy_status sy_trainings_undo(sy_trainings *trainings, const sy_counts *counts, bool sampled,
                            double *class_weights, sy_predictor **predictor, sy_error *error) {
  sy_loss *loss = NULL;
  sy_trainings_count(trainings, counts);
  sy_status status = sy_loss_new(&trainings->loss, &loss, error);
  if (status != SY_OK) return status;
  weigh(loss, counts, sampled, class_weights);
  bool trees = sy_predictor_forest(*predictor) != NULL;
  if (loss->slopes) status = (trees ? sy_trees_steepen : steepen)(predictor, loss->slopes, error);
  sy_loss_free(loss);
  return status;
}
