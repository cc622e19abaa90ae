/* test_base.c: status and error text, memory, numbers, exact sums, blocks, random numbers, texts.
 */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/exact.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/text.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- status and errors --- */

static void test_status_names(void **state) {
  (void)state;
  assert_int_equal(SY_OK, 0);
  assert_int_equal(SY_INVALID_LABEL, 20);
  assert_int_equal(SY_CANCELLED, 61);
  assert_string_equal(sy_status_name(SY_OK), "SY_OK");
  assert_string_equal(sy_status_name(SY_OUT_OF_MEMORY), "SY_OUT_OF_MEMORY");
  assert_string_equal(sy_status_text(SY_OUT_OF_MEMORY), "out of memory");
  assert_string_equal(sy_status_name((sy_status)99), "SY_UNKNOWN");
  assert_non_null(sy_status_text((sy_status)99));
  assert_string_equal(sy_version(), SY_VERSION);
}

static void test_fail_fills_error(void **state) {
  (void)state;
  sy_error error;
  assert_int_equal(sy_fail(&error, SY_INVALID_LABEL, "label %d at row %d", 7, 3), SY_INVALID_LABEL);
  assert_int_equal(error.status, SY_INVALID_LABEL);
  assert_string_equal(error.text, "label 7 at row 3");
  assert_int_equal(sy_fail(NULL, SY_NO_ROWS, "x"), SY_NO_ROWS);
  sy_fail(&error, SY_NO_ROWS, "in front of: %s", error.text);
  assert_string_equal(error.text, "in front of: label 7 at row 3");
  assert_int_equal(sy_fail_memory(&error), SY_OUT_OF_MEMORY);
  assert_string_equal(error.text, "out of memory");
}

static void test_fail_keeps_one_line(void **state) {
  (void)state;
  sy_error error;
  sy_fail(&error, SY_INVALID_DATA, "a%sb", "\n\r\t\x7f");
  assert_string_equal(error.text, "a    b");
  char longest[2000];
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = 0;
  sy_fail(&error, SY_INVALID_DATA, "%s", longest);
  assert_int_equal(strlen(error.text), SY_ERROR_SIZE - 1);
  assert_string_equal(error.text + SY_ERROR_SIZE - 5, "x...");
  for (size_t i = 0; i + 2 < sizeof longest; i += 2) memcpy(longest + i, "\xC3\xA9", 2);
  sy_fail(&error, SY_INVALID_DATA, "%s", longest);
  size_t length = strlen(error.text);
  assert_string_equal(error.text + length - 5, "\xC3\xA9...");
}

static void test_shown_cuts_long_values(void **state) {
  (void)state;
  char shown[SY_SHOWN_SIZE], longest[200];
  assert_string_equal(sy_shown("two\nlines", shown), "two lines");
  memset(longest, 'y', sizeof longest);
  longest[199] = 0;
  sy_shown(longest, shown);
  assert_int_equal(strlen(shown), SY_SHOWN_SIZE - 1);
  assert_string_equal(shown + SY_SHOWN_SIZE - 5, "y...");
  longest[SY_SHOWN_SIZE - 1] = 0;
  assert_string_equal(sy_shown(longest, shown), longest);
}

static bool cancel_at_half(void *context, const char *stage, double fraction) {
  assert_string_equal(stage, "work");
  ++*(int *)context;
  return fraction >= 0.5;
}

static void test_progress(void **state) {
  (void)state;
  int calls = 0;
  sy_error error;
  sy_progress progress = {cancel_at_half, &calls};
  assert_int_equal(sy_progress_tell((sy_progress){0}, "work", 1, NULL), SY_OK);
  assert_int_equal(sy_progress_tell(progress, "work", 0.4, &error), SY_OK);
  assert_int_equal(sy_progress_tell(progress, "work", 0.5, &error), SY_CANCELLED);
  assert_string_equal(error.text, "interrupted");
  assert_int_equal(calls, 2);
}

static void test_messages(void **state) {
  (void)state;
  sy_messages_add(NULL, "dropped");
  assert_int_equal(sy_messages_count(NULL), 0);
  sy_messages_free(NULL);
  sy_messages *messages = sy_messages_new();
  for (int i = 0; i < 100; i++) sy_messages_add(messages, "line %d\nof it", i);
  assert_int_equal(sy_messages_count(messages), 100);
  assert_string_equal(sy_messages_get(messages, 99), "line 99 of it");
  assert_null(sy_messages_get(messages, 100));
  sy_memory_fail_nth(1);
  sy_messages_add(messages, "dropped");
  assert_int_equal(sy_messages_count(messages), 100);
  sy_messages_free(messages);
}

/* --- memory --- */

static void test_memory(void **state) {
  (void)state;
  assert_null(sy_alloc(SIZE_MAX / 2, 4));
  assert_null(sy_alloc_zero(SIZE_MAX, 2));
  void *nothing = sy_alloc(0, 8);
  assert_non_null(nothing);
  free(nothing);
  unsigned char *zeros = sy_alloc_zero(100, 1);
  for (int i = 0; i < 100; i++) assert_int_equal(zeros[i], 0);
  assert_null(sy_realloc(zeros, SIZE_MAX, SIZE_MAX));
  zeros = sy_realloc(zeros, 0, 1);
  assert_non_null(zeros);
  free(zeros);
  char *copy = sy_copy_bytes("abcdef", 3);
  assert_string_equal(copy, "abc");
  free(copy);
}

