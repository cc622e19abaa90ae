/* normalise.c: log softmax over whole rows. */
#include "decide/normalise.h"

SY_CLONES static void normalise_whole_rows(double *rows, size_t n, size_t n_classes) {
  double divisors[SY_TILE_ROWS];
  size_t most = sy_normalise_rows(n_classes);
  for (size_t first = 0; first < n; first += most) {
    size_t n_rows = n - first < most ? n - first : most;
    sy_rows_layout l = {n_rows, n_classes, n_classes, 1};
    sy_normalise(rows + first * n_classes, NULL, l, true, divisors);
  }
}

void sy_normalise_whole_rows(double *rows, size_t n, size_t n_classes) {
  normalise_whole_rows(rows, n, n_classes);
}
