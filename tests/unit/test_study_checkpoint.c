/* A study that is interrupted and gone on with ends in the same bits; anything else is refused. */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "network_study.h"
#include "scratch_folder.h"

static const char *const FILE_NAME = "study.checkpoint";

static bool cancel(void *context, const char *stage, double fraction) {
  (void)stage;
  (void)fraction;
  return --*(int *)context == 0;
}

static sy_study_options resumable(const sy_network_options *network, sy_policy *policy) {
  sy_study_options options = study_of(network);
  options.folds = 2;
  options.policy = policy;
  options.calibrate = SY_STUDY_CALIBRATE_TEMPERATURE;
  options.checkpoint.seconds = 0;
  return options;
}

static sy_network_options short_network(void) {
  sy_network_options network = small_network();
  network.epochs = 3;
  network.batch_size = 64;
  network.dropout = 0.1;
  network.restarts = 2;
  return network;
}

static bool is_there(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file) fclose(file);
  return file != NULL;
}

/* Cancelled at the n-th question, gone on with, cancelled and gone on with again, and so to the
 * end: every state that is written is gone on from once. */
static void interrupted_studies_end_in_the_same_bits(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  w.data.row_weights = w.weights;
  sy_policy *policy = policy_of("balanced");
  sy_network_options network = short_network();
  sy_study_options options = resumable(&network, policy);
  sy_study whole = run_study(&w.data, &options);
  options.checkpoint.path = FILE_NAME;
  const int steps[] = {7, 40, 200};
  for (size_t s = 0; s < sizeof steps / sizeof steps[0]; s++) {
    remove(FILE_NAME);
    options.checkpoint.resume = NULL;
    sy_status status = SY_CANCELLED;
    int runs = 0;
    sy_study study;
    while (status == SY_CANCELLED) {
      int left = steps[s] + 3 * runs++;
      sy_error error = {0};
      options.progress = (sy_progress){cancel, &left};
      status = sy_study_run(&w.data, &options, &study, &error);
      if (status != SY_OK && status != SY_CANCELLED) fail_msg("%s", error.text);
      options.checkpoint.resume = is_there(FILE_NAME) ? FILE_NAME : NULL;
      assert_true(runs < 1000);
    }
    if (s == 0) assert_true(runs > 2);
    assert_same_file(&whole, &study);
    assert_same_rows(&whole.test.rows, &study.test.rows);
    sy_study_clear(&study);
  }
  sy_study_clear(&whole);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

/* A finished study is gone on with at once: nothing is trained again, and without a path nothing is
 * written. */
static void count_epochs(void *context, int fit, int fits, const sy_epoch *epoch) {
  (void)fit;
  (void)fits;
  (void)epoch;
  ++*(int *)context;
}

static void a_finished_study_is_taken_from_its_file(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = short_network();
  sy_study_options options = resumable(&network, NULL);
  int epochs = 0;
  options.epoch = count_epochs;
  options.epoch_context = &epochs;
  options.checkpoint.path = FILE_NAME;
  options.checkpoint.seconds = 1e9; /* the last one alone */
  sy_study whole = run_study(&w.data, &options);
  assert_true(epochs > 0);
  options.checkpoint = (sy_checkpoint_options){.resume = "moved"};
  assert_int_equal(rename(FILE_NAME, "moved"), 0);
  epochs = 0;
  sy_study again = run_study(&w.data, &options);
  assert_int_equal(epochs, 0);
  assert_false(is_there(FILE_NAME));
  assert_same_file(&whole, &again);
  assert_true(whole.fit.objective == again.fit.objective);
  assert_int_equal(whole.training.n_curve, again.training.n_curve);
  assert_int_equal(whole.training.steps, again.training.steps);
  sy_study_clear(&whole);
  sy_study_clear(&again);
  sy_labels_free(w.labels);
}

/* However fast the machine is: as soon as there is a file. */
static bool cancel_when_written(void *context, const char *stage, double fraction) {
  (void)context;
  (void)stage;
  (void)fraction;
  return is_there(FILE_NAME);
}

/* A file with a state in it. */
static void write_checkpoint(world *w, sy_study_options options) {
  sy_study study;
  remove(FILE_NAME);
  options.progress = (sy_progress){cancel_when_written, NULL};
  options.checkpoint.path = FILE_NAME;
  assert_int_equal(sy_study_run(&w->data, &options, &study, NULL), SY_CANCELLED);
  assert_true(is_there(FILE_NAME));
}

static void other_data_are_named(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = short_network();
  sy_study_options options = resumable(&network, NULL);
  write_checkpoint(&w, options);
  options.checkpoint.resume = FILE_NAME;
  w.x[7] += 0.5;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT,
                 "'study.checkpoint' cannot be gone on with: the rows are not what");
  w.x[7] -= 0.5;
  w.data.row_weights = w.weights;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "cannot be gone on with");
  w.data.row_weights = NULL;
  options.seed = 3;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "the split of the rows is not what");
  options.seed = 0;
  w.label_codes[3] = !w.label_codes[3];
  sy_labels_free(w.labels);
  sy_labels_options naming = {.classes = NAMES, .n_classes = 2};
  assert_int_equal(sy_labels_from_names(w.label_codes, ROWS, NAMES, 3, &naming, &w.labels, NULL),
                   SY_OK);
  w.data.labels = w.labels;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "the labels are not what");
  sy_labels_free(w.labels);
}

