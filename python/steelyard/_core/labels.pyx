"""Label arrays, counters and counts."""

from libc.stdlib cimport free
from libc.string cimport memcpy

from steelyard._core.base cimport Names, View, check, lines, output, sy_error, sy_status, view


KINDS = ("index", "name", "one-hot", "multi-hot", "name-list")


cdef sy_label_kind kind_of(str kind) except *:
    if kind == "index":
        return SY_LABEL_INDEX
    if kind == "name":
        return SY_LABEL_NAME
    if kind == "one-hot":
        return SY_LABEL_ONE_HOT
    if kind == "multi-hot":
        return SY_LABEL_MULTI_HOT
    if kind == "name-list":
        return SY_LABEL_NAME_LIST
    raise ValueError(f"there is no kind of labels '{kind}': one of {', '.join(KINDS)} would be "
                     "right")


# --- label arrays ---

cdef class LabelArray:
    """Labels of a kind.

    `values` are an array of numbers, or texts as a pair (uint32 codes, distinct names) with
    0xFFFFFFFF for a missing one.
    """

    def __init__(self, str kind not None, values, mask=None, sample_weight=None):
        self.array.kind = kind_of(kind)
        if isinstance(values, tuple):
            self.values = view(values[0])
            self.names = Names(values[1], "strict")
            self.array.names = self.names.items
            self.array.n_names = self.names.n
            self.array.values = self.values.array
        else:
            self.values = view(values)
            self.array.values = self.values.array
        if mask is not None:
            self.mask = view(mask)
            self.array.mask = &self.mask.array
        if sample_weight is not None:
            self.weights = view(sample_weight)
            self.array.row_weights = &self.weights.array


cdef class LabelOptions:
    """How labels are read: `classes` None, their number, or their names; `ignore` a text."""

    def __init__(self, classes=None, ignore=None):
        self.options = sy_labels_options_default()
        if isinstance(classes, int):
            self.options.n_classes = classes
        elif classes is not None:
            self.classes = Names(classes, "strict")
            self.options.classes = self.classes.items
            self.options.n_classes = self.classes.n
        if ignore is not None:
            self.ignore = str(ignore).encode()
            self.options.ignore = self.ignore


# --- counts ---

cdef list texts_of(const char *const *names, size_t n):
    return [names[k].decode("utf-8", "replace") for k in range(n)]


cdef class ClassCounts:
    """Counts of classes, or of several labels a row."""

    def __dealloc__(self):
        sy_counts_free(self.counts)

    @staticmethod
    def of(list classes not None, counts):
        """Counts that are known: names, and float64 counts."""
        cdef ClassCounts made = ClassCounts()
        cdef Names names = Names(classes, "strict")
        cdef View numbers = view(counts)
        cdef sy_error error
        check(sy_counts_of(names.items, <const double *>numbers.data(), names.n, &made.counts,
                           &error), &error)
        return made

    @property
    def n_labels(self):
        """Several labels a row: how many, else 0."""
        return sy_counts_n_labels(self.counts)

    @property
    def names(self):
        """Names of the classes, or of the labels where there are several a row."""
        cdef size_t n = sy_counts_n_labels(self.counts)
        if n > 0:
            return texts_of(sy_counts_labels(self.counts), n)
        return texts_of(sy_counts_classes(self.counts), sy_counts_n_classes(self.counts))

    @property
    def rows(self):
        """Rows of each class, whatever their weight; of several labels (absent, present) each."""
        return self.each(True)

    @property
    def weights(self):
        """Sums of row weights of each class; of several labels (absent, present) each."""
        return self.each(False)

    cdef list each(self, bint rows):
        cdef size_t k
        cdef const sy_counts *label
        cdef list made = []
        if sy_counts_n_labels(self.counts) == 0:
            return [sy_counts_rows(self.counts, k) if rows else sy_counts_weight(self.counts, k)
                    for k in range(sy_counts_n_classes(self.counts))]
        for k in range(sy_counts_n_labels(self.counts)):
            label = sy_counts_label(self.counts, k)
            if rows:
                made.append((sy_counts_rows(label, 0), sy_counts_rows(label, 1)))
            else:
                made.append((sy_counts_weight(label, 0), sy_counts_weight(label, 1)))
        return made

    @property
    def positions(self):
        """Positions seen, those taken out included."""
        return sy_counts_positions(self.counts)

    @property
    def first_axis(self):
        """Rows of the first axis seen."""
        return sy_counts_first_axis(self.counts)

    @property
    def ignored(self):
        """Positions taken out by mask or ignore."""
        return sy_counts_ignored(self.counts)

    @property
    def messages(self):
        """What was noticed while counting."""
        return lines(sy_counts_messages(self.counts))


cdef class Counter:
    """Counts blocks of labels of one kind; what was declared is in LabelOptions."""

    def __init__(self, str kind not None, LabelOptions options not None):
        cdef sy_error error
        self.kind = kind
        check(sy_counter_new(kind_of(kind), &options.options, &self.counter, &error), &error)

    def __dealloc__(self):
        sy_counter_free(self.counter)

    def add(self, LabelArray labels not None):
        """Counts a block; where it fails nothing of it has been counted."""
        cdef sy_error error
        cdef sy_status status
        with nogil:
            status = sy_counter_add(self.counter, &labels.array, &error)
        check(status, &error)

    def merge(self, Counter other not None):
        """Adds what another has counted."""
        cdef sy_error error
        cdef sy_status status
        with nogil:
            status = sy_counter_merge(self.counter, other.counter, &error)
        check(status, &error)

    def to_bytes(self):
        """All that it holds, to be pickled."""
        cdef void *bytes = NULL
        cdef size_t size = 0
        cdef sy_error error
        check(sy_counter_to_bytes(self.counter, &bytes, &size, &error), &error)
        try:
            return (<char *>bytes)[:size]
        finally:
            free(bytes)

    @staticmethod
    def from_bytes(str kind not None, bytes data not None):
        """A counter from what to_bytes gave."""
        cdef Counter made = Counter.__new__(Counter)
        cdef sy_error error
        made.kind = kind
        check(sy_counter_from_bytes(<const char *>data, len(data), &made.counter, &error), &error)
        return made

    def counts(self):
        """The counts so far."""
        cdef ClassCounts made = ClassCounts()
        cdef sy_error error
        check(sy_counter_counts(self.counter, &made.counts, &error), &error)
        return made


def class_ids(LabelArray labels not None, LabelOptions options not None):
    """The class id of each position in C order (int32, -1 where taken out), the classes' names."""
    import numpy
    cdef sy_labels *made = NULL
    cdef sy_error error
    cdef sy_status status
    cdef View ids
    with nogil:
        status = sy_labels_from_array(&labels.array, &options.options, &made, &error)
    check(status, &error)
    try:
        array = numpy.empty(sy_labels_rows(made), numpy.int32)
        ids = output(array)
        memcpy(<void *>ids.array.data, sy_labels_ids(made), array.nbytes)
        return array, texts_of(sy_labels_classes(made), sy_labels_n_classes(made))
    finally:
        sy_labels_free(made)
