/* checkpoint.c: a file is "steelyck", then in this machine's own order of bytes: the version, the
 * options (a text), the marks, the finished trainings, the state of the next one, and a checksum of
 * all that. */
#include "study/checkpoint.h"

#include <string.h>

#include <steelyard/store.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "study/checkpoint_bytes.h"
#include "study/checkpoint_options.h"
#include "study/train.h"

static const char MAGIC[] = "steelyck";
enum { MAGIC_SIZE = sizeof MAGIC - 1, VERSION = 1 };

struct sy_book {
  const sy_checkpoint_options *options;
  void *file; /* what was gone on with: `read` points into it */
  const char *read_options;
  size_t read_options_size;
  uint64_t read_marks[SY_MARK_COUNT];
  bool was_read;
  uint64_t marks[SY_MARK_COUNT];
  sy_text finished; /* trainings, each its size and its bytes */
  size_t n_finished;
  sy_text state;  /* of the next one; empty = none */
  double written; /* when */
};

static sy_status refuse(const char *path, const char *why, sy_error *error) {
  return sy_fail(error, SY_INVALID_MODEL, "'%s' %s", path, why);
}

/* --- reading --- */

static sy_status check_frame(const char *path, sy_record *bytes, sy_error *error) {
  uint64_t version;
  if (bytes->size < MAGIC_SIZE || memcmp(bytes->data, MAGIC, MAGIC_SIZE) != 0)
    return refuse(path, "is no checkpoint of steelyard", error);
  bytes->at = MAGIC_SIZE;
  version = sy_record_number(bytes);
  if (!bytes->broken && version != VERSION)
    return sy_fail(error, SY_INVALID_MODEL,
                   "'%s' is a checkpoint of format %llu, and this steelyard reads format %d: go on "
                   "with the one that wrote it",
                   path, (unsigned long long)version, VERSION);
  uint64_t sum = 0;
  if (bytes->broken || bytes->size - bytes->at < sizeof sum)
    return refuse(path, "is cut short", error);
  bytes->size -= sizeof sum;
  memcpy(&sum, bytes->data + bytes->size, sizeof sum);
  if (sum != sy_checksum(bytes->data, bytes->size))
    return refuse(path, "is damaged: its checksum does not fit its bytes", error);
  return SY_OK;
}

static sy_status take_file(sy_book *book, const char *path, sy_record *bytes, sy_error *error) {
  size_t size = 0;
  sy_status status = check_frame(path, bytes, error);
  if (status != SY_OK) return status;
  book->read_options = sy_record_block(bytes, &book->read_options_size);
  for (int m = 0; m < SY_MARK_COUNT; m++) book->read_marks[m] = sy_record_number(bytes);
  book->n_finished = (size_t)sy_record_number(bytes);
  const char *finished = sy_record_block(bytes, &size);
  sy_text_put_bytes(&book->finished, finished, size);
  const char *state = sy_record_block(bytes, &size);
  sy_text_put_bytes(&book->state, state, size);
  if (bytes->broken || bytes->at != bytes->size)
    return refuse(path, "is damaged: its parts do not fit", error);
  book->was_read = true;
  return book->finished.failed || book->state.failed ? sy_fail_memory(error) : SY_OK;
}

static sy_status read_file(sy_book *book, sy_error *error) {
  const sy_checkpoint_options *options = book->options;
  size_t size = 0;
  sy_status status = sy_file_read(options->resume, &book->file, &size, error);
  if (status != SY_OK) return status;
  sy_record bytes = {.data = book->file, .size = size};
  status = take_file(book, options->resume, &bytes, error);
  if (status != SY_OK) return status;
  return sy_checkpoint_options_check(options->resume, book->read_options, book->read_options_size,
                                     options->options ? options->options : "", error);
}

sy_status sy_book_open(const sy_checkpoint_options *options, sy_book **book, sy_error *error) {
  *book = NULL;
  if (!options->path && !options->resume) return SY_OK;
  char number[SY_NUMBER_SIZE];
  if (!(options->seconds >= 0))
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "the seconds between two checkpoints must be 0 or more, not %s",
                   sy_number_format(options->seconds, number));
  sy_status status = options->path ? sy_file_check_writable(options->path, error) : SY_OK;
  if (status != SY_OK) return status;
  *book = sy_alloc_zero(1, sizeof **book);
  if (!*book) return sy_fail_memory(error);
  (*book)->options = options;
  (*book)->written = sy_study_now();
  return options->resume ? read_file(*book, error) : SY_OK;
}

