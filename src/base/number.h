/* number.h: numbers for people. */
#ifndef SY_BASE_NUMBER_H
#define SY_BASE_NUMBER_H

#include <steelyard/base.h>

/* Writes at most `digits` (1..17) significant digits ("2.04", "1e-07"), '.' as the decimal point
 * whatever the locale. Returns `text`. */
char *sy_number_round(double value, int digits, char text[SY_NUMBER_SIZE]);

#endif
