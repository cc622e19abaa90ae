"""Arrow arrays, streams and tables as NumPy arrays, texts and dates, without pyarrow."""

import numpy as np

from steelyard import arrays
from steelyard._columns import MISSING, Dates, TextColumn
from steelyard._core.arrow import read_capsules, read_stream
from steelyard._core.texts import TextCoder, code_offsets, code_views

_NUMBERS = {"c": "i1", "C": "u1", "s": "i2", "S": "u2", "i": "i4", "I": "u4", "l": "i8", "L": "u8",
            "e": "f2", "f": "f4", "g": "f8"}
_A_DAY = {"tdD": 1, "tdm": 86_400_000, "tss": 86_400, "tsm": 86_400_000, "tsu": 86_400_000_000,
          "tsn": 86_400_000_000_000}
_NAMES = {"z": "binary", "Z": "binary", "vz": "binary", "tt": "time of day", "tD": "duration",
          "ti": "interval", "+l": "list", "+L": "list", "+w": "list of fixed length",
          "+s": "structure", "+m": "map", "+u": "union", "+r": "run-end encoded", "w:": "binary"}


def is_arrow(obj):
    """Whether an object can be read here."""
    return hasattr(obj, "__arrow_c_stream__") or hasattr(obj, "__arrow_c_array__")


def _open(obj):
    """The field and the chunks of an object."""
    if hasattr(obj, "__arrow_c_array__"):
        return read_capsules(*obj.__arrow_c_array__())
    return read_stream(obj.__arrow_c_stream__())


def read_columns(table):
    """(name, values) of the columns of a table."""
    field, chunks = _open(table)
    if field.format != "+s":
        raise ValueError("X is one column of an Arrow array: a table would be right")
    return [(child.name, _column(child, [chunk.child(j) for chunk in chunks], child.name))
            for j, child in enumerate(field.children)]


def read_column(obj, name):
    """The values of an array, a chunked array or a Series."""
    field, chunks = _open(obj)
    return _column(field, chunks, name)


def read_array(obj, name="y"):
    """An array or a table as a NumPy array; a missing value but among floats is refused."""
    field, chunks = _open(obj)
    if field.format != "+s":
        return whole(_column(field, chunks, name, refuses=True))
    columns = [whole(_column(child, [chunk.child(j) for chunk in chunks], child.name, refuses=True))
               for j, child in enumerate(field.children)]
    if not columns:
        raise ValueError(f"{name}: this table has no columns")
    if len({column.dtype.kind in "OUT" for column in columns}) > 1:
        raise ValueError(f"{name}: some columns are texts and some numbers: all of one kind would "
                         "be right")
    return np.stack(columns, axis=1)


def read_labels(obj):
    """Labels as an array of numbers, or (codes, texts); a missing one is refused."""
    field, chunks = _open(obj)
    values = _column(field, chunks, "y", refuses=True)
    if isinstance(values, TextColumn):
        return values.codes, values.names
    return whole(values)


def whole(values):
    """A column as one NumPy array."""
    if isinstance(values, TextColumn):
        return np.array([*values.names, None], dtype=object)[values.codes.astype(np.int32)]
    if isinstance(values, Dates):
        return (values.days * 86_400_000_000).astype("M8[us]")
    return values


def _column(field, chunks, name, refuses=False):
    chunks = [chunk for chunk in chunks if chunk.length > 0]
    if refuses:
        _refuse_missing(chunks, field.format, name)
    if field.dictionary is not None:
        return _dictionary(field, chunks, name)
    if field.format in ("u", "U", "vu"):
        return _texts(field.format, chunks)
    if field.format[:3] in _A_DAY:
        return Dates(_days(field.format, chunks))
    return _number_column(field.format, chunks, name)


def _refuse_missing(chunks, kind, name):
    before = 0
    for chunk in chunks:
        valid = _valid(chunk)
        if kind == "n" or (valid is not None and kind not in ("e", "f", "g")):
            raise arrays.missing_error(name, before + (0 if kind == "n" else
                                                       int(np.argmin(valid))))
        before += chunk.length


def _valid(chunk):
    """Booleans (n), False where missing; None where nothing is."""
    if chunk.null_count == 0:
        return None
    bits = chunk.buffer(0, (chunk.offset + chunk.length + 7) // 8)
    if bits is None:
        return None
    valid = _bits(bits, chunk)
    return None if valid.all() else valid


def _bits(memory, chunk):
    bits = np.unpackbits(np.frombuffer(memory, np.uint8), bitorder="little",
                         count=chunk.offset + chunk.length)
    return bits[chunk.offset:].view(np.bool_)


def _numbers(chunk, dtype, index=1):
    """Numbers of a buffer, as they lie there."""
    size = np.dtype(dtype).itemsize
    memory = chunk.buffer(index, (chunk.offset + chunk.length) * size)
    if memory is None:
        raise ValueError("an Arrow array lacks its values")
    return np.frombuffer(memory, dtype, chunk.length, chunk.offset * size)


def _joined(parts, dtype):
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0, dtype)


# --- numbers ---

