"""Texts -> codes: an open-addressed table of distinct texts, as bytes."""

cimport cython
from cpython.buffer cimport (PyBUF_C_CONTIGUOUS, PyBUF_WRITABLE, PyBuffer_Release,
                             PyObject_GetBuffer)
from cpython.object cimport PyObject
from libc.stdint cimport int64_t, uint32_t, uint64_t, uintptr_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy

from steelyard._core.base cimport Py_buffer

cdef extern from "Python.h":
    bint PyUnicode_Check(object)
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL

cdef extern from *:
    """
    static inline uint64_t steelyard_mix(uint64_t a, uint64_t b) {
      unsigned __int128 product = (unsigned __int128)a * b;
      return (uint64_t)product ^ (uint64_t)(product >> 64);
    }
    """
    uint64_t steelyard_mix(uint64_t a, uint64_t b) nogil

MISSING = 0xFFFFFFFF
cdef uint32_t NO_CODE = 0xFFFFFFFF
cdef size_t FIRST_SLOTS = 256


cdef uint64_t hash_of(const char *bytes, size_t length) noexcept nogil:
    cdef uint64_t hash = <uint64_t>0x9E3779B97F4A7C15 ^ length, word
    while length >= 8:
        memcpy(&word, bytes, 8)
        hash = steelyard_mix(hash ^ word, <uint64_t>0xD6E8FEB86659FD93)
        bytes += 8
        length -= 8
    word = 0
    memcpy(&word, bytes, length)
    return steelyard_mix(hash ^ word, <uint64_t>0xA0761D6478BD642F)


cdef class TextCoder:
    def __cinit__(self):
        self.n_slots = FIRST_SLOTS
        self.slots = <text_slot *>calloc(self.n_slots, sizeof(text_slot))
        if self.slots == NULL:
            raise MemoryError()

    def __dealloc__(self):
        free(self.slots)
        free(self.bytes)
        free(self.ends)

    cdef bint code(self, const char *bytes, size_t length, uint32_t *code) noexcept nogil:
        """The code of a text; False when out of memory."""
        cdef uint64_t hash = hash_of(bytes, length)
        cdef size_t mask = self.n_slots - 1, s = hash & mask, k
        cdef int64_t begin
        while self.slots[s].place != 0:
            if self.slots[s].hash == hash:
                k = self.slots[s].place - 1
                begin = self.ends[k - 1] if k > 0 else 0
                if (<size_t>(self.ends[k] - begin) == length
                        and memcmp(self.bytes + begin, bytes, length) == 0):
                    code[0] = <uint32_t>k
                    return True
            s = (s + 1) & mask
        if not self.append(bytes, length):
            return False
        self.slots[s].hash = hash
        self.slots[s].place = <uint32_t>self.n
        code[0] = <uint32_t>(self.n - 1)
        return self.n_slots >= 2 * self.n or self.grow()

    cdef bint append(self, const char *bytes, size_t length) noexcept nogil:
        cdef size_t used = self.ends[self.n - 1] if self.n > 0 else 0
        cdef void *made
        if self.n + 1 >= NO_CODE:
            return False
        if used + length > self.room or self.bytes == NULL:
            made = realloc(self.bytes, 2 * (used + length) + 64)
            if made == NULL:
                return False
            self.bytes = <char *>made
            self.room = 2 * (used + length) + 64
        if self.n == self.n_ends:
            made = realloc(self.ends, (2 * self.n + 16) * sizeof(int64_t))
            if made == NULL:
                return False
            self.ends = <int64_t *>made
            self.n_ends = 2 * self.n + 16
        memcpy(self.bytes + used, bytes, length)
        self.ends[self.n] = used + length
        self.n += 1
        return True

    cdef bint grow(self) noexcept nogil:
        cdef size_t n_slots = 4 * self.n_slots, s, t
        cdef text_slot *slots = <text_slot *>calloc(n_slots, sizeof(text_slot))
        if slots == NULL:
            return False
        for s in range(self.n_slots):
            if self.slots[s].place != 0:
                t = self.slots[s].hash & (n_slots - 1)
                while slots[t].place != 0:
                    t = (t + 1) & (n_slots - 1)
                slots[t] = self.slots[s]
        free(self.slots)
        self.slots = slots
        self.n_slots = n_slots
        return True

    def names(self, str encoding="utf-8"):
        """The distinct texts by their codes."""
        cdef size_t k
        cdef int64_t begin = 0
        cdef list made = []
        for k in range(self.n):
            made.append(self.bytes[begin:self.ends[k]].decode(encoding))
            begin = self.ends[k]
        return made


# --- texts of NumPy arrays ---

# Objects seen lately by where they lie: most columns repeat a few objects.
cdef enum:
    N_LATELY = 512

cdef struct lately:
    PyObject *objects[N_LATELY]
    uint32_t codes[N_LATELY]


cdef size_t slot_of(PyObject *text) noexcept nogil:
    return <size_t>((<uint64_t><uintptr_t>text * <uint64_t>0x9E3779B97F4A7C15) >> 55)


