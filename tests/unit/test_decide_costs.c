/* test_decide_costs.c: costs that differ from row to row: as typed, checked, decided by. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

#include <steelyard/decide.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *const names[] = {"ok", "fraud"};
static const char *const odd_names[] = {"a", "b", "b=c", "x:y", "d(e", "it's"};

static sy_cost_rule parse(const char *text, const char *const *classes, size_t n_classes) {
  sy_cost_rule rule;
  sy_error error = {0};
  if (sy_cost_rule_parse(text, classes, n_classes, &rule, &error) != SY_OK)
    fail_msg("'%s': %s", text, error.text);
  return rule;
}

/* One cost as typed reads as this expression. */
static void assert_expression(const char *text, const char *const *classes, size_t n_classes,
                              size_t cell, const char *wanted) {
  sy_cost_rule rule = parse(text, classes, n_classes);
  if (rule.n_expressions != 1) fail_msg("'%s': %zu expressions", text, rule.n_expressions);
  assert_string_equal(rule.expressions[0], wanted);
  for (size_t i = 0; i < n_classes * n_classes; i++)
    assert_int_equal(rule.which[i], i == cell ? 0 : -1);
  sy_cost_rule_clear(&rule);
  assert_null(rule.fixed);
}

static void rule_reads_numbers_and_expressions(void **state) {
  (void)state;
  sy_cost_rule rule = parse("fraud:ok= amount , ok:fraud=3,fraud:fraud=-0.5", names, 2);
  assert_int_equal(rule.n_classes, 2);
  assert_int_equal(rule.n_expressions, 1);
  assert_string_equal(rule.expressions[0], "amount");
  assert_true(rule.fixed[0] == 0 && rule.fixed[1] == 3 && rule.fixed[2] == 0);
  assert_true(rule.fixed[3] == -0.5);
  const int32_t wanted[] = {-1, -1, 0, -1};
  assert_memory_equal(rule.which, wanted, sizeof wanted);
  sy_cost_rule_clear(&rule);
  rule = parse("fraud:ok=5", names, 2);
  assert_true(rule.n_expressions == 0 && !rule.which && !rule.expressions);
  assert_true(rule.fixed[1] == 1 && rule.fixed[2] == 5);
  sy_cost_rule_clear(&rule);
}

static void expressions_end_at_their_own_comma(void **state) {
  (void)state;
  assert_expression("fraud:ok=greatest(a, b, [1,2][1]),ok:fraud=2", names, 2, 2,
                    "greatest(a, b, [1,2][1])");
  assert_expression("fraud:ok=\"my, column\" * 2", names, 2, 2, "\"my, column\" * 2");
  assert_expression("fraud:ok=if(s = 'a,(''b', 1, 2)", names, 2, 2, "if(s = 'a,(''b', 1, 2)");
  assert_expression("\"fraud\":\"ok\"=case when t='x:y' then a::double else 3 end", names, 2, 2,
                    "case when t='x:y' then a::double else 3 end");
  assert_expression("fraud:ok=3x", names, 2, 2, "3x");
}

/* A name may hold what ends expressions; a cost that is a number goes before one that is not. */
static void names_stay_names(void **state) {
  (void)state;
  sy_cost_rule rule = parse("a:b=c=3,d(e:it's=2,it's:a=4", odd_names, 6);
  assert_int_equal(rule.n_expressions, 0);
  assert_true(rule.fixed[2] == 3 && rule.fixed[4 * 6 + 5] == 2 && rule.fixed[5 * 6] == 4);
  sy_cost_rule_clear(&rule);
  assert_expression("it's:d(e=amount, a:b=2", odd_names, 6, 5 * 6 + 4, "amount");
  assert_expression("\"x:y\":a=amount", odd_names, 6, 3 * 6, "amount");
}

static void equal_texts_are_one_expression(void **state) {
  (void)state;
  sy_cost_rule rule = parse("a:b=amount,b:a= amount,a:a=-amount,b:b=amount", odd_names, 2);
  assert_int_equal(rule.n_expressions, 2);
  const int32_t wanted[] = {1, 0, 0, 0};
  assert_memory_equal(rule.which, wanted, sizeof wanted);
  sy_cost_rule_clear(&rule);
}

static const struct {
  const char *text, *wanted[2];
} scanned[] = {
    {"fraud:ok=amount, ok:fraud=3", {"amount"}},
    {"fraud:ok=greatest(a, 'x,y'),ok:fraud= b+1 ,x:y=b+1", {"greatest(a, 'x,y')", "b+1"}},
    {"\"a=b\":c=amount,a:\"b,=c\"=fee", {"amount", "fee"}},
    {"a:b=c=3,x=amount,nonsense,", {NULL}},
    {"a:b=if(x = 1, 2, 3)", {"if(x = 1, 2, 3)"}},
    {"a:b=", {NULL}},
};

