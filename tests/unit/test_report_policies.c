/* test_report_policies.c: all policies side by side on the screen: figures where they belong, for
 * few and many classes and for labels, at most 100 columns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <steelyard/report.h>

#include "base/memory.h"
#include "label_counts.h"
#include "report/format.h"
#include "report_width.h"

static char *report(const char *const *classes, const double *numbers, size_t n_classes,
                    const double *cost) {
  sy_counts *counts;
  sy_error error;
  char *text = NULL;
  if (sy_counts_of(classes, numbers, n_classes, &counts, &error) != SY_OK ||
      sy_report_policies(counts, cost, &text, &error) != SY_OK)
    fail_msg("%s", error.text);
  sy_counts_free(counts);
  return text;
}

static void assert_has(const char *text, const char *wanted) {
  if (!strstr(text, wanted)) fail_msg("'%s' is not in\n%s", wanted, text);
}

/* The same for sentences, wherever their lines break. */
static void assert_says(const char *text, const char *wanted) {
  static char flat[1 << 16];
  size_t n = 0;
  for (; *text && n + 1 < sizeof flat; text++) {
    bool blank = *text == ' ' || *text == '\n';
    if (!blank || (n > 0 && flat[n - 1] != ' ')) flat[n++] = blank ? ' ' : *text;
  }
  flat[n] = 0;
  assert_has(flat, wanted);
}

static void two_classes(void **state) {
  (void)state;
  char *text = report((const char *[]){"None", "damage"}, (double[]){8939, 1061}, 2, NULL);
  assert_fits(text);
  assert_has(text, "10,000 rows, 2 classes\n\n"
                   "class                          None       damage\n"
                   "rows                          8,939        1,061\n"
                   "share of the rows            89.4 %       10.6 %\n\n"
                   "weight by policy                                 rarest has  like rows\n"
                   "none = log                        1            1     10.6 %     10,000\n"
                   "effective                     0.791         1.21     15.4 %      9,768\n");
  assert_has(text, "balanced = median             0.559         4.71     50.0 %      3,794\n"
                   "  inverse                      1.12         9.43\n"
                   "  max-ratio                       1         8.43\n");
  assert_has(text, "\nlog           weighs more than 1 below a share of mu / e: 5.5 % (none)\n"
                   "log:auto      the same, mu being the largest share: 32.9 % (class damage)\n");
  assert_has(text,
             "\nindented      the weights above times a constant: the same model where the loss "
             "is a weighted mean\n");
  assert_says(text, "say --cost 'damage:None=5', if a missed damage costs 5 false alarms.");
  assert_null(strstr(text, "warning"));
  free(text);
}

static void costs_take_the_place_of_weights(void **state) {
  (void)state;
  const double cost[] = {0, 1, 5, 0};
  char *text = report((const char *[]){"None", "damage"}, (double[]){8939, 1061}, 2, cost);
  assert_has(text, "cost                          0.702         3.51     37.2 %      5,721\n");
  assert_says(text, "With the costs you gave, fit --cost sets that threshold");
  free(text);
  /* Costs that make the rare class weigh less still come after no weights at all. */
  const double common[] = {0, 5, 1, 0};
  text = report((const char *[]){"None", "damage"}, (double[]){8939, 1061}, 2, common);
  assert_true(strstr(text, "\nnone = log ") < strstr(text, "\ncost "));
  free(text);
}

/* Names that an option would have to quote are not put into one. */
static void names_that_need_quotes(void **state) {
  (void)state;
  static const char *const names[] = {"it's", "a:b", "two words", "a\nb", "a\033b"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    char *text = report((const char *[]){names[i], "plain"}, (double[]){800, 200}, 2, NULL);
    assert_says(text, "say --cost 'ACTUAL:PREDICTED=COST,...'.");
    assert_null(strchr(text, '\033'));
    free(text);
  }
}

static const char *const kdd[] = {
    "smurf",     "neptune",     "normal",      "back", "satan",   "ipsweep",
    "portsweep", "warezclient", "teardrop",    "pod",  "nmap",    "guess_passwd",
    "overflow",  "land",        "warezmaster", "imap", "rootkit", "loadmodule",
    "ftp_write", "multihop",    "phf",         "perl", "spy"};
