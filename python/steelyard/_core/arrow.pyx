"""Arrow's C data interface: schemas, chunks and their buffers, without pyarrow."""

from cpython.buffer cimport PyBuffer_FillInfo
from cpython.pycapsule cimport PyCapsule_GetPointer
from libc.stdint cimport int64_t
from libc.string cimport memset

from steelyard._core.base cimport Py_buffer

cdef extern from *:
    """
    #include <stdint.h>
    struct ArrowSchema {
      const char *format, *name, *metadata;
      int64_t flags, n_children;
      struct ArrowSchema **children, *dictionary;
      void (*release)(struct ArrowSchema *);
      void *private_data;
    };
    struct ArrowArray {
      int64_t length, null_count, offset, n_buffers, n_children;
      const void **buffers;
      struct ArrowArray **children, *dictionary;
      void (*release)(struct ArrowArray *);
      void *private_data;
    };
    struct ArrowArrayStream {
      int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *);
      int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *);
      const char *(*get_last_error)(struct ArrowArrayStream *);
      void (*release)(struct ArrowArrayStream *);
      void *private_data;
    };
    """
    cdef struct ArrowSchema:
        const char *format
        const char *name
        int64_t n_children
        ArrowSchema **children
        ArrowSchema *dictionary
        void (*release)(ArrowSchema *) noexcept nogil

    cdef struct ArrowArray:
        int64_t length
        int64_t null_count
        int64_t offset
        int64_t n_buffers
        int64_t n_children
        const void **buffers
        ArrowArray **children
        ArrowArray *dictionary
        void (*release)(ArrowArray *) noexcept nogil

    cdef struct ArrowArrayStream:
        int (*get_schema)(ArrowArrayStream *, ArrowSchema *) noexcept nogil
        int (*get_next)(ArrowArrayStream *, ArrowArray *) noexcept nogil
        const char *(*get_last_error)(ArrowArrayStream *) noexcept nogil
        void (*release)(ArrowArrayStream *) noexcept nogil


cdef class Field:
    """A field of a schema: its name, format, children and dictionary."""

    cdef readonly str name
    cdef readonly str format
    cdef readonly list children
    cdef readonly Field dictionary


cdef Field field_of(const ArrowSchema *schema):
    cdef Field made = Field()
    cdef int64_t i
    made.name = "" if schema.name == NULL else schema.name.decode("utf-8", "replace")
    made.format = schema.format.decode("ascii", "replace")
    made.children = [field_of(schema.children[i]) for i in range(schema.n_children)]
    if schema.dictionary != NULL:
        made.dictionary = field_of(schema.dictionary)
    return made


cdef class Held:
    """An array that came from a producer, released with the last who looks at it."""

    cdef ArrowArray array

    def __cinit__(self):
        memset(&self.array, 0, sizeof(ArrowArray))

    def __dealloc__(self):
        if self.array.release != NULL:
            self.array.release(&self.array)


cdef class Memory:
    """A buffer of an array as read-only bytes."""

    cdef const void *data
    cdef Py_ssize_t size
    cdef Held owner

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        PyBuffer_FillInfo(buffer, self, <void *>self.data, self.size, True, flags)

    def __len__(self):
        return self.size


cdef class Chunk:
    """Rows of one field: `length` of them from `offset` on."""

    cdef const ArrowArray *array
    cdef Held owner
    cdef readonly int64_t offset
    cdef readonly int64_t length

    @property
    def null_count(self):
        """Missing ones of the whole array; -1 is unknown."""
        return self.array.null_count

    @property
    def n_buffers(self):
        return self.array.n_buffers

    def buffer(self, int64_t index, Py_ssize_t size):
        """The first bytes of a buffer; None where there is none."""
        cdef Memory made = Memory()
        if index >= self.array.n_buffers or self.array.buffers[index] == NULL:
            return None
        made.data = self.array.buffers[index]
        made.size = size
        made.owner = self.owner
        return made

    def child(self, int64_t index):
        """The rows of a child of a structure."""
        if index >= self.array.n_children:
            raise ValueError("an Arrow array has fewer children than its schema")
        return part(self.array.children[index], self.owner, self.offset, self.length)

    def dictionary(self):
        """The values that indices point to."""
        if self.array.dictionary == NULL:
            raise ValueError("an Arrow array has no dictionary, though its schema has")
        return part(self.array.dictionary, self.owner, 0, self.array.dictionary.length)


cdef Chunk part(const ArrowArray *array, Held owner, int64_t offset, int64_t length):
    cdef Chunk made = Chunk()
    made.array = array
    made.owner = owner
    made.offset = array.offset + offset
    made.length = length
    return made


cdef Chunk whole(Held held):
    cdef Chunk made = part(&held.array, held, 0, held.array.length)
    return made


cdef Field read_schema(ArrowSchema *schema):
    try:
        return field_of(schema)
    finally:
        if schema.release != NULL:
            schema.release(schema)


cdef raise_error(ArrowArrayStream *stream):
    cdef const char *text = stream.get_last_error(stream)
    said = "without saying why" if text == NULL else text.decode("utf-8", "replace")
    raise ValueError(f"an Arrow stream failed: {said}")


def read_stream(capsule):
    """The field and all chunks of `__arrow_c_stream__()`."""
    cdef ArrowArrayStream *stream = <ArrowArrayStream *>PyCapsule_GetPointer(capsule,
                                                                            "arrow_array_stream")
    cdef ArrowSchema schema
    cdef Held held
    cdef int failed
    cdef list chunks = []
    memset(&schema, 0, sizeof(ArrowSchema))
    if stream.release == NULL:
        raise ValueError("this Arrow stream has been read already")
    if stream.get_schema(stream, &schema) != 0:
        raise_error(stream)
    field = read_schema(&schema)
    while True:
        held = Held()
        with nogil:
            failed = stream.get_next(stream, &held.array)
        if failed != 0:
            raise_error(stream)
        if held.array.release == NULL:
            return field, chunks
        chunks.append(whole(held))


def read_capsules(schema_capsule, array_capsule):
    """The field and the chunk of `__arrow_c_array__()`."""
    cdef ArrowSchema *schema = <ArrowSchema *>PyCapsule_GetPointer(schema_capsule, "arrow_schema")
    cdef ArrowArray *array = <ArrowArray *>PyCapsule_GetPointer(array_capsule, "arrow_array")
    cdef Held held = Held()
    field = field_of(schema)
    held.array = array[0]
    array.release = NULL
    return field, [whole(held)]
