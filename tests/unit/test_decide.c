/* test_decide.c: the correction of weighted logits, costs as typed, and decisions. */
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

static void assert_near(double value, double wanted, double tolerance) {
  if (!(fabs(value - wanted) <= tolerance * fmax(1, fabs(wanted))))
    fail_msg("%.17g is not %.17g", value, wanted);
}

/* Correction */

static void correct_subtracts_the_log_weight(void **state) {
  (void)state;
  const double logits[] = {0.3, -1.2, 2.0}, weights[] = {0.5, 3, 8};
  double log_p[3], total = 0;
  for (size_t k = 0; k < 3; k++) total += exp(logits[k]) / weights[k];
  sy_correct(logits, 1, 3, weights, log_p);
  for (size_t k = 0; k < 3; k++)
    assert_near(exp(log_p[k]), exp(logits[k]) / weights[k] / total, 1e-15);
  sy_correct(logits, 1, 3, NULL, log_p);
  assert_near(log_p[0] - log_p[2], -1.7, 1e-15);
  assert_near(exp(log_p[0]) + exp(log_p[1]) + exp(log_p[2]), 1, 1e-15);
}

static void correct_undoes_balanced_weights_of_two_classes(void **state) {
  (void)state;
  /* A sigmoid at 0.5 under weights 1 and 9 is a true probability of 0.1. */
  const double logits[] = {0, 0}, weights[] = {1, 9};
  double log_p[2];
  sy_correct(logits, 1, 2, weights, log_p);
  assert_near(exp(log_p[1]), 0.1, 1e-15);
}

static void correct_keeps_impossible_classes(void **state) {
  (void)state;
  const double logits[] = {1, 5, -INFINITY, 1}, weights[] = {1, 0, 2, 1};
  double log_p[4];
  sy_correct(logits, 1, 4, weights, log_p);
  assert_true(log_p[1] == -INFINITY && log_p[2] == -INFINITY);
  assert_near(log_p[0], log(0.5), 1e-15);
  assert_near(log_p[3], log(0.5), 1e-15);
  const double none[] = {3, -INFINITY}, no_weight[] = {0, 1};
  sy_correct(none, 1, 2, no_weight, log_p);
  assert_true(log_p[0] == -INFINITY && log_p[1] == -INFINITY);
}

static void correct_holds_at_the_ends(void **state) {
  (void)state;
  double rows[] = {0, 200, -20000, -20001, 40, 0};
  sy_correct(rows, 3, 2, NULL, rows);
  assert_near(rows[0], -200, 1e-15);
  assert_true(rows[1] < 0 && rows[1] > -1e-80); /* not rounded to 0 */
  assert_near(rows[2], -log1p(exp(-1)), 1e-15);
  assert_near(rows[3], -1 - log1p(exp(-1)), 1e-15);
  assert_near(rows[4] / -exp(-40), 1, 1e-12);
}

static void correct_row_by_row_is_the_block(void **state) {
  (void)state;
  enum { N = 2500, K = 5 };
  static double logits[N * K], block[N * K], row[K];
  const double weights[K] = {1, 0, 3, 0.25, 17};
  for (size_t i = 0; i < N * K; i++) logits[i] = sin((double)i * 1.7) * 9;
  sy_correct(logits, N, K, weights, block);
  for (size_t i = 0; i < N; i++) {
    sy_correct(logits + i * K, 1, K, weights, row);
    assert_memory_equal(row, block + i * K, sizeof row);
  }
}

/* Costs as typed */

static const char *const plain_names[] = {"None", "damage", "fraud"};
static const char *const odd_names[] = {"a:b", "c", "a", "b:c", "x, \"y\"=1", "p=q", ""};

static void parse_good(const char *text, const char *const *classes, size_t n_classes,
                       double *cost) {
  sy_error error = {0};
  if (sy_cost_parse(text, classes, n_classes, cost, &error) != SY_OK)
    fail_msg("'%s': %s", text, error.text);
}

