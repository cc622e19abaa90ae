/* fuzz_state.c: bytes to go on with a training from: as they are, or a real state with some bytes
 * replaced and its checksum made right again. The first byte says which; in the second case two
 * more say from where on. */
#include "fuzz.h"

#include <stdlib.h>
#include <steelyard/fit.h>
#include <string.h>

enum { ROWS = 24, COLUMNS = 2, CHECKSUM = 8, WANTED = 9 };

/* A small training, and a state of its second network. */
typedef struct training {
  float rows[ROWS * COLUMNS];
  int32_t ids[ROWS];
  uint8_t held[ROWS];
  size_t hidden[1];
  sy_training_data data;
  sy_network_options options;
  size_t seen; /* states */
  unsigned char *state;
  size_t size;
} training;

static bool state_due(void *context) {
  (void)context;
  return true;
}

/* Keeps one in the middle of the second network. */
static sy_status keep_state(void *context, const void *bytes, size_t size, sy_error *error) {
  training *made = context;
  (void)error;
  if (++made->seen != WANTED) return SY_OK;
  made->state = malloc(size);
  FUZZ_REQUIRE(made->state);
  memcpy(made->state, bytes, size);
  made->size = size;
  return SY_OK;
}

static void make_training(training *made) {
  for (size_t i = 0; i < ROWS; i++) {
    made->rows[2 * i] = (float)(i % 5) - 2;
    made->rows[2 * i + 1] = (float)(i % 7) - 3;
    made->ids[i] = (int32_t)(i % 3);
    made->held[i] = i % 4 == 0;
  }
  made->hidden[0] = 2;
  made->data = (sy_training_data){.rows = {made->rows, SY_F32, ROWS, COLUMNS, COLUMNS},
                                  .ids = made->ids,
                                  .n_outputs = 3,
                                  .held = made->held};
  made->options = sy_network_options_default();
  made->options.hidden = made->hidden, made->options.n_hidden = 1;
  made->options.epochs = 3, made->options.restarts = 2, made->options.batch_size = 9;
  sy_training_hooks hooks = {.state_due = state_due, .state = keep_state, .state_context = made};
  sy_predictor *predictor = NULL;
  sy_error error = {SY_OK, ""};
  FUZZ_REQUIRE_TEXT(sy_fit_network(&made->data, &made->options, &hooks, &predictor, NULL, &error) ==
                        SY_OK,
                    error.text);
  sy_predictor_free(predictor);
  FUZZ_REQUIRE(made->state);
}

/* Goes on from a state: to a network, or to words that say why not. */
static void check_state(const training *made, const void *bytes, size_t size) {
  sy_training_hooks hooks = {.resume = bytes, .resume_size = size};
  sy_training_result result = {0};
  sy_predictor *predictor = NULL;
  sy_error error = {SY_OK, ""};
  sy_status status =
      sy_fit_network(&made->data, &made->options, &hooks, &predictor, &result, &error);
  if (status == SY_OK) {
    FUZZ_REQUIRE(sy_predictor_n_members(predictor) >= 1);
    FUZZ_REQUIRE(sy_predictor_n_members(predictor) <= 2);
    FUZZ_REQUIRE(memchr(result.trouble, 0, sizeof result.trouble));
  } else {
    FUZZ_REQUIRE(!predictor && error.text[0] && !strchr(error.text, '\n'));
    FUZZ_REQUIRE_TEXT(status == SY_INVALID_MODEL || status == SY_INVALID_ARGUMENT ||
                          status == SY_NUMERIC_FAILURE,
                      error.text);
  }
  sy_training_result_clear(&result);
  sy_predictor_free(predictor);
}

static void sign(unsigned char *bytes, size_t size) {
  uint64_t sum = sy_checksum(bytes, size - CHECKSUM);
  for (size_t i = 0; i < CHECKSUM; i++) bytes[size - CHECKSUM + i] = (unsigned char)(sum >> 8 * i);
}

/* Replaces bytes of the real state; what goes past its end makes it longer. */
static void check_forgery(const training *made, const uint8_t *data, size_t size) {
  size_t at = ((size_t)data[0] | (size_t)data[1] << 8) % made->size, n = size - 2;
  size_t whole = at + n + CHECKSUM > made->size ? at + n + CHECKSUM : made->size;
  unsigned char *bytes = malloc(whole);
  FUZZ_REQUIRE(bytes);
  memcpy(bytes, made->state, made->size);
  memcpy(bytes + at, data + 2, n);
  sign(bytes, whole);
  check_state(made, bytes, whole);
  free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static training made;
  if (!made.state) make_training(&made);
  if (size < 1) return 0;
  if (data[0] % 2 == 0)
    check_state(&made, data + 1, size - 1);
  else if (size >= 3)
    check_forgery(&made, data + 1, size - 1);
  return 0;
}
