# Raw columns as C has them (features.h), over arrays that stay where they are.
from libc.stddef cimport ptrdiff_t
from libc.stdint cimport uint32_t

from steelyard._core.base cimport View, sy_error, sy_messages, sy_status

cdef extern from "<steelyard/features.h>" nogil:
    ctypedef enum sy_column_type:
        SY_COLUMN_NUMBER
        SY_COLUMN_BOOLEAN
        SY_COLUMN_DATE
        SY_COLUMN_TEXT

    const char *sy_column_type_name(sy_column_type type)

    ctypedef struct sy_column:
        const char *name
        sy_column_type type
        const float *f32
        const double *f64
        const uint32_t *codes
        const char *const *values
        size_t n_values
        ptrdiff_t stride

    ctypedef struct sy_frame:
        const sy_column *columns
        size_t n_columns
        size_t rows


# Columns of equal length and what they need to live: names, texts and views of arrays.
cdef class Frame:
    cdef sy_column *columns
    cdef size_t n_columns, capacity
    cdef readonly Py_ssize_t rows
    # Whether any column of numbers needs float64 to say all it holds.
    cdef readonly bint wide
    cdef list kept

    cdef sy_frame view(self)
    cdef int add_view(self, str name, View numbers, size_t column, sy_column_type type) except -1
    cdef sy_column *begin(self, str name, sy_column_type type) except NULL
    cdef const char *keep_text(self, str text, what) except NULL
