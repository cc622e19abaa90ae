"""How labels are read: their kind, the classes they have, and what these are called in Python."""

from collections.abc import Iterable, Mapping

import numpy as np

from steelyard import arrays
from steelyard._classes import numbered
from steelyard._columns import column_of
from steelyard._core.labels import Counter, LabelArray, LabelOptions
from steelyard._core.texts import TextCoder, code_fixed, code_objects

_TEXT_KINDS = ("name", "name-list")
_KINDS = ("index", "name", "one-hot", "multi-hot", "name-list")
_PLAIN = LabelOptions()

_MEANINGS = {
    "index": "a class id at each position",
    "one-hot": "the last axis is the class axis; soft labels too",
    "multi-hot": "the last axis has independent yes/no labels",
    "name": "a class name at each position",
    "name-list": "several names each, 'a;b'",
}


class Reading:
    """One way of reading labels: a kind, what is declared, what is ignored."""

    __slots__ = ("kind", "key", "declared", "ignore", "options", "lookup")

    def __init__(self, kind, key, classes=None, ignore=None):
        self.kind = kind
        self.key = key
        self.ignore = ignore
        self.lookup = None
        self.declared = None
        self.options = _PLAIN
        if classes is not None or ignore is not None:
            self._declare(classes, ignore)

    def _declare(self, classes, ignore):
        self.declared = declared_classes(classes)
        if self.declared == []:
            raise ValueError("classes= declares no class: the classes in their order, or their "
                             "number, would be right")
        names = None if classes is None else [name_of(label, self.key) for label in self.declared]
        if classes is not None and self.kind == "index" and _are_ids(self.declared):
            ids = [int(label) for label in self.declared]
            if ids == list(range(len(ids))):
                names = len(ids) if self.key is not bool else names
            else:
                self.lookup = IdLookup(ids, ignore)
                ignore = None if ignore is None else -1
        self.options = LabelOptions(names, _ignore_text(ignore, self.key))

    def __reduce__(self):
        return Reading, (self.kind, self.key, self.declared, self.ignore)

    def counter(self):
        """A new counter of such labels."""
        return Counter(self.kind, self.options)

    def block(self, values, mask=None, sample_weight=None):
        """Labels with their mask and row weights as the library reads them."""
        if mask is not None:
            mask = arrays.to_numpy(mask, "mask")
        if sample_weight is not None:
            sample_weight = floats(sample_weight, "sample_weight")
        if self.lookup is not None:
            values = self.lookup.ids(values, mask)
        return LabelArray(self.kind, values, mask, sample_weight)

    def labels(self, counts):
        """The classes of counts in their order, as Python calls them."""
        if self.declared is not None:
            return list(self.declared)
        names = counts.names
        if self.key is str:
            return names
        return [self.key(int(name)) for name in names]


_OUTSIDE = np.int32(-2)


class IdLookup:
    """Declared ids that are not 0..K-1, in any order: which place each has."""

    def __init__(self, ids, ignore):
        self.declared = ids
        self.order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int32)
        self.sorted = _integers([ids[k] for k in self.order])
        self.ignore = None if ignore is None else int(ignore)
        self.table = self._table()

    def _table(self):
        """Places of ids from the least on, _OUTSIDE at the end and for those between; None where
        it would be long, or ids are beyond int64."""
        span = int(self.sorted[-1]) - int(self.sorted[0]) + 1
        if span > 65536 or self.sorted.dtype == np.uint64:
            return None
        table = np.full(span + 1, _OUTSIDE, np.int32)
        table[self.sorted - self.sorted[0]] = self.order
        return table

    def ids(self, values, mask):
        """Places 0..K-1, -1 for the ignored id."""
        if values.dtype.kind not in "iub":
            return values  # refused where the kind is looked at
        wraps = values.dtype == np.uint64 and self.sorted[0] < 0
        places = self._search(values) if self.table is None or wraps else self._look_up(values)
        outside = places == _OUTSIDE
        if self.ignore is not None:
            ignored = values == self.ignore
            places[ignored] = -1
            outside &= ~ignored
        if mask is not None and mask.shape == values.shape[:mask.ndim]:
            outside[mask == 0] = False
        if outside.any():
            raise self._outside(values, int(np.flatnonzero(outside)[0]))
        return places

    def _look_up(self, values):
        """By a table of all ids between the least and the largest. The difference may wrap round,
        which no two ids do to the same."""
        offsets = np.subtract(values, self.sorted[0], dtype=np.int64, casting="unsafe")
        return self.table[np.minimum(offsets.view(np.uint64), np.uint64(len(self.table) - 1))]

    def _search(self, values):
        same, outside = self._alike(values)
        found = np.searchsorted(self.sorted, same).clip(max=len(self.sorted) - 1)
        outside |= self.sorted[found] != same
        return np.where(outside, _OUTSIDE, self.order[found])

    def _alike(self, values):
        """Values as the integer type of the declared ids, and which of them that cannot hold."""
        if self.sorted.dtype == np.uint64 and values.dtype.kind == "i":
            return values.astype(np.uint64), values < 0
        if self.sorted.dtype != np.uint64 and values.dtype == np.uint64:
            return values.astype(np.int64), values > np.uint64(2**63 - 1)
        return values, np.zeros(values.shape, bool)

    def _outside(self, values, flat):
        at = np.unravel_index(flat, values.shape)
        shown = ", ".join(map(str, self.declared[:20])) + (", ..." if self.declared[20:] else "")
        return ValueError(f"label {values[at]} at {place_of(at)} is outside the "
                          f"{len(self.declared)} classes {shown}")


