/* rival.c: logistic regression beside networks and boosted trees, on the same rows: where they are
 * no better it is to be said. */
#include "study/run.h"

#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"

/* Products of a walk over all rows of all fits beyond which logistic regression would take minutes
 * (a fit takes up to some hundred walks). */
static const double PRODUCTS_MOST = 2e9;

/* Texts that networks embed are one-hot columns here, and numbers that trees take as they are, some
 * of them missing, are standardised and filled. */
static sy_status encode(sy_run *run, sy_error *error) {
  sy_bench *bench = &run->rival_bench;
  const sy_frame *frame = run->data->frame;
  bool trees = run->options->family == SY_STUDY_BOOSTED;
  if (run->bench.trainings->n_embeddings == 0 && !trees) return SY_OK;
  sy_encoder_options options = run->options->encoder;
  options.codes = options.raw = false;
  bench->encoder = NULL;
  bench->encoded = NULL;
  sy_select_rows(bench, -1);
  sy_status status = sy_encoder_fit(frame, bench->weights, &options, NULL, &bench->encoder, error);
  if (status != SY_OK) return status;
  size_t width = sy_encoder_n_outputs(bench->encoder);
  bench->encoded = sy_alloc(bench->n, sy_bench_row_size(bench));
  if (!bench->encoded) return sy_fail_memory(error);
  return sy_encoder_apply(bench->encoder, frame, 0, bench->n, bench->options->dtype, bench->encoded,
                          width, error);
}

/* The rows of the study's bench under options of its own; what it does not share it frees. */
static sy_status make_bench(sy_run *run, sy_error *error) {
  run->rival_bench = run->bench;
  run->rival_bench.trainings = NULL;
  run->rival_bench.seconds = 0;
  run->rival_options = *run->options;
  run->rival_options.l2 = -1;
  run->rival_bench.options = &run->rival_options;
  return encode(run, error);
}

void sy_run_rival_clear(sy_run *run) {
  sy_bench *bench = &run->rival_bench;
  if (bench->encoded != run->bench.encoded) {
    sy_encoder_free(bench->encoder);
    free(bench->encoded);
  }
  *bench = (sy_bench){0};
}

static bool is_tested(const sy_run *run) {
  return run->bench.n_tested > 0 || run->options->test == SY_TEST_OTHER;
}

static bool is_too_large(const sy_run *run) {
  const sy_bench *bench = &run->bench;
  double fits = bench->n_tested > 0 ? bench->n_tested : 1, n = (double)bench->n;
  size_t vectors = bench->n_classes == 2 ? 1 : bench->n_classes;
  double products = fits * n * (double)sy_encoder_n_outputs(bench->encoder) * (double)vectors;
  return products > PRODUCTS_MOST;
}

sy_status sy_run_rival_line(sy_run *run, sy_error *error) {
  const sy_study_options *options = run->options;
  if (!sy_family_iterates(options->family) || options->alone || !is_tested(run)) return SY_OK;
  if (is_too_large(run)) {
    sy_messages_add(run->study->messages,
                    "logistic regression does not stand beside %s: on so many rows it would take "
                    "minutes; --model logistic fits it",
                    options->family == SY_STUDY_MLP ? "this network" : "these trees");
    return SY_OK;
  }
  sy_status status = make_bench(run, error);
  run->rival = (int)run->n_lines;
  if (status == SY_OK && sy_trainings_sample(options))
    status = sy_run_add_line(run, "balanced", error);
  else
    run->lines[run->n_lines++].policy = options->automatic ? NULL : options->policy;
  run->lines[run->rival].rival = true;
  return status;
}

/* Only where another source judges: in folds the rival was judged along. */
sy_status sy_run_rival_of_other(sy_run *run, sy_error *error) {
  const sy_frame *frame = run->data->test_frame;
  if (run->rival < 0 || run->options->test != SY_TEST_OTHER) return SY_OK;
  sy_trained trained;
  sy_training training = {
      .policy = run->lines[run->rival].policy, .without = -1, .progress = sy_run_progress(run)};
  snprintf(run->stage, sizeof run->stage, "logistic regression beside it");
  run->rival_logs = sy_alloc(frame->rows, run->bench.n_classes * sizeof(double));
  if (!run->rival_logs) return sy_fail_memory(error);
  sy_status status = sy_train(&run->rival_bench, &training, &trained, error);
  if (status != SY_OK) return status;
  run->fits_done++;
  status = sy_trained_score_frame(&run->rival_bench, &trained, frame, run->rival_logs, error);
  sy_trained_clear(&trained);
  return status;
}
