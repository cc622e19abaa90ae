/* test_store_array.c: arrays in files: NumPy's .npy and IDX, byte for byte. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"

#include <float.h>
#include <math.h>
#include <steelyard/store.h>
#include <sys/stat.h>
#include <unistd.h>

static char path[] = "/tmp/steelyard-array-XXXXXX";

static int make_file(void **state) {
  (void)state;
  int file = mkstemp(path);
  return file < 0 ? -1 : close(file);
}

static int remove_file(void **state) {
  (void)state;
  return unlink(path);
}

static void put(const void *bytes, size_t size) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

/* A .npy as NumPy writes it: the numbers begin at a multiple of 64. */
static void put_npy(int version, const char *dictionary, const void *numbers, size_t size) {
  unsigned char bytes[4096] = "\x93NUMPY";
  size_t begin = version == 1 ? 10 : 12, length = strlen(dictionary) + 1;
  while ((begin + length) % 64) length++;
  assert_true(begin + length + size <= sizeof bytes);
  bytes[6] = (unsigned char)version;
  bytes[8] = (unsigned char)length;
  bytes[9] = (unsigned char)(length >> 8);
  memset(bytes + begin, ' ', length);
  memcpy(bytes + begin, dictionary, strlen(dictionary));
  bytes[begin + length - 1] = '\n';
  if (size) memcpy(bytes + begin + length, numbers, size);
  put(bytes, begin + length + size);
}

static sy_array_file *open_array(const sy_array **array) {
  sy_array_file *file;
  sy_error error;
  assert_true(sy_array_file_is(path));
  if (sy_array_file_open(path, &file, &error) != SY_OK) fail_msg("%s", error.text);
  *array = sy_array_file_array(file);
  return file;
}

static void check_refused(sy_status wanted, const char *words) {
  sy_error error = {SY_OK, ""};
  sy_array_file *file = (sy_array_file *)&error;
  sy_status status = sy_array_file_open(path, &file, &error);
  if (status != wanted) fail_msg("%s: %s", sy_status_name(status), error.text);
  assert_null(file);
  assert_int_equal(error.status, wanted);
  if (!strstr(error.text, words)) fail_msg("'%s' does not hold '%s'", error.text, words);
  assert_int_equal(strncmp(error.text, path, strlen(path)), 0);
}

static void check_npy_refused(const char *dictionary, const char *words) {
  put_npy(1, dictionary, "12345678", 8);
  check_refused(SY_INVALID_DATA, words);
}

/* Element i of an array of one axis. */
static double at(const sy_array *array, size_t i) {
  const char *data = array->data;
  ptrdiff_t k = (ptrdiff_t)i * array->strides[0];
  switch (array->dtype) {
#define CASE(name, type)                                                                           \
  case name:                                                                                       \
    return (double)((const type *)(const void *)data)[k];
    CASE(SY_F32, float)
    CASE(SY_F64, double)
    CASE(SY_I8, int8_t)
    CASE(SY_I16, int16_t)
    CASE(SY_I32, int32_t)
    CASE(SY_I64, int64_t)
    CASE(SY_U8, uint8_t)
    CASE(SY_U16, uint16_t)
    CASE(SY_U32, uint32_t)
    CASE(SY_U64, uint64_t)
#undef CASE
  }
  return NAN;
}

static const struct {
  const char *type; /* as NumPy writes it, byte order aside */
  sy_dtype dtype;
  size_t width;
  double first, second;
  unsigned char bytes[16]; /* of both, the lowest byte first */
} types[] = {
    {"b1", SY_U8, 1, 1, 0, {1, 0}},
    {"i1", SY_I8, 1, -2, 127, {0xFE, 0x7F}},
    {"u1", SY_U8, 1, 254, 1, {0xFE, 1}},
    {"i2", SY_I16, 2, -2, 513, {0xFE, 0xFF, 1, 2}},
    {"u2", SY_U16, 2, 65534, 513, {0xFE, 0xFF, 1, 2}},
    {"i4", SY_I32, 4, -2, 16909060, {0xFE, 0xFF, 0xFF, 0xFF, 4, 3, 2, 1}},
    {"u4", SY_U32, 4, 4294967294.0, 16909060, {0xFE, 0xFF, 0xFF, 0xFF, 4, 3, 2, 1}},
    {"i8",
     SY_I64,
     8,
     -2,
     0x1p32,
     {0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0}},
    {"u8", SY_U64, 8, 0x1p63, 0x1p32, {0, 0, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0, 0}},
    {"f2", SY_F32, 2, 1.5, -2, {0, 0x3E, 0, 0xC0}},
    {"f4", SY_F32, 4, 1.5, -2, {0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0}},
    {"f8", SY_F64, 8, 1.5, -2, {0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0}},
};

