/* test_base.c: status and error text, memory, texts and dictionaries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
  char longest[5000];
  memset(longest, 'x', sizeof longest);
  longest[sizeof longest - 1] = 0;
  sy_fail(&error, SY_INVALID_DATA, "%s", longest);
  assert_int_equal(strlen(error.text), SY_ERROR_SIZE - 1);
  assert_memory_equal(error.text + SY_ERROR_SIZE / 2 - 2, "x...x", 5);
  /* What is wrong stands at the end, behind a path of any length. */
  sy_fail(&error, SY_INVALID_DATA, "%s: cannot be read", longest);
  assert_string_equal(error.text + SY_ERROR_SIZE - 1 - 17, "x: cannot be read");
  for (size_t i = 0; i + 2 < sizeof longest; i += 2) memcpy(longest + i, "\xC3\xA9", 2);
  sy_fail(&error, SY_INVALID_DATA, "%s", longest);
  assert_non_null(strstr(error.text, "\xC3\xA9...\xC3\xA9"));
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

static void test_text_fit(void **state) {
  (void)state;
  assert_int_equal(sy_text_fit("abc", 3), 3);
  assert_int_equal(sy_text_fit("abc", 2), 2);
  assert_int_equal(sy_text_fit("x\xC3\xA9t\xC3\xA9", 5), 4);
  assert_int_equal(sy_text_fit("x\xC3\xA9", 2), 1);
  assert_int_equal(sy_text_fit("\xF0\x9F\x90\xA6", 3), 0);
  assert_int_equal(sy_text_fit("", 0), 0);
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

/* Published values of FNV-1a. */
static void test_checksum(void **state) {
  (void)state;
  assert_true(sy_checksum("", 0) == 0xCBF29CE484222325u);
  assert_true(sy_checksum("a", 1) == 0xAF63DC4C8601EC8Cu);
  assert_true(sy_checksum("foobar", 6) == 0x85944171F73967E8u);
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
      cmocka_unit_test(test_text_grows),
      cmocka_unit_test(test_text_width),
      cmocka_unit_test(test_text_fit),
      cmocka_unit_test(test_dictionary),
      cmocka_unit_test(test_dictionary_out_of_memory),
      cmocka_unit_test(test_nearest_name),
      cmocka_unit_test(test_checksum),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
