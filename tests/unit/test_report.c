/* Numbers for people, and the screens: figures where they belong, at most 100 columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/steelyard.h>

#include "report/format.h"
#include "report_width.h"
#include "study_world.h"

static void numbers_read_well(void **state) {
  (void)state;
  assert_string_equal(sy_cell_count(0).text, "0");
  assert_string_equal(sy_cell_count(999).text, "999");
  assert_string_equal(sy_cell_count(284807).text, "284,807");
  assert_string_equal(sy_cell_count(1234567.5).text, "1,234,567.5");
  assert_string_equal(sy_cell_fixed(-0.0004, 3).text, "0.000");
  assert_string_equal(sy_cell_fixed(-12.3456, 2).text, "-12.35");
  assert_string_equal(sy_cell_fixed(NAN, 3).text, "-");
  assert_string_equal(sy_cell_fixed(INFINITY, 3).text, "inf");
  assert_string_equal(sy_cell_percent(0.1061).text, "10.6 %");
  assert_string_equal(sy_cell_percent(0).text, "0.0 %");
  assert_string_equal(sy_cell_percent(0.000004).text, "0.0004 %");
  assert_string_equal(sy_cell_percent(NAN).text, "-");
  assert_string_equal(sy_cell_amount(530.4).text, "530");
  assert_string_equal(sy_cell_amount(53.04).text, "53.0");
  assert_string_equal(sy_cell_amount(5.304).text, "5.30");
  assert_string_equal(sy_cell_amount(123456.7).text, "123,457");
  assert_string_equal(sy_cell_power(3.2e-11).text, "3e-11");
  assert_string_equal(sy_cell_power(9.7e-5).text, "1e-4");
  assert_string_equal(sy_cell_power(0).text, "0");
}

static void long_names_are_cut_between_letters(void **state) {
  (void)state;
  assert_string_equal(sy_cell_text("short", 8).text, "short");
  assert_string_equal(sy_cell_text("exactly8", 8).text, "exactly8");
  assert_string_equal(sy_cell_text("longer than 8", 8).text, "longer …");
  assert_string_equal(sy_cell_text("ééééé", 3).text, "éé…");
  assert_string_equal(sy_cell_text("a\033[2Jb", 9).text, "a?[2Jb");
}

/* Words as they come, the following lines at the column of the first, "%" with its number. */
static void paragraphs_break_between_words(void **state) {
  (void)state;
  char long_word[92] = "", longer[95] = "", words[256], wanted[256];
  memset(long_word, 'x', sizeof long_word - 1);
  memset(longer, 'y', sizeof longer - 1);
  snprintf(words, sizeof words, "%s 42 %% of  %s 7", long_word, longer);
  sy_text text = {0};
  sy_put_left(&text, sy_cell_text("what", 6), 6);
  sy_put_paragraph(&text, words, 6);
  snprintf(wanted, sizeof wanted, "what  %s\n      42 %% of\n      %s\n      7\n", long_word,
           longer);
  assert_string_equal(text.data, wanted);
  free(text.data);
}

static void an_audit_shows_what_weights_do(void **state) {
  (void)state;
  const char *classes[] = {"None", "a class with a name that is longer than its column"};
  int32_t ids[1000];
  for (size_t i = 0; i < 1000; i++) ids[i] = i < 100;
  sy_counts *counts = sy_counts_new(2);
  assert_int_equal(sy_counts_add(counts, ids, 1000, NULL, NULL), SY_OK);
  double weights[] = {1000.0 / 1800, 5};
  sy_audit audit;
  assert_int_equal(sy_audit_make(NULL, classes, counts, weights, 2, &audit, NULL), SY_OK);
  char *text;
  assert_int_equal(sy_report_audit(counts, &audit, "balanced", classes, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "1,000 rows, 2 classes, class weights: balanced"));
  assert_non_null(strstr(text, "90.0 %      0.55556"));
  assert_non_null(strstr(text, "imbalance 9.00 to 1; weighted, these rows tell as much as 360"));
  assert_fits(text);
  free(text);
  sy_audit_clear(&audit);
  sy_counts_free(counts);
}

/* A review made by hand: two classes, 8 patterns of rows 50 times over, one of each kind of
 * mistake. */
