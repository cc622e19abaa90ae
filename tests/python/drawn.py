"""What hypothesis draws for test_fuzz.py: arguments that are nearly right, and others that are not.

An argument is drawn for `n` rows and `k` classes by one of the functions below. Arrays come in
every type, shape and layout.
"""

import numpy as np
from hypothesis import strategies as st

INTEGERS = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4", ">u2", "?"]
FLOATS = ["f2", "f4", "f8", ">f8", "g"]
OTHERS = ["O", "U3", "S3", "c16", "M8[D]", "m8[s]", "V4", "i4,f4"]
NASTY = [0, 1, -1, 2, 0.5, -0.0, float("nan"), float("inf"), -float("inf"), 1e308, 5e-324, 2**31,
         -2**63, 2**64 - 1, 255, 1e-45, 3.4e38]
OBJECTS = [*NASTY, None, "a", "", "ä\0", b"x", True, 10**30, 1j, (), [1], {}, object(), np.nan]


@st.composite
def layout(draw, array):
    """The same values where they lie otherwise."""
    kind = draw(st.sampled_from(["as is", "as is", "fortran", "every second", "backwards",
                                 "read-only", "moved by a byte", "inner"]))
    if array.dtype.kind == "O" and kind == "moved by a byte":
        kind = "as is"
    if kind == "fortran":
        return np.asfortranarray(array)
    if kind == "every second" and array.ndim:
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if kind == "backwards" and array.ndim:
        return array[::-1].copy()[::-1]
    if kind == "read-only":
        array = array.copy()
        array.flags.writeable = False
    if kind == "moved by a byte":
        memory = np.zeros(array.nbytes + 1, np.uint8)
        moved = np.frombuffer(memory.data, array.dtype, array.size, offset=1).reshape(array.shape)
        moved[...] = array
        return moved
    if kind == "inner":
        return np.pad(array, 1)[(slice(1, -1),) * array.ndim] if array.ndim else array
    return array


def filled(values, dtype, shape):
    """An array of any type out of numbers, which it takes as best it can."""
    size = int(np.prod(shape))
    if dtype in ("V4", "i4,f4"):
        return np.zeros(shape, dtype)
    cells = np.resize(np.array(values, dtype=object), size)
    if dtype not in ("O", "U3", "S3"):
        with np.errstate(all="ignore"):
            numbers = [complex(v) if dtype == "c16" else v for v in cells]
            return np.array([number_as(v, dtype) for v in numbers], dtype).reshape(shape)
    return np.array([v if dtype == "O" else str(v) for v in cells], dtype).reshape(shape)


def number_as(value, dtype):
    """One number as a type has it, or its zero."""
    try:
        return np.array(value).astype(dtype)[()]
    except (TypeError, ValueError, OverflowError):
        return np.zeros((), dtype)[()]


@st.composite
def any_array(draw):
    """Any type, shape, layout and numbers."""
    dtype = draw(st.sampled_from(INTEGERS + FLOATS + OTHERS))
    shape = draw(st.lists(st.integers(0, 5), max_size=4).map(tuple))
    pool = st.sampled_from(OBJECTS if dtype == "O" else NASTY)
    return draw(layout(filled(draw(st.lists(pool, min_size=1, max_size=6)), dtype, shape)))


anything = st.one_of(
    any_array(), st.none(), st.sampled_from(OBJECTS), st.text(max_size=4),
    st.recursive(st.sampled_from(OBJECTS), lambda inner: st.lists(inner, max_size=4), max_leaves=8),
    st.dictionaries(st.sampled_from([0, 1, 2, -1, "a", None, (0, 1), 1.5]),
                    st.sampled_from(OBJECTS), max_size=4))


def some(strategy, n, k):
    """An argument as a function of its own draws it, now and then another."""
    return st.integers(0, 5).flatmap(lambda kind: anything if kind == 5 else strategy(n, k))


@st.composite
def shaped(draw, shape, pool, dtypes):
    values = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=8))
    return draw(layout(filled(values, draw(st.sampled_from(dtypes)), shape)))


