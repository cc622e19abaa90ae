/* test_base_numbers.c: numbers as text, exact sums, sums in blocks on any threads, random numbers.
 */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/exact.h"
#include "base/number.h"
#include "base/parallel.h"
#include "base/random.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- numbers --- */

static double parsed(const char *text) {
  double value = -12345;
  assert_true(sy_number_parse(text, &value));
  return value;
}

static void test_number_parse(void **state) {
  (void)state;
  assert_true(parsed("1.5") == 1.5);
  assert_true(parsed(" \t-.5e1\n") == -5);
  assert_true(parsed("+7.") == 7);
  assert_true(parsed("1e400") == INFINITY);
  assert_true(parsed("-Infinity") == -INFINITY && parsed("INF") == INFINITY);
  assert_true(isnan(parsed("NaN")));
  assert_true(parsed("4.9406564584124654e-324") == 0x1p-1074);
  assert_true(signbit(parsed("-0")));
  static const char *const wrong[] = {"",    " ",   "1,5",  "0x10",   "1e",    "e5",  ".",
                                      "1 2", "--1", "infx", "nan(1)", "1.2.3", "1_0", "+ 1"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    double value = 42;
    assert_false(sy_number_parse(wrong[i], &value));
    assert_true(value == 42);
  }
}

static void check_format(double value, const char *expected) {
  char text[SY_NUMBER_SIZE];
  assert_ptr_equal(sy_number_format(value, text), text);
  assert_string_equal(text, expected);
}

static void test_number_format(void **state) {
  (void)state;
  check_format(0.1, "0.1");
  check_format(3, "3");
  check_format(1e-7, "1e-07");
  check_format(0.1 + 0.2, "0.30000000000000004");
  check_format(-0.0, "-0");
  check_format(1.0 / 3, "0.3333333333333333");
  check_format(0x1p-1074, "5e-324");
  check_format(DBL_MAX, "1.7976931348623157e+308");
  check_format(-DBL_MIN, "-2.2250738585072014e-308");
  check_format(NAN, "nan");
  check_format(-INFINITY, "-inf");
  char text[SY_NUMBER_SIZE];
  assert_string_equal(sy_number_round(2.0404, 3, text), "2.04");
}

static void test_number_round_trip(void **state) {
  (void)state;
  char text[SY_NUMBER_SIZE];
  for (uint64_t i = 0; i < 20000; i++) {
    uint64_t bits = sy_random_bits(1, 99, i);
    double value, back;
    memcpy(&value, &bits, sizeof value);
    if (isnan(value)) continue;
    sy_number_format(value, text);
    assert_true(strlen(text) < SY_NUMBER_SIZE);
    assert_true(sy_number_parse(text, &back) && back == value);
  }
}

/* Any locale with a decimal comma; glibc always has none but C, so it may be absent. */
static bool set_comma_locale(void) {
  static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (setlocale(LC_ALL, names[i])) return true;
  return false;
}

static void test_number_ignores_locale(void **state) {
  (void)state;
  if (!set_comma_locale()) {
    print_message("skipped: no locale with a decimal comma is installed\n");
    skip();
  }
  char text[32];
  snprintf(text, sizeof text, "%.1f", 0.5);
  assert_string_equal(text, "0,5"); /* the locale is in force */
  check_format(0.5, "0.5");
  assert_true(parsed("0.5") == 0.5);
  snprintf(text, sizeof text, "%.1f", 0.5);
  assert_string_equal(text, "0,5"); /* and still is */
  setlocale(LC_ALL, "C");
}

/* --- exact sums --- */

static double exact_sum(const double *values, size_t n) {
  sy_exact sum = {0};
  for (size_t i = 0; i < n; i++) sy_exact_add(&sum, values[i]);
  return sy_exact_value(&sum);
}

#define EXACT(...)                                                                                 \
  exact_sum((const double[]){__VA_ARGS__}, sizeof((const double[]){__VA_ARGS__}) / sizeof(double))

