/* heading.h: lines that open the screens of studies: what was read, how the rows were judged. */
#ifndef SY_REPORT_HEADING_H
#define SY_REPORT_HEADING_H

#include "base/text.h"
#include <steelyard/study.h>

enum { SY_HEADING_SIZE = 256 };

/* How rows were judged. */
typedef struct sy_test_made {
  sy_test_kind kind;
  int folds;
  double share;
  double judged, all; /* rows that were judged, and rows there are */
} sy_test_made;

/* The same in one line. */
void sy_test_heading(const sy_test_made *made, char text[SY_HEADING_SIZE]);
void sy_study_heading(const sy_study *study, char text[SY_HEADING_SIZE]);

/* "593 rows, 72 of 72 columns used", and the time to read them. */
void sy_put_rows_read(sy_text *text, const sy_encoder *encoder, uint64_t rows, size_t columns_given,
                      double read_seconds);

/* Ends a line with a time at the right edge; a negative one is not known. */
void sy_end_with_time(sy_text *text, size_t line_begin, const char *what, double seconds);

/* How a network or boosted trees came to be, of a model of classes or of labels. */
typedef struct sy_iterated_fit {
  const sy_predictor *predictor;
  const sy_fit_result *result;
  int epochs, epochs_most; /* or rounds */
  double seconds;
} sy_iterated_fit;

void sy_put_iterated_fit(sy_text *text, const sy_iterated_fit *fit);

#endif
