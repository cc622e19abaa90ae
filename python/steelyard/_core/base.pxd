# base.h, and what every module needs: status -> exception, buffer -> view, progress -> Ctrl-C.
from cpython.buffer cimport Py_buffer
from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t

cdef extern from "<steelyard/base.h>" nogil:
    ctypedef enum sy_status:
        SY_OK
        SY_FILE_NOT_READ
        SY_FILE_NOT_WRITTEN
        SY_INVALID_MODEL
        SY_OUT_OF_MEMORY
        SY_CANCELLED
        SY_UNSUPPORTED

    ctypedef struct sy_error:
        sy_status status
        char text[512]

    ctypedef enum sy_dtype:
        SY_F32
        SY_F64
        SY_I8
        SY_I16
        SY_I32
        SY_I64
        SY_U8
        SY_U16
        SY_U32
        SY_U64

    ctypedef struct sy_matrix:
        const void *data
        sy_dtype dtype
        size_t rows
        size_t columns
        size_t stride

    enum:
        SY_MAX_AXES

    ctypedef struct sy_array:
        const void *data
        sy_dtype dtype
        size_t n_axes
        size_t shape[32]
        ptrdiff_t strides[32]

    ctypedef bint (*sy_progress_fn)(void *context, const char *stage, double fraction)

    ctypedef struct sy_progress:
        sy_progress_fn call
        void *context

    ctypedef struct sy_messages:
        pass

    const char *sy_version()
    sy_messages *sy_messages_new()
    void sy_messages_free(sy_messages *messages)
    void sy_messages_add(sy_messages *messages, const char *format, ...)
    size_t sy_messages_count(const sy_messages *messages)
    const char *sy_messages_get(const sy_messages *messages, size_t index)
    sy_status sy_messages_check(const sy_messages *messages, sy_error *error)
    void sy_threads_set(int threads)
    int sy_threads_get()


# The memory of an array while C looks at it: a NumPy array of a type that sy_array knows, of any
# shape and strides that are multiples of its elements, read-only or not.
cdef class View:
    cdef Py_buffer buffer
    cdef bint held
    cdef sy_array array

    # Where the numbers begin, of a view whose axes lie one after the other.
    cdef const void *data(self)


# The view of an array; ValueError where it is of no type that sy_array knows.
cdef View view(object array)

# The same of an array to be written to, C-contiguous.
cdef View output(object array)

# Raises what a failed call says: MemoryError, KeyboardInterrupt (or what a signal's handler
# raised), FileError, RuntimeError for what this build or machine cannot do, else ValueError with
# the library's text.
cdef int check(sy_status status, const sy_error *error) except -1

# Looks for Ctrl-C while C runs without the GIL; for calls made by the thread that holds no GIL.
cdef sy_progress interruptible()

# The lines of a list as Python texts.
cdef list lines(const sy_messages *messages)


# Texts as C has them, (n) pointers that live as long as this; ValueError where one holds a zero
# byte. `errors`: what is done with what UTF-8 does not have, as str.encode takes it.
cdef class Names:
    cdef readonly list texts
    cdef list kept
    cdef const char **items
    cdef size_t n


# Names of a sequence of texts.
cdef Names names_of(object texts)
