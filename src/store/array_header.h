/* array_header.h: what the header of an array file says, and the numbers behind it. */
#ifndef SY_STORE_ARRAY_HEADER_H
#define SY_STORE_ARRAY_HEADER_H

#include <steelyard/base.h>

typedef struct sy_array_header {
  sy_dtype dtype; /* as delivered */
  size_t width;   /* bytes of a number in the file: of float16 and long floats not those of dtype */
  bool boolean;   /* any byte but 0 is true: delivered as 1 */
  bool swapped;   /* bytes are in the other order than this machine's */
  bool fortran;   /* the first axis runs fastest */
  size_t n_axes, shape[SY_MAX_AXES];
  size_t offset; /* bytes before the first number */
} sy_array_header;

/* Bytes by which a file is told to be an array. */
enum { SY_ARRAY_MAGIC = 8 };

/* npy.c, idx.c: whether a file that begins so (size <= SY_ARRAY_MAGIC) is one of theirs. */
bool sy_npy_is(const unsigned char *bytes, size_t size);
bool sy_idx_is(const unsigned char *bytes, size_t size);

/* Reads the header of a file of which all bytes are there. `path` is what errors call it. */
sy_status sy_npy_header(const char *path, const unsigned char *bytes, size_t size,
                        sy_array_header *header, sy_error *error);
sy_status sy_idx_header(const char *path, const unsigned char *bytes, size_t size,
                        sy_array_header *header, sy_error *error);

/* array_numbers.c: whether the numbers of the file are as they are delivered, so that they can stay
 * where they are.
 */
bool sy_array_numbers_fit(const sy_array_header *header, const unsigned char *from, size_t n);

/* Makes n numbers of a file, which may begin at any byte, what is delivered. */
void sy_array_numbers_convert(const sy_array_header *header, const unsigned char *from, size_t n,
                              void *to);

#endif
