/* state.c: a training as bytes: a mark, the version, what data and options it is of, its
 * place, its numbers as they lie in memory (low bytes first, on all machines that steelyard is made
 * for), and a checksum over all that. */
#include "base/bytes.h"
#include "base/error.h"
#include "fit/network/trainer.h"

#include <limits.h>
#include <math.h>
#include <string.h>

enum { VERSION = 1 };

static const char MARK[] = "SYTRAIN"; /* with its zero */

/* --- what is written and read alike --- */

/* Bytes that are written or read. What is to be read may hold anything before. */
typedef struct passage {
  sy_text *to;
  sy_byte_reader *from; /* or NULL: writes */
} passage;

static void pass_number(const passage *pass, uint64_t *number, uint64_t most) {
  if (pass->from)
    *number = sy_bytes_take(pass->from, most);
  else
    sy_bytes_put(pass->to, *number);
}

static void pass_size(const passage *pass, size_t *number, uint64_t most) {
  uint64_t passed = pass->from ? 0 : *number;
  pass_number(pass, &passed, most);
  *number = (size_t)passed;
}

static void pass_int(const passage *pass, int *number, int most) {
  uint64_t passed = pass->from ? 0 : (uint64_t)*number;
  pass_number(pass, &passed, (uint64_t)most);
  *number = (int)passed;
}

static void pass_flag(const passage *pass, bool *flag) {
  uint64_t passed = pass->from ? 0 : *flag;
  pass_number(pass, &passed, 1);
  *flag = passed != 0;
}

static void pass_bytes(const passage *pass, void *bytes, size_t size) {
  if (!pass->from) {
    sy_text_put_bytes(pass->to, bytes, size);
    return;
  }
  if (sy_bytes_left(pass->from) < size) sy_bytes_refuse(pass->from, SY_INVALID_MODEL);
  if (pass->from->status != SY_OK) return;
  memcpy(bytes, pass->from->bytes + pass->from->at, size);
  pass->from->at += size;
}

static void pass_double(const passage *pass, double *number) {
  pass_bytes(pass, number, sizeof *number);
}

static void pass_place(const passage *pass, const sy_training *training, sy_trainer_place *at) {
  const sy_network_options *options = training->options;
  pass_int(pass, &at->restart, options->restarts);
  pass_int(pass, &at->epoch, options->epochs);
  pass_size(pass, &at->step, training->steps_per_epoch);
  pass_number(pass, &at->steps, UINT64_MAX);
  pass_number(pass, &at->all_steps, UINT64_MAX);
  pass_double(pass, &at->rate);
  pass_double(pass, &at->epoch_loss);
  pass_double(pass, &at->epoch_weight);
  pass_int(pass, &at->best_epoch, options->epochs);
  pass_double(pass, &at->best_loss);
  pass_flag(pass, &at->stopped_early);
  pass_int(pass, &at->ended_epochs, options->epochs);
  pass_int(pass, &at->ended_best, options->epochs);
  pass_size(pass, &at->n_members, (uint64_t)options->restarts);
  pass_double(pass, &at->loss);
  pass_double(pass, &at->held_loss);
}

static void pass_epoch(const passage *pass, const sy_training *training, sy_epoch *epoch) {
  pass_int(pass, &epoch->restart, training->options->restarts);
  pass_int(pass, &epoch->epoch, training->options->epochs);
  pass_double(pass, &epoch->learning_rate);
  pass_double(pass, &epoch->loss);
  pass_double(pass, &epoch->held_loss);
  pass_double(pass, &epoch->held_accuracy);
  pass_flag(pass, &epoch->best);
  pass_double(pass, &epoch->seconds);
  pass_double(pass, &epoch->rows_per_second);
  pass_double(pass, &epoch->seconds_left);
}

static void pass_numbers(const passage *pass, sy_trainer *trainer) {
  sy_optimizer_state *optimizer = &trainer->optimizer;
  size_t all = trainer->n_all * trainer->element, trained = trainer->n_trained * trainer->element;
  pass_bytes(pass, trainer->parameters, all);
  if (trainer->at.best_epoch > 0) pass_bytes(pass, trainer->best, all);
  pass_bytes(pass, optimizer->first, trained);
  if (optimizer->second) pass_bytes(pass, optimizer->second, trained);
  pass_bytes(pass, trainer->members,
             trainer->at.n_members * trainer->n_parameters * sizeof *trainer->members);
}

/* --- writing --- */

sy_status sy_trainer_save(sy_trainer *trainer, sy_error *error) {
  sy_text *bytes = &trainer->state;
  passage pass = {.to = bytes};
  bytes->length = 0;
  sy_text_put_bytes(bytes, MARK, sizeof MARK);
  sy_bytes_put(bytes, VERSION);
  sy_bytes_put(bytes, trainer->fingerprint.length);
  sy_text_put_bytes(bytes, trainer->fingerprint.data, trainer->fingerprint.length);
  pass_place(&pass, trainer->training, &trainer->at);
  sy_bytes_put_text(bytes, trainer->trouble, strlen(trainer->trouble));
  sy_bytes_put(bytes, trainer->n_curve);
  for (size_t i = 0; i < trainer->n_curve; i++)
    pass_epoch(&pass, trainer->training, &trainer->curve[i]);
  pass_numbers(&pass, trainer);
  sy_bytes_seal(bytes);
  return bytes->failed ? sy_fail_memory(error) : SY_OK;
}

