/* checksum.c: FNV-1a, 64 bits (Fowler, Noll, Vo). */
#include <steelyard/base.h>

uint64_t sy_checksum(const void *bytes, size_t size) {
  const unsigned char *byte = bytes;
  uint64_t hash = 0xCBF29CE484222325u;
  for (size_t i = 0; i < size; i++) hash = (hash ^ byte[i]) * 0x100000001B3u;
  return hash;
}
