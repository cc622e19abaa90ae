/* Whether threads help is found by trying, and found anew when the machine has changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fit/network/pace.h"

enum { STEPS = 256 };

/* A round of steps of ten rows that take so long each; returns how many went on threads. */
static int go_round(sy_pace *pace, double shared, double alone) {
  int on_threads = 0;
  for (int step = 0; step < STEPS; step++) {
    bool threads = sy_pace_begin(pace);
    on_threads += threads;
    sy_pace_note(pace, threads ? shared : alone, 10);
  }
  return on_threads;
}

static void threads_that_help_are_used(void **state) {
  (void)state;
  sy_pace pace = {0};
  assert_true(go_round(&pace, 1e-4, 2e-4) >= STEPS - 4);
  assert_true(go_round(&pace, 1e-4, 2e-4) >= STEPS - 4);
}

/* One try that takes longer than all those alone is enough. */
static void threads_that_wait_are_not(void **state) {
  (void)state;
  sy_pace pace = {0};
  assert_int_equal(go_round(&pace, 1e-2, 2e-4), 1);
}

static void a_machine_that_changes_is_noticed(void **state) {
  (void)state;
  sy_pace pace = {0};
  assert_int_equal(go_round(&pace, 1e-2, 2e-4), 1);
  go_round(&pace, 1e-4, 2e-4); /* half of a round that is longer */
  go_round(&pace, 1e-4, 2e-4);
  assert_true(go_round(&pace, 1e-4, 2e-4) >= STEPS - 4);
  assert_int_equal(go_round(&pace, 1e-2, 2e-4), 1);
}

/* Where threads do not help they are tried ever more rarely, but never given up. */
static void tries_become_rare(void **state) {
  (void)state;
  sy_pace pace = {0};
  int tries = 0, late = 0;
  for (int round = 0; round < 200; round++) {
    int on_threads = go_round(&pace, 1e-2, 2e-4);
    tries += on_threads;
    if (round >= 100) late += on_threads;
  }
  assert_true(tries <= 12);
  assert_true(late >= 3);
}

/* A short last batch is no fast one. */
static void steps_count_by_their_rows(void **state) {
  (void)state;
  sy_pace pace = {0};
  for (int step = 0; step < STEPS; step++) {
    bool threads = sy_pace_begin(&pace);
    if (step == 100) assert_true(threads);
    sy_pace_note(&pace, threads ? 1e-3 : 1e-4, threads ? 1000 : 10);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(threads_that_help_are_used),
      cmocka_unit_test(threads_that_wait_are_not),
      cmocka_unit_test(a_machine_that_changes_is_noticed),
      cmocka_unit_test(tries_become_rare),
      cmocka_unit_test(steps_count_by_their_rows),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
