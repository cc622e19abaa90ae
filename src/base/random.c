/* random.c: counter-based random numbers (Salmon et al. 2011): the counter is (index, stream,
 * draw), the key is the seed. */
#include "base/random.h"

#include <Random123/philox.h>

static philox4x32_ctr_t random_counter(uint64_t seed, uint32_t stream, uint32_t draw,
                                       uint64_t index) {
  philox4x32_ctr_t counter = {{(uint32_t)index, (uint32_t)(index >> 32), stream, draw}};
  philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  return philox4x32(counter, key);
}

void sy_random_words(uint64_t seed, uint32_t stream, uint32_t draw, uint64_t index,
                     uint32_t words[4]) {
  philox4x32_ctr_t bits = random_counter(seed, stream, draw, index);
  for (size_t i = 0; i < 4; i++) words[i] = bits.v[i];
}

uint64_t sy_random_bits(uint64_t seed, uint32_t stream, uint64_t index) {
  philox4x32_ctr_t bits = random_counter(seed, stream, 0, index);
  return bits.v[0] | (uint64_t)bits.v[1] << 32;
}

double sy_random_uniform(uint64_t seed, uint32_t stream, uint64_t index) {
  return (double)(sy_random_bits(seed, stream, index) >> 11) * 0x1p-53;
}
