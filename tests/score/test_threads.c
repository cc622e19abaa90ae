/* test_threads.c: many threads with a row each on one model say what one thread says, to the bit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "score/rows.h"

enum { THREADS = 16, ROWS = 300 };

typedef struct answers {
  int decisions[ROWS];
  double probabilities[ROWS][MOST_CLASSES];
} answers;

/* One thread: rows in an order of its own. */
typedef struct work {
  const sy_model *model;
  size_t first;
  bool complete;
  answers said;
} work;

static void *decide_all(void *context) {
  work *mine = context;
  sy_row *row = sy_row_new(mine->model);
  mine->complete = row != NULL;
  for (size_t i = 0; row && i < ROWS; i++) {
    size_t at = (mine->first + i) % ROWS;
    set_row(row, mine->model, at);
    if (sy_model_decide(mine->model, row, &mine->said.decisions[at], mine->said.probabilities[at],
                        NULL) != SY_OK)
      mine->complete = false;
  }
  sy_row_free(row);
  return NULL;
}

static void threads_share_a_model(void **state) {
  (void)state;
  static work alone, many[THREADS];
  size_t models = 0, differing = 0;
  for (int seed = 1; seed <= MODELS; seed++) {
    pthread_t threads[THREADS];
    sy_model *model = open_model(seed);
    if (!model) continue;
    memset(&alone, 0, sizeof alone);
    memset(many, 0, sizeof many);
    alone.model = model;
    decide_all(&alone);
    for (size_t t = 0; t < THREADS; t++) {
      many[t].model = model;
      many[t].first = t * ROWS / THREADS;
      assert_int_equal(pthread_create(&threads[t], NULL, decide_all, &many[t]), 0);
    }
    for (size_t t = 0; t < THREADS; t++) {
      assert_int_equal(pthread_join(threads[t], NULL), 0);
      assert_true(many[t].complete);
      assert_memory_equal(&many[t].said, &alone.said, sizeof alone.said);
    }
    for (size_t i = 1; i < ROWS; i++)
      differing += alone.said.probabilities[i][0] != alone.said.probabilities[0][0];
    models++;
    sy_model_free(model);
  }
  assert_true(models > MODELS / 2);
  assert_true(differing > models * ROWS / 2); /* the rows are not all alike */
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(threads_share_a_model)};
  if (argc != 2) return 2;
  models_folder = argv[1];
  return cmocka_run_group_tests(tests, NULL, NULL);
}