def _integers(ids):
    """Sorted ids as int64, or as uint64 where they are beyond it."""
    try:
        return np.array(ids, np.int64 if ids[-1] < 2**63 else np.uint64)
    except OverflowError:
        raise ValueError("classes= declares ids that no integer type holds together") from None


def place_of(at):
    """A position as the library tells it, from 1: row 3; row 3, step 7; row 3, position (5, 9)."""
    at = [int(i) + 1 for i in at]
    if len(at) == 1:
        return f"row {at[0]}"
    if len(at) == 2:
        return f"row {at[0]}, step {at[1]}"
    return f"row {at[0]}, position ({', '.join(map(str, at[1:]))})"


def floats(values, name):
    """Numbers as an array of float32 or float64."""
    array = arrays.to_numpy(values, name)
    if array.dtype.kind in "biu":
        return array.astype(np.float64)
    if array.dtype.kind != "f":
        raise ValueError(f"{name}: these are no numbers: numbers would be right")
    return array


# --- what is declared ---

def declared_classes(classes):
    """Declared classes as a list of Python's own labels; K stands for 0..K-1."""
    if classes is None:
        return None
    if isinstance(classes, (int, np.integer)) and not isinstance(classes, bool):
        return list(numbered(int(classes)))
    if isinstance(classes, (str, Mapping)) or not isinstance(classes, Iterable):
        raise ValueError(f"classes={classes!r}: a list of the classes in their order, or their "
                         "number, would be right")
    array = None if isinstance(classes, (list, tuple, range)) else arrays.to_numpy(classes,
                                                                                 "classes")
    return [plain_label(label) for label in (classes if array is None else array.tolist())]


def plain_label(label):
    """A label without NumPy."""
    return label.item() if isinstance(label, np.generic) else label


def _are_ids(labels):
    return all(isinstance(label, int) for label in labels)


def key_of(labels):
    """The class that labels given as Python objects have in common: bool, int or str."""
    if labels and all(isinstance(label, bool) for label in labels):
        return bool
    return int if labels and _are_ids(labels) else str


def name_of(label, key):
    """What the library calls a label."""
    if isinstance(label, (bool, np.bool_)) and key is not str:
        return str(int(label))
    if isinstance(label, (float, np.floating)) and key is not str and label == int(label):
        return str(int(label))
    return str(label)


def _ignore_text(ignore, key):
    return None if ignore is None else name_of(plain_label(ignore), key)


# --- what is given ---

def read(y, kind=None, classes=None, ignore=None):
    """How to read `y`, and its values as LabelArray takes them."""
    values = values_of(y)
    kind, key = _kind_of(values, kind)
    if classes is None and key is int and kind in ("one-hot", "multi-hot"):
        classes = _column_names(y, kind)
    return Reading(kind, key, classes, ignore), values


def reread(y, reading):
    """The values of `y`, to be read as other labels were."""
    values = values_of(y)
    _kind_of(values, reading.kind)
    return values


def values_of(y):
    """Labels as an array of numbers, or as a pair (uint32 codes, distinct texts)."""
    if type(y) is not np.ndarray:
        y = _texts_of_arrow(y)
        if isinstance(y, tuple):
            return y
    if type(y) is np.ndarray and y.dtype.kind in "biu":
        return arrays.to_numpy(y)
    if type(y) is np.ndarray and y.dtype.kind == "O" and y.ndim > 0:
        coded = _coded_objects(y)
        if coded is not None:
            return coded
    return _coded(arrays.to_numpy(y))


