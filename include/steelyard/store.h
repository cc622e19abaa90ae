/* store.h: files, whole or not at all. The only file access inside the library. */
#ifndef STEELYARD_STORE_H
#define STEELYARD_STORE_H

#include <steelyard/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Reads a whole file into memory.
 * @param path   the file
 * @param bytes  out: its bytes, followed by one zero byte that `size` does not count; free() it
 * @param size   out: number of bytes
 * Fails with SY_FILE_NOT_READ (the system's reason in the text) or SY_OUT_OF_MEMORY. */
SY_API sy_status sy_file_read(const char *path, void **bytes, size_t *size, sy_error *error);

/** Writes a file whole or not at all: into a temporary file beside it, flushed to the disk, then
 * renamed over it. On failure nothing is left behind and a previous file is untouched. A path
 * that exists and is no regular file (a pipe, /dev/stdout) is written to directly.
 * Fails with SY_FILE_NOT_WRITTEN. */
SY_API sy_status sy_file_write(const char *path, const void *bytes, size_t size, sy_error *error);

/** Checks that sy_file_write could create `path` (its folder exists and is writable, it is no
 * folder itself), without touching it: for failing before hours of work. SY_FILE_NOT_WRITTEN. */
SY_API sy_status sy_file_check_writable(const char *path, sy_error *error);

/** 64-bit FNV-1a hash of `size` bytes: finds damage, is no cryptographic signature. */
SY_API uint64_t sy_checksum(const void *bytes, size_t size);

#ifdef __cplusplus
}
#endif
#endif
