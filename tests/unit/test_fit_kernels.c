/* test_fit_kernels.c: what a pass over the rows is made of, against plain loops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arrays.h"
#include "fit/logistic/hessian.h"
#include "fit/logistic/objective.h"
#include "fit/logistic/product.h"
#include "fit_problem.h"
#include "loss/row.h"
#include "loss/tile.h"

#include <string.h>

static double *random_numbers(uint64_t *seed, size_t n) {
  double *made = calloc(n, sizeof *made);
  assert_non_null(made);
  for (size_t j = 0; j < n; j++) made[j] = normal(seed);
  return made;
}

static void assert_near(double a, double b, double tolerance) {
  if (!(fabs(a - b) <= tolerance * fmax(1, fabs(b)))) fail_msg("%.17g is not %.17g", a, b);
}

/* --- losses of a tile --- */

/* Logits of a row by its kind: usual ones, far ones, all alike, one that is all but certain. */
static void fill_logits(uint64_t *seed, size_t kind, size_t n_vectors, double *row) {
  static const double scales[] = {1, 300, 0, 1};
  for (size_t k = 0; k < n_vectors; k++) row[k] = scales[kind % 4] * normal(seed);
  if (kind % 4 == 3) row[kind % n_vectors] += 60;
}

/* The row's weighted loss; the residual and the probability or p (1 - p) of each class. */
static double slow_row(const double *logits, size_t n_vectors, int32_t label, double weight,
                       double *residuals, double *spread, double *curvature) {
  double loss;
  if (n_vectors == 1) {
    double p1;
    loss = sy_sigmoid_row(logits[0], label, &p1);
    residuals[0] = sy_sigmoid_residual(logits[0], label);
    spread[0] = fabs(residuals[0]) * (1 - fabs(residuals[0]));
  } else {
    loss = sy_softmax_row(logits, n_vectors, (size_t)label, spread);
    memcpy(residuals, spread, n_vectors * sizeof *residuals);
    sy_softmax_residual(residuals, n_vectors, (size_t)label);
  }
  for (size_t k = 0; k < n_vectors; k++)
    curvature[k] += weight * fabs(residuals[k]) * (1 - fabs(residuals[k]));
  return weight * loss;
}

static void check_tile(uint64_t *seed, size_t count, size_t n_vectors) {
  enum { MOST = SY_TILE_ROWS * 30 };
  static double scores[MOST], probabilities[MOST], rows[MOST], weights[SY_TILE_ROWS];
  static int32_t targets[SY_TILE_ROWS];
  double curvature[30] = {0}, slow_curvature[30] = {0}, residuals[30], spread[30], loss = 0;
  size_t stride = sy_whole_lanes(count);
  sy_loss_tile tile = {count,   stride, n_vectors,     targets,
                       weights, scores, probabilities, curvature};
  for (size_t j = 0; j < stride * n_vectors; j++) scores[j] = 5; /* what lies beyond the rows */
  for (size_t r = 0; r < count; r++) {
    fill_logits(seed, r, n_vectors, rows + r * n_vectors);
    for (size_t k = 0; k < n_vectors; k++) scores[k * stride + r] = rows[r * n_vectors + k];
    targets[r] = (int32_t)(uniform(seed) * (double)(n_vectors == 1 ? 2 : n_vectors));
    weights[r] = r % 5 ? uniform(seed) : 0;
  }
  double sum = n_vectors == 1 ? sy_sigmoid_tile(&tile) : sy_softmax_tile(&tile);
  for (size_t r = 0; r < count; r++) {
    loss += slow_row(rows + r * n_vectors, n_vectors, targets[r], weights[r], residuals, spread,
                     slow_curvature);
    for (size_t k = 0; k < n_vectors; k++) {
      /* relative: a row that is nearly certain keeps its digits */
      double residual = weights[r] * residuals[k], given = scores[k * stride + r];
      assert_true(fabs(given - residual) <= 1e-13 * fabs(residual));
      double p = probabilities[k * stride + r];
      assert_true(fabs(p - spread[k]) <= (n_vectors == 1 ? 1e-15 : 1e-13 * spread[k]));
    }
  }
  assert_near(sum, loss, 1e-13);
  for (size_t k = 0; k < n_vectors; k++) assert_near(curvature[k], slow_curvature[k], 1e-13);
}

