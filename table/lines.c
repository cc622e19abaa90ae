/* lines.c: rows as lines of CSV (RFC 4180) and of JSON. */
#include "internal.h"

#include <math.h>
#include <string.h>

static void put_text(table_text *out, const char *text) {
  table_text_bytes(out, text, strlen(text));
}

static void put_csv_text(table_text *out, const char *text) {
  if (text[strcspn(text, ",\"\r\n")])
    table_text_identifier(out, text); /* SQL doubles quotes as CSV does */
  else
    put_text(out, text);
}

static void put_csv_cell(table_text *out, const sy_frame *frame, size_t index, size_t row,
                         bool whole_dates) {
  const sy_column *column = &frame->columns[index];
  char text[TABLE_CELL_SIZE];
  bool missing = table_cell_missing(column, row);
  bool empty = missing || (column->type == SY_COLUMN_TEXT && !table_cell_text(column, row)[0]);
  /* An only column that is empty would be an empty line, which readers skip. */
  if (empty)
    put_text(out, frame->n_columns == 1 ? "\"\"" : "");
  else if (column->type == SY_COLUMN_TEXT)
    put_csv_text(out, table_cell_text(column, row));
  else
    put_text(out, table_cell_format(column, row, whole_dates, text));
}

void table_csv_head(table_text *out, const sy_frame *frame) {
  for (size_t i = 0; i < frame->n_columns; i++) {
    if (i) put_text(out, ",");
    put_csv_text(out, frame->columns[i].name);
  }
  put_text(out, "\n");
}

void table_csv_row(table_text *out, const sy_frame *frame, size_t row, const bool *whole_dates) {
  for (size_t i = 0; i < frame->n_columns; i++) {
    if (i) put_text(out, ",");
    put_csv_cell(out, frame, i, row, whole_dates[i]);
  }
  put_text(out, "\n");
}

static void put_json_escape(table_text *out, char c) {
  if (c == '"' || c == '\\')
    table_text_add(out, "\\%c", c);
  else if (c == '\n')
    put_text(out, "\\n");
  else if (c == '\t')
    put_text(out, "\\t");
  else
    table_text_add(out, "\\u%04x", (unsigned)c);
}

static bool is_plain_in_json(char c) {
  return (unsigned char)c >= ' ' && c != '"' && c != '\\';
}

static void put_json_text(table_text *out, const char *text) {
  put_text(out, "\"");
  while (*text) {
    size_t plain = 0;
    while (is_plain_in_json(text[plain])) plain++;
    table_text_bytes(out, text, plain);
    text += plain;
    if (*text) put_json_escape(out, *text++);
  }
  put_text(out, "\"");
}

/* JSON has no infinity: it is null as what is missing. */
static void put_json_cell(table_text *out, const sy_column *column, size_t row, bool whole_dates) {
  char text[TABLE_CELL_SIZE];
  if (table_cell_missing(column, row))
    put_text(out, "null");
  else if (column->type == SY_COLUMN_TEXT)
    put_json_text(out, table_cell_text(column, row));
  else if (column->type == SY_COLUMN_DATE)
    put_json_text(out, table_cell_format(column, row, whole_dates, text));
  else if (isinf(table_value(column, row)))
    put_text(out, "null");
  else
    put_text(out, table_cell_format(column, row, whole_dates, text));
}

void table_json_row(table_text *out, const sy_frame *frame, size_t row, const bool *whole_dates) {
  put_text(out, "{");
  for (size_t i = 0; i < frame->n_columns; i++) {
    if (i) put_text(out, ", ");
    put_json_text(out, frame->columns[i].name);
    put_text(out, ": ");
    put_json_cell(out, &frame->columns[i], row, whole_dates[i]);
  }
  put_text(out, "}\n");
}
