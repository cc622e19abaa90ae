/* base.h: what every other header stands on: status and error text, element types, matrices,
 * progress, messages and threads. */
#ifndef STEELYARD_BASE_H
#define STEELYARD_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** SY_API marks what the library exports, SY_PRINTF calls whose format the compiler checks. */
#if defined(__GNUC__)
#define SY_API                 __attribute__((visibility("default")))
#define SY_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define SY_API
#define SY_PRINTF(text, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define SY_VERSION_MAJOR 0
#define SY_VERSION_MINOR 1
#define SY_VERSION_PATCH 0
/** Version of the library as text, "major.minor.patch". */
#define SY_VERSION "0.1.0"

/* Every status there is: X(enumerator, pinned value, text). Grouped in tens: 1x the call, 2x labels
 * and weights, 3x data, 4x training, 5x files, 6x the run. Values never change. */
#define SY_STATUS_TABLE(X)                                                                         \
  X(SY_OK, 0, "done")                                                                              \
  X(SY_INVALID_ARGUMENT, 10, "an argument is out of its range")                                    \
  X(SY_INVALID_SHAPE, 11, "sizes do not fit together")                                             \
  X(SY_UNSUPPORTED, 12, "this build cannot do that")                                               \
  X(SY_INVALID_LABEL, 20, "a label is not one of the classes")                                     \
  X(SY_INVALID_WEIGHT, 21, "a weight is negative, infinite or not a number")                       \
  X(SY_INVALID_POLICY, 22, "no such class weight policy")                                          \
  X(SY_INVALID_COST, 23, "a cost is not usable")                                                   \
  X(SY_TOO_FEW_CLASSES, 24, "fewer than two classes to tell apart")                                \
  X(SY_NO_WEIGHT, 25, "all weights are zero")                                                      \
  X(SY_INVALID_DATA, 30, "a value is not usable")                                                  \
  X(SY_MISSING_COLUMN, 31, "a column is missing")                                                  \
  X(SY_NO_ROWS, 32, "there are no rows")                                                           \
  X(SY_NUMERIC_FAILURE, 40, "the numbers left the range that can be computed with")                \
  X(SY_FILE_NOT_READ, 50, "a file cannot be read")                                                 \
  X(SY_FILE_NOT_WRITTEN, 51, "a file cannot be written")                                           \
  X(SY_INVALID_MODEL, 52, "this is no steelyard model, or a damaged one")                          \
  X(SY_OUT_OF_MEMORY, 60, "out of memory")                                                         \
  X(SY_CANCELLED, 61, "interrupted")

/** What a fallible call returns; SY_OK (0) is success, all else is failure. */
typedef enum sy_status {
#define X(name, value, text) name = value,
  SY_STATUS_TABLE(X)
#undef X
} sy_status;

/** Longest error text, its terminating zero included. */
#define SY_ERROR_SIZE 512

/** A failure in words: one line naming the place, the value and what would be right.
 * Calls take a nullable pointer to one as their last argument and fill it only when they fail. */
typedef struct sy_error {
  sy_status status;
  char text[SY_ERROR_SIZE];
} sy_error;

/** Name of a status as in the enum ("SY_OK"); "SY_UNKNOWN" for a value not in the table. */
SY_API const char *sy_status_name(sy_status status);

/** Status in words ("out of memory"); never NULL. */
SY_API const char *sy_status_text(sy_status status);

/** Version of the library that runs, equal to SY_VERSION of the headers it was built with. */
SY_API const char *sy_version(void);

/** Type of one array element. */
typedef enum sy_dtype {
  SY_F32,
  SY_F64,
  SY_I8,
  SY_I16,
  SY_I32,
  SY_I64,
  SY_U8,
  SY_U16,
  SY_U32,
  SY_U64
} sy_dtype;

/** A view of a row-major matrix of float32 or float64; it owns nothing.
 * Element (i, j) is data[i * stride + j]; stride counts elements and is at least `columns`. */
typedef struct sy_matrix {
  const void *data;
  sy_dtype dtype; /**< SY_F32 or SY_F64 */
  size_t rows;
  size_t columns;
  size_t stride;
} sy_matrix;