def _number_column(kind, chunks, name):
    if kind == "n":
        return np.full(sum(chunk.length for chunk in chunks), np.nan)
    valids = [_valid(chunk) for chunk in chunks]
    if kind == "b":
        parts = [_bits(chunk.buffer(1, (chunk.offset + chunk.length + 7) // 8), chunk)
                 for chunk in chunks]
        return _with_missing(parts, valids, np.bool_)
    if kind in _NUMBERS:
        parts = [_numbers(chunk, _NUMBERS[kind]) for chunk in chunks]
        if kind == "e":
            parts = [part.astype(np.float32) for part in parts]
        return _with_missing(parts, valids, np.float32 if kind == "e" else _NUMBERS[kind])
    if kind.startswith("d:"):
        return _with_missing([_decimals(chunk, kind) for chunk in chunks], valids, np.float64)
    called = next((text for start, text in _NAMES.items() if kind.startswith(start)), kind)
    raise ValueError(f"column '{name}' is of type {called}, which cannot be read: numbers, "
                     "booleans, texts or dates would be right")


def _with_missing(parts, valids, dtype):
    """The parts in one; missing numbers are NaN."""
    if all(valid is None for valid in valids):
        return _joined(parts, dtype)
    kind = np.dtype(dtype)
    made = np.concatenate(parts).astype(kind if kind.kind == "f" else np.float64)
    valid = np.concatenate([np.ones(len(part), bool) if valid is None else valid
                            for part, valid in zip(parts, valids)])
    made[~valid] = np.nan
    return made


def _decimals(chunk, kind):
    """Decimals of 32 to 256 bits: integers over a power of ten."""
    precision_scale_bits = [int(part) for part in kind[2:].split(",")]
    scale = precision_scale_bits[1]
    bits = precision_scale_bits[2] if len(precision_scale_bits) > 2 else 128
    if bits == 32:
        return _numbers(chunk, "i4") / 10.0**scale
    limbs = _numbers(chunk, [("limbs", "u8", (bits // 64,))])["limbs"]
    return _wide_integers(np.ascontiguousarray(limbs.T)) / 10.0**scale


def _wide_integers(limbs):
    """Integers of several limbs, the lowest first, as float64. A negative one is taken as what it
    lacks to -1: adding its limbs as they are would cancel."""
    signed = limbs.view(np.int64)
    negative = signed[-1] < 0
    fits = np.all(signed[1:] == signed[0] >> 63, axis=0)
    wide = np.zeros(len(negative))
    for limb in limbs[::-1]:
        wide = wide * 2.0**64 + np.where(negative, ~limb, limb)
    return np.where(fits, signed[0], np.where(negative, -1 - wide, wide))


# --- dates ---

def _days(kind, chunks):
    unit = kind[:3]
    parts = [_numbers(chunk, "i4" if unit == "tdD" else "i8") / _A_DAY[unit] for chunk in chunks]
    return _with_missing(parts, [_valid(chunk) for chunk in chunks], np.float64)


# --- texts ---

def _texts(kind, chunks):
    coder = TextCoder()
    codes = np.empty(sum(chunk.length for chunk in chunks), np.uint32)
    done = 0
    for chunk in chunks:
        _code(kind, chunk, codes[done:done + chunk.length], coder)
        done += chunk.length
    return TextColumn(codes, coder.names())


def _code(kind, chunk, codes, coder):
    valid = _valid(chunk)
    valid = None if valid is None else valid.view(np.uint8)
    if kind == "vu":
        return code_views(_view_table(chunk), _view_buffers(chunk), codes, coder, valid)
    size = np.dtype("i4" if kind == "u" else "i8")
    memory = chunk.buffer(1, (chunk.offset + chunk.length + 1) * size.itemsize)
    offsets = np.frombuffer(memory, size, chunk.length + 1, chunk.offset * size.itemsize)
    return code_offsets(chunk.buffer(2, int(offsets[-1])), offsets.astype(np.int64), codes, coder,
                        valid)


def _view_table(chunk):
    return np.frombuffer(chunk.buffer(1, (chunk.offset + chunk.length) * 16), np.uint8,
                         chunk.length * 16, chunk.offset * 16)


def _view_buffers(chunk):
    """The buffers of long texts; the last buffer of all has their lengths."""
    n_long = chunk.n_buffers - 3
    if n_long <= 0:
        return []
    sizes = np.frombuffer(chunk.buffer(chunk.n_buffers - 1, 8 * n_long), np.int64)
    return [chunk.buffer(2 + i, int(size)) for i, size in enumerate(sizes)]


def _dictionary(field, chunks, name):
    """Categories: codes into values that each chunk brings along."""
    coder = TextCoder()
    parts, numbers = [], []
    for chunk in chunks:
        held = chunk.dictionary()
        places = np.empty(held.length, np.uint32)
        if field.dictionary.format in ("u", "U", "vu"):
            if held.length:
                _code(field.dictionary.format, held, places, coder)
        else:
            numbers.append(_column(field.dictionary, [held], name))
        parts.append(_codes(field.format, chunk, None if numbers else places))
    if numbers:
        return _looked_up(parts, numbers)
    return TextColumn(_joined(parts, np.uint32), coder.names())


def _codes(kind, chunk, places):
    """Indices of a chunk, or what they mean by `places`; MISSING where there is none."""
    indices = _numbers(chunk, _NUMBERS[kind])
    valid = _valid(chunk)
    indices = indices if valid is None else np.where(valid, indices, 0)
    most = len(places) if places is not None else chunk.dictionary().length
    if valid is not None and not most:
        return np.full(len(indices), MISSING, np.uint32)
    if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < most:
        raise ValueError("an Arrow array has indices outside its dictionary")
    codes = indices.astype(np.uint32) if places is None else places[indices]
    if valid is not None:
        codes = codes.copy()
        codes[~valid] = MISSING
    return codes


def _looked_up(parts, numbers):
    """Values of dictionaries that are not texts."""
    dates = isinstance(numbers[0], Dates)
    values = []
    for codes, known in zip(parts, numbers):
        known = known.days if dates else known
        missing = codes == MISSING
        found = known[np.where(missing, 0, codes)] if len(known) else np.full(len(codes), np.nan)
        if missing.any():
            found = found.astype(np.float64)
            found[missing] = np.nan
        values.append(found)
    return Dates(np.concatenate(values)) if dates else np.concatenate(values)
