/* fuzz_array.c: a file that may be an array: NumPy's .npy or IDX. The input is the file. */
#include <string.h>

#include "base/array.h"
#include "fuzz.h"

#include <steelyard/store.h>

/* Touches the first and the last element: the shape promises no more than there is. */
static void check_array(const sy_array *array, size_t size) {
  size_t n = 1, last = 0, width = sy_dtype_size(array->dtype);
  FUZZ_REQUIRE(array->dtype >= SY_F32 && array->dtype <= SY_U64);
  FUZZ_REQUIRE(array->n_axes <= SY_MAX_AXES && array->data);
  FUZZ_REQUIRE((uintptr_t)array->data % width == 0);
  for (size_t i = 0; i < array->n_axes; i++) {
    FUZZ_REQUIRE(array->strides[i] > 0);
    n *= array->shape[i];
    last += n ? (array->shape[i] - 1) * (size_t)array->strides[i] : 0;
  }
  if (n == 0) return;
  FUZZ_REQUIRE(n <= size && last == n - 1);
  const volatile unsigned char *bytes = array->data;
  (void)bytes[0];
  (void)bytes[n * width - 1];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = fuzz_file("array", data, size);
  sy_array_file *file;
  sy_error error;
  bool is = sy_array_file_is(path);
  fuzz_soil(&error, sizeof error);
  sy_status status = sy_array_file_open(path, &file, &error);
  FUZZ_REQUIRE(is || status != SY_OK);
  if (status == SY_OK)
    check_array(sy_array_file_array(file), size);
  else
    fuzz_check_error(status, &error, data, size);
  sy_array_file_close(file);
  return 0;
}