static void test_exact_edges(void **state) {
  (void)state;
  sy_exact nothing = {0};
  assert_true(sy_exact_value(&nothing) == 0);
  assert_true(EXACT(1e308, 1, -1e308) == 1);
  assert_true(EXACT(0.1, 0.2, -0.3) == 0x1p-55);
  assert_true(EXACT(0x1p53, 1) == 0x1p53);                /* a tie goes to even */
  assert_true(EXACT(0x1p53, 1, 0x1p-1074) == 0x1p53 + 2); /* just above the tie */
  assert_true(EXACT(0x1p53 + 2, 1) == 0x1p53 + 4);
  assert_true(EXACT(0x1p53 + 2, 1, -0x1p-1074) == 0x1p53 + 2);
  assert_true(EXACT(-0x1p53, -1, -0x1p-1074) == -0x1p53 - 2);
  assert_true(EXACT(0x1p-1074, 0x1p-1074) == 0x1p-1073);
  assert_true(EXACT(DBL_MIN, -0x1p-1074) == DBL_MIN - 0x1p-1074);
  assert_true(EXACT(DBL_MAX, DBL_MAX, -DBL_MAX) == DBL_MAX);
  assert_true(EXACT(DBL_MAX, 0x1p970) == INFINITY); /* half way to 2^1024 */
  assert_true(EXACT(DBL_MAX, 0x1p970, -0x1p-1074) == DBL_MAX);
  assert_true(EXACT(-DBL_MAX, -DBL_MAX) == -INFINITY);
}

/* Random multiples of 2^lowest, summed beside in a 128-bit integer whose conversion to double is
 * correctly rounded too. */
static void check_random_sum(int lowest, uint64_t stream) {
  sy_exact forward = {0}, parts[3] = {{{0}, 0}};
  __int128 whole = 0;
  for (uint64_t i = 0; i < 500; i++) {
    uint64_t bits = sy_random_bits(7, 50, stream * 1000 + i);
    int64_t mantissa = (int64_t)(bits >> 11) - ((int64_t)1 << 52);
    int shift = (int)(bits % 60);
    double value = ldexp((double)mantissa, shift + lowest);
    whole += (__int128)mantissa * ((__int128)1 << shift);
    sy_exact_add(&forward, value);
    sy_exact_add(&parts[bits % 3], value);
  }
  sy_exact_merge(&parts[2], &parts[0]);
  sy_exact_merge(&parts[1], &parts[2]);
  double expected = ldexp((double)whole, lowest);
  assert_true(sy_exact_value(&forward) == expected);
  assert_true(sy_exact_value(&parts[1]) == expected);
}

static void test_exact_random(void **state) {
  (void)state;
  static const int lowest[] = {-1074, -1073, -700, -53, 0, 31, 500, 890};
  for (uint64_t stream = 0; stream < 400; stream++)
    check_random_sum(lowest[stream % (sizeof lowest / sizeof lowest[0])], stream);
}

/* Merges of sums whose carries are nearly due must not overflow a limb. */
static void test_exact_many_merges(void **state) {
  (void)state;
  sy_exact sum = {0};
  sy_exact_add(&sum, 1 - 0x1p-53);
  for (int doubling = 0; doubling < 100; doubling++) {
    sy_exact copy = sum;
    sy_exact_merge(&sum, &copy);
  }
  assert_true(sy_exact_value(&sum) == ldexp(1 - 0x1p-53, 100));
}

/* --- blocks --- */

typedef struct block_work {
  double sums[1000];
  int calls[1000];
} block_work;

static void work_block(void *context, size_t block) {
  block_work *work = context;
  double sum = 0;
  for (int i = 1; i < 200; i++) sum += 1.0 / (double)(block * 200 + (size_t)i);
  work->sums[block] = sum;
  work->calls[block]++;
}

static double run_blocks(int threads) {
  block_work work = {0};
  sy_threads_set(threads);
  sy_parallel_blocks(1000, work_block, &work);
  for (int b = 0; b < 1000; b++) assert_int_equal(work.calls[b], 1);
  sy_tree_sum(work.sums, 1000, 1);
  sy_threads_set(0);
  return work.sums[0];
}

static void test_blocks_equal_on_any_threads(void **state) {
  (void)state;
  double one = run_blocks(1);
  for (int threads = 2; threads < 6; threads++) assert_true(run_blocks(threads) == one);
  sy_parallel_blocks(0, work_block, NULL);
}

static void test_threads(void **state) {
  (void)state;
  sy_threads_set(3);
  assert_int_equal(sy_threads_get(), 3);
  sy_threads_set(-1);
  assert_true(sy_threads_get() >= 1);
  sy_threads_set(0);
  assert_true(sy_threads_get() >= 1);
}

static void nested_block(void *context, size_t block) {
  block_work *work = context;
  sy_parallel_blocks(10, work_block, work + block);
}

