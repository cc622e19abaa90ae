# labels.h: label arrays, counts and counters.
from steelyard._core.base cimport (Names, View, int32_t, int64_t, sy_array, sy_error, sy_messages,
                                   sy_status, uint32_t, uint64_t)

cdef extern from "<steelyard/labels.h>" nogil:
    enum:
        SY_IGNORED
    uint32_t SY_MISSING

    ctypedef enum sy_label_kind:
        SY_LABEL_INDEX
        SY_LABEL_NAME
        SY_LABEL_ONE_HOT
        SY_LABEL_MULTI_HOT
        SY_LABEL_NAME_LIST

    ctypedef struct sy_texts:
        pass

    ctypedef struct sy_class_group:
        pass

    ctypedef struct sy_label_array:
        sy_label_kind kind
        sy_array values
        const char *const *names
        size_t n_names
        const sy_texts *texts
        const sy_array *mask
        const sy_array *row_weights

    ctypedef struct sy_labels_options:
        const char *const *classes
        size_t n_classes
        const sy_class_group *groups
        size_t n_groups
        const char *ignore
        const char *separator

    ctypedef struct sy_labels:
        pass

    ctypedef struct sy_counts:
        pass

    ctypedef struct sy_counter:
        pass

    sy_labels_options sy_labels_options_default()
    sy_status sy_labels_from_array(const sy_label_array *array, const sy_labels_options *options,
                                   sy_labels **labels, sy_error *error)
    void sy_labels_free(sy_labels *labels)
    size_t sy_labels_rows(const sy_labels *labels)
    size_t sy_labels_n_classes(const sy_labels *labels)
    const int32_t *sy_labels_ids(const sy_labels *labels)
    const char *const *sy_labels_classes(const sy_labels *labels)

    sy_status sy_counts_of(const char *const *classes, const double *counts, size_t n_classes,
                           sy_counts **made, sy_error *error)
    void sy_counts_free(sy_counts *counts)
    size_t sy_counts_n_classes(const sy_counts *counts)
    const char *const *sy_counts_classes(const sy_counts *counts)
    uint64_t sy_counts_rows(const sy_counts *counts, size_t k)
    double sy_counts_weight(const sy_counts *counts, size_t k)
    uint64_t sy_counts_positions(const sy_counts *counts)
    uint64_t sy_counts_first_axis(const sy_counts *counts)
    uint64_t sy_counts_ignored(const sy_counts *counts)
    size_t sy_counts_n_labels(const sy_counts *counts)
    const char *const *sy_counts_labels(const sy_counts *counts)
    const sy_counts *sy_counts_label(const sy_counts *counts, size_t l)
    const sy_messages *sy_counts_messages(const sy_counts *counts)

    sy_status sy_counter_new(sy_label_kind kind, const sy_labels_options *options,
                             sy_counter **counter, sy_error *error)
    void sy_counter_free(sy_counter *counter)
    sy_status sy_counter_add(sy_counter *counter, const sy_label_array *labels, sy_error *error)
    sy_status sy_counter_merge(sy_counter *into, const sy_counter *from_, sy_error *error)
    sy_status sy_counter_to_bytes(const sy_counter *counter, void **bytes, size_t *size,
                                  sy_error *error)
    sy_status sy_counter_from_bytes(const void *bytes, size_t size, sy_counter **counter,
                                    sy_error *error)
    sy_status sy_counter_counts(const sy_counter *counter, sy_counts **counts, sy_error *error)


# A label array and the memory it looks at. The pointer array.values is valid while this lives.
cdef class LabelArray:
    cdef sy_label_array array
    cdef View values
    cdef View mask
    cdef View weights
    cdef Names names


# Options of labels and the texts they point to.
cdef class LabelOptions:
    cdef sy_labels_options options
    cdef Names classes
    cdef bytes ignore


# Counts as they were read: never changed.
cdef class ClassCounts:
    cdef sy_counts *counts
    cdef list each(self, bint rows)


cdef class Counter:
    cdef sy_counter *counter
    cdef readonly str kind


cdef sy_label_kind kind_of(str kind) except *
