/* write.c: columns as CSV (RFC 4180) and JSON lines. */
#define _POSIX_C_SOURCE 200809L

#include "internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CELL_SIZE = 64 };

double table_value(const sy_column *column, size_t row) {
  return column->f64 ? column->f64[row] : (double)column->f32[row];
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
static void format_date(double value, bool whole, char text[CELL_SIZE]) {
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
  int size = snprintf(text, CELL_SIZE, "%04lld-%02d-%02d", year, month, day);
  if (whole || size < 0) return;
  long long seconds = microseconds / 1000000;
  int fraction = (int)(microseconds % 1000000);
  size_t used = (size_t)size;
  size = snprintf(text + used, CELL_SIZE - used, " %02d:%02d:%02d", (int)(seconds / 3600),
                  (int)(seconds / 60 % 60), (int)(seconds % 60));
  if (size < 0 || fraction == 0) return;
  used += (size_t)size;
  snprintf(text + used, CELL_SIZE - used, ".%06d", fraction);
  for (char *end = text + strlen(text) - 1; *end == '0'; end--) *end = '\0';
}

/* Whether `digits` significant digits are enough to read a float32 back: then *mantissa / 10^*point
 * is the decimal. Both are exact as doubles in the range this is asked for, so their quotient is
 * the double a reader makes of that decimal. */
static bool try_digits(float value, int digits, long long *mantissa, int *point) {
  static const double powers[] = {1,   1e1, 1e2, 1e3,  1e4,  1e5,  1e6,
                                  1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13};
  int magnitude = 0; /* digits before the point; negative: zeros behind it */
  for (double rest = fabs((double)value); rest >= 1; rest /= 10) magnitude++;
  for (double rest = fabs((double)value); rest < 0.1; rest *= 10) magnitude--;
  *point = digits - magnitude;
  if (*point < 1) return false;
  *mantissa = llround((double)value * powers[*point]);
  return (float)((double)*mantissa / powers[*point]) == value;
}

/* The double nearest to a float32 that takes the fewest digits and still reads back as it: slow, by
 * trying them as text. */
static double shortest_double(float value) {
  for (int digits = 0; digits < 9; digits++) {
    char printed[40], plain[40];
    snprintf(printed, sizeof printed, "%.*e", digits, (double)value);
    /* Whatever the locale puts behind the first digit becomes a point. */
    char *from = printed, *to = plain;
    if (*from == '-') *to++ = *from++;
    *to++ = *from++;
    if (*from != 'e') *to++ = '.';
    if (*from != 'e') from += strcspn(from, "0123456789");
    strcpy(to, from);
    double parsed;
    if (sy_number_parse(plain, &parsed) && (float)parsed == value) return parsed;
  }
  return (double)value;
}

/* The shortest decimal that reads back as the same float32: 0.1, where the same number as a double
 * would need 0.10000000149011612. */
static void format_float(float value, char text[CELL_SIZE]) {
  long long mantissa = 0;
  int digits = 1, point = 0;
  bool in_range = fabs((double)value) >= 1e-3 && fabs((double)value) < 1e6;
  while (in_range && digits <= 9 && !try_digits(value, digits, &mantissa, &point)) digits++;
  if (!in_range || digits > 9) {
    sy_number_format(shortest_double(value), text);
    return;
  }
  char plain[CELL_SIZE];
  int size = snprintf(plain, sizeof plain, "%0*lld", point + 1, llabs(mantissa));
  int before = size - point;
  snprintf(text, CELL_SIZE, "%s%.*s.%s", value < 0 ? "-" : "", before, plain, plain + before);
}

static void format_number(const sy_column *column, size_t row, char text[CELL_SIZE]) {
  double value = table_value(column, row);
  bool whole = value == floor(value) && fabs(value) <= 16777216;
  if (whole)
    snprintf(text, CELL_SIZE, "%d", (int)value);
  else if (column->f64 || !isfinite(value))
    sy_number_format(value, text);
  else
    format_float(column->f32[row], text);
}

/* A value that is no text, as CSV and JSON write it. */
static const char *format_cell(const sy_column *column, size_t row, bool whole_dates,
                               char text[CELL_SIZE]) {
  double value = table_value(column, row);
  if (column->type == SY_COLUMN_BOOLEAN) return value != 0 ? "true" : "false";
  if (column->type == SY_COLUMN_DATE)
    format_date(value, whole_dates, text);
  else
    format_number(column, row, text);
  return text;
}

static bool is_missing(const sy_column *column, size_t row) {
  if (column->type == SY_COLUMN_TEXT) return column->codes[row] == SY_MISSING;
  double value = table_value(column, row);
  return isnan(value) || (column->type == SY_COLUMN_DATE && isinf(value));
}

static void put_csv_text(FILE *stream, const char *text) {
  if (!text[strcspn(text, ",\"\r\n")]) {
    fputs(text, stream);
    return;
  }
  putc('"', stream);
  for (const char *c = text; *c; c++) {
    if (*c == '"') putc('"', stream);
    putc(*c, stream);
  }
  putc('"', stream);
}

static void put_csv_cell(FILE *stream, const sy_frame *frame, size_t index, size_t row,
                         bool whole_dates) {
  const sy_column *column = &frame->columns[index];
  char text[CELL_SIZE];
  bool missing = is_missing(column, row);
  bool empty =
      missing || (column->type == SY_COLUMN_TEXT && !column->values[column->codes[row]][0]);
  /* An only column that is empty would be an empty line, which readers skip. */
  if (empty)
    fputs(frame->n_columns == 1 ? "\"\"" : "", stream);
  else if (column->type == SY_COLUMN_TEXT)
    put_csv_text(stream, column->values[column->codes[row]]);
  else
    fputs(format_cell(column, row, whole_dates, text), stream);
}

static bool write_csv(FILE *stream, const sy_frame *frame, const bool *whole_dates) {
  for (size_t i = 0; i < frame->n_columns; i++) {
    if (i) putc(',', stream);
    put_csv_text(stream, frame->columns[i].name);
  }
  putc('\n', stream);
  for (size_t row = 0; row < frame->rows && !ferror(stream); row++) {
    for (size_t i = 0; i < frame->n_columns; i++) {
      if (i) putc(',', stream);
      put_csv_cell(stream, frame, i, row, whole_dates[i]);
    }
    putc('\n', stream);
  }
  return !ferror(stream);
}

static void put_json_text(FILE *stream, const char *text) {
  putc('"', stream);
  for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
    if (*c == '"' || *c == '\\')
      fprintf(stream, "\\%c", *c);
    else if (*c == '\n')
      fputs("\\n", stream);
    else if (*c == '\t')
      fputs("\\t", stream);
    else if (*c < ' ')
      fprintf(stream, "\\u%04x", *c);
    else
      putc(*c, stream);
  }
  putc('"', stream);
}