static void a_tile_is_its_rows(void **state) {
  (void)state;
  static const size_t vectors[] = {1, 3, 4, 10, 23, 30};
  static const size_t counts[] = {1, 2, 7, 8, 9, 63, 64, 127, SY_TILE_ROWS};
  uint64_t seed = 5;
  for (size_t v = 0; v < COUNT(vectors); v++)
    for (size_t c = 0; c < COUNT(counts); c++) check_tile(&seed, counts[c], vectors[v]);
}

/* --- products --- */

static void check_products(uint64_t *seed, size_t stride, size_t width, size_t n_vectors) {
  double *tile = random_numbers(seed, stride * width),
         *sums = random_numbers(seed, n_vectors * width);
  double *vectors = random_numbers(seed, n_vectors * width), *start = calloc(n_vectors, width * 8);
  double *scores = random_numbers(seed, n_vectors * stride);
  assert_non_null(start);
  memcpy(start, sums, n_vectors * width * sizeof *sums);
  sy_product_scores(tile, stride, width, vectors, n_vectors, scores);
  sy_product_gather(tile, stride, width, scores, n_vectors, sums);
  for (size_t k = 0; k < n_vectors; k++) {
    for (size_t r = 0; r < stride; r++) {
      double slow = 0;
      for (size_t j = 0; j < width; j++) slow += tile[r * width + j] * vectors[k * width + j];
      assert_near(scores[k * stride + r], slow, 1e-12);
    }
    for (size_t j = 0; j < width; j++) {
      double slow = start[k * width + j];
      for (size_t r = 0; r < stride; r++) slow += scores[k * stride + r] * tile[r * width + j];
      assert_near(sums[k * width + j], slow, 1e-12);
    }
  }
  free(tile);
  free(sums);
  free(vectors);
  free(start);
  free(scores);
}

static void products_are_sums(void **state) {
  (void)state;
  static const size_t vectors[] = {1, 2, 3, 4, 5, 7, 8, 47, 48, 50};
  static const size_t widths[] = {8, 16, 24, 32, 40, 104};
  uint64_t seed = 6;
  for (size_t v = 0; v < COUNT(vectors); v++)
    for (size_t w = 0; w < COUNT(widths); w++)
      for (size_t stride = 8; stride <= 64; stride *= 2)
        check_products(&seed, stride, widths[w], vectors[v]);
}

/* --- second derivatives --- */

typedef struct world {
  fit_problem given;
  sy_problem problem;
  sy_watch watch;
  sy_fit_objective objective;
  sy_point point;
} world;

/* A problem evaluated at random parameters. */
static void open_world(world *made, size_t n, size_t n_features, size_t n_classes) {
  sy_error error;
  uint64_t seed = 7;
  memset(made, 0, sizeof *made);
  made->given = random_problem(8, n, n_features, n_classes);
  assert_int_equal(sy_problem_make(matrix_of(&made->given), made->given.ids, made->given.weights,
                                   n_classes, 0.01, &made->problem, &error),
                   SY_OK);
  assert_int_equal(sy_fit_objective_make(&made->problem, &made->watch, &made->objective, &error),
                   SY_OK);
  assert_int_equal(sy_point_make(&made->problem, &made->point, &error), SY_OK);
  for (size_t j = 0; j < sy_problem_size(&made->problem); j++)
    made->point.parameters[j] = 0.3 * normal(&seed);
}

static void close_world(world *made) {
  sy_point_clear(&made->point);
  sy_fit_objective_clear(&made->objective);
  sy_problem_clear(&made->problem);
  free_problem(&made->given);
}

/* Above the diagonal: sum of w (p_k [k = l] - p_k p_l) x x', plus the penalty. */
static double *slow_hessian(const world *given) {
  const sy_problem *problem = &given->problem;
  size_t width = problem->width, n_vectors = problem->n_vectors, size = sy_problem_size(problem);
  double *made = calloc(size * size, sizeof *made), x[64], p[64];
  assert_non_null(made);
  for (size_t i = 0; i < problem->n; i++) {
    sy_problem_row(problem, i, 1, x);
    for (size_t k = 0; k < n_vectors; k++) {
      p[k] = 0;
      for (size_t j = 0; j < width; j++) p[k] += x[j] * given->point.parameters[k * width + j];
    }
    double p1;
    if (n_vectors == 1)
      (void)sy_sigmoid_row(p[0], 0, &p1), p[0] = p1;
    else
      (void)sy_softmax_row(p, n_vectors, 0, p);
    for (size_t a = 0; a < size; a++)
      for (size_t b = a; b < size; b++) {
        size_t k = a / width, l = b / width;
        double bend = k == l ? p[k] * (1 - p[k]) : -p[k] * p[l];
        made[a * size + b] += problem->weights[i] * bend * x[a % width] * x[b % width];
      }
  }
  for (size_t a = 0; a < size; a++)
    if ((a + 1) % width) made[a * (size + 1)] += problem->l2;
  return made;
}