static const double kdd_rows[] = {280790, 107201, 97278, 2203, 1589, 1247, 1040, 1020,
                                  979,    264,    231,   53,   30,   21,   20,   12,
                                  10,     9,      8,     7,    4,    3,    2};

static void many_classes(void **state) {
  (void)state;
  char *text = report(kdd, kdd_rows, 23, NULL);
  assert_fits(text);
  assert_has(text, "494,021 rows, 23 classes: the 3 commonest and the 3 rarest\n");
  assert_has(text,
             "class                     smurf  neptune   normal …      phf     perl      spy\n"
             "rows                    280,790  107,201   97,278 …        4        3        2\n");
  assert_has(text,
             "balanced                 0.0765    0.200    0.221 …    5,370    7,160   10,740  "
             "    4.3 %        293\n");
  assert_has(text, "5.5 % (classes spy, perl and 18 more)\n");
  assert_says(text,
              "warning: the 55 rows of the 8 rarest classes carry 34.0 % of the loss under "
              "effective:auto and 34.8 % under balanced; a few odd ones among them can decide "
              "the model; sqrt relies on them less");
  assert_says(text,
              "--cost 'spy:smurf=5', if spy taken for smurf costs 5 times any other mistake.");
  free(text);
}

static void a_thousand_classes(void **state) {
  (void)state;
  enum { N = 1000 };
  static char names[N][16];
  const char *classes[N];
  double numbers[N];
  for (int k = 0; k < N; k++) {
    snprintf(names[k], sizeof names[k], "c%03d", k);
    classes[k] = names[k];
    numbers[k] = 3 + 10 * (k * 7919 % N);
  }
  char *text = report(classes, numbers, N, NULL);
  assert_fits(text);
  assert_has(text, "1,000 classes: the 3 commonest and the 3 rarest");
  assert_says(text, "(classes c000, c679 and 998 more)");
  assert_says(text,
              "--class-weight POLICY shows one in full, for every class; --json all of them.");
  free(text);
}

static void a_class_of_one_row(void **state) {
  (void)state;
  char *text = report((const char *[]){"a", "b", "c"}, (double[]){5000, 700, 1}, 3, NULL);
  assert_says(text, "warning: the one row of class c carries 33.3 % of the loss under balanced; if "
                    "that is an odd one, the model learns it; sqrt relies on it less");
  free(text);
  /* Few rows altogether are no news: they are as few without weights. */
  text = report((const char *[]){"a", "b"}, (double[]){50, 30}, 2, NULL);
  assert_null(strstr(text, "warning"));
  free(text);
}

/* Of several rare classes the fewest that carry the loss on few rows are named. */
static void rare_classes_together(void **state) {
  (void)state;
  const char *const names[] = {"a", "b", "c", "d", "e", "f"};
  char *text = report(names, (double[]){3, 7, 60, 70, 100, 127}, 6, NULL);
  assert_says(text, "warning: the 10 rows of the 2 rarest classes carry 33.3 % of the loss under "
                    "balanced; a few odd ones");
  free(text);
  /* A class by itself, where it is not among the rarest that have under 100 rows together. */
  double costs[25];
  for (size_t i = 0; i < 25; i++) costs[i] = i / 5 == i % 5 ? 0 : i / 5 == 3 ? 50 : 1;
  text = report(names, (double[]){1000, 1000, 1000, 70, 60}, 5, costs);
  assert_says(text, "warning: the 70 rows of class d carry 53.4 % of the loss under cost;");
  free(text);
}

/* All of a legend's lines stay lines, whatever the names. */
static void long_names_in_the_legend(void **state) {
  (void)state;
  static const char *const names[] = {
      "a class that everything is of, or nearly", "another class with a name that is long",
      "a third class with a name that is longer", "a fourth class of not many rows at all"};
  char *text = report(names, (double[]){100000, 900, 800, 700}, 4, NULL);
  assert_fits(text);
  assert_has(text,
             "\nlog           weighs more than 1 below a share of mu / e: 5.5 % (classes a fourt");
  assert_has(text, "… and 2 more)\nlog:auto      the same");
  free(text);
}