static void every_type_comes_in_both_byte_orders(void **state) {
  (void)state;
  for (size_t t = 0; t < sizeof types / sizeof *types; t++)
    for (int big = 0; big < 2; big++) {
      size_t width = types[t].width;
      unsigned char bytes[16];
      for (size_t i = 0; i < 2 * width; i++)
        bytes[i] = types[t].bytes[big ? i / width * width + width - 1 - i % width : i];
      char text[128];
      snprintf(text, sizeof text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (2,), }",
               width == 1 ? '|'
               : big      ? '>'
                          : '<',
               types[t].type);
      put_npy(1 + (int)t % 3, text, bytes, 2 * width);
      const sy_array *array;
      sy_array_file *file = open_array(&array);
      assert_int_equal(array->dtype, types[t].dtype);
      assert_int_equal(array->n_axes, 1);
      assert_int_equal(array->shape[0], 2);
      assert_true(at(array, 0) == types[t].first && at(array, 1) == types[t].second);
      sy_array_file_close(file);
    }
}

/* All 65536 of them against the formula of IEEE 754. */
static void halves_are_exact(void **state) {
  (void)state;
  enum { EACH = 1024 };
  for (uint32_t first = 0; first < 65536; first += EACH) {
    uint16_t halves[EACH];
    for (uint32_t i = 0; i < EACH; i++) halves[i] = (uint16_t)(first + i);
    put_npy(1, "{'descr': '=f2', 'fortran_order': False, 'shape': (1024,)}", halves, sizeof halves);
    const sy_array *array;
    sy_array_file *file = open_array(&array);
    const float *values = array->data;
    for (uint32_t i = 0; i < EACH; i++) {
      int exponent = halves[i] >> 10 & 31, fraction = halves[i] & 1023;
      double size = exponent == 31 ? (fraction ? NAN : INFINITY)
                    : exponent     ? ldexp(1 + fraction / 1024.0, exponent - 15)
                                   : ldexp(fraction / 1024.0, -14);
      if (isnan(size))
        assert_true(isnan(values[i]));
      else
        assert_true((double)values[i] == (halves[i] & 0x8000 ? -size : size) &&
                    !signbit(values[i]) == !(halves[i] & 0x8000));
    }
    sy_array_file_close(file);
  }
}

static void long_floats_become_doubles(void **state) {
  (void)state;
  const long double values[] = {1.5L, -0.1L, 1e300L};
  char text[128];
  snprintf(text, sizeof text, "{'descr': '=f%zu', 'fortran_order': False, 'shape': (3,), }",
           sizeof *values);
  put_npy(1, text, values, sizeof values);
  const sy_array *array;
  sy_array_file *file = open_array(&array);
  assert_int_equal(array->dtype, SY_F64);
  for (size_t i = 0; i < 3; i++) assert_true(at(array, i) == (double)values[i]);
  sy_array_file_close(file);
  put_npy(1, "{'descr': '>f16', 'fortran_order': False, 'shape': (1,), }", "0123456789abcdef", 16);
  check_refused(SY_INVALID_DATA, "of another kind of machine; save array.astype('float64')");
}

