/* idx.c: the header of IDX, the format of MNIST: two zero bytes, the type, the number of axes, then
 * their sizes; all big-endian (Y. LeCun, "The MNIST database"). */
#include "base/array.h"
#include "base/error.h"
#include "store/array_header.h"

static bool find_type(unsigned code, sy_dtype *dtype) {
  static const struct {
    unsigned code;
    sy_dtype dtype;
  } types[] = {{0x08, SY_U8},  {0x09, SY_I8},  {0x0B, SY_I16},
               {0x0C, SY_I32}, {0x0D, SY_F32}, {0x0E, SY_F64}};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    if (types[i].code != code) continue;
    *dtype = types[i].dtype;
    return true;
  }
  return false;
}

bool sy_idx_is(const unsigned char *bytes, size_t size) {
  sy_dtype dtype;
  return size >= 4 && bytes[0] == 0 && bytes[1] == 0 && find_type(bytes[2], &dtype) && bytes[3] > 0;
}

static size_t take_size(const unsigned char *at) {
  return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

sy_status sy_idx_header(const char *path, const unsigned char *bytes, size_t size,
                        sy_array_header *header, sy_error *error) {
  *header = (sy_array_header){.n_axes = bytes[3]};
  if (header->n_axes > SY_MAX_AXES)
    return sy_fail(error, SY_INVALID_DATA, "%s: an IDX array of %zu axes; %d are the most", path,
                   header->n_axes, SY_MAX_AXES);
  header->offset = 4 + 4 * header->n_axes;
  if (size < header->offset)
    return sy_fail(error, SY_INVALID_DATA,
                   "%s: cut short within its IDX header of %zu bytes; fetch it again", path,
                   header->offset);
  (void)find_type(bytes[2], &header->dtype);
  header->width = sy_dtype_size(header->dtype);
  const uint16_t one = 1;
  header->swapped = header->width > 1 && *(const unsigned char *)&one == 1;
  for (size_t i = 0; i < header->n_axes; i++) header->shape[i] = take_size(bytes + 4 + 4 * i);
  return SY_OK;
}
