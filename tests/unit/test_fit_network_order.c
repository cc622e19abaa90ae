/* test_fit_network_order.c: shuffles and balanced sampling, held to chances and to going round. */
#include "network_calls.h"

#include "fit/network/order.h"

enum { STREAM = 8 };

static sy_shuffle_key key_of(uint64_t seed, uint32_t member, uint64_t which) {
  return (sy_shuffle_key){seed, STREAM, member, which};
}

static void shuffled(sy_shuffle_key key, uint32_t *places, size_t n) {
  for (size_t i = 0; i < n; i++) places[i] = (uint32_t)i;
  sy_shuffle(key, places, n);
}

static void test_shuffles_hold_all(void **state) {
  (void)state;
  enum { N = 1000 };
  uint32_t places[N], again[N];
  bool seen[N] = {0};
  shuffled(key_of(1, 0, 5), places, N);
  for (size_t i = 0; i < N; i++) {
    assert_false(seen[places[i]]);
    seen[places[i]] = true;
  }
  shuffled(key_of(1, 0, 5), again, N);
  assert_memory_equal(places, again, sizeof places);
}

/* Every part of the key counts. */
static void test_keys_differ(void **state) {
  (void)state;
  enum { N = 64, KEYS = 6 };
  const sy_shuffle_key keys[KEYS] = {key_of(1, 0, 5),
                                     key_of(2, 0, 5),
                                     key_of(1, 1, 5),
                                     key_of(1, 0, 6),
                                     key_of(1, 0, 5 + (1ull << 32)),
                                     {1, STREAM + 1, 0, 5}};
  uint32_t places[KEYS][N];
  for (size_t k = 0; k < KEYS; k++) shuffled(keys[k], places[k], N);
  for (size_t k = 0; k < KEYS; k++)
    for (size_t j = 0; j < k; j++) assert_memory_not_equal(places[k], places[j], sizeof places[k]);
}

/* All 24 orders of four come equally often: chi square with 23 degrees of freedom, whose 99.99 %
 * point is 60. */
static void test_orders_are_fair(void **state) {
  (void)state;
  enum { TIMES = 48000, ORDERS = 24 };
  unsigned counts[256] = {0};
  uint32_t places[4];
  for (uint64_t t = 0; t < TIMES; t++) {
    shuffled(key_of(9, 3, t), places, 4);
    counts[places[0] + 4 * places[1] + 16 * places[2] + 64 * places[3]]++;
  }
  double expected = (double)TIMES / ORDERS, square = 0;
  unsigned found = 0;
  for (size_t o = 0; o < 256; o++) {
    if (counts[o] == 0) continue;
    found++;
    square += ((double)counts[o] - expected) * ((double)counts[o] - expected) / expected;
  }
  assert_int_equal(found, ORDERS);
  assert_true(square < 60);
}

/* --- balanced sampling --- */

/* Rows of classes 0, 2 and 3 (none of 1) of 30, 7 and 1 rows among 40, two of which are out. */
typedef struct sampling_world {
  int32_t ids[40];
  double weights[40];
  uint32_t places[38];
  size_t n;
} sampling_world;

static sampling_world new_sampling(void) {
  sampling_world made = {.n = 0};
  uint64_t seed = 4;
  for (size_t i = 0; i < 40; i++) {
    made.ids[i] = i % 5 == 2 ? 2 : i == 20 ? 3 : 0;
    made.weights[i] = 0.1 + uniform(&seed) * (i % 7 == 0 ? 9 : 1);
    if (i != 2 && i != 39) made.places[made.n++] = (uint32_t)i;
  }
  return made;
}

static sy_sampler sampler_of(const sampling_world *world, bool weighted) {
  sy_sampler sampler;
  assert_int_equal(sy_sampler_make(world->ids, 4, world->places, world->n,
                                   weighted ? world->weights : NULL, &sampler, NULL),
                   SY_OK);
  assert_int_equal(sampler.n_classes, 3);
  return sampler;
}

/* Any three neighbours are of the three classes. */
static void test_classes_take_turns(void **state) {
  (void)state;
  enum { DRAWS = 300 };
  sampling_world world = new_sampling();
  sy_sampler sampler = sampler_of(&world, true);
  uint32_t drawn[DRAWS];
  sy_sampler_draw(&sampler, 7, 0, 0, DRAWS, drawn);
  for (size_t d = 0; d + 3 <= DRAWS; d++) {
    unsigned seen = 0;
    for (size_t j = d; j < d + 3; j++) seen |= 1u << world.ids[drawn[j]];
    assert_int_equal(seen, 1 | 4 | 8);
  }
  sy_sampler_clear(&sampler);
}

