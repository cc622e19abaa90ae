#include "epoch_log.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_text.h"
#include "progress.h"
#include "say.h"

epoch_log epoch_log_of(const settings *given) {
  return (epoch_log){.path = given->json_log, .goes_on = given->resume != NULL};
}

json_t *json_epoch(const sy_epoch *epoch) {
  json_t *object = json_object();
  json_object_set_new(object, "restart", json_count((uint64_t)epoch->restart));
  json_object_set_new(object, epoch->is_round ? "round" : "epoch",
                      json_count((uint64_t)epoch->epoch));
  json_object_set_new(object, "learning_rate", json_number(epoch->learning_rate));
  json_object_set_new(object, "loss", json_number(epoch->loss));
  json_object_set_new(object, "held_loss", json_number(epoch->held_loss));
  json_object_set_new(object, "held_accuracy", json_number(epoch->held_accuracy));
  json_object_set_new(object, "best", json_boolean(epoch->best));
  return object;
}

/* A log that is gone on with may end within a line, where the disk was full. */
static void end_last_line(FILE *file) {
  bool is_open = fseek(file, -1, SEEK_END) == 0 && fgetc(file) != '\n';
  fseek(file, 0, SEEK_END); /* between reading and writing */
  if (is_open) fputc('\n', file);
}

static void keep_trouble(epoch_log *log) {
  if (!log->trouble) log->trouble = errno ? errno : EIO;
}

static void open_log(epoch_log *log) {
  errno = 0;
  log->file = fopen(log->path, log->goes_on ? "a+" : "w");
  if (!log->file)
    keep_trouble(log);
  else if (log->goes_on)
    end_last_line(log->file);
}

/* No file that appears whole or not at all, as all others do: it is there to be read while the
 * training goes on, and what it holds of one that broke off is what one wants to see then. So each
 * line is written at once, and as a whole. */
static void write_line(epoch_log *log, int fit, int fits, const sy_epoch *epoch) {
  json_t *object = json_object(), *more = json_epoch(epoch);
  json_object_set_new(object, "fit", json_count((uint64_t)fit));
  json_object_set_new(object, "fits", json_count((uint64_t)fits));
  json_object_update(object, more);
  json_decref(more);
  json_object_set_new(object, "rows_per_second", json_number(epoch->rows_per_second));
  json_object_set_new(object, "seconds", json_number(epoch->seconds));
  json_object_set_new(object, "seconds_left", json_number(epoch->seconds_left));
  errno = 0;
  json_put(log->file, object);
  if (fputc('\n', log->file) == EOF || fflush(log->file) != 0) keep_trouble(log);
  json_decref(object);
}

/* "epoch 12  loss 0.312  held 0.341  acc 0.87  81,000 rows/s"; which training it is, the stage
 * says. Rows held out may end it. */
static void show(const sy_epoch *epoch) {
  char rate[SY_NUMBER_SIZE];
  bool held = !isnan(epoch->held_loss);
  char *text = text_format("%s %d  loss %.3g", epoch->is_round ? "round" : "epoch", epoch->epoch,
                           epoch->loss);
  if (held) text_append(&text, text_format("  held %.3g", epoch->held_loss));
  if (!isnan(epoch->held_accuracy))
    text_append(&text, text_format("  acc %.3g", epoch->held_accuracy));
  if (epoch->rows_per_second > 0 && !epoch->is_round)
    text_append(&text,
                text_format("  %s rows/s", text_count((uint64_t)epoch->rows_per_second, rate)));
  if (epoch->restart > 1) {
    char *one = text;
    text = text_format("network %d  %s", epoch->restart, one);
    free(one);
  }
  progress_detail(text, held);
  free(text);
}

void epoch_log_tell(void *context, int fit, int fits, const sy_epoch *epoch) {
  epoch_log *log = context;
  show(epoch);
  if (!log->path || log->trouble) return;
  if (!log->file) open_log(log);
  if (log->file) write_line(log, fit, fits, epoch);
}

int epoch_log_close(epoch_log *log) {
  errno = 0;
  if (log->file && fclose(log->file) != 0) keep_trouble(log);
  log->file = NULL;
  if (!log->trouble) return EXIT_DONE;
  return say_failed("--json-log %s: cannot be written: %s; the training went on without it",
                    log->path, strerror(log->trouble));
}
