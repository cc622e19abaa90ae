/* test_labels_tally_properties.c: however ids lie and wander, each is tallied as often as it came.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "labels/id_tally.h"
#include "random_arrays.h"

enum { STREAM = 24 * SY_ID_TILE };

typedef struct id_rows {
  uint64_t id, rows;
} id_rows;

static int compare_ids(const void *a, const void *b) { /* begins with an id */
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return (left > right) - (left < right);
}

/* Entries that have rows, sorted. */
static size_t read_tally(const sy_id_tally *tally, id_rows *entries) {
  size_t n = 0;
  for (size_t e = 0; e < sy_id_tally_entries(tally); e++)
    if (tally->rows[e] > 0) entries[n++] = (id_rows){sy_id_tally_id(tally, e), tally->rows[e]};
  qsort(entries, n, sizeof *entries, compare_ids);
  return n;
}

static void check_tally(const sy_id_tally *tally, uint64_t *ids, size_t n) {
  static id_rows entries[STREAM];
  size_t n_entries = read_tally(tally, entries), e = 0;
  qsort(ids, n, sizeof *ids, compare_ids);
  for (size_t i = 0; i < n; e++) {
    size_t run = 1;
    while (i + run < n && ids[i + run] == ids[i]) run++;
    assert_true(e < n_entries);
    assert_true(entries[e].id == ids[i]);
    assert_int_equal(entries[e].rows, run);
    i += run;
  }
  assert_int_equal(n_entries, e);
}

/* Ids that wander, so that the window has to follow, widen or be given up. */
static void wandering_ids_are_tallied(void **state) {
  (void)state;
  static const int64_t spreads[] = {1, 5, 40, 250, 300, 3000, 70000, INT64_C(1) << 40};
  static uint64_t ids[STREAM], tile[SY_ID_TILE];
  random_begin();
  for (size_t trial = 0; trial < 120; trial++) {
    sy_dtype dtype = INTEGERS[random_below(8)];
    sy_id_tally tally = sy_id_tally_of(dtype);
    size_t n = 0, soon = random_below(2) ? STREAM : 100;
    bool few = random_below(2); /* a new one with each tile */
    int64_t origin = random_below(3) ? 0 : (int64_t)random_bits();
    int64_t spread = spreads[random_below(8)], drift = spreads[random_below(8)];
    for (size_t t = 0; t < 24 && n < 9 * SY_ID_TILE; t++) {
      size_t count = random_below(SY_ID_TILE + 1);
      sy_array view = sy_array_of(tile, dtype, 1, &count);
      for (size_t i = 0; i < count; i++) {
        uint64_t step =
            few ? random_below(t + 1) * (uint64_t)spread : random_bits() % (uint64_t)spread;
        int64_t id = clip((int64_t)((uint64_t)origin + step), dtype);
        store_element(&view, i, id);
        ids[n++] = (uint64_t)id;
      }
      assert_true(sy_id_tally_add(&tally, tile, count, soon));
      uint64_t moved = (uint64_t)origin + (uint64_t)(random_below(3) ? drift : -drift) / 3;
      if (random_below(3) == 0) origin = (int64_t)moved;
    }
    check_tally(&tally, ids, n);
    sy_id_tally_empty(&tally);
    check_tally(&tally, ids, 0);
    assert_true(sy_id_tally_add(&tally, tile, 1, soon));
    uint64_t again = sy_id_at(tile, dtype, 0);
    check_tally(&tally, &again, 1);
    sy_id_tally_free(&tally);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(wandering_ids_are_tallied),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