static void other_options_are_named(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = short_network();
  sy_study_options options = resumable(&network, NULL);
  options.checkpoint.options = "--hidden=64,32\n--seed=0\n--class-weight=a=1,b=2\n";
  write_checkpoint(&w, options);
  options.checkpoint.resume = FILE_NAME;
  options.checkpoint.options = "--seed=0\n--hidden=128\n--class-weight=a=1,b=2\n";
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT,
                 "'study.checkpoint' was made with --hidden 64,32, not 128");
  options.checkpoint.options = "--hidden=64,32\n--class-weight=a=1,b=2";
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "was made with --seed 0");
  options.checkpoint.options = "--hidden=64,32\n--seed=0\n--class-weight=a=1,b=2\n--clip=1";
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "was made without --clip 1");
  options.checkpoint.options = "--hidden=64,32\n--seed=0\n--class-weight=a=1,b=3";
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT,
                 "was made with --class-weight a=1,b=2, not a=1,b=3");
  options.checkpoint.options = "--seed=0\n--hidden=64,32\n--class-weight=a=1,b=2";
  network.learning_rate *= 2; /* what the lines do not tell */
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "an option is not what");
  network.learning_rate /= 2;
  sy_study study = run_study(&w.data, &options);
  sy_study_clear(&study);
  sy_labels_free(w.labels);
}

static void write_bytes(const char *path, const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static void damaged_files_are_refused(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = short_network();
  sy_study_options options = resumable(&network, NULL);
  options.checkpoint.resume = "none.here";
  assert_refused(&w.data, &options, SY_FILE_NOT_READ, "none.here");
  write_checkpoint(&w, options = resumable(&network, NULL));
  options.checkpoint.resume = "other";
  void *bytes = NULL;
  size_t size = 0;
  assert_int_equal(sy_file_read(FILE_NAME, &bytes, &size, NULL), SY_OK);
  char *changed = bytes;
  for (size_t at = 16; at < size; at += size / 23) {
    changed[at] ^= 0x10;
    write_bytes("other", bytes, size);
    assert_refused(&w.data, &options, SY_INVALID_MODEL, "its checksum does not fit");
    changed[at] ^= 0x10;
  }
  write_bytes("other", bytes, size / 2);
  assert_refused(&w.data, &options, SY_INVALID_MODEL, "'other' is damaged");
  write_bytes("other", bytes, 12);
  assert_refused(&w.data, &options, SY_INVALID_MODEL, "'other' is cut short");
  write_bytes("other", "a,b,c\n", 6);
  assert_refused(&w.data, &options, SY_INVALID_MODEL, "'other' is no checkpoint of steelyard");
  changed[8]++;
  write_bytes("other", bytes, size);
  assert_refused(&w.data, &options, SY_INVALID_MODEL, "is a checkpoint of format 2");
  free(bytes);
  sy_labels_free(w.labels);
}

/* As on a disk that fills up: from the second epoch on no file may grow. */
static void fill_disk(void *context, int fit, int fits, const sy_epoch *epoch) {
  (void)fit;
  (void)fits;
  struct rlimit *limit = context;
  if (epoch->epoch != 2) return;
  struct rlimit none = {0, limit->rlim_max};
  setrlimit(RLIMIT_FSIZE, &none);
}

static void a_full_disk_ends_the_training_and_leaves_the_last_file(void **state) {
  (void)state;
  static world w;
  make_world(&w, 2);
  sy_network_options network = short_network();
  sy_study_options options = resumable(&network, NULL);
  sy_study whole = run_study(&w.data, &options);
  struct rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, SIG_IGN);
  options.checkpoint.path = FILE_NAME;
  options.epoch = fill_disk;
  options.epoch_context = &before;
  sy_study study;
  sy_error error = {0};
  sy_status status = sy_study_run(&w.data, &options, &study, &error);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_int_equal(status, SY_FILE_NOT_WRITTEN);
  assert_non_null(strstr(error.text, FILE_NAME));
  options.epoch = NULL;
  options.checkpoint.resume = FILE_NAME;
  study = run_study(&w.data, &options);
  assert_same_file(&whole, &study);
  sy_study_clear(&whole);
  sy_study_clear(&study);
  options.checkpoint.path = "no/such/folder";
  options.checkpoint.resume = NULL;
  assert_refused(&w.data, &options, SY_FILE_NOT_WRITTEN, "no/such");
  options.checkpoint.path = FILE_NAME;
  options.checkpoint.seconds = -1;
  assert_refused(&w.data, &options, SY_INVALID_ARGUMENT, "seconds between two checkpoints");
  sy_labels_free(w.labels);
}

#define in_a_folder(test) cmocka_unit_test_setup_teardown(test, enter_folder, leave_folder)

int main(void) {
  const struct CMUnitTest tests[] = {
      in_a_folder(interrupted_studies_end_in_the_same_bits),
      in_a_folder(a_finished_study_is_taken_from_its_file),
      in_a_folder(other_data_are_named),
      in_a_folder(other_options_are_named),
      in_a_folder(damaged_files_are_refused),
      in_a_folder(a_full_disk_ends_the_training_and_leaves_the_last_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
