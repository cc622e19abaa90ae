/* race.c: blocks that each write their own slot, and with an argument all of them one. */
#include "base/parallel.h"

#include <steelyard/base.h>

enum { BLOCKS = 20000 };

typedef struct sums {
  double slots[BLOCKS], all;
  int racing;
} sums;

static void add(void *context, size_t block) {
  sums *into = context;
  double sum = 0;
  for (int i = 0; i < 100; i++) sum += i;
  into->slots[block] = sum;
  if (into->racing) into->all += sum;
}

int main(int argc, char **argv) {
  static sums into;
  (void)argv;
  into.racing = argc > 1;
  sy_threads_set(2);
  sy_parallel_blocks(BLOCKS, add, &into);
  sy_tree_sum(into.slots, BLOCKS, 1);
  return into.slots[0] == 4950.0 * BLOCKS ? 0 : 1;
}