static void shapes_and_orders_are_told(void **state) {
  (void)state;
  const uint8_t bytes[24] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  const sy_array *array;
  put_npy(2, "{ 'shape':(2 , 3,4) ,'fortran_order' :False,\"descr\":\"|u1\" }", bytes, 24);
  sy_array_file *file = open_array(&array);
  assert_int_equal(array->n_axes, 3);
  assert_int_equal(array->shape[1], 3);
  assert_true(array->strides[0] == 12 && array->strides[1] == 4 && array->strides[2] == 1);
  sy_array_file_close(file);
  put_npy(3, "{'descr': '|u1', 'fortran_order': True, 'shape': (2L, 3L, 4L), }", bytes, 24);
  file = open_array(&array);
  assert_true(array->strides[0] == 1 && array->strides[1] == 2 && array->strides[2] == 6);
  assert_true(array->shape[0] == 2 && array->shape[2] == 4);
  sy_array_file_close(file);
  put_npy(1, "{'descr': '|u1', 'fortran_order': False, 'shape': (), }", bytes + 7, 1);
  file = open_array(&array);
  assert_int_equal(array->n_axes, 0);
  assert_int_equal(*(const uint8_t *)array->data, 7);
  sy_array_file_close(file);
  put_npy(1, "{'descr': '>i8', 'fortran_order': False, 'shape': (0, 5), }", NULL, 0);
  file = open_array(&array);
  assert_true(array->n_axes == 2 && array->shape[0] == 0 && array->shape[1] == 5);
  sy_array_file_close(file);
}

/* Numbers that begin anywhere but at a multiple of their size. */
static void numbers_may_begin_anywhere(void **state) {
  (void)state;
  const char text[] = "{'descr': '<i4', 'fortran_order': False, 'shape': (2,)}";
  for (size_t extra = 0; extra < 4; extra++) {
    unsigned char bytes[256] = "\x93NUMPY\1";
    size_t length = strlen(text) + extra;
    bytes[8] = (unsigned char)length;
    memset(bytes + 10, ' ', length);
    memcpy(bytes + 10, text, strlen(text));
    memcpy(bytes + 10 + length, (int32_t[]){-7, 70000}, 8);
    put(bytes, 10 + length + 8);
    const sy_array *array;
    sy_array_file *file = open_array(&array);
    assert_int_equal((uintptr_t)array->data % 4, 0);
    assert_true(at(array, 0) == -7 && at(array, 1) == 70000);
    sy_array_file_close(file);
  }
}

static void other_types_are_refused_with_the_way_out(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"'|O'", "Python objects; save them as numbers"},
      {"'<U5'", "('<U5') texts; write them as CSV, or save names and ids of np.unique(array"},
      {"'|S12'", "texts; write them as CSV"},
      {"'<c16'", "complex numbers; save one part"},
      {"'<M8[ns]'", "dates or times; save them as numbers"},
      {"'<m8[s]'", "dates or times"},
      {"'|V8'", "records or raw bytes; save one field"},
      {"[('a', '<i4'), ('b', '<f8')]", "records or raw bytes; save one field"},
      {"'<i3'", "type '<i3', which is unknown"},
      {"'<f1024'", "type '<f1024', which is unknown"},
      {"'<i'", "type '<i', which is unknown"},
      {"'<'", "type '<', which is unknown"},
      {"''", "type '', which is unknown"},
      {"'<i4x'", "type '<i4x', which is unknown"},
      {"'<f12'", "of another kind of machine"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[200];
    snprintf(text, sizeof text, "{'descr': %s, 'fortran_order': False, 'shape': (1,), }",
             cases[i][0]);
    check_npy_refused(text, cases[i][1]);
  }
}