/* JSON has no infinity: it is null as what is missing. */
static void put_json_cell(FILE *stream, const sy_column *column, size_t row, bool whole_dates) {
  char text[CELL_SIZE];
  if (is_missing(column, row))
    fputs("null", stream);
  else if (column->type == SY_COLUMN_TEXT)
    put_json_text(stream, column->values[column->codes[row]]);
  else if (column->type == SY_COLUMN_DATE)
    put_json_text(stream, format_cell(column, row, whole_dates, text));
  else if (isinf(table_value(column, row)))
    fputs("null", stream);
  else
    fputs(format_cell(column, row, whole_dates, text), stream);
}

static bool write_json_lines(FILE *stream, const sy_frame *frame, const bool *whole_dates) {
  for (size_t row = 0; row < frame->rows && !ferror(stream); row++) {
    putc('{', stream);
    for (size_t i = 0; i < frame->n_columns; i++) {
      if (i) fputs(", ", stream);
      put_json_text(stream, frame->columns[i].name);
      fputs(": ", stream);
      put_json_cell(stream, &frame->columns[i], row, whole_dates[i]);
    }
    fputs("}\n", stream);
  }
  return !ferror(stream);
}

typedef bool (*writer)(FILE *stream, const sy_frame *frame, const bool *whole_dates);

static sy_status write_lines(const sy_frame *frame, const char *path, writer write,
                             sy_error *error) {
  bool *whole_dates = calloc(frame->n_columns + 1, sizeof *whole_dates);
  if (!whole_dates) return table_fail_memory(error);
  for (size_t i = 0; i < frame->n_columns; i++)
    if (frame->columns[i].type == SY_COLUMN_DATE)
      whole_dates[i] = table_dates_whole(&frame->columns[i], frame->rows);
  table_output output;
  sy_status status = table_output_open(&output, path, error);
  if (status == SY_OK) {
    errno = 0;
    if (!write(output.stream, frame, whole_dates))
      status = table_fail(error, SY_FILE_NOT_WRITTEN, "%s: %s",
                          output.path ? output.path : "stdout", strerror(errno ? errno : EIO));
    status = table_output_close(&output, status, error);
  }
  free(whole_dates);
  return status;
}

static bool ends_with(const char *text, const char *ending) {
  size_t length = strlen(text), size = strlen(ending);
  return length > size && strcasecmp(text + length - size, ending) == 0;
}

sy_status sy_table_write(const sy_frame *frame, const char *path, sy_error *error) {
  if (!path || strcmp(path, "-") == 0) return write_lines(frame, NULL, write_csv, error);
  if (ends_with(path, ".csv")) return write_lines(frame, path, write_csv, error);
  if (ends_with(path, ".jsonl")) return write_lines(frame, path, write_json_lines, error);
  if (ends_with(path, ".parquet")) return table_parquet_write(frame, path, error);
  return table_fail(error, SY_INVALID_ARGUMENT, "%s: the name must end in .csv, .jsonl or .parquet",
                    path);
}