static void large_shares_are_not_all(void **state) {
  (void)state;
  char *text = report((const char *[]){"0", "1"}, (double[]){1300000, 40}, 2, NULL);
  assert_has(text, "share of the rows          99.997 %      0.003 %\n");
  free(text);
  assert_string_equal(sy_cell_percent(1).text, "100.0 %");
  assert_string_equal(sy_cell_percent(1 - 1e-12).text, ">99.9999 %");
  assert_string_equal(sy_cell_percent(2e-9).text, "2e-7 %");
  assert_string_equal(sy_cell_count(0.25).text, "0.25");
  assert_string_equal(sy_cell_count(1.0 / 3).text, "0.3333");
  assert_string_equal(sy_cell_count(1234.56).text, "1,234.6");
  assert_string_equal(sy_cell_count(0x1p53 - 1).text, "9,007,199,254,740,991");
}

static void nothing_to_weigh(void **state) {
  (void)state;
  char *text = report((const char *[]){"a", "b", "c"}, (double[]){500, 500, 500}, 3, NULL);
  assert_fits(text);
  assert_has(text,
             "none = balanced = max-ratio = median =\n  sqrt = log = log:auto = effective =\n");
  assert_says(text, "All classes are equally frequent: all policies train the same model.");
  assert_null(strstr(text, "mu / e"));
  free(text);
  text = report((const char *[]){"a", "b"}, (double[]){500, 0}, 2, NULL);
  assert_has(text, "500 rows, 1 class\n");
  assert_says(text, "There is only one class");
  assert_has(text, "warning: class 'b' has no rows: it weighs 1 and cannot be learnt\n");
  free(text);
}

static void huge_and_tiny_figures_fit(void **state) {
  (void)state;
  const char *const classes[] = {"a", "b", "c", "d", "e", "f with a name that is too long for it"};
  char *text = report(classes, (double[]){1e15, 1e12, 1.3e6, 1e5, 1e3, 1}, 6, NULL);
  assert_fits(text);
  assert_has(text,
             "rows                      1e+15    1e+12  1.3e+06  100,000    1,000        1\n");
  assert_has(text, "99.9 %    0.1 %   1e-7 %   1e-8 %  1e-10 %  1e-13 %\n");
  free(text);
}

static void row_weights_are_told(void **state) {
  (void)state;
  sy_counts *counts = sy_counts_new(2);
  const char *const names[] = {"a", "b"};
  const int32_t ids[] = {0, 0, 1};
  const double weights[] = {4, 2.5, 1};
  char *text;
  assert_int_equal(sy_counts_name_classes(counts, names, NULL), SY_OK);
  assert_int_equal(sy_counts_add(counts, ids, 3, weights, NULL), SY_OK);
  assert_int_equal(sy_report_policies(counts, NULL, &text, NULL), SY_OK);
  assert_has(text, "3 rows that weigh 7.5, 2 classes\n");
  free(text);
  sy_counts_free(counts);
}

/* --- several labels a row --- */

static const char *const emotions[] = {"amazed-suprised", "happy-pleased", "relaxing-calm",
                                       "quiet-still",     "sad-lonely",    "angry-aggresive"};

static void labels_by_policies(void **state) {
  (void)state;
  const size_t with[] = {173, 166, 264, 148, 168, 189};
  size_t without[6];
  for (size_t l = 0; l < 6; l++) without[l] = 593 - with[l];
  sy_counts *counts = label_counts(emotions, without, with, 6);
  char *text;
  assert_int_equal(sy_report_policies(counts, NULL, &text, NULL), SY_OK);
  assert_fits(text);
  assert_has(text, "593 rows, 6 labels, of which a row may have any number\n");
  assert_has(text, "relaxin… angry-a… amazed-… sad-lon… happy-p… quiet-s…\n");
  assert_has(text, "     44.5 %   31.9 %   29.2 %   28.3 %   28.0 %   25.0 %\n");
  assert_has(text, "balanced = inverse =\n  max-ratio = median =\n  pos   ");
  assert_has(text, "  1.25     2.14     2.43     2.53     2.57     3.01     50.0 %        444\n");
  assert_says(text, "joined by = pairs alike up to a constant: the same model");
  assert_says(text, "give each label the threshold");
  assert_null(strstr(text, "warning"));
  free(text);
  sy_counts_free(counts);
}

