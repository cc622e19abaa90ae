/* secant.c: the two loops of L-BFGS over a ring of pairs. */
#include "fit/logistic/secant.h"

#include "base/error.h"
#include "base/memory.h"
#include "fit/logistic/dot.h"

/* Pairs hold 64 MB at most, or five of them. */
enum { MOST_NUMBERS = 1 << 22, FEWEST_PAIRS = 5 };

sy_status sy_secant_make(const sy_problem *problem, sy_secant *secant, sy_error *error) {
  size_t size = sy_problem_size(problem), capacity = MOST_NUMBERS / size;
  if (capacity < FEWEST_PAIRS) capacity = FEWEST_PAIRS;
  if (capacity > SY_SECANT_MOST) capacity = SY_SECANT_MOST;
  *secant = (sy_secant){.size = size, .capacity = capacity};
  secant->steps = sy_alloc(capacity, size * sizeof(double));
  secant->changes = sy_alloc(capacity, size * sizeof(double));
  return secant->steps && secant->changes ? SY_OK : sy_fail_memory(error);
}

void sy_secant_clear(sy_secant *secant) {
  free(secant->steps);
  free(secant->changes);
  *secant = (sy_secant){0};
}

void sy_secant_forget(sy_secant *secant) {
  secant->count = secant->next = 0;
}

void sy_secant_add(sy_secant *secant, const sy_point *from, const sy_point *to) {
  double *step = secant->steps + secant->next * secant->size;
  double *change = secant->changes + secant->next * secant->size;
  for (size_t j = 0; j < secant->size; j++) {
    step[j] = to->parameters[j] - from->parameters[j];
    change[j] = to->gradient[j] - from->gradient[j];
  }
  double product = sy_dot(step, change, secant->size);
  if (!(product > 0)) return;
  secant->products[secant->next] = product;
  secant->next = (secant->next + 1) % secant->capacity;
  if (secant->count < secant->capacity) secant->count++;
}

/* Place in the ring of the pair that is `age` moves old. */
static size_t place(const sy_secant *secant, size_t age) {
  return (secant->next + secant->capacity - 1 - age) % secant->capacity;
}

static void add_scaled(size_t n, double factor, const double *vector, double *sum) {
  for (size_t j = 0; j < n; j++) sum[j] += factor * vector[j];
}

void sy_secant_before(const sy_secant *secant, double *vector, double *factors) {
  for (size_t age = 0; age < secant->count; age++) {
    size_t at = place(secant, age);
    factors[at] =
        sy_dot(secant->steps + at * secant->size, vector, secant->size) / secant->products[at];
    add_scaled(secant->size, -factors[at], secant->changes + at * secant->size, vector);
  }
}

void sy_secant_after(const sy_secant *secant, double *vector, const double *factors) {
  for (size_t age = secant->count; age-- > 0;) {
    size_t at = place(secant, age);
    double overlap =
        sy_dot(secant->changes + at * secant->size, vector, secant->size) / secant->products[at];
    add_scaled(secant->size, factors[at] - overlap, secant->steps + at * secant->size, vector);
  }
}
