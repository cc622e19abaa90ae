/* cell.c: values that are no text, as CSV and JSON write them. */
#include "internal.h"

#include <math.h>
#include <string.h>

/* Where a row lies in the data of its column. */
static ptrdiff_t place_of(const sy_column *column, size_t row) {
  return (ptrdiff_t)row * (column->stride ? column->stride : 1);
}

double table_value(const sy_column *column, size_t row) {
  ptrdiff_t place = place_of(column, row);
  return column->f64 ? column->f64[place] : (double)column->f32[place];
}

const char *table_cell_text(const sy_column *column, size_t row) {
  uint32_t code = column->codes[place_of(column, row)];
  return code == SY_MISSING ? NULL : column->values[code];
}

bool table_dates_whole(const sy_column *column, size_t rows) {
  for (size_t i = 0; i < rows; i++) {
    double days = table_value(column, i);
    if (isfinite(days) && days != floor(days)) return false;
  }
  return true;
}

/* Year, month and day of a day counted from 1970-01-01, by the rule of the Gregorian calendar:
 * eras of 400 years (146,097 days) that begin on a first of March, so that the leap day is the
 * last day of its year. */
static void civil_date(long long days, long long *year, int *month, int *day) {
  long long shifted = days + 719468;
  long long era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  int of_era = (int)(shifted - era * 146097);
  int year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  int of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int march_month = (5 * of_year + 2) / 153;
  *day = of_year - (153 * march_month + 2) / 5 + 1;
  *month = march_month < 10 ? march_month + 3 : march_month - 9;
  *year = year_of_era + era * 400 + (*month <= 2);
}

/* "2020-01-31", or "2020-01-31 12:30:00.5" to the microsecond. */
static void format_date(double value, bool whole, char text[TABLE_CELL_SIZE]) {
  double floor_days = floor(value);
  long long days = (long long)floor_days;
  long long microseconds = llround((value - floor_days) * 86400e6);
  if (microseconds >= 86400000000) {
    microseconds = 0;
    days++;
  }
  long long year;
  int month, day;
  civil_date(days, &year, &month, &day);
  int size = snprintf(text, TABLE_CELL_SIZE, "%04lld-%02d-%02d", year, month, day);
  if (whole || size < 0) return;
  long long seconds = microseconds / 1000000;
  int fraction = (int)(microseconds % 1000000);
  size_t used = (size_t)size;
  size = snprintf(text + used, TABLE_CELL_SIZE - used, " %02d:%02d:%02d", (int)(seconds / 3600),
                  (int)(seconds / 60 % 60), (int)(seconds % 60));
  if (size < 0 || fraction == 0) return;
  used += (size_t)size;
  snprintf(text + used, TABLE_CELL_SIZE - used, ".%06d", fraction);
  for (char *end = text + strlen(text) - 1; *end == '0'; end--) *end = '\0';
}

static void format_number(const sy_column *column, size_t row, char text[TABLE_CELL_SIZE]) {
  double value = table_value(column, row);
  if (value == 0)
    strcpy(text, "0"); /* not "-0" */
  else if (column->f64)
    sy_number_format(value, text);
  else
    sy_number_format_f32((float)value, text);
}

const char *table_cell_format(const sy_column *column, size_t row, bool whole_dates,
                              char text[TABLE_CELL_SIZE]) {
  double value = table_value(column, row);
  if (column->type == SY_COLUMN_BOOLEAN) return value != 0 ? "true" : "false";
  if (column->type == SY_COLUMN_DATE)
    format_date(value, whole_dates, text);
  else
    format_number(column, row, text);
  return text;
}

bool table_cell_missing(const sy_column *column, size_t row) {
  if (column->type == SY_COLUMN_TEXT) return !table_cell_text(column, row);
  double value = table_value(column, row);
  return isnan(value) || (column->type == SY_COLUMN_DATE && isinf(value));
}
