/* array_file.c: arrays in files, mapped into memory where their numbers are this machine's. */
#define _DEFAULT_SOURCE /* madvise */

#include "base/array.h"
#include "base/error.h"
#include "base/memory.h"
#include "store/array_header.h"

#include <errno.h>
#include <fcntl.h>
#include <steelyard/store.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct sy_array_file {
  sy_array array;
  void *mapped; /* the whole file; NULL once it is converted */
  size_t mapped_size;
  void *converted;
};

/* Number of elements, or SIZE_MAX where their bytes cannot be counted. An axis of 0 does not excuse
 * the others: strides must be countable too. */
static size_t count_elements(const sy_array_header *header) {
  size_t width = sy_dtype_size(header->dtype);
  if (width < header->width) width = header->width;
  size_t most = PTRDIFF_MAX / width, spanned = 1;
  bool empty = false;
  for (size_t i = 0; i < header->n_axes; i++) {
    size_t size = header->shape[i];
    empty = empty || size == 0;
    if (size > 0 && spanned > most / size) return SIZE_MAX;
    if (size > 0) spanned *= size;
  }
  return empty ? 0 : spanned;
}

/* --- what a file is --- */

static sy_status fail_read(const char *path, int reason, sy_error *error) {
  return sy_fail(error, SY_FILE_NOT_READ, "%s: cannot be read: %s", path, strerror(reason));
}

/* A regular file; -1 with errno for anything else, since opening a pipe would take from it. */
static int open_file(const char *path, size_t *size) {
  struct stat facts;
  if (stat(path, &facts) != 0) return -1;
  errno = S_ISDIR(facts.st_mode) ? EISDIR : EINVAL;
  if (!S_ISREG(facts.st_mode)) return -1;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  if (fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size >= 0) {
    *size = (size_t)facts.st_size;
    return file;
  }
  close(file);
  return -1;
}

static bool ends_with(const char *path, const char *ending) {
  size_t length = strlen(path), size = strlen(ending);
  return length >= size && strcasecmp(path + length - size, ending) == 0;
}

/* Archives of arrays and packed arrays go by their names too: their first bytes do not tell them
 * from other archives, and whoever opens one learns what to do. */
static const char *packed_words(const char *path, const unsigned char *bytes, size_t size) {
  bool zip = size >= 2 && memcmp(bytes, "PK", 2) == 0;
  bool gzip = size >= 2 && memcmp(bytes, "\x1F\x8B", 2) == 0;
  if (zip && ends_with(path, ".npz"))
    return "an archive of arrays; save one of them alone: np.save(FILE, np.load(ARCHIVE)[NAME])";
  if (gzip &&
      (ends_with(path, ".npy.gz") || ends_with(path, "ubyte.gz") || ends_with(path, ".idx.gz")))
    return "packed; unpack it first: gunzip -k FILE";
  return NULL;
}

bool sy_array_file_is(const char *path) {
  unsigned char bytes[SY_ARRAY_MAGIC];
  size_t whole;
  int file = open_file(path, &whole);
  if (file < 0) return false;
  ssize_t got = pread(file, bytes, sizeof bytes, 0);
  close(file);
  size_t size = got > 0 ? (size_t)got : 0;
  return sy_npy_is(bytes, size) || sy_idx_is(bytes, size) || packed_words(path, bytes, size);
}

static sy_status read_header(const char *path, const unsigned char *bytes, size_t size,
                             sy_array_header *header, sy_error *error) {
  size_t known = size < SY_ARRAY_MAGIC ? size : SY_ARRAY_MAGIC;
  if (sy_npy_is(bytes, known)) return sy_npy_header(path, bytes, size, header, error);
  if (sy_idx_is(bytes, known)) return sy_idx_header(path, bytes, size, header, error);
  const char *packed = packed_words(path, bytes, known);
  if (packed) return sy_fail(error, SY_INVALID_DATA, "%s: is %s", path, packed);
  return sy_fail(error, SY_INVALID_DATA,
                 "%s: begins neither as a NumPy array (.npy) nor as an IDX file", path);
}

/* --- the array --- */