def labels(n, k):
    """Class ids or texts of rows, one-hot rows, labels of several, each perhaps as a list."""
    ids = shaped((n,), list(range(k)), INTEGERS + ["f4", "f8", "O", "U3"])
    texts = st.lists(st.sampled_from(["a", "b", "c", "ä"][:k]), min_size=n, max_size=n)
    rows = shaped((n, k), [0, 1], INTEGERS + ["f4"])
    deep = shaped((n, 2), list(range(k)), INTEGERS)
    return st.one_of(ids, ids, texts, rows, deep, ids.map(lambda a: a.tolist()))


def numbers(n, k):
    """Weights of rows."""
    return shaped((n,), [0, 0.5, 1, 2, 3], ["f4", "f8", "f2", "i4", "u1", ">f8"])


def mask(n, k):
    return shaped((n,), [0, 1], ["?", "u1", "i4"])


def scores(n, k):
    """Any logits."""
    return st.one_of(shaped((n, k), [-3, -1, 0, 0.5, 2, 700], FLOATS + ["i4"]),
                     shaped((n,), [-3, 0, 2], ["f4", "f8"]), shaped((n, 2, k), [0, 1], ["f4"]))


@st.composite
def probabilities(draw, n, k):
    """Rows that sum to 1, or the probability of one class of two."""
    if k == 2 and draw(st.booleans()):
        return draw(shaped((n,), [0, 0.2, 0.5, 1], ["f4", "f8"]))
    weights = draw(shaped((n, k), [1, 2, 3, 0.5], ["f8"]))
    rows = weights / weights.sum(axis=1, keepdims=True)
    return draw(layout(rows.astype(draw(st.sampled_from(["f4", "f8", ">f8"])))))


def table(n, k):
    """Rows to learn from or to decide: a matrix, or columns by name."""
    matrix = shaped((n, 2), [-1, 0, 0.5, 2, float("nan")], FLOATS + ["i4", "u1", "O"])
    column = st.one_of(numbers(n, k), st.lists(st.sampled_from(["a", "b", None]), min_size=n,
                                               max_size=n))
    return st.one_of(matrix, st.fixed_dictionaries({"x0": column, "x1": column}))


def costs(n, k):
    matrix = shaped((k, k), [0, 1, 5, 0.5], ["f8", "i4"])
    by_row = shaped((n, k, k), [0, 1, 5], ["f8", "f4"])
    pair = st.tuples(st.integers(0, k), st.integers(0, k))
    by_name = st.dictionaries(pair, st.sampled_from([0, 1, 5, -1, "x"]), min_size=1, max_size=3)
    return st.one_of(matrix, by_row, by_name, st.sampled_from(["0:1=5", "1=3", "a:b=2", "=", ":="]))


def policies(n, k):
    pairs = st.dictionaries(st.one_of(st.integers(0, k), st.sampled_from(["a", "default"])),
                            st.sampled_from([0, 1, 2.5, -1, "2", (1, 2)]), max_size=4)
    return st.one_of(pairs, shares(n, k), st.sampled_from([
        None, "balanced", "sqrt", "effective:0.999", "log:auto", "cost", "0=1,1=5", "power:",
        "effective:2", "none", "a=1"]))


def shares(n, k):
    """Numbers of classes that may sum to 1."""
    return st.one_of(st.just([1 / k] * k), shaped((k,), [0, 0.25, 1, 2], ["f8", "f4", "i4"]))


def counts(n, k):
    return st.one_of(shaped((k,), [0, 1, 100], ["i4", "i8", "f8"]),
                     st.dictionaries(st.integers(0, k), st.integers(0, 9), max_size=4))


def classes(n, k):
    names = ["a", "b", "c", "ä"][:k]
    return st.sampled_from([None, k, list(range(k)), names, 0, -1, 2**40, [0, 0]])


def one_of(*values):
    """One of a few words."""
    return lambda n, k: st.sampled_from(values)
