/* fuzz_loss.c: parts of losses as they are typed. The first byte says which base there is and
 * whether the rows of each class are known, the rest is the text. A loss that can be made gives
 * finite numbers. */
#include "fuzz.h"

#include <math.h>
#include <steelyard/loss.h>

enum { CLASSES = 3, ROWS = 4 };

static const float logits[ROWS * CLASSES] = {0, 1, -2, 10, -10, 0.5F, 0, 0, 0, 1000, -1000, 3};
static const uint8_t labels[ROWS * CLASSES] = {0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1};

static void check_numbers(const sy_loss *loss, sy_loss_base base) {
  const size_t shape[] = {ROWS, CLASSES};
  float gradient[ROWS * CLASSES], hessian[ROWS * CLASSES], losses[ROWS];
  sy_loss_batch batch = {.logits = sy_array_of(logits, SY_F32, 2, shape), .class_axis = 1};
  batch.labels.kind = base == SY_LOSS_SOFTMAX ? SY_LABEL_ONE_HOT : SY_LABEL_MULTI_HOT;
  batch.labels.values = sy_array_of(labels, SY_U8, 2, shape);
  sy_loss_result result = {NAN, NAN, gradient, hessian, losses};
  fuzz_soil(gradient, sizeof gradient);
  FUZZ_REQUIRE(sy_loss_evaluate(loss, &batch, &result, NULL) == SY_OK);
  FUZZ_REQUIRE(isfinite(result.value) && result.value >= 0);
  FUZZ_REQUIRE(result.total_weight == (base == SY_LOSS_SOFTMAX ? ROWS : ROWS * CLASSES));
  for (size_t j = 0; j < ROWS * CLASSES; j++)
    FUZZ_REQUIRE(isfinite(gradient[j]) && isfinite(hessian[j]));
  for (size_t i = 0; i < ROWS; i++) FUZZ_REQUIRE(losses[i] >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const double counts[CLASSES] = {1, 20, 3000};
  fuzz_input input = {data, data + size};
  unsigned how = fuzz_byte(&input);
  char *text = fuzz_rest(&input);
  sy_loss_options options = sy_loss_options_default(CLASSES);
  options.base = how & 1 ? SY_LOSS_SIGMOID : SY_LOSS_SOFTMAX;
  options.counts = how & 2 ? counts : NULL;
  options.parts = text;
  sy_loss *loss = (sy_loss *)&options;
  sy_error error;
  fuzz_soil(&error, sizeof error);
  sy_status status = sy_loss_new(&options, &loss, &error);
  FUZZ_REQUIRE((status == SY_OK) == (loss != NULL));
  if (status == SY_OK)
    check_numbers(loss, options.base);
  else
    fuzz_check_error(status, &error, data + (size > 0), size - (size > 0));
  sy_loss_free(loss);
  free(text);
  return 0;
}
