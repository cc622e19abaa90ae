/* network_study.h: small studies of networks; after study_world.h. */
#ifndef SY_TESTS_NETWORK_STUDY_H
#define SY_TESTS_NETWORK_STUDY_H

#include "study_world.h"

static const size_t FEW_UNITS[] = {6};

/* A network that learns the world within a few epochs. */
static inline sy_network_options small_network(void) {
  sy_network_options network = sy_network_options_default();
  network.hidden = FEW_UNITS;
  network.n_hidden = 1;
  network.learning_rate = 0.02;
  network.batch_size = 32;
  network.epochs = 12;
  network.patience = 4;
  return network;
}

static inline sy_study_options study_of(const sy_network_options *network) {
  sy_study_options options = sy_study_options_default();
  options.family = SY_STUDY_MLP;
  options.network = network;
  options.folds = 3;
  return options;
}

static inline const sy_metrics *stored_metrics(const sy_review *review) {
  return &review->ways[review->stored].metrics;
}

/* Release with free(). */
static inline void *onnx_of(const sy_study *study, size_t *size) {
  void *bytes = NULL;
  sy_error error = {0};
  if (sy_model_to_onnx(study->model, &bytes, size, &error) != SY_OK) fail_msg("%s", error.text);
  return bytes;
}

static inline void assert_same_file(const sy_study *a, const sy_study *b) {
  const sy_predictor *left = sy_model_predictor(a->model), *right = sy_model_predictor(b->model);
  size_t members = sy_predictor_n_members(left);
  size_t n = members * sy_network_n_parameters(sy_predictor_shape(left));
  assert_int_equal(members, sy_predictor_n_members(right));
  assert_memory_equal(sy_predictor_parameters(left), sy_predictor_parameters(right),
                      n * sizeof(double));
  size_t sizes[2];
  void *files[2] = {onnx_of(a, &sizes[0]), onnx_of(b, &sizes[1])};
  assert_int_equal(sizes[0], sizes[1]);
  assert_memory_equal(files[0], files[1], sizes[0]);
  free(files[0]);
  free(files[1]);
}

/* The study fails with this status and these words in its error. */
static inline void assert_refused(const sy_study_data *data, const sy_study_options *options,
                                  sy_status status, const char *words) {
  sy_study study;
  sy_error error = {0};
  assert_int_equal(sy_study_run(data, options, &study, &error), status);
  if (!strstr(error.text, words)) fail_msg("'%s' says nothing of '%s'", error.text, words);
  assert_null(study.model);
}

#endif
