/* A program of somebody else's: trains on eight rows, writes the model, reads it, decides.
 * One in four rows at x = 0 is a yes and three in four at x = 1: so must the model say. */
#include "decide.h"

#include <steelyard/study.h>

static const double x[8] = {0, 0, 0, 0, 1, 1, 1, 1};
static const int32_t y[8] = {1, 0, 0, 0, 1, 1, 1, 0};

static sy_status train(const char *path, sy_error *error) {
  const sy_column column = {.name = "x", .type = SY_COLUMN_NUMBER, .f64 = x};
  const sy_frame frame = {.columns = &column, .n_columns = 1, .rows = 8};
  sy_labels_options reading = sy_labels_options_default();
  sy_study_options options = sy_study_options_default();
  sy_labels *labels = NULL;
  sy_study study = {0};
  options.test = SY_TEST_NONE;
  options.l2 = 0;
  const sy_label_array ids = {.kind = SY_LABEL_INDEX,
                              .values = sy_array_of(y, SY_I32, 1, (const size_t[]){8})};
  sy_status status = sy_labels_from_array(&ids, &reading, &labels, error);
  const sy_study_data data = {.frame = &frame, .labels = labels};
  if (status == SY_OK) status = sy_study_run(&data, &options, &study, error);
  if (status == SY_OK) status = sy_model_save(study.model, path, error);
  sy_study_clear(&study);
  sy_labels_free(labels);
  return status;
}

int main(int argc, char **argv) {
  sy_error error = {0};
  if (argc != 2) return 2;
  if (train(argv[1], &error) == SY_OK && decide(argv[1], &error) == SY_OK) return 0;
  fprintf(stderr, "%s\n", error.text);
  return 1;
}
