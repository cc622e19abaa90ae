/* array_numbers.c: numbers of another byte order or width than this machine's. */
#include "base/array.h"
#include "store/array_header.h"

#include <string.h>

static bool are_bits(const unsigned char *from, size_t n) {
  unsigned char all = 0;
  for (size_t i = 0; i < n; i++) all |= from[i];
  return all <= 1;
}

bool sy_array_numbers_fit(const sy_array_header *header, const unsigned char *from, size_t n) {
  if (header->boolean) return are_bits(from, n);
  size_t width = sy_dtype_size(header->dtype);
  return !header->swapped && header->width == width && header->offset % width == 0;
}

/* IEEE 754 binary16; every one is a float32. */
static float of_half(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31,
           fraction = half & 1023;
  uint32_t bits = exponent == 31 ? 0x7F800000 : (exponent + 112) << 23;
  if (exponent == 0) { /* below 2^-14: a multiple of 2^-24 */
    float small = (float)fraction * 0x1p-24F;
    memcpy(&bits, &small, sizeof bits);
    fraction = 0;
  }
  bits |= sign | fraction << 13;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint16_t load_2(const unsigned char *at, bool swapped) {
  uint16_t value;
  memcpy(&value, at, sizeof value);
  return swapped ? __builtin_bswap16(value) : value;
}

static void convert_halves(const unsigned char *from, size_t n, bool swapped, float *to) {
  for (size_t i = 0; i < n; i++) to[i] = of_half(load_2(from + 2 * i, swapped));
}

static void convert_long(const unsigned char *from, size_t n, size_t width, double *to) {
  for (size_t i = 0; i < n; i++) {
    long double value;
    memcpy(&value, from + i * width, sizeof value);
    to[i] = (double)value;
  }
}

static void swap_2(const unsigned char *from, size_t n, unsigned char *to) {
  for (size_t i = 0; i < n; i++) {
    uint16_t value = load_2(from + 2 * i, true);
    memcpy(to + 2 * i, &value, sizeof value);
  }
}

static void swap_4(const unsigned char *from, size_t n, unsigned char *to) {
  for (size_t i = 0; i < n; i++) {
    uint32_t value;
    memcpy(&value, from + 4 * i, sizeof value);
    value = __builtin_bswap32(value);
    memcpy(to + 4 * i, &value, sizeof value);
  }
}

static void swap_8(const unsigned char *from, size_t n, unsigned char *to) {
  for (size_t i = 0; i < n; i++) {
    uint64_t value;
    memcpy(&value, from + 8 * i, sizeof value);
    value = __builtin_bswap64(value);
    memcpy(to + 8 * i, &value, sizeof value);
  }
}

void sy_array_numbers_convert(const sy_array_header *header, const unsigned char *from, size_t n,
                              void *to) {
  size_t width = header->width;
  if (n == 0) return;
  if (header->boolean)
    for (size_t i = 0; i < n; i++) ((unsigned char *)to)[i] = from[i] != 0;
  else if (header->dtype == SY_F32 && width == 2)
    convert_halves(from, n, header->swapped, to);
  else if (header->dtype == SY_F64 && width > 8)
    convert_long(from, n, width, to);
  else if (!header->swapped || width == 1)
    memcpy(to, from, n * width);
  else if (width == 2)
    swap_2(from, n, to);
  else if (width == 4)
    swap_4(from, n, to);
  else
    swap_8(from, n, to);
}
