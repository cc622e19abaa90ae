/* test_process_properties.c: whoever calls, and from where, gets the same bits: a child after
 * fork(), in which OpenMP's threads are gone, and many threads at once. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <steelyard/steelyard.h>

#include "base/random.h"
#include "table.h"

/* Enough rows for many blocks of each pass. */
enum { ROWS = 6000, CLASSES = 3, CALLERS = 6 };

/* A child that hangs is ended. */
enum { WATCHDOG_SECONDS = 120 };

static const char *const names[CLASSES] = {"no", "yes", "maybe"};

static struct {
  float x[ROWS], z[ROWS];
  uint32_t kinds[ROWS], classes[ROWS];
  sy_column columns[3];
  sy_frame frame;
  sy_labels *labels;
} world;

static int make_world(void **state) {
  (void)state;
  for (size_t i = 0; i < ROWS; i++) {
    world.x[i] = (float)sy_random_uniform(1, 200, i);
    world.z[i] = (float)sy_random_uniform(1, 201, i);
    world.kinds[i] = (uint32_t)(sy_random_bits(1, 202, i) % CLASSES);
    double sum = (double)world.x[i] + (double)world.z[i] + sy_random_uniform(1, 203, i);
    world.classes[i] = sum > 2.2 ? 2 : sum > 1.7 ? 1 : 0;
  }
  world.columns[0] = (sy_column){.name = "x", .type = SY_COLUMN_NUMBER, .f32 = world.x};
  world.columns[1] = (sy_column){.name = "z", .type = SY_COLUMN_NUMBER, .f32 = world.z};
  world.columns[2] = (sy_column){.name = "kind",
                                 .type = SY_COLUMN_TEXT,
                                 .codes = world.kinds,
                                 .values = names,
                                 .n_values = CLASSES};
  world.frame = (sy_frame){world.columns, 3, ROWS};
  return sy_labels_from_names(world.classes, ROWS, names, CLASSES, NULL, &world.labels, NULL) ==
                 SY_OK
             ? 0
             : -1;
}

static int clear_world(void **state) {
  (void)state;
  sy_labels_free(world.labels);
  return 0;
}

/* A digest of the model's file and of all that it says of the rows; 0 on failure. No assertion
 * here: this runs where cmocka cannot catch one. */
static uint64_t digest_of(const sy_model *model) {
  static const size_t size = ROWS * CLASSES * sizeof(double);
  void *file = NULL;
  size_t file_size;
  uint64_t digests[2] = {0, 0};
  double *chances = malloc(size);
  int32_t *decisions = malloc(ROWS * sizeof *decisions);
  if (chances && decisions && sy_model_to_onnx(model, &file, &file_size, NULL) == SY_OK &&
      sy_model_score(model, &world.frame, NULL, chances, decisions, NULL) == SY_OK) {
    digests[0] = sy_checksum(file, file_size);
    digests[1] = sy_checksum(chances, size) ^ sy_checksum(decisions, ROWS * sizeof *decisions);
  }
  free(file);
  free(chances);
  free(decisions);
  return sy_checksum(digests, sizeof digests) * (digests[0] != 0);
}

/* Splits, fits, tests and scores. */
static uint64_t work(void) {
  sy_study_data data = {.frame = &world.frame, .labels = world.labels};
  sy_study_options options = sy_study_options_default();
  options.folds = 2;
  sy_study study;
  if (sy_study_run(&data, &options, &study, NULL) != SY_OK) return 0;
  uint64_t digest = digest_of(study.model);
  sy_study_clear(&study);
  return digest;
}

/* A digest of a table's columns that are numbers; 0 on failure. */
static uint64_t read_table(void) {
  sy_table_options options = sy_table_options_default(STEELYARD_TESTS "/cli/fixtures/loans.csv");
  sy_table *table = NULL;
  sy_table_data *data = NULL;
  sy_table_request requests[] = {{.column = 1}, {.column = 2}};
  uint64_t digest = 0;
  if (sy_table_open(&options, &table, NULL) == SY_OK &&
      sy_table_read(table, requests, 2, (sy_progress){NULL, NULL}, &data, NULL) == SY_OK) {
    const sy_frame *frame = sy_table_frame(data);
    for (size_t i = 0; i < 2; i++)
      digest = digest * 31 + sy_checksum(frame->columns[i].f32, frame->rows * sizeof(float));
  }
  sy_table_data_free(data);
  sy_table_close(table);
  return digest;
}

/* Whether a child comes to the same. */
static bool child_agrees(uint64_t (*task)(void), uint64_t expected) {
  pid_t child = fork();
  if (child == 0) {
    alarm(WATCHDOG_SECONDS);
    _exit(task() == expected ? 0 : 1);
  }
  int status = -1;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void children_get_the_same_bits(void **state) {
  (void)state;
  sy_threads_set(4);
  uint64_t expected = work(), table = read_table();
  assert_true(expected != 0);
  assert_true(table != 0);
  assert_true(child_agrees(work, expected));
  assert_true(child_agrees(work, expected));
  assert_true(child_agrees(read_table, table));
  assert_true(work() == expected); /* the parent has its threads as before */
  sy_threads_set(1);
  assert_true(work() == expected);
  sy_threads_set(0);
}

static void *call(void *result) {
  *(uint64_t *)result = work();
  return NULL;
}

static void many_threads_get_the_same_bits(void **state) {
  (void)state;
  uint64_t expected = work(), results[CALLERS] = {0};
  pthread_t callers[CALLERS];
  sy_threads_set(2);
  for (size_t i = 0; i < CALLERS; i++)
    assert_int_equal(pthread_create(&callers[i], NULL, call, &results[i]), 0);
  for (size_t i = 0; i < CALLERS; i++) pthread_join(callers[i], NULL);
  sy_threads_set(0);
  for (size_t i = 0; i < CALLERS; i++) assert_true(results[i] == expected);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(children_get_the_same_bits),
      cmocka_unit_test(many_threads_get_the_same_bits),
  };
  return cmocka_run_group_tests(tests, make_world, clear_world);
}
