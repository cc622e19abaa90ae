/* random.c: counter-based random numbers (Salmon et al. 2011): the counter is (index, stream), the
 * key is the seed. */
#include "base/random.h"

#include <Random123/philox.h>

uint64_t sy_random_bits(uint64_t seed, uint32_t stream, uint64_t index) {
  philox4x32_ctr_t counter = {{(uint32_t)index, (uint32_t)(index >> 32), stream, 0}};
  philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  philox4x32_ctr_t bits = philox4x32(counter, key);
  return bits.v[0] | (uint64_t)bits.v[1] << 32;
}

double sy_random_uniform(uint64_t seed, uint32_t stream, uint64_t index) {
  return (double)(sy_random_bits(seed, stream, index) >> 11) * 0x1p-53;
}