static void set_array(const sy_array_header *header, const void *data, sy_array *array) {
  *array = (sy_array){.data = data, .dtype = header->dtype, .n_axes = header->n_axes};
  ptrdiff_t stride = 1;
  for (size_t i = 0; i < header->n_axes; i++) {
    size_t axis = header->fortran ? i : header->n_axes - 1 - i;
    array->shape[axis] = header->shape[axis];
    array->strides[axis] = stride;
    /* An empty axis gives no way to the next; its number only has to stay within range. */
    if (header->shape[axis] > 0) stride *= (ptrdiff_t)header->shape[axis];
  }
}

static sy_status check_size(const char *path, const sy_array_header *header, size_t size, size_t *n,
                            sy_error *error) {
  *n = count_elements(header);
  if (*n == SIZE_MAX)
    return sy_fail(error, SY_INVALID_DATA,
                   "%s: its header gives a shape that no file can hold; it is damaged", path);
  size_t needed = *n * header->width, there = size - header->offset;
  if (there < needed)
    return sy_fail(error, SY_INVALID_DATA,
                   "%s: cut short: %zu bytes of numbers where its shape needs %zu; fetch or save "
                   "it again",
                   path, there, needed);
  if (there > needed)
    return sy_fail(error, SY_INVALID_DATA,
                   "%s: %zu bytes follow the %zu of the array; save one array a file", path,
                   there - needed, needed);
  return SY_OK;
}

static void unmap(sy_array_file *file) {
  if (file->mapped) munmap(file->mapped, file->mapped_size);
  file->mapped = NULL;
}

static sy_status take_array(const char *path, sy_array_file *file, sy_error *error) {
  const unsigned char *bytes = file->mapped;
  sy_array_header header;
  size_t n;
  sy_status status = read_header(path, bytes, file->mapped_size, &header, error);
  if (status == SY_OK) status = check_size(path, &header, file->mapped_size, &n, error);
  if (status != SY_OK) return status;
  if (sy_array_numbers_fit(&header, bytes + header.offset, n)) {
    set_array(&header, bytes + header.offset, &file->array);
    return SY_OK;
  }
  file->converted = sy_alloc(n, sy_dtype_size(header.dtype));
  if (!file->converted) return sy_fail_memory(error);
  sy_array_numbers_convert(&header, bytes + header.offset, n, file->converted);
  unmap(file);
  set_array(&header, file->converted, &file->array);
  return SY_OK;
}

static sy_status map_file(const char *path, sy_array_file *file, sy_error *error) {
  size_t size = 0;
  int descriptor = open_file(path, &size);
  if (descriptor < 0 && errno == EISDIR)
    return sy_fail(error, SY_FILE_NOT_READ, "%s: this is a folder, not a file", path);
  if (descriptor < 0 && errno == EINVAL)
    return sy_fail(error, SY_FILE_NOT_READ,
                   "%s: an array is read from a file, not from a pipe or a device", path);
  if (descriptor < 0) return fail_read(path, errno, error);
  void *mapped = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, descriptor, 0) : NULL;
  int reason = errno;
  close(descriptor);
  if (mapped == MAP_FAILED) return fail_read(path, reason, error);
  if (!mapped) return sy_fail(error, SY_INVALID_DATA, "%s: is empty, no array", path);
  (void)madvise(mapped, size, MADV_SEQUENTIAL); /* a hint: labels are counted from front to back */
  file->mapped = mapped;
  file->mapped_size = size;
  return SY_OK;
}

sy_status sy_array_file_open(const char *path, sy_array_file **file, sy_error *error) {
  *file = NULL;
  sy_array_file *opened = sy_alloc_zero(1, sizeof *opened);
  if (!opened) return sy_fail_memory(error);
  sy_status status = map_file(path, opened, error);
  if (status == SY_OK) status = take_array(path, opened, error);
  if (status == SY_OK)
    *file = opened;
  else
    sy_array_file_close(opened);
  return status;
}

const sy_array *sy_array_file_array(const sy_array_file *file) {
  return &file->array;
}

void sy_array_file_close(sy_array_file *file) {
  if (!file) return;
  unmap(file);
  free(file->converted);
  free(file);
}