static void parse_fills_what_is_not_named(void **state) {
  (void)state;
  double cost[9];
  parse_good("damage:None=5, None:damage = 1.5 ,fraud:fraud=-2", plain_names, 3, cost);
  const double wanted[] = {0, 1.5, 1, 5, 0, 1, 1, 1, -2};
  for (size_t i = 0; i < 9; i++) assert_true(cost[i] == wanted[i]);
  parse_good("  None : fraud =1e3", plain_names, 3, cost);
  assert_true(cost[2] == 1000 && cost[1] == 1 && cost[0] == 0);
}

static void parse_reads_odd_names(void **state) {
  (void)state;
  double cost[49];
  parse_good("\"a:b\":c=2", odd_names, 7, cost);
  assert_true(cost[0 * 7 + 1] == 2);
  parse_good("a:\"b:c\"=3,c:a:b=4", odd_names, 7, cost);
  assert_true(cost[2 * 7 + 3] == 3 && cost[1 * 7 + 0] == 4);
  parse_good(" \"x, \"\"y\"\"=1\" : p=q=7 , c:\"x, \"\"y\"\"=1\"=8", odd_names, 7, cost);
  assert_true(cost[4 * 7 + 5] == 7 && cost[1 * 7 + 4] == 8);
  parse_good("\"\":c=9,c:=10", odd_names, 7, cost);
  assert_true(cost[6 * 7 + 1] == 9 && cost[1 * 7 + 6] == 10);
}

static const struct {
  const char *text;
  const char *const *classes;
  size_t n_classes;
  const char *says[3];
} bad_costs[] = {
    {"damge:None=5", plain_names, 3, {"damge:None=5", "\"damge\"", "did you mean \"damage\"?"}},
    {"None:nothing=5", plain_names, 3, {"\"nothing\"", "ACTUAL:PREDICTED=COST"}},
    {"\"fruad\":None=5", plain_names, 3, {"no class \"fruad\"", "\"fraud\""}},
    {"None:fraud=5,None:damage=2, None:fraud=5", plain_names, 3, {"None:fraud=5", "already"}},
    {"None:fraud=5,None:fraud=1", plain_names, 3, {"None:fraud=1", "already"}},
    {"fraud:None=amount", plain_names, 3, {"\"amount\"", "no finite number", "have no place here"}},
    {"fraud:None=case when a=1 then 2 end", plain_names, 3, {"case when", "no place here"}},
    {"fraud:None=inf", plain_names, 3, {"\"inf\"", "finite"}},
    {"fraud:None=nan", plain_names, 3, {"\"nan\"", "finite"}},
    {"fraud:None=", plain_names, 3, {"behind '='", "no cost"}},
    {"fraud:None", plain_names, 3, {"'fraud:None'", "ACTUAL:PREDICTED=COST"}},
    {"fraud=3", plain_names, 3, {"'fraud=3'", "ACTUAL:PREDICTED=COST"}},
    {"", plain_names, 3, {"ACTUAL:PREDICTED=COST"}},
    {"fraud:None=3,", plain_names, 3, {"cost ''", "ACTUAL:PREDICTED=COST"}},
    {"fraud:\"None=3", plain_names, 3, {"not closed"}},
    {"a:b:c=1", odd_names, 7, {"more than one way", "quotes"}},
};

static void parse_refuses(void **state) {
  (void)state;
  double cost[49];
  for (size_t i = 0; i < COUNT(bad_costs); i++) {
    sy_error error = {0};
    sy_status status = sy_cost_parse(bad_costs[i].text, bad_costs[i].classes,
                                     bad_costs[i].n_classes, cost, &error);
    assert_int_equal(status, SY_INVALID_COST);
    assert_int_equal(error.status, SY_INVALID_COST);
    for (size_t s = 0; s < 3 && bad_costs[i].says[s]; s++)
      if (!strstr(error.text, bad_costs[i].says[s]))
        fail_msg("'%s' does not say %s: %s", bad_costs[i].text, bad_costs[i].says[s], error.text);
  }
  assert_int_equal(sy_cost_parse("x", plain_names, 3, cost, NULL), SY_INVALID_COST);
}

static void parse_without_memory_fails(void **state) {
  (void)state;
  double cost[9];
  sy_memory_fail_nth(1);
  assert_int_equal(sy_cost_parse("fraud:None=2", plain_names, 3, cost, NULL), SY_OUT_OF_MEMORY);
  sy_memory_fail_nth(2);
  assert_int_equal(sy_cost_parse("froud:None=2", plain_names, 3, cost, NULL), SY_OUT_OF_MEMORY);
  sy_memory_fail_nth(0);
}