/* Without weights, each round of a class has each of its rows once. */
static void test_rounds(void **state) {
  (void)state;
  enum { DRAWS = 3 * 7 * 20 };
  sampling_world world = new_sampling();
  sy_sampler sampler = sampler_of(&world, false);
  uint32_t drawn[DRAWS];
  size_t size = sampler.starts[2] - sampler.starts[1], own = 0, seen[40] = {0};
  sy_sampler_draw(&sampler, 7, 0, 0, DRAWS, drawn);
  for (size_t d = 0; d < DRAWS; d++) {
    if (world.ids[drawn[d]] != 2) continue;
    assert_int_equal(seen[drawn[d]], own / size);
    seen[drawn[d]]++;
    own++;
  }
  assert_int_equal(own, DRAWS / 3);
  sy_sampler_clear(&sampler);
}

/* Draws are numbered: where an epoch begins changes none of them. */
static void test_draws_from_anywhere(void **state) {
  (void)state;
  enum { DRAWS = 400 };
  sampling_world world = new_sampling();
  sy_sampler sampler = sampler_of(&world, true);
  uint32_t all[DRAWS], part[DRAWS];
  sy_sampler_draw(&sampler, 3, 2, 0, DRAWS, all);
  for (size_t first = 0; first < DRAWS; first += 37) {
    sy_sampler_draw(&sampler, 3, 2, first, DRAWS - first, part);
    assert_memory_equal(part, all + first, (DRAWS - first) * sizeof *all);
  }
  sy_sampler_clear(&sampler);
}

/* How often a draw of each number is each row, over many seeds: a third for the class, then by
 * weight. So the expected gradient of a step is that of weights n / (K n_k). */
static void check_chances(bool weighted) {
  enum { DRAWS = 5, SEEDS = 30000 };
  sampling_world world = new_sampling();
  sy_sampler sampler = sampler_of(&world, weighted);
  static unsigned counts[DRAWS][40];
  uint32_t drawn[DRAWS];
  double sums[4] = {0};
  memset(counts, 0, sizeof counts);
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    sy_sampler_draw(&sampler, seed, 1, 17, DRAWS, drawn);
    for (size_t d = 0; d < DRAWS; d++) counts[d][drawn[d]]++;
  }
  for (size_t i = 0; i < world.n; i++)
    sums[world.ids[world.places[i]]] += weighted ? world.weights[world.places[i]] : 1;
  for (size_t i = 0; i < world.n; i++) {
    uint32_t place = world.places[i];
    double chance = (weighted ? world.weights[place] : 1) / sums[world.ids[place]] / 3;
    double deviation = sqrt(SEEDS * chance * (1 - chance));
    for (size_t d = 0; d < DRAWS; d++)
      if (!(fabs((double)counts[d][place] - SEEDS * chance) < 5 * deviation))
        fail_msg("draw %zu is row %u %u times, not %g (+- %g)", d, place, counts[d][place],
                 SEEDS * chance, deviation);
  }
  assert_int_equal(counts[0][2] + counts[0][39], 0);
  sy_sampler_clear(&sampler);
}

static void test_chances(void **state) {
  (void)state;
  check_chances(false);
}

static void test_chances_by_weight(void **state) {
  (void)state;
  check_chances(true);
}

/* Of a round, a row is drawn as often as its share of it says, but for one draw at either end; so
 * the counts vary far less than those of independent draws, whose variance is share (1 - share /
 * n).
 */
static void test_low_variance(void **state) {
  (void)state;
  enum { ROUNDS = 2000 };
  sampling_world world = new_sampling();
  sy_sampler sampler = sampler_of(&world, true);
  size_t size = sampler.starts[1];
  uint32_t drawn[3 * 40];
  double varied = 0, independent = 0;
  for (uint64_t round = 0; round < ROUNDS; round++) {
    unsigned counts[40] = {0};
    sy_sampler_draw(&sampler, 11, 0, round * 3 * size, 3 * size, drawn);
    for (size_t d = 0; d < 3 * size; d++) counts[drawn[d]]++;
    for (size_t i = 0; i < size; i++) {
      uint32_t place = sampler.rows[i];
      double share = world.weights[place] / sampler.totals[0] * (double)size;
      assert_true(fabs(counts[place] - share) < 2);
      varied += (counts[place] - share) * (counts[place] - share) / ROUNDS;
      independent += share * (1 - share / (double)size) / ROUNDS;
    }
  }
  assert_true(varied < independent / 2);
  sy_sampler_clear(&sampler);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_shuffles_hold_all),
                                     cmocka_unit_test(test_keys_differ),
                                     cmocka_unit_test(test_orders_are_fair),
                                     cmocka_unit_test(test_classes_take_turns),
                                     cmocka_unit_test(test_rounds),
                                     cmocka_unit_test(test_draws_from_anywhere),
                                     cmocka_unit_test(test_chances),
                                     cmocka_unit_test(test_chances_by_weight),
                                     cmocka_unit_test(test_low_variance)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