static void test_blocks_nest(void **state) {
  (void)state;
  block_work *work = calloc(4, sizeof *work);
  sy_threads_set(4);
  sy_parallel_blocks(4, nested_block, work);
  sy_threads_set(0);
  for (int outer = 0; outer < 4; outer++)
    for (int b = 0; b < 10; b++) assert_int_equal(work[outer].calls[b], 1);
  free(work);
}

/* OpenMP hangs in a child whose parent has used it; the child must not ask for threads. */
static void test_fork_is_serial(void **state) {
  (void)state;
  double expected = run_blocks(4);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    alarm(20);
    sy_threads_set(4);
    _exit(sy_threads_get() == 1 && run_blocks(4) == expected ? 0 : 1);
  }
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void test_tree_sum(void **state) {
  (void)state;
  double slots[] = {1, 10, 2, 20, 3, 30, 4, 40, 5, 50};
  sy_tree_sum(slots, 5, 2);
  assert_true(slots[0] == 15 && slots[1] == 150);
  double order[] = {0x1p53, 1, 1, 1}; /* (2^53 + 1) + (1 + 1): only the tree gives this */
  sy_tree_sum(order, 4, 1);
  assert_true(order[0] == 0x1p53 + 2);
  sy_tree_sum(NULL, 0, 3);
}

/* sy_sum is blocks of 1024 and the tree over them, whatever the number of blocks. */
static void test_sum_is_blocks_and_tree(void **state) {
  (void)state;
  enum { LARGEST = 9 * 1024 + 77 };
  static double values[LARGEST];
  for (uint64_t i = 0; i < LARGEST; i++) values[i] = exp(20 * sy_random_uniform(3, 60, i));
  for (size_t n = 0; n <= LARGEST; n += 511) {
    double slots[10] = {0};
    size_t n_blocks = (n + 1023) / 1024;
    for (size_t i = 0; i < n; i++) slots[i / 1024] += values[i];
    sy_tree_sum(slots, n_blocks, 1);
    assert_true(sy_sum(values, n) == slots[0]);
  }
}

/* --- random numbers --- */

/* Philox 4x32-10 of counter and key zero, from Random123's published answers. */
static void test_random_known_answer(void **state) {
  (void)state;
  assert_true(sy_random_bits(0, 0, 0) == 0xE169C58D6627E8D5u);
}

static void test_random_is_keyed(void **state) {
  (void)state;
  uint64_t base = sy_random_bits(1, 1, 1);
  assert_true(sy_random_bits(1, 1, 1) == base);
  assert_true(sy_random_bits(2, 1, 1) != base);
  assert_true(sy_random_bits((uint64_t)1 << 40 | 1, 1, 1) != base);
  assert_true(sy_random_bits(1, 2, 1) != base);
  assert_true(sy_random_bits(1, 1, 2) != base);
  assert_true(sy_random_bits(1, 1, (uint64_t)1 << 40 | 1) != base);
}

static void test_random_uniform(void **state) {
  (void)state;
  double sum = 0, squares = 0;
  enum { N = 100000 };
  for (uint64_t i = 0; i < N; i++) {
    double u = sy_random_uniform(5, 1, i);
    assert_true(u >= 0 && u < 1);
    assert_true(u == (double)(sy_random_bits(5, 1, i) >> 11) / 0x1p53);
    sum += u;
    squares += u * u;
  }
  assert_true(fabs(sum / N - 0.5) < 0.005); /* five standard deviations */
  assert_true(fabs(squares / N - 1.0 / 3) < 0.005);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_number_parse),
      cmocka_unit_test(test_number_format),
      cmocka_unit_test(test_number_round_trip),
      cmocka_unit_test(test_number_ignores_locale),
      cmocka_unit_test(test_exact_edges),
      cmocka_unit_test(test_exact_random),
      cmocka_unit_test(test_exact_many_merges),
      cmocka_unit_test(test_blocks_equal_on_any_threads),
      cmocka_unit_test(test_threads),
      cmocka_unit_test(test_blocks_nest),
      cmocka_unit_test(test_fork_is_serial),
      cmocka_unit_test(test_tree_sum),
      cmocka_unit_test(test_sum_is_blocks_and_tree),
      cmocka_unit_test(test_random_known_answer),
      cmocka_unit_test(test_random_is_keyed),
      cmocka_unit_test(test_random_uniform),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
