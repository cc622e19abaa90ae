"""Arrow arrays, streams and tables are read without pyarrow as pyarrow itself would read them."""

import datetime
import decimal

import numpy as np
import pytest

from steelyard import _arrow, class_weights, sample_weights
from steelyard.arrays import MISSING, Dates, TextColumn, to_columns, to_numpy

pa = pytest.importorskip("pyarrow")

pytestmark = pytest.mark.filterwarnings("ignore::steelyard.WeightWarning")

TYPES = [pa.int8(), pa.uint8(), pa.int16(), pa.uint16(), pa.int32(), pa.uint32(), pa.int64(),
         pa.uint64(), pa.float16(), pa.float32(), pa.float64(), pa.bool_()]


class Stream:
    """An object that is nothing but an Arrow stream."""

    def __init__(self, source):
        self.source = source

    def __arrow_c_stream__(self, requested_schema=None):
        return self.source.__arrow_c_stream__(requested_schema)


def column(source):
    return _arrow.read_column(source, "c")


def texts(values):
    return [None if code == MISSING else values.names[code] for code in values.codes]


@pytest.mark.parametrize("kind", TYPES, ids=str)
@pytest.mark.parametrize("missing", [False, True])
def test_numbers_in_slices_and_chunks(kind, missing):
    values = np.arange(40) % 2 if kind == pa.bool_() else np.arange(40)
    source = pa.array([None if missing and i % 7 == 3 else value
                       for i, value in enumerate(values.tolist())]).cast(kind)
    expected = np.array([np.nan if value is None else value for value in source.to_pylist()],
                        np.float64)
    for first, last in [(0, 40), (3, 30), (9, 17), (3, 3)]:
        part = source.slice(first, last - first)
        np.testing.assert_array_equal(column(part), expected[first:last])
        chunked = pa.chunked_array([part, source, part[:0]])
        np.testing.assert_array_equal(column(chunked),
                                      np.concatenate([expected[first:last], expected]))
    assert missing or column(source).dtype.kind == np.dtype(kind.to_pandas_dtype()).kind


def test_one_chunk_is_not_copied():
    source = pa.array(np.arange(1000.0))
    assert column(source[10:]).ctypes.data == source.buffers()[1].address + 80
    assert not column(source).flags.writeable


def test_memory_lives_as_long_as_the_array():
    read = column(pa.array(np.arange(100_000)))
    np.testing.assert_array_equal(read, np.arange(100_000))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_texts(kind):
    values = ["a", None, "", "a text of more than twelve bytes", "né", "a", "b" * 300]
    source = pa.array(values, kind)
    assert texts(column(source)) == values
    assert texts(column(source[2:6])) == values[2:6]
    assert texts(column(pa.chunked_array([source[3:], source]))) == values[3:] + values
    assert len(column(pa.chunked_array([source, source])).names) == 5


@pytest.mark.parametrize("index", [pa.int8(), pa.int32(), pa.uint16()], ids=str)
def test_categories_of_texts(index):
    values = ["a", None, "b", "a"]
    source = pa.array(values).dictionary_encode().cast(pa.dictionary(index, pa.string()))
    other = pa.array(["b", "c"]).dictionary_encode().cast(pa.dictionary(index, pa.string()))
    both = column(pa.chunked_array([source[1:], other]))
    assert texts(both) == [None, "b", "a", "b", "c"]
    assert len(set(both.names)) == len(both.names)


def test_categories_of_numbers():
    source = pa.array([7, None, 9, 7]).dictionary_encode()
    np.testing.assert_array_equal(column(source), [7, np.nan, 9, 7])


def test_dates_and_times():
    date = datetime.date(1970, 1, 3)
    for kind in (pa.date32(), pa.date64()):
        np.testing.assert_array_equal(column(pa.array([date, None], kind)).days, [2, np.nan])
    noon = datetime.datetime(1969, 12, 31, 12)
    for unit in ("s", "ms", "us", "ns"):
        read = column(pa.array([noon, None], pa.timestamp(unit)))
        assert isinstance(read, Dates)
        np.testing.assert_array_equal(read.days, [-0.5, np.nan])
    aware = pa.array([noon], pa.timestamp("us")).cast(pa.timestamp("us", "Europe/Berlin"))
    assert column(aware).days.tolist() == [-0.5]


@pytest.mark.parametrize("precision", [5, 12, 30, 60])
def test_decimals(precision):
    values = ["1.25", "-123.04", "0", None]
    if precision == 30:
        values += ["-123456789012345678901234567.25", "99999999999999999999.5"]
    if precision == 60:
        values += ["-1234567890123456789012345678901234567890.25"]
    source = [None if value is None else decimal.Decimal(value) for value in values]
    kind = pa.decimal256(precision, 2) if precision > 38 else pa.decimal128(precision, 2)
    expected = [np.nan if value is None else float(value) for value in values]
    np.testing.assert_allclose(column(pa.array(source, kind)), expected, rtol=1e-15)


