/* hot_check.c: what a row along a class axis may be, and what is said of one that is not. */
#include "base/array.h"
#include "base/error.h"
#include "labels/hot.h"

#include <math.h>

/* A share of a soft label is rarely written with more digits than this sees. */
#define SUM_TOLERANCE 1e-4

static bool is_whole(double value) {
  return value == floor(value) && isfinite(value);
}

static bool is_integer_type(const sy_hot_rules *rules) {
  return sy_dtype_is_integer(rules->positions->labels->values.dtype);
}

static sy_status fail_cell(const sy_hot_rules *rules, size_t position, size_t k, double value,
                           const char *advice, sy_error *error) {
  char number[SY_NUMBER_SIZE], place[SY_PLACE_SIZE];
  return sy_fail(error, SY_INVALID_LABEL, "the value %s at %s, column %zu of the %s axis %s",
                 sy_number_format(value, number),
                 sy_positions_place(rules->positions, position, rules->rows_before, place), k + 1,
                 rules->multi ? "label" : "class", advice);
}

/* --- multi-hot --- */

static sy_status check_cells(const sy_hot_rules *rules, size_t position, const double *values,
                             sy_error *error) {
  for (size_t l = 0; l < rules->positions->width; l++) {
    double value = values[l];
    if (value == 0 || value == 1 || (rules->ignores && value == rules->ignored)) continue;
    const char *advice = "is neither 0 nor 1, as cells of multi-hot labels are";
    if (isnan(value))
      advice = "is neither 0 nor 1: a missing label needs an integer type with a value to ignore";
    else if (is_whole(value) && value > 1)
      advice = "is neither 0 nor 1: class ids are kind index, one label for each position";
    else if (value > 0 && value < 1)
      advice = "is neither 0 nor 1: round shares first, or declare rows that sum to 1 one-hot";
    return fail_cell(rules, position, l, value, advice, error);
  }
  return SY_OK;
}

/* --- one-hot and soft --- */

static sy_status check_parts(const sy_hot_rules *rules, size_t position, const double *values,
                             sy_error *error) {
  for (size_t k = 0; k < rules->positions->width; k++) {
    double value = values[k];
    if (value >= 0 && value <= 1) continue;
    if (value > 1 && value <= 1 + SUM_TOLERANCE) continue;
    if (!isfinite(value)) {
      const char *advice = "is no part of a label: it must be finite, 0 to 1";
      return fail_cell(rules, position, k, value, advice, error);
    }
    if (value >= 2 && is_whole(value)) {
      const char *advice = "is no part of a label: these look like class ids; declare kind index";
      return fail_cell(rules, position, k, value, advice, error);
    }
    const char *advice = "is no part of a label, which is 0 to 1: of logits take the softmax first";
    return fail_cell(rules, position, k, value, advice, error);
  }
  return SY_OK;
}

static size_t count_ones(const double *values, size_t n) {
  size_t ones = 0;
  for (size_t k = 0; k < n; k++) ones += values[k] == 1;
  return ones;
}

static sy_status fail_sum(const sy_hot_rules *rules, size_t position, const double *values,
                          double sum, sy_error *error) {
  char number[SY_NUMBER_SIZE], place[SY_PLACE_SIZE];
  sy_number_format(sum, number);
  sy_positions_place(rules->positions, position, rules->rows_before, place);
  const char *ids = is_integer_type(rules) ? " (class ids for each position are kind index)" : "";
  if (sum == 0)
    return sy_fail(error, SY_INVALID_LABEL,
                   "the label at %s sums to 0: no class has a part in it; take it out with a mask, "
                   "or declare rows that may be empty multi-hot%s",
                   place, ids);
  size_t ones = count_ones(values, rules->positions->width);
  if (ones >= 2)
    return sy_fail(error, SY_INVALID_LABEL,
                   "the label at %s sums to %s: several 1s in a row are several labels; declare "
                   "them multi-hot%s",
                   place, number, ids);
  return sy_fail(error, SY_INVALID_LABEL,
                 "the label at %s sums to %s; a row of one-hot or soft labels sums to 1 (within "
                 "1e-4): divide each row by its sum, or declare independent labels multi-hot",
                 place, number);
}

sy_status sy_hot_check(const sy_hot_rules *rules, size_t position, const double *values,
                       sy_error *error) {
  if (rules->multi) return check_cells(rules, position, values, error);
  sy_status status = check_parts(rules, position, values, error);
  if (status != SY_OK) return status;
  double sum = 0;
  for (size_t k = 0; k < rules->positions->width; k++) sum += values[k];
  if (fabs(sum - 1) <= SUM_TOLERANCE) return SY_OK;
  return fail_sum(rules, position, values, sum, error);
}