/* Whatever is typed ends in a matrix without NaN or in an error; sanitizers watch. */
static void parse_survives_anything(void **state) {
  (void)state;
  static const char letters[] = "ab:c=,\"\" 19";
  uint32_t random = 1;
  int n_good = 0;
  for (int round = 0; round < 200000; round++) {
    char text[20] = {0};
    for (size_t i = 0; i < sizeof text - 1; i++) {
      random = random * 1664525u + 1013904223u;
      text[i] = letters[(random >> 16) % (sizeof letters - 1)];
    }
    text[3 + (random >> 8) % 16] = 0;
    double cost[49];
    if (sy_cost_parse(text, odd_names, 7, cost, NULL) != SY_OK) continue;
    n_good++;
    for (size_t i = 0; i < 49; i++) assert_true(isfinite(cost[i]));
  }
  assert_true(n_good > 10);
}

/* Cost matrices */

static void check_names_the_pair(void **state) {
  (void)state;
  sy_error error = {0};
  double cost[] = {0, 1, 1, 0.5, 1, 2, 1, 1, 0};
  assert_int_equal(sy_cost_check(cost, plain_names, 3, NULL, &error), SY_INVALID_COST);
  assert_non_null(strstr(error.text, "predicting \"None\" where it is \"damage\" costs 0.5"));
  cost[3] = INFINITY;
  assert_int_equal(sy_cost_check(cost, plain_names, 3, NULL, &error), SY_INVALID_COST);
  assert_non_null(strstr(error.text, "finite"));
  cost[3] = 1;
  cost[8] = NAN;
  assert_int_equal(sy_cost_check(cost, plain_names, 3, NULL, &error), SY_INVALID_COST);
  const double far[] = {-1e308, 1e308, 1, 0};
  assert_int_equal(sy_cost_check(far, plain_names, 2, NULL, &error), SY_INVALID_COST);
  assert_non_null(strstr(error.text, "None"));
}

static void check_tells_classes_never_decided(void **state) {
  (void)state;
  sy_messages *messages = sy_messages_new();
  assert_non_null(messages);
  double cost[9];
  sy_cost_plain(3, cost);
  assert_int_equal(sy_cost_check(cost, plain_names, 3, messages, NULL), SY_OK);
  assert_int_equal(sy_messages_count(messages), 0);
  cost[3] = 0; /* a missed damage costs nothing, but saying None does where it is fraud */
  cost[6] = 2;
  assert_int_equal(sy_cost_check(cost, plain_names, 3, messages, NULL), SY_OK);
  assert_int_equal(sy_messages_count(messages), 0);
  cost[6] = 1;
  assert_int_equal(sy_cost_check(cost, plain_names, 3, messages, NULL), SY_OK);
  assert_int_equal(sy_messages_count(messages), 1);
  assert_non_null(strstr(sy_messages_get(messages, 0), "\"damage\""));
  assert_non_null(strstr(sy_messages_get(messages, 0), "\"None\" never costs more"));
  sy_messages_free(messages);
}

static void check_tells_the_higher_of_equal_classes(void **state) {
  (void)state;
  sy_messages *messages = sy_messages_new();
  const double same[] = {0, 0, 0, 0};
  assert_int_equal(sy_cost_check(same, plain_names, 2, messages, NULL), SY_OK);
  assert_int_equal(sy_messages_count(messages), 1);
  assert_non_null(strstr(sy_messages_get(messages, 0), "make \"damage\""));
  sy_messages_free(messages);
}

static void threshold_is_elkans(void **state) {
  (void)state;
  double threshold = -1;
  const double missing_costs_5[] = {0, 1, 5, 0};
  assert_true(sy_cost_threshold(missing_costs_5, 1, &threshold));
  assert_near(threshold, 1.0 / 6, 1e-15);
  assert_true(sy_cost_threshold(missing_costs_5, 0, &threshold));
  assert_near(threshold, 5.0 / 6, 1e-15);
  const double full[] = {-2, 4, 10, 1};
  assert_true(sy_cost_threshold(full, 1, &threshold));
  assert_near(threshold, 6.0 / 15, 1e-15);
  const double always_1[] = {2, 1, 4, 0};
  assert_true(sy_cost_threshold(always_1, 1, &threshold));
  assert_true(threshold < 0);
  const double none[] = {1, 0, 0, 1};
  assert_false(sy_cost_threshold(none, 1, &threshold));
  const double flat[] = {0, 0, 0, 0};
  assert_false(sy_cost_threshold(flat, 1, &threshold));
}