static void headers_that_are_none_are_refused(void **state) {
  (void)state;
  static const char *const cases[][2] = {
      {"", "makes no sense at byte "},
      {"{", "a key in quotes would be right"},
      {"[]", "at byte 11, where { would be right"},
      {"{}", "all of 'descr', 'fortran_order' and 'shape'"},
      {"{'descr': '<i8', 'shape': (1,), }", "all of 'descr', 'fortran_order' and 'shape'"},
      {"{'descr': '<i8', 'descr': '<i8', 'shape': (1,), }", "and 'shape' once"},
      {"{'descr': '<i8', 'other': 1, 'shape': (1,), }", "and 'shape' once"},
      {"{'descr': 5, 'fortran_order': False, 'shape': (1,), }", "a type such as '<i8'"},
      {"{'descr': '<i8' 'fortran_order': False, 'shape': (1,), }", "a comma or }"},
      {"{'descr' '<i8', 'fortran_order': False, 'shape': (1,), }", "a colon"},
      {"{'descr': '<i8', 'fortran_order': 0, 'shape': (1,), }", "True or False"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': 1, }", "a shape such as (60000,)"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (1), }", "a comma would be right"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (-1,), }", "a size would be right"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (,), }", "a size would be right"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (1 1), }", "a comma"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (99999999999999999999,), }",
       "a smaller size"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (1,), } more", "the end would be right"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }",
       "a shape that no file can hold"},
      {"{'descr': '<i8', 'fortran_order': False, 'shape': (0, 4294967296, 4294967296), }",
       "a shape that no file can hold"},
      {"{'descr': '|u1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
       "1,1,1,1,1,1,1,1,1,1,1,1,1,1), }",
       "more than 32 axes"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    check_npy_refused(cases[i][0], cases[i][1]);
}

static void files_of_another_length_are_refused(void **state) {
  (void)state;
  const char text[] = "{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }";
  put_npy(1, text, "0123456789abcde", 15);
  check_refused(SY_INVALID_DATA, "cut short: 15 bytes of numbers where its shape needs 16");
  put_npy(1, text, "0123456789abcdefg", 17);
  check_refused(SY_INVALID_DATA, "1 bytes follow the 16 of the array; save one array a file");
  put("\x93NUMPY\1\0\x76\0{'descr'", 18);
  check_refused(SY_INVALID_DATA, "cut short within its NumPy header");
  put("\x93NUMPY", 6);
  check_refused(SY_INVALID_DATA, "cut short within its NumPy header");
  put("\x93NUMPY\2\0\xFF\xFF\xFF\xFF{}", 14);
  check_refused(SY_INVALID_DATA, "cut short within its NumPy header");
  put("\x93NUMPY\4\0\x02\0\0\0{}", 14);
  check_refused(SY_INVALID_DATA, "version 4 of NumPy's format; 1 to 3 can be read");
}

static void idx_is_read(void **state) {
  (void)state;
  static const struct {
    unsigned char code;
    const char *bytes; /* of -1 and 1.5 or 1 */
    size_t width;
    sy_dtype dtype;
    double first, second;
  } cases[] = {{8, "\xFF\1", 1, SY_U8, 255, 1},
               {9, "\xFF\1", 1, SY_I8, -1, 1},
               {11, "\xFF\xFF\0\1", 2, SY_I16, -1, 1},
               {12, "\xFF\xFF\xFF\xFF\0\0\0\1", 4, SY_I32, -1, 1},
               {13, "\xBF\x80\0\0\x3F\xC0\0\0", 4, SY_F32, -1, 1.5},
               {14, "\xBF\xF0\0\0\0\0\0\0\x3F\xF8\0\0\0\0\0\0", 8, SY_F64, -1, 1.5}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    unsigned char bytes[32] = {0, 0, cases[i].code, 1, 0, 0, 0, 2};
    memcpy(bytes + 8, cases[i].bytes, 2 * cases[i].width);
    put(bytes, 8 + 2 * cases[i].width);
    const sy_array *array;
    sy_array_file *file = open_array(&array);
    assert_int_equal(array->dtype, cases[i].dtype);
    assert_true(array->n_axes == 1 && array->shape[0] == 2 && array->strides[0] == 1);
    assert_true(at(array, 0) == cases[i].first && at(array, 1) == cases[i].second);
    sy_array_file_close(file);
  }
  put("\0\0\x08\3\0\0\0\2\0\0\0\1\0\0\0\3abcdef", 22);
  const sy_array *array;
  sy_array_file *file = open_array(&array);
  assert_true(array->n_axes == 3 && array->strides[0] == 3 && array->shape[2] == 3);
  assert_memory_equal(array->data, "abcdef", 6);
  sy_array_file_close(file);
}

static void damaged_idx_is_refused(void **state) {
  (void)state;
  put("\0\0\x08\3\0\0\0\2\0\0\0\1\0\0\0\3abcde", 21);
  check_refused(SY_INVALID_DATA, "cut short: 5 bytes of numbers where its shape needs 6");
  put("\0\0\x08\3\0\0\0\2\0\0\0\1", 12);
  check_refused(SY_INVALID_DATA, "cut short within its IDX header of 16 bytes");
  put("\0\0\x08\x21", 4);
  check_refused(SY_INVALID_DATA, "an IDX array of 33 axes; 32 are the most");
  put("\0\0\x0E\4\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 20);
  check_refused(SY_INVALID_DATA, "a shape that no file can hold");
}

static void only_arrays_are_told_to_be_arrays(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t size;
  } others[] = {{"", 0},
                {"a,b\n1,2\n", 8},
                {"\0\0\x0A\1\0\0\0\1x", 9},
                {"\0\0\x08\0x", 5},
                {"\0\0\x08", 3},
                {"\x93NUMP", 5},
                {"PK\3\4", 4},
                {"\x1F\x8B\x08", 3}};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    put(others[i].bytes, others[i].size);
    assert_false(sy_array_file_is(path));
    check_refused(SY_INVALID_DATA, i ? "begins neither as a NumPy array" : "is empty, no array");
  }
  assert_false(sy_array_file_is("/"));
  assert_false(sy_array_file_is("/absent/file"));
  sy_array_file *file;
  sy_error error;
  assert_int_equal(sy_array_file_open("/", &file, &error), SY_FILE_NOT_READ);
  assert_string_equal(error.text, "/: this is a folder, not a file");
  assert_int_equal(sy_array_file_open("/absent/file", &file, &error), SY_FILE_NOT_READ);
  assert_string_equal(error.text, "/absent/file: cannot be read: No such file or directory");
  assert_int_equal(sy_array_file_open("/dev/null", &file, &error), SY_FILE_NOT_READ);
  assert_non_null(strstr(error.text, "from a file, not from a pipe or a device"));
  sy_array_file_close(NULL);
}

