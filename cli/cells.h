/* cells.h: a small table given as an option's @FILE.csv, cell by cell as text. */
#ifndef CLI_CELLS_H
#define CLI_CELLS_H

#include "reading.h"

typedef struct cells {
  reading table;
  size_t rows, columns;
} cells;

/* Reads a file without taking its first line for names; an exit code, having said what is wrong. */
int cells_read(const char *path, cells *read);

/* A cell, trimmed; "" where it is empty. Free() it. */
char *cells_get(const cells *read, size_t row, size_t column);

void cells_close(cells *read);

#endif
