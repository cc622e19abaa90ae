/* service.c: a service that decides rows with a model trained by `steelyard fit`.
 *
 *   steelyard fit birdstrikes.csv --label ... -o birds.onnx
 *   cc service.c $(pkg-config --cflags --libs steelyard-score) -o service
 *   ./service birds.onnx < requests
 *
 * A request is one line of COLUMN=VALUE pairs with tabs between them; a column that is left out is
 * missing. The answer is one line: the class decided, then the probability of each class.
 *
 *   speed=140<tab>phase=Climb     ->     damage None=0.71 damage=0.29
 *
 * What a service does with libsteelyard-score: open the model once; make one sy_row for each thread
 * (sy_row_new is the last call that takes memory); then, for each request, set what is known and
 * decide. The model is only read, so that all threads may share it. */
#define _POSIX_C_SOURCE 200809L /* getline */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <steelyard/onnx.h>

/* What a thread owns. */
typedef struct worker {
  const sy_model *model;
  sy_row *row;
  double *probabilities; /* one for each class */
} worker;

static bool worker_start(worker *w, const sy_model *model) {
  w->model = model;
  w->row = sy_row_new(model);
  w->probabilities = malloc(sy_model_n_classes(model) * sizeof *w->probabilities);
  return w->row && w->probabilities;
}

static void worker_end(worker *w) {
  sy_row_free(w->row);
  free(w->probabilities);
}

/* Sets one column; returns what is wrong with the request, or NULL. A service whose columns are
 * known beforehand finds them once with sy_row_column and sets by index, which is faster. */
static const char *set_column(worker *w, const char *name, const char *value) {
  double number;
  if (sy_row_column(w->row, name) < 0) return "the model uses no column";
  if (sy_row_set_text_by_name(w->row, name, value)) return NULL;
  if (!sy_number_parse(value, &number)) return "this is no number for column";
  sy_row_set_number_by_name(w->row, name, number);
  return NULL;
}

static void answer(worker *w) {
  const char *const *classes = sy_model_classes(w->model);
  sy_error error;
  int decision;
  if (sy_model_decide(w->model, w->row, &decision, w->probabilities, &error) != SY_OK) {
    printf("error: %s\n", error.text);
    return;
  }
  printf("%s", classes[decision]);
  for (size_t k = 0; k < sy_model_n_classes(w->model); k++)
    printf(" %s=%.6f", classes[k], w->probabilities[k]);
  putchar('\n');
}

static void serve(worker *w, char *request) {
  sy_row_clear(w->row); /* or else the values of the last request would stay */
  for (char *pair = strtok(request, "\t\n"); pair; pair = strtok(NULL, "\t\n")) {
    char *value = strchr(pair, '=');
    const char *wrong = "there is no '=' in";
    if (value) {
      *value++ = 0;
      wrong = set_column(w, pair, value);
    }
    if (wrong) {
      printf("error: %s '%s'\n", wrong, pair);
      return;
    }
  }
  answer(w);
}

int main(int argc, char **argv) {
  sy_model *model = NULL;
  sy_error error;
  worker w = {0};
  char *request = NULL;
  size_t size = 0;
  if (argc != 2) {
    fprintf(stderr, "usage: service MODEL < REQUESTS\n");
    return 2;
  }
  if (sy_model_open(argv[1], &model, &error) != SY_OK) {
    fprintf(stderr, "service: %s\n", error.text);
    return 1;
  }
  bool started = worker_start(&w, model);
  if (!started) fprintf(stderr, "service: out of memory\n");
  while (started && getline(&request, &size, stdin) >= 0) {
    serve(&w, request);
    fflush(stdout);
  }
  free(request);
  worker_end(&w);
  sy_model_free(model);
  return started ? 0 : 1;
}
