/* Studies of networks where memory is lacking: an error, nothing left, and a file that stays whole.
 */
#define _POSIX_C_SOURCE 200809L
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "network_study.h"
#include "scratch_folder.h"

static sy_study_options everything(const sy_network_options *network, const sy_policy *policy,
                                   const sy_tune_options *tune) {
  sy_study_options options = study_of(network);
  options.test = SY_TEST_SHARE;
  options.policy = policy;
  options.calibrate = SY_STUDY_CALIBRATE_VECTOR;
  options.tune = tune;
  options.checkpoint = (sy_checkpoint_options){.path = "book", .options = "--hidden=6"};
  return options;
}

static sy_status run_short_of_memory(world *w, const sy_study_options *options, size_t n,
                                     bool *struck) {
  sy_study study;
  sy_memory_fail_nth(n);
  sy_status status = sy_study_run(&w->data, options, &study, NULL);
  *struck = sy_memory_fail_nth(0) == 0;
  assert_true(status == SY_OK || (*struck && status == SY_OUT_OF_MEMORY));
  if (status == SY_OK)
    sy_study_clear(&study);
  else
    assert_true(!study.model && !study.training.curve && !study.test.ways);
  return status;
}

static void studies_survive_no_memory(void **state) {
  (void)state;
  static world w;
  make_world(&w, 3);
  w.data.row_weights = w.weights;
  sy_policy *policy = policy_of("balanced");
  sy_tune_options tune = tuned_for("balanced_accuracy");
  sy_loss_options loss = sy_loss_options_default(3);
  loss.parts = "vs";
  sy_network_options network = small_network();
  network.epochs = 2;
  network.batch_size = 128;
  network.loss = &loss;
  sy_study_options options = everything(&network, policy, &tune);
  sy_threads_set(1);
  size_t n = 1;
  for (bool struck = true; struck; n += 1 + n / 30) run_short_of_memory(&w, &options, n, &struck);
  assert_true(n > 100);
  options.checkpoint.resume = "book"; /* by now of a whole study */
  n = 1;
  for (bool struck = true; struck; n += 1 + n / 30) run_short_of_memory(&w, &options, n, &struck);
  assert_true(n > 100);
  sy_threads_set(0);
  sy_policy_free(policy);
  sy_labels_free(w.labels);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(studies_survive_no_memory, enter_folder, leave_folder),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