/* A pipe must not lose its first bytes to a look at them, nor make anybody wait. */
static void pipes_are_left_alone(void **state) {
  (void)state;
  char pipe[sizeof path + 5];
  snprintf(pipe, sizeof pipe, "%s.pipe", path);
  assert_int_equal(mkfifo(pipe, 0600), 0);
  bool is = sy_array_file_is(pipe);
  assert_int_equal(unlink(pipe), 0);
  assert_false(is);
}

/* Archives and packed arrays are opened by their names, to say what to do. */
static void packed_arrays_are_told(void **state) {
  (void)state;
  static const char *const cases[][3] = {
      {".npz", "PK\3\4....", "is an archive of arrays; save one of them alone"},
      {".npy.gz", "\x1F\x8B\x08.....", "is packed; unpack it first: gunzip -k FILE"},
      {"-idx1-ubyte.gz", "\x1F\x8B\x08.....", "is packed; unpack it first: gunzip -k FILE"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char named[sizeof path + 20];
    snprintf(named, sizeof named, "%s%s", path, cases[i][0]);
    put(cases[i][1], 8);
    assert_int_equal(link(path, named), 0);
    bool is = sy_array_file_is(named);
    sy_array_file *file;
    sy_error error;
    sy_status status = sy_array_file_open(named, &file, &error);
    assert_int_equal(unlink(named), 0);
    assert_true(is);
    assert_int_equal(status, SY_INVALID_DATA);
    if (!strstr(error.text, cases[i][2])) fail_msg("%s", error.text);
  }
}

static void arrays_survive_no_memory(void **state) {
  (void)state;
  put_npy(1, "{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }", "abcd", 4);
  sy_array_file *file;
  sy_status status;
  size_t nth = 0;
  do {
    sy_memory_fail_nth(++nth);
    status = sy_array_file_open(path, &file, NULL);
    sy_memory_fail_nth(0);
    assert_true(status == SY_OK || (status == SY_OUT_OF_MEMORY && !file));
  } while (status != SY_OK);
  assert_int_equal(nth, 3);
  sy_array_file_close(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_type_comes_in_both_byte_orders),
      cmocka_unit_test(halves_are_exact),
      cmocka_unit_test(long_floats_become_doubles),
      cmocka_unit_test(shapes_and_orders_are_told),
      cmocka_unit_test(numbers_may_begin_anywhere),
      cmocka_unit_test(other_types_are_refused_with_the_way_out),
      cmocka_unit_test(headers_that_are_none_are_refused),
      cmocka_unit_test(files_of_another_length_are_refused),
      cmocka_unit_test(idx_is_read),
      cmocka_unit_test(damaged_idx_is_refused),
      cmocka_unit_test(only_arrays_are_told_to_be_arrays),
      cmocka_unit_test(pipes_are_left_alone),
      cmocka_unit_test(packed_arrays_are_told),
      cmocka_unit_test(arrays_survive_no_memory),
  };
  return cmocka_run_group_tests(tests, make_file, remove_file);
}
