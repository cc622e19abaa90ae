/* fingerprint.c: data and options by name and value, so that a state of others can be told
 * from its own, in words. What is too long to be said is there as a checksum, after a '#'. */
#include "base/bytes.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "fit/network/trainer.h"

#include <stdio.h>
#include <string.h>

enum { BLOCK_ROWS = 1024, MOST_SAID = 200 };

/* --- entries --- */

static void put_value(sy_text *text, const char *name, const char *value) {
  sy_bytes_put_text(text, name, strlen(name));
  sy_bytes_put_text(text, value, strlen(value));
}

static void put_count(sy_text *text, const char *name, uint64_t count) {
  char value[32];
  snprintf(value, sizeof value, "%llu", (unsigned long long)count);
  put_value(text, name, value);
}

static void put_number(sy_text *text, const char *name, double number) {
  char value[SY_NUMBER_SIZE];
  put_value(text, name, sy_number_format(number, value));
}

static void put_checksum(sy_text *text, const char *name, const void *bytes, size_t size) {
  char value[32] = "none";
  if (bytes)
    snprintf(value, sizeof value, "#%016llx", (unsigned long long)sy_checksum(bytes, size));
  put_value(text, name, value);
}

/* Numbers with commas, or as a checksum where that is long. */
static void put_numbers(sy_text *text, const char *name, const double *numbers, size_t n) {
  sy_text said = {0};
  char value[SY_NUMBER_SIZE];
  for (size_t i = 0; numbers && i < n && said.length <= MOST_SAID; i++)
    sy_text_add(&said, "%s%s", i > 0 ? "," : "", sy_number_format(numbers[i], value));
  if (said.failed) text->failed = true;
  if (said.length > MOST_SAID || !said.data)
    put_checksum(text, name, numbers, n * sizeof *numbers);
  else
    put_value(text, name, said.data);
  free(said.data);
}

/* --- data --- */

typedef struct row_sums {
  const sy_training_data *data;
  uint64_t *sums; /* of each block of rows */
} row_sums;

static void sum_block(void *opaque, size_t block) {
  row_sums *made = opaque;
  sy_matrix rows = made->data->rows;
  size_t element = rows.dtype == SY_F32 ? sizeof(float) : sizeof(double);
  size_t begin = block * BLOCK_ROWS, end = begin + BLOCK_ROWS;
  uint64_t sum = 0;
  for (size_t i = begin; i < end && i < rows.rows; i++) {
    const char *row = (const char *)rows.data + i * rows.stride * element;
    sum = sum * 0x9e3779b97f4a7c15u + sy_checksum(row, rows.columns * element);
  }
  made->sums[block] = sum;
}