def _texts_of_arrow(y):
    """Texts of pandas, polars or Arrow as (codes, texts); else what it was, opened if need be."""
    package = arrays.family(y)
    if package == "list":
        return arrays.from_list(y, "y")
    if package == "pandas":
        return _texts_of_pandas(y)
    if package not in ("polars", "pyarrow", "") or not hasattr(y, "__arrow_c_stream__") \
            and not hasattr(y, "__arrow_c_array__"):
        return y
    if package == "" and hasattr(y, "__array__") or hasattr(y, "columns"):
        return y
    from steelyard._arrow import read_labels
    return read_labels(y)


def _texts_of_pandas(y):
    if y.ndim != 1 or getattr(y.dtype, "kind", "O") != "O":
        return y
    if type(y.dtype).__name__ == "CategoricalDtype":
        column = column_of(y, "y")
        if all(isinstance(text, str) for text in y.dtype.categories):
            return _refuse_missing(column)
        return y
    if getattr(y.dtype, "storage", "") == "pyarrow" and hasattr(y, "__arrow_c_stream__"):
        from steelyard._arrow import read_labels
        return read_labels(y)
    return y


def _refuse_missing(column):
    missing = column.codes == arrays.MISSING
    if missing.any():
        raise arrays.missing_error("y", int(np.argmax(missing)))
    return column.codes, column.names


def _coded_objects(array):
    """(codes, texts) of objects that are all texts, else None."""
    coder = TextCoder()
    codes = np.empty(array.shape, np.uint32)
    if code_objects(np.ascontiguousarray(array), codes, coder) >= 0:
        return None
    return codes, coder.names()


def _coded(array):
    """(codes, texts) of texts, numbers as they are."""
    kind = array.dtype.kind
    if array.ndim == 0:
        raise ValueError("y is one value: labels of many rows would be right")
    if kind == "M":
        raise ValueError("y: labels that are dates cannot be read: texts (astype(str)) would be "
                         "right")
    if kind == "T":
        array, kind = array.astype(object), "O"
    if kind == "O":
        coded = _coded_objects(array)
        return _coded(arrays.to_numpy(array)) if coded is None else coded
    if kind != "U":
        return array
    coder = TextCoder()
    codes = np.empty(array.shape, np.uint32)
    code_fixed(np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("=")), codes, coder)
    return codes, coder.names("utf-32")


def _column_names(y, kind):
    """Classes of a DataFrame are its columns."""
    if arrays.family(y) in ("pandas", "polars") and hasattr(y, "columns"):
        return [plain_label(name) for name in y.columns]
    return None


def _kind_of(values, kind):
    """The kind of labels, and the class that their names have in Python."""
    texts = isinstance(values, tuple)
    if kind is None:
        kind = _undeclared(values, texts)
    elif kind not in _KINDS:
        kind = spelled(kind)
    if texts != (kind in _TEXT_KINDS):
        raise _wrong_kind(kind, texts)
    if texts:
        return kind, str
    return kind, bool if kind == "index" and values.dtype.kind == "b" else int


def _undeclared(values, texts):
    shape = values[0].shape if texts else values.shape
    if shape == (0,):  # an empty list is of no type
        raise ValueError("there are no labels: the data have no rows")
    if len(shape) == 1:
        return "name" if texts else "index"
    if not shape:
        raise ValueError("y is one value: labels of many rows would be right")
    choices = ", ".join(f"'{kind}' ({_MEANINGS[kind]})" for kind in _KINDS
                        if (kind in _TEXT_KINDS) == texts)
    raise ValueError(f"y has shape {tuple(shape)}: labels of two axes or more must say what they "
                     f"are, kind={choices}")


def spelled(kind):
    """A kind as it is called here: "name list" and "one_hot" are understood."""
    spelled = str(kind).replace("_", "-").replace(" ", "-").lower()
    if spelled in _KINDS:
        return spelled
    raise ValueError(f"there is no kind of labels {kind!r}: one of {', '.join(_KINDS)} would be "
                     "right")


def _wrong_kind(kind, texts):
    if texts:
        return ValueError(f"labels of kind {kind} are numbers, these are texts: kind='name' (or "
                          "'name-list') would be right")
    return ValueError(f"labels of kind {kind} are texts, these are numbers: kind='index', "
                      "'one-hot' or 'multi-hot' would be right")
