/* test_base_array.c: arrays of any shape and strides, read in C order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrays.h"
#include "base/array.h"
#include "random_arrays.h"

static void row_major_is_made(void **state) {
  (void)state;
  const int16_t data[24] = {0};
  sy_array array = sy_array_of(data, SY_I16, 3, (const size_t[]){2, 3, 4});
  assert_int_equal(array.strides[0], 12);
  assert_int_equal(array.strides[1], 4);
  assert_int_equal(array.strides[2], 1);
  assert_int_equal(array.n_axes, 3);
  assert_int_equal(sy_array_of(data, SY_I16, 0, NULL).n_axes, 0);
}

/* What lies one after the other is not copied; nor is one number, whatever its strides. */
static void contiguous_blocks_stay_in_place(void **state) {
  (void)state;
  int32_t data[24] = {0}, tile[24];
  sy_array array = sy_array_of(data, SY_I32, 3, (const size_t[]){2, 3, 4});
  assert_ptr_equal(sy_array_block(&array, 5, 19, tile), data + 5);
  sy_array ones = sy_array_of(data, SY_I32, 4, (const size_t[]){1, 24, 1, 1});
  ones.strides[0] = ones.strides[2] = 99;
  assert_ptr_equal(sy_array_block(&ones, 3, 4, tile), data + 3);
  sy_array scalar = sy_array_of(data + 7, SY_I32, 0, NULL);
  assert_ptr_equal(sy_array_block(&scalar, 0, 1, tile), data + 7);
}

/* Numbers at odd addresses are copied to where a pointer to their type may point. */
static void odd_addresses_are_read(void **state) {
  (void)state;
  const double numbers[] = {1.5, -2, 7};
  char bytes[sizeof numbers + 8] = {0};
  for (size_t shift = 0; shift < 8; shift++) {
    const size_t n = 3;
    double tile[3], values[3];
    memcpy(bytes + shift, numbers, sizeof numbers);
    sy_array array = sy_array_of(bytes + shift, SY_F64, 1, &n);
    bool odd = (uintptr_t)(bytes + shift) % sizeof *numbers != 0;
    const void *block = sy_array_block(&array, 0, 3, tile);
    assert_int_equal(block == tile, odd);
    assert_memory_equal(block, numbers, sizeof numbers);
    sy_array_block_f64(&array, 1, 2, values);
    assert_memory_equal(values, numbers + 1, 2 * sizeof *numbers);
  }
}

/* Any piece of any layout, against one element at a time. */
static void blocks_are_gathered(void **state) {
  (void)state;
  random_begin();
  for (size_t trial = 0; trial < 2000; trial++) {
    size_t n_axes = 1 + random_below(5), shape[5];
    for (size_t a = 0; a < n_axes; a++) shape[a] = 1 + random_below(6);
    size_t n = shape_product(shape, n_axes);
    random_array array = random_layout((sy_dtype)random_below(10), shape, n_axes);
    for (size_t i = 0; i < n; i++) store_element(&array.view, i, (int64_t)(i % 127));
    size_t first = random_below(n), count = random_below(n - first + 1);
    size_t size = element_size(array.view.dtype);
    assert_int_equal(sy_dtype_size(array.view.dtype), size);
    uint64_t tile[6 * 6 * 6 * 6 * 6];
    double values[6 * 6 * 6 * 6 * 6];
    const char *block = sy_array_block(&array.view, first, count, tile);
    sy_array_block_f64(&array.view, first, count, values);
    bool floats = !sy_dtype_is_integer(array.view.dtype);
    for (size_t i = 0; i < count; i++) {
      assert_memory_equal(block + i * size, element_at(&array.view, first + i), size);
      double number = (double)((first + i) % 127);
      assert_true(values[i] == (floats ? number / 1024 : number));
    }
    free(array.memory);
  }
}

