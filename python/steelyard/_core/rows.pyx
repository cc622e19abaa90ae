"""Single rows, decided one by one."""

from steelyard._core.base cimport check, sy_error
from steelyard._core.models cimport (CoreModel, sy_model_decide, sy_row, sy_row_column, sy_row_free,
                                     sy_row_new, sy_row_set_number, sy_row_set_text)

import numpy


cdef class CoreRow:
    """One row of a model, for one thread at a time: set, decided, set again."""
    cdef CoreModel model
    cdef sy_row *row
    cdef list columns

    def __cinit__(self, CoreModel model not None):
        self.model = model
        self.row = sy_row_new(model.model)
        if self.row == NULL:
            raise MemoryError("out of memory")
        costs = [(f"cost: {expression}", "number") for expression in model.expressions]
        self.columns = [(name, sy_row_column(self.row, name.encode()), kind)
                        for name, kind in model.inputs + costs]

    def __dealloc__(self):
        sy_row_free(self.row)

    def score(self, values):
        """(probabilities (K), decision) of a mapping of values by column."""
        cdef int column, decision = 0
        cdef bytes encoded
        cdef sy_error error
        for name, column, kind in self.columns:
            try:
                value = values[name]
            except KeyError:
                raise ValueError(f"there is no column {name!r}, which the model needs; "
                                 "None stands for a missing value") from None
            if kind != "text":
                sy_row_set_number(self.row, column, _number(value, name, kind))
            elif value is None or value != value:
                sy_row_set_text(self.row, column, NULL)
            else:
                encoded = _text(value, name)
                sy_row_set_text(self.row, column, encoded)
        probabilities = numpy.empty(self.model.n_classes)
        cdef double[::1] room = probabilities
        check(sy_model_decide(self.model.model, self.row, &decision, &room[0], &error), &error)
        return probabilities, decision


def _number(value, name, kind):
    if value is None:
        return float("nan")
    try:
        if kind == "date" and isinstance(value, str) or _is_date(value):
            return _days(numpy.datetime64(value, "us"))
        if isinstance(value, str):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise ValueError(f"column {name!r} was a {kind} in training and is {value!r} here: it must "
                         f"be a {kind}") from None


def _is_date(value):
    return hasattr(value, "toordinal") or isinstance(value, numpy.datetime64)


def _days(date):
    return float("nan") if numpy.isnat(date) else int(date.astype(numpy.int64)) / 86_400_000_000


def _text(value, name):
    if not isinstance(value, str):
        raise ValueError(f"column {name!r} was text in training and is {value!r} here: it must be "
                         "text")
    if "\0" in value:
        raise ValueError(f"column {name!r} holds a zero character: {value!r}")
    return value.encode()
