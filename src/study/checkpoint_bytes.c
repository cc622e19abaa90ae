#include "study/checkpoint_bytes.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"

uint64_t sy_record_number(sy_record *bytes) {
  uint64_t number = 0;
  if (bytes->broken || bytes->size - bytes->at < sizeof number) {
    bytes->broken = true;
    return 0;
  }
  memcpy(&number, bytes->data + bytes->at, sizeof number);
  bytes->at += sizeof number;
  return number;
}

const char *sy_record_block(sy_record *bytes, size_t *size) {
  uint64_t length = sy_record_number(bytes);
  *size = 0;
  if (bytes->broken || bytes->size - bytes->at < length) {
    bytes->broken = true;
    return "";
  }
  const char *block = bytes->data + bytes->at;
  bytes->at += (size_t)length;
  *size = (size_t)length;
  return block;
}

void sy_record_add_number(sy_text *text, uint64_t number) {
  sy_text_put_bytes(text, (const char *)&number, sizeof number);
}

void sy_record_add_block(sy_text *text, const void *data, size_t size) {
  sy_record_add_number(text, size);
  if (size > 0) sy_text_put_bytes(text, data, size);
}

/* An array of numbers: its size must be that of n of them. */
static bool take_array(sy_record *bytes, void *to, size_t size) {
  size_t given = 0;
  const char *block = sy_record_block(bytes, &given);
  if (given != size) bytes->broken = true;
  if (bytes->broken) return false;
  if (size > 0) memcpy(to, block, size);
  return true;
}

/* Numbers of an array that follows, of so many bytes each. */
static size_t peek_count(const sy_record *bytes, size_t each) {
  sy_record ahead = *bytes;
  size_t size = 0;
  sy_record_block(&ahead, &size);
  return size / each;
}

static void put_shape(sy_text *text, const sy_network_shape *shape) {
  sy_record_add_number(text, shape->n_features);
  sy_record_add_number(text, shape->n_outputs);
  sy_record_add_number(text, (uint64_t)shape->activation);
  sy_record_add_number(text, (uint64_t)shape->norm);
  sy_record_add_block(text, shape->hidden, shape->n_hidden * sizeof *shape->hidden);
  sy_record_add_block(text, shape->embeddings, shape->n_embeddings * sizeof *shape->embeddings);
}

/* The curve's padding is of no meaning, but must be the same bytes every time: so by members. */
static void put_epoch(sy_text *text, const sy_epoch *epoch) {
  double numbers[] = {epoch->restart,     epoch->epoch,     epoch->learning_rate,
                      epoch->loss,        epoch->held_loss, epoch->held_accuracy,
                      epoch->best,        epoch->seconds,   epoch->rows_per_second,
                      epoch->seconds_left};
  sy_text_put_bytes(text, (const char *)numbers, sizeof numbers);
}

enum { EPOCH_NUMBERS = 10 };

static void put_result(sy_text *text, const sy_training_result *result) {
  double numbers[] = {result->loss,       result->held_loss,     result->epochs,
                      result->best_epoch, result->stopped_early, (double)result->steps};
  sy_record_add_block(text, numbers, sizeof numbers);
  sy_record_add_block(text, result->trouble, strlen(result->trouble));
  sy_record_add_number(text, result->n_curve * EPOCH_NUMBERS * sizeof(double));
  for (size_t i = 0; i < result->n_curve; i++) put_epoch(text, &result->curve[i]);
}

void sy_training_put(sy_text *text, const sy_predictor *predictor,
                     const sy_training_result *result) {
  const sy_network_shape *shape = sy_predictor_shape(predictor);
  size_t members = sy_predictor_n_members(predictor);
  put_shape(text, shape);
  sy_record_add_number(text, members);
  sy_record_add_block(text, sy_predictor_parameters(predictor),
                      members * sy_network_n_parameters(shape) * sizeof(double));
  put_result(text, result);
}

/* Release hidden and embeddings with free(). */
static sy_status take_shape(sy_record *bytes, sy_network_shape *shape, size_t **hidden,
                            sy_embedding **embeddings, sy_error *error) {
  shape->n_features = (size_t)sy_record_number(bytes);
  shape->n_outputs = (size_t)sy_record_number(bytes);
  shape->activation = (sy_activation)sy_record_number(bytes);
  shape->norm = (sy_layer_norm)sy_record_number(bytes);
  shape->n_hidden = peek_count(bytes, sizeof **hidden);
  *hidden = sy_alloc(shape->n_hidden, sizeof **hidden);
  if (!*hidden) return sy_fail_memory(error);
  take_array(bytes, *hidden, shape->n_hidden * sizeof **hidden);
  shape->n_embeddings = peek_count(bytes, sizeof **embeddings);
  *embeddings = sy_alloc(shape->n_embeddings, sizeof **embeddings);
  if (!*embeddings) return sy_fail_memory(error);
  take_array(bytes, *embeddings, shape->n_embeddings * sizeof **embeddings);
  shape->hidden = *hidden;
  shape->embeddings = *embeddings;
  if (!bytes->broken) return SY_OK;
  return sy_fail(error, SY_INVALID_MODEL, "the shape of a network cannot be read");
}

