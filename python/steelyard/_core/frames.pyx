"""Raw columns: arrays and tables of any kind as the sy_frame that encoders read."""

from libc.stdlib cimport free, realloc
from libc.string cimport memset

from steelyard._core.base cimport SY_F32, SY_F64, View, sy_array, view

from collections.abc import Mapping

import numpy

from steelyard import arrays
from steelyard._columns import MISSING, Dates, TextColumn, column_of, to_columns

TYPES = {"number": SY_COLUMN_NUMBER, "boolean": SY_COLUMN_BOOLEAN, "date": SY_COLUMN_DATE}


cdef class Texts:
    """Pointers to the texts of a dictionary, and the bytes they point to."""
    cdef const char **pointers
    cdef list kept

    def __dealloc__(self):
        free(self.pointers)


cdef class Frame:
    """Columns of equal length, by name; numbers, booleans, dates and texts.

    Numbers are float32 or float64 and are read where they lie; nothing may write to them meanwhile.
    """

    def __cinit__(self, Py_ssize_t rows):
        self.rows = rows
        self.kept = []

    def __dealloc__(self):
        free(self.columns)

    cdef sy_frame view(self):
        cdef sy_frame frame
        frame.columns = self.columns
        frame.n_columns = self.n_columns
        frame.rows = self.rows
        return frame

    def __len__(self):
        return self.n_columns

    @property
    def names(self):
        """Names of the columns, in their order."""
        return [self.columns[i].name.decode() for i in range(self.n_columns)]

    cdef const char *keep_text(self, str text, what) except NULL:
        if "\0" in text:
            raise ValueError(f"{what} holds a zero character: {text!r}; a text without would be "
                             "right")
        encoded = text.encode()
        self.kept.append(encoded)
        return <const char *>encoded

    cdef sy_column *begin(self, str name, sy_column_type type) except NULL:
        cdef size_t capacity = 2 * self.capacity + 8
        cdef void *grown
        if self.n_columns == self.capacity:
            grown = realloc(self.columns, capacity * sizeof(sy_column))
            if grown == NULL:
                raise MemoryError("out of memory")
            self.columns = <sy_column *>grown
            self.capacity = capacity
        cdef sy_column *column = &self.columns[self.n_columns]
        memset(column, 0, sizeof(sy_column))
        column.name = self.keep_text(name, "the name of a column")
        column.type = type
        return column

    def _check_rows(self, str name, Py_ssize_t rows):
        if rows != self.rows:
            raise ValueError(f"column {name!r} has {rows} rows and the ones before have "
                             f"{self.rows}: columns of one length would be right")

    cdef int add_view(self, str name, View numbers, size_t column, sy_column_type type) except -1:
        """Adds a column of an array of two axes."""
        cdef sy_column *added = self.begin(name, type)
        cdef sy_array *array = &numbers.array
        added.stride = array.strides[0]
        if array.dtype == SY_F32:
            added.f32 = <const float *>array.data + <ptrdiff_t>column * array.strides[1]
        elif array.dtype == SY_F64:
            added.f64 = <const double *>array.data + <ptrdiff_t>column * array.strides[1]
            self.wide = True
        else:
            raise ValueError(f"column {name!r}: float32 or float64 would be right")
        self.n_columns += 1
        return 0

    def add_numbers(self, str name, array, str type="number", bint wide=False):
        """Adds a column of float32 or float64 (rows); `wide`: it stands for exact numbers."""
        self._check_rows(name, len(array))
        cdef View numbers = view(readable(array)[:, None])
        self.add_view(name, numbers, 0, TYPES[type])
        self.wide = self.wide or wide
        self.kept.append(numbers)

    def add_texts(self, str name, codes, values):
        """Adds a column of texts: uint32 codes (rows) into `values`, 2**32 - 1 = missing."""
        cdef View places = view(numpy.ascontiguousarray(codes, dtype=numpy.uint32))
        cdef Texts texts = Texts.__new__(Texts)
        cdef Py_ssize_t i, n = len(values)
        self._check_rows(name, len(codes))
        cdef sy_column *column = self.begin(name, SY_COLUMN_TEXT)
        texts.pointers = <const char **>realloc(NULL, (n + 1) * sizeof(char *))
        if texts.pointers == NULL:
            raise MemoryError("out of memory")
        for i in range(n):
            texts.pointers[i] = self.keep_text(values[i], f"column {name!r}")
        column.codes = <const uint32_t *>places.data()
        column.values = <const char *const *>texts.pointers
        column.n_values = n
        self.kept += [places, texts]
        self.n_columns += 1

    def add_matrix(self, matrix, names):
        """Adds the columns of a matrix (rows, columns) of float32 or float64, without a copy."""
        cdef View numbers = view(readable(matrix))
        for i, name in enumerate(names):
            self.add_view(name, numbers, i, SY_COLUMN_NUMBER)
        self.kept.append(numbers)


