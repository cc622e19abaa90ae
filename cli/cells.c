#include "cells.h"

int cells_read(const char *path, cells *read) {
  settings given = settings_default();
  given.header = "no";
  *read = (cells){0};
  int code = reading_open(&given, path, &read->table);
  if (code != 0) return code;
  read->columns = sy_table_n_columns(read->table.table);
  for (size_t i = 0; i < read->columns; i++) reading_ask(&read->table, i, SY_AS_TEXT);
  code = reading_run(&read->table);
  if (code == 0) read->rows = reading_rows(&read->table);
  return code;
}

char *cells_get(const cells *read, size_t row, size_t column) {
  const char *text = column_text(reading_column(&read->table, column), row);
  return text_unquote(text_copy(text ? text : ""));
}

void cells_close(cells *read) {
  reading_close(&read->table);
}