static sy_status take_network(sy_record *bytes, const sy_network_shape *shape,
                              sy_predictor **predictor, sy_error *error) {
  size_t members = (size_t)sy_record_number(bytes), n = sy_network_n_parameters(shape);
  size_t given = peek_count(bytes, sizeof(double));
  if (bytes->broken || n == 0 || members == 0 || given / n != members || given % n != 0)
    return sy_fail(error, SY_INVALID_MODEL, "the parameters of a network do not fit its shape");
  double *parameters = sy_alloc(given, sizeof *parameters);
  if (!parameters) return sy_fail_memory(error);
  take_array(bytes, parameters, given * sizeof *parameters);
  sy_status status = sy_predictor_network(shape, parameters, members, predictor, error);
  free(parameters);
  if (status == SY_OK || status == SY_OUT_OF_MEMORY) return status;
  return sy_fail(error, SY_INVALID_MODEL, "these are no parameters of a network");
}

static void take_epoch(const double *numbers, sy_epoch *epoch) {
  *epoch = (sy_epoch){.restart = (int)numbers[0],
                      .epoch = (int)numbers[1],
                      .learning_rate = numbers[2],
                      .loss = numbers[3],
                      .held_loss = numbers[4],
                      .held_accuracy = numbers[5],
                      .best = numbers[6] != 0,
                      .seconds = numbers[7],
                      .rows_per_second = numbers[8],
                      .seconds_left = numbers[9]};
}

/* Whether a number is a whole one of 1..most: an epoch's place is looked up by it. */
static bool is_count(double number, double most) {
  return number >= 1 && number <= most && number == floor(number);
}

/* Each network has all its epochs, from the first on. */
static bool is_curve(const char *block, size_t n) {
  double numbers[EPOCH_NUMBERS], before = 0;
  for (size_t i = 0; i < n; i++) {
    memcpy(numbers, block + i * sizeof numbers, sizeof numbers);
    if (!is_count(numbers[0], (double)n) || !is_count(numbers[1], (double)n)) return false;
    if (numbers[1] != 1 && numbers[1] != before + 1) return false;
    before = numbers[1];
  }
  return true;
}

static sy_status take_curve(sy_record *bytes, sy_training_result *result, sy_error *error) {
  size_t size = 0, one = EPOCH_NUMBERS * sizeof(double);
  const char *block = sy_record_block(bytes, &size);
  if (size % one != 0 || !is_curve(block, size / one))
    return sy_fail(error, SY_INVALID_MODEL, "these are no epochs of a training");
  result->curve = sy_alloc(size / one, sizeof *result->curve);
  if (!result->curve) return sy_fail_memory(error);
  result->n_curve = size / one;
  for (size_t i = 0; i < result->n_curve; i++) {
    double numbers[EPOCH_NUMBERS];
    memcpy(numbers, block + i * one, one);
    take_epoch(numbers, &result->curve[i]);
  }
  return SY_OK;
}

static sy_status take_result(sy_record *bytes, sy_training_result *result, sy_error *error) {
  double numbers[6] = {0};
  size_t size = 0;
  *result = (sy_training_result){0};
  take_array(bytes, numbers, sizeof numbers);
  const char *trouble = sy_record_block(bytes, &size);
  if (size >= sizeof result->trouble) bytes->broken = true;
  if (bytes->broken)
    return sy_fail(error, SY_INVALID_MODEL, "how the training ended cannot be read");
  for (int i = 2; i <= 3; i++)
    if (!is_count(numbers[i], INT_MAX))
      return sy_fail(error, SY_INVALID_MODEL, "a training has no such number of epochs");
  if (!(numbers[5] >= 0 && numbers[5] < 0x1p64))
    return sy_fail(error, SY_INVALID_MODEL, "a training has no such number of steps");
  result->loss = numbers[0];
  result->held_loss = numbers[1];
  result->epochs = (int)numbers[2];
  result->best_epoch = (int)numbers[3];
  result->stopped_early = numbers[4] != 0;
  result->steps = (uint64_t)numbers[5];
  memcpy(result->trouble, trouble, size);
  return take_curve(bytes, result, error);
}

sy_status sy_training_take(sy_record *bytes, sy_predictor **predictor, sy_training_result *result,
                           sy_error *error) {
  sy_network_shape shape = {0};
  size_t *hidden = NULL;
  sy_embedding *embeddings = NULL;
  *predictor = NULL;
  sy_status status = take_shape(bytes, &shape, &hidden, &embeddings, error);
  if (status == SY_OK) status = take_network(bytes, &shape, predictor, error);
  if (status == SY_OK) status = take_result(bytes, result, error);
  if (status != SY_OK) {
    sy_predictor_free(*predictor);
    *predictor = NULL;
  }
  free(hidden);
  free(embeddings);
  return status;
}