def readable(array):
    """An array whose rows lie apart by elements, or a copy of one that is not aligned or repeats
    one row (a stride of 0 says something else in C)."""
    repeats = array.strides[0] == 0 and len(array) > 1
    return array if array.flags.aligned and not repeats else numpy.array(array, order="C")


def add_column(Frame frame, str name, column):
    """Adds a column as `steelyard._columns` has it."""
    if isinstance(column, TextColumn):
        frame.add_texts(name, column.codes, column.names)
    elif isinstance(column, Dates):
        frame.add_numbers(name, column.days, "date", True)
    elif column.dtype.kind == "b":
        frame.add_numbers(name, column.astype(numpy.float32), "boolean", True)
    elif column.dtype.kind in "iu":
        narrow = column.dtype.itemsize <= 2
        frame.add_numbers(name, column.astype(numpy.float32 if narrow else numpy.float64),
                          wide=True)
    elif column.dtype.kind == "f":
        frame.add_numbers(name, column)
    else:
        raise ValueError(f"column {name!r} holds {column.dtype}: numbers, booleans, dates or texts "
                         "would be right")


def frame_of(X, names=None, dates=(), texts=()):
    """The Frame of a table.

    X: an array (rows, columns), whose columns are called x0, x1, .. unless `names` says otherwise;
    a DataFrame; a mapping of columns by name; or anything with `__arrow_c_stream__`. `dates` are
    columns whose texts are read as ISO dates where they are some, as the command line does; of
    `texts` a column without any value is one of texts.
    ValueError where X is none of these, or a column holds what no model takes.
    """
    if isinstance(X, Frame):
        return X
    if not is_table(X):
        return _frame_of_matrix(matrix_of(X), names)
    columns, rows = to_columns(X)
    frame = Frame(rows)
    for name, column in columns:
        if isinstance(column, TextColumn) and name in dates:
            column = dates_of(column)
        elif name in texts and holds_nothing(column):
            column = TextColumn(numpy.full(rows, MISSING, numpy.uint32), [])
        add_column(frame, name, column)
    return frame


def holds_nothing(column):
    """Whether every value is missing, so that nothing says what they would be."""
    numbers = isinstance(column, numpy.ndarray) and column.dtype.kind == "f"
    return numbers and numpy.isnan(column).all()


def dates_of(texts):
    """Texts such as 2024-05-31 as Dates; as they are where one is no date."""
    try:
        known = numpy.array([*texts.names, "NaT"], "M8[us]")
    except ValueError:
        return texts
    missing_last = numpy.minimum(texts.codes, len(texts.names))
    return Dates(column_of(known, "").days[missing_last])


def is_table(X):
    """Whether columns of X go by names of their own."""
    return (isinstance(X, Mapping) or hasattr(X, "__arrow_c_stream__")
            or hasattr(X, "columns") and arrays.family(X) in ("pandas", "polars"))


def matrix_of(X):
    """X as an array (rows, columns): numbers, or objects whose columns are each of one kind."""
    objects = isinstance(X, numpy.ndarray) and X.dtype.kind == "O"
    matrix = X if objects else arrays.to_numpy(X, "X")
    if matrix.ndim != 2:
        way_out = "; of a single row that is X.reshape(1, -1)" if matrix.ndim == 1 else ""
        raise ValueError(f"X has shape {matrix.shape}: two axes, rows and columns, would be right"
                         f"{way_out}")
    return matrix


def _frame_of_matrix(matrix, names):
    rows, width = matrix.shape
    if names is None:
        names = [f"x{i}" for i in range(width)]
    elif len(names) != width:
        raise ValueError(f"{len(names)} names for {width} columns: one name for each would be "
                         "right")
    frame = Frame(rows)
    names = [str(name) for name in names]
    if matrix.dtype in (numpy.float32, numpy.float64):
        frame.add_matrix(matrix, names)
    else:
        for i, name in enumerate(names):
            add_column(frame, name, column_of(matrix[:, i], name))
    return frame
