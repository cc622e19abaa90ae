/* write.c: a frame into a file. Lines may be more than memory holds: they leave in blocks. */
#define _POSIX_C_SOURCE 200809L

#include "internal.h"

#include <stdlib.h>
#include <steelyard/store.h>
#include <string.h>
#include <strings.h>

/* A block of rows has about so many cells, and pauses when it has so many bytes; a batch of blocks
 * is laid out at once. */
enum { BLOCK_CELLS = 1 << 13, BLOCK_BYTES = 1 << 20, BATCH = 32 };

sy_status table_writing_tell(const table_writing *work, double fraction, sy_error *error) {
  const sy_progress *progress = &work->progress;
  if (!progress->call || !progress->call(progress->context, work->stage, fraction)) return SY_OK;
  return table_fail(error, SY_CANCELLED, "%s", sy_status_text(SY_CANCELLED));
}

typedef struct block {
  size_t row, end; /* rows that are not yet laid out */
  table_text text;
} block;

/* Rows being written: the blocks of a batch are laid out, each by one thread, and leave in order.
 */
typedef struct layout {
  const table_writing *work;
  bool json;
  const bool *whole_dates; /* (n_columns) */
  size_t block_rows;
  block blocks[BATCH];
} layout;

static void lay_out(const layout *rows, block *here) {
  const sy_frame *frame = rows->work->frame;
  for (; here->row < here->end && here->text.size < BLOCK_BYTES; here->row++)
    if (rows->json)
      table_json_row(&here->text, frame, here->row, rows->whole_dates);
    else
      table_csv_row(&here->text, frame, here->row, rows->whole_dates);
}

static sy_status put_text(const layout *rows, table_text *text, sy_error *error) {
  if (text->failed) return table_fail_memory(error);
  sy_status status = sy_output_put(rows->work->output, text->bytes, text->size, error);
  text->size = 0;
  return status;
}

/* Writes a block, and what of it was not laid out because its texts are long. */
static sy_status put_block(const layout *rows, block *here, sy_error *error) {
  sy_status status = put_text(rows, &here->text, error);
  while (status == SY_OK && here->row < here->end) {
    lay_out(rows, here);
    status = put_text(rows, &here->text, error);
  }
  return status;
}

/* Writes the rows from *row on that make a batch. */
static sy_status write_batch(layout *rows, size_t *row, sy_error *error) {
  size_t end = rows->work->frame->rows;
  int n = 0;
  for (; n < BATCH && *row < end; n++) {
    block *here = &rows->blocks[n];
    here->row = *row;
    *row = here->end = end - *row < rows->block_rows ? end : *row + rows->block_rows;
  }
#pragma omp parallel for schedule(dynamic) num_threads(sy_threads_get()) if (n > 1)
  for (int b = 0; b < n; b++) lay_out(rows, &rows->blocks[b]);
  sy_status status = SY_OK;
  for (int b = 0; b < n && status == SY_OK; b++) status = put_block(rows, &rows->blocks[b], error);
  return status;
}

static sy_status write_rows(layout *rows, sy_error *error) {
  const sy_frame *frame = rows->work->frame;
  sy_status status = SY_OK;
  if (!rows->json) {
    table_csv_head(&rows->blocks[0].text, frame);
    status = put_text(rows, &rows->blocks[0].text, error);
  }
  for (size_t row = 0; row < frame->rows && status == SY_OK;) {
    status = write_batch(rows, &row, error);
    double fraction = (double)row / (double)frame->rows;
    if (status == SY_OK) status = table_writing_tell(rows->work, fraction, error);
  }
  for (int b = 0; b < BATCH; b++) table_text_free(&rows->blocks[b].text);
  return status;
}

static sy_status write_lines(const table_writing *work, bool json, sy_error *error) {
  const sy_frame *frame = work->frame;
  bool *whole_dates = calloc(frame->n_columns + 1, sizeof *whole_dates);
  if (!whole_dates) return table_fail_memory(error);
  for (size_t i = 0; i < frame->n_columns; i++)
    if (frame->columns[i].type == SY_COLUMN_DATE)
      whole_dates[i] = table_dates_whole(&frame->columns[i], frame->rows);
  layout rows = {.work = work,
                 .json = json,
                 .whole_dates = whole_dates,
                 .block_rows = 1 + BLOCK_CELLS / (frame->n_columns + 1)};
  sy_status status = write_rows(&rows, error);
  free(whole_dates);
  return status;
}

/* --- the file --- */

typedef enum file_format { FORMAT_NONE, FORMAT_CSV, FORMAT_JSON_LINES, FORMAT_PARQUET } file_format;

static bool ends_with(const char *text, const char *ending) {
  size_t length = strlen(text), size = strlen(ending);
  return length > size && strcasecmp(text + length - size, ending) == 0;
}

static file_format format_of(const char *path) {
  if (ends_with(path, ".csv")) return FORMAT_CSV;
  if (ends_with(path, ".jsonl")) return FORMAT_JSON_LINES;
  return ends_with(path, ".parquet") ? FORMAT_PARQUET : FORMAT_NONE;
}

static sy_status write_file(table_writing *work, const char *path, file_format format,
                            sy_error *error) {
  sy_status status = sy_output_open(path, &work->output, error);
  if (status != SY_OK) return status;
  status = format == FORMAT_PARQUET ? table_parquet_write(work, path, error)
                                    : write_lines(work, format == FORMAT_JSON_LINES, error);
  sy_status closed = sy_output_close(work->output, status == SY_OK, error);
  return status == SY_OK ? closed : status;
}

sy_status sy_table_write(const sy_frame *frame, const char *path, sy_progress progress,
                         sy_error *error) {
  bool to_stdout = !path || strcmp(path, "-") == 0;
  if (to_stdout) path = "/dev/stdout";
  file_format format = to_stdout ? FORMAT_CSV : format_of(path);
  if (format == FORMAT_NONE)
    return table_fail(error, SY_INVALID_ARGUMENT,
                      "%s: the name must end in .csv, .jsonl or .parquet", path);
  if (format == FORMAT_PARQUET && frame->n_columns == 0)
    return table_fail(error, SY_INVALID_ARGUMENT, "%s: no columns to write", path);
  table_text stage = {0};
  table_text_add(&stage, "writing %s", path);
  if (stage.failed) return table_fail_memory(error);
  table_writing work = {.frame = frame, .progress = progress, .stage = stage.bytes};
  sy_status status = write_file(&work, path, format, error);
  table_text_free(&stage);
  return status;
}