static void test_memory_fails_nth(void **state) {
  (void)state;
  sy_memory_fail_nth(2);
  char *first = sy_copy_text("first");
  assert_non_null(first);
  assert_null(sy_copy_text("second"));
  assert_int_equal(sy_memory_fail_nth(0), 0);
  char *third = sy_copy_text("third");
  assert_string_equal(third, "third");
  free(first);
  free(third);
}

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

/* --- texts --- */

static void test_text_grows(void **state) {
  (void)state;
  sy_text text = {0};
  sy_text_put(&text, "");
  assert_string_equal(text.data, "");
  for (int i = 0; i < 1000; i++) sy_text_add(&text, "%d,", i % 10);
  sy_text_put_bytes(&text, "a\0b", 3);
  assert_int_equal(text.length, 2003);
  assert_memory_equal(text.data + 1996, "8,9,a\0b", 8);
  sy_memory_fail_nth(1);
  for (int i = 0; i < 5000 && !text.failed; i++) sy_text_put(&text, "more");
  assert_true(text.failed);
  size_t length = text.length;
  sy_text_put(&text, "nothing");
  assert_int_equal(text.length, length);
  free(text.data);
}

static void test_text_width(void **state) {
  (void)state;
  assert_int_equal(sy_text_width(""), 0);
  assert_int_equal(sy_text_width("abc"), 3);
  assert_int_equal(sy_text_width("\xC3\xA9t\xC3\xA9"), 3);
  assert_int_equal(sy_text_width("\xE2\x82\xAC\xF0\x9F\x90\xA6"), 2);
  assert_int_equal(sy_text_width("\xFF\xC3"), 2);
  assert_int_equal(sy_text_width("\xE2\x82"), 2);
}

static void test_dictionary(void **state) {
  (void)state;
  sy_dictionary dictionary = {0};
  char text[32];
  assert_int_equal(sy_dictionary_find(&dictionary, "x", 1), SY_NOT_FOUND);
  for (uint32_t i = 0; i < 5000; i++) {
    int length = snprintf(text, sizeof text, "value number %u", i * 7919);
    assert_int_equal(sy_dictionary_add(&dictionary, text, (size_t)length), i);
  }
  for (uint32_t i = 0; i < 5000; i++) {
    int length = snprintf(text, sizeof text, "value number %u", i * 7919);
    assert_int_equal(sy_dictionary_add(&dictionary, text, (size_t)length), i);
    assert_int_equal(sy_dictionary_find(&dictionary, text, (size_t)length), i);
    assert_string_equal(dictionary.values[i], text);
  }
  assert_int_equal(dictionary.n, 5000);
  assert_int_equal(sy_dictionary_find(&dictionary, "value number", 12), SY_NOT_FOUND);
  assert_int_equal(sy_dictionary_add(&dictionary, "", 0), 5000);
  assert_int_equal(sy_dictionary_add(&dictionary, "abcdef", 3), 5001);
  assert_int_equal(sy_dictionary_find(&dictionary, "abc", 3), 5001);
  assert_int_equal(sy_dictionary_add(&dictionary, "abc\0z", 5), 5001); /* ends at the zero */
  sy_dictionary_clear(&dictionary);
  assert_int_equal(dictionary.n, 0);
}

static void test_dictionary_out_of_memory(void **state) {
  (void)state;
  sy_dictionary dictionary = {0};
  size_t failed = 0;
  char text[32];
  for (uint32_t i = 0; i < 300; i++) {
    int length = snprintf(text, sizeof text, "%u", i);
    for (size_t nth = 1; nth < 4; nth++) {
      sy_memory_fail_nth(nth);
      uint32_t code = sy_dictionary_add(&dictionary, text, (size_t)length);
      sy_memory_fail_nth(0);
      if (code == SY_NOT_FOUND) failed++;
    }
    assert_int_equal(sy_dictionary_add(&dictionary, text, (size_t)length), i);
  }
  assert_true(failed >= 300);
  sy_dictionary_clear(&dictionary);
}

static void test_nearest_name(void **state) {
  (void)state;
  const char *names[] = {"none", "balanced", "power", "sqrt", "max-ratio", "log"};
  assert_string_equal(sy_nearest_name("balancd", names, 6), "balanced");
  assert_string_equal(sy_nearest_name("BALANCED", names, 6), "balanced");
  assert_string_equal(sy_nearest_name("balnaced", names, 6), "balanced");
  assert_string_equal(sy_nearest_name("srqt", names, 6), "sqrt"); /* a swap is one change */
  assert_string_equal(sy_nearest_name("lgo", names, 6), "log");
  assert_null(sy_nearest_name("median", names, 6));
  assert_null(sy_nearest_name("", names, 6));
  assert_null(sy_nearest_name("log", names, 0));
  const char *two[] = {"abcdef", "abcdeg"};
  assert_string_equal(sy_nearest_name("abcdeh", two, 2), "abcdef"); /* the first on ties */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_status_names),
      cmocka_unit_test(test_fail_fills_error),
      cmocka_unit_test(test_fail_keeps_one_line),
      cmocka_unit_test(test_shown_cuts_long_values),
      cmocka_unit_test(test_progress),
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_memory_fails_nth),
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
      cmocka_unit_test(test_text_grows),
      cmocka_unit_test(test_text_width),
      cmocka_unit_test(test_dictionary),
      cmocka_unit_test(test_dictionary_out_of_memory),
      cmocka_unit_test(test_nearest_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