/* Before the classes are known. */
static void expressions_are_found_without_classes(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(scanned); i++) {
    sy_cost_rule rule;
    assert_int_equal(sy_cost_rule_scan(scanned[i].text, &rule, NULL), SY_OK);
    size_t n = !scanned[i].wanted[0] ? 0 : scanned[i].wanted[1] ? 2 : 1;
    if (rule.n_expressions != n) fail_msg("'%s': %zu", scanned[i].text, rule.n_expressions);
    for (size_t e = 0; e < n; e++) assert_string_equal(rule.expressions[e], scanned[i].wanted[e]);
    sy_cost_rule_clear(&rule);
  }
  sy_cost_rule rule;
  sy_error error = {0};
  assert_int_equal(sy_cost_rule_scan("a:b=(x, c:d=3", &rule, &error), SY_INVALID_COST);
  assert_non_null(strstr(error.text, "do not close"));
}

static const struct {
  const char *text;
  const char *const *classes;
  size_t n_classes;
  const char *says[2];
} bad_rules[] = {
    {"fraud:ok=greatest(a, b", names, 2, {"greatest(a, b", "do not close"}},
    {"fraud:ok=a), ok:fraud=2", names, 2, {"fraud:ok=a)", "do not close"}},
    {"fraud:ok=if(s='x, 1, 2)", names, 2, {"fraud:ok=if", "do not close"}},
    {"fraud:ok=\"my column", names, 2, {"\"my column", "do not close"}},
    {"fruad:ok=greatest(a, b)", names, 2, {"\"fruad\"", "did you mean \"fraud\"?"}},
    {"fraud:okay=amount", names, 2, {"class \"okay\"", "there are \"ok\", \"fraud\""}},
    {"fraud:ok=amount,fraud:ok=2", names, 2, {"'fraud:ok=2'", "already"}},
    {"fraud:ok=2,fraud:ok=amount", names, 2, {"'fraud:ok=amount'", "already"}},
    {"fraud:ok= ,ok:fraud=2", names, 2, {"'fraud:ok='", "no cost"}},
    {"fraud:ok=nan", names, 2, {"\"nan\"", "no finite number"}},
    {"fraud:ok=-inf", names, 2, {"\"-inf\"", "no finite number"}},
    {"fraud=amount", names, 2, {"'fraud=amount'", "ACTUAL:PREDICTED=COST"}},
    {"a:b=c=amount", odd_names, 6, {"'a:b=c=amount'", "more than one way"}},
};

static void rule_refuses(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(bad_rules); i++) {
    sy_cost_rule rule;
    sy_error error = {0};
    sy_status status = sy_cost_rule_parse(bad_rules[i].text, bad_rules[i].classes,
                                          bad_rules[i].n_classes, &rule, &error);
    if (status != SY_INVALID_COST) fail_msg("'%s' is taken", bad_rules[i].text);
    assert_null(rule.fixed);
    for (size_t s = 0; s < 2; s++)
      if (!strstr(error.text, bad_rules[i].says[s]))
        fail_msg("'%s': '%s' is not in '%s'", bad_rules[i].text, bad_rules[i].says[s], error.text);
  }
}

static void rules_are_copied_whole(void **state) {
  (void)state;
  sy_cost_rule rule = parse("fraud:ok=amount,ok:fraud=fee,fraud:fraud=fee", names, 2), copy;
  assert_int_equal(sy_cost_rule_copy(&rule, &copy, NULL), SY_OK);
  assert_int_equal(copy.n_expressions, 2);
  for (size_t i = 0; i < 2; i++) {
    assert_string_equal(copy.expressions[i], rule.expressions[i]);
    assert_ptr_not_equal(copy.expressions[i], rule.expressions[i]);
  }
  assert_memory_equal(copy.which, rule.which, 4 * sizeof *rule.which);
  assert_memory_equal(copy.fixed, rule.fixed, 4 * sizeof *rule.fixed);
  sy_cost_rule_clear(&copy);
  for (size_t nth = 1;; nth++) {
    sy_memory_fail_nth(nth);
    sy_status status = sy_cost_rule_copy(&rule, &copy, NULL);
    size_t left = sy_memory_fail_nth(0);
    if (status == SY_OK) {
      assert_true(left > 0);
      break;
    }
    assert_int_equal(status, SY_OUT_OF_MEMORY);
    assert_null(copy.fixed);
  }
  sy_cost_rule_clear(&copy);
  sy_cost_rule_clear(&rule);
  sy_cost_rule_clear(&rule);
}

static void parsing_survives_lack_of_memory(void **state) {
  (void)state;
  for (size_t nth = 1;; nth++) {
    sy_cost_rule rule;
    sy_memory_fail_nth(nth);
    sy_status status = sy_cost_rule_parse("a:b=amount,b:a=fee,a:a=-1", odd_names, 2, &rule, NULL);
    size_t left = sy_memory_fail_nth(0);
    if (status == SY_OK) {
      sy_cost_rule_clear(&rule);
      assert_true(left > 0 && nth > 5);
      return;
    }
    assert_int_equal(status, SY_OUT_OF_MEMORY);
    assert_null(rule.fixed);
  }
}

