/* test_weights_golden.c: balanced weights of a thousand label arrays, as scikit-learn gave them
 * (golden/make_weights.py, whose generator of labels is repeated here). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <steelyard/weights.h>

enum { N_CASES = 1000, MOST_ROWS = 61, MOST_CLASSES = 7, LINE_SIZE = 512 };

typedef struct golden_case {
  int64_t labels[MOST_ROWS];
  double row_weights[MOST_ROWS];
  size_t n;
} golden_case;

static uint64_t draw_below(uint64_t *state, uint64_t n) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (*state >> 32) % n;
}

static golden_case make_case(uint64_t number) {
  golden_case made;
  uint64_t state = number;
  made.n = 2 + draw_below(&state, 60);
  uint64_t classes = 2 + draw_below(&state, 6);
  int64_t offset = (int64_t)draw_below(&state, 2000) - 1000;
  uint64_t factor = draw_below(&state, 3);
  int64_t stride = 1 + (int64_t)(factor * draw_below(&state, (uint64_t)1 << 30));
  for (size_t i = 0; i < made.n; i++) {
    uint64_t first = draw_below(&state, classes), second = draw_below(&state, classes);
    made.labels[i] = offset + stride * (int64_t)(first < second ? first : second);
    made.row_weights[i] = (double)(1 + draw_below(&state, 8)) / 4;
  }
  return made;
}

static double next_number(char **at) {
  char *begin = *at;
  size_t length = 0;
  while (begin[length] && begin[length] != ' ' && begin[length] != '\n') length++;
  *at = begin + length + (begin[length] != 0);
  begin[length] = 0;
  double number = NAN;
  assert_true(sy_number_parse(begin, &number));
  return number;
}

/* Compares one case with its line: to the last bit where all weights are one. */
static void check_case(uint64_t number, char *line) {
  golden_case one = make_case(number);
  size_t shape = one.n;
  sy_array weights = sy_array_of(one.row_weights, SY_F64, 1, &shape);
  sy_label_array labels = {.kind = SY_LABEL_INDEX,
                           .values = sy_array_of(one.labels, SY_I64, 1, &shape),
                           .row_weights = number % 2 ? &weights : NULL};
  sy_counter *counter = NULL;
  sy_counts *counts = NULL;
  sy_policy *policy = NULL;
  double class_weights[MOST_CLASSES], of_rows[MOST_ROWS], total = 0;
  assert_int_equal(sy_counter_new(SY_LABEL_INDEX, NULL, &counter, NULL), SY_OK);
  assert_int_equal(sy_counter_add(counter, &labels, NULL), SY_OK);
  assert_int_equal(sy_counter_counts(counter, &counts, NULL), SY_OK);
  assert_int_equal(sy_policy_parse("balanced", &policy, NULL), SY_OK);
  assert_true((double)one.n == next_number(&line));
  assert_true((double)sy_counts_n_classes(counts) == next_number(&line));
  assert_int_equal(sy_counts_weights(policy, SY_NORMALIZE_NONE, counts, class_weights, NULL),
                   SY_OK);
  for (size_t k = 0; k < sy_counts_n_classes(counts); k++)
    assert_true(class_weights[k] == next_number(&line));
  assert_int_equal(sy_label_weights(counter, class_weights, &labels, of_rows, SY_F64, NULL), SY_OK);
  for (size_t i = 0; i < one.n; i++) total += of_rows[i];
  double expected = next_number(&line);
  assert_true(fabs(total - expected) <= 1e-13 * expected);
  sy_policy_free(policy);
  sy_counts_free(counts);
  sy_counter_free(counter);
}

static void weights_are_those_of_scikit_learn(void **state) {
  (void)state;
  FILE *file = fopen(STEELYARD_TESTS "/golden/weights.txt", "r");
  assert_non_null(file);
  char line[LINE_SIZE];
  uint64_t number = 0;
  while (fgets(line, sizeof line, file))
    if (line[0] != '#') check_case(number++, line);
  fclose(file);
  assert_int_equal(number, N_CASES);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(weights_are_those_of_scikit_learn)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