/** Most axes an array may have. */
#define SY_MAX_AXES 32

/** A view of an array of numbers of any shape; it owns nothing.
 * Element (i, j, ..) is data[i * strides[0] + j * strides[1] + ..]; strides count elements and may
 * be 0 (repeated) or negative (reversed). Zero axes is one number. Booleans are SY_U8. The data may
 * begin at any address, though numbers at multiples of their size are read faster. */
typedef struct sy_array {
  const void *data;
  sy_dtype dtype;
  size_t n_axes; /**< at most SY_MAX_AXES */
  size_t shape[SY_MAX_AXES];
  ptrdiff_t strides[SY_MAX_AXES];
} sy_array;

/** The view of numbers that lie one after the other, last axis fastest (row-major).
 * @param shape  (n_axes) */
SY_API sy_array sy_array_of(const void *data, sy_dtype dtype, size_t n_axes, const size_t *shape);

/** Told of progress by long calls: `stage` names the work ("fold 2 of 5"), `fraction` of it done is
 * 0..1. Return true to cancel; the call then ends with SY_CANCELLED. Called from the calling
 * thread only. */
typedef bool (*sy_progress_fn)(void *context, const char *stage, double fraction);

/** A nullable progress-and-cancel callback with its context; {NULL, NULL} is none. */
typedef struct sy_progress {
  sy_progress_fn call;
  void *context;
} sy_progress;

/** An ordered list of warnings and remarks that a call collects for its caller, one line each. */
typedef struct sy_messages sy_messages;

/** A new empty list, or NULL when out of memory. Free with sy_messages_free. */
SY_API sy_messages *sy_messages_new(void);

/** Frees a list; NULL is legal. */
SY_API void sy_messages_free(sy_messages *messages);

/** Adds a line, printf-style. A NULL list drops it; when out of memory the line is dropped too,
 * which sy_messages_check tells. */
SY_API void sy_messages_add(sy_messages *messages, const char *format, ...) SY_PRINTF(2, 3);

/** Number of lines; 0 for NULL. */
SY_API size_t sy_messages_count(const sy_messages *messages);

/** Line `index` (0-based); NULL where there is none. Lives as long as the list. */
SY_API const char *sy_messages_get(const sy_messages *messages, size_t index);

/** Fails with SY_OUT_OF_MEMORY where a line had to be dropped; NULL is fine. */
SY_API sy_status sy_messages_check(const sy_messages *messages, sy_error *error);

/** Sets how many threads calls may use; 0 means all processors (the default). No result depends
 * on it, bit for bit. After fork() the child runs serially whatever is set. */
SY_API void sy_threads_set(int threads);

/** How many threads the next parallel call will use (>= 1). */
SY_API int sy_threads_get(void);

/** Reads a whole text as one finite or non-finite number, '.' as the decimal point whatever the
 * locale. Surrounding blanks are allowed. Returns false (and leaves *value) for anything else. */
SY_API bool sy_number_parse(const char *text, double *value);

/** Bytes that hold any number written by sy_number_format, zero included. */
#define SY_NUMBER_SIZE 32

/** Writes the shortest decimal that reads back as the same double ("0.1", "3", "1e-07"), '.' as
 * the decimal point whatever the locale. Returns `text`. */
SY_API char *sy_number_format(double value, char text[SY_NUMBER_SIZE]);

/** Writes the shortest decimal that reads back as the same float32: "0.1", where the same number as
 * a double would need 0.10000000149011612. Otherwise as sy_number_format. Returns `text`. */
SY_API char *sy_number_format_f32(float value, char text[SY_NUMBER_SIZE]);

/** 64-bit FNV-1a hash of `size` bytes: finds damage, is no cryptographic signature. */
SY_API uint64_t sy_checksum(const void *bytes, size_t size);

/** The entry of `names` nearest to `wrong` by edit distance, for "did you mean"; NULL where none
 * is near (more than a third of the letters differ, upper and lower case counted equal). */
SY_API const char *sy_nearest_name(const char *wrong, const char *const *names, size_t n_names);

#ifdef __cplusplus
}
#endif
#endif