/* Largest difference above the diagonal, which does not count where vectors share a shift. */
static double hessian_distance(const world *given, double most_pairs) {
  size_t size = sy_problem_size(&given->problem), width = given->problem.width;
  double *made = calloc(size * size, sizeof *made), *diagonal = calloc(size, sizeof *diagonal);
  double *slow = slow_hessian(given), largest = 0;
  sy_error error;
  assert_true(made && diagonal);
  assert_int_equal(sy_hessian_make(&given->objective, most_pairs, made, diagonal, &error), SY_OK);
  for (size_t a = 0; a < size; a++)
    for (size_t b = a; b < size; b++)
      if (given->problem.n_vectors == 1 || a % width != b % width)
        largest = fmax(largest, fabs(made[a * size + b] - slow[a * size + b]));
  free(made);
  free(diagonal);
  free(slow);
  return largest;
}

static void the_hessian_comes_with_the_pass_or_after(void **state) {
  (void)state;
  static const size_t features[] = {1, 6, 7, 40};
  for (size_t f = 0; f < COUNT(features); f++) {
    world given;
    open_world(&given, 700, features[f], 2);
    given.objective.with_hessian = true;
    sy_fit_objective_evaluate(&given.objective, &given.point);
    assert_true(given.objective.has_hessian && !given.objective.with_hessian);
    assert_true(hessian_distance(&given, INFINITY) < 1e-14);
    double norm = given.point.norm;
    sy_fit_objective_evaluate(&given.objective, &given.point);
    assert_false(given.objective.has_hessian);
    assert_true(given.point.norm == norm);
    assert_true(hessian_distance(&given, INFINITY) < 1e-7); /* probabilities kept in float32 */
    close_world(&given);
  }
}

/* Thinned out the Hessian is rough, but unbiased, and less rough the more pairs it has. */
static void pairs_are_thinned_out_fairly(void **state) {
  (void)state;
  world given;
  open_world(&given, 8000, 4, 6);
  sy_fit_objective_evaluate(&given.objective, &given.point);
  double all = given.objective.active_pairs;
  assert_true(all > 60000);
  double exact = hessian_distance(&given, all), none = hessian_distance(&given, INFINITY);
  assert_true(exact < 1e-7 && exact == none);
  double some = hessian_distance(&given, all / 4), few = hessian_distance(&given, all / 40);
  assert_true(some > 1e-6); /* it is not the whole Hessian any more */
  assert_true(some < 2e-3 && few < 8e-3);
  close_world(&given);
}

/* --- the watch --- */

typedef struct asked {
  int calls, stop_at;
} asked;

static bool count_call(void *context, const char *stage, double fraction) {
  asked *asked_of = context;
  assert_string_equal(stage, "fit");
  assert_true(fraction >= 0 && fraction <= 1);
  return ++asked_of->calls == asked_of->stop_at;
}

static void the_watch_asks_now_and_then(void **state) {
  (void)state;
  asked context = {0, 3};
  sy_watch watch = {.progress = {count_call, &context}};
  assert_false(sy_watch_stops(&watch, 1e12)); /* not within a stretch of its own */
  assert_int_equal(context.calls, 0);
  sy_watch_open(&watch);
  for (int i = 0; i < 100; i++) assert_false(sy_watch_stops(&watch, 1e6));
  assert_int_equal(context.calls, 0);
  assert_false(sy_watch_stops(&watch, 2e8));
  assert_false(sy_watch_stops(&watch, 3e8));
  assert_int_equal(context.calls, 2);
  assert_true(sy_watch_stops(&watch, 3e8));
  assert_true(sy_watch_stops(&watch, 0));
  sy_watch_close();
  assert_true(sy_watch_stops(&watch, 0)); /* another thread sees it too */
  sy_error error;
  assert_int_equal(sy_watch_tell(&watch, 0.5, &error), SY_CANCELLED);
  assert_int_equal(context.calls, 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_tile_is_its_rows),
      cmocka_unit_test(products_are_sums),
      cmocka_unit_test(the_hessian_comes_with_the_pass_or_after),
      cmocka_unit_test(pairs_are_thinned_out_fairly),
      cmocka_unit_test(the_watch_asks_now_and_then),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