static void costs_are_looked_up_by_row(void **state) {
  (void)state;
  sy_cost_rule rule = parse("fraud:ok=amount,ok:fraud=fee,fraud:fraud=-2", names, 2);
  const double values[] = {10, 1, 20, 2, 30, 3};
  sy_costs costs = sy_cost_rule_view(&rule, values);
  for (size_t row = 0; row < 3; row++) {
    assert_true(sy_costs_at(&costs, row, 1, 0) == values[2 * row]);
    assert_true(sy_costs_at(&costs, row, 0, 1) == values[2 * row + 1]);
    assert_true(sy_costs_at(&costs, row, 0, 0) == 0 && sy_costs_at(&costs, row, 1, 1) == -2);
  }
  sy_cost_rule_clear(&rule);
}

/* The rule `text` over the value of one expression on three rows fails with all of `says`. */
static void assert_check_says(const char *text, double last, const char *const says[3]) {
  sy_cost_rule rule = parse(text, names, 2);
  const double values[] = {5, 7, last};
  sy_costs costs = sy_cost_rule_view(&rule, values);
  sy_error error = {0};
  assert_int_equal(sy_costs_check(&costs, 3, names, NULL, &error), SY_INVALID_COST);
  for (size_t i = 0; i < 3; i++)
    if (!strstr(error.text, says[i])) fail_msg("'%s' is not in '%s'", says[i], error.text);
  assert_int_equal(sy_costs_check(&costs, 2, names, NULL, &error), SY_OK);
  sy_cost_rule_clear(&rule);
}

static void check_names_the_row(void **state) {
  (void)state;
  assert_check_says("fraud:ok=amount - 10", -3,
                    (const char *const[]){"row 3: predicting \"ok\" where it is \"fraud\"",
                                          "costs -3 (amount - 10)", "right answer (0)"});
  assert_check_says("fraud:ok=8,fraud:fraud=amount", 9,
                    (const char *const[]){"row 3: predicting \"ok\" where it is \"fraud\"",
                                          "costs 8, less", "right answer (9 (amount))"});
  assert_check_says("fraud:ok=amount", NAN,
                    (const char *const[]){"row 3: the cost of predicting \"ok\"", "is nan (amount)",
                                          "must be finite"});
  assert_check_says("fraud:ok=amount", 1e101,
                    (const char *const[]){"row 3", "1e+101 (amount)", "beyond 1e100"});
}

static void check_of_fixed_costs_is_the_old_one(void **state) {
  (void)state;
  const double never[] = {0, 1, 0, 0}, wrong[] = {0, 1, -3, 0};
  sy_costs costs = {.n_classes = 2, .fixed = never};
  sy_messages *messages = sy_messages_new();
  assert_int_equal(sy_costs_check(&costs, 100, names, messages, NULL), SY_OK);
  assert_int_equal(sy_messages_count(messages), 1);
  assert_non_null(strstr(sy_messages_get(messages, 0), "no probabilities make \"fraud\""));
  costs.fixed = wrong;
  sy_error error = {0};
  assert_int_equal(sy_costs_check(&costs, 0, names, messages, &error), SY_INVALID_COST);
  assert_null(strstr(error.text, "row"));
  sy_messages_free(messages);
}

static void threshold_is_what_its_costs_decide(void **state) {
  (void)state;
  const double thresholds[] = {-0.5, 0, 0.125, 0.5, 0.9, 1, 1.5};
  for (size_t i = 0; i < COUNT(thresholds); i++)
    for (int positive = 0; positive < 2; positive++) {
      double cost[4], again;
      sy_cost_of_threshold(thresholds[i], positive, cost);
      assert_true(cost[0] == 0 && cost[3] == 0);
      assert_true(sy_cost_threshold(cost, positive, &again));
      assert_true(again == thresholds[i]);
      for (double p = 1. / 64; p < 1; p += 1. / 32) {
        double chances[] = {positive ? 1 - p : p, positive ? p : 1 - p};
        int32_t decision;
        sy_decide(chances, 1, 2, cost, &decision);
        assert_int_equal(decision == positive, p >= thresholds[i]);
      }
    }
  double cost[4];
  sy_cost_of_threshold(INFINITY, 1, cost);
  assert_true(cost[1] == 2 && cost[2] == -1);
  sy_cost_of_threshold(-INFINITY, 1, cost);
  assert_true(cost[1] == -1 && cost[2] == 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rule_reads_numbers_and_expressions),
      cmocka_unit_test(expressions_end_at_their_own_comma),
      cmocka_unit_test(names_stay_names),
      cmocka_unit_test(equal_texts_are_one_expression),
      cmocka_unit_test(expressions_are_found_without_classes),
      cmocka_unit_test(rule_refuses),
      cmocka_unit_test(rules_are_copied_whole),
      cmocka_unit_test(parsing_survives_lack_of_memory),
      cmocka_unit_test(costs_are_looked_up_by_row),
      cmocka_unit_test(check_names_the_row),
      cmocka_unit_test(check_of_fixed_costs_is_the_old_one),
      cmocka_unit_test(threshold_is_what_its_costs_decide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
