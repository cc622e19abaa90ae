/* predict.c: scores rows in memory with a model file, as often as told.
 * Usage: predict MODEL ROWS N D
 * MODEL takes D numbers; ROWS is a file of N x D float32, its columns in the order of the model's.
 * They are laid out column by column once, as tables are.
 *   blocks     scores all rows: probabilities and decisions
 *   rows N     sets and decides the first N rows, one at a time, through the calls for services
 *   save FILE  writes the (N, K) probabilities of all rows, float64 */
#include <steelyard/onnx.h>

#include "repeat.h"

typedef struct score_job {
  sy_model *model;
  size_t n, n_columns;
  float *rows;     /* (n, n_columns) */
  float *values;   /* (n_columns, n) the same by column */
  sy_frame frame;  /* of them */
  double *chances; /* (n, K) */
  int32_t *decisions;
} score_job;

static void lay_out(score_job *job) {
  const sy_encoder *encoder = sy_model_encoder(job->model);
  sy_column *columns = calloc(job->n_columns, sizeof *columns);
  job->values = malloc(job->n * job->n_columns * sizeof *job->values);
  if (!columns || !job->values) give_up("rows", "out of memory");
  for (size_t j = 0; j < job->n_columns; j++) {
    float *column = job->values + j * job->n;
    for (size_t i = 0; i < job->n; i++) column[i] = job->rows[i * job->n_columns + j];
    columns[j] = (sy_column){
        .name = sy_encoder_input_name(encoder, j), .type = SY_COLUMN_NUMBER, .f32 = column};
  }
  job->frame = (sy_frame){columns, job->n_columns, job->n};
}

static void score_blocks(score_job *job) {
  sy_error error;
  demand(sy_model_score(job->model, &job->frame, NULL, job->chances, job->decisions, &error),
         &error);
}

static void score_rows(score_job *job, size_t n) {
  sy_error error;
  sy_row *row = sy_row_new(job->model);
  size_t n_classes = sy_model_n_classes(job->model);
  if (!row) give_up("rows", "out of memory");
  for (size_t i = 0; i < n && i < job->n; i++) {
    for (size_t j = 0; j < job->n_columns; j++)
      sy_row_set_number(row, (int)j, (double)job->rows[i * job->n_columns + j]);
    int decision;
    demand(sy_model_decide(job->model, row, &decision, job->chances + i * n_classes, &error),
           &error);
    job->decisions[i] = decision;
  }
  sy_row_free(row);
}

static void obey(void *context, const char *command, const char *argument) {
  score_job *job = context;
  double begun = seconds_now();
  if (strcmp(command, "blocks") == 0) {
    score_blocks(job);
  } else if (strcmp(command, "rows") == 0) {
    score_rows(job, size_argument(argument));
  } else if (strcmp(command, "save") == 0) {
    score_blocks(job);
    write_array(argument, job->chances, job->n * sy_model_n_classes(job->model));
  } else {
    give_up(command, "is no command");
  }
  printf("{\"seconds\": %.9f}", seconds_now() - begun);
}

int main(int argc, char **argv) {
  score_job job = {0};
  sy_error error;
  if (argc != 5) give_up("usage", "predict MODEL ROWS N D");
  demand(sy_model_open(argv[1], &job.model, &error), &error);
  job.n = size_argument(argv[3]);
  job.n_columns = size_argument(argv[4]);
  if (job.n_columns != sy_encoder_n_inputs(sy_model_encoder(job.model)))
    give_up(argv[1], "does not take that many columns");
  job.rows = read_array(argv[2], job.n * job.n_columns, sizeof *job.rows);
  job.chances = malloc(job.n * sy_model_n_classes(job.model) * sizeof *job.chances);
  job.decisions = malloc(job.n * sizeof *job.decisions);
  if (!job.chances || !job.decisions) give_up("rows", "out of memory");
  lay_out(&job);
  repeat(obey, &job);
  return 0;
}