/* --- reading --- */

static sy_status check_bytes(const char *bytes, size_t size, sy_error *error) {
  size_t known = size < sizeof MARK ? size : sizeof MARK;
  if (size == 0 || memcmp(bytes, MARK, known) != 0)
    return sy_fail(error, SY_INVALID_MODEL, "these %zu bytes are no state of a training", size);
  if (size < sizeof MARK + SY_BYTES_SEAL || !sy_bytes_hold(bytes, size))
    return sy_fail(error, SY_INVALID_MODEL,
                   "these %zu bytes, the state of a training, are damaged or cut short", size);
  return SY_OK;
}

static sy_status check_version(sy_byte_reader *reader, sy_error *error) {
  uint64_t version = sy_bytes_take(reader, UINT64_MAX);
  if (reader->status != SY_OK || version == VERSION) return SY_OK;
  return sy_fail(error, SY_INVALID_MODEL,
                 "this state of a training is of format %llu; this version of steelyard reads %d",
                 (unsigned long long)version, VERSION);
}

static sy_status check_fingerprint(const sy_trainer *trainer, sy_byte_reader *reader,
                                   sy_error *error) {
  size_t size = sy_bytes_take_count(reader);
  if (reader->status != SY_OK) return SY_OK;
  const char *given = reader->bytes + reader->at;
  reader->at += size;
  return sy_fingerprint_compare(given, size, &trainer->fingerprint, error);
}

/* Numbers that contradict each other: no training has been there. */
static bool is_possible(const sy_trainer *trainer, const sy_trainer_place *at) {
  const sy_network_options *options = trainer->training->options;
  int last = options->stop_after > 0 ? options->stop_after : options->epochs;
  uint64_t per_epoch = trainer->training->steps_per_epoch;
  return at->restart >= 1 && at->epoch >= 1 && at->epoch <= last && at->step >= 1 &&
         at->steps == (uint64_t)(at->epoch - 1) * per_epoch + at->step &&
         at->all_steps >= at->steps && at->best_epoch < at->epoch &&
         (at->best_epoch > 0) == (at->epoch > 1) && at->n_members < (size_t)at->restart;
}

static void take_trouble(sy_byte_reader *reader, sy_trainer *trainer) {
  size_t length;
  const char *text = sy_bytes_take_text(reader, &length);
  if (length >= sizeof trainer->trouble) {
    sy_bytes_refuse(reader, SY_INVALID_MODEL);
    return;
  }
  memcpy(trainer->trouble, text, length);
  trainer->trouble[length] = 0;
}

static sy_status take_curve(const passage *pass, sy_trainer *trainer, sy_error *error) {
  size_t n = sy_bytes_take_count(pass->from);
  if (pass->from->status != SY_OK) return SY_OK;
  sy_status status = sy_trainer_grow_curve(trainer, n, error);
  for (size_t i = 0; status == SY_OK && i < n; i++)
    pass_epoch(pass, trainer->training, &trainer->curve[i]);
  if (status == SY_OK) trainer->n_curve = n;
  return status;
}

static sy_status take_state(sy_byte_reader *reader, sy_trainer *trainer, sy_error *error) {
  passage pass = {.from = reader};
  pass_place(&pass, trainer->training, &trainer->at);
  if (reader->status == SY_OK && !is_possible(trainer, &trainer->at))
    sy_bytes_refuse(reader, SY_INVALID_MODEL);
  take_trouble(reader, trainer);
  sy_status status = take_curve(&pass, trainer, error);
  if (status != SY_OK) return status;
  if (reader->status == SY_OK) pass_numbers(&pass, trainer);
  if (sy_bytes_left(reader) > 0) sy_bytes_refuse(reader, SY_INVALID_MODEL);
  trainer->optimizer.steps = trainer->at.steps;
  return SY_OK;
}

sy_status sy_trainer_resume(sy_trainer *trainer, const void *bytes, size_t size, sy_error *error) {
  sy_status status = check_bytes(bytes, size, error);
  if (status != SY_OK) return status;
  sy_byte_reader reader = {
      .bytes = bytes, .size = size - SY_BYTES_SEAL, .at = sizeof MARK, .status = SY_OK};
  status = check_version(&reader, error);
  if (status == SY_OK) status = check_fingerprint(trainer, &reader, error);
  if (status == SY_OK) status = take_state(&reader, trainer, error);
  if (status != SY_OK || reader.status == SY_OK) return status;
  return sy_fail(error, SY_INVALID_MODEL, "this state of a training contradicts itself at byte %zu",
                 reader.at);
}
