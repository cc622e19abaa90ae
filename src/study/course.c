#include "study/course.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/text.h"

enum { POINTS_MOST = 200 }; /* of a note */

static bool make_room(sy_course *course, size_t n_best, size_t n_epochs) {
  int *best = sy_realloc(course->best, n_best, sizeof *best);
  if (best) course->best = best;
  double **sums[] = {&course->held, &course->accuracy, &course->came};
  bool complete = best;
  for (int s = 0; s < 3 && n_epochs > course->n_epochs; s++) {
    double *grown = sy_realloc(*sums[s], n_epochs, sizeof *grown);
    complete = complete && grown;
    if (!grown) continue;
    *sums[s] = grown;
    for (size_t e = course->n_epochs; e < n_epochs; e++) grown[e] = 0;
  }
  if (complete && n_epochs > course->n_epochs) course->n_epochs = n_epochs;
  return complete;
}

static size_t longest(const sy_training_result *result) {
  int last = 0;
  for (size_t i = 0; i < result->n_curve; i++)
    if (result->curve[i].epoch > last) last = result->curve[i].epoch;
  return (size_t)last;
}

sy_status sy_course_add(sy_course *course, const sy_training_result *result, sy_error *error) {
  size_t restarts = 0;
  for (size_t i = 0; i < result->n_curve; i++) restarts += result->curve[i].epoch == 1;
  if (!make_room(course, course->n + restarts, longest(result))) return sy_fail_memory(error);
  for (size_t i = 0; i < result->n_curve; i++) {
    const sy_epoch *epoch = &result->curve[i];
    size_t at = (size_t)epoch->epoch - 1;
    if (at == 0) course->best[course->n++] = 1;
    if (epoch->best) course->best[course->n - 1] = epoch->epoch;
    course->held[at] += epoch->held_loss;
    course->accuracy[at] += epoch->held_accuracy;
    course->came[at] += 1;
  }
  return SY_OK;
}

static int by_size(const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}

int sy_course_epochs(sy_course *course) {
  size_t n = course->n;
  if (n == 0) return 0;
  qsort(course->best, n, sizeof *course->best, by_size);
  return (course->best[(n - 1) / 2] + course->best[n / 2] + 1) / 2;
}

void sy_course_tell(const sy_course *course, sy_training_result *result) {
  for (size_t i = 0; i < result->n_curve; i++) {
    sy_epoch *epoch = &result->curve[i];
    size_t at = (size_t)epoch->epoch - 1;
    bool known = at < course->n_epochs && course->came[at] > 0;
    epoch->held_loss = known ? course->held[at] / course->came[at] : (double)NAN;
    epoch->held_accuracy = known ? course->accuracy[at] / course->came[at] : (double)NAN;
  }
}

void sy_course_clear(sy_course *course) {
  free(course->best);
  free(course->held);
  free(course->accuracy);
  free(course->came);
  *course = (sy_course){0};
}

static void put_number(sy_text *text, double value, const char *end) {
  char number[SY_NUMBER_SIZE];
  sy_text_add(text, "%s%s", isfinite(value) ? sy_number_round(value, 4, number) : "-", end);
}

/* Means over the restarts that came to an epoch; all of them have the same held figures. */
static void put_point(sy_text *text, const sy_training_result *result, int epoch) {
  double loss = 0, held = NAN, accuracy = NAN, n = 0;
  for (size_t i = 0; i < result->n_curve; i++) {
    const sy_epoch *one = &result->curve[i];
    if (one->epoch != epoch) continue;
    loss += one->loss;
    held = one->held_loss;
    accuracy = one->held_accuracy;
    n++;
  }
  sy_text_add(text, "%s%d:", text->length ? " " : "", epoch);
  put_number(text, loss / n, "/");
  put_number(text, held, "/");
  put_number(text, accuracy, "");
}

char *sy_curve_text(const sy_training_result *result) {
  size_t last = longest(result);
  size_t step = (last + POINTS_MOST - 1) / POINTS_MOST;
  sy_text text = {0};
  sy_text_put(&text, "");
  for (size_t e = 1; e <= last; e++)
    if (e == 1 || e == last || e % step == 0) put_point(&text, result, (int)e);
  if (!text.failed) return text.data;
  free(text.data);
  return NULL;
}