static void put_rows(sy_text *text, const sy_training_data *data) {
  size_t blocks = (data->rows.rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  row_sums made = {data, sy_alloc(blocks, sizeof(uint64_t))};
  put_count(text, "rows", data->rows.rows);
  put_count(text, "columns of rows", data->rows.columns);
  put_value(text, "type of rows", data->rows.dtype == SY_F32 ? "float32" : "float64");
  if (made.sums) {
    sy_parallel_blocks(blocks, sum_block, &made);
    put_checksum(text, "values of rows", made.sums, blocks * sizeof *made.sums);
  } else {
    text->failed = true;
  }
  free(made.sums);
}

static void put_embeddings(sy_text *text, const sy_training_data *data) {
  sy_text said = {0};
  for (size_t e = 0; e < data->n_embeddings; e++)
    sy_text_add(&said, "%zu:%zu,", data->embeddings[e].column, data->embeddings[e].n_values);
  if (said.failed) text->failed = true;
  put_checksum(text, "columns of codes", said.data, said.length);
  free(said.data);
}

static void put_data(sy_text *text, const sy_training_data *data) {
  size_t n = data->rows.rows, sides = data->labels ? 2 * data->n_outputs : data->n_outputs;
  put_rows(text, data);
  put_count(text, data->labels ? "labels a row" : "classes", data->n_outputs);
  put_checksum(text, "classes of rows", data->ids, n * sizeof *data->ids);
  put_checksum(text, "labels of rows", data->labels, n * data->n_outputs * sizeof *data->labels);
  put_checksum(text, "row weights", data->row_weights, n * sizeof *data->row_weights);
  put_numbers(text, "class weights", data->class_weights, sides);
  put_checksum(text, "costs of rows", data->row_costs,
               n * data->n_outputs * sizeof *data->row_costs);
  put_checksum(text, "rows held back", data->held, n);
  put_embeddings(text, data);
}

/* --- options --- */

static void put_hidden(sy_text *text, const sy_network_options *options) {
  sy_text said = {0};
  for (size_t l = 0; l < options->n_hidden; l++)
    sy_text_add(&said, "%s%zu", l > 0 ? "," : "", options->hidden[l]);
  if (said.failed) text->failed = true;
  put_value(text, "hidden layers", said.data ? said.data : "none");
  free(said.data);
}

static void put_loss(sy_text *text, const sy_loss_options *loss, size_t n) {
  static const char *const uses[] = {"none", "argmax", "expected"};
  sy_loss_options plain = {0};
  if (!loss) loss = &plain;
  put_value(text, "parts of the loss", loss->parts ? loss->parts : "");
  put_numbers(text, "slopes of the loss", loss->slopes, n);
  put_numbers(text, "offsets of the loss", loss->offsets, n);
  put_numbers(text, "margins of the loss", loss->margins, n);
  put_number(text, "scale of the loss", loss->scale == 0 ? 1 : loss->scale);
  put_numbers(text, "counts of the loss", loss->counts, n);
  put_number(text, "label smoothing", loss->smoothing);
  put_value(text, "use of costs", uses[loss->cost_use]);
  put_numbers(text, "costs of the loss", loss->cost, n * n);
  put_value(text, "class weights by prediction", loss->weigh_by_prediction ? "yes" : "no");
}

static void put_options(sy_text *text, const sy_training *training) {
  const sy_network_options *o = training->options;
  put_hidden(text, o);
  put_value(text, "activation", sy_activation_name(o->activation));
  put_value(text, "normalisation", sy_layer_norm_name(o->norm));
  put_number(text, "dropout", o->dropout);
  put_count(text, "embedding width", o->embedding_width);
  put_value(text, "optimizer", sy_optimizer_name(o->optimizer));
  put_number(text, "learning rate", o->learning_rate);
  put_number(text, "momentum", o->momentum);
  put_number(text, "weight decay", o->weight_decay);
  put_number(text, "clip", o->clip);
  put_value(text, "schedule", sy_schedule_name(o->schedule));
  put_number(text, "warm-up", o->warm_up);
  put_count(text, "epochs", (uint64_t)o->epochs);
  put_count(text, "epoch to stop after", (uint64_t)o->stop_after);
  put_count(text, "batch size", o->batch_size);
  put_count(text, "patience", (uint64_t)o->patience);
  put_count(text, "epoch to weigh classes from", (uint64_t)o->reweight_from);
  put_value(text, "balanced sampling", o->balanced_sampling ? "yes" : "no");
  put_count(text, "restarts", (uint64_t)o->restarts);
  put_count(text, "seed", o->seed);
  put_loss(text, o->loss, training->data->n_outputs);
}

void sy_fingerprint_put(sy_text *text, const sy_training *training) {
  put_options(text, training);
  put_data(text, training->data);
}

/* --- comparison --- */

typedef struct span {
  const char *text;
  size_t length;
} span;

static span take(sy_byte_reader *reader) {
  span taken;
  taken.text = sy_bytes_take_text(reader, &taken.length);
  return taken;
}

static bool equal(span a, span b) {
  return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

static sy_status fail_other(span name, span given, span right, sy_error *error) {
  int length = (int)name.length;
  if (given.length > 0 && right.length > 0 && given.text[0] != '#' && right.text[0] != '#' &&
      given.length + right.length < MOST_SAID)
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "this state of a training was made with %.*s %.*s, not %.*s", length, name.text,
                   (int)given.length, given.text, (int)right.length, right.text);
  return sy_fail(error, SY_INVALID_ARGUMENT, "this state of a training was made with other %.*s",
                 length, name.text);
}

sy_status sy_fingerprint_compare(const char *given, size_t given_size, const sy_text *right,
                                 sy_error *error) {
  sy_byte_reader theirs = {.bytes = given, .size = given_size, .status = SY_OK};
  sy_byte_reader ours = {.bytes = right->data, .size = right->length, .status = SY_OK};
  while (sy_bytes_left(&ours) > 0) {
    span name = take(&theirs), value = take(&theirs), own = take(&ours), wanted = take(&ours);
    if (theirs.status != SY_OK || (!equal(name, own)))
      return sy_fail(error, SY_INVALID_MODEL, "this state of a training is damaged");
    if (!equal(value, wanted)) return fail_other(name, value, wanted, error);
  }
  if (sy_bytes_left(&theirs) == 0 && theirs.status == SY_OK) return SY_OK;
  return sy_fail(error, SY_INVALID_MODEL, "this state of a training is damaged");
}
