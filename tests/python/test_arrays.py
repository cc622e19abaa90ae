"""Intake: what comes in is what NumPy sees, and results go back in the caller's kind."""

import numpy as np
import pytest

from steelyard.arrays import MISSING, Dates, TextColumn, like, to_columns, to_numpy


@pytest.mark.parametrize("dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", "f4", "f8"])
def test_numbers_are_not_copied(dtype):
    array = np.arange(12).astype(dtype).reshape(3, 4)[::-1, ::2]
    assert to_numpy(array) is array


def test_other_byte_orders_and_odd_strides_are_copied():
    pairs = np.zeros(3, dtype=[("mark", "i1"), ("value", "f8")])
    pairs["value"] = [1, 2, 3]
    assert to_numpy(pairs["value"]).tolist() == [1, 2, 3]
    assert to_numpy(pairs["value"]).strides == (8,)
    assert to_numpy(np.array([1, 2], dtype=">i4")).dtype == np.dtype("i4")


def test_halves_become_float32():
    assert to_numpy(np.ones(2, np.float16)).dtype == np.float32


@pytest.mark.parametrize("values, said", [
    ([1, 2, 3, "a"], "labels: position 3 is 'a' (text), the ones before are numbers: all numbers "
                     "or all texts would be right"),
    (["a", 1], "labels: position 1 is 1 (a number), the ones before are texts: all numbers or all "
               "texts would be right"),
    ([[1, 2], [3, "a"]], "labels: position (1, 1) is 'a' (text), the ones before are numbers: all "
                         "numbers or all texts would be right"),
    ([1, None], "labels: position 1 is missing: remove the row or give it a value"),
    (["a", float("nan")], "labels: position 1 is missing: remove the row or give it a value"),
    ([[1], [2, 3]], "labels: the lists within this list are of different lengths, or no array: "
                    "equal lengths would be right"),
    (object(), "labels: an object of type object cannot be read: an array, a list, a Series or a "
               "tensor would be right"),
    (np.ma.masked_array([1, 2], [0, 1]), "labels: position 1 is missing: remove the row or give it "
                                         "a value"),
])
def test_refusals_name_the_first_offender(values, said):
    with pytest.raises(ValueError) as failure:
        to_numpy(values, "labels")
    assert str(failure.value) == said


def test_series_in_series_out():
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([1, 2], index=[5, 6])
    back = like(np.float32([0.5, 1]), series)
    assert back.index.tolist() == [5, 6]
    assert back.dtype == np.float32


def test_columns_of_a_mapping():
    columns, rows = to_columns({"a": [1, None, 2.5], "b": ["x", None, "x"],
                                "c": np.array(["1970-01-02", "NaT", "1969-12-31"], "M8[D]")})
    assert rows == 3
    (_, numbers), (_, texts), (_, dates) = columns
    np.testing.assert_array_equal(numbers, [1, np.nan, 2.5])
    assert isinstance(texts, TextColumn) and isinstance(dates, Dates)
    assert texts.codes.tolist() == [0, MISSING, 0] and texts.names == ["x"]
    np.testing.assert_array_equal(dates.days, [1, np.nan, -1])


def test_columns_of_a_frame():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"number": [1.5, None], "text": ["a", None],
                              "category": pandas.Categorical(["u", None]),
                              "date": pandas.to_datetime(["1970-01-02", None]),
                              "nullable": pandas.array([1, None], dtype="Int64")})
    columns = dict(to_columns(frame)[0])
    np.testing.assert_array_equal(columns["number"], [1.5, np.nan])
    assert columns["text"].codes.tolist() == columns["category"].codes.tolist() == [0, MISSING]
    assert columns["category"].names == ["u"]
    np.testing.assert_array_equal(columns["date"].days, [1, np.nan])
    np.testing.assert_array_equal(columns["nullable"], [1, np.nan])


def test_columns_of_tables_are_read_where_they_lie():
    numbers = np.arange(8.0)
    for package in ("pandas", "polars"):
        series = pytest.importorskip(package).Series(numbers)
        assert np.shares_memory(to_numpy(series), series.to_numpy())
    pyarrow = pytest.importorskip("pyarrow")
    column = pyarrow.array(numbers)
    ((_, values),), rows = to_columns(pyarrow.table({"a": column}))
    assert rows == 8 and np.shares_memory(values, column.to_numpy())
