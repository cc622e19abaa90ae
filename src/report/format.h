/* format.h: numbers and columns for people, independent of the locale. */
#ifndef SY_REPORT_FORMAT_H
#define SY_REPORT_FORMAT_H

#include "base/text.h"

/* One cell of a table: short text. */
typedef struct sy_cell {
  char text[64];
} sy_cell;

/* "12,345"; four digits at least where the value is no whole number (sums of row weights): "0.25",
 * "1,061.3". */
sy_cell sy_cell_count(double value);

/* Fixed decimals, "-" where the value is not defined. */
sy_cell sy_cell_fixed(double value, int decimals);

/* "10.6 %"; small shares and what large ones lack keep a digit ("0.0004 %", "3e-6 %", "99.997 %",
 * ">99.9999 %"), "-" where not defined. */
sy_cell sy_cell_percent(double share);

/* About three digits whatever the size, thousands separated: "530", "53.0", "5.30", "12,345". */
sy_cell sy_cell_amount(double value);

/* The same, from 100,000 on in thousands, millions, ...: "418k", "12.3M": amounts of money would
 * not fit a table of 100 columns, and nobody reads their last digits beside their intervals. */
sy_cell sy_cell_money(double value);

/* "3e-11", for gradients and penalties. */
sy_cell sy_cell_power(double value);

/* "s", or nothing after 1: "1 row", "2 rows". */
const char *sy_plural(double count);

/* Text cut to `width` columns, the last one "…" where something was cut. */
sy_cell sy_cell_text(const char *text, size_t width);

/* Appends a cell padded with blanks to `width` columns, on the right or on the left. */
void sy_put_left(sy_text *text, sy_cell cell, size_t width);
void sy_put_right(sy_text *text, sy_cell cell, size_t width);

/* Appends a paragraph, broken between words into lines of at most 100 columns, at column `indent`:
 * what stands before the first line has been put already, the others begin with blanks. */
void sy_put_paragraph(sy_text *text, const char *paragraph, size_t indent);

/* Hands a finished text over to the caller, or fails when an allocation failed on the way. */
sy_status sy_text_finish(sy_text *text, char **out, sy_error *error);

#endif