static void repeated_axes_are_read(void **state) {
  (void)state;
  const float data[] = {1, 2};
  sy_array array = sy_array_of(data, SY_F32, 2, (const size_t[]){2, 3});
  array.strides[0] = 1;
  array.strides[1] = 0;
  double values[6];
  sy_array_block_f64(&array, 0, 6, values);
  for (size_t i = 0; i < 6; i++) assert_true(values[i] == (i < 3 ? 1 : 2));
  array.strides[0] = 0;
  sy_array_block_f64(&array, 2, 4, values);
  for (size_t i = 0; i < 4; i++) assert_true(values[i] == 1);
}

static void every_type_becomes_numbers(void **state) {
  (void)state;
  static const struct {
    sy_dtype dtype;
    uint64_t bits;
    double value;
    const char *name;
  } cases[] = {{SY_I8, 0x80, -128, "int8"},
               {SY_U8, 0x80, 128, "uint8"},
               {SY_I16, 0x8000, -32768, "int16"},
               {SY_U16, 0x8000, 32768, "uint16"},
               {SY_I32, 0x80000000, -0x1p31, "int32"},
               {SY_U32, 0x80000000, 0x1p31, "uint32"},
               {SY_I64, 0x8000000000000000, -0x1p63, "int64"},
               {SY_U64, 0x8000000000000000, 0x1p63, "uint64"},
               {SY_F32, 0x40200000, 2.5, "float32"},
               {SY_F64, 0x4004000000000000, 2.5, "float64"}};
  for (size_t c = 0; c < COUNT(cases); c++) {
    uint8_t b8 = (uint8_t)cases[c].bits;
    uint16_t b16 = (uint16_t)cases[c].bits;
    uint32_t b32 = (uint32_t)cases[c].bits;
    size_t size = sy_dtype_size(cases[c].dtype);
    const void *data = size == 1   ? (const void *)&b8
                       : size == 2 ? (const void *)&b16
                       : size == 4 ? (const void *)&b32
                                   : (const void *)&cases[c].bits;
    sy_array array = sy_array_of(data, cases[c].dtype, 0, NULL);
    double value;
    sy_array_block_f64(&array, 0, 1, &value);
    assert_true(value == cases[c].value);
    assert_string_equal(sy_dtype_name(cases[c].dtype), cases[c].name);
    assert_int_equal(sy_dtype_is_integer(cases[c].dtype), c < 8);
    assert_int_equal(sy_dtype_has_sign(cases[c].dtype), c < 8 && cases[c].value < 0);
  }
  assert_string_equal(sy_dtype_name((sy_dtype)99), "no known type");
}

static void shapes_are_counted_and_told(void **state) {
  (void)state;
  size_t count, huge = (size_t)1 << 40;
  assert_true(sy_shape_count((const size_t[]){3, 4, 5}, 3, &count) && count == 60);
  assert_true(sy_shape_count(NULL, 0, &count) && count == 1);
  assert_true(sy_shape_count((const size_t[]){huge, huge, 0}, 3, &count) && count == 0);
  assert_false(sy_shape_count((const size_t[]){huge, huge}, 2, &count));
  char text[SY_SHAPE_SIZE];
  assert_string_equal(sy_shape_text((const size_t[]){3, 4}, 2, text), "(3, 4)");
  assert_string_equal(sy_shape_text(&huge, 1, text), "(1099511627776)");
  assert_string_equal(sy_shape_text(NULL, 0, text), "()");
  size_t many[SY_MAX_AXES];
  for (size_t a = 0; a < SY_MAX_AXES; a++) many[a] = SIZE_MAX;
  sy_shape_text(many, SY_MAX_AXES, text);
  assert_string_equal(text + strlen(text) - 6, ", ...)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(row_major_is_made),
      cmocka_unit_test(contiguous_blocks_stay_in_place),
      cmocka_unit_test(odd_addresses_are_read),
      cmocka_unit_test(blocks_are_gathered),
      cmocka_unit_test(repeated_axes_are_read),
      cmocka_unit_test(every_type_becomes_numbers),
      cmocka_unit_test(shapes_are_counted_and_told),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