def test_small_decimals():
    for make in ("decimal32", "decimal64"):
        if hasattr(pa, make):
            kind = getattr(pa, make)(6, 2)
            read = column(pa.array([decimal.Decimal("-12.25"), None], kind))
            np.testing.assert_array_equal(read, [-12.25, np.nan])


def test_nothing_but_nulls():
    np.testing.assert_array_equal(column(pa.nulls(2)), [np.nan, np.nan])


@pytest.mark.parametrize("source, called", [
    (pa.array([[1], [2]]), "list"), (pa.array([b"a"]), "binary"),
    (pa.array([datetime.time(1)]), "time of day"), (pa.array([{"a": 1}]), "structure")])
def test_other_types_are_refused_by_name(source, called):
    with pytest.raises(ValueError) as failure:
        column(source)
    assert str(failure.value) == (f"column 'c' is of type {called}, which cannot be read: numbers, "
                                  "booleans, texts or dates would be right")


def test_tables():
    table = pa.table({"a": [1, 2, 3], "b": ["x", None, "y"], "c": [True, False, True]})
    for source in (table, Stream(table), table.to_batches()[0], table.to_reader()):
        columns, rows = to_columns(source)
        assert rows == 3 and [name for name, _ in columns] == ["a", "b", "c"]
        assert columns[0][1].tolist() == [1, 2, 3]
        assert isinstance(columns[1][1], TextColumn) and texts(columns[1][1]) == ["x", None, "y"]
    sliced = table.to_batches()[0].slice(1)
    assert to_columns(sliced)[0][0][1].tolist() == [2, 3]
    assert to_columns(table.slice(1, 1))[0][0][1].tolist() == [2]


def test_streams_are_arrays():
    assert to_numpy(Stream(pa.chunked_array([[1, 2], [3]]))).tolist() == [1, 2, 3]
    assert to_numpy(Stream(pa.chunked_array([["a"], ["b"]]))).tolist() == ["a", "b"]
    assert to_numpy(Stream(pa.table({"a": [1, 2], "b": [3, 4]}))).tolist() == [[1, 3], [2, 4]]
    with pytest.raises(ValueError, match="y: position 3 is missing"):
        to_numpy(Stream(pa.chunked_array([[1, 2], [3, None]])))


def test_a_stream_that_fails_says_why():
    def batches():
        yield pa.record_batch({"a": [1]})
        raise RuntimeError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())
    with pytest.raises(ValueError, match="an Arrow stream failed: .*the disk is gone"):
        to_columns(reader)


@pytest.mark.parametrize("make", [
    lambda values: pa.array(values), lambda values: pa.chunked_array([values[:1], values[1:]]),
    lambda values: Stream(pa.chunked_array([values])),
    lambda values: pa.array(values).dictionary_encode()])
@pytest.mark.parametrize("values", [["b", "a", "b"], [7, 5, 7]])
def test_labels(make, values):
    assert class_weights(make(values), "inverse") == class_weights(values, "inverse")
    weights = sample_weights(make(values), "inverse")
    weights = weights.to_numpy() if hasattr(weights, "to_pylist") else weights
    np.testing.assert_array_equal(weights, sample_weights(values, "inverse"))


def test_polars_and_pandas():
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    values = ["b", "a", "b"]
    for series in (polars.Series(values), polars.Series(values, dtype=polars.Categorical),
                   pandas.Series(values, index=[4, 5, 6]), pandas.Series(values, dtype="category"),
                   pandas.Series(values, dtype=object)):
        assert class_weights(series, "inverse") == class_weights(values, "inverse")
        weights = sample_weights(series, "inverse")
        assert type(weights) is type(series)
        np.testing.assert_array_equal(weights.to_numpy(), sample_weights(values, "inverse"))
    assert sample_weights(pandas.Series(values, index=[4, 5, 6])).index.tolist() == [4, 5, 6]
    for missing in (polars.Series(["a", None]), pandas.Series(["a", None]),
                    pandas.Series(["a", None], dtype="category"), polars.Series([1, None]),
                    pandas.Series([1, None], dtype="Int64"), pa.array(["a", None])):
        with pytest.raises(ValueError, match="y: position 1 is missing"):
            class_weights(missing)


def test_frames_of_several_labels():
    polars, pandas = pytest.importorskip("polars"), pytest.importorskip("pandas")
    for package in (polars, pandas):
        frame = package.DataFrame({"red": [1, 0, 0], "blue": [0, 1, 1]})
        weights = class_weights(frame, kind="multi-hot")
        assert weights == {"red": (0.75, 1.5), "blue": (1.5, 0.75)}
        rows = sample_weights(frame, weights, kind="multi-hot")
        assert type(rows) is type(frame) and list(rows.columns) == ["red", "blue"]
    columns, _ = to_columns(polars.DataFrame({"a": [1, None], "b": ["x", None]}))
    np.testing.assert_array_equal(columns[0][1], [1, np.nan])
    assert texts(columns[1][1]) == ["x", None]
