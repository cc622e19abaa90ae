/* The page: texts that cannot break out, numbers to the bit, plots that stand where they should. */
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

#include "report/page_html.h"
#include "report/page_plot.h"
#include "study_world.h"

static void texts_cannot_end_what_they_stand_in(void **state) {
  (void)state;
  sy_text text = {0};
  sy_html_put(&text, "</td><script>\"a'&b\001\n\xC2\x85z");
  assert_string_equal(text.data, "&lt;/td&gt;&lt;script&gt;&quot;a&#39;&amp;b   z");
  free(text.data);
  text = (sy_text){0};
  sy_html_json(&text, "</script>\"\\\t<!--&\xC3\xA9");
  assert_string_equal(text.data, "\"\\u003c/script\\u003e\\\"\\\\ \\u003c!--\\u0026\xC3\xA9\"");
  free(text.data);
  text = (sy_text){0};
  sy_html_element(&text, "th scope=\"row\"", "<b>");
  assert_string_equal(text.data, "<th scope=\"row\">&lt;b&gt;</th>");
  free(text.data);
}

/* RFC 3629: overlong, surrogates, beyond U+10FFFF, cut short; and marks that turn text around. */
static void bytes_that_are_no_text_are_replaced(void **state) {
  (void)state;
  static const struct {
    const char *raw, *wanted;
  } cases[] = {
      {"a\xFF"
       "b",
       "a\xEF\xBF\xBD"
       "b"},
      {"\xC0\xBC", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xE0\x80\xBC", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xE2\x82", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"\xE2\x82\xAC \xF0\x9F\x90\xA6", "\xE2\x82\xAC \xF0\x9F\x90\xA6"},
      {"a\xE2\x80\xAE"
       "b",
       "a b"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    sy_text text = {0};
    sy_html_put(&text, cases[i].raw);
    assert_string_equal(text.data, cases[i].wanted);
    free(text.data);
  }
}

/* 1.0 is 3FF0000000000000, least byte first; base64 of 8 bytes ends in one '='. */
static void numbers_are_carried_to_the_bit(void **state) {
  (void)state;
  static const double numbers[] = {1, -2.5, 0.1};
  sy_text text = {0};
  sy_html_base64(&text, numbers, 1);
  assert_string_equal(text.data, "\"AAAAAAAA8D8=\"");
  free(text.data);
  text = (sy_text){0};
  sy_html_base64(&text, numbers, 3);
  assert_string_equal(text.data, "\"AAAAAAAA8D8AAAAAAAAEwJqZmZmZmbk/\"");
  free(text.data);
  text = (sy_text){0};
  double mixed[] = {0.1, NAN, INFINITY, -3};
  sy_html_json_numbers(&text, mixed, 4);
  assert_string_equal(text.data, "[0.1,null,null,-3]");
  free(text.data);
}

/* Frame of 200 x 150: from 60 to 180 across, from 110 up to 10. */
static void lines_go_where_their_numbers_say(void **state) {
  (void)state;
  sy_text text = {0};
  sy_plot_axis x = sy_plot_share_axis("x < y", true), y = sy_plot_amount_axis("cost", 0, 10);
  assert_true(y.low == 0 && fabs(y.high - 10.5) < 1e-12);
  assert_int_equal(y.n_ticks, 3);
  assert_string_equal(y.words[1], "5.00");
  y.high = 10;
  sy_plot plot = sy_plot_open(&text, &x, &y, 200, 150, "\"said\"");
  assert_non_null(strstr(text.data, "aria-label=\"&quot;said&quot;\""));
  assert_non_null(strstr(text.data, ">x &lt; y</text>"));
  static const double across[] = {0, 0.5, NAN, 1}, up[] = {0, 5, 3, 10};
  sy_plot_line(&plot, "curve", across, up, 4, false);
  assert_non_null(strstr(text.data, "d=\"M60 110L120 60L180 10\""));
  sy_plot_line(&plot, "curve", across, up, 4, true);
  assert_non_null(strstr(text.data, "d=\"M60 110V60L120 60V10L180 10\""));
  sy_plot_dot(&plot, "mark", 0.25, 2.5, 5);
  assert_non_null(strstr(text.data, "cx=\"90\" cy=\"85\" r=\"5\""));
  sy_plot_close(&plot);
  free(text.data);
}

static void thresholds_are_spread_by_their_logit(void **state) {
  (void)state;
  assert_near(sy_plot_logit(0.5), 0, 0);
  assert_near(sy_plot_logit(0.1), log(0.1 / 0.9), 1e-15);
  assert_near(sy_plot_logit(0), log(1e-6 / (1 - 1e-6)), 1e-12);
  sy_plot_axis axis = sy_plot_threshold_axis("t", sy_plot_logit(0.002), sy_plot_logit(0.6));
  assert_int_equal(axis.n_ticks, 4);
  assert_string_equal(axis.words[0], "0.01");
  assert_string_equal(axis.words[3], "0.5");
}

static char *page_of(const sy_study *study, const sy_costs *costs) {
  char *html;
  sy_error error = {0};
  if (sy_report_study_page(study, "a <title>", costs, &html, &error) != SY_OK)
    fail_msg("%s", error.text);
  return html;
}

static size_t occurrences(const char *text, const char *part) {
  size_t n = 0;
  while ((text = strstr(text, part)) != NULL) {
    n++;
    text++;
  }
  return n;
}

/* Every figure of the stored rule's confusion stands in the page, in each of its tables. */
static void a_study_becomes_a_page(void **state) {
  (void)state;
  world w;
  make_world(&w, 2);
  static const double cost[] = {0, 1, 7, 0};
  sy_costs costs = {.n_classes = 2, .fixed = cost};
  sy_study_options options = sy_study_options_default();
  sy_cost_rule rule;
  assert_int_equal(sy_cost_rule_matrix(cost, 2, &rule, NULL), SY_OK);
  options.cost_rule = &rule;
  sy_study study = run_study(&w.data, &options);
  char *html = page_of(&study, &costs), part[64];
  const sy_metrics *metrics = &study.test.ways[study.test.stored].metrics;
  assert_non_null(strstr(html, "<h1>a &lt;title&gt;</h1>"));
  assert_non_null(strstr(html, "5-fold cross-validation"));
  for (size_t i = 0; i < 4; i++) {
    snprintf(part, sizeof part, "<span class=\"count\">%g</span>", metrics->confusion[i]);
    assert_true(occurrences(html, part) >= 2);
  }
  assert_int_equal(occurrences(html, "<svg class=\"still\""), 5);
  assert_int_equal(occurrences(html, "<table"), occurrences(html, "<caption>"));
  assert_non_null(strstr(html, "A missed yes costs"));
  assert_non_null(strstr(html, "value=\"7\""));
  assert_string_equal(html + strlen(html) - 8, "</html>\n");
  char *again = page_of(&study, &costs);
  assert_string_equal(html, again);
  free(again);
  sy_cost_rule_clear(&rule);
  free(html);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void many_classes_have_a_field_each_way(void **state) {
  (void)state;
  world w;
  make_world(&w, 3);
  sy_study_options options = sy_study_options_default();
  sy_study study = run_study(&w.data, &options);
  char *html = page_of(&study, NULL);
  assert_int_equal(occurrences(html, "<input type=\"number\""), 9);
  assert_non_null(strstr(html, "aria-label=\"yes called maybe costs\""));
  assert_null(strstr(html, "id=\"slider\""));
  assert_non_null(strstr(html, "\"rows\":{\"n\":600,\"all\":600,"));
  assert_int_equal(occurrences(html, "<svg class=\"still\""), 6);
  free(html);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

/* Rows as they are judged, of made-up probabilities; costs of a miss differ by row. */
typedef struct made_rows {
  size_t n;
  int32_t *ids, *decisions;
  double *logs, *values;
  sy_costs costs;
  sy_review review;
  sy_way way;
  sy_evaluation rows;
} made_rows;

static const double FIXED[] = {0, 1, 0, 0};
static const int32_t WHICH[] = {-1, -1, 0, -1};
static const char *const EXPRESSIONS[] = {"amount * <2"};

static void make_rows(made_rows *made, size_t n) {
  *made = (made_rows){.n = n};
  made->ids = malloc(n * sizeof *made->ids);
  made->decisions = malloc(n * sizeof *made->decisions);
  made->logs = malloc(2 * n * sizeof *made->logs);
  made->values = malloc(n * sizeof *made->values);
  double *p = malloc(2 * n * sizeof *p);
  for (size_t i = 0; i < n; i++) {
    p[2 * i + 1] = sy_random_uniform(3, 100, i);
    p[2 * i] = 1 - p[2 * i + 1];
    for (size_t k = 0; k < 2; k++) made->logs[2 * i + k] = log(p[2 * i + k]);
    made->ids[i] = sy_random_uniform(3, 101, i) < p[2 * i + 1];
    made->values[i] = 1 + 9 * sy_random_uniform(3, 102, i);
  }
  made->costs = (sy_costs){2, FIXED, 1, WHICH, made->values, EXPRESSIONS};
  sy_decide_costs(p, n, &made->costs, made->decisions);
  free(p);
  made->rows = (sy_evaluation){.n = n,
                               .n_classes = 2,
                               .ids = made->ids,
                               .log_probabilities = made->logs,
                               .decisions = made->decisions,
                               .costs = &made->costs,
                               .positive = 1};
  made->way = (sy_way){.name = "least cost", .stored = true};
  assert_int_equal(sy_evaluate(&made->rows, &made->way.metrics, NULL), SY_OK);
  made->review = (sy_review){.priced = true, .positive = 1, .n_ways = 1, .ways = &made->way};
}

static void clear_rows(made_rows *made) {
  sy_metrics_clear(&made->way.metrics);
  free(made->ids);
  free(made->decisions);
  free(made->logs);
  free(made->values);
}

static sy_page page_of_rows(const made_rows *made) {
  static const char *const classes[] = {"ok", "fraud"};
  return (sy_page){.title = "t",
                   .classes = classes,
                   .n_classes = 2,
                   .review = &made->review,
                   .rows = &made->rows};
}

/* Costs by row: the rows are carried with their costs, the field is a factor of the expression. */
static void costs_by_row_are_factors(void **state) {
  (void)state;
  made_rows made;
  make_rows(&made, 500);
  sy_page page = page_of_rows(&made);
  char *html;
  assert_int_equal(sy_report_page(&page, &html, NULL), SY_OK);
  assert_non_null(strstr(html, "&times; amount * &lt;2"));
  assert_non_null(strstr(html, "\"which\":[-1,-1,0,-1],\"cost\":[0,1,1,0],\"varies\":true"));
  assert_non_null(strstr(html, "\"rows\":{\"n\":500,\"all\":500,\"varying\":1"));
  free(html);
  clear_rows(&made);
}

/* Of many rows a sample that each has the same chance to be in; and the page stays small. */
static void many_rows_are_sampled(void **state) {
  (void)state;
  made_rows made;
  make_rows(&made, 60000);
  sy_page page = page_of_rows(&made);
  char *html;
  assert_int_equal(sy_report_page(&page, &html, NULL), SY_OK);
  assert_non_null(strstr(html, "\"rows\":{\"n\":33333,\"all\":60000,\"varying\":1"));
  assert_true(strlen(html) < 2000000);
  free(html);
  made.rows.costs = NULL; /* then thresholds decide, of which a part is carried */
  assert_int_equal(sy_report_page(&page, &html, NULL), SY_OK);
  const char *steps = strstr(html, "\"steps\":{\"n\":");
  assert_non_null(steps);
  assert_true(atoi(steps + 13) <= 20000 && strstr(steps, "\"all\":60000"));
  assert_true(strlen(html) < 2000000);
  free(html);
  clear_rows(&made);
}

static void what_is_missing_is_refused(void **state) {
  (void)state;
  made_rows made;
  make_rows(&made, 50);
  sy_page page = page_of_rows(&made);
  char *html;
  page.title = NULL;
  assert_int_equal(sy_report_page(&page, &html, NULL), SY_INVALID_ARGUMENT);
  page = page_of_rows(&made);
  made.rows.decisions = NULL;
  assert_int_equal(sy_report_page(&page, &html, NULL), SY_INVALID_SHAPE);
  assert_null(html);
  page.rows = NULL; /* tables alone */
  assert_int_equal(sy_report_page(&page, &html, NULL), SY_OK);
  assert_null(strstr(html, "<script"));
  assert_non_null(strstr(html, "id=\"results\""));
  free(html);
  clear_rows(&made);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_cannot_end_what_they_stand_in),
      cmocka_unit_test(bytes_that_are_no_text_are_replaced),
      cmocka_unit_test(numbers_are_carried_to_the_bit),
      cmocka_unit_test(lines_go_where_their_numbers_say),
      cmocka_unit_test(thresholds_are_spread_by_their_logit),
      cmocka_unit_test(a_study_becomes_a_page),
      cmocka_unit_test(many_classes_have_a_field_each_way),
      cmocka_unit_test(costs_by_row_are_factors),
      cmocka_unit_test(many_rows_are_sampled),
      cmocka_unit_test(what_is_missing_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