static void a_review_reads_as_its_table(void **state) {
  (void)state;
  const char *classes[] = {"ok", "fraud with a very long name indeed"};
  const int32_t ids[] = {0, 0, 0, 0, 0, 1, 1, 1};
  const int32_t said[] = {0, 0, 0, 0, 1, 1, 1, 0};
  enum { COPIES = 50, N = 8 * COPIES };
  double logs[2 * N];
  int32_t all_ids[N], all_said[N];
  for (size_t i = 0; i < N; i++) {
    all_ids[i] = ids[i % 8];
    all_said[i] = said[i % 8];
    double p = all_said[i] ? 0.8 : 0.1;
    logs[2 * i] = log(1 - p);
    logs[2 * i + 1] = log(p);
  }
  const double cost[] = {0, 1, 5, 0};
  const sy_costs costs = {.n_classes = 2, .fixed = cost};
  sy_evaluation evaluation = {.n = N,
                              .n_classes = 2,
                              .ids = all_ids,
                              .log_probabilities = logs,
                              .decisions = all_said,
                              .costs = &costs,
                              .positive = 1};
  sy_way way = {
      .name = "p >= 0.167", .remark = "from your costs", .stored = true, .flagged = 0.375};
  assert_int_equal(sy_evaluate(&evaluation, &way.metrics, NULL), SY_OK);
  sy_review review = {.priced = true, .positive = 1, .n_ways = 1, .ways = &way, .miss_cost = 5};
  review.has_saving = true;
  review.saving = (sy_cost_comparison){.difference = 0.2,
                                       .low = 0.1,
                                       .high = 0.3,
                                       .saving = 0.184,
                                       .saving_low = 0.092,
                                       .saving_high = 0.276};
  char *text;
  assert_int_equal(sy_report_review(&review, "Heading", classes, 2, &text, NULL), SY_OK);
  assert_ptr_equal(strstr(text, "Heading\n"), text);
  assert_non_null(strstr(text, "p >= 0.167  from your costs      37.5 %  66.7 %      0.667"));
  assert_non_null(strstr(text, "  750  ("));
  assert_non_null(strstr(text, "<- stored"));
  assert_non_null(strstr(text, "was ok"));
  assert_non_null(strstr(text, "Pricing a missed fraud with a very l… at 5 saves 18 % against "
                               "p >= 0.5 (95 %: 9 to 28 %).\n"));
  assert_null(strstr(text, "may be chance"));
  assert_fits(text);
  free(text);
  review.saving.saving_low = -0.05;
  assert_int_equal(sy_report_review(&review, NULL, classes, 2, &text, NULL), SY_OK);
  assert_non_null(
      strstr(text, "(95 %: -5 to 28 %).\nOn so few rows the difference may be chance.\n"));
  free(text);
  sy_metrics_clear(&way.metrics);
}

/* The head of a study's screen; of many classes the commonest and the rarest there are. */
static void a_study_says_what_it_was_made_of(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  const char *classes[] = {"absent", "yes", "no", "also absent", "absent too"};
  sy_labels_options declared = {.classes = classes, .n_classes = 5};
  sy_labels_free(w.labels);
  assert_int_equal(sy_labels_from_names(w.label_codes, ROWS, NAMES, 3, &declared, &w.labels, NULL),
                   SY_OK);
  w.data.labels = w.labels;
  sy_study_options options = sy_study_options_default();
  options.test = SY_TEST_NONE;
  options.l2 = 0.25;
  sy_study study;
  assert_int_equal(sy_study_run(&w.data, &options, &study, NULL), SY_OK);
  char *text;
  assert_int_equal(sy_report_study(&study, ROWS, 3, 0.5, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "600 rows, 3 of 3 columns used"));
  assert_non_null(strstr(text, "5 classes, from no "));
  assert_non_null(strstr(text, " to yes "));
  assert_non_null(strstr(text, "logistic, l2 3e-1, "));
  assert_fits(text);
  free(text);
  assert_int_equal(sy_report_study(&study, ROWS, 3, -1, &text, NULL), SY_OK);
  assert_non_null(strstr(text, "600 rows, 3 of 3 columns used\n")); /* nothing was read */
  free(text);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

/* Amounts of money keep three digits where more would break the lines. */
static void large_amounts_have_units(void **state) {
  (void)state;
  assert_string_equal(sy_cell_money(355.3).text, "355");
  assert_string_equal(sy_cell_money(99999).text, "99,999");
  assert_string_equal(sy_cell_money(99999.6).text, "100k");
  assert_string_equal(sy_cell_money(-417964).text, "-418k");
  assert_string_equal(sy_cell_money(999600).text, "1.00M");
  assert_string_equal(sy_cell_money(12345678).text, "12.3M");
  assert_string_equal(sy_cell_money(NAN).text, "-");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(large_amounts_have_units),
      cmocka_unit_test(numbers_read_well),
      cmocka_unit_test(long_names_are_cut_between_letters),
      cmocka_unit_test(paragraphs_break_between_words),
      cmocka_unit_test(an_audit_shows_what_weights_do),
      cmocka_unit_test(a_review_reads_as_its_table),
      cmocka_unit_test(a_study_says_what_it_was_made_of),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
