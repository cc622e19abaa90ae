/* store.h: files, whole or not at all. The only file access inside the library. */
#ifndef STEELYARD_STORE_H
#define STEELYARD_STORE_H

#include <steelyard/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Reads a whole file into memory, up to 1 GiB of a regular one and 64 MiB of a pipe or a device.
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

/** A file being written piece by piece: whole or not at all, as with sy_file_write. */
typedef struct sy_output sy_output;

/** Begins a file.
 * @param path    where it will be; what stands there now stays until sy_output_close
 * @param output  out: for sy_output_close
 * Fails with SY_FILE_NOT_WRITTEN or SY_OUT_OF_MEMORY. */
SY_API sy_status sy_output_open(const char *path, sy_output **output, sy_error *error);

/** Adds `size` bytes. Fails with SY_FILE_NOT_WRITTEN; then close it without keeping it. */
SY_API sy_status sy_output_put(sy_output *output, const void *bytes, size_t size, sy_error *error);

/** The file, empty, in which the content grows until it is closed: for a library that writes to
 * paths alone. NULL where the path is written to directly (a pipe, a device). */
SY_API const char *sy_output_temporary(const sy_output *output);

/** Ends a file and frees the handle; NULL is legal.
 * @param keep  true: the file appears in its place; false: it is dropped, as it is where this fails
 * Fails with SY_FILE_NOT_WRITTEN. */
SY_API sy_status sy_output_close(sy_output *output, bool keep, sy_error *error);

/** Removes what has been written of all files that are not closed. For a signal handler (it is
 * async-signal-safe) that ends the program at once; nothing may be written after it. */
SY_API void sy_output_abandon_all(void);

/** Checks that sy_file_write could create `path` (its folder exists and is writable, it is no
 * folder itself), without touching it: for failing before hours of work. SY_FILE_NOT_WRITTEN. */
SY_API sy_status sy_file_check_writable(const char *path, sy_error *error);

/** 64-bit FNV-1a hash of `size` bytes: finds damage, is no cryptographic signature. */
SY_API uint64_t sy_checksum(const void *bytes, size_t size);

#ifdef __cplusplus
}
#endif
#endif
