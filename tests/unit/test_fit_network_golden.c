/* test_fit_network_golden.c: optimizers and schedules against PyTorch's, golden/optimizers.txt
 * (which says how it was made): float64 to 1e-12, float32 to 2e-6. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fit/network/optimizer.h"
#include "fit/network/schedule.h"

enum { MAX_NUMBERS = 64, MAX_LINE = 4096 };

/* The next line must hold exactly n numbers. */
static void read_numbers(FILE *file, double *numbers, size_t n) {
  static char line[MAX_LINE];
  char *at = line, *end;
  assert_true(n <= MAX_NUMBERS);
  assert_non_null(fgets(line, sizeof line, file));
  for (size_t j = 0; j < n; j++, at = end) {
    numbers[j] = strtod(at, &end);
    assert_true(end != at);
  }
  assert_string_equal(at, "\n");
}

/* Numbers of a type, as those of float64. */
typedef struct numbers {
  sy_dtype dtype;
  size_t n;
  float f32[MAX_NUMBERS];
  double f64[MAX_NUMBERS];
} numbers;

static void *data_of(numbers *held) {
  return held->dtype == SY_F32 ? (void *)held->f32 : held->f64;
}

static void fill(numbers *held, const double *values) {
  for (size_t i = 0; i < held->n; i++) {
    held->f64[i] = values[i];
    held->f32[i] = (float)values[i];
  }
}

static void compare(const char *line, const numbers *held, const double *wanted) {
  for (size_t i = 0; i < held->n; i++) {
    double value = held->dtype == SY_F32 ? (double)held->f32[i] : held->f64[i];
    double most = (held->dtype == SY_F32 ? 2e-6 : 1e-12) * fmax(1, fabs(wanted[i]));
    if (!(fabs(value - wanted[i]) <= most))
      fail_msg("%s number %zu is %.17g, not %.17g", line, i + 1, value, wanted[i]);
  }
}

static void check_steps(FILE *file, const char *line, sy_dtype dtype) {
  char name[16];
  sy_network_options options = sy_network_options_default();
  unsigned steps, n, n_decaying;
  sy_optimizer_state optimizer;
  double read[MAX_NUMBERS];
  assert_int_equal(sscanf(line, "steps %15s %lf %lf %lf %lf %u %u %u", name, &options.learning_rate,
                          &options.momentum, &options.weight_decay, &options.clip, &steps, &n,
                          &n_decaying),
                   8);
  assert_int_equal(sy_optimizer_parse(name, &options.optimizer, NULL), SY_OK);
  sy_net_range decaying = {0, n_decaying};
  assert_int_equal(sy_optimizer_make(&options, dtype, n, &decaying, 1, &optimizer, NULL), SY_OK);
  numbers at = {.dtype = dtype, .n = n}, gradient = {.dtype = dtype, .n = n};
  read_numbers(file, read, n);
  fill(&at, read);
  for (unsigned s = 0; s < steps; s++) {
    read_numbers(file, read, n);
    fill(&gradient, read);
    read_numbers(file, read, n);
    assert_true(
        sy_optimizer_step(&optimizer, options.learning_rate, data_of(&at), data_of(&gradient)));
    compare(line, &at, read);
  }
  sy_optimizer_clear(&optimizer);
}

static void check_rates(FILE *file, const char *line) {
  char name[16];
  unsigned n;
  sy_network_options options = sy_network_options_default();
  double wanted[MAX_NUMBERS];
  assert_int_equal(sscanf(line, "rates %15s %lf %u", name, &options.learning_rate, &n), 3);
  assert_int_equal(sy_schedule_parse(name, &options.schedule, NULL), SY_OK);
  read_numbers(file, wanted, n);
  options.epochs = (int)n;
  for (unsigned s = 0; s < n; s++) {
    double rate = sy_schedule_rate(&options, s, 1);
    if (!(fabs(rate - wanted[s]) <= 1e-13 * options.learning_rate))
      fail_msg("%s step %u has the rate %.17g, not %.17g", line, s + 1, rate, wanted[s]);
  }
}

static unsigned check_file(sy_dtype dtype) {
  static char line[MAX_LINE];
  unsigned cases = 0;
  FILE *file = fopen(STEELYARD_TESTS "/golden/optimizers.txt", "r");
  assert_non_null(file);
  while (fgets(line, sizeof line, file)) {
    if (line[0] == '#') continue;
    line[strcspn(line, "\n")] = 0;
    cases++;
    if (strncmp(line, "steps", 5) == 0)
      check_steps(file, line, dtype);
    else
      check_rates(file, line);
  }
  fclose(file);
  return cases;
}

static void test_float64(void **state) {
  (void)state;
  assert_int_equal(check_file(SY_F64), 13);
}

static void test_float32(void **state) {
  (void)state;
  assert_int_equal(check_file(SY_F32), 13);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_float64),
                                     cmocka_unit_test(test_float32)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
