"""Status -> exception, buffer -> view, progress -> Ctrl-C: what every other module stands on."""

from cpython.buffer cimport (PyBUF_C_CONTIGUOUS, PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE,
                             PyBuffer_Release, PyObject_GetBuffer)
from libc.stdlib cimport calloc, free

import numpy

# Declared here without Cython's own look at the exception, which is to stay set.
cdef extern from "Python.h":
    int PyErr_CheckSignals()
    void *PyErr_Occurred()


class FileError(OSError, ValueError):
    """A file cannot be read or written, or is no steelyard model; the text says which and why."""


def version():
    """Version of the library that runs."""
    return sy_version().decode()


def set_threads(int threads):
    """How many threads calls may use; 0 means all processors (the default).

    No result depends on it, bit for bit.
    """
    if threads < 0:
        raise ValueError(f"{threads} threads: 0 (all processors) or more would be right")
    sy_threads_set(threads)


def get_threads():
    """How many threads the next call will use, at least 1."""
    return sy_threads_get()


cdef int type_of(const char *format, Py_ssize_t size, sy_dtype *dtype) except -1:
    """The sy_dtype of a buffer's native format character."""
    cdef char letter = format[0] if format != NULL else b'B'
    if letter in b"@=<" and format[1] != 0:  # little-endian machines only: '<' is native there
        letter = format[1]
        format += 1
    if format != NULL and format[1] != 0:
        letter = 0
    if letter == b'f':
        dtype[0] = SY_F32
    elif letter == b'd':
        dtype[0] = SY_F64
    elif letter in b"bhilqn":
        dtype[0] = SY_I8 if size == 1 else SY_I16 if size == 2 else SY_I32 if size == 4 else SY_I64
    elif letter in b"?BHILQN":
        dtype[0] = SY_U8 if size == 1 else SY_U16 if size == 2 else SY_U32 if size == 4 else SY_U64
    else:
        raise ValueError("an array of this type cannot be read: integers, booleans, float32 and "
                         "float64 in the machine's own byte order would be right")
    return 0


cdef class View:
    def __dealloc__(self):
        if self.held:
            PyBuffer_Release(&self.buffer)

    cdef const void *data(self):
        return self.array.data


cdef View hold(object array, int flags):
    cdef View made = View.__new__(View)
    cdef int axis
    PyObject_GetBuffer(array, &made.buffer, flags)
    made.held = True
    if made.buffer.ndim > SY_MAX_AXES:
        raise ValueError(f"{made.buffer.ndim} axes: at most {SY_MAX_AXES} would be right")
    type_of(made.buffer.format, made.buffer.itemsize, &made.array.dtype)
    made.array.data = made.buffer.buf
    made.array.n_axes = made.buffer.ndim
    for axis in range(made.buffer.ndim):
        made.array.shape[axis] = made.buffer.shape[axis]
        if made.buffer.strides[axis] % made.buffer.itemsize:
            raise ValueError("an array whose elements lie apart by parts of an element cannot be "
                             "read: a copy (numpy.ascontiguousarray) would be right")
        made.array.strides[axis] = made.buffer.strides[axis] // made.buffer.itemsize
    return made


cdef View view(object array):
    cdef View made = hold(array, PyBUF_STRIDES | PyBUF_FORMAT)
    if <size_t>made.array.data % <size_t>made.buffer.itemsize == 0:
        return made
    # Not every call of the library takes numbers that begin anywhere.
    return hold(numpy.array(array, copy=True), PyBUF_STRIDES | PyBUF_FORMAT)


cdef View output(object array):
    return hold(array, PyBUF_STRIDES | PyBUF_FORMAT | PyBUF_WRITABLE | PyBUF_C_CONTIGUOUS)


cdef int check(sy_status status, const sy_error *error) except -1:
    if status == SY_OK:
        return 0
    if status == SY_CANCELLED and PyErr_Occurred() != NULL:
        return -1
    text = error.text.decode("utf-8", "replace")
    if status == SY_CANCELLED:
        raise KeyboardInterrupt(text)
    if status == SY_OUT_OF_MEMORY:
        raise MemoryError(text)
    if status in (SY_FILE_NOT_READ, SY_FILE_NOT_WRITTEN, SY_INVALID_MODEL):
        raise FileError(text)
    if status == SY_UNSUPPORTED:
        raise RuntimeError(text)
    raise ValueError(text)


cdef bint signalled(void *context, const char *stage, double fraction) noexcept with gil:
    # A handler's exception stays set: check() hands it on once the call has ended.
    return PyErr_CheckSignals() != 0


cdef sy_progress interruptible():
    cdef sy_progress progress
    progress.call = signalled
    progress.context = NULL
    return progress


cdef list lines(const sy_messages *messages):
    return [sy_messages_get(messages, i).decode("utf-8", "replace")
            for i in range(sy_messages_count(messages))]


cdef class Names:
    def __cinit__(self, texts, str errors="surrogateescape"):
        cdef size_t i
        self.texts = [str(text) for text in texts]
        self.kept = [text.encode("utf-8", errors) for text in self.texts]
        self.n = len(self.kept)
        self.items = <const char **>calloc(self.n + 1, sizeof(char *))
        if self.items == NULL:
            raise MemoryError("out of memory")
        for i in range(self.n):
            if b"\0" in <bytes>self.kept[i]:
                raise ValueError(f"the name {self.texts[i]!r} holds a zero byte: names without one "
                                 "would be right")
            self.items[i] = <bytes>self.kept[i]

    def __dealloc__(self):
        free(self.items)


cdef Names names_of(object texts):
    return texts if isinstance(texts, Names) else Names(texts)
