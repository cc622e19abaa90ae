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

/** An array in a file: NumPy's .npy (versions 1 to 3) or IDX (MNIST's), told by its first bytes. */
typedef struct sy_array_file sy_array_file;

/** Whether the file at `path` begins as a .npy or an IDX file does, or is a packed one by its name
 * (opening it tells the way out); false where it cannot be read. */
SY_API bool sy_array_file_is(const char *path);

/** Opens an array. Numbers in this machine's byte order are mapped into memory, not read; others
 * (big-endian, float16, longer floats) are converted into memory. Takes booleans,
 * integers and floats of any width; float16 becomes float32.
 * @param file  out; close with sy_array_file_close
 * Fails with SY_FILE_NOT_READ or SY_INVALID_DATA (a header that is no header, a file too short or
 * too long for its shape; text, objects, complex numbers, records, dates, packed files (.npz, .gz):
 * with the way out). */
SY_API sy_status sy_array_file_open(const char *path, sy_array_file **file, sy_error *error);

/** The array; Fortran order is told by the strides. Lives as long as the file is open. */
SY_API const sy_array *sy_array_file_array(const sy_array_file *file);

/** Closes it; NULL is legal. */
SY_API void sy_array_file_close(sy_array_file *file);

/** A folder whose sub-folders are classes and whose files are rows: their names and numbers. */
typedef struct sy_class_folders {
  size_t n_classes;
  char **classes;     /**< (n_classes) names of the sub-folders, sorted by bytes, as Keras's
                       * flow_from_directory numbers them */
  uint64_t *files;    /**< (n_classes) files in each, in its sub-folders too; may be 0 */
  sy_messages *notes; /**< what was passed over: other extensions, hidden files, links */
} sy_class_folders;

/** Counts files of class folders in one pass over the names; no file is opened.
 * Hidden entries (.x) are passed over. A link to a file is a file; a link to a folder is a class,
 * but is not followed within one; a link that leads nowhere is passed over. All is noted.
 * @param path        the folder
 * @param extensions  "jpg,png" (upper and lower case are equal), "*" for every file; NULL = images:
 *                    bmp gif jpeg jpg png ppm tif tiff webp
 * @param progress    nullable callback
 * @param folders     out; release with sy_class_folders_clear
 * Fails with SY_FILE_NOT_READ (no such folder; one in it that may not be read, named), SY_NO_ROWS
 * (no sub-folder; no file of these extensions: the error says which there are), SY_CANCELLED. */
SY_API sy_status sy_class_folders_read(const char *path, const char *extensions,
                                       sy_progress progress, sy_class_folders *folders,
                                       sy_error *error);

/** Releases what it holds and zeroes it; a zeroed one is legal. */
SY_API void sy_class_folders_clear(sy_class_folders *folders);

#ifdef __cplusplus
}
#endif
#endif