static void rare_and_constant_labels(void **state) {
  (void)state;
  const size_t with[] = {10, 0, 593, 40, 168, 189};
  size_t without[6];
  for (size_t l = 0; l < 6; l++) without[l] = 593 - with[l];
  sy_counts *counts = label_counts(emotions, without, with, 6);
  char *text;
  assert_int_equal(sy_report_policies(counts, NULL, &text, NULL), SY_OK);
  assert_fits(text);
  assert_has(text,
             "none                                  1            1            1            1  "
             "   17.2 %        593\n"); /* of the labels that vary */
  assert_says(text, "warning: fewer than 100 rows carry a third or more of the loss of labels "
                    "amazed-suprised and quiet-still under enet, effective:auto, effective and "
                    "balanced;");
  assert_says(text, "warning: label 'happy-pleased' is in no row");
  assert_says(text, "warning: label 'relaxing-calm' is in every row");
  free(text);
  sy_counts_free(counts);
  counts = label_counts(emotions, without + 1, with + 1, 1);
  assert_int_equal(sy_report_policies(counts, NULL, &text, NULL), SY_OK);
  assert_has(text, "593 rows, 1 label, of which");
  assert_has(text, "in no row");
  free(text);
  sy_counts_free(counts);
}

static void an_audit_of_labels(void **state) {
  (void)state;
  const size_t with[] = {173, 264}, without[] = {420, 329};
  sy_counts *counts = label_counts(emotions, without, with, 2);
  sy_policy *policy;
  double weights[4];
  sy_label_audits audits;
  char *text;
  assert_int_equal(sy_policy_parse("pos", &policy, NULL), SY_OK);
  assert_int_equal(sy_counts_weights(policy, SY_NORMALIZE_NONE, counts, weights, NULL), SY_OK);
  assert_int_equal(sy_label_audits_make(policy, counts, weights, &audits, NULL), SY_OK);
  assert_int_equal(sy_report_label_audits(counts, &audits, "pos", &text, NULL), SY_OK);
  assert_fits(text);
  assert_has(text, "593 rows, 2 labels, of which a row may have any number; weights: pos\n");
  assert_has(text, "amazed-suprised                    173      29.2 %              1.00000     "
                   "2.42775         490\n");
  free(text);
  sy_label_audits_clear(&audits);
  sy_policy_free(policy);
  sy_counts_free(counts);
}

/* --- out of memory --- */

static void check_no_memory(const sy_counts *counts) {
  size_t nth = 0;
  sy_status status;
  do {
    char *text = NULL;
    sy_memory_fail_nth(++nth);
    status = sy_report_policies(counts, NULL, &text, NULL);
    bool struck = sy_memory_fail_nth(0) == 0;
    assert_int_equal(status, struck ? SY_OUT_OF_MEMORY : SY_OK);
    if (status == SY_OK) free(text);
  } while (status != SY_OK);
  assert_true(nth > 50);
}

static void reports_survive_no_memory(void **state) {
  (void)state;
  const size_t with[] = {10, 264, 0}, without[] = {583, 329, 593};
  sy_counts *labels = label_counts(emotions, without, with, 3), *classes;
  assert_int_equal(sy_counts_of(kdd, kdd_rows, 23, &classes, NULL), SY_OK);
  check_no_memory(labels);
  check_no_memory(classes);
  sy_counts_free(labels);
  sy_counts_free(classes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_classes),
      cmocka_unit_test(costs_take_the_place_of_weights),
      cmocka_unit_test(names_that_need_quotes),
      cmocka_unit_test(many_classes),
      cmocka_unit_test(a_thousand_classes),
      cmocka_unit_test(a_class_of_one_row),
      cmocka_unit_test(rare_classes_together),
      cmocka_unit_test(long_names_in_the_legend),
      cmocka_unit_test(large_shares_are_not_all),
      cmocka_unit_test(nothing_to_weigh),
      cmocka_unit_test(huge_and_tiny_figures_fit),
      cmocka_unit_test(row_weights_are_told),
      cmocka_unit_test(labels_by_policies),
      cmocka_unit_test(rare_and_constant_labels),
      cmocka_unit_test(an_audit_of_labels),
      cmocka_unit_test(reports_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
