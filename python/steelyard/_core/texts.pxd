# Distinct texts and their codes.
from libc.stdint cimport int64_t, uint32_t, uint64_t

cdef struct text_slot:
    uint64_t hash
    uint32_t place  # of the text + 1; 0 is an empty slot


# Gives each distinct text a code 0, 1, ... in the order of first sight; compares bytes.
cdef class TextCoder:
    cdef text_slot *slots
    cdef size_t n_slots
    cdef char *bytes
    cdef size_t room
    cdef int64_t *ends  # (n) where the bytes of each text end
    cdef size_t n_ends
    cdef readonly size_t n
    cdef bint code(self, const char *bytes, size_t length, uint32_t *code) noexcept nogil
    cdef bint append(self, const char *bytes, size_t length) noexcept nogil
    cdef bint grow(self) noexcept nogil