cdef Py_ssize_t put_objects(TextCoder coder, PyObject **objects, size_t n, uint32_t *codes,
                            object missing) except -2:
    cdef lately *seen = <lately *>calloc(1, sizeof(lately))
    cdef Py_ssize_t length
    cdef const char *bytes
    cdef size_t i = 0, s
    if seen == NULL:
        raise MemoryError()
    try:
        while i < n:
            s = slot_of(objects[i])
            if seen.objects[s] != objects[i]:
                if not PyUnicode_Check(<object>objects[i]):
                    if missing is None or not missing(<object>objects[i]):
                        return i
                    codes[i] = NO_CODE
                    i += 1
                    continue
                bytes = PyUnicode_AsUTF8AndSize(<object>objects[i], &length)
                if not coder.code(bytes, length, &seen.codes[s]):
                    raise MemoryError()
                seen.objects[s] = objects[i]
            codes[i] = seen.codes[s]
            i += 1
        return -1
    finally:
        free(seen)


def code_objects(array, codes, TextCoder coder not None, missing=None):
    """Codes of the texts of an object array into `codes`, both C-contiguous.

    `missing(object)` says which objects are missing texts. The first object that is neither ends
    it: its flat position is the result, else -1.
    """
    cdef Py_buffer buffer, written
    PyObject_GetBuffer(array, &buffer, PyBUF_C_CONTIGUOUS)
    try:
        PyObject_GetBuffer(codes, &written, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)
        try:
            return put_objects(coder, <PyObject **>buffer.buf, array.size,
                               <uint32_t *>written.buf, missing)
        finally:
            PyBuffer_Release(&written)
    finally:
        PyBuffer_Release(&buffer)


cdef bint put_fixed(TextCoder coder, const uint32_t *letters, size_t width, size_t n,
                    uint32_t *codes) noexcept nogil:
    """Texts of fixed width end where only zeros follow."""
    cdef size_t i, length
    for i in range(n):
        length = width
        while length > 0 and letters[length - 1] == 0:
            length -= 1
        if not coder.code(<const char *>letters, 4 * length, &codes[i]):
            return False
        letters += width
    return True


def code_fixed(array, codes, TextCoder coder not None):
    """Codes of the texts of an array of dtype U, native and C-contiguous; names are UTF-32."""
    cdef Py_buffer buffer, written
    cdef size_t width = array.itemsize // 4, n = array.size
    cdef bint fits
    PyObject_GetBuffer(array, &buffer, PyBUF_C_CONTIGUOUS)
    try:
        PyObject_GetBuffer(codes, &written, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE)
        with nogil:
            fits = put_fixed(coder, <const uint32_t *>buffer.buf, width, n,
                             <uint32_t *>written.buf)
        PyBuffer_Release(&written)
    finally:
        PyBuffer_Release(&buffer)
    if not fits:
        raise MemoryError()


# --- texts of Arrow arrays ---

@cython.boundscheck(False)
@cython.wraparound(False)
def code_offsets(data, offsets, codes, TextCoder coder not None, valid=None):
    """Codes of texts that lie one after the other.

    data : buffer of bytes or None; offsets : int64 (n + 1); codes : uint32 (n) out;
    valid : uint8 (n), 0 where missing, or None.
    """
    cdef const unsigned char[::1] bytes = data
    cdef const int64_t[::1] ends = offsets
    cdef uint32_t[::1] out = codes
    cdef const unsigned char[::1] present = valid
    cdef const char *first = NULL
    cdef size_t i, n = len(codes)
    cdef int64_t size = len(data) if data is not None else 0
    cdef bint fits = True, ordered = True, checks = valid is not None
    if n > 0 and (ends[0] < 0 or ends[n] > size):
        raise ValueError("these texts do not lie within their bytes")
    if size > 0:
        first = <const char *>&bytes[0]
    with nogil:
        for i in range(n):
            ordered = ordered and ends[i] <= ends[i + 1]
            if checks and not present[i]:
                out[i] = NO_CODE
            elif fits and ordered:
                fits = coder.code(first + ends[i], ends[i + 1] - ends[i], &out[i])
    if not ordered:
        raise ValueError("these texts do not lie within their bytes")
    if not fits:
        raise MemoryError()


cdef struct text_view:
    int length
    char start[4]
    int buffer
    int offset


def code_views(views, list buffers not None, codes, TextCoder coder not None, valid=None):
    """Codes of Arrow's string views: 16 bytes each, short texts within, long ones in buffers."""
    cdef const unsigned char[::1] table = views
    cdef uint32_t[::1] out = codes
    cdef const unsigned char[::1] present = valid, held
    cdef size_t i, n = len(codes)
    cdef bint checks = valid is not None
    cdef const text_view *view
    if len(views) < 16 * n:
        raise ValueError("an Arrow array lacks views of its texts")
    for i in range(n):
        if checks and not present[i]:
            out[i] = NO_CODE
            continue
        view = <const text_view *>&table[16 * i]
        if view.length <= 12:
            if not coder.code(view.start, view.length, &out[i]):
                raise MemoryError()
            continue
        held = buffers[view.buffer]
        if view.offset < 0 or view.offset + <int64_t>view.length > <int64_t>len(held):
            raise ValueError("these texts do not lie within their bytes")
        if not coder.code(<const char *>&held[view.offset], view.length, &out[i]):
            raise MemoryError()