void sy_book_free(sy_book *book) {
  if (!book) return;
  free(book->file);
  free(book->finished.data);
  free(book->state.data);
  free(book);
}

static const char *const MARK_NAMES[SY_MARK_COUNT] = {"the rows are",
                                                      "the labels are",
                                                      "the row weights are",
                                                      "the costs of the rows are",
                                                      "the split of the rows is",
                                                      "an option is"};

sy_status sy_book_mark(sy_book *book, const uint64_t marks[SY_MARK_COUNT], sy_error *error) {
  memcpy(book->marks, marks, sizeof book->marks);
  for (int m = 0; book->was_read && m < SY_MARK_COUNT; m++) {
    if (book->marks[m] == book->read_marks[m]) continue;
    return sy_fail(error, SY_INVALID_ARGUMENT,
                   "'%s' cannot be gone on with: %s not what it was written with",
                   book->options->resume, MARK_NAMES[m]);
  }
  return SY_OK;
}

/* --- trainings --- */

sy_status sy_book_take(const sy_book *book, size_t number, sy_predictor **predictor,
                       sy_training_result *result, sy_error *error) {
  *predictor = NULL;
  if (number >= book->n_finished) return SY_OK;
  sy_record bytes = {.data = book->finished.data, .size = book->finished.length};
  size_t size = 0;
  const char *training = "";
  for (size_t i = 0; i <= number; i++) training = sy_record_block(&bytes, &size);
  sy_record one = {.data = training, .size = size, .broken = bytes.broken};
  sy_status status = sy_training_take(&one, predictor, result, error);
  if (status != SY_INVALID_MODEL) return status;
  return sy_fail(error, SY_INVALID_MODEL, "'%s' is damaged: training %zu cannot be read",
                 book->options->resume ? book->options->resume : book->options->path, number + 1);
}

const void *sy_book_state(const sy_book *book, size_t number, size_t *size) {
  *size = book->state.length;
  return number == book->n_finished && book->state.length > 0 ? book->state.data : NULL;
}

static sy_status write_file(sy_book *book, sy_error *error) {
  const char *options = book->options->options ? book->options->options : "";
  sy_text text = {0};
  sy_text_put_bytes(&text, MAGIC, MAGIC_SIZE);
  sy_record_add_number(&text, VERSION);
  sy_record_add_block(&text, options, strlen(options));
  for (int m = 0; m < SY_MARK_COUNT; m++) sy_record_add_number(&text, book->marks[m]);
  sy_record_add_number(&text, book->n_finished);
  sy_record_add_block(&text, book->finished.data, book->finished.length);
  sy_record_add_block(&text, book->state.data, book->state.length);
  if (!text.failed) sy_record_add_number(&text, sy_checksum(text.data, text.length));
  sy_status status = text.failed
                         ? sy_fail_memory(error)
                         : sy_file_write(book->options->path, text.data, text.length, error);
  free(text.data);
  book->written = sy_study_now();
  return status;
}

bool sy_book_due(void *context) {
  const sy_book *book = context;
  if (!book->options->path) return false;
  return book->options->seconds == 0 || sy_study_now() - book->written >= book->options->seconds;
}

sy_status sy_book_keep(void *context, const void *bytes, size_t size, sy_error *error) {
  sy_book *book = context;
  book->state.length = 0;
  sy_text_put_bytes(&book->state, bytes, size);
  if (book->state.failed) return sy_fail_memory(error);
  return write_file(book, error);
}

sy_status sy_book_finish(sy_book *book, const sy_predictor *predictor,
                         const sy_training_result *result, sy_error *error) {
  sy_text training = {0};
  sy_training_put(&training, predictor, result);
  sy_record_add_block(&book->finished, training.data, training.length);
  bool failed = training.failed || book->finished.failed;
  free(training.data);
  book->n_finished++;
  book->state.length = 0;
  return failed ? sy_fail_memory(error) : SY_OK;
}

sy_status sy_book_end(sy_book *book, sy_error *error) {
  return book->options->path ? write_file(book, error) : SY_OK;
}