/* Decisions */

static int32_t decide_one(const double *probabilities, size_t n_classes, const double *cost) {
  int32_t decision = -1;
  sy_decide(probabilities, 1, n_classes, cost, &decision);
  return decision;
}

static void decide_takes_the_cheapest(void **state) {
  (void)state;
  const double cost[] = {0, 1, 5, 0};
  assert_int_equal(decide_one((const double[]){0.84, 0.16}, 2, cost), 0);
  assert_int_equal(decide_one((const double[]){0.83, 0.17}, 2, cost), 1);
  /* A third way out that is never right but never far off. */
  const double hedge[] = {0, 9, 2, 9, 0, 2, 3, 3, 0};
  assert_int_equal(decide_one((const double[]){0.5, 0.45, 0.05}, 3, hedge), 2);
  assert_int_equal(decide_one((const double[]){0.9, 0.1, 0}, 3, hedge), 0);
}

static void decide_gives_ties_to_the_lower_index(void **state) {
  (void)state;
  double cost[16];
  sy_cost_plain(4, cost);
  assert_int_equal(decide_one((const double[]){0.1, 0.3, 0.3, 0.3}, 4, cost), 1);
  /* 0.3 x 0.1 and 0.1 x 0.3 tie to the last bit however the other terms round. */
  sy_cost_implied((const double[]){1, 0.1, 0.3, 1}, 4, cost);
  assert_int_equal(decide_one((const double[]){0, 0.3, 0.1, 0.01}, 4, cost), 1);
  /* Exactly on Elkan's threshold: class 0, the lower index. */
  const double quarter[] = {0, 1, 3, 0};
  assert_int_equal(decide_one((const double[]){0.75, 0.25}, 2, quarter), 0);
  assert_int_equal(decide_one((const double[]){0.75, 0.2500001}, 2, quarter), 1);
}

static void decide_knows_one_class_and_many(void **state) {
  (void)state;
  enum { K = 150 };
  const double one = 3;
  assert_int_equal(decide_one((const double[]){1}, 1, &one), 0);
  static double cost[K * K], p[K];
  sy_cost_plain(K, cost);
  for (size_t best = 0; best < K; best++) {
    for (size_t k = 0; k < K; k++) p[k] = k == best ? 0.1 : 0.9 / (K - 1);
    assert_int_equal(decide_one(p, K, cost), (int)best);
    /* Once saying the last class is cheaper still where it is `best`, that is decided. */
    cost[best * K + K - 1] = best == K - 1 ? 0 : -1;
    assert_int_equal(decide_one(p, K, cost), K - 1);
    cost[best * K + K - 1] = best == K - 1 ? 0 : 1;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(correct_subtracts_the_log_weight),
      cmocka_unit_test(correct_undoes_balanced_weights_of_two_classes),
      cmocka_unit_test(correct_keeps_impossible_classes),
      cmocka_unit_test(correct_holds_at_the_ends),
      cmocka_unit_test(correct_row_by_row_is_the_block),
      cmocka_unit_test(parse_fills_what_is_not_named),
      cmocka_unit_test(parse_reads_odd_names),
      cmocka_unit_test(parse_refuses),
      cmocka_unit_test(parse_without_memory_fails),
      cmocka_unit_test(parse_survives_anything),
      cmocka_unit_test(check_names_the_pair),
      cmocka_unit_test(check_tells_classes_never_decided),
      cmocka_unit_test(check_tells_the_higher_of_equal_classes),
      cmocka_unit_test(threshold_is_elkans),
      cmocka_unit_test(decide_takes_the_cheapest),
      cmocka_unit_test(decide_gives_ties_to_the_lower_index),
      cmocka_unit_test(decide_knows_one_class_and_many),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
